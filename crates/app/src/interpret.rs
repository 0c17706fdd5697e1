//! From a shot to a new take, and what is wrong with one.

use std::time::{SystemTime, UNIX_EPOCH};

use decoupage_interpreter::{Brief, check, measured};
use decoupage_shot::{
    Code, ConditionId, Edit, Engine, Fault, Outcome, Phase, Section, Shot, ShotId, Silent, Take,
    TakeId, TraceNote, Watch,
};

use crate::Core;
use crate::api::models::Writing;
use crate::api::{JobEnd, Response};
use crate::engines::{Commission, Ended, Written, tell};
use crate::jobs::Job;
use crate::readings::Measured;

impl Core {
    pub(crate) fn interpret(
        &self,
        shot: ShotId,
        engine: Engine,
        model: Option<String>,
        seed: u64,
        sections: Vec<Section>,
        writing: Writing,
    ) -> Outcome<Response> {
        let shot = self.with(|session| Ok(session.shot(shot)?.clone()))?;
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
            let commission = Commission {
                shot: &shot,
                readings: &readings,
                keep: keep.as_ref(),
                sections: &sections,
                writing: &writing,
                model: model.as_deref(),
                seed,
            };
            let written = match engine {
                Engine::Measured | Engine::Hand => core.write_measured(&commission, job),
                Engine::Local => core.write_locally(&commission, job),
                Engine::Server => core.write_on_server(&commission, job),
            };
            let mut written = match written {
                Ok(written) => written,
                Err(stopped) => return stopped.into_end(),
            };
            let stopped = written.stopped.take();
            let take = core.keep_take(&shot, engine, seed, written, &refused)?;
            match stopped {
                None => Ok(JobEnd::Take {
                    shot: shot.id,
                    take,
                    unfinished: false,
                }),
                Some(stopped) if stopped.fault.code == Code::Cancelled => Ok(JobEnd::Take {
                    shot: shot.id,
                    take,
                    unfinished: true,
                }),
                Some(stopped) => stopped.into_end(),
            }
        })
    }

    fn write_measured(&self, ask: &Commission<'_>, job: &Job) -> Ended {
        let interpretation = measured::interpret(&ask.brief(), &mut |progress| {
            job.go_on()?;
            tell(job, progress);
            Ok(())
        })?;
        Ok(Written {
            interpretation,
            ..Written::default()
        })
    }

    /// Makes what was written a new take of the shot, the current one.
    pub(crate) fn keep_take(
        &self,
        shot: &Shot,
        engine: Engine,
        seed: u64,
        written: Written,
        refused: &[(ConditionId, Fault)],
    ) -> Outcome<TakeId> {
        let mut interpretation = written.interpretation;
        for (id, fault) in refused {
            interpretation.trace.conditions.push(TraceNote {
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
            model: written.model,
            seed,
            parent: shot.current_take,
            created_ms: now_ms(),
            prompt: shot.prompt.clone(),
            trace: interpretation.trace,
            caption: interpretation.caption,
            origins: interpretation.origins,
            // Locks go on protecting what they protect, in the new take too.
            locked: shot
                .take()
                .map(|take| take.locked.clone())
                .unwrap_or_default(),
            ..Take::blank()
        };
        self.change(|session| {
            session.apply(
                Edit::AddTake {
                    shot: shot.id,
                    take: Box::new(take),
                },
                None,
            )
        })?;
        self.with(|session| {
            session
                .shot(shot.id)?
                .current_take
                .ok_or_else(|| Fault::new(Code::Internal, "The new take was lost."))
        })
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
