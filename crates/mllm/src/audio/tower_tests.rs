//! The tower against the reference's fixtures (tests/parity), and what must not break it.

use std::cell::Cell;
use std::path::PathBuf;

use candle_core::safetensors;

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
    let folder = fixtures().join("qwen2_5_omni");
    let config = ModelConfig::read(&folder).unwrap();
    let weights = Weights::open(&folder, &WeightOptions::exact()).unwrap();
    Tower::load(&config.audio.unwrap(), &weights.audio()).unwrap()
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
    let mut cases = 0;
    for case in ["audio", "audio_and_video", "audio_beside_video"] {
        let folder = format!("qwen2_5_omni/cases/{case}");
        if !fixtures().join(&folder).exists() {
            continue;
        }
        cases += 1;
        let inputs = read(&format!("{folder}/inputs.safetensors"));
        let expected = read(&format!("{folder}/expected.safetensors"));
        let mel = mel(&sound(&inputs["audio0"])).unwrap();
        let frames = mel.dim(1).unwrap();
        let lengths = expected["audio_lengths"].to_vec1::<i64>().unwrap();
        assert_eq!(lengths, [frames as i64], "{case}");

        let expected_mel = &expected["input_features"];
        let shown = match expected.get("input_features_at") {
            Some(at) => mel.index_select(at, 1).unwrap(),
            None => mel.clone(),
        };
        let mel_apart = apart(&shown, expected_mel);
        assert!(mel_apart < 1e-3, "{case}: mel {mel_apart}");

        let features = tower().forward(&mel, &|| Ok(())).unwrap();
        assert_eq!(features.dim(0).unwrap(), tokens(frames), "{case}");
        let expected = &expected["audio_features"];
        let range = expected.flatten_all().unwrap();
        let range = range.max(0).unwrap().to_scalar::<f32>().unwrap()
            - range.min(0).unwrap().to_scalar::<f32>().unwrap();
        let features_apart = apart(&features, expected);
        assert!(
            features_apart <= 1e-3 * range,
            "{case}: {features_apart} of {range}"
        );
    }
    assert!(cases > 0, "the fixtures of tests/parity are missing");
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
