//! Checkpoints of llama.cpp: a GGUF with the text part and, beside it, the `mmproj` with the
//! towers, read where they lie.
//!
//! [`Checkpoint::open`] gives what a folder of safetensors gives in several files: the
//! configuration, the tensors under canonical names ([`crate::weights`]), the tokenizer and the
//! chat template. Quantised tensors are handed out as they are stored; which of them are run as
//! they are and which are converted while they are loaded is [`crate::weights`]' to decide.

mod config;
mod container;
mod delta;
mod kinds;
mod names;
mod source;
mod vocabulary;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use decoupage_dialogue::{Failure, FailureCode, Outcome};
use tokenizers::Tokenizer;

use crate::config::{Family, ModelConfig};
use crate::failure;
use crate::prepared::MediumKind;
use crate::weights::TensorSource;
use config::Architecture;
use container::Container;
use names::VisionNames;
pub use source::GgufTensors;
use vocabulary::Vocabulary;

/// Most files of a folder that are looked through for a projector.
const MOST_FILES: usize = 4_096;

/// A model in GGUF files.
pub struct Checkpoint {
    /// Its configuration. Without a projector the towers' parts are the family's defaults.
    pub config: ModelConfig,
    /// Its tensors.
    pub tensors: Arc<GgufTensors>,
    /// Its tokenizer.
    pub tokenizer: Tokenizer,
    /// Its chat template (Jinja), where it brings one.
    pub chat_template: Option<String>,
    /// Tokens that end a turn.
    pub ends: Vec<u32>,
    /// Mean and standard deviation of red, green and blue, as the projector says them.
    pub pixels: Option<([f64; 3], [f64; 3])>,
    /// The text file.
    pub path: PathBuf,
    /// The projector that was chosen or found.
    pub projector: Option<PathBuf>,
}

impl Checkpoint {
    /// Opens `path` (any part of a model that was split), with the projector chosen, or with one
    /// beside it that fits, or with none.
    ///
    /// # Errors
    /// A file is missing, truncated, damaged, or of a model that cannot be run; it is named with
    /// what to do.
    pub fn open(path: &Path, projector: Option<&Path>) -> Outcome<Self> {
        let mut files = Vec::new();
        for part in container::parts(path) {
            files.push(Container::open(&part)?);
        }
        let Some(first) = files.first() else {
            return Err(Failure::new(FailureCode::Internal, "No file was named."));
        };
        let architecture = Architecture::of(first)?;
        let vocabulary = Vocabulary::of(first)?;
        let tower = match projector {
            Some(chosen) => {
                let tower = Container::open(chosen)?;
                let family = config::fits(first, architecture, &vocabulary, &tower)?;
                Some((tower, family))
            }
            None => find_projector(first, architecture, &vocabulary)?,
        };
        let family = architecture.family(tower.as_ref().map(|(_, family)| *family), &vocabulary);
        let tower = tower.map(|(tower, _)| {
            let names = vision_names(&tower, family);
            (tower, names)
        });
        let config = config::config(
            first,
            architecture,
            family,
            &vocabulary,
            tower.as_ref().map(|(tower, names)| (tower, names)),
        )?;
        let tokenizer = vocabulary.tokenizer()?;
        let ends = vocabulary.ends();
        let chat_template = first.text("tokenizer.chat_template").map(str::to_owned);
        let pixels = tower.as_ref().and_then(|(tower, _)| pixels(tower));
        let projector = tower.as_ref().map(|(tower, _)| tower.path().to_owned());
        let heads = config.text.delta.as_ref().map(delta::Heads::from);
        let depth = config.text.layers.len();
        Ok(Self {
            tensors: Arc::new(GgufTensors::new(files, tower, family, depth, heads)?),
            config,
            tokenizer,
            chat_template,
            ends,
            pixels,
            path: path.to_owned(),
            projector,
        })
    }

    /// Why a medium cannot be shown to this model; none when it can.
    pub fn refuses(&self, kind: MediumKind) -> Option<Failure> {
        let (tensor, what) = match kind {
            MediumKind::Image => ("vision.patch_embed.proj.weight", "pictures"),
            MediumKind::Video => ("vision.patch_embed.proj.weight", "clips"),
            MediumKind::Audio => ("audio.conv1.weight", "sound"),
        };
        if self.tensors.entry(tensor).is_some() {
            return None;
        }
        if kind == MediumKind::Audio && self.config.family != Family::Qwen25Omni {
            return Some(
                failure::unsupported("This model does not hear sound.")
                    .advise("Leave the sound out, or choose a Qwen2.5-Omni model."),
            );
        }
        let refusal = match &self.projector {
            None => format!(
                "{} is the text part of a model alone: it takes no {what}.",
                self.path.display()
            ),
            Some(projector) => format!("{} has no part for {what}.", projector.display()),
        };
        Some(Failure::new(FailureCode::Missing, refusal).advise(
            "Download the model's mmproj file (mmproj-….gguf, published beside the model) into \
             the same folder, or choose it with the model.",
        ))
    }
}

/// The projector in the text file's folder that fits it best; none when none does.
///
/// # Errors
/// There is but one and it cannot be read: better said than a model that is blind without a word.
fn find_projector(
    text: &Container,
    architecture: Architecture,
    words: &Vocabulary<'_>,
) -> Outcome<Option<(Container, Family)>> {
    let folder = match text.path().parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Ok(None);
    };
    let named = |path: &Path| {
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().to_lowercase());
        name.filter(|name| name.contains("mmproj") && name.ends_with(".gguf"))
    };
    let ours = text.path().file_name().unwrap_or_default();
    let ours = ours.to_string_lossy().to_lowercase();
    let mut found: Vec<(usize, usize, String, PathBuf)> = entries
        .take(MOST_FILES)
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter_map(|path| named(&path).map(|name| (name, path)))
        .map(|(name, path)| {
            let like = likeness(&name, &ours);
            (usize::MAX - like, coarseness(&name), name, path)
        })
        .collect();
    found.sort();
    let alone = found.len() == 1;
    for (_, _, _, path) in found {
        match Container::open(&path) {
            Ok(tower) => {
                if let Ok(family) = config::fits(text, architecture, words, &tower) {
                    return Ok(Some((tower, family)));
                }
            }
            Err(failure) if alone => return Err(failure),
            // Of several, this may be another model's.
            Err(_) => {}
        }
    }
    Ok(None)
}

/// How many letters two file names begin with alike, but for what says that one is a projector.
fn likeness(projector: &str, text: &str) -> usize {
    let plain = projector.replace("mmproj", "");
    let plain = plain.trim_start_matches(|c: char| !c.is_alphanumeric());
    let same = plain.chars().zip(text.chars());
    same.take_while(|(a, b)| a == b).count()
}

/// Among projectors of one model the 16-bit ones: as good as 32, and small.
fn coarseness(name: &str) -> usize {
    ["bf16", "f16", "f32", "q8"]
        .iter()
        .position(|kind| name.contains(kind))
        .unwrap_or(4)
}

fn vision_names(tower: &Container, family: Family) -> VisionNames {
    let mut deepstack: Vec<usize> = tower
        .header
        .tensors
        .keys()
        .filter_map(|name| name.strip_prefix("v.deepstack."))
        .filter_map(|rest| rest.split('.').next()?.parse().ok())
        .collect();
    deepstack.sort_unstable();
    deepstack.dedup();
    let width = tower
        .shape("v.patch_embd.weight")
        .and_then(|shape| shape.first());
    let up = tower.shape("v.blk.0.ffn_up.weight");
    let swapped = match (width, up) {
        // The first matrix of a feed-forward takes rows of the tower's width.
        (Some(width), Some([rows, row])) => row != width && rows == width,
        _ => false,
    };
    VisionNames {
        family,
        deepstack,
        swapped,
    }
}

fn pixels(tower: &Container) -> Option<([f64; 3], [f64; 3])> {
    let three = |key: &str| match tower.value(key) {
        Some(container::Value::Floats(list)) => match list.as_slice() {
            [r, g, b] => Some([*r, *g, *b].map(|v| f64::from(v).clamp(-1e3, 1e3))),
            _ => None,
        },
        _ => None,
    };
    let deviation = three("clip.vision.image_std")?;
    if deviation.iter().any(|d| d.is_nan() || *d <= 0.0) {
        return None;
    }
    Some((three("clip.vision.image_mean")?, deviation))
}

#[cfg(test)]
mod test_files;
#[cfg(test)]
mod tests;
