//! GGUFs against the checkpoints they were made from (tests/parity): every tensor to the byte,
//! the configuration, the tokenizer. The pairs of Qwen2.5-VL and Qwen3-VL were written by the
//! Python package `gguf`; those of the other families are written here, after llama.cpp's
//! converter.

use candle_core::quantized::gguf_file::Value;
use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{DType, Device, Tensor};
use decoupage_dialogue::Precision;
use proptest::prelude::*;

use super::test_files::*;
use super::*;
use crate::config::AudioConfig;
use crate::weights::{Shards, Stored, WeightOptions, Weights};

/// Every tensor, the configuration and the tokenizer of a checkpoint are those of the folder.
fn same_as(checkpoint: &Checkpoint, folder: &Path) {
    let shards = Shards::open(folder).unwrap();
    for name in shards.names() {
        // Left unused by the reference, left out by the converter.
        if name.contains("audio_bos_eos_token") {
            continue;
        }
        let expected = shards.entry(name).unwrap();
        let entry = checkpoint
            .tensors
            .entry(name)
            .unwrap_or_else(|| panic!("{name} is missing"));
        assert_eq!(entry.shape, expected.shape, "{name}");
        assert_eq!(entry.stored, Stored::F32, "{name}");
        let bytes = checkpoint.tensors.bytes(name).unwrap();
        let (ours, theirs) = (floats(&bytes), floats(&shards.bytes(name).unwrap()));
        let plus_one = checkpoint.config.family == Family::Qwen35
            && name.starts_with("text.")
            && name.ends_with("norm.weight")
            && !name.contains("linear_attn");
        let off = if plus_one { 1.0 } else { 0.0 };
        for (ours, theirs) in ours.iter().zip(&theirs) {
            assert!(
                (ours - off - theirs).abs() < 1e-5,
                "{name}: {ours} for {theirs}"
            );
        }
        assert_eq!(ours.len(), theirs.len(), "{name}");
        checkpoint.tensors.release(name);
    }

    let mut config = ModelConfig::read(folder).unwrap();
    // The file has 1 + weight.
    config.text.norm_plus_one = false;
    if let (Some(theirs), Some(ours)) = (&mut config.audio, &checkpoint.config.audio) {
        // The file does not say how many positions there could be; there are a hundred.
        let AudioConfig { positions, .. } = ours;
        theirs.positions = *positions;
    }
    if config.family == Family::Qwen25Omni
        && let Some(windows) = &mut config.vision.windows
    {
        // The fixture's windows are smaller than any published model's.
        windows.pixels = 112;
    }
    assert_eq!(checkpoint.config, config);

    let theirs = Tokenizer::from_file(folder.join("tokenizer.json")).unwrap();
    let texts = [
        "the rain in Spain, 2026's café\u{301} — 12 takes\n\n  \tand  more",
        "<|im_start|>user\n<|vision_start|><|image_pad|>x<|vision_end|><|im_end|>\n<think>\n",
        "<tool_call>é\u{1F3A5}</tool_call>",
        "",
    ];
    for text in texts {
        let (ours, theirs) = [&checkpoint.tokenizer, &theirs]
            .map(|tokenizer| tokenizer.encode(text, false).unwrap().get_ids().to_vec())
            .into();
        assert_eq!(ours, theirs, "{text}");
        let words = |tokenizer: &Tokenizer, skip| tokenizer.decode(&ours, skip).unwrap();
        for skip in [false, true] {
            assert_eq!(
                words(&checkpoint.tokenizer, skip),
                words(
                    &Tokenizer::from_file(folder.join("tokenizer.json")).unwrap(),
                    skip
                )
            );
        }
    }
    assert!(
        checkpoint
            .chat_template
            .as_ref()
            .is_some_and(|t| t.contains("im_start"))
    );
    assert!(!checkpoint.ends.is_empty());
}

#[test]
fn pairs_of_the_python_package_are_their_checkpoints() {
    for family in ["qwen2_5_vl", "qwen3_vl"] {
        let pair = fixtures().join("gguf").join(family);
        let checkpoint = Checkpoint::open(&pair.join("text.gguf"), None).unwrap();
        assert!(
            checkpoint
                .projector
                .as_ref()
                .unwrap()
                .ends_with("mmproj.gguf")
        );
        assert!(checkpoint.pixels.is_some());
        assert_eq!(checkpoint.refuses(MediumKind::Image), None);
        let sound = checkpoint.refuses(MediumKind::Audio).unwrap();
        assert_eq!(sound.code, FailureCode::Unsupported);
        same_as(&checkpoint, &fixtures().join(family));
    }
}

#[test]
fn without_its_projector_a_model_reads_and_writes_only() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("qwen.gguf");
    std::fs::copy(fixtures().join("gguf/qwen3_vl/text.gguf"), &text).unwrap();
    let checkpoint = Checkpoint::open(&text, None).unwrap();
    assert_eq!(checkpoint.projector, None);
    for kind in [MediumKind::Image, MediumKind::Video] {
        let failure = checkpoint.refuses(kind).unwrap();
        assert!(failure.to_string().contains("mmproj"), "{failure}");
    }
    let weights = Weights::from_source(checkpoint.tensors.clone(), &WeightOptions::exact());
    crate::text::Decoder::load(&checkpoint.config, &weights).unwrap();
}

#[test]
fn files_that_do_not_belong_together_are_refused_in_words() {
    let pairs = fixtures().join("gguf");
    let text = pairs.join("qwen3_vl/text.gguf");
    let other = pairs.join("qwen2_5_vl/mmproj.gguf");
    let failure = Checkpoint::open(&text, Some(&other)).err().unwrap();
    assert!(
        failure.message.contains("belongs to another model"),
        "{failure}"
    );
    let failure = Checkpoint::open(&other, None).err().unwrap();
    assert!(failure.message.contains("vision part"), "{failure}");
    let failure = Checkpoint::open(&text, Some(&text)).err().unwrap();
    assert!(failure.message.contains("not the vision part"), "{failure}");

    // One of another model in the same folder is passed over.
    let folder = tempfile::tempdir().unwrap();
    let copied = folder.path().join("qwen3-vl.gguf");
    std::fs::copy(&text, &copied).unwrap();
    std::fs::copy(&other, folder.path().join("mmproj-qwen2.5.gguf")).unwrap();
    assert_eq!(Checkpoint::open(&copied, None).unwrap().projector, None);
    let ours = folder.path().join("mmproj-qwen3-vl-F16.gguf");
    std::fs::copy(pairs.join("qwen3_vl/mmproj.gguf"), &ours).unwrap();
    let found = Checkpoint::open(&copied, None).unwrap().projector;
    assert_eq!(found, Some(ours));
}

#[test]
fn foreign_models_are_named_with_those_that_are_known() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("llama.gguf");
    let architecture = Value::String("llama".into());
    write(&path, &[("general.architecture".into(), architecture)], &[]);
    let failure = Checkpoint::open(&path, None).err().unwrap();
    assert_eq!(failure.code, FailureCode::Unsupported);
    for word in ["\"llama\"", "Qwen2.5-VL", "Qwen3-VL", "llama.gguf"] {
        assert!(failure.message.contains(word), "{failure}");
    }
}

#[test]
fn truncated_files_are_named() {
    let folder = tempfile::tempdir().unwrap();
    for (name, cut) in [("text.gguf", "text.gguf"), ("mmproj.gguf", "mmproj.gguf")] {
        for file in ["text.gguf", "mmproj.gguf"] {
            let bytes = std::fs::read(fixtures().join("gguf/qwen3_vl").join(file)).unwrap();
            let end = if file == cut {
                bytes.len() / 2
            } else {
                bytes.len()
            };
            std::fs::write(folder.path().join(file), &bytes[..end]).unwrap();
        }
        let failure = Checkpoint::open(&folder.path().join("text.gguf"), None)
            .err()
            .unwrap();
        assert_eq!(failure.code, FailureCode::Damaged);
        assert!(failure.message.contains(name), "{failure}");
        assert!(failure.message.contains("truncated"), "{failure}");
    }
}

#[test]
fn qwen2_vl_with_its_feed_forward_the_wrong_way_round() {
    let family = fixtures().join("qwen2_vl");
    // Right, and as older converters wrote it.
    for (up, down) in [("ffn_up", "ffn_down"), ("ffn_down", "ffn_up")] {
        let renames: Vec<_> = TEXT
            .into_iter()
            .chain(TOWER)
            .chain([("mlp.fc1", up), ("mlp.fc2", down)])
            .collect();
        let mut written = Written::of(&family, &renames);
        written.split_patches();
        written.split_attention();
        let folder = tempfile::tempdir().unwrap();
        written.write(
            folder.path(),
            text_metadata(&family, "qwen2vl", "qwen2"),
            vision_metadata(&family, "qwen2vl_merger"),
            GgmlDType::F32,
        );
        let checkpoint = Checkpoint::open(&folder.path().join("model.gguf"), None).unwrap();
        assert!(checkpoint.config.text.tied);
        same_as(&checkpoint, &family);
    }
}

#[test]
fn omni_sees_and_hears() {
    let family = fixtures().join("qwen2_5_omni");
    let renames: Vec<_> = TEXT
        .into_iter()
        .chain(TOWER)
        .chain([
            ("audio.conv1", "a.conv1d.1"),
            ("audio.conv2", "a.conv1d.2"),
            ("audio.ln_post", "a.post_ln"),
            ("audio.proj", "mm.a.fc"),
            ("audio.layers.", "a.blk."),
            ("self_attn_layer_norm", "ln1"),
            ("final_layer_norm", "ln2"),
            ("self_attn.out_proj", "attn_out"),
            (".fc1.", ".ffn_up."),
            (".fc2.", ".ffn_down."),
        ])
        .collect();
    let mut written = Written::of(&family, &renames);
    written.split_patches();
    written
        .tower
        .retain(|name, _| !name.contains("audio_bos_eos"));
    for name in ["a.conv1d.1.bias", "a.conv1d.2.bias"] {
        let column = written.tower[name].unsqueeze(1).unwrap();
        written.tower.insert(name.into(), column);
    }
    let audio = ModelConfig::read(&family).unwrap().audio.unwrap();
    let mut tower = vision_metadata(&family, "qwen2.5o");
    tower.extend([
        key("clip.vision.n_wa_pattern", 2),
        key("clip.audio.block_count", audio.depth),
        key("clip.audio.attention.head_count", audio.heads),
    ]);
    let folder = tempfile::tempdir().unwrap();
    let text = text_metadata(&family, "qwen2vl", "qwen2");
    written.write(folder.path(), text, tower, GgmlDType::F32);
    let checkpoint = Checkpoint::open(&folder.path().join("model.gguf"), None).unwrap();
    assert_eq!(checkpoint.refuses(MediumKind::Audio), None);
    same_as(&checkpoint, &family);
}

#[test]
fn delta_nets_come_back_in_order() {
    let (_folder, path) = qwen35(GgmlDType::F32);
    let checkpoint = Checkpoint::open(&path, None).unwrap();
    same_as(&checkpoint, &fixtures().join("qwen3_5"));
}

/// The prefill logits of a GGUF for the fixtures' text, and the reference's.
fn logits(family: &str, path: &Path, precision: Precision) -> (Vec<f32>, Vec<f32>) {
    let folder = fixtures().join(family).join("cases/text");
    let expected =
        candle_core::safetensors::load(folder.join("expected.safetensors"), &Device::Cpu).unwrap();
    let tokens = expected["input_ids"].to_dtype(DType::U32).unwrap();
    let tokens: Vec<u32> = tokens.flatten_all().unwrap().to_vec1().unwrap();
    let positions: Vec<[u32; 3]> = (0..tokens.len() as u32).map(|n| [n; 3]).collect();

    let checkpoint = Checkpoint::open(path, None).unwrap();
    let options = WeightOptions {
        precision,
        ..WeightOptions::exact()
    };
    let weights = Weights::from_source(checkpoint.tensors.clone(), &options);
    let decoder = crate::text::Decoder::load(&checkpoint.config, &weights).unwrap();
    let embeddings = decoder.embed(&tokens).unwrap();
    let mut cache = decoder.new_cache();
    let normed = decoder
        .forward(&embeddings, &positions, &[], &mut cache, &|| Ok(()))
        .unwrap();
    let mut logits = decoder.logits(&normed).unwrap();
    if let Some(at) = expected.get("logits_at") {
        logits = logits.index_select(at, 0).unwrap();
    }
    let values = |x: &Tensor| x.flatten_all().unwrap().to_vec1().unwrap();
    (values(&logits), values(&expected["logits"]))
}

#[test]
fn the_decoder_of_a_gguf_writes_what_the_checkpoints_does() {
    let (_folder, delta) = qwen35(GgmlDType::F32);
    let pairs = fixtures().join("gguf");
    for (family, path) in [
        ("qwen2_5_vl", pairs.join("qwen2_5_vl/text.gguf")),
        ("qwen3_vl", pairs.join("qwen3_vl/text.gguf")),
        ("qwen3_5", delta),
    ] {
        let (ours, theirs) = logits(family, &path, Precision::F32);
        assert_eq!(ours.len(), theirs.len());
        let range = theirs.iter().fold(0_f32, |most, x| most.max(x.abs()));
        for (ours, theirs) in ours.iter().zip(&theirs) {
            let off = (ours - theirs).abs();
            assert!(off <= 1e-3 * range, "{family}: {off} of {range}");
        }
    }
}

#[test]
fn quantised_files_write_nearly_the_same() {
    let product = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    let likeness = |a: &[f32], b: &[f32]| product(a, b) / (product(a, a) * product(b, b)).sqrt();
    for (kind, least) in [
        (GgmlDType::Q8_0, 0.999),
        (GgmlDType::Q5_1, 0.98),
        (GgmlDType::Q4_0, 0.95),
    ] {
        let (_folder, path) = qwen35(kind);
        let (plain, reference) = logits("qwen3_5", &path, Precision::F32);
        let (ours, _) = logits("qwen3_5", &path, Precision::Auto);
        // What the kernels round, 8 bits of what goes in, is the same whatever the file has: a
        // conversion while loading that lost any of the file's own would show here.
        let alike = likeness(&ours, &plain);
        assert!(
            (0.998..0.999_999).contains(&alike),
            "{kind:?} as it is run: {alike}"
        );
        // What the file itself lost.
        let alike = likeness(&plain, &reference);
        assert!(alike >= least, "{kind:?} from the checkpoint: {alike}");
    }
}

#[test]
fn quantised_tensors_are_run_as_they_are_or_in_eight_bits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("blocks.gguf");
    let values: Vec<f32> = (0..48 * 512)
        .map(|n| ((n * 37 % 101) as f32 / 50.0 - 1.0) * 0.7)
        .collect();
    let matrix = Tensor::from_vec(values, (48, 512), &Device::Cpu).unwrap();
    let narrow = matrix.narrow(1, 0, 96).unwrap().contiguous().unwrap();
    let cases = [
        (GgmlDType::Q4K, &matrix, 0.0),
        (GgmlDType::Q8_0, &matrix, 0.0),
        (GgmlDType::Q8_0, &narrow, 0.0),
        (GgmlDType::Q4_0, &matrix, 2.0 * 0.7 / 127.0),
        (GgmlDType::Q5_1, &narrow, 2.0 * 0.7 / 127.0),
        (GgmlDType::Q5K, &matrix, 2.0 * 0.7 / 127.0),
        (GgmlDType::Q6K, &matrix, 2.0 * 0.7 / 127.0),
        (GgmlDType::F16, &matrix, 0.0),
    ];
    let tensors: Vec<_> = cases
        .iter()
        .enumerate()
        .map(|(n, (kind, matrix, _))| {
            let name = format!("blk.{n}.ffn_up.weight");
            (name, QTensor::quantize(matrix, *kind).unwrap())
        })
        .collect();
    write(&path, &[], &tensors);
    let container = Container::open(&path).unwrap();
    let source = GgufTensors::new(vec![container], None, Family::Qwen3Vl, 99, None).unwrap();
    let options = WeightOptions {
        precision: Precision::Auto,
        ..WeightOptions::exact()
    };
    let weights = Weights::from_source(Arc::new(source), &options);
    for (n, ((kind, matrix, step), (_, stored))) in cases.iter().zip(&tensors).enumerate() {
        let width = matrix.dim(1).unwrap();
        let scope = weights.text().at(&format!("layers.{n}"));
        let linear = scope.linear(&["mlp.up_proj"], width, &[48], false).unwrap();
        let x = Tensor::ones((3, width), DType::F32, &Device::Cpu).unwrap();
        let ours = linear.forward(&x).unwrap();
        let plain = stored.dequantize(&Device::Cpu).unwrap();
        let theirs = x.matmul(&plain.t().unwrap()).unwrap();
        let size = theirs
            .abs()
            .unwrap()
            .max_all()
            .unwrap()
            .to_scalar::<f32>()
            .unwrap();
        let off = (ours - theirs).unwrap().abs().unwrap();
        let off = off.max_all().unwrap().to_scalar::<f32>().unwrap();
        // Ones are exact in the kernels' 8 bits: what is left are the steps of weights that were
        // quantised anew, which add up like noise.
        let mut most = step * (width as f32).sqrt() + 1e-3;
        if *kind == GgmlDType::Q4K {
            // Tiles keep the scale and the least value of 32 weights as halves: all 32 are off
            // alike, at most by a half's rounding of both.
            let rounding = 2_f32.powi(-11) * (2.0 * 0.7 + 0.7);
            most += 32.0 * rounding * (width as f32 / 32.0).sqrt();
        }
        assert!(off <= most, "{kind:?}: {off} of {size}");
        let table = scope.embedding("mlp.up_proj", 48, width).unwrap();
        let row = table.forward(&[7]).unwrap();
        let off = (row - plain.narrow(0, 7, 1).unwrap())
            .unwrap()
            .abs()
            .unwrap();
        assert!(
            off.max_all().unwrap().to_scalar::<f32>().unwrap() < 1e-5,
            "{kind:?}"
        );
    }
}

#[test]
fn kinds_that_cannot_be_run_are_named() {
    let (_folder, path) = qwen35(GgmlDType::F32);
    let mut bytes = std::fs::read(&path).unwrap();
    // The kind of the head's matrix: after its name, its number of dimensions and its shape.
    let name = b"output.weight";
    let at = bytes
        .windows(name.len())
        .position(|window| window == name)
        .unwrap();
    let kind = at + name.len() + 4 + 16;
    bytes[kind..kind + 4].copy_from_slice(&23_u32.to_le_bytes());
    std::fs::write(&path, bytes).unwrap();
    let failure = Checkpoint::open(&path, None).err().unwrap();
    assert_eq!(failure.code, FailureCode::Unsupported);
    assert!(failure.message.contains("IQ4_XS"), "{failure}");
    assert!(failure.to_string().contains("Q4_K_M"), "{failure}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Whatever the metadata and the table of tensors say, it is a checkpoint or a sentence.
    #[test]
    fn no_changed_file_brings_it_down(
        file in 0_usize..2,
        changes in proptest::collection::vec((0_usize..1 << 16, any::<u8>()), 1..8),
    ) {
        let folder = tempfile::tempdir().unwrap();
        for (at, name) in ["text.gguf", "mmproj.gguf"].iter().enumerate() {
            let mut bytes = std::fs::read(fixtures().join("gguf/qwen3_vl").join(name)).unwrap();
            if at == file {
                // Before the tensors: the first kilobytes and, in the text file, the table after
                // the vocabulary.
                let end = bytes.len().min(if at == 0 { 24_000 } else { 6_000 });
                for (place, value) in &changes {
                    bytes[place % end] = *value;
                }
            }
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
        match Checkpoint::open(&folder.path().join("text.gguf"), None) {
            Ok(checkpoint) => {
                for name in checkpoint.tensors.names() {
                    let entry = checkpoint.tensors.entry(name).unwrap();
                    if let Ok(bytes) = checkpoint.tensors.bytes(name) {
                        prop_assert_eq!(bytes.len(), entry.bytes);
                    }
                }
            }
            Err(failure) => prop_assert!(failure.message.ends_with('.'), "{}", failure),
        }
    }
}
