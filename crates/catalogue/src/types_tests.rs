//! The types that the window sees can be written as TypeScript under names of their own.

use ts_rs::{Config, TS};

use crate::{CatalogueEntry, Choice, Device, Downloaded, FoundModel, Verification};

#[test]
fn types_have_names_of_their_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = Config::new()
        .with_large_int("number")
        .with_out_dir(folder.path());
    CatalogueEntry::export_all(&config).expect("types");
    FoundModel::export_all(&config).expect("types");
    Verification::export_all(&config).expect("types");
    Choice::export_all(&config).expect("types");
    Device::export_all(&config).expect("types");
    Downloaded::export_all(&config).expect("types");
    let names: Vec<String> = std::fs::read_dir(folder.path())
        .expect("a folder")
        .flatten()
        .map(|file| file.file_name().to_string_lossy().into_owned())
        .collect();
    // The document has a `Place` of its own: where a card lies on the canvas.
    assert!(names.contains(&"ModelPlace.ts".to_owned()), "{names:?}");
    assert!(!names.contains(&"Place.ts".to_owned()), "{names:?}");
}
