//! The tower against the reference's fixtures (tests/parity), and what must not break it.

use std::cell::Cell;
use std::path::PathBuf;

use candle_core::safetensors;
use decoupage_dialogue::Precision;

use super::*;
use crate::audio::{MEL_BINS, mel, tokens};
use crate::config::ModelConfig;
use crate::media::Sound;
use crate::weights::{WeightOptions, Weights};

fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/parity/fixtures")
}

fn read(path: &str) -> std::collections::HashMap<String, Tensor> {
    safetensors::load(fixtures().join(path), &Device::Cpu).unwrap()
}

fn sound(tensor: &Tensor) -> Sound {
    Sound {
        samples: tensor.to_vec1().unwrap(),
    }
}

fn tower() -> Tower {
    tower_of("qwen2_5_omni", Precision::F32)
}

fn tower_of(family: &str, precision: Precision) -> Tower {
    let folder = fixtures().join(family);
    let config = ModelConfig::read(&folder).unwrap();
    let options = WeightOptions {
        precision,
        ..WeightOptions::exact()
    };
    let weights = Weights::open(&folder, &options).unwrap();
    Tower::load(&config.audio.unwrap(), &weights.audio()).unwrap()
}

/// The largest difference from the reference's features, and their range.
fn features_apart(family: &str, case: &str, precision: Precision) -> (f32, f32) {
    let folder = format!("{family}/cases/{case}");
    let inputs = read(&format!("{folder}/inputs.safetensors"));
    let expected = read(&format!("{folder}/expected.safetensors"));
    let mel = mel(&sound(&inputs["audio0"])).unwrap();
    let frames = mel.dim(1).unwrap();
    let lengths = expected["audio_lengths"].to_vec1::<i64>().unwrap();
    assert_eq!(lengths, [frames as i64], "{case}");

    let shown = match expected.get("input_features_at") {
        Some(at) => mel.index_select(at, 1).unwrap(),
        None => mel.clone(),
    };
    let mel_apart = apart(&shown, &expected["input_features"]);
    assert!(mel_apart < 1e-3, "{case}: mel {mel_apart}");

    let tower = tower_of(family, precision);
    let features = tower.forward(&mel, &|| Ok(())).unwrap();
    assert_eq!(features.dim(0).unwrap(), tokens(frames), "{case}");
    let expected = &expected["audio_features"];
    let most = |x: &Tensor| x.max_all().unwrap().to_scalar::<f32>().unwrap();
    let range = most(expected) + most(&expected.neg().unwrap());
    (apart(&features, expected), range)
}

fn apart(a: &Tensor, b: &Tensor) -> f32 {
    assert_eq!(a.dims(), b.dims());
    let apart = (a - b).unwrap().abs().unwrap().flatten_all().unwrap();
    apart.max(0).unwrap().to_scalar().unwrap()
}

#[test]
fn spectrograms_are_the_references() {
    let fixture = read("mel.safetensors");
    for index in 0..4 {
        let ours = mel(&sound(&fixture[&format!("audio{index}")])).unwrap();
        let apart = apart(&ours, &fixture[&format!("mel{index}")]);
        // The reference transforms in 32 bits: about 1e-4 at the bottom of eight decades.
        assert!(apart < 1e-3, "sound {index}: {apart}");
    }
}

#[test]
fn features_are_the_references() {
    for (family, case) in [
        ("qwen2_5_omni", "audio"),
        ("qwen2_5_omni", "audio_and_video"),
        ("qwen2_5_omni", "audio_beside_video"),
        ("qwen2_5_omni_whole_bf16", "audio_beside_video"),
    ] {
        let (apart, range) = features_apart(family, case, Precision::F32);
        assert!(apart <= 1e-3 * range, "{family} {case}: {apart} of {range}");
    }
}

#[test]
fn eight_bits_hear_nearly_the_same() {
    let (apart, range) = features_apart("qwen2_5_omni", "audio", Precision::Q8_0);
    assert!(apart > 0.0 && apart <= 0.03 * range, "{apart} of {range}");
}

#[test]
fn short_sounds_and_silence_have_features() {
    let tower = tower();
    for count in [1, 160, 400, 3_200, 32_000, 32_160, 32_161] {
        let mel = mel(&Sound {
            samples: vec![0.0; count],
        })
        .unwrap();
        let features = tower.forward(&mel, &|| Ok(())).unwrap();
        assert_eq!(features.dims(), [tokens(mel.dim(1).unwrap()), 64]);
        let sum = features.sum_all().unwrap().to_scalar::<f32>().unwrap();
        assert!(sum.is_finite(), "{count} samples");
    }
}

#[test]
fn the_number_of_chunks_at_once_changes_nothing() {
    let tower = tower();
    let chunk = |n: usize| {
        let values: Vec<f32> = (0..MEL_BINS * 200)
            .map(|i| ((i * 31 + n * 17) % 97) as f32 / 60.0 - 0.8)
            .collect();
        Tensor::from_vec(values, (MEL_BINS, 200), &Device::Cpu).unwrap()
    };
    let chunks: Vec<Tensor> = (0..5).map(chunk).collect();
    let together = tower
        .forward(&Tensor::cat(&chunks, 1).unwrap(), &|| Ok(()))
        .unwrap();
    let apart_from_one_another: Vec<Tensor> = chunks
        .iter()
        .map(|mel| tower.forward(mel, &|| Ok(())).unwrap())
        .collect();
    let alone = Tensor::cat(&apart_from_one_another, 0).unwrap();
    assert!(apart(&together, &alone) < 1e-5);
}

#[test]
fn what_does_not_fit_is_refused_in_words() {
    let tower = tower();
    let bins = Tensor::zeros((80, 100), DType::F32, &Device::Cpu).unwrap();
    let failure = tower.forward(&bins, &|| Ok(())).unwrap_err();
    assert!(failure.message.contains("80 mel bins"), "{failure}");
    let short = Tensor::zeros((MEL_BINS, 2), DType::F32, &Device::Cpu).unwrap();
    let failure = tower.forward(&short, &|| Ok(())).unwrap_err();
    assert_eq!(failure.code, FailureCode::Invalid);
}

#[test]
fn a_cancellation_ends_it_within_a_block() {
    let tower = tower();
    let mel = Tensor::zeros((MEL_BINS, 2_000), DType::F32, &Device::Cpu).unwrap();
    let asked = Cell::new(0);
    let failure = tower
        .forward(&mel, &|| {
            asked.set(asked.get() + 1);
            if asked.get() > 3 {
                return Err(Failure::cancelled());
            }
            Ok(())
        })
        .unwrap_err();
    assert_eq!(failure.code, FailureCode::Cancelled);
    assert_eq!(asked.get(), 4);
}
