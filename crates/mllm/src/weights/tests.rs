#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::HashMap;
use std::path::PathBuf;

use candle_core::safetensors::save;
use proptest::prelude::*;

use super::*;

fn wave(shape: &[usize]) -> Tensor {
    let count: usize = shape.iter().product();
    let values: Vec<f32> = (0..count)
        .map(|i| ((i * 37 % 101) as f32 / 50.0 - 1.0) * 0.7)
        .collect();
    Tensor::from_vec(values, shape, &Device::Cpu).unwrap()
}

fn folder(tensors: &[(&str, Tensor)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let tensors: HashMap<String, Tensor> = tensors
        .iter()
        .map(|(name, tensor)| ((*name).to_owned(), tensor.clone()))
        .collect();
    save(&tensors, file(&folder)).unwrap();
    folder
}

fn file(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("model.safetensors")
}

fn with(precision: Precision) -> WeightOptions {
    WeightOptions {
        precision,
        ..WeightOptions::exact()
    }
}

fn difference(a: &Tensor, b: &Tensor) -> f32 {
    (a - b)
        .unwrap()
        .abs()
        .unwrap()
        .flatten_all()
        .unwrap()
        .max(0)
        .unwrap()
        .to_scalar()
        .unwrap()
}

#[test]
fn parts_are_fused_and_biased_in_every_precision() {
    let q = wave(&[20, 96]);
    let k = (wave(&[8, 96]) * 0.5).unwrap();
    let bias = wave(&[20]);
    let folder = folder(&[
        ("model.layers.0.q.weight", q.to_dtype(DType::BF16).unwrap()),
        ("model.layers.0.k.weight", k.to_dtype(DType::F16).unwrap()),
        ("model.layers.0.q.bias", bias.clone()),
    ]);
    let x = wave(&[5, 96]);
    let expected_q = x
        .matmul(&q.t().unwrap())
        .unwrap()
        .broadcast_add(&bias)
        .unwrap();
    let expected_k = x.matmul(&k.t().unwrap()).unwrap();
    let expected = Tensor::cat(&[expected_q, expected_k], 1).unwrap();
    for (precision, tolerance) in [
        (Precision::F32, 0.1),
        (Precision::Auto, 0.1),
        (Precision::Bf16, 0.2),
        (Precision::Q8_0, 0.4),
        (Precision::Q4K, 3.0),
    ] {
        let weights = Weights::open(folder.path(), &with(precision)).unwrap();
        let linear = weights
            .text()
            .at("layers.0")
            .linear(&["q", "k"], 96, &[20, 8], Bias::WherePresent)
            .unwrap();
        let y = linear.forward(&x).unwrap();
        assert_eq!(y.dims(), [5, 28]);
        let off = difference(&y, &expected);
        assert!(off < tolerance, "{precision:?}: {off}");
        let one = linear
            .forward(&x.narrow(0, 2, 1).unwrap().unsqueeze(0).unwrap())
            .unwrap();
        assert_eq!(one.dims(), [1, 1, 28]);
        let row = y.narrow(0, 2, 1).unwrap();
        assert!(difference(&one.squeeze(0).unwrap(), &row) < 1e-4);
    }
}

/// Machines without the instructions for tiles compute with candle's blocks.
#[test]
fn candles_own_blocks_give_nearly_the_same() {
    let weight = wave(&[20, 96]);
    let folder = folder(&[("model.a.weight", weight.to_dtype(DType::BF16).unwrap())]);
    let weights = Weights::open(folder.path(), &WeightOptions::exact()).unwrap();
    let x = wave(&[9, 96]);
    let expected = x.matmul(&weight.t().unwrap()).unwrap();
    for (kind, tolerance) in [
        (GgmlDType::Q8_0, 0.4),
        (GgmlDType::Q4K, 3.0),
        (GgmlDType::BF16, 0.2),
    ] {
        let matrix = build::by_candle(&weights, kind, &["text.a.weight"], 20, 96).unwrap();
        let linear = Linear::from_matrices(vec![matrix], None, 96);
        for rows in [1, 9] {
            let y = linear.forward(&x.narrow(0, 0, rows).unwrap()).unwrap();
            let off = difference(&y, &expected.narrow(0, 0, rows).unwrap());
            assert!(off < tolerance, "{kind:?} {rows}: {off}");
        }
    }
}

#[test]
fn rows_of_an_embedding_are_the_files_own() {
    let table = wave(&[10, 24]);
    let folder = folder(&[("thinker.model.embed_tokens.weight", table.clone())]);
    for precision in [Precision::F32, Precision::Q4K] {
        let weights = Weights::open(folder.path(), &with(precision)).unwrap();
        let embedding = weights.text().embedding("embed_tokens", 10, 24).unwrap();
        let rows = embedding.forward(&[9, 0, 9]).unwrap();
        let ids = Tensor::new(&[9u32, 0, 9], &Device::Cpu).unwrap();
        assert_eq!(
            difference(&rows, &table.index_select(&ids, 0).unwrap()),
            0.0
        );
        let outside = embedding.forward(&[10]).unwrap_err();
        assert_eq!(outside.code, FailureCode::Invalid);
    }
}

#[test]
fn what_is_wrong_is_named() {
    let folder = folder(&[
        ("model.norm.weight", wave(&[8])),
        (
            "model.ids.weight",
            Tensor::new(&[1u32, 2], &Device::Cpu).unwrap(),
        ),
    ]);
    let weights = Weights::open(folder.path(), &WeightOptions::exact()).unwrap();
    let text = weights.text();
    let missing = text.tensor("layers.1.norm.weight", &[8]).unwrap_err();
    assert_eq!(missing.code, FailureCode::Damaged);
    assert!(missing.message.contains("text.layers.1.norm.weight"));
    let shape = text.tensor("norm.weight", &[9]).unwrap_err();
    assert!(shape.message.contains("model.norm.weight") && shape.message.contains("[9]"));
    let kind = text.tensor("ids.weight", &[2]).unwrap_err();
    assert_eq!(kind.code, FailureCode::Unsupported);
    assert!(kind.message.contains("U32"), "{}", kind.message);
}

#[test]
fn a_truncated_shard_is_named() {
    let folder = folder(&[("model.norm.weight", wave(&[64]))]);
    let bytes = std::fs::read(file(&folder)).unwrap();
    for keep in [0, 4, 40, bytes.len() - 1] {
        std::fs::write(file(&folder), &bytes[..keep]).unwrap();
        let failure = Weights::open(folder.path(), &WeightOptions::exact())
            .err()
            .unwrap();
        assert_eq!(failure.code, FailureCode::Damaged, "{keep}");
        assert!(failure.message.contains("model.safetensors"));
    }
}

#[test]
fn shards_are_found_by_their_index() {
    let folder = folder(&[("model.a.weight", wave(&[4]))]);
    let first = folder.path().join("model-00001-of-00002.safetensors");
    std::fs::rename(file(&folder), &first).unwrap();
    let index = folder.path().join("model.safetensors.index.json");
    let text = r#"{"weight_map": {"model.a.weight": "model-00001-of-00002.safetensors",
        "model.b.weight": "model-00002-of-00002.safetensors"}}"#;
    std::fs::write(&index, text).unwrap();
    let absent = Weights::open(folder.path(), &WeightOptions::exact())
        .err()
        .unwrap();
    assert_eq!(absent.code, FailureCode::Missing);
    assert!(absent.message.contains("model-00002-of-00002"));
    let second = folder.path().join("model-00002-of-00002.safetensors");
    let tensors: HashMap<String, Tensor> = [("model.b.weight".to_owned(), wave(&[6]))].into();
    save(&tensors, &second).unwrap();
    let weights = Weights::open(folder.path(), &WeightOptions::exact()).unwrap();
    weights.text().tensor("a.weight", &[4]).unwrap();
    weights.text().tensor("b.weight", &[6]).unwrap();
    std::fs::write(&index, text.replace("model-00002", "../model-00002")).unwrap();
    let outside = Weights::open(folder.path(), &WeightOptions::exact())
        .err()
        .unwrap();
    assert_eq!(outside.code, FailureCode::Damaged);
}

#[test]
fn loading_can_be_cancelled() {
    let folder = folder(&[("model.norm.weight", wave(&[8]))]);
    let options = WeightOptions {
        on_progress: Some(Arc::new(|done, total| {
            assert!(done <= total && total == 32);
            Err(Failure::cancelled())
        })),
        ..WeightOptions::exact()
    };
    let weights = Weights::open(folder.path(), &options).unwrap();
    let failure = weights.text().tensor("norm.weight", &[8]).unwrap_err();
    assert_eq!(failure.code, FailureCode::Cancelled);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_damage_is_refused_or_read(at in 0usize..400, value: u8) {
        let folder = folder(&[("model.norm.weight", wave(&[8])), ("lm_head.weight", wave(&[4, 8]))]);
        let mut bytes = std::fs::read(file(&folder)).unwrap();
        let at = at % bytes.len();
        bytes[at] = value;
        std::fs::write(file(&folder), &bytes).unwrap();
        if let Ok(weights) = Weights::open(folder.path(), &WeightOptions::exact()) {
            let _ = weights.text().tensor("norm.weight", &[8]);
            let _ = weights.head().linear(&[""], 8, &[4], false);
        }
    }
}
