//! The next smaller step when memory runs out, and which one worked for which model.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use decoupage_dialogue::{DeviceKind, DeviceWish, MediaLimits, ModelWish, Precision, Smaller};
use decoupage_shot::store::atomic;
use serde::{Deserialize, Serialize};

/// Fewer frames than this say nothing about a movement.
const FEWEST_FRAMES: usize = 4;

/// The most models that are remembered; the file stays small whatever happens.
const MOST_MODELS: usize = 256;

/// A larger file is not ours.
const MOST_BYTES: u64 = 1 << 20;

const FILE: &str = "smaller-steps.json";

/// Takes a smaller step: half as many frames, the next precision, the processor. Answers false
/// where the step is taken already or cannot be taken here (choosing a smaller model is the
/// person's).
pub fn take(step: Smaller, model: &mut ModelWish, limits: &mut MediaLimits) -> bool {
    match step {
        Smaller::FewerFrames => {
            if limits.max_frames <= FEWEST_FRAMES {
                return false;
            }
            // Frames go in pairs.
            let fewer = (limits.max_frames / 2).max(FEWEST_FRAMES) & !1;
            let share = fewer as f64 / limits.max_frames as f64;
            limits.clip_tokens = ((limits.clip_tokens as f64 * share) as usize).max(1);
            limits.max_frames = fewer;
            true
        }
        Smaller::Quantise => match quantised(model) {
            Some(precision) => {
                model.precision = precision;
                true
            }
            None => false,
        },
        Smaller::Processor => {
            let changes = model.device != DeviceWish::Cpu;
            model.device = DeviceWish::Cpu;
            changes
        }
        Smaller::SmallerModel => false,
    }
}

/// The next smaller precision. GGUF files are used as they are quantised.
fn quantised(model: &ModelWish) -> Option<Precision> {
    let is_gguf = model
        .weights
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("gguf"));
    match model.precision {
        _ if is_gguf => None,
        Precision::Auto | Precision::F32 | Precision::Bf16 | Precision::F16 => {
            Some(Precision::Q8_0)
        }
        Precision::Q8_0 => Some(Precision::Q4K),
        Precision::Q4K => None,
    }
}

/// What was tried, as far as smaller steps go.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    pub(crate) model: ModelWish,
    /// `None` where no media are shown.
    pub(crate) limits: Option<MediaLimits>,
    /// Whether clips are shown, of which frames could be left out.
    pub(crate) clips: bool,
}

impl Attempt {
    /// The steps that are left, the least painful first. `device` is where it ran; `loading`
    /// says that it failed before anything was shown to the model.
    pub(crate) fn left(&self, device: Option<DeviceKind>, loading: bool) -> Vec<Smaller> {
        let mut left = Vec::new();
        let frames = self.limits.is_some_and(|l| l.max_frames > FEWEST_FRAMES);
        if self.clips && frames && !loading {
            left.push(Smaller::FewerFrames);
        }
        if quantised(&self.model).is_some() {
            left.push(Smaller::Quantise);
        }
        if self.model.device != DeviceWish::Cpu
            && device.is_some_and(|kind| kind != DeviceKind::Cpu)
        {
            left.push(Smaller::Processor);
        }
        left.push(Smaller::SmallerModel);
        left
    }
}

/// The steps in one sentence.
pub(crate) fn advice(steps: &[Smaller]) -> String {
    let words: Vec<_> = steps
        .iter()
        .map(|step| match step {
            Smaller::FewerFrames => "fewer frames",
            Smaller::Quantise => "quantised weights",
            Smaller::Processor => "the processor instead of the graphics card",
            Smaller::SmallerModel => "a smaller model",
        })
        .collect();
    match words.split_last() {
        None => "Close other programs and try again.".to_owned(),
        Some((only, [])) => format!("Try again with {only}."),
        Some((last, rest)) => format!("Try again with {} or {last}.", rest.join(", ")),
    }
}

/// A wish with the steps that worked for this model before.
#[derive(Debug, Clone, PartialEq)]
pub struct Remembered {
    /// What to load and how.
    pub model: ModelWish,
    /// How much of the media to show.
    pub limits: MediaLimits,
    /// Which steps were taken; empty where nothing is remembered.
    pub steps: Vec<Smaller>,
}

/// What worked for a model after memory had run out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Settled {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    precision: Option<Precision>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    processor: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_frames: Option<usize>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Document {
    models: BTreeMap<String, Settled>,
}

/// Steps by model, on disk.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    file: Option<PathBuf>,
    models: BTreeMap<String, Settled>,
    /// The first attempt that failed for want of memory, for models none has worked of since.
    failed: BTreeMap<String, Attempt>,
}

impl Memory {
    /// Reads what is remembered in the data folder; nothing where that cannot be read.
    pub(crate) fn open(data: Option<&Path>) -> Self {
        let file = data.map(|data| data.join(FILE));
        let models = file
            .as_deref()
            .filter(|file| {
                file.metadata()
                    .is_ok_and(|m| m.is_file() && m.len() <= MOST_BYTES)
            })
            .and_then(|file| std::fs::read(file).ok())
            .and_then(|bytes| serde_json::from_slice::<Document>(&bytes).ok())
            .map(|document| document.models)
            .unwrap_or_default();
        Self {
            file,
            models,
            failed: BTreeMap::new(),
        }
    }

    /// Applies what is remembered where the person left it open.
    pub(crate) fn apply(&self, model: &ModelWish, limits: &MediaLimits) -> Remembered {
        let mut remembered = Remembered {
            model: model.clone(),
            limits: *limits,
            steps: Vec::new(),
        };
        let Some(settled) = self.models.get(&key(model)) else {
            return remembered;
        };
        if let Some(most) = settled.max_frames {
            while remembered.limits.max_frames > most.max(FEWEST_FRAMES)
                && take(
                    Smaller::FewerFrames,
                    &mut remembered.model,
                    &mut remembered.limits,
                )
            {}
            if remembered.limits != *limits {
                remembered.steps.push(Smaller::FewerFrames);
            }
        }
        if let (Precision::Auto, Some(precision)) = (model.precision, settled.precision) {
            remembered.model.precision = precision;
            remembered.steps.push(Smaller::Quantise);
        }
        if settled.processor && model.device == DeviceWish::Best {
            remembered.model.device = DeviceWish::Cpu;
            remembered.steps.push(Smaller::Processor);
        }
        remembered
    }

    /// An attempt failed, and a smaller step was offered.
    pub(crate) fn failed(&mut self, attempt: &Attempt) {
        if self.failed.len() < MOST_MODELS {
            self.failed
                .entry(key(&attempt.model))
                .or_insert_with(|| attempt.clone());
        }
    }

    /// An attempt worked: remembers what was different from the one that failed before it.
    pub(crate) fn worked(&mut self, attempt: &Attempt) {
        let key = key(&attempt.model);
        let Some(failed) = self.failed.remove(&key) else {
            return;
        };
        let before = self.models.get(&key).cloned().unwrap_or_default();
        let mut settled = before.clone();
        if attempt.model.precision != failed.model.precision {
            settled.precision = Some(attempt.model.precision);
        }
        if attempt.model.device == DeviceWish::Cpu && failed.model.device != DeviceWish::Cpu {
            settled.processor = true;
        }
        if let (Some(now), Some(then)) = (attempt.limits, failed.limits)
            && now.max_frames < then.max_frames
        {
            settled.max_frames = Some(now.max_frames);
        }
        if settled != before && (self.models.len() < MOST_MODELS || self.models.contains_key(&key))
        {
            self.models.insert(key, settled);
            self.save();
        }
    }

    /// Forgets a model's steps, so that it is tried in full again.
    pub(crate) fn forget(&mut self, model: &ModelWish) {
        let key = key(model);
        self.failed.remove(&key);
        if self.models.remove(&key).is_some() {
            self.save();
        }
    }

    /// What cannot be saved is asked for once more next time: no reason to fail an answer.
    fn save(&self) {
        let Some(file) = &self.file else { return };
        if let Some(folder) = file.parent() {
            let _ = std::fs::create_dir_all(folder);
        }
        let document = Document {
            models: self.models.clone(),
        };
        if let Ok(bytes) = serde_json::to_vec_pretty(&document) {
            let _ = atomic::write(file, &bytes);
        }
    }
}

fn key(model: &ModelWish) -> String {
    model.weights.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot make its files has failed")]
    use super::*;

    fn attempt() -> Attempt {
        Attempt {
            model: ModelWish {
                weights: "/models/one".into(),
                projector: None,
                precision: Precision::Auto,
                device: DeviceWish::Best,
                context: None,
                feature_cache: None,
            },
            limits: Some(MediaLimits::default()),
            clips: true,
        }
    }

    fn taking(mut attempt: Attempt, step: Smaller) -> Option<Attempt> {
        let mut limits = attempt.limits.unwrap_or_default();
        let taken = take(step, &mut attempt.model, &mut limits);
        attempt.limits = Some(limits);
        taken.then_some(attempt)
    }

    #[test]
    fn steps_are_offered_in_order_until_they_are_taken() {
        use Smaller::{FewerFrames, Processor, Quantise, SmallerModel};
        let cuda = Some(DeviceKind::Cuda);
        let mut tried = attempt();
        assert_eq!(
            tried.left(cuda, false),
            [FewerFrames, Quantise, Processor, SmallerModel]
        );
        assert_eq!(tried.left(cuda, true), [Quantise, Processor, SmallerModel]);
        for frames in [16, 8, 4] {
            tried = taking(tried, FewerFrames).unwrap();
            assert_eq!(tried.limits.unwrap().max_frames, frames);
        }
        assert!(taking(tried.clone(), FewerFrames).is_none());
        tried = taking(tried, Quantise).unwrap();
        assert_eq!(tried.model.precision, Precision::Q8_0);
        tried = taking(tried, Quantise).unwrap();
        assert_eq!(tried.left(cuda, false), [Processor, SmallerModel]);
        tried = taking(tried, Processor).unwrap();
        assert_eq!(tried.left(Some(DeviceKind::Cpu), false), [SmallerModel]);
        assert!(taking(tried, SmallerModel).is_none());
    }

    #[test]
    fn a_gguf_is_not_quantised_again() {
        let mut tried = attempt();
        tried.model.weights = "/models/one.GGUF".into();
        assert!(!tried.left(None, true).contains(&Smaller::Quantise));
    }

    #[test]
    fn what_worked_after_a_failure_is_remembered_where_the_choice_was_left_open() {
        let data = tempfile::tempdir().unwrap();
        let mut memory = Memory::open(Some(data.path()));
        let first = attempt();
        // Nothing failed before: nothing to remember.
        memory.worked(&first);
        assert!(!data.path().join(FILE).exists());

        memory.failed(&first);
        let second = taking(first.clone(), Smaller::FewerFrames).unwrap();
        memory.failed(&second);
        let third = taking(second, Smaller::Quantise).unwrap();
        memory.worked(&third);

        let memory = Memory::open(Some(data.path()));
        let limits = MediaLimits::default();
        let again = memory.apply(&first.model, &limits);
        assert_eq!(again.steps, [Smaller::FewerFrames, Smaller::Quantise]);
        assert_eq!(Some(again.limits), third.limits);
        assert_eq!(again.model.precision, Precision::Q8_0);
        assert_eq!(again.model.device, DeviceWish::Best);

        // What the person chose stays.
        let mut chosen = first.model.clone();
        chosen.precision = Precision::F32;
        assert_eq!(memory.apply(&chosen, &limits).model, chosen);
        // Another model is another matter.
        chosen.weights = "/models/two".into();
        assert_eq!(memory.apply(&chosen, &limits).steps, []);

        let mut memory = memory;
        memory.forget(&first.model);
        assert_eq!(
            Memory::open(Some(data.path())).apply(&first.model, &limits).steps,
            []
        );
    }

    #[test]
    fn a_damaged_memory_is_no_memory() {
        let data = tempfile::tempdir().unwrap();
        for bytes in [&b""[..], b"{", b"[]", b"{\"models\":{\"/models/one\":{\"max_frames\":-3}}}"] {
            std::fs::write(data.path().join(FILE), bytes).unwrap();
            let memory = Memory::open(Some(data.path()));
            let tried = attempt();
            assert_eq!(memory.apply(&tried.model, &MediaLimits::default()).steps, []);
        }
        // A number that makes no sense does no harm either.
        std::fs::write(
            data.path().join(FILE),
            b"{\"models\":{\"/models/one\":{\"max_frames\":0}}}",
        )
        .unwrap();
        let memory = Memory::open(Some(data.path()));
        let limits = memory.apply(&attempt().model, &MediaLimits::default()).limits;
        assert_eq!(limits.max_frames, FEWEST_FRAMES);
    }

    #[test]
    fn the_steps_make_one_sentence() {
        assert_eq!(
            advice(&[Smaller::FewerFrames, Smaller::Quantise, Smaller::SmallerModel]),
            "Try again with fewer frames, quantised weights or a smaller model."
        );
        assert_eq!(
            advice(&[Smaller::SmallerModel]),
            "Try again with a smaller model."
        );
    }
}
