//! The header of a GGUF file: magic, version, counts, key-value metadata, then every tensor's
//! shape, type and place. Only what the catalogue needs is kept; long arrays (the vocabulary) are
//! read past.
//!
//! Every length is bounded before it is believed, so that a damaged or hostile file costs neither
//! memory nor time beyond the bytes it really has.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use decoupage_shot::{Code, Fault, Outcome};

const MOST_TENSORS: u64 = 100_000;
const MOST_KEYS: u64 = 10_000;
/// Chat templates are the longest strings; they stay below 100 kB.
const LONGEST_TEXT: u64 = 4 << 20;
/// Vocabularies have a few hundred thousand entries.
const LONGEST_ARRAY: u64 = 8 << 20;
/// Vocabulary, merges and tensor list together stay below 20 MB.
const LARGEST_HEADER: u64 = 256 << 20;
const DEEPEST_ARRAY: u32 = 4;

/// One value of the metadata; arrays keep their length and, while short, their numbers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Number(f64),
    Flag(bool),
    Text(String),
    Numbers(Vec<f64>),
    Array(u64),
}

/// What the header says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Header {
    /// Metadata by key.
    pub values: BTreeMap<String, Value>,
    /// Shapes of the tensors by name, fastest dimension first.
    pub shapes: BTreeMap<String, Vec<u64>>,
    /// Bytes of tensors by type ("Q4_K").
    pub bytes_by_type: BTreeMap<&'static str, u64>,
    /// How long the file has to be, bytes.
    pub needed_bytes: u64,
}

impl Header {
    /// Text under a key.
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.values.get(key)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A whole number under a key, or the largest of an array of them (head counts by layer).
    pub fn number(&self, key: &str) -> Option<u32> {
        let number = match self.values.get(key)? {
            Value::Number(number) => *number,
            Value::Numbers(numbers) => numbers.iter().copied().fold(f64::NAN, f64::max),
            _ => return None,
        };
        (number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number))
            .then_some(number as u32)
    }

    /// `general.architecture`.
    pub fn architecture(&self) -> Option<&str> {
        self.text("general.architecture")
    }

    /// The quantisation as llama.cpp names it ("Q4_K_M"), or else the type that most of the
    /// bytes have.
    pub fn quantisation(&self) -> String {
        let named = self.number("general.file_type").and_then(|kind| {
            Some(match kind {
                0 => "F32",
                1 => "F16",
                2 => "Q4_0",
                3 => "Q4_1",
                7 => "Q8_0",
                8 => "Q5_0",
                9 => "Q5_1",
                10 => "Q2_K",
                11 => "Q3_K_S",
                12 => "Q3_K_M",
                13 => "Q3_K_L",
                14 => "Q4_K_S",
                15 => "Q4_K_M",
                16 => "Q5_K_S",
                17 => "Q5_K_M",
                18 => "Q6_K",
                32 => "BF16",
                _ => return None,
            })
        });
        let heaviest = || {
            self.bytes_by_type
                .iter()
                .max_by_key(|(_, bytes)| **bytes)
                .map(|(name, _)| *name)
        };
        named.or_else(heaviest).unwrap_or("empty").to_owned()
    }
}

/// Reads and checks the header of a file. A file that is shorter than its tensors is
/// [`Code::Damaged`] and said to be cut short.
pub(crate) fn read(path: &Path) -> Outcome<Header> {
    let file = File::open(path).map_err(|error| Fault::io(&error, "open the weights", path))?;
    let length = file
        .metadata()
        .map_err(|error| Fault::io(&error, "open the weights", path))?
        .len();
    let header = parse(BufReader::new(file)).map_err(|fault| fault.at(path))?;
    if length < header.needed_bytes {
        return Err(crate::safetensors::cut_short(length, header.needed_bytes).at(path));
    }
    Ok(header)
}

fn damaged(why: &str) -> Fault {
    Fault::new(Code::Damaged, format!("A GGUF file is damaged: {why}.")).advise("Fetch it again.")
}

/// Name, values of a block and bytes of a block of a tensor type, as `ggml.h` numbers them.
fn tensor_type(kind: u32) -> Option<(&'static str, u64, u64)> {
    Some(match kind {
        0 => ("F32", 1, 4),
        1 => ("F16", 1, 2),
        2 => ("Q4_0", 32, 18),
        3 => ("Q4_1", 32, 20),
        6 => ("Q5_0", 32, 22),
        7 => ("Q5_1", 32, 24),
        8 => ("Q8_0", 32, 34),
        9 => ("Q8_1", 32, 36),
        10 => ("Q2_K", 256, 84),
        11 => ("Q3_K", 256, 110),
        12 => ("Q4_K", 256, 144),
        13 => ("Q5_K", 256, 176),
        14 => ("Q6_K", 256, 210),
        15 => ("Q8_K", 256, 292),
        16 => ("IQ2_XXS", 256, 66),
        17 => ("IQ2_XS", 256, 74),
        18 => ("IQ3_XXS", 256, 98),
        19 => ("IQ1_S", 256, 50),
        20 => ("IQ4_NL", 32, 18),
        21 => ("IQ3_S", 256, 110),
        22 => ("IQ2_S", 256, 82),
        23 => ("IQ4_XS", 256, 136),
        24 => ("I8", 1, 1),
        25 => ("I16", 1, 2),
        26 => ("I32", 1, 4),
        27 => ("I64", 1, 8),
        28 => ("F64", 1, 8),
        29 => ("IQ1_M", 256, 56),
        30 => ("BF16", 1, 2),
        39 => ("MXFP4", 32, 17),
        _ => return None,
    })
}

struct Source<R> {
    from: std::io::Take<R>,
    read: u64,
}

impl<R: Read> Source<R> {
    fn bytes<const N: usize>(&mut self) -> Outcome<[u8; N]> {
        let mut bytes = [0; N];
        self.from
            .read_exact(&mut bytes)
            .map_err(|_| damaged("it ends inside its header"))?;
        self.read += N as u64;
        Ok(bytes)
    }

    fn u32(&mut self) -> Outcome<u32> {
        Ok(u32::from_le_bytes(self.bytes()?))
    }

    fn u64(&mut self) -> Outcome<u64> {
        Ok(u64::from_le_bytes(self.bytes()?))
    }

    fn text_length(&mut self) -> Outcome<u64> {
        let length = self.u64()?;
        if length > LONGEST_TEXT {
            return Err(damaged("a text in its header has an impossible length"));
        }
        Ok(length)
    }

    fn text(&mut self) -> Outcome<String> {
        let length = self.text_length()?;
        let mut bytes = Vec::new();
        (&mut self.from)
            .take(length)
            .read_to_end(&mut bytes)
            .map_err(|_| damaged("its header cannot be read"))?;
        if bytes.len() as u64 != length {
            return Err(damaged("it ends inside its header"));
        }
        self.read += length;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn skip(&mut self, length: u64) -> Outcome<()> {
        let skipped = std::io::copy(&mut (&mut self.from).take(length), &mut std::io::sink())
            .map_err(|_| damaged("its header cannot be read"))?;
        self.read += skipped;
        if skipped == length {
            Ok(())
        } else {
            Err(damaged("it ends inside its header"))
        }
    }

    fn value(&mut self, kind: u32, depth: u32) -> Outcome<Value> {
        Ok(match kind {
            0 => Value::Number(f64::from(self.bytes::<1>()?[0])),
            1 => Value::Number(f64::from(i8::from_le_bytes(self.bytes()?))),
            2 => Value::Number(f64::from(u16::from_le_bytes(self.bytes()?))),
            3 => Value::Number(f64::from(i16::from_le_bytes(self.bytes()?))),
            4 => Value::Number(f64::from(self.u32()?)),
            5 => Value::Number(f64::from(i32::from_le_bytes(self.bytes()?))),
            6 => Value::Number(f64::from(f32::from_le_bytes(self.bytes()?))),
            7 => Value::Flag(self.bytes::<1>()?[0] != 0),
            8 => Value::Text(self.text()?),
            9 => self.array(depth)?,
            10 => Value::Number(self.u64()? as f64),
            11 => Value::Number(i64::from_le_bytes(self.bytes()?) as f64),
            12 => Value::Number(f64::from_le_bytes(self.bytes()?)),
            _ => return Err(damaged("its metadata has a type that does not exist")),
        })
    }

    fn array(&mut self, depth: u32) -> Outcome<Value> {
        let kind = self.u32()?;
        let length = self.u64()?;
        if length > LONGEST_ARRAY || depth >= DEEPEST_ARRAY {
            return Err(damaged("a list in its header has an impossible length"));
        }
        let fixed = match kind {
            0 | 1 | 7 => Some(1),
            2 | 3 => Some(2),
            4..=6 => Some(4),
            10..=12 => Some(8),
            8 | 9 => None,
            _ => return Err(damaged("its metadata has a type that does not exist")),
        };
        // Head counts by layer and the like are short; nothing else is looked at.
        if fixed.is_some() && length <= 512 {
            let mut numbers = Vec::new();
            for _ in 0..length {
                match self.value(kind, depth + 1)? {
                    Value::Number(number) => numbers.push(number),
                    _ => numbers.push(0.0),
                }
            }
            return Ok(Value::Numbers(numbers));
        }
        match fixed {
            Some(size) => self.skip(size * length)?,
            None if kind == 8 => {
                for _ in 0..length {
                    let length = self.text_length()?;
                    self.skip(length)?;
                }
            }
            None => {
                for _ in 0..length {
                    self.array(depth + 1)?;
                }
            }
        }
        Ok(Value::Array(length))
    }
}

/// Parses a header from the start of `source`.
pub(crate) fn parse(source: impl Read) -> Outcome<Header> {
    let mut source = Source {
        from: source.take(LARGEST_HEADER),
        read: 0,
    };
    if source.bytes::<4>()? != *b"GGUF" {
        return Err(Fault::new(
            Code::Damaged,
            "This is not a GGUF file, whatever its name says.",
        ));
    }
    let version = source.u32()?;
    if !(2..=3).contains(&version) {
        let why = if (2..=3).contains(&version.swap_bytes()) {
            "This GGUF file is for big-endian machines.".to_owned()
        } else {
            format!("This GGUF file has version {version}; versions 2 and 3 can be read.")
        };
        return Err(Fault::new(Code::Unsupported, why));
    }
    let tensors = source.u64()?;
    let keys = source.u64()?;
    if tensors > MOST_TENSORS || keys > MOST_KEYS {
        return Err(damaged("its header counts more entries than any model has"));
    }
    let mut values = BTreeMap::new();
    for _ in 0..keys {
        let key = source.text()?;
        let kind = source.u32()?;
        values.insert(key, source.value(kind, 0)?);
    }
    let mut header = Header {
        values,
        shapes: BTreeMap::new(),
        bytes_by_type: BTreeMap::new(),
        needed_bytes: 0,
    };
    let mut end = 0_u64;
    for _ in 0..tensors {
        end = end.max(tensor(&mut source, &mut header)?);
    }
    let alignment = u64::from(header.number("general.alignment").unwrap_or(32));
    if !alignment.is_power_of_two() || alignment > 1 << 20 {
        return Err(damaged("its alignment is impossible"));
    }
    header.needed_bytes = source
        .read
        .next_multiple_of(alignment)
        .checked_add(end)
        .ok_or_else(|| damaged("a tensor has no possible place"))?;
    if tensors == 0 {
        header.needed_bytes = source.read;
    }
    Ok(header)
}

/// Reads one tensor's description; answers where its bytes end, from the start of the data.
fn tensor<R: Read>(source: &mut Source<R>, header: &mut Header) -> Outcome<u64> {
    let name = source.text()?;
    let impossible = || {
        damaged(&format!(
            "the tensor {} has no possible shape",
            crate::words::short(&name)
        ))
    };
    let dimensions = source.u32()?;
    if !(1..=4).contains(&dimensions) {
        return Err(impossible());
    }
    let mut shape = Vec::new();
    let mut count = 1_u64;
    for _ in 0..dimensions {
        let size = source.u64()?;
        count = count.checked_mul(size).ok_or_else(impossible)?;
        shape.push(size);
    }
    let kind = source.u32()?;
    let Some((kind, values, size)) = tensor_type(kind) else {
        return Err(Fault::new(
            Code::Unsupported,
            format!("This GGUF file has weights of a type (number {kind}) that cannot be read."),
        )
        .advise("Choose a file with another quantisation, such as Q4_K_M or Q8_0."));
    };
    let offset = source.u64()?;
    let bytes = count
        .div_ceil(values)
        .checked_mul(size)
        .ok_or_else(impossible)?;
    let end = offset.checked_add(bytes).ok_or_else(impossible)?;
    let total = header.bytes_by_type.entry(kind).or_default();
    *total = total.saturating_add(bytes);
    header.shapes.insert(name, shape);
    Ok(end)
}

#[cfg(test)]
#[path = "gguf_tests.rs"]
pub(crate) mod tests;
