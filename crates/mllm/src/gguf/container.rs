//! The container: metadata and a table of tensors before the tensors themselves (the
//! specification is `docs/gguf.md` of ggml).
//!
//! candle reads the format too, but takes it from trusted hands: an alignment of zero and shapes
//! that overflow end the process there, kinds of blocks that it does not know make the whole file
//! unreadable without being named, and one value takes 32 bytes however small it is in the file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use decoupage_dialogue::{Failure, FailureCode, Outcome};

use super::kinds::Kind;
use crate::failure;
use crate::weights::map::MappedFile;

/// Most bytes before the tensors: the largest vocabularies with their merges take some 15 MB.
const MOST_HEADER: usize = 64 << 20;

/// Most tensors: a dense model of a hundred layers has some 1500.
const MOST_TENSORS: u64 = 1 << 16;

/// Most metadata entries; files have some 30.
const MOST_ENTRIES: u64 = 1 << 14;

/// How deep lists may lie in lists. None do.
const MOST_DEPTH: usize = 4;

/// Most dimensions in ggml.
const MOST_DIMENSIONS: u32 = 4;

/// Where tensors begin in multiples of, unless the metadata says otherwise.
const ALIGNMENT: u64 = 32;

/// A value of the metadata.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Integer(i64),
    Float(f64),
    Flag(bool),
    Text(String),
    Integers(Vec<i64>),
    Floats(Vec<f32>),
    Flags(Vec<bool>),
    Texts(Vec<String>),
    /// A list of lists: nothing that a model needs.
    Nested,
}

/// Where a tensor lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// Rows first, as torch writes it (the file has it the other way round).
    pub(super) shape: Vec<usize>,
    pub(super) kind: Kind,
    /// From the file's beginning.
    pub(super) start: usize,
    /// Zero for kinds that cannot be run.
    pub(super) bytes: usize,
}

/// What stands before the tensors.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Header {
    pub(super) metadata: BTreeMap<String, Value>,
    pub(super) tensors: BTreeMap<String, Place>,
}

/// An open file.
#[derive(Debug)]
pub(super) struct Container {
    pub(super) file: MappedFile,
    pub(super) header: Header,
}

impl Container {
    /// Maps a file and reads what stands before its tensors.
    ///
    /// # Errors
    /// The file is missing, no GGUF, truncated or damaged.
    pub(super) fn open(path: &Path) -> Outcome<Self> {
        // An empty file cannot be mapped.
        let about = std::fs::metadata(path).map_err(|error| failure::file(path, &error))?;
        if about.len() < 24 || !about.is_file() {
            return Err(Fault::NoGguf.at(path));
        }
        let file = MappedFile::open(path)?;
        let header = parse(file.bytes()).map_err(|fault| fault.at(path))?;
        Ok(Self { file, header })
    }

    pub(super) fn path(&self) -> &Path {
        self.file.path()
    }

    pub(super) fn value(&self, key: &str) -> Option<&Value> {
        self.header.metadata.get(key)
    }

    pub(super) fn text(&self, key: &str) -> Option<&str> {
        match self.value(key) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// A count; none when it is absent or none.
    pub(super) fn count(&self, key: &str) -> Option<usize> {
        match self.value(key) {
            Some(Value::Integer(number)) => usize::try_from(*number).ok(),
            // Written per layer by some converters: the same for all.
            Some(Value::Integers(numbers)) => {
                numbers.first().and_then(|n| usize::try_from(*n).ok())
            }
            _ => None,
        }
    }

    pub(super) fn number(&self, key: &str) -> Option<f64> {
        match self.value(key) {
            Some(Value::Float(number)) => Some(*number),
            Some(Value::Integer(number)) => Some(*number as f64),
            _ => None,
        }
    }

    pub(super) fn integers(&self, key: &str) -> Option<&[i64]> {
        match self.value(key) {
            Some(Value::Integers(numbers)) => Some(numbers),
            _ => None,
        }
    }

    pub(super) fn texts(&self, key: &str) -> Option<&[String]> {
        match self.value(key) {
            Some(Value::Texts(texts)) => Some(texts),
            _ => None,
        }
    }

    pub(super) fn shape(&self, tensor: &str) -> Option<&[usize]> {
        let place = self.header.tensors.get(tensor)?;
        Some(&place.shape)
    }
}

/// Why a file cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    NoGguf,
    Version(u32),
    Truncated,
    /// What is wrong with it.
    Damaged(&'static str),
}

impl Fault {
    fn at(self, path: &Path) -> Failure {
        let name = path.display();
        match self {
            Self::NoGguf => Failure::new(
                FailureCode::Unsupported,
                format!("{name} is not a GGUF file."),
            )
            .advise("Choose a file that ends in .gguf, or download it again."),
            Self::Version(version) => Failure::new(
                FailureCode::Unsupported,
                format!("{name} is a GGUF of version {version}; versions 2 and 3 can be read."),
            )
            .advise("Download a newer GGUF of this model."),
            Self::Truncated => {
                failure::damaged(format!("{name} is truncated: its download did not finish."))
            }
            Self::Damaged(why) => failure::damaged(format!("{name} is damaged: {why}.")),
        }
    }
}

/// Reads what stands before the tensors in `bytes`, the whole file.
pub(super) fn parse(bytes: &[u8]) -> Result<Header, Fault> {
    let mut reader = Reader { bytes, at: 0 };
    if reader.take(4).map_err(|_| Fault::NoGguf)? != b"GGUF" {
        return Err(Fault::NoGguf);
    }
    let version = reader.u32()?;
    if !(2..=3).contains(&version) {
        return Err(Fault::Version(version));
    }
    let tensor_count = reader.u64()?;
    let entry_count = reader.u64()?;
    if tensor_count > MOST_TENSORS {
        return Err(Fault::Damaged("it names more tensors than there can be"));
    }
    if entry_count > MOST_ENTRIES {
        return Err(Fault::Damaged("it names more metadata than there can be"));
    }
    let mut metadata = BTreeMap::new();
    for _ in 0..entry_count {
        let key = reader.text()?;
        let kind = reader.u32()?;
        let value = reader.value(kind, 0)?;
        metadata.insert(key, value);
    }
    let alignment = match metadata.get("general.alignment") {
        None => ALIGNMENT,
        Some(Value::Integer(number)) => u64::try_from(*number)
            .ok()
            .filter(|number| number.is_power_of_two() && *number <= 1 << 20)
            .ok_or(Fault::Damaged("its tensors are aligned to no power of two"))?,
        Some(_) => return Err(Fault::Damaged("its alignment is no number")),
    };
    let mut found = Vec::new();
    for _ in 0..tensor_count {
        let name = reader.text()?;
        let dimensions = reader.u32()?;
        if dimensions == 0 || dimensions > MOST_DIMENSIONS {
            return Err(Fault::Damaged("a tensor has more dimensions than four"));
        }
        let mut shape = Vec::new();
        for _ in 0..dimensions {
            let length = usize::try_from(reader.u64()?);
            shape.push(length.map_err(|_| Fault::Damaged("a tensor's shape is too large"))?);
        }
        shape.reverse();
        let kind = Kind::of(reader.u32()?);
        let offset = reader.u64()?;
        found.push((name, shape, kind, offset));
    }
    let data = (reader.at as u64).next_multiple_of(alignment);
    let mut tensors = BTreeMap::new();
    for (name, shape, kind, offset) in found {
        let start = data.checked_add(offset).ok_or(Fault::Truncated)?;
        if offset % alignment != 0 {
            return Err(Fault::Damaged("a tensor is not aligned"));
        }
        let size = match kind {
            Kind::Known(stored) => {
                let row = shape.last().copied().unwrap_or_default();
                let mut rows = shape.iter().rev().skip(1);
                let rows = rows.try_fold(1_usize, |n, length| n.checked_mul(*length));
                let row_bytes = stored
                    .row_bytes(row)
                    .ok_or(Fault::Damaged("a tensor's rows are no whole blocks"))?;
                rows.and_then(|rows| rows.checked_mul(row_bytes))
                    .ok_or(Fault::Damaged("a tensor's shape is too large"))?
            }
            Kind::Foreign(_) => 0,
        };
        let end = start.checked_add(size as u64).ok_or(Fault::Truncated)?;
        if end > bytes.len() as u64 {
            return Err(Fault::Truncated);
        }
        tensors.insert(
            name,
            Place {
                shape,
                kind,
                start: start as usize,
                bytes: size,
            },
        );
    }
    Ok(Header { metadata, tensors })
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Fault> {
        let end = self.at.checked_add(count).ok_or(Fault::Truncated)?;
        if end > MOST_HEADER {
            return Err(if end > self.bytes.len() {
                Fault::Truncated
            } else {
                Fault::Damaged("what stands before its tensors is too long")
            });
        }
        let taken = self.bytes.get(self.at..end).ok_or(Fault::Truncated)?;
        self.at = end;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let bytes = self.take(N)?;
        bytes.try_into().map_err(|_| Fault::Truncated)
    }

    fn u32(&mut self) -> Result<u32, Fault> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn u64(&mut self) -> Result<u64, Fault> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    fn length(&mut self) -> Result<usize, Fault> {
        usize::try_from(self.u64()?).map_err(|_| Fault::Truncated)
    }

    fn text(&mut self) -> Result<String, Fault> {
        let length = self.length()?;
        let bytes = self.take(length)?;
        Ok(String::from_utf8_lossy(bytes).into_owned())
    }

    fn value(&mut self, kind: u32, depth: usize) -> Result<Value, Fault> {
        Ok(match kind {
            6 => Value::Float(f64::from(f32::from_le_bytes(self.array()?))),
            12 => Value::Float(f64::from_le_bytes(self.array()?)),
            7 => Value::Flag(self.take(1)? != [0]),
            8 => Value::Text(self.text()?),
            9 => self.list(depth)?,
            _ => Value::Integer(self.integer(kind)?),
        })
    }

    fn integer(&mut self, kind: u32) -> Result<i64, Fault> {
        Ok(match kind {
            0 => i64::from(u8::from_le_bytes(self.array()?)),
            1 => i64::from(i8::from_le_bytes(self.array()?)),
            2 => i64::from(u16::from_le_bytes(self.array()?)),
            3 => i64::from(i16::from_le_bytes(self.array()?)),
            4 => i64::from(self.u32()?),
            5 => i64::from(i32::from_le_bytes(self.array()?)),
            10 => i64::try_from(self.u64()?).unwrap_or(i64::MAX),
            11 => i64::from_le_bytes(self.array()?),
            _ => return Err(Fault::Damaged("a value is of an unknown kind")),
        })
    }

    /// Items are read one by one, so that a length beyond the file's end fails at that end and
    /// nothing is reserved for it.
    fn list(&mut self, depth: usize) -> Result<Value, Fault> {
        if depth >= MOST_DEPTH {
            return Err(Fault::Damaged("lists lie too deep in lists"));
        }
        let kind = self.u32()?;
        let length = self.length()?;
        Ok(match kind {
            6 => Value::Floats(self.items(length, |r| Ok(f32::from_le_bytes(r.array()?)))?),
            12 => Value::Floats(self.items(length, |r| Ok(f64::from_le_bytes(r.array()?) as f32))?),
            7 => Value::Flags(self.items(length, |r| Ok(r.take(1)? != [0]))?),
            8 => Value::Texts(self.items(length, Self::text)?),
            9 => {
                for _ in 0..length {
                    self.list(depth + 1)?;
                }
                Value::Nested
            }
            _ => Value::Integers(self.items(length, |r| r.integer(kind))?),
        })
    }

    fn items<T>(
        &mut self,
        length: usize,
        mut item: impl FnMut(&mut Self) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Fault> {
        (0..length).map(|_| item(self)).collect()
    }
}

/// The files of a model that was split (`…-00001-of-00003.gguf`), in order; the file alone
/// otherwise.
pub(super) fn parts(path: &Path) -> Vec<PathBuf> {
    let alone = vec![path.to_owned()];
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        return alone;
    };
    let Some((stem, total)) = name
        .strip_suffix(".gguf")
        .and_then(|stem| stem.rsplit_once("-of-"))
    else {
        return alone;
    };
    let Some((stem, number)) = stem.rsplit_once('-') else {
        return alone;
    };
    let digits = |text: &str| text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    match total.parse::<usize>() {
        Ok(count) if digits(total) && digits(number) && (1..=1_000).contains(&count) => (1..=count)
            .map(|part| path.with_file_name(format!("{stem}-{part:05}-of-{total}.gguf")))
            .collect(),
        _ => alone,
    }
}

#[cfg(test)]
#[path = "container_tests.rs"]
mod tests;
