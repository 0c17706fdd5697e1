//! Words in an EXIF block.

use exif::{Exif, Field, In, Reader, Tag, Value};

/// The texts of an EXIF block that may describe the picture.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ExifTexts {
    /// `ImageDescription`.
    pub description: Option<String>,
    /// `UserComment`.
    pub user_comment: Option<String>,
    /// A ComfyUI API graph: `prompt:{…}`, in whichever text field ComfyUI's savers put it.
    pub comfy_prompt: Option<String>,
    /// A ComfyUI editor graph: `workflow:{…}`.
    pub comfy_workflow: Option<String>,
}

/// Reads the texts of a raw EXIF block; a damaged one has none.
pub fn texts(block: &[u8]) -> ExifTexts {
    let block = block.strip_prefix(b"Exif\0\0").unwrap_or(block);
    let Ok(exif) = Reader::new().read_raw(block.to_vec()) else {
        return ExifTexts::default();
    };
    let mut texts = ExifTexts {
        description: ascii(&exif, Tag::ImageDescription),
        user_comment: exif
            .get_field(Tag::UserComment, In::PRIMARY)
            .and_then(|field| comment(field, exif.little_endian())),
        ..ExifTexts::default()
    };
    for tag in [Tag::Model, Tag::Make, Tag::ImageDescription] {
        let Some(text) = ascii(&exif, tag) else {
            continue;
        };
        let lower: String = text
            .chars()
            .take(12)
            .collect::<String>()
            .to_ascii_lowercase();
        if lower.starts_with("prompt:") {
            texts.comfy_prompt = text.get(7..).map(str::to_owned);
        } else if lower.starts_with("workflow:") {
            texts.comfy_workflow = text.get(9..).map(str::to_owned);
        } else {
            continue;
        }
        if tag == Tag::ImageDescription {
            texts.description = None;
        }
    }
    texts
}

fn ascii(exif: &Exif, tag: Tag) -> Option<String> {
    match &exif.get_field(tag, In::PRIMARY)?.value {
        Value::Ascii(lines) => {
            let bytes: Vec<u8> = lines.join(&b'\n');
            let text = String::from_utf8_lossy(&bytes).trim().to_owned();
            (!text.is_empty()).then_some(text)
        }
        _ => None,
    }
}

/// A user comment begins with eight bytes that name its encoding.
fn comment(field: &Field, little_endian: bool) -> Option<String> {
    let Value::Undefined(bytes, _) = &field.value else {
        return None;
    };
    let (code, rest) = bytes.split_at_checked(8)?;
    let text = if code.starts_with(b"UNICODE") {
        let units = |little: bool| -> Vec<u16> {
            rest.chunks_exact(2)
                .filter_map(|pair| pair.try_into().ok())
                .map(|pair| {
                    if little {
                        u16::from_le_bytes(pair)
                    } else {
                        u16::from_be_bytes(pair)
                    }
                })
                .collect()
        };
        // Writers disagree about the byte order: Latin text has its zero bytes on one side.
        let zeros_first = rest
            .chunks_exact(2)
            .filter(|pair| pair.first() == Some(&0))
            .count();
        let zeros_last = rest
            .chunks_exact(2)
            .filter(|pair| pair.last() == Some(&0))
            .count();
        let little = match zeros_first.cmp(&zeros_last) {
            std::cmp::Ordering::Less => true,
            std::cmp::Ordering::Greater => false,
            std::cmp::Ordering::Equal => little_endian,
        };
        String::from_utf16_lossy(&units(little))
    } else if code.starts_with(b"ASCII") || code.iter().all(|byte| *byte == 0 || *byte == b' ') {
        String::from_utf8_lossy(rest).into_owned()
    } else {
        String::from_utf8_lossy(bytes).into_owned()
    };
    let text = text
        .trim_matches(|c: char| c == '\0' || c.is_whitespace())
        .to_owned();
    (!text.is_empty()).then_some(text)
}
