//! Every case of every family against the reference: preprocessing, positions, features, logits
//! and words. `tests/parity/README.md` describes the fixtures.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use candle_core::{DType, Device, Tensor};
use decoupage_dialogue::{DeviceWish, ModelWish, Precision};
use decoupage_mllm::case;
use decoupage_mllm::model::Model;
use decoupage_mllm::preprocess::Rules;

/// What must agree, and how closely as a share of the range of the reference's values.
const TENSORS: [(&str, f32); 9] = [
    // One level of 255 divided by the smallest deviation would be 0.015 of a range of four.
    ("pixel_values", 1e-3),
    ("pixel_values_videos", 1e-3),
    ("input_features", 1e-3),
    ("image_features", 1e-3),
    ("video_features", 1e-3),
    ("audio_features", 1e-3),
    ("deepstack_image_features", 1e-3),
    ("deepstack_video_features", 1e-3),
    ("logits", 1e-3),
];
const INTEGERS: [&str; 6] = [
    "input_ids",
    "position_ids",
    "image_grid_thw",
    "video_grid_thw",
    "audio_lengths",
    "generated_ids",
];

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/parity/fixtures")
}

fn load(weights: &Path, projector: Option<PathBuf>) -> Model {
    let wish = ModelWish {
        weights: weights.to_owned(),
        projector,
        precision: Precision::F32,
        device: DeviceWish::Cpu,
        context: None,
        feature_cache: None,
    };
    Model::load(&wish, None).unwrap_or_else(|e| panic!("{}: {e}", weights.display()))
}

fn numbers(tensor: &Tensor) -> Vec<f32> {
    let tensor = tensor.to_dtype(DType::F32).unwrap();
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

/// The rows (columns of spectrograms) that the reference kept.
fn kept(name: &str, found: &Tensor, expected: &HashMap<String, Tensor>) -> Tensor {
    match expected.get(&format!("{name}_at")) {
        Some(at) => {
            let at = at.to_dtype(DType::U32).unwrap();
            let axis = usize::from(name == "input_features");
            found.contiguous().unwrap().index_select(&at, axis).unwrap()
        }
        None => found.clone(),
    }
}

/// One line of the table, and what does not agree.
fn compare(model: &Model, rules: &Rules, place: &Path) -> (String, Vec<String>) {
    let case = case::read(&place.join("case.json"), &|_, _| unreachable!()).unwrap();
    let expected =
        candle_core::safetensors::load(place.join("expected.safetensors"), &Device::Cpu).unwrap();
    let found = match case::run(model, &case, rules, &|| Ok(())) {
        Ok(found) => found,
        Err(failure) => return (failure.to_string(), vec![failure.to_string()]),
    };
    let mut faults = Vec::new();
    for name in INTEGERS {
        let (Some(wanted), got) = (expected.get(name), found.get(name)) else {
            if found.contains_key(name) {
                faults.push(format!("{name} should not be there"));
            }
            continue;
        };
        let wanted = numbers(wanted);
        if got.map(numbers).as_ref() != Some(&wanted) {
            faults.push(format!("{name}: {:?} for {wanted:?}", got.map(numbers)));
        }
    }
    let mut line = String::new();
    for (name, closely) in TENSORS {
        let Some(wanted) = expected.get(name) else {
            continue;
        };
        let Some(got) = found.get(name) else {
            faults.push(format!("{name} is missing"));
            continue;
        };
        let got = kept(name, got, &expected);
        if got.dims() != wanted.dims() {
            faults.push(format!("{name}: {:?} for {:?}", got.dims(), wanted.dims()));
            continue;
        }
        let (got, wanted) = (numbers(&got), numbers(wanted));
        let range = wanted.iter().copied().fold(f32::MIN, f32::max)
            - wanted.iter().copied().fold(f32::MAX, f32::min);
        let off = |(a, b): (&f32, &f32)| if a.is_nan() { f32::NAN } else { (a - b).abs() };
        let worst = got.iter().zip(&wanted).map(off).fold(0.0, f32::max);
        let sound = got.iter().all(|v| v.is_finite());
        let share = worst / range.max(f32::MIN_POSITIVE);
        line.push_str(&format!(" {name} {share:.1e}"));
        if !sound || share > closely {
            faults.push(format!("{name}: off by {share:.1e} of the range"));
        }
    }
    (line, faults)
}

fn compare_all(name: &str, model: &Model, rules: &Rules, cases: &Path) -> (usize, Vec<String>) {
    let mut places: Vec<_> = std::fs::read_dir(cases)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    places.sort();
    let mut wrong = Vec::new();
    for place in &places {
        let case = place.file_name().unwrap().to_string_lossy().into_owned();
        let (line, faults) = compare(model, rules, place);
        println!("{name:24} {case:20}{line}");
        wrong.extend(
            faults
                .into_iter()
                .map(|fault| format!("{name}/{case}: {fault}")),
        );
    }
    (places.len(), wrong)
}

#[test]
fn every_case_agrees_with_the_reference() {
    let mut folders: Vec<_> = std::fs::read_dir(fixtures())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|folder| folder.join("cases").is_dir())
        .collect();
    folders.sort();
    let mut count = 0;
    let mut wrong = Vec::new();
    for folder in &folders {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let model = load(folder, None);
        let (cases, faults) = compare_all(&name, &model, model.rules(), &folder.join("cases"));
        count += cases;
        wrong.extend(faults);
    }
    assert!(count > 25, "only {count} cases were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_case_agrees_when_the_weights_come_from_a_gguf() {
    let mut count = 0;
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(fixtures().join("gguf")).unwrap() {
        let folder = entry.unwrap().path();
        let (text, projector) = (folder.join("text.gguf"), folder.join("mmproj.gguf"));
        if !text.is_file() {
            continue;
        }
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let whole = fixtures().join(&name);
        let model = load(&text, Some(projector));
        // These files do not say how large pictures may be.
        let rules = load(&whole, None).rules().clone();
        let cases = whole.join("cases");
        let (cases, faults) = compare_all(&format!("gguf/{name}"), &model, &rules, &cases);
        count += cases;
        wrong.extend(faults);
    }
    assert!(count >= 10, "only {count} cases were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
