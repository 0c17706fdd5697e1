//! Prompts and descriptions written inside picture files: offered as what they are, never
//! taken as measurements.

pub mod a1111;
pub mod comfy;
pub mod exif;
pub mod iptc;
pub mod xmp;

use std::fs::File;
use std::io::{BufReader, Seek};
use std::path::Path;

use image::ImageDecoder;

use super::EmbeddedPrompt;
use crate::reading::{Evidence, Statement};

/// The most bytes of one piece of metadata that are looked at: ComfyUI graphs run to a few
/// megabytes at most.
const MOST_BYTES: usize = 16 << 20;
/// The most scalars of a prompt that are kept.
const MOST_SCALARS: usize = 8_000;

/// The raw texts in a picture file.
#[derive(Debug, Default)]
struct Texts {
    /// PNG text chunks: keyword and text.
    png: Vec<(String, String)>,
    /// A raw EXIF block (TIFF layout).
    exif: Option<Vec<u8>>,
    /// A raw XMP packet.
    xmp: Option<Vec<u8>>,
    /// Raw IPTC data (IIM, or Photoshop resource blocks around it).
    iptc: Option<Vec<u8>>,
}

/// Finds the prompt or description embedded in a picture file, the most telling first:
/// ComfyUI, A1111, XMP, IPTC, EXIF. Unreadable metadata counts as none.
pub fn find(path: &Path) -> Option<EmbeddedPrompt> {
    let texts = gather(path)?;
    let found = choose(&texts)?;
    let text = clip(&found.text);
    (!text.is_empty()).then(|| EmbeddedPrompt {
        source: found.source,
        text,
        negative: found
            .negative
            .map(|text| clip(&text))
            .filter(|text| !text.is_empty()),
    })
}

/// The sentence that offers an embedded text.
pub fn statement(embedded: &EmbeddedPrompt) -> Statement {
    let mut words: String = embedded.text.chars().take(160).collect();
    if words.len() < embedded.text.len() {
        // End on a whole word.
        if let Some(end) = words.rfind(' ') {
            words.truncate(end);
        }
        words.push('…');
    }
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    Statement::new(
        format!("Written in the file ({}): “{words}”", embedded.source),
        Evidence::Metadata {
            field: embedded.source.clone(),
        },
        0.5,
    )
}

fn choose(texts: &Texts) -> Option<EmbeddedPrompt> {
    let png = |key: &str| {
        texts
            .png
            .iter()
            .find(|(keyword, _)| keyword == key)
            .map(|(_, text)| text.as_str())
    };
    let exif = texts.exif.as_deref().map(exif::texts).unwrap_or_default();
    let comfy = png("prompt")
        .and_then(comfy::from_prompt)
        .or_else(|| exif.comfy_prompt.as_deref().and_then(comfy::from_prompt))
        .or_else(|| png("workflow").and_then(comfy::from_workflow))
        .or_else(|| {
            exif.comfy_workflow
                .as_deref()
                .and_then(comfy::from_workflow)
        });
    if let Some((text, negative)) = comfy {
        return Some(EmbeddedPrompt {
            source: "ComfyUI workflow".to_owned(),
            text,
            negative,
        });
    }
    let comment = exif.user_comment.as_deref();
    let parameters = png("parameters").and_then(a1111::parse).or_else(|| {
        comment
            .filter(|text| a1111::looks_like(text))
            .and_then(a1111::parse)
    });
    if let Some((text, negative)) = parameters {
        return Some(EmbeddedPrompt {
            source: "A1111 parameters".to_owned(),
            text,
            negative,
        });
    }
    let packet = texts
        .xmp
        .as_deref()
        .or_else(|| png("XML:com.adobe.xmp").map(str::as_bytes));
    let (source, text) = packet
        .and_then(xmp::description)
        .map(|text| ("XMP description", text))
        .or_else(|| {
            Some((
                "IPTC caption",
                texts.iptc.as_deref().and_then(iptc::caption)?,
            ))
        })
        .or_else(|| Some(("EXIF description", exif.description.clone()?)))
        .or_else(|| Some(("EXIF comment", comment.map(str::to_owned)?)))
        .or_else(|| Some(("PNG description", png("Description")?.to_owned())))
        .filter(|(_, text)| says_something(text))?;
    Some(EmbeddedPrompt {
        source: source.to_owned(),
        text,
        negative: None,
    })
}

/// Cameras and programs fill description fields with their own name.
fn says_something(text: &str) -> bool {
    let text = text.trim();
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let shouted = text.chars().all(|c| !c.is_lowercase());
    letters >= 3 && !(shouted && text.split_whitespace().count() <= 4)
}

fn clip(text: &str) -> String {
    text.trim()
        .chars()
        .filter(|c| !c.is_control() || *c == '\n')
        .take(MOST_SCALARS)
        .collect()
}

fn gather(path: &Path) -> Option<Texts> {
    if !path.is_file() {
        return None;
    }
    let file = BufReader::new(File::open(path).ok()?);
    let mut reader = image::ImageReader::new(file).with_guessed_format().ok()?;
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(256 << 20);
    reader.limits(limits);
    let format = reader.format()?;
    let mut texts = Texts::default();
    if format == image::ImageFormat::Png {
        let mut file = reader.into_inner();
        file.rewind().ok()?;
        png_texts(file, &mut texts);
        return Some(texts);
    }
    let mut decoder = reader.into_decoder().ok()?;
    let bounded = |bytes: Option<Vec<u8>>| bytes.filter(|bytes| bytes.len() <= MOST_BYTES);
    texts.exif = bounded(decoder.exif_metadata().ok().flatten());
    texts.xmp = bounded(decoder.xmp_metadata().ok().flatten());
    texts.iptc = bounded(decoder.iptc_metadata().ok().flatten());
    Some(texts)
}

/// The text chunks of a PNG: those before the pixels, and, where the picture is of a moderate
/// size, those behind them.
fn png_texts(file: impl std::io::BufRead + Seek, texts: &mut Texts) {
    let limits = png::Limits {
        bytes: 4 * MOST_BYTES,
    };
    let mut decoder = png::Decoder::new_with_limits(file, limits);
    decoder.set_ignore_text_chunk(false);
    let Ok(mut reader) = decoder.read_info() else {
        return;
    };
    let pixels = u64::from(reader.info().width) * u64::from(reader.info().height);
    collect(reader.info(), texts);
    if texts.png.is_empty() && pixels <= 64 << 20 && reader.finish().is_ok() {
        collect(reader.info(), texts);
    }
}

fn collect(info: &png::Info<'_>, texts: &mut Texts) {
    texts.png.clear();
    for chunk in &info.uncompressed_latin1_text {
        // tEXt is Latin-1 by the book, but tools write UTF-8 into it.
        texts
            .png
            .push((chunk.keyword.clone(), mend_utf8(&chunk.text)));
    }
    for chunk in &info.compressed_latin1_text {
        let mut chunk = chunk.clone();
        if chunk.decompress_text_with_limit(MOST_BYTES).is_ok()
            && let Ok(text) = chunk.get_text()
        {
            texts.png.push((chunk.keyword, mend_utf8(&text)));
        }
    }
    for chunk in &info.utf8_text {
        let mut chunk = chunk.clone();
        if chunk.decompress_text_with_limit(MOST_BYTES).is_ok()
            && let Ok(text) = chunk.get_text()
        {
            texts.png.push((chunk.keyword, text));
        }
    }
    if let Some(exif) = &info.exif_metadata
        && exif.len() <= MOST_BYTES
    {
        texts.exif = Some(exif.to_vec());
    }
}

/// Undoes UTF-8 that was decoded as Latin-1.
fn mend_utf8(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let bytes: Option<Vec<u8>> = text
        .chars()
        .map(|c| u8::try_from(u32::from(c)).ok())
        .collect();
    bytes
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests;
