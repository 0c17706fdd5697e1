//! The local engine: a model on this computer, run by the worker.

use decoupage_catalogue::{
    CatalogueEntry, FoundModel, Precision as Kept, Workload, best_precision, catalogue,
    find_models, processor,
};
use decoupage_dialogue::{MediaLimits, ModelWish, Precision};
use decoupage_interpreter::{Assembly, Senses, ground};
use decoupage_shot::{Code, Fault, Outcome, Watch};
use decoupage_supervisor::{Event as Told, Request, Worker, take};

use super::shown::Shown;
use super::{Commission, Ended, Stopped, Written, finished, phase, plainly, tell};
use crate::api::Event;
use crate::api::models::ModelSettings;
use crate::jobs::Job;
use crate::models::wish_of;
use crate::{Core, hold};

/// A prompt with its pictures and an answer: beyond this, memory goes to waste.
const MOST_CONTEXT: usize = 16_384;

/// A model that can be run, and what the catalogue says of it.
pub(crate) struct Runnable {
    /// What settings call it.
    pub(crate) id: String,
    pub(crate) found: FoundModel,
    pub(crate) entry: Option<&'static CatalogueEntry>,
}

/// A model with the worker that runs it.
pub(crate) struct Ready {
    pub(crate) chosen: Runnable,
    pub(crate) worker: Worker,
    pub(crate) wish: ModelWish,
    pub(crate) limits: MediaLimits,
}

impl Core {
    pub(crate) fn write_locally(&self, ask: &Commission<'_>, job: &Job) -> Ended {
        let Ready {
            chosen,
            worker,
            wish,
            limits,
        } = plainly(self.ready(ask.model, job))?;
        let wishes = ask.wishes();
        let hears = chosen.found.family().is_some_and(|family| family.hears());
        let senses = Senses {
            sound: hears,
            ..Senses::default()
        };
        let brief = ask.brief();
        let grounded = ground(&brief, &wishes, senses);
        for text in grounded.notes {
            job.tell(&Event::Note { job: job.id, text });
        }
        let shown = plainly(Shown::new())?;
        let conversation = plainly(
            grounded
                .conversation
                .try_map(|request| shown.source(self, *request)),
        )?;
        let request = Request {
            model: wish,
            conversation,
            guide: grounded.guide,
            sampling: ask.sampling(&wishes, chosen.entry.map(|entry| entry.sampling)),
            limits,
        };

        let mut assembly = Assembly::new(&grounded.plan);
        assembly.begin().into_iter().for_each(|p| tell(job, p));
        let answer = worker.write(&request, job, &mut |told| match told {
            Told::Progress { stage, done, total } => job.report(phase(stage), done, total),
            Told::Note(text) => job.tell(&Event::Note { job: job.id, text }),
            Told::Loaded(_) => {}
            Told::Text {
                field,
                text,
                tokens,
                tokens_per_s,
            } => {
                job.report(decoupage_shot::Phase::Writing, 0, 0);
                if let Some(progress) = assembly.add(field.as_deref(), &text) {
                    tell(job, progress);
                }
                job.tell(&Event::Pace {
                    job: job.id,
                    tokens,
                    tokens_per_s,
                });
            }
        });
        let model = Some(chosen.found.name.clone());
        match answer {
            Ok(answer) => {
                assembly.settle(&answer.fields);
                hold(&self.inner.smaller).remove(&chosen.id);
                let written = assembly.finish(&brief);
                Ok(Written {
                    interpretation: written.interpretation,
                    model,
                    stopped: None,
                })
            }
            Err(unfinished) => {
                assembly.settle(&unfinished.fields);
                let stopped = Stopped::of(&unfinished.failure);
                match finished(&assembly, &brief, true) {
                    Some(interpretation) => Ok(Written {
                        interpretation,
                        model,
                        stopped: Some(stopped),
                    }),
                    None => Err(stopped),
                }
            }
        }
    }

    /// A model with the worker that runs it, as large as it ran last.
    pub(crate) fn ready(&self, model: Option<&str>, watch: &dyn Watch) -> Outcome<Ready> {
        let settings = self.model_settings();
        let chosen = self.runnable(model, &settings, watch)?;
        let wish = self.wish(&chosen, &settings);
        let mut limits = MediaLimits::default();
        let share = f64::from(settings.frames) / limits.max_frames as f64;
        limits.max_frames = (settings.frames as usize).clamp(2, 768);
        limits.clip_tokens = ((limits.clip_tokens as f64 * share) as usize).max(64);
        let worker = self.worker();
        let remembered = worker.remembered(&wish, &limits);
        let (mut wish, mut limits) = (remembered.model, remembered.limits);
        for step in hold(&self.inner.smaller)
            .get(&chosen.id)
            .into_iter()
            .flatten()
        {
            take(*step, &mut wish, &mut limits);
        }
        Ok(Ready {
            chosen,
            worker,
            wish,
            limits,
        })
    }

    /// The model that is asked for, or the person's choice.
    pub(crate) fn runnable(
        &self,
        model: Option<&str>,
        settings: &ModelSettings,
        watch: &dyn Watch,
    ) -> Outcome<Runnable> {
        let Some(wanted) = model.or(settings.model.as_deref()) else {
            return Err(Fault::new(Code::Missing, "No local model is chosen.")
                .advise("Choose one under Models, or interpret with the measured engine."));
        };
        let found = find_models(&self.model_places(settings), watch)?;
        let all = found.models.into_iter();
        let mut fitting = all.filter(|found| {
            found.id == wanted || found.catalogue.as_deref() == Some(wanted) || found.name == wanted
        });
        let first = fitting.next();
        // One that can be run goes before one that cannot.
        let best = match first {
            Some(first) if first.family().is_none() => fitting
                .find(|found| found.family().is_some())
                .or(Some(first)),
            other => other,
        };
        let Some(found) = best else {
            let known = catalogue()?.iter().any(|entry| entry.id == wanted);
            return Err(if known {
                Fault::new(
                    Code::Missing,
                    format!("The model “{wanted}” is not on this computer yet."),
                )
                .advise("Fetch it under Models (or with `decoupage models download`).")
            } else {
                Fault::new(
                    Code::Missing,
                    format!("There is no model called “{wanted}” on this computer."),
                )
                .advise("Choose another under Models, or add the folder that it lies in.")
            });
        };
        if let decoupage_catalogue::FoundState::Unusable { fault, .. } = &found.state {
            return Err(fault.clone());
        }
        let entry = match &found.catalogue {
            Some(id) => catalogue()?.iter().find(|entry| entry.id == *id),
            None => None,
        };
        Ok(Runnable {
            id: wanted.to_owned(),
            found,
            entry,
        })
    }

    fn wish(&self, chosen: &Runnable, settings: &ModelSettings) -> ModelWish {
        let found = &chosen.found;
        let context = found
            .context
            .map_or(MOST_CONTEXT, |most| (most as usize).min(MOST_CONTEXT));
        ModelWish {
            precision: match settings.precision {
                Precision::Auto => self.best_that_fits(found),
                chosen => chosen,
            },
            device: settings.device,
            context: Some(context),
            feature_cache: Some(self.inner.places.data.join("cache").join("features")),
            ..wish_of(found)
        }
    }

    /// Full floats help nobody on a processor; a graphics card is given what the file holds.
    fn best_that_fits(&self, found: &FoundModel) -> Precision {
        let devices = self.devices();
        let device = devices.first().cloned().unwrap_or_else(processor);
        match (&found.format, &found.shape) {
            (decoupage_catalogue::WeightFormat::Safetensors { .. }, Some(shape)) => {
                match best_precision(shape, &device, Workload::default()).precision {
                    Kept::F32 => Precision::F32,
                    Kept::Bf16 => Precision::Bf16,
                    Kept::Q8_0 => Precision::Q8_0,
                    Kept::Q4K => Precision::Q4K,
                    Kept::Stored => Precision::Auto,
                }
            }
            _ => Precision::Auto,
        }
    }
}
