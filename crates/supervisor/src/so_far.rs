//! A piece of work as far as the worker has told of it.

use std::collections::BTreeMap;

use decoupage_dialogue::{
    Device, DeviceKind, DeviceWish, Failure, FailureCode, JobNumber, Stage, Tell,
};

use crate::asking::{Answer, Event, Unfinished};
use crate::exit::End;
use crate::smaller::{self, Attempt};

/// What was told of a piece of work so far.
#[derive(Debug, Default)]
pub(crate) struct SoFar {
    pub(crate) stage: Option<Stage>,
    pub(crate) device: Option<Device>,
    pub(crate) text: String,
    pub(crate) fields: BTreeMap<String, String>,
}

pub(crate) enum Told {
    Goes,
    Loaded,
    Done(Answer),
    Failed(Failure),
}

impl SoFar {
    pub(crate) fn hear(
        &mut self,
        tell: Tell,
        wanted: JobNumber,
        on_event: &mut dyn FnMut(Event),
    ) -> Told {
        match tell {
            Tell::Progress {
                job,
                stage,
                done,
                total,
            } if job == wanted => {
                self.stage = Some(stage);
                on_event(Event::Progress { stage, done, total });
            }
            Tell::Note { job, text } if job == wanted => on_event(Event::Note(text)),
            Tell::Text {
                job,
                field,
                text,
                tokens,
                tokens_per_s,
            } if job == wanted => {
                self.text.push_str(&text);
                if let Some(field) = &field {
                    self.fields
                        .entry(field.clone())
                        .or_default()
                        .push_str(&text);
                }
                on_event(Event::Text {
                    field,
                    text,
                    tokens,
                    tokens_per_s,
                });
            }
            Tell::Loaded { job, device } if job == wanted => {
                self.device = Some(device.clone());
                on_event(Event::Loaded(device));
                return Told::Loaded;
            }
            Tell::Done {
                job,
                text,
                fields,
                usage,
            } if job == wanted => {
                return Told::Done(Answer {
                    text,
                    fields,
                    usage,
                    device: None,
                });
            }
            Tell::Failed {
                job,
                failure,
                fields,
            } if job == wanted => {
                // The worker may have written more than it told.
                for (field, text) in fields {
                    let told = self.fields.entry(field).or_default();
                    if text.len() > told.len() {
                        *told = text;
                    }
                }
                return Told::Failed(failure);
            }
            // Late words of work that was given up, and what has no place here.
            _ => {}
        }
        Told::Goes
    }

    /// Whether the model is still being loaded.
    pub(crate) fn loads(&self) -> bool {
        self.text.is_empty() && self.stage == Some(Stage::Loading)
    }

    /// Where the model runs: as told, else as is likely.
    pub(crate) fn device_kind(&self, attempt: &Attempt, devices: &[Device]) -> Option<DeviceKind> {
        if let Some(device) = &self.device {
            return Some(device.kind);
        }
        match attempt.model.device {
            DeviceWish::Cpu => Some(DeviceKind::Cpu),
            DeviceWish::Best | DeviceWish::Gpu(_) => devices.first().map(|device| device.kind),
        }
    }

    pub(crate) fn doing(&self) -> &'static str {
        match self.stage {
            _ if !self.text.is_empty() => "writing",
            None => "starting",
            Some(Stage::Loading) => "loading the model",
            Some(Stage::Decoding) => "decoding pictures and clips",
            Some(Stage::Seeing) => "looking at pictures and clips",
            Some(Stage::Hearing) => "listening to the sound",
            Some(Stage::Prefill) => "reading the prompt",
        }
    }

    pub(crate) fn crashed(
        &self,
        end: &End,
        attempt: &Attempt,
        device: Option<DeviceKind>,
    ) -> Failure {
        let doing = self.doing();
        let kept = if self.text.is_empty() {
            ""
        } else {
            " What was written is kept."
        };
        match end {
            End::Memory => {
                let steps = attempt.left(device, self.loads());
                Failure::new(
                    FailureCode::OutOfMemory,
                    format!("The system ended the model worker while it was {doing}, most likely because memory ran out."),
                )
                .advise(format!("{}{kept}", smaller::advice(&steps)))
                .offer(steps)
            }
            End::Crash(how) => {
                let failure = Failure::new(
                    FailureCode::Internal,
                    format!("The model worker {how}, while it was {doing}."),
                );
                let on_graphics = attempt
                    .left(device, true)
                    .contains(&decoupage_dialogue::Smaller::Processor);
                if on_graphics {
                    failure
                        .advise(format!(
                            "Try again; if it happens again, run the model on the processor.{kept}"
                        ))
                        .offer([decoupage_dialogue::Smaller::Processor])
                } else {
                    failure.advise(format!(
                        "Try again; if it happens again, check the model's files.{kept}"
                    ))
                }
            }
        }
    }

    pub(crate) fn unfinished(self, failure: Failure) -> Box<Unfinished> {
        Box::new(Unfinished {
            failure,
            text: self.text,
            fields: self.fields,
        })
    }
}
