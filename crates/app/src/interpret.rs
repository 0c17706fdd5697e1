//! From a shot to a new take, and what is wrong with one.

use std::time::{SystemTime, UNIX_EPOCH};

use decoupage_interpreter::{Brief, Progress, check, measured};
use decoupage_shot::{
    Code, Edit, Engine, Fault, Outcome, Phase, Section, Shot, ShotId, Silent, Take, TakeId,
    TraceNote, Watch,
};

use crate::Core;
use crate::api::models::Writing;
use crate::api::{Event, JobEnd, Response};
use crate::readings::Measured;

impl Core {
    pub(crate) fn interpret(
        &self,
        shot: ShotId,
        engine: Engine,
        _model: Option<String>,
        seed: u64,
        sections: Vec<Section>,
        _writing: Writing,
    ) -> Outcome<Response> {
        let shot = self.with(|session| Ok(session.shot(shot)?.clone()))?;
        if engine != Engine::Measured {
            return Err(Fault::new(
                Code::Unsupported,
                "Only the measured engine is built in so far.",
            )
            .advise("Choose the measured engine."));
        }
        if shot.prompt.trim().is_empty() && shot.conditions.is_empty() {
            return Err(
                Fault::new(Code::Invalid, "There is nothing to interpret yet.")
                    .advise("Write a prompt, or drop a picture, a clip or a camera path."),
            );
        }
        self.start(move |core, job| {
            let Measured { readings, refused } = core.readings_of(&shot, job)?;
            job.report(Phase::Writing, 0, 0);
            let keep = kept(&shot, &sections);
            let brief = Brief {
                shot: &shot,
                readings: &readings,
                keep: keep.as_ref(),
                seed,
            };
            let mut written = measured::interpret(&brief, &mut |progress| {
                job.go_on()?;
                job.tell(&match progress {
                    Progress::Trace { trace } => Event::Trace { job: job.id, trace },
                    Progress::Section { section, text } => Event::Section {
                        job: job.id,
                        section,
                        text,
                    },
                });
                Ok(())
            })?;
            for (id, fault) in &refused {
                written.trace.conditions.push(TraceNote {
                    condition: Some(*id),
                    text: format!(
                        "“{}” could not be read and was left out: {}",
                        shot.condition(*id).map_or("", |c| c.name.as_str()),
                        fault.message
                    ),
                });
            }
            let take = Take {
                engine,
                seed,
                parent: shot.current_take,
                created_ms: now_ms(),
                prompt: shot.prompt.clone(),
                trace: written.trace,
                caption: written.caption,
                origins: written.origins,
                // Locks go on protecting what they protect, in the new take too.
                locked: shot
                    .take()
                    .map(|take| take.locked.clone())
                    .unwrap_or_default(),
                ..Take::blank()
            };
            core.change(|session| {
                session.apply(
                    Edit::AddTake {
                        shot: shot.id,
                        take: Box::new(take),
                    },
                    None,
                )
            })?;
            let take = core.with(|session| {
                session
                    .shot(shot.id)?
                    .current_take
                    .ok_or_else(|| Fault::new(Code::Internal, "The new take was lost."))
            })?;
            Ok(JobEnd::Take {
                shot: shot.id,
                take,
                unfinished: false,
            })
        })
    }

    pub(crate) fn interpret_all(
        &self,
        _shots: Vec<ShotId>,
        _seed: u64,
        _writing: Writing,
    ) -> Outcome<Response> {
        Err(Fault::new(Code::Unsupported, "That is not built yet."))
    }

    pub(crate) fn check(&self, shot: ShotId, take: Option<TakeId>) -> Outcome<Response> {
        let (shot, take) = self.shot_and_take(shot, take)?;
        let Measured { readings, .. } = self.readings_of(&shot, &Silent)?;
        let brief = Brief {
            shot: &shot,
            readings: &readings,
            keep: None,
            seed: take.seed,
        };
        Ok(Response::Findings {
            findings: check::check(&brief, &take),
        })
    }

    /// A shot and one of its takes, the current one by default.
    pub(crate) fn shot_and_take(
        &self,
        shot: ShotId,
        take: Option<TakeId>,
    ) -> Outcome<(Shot, Take)> {
        self.with(|session| {
            let shot = session.shot(shot)?;
            let take = match take {
                Some(id) => shot.takes.iter().find(|take| take.id == id),
                None => shot.take(),
            };
            let take = take.ok_or_else(|| {
                Fault::new(Code::Invalid, format!("“{}” has no take yet.", shot.name))
                    .advise("Interpret it first.")
            })?;
            Ok((shot.clone(), take.clone()))
        })
    }
}

/// The current take with everything locked that must stay: what the person locked, and, when
/// only some sections are wanted anew, all the others.
fn kept(shot: &Shot, wanted: &[Section]) -> Option<Take> {
    let mut take = shot.take()?.clone();
    if !wanted.is_empty() {
        take.locked
            .extend(Section::ALL.into_iter().filter(|s| !wanted.contains(s)));
    }
    (!take.locked.is_empty()).then_some(take)
}

pub(crate) fn now_ms() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| {
            u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
        })
}
