//! The tiny checkpoints that the parity tests run, made with the reference implementation and
//! with llama.cpp's converter's layout: all are found, told apart and measured.
#![allow(clippy::expect_used, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::Path;

use decoupage_catalogue::{
    Family, FileState, FoundModel, ModelPlaces, PlaceKind, WeightFormat, find_models, look_at,
    verify,
};
use decoupage_shot::Silent;

fn fixtures() -> BTreeMap<String, FoundModel> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/parity/fixtures");
    let places = ModelPlaces {
        hub_cache: None,
        own: None,
        added: vec![folder.clone()],
    };
    let found = find_models(&places, &Silent).expect("a search");
    assert_eq!(found.faults, []);
    found
        .models
        .into_iter()
        .map(|model| {
            let path = model.place.path.strip_prefix(&folder).expect("below");
            let name = path.to_string_lossy().replace('\\', "/");
            (name, model)
        })
        .collect()
}

#[test]
fn every_family_is_found() {
    let found = fixtures();
    for (name, family) in [
        ("qwen2_vl", Family::Qwen2Vl),
        ("qwen2_5_vl", Family::Qwen25Vl),
        ("qwen3_vl", Family::Qwen3Vl),
        ("qwen2_5_omni", Family::Qwen25Omni),
        ("qwen2_5_omni_whole_bf16", Family::Qwen25Omni),
        ("qwen3_5", Family::Qwen35),
        ("gguf/qwen2_5_vl/text.gguf", Family::Qwen25Vl),
        ("gguf/qwen3_vl/text.gguf", Family::Qwen3Vl),
    ] {
        let model = found.get(name).expect(name);
        assert_eq!(model.family(), Some(family), "{name}: {:?}", model.state);
        assert_eq!(model.place.kind, PlaceKind::Added);
        let shape = model.shape.as_ref().expect(name);
        assert!(shape.vision.is_some(), "{name}");
        assert_eq!(shape.audio.is_some(), family.hears(), "{name}");
        assert_eq!(shape.linear.is_some(), family == Family::Qwen35, "{name}");
        let gguf = matches!(model.format, WeightFormat::Gguf { .. });
        assert_eq!(model.place.vision.is_some(), gguf, "{name}");
        let checked = verify(model, &Silent).expect(name);
        assert!(checked.sound, "{name}: {checked:?}");
        assert!(
            checked
                .files
                .iter()
                .all(|file| file.state == FileState::Whole),
            "{name}: nobody published their sums"
        );
    }
    let cases = found.keys().filter(|name| name.contains("/cases/"));
    assert_eq!(cases.count(), 0, "tensors of cases are no models");
}

/// Weights in memory are estimated from the architecture: that must be what the files hold.
#[test]
fn parameters_are_counted_from_the_architecture() {
    let found = fixtures();
    for name in [
        "qwen2_vl",
        "qwen2_5_vl",
        "qwen3_vl",
        "qwen2_5_omni",
        "qwen3_5",
    ] {
        let model = &found[name];
        let held = match &model.format {
            WeightFormat::Safetensors { dtype } if dtype == "F32" => model.bytes as f64 / 4.0,
            other => panic!("{name}: {other:?}"),
        };
        let counted = model.shape.as_ref().expect(name).parameters().total() as f64;
        // What is not counted are biases, norms, position grids and the files' headers: a few
        // percent of models as small as these, a thousandth of real ones.
        let share = counted / held;
        assert!((0.95..=1.0).contains(&share), "{name}: {share}");
    }
}

/// A GGUF says the same of an architecture as the checkpoint that it was made from.
#[test]
fn both_forms_of_a_checkpoint_measure_the_same() {
    let found = fixtures();
    for family in ["qwen2_5_vl", "qwen3_vl"] {
        let gguf = &found[&format!("gguf/{family}/text.gguf")];
        assert_eq!(gguf.shape, found[family].shape, "{family}");
        assert_eq!(gguf.context, found[family].context, "{family}");
        let alone = look_at(&gguf.place.path, &Silent).expect("a file by itself");
        assert_eq!(alone.len(), 1);
        assert_eq!(alone[0].place.vision, gguf.place.vision);
    }
}
