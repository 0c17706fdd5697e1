//! The container against candle's writer, and against files that mean no good.

use candle_core::quantized::{GgmlDType, QTensor, gguf_file};
use candle_core::{Device, Tensor};
use proptest::prelude::*;

use super::*;
use crate::weights::Stored;

fn sound_file() -> Vec<u8> {
    let matrix = Tensor::arange(0_f32, 512.0, &Device::Cpu).unwrap();
    let matrix = matrix.reshape((2, 256)).unwrap();
    let plain = QTensor::quantize(&matrix, GgmlDType::F32).unwrap();
    let blocks = QTensor::quantize(&matrix, GgmlDType::Q4K).unwrap();
    let texts = ["a", "\u{120}b", ""].map(|text| gguf_file::Value::String(text.into()));
    let metadata = [
        ("general.architecture", gguf_file::Value::String("x".into())),
        ("x.count", gguf_file::Value::U32(7)),
        ("x.small", gguf_file::Value::I8(-3)),
        ("x.scale", gguf_file::Value::F32(0.5)),
        ("x.on", gguf_file::Value::Bool(true)),
        ("x.texts", gguf_file::Value::Array(texts.to_vec())),
        (
            "x.list",
            gguf_file::Value::Array(vec![gguf_file::Value::I32(4), gguf_file::Value::I32(-1)]),
        ),
    ];
    let metadata: Vec<_> = metadata.iter().map(|(key, value)| (*key, value)).collect();
    let mut file = std::io::Cursor::new(Vec::new());
    let tensors = [("plain.weight", &plain), ("blocks.weight", &blocks)];
    gguf_file::write(&mut file, &metadata, &tensors).unwrap();
    file.into_inner()
}

/// A header by hand: version 3 and what follows.
fn file(tensors: u64, entries: u64, rest: &[u8]) -> Vec<u8> {
    let mut bytes = b"GGUF".to_vec();
    bytes.extend(3_u32.to_le_bytes());
    bytes.extend(tensors.to_le_bytes());
    bytes.extend(entries.to_le_bytes());
    bytes.extend(rest);
    bytes
}

fn text(text: &str) -> Vec<u8> {
    let mut bytes = (text.len() as u64).to_le_bytes().to_vec();
    bytes.extend(text.as_bytes());
    bytes
}

fn tensor(name: &str, shape: &[u64], kind: u32, offset: u64) -> Vec<u8> {
    let mut bytes = text(name);
    bytes.extend((shape.len() as u32).to_le_bytes());
    for length in shape {
        bytes.extend(length.to_le_bytes());
    }
    bytes.extend(kind.to_le_bytes());
    bytes.extend(offset.to_le_bytes());
    bytes
}

#[test]
fn what_was_written_is_read() {
    let bytes = sound_file();
    let header = parse(&bytes).unwrap();
    let value = |key: &str| header.metadata[key].clone();
    assert_eq!(value("x.count"), Value::Integer(7));
    assert_eq!(value("x.small"), Value::Integer(-3));
    assert_eq!(value("x.scale"), Value::Float(0.5));
    assert_eq!(value("x.on"), Value::Flag(true));
    assert_eq!(value("x.list"), Value::Integers(vec![4, -1]));
    let texts = ["a", "\u{120}b", ""].map(str::to_owned).to_vec();
    assert_eq!(value("x.texts"), Value::Texts(texts));
    let plain = &header.tensors["plain.weight"];
    assert_eq!(plain.shape, [2, 256]);
    assert_eq!(plain.bytes, 2_048);
    let first = &bytes[plain.start + 4..plain.start + 8];
    assert_eq!(first, 1_f32.to_le_bytes());
    let blocks = &header.tensors["blocks.weight"];
    assert_eq!(blocks.kind, Kind::Known(Stored::Blocks(GgmlDType::Q4K)));
    assert_eq!(blocks.bytes, 2 * 144);
}

#[test]
fn every_cut_is_a_truncated_file() {
    let bytes = sound_file();
    for length in 0..bytes.len() - 32 {
        let fault = parse(&bytes[..length]).unwrap_err();
        let expected = if length < 4 {
            Fault::NoGguf
        } else {
            Fault::Truncated
        };
        assert_eq!(fault, expected, "{length} of {} bytes", bytes.len());
    }
}

#[test]
fn absurd_numbers_are_refused() {
    let huge = 1_u64 << 60;
    assert!(parse(&file(huge, 0, &[])).is_err());
    assert!(parse(&file(0, huge, &[])).is_err());
    // A key, a text, a list of such lengths.
    assert!(parse(&file(0, 1, &huge.to_le_bytes())).is_err());
    let mut long_text = text("key");
    long_text.extend(8_u32.to_le_bytes());
    long_text.extend(u64::MAX.to_le_bytes());
    assert_eq!(parse(&file(0, 1, &long_text)), Err(Fault::Truncated));
    for kind in [0_u32, 4, 6, 7, 8, 9, 10, 12] {
        let mut list = text("key");
        list.extend(9_u32.to_le_bytes());
        list.extend(kind.to_le_bytes());
        list.extend(huge.to_le_bytes());
        assert_eq!(parse(&file(0, 1, &list)), Err(Fault::Truncated), "{kind}");
    }
    // Lists in lists in lists.
    let mut nested = text("key");
    nested.extend(9_u32.to_le_bytes());
    for _ in 0..1_000 {
        nested.extend(9_u32.to_le_bytes());
        nested.extend(1_u64.to_le_bytes());
    }
    assert!(matches!(
        parse(&file(0, 1, &nested)),
        Err(Fault::Damaged(_))
    ));
    for (shape, kind) in [
        (vec![huge, huge], 0),
        (vec![1 << 40, 1 << 40], 0),
        (vec![100], 12),
        (vec![1, 1, 1, 1, 1], 0),
        (vec![], 0),
        (vec![1 << 30], 0),
        (vec![u64::MAX], 0),
        (vec![u64::MAX - 255], 12),
    ] {
        let mut bytes = file(1, 0, &tensor("t", &shape, kind, 0));
        bytes.resize(4_096, 0);
        assert!(parse(&bytes).is_err(), "{shape:?}");
    }
    let mut far = file(1, 0, &tensor("t", &[1], 0, u64::MAX - 31));
    far.resize(4_096, 0);
    assert_eq!(parse(&far), Err(Fault::Truncated));
    for alignment in [0_u32, 3, u32::MAX] {
        let mut entry = text("general.alignment");
        entry.extend(4_u32.to_le_bytes());
        entry.extend(alignment.to_le_bytes());
        let fault = parse(&file(0, 1, &entry)).unwrap_err();
        assert!(matches!(fault, Fault::Damaged(_)), "{alignment}");
    }
}

#[test]
fn faults_are_sentences() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.gguf");
    for (bytes, code, words) in [
        (Vec::new(), FailureCode::Unsupported, "is not a GGUF file"),
        (vec![1; 10], FailureCode::Unsupported, "is not a GGUF file"),
        (vec![1; 99], FailureCode::Unsupported, "is not a GGUF file"),
        (file(5, 5, &[]), FailureCode::Damaged, "is truncated"),
        (
            [b"GGUF".as_slice(), &[9; 40]].concat(),
            FailureCode::Unsupported,
            "of version",
        ),
    ] {
        std::fs::write(&path, bytes).unwrap();
        let failure = Container::open(&path).unwrap_err();
        assert_eq!(failure.code, code, "{failure}");
        assert!(failure.message.contains(words), "{failure}");
        assert!(failure.advice.is_some());
    }
    let gone = Container::open(&folder.path().join("gone.gguf")).unwrap_err();
    assert_eq!(gone.code, FailureCode::Missing);
}

#[test]
fn split_models_name_their_parts() {
    let found = parts(Path::new("/m/qwen-00002-of-00003.gguf"));
    let names = ["1", "2", "3"].map(|n| PathBuf::from(format!("/m/qwen-0000{n}-of-00003.gguf")));
    assert_eq!(found, names);
    for alone in ["a.gguf", "a-1-of-3.gguf", "a-00001-of-00000.gguf", "-of-"] {
        assert_eq!(parts(Path::new(alone)), [PathBuf::from(alone)]);
    }
}

proptest! {
    #[test]
    fn no_bytes_bring_it_down(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = parse(&bytes);
        let _ = parse(&file(2, 2, &bytes));
    }

    #[test]
    fn no_changed_byte_brings_it_down(
        changes in proptest::collection::vec((0_usize..900, any::<u8>()), 1..6),
    ) {
        let mut bytes = sound_file();
        for (at, value) in changes {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = value;
            }
        }
        if let Ok(header) = parse(&bytes) {
            for place in header.tensors.values() {
                prop_assert!(place.start + place.bytes <= bytes.len());
            }
        }
    }
}
