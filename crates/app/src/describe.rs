//! An identity picture in the words of a model on this computer: an addition to its reading,
//! told as the model's.

use std::path::Path;

use decoupage_conditions::identity::Description;
use decoupage_dialogue::{Conversation, Guide, Message, Part, Role, Sampling, Source, Step};
use decoupage_shot::{Code, Condition, ConditionId, ConditionKind, Fault, Outcome, Phase, Watch};
use decoupage_supervisor::{Event as Told, Request};

use crate::Core;
use crate::api::{Event, Response};
use crate::engines::local::Ready;
use crate::engines::{Stopped, phase};
use crate::jobs::Job;

/// What the words are collected under.
const FIELD: &str = "description";
/// Two or three sentences.
const MOST_TOKENS: usize = 120;
const FEWEST_TOKENS: usize = 8;

const TASK: &str = "You describe reference pictures for a film crew. Say who or what is in the \
picture so that it can be recognised in every shot: kind, build, face, hair, dress, materials, \
marks. Two or three plain sentences in the present tense. Only what is seen; no guesses about \
names, stories or feelings; nothing about the picture itself.";

impl Core {
    pub(crate) fn describe(&self, id: ConditionId, model: Option<String>) -> Outcome<Response> {
        let (condition, path) = self.with(|session| session.located(id))?;
        if condition.kind != ConditionKind::Identity {
            return Err(Fault::new(
                Code::Invalid,
                "Only identity pictures are described by a model.",
            ));
        }
        self.start(move |core, job| {
            let ready = core.ready(model.as_deref(), job)?;
            match core.ask_for_description(&condition, &path, ready, job)? {
                Ok(description) => {
                    core.inner
                        .readings
                        .keep_description(&condition, &path, description)?;
                    core.reading_end(id, job)
                }
                Err(stopped) => stopped.into_end(),
            }
        })
    }

    fn ask_for_description(
        &self,
        condition: &Condition,
        path: &Path,
        ready: Ready,
        job: &Job,
    ) -> Outcome<Result<Description, Stopped>> {
        let name = ready.chosen.found.name.clone();
        let picture = shown(path)?;
        let mut question = vec![Part::Media(picture)];
        if let Some(named) = named(condition) {
            question.push(Part::Text(format!("This is {named}.")));
        }
        question.push(Part::Text(
            "Describe the subject of this picture.".to_owned(),
        ));
        let request = Request {
            model: ready.wish,
            conversation: Conversation {
                messages: vec![
                    Message {
                        role: Role::System,
                        parts: vec![Part::Text(TASK.to_owned())],
                    },
                    Message {
                        role: Role::User,
                        parts: question,
                    },
                ],
            },
            guide: Guide {
                steps: vec![Step::Open {
                    field: FIELD.to_owned(),
                    until: vec!["\n\n".to_owned()],
                    max_tokens: MOST_TOKENS,
                    min_tokens: FEWEST_TOKENS,
                    must_include: Vec::new(),
                    sampling: None,
                }],
            },
            // The same picture is described in the same words.
            sampling: Sampling {
                temperature: 0.0,
                ..Sampling::default()
            },
            limits: ready.limits,
        };
        let answer = ready.worker.write(&request, job, &mut |told| match told {
            Told::Progress { stage, done, total } => job.report(phase(stage), done, total),
            Told::Note(text) => job.tell(&Event::Note { job: job.id, text }),
            Told::Loaded(_) => {}
            Told::Text { .. } => job.report(Phase::Writing, 0, 0),
        });
        let answer = match answer {
            Ok(answer) => answer,
            Err(unfinished) => return Ok(Err(Stopped::of(&unfinished.failure))),
        };
        let text = answer
            .fields
            .get(FIELD)
            .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
            .unwrap_or_default();
        if text.is_empty() {
            return Err(Fault::new(Code::Unsupported, "The model wrote nothing.")
                .advise("Choose another model, or describe the picture in its note."));
        }
        Ok(Ok(Description { text, model: name }))
    }
}

/// The picture itself, or the first of a folder of frames.
fn shown(path: &Path) -> Outcome<Source> {
    let path = if path.is_dir() {
        decoupage_media::frames_of(path)?
            .into_iter()
            .next()
            .unwrap_or_else(|| path.to_owned())
    } else {
        path.to_owned()
    };
    let info = decoupage_media::probe(&path)?;
    Ok(if info.form == decoupage_media::MediaForm::Picture {
        Source::Picture { path }
    } else {
        Source::Clip {
            path,
            with_sound: false,
        }
    })
}

/// What the person calls it, where that is more than a file's name.
fn named(condition: &Condition) -> Option<String> {
    let note = condition.note.trim();
    if !note.is_empty() {
        return Some(note.to_owned());
    }
    let name = condition.name.trim();
    let written = name.chars().all(|c| c.is_alphabetic() || c == ' ');
    (written && name.chars().next().is_some_and(char::is_uppercase)).then(|| name.to_owned())
}
