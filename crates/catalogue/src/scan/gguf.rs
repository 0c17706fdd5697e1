//! GGUF models: one file of weights and the vision part (mmproj) beside it.

use std::fs;
use std::path::{Path, PathBuf};

use decoupage_shot::{Code, Fault};

use super::{Draft, Origin, entry_for_file, unknown_family};
use crate::family::Family;
use crate::found::{FoundModel, WeightFormat};
use crate::gguf::{self, Header};
use crate::shape::ModelShape;

/// Reads the GGUF files of one folder. Vision parts belong to the models beside them and are
/// not models themselves.
pub(crate) fn read(files: &[PathBuf], origin: &Origin) -> Vec<FoundModel> {
    let mut models = Vec::new();
    let mut parts = Vec::new();
    for file in files {
        let header = gguf::read(file);
        match header {
            Ok(header) if is_vision(&header) => parts.push((file.clone(), header)),
            Err(_) if name_of(file).contains("mmproj") => {}
            header => models.push((file, header)),
        }
    }
    // A single file that the person added has its vision part beside it all the same.
    if let [file] = files {
        parts.extend(beside(file));
    }
    models
        .into_iter()
        .filter(|(file, _)| split(file).is_none_or(|number| number == 1))
        .map(|(file, header)| model(file, header, &parts, origin))
        .collect()
}

fn is_vision(header: &Header) -> bool {
    header.architecture() == Some("clip")
}

fn name_of(file: &Path) -> String {
    file.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .to_lowercase()
}

/// The vision parts in the folder of a file, by their name.
fn beside(file: &Path) -> Vec<(PathBuf, Header)> {
    let Some(Ok(entries)) = file.parent().map(fs::read_dir) else {
        return Vec::new();
    };
    let mut found: Vec<(PathBuf, Header)> = entries
        .flatten()
        .take(10_000)
        .map(|entry| entry.path())
        .filter(|path| path != file && super::is(path, "gguf") && name_of(path).contains("mmproj"))
        .filter_map(|path| {
            let header = gguf::read(&path).ok()?;
            is_vision(&header).then_some((path, header))
        })
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

/// The number of a file that is one of several ("-00002-of-00003").
fn split(file: &Path) -> Option<u32> {
    let stem = file.file_stem()?.to_str()?;
    let (rest, total) = stem.rsplit_once("-of-")?;
    let total: u32 = total.parse().ok()?;
    let number: u32 = rest.rsplit_once('-')?.1.parse().ok()?;
    (total > 1).then_some(number)
}

fn projector(part: &Header) -> Option<&str> {
    part.text("clip.projector_type")
        .or_else(|| part.text("clip.vision.projector_type"))
}

/// The family that a model and a vision part make together.
fn family(architecture: &str, projector: &str) -> Option<Family> {
    let part = Family::from_projector(projector)?;
    match architecture {
        // The language models of Qwen2-VL, Qwen2.5-VL and Omni are alike; the towers differ.
        "qwen2vl" => matches!(
            part,
            Family::Qwen2Vl | Family::Qwen25Vl | Family::Qwen25Omni
        )
        .then_some(part),
        "qwen3vl" => (part == Family::Qwen3Vl).then_some(part),
        // Qwen3.5's tower is that of Qwen3-VL.
        "qwen35" => (part == Family::Qwen3Vl).then_some(Family::Qwen35),
        _ => None,
    }
}

fn is_known(architecture: &str) -> bool {
    ["qwen2vl", "qwen3vl", "qwen35"].contains(&architecture)
}

/// The best vision part for a model: of the right family and width, then by the likeness of
/// names, then 16 bits before 8 before 32.
fn pick<'a>(
    file: &Path,
    model: &Header,
    parts: &'a [(PathBuf, Header)],
) -> Option<(&'a PathBuf, &'a Header, Family)> {
    let architecture = model.architecture()?;
    let width = model.number(&format!("{architecture}.embedding_length"));
    let name = name_of(file);
    parts
        .iter()
        .filter_map(|(path, part)| {
            let family = family(architecture, projector(part)?)?;
            let output = part.number("clip.vision.projection_dim");
            if let (Some(output), Some(width)) = (output, width)
                && output != width
            {
                return None;
            }
            let part_name = name_of(path).replace("mmproj", "");
            let part_name = part_name.trim_start_matches(['-', '_', '.']);
            let alike = part_name
                .bytes()
                .zip(name.bytes())
                .take_while(|(a, b)| a == b)
                .count();
            let kind = match part.quantisation().as_str() {
                "F16" | "BF16" => 2,
                "Q8_0" => 1,
                _ => 0,
            };
            // Names that end differently only in the kind of weights are equally alike.
            Some(((alike / 4, kind), path, part, family))
        })
        .max_by_key(|(rank, ..)| *rank)
        .map(|(_, path, part, family)| (path, part, family))
}

fn model(
    file: &Path,
    header: decoupage_shot::Outcome<Header>,
    parts: &[(PathBuf, Header)],
    origin: &Origin,
) -> FoundModel {
    let name = file
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let size = |path: &Path| fs::metadata(path).map_or(0, |about| about.len());
    let draft = Draft {
        name,
        family: None,
        fault: None,
        place: origin.place(file, None),
        format: WeightFormat::Gguf {
            quantisation: String::new(),
        },
        bytes: size(file),
        entry: entry_for_file(file),
        context: None,
        shape: None,
    };
    let header = match header {
        Ok(header) => header,
        Err(fault) => {
            return Draft {
                fault: Some(fault),
                ..draft
            }
            .finish();
        }
    };
    let architecture = header.architecture().unwrap_or_default().to_owned();
    let format = WeightFormat::Gguf {
        quantisation: header.quantisation(),
    };
    let context = header.number(&format!("{architecture}.context_length"));
    if split(file).is_some() {
        let fault = Fault::new(
            Code::Unsupported,
            "This GGUF model is split over several files.",
        )
        .advise("Take one that is a single file, or join them with llama-gguf-split --merge.");
        return Draft {
            fault: Some(fault),
            format,
            context,
            ..draft
        }
        .finish();
    }
    if !is_known(&architecture) {
        let name = (!architecture.is_empty()).then_some(architecture.as_str());
        return Draft {
            fault: Some(unknown_family(name)),
            format,
            context,
            ..draft
        }
        .finish();
    }
    let Some((path, part, family)) = pick(file, &header, parts) else {
        let fault = Fault::new(
            Code::Missing,
            "The vision part of this model (a file with “mmproj” in its name) is not beside it.",
        )
        .advise("Put the one that was published with it into the same folder.");
        return Draft {
            fault: Some(fault),
            format,
            context,
            ..draft
        }
        .finish();
    };
    let shape = ModelShape::from_gguf(family, &header, Some(part));
    let fault = shape.is_none().then(|| {
        Fault::new(
            Code::Damaged,
            "This GGUF file does not say enough about its own architecture.",
        )
        .advise("Take one made with a current llama.cpp.")
    });
    Draft {
        family: Some(family),
        fault,
        place: origin.place(file, Some(path.clone())),
        format,
        bytes: size(file) + size(path),
        context,
        shape,
        ..draft
    }
    .finish()
}
