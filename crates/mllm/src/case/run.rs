//! Runs a case and names its tensors as the reference's are named.

use std::collections::HashMap;
use std::path::Path;

use candle_core::{Device, Tensor};
use decoupage_dialogue::{Failure, FailureCode, Outcome};

use super::Case;
use crate::GoOn;
use crate::failure::Computing;
use crate::generate::greedy;
use crate::model::Model;
use crate::prepared::{Features, MediumKind, Prepared};
use crate::preprocess::Rules;

/// More logits than these are not dumped: the last rows are.
const MOST_LOGITS: usize = 64 << 20;

/// What a model makes of a case, by name: `input_ids`, `position_ids`, `pixel_values`,
/// `image_features`, `logits`, `generated_ids` and so on, as `tests/parity/README.md` lists them.
///
/// # Errors
/// A medium that cannot be prepared, cancellation, memory that does not suffice.
pub fn run(
    model: &Model,
    case: &Case,
    rules: &Rules,
    go_on: &GoOn<'_>,
) -> Outcome<HashMap<String, Tensor>> {
    let mut rules = rules.clone();
    let set = |bound: &mut usize, wish: Option<usize>| *bound = wish.unwrap_or(*bound);
    set(&mut rules.picture.min, case.pixels.image.0);
    set(&mut rules.picture.max, case.pixels.image.1);
    set(&mut rules.frame.min, case.pixels.video.0);
    set(&mut rules.frame.max, case.pixels.video.1);
    if case.pixels.video.1.is_some() {
        rules.clip = usize::MAX / 4;
    }
    let prompt = model.prepare_exactly(&case.conversation, &rules, case.thinking)?;
    let mut features = Vec::with_capacity(prompt.media.len());
    for medium in &prompt.media {
        features.push(Some(model.encode(medium, go_on)?));
    }
    let count = prompt.ids.len();
    let rows = (MOST_LOGITS / model.config().text.vocabulary.max(1)).clamp(1, count);
    let (logits, generated) = greedy(model, &prompt, &features, rows, case.max_tokens, go_on)?;

    let mut found = HashMap::new();
    let mut put = |name: &str, tensor: Tensor| found.insert(name.to_owned(), tensor);
    put("input_ids", integers(&prompt.ids, &[count])?);
    let axes = (0..3).flat_map(|axis| prompt.positions.iter().map(move |p| p[axis]));
    put(
        "position_ids",
        integers(&axes.collect::<Vec<_>>(), &[3, count])?,
    );
    if rows < count {
        let at: Vec<u32> = ((count - rows) as u32..count as u32).collect();
        put("logits_at", integers(&at, &[rows])?);
    }
    put("logits", logits);
    put("generated_ids", integers(&generated, &[generated.len()])?);
    for kind in [MediumKind::Image, MediumKind::Video, MediumKind::Audio] {
        for (name, tensor) in of_kind(&prompt, &features, kind).computing()? {
            put(&name, tensor);
        }
    }
    Ok(found)
}

/// Preprocessed media and their features, those of one kind one behind the other.
fn of_kind(
    prompt: &Prepared,
    features: &[Option<Features>],
    kind: MediumKind,
) -> candle_core::Result<Vec<(String, Tensor)>> {
    let pairs = || {
        let all = prompt.media.iter().zip(features.iter().flatten());
        all.filter(|(medium, _)| medium.kind == kind)
    };
    let count = pairs().count();
    if count == 0 {
        return Ok(Vec::new());
    }
    let (name, values, axis) = match kind {
        MediumKind::Image => ("image", "pixel_values", 0),
        MediumKind::Video => ("video", "pixel_values_videos", 0),
        MediumKind::Audio => ("audio", "input_features", 1),
    };
    let all: Vec<_> = pairs().map(|(medium, _)| medium.values.clone()).collect();
    let mut found = vec![(values.to_owned(), Tensor::cat(&all, axis)?)];
    let sides = |medium: &crate::prepared::PreparedMedium| medium.grid.map(|side| side as i64);
    if kind == MediumKind::Audio {
        let lengths: Vec<i64> = pairs().map(|(medium, _)| sides(medium)[2]).collect();
        let lengths = Tensor::from_vec(lengths, count, &Device::Cpu)?;
        found.push(("audio_lengths".into(), lengths));
    } else {
        let grids: Vec<i64> = pairs().flat_map(|(medium, _)| sides(medium)).collect();
        let grids = Tensor::from_vec(grids, (count, 3), &Device::Cpu)?;
        found.push((format!("{name}_grid_thw"), grids));
    }
    let plain = |tensor: &Tensor| {
        tensor
            .to_dtype(candle_core::DType::F32)?
            .to_device(&Device::Cpu)
    };
    let all = pairs().map(|(_, features)| plain(&features.embeddings));
    let all = all.collect::<candle_core::Result<Vec<_>>>()?;
    found.push((format!("{name}_features"), Tensor::cat(&all, 0)?));
    let layers = pairs().map(|(_, features)| features.deep.len()).min();
    let layers = layers.unwrap_or(0);
    if layers > 0 {
        let mut deep = Vec::with_capacity(layers);
        for layer in 0..layers {
            let all = pairs().map(|(_, features)| plain(&features.deep[layer]));
            let all = all.collect::<candle_core::Result<Vec<_>>>()?;
            deep.push(Tensor::cat(&all, 0)?);
        }
        found.push((
            format!("deepstack_{name}_features"),
            Tensor::stack(&deep, 0)?,
        ));
    }
    Ok(found)
}

fn integers(numbers: &[u32], shape: &[usize]) -> Outcome<Tensor> {
    let numbers = numbers.iter().map(|&n| i64::from(n)).collect();
    Tensor::from_vec(numbers, shape, &Device::Cpu).computing()
}

/// Writes tensors to a file that is whole or not there.
///
/// # Errors
/// The file cannot be written.
pub fn dump(tensors: &HashMap<String, Tensor>, path: &Path) -> Outcome<()> {
    let beside = path.with_extension("part");
    let failed = |why: String| {
        Failure::new(
            FailureCode::Invalid,
            format!("{} cannot be written: {why}.", path.display()),
        )
        .advise("Choose another place for it.")
    };
    candle_core::safetensors::save(tensors, &beside).map_err(|e| failed(e.to_string()))?;
    std::fs::rename(&beside, path).map_err(|e| {
        let _ = std::fs::remove_file(&beside);
        failed(e.to_string())
    })
}
