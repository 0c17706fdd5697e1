//! The TypeScript types of the interface are those of this crate.
//!
//! `DECOUPAGE_WRITE_TYPES=1 cargo test -p decoupage-app --test types` writes them anew.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot reach its files should say so loudly"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use decoupage_app::api::{Event, Request, Response};
use ts_rs::{Config, TS};

fn committed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/lib/core/types")
}

fn write_types(folder: &Path) {
    // Identities, sizes and milliseconds stay far below 2^53: plain numbers are exact.
    let config = Config::new().with_large_int("number").with_out_dir(folder);
    Request::export_all(&config).expect("the request types are written");
    Response::export_all(&config).expect("the response types are written");
    Event::export_all(&config).expect("the event types are written");
}

fn type_files(folder: &Path) -> BTreeMap<String, String> {
    fs::read_dir(folder)
        .map(|entries| {
            entries
                .map(|entry| entry.expect("the folder can be listed").path())
                .filter(|path| path.extension().is_some_and(|extension| extension == "ts"))
                .map(|path| {
                    let name = path.file_name().unwrap().to_string_lossy().into_owned();
                    let text = fs::read_to_string(&path).expect("a type file can be read");
                    (name, text.replace("\r\n", "\n"))
                })
                .collect()
        })
        .unwrap_or_default()
}

#[test]
fn typescript_types_are_up_to_date() {
    let fresh = tempfile::tempdir().expect("a temporary folder");
    write_types(fresh.path());
    let fresh = type_files(fresh.path());
    assert!(fresh.contains_key("Request.ts"), "nothing was generated");

    let committed = committed();
    if std::env::var_os("DECOUPAGE_WRITE_TYPES").is_some() {
        fs::create_dir_all(&committed).expect("the folder of types can be made");
        for stale in type_files(&committed).keys() {
            fs::remove_file(committed.join(stale)).expect("a stale type can be removed");
        }
        for (name, text) in &fresh {
            fs::write(committed.join(name), text).expect("a type can be written");
        }
        return;
    }

    let kept = type_files(&committed);
    let stale: BTreeSet<&String> = fresh
        .keys()
        .chain(kept.keys())
        .filter(|name| fresh.get(*name) != kept.get(*name))
        .collect();
    assert!(
        stale.is_empty(),
        "these types of ui/src/lib/core/types are stale: {stale:?}; write them anew with \
         DECOUPAGE_WRITE_TYPES=1 cargo test -p decoupage-app --test types"
    );
}

/// Two Rust types of one name would be written into one TypeScript file, the second over the
/// first.
#[test]
fn no_two_types_of_the_interface_share_a_name() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut named: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for folder in fs::read_dir(crates).expect("the crates can be listed") {
        sources(&folder.unwrap().path().join("src"), &mut |path, text| {
            for name in exported(text) {
                named.entry(name).or_default().push(path.to_owned());
            }
        });
    }
    assert!(named.len() > 50, "types were looked for in the wrong place");
    named.retain(|_, places| places.len() > 1);
    assert!(
        named.is_empty(),
        "give one of each a `#[ts(rename = …)]`: {named:#?}"
    );
}

fn sources(folder: &Path, each: &mut impl FnMut(&Path, &str)) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            sources(&path, each);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            each(&path, &fs::read_to_string(&path).unwrap());
        }
    }
}

/// The names under which a source file's types are written.
fn exported(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let (mut derives, mut renamed) = (false, None);
    for line in text.lines().map(str::trim) {
        let declared = ["pub struct ", "pub enum "]
            .iter()
            .find_map(|start| line.strip_prefix(start));
        if let Some(rest) = declared {
            let name: String = rest
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            if std::mem::take(&mut derives) {
                names.push(renamed.take().unwrap_or(name));
            }
        } else if line.starts_with("#[derive(") || line.starts_with("Debug,") {
            let mut words = line.split(|c: char| !c.is_alphanumeric());
            derives |= words.any(|word| word == "TS");
        } else if let Some(rest) = line.strip_prefix("#[ts(rename = \"") {
            renamed = rest.split('"').next().map(ToOwned::to_owned);
        } else if line.is_empty() {
            (derives, renamed) = (false, None);
        }
    }
    names
}
