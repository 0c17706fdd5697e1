//! A model in the Hugging Face layout: `config.json`, tokenizer, safetensors in one file or in
//! shards with an index.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use decoupage_shot::{Code, Fault, Outcome};
use serde_json::Value;

use super::{Draft, LARGEST_CONFIG, Origin, entry_for_folder, is, unknown_family};
use crate::family::Family;
use crate::found::{FoundModel, WeightFormat};
use crate::safetensors;
use crate::shape::{ModelShape, context_of};

/// An index names every tensor of a model: a few hundred kilobytes.
const LARGEST_INDEX: u64 = 32 << 20;

/// Reads what lies in a folder; `None` where it is no model of the kind at all (an audio codec's
/// config, a tokenizer's).
pub(crate) fn read(folder: &Path, files: &[PathBuf], origin: &Origin) -> Option<FoundModel> {
    let name = origin
        .repository
        .as_deref()
        .and_then(|repository| repository.split('/').next_back())
        .or_else(|| folder.file_name()?.to_str())
        .unwrap_or("model")
        .to_owned();
    let draft = Draft {
        name,
        family: None,
        fault: None,
        place: origin.place(folder, None),
        format: WeightFormat::Safetensors {
            dtype: String::new(),
        },
        bytes: 0,
        entry: entry_for_folder(folder, None, origin),
        context: None,
        shape: None,
    };
    let config = match json(&folder.join("config.json"), LARGEST_CONFIG) {
        Ok(config) => config,
        Err(fault) => {
            return Some(
                Draft {
                    fault: Some(fault),
                    ..draft
                }
                .finish(),
            );
        }
    };
    let weights = weights(folder, files);
    let family = family_of(&config);
    // Adapters, codecs and vocoders have a config.json too; without a name they are not shown.
    if family.is_err()
        && config.get("model_type").is_none()
        && config.get("architectures").is_none()
    {
        return None;
    }
    let family_known = family.as_ref().ok().copied();
    let shape = family_known.map(|family| ModelShape::from_config(family, &config));
    let fault = family
        .err()
        .or_else(|| quantised(&config))
        .or_else(|| shape.clone()?.err().map(|field| incomplete(&field, folder)))
        .or_else(|| weights.fault.clone())
        .or_else(|| tokenizer(files, folder));
    let model = Draft {
        family: family_known,
        fault,
        format: WeightFormat::Safetensors {
            dtype: weights.dtype,
        },
        bytes: weights.bytes,
        entry: entry_for_folder(folder, family_known, origin),
        context: context_of(&config),
        shape: shape.and_then(Result::ok),
        ..draft
    };
    Some(model.finish())
}

/// Reads a bounded JSON file.
pub(crate) fn json(path: &Path, largest: u64) -> Outcome<Value> {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let file =
        File::open(path).map_err(|error| Fault::io(&error, &format!("read {name}"), path))?;
    let mut text = Vec::new();
    file.take(largest + 1)
        .read_to_end(&mut text)
        .map_err(|error| Fault::io(&error, &format!("read {name}"), path))?;
    if text.len() as u64 > largest {
        return Err(Fault::new(Code::TooLarge, format!("{name} is far too large.")).at(path));
    }
    serde_json::from_slice(&text).map_err(|_| {
        Fault::new(
            Code::Damaged,
            format!("{name} is not the JSON it should be."),
        )
        .advise("Fetch it again.")
        .at(path)
    })
}

fn family_of(config: &Value) -> Result<Family, Fault> {
    let model_type = config.get("model_type").and_then(Value::as_str);
    if let Some(family) = model_type.and_then(Family::from_model_type) {
        return Ok(family);
    }
    let architecture = config
        .get("architectures")
        .and_then(|names| names.get(0))
        .and_then(Value::as_str);
    match architecture.and_then(Family::from_architecture) {
        // A config whose two names disagree (an embedding model built on one of ours) is not
        // taken for what it is not.
        Some(family) if model_type.is_none() => Ok(family),
        _ => Err(unknown_family(model_type.or(architecture))),
    }
}

/// Weights that another tool has quantised in place cannot be read.
fn quantised(config: &Value) -> Option<Fault> {
    let method = config
        .get("quantization_config")?
        .get("quant_method")
        .and_then(Value::as_str)
        .unwrap_or("an unnamed method");
    Some(
        Fault::new(
            Code::Unsupported,
            format!(
                "These weights were quantised with {}, which Decoupage does not read.",
                crate::words::short(method)
            ),
        )
        .advise("Take the original weights, which are quantised while they load, or a GGUF file."),
    )
}

fn incomplete(field: &str, folder: &Path) -> Fault {
    Fault::new(
        Code::Damaged,
        format!("config.json lacks a usable value for {field}."),
    )
    .advise("Fetch the file again.")
    .at(folder.join("config.json"))
}

fn tokenizer(files: &[PathBuf], folder: &Path) -> Option<Fault> {
    let there = |name: &str| {
        files
            .iter()
            .any(|file| file.ends_with(name) && file.exists())
    };
    let whole = there("tokenizer.json") || (there("vocab.json") && there("merges.txt"));
    (!whole).then(|| {
        Fault::new(Code::Missing, "The tokenizer of this model is missing.")
            .advise("Put tokenizer.json beside the weights, or fetch the model again.")
            .at(folder.join("tokenizer.json"))
    })
}

#[derive(Default)]
struct Weights {
    bytes: u64,
    dtype: String,
    fault: Option<Fault>,
}

fn weights(folder: &Path, files: &[PathBuf]) -> Weights {
    let mut weights = Weights::default();
    let shards = match shards(folder, files) {
        Ok(shards) => shards,
        Err(fault) => {
            weights.fault = Some(fault);
            return weights;
        }
    };
    let mut by_type: BTreeMap<String, u64> = BTreeMap::new();
    let mut missing = Vec::new();
    for shard in &shards {
        let Ok(about) = fs::metadata(shard) else {
            missing.push(shard);
            continue;
        };
        weights.bytes += about.len();
        match safetensors::read(shard) {
            Ok(header) => {
                for (kind, bytes) in header.bytes_by_type {
                    let total = by_type.entry(kind).or_default();
                    *total = total.saturating_add(bytes);
                }
            }
            Err(fault) => weights.fault = weights.fault.or(Some(named(fault, shard))),
        }
    }
    if let Some(first) = missing.first() {
        weights.fault = Some(missing_file(first, missing.len(), shards.len()));
    }
    if let Some((kind, _)) = by_type.iter().max_by_key(|(_, bytes)| **bytes) {
        let readable = ["F32", "F16", "BF16"].contains(&kind.as_str());
        if !readable && weights.fault.is_none() {
            weights.fault = Some(
                Fault::new(
                    Code::Unsupported,
                    format!(
                        "These weights are of the type {}; F32, F16 and BF16 can be read.",
                        crate::words::short(kind)
                    ),
                )
                .advise("Take the original weights, or a GGUF file."),
            );
        }
        weights.dtype.clone_from(kind);
    }
    weights
}

/// Puts the name of the file into the sentence.
fn named(mut fault: Fault, file: &Path) -> Fault {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    fault.message = fault.message.replace("A file of weights", &name);
    fault
}

fn missing_file(file: &Path, missing: usize, all: usize) -> Fault {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let message = match missing {
        1 => format!("{name} is missing: one of {all} files of weights."),
        _ => format!("{missing} of {all} files of weights are missing, the first is {name}."),
    };
    Fault::new(Code::Missing, message)
        .advise("Fetch the model; what is there is kept.")
        .at(file)
}

/// The files of weights: those that the index names, else every safetensors file.
pub(crate) fn shards(folder: &Path, files: &[PathBuf]) -> Outcome<Vec<PathBuf>> {
    let index = folder.join("model.safetensors.index.json");
    if files.contains(&index) {
        let parsed = json(&index, LARGEST_INDEX)?;
        let wrong = || {
            Fault::new(Code::Damaged, "The index of the weights is damaged.")
                .advise("Fetch model.safetensors.index.json again.")
                .at(&index)
        };
        let map = parsed
            .get("weight_map")
            .and_then(Value::as_object)
            .ok_or_else(wrong)?;
        let mut names = BTreeSet::new();
        for name in map.values() {
            let name = name.as_str().ok_or_else(wrong)?;
            // A name is one file of this folder, whatever the index says.
            if !crate::hub::names::is_file_name(name) {
                return Err(wrong());
            }
            names.insert(name);
        }
        if names.is_empty() {
            return Err(wrong());
        }
        return Ok(names.into_iter().map(|name| folder.join(name)).collect());
    }
    let shards: Vec<PathBuf> = files
        .iter()
        .filter(|file| is(file, "safetensors"))
        .cloned()
        .collect();
    if shards.is_empty() {
        return Err(Fault::new(
            Code::Unsupported,
            "This model's weights are not in the safetensors format.",
        )
        .advise("Take a version of it in safetensors or GGUF.")
        .at(folder));
    }
    // "model-00001-of-00003.safetensors" without an index: the others can still be told.
    complete_shards(folder, shards)
}

fn complete_shards(folder: &Path, shards: Vec<PathBuf>) -> Outcome<Vec<PathBuf>> {
    let numbered = shards.iter().find_map(|shard| {
        let stem = shard.file_stem()?.to_str()?;
        let (rest, total) = stem.rsplit_once("-of-")?;
        let (prefix, number) = rest.rsplit_once('-')?;
        let digits = number.len();
        number.parse::<u32>().ok()?;
        Some((
            prefix.to_owned(),
            total.to_owned(),
            digits,
            total.parse::<u32>().ok()?,
        ))
    });
    Ok(match numbered {
        Some((prefix, total, digits, count)) if (1..=1000).contains(&count) => (1..=count)
            .map(|number| folder.join(format!("{prefix}-{number:0digits$}-of-{total}.safetensors")))
            .collect(),
        _ => shards,
    })
}
