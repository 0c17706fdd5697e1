#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::*;
use crate::weights::WeightOptions;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/parity/fixtures")
}

struct Case {
    expected: HashMap<String, Tensor>,
    tokens: Vec<u32>,
    positions: Vec<[u32; 3]>,
}

fn integers(tensor: &Tensor) -> Vec<i64> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

impl Case {
    fn read(family: &str, name: &str) -> Self {
        let path = fixtures().join(family).join("cases").join(name);
        let expected =
            candle_core::safetensors::load(path.join("expected.safetensors"), &Device::Cpu)
                .unwrap();
        let tokens = integers(&expected["input_ids"])
            .iter()
            .map(|i| *i as u32)
            .collect();
        let positions: Vec<Vec<i64>> = expected["position_ids"].to_vec2().unwrap();
        let positions = (0..positions[0].len())
            .map(|i| [0, 1, 2].map(|axis: usize| positions[axis][i] as u32))
            .collect();
        Self {
            expected,
            tokens,
            positions,
        }
    }

    /// The embeddings with the reference's own features in place of media.
    fn embeddings(&self, decoder: &Decoder, config: &ModelConfig) -> (Tensor, Vec<DeepRows>) {
        let mut rows: Vec<Tensor> = (0..self.tokens.len())
            .map(|i| decoder.embed(&self.tokens[i..=i]).unwrap())
            .collect();
        let mut deep = Vec::new();
        for (token, name) in [
            (Some(config.tokens.image), "image_features"),
            (Some(config.tokens.video), "video_features"),
            (config.tokens.audio, "audio_features"),
        ] {
            let Some(features) = self.expected.get(name) else {
                continue;
            };
            let layers = self.expected.get(&format!("deepstack_{name}"));
            let places = (0..rows.len()).filter(|i| Some(self.tokens[*i]) == token);
            for (feature, place) in places.enumerate().collect::<Vec<_>>() {
                rows[place] = features.narrow(0, feature, 1).unwrap();
                if let Some(layers) = layers {
                    for layer in 0..layers.dim(0).unwrap() {
                        let values = layers.narrow(0, layer, 1).unwrap().squeeze(0).unwrap();
                        deep.push(DeepRows {
                            layer,
                            first_row: place,
                            values: values.narrow(0, feature, 1).unwrap(),
                        });
                    }
                }
            }
        }
        (Tensor::cat(&rows, 0).unwrap(), deep)
    }
}

fn load(family: &str, precision: decoupage_dialogue::Precision) -> (ModelConfig, Decoder) {
    let folder = fixtures().join(family);
    let config = ModelConfig::read(&folder).unwrap();
    let options = WeightOptions {
        precision,
        ..WeightOptions::exact()
    };
    let weights = Weights::open(&folder, &options).unwrap();
    let decoder = Decoder::load(&config, &weights).unwrap();
    (config, decoder)
}

fn exact(family: &str) -> (ModelConfig, Decoder) {
    load(family, decoupage_dialogue::Precision::F32)
}

fn largest(tensor: &Tensor) -> f32 {
    let values: Vec<f32> = tensor.flatten_all().unwrap().to_vec1().unwrap();
    values.into_iter().fold(0.0, |a, b| a.max(b.abs()))
}

/// The root of the mean square.
fn power(tensor: &Tensor) -> f32 {
    let values: Vec<f32> = tensor.flatten_all().unwrap().to_vec1().unwrap();
    (values.iter().map(|v| v * v).sum::<f32>() / values.len() as f32).sqrt()
}

fn go() -> Outcome<()> {
    Ok(())
}

fn best(logits: &Tensor) -> u32 {
    logits.argmax(1).unwrap().to_vec1::<u32>().unwrap()[0]
}

/// Prefill logits and sixteen greedy tokens agree with the reference.
fn agrees(family: &str, name: &str) {
    let (config, decoder) = exact(family);
    let case = Case::read(family, name);
    let (embeddings, deep) = case.embeddings(&decoder, &config);
    let mut cache = decoder.new_cache();
    let normed = decoder
        .forward(&embeddings, &case.positions, &deep, &mut cache, &go)
        .unwrap();
    let mut logits = decoder.logits(&normed).unwrap();
    let expected = &case.expected["logits"];
    let at: Vec<u32> = match case.expected.get("logits_at") {
        Some(at) => integers(at).iter().map(|i| *i as u32).collect(),
        None => (0..case.tokens.len() as u32).collect(),
    };
    let at = Tensor::new(at, &Device::Cpu).unwrap();
    let off = largest(&(logits.index_select(&at, 0).unwrap() - expected).unwrap());
    let range = largest(expected);
    assert!(off <= 1e-3 * range, "{family} {name}: {off} of {range}");

    let first = case.positions.iter().flatten().max().unwrap() + 1;
    for (next, wanted) in (first..).zip(integers(&case.expected["generated_ids"])) {
        let last = logits.dim(0).unwrap() - 1;
        let token = best(&logits.narrow(0, last, 1).unwrap());
        assert_eq!(i64::from(token), wanted, "{family} {name}");
        let row = decoder.embed(&[token]).unwrap();
        let normed = decoder
            .forward(&row, &[[next; 3]], &[], &mut cache, &go)
            .unwrap();
        logits = decoder.logits(&normed).unwrap();
    }
}

#[test]
fn every_case_of_every_family_agrees_with_the_reference() {
    let mut cases = 0;
    for family in std::fs::read_dir(fixtures()).unwrap() {
        let family = family.unwrap();
        let Ok(folder) = std::fs::read_dir(family.path().join("cases")) else {
            continue;
        };
        for case in folder {
            let case = case.unwrap().file_name().into_string().unwrap();
            agrees(&family.file_name().into_string().unwrap(), &case);
            cases += 1;
        }
    }
    assert!(cases >= 10, "the fixtures are not where they should be");
}

/// The first family of each kind of layer.
const KINDS: [&str; 3] = ["qwen2_vl", "qwen3_vl", "qwen3_5"];

fn words(count: usize) -> (Vec<u32>, Vec<[u32; 3]>) {
    let tokens = (0..count).map(|i| (i * 7 % 250) as u32).collect();
    let positions = (0..count as u32).map(|i| [i; 3]).collect();
    (tokens, positions)
}

fn read(decoder: &Decoder, cache: &mut Cache, from: usize, to: usize) -> Tensor {
    let (tokens, positions) = words(to);
    let rows = decoder.embed(&tokens[from..]).unwrap();
    decoder
        .forward(&rows, &positions[from..], &[], cache, &go)
        .unwrap()
}

fn same(a: &Tensor, b: &Tensor) {
    let off = largest(&(a - b).unwrap());
    assert!(off < 1e-4, "{off}");
}

#[test]
fn reading_in_pieces_is_reading_at_once() {
    for family in KINDS {
        let (_, mut decoder) = exact(family);
        let whole = read(&decoder, &mut decoder.new_cache(), 0, 300);
        decoder.chunk_rows = 48;
        let mut cache = decoder.new_cache();
        let first = read(&decoder, &mut cache, 0, 133);
        same(&first, &whole.narrow(0, 0, 133).unwrap());
        let one = read(&decoder, &mut cache, 133, 134);
        same(&one, &whole.narrow(0, 133, 1).unwrap());
        let rest = read(&decoder, &mut cache, 134, 300);
        same(&rest, &whole.narrow(0, 134, 166).unwrap());
        assert_eq!(cache.len(), 300);
    }
}

#[test]
fn forgetting_and_reading_again_gives_the_same() {
    for family in KINDS {
        let (_, decoder) = exact(family);
        let mut cache = decoder.new_cache();
        read(&decoder, &mut cache, 0, 40);
        cache.mark();
        let rest = read(&decoder, &mut cache, 40, 90);
        let kept = cache.truncate(60);
        // Delta nets go back to their mark.
        assert_eq!(kept, if family == "qwen3_5" { 40 } else { 60 });
        assert_eq!(cache.len(), kept);
        let again = read(&decoder, &mut cache, kept, 90);
        same(&again, &rest.narrow(0, kept - 40, 90 - kept).unwrap());
        assert_eq!(cache.truncate(100), 90);
        let kept = cache.truncate(20);
        assert_eq!(kept, if family == "qwen3_5" { 0 } else { 20 });
        let start = read(&decoder, &mut cache, kept, 90);
        same(&start.narrow(0, 40 - kept, 50).unwrap(), &rest);
    }
}

#[test]
fn marks_are_bounded() {
    let (_, decoder) = exact("qwen3_5");
    let mut cache = decoder.new_cache();
    let mut bytes = Vec::new();
    for row in 0..12 {
        read(&decoder, &mut cache, row, row + 1);
        cache.mark();
        cache.mark();
        bytes.push(cache.bytes());
    }
    assert!(bytes[7] > bytes[6]);
    assert_eq!(bytes[8..], [bytes[7]; 4]);
    // They are spread: of those far back every second one is left.
    assert_eq!(cache.truncate(5), 4);
    assert_eq!(cache.truncate(3), 2);
    assert_eq!(cache.truncate(1), 0);
}

#[test]
fn a_cancelled_reading_leaves_the_cache_as_it_was() {
    for family in KINDS {
        let (_, mut decoder) = exact(family);
        decoder.chunk_rows = 16;
        let mut cache = decoder.new_cache();
        read(&decoder, &mut cache, 0, 30);
        let (tokens, positions) = words(90);
        let rows = decoder.embed(&tokens[30..]).unwrap();
        let asked = std::cell::Cell::new(0);
        let stop = || {
            asked.set(asked.get() + 1);
            if asked.get() == 13 {
                return Err(Failure::cancelled());
            }
            Ok(())
        };
        let failure = decoder
            .forward(&rows, &positions[30..], &[], &mut cache, &stop)
            .unwrap_err();
        assert_eq!(failure.code, FailureCode::Cancelled);
        assert_eq!(asked.get(), 13);
        assert_eq!(cache.len(), 30);
        let after = read(&decoder, &mut cache, 30, 90);
        let whole = read(&decoder, &mut decoder.new_cache(), 0, 90);
        same(&after, &whole.narrow(0, 30, 60).unwrap());
    }
}

#[test]
fn deep_rows_are_added_wherever_chunks_end() {
    let (_, mut decoder) = exact("qwen3_vl");
    let (tokens, positions) = words(60);
    let rows = decoder.embed(&tokens).unwrap();
    let hidden = decoder.config().hidden;
    let values = Tensor::ones((30, hidden), DType::F32, &Device::Cpu).unwrap();
    let deep = [DeepRows {
        layer: 1,
        first_row: 10,
        values,
    }];
    let mut run = |chunk: usize, deep: &[DeepRows]| {
        decoder.chunk_rows = chunk;
        let mut cache = decoder.new_cache();
        decoder
            .forward(&rows, &positions, deep, &mut cache, &go)
            .unwrap()
    };
    let whole = run(100, &deep);
    same(&run(16, &deep), &whole);
    let without = run(100, &[]);
    same(
        &whole.narrow(0, 0, 10).unwrap(),
        &without.narrow(0, 0, 10).unwrap(),
    );
    let changed = (whole - without).unwrap().narrow(0, 10, 30).unwrap();
    assert!(largest(&changed) > 0.01);
}

#[test]
fn quantised_decoders_stay_near() {
    use decoupage_dialogue::Precision;
    for family in KINDS {
        let (_, decoder) = exact(family);
        let plain = decoder
            .logits(&read(&decoder, &mut decoder.new_cache(), 0, 40))
            .unwrap();
        for (precision, share) in [
            (Precision::Auto, 1e-6),
            (Precision::Bf16, 0.05),
            (Precision::Q8_0, 0.1),
        ] {
            let (_, decoder) = load(family, precision);
            let logits = decoder
                .logits(&read(&decoder, &mut decoder.new_cache(), 0, 40))
                .unwrap();
            let off = power(&(logits - &plain).unwrap()) / power(&plain);
            assert!(off <= share, "{family} {precision:?}: {off}");
        }
    }
}

#[test]
fn a_cache_of_another_model_is_refused() {
    let (_, decoder) = exact("qwen2_vl");
    let (_, other) = exact("qwen3_5");
    let (tokens, positions) = words(4);
    let rows = decoder.embed(&tokens).unwrap();
    let mut cache = other.new_cache();
    let failure = decoder
        .forward(&rows, &positions, &[], &mut cache, &go)
        .unwrap_err();
    assert_eq!(failure.code, FailureCode::Internal);
}
