use proptest::prelude::*;

use super::*;

/// Writes a small GGUF file.
#[derive(Default)]
pub(crate) struct Writer {
    keys: u64,
    metadata: Vec<u8>,
    tensors: u64,
    infos: Vec<u8>,
    data: u64,
}

fn text(into: &mut Vec<u8>, text: &str) {
    into.extend((text.len() as u64).to_le_bytes());
    into.extend(text.bytes());
}

impl Writer {
    pub(crate) fn text(mut self, key: &str, value: &str) -> Self {
        text(&mut self.metadata, key);
        self.metadata.extend(8_u32.to_le_bytes());
        text(&mut self.metadata, value);
        self.keys += 1;
        self
    }

    pub(crate) fn number(mut self, key: &str, value: u32) -> Self {
        text(&mut self.metadata, key);
        self.metadata.extend(4_u32.to_le_bytes());
        self.metadata.extend(value.to_le_bytes());
        self.keys += 1;
        self
    }

    pub(crate) fn flag(mut self, key: &str, value: bool) -> Self {
        text(&mut self.metadata, key);
        self.metadata.extend(7_u32.to_le_bytes());
        self.metadata.push(u8::from(value));
        self.keys += 1;
        self
    }

    fn texts(mut self, key: &str, values: &[&str]) -> Self {
        text(&mut self.metadata, key);
        self.metadata.extend(9_u32.to_le_bytes());
        self.metadata.extend(8_u32.to_le_bytes());
        self.metadata.extend((values.len() as u64).to_le_bytes());
        for value in values {
            text(&mut self.metadata, value);
        }
        self.keys += 1;
        self
    }

    /// A tensor of f32.
    pub(crate) fn tensor(mut self, name: &str, shape: &[u64]) -> Self {
        text(&mut self.infos, name);
        self.infos.extend((shape.len() as u32).to_le_bytes());
        for size in shape {
            self.infos.extend(size.to_le_bytes());
        }
        self.infos.extend(0_u32.to_le_bytes());
        self.infos.extend(self.data.to_le_bytes());
        self.data += (shape.iter().product::<u64>() * 4).next_multiple_of(32);
        self.tensors += 1;
        self
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        let mut file = b"GGUF".to_vec();
        file.extend(3_u32.to_le_bytes());
        file.extend(self.tensors.to_le_bytes());
        file.extend(self.keys.to_le_bytes());
        file.extend(self.metadata);
        file.extend(self.infos);
        file.resize(file.len().next_multiple_of(32), 0);
        file.resize(file.len() + self.data as usize, 0);
        file
    }
}

fn sample() -> Vec<u8> {
    Writer::default()
        .text("general.architecture", "qwen2vl")
        .number("general.file_type", 15)
        .number("qwen2vl.block_count", 28)
        .texts("tokenizer.ggml.tokens", &["a", "b", "hello"])
        .flag("clip.has_vision_encoder", true)
        .tensor("token_embd.weight", &[8, 4])
        .tensor("output.weight", &[8, 4])
        .finish()
}

#[test]
fn what_matters_is_read() {
    let file = sample();
    let header = parse(&file[..]).expect("a header");
    assert_eq!(header.architecture(), Some("qwen2vl"));
    assert_eq!(header.quantisation(), "Q4_K_M");
    assert_eq!(header.number("qwen2vl.block_count"), Some(28));
    assert_eq!(header.values["clip.has_vision_encoder"], Value::Flag(true));
    assert_eq!(header.values["tokenizer.ggml.tokens"], Value::Array(3));
    assert_eq!(header.shapes["token_embd.weight"], [8, 4]);
    assert_eq!(header.bytes_by_type["F32"], 256);
    assert_eq!(header.needed_bytes, file.len() as u64);
}

#[test]
fn a_truncated_file_is_named_as_such() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.gguf");
    let mut file = sample();
    file.truncate(file.len() - 1);
    std::fs::write(&path, &file).expect("a file");
    let fault = read(&path).expect_err("cut short");
    assert!(fault.message.contains("cut short"), "{fault}");
    // 255 bytes of data are left, and up to 31 of padding before them.
    for length in 0..file.len() - 255 - 31 {
        assert!(parse(&file[..length]).is_err(), "{length} bytes");
    }
}

#[test]
fn other_files_and_versions_are_told_apart() {
    let fault = parse(&b"PK\x03\x04----------------"[..]).expect_err("no GGUF");
    assert!(fault.message.contains("not a GGUF"), "{fault}");
    let mut old = sample();
    old[4] = 1;
    let fault = parse(&old[..]).expect_err("version 1");
    assert_eq!(fault.code, Code::Unsupported);
    let mut big = sample();
    big[4..8].copy_from_slice(&3_u32.to_be_bytes());
    let fault = parse(&big[..]).expect_err("big-endian");
    assert!(fault.message.contains("big-endian"), "{fault}");
}

#[test]
fn impossible_lengths_are_refused_before_memory_is_taken() {
    let mut file = b"GGUF".to_vec();
    file.extend(3_u32.to_le_bytes());
    file.extend(1_u64.to_le_bytes());
    file.extend(1_u64.to_le_bytes());
    let start = file.clone();
    file.extend(u64::MAX.to_le_bytes());
    assert!(parse(&file[..]).is_err());

    // A list of lists of lists …
    let mut file = start;
    text(&mut file, "a");
    file.extend(9_u32.to_le_bytes());
    for _ in 0..1000 {
        file.extend(9_u32.to_le_bytes());
        file.extend(1_u64.to_le_bytes());
    }
    assert!(parse(&file[..]).is_err());
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = parse(&bytes[..]);
        let mut with_magic = b"GGUF\x03\0\0\0".to_vec();
        with_magic.extend(bytes);
        let _ = parse(&with_magic[..]);
    }

    #[test]
    fn a_damaged_header_never_panics(changes in proptest::collection::vec((any::<u16>(), any::<u8>()), 1..6)) {
        let mut file = sample();
        for (at, value) in changes {
            let at = usize::from(at) % file.len();
            file[at] = value;
        }
        if let Ok(header) = parse(&file[..]) {
            let _ = header.quantisation();
        }
    }
}
