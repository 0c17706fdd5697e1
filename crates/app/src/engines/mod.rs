//! Engines that run a model: what they are shown, how they are asked, what they wrote.

mod plot;
mod server;
mod shown;
mod skeleton;

pub(crate) mod local;

use std::collections::BTreeMap;

use decoupage_conditions::Reading;
use decoupage_dialogue::{Failure, Sampling, Smaller, Stage};
use decoupage_generators::{LimitUnit, profiles};
use decoupage_interpreter::{Assembly, Brief, Interpretation, MustInclude, Progress, Room, Wishes};
use decoupage_shot::{Code, ConditionId, Fault, Outcome, Phase, Section, Shot, Take, TraceNote};

use crate::api::models::{Offer, Writing};
use crate::api::{Event, JobEnd};
use crate::jobs::Job;

/// What an engine is asked for.
pub(crate) struct Commission<'a> {
    pub(crate) shot: &'a Shot,
    pub(crate) readings: &'a BTreeMap<ConditionId, Reading>,
    /// A take whose locked sections stay.
    pub(crate) keep: Option<&'a Take>,
    /// Only these sections anew; all if empty.
    pub(crate) sections: &'a [Section],
    pub(crate) writing: &'a Writing,
    /// The model or endpoint; the person's choice where absent.
    pub(crate) model: Option<&'a str>,
    pub(crate) seed: u64,
}

/// What an engine wrote.
#[derive(Default)]
pub(crate) struct Written {
    pub(crate) interpretation: Interpretation,
    /// The model's name, where a model wrote it.
    pub(crate) model: Option<String>,
    /// Why it stopped before the end.
    pub(crate) stopped: Option<Stopped>,
}

/// Why an engine stopped, and what would likely work.
#[derive(Debug)]
pub(crate) struct Stopped {
    pub(crate) fault: Fault,
    pub(crate) offers: Vec<Offer>,
}

impl Stopped {
    pub(crate) fn of(failure: &Failure) -> Self {
        Self {
            fault: decoupage_supervisor::fault(failure),
            offers: failure.smaller.iter().map(|step| offer(*step)).collect(),
        }
    }

    /// The end of a job that has nothing to keep.
    pub(crate) fn into_end(self) -> Outcome<JobEnd> {
        if self.fault.code == Code::Cancelled {
            return Err(self.fault);
        }
        Ok(JobEnd::Failed {
            fault: self.fault,
            offers: self.offers,
        })
    }
}

impl From<Fault> for Stopped {
    fn from(fault: Fault) -> Self {
        Self {
            fault,
            offers: Vec::new(),
        }
    }
}

fn offer(step: Smaller) -> Offer {
    let says = match step {
        Smaller::FewerFrames => "Show it half as many frames",
        Smaller::Quantise => "Hold it in fewer bits",
        Smaller::Processor => "Run it on the processor",
        Smaller::SmallerModel => "Choose a smaller model",
    };
    Offer {
        step,
        says: says.to_owned(),
    }
}

impl<'a> Commission<'a> {
    pub(crate) fn brief(&self) -> Brief<'a> {
        Brief {
            shot: self.shot,
            readings: self.readings,
            keep: self.keep,
            seed: self.seed,
        }
    }

    fn wishes(&self) -> Wishes {
        Wishes {
            style: self.writing.style.clone(),
            room: room(&self.shot.generator),
            must_include: self
                .writing
                .must_include
                .iter()
                .map(|words| MustInclude {
                    words: words.clone(),
                    section: None,
                })
                .collect(),
            avoid: self.writing.avoid.clone(),
            keep_trace: !self.sections.is_empty(),
            ..Wishes::default()
        }
    }

    fn sampling(&self, wishes: &Wishes, own: Option<decoupage_catalogue::Sampling>) -> Sampling {
        let mut sampling = Sampling {
            seed: self.seed,
            ..Sampling::default()
        };
        if let Some(own) = own {
            sampling.temperature = f64::from(own.temperature);
            sampling.top_p = f64::from(own.top_p);
            sampling.top_k = own.top_k as usize;
            sampling.repetition_penalty = f64::from(own.repetition_penalty);
        }
        if let Some(temperature) = self.writing.temperature {
            sampling.temperature = temperature.clamp(0.0, 2.0);
        }
        wishes.sampling(sampling)
    }
}

/// What the shot's generator reads of a caption.
fn room(generator: &str) -> Option<Room> {
    let limit = profiles()
        .into_iter()
        .find(|profile| profile.key == generator)?
        .limit?;
    Some(match limit.unit {
        LimitUnit::Tokens => Room::Tokens(limit.most),
        LimitUnit::Words => Room::Words(limit.most),
        LimitUnit::Characters => Room::Characters(limit.most),
    })
}

/// Tells the window what was written.
pub(crate) fn tell(job: &Job, progress: Progress) {
    job.tell(&match progress {
        Progress::Trace { trace } => Event::Trace { job: job.id, trace },
        Progress::Section { section, text } => Event::Section {
            job: job.id,
            section,
            text,
        },
    });
}

pub(crate) fn phase(stage: Stage) -> Phase {
    match stage {
        Stage::Loading => Phase::Loading,
        Stage::Decoding => Phase::Decoding,
        Stage::Seeing => Phase::Seeing,
        Stage::Hearing => Phase::Hearing,
        Stage::Prefill => Phase::Prefill,
    }
}

/// What is written so far, if that is anything at all.
fn finished(assembly: &Assembly, brief: &Brief<'_>, stopped: bool) -> Option<Interpretation> {
    let answer = assembly.finish(brief);
    let mut interpretation = answer.interpretation;
    if answer.missing.len() == Section::ALL.len() {
        return None;
    }
    if stopped && !answer.missing.is_empty() {
        interpretation.trace.conditions.push(TraceNote {
            condition: None,
            text: "The model was stopped before it had written every section.".to_owned(),
        });
    }
    Some(interpretation)
}

/// How an engine's work ended; what it wrote before it stopped is in [`Written`].
pub(crate) type Ended = Result<Written, Stopped>;

/// The words of an outcome that carries no offers.
pub(crate) fn plainly<T>(outcome: Outcome<T>) -> Result<T, Stopped> {
    outcome.map_err(Stopped::from)
}
