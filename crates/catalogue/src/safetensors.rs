//! The header of a safetensors file: an 8-byte little-endian length, then that many bytes of
//! JSON with every tensor's type, shape and place. Only the header is read; the weights stay on
//! disk.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use decoupage_shot::{Code, Fault, Outcome};
use serde::Deserialize;

/// The format's own bound on the header.
const LARGEST_HEADER: u64 = 100_000_000;

/// What the header of one file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    /// Bytes of tensors by type ("BF16", "F32").
    pub bytes_by_type: BTreeMap<String, u64>,
    /// How many tensors there are.
    pub tensors: usize,
    /// How long the file has to be, bytes.
    pub needed_bytes: u64,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Item {
    Tensor {
        dtype: String,
        data_offsets: (u64, u64),
    },
    Other(serde::de::IgnoredAny),
}

/// Reads and checks the header of a file. A file that is shorter than its tensors is
/// [`Code::Damaged`] and said to be cut short.
pub(crate) fn read(path: &Path) -> Outcome<Header> {
    let file = File::open(path).map_err(|error| Fault::io(&error, "open the weights", path))?;
    let length = file
        .metadata()
        .map_err(|error| Fault::io(&error, "open the weights", path))?
        .len();
    let header = parse(file, length).map_err(|fault| fault.at(path))?;
    if length < header.needed_bytes {
        return Err(cut_short(length, header.needed_bytes).at(path));
    }
    Ok(header)
}

/// A weights file that is not all there.
pub(crate) fn cut_short(has: u64, needs: u64) -> Fault {
    Fault::new(
        Code::Damaged,
        format!(
            "A file of weights is cut short: {} of {} are there.",
            crate::words::bytes(has),
            crate::words::bytes(needs)
        ),
    )
    .advise("Fetch it again; what is there is kept and completed.")
}

fn damaged(why: &str) -> Fault {
    Fault::new(
        Code::Damaged,
        format!("A file of weights is damaged: {why}."),
    )
    .advise("Fetch it again.")
}

/// Parses a header from the start of `source`, of a file of `length` bytes. Takes no more memory
/// than the header's own size, which the file's length bounds too.
pub(crate) fn parse(mut source: impl Read, length: u64) -> Outcome<Header> {
    let mut size = [0; 8];
    source
        .read_exact(&mut size)
        .map_err(|_| damaged("it has no header"))?;
    let size = u64::from_le_bytes(size);
    if size > LARGEST_HEADER {
        return Err(damaged("its header is larger than the format allows"));
    }
    if size > length.saturating_sub(8) {
        return Err(damaged("it ends inside its header"));
    }
    let mut json = Vec::new();
    source
        .take(size)
        .read_to_end(&mut json)
        .map_err(|_| damaged("its header cannot be read"))?;
    if json.len() as u64 != size {
        return Err(damaged("it ends inside its header"));
    }
    let items: BTreeMap<String, Item> = serde_json::from_slice(&json)
        .map_err(|_| damaged("its header is not the JSON it should be"))?;
    let mut header = Header {
        bytes_by_type: BTreeMap::new(),
        tensors: 0,
        needed_bytes: 8 + size,
    };
    for (name, item) in items {
        match item {
            Item::Tensor {
                dtype,
                data_offsets: (start, end),
            } => {
                let bytes = end.checked_sub(start).ok_or_else(|| {
                    damaged(&format!(
                        "the tensor {} ends before it starts",
                        crate::words::short(&name)
                    ))
                })?;
                let needed = end.checked_add(8 + size).ok_or_else(|| {
                    damaged(&format!(
                        "the tensor {} has no possible place",
                        crate::words::short(&name)
                    ))
                })?;
                header.needed_bytes = header.needed_bytes.max(needed);
                let total = header.bytes_by_type.entry(dtype).or_default();
                *total = total.saturating_add(bytes);
                header.tensors += 1;
            }
            Item::Other(_) if name == "__metadata__" => {}
            Item::Other(_) => {
                return Err(damaged(&format!(
                    "the tensor {} is not described",
                    crate::words::short(&name)
                )));
            }
        }
    }
    Ok(header)
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A file with one tensor of `bytes` zeros.
    pub(crate) fn file(name: &str, dtype: &str, bytes: usize) -> Vec<u8> {
        let json = format!(
            r#"{{"__metadata__":{{"format":"pt"}},"{name}":{{"dtype":"{dtype}","shape":[{bytes}],"data_offsets":[0,{bytes}]}}}}"#
        );
        let mut file = (json.len() as u64).to_le_bytes().to_vec();
        file.extend(json.bytes());
        file.extend(std::iter::repeat_n(0, bytes));
        file
    }

    #[test]
    fn types_are_totalled() {
        let file = file("a", "BF16", 64);
        let header = parse(&file[..], file.len() as u64).expect("a header");
        assert_eq!(header.tensors, 1);
        assert_eq!(header.bytes_by_type["BF16"], 64);
        assert_eq!(header.needed_bytes, file.len() as u64);
    }

    #[test]
    fn a_truncated_file_says_how_much_is_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("model.safetensors");
        let mut file = file("a", "BF16", 3000);
        file.truncate(file.len() - 2000);
        std::fs::write(&path, file).expect("a file");
        let fault = read(&path).expect_err("cut short");
        assert_eq!(fault.code, Code::Damaged);
        assert!(fault.message.contains("cut short"), "{fault}");
        assert_eq!(fault.path.as_deref(), Some(path.as_path()));
    }

    #[test]
    fn a_huge_header_is_refused_before_it_is_read() {
        let mut file = u64::MAX.to_le_bytes().to_vec();
        file.extend([b'{'; 16]);
        assert!(parse(&file[..], u64::MAX).is_err());
        let mut file = 90_000_000_u64.to_le_bytes().to_vec();
        file.extend([b'{'; 16]);
        let fault = parse(&file[..], file.len() as u64).expect_err("too short");
        assert!(fault.message.contains("ends inside"), "{fault}");
    }

    #[test]
    fn tensors_without_a_possible_place_are_refused() {
        for offsets in ["[8,0]", "[0,18446744073709551615]"] {
            let json = format!(r#"{{"a":{{"dtype":"F32","shape":[2],"data_offsets":{offsets}}}}}"#);
            let mut file = (json.len() as u64).to_le_bytes().to_vec();
            file.extend(json.bytes());
            assert!(parse(&file[..], file.len() as u64).is_err(), "{offsets}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = parse(&bytes[..], bytes.len() as u64);
        }

        #[test]
        fn a_damaged_header_never_panics(at in 0_usize..200, value in any::<u8>()) {
            let mut file = file("a", "BF16", 64);
            let at = at % file.len();
            file[at] = value;
            let _ = parse(&file[..], file.len() as u64);
        }
    }
}
