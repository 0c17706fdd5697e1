//! Runs a comparison case.

use std::path::Path;

use decoupage_app::Places;
use decoupage_dialogue::{DeviceWish, ModelWish, Precision, Stage};
use decoupage_shot::{Fault, Outcome, Silent};
use decoupage_supervisor::{Event, Settings, Worker, fault};
use serde_json::json;

use super::progress::Progress;
use crate::arguments::RunCase;
use crate::print;

/// Runs one comparison case in the worker.
pub(super) fn run(arguments: &RunCase) -> Outcome<()> {
    let weights = there(&arguments.model, "find this model")?;
    let case = there(&arguments.case, "find this case")?;
    let wish = ModelWish {
        weights,
        projector: arguments
            .projector
            .as_deref()
            .map(|path| there(path, "find this projector"))
            .transpose()?,
        precision: arguments.precision,
        device: arguments.device,
        context: None,
        feature_cache: None,
    };
    let dump = std::path::absolute(&arguments.dump)
        .map_err(|e| Fault::io(&e, "write the tensors", &arguments.dump))?;
    let worker = Worker::new(Settings::of_this_application(
        &Places::of_this_person().data,
    ));
    let mut progress = Progress::new();
    let answer = worker
        .run_case(&wish, &case, &dump, &Silent, &mut |event| tell(&mut progress, &event))
        .map_err(|unfinished| fault(&unfinished.failure));
    progress.clear();
    let answer = answer?;
    if arguments.json {
        return print::json(&json!({
            "dump": dump,
            "text": answer.text,
            "device": answer.device,
        }));
    }
    println!("{}", answer.text.trim());
    println!("The tensors are in {}.", dump.display());
    Ok(())
}

/// A path that is there, in full: steps are remembered by it, wherever one calls from.
fn there(path: &Path, doing: &str) -> Outcome<std::path::PathBuf> {
    path.metadata()
        .and_then(|_| std::path::absolute(path))
        .map_err(|e| Fault::io(&e, doing, path))
}

/// `auto`, `f32`, `bf16`, `f16`, `q8_0` or `q4_k`.
pub(crate) fn precision(text: &str) -> Result<Precision, String> {
    match text {
        "auto" => Ok(Precision::Auto),
        "f32" => Ok(Precision::F32),
        "bf16" => Ok(Precision::Bf16),
        "f16" => Ok(Precision::F16),
        "q8_0" => Ok(Precision::Q8_0),
        "q4_k" => Ok(Precision::Q4K),
        _ => Err("known precisions are auto, f32, bf16, f16, q8_0, q4_k".to_owned()),
    }
}

/// `best`, `cpu`, `gpu` or `gpu:N`.
pub(crate) fn device(text: &str) -> Result<DeviceWish, String> {
    match text {
        "best" => Ok(DeviceWish::Best),
        "cpu" => Ok(DeviceWish::Cpu),
        "gpu" => Ok(DeviceWish::Gpu(0)),
        _ => text
            .strip_prefix("gpu:")
            .and_then(|number| number.parse().ok())
            .map(DeviceWish::Gpu)
            .ok_or_else(|| "devices are best, cpu, gpu and gpu:N".to_owned()),
    }
}

fn tell(progress: &mut Progress, event: &Event) {
    match event {
        Event::Note(text) => progress.say(text),
        Event::Progress { stage, done, total } => {
            let what = match stage {
                Stage::Loading => "Loading the model",
                Stage::Decoding => "Decoding media",
                Stage::Seeing => "Looking",
                Stage::Hearing => "Listening",
                Stage::Prefill => "Reading the prompt",
            };
            progress.tell(what, *done, *total);
        }
        Event::Loaded(_) | Event::Text { .. } => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_and_precisions_are_read() {
        assert_eq!(device("gpu:3"), Ok(DeviceWish::Gpu(3)));
        assert_eq!(device("gpu"), Ok(DeviceWish::Gpu(0)));
        assert!(device("gpu:").is_err());
        assert!(device("tpu").is_err());
        assert_eq!(precision("q4_k"), Ok(Precision::Q4K));
        assert!(precision("q2").is_err());
    }
}
