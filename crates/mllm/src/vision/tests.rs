#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::cell::Cell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::*;
use crate::FailureCode;
use crate::config::ModelConfig;
use crate::media::{Clip, Picture};
use crate::preprocess::{Patches, PixelBounds, Rules, clip, picture};
use crate::weights::{WeightOptions, Weights};

fn fixture(family: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/parity/fixtures")
        .join(family)
}

fn open(family: &str) -> (ModelConfig, Tower) {
    let folder = fixture(family);
    let config = ModelConfig::read(&folder).unwrap();
    let weights = Weights::open(&folder, &WeightOptions::exact()).unwrap();
    let tower = Tower::load(&config.vision, weights.vision()).unwrap();
    (config, tower)
}

type Tensors = HashMap<String, Tensor>;

fn frames_of(tensor: &Tensor) -> Vec<Picture> {
    let (height, width) = (
        tensor.dim(tensor.rank() - 3).unwrap(),
        tensor.dim(tensor.rank() - 2).unwrap(),
    );
    let bytes = tensor.flatten_all().unwrap().to_vec1::<u8>().unwrap();
    let frames = bytes.chunks_exact(height * width * 3);
    frames
        .map(|rgb| Picture {
            width,
            height,
            rgb: rgb.to_vec(),
        })
        .collect()
}

fn apart(found: &Tensor, wanted: &Tensor) -> f32 {
    assert_eq!(found.dims(), wanted.dims());
    let apart = (found - wanted).unwrap().abs().unwrap();
    apart
        .flatten_all()
        .unwrap()
        .max(0)
        .unwrap()
        .to_scalar()
        .unwrap()
}

fn range(tensor: &Tensor) -> f32 {
    let all = tensor.flatten_all().unwrap();
    let ends = (all.max(0).unwrap() - all.min(0).unwrap()).unwrap();
    ends.to_scalar().unwrap()
}

/// The pixels and features of one kind of media against the reference's.
fn compare(kind: &str, made: &[Patches], tower: &Tower, wanted: &Tensors, at: &str) {
    let (pixels, grids) = match kind {
        "image" => ("pixel_values", "image_grid_thw"),
        _ => ("pixel_values_videos", "video_grid_thw"),
    };
    let found: Vec<Vec<i64>> = made
        .iter()
        .map(|one| one.grid.iter().map(|side| *side as i64).collect())
        .collect();
    assert_eq!(found, wanted[grids].to_vec2::<i64>().unwrap(), "{at}");
    let values: Vec<&Tensor> = made.iter().map(|one| &one.values).collect();
    let mut values = Tensor::cat(&values, 0).unwrap();
    if let Some(rows) = wanted.get(&format!("{pixels}_at")) {
        values = values.index_select(rows, 0).unwrap();
    }
    let off = apart(&values, &wanted[pixels]);
    // A sum on the edge between two levels may fall to either side where frames are resized.
    let most = if kind == "image" {
        1e-5
    } else {
        1.0 / 255.0 / 0.26
    };
    assert!(off <= most, "{at}: pixels {off}");

    let calls = Cell::new(0);
    let go_on = || {
        calls.set(calls.get() + 1);
        Ok(())
    };
    let features: Vec<Features> = made
        .iter()
        .map(|one| tower.forward(&one.values, one.grid, &go_on).unwrap())
        .collect();
    assert!(calls.get() > tower.blocks.len());
    let all: Vec<&Tensor> = features.iter().map(|one| &one.embeddings).collect();
    close(
        &Tensor::cat(&all, 0).unwrap(),
        &wanted[&format!("{kind}_features")],
        kind,
        at,
    );
    match wanted.get(&format!("deepstack_{kind}_features")) {
        Some(deep) => {
            for layer in 0..deep.dim(0).unwrap() {
                let all: Vec<&Tensor> = features.iter().map(|one| &one.deep[layer]).collect();
                close(
                    &Tensor::cat(&all, 0).unwrap(),
                    &deep.get(layer).unwrap(),
                    kind,
                    at,
                );
            }
        }
        None => assert!(features.iter().all(|one| one.deep.is_empty())),
    }
}

fn close(found: &Tensor, wanted: &Tensor, kind: &str, at: &str) {
    let off = apart(found, wanted) / range(wanted);
    // One level of one pixel of a clip is seen in its features.
    let most = if kind == "image" { 2e-5 } else { 3e-4 };
    assert!(off <= most, "{at}: features are {off} of their range apart");
}

/// Every picture and clip of a family's cases, from bytes to features.
fn family(name: &str) -> usize {
    let folder = fixture(name);
    let (config, tower) = open(name);
    let mut seen = 0;
    for case in std::fs::read_dir(folder.join("cases")).unwrap() {
        let case = case.unwrap().path();
        let text = std::fs::read(case.join("case.json")).unwrap();
        let json: Value = serde_json::from_slice(&text).unwrap();
        let load = |name| candle_core::safetensors::load(case.join(name), &Device::Cpu).unwrap();
        let wanted: Tensors = load("expected.safetensors");
        let mut rules = Rules::read(&folder, config.family, &config.vision).unwrap();
        let bound = |name: &str, own| json[name]["video"].as_u64().map_or(own, |n| n as usize);
        rules.frame = PixelBounds {
            min: bound("min_pixels", rules.frame.min),
            max: bound("max_pixels", rules.frame.max),
        };
        let messages = json["messages"].as_array().unwrap();
        let contents = messages.iter().filter_map(|one| one["content"].as_array());
        let mut made: HashMap<&str, Vec<Patches>> = HashMap::new();
        for part in contents.flatten() {
            let kind = part["type"].as_str().unwrap();
            if kind != "image" && kind != "video" {
                continue;
            }
            let inputs: Tensors = load("inputs.safetensors");
            let mut frames = frames_of(&inputs[part["name"].as_str().unwrap()]);
            let patches = match kind {
                "image" => picture(&frames.remove(0), &rules),
                _ => clip(
                    &Clip {
                        frames,
                        fps: 2.0,
                        source: None,
                        sound: None,
                    },
                    &rules,
                ),
            };
            made.entry(kind).or_default().push(patches.unwrap());
        }
        for (kind, made) in made {
            compare(kind, &made, &tower, &wanted, &case.display().to_string());
            seen += 1;
        }
    }
    seen
}

#[test]
fn qwen2_vl_sees_as_the_reference() {
    assert!(family("qwen2_vl") >= 5);
}

#[test]
fn qwen2_5_vl_sees_as_the_reference() {
    assert!(family("qwen2_5_vl") >= 5);
}

#[test]
fn qwen2_5_omni_sees_as_the_reference() {
    assert!(family("qwen2_5_omni") >= 5);
    assert!(family("qwen2_5_omni_whole_bf16") >= 1);
}

#[test]
fn qwen3_vl_sees_as_the_reference() {
    assert!(family("qwen3_vl") >= 5);
}

#[test]
fn qwen3_5_sees_as_the_reference() {
    assert!(family("qwen3_5") >= 5);
}

fn numbers(rows: usize, width: usize) -> Tensor {
    let values: Vec<f32> = (0..rows * width)
        .map(|at| ((at * 7_919) % 2_003) as f32 / 500.0 - 2.0)
        .collect();
    Tensor::from_vec(values, (rows, width), &Device::Cpu).unwrap()
}

/// A clip passes in groups of frames; each frame sees only itself.
#[test]
fn groups_of_frames_are_the_frames_one_by_one() {
    for family in ["qwen2_5_vl", "qwen3_vl"] {
        let (config, tower) = open(family);
        let features = 3 * config.vision.temporal_patch * config.vision.patch.pow(2);
        let (frames, rows, columns) = (7, 18, 38);
        assert!(frames * rows * columns > 2 * tower.patches_at_once());
        let values = numbers(frames * rows * columns, features);
        let all = tower
            .forward(&values, [frames, rows, columns], &|| Ok(()))
            .unwrap();
        let tokens = rows * columns / 4;
        for frame in 0..frames {
            let values = values
                .narrow(0, frame * rows * columns, rows * columns)
                .unwrap();
            let one = tower
                .forward(&values, [1, rows, columns], &|| Ok(()))
                .unwrap();
            let part = |x: &Tensor| x.narrow(0, frame * tokens, tokens).unwrap();
            assert!(apart(&part(&all.embeddings), &one.embeddings) < 1e-4);
            for (all, one) in all.deep.iter().zip(&one.deep) {
                assert!(apart(&part(all), one) < 1e-4);
            }
        }
    }
}

#[test]
fn a_cancelled_look_ends_at_once() {
    let (config, tower) = open("qwen2_5_vl");
    let features = 3 * config.vision.temporal_patch * config.vision.patch.pow(2);
    let values = numbers(1_600, features);
    let calls = Cell::new(0);
    let stop = || {
        calls.set(calls.get() + 1);
        if calls.get() < 3 {
            return Ok(());
        }
        Err(Failure::cancelled())
    };
    let failure = tower.forward(&values, [1, 40, 40], &stop).unwrap_err();
    assert_eq!((failure.code, calls.get()), (FailureCode::Cancelled, 3));
}

#[test]
fn a_grid_that_does_not_fit_is_refused_in_words() {
    let (config, tower) = open("qwen3_vl");
    let features = 3 * config.vision.temporal_patch * config.vision.patch.pow(2);
    let values = numbers(16, features);
    for grid in [
        [1, 4, 5],
        [1, 2, 2],
        [0, 4, 4],
        [1, 1, 16],
        [usize::MAX, 4, 4],
    ] {
        let failure = tower.forward(&values, grid, &|| Ok(())).unwrap_err();
        assert_eq!(failure.code, FailureCode::Invalid, "{grid:?}");
    }
    assert!(
        tower
            .forward(&numbers(16, features - 1), [1, 4, 4], &|| Ok(()))
            .is_err()
    );
}

#[test]
fn sizes_that_do_not_belong_together_are_refused() {
    let folder = fixture("qwen3_vl");
    let config = ModelConfig::read(&folder).unwrap().vision;
    let weights = Weights::open(&folder, &WeightOptions::exact()).unwrap();
    type Change = fn(&mut VisionConfig);
    let changes: [(Change, FailureCode); 5] = [
        (|config| config.heads = 0, FailureCode::Unsupported),
        (|config| config.heads = 7, FailureCode::Unsupported),
        (
            |config| config.deepstack = vec![9],
            FailureCode::Unsupported,
        ),
        (|config| config.hidden *= 2, FailureCode::Damaged),
        (|config| config.depth += 1, FailureCode::Damaged),
    ];
    for (number, (change, code)) in changes.into_iter().enumerate() {
        let mut changed = config.clone();
        change(&mut changed);
        let Err(failure) = Tower::load(&changed, weights.vision()) else {
            panic!("change {number} was not noticed");
        };
        assert_eq!(failure.code, code, "{failure}");
    }
}
