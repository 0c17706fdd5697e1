//! What a session remembers never changes what it writes.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::cell::Cell;
use std::path::{Path, PathBuf};

use decoupage_dialogue::{
    Conversation, DeviceWish, Failure, FailureCode, Guide, MediaLimits, Message, ModelWish, Part,
    Precision, Role, Sampling, Stage, Step,
};
use decoupage_mllm::generate::{Answer, Request, Session, Watch};
use decoupage_mllm::media::{Clip, Media, Picture};
use decoupage_mllm::model::Model;

const FAMILIES: [&str; 5] = [
    "qwen2_vl",
    "qwen2_5_vl",
    "qwen3_vl",
    "qwen2_5_omni",
    "qwen3_5",
];

fn session(family: &str, folder: Option<PathBuf>) -> Session {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/parity/fixtures");
    let wish = ModelWish {
        weights: fixtures.join(family),
        projector: None,
        precision: Precision::F32,
        device: DeviceWish::Cpu,
        context: None,
        feature_cache: None,
    };
    Session::new(Model::load(&wish, None).unwrap(), folder)
}

fn picture(width: usize, height: usize, seed: usize) -> Picture {
    let rgb = (0..width * height * 3)
        .map(|i| ((i * i + seed * 37) % 251) as u8)
        .collect();
    Picture { width, height, rgb }
}

fn asked(question: &str) -> Conversation<Media> {
    let clip = Clip {
        frames: (0..4).map(|i| picture(60, 40, i)).collect(),
        fps: 2.0,
        source: None,
        sound: None,
    };
    Conversation {
        messages: vec![
            Message {
                role: Role::System,
                parts: vec![Part::Text("You write captions.".into())],
            },
            Message {
                role: Role::User,
                parts: vec![
                    Part::Text("Her: ".into()),
                    Part::Media(Media::Picture(picture(90, 70, 9))),
                    Part::Text(" The depth: ".into()),
                    Part::Media(Media::Clip(clip)),
                    Part::Text(question.into()),
                ],
            },
        ],
    }
}

fn given(text: &str) -> Step {
    Step::Given {
        text: text.into(),
        field: None,
    }
}

fn open(field: &str) -> Step {
    Step::Open {
        field: field.into(),
        until: Vec::new(),
        max_tokens: 24,
        min_tokens: 4,
        must_include: Vec::new(),
        sampling: None,
    }
}

fn guide() -> Guide {
    Guide {
        steps: vec![
            given("<think>\nIntent: "),
            open("intent"),
            given("\n</think>\n<answer>\n1. Dense caption: "),
            open("dense"),
            given("\n2. Camera caption: "),
            open("camera"),
            given("\n</answer>"),
        ],
    }
}

#[derive(Default)]
struct Told {
    text: String,
    stages: Vec<(Stage, u64, u64)>,
}

impl Watch for Told {
    fn stage(&mut self, stage: Stage, done: u64, total: u64) {
        self.stages.push((stage, done, total));
    }
    fn note(&mut self, _text: &str) {}
    fn wrote(&mut self, _field: Option<&str>, text: &str, _tokens: u64, _rate: f64) {
        self.text.push_str(text);
    }
}

fn write(session: &mut Session, question: &str, guide: &Guide) -> Answer {
    let sampling = Sampling {
        temperature: 0.7,
        seed: 5,
        ..Sampling::default()
    };
    let request = Request {
        conversation: &asked(question),
        guide,
        sampling: &sampling,
        limits: &MediaLimits::default(),
    };
    session.write(&request, &mut Told::default(), &|| Ok(()))
}

#[test]
fn an_edit_reads_only_what_follows_and_writes_the_same() {
    for family in FAMILIES {
        let mut warm = session(family, None);
        let first = write(&mut warm, "What happens at dusk?", &guide());
        assert_eq!(first.failure, None, "{family}");
        assert_eq!(first.usage.reused_tokens, 0, "{family}");
        assert!(
            first.text.starts_with("<think>\nIntent: "),
            "{}",
            first.text
        );
        assert!(first.text.ends_with("\n</answer>"), "{}", first.text);
        for field in ["intent", "dense", "camera"] {
            assert!(!first.fields[field].is_empty(), "{family} {field}");
        }

        // The prompt's end is edited.
        let edited = write(&mut warm, "What happens at dawn?", &guide());
        let fresh = write(
            &mut session(family, None),
            "What happens at dawn?",
            &guide(),
        );
        assert_eq!(edited.text, fresh.text, "{family}");
        let media_end = edited.usage.prompt_tokens * 2 / 3;
        assert!(
            edited.usage.reused_tokens > media_end,
            "{family}: {:?}",
            edited.usage
        );
        assert_eq!(edited.usage.reused_media, 2, "{family}");

        // One section is written again; the others are locked.
        let mut again = guide();
        again.steps[1] = Step::Given {
            text: fresh.fields["intent"].clone(),
            field: Some("intent".into()),
        };
        again.steps[3] = Step::Given {
            text: fresh.fields["dense"].clone(),
            field: Some("dense".into()),
        };
        let section = write(&mut warm, "What happens at dawn?", &again);
        let from_new = write(&mut session(family, None), "What happens at dawn?", &again);
        assert_eq!(section.text, from_new.text, "{family}");
        assert!(
            section.usage.reused_tokens >= section.usage.prompt_tokens,
            "{family}: {:?}",
            section.usage
        );
        assert_eq!(section.fields["dense"], fresh.fields["dense"], "{family}");
        // And once more, with all that is given still in memory.
        let twice = write(&mut warm, "What happens at dawn?", &again);
        assert_eq!(twice.text, section.text, "{family}");
        assert!(
            twice.usage.reused_tokens > section.usage.prompt_tokens,
            "{family}: {:?}",
            twice.usage
        );
    }
}

#[test]
fn features_are_kept_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let at = || Some(folder.path().to_owned());
    for family in ["qwen3_vl", "qwen2_5_omni"] {
        let first = write(&mut session(family, at()), "Who?", &guide());
        assert_eq!(first.usage.reused_media, 0);
        let second = write(&mut session(family, at()), "Who?", &guide());
        assert_eq!(second.usage.reused_media, 2);
        assert_eq!(first.text, second.text);
    }
}

#[test]
fn cancelling_keeps_what_was_written_and_the_session() {
    for family in FAMILIES {
        let whole = write(&mut session(family, None), "Who?", &guide());
        let mut session = session(family, None);
        let mut seen_partial = false;
        for after in [0, 3, 20, 60, 90, 150, 260] {
            let left = Cell::new(after);
            let go_on = || {
                if left.get() == 0 {
                    return Err(Failure::cancelled());
                }
                left.set(left.get() - 1);
                Ok(())
            };
            let conversation = asked("Who?");
            let sampling = Sampling {
                temperature: 0.7,
                seed: 5,
                ..Sampling::default()
            };
            let request = Request {
                conversation: &conversation,
                guide: &guide(),
                sampling: &sampling,
                limits: &MediaLimits::default(),
            };
            let mut told = Told::default();
            let answer = session.write(&request, &mut told, &go_on);
            if let Some(failure) = &answer.failure {
                assert_eq!(failure.code, FailureCode::Cancelled, "{family}");
                seen_partial |= answer.fields.contains_key("intent");
            } else {
                assert_eq!(answer.text, whole.text, "{family}");
            }
            assert_eq!(
                write(&mut session, "Who?", &guide()).text,
                whole.text,
                "{family}"
            );
        }
        assert!(seen_partial, "{family}");
    }
}

#[test]
fn stages_are_told() {
    let mut session = session("qwen2_vl", None);
    let conversation = asked("Who?");
    let request = Request {
        conversation: &conversation,
        guide: &Guide::default(),
        sampling: &Sampling::default(),
        limits: &MediaLimits::default(),
    };
    let mut told = Told::default();
    let answer = session.write(&request, &mut told, &|| Ok(()));
    assert_eq!(told.text, answer.text);
    assert!(told.stages.contains(&(Stage::Seeing, 2, 2)));
    let prompt = answer.usage.prompt_tokens as u64;
    assert_eq!(told.stages.last(), Some(&(Stage::Prefill, prompt, prompt)));
}
