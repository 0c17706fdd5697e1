//! The client against a real server, for whoever has one:
//! `DECOUPAGE_ENDPOINT=http://127.0.0.1:8080 cargo test -p decoupage-endpoint --test real_server -- --ignored --nocapture`.
//! A checkpoint with random weights will do: the structure must be right whatever it says.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test fails by panicking, and this one is watched"
)]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use decoupage_dialogue::*;
use decoupage_endpoint::*;
use decoupage_shot::{Cancel, Silent, Watch};

/// A red square of 64 by 64 pixels.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAIAAAAlC+aJAAAAT0lEQVR42u3PQQkAAAgEsEvi2/4Y0Ai+hcEKLFP9WgQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQELgsIXaDiQ+0rbwAAAABJRU5ErkJggg==";

/// Shows the picture where the server sees pictures, else words.
struct Png(bool);

impl Encode<()> for Png {
    fn encode(&self, _: &(), _: &MediaLimits, _: &dyn Watch) -> Outcome<Shown> {
        let picture = Encoded {
            format: Format::Png,
            bytes: STANDARD.decode(PNG).unwrap(),
        };
        Ok(match self.0 {
            true => Shown::Frames(vec![(0.0, picture.clone()), (0.5, picture)]),
            false => Shown::Words("(a picture)".into()),
        })
    }
}

fn guide() -> Guide {
    let mut steps = vec![Step::Given {
        text: "<think>\n1. Intent:".into(),
        field: None,
    }];
    let open = |field: &str, max_tokens| Step::Open {
        field: field.into(),
        until: vec!["\n".into(), "<".into()],
        max_tokens,
        min_tokens: 4,
        must_include: Vec::new(),
        sampling: None,
    };
    steps.push(open("intent", 60));
    for (given, field, most) in [
        (
            "\n2. Conditions:\n- camera path “dolly \"1\" [a\\b]”:",
            "note_1",
            40,
        ),
        ("\n</think>\n<answer>\n1. Dense caption:", "dense", 209),
        ("\n2. Main object caption:", "main_object", 143),
        ("\n3. Background caption:", "background", 133),
    ] {
        steps.push(Step::Given {
            text: given.into(),
            field: None,
        });
        steps.push(open(field, most));
    }
    steps.extend([
        Step::Given {
            text: "\n4. Camera caption:".into(),
            field: None,
        },
        Step::Given {
            text: " Static, “locked” off.".into(),
            field: Some("camera".into()),
        },
        Step::Given {
            text: "\n5. Style caption:".into(),
            field: None,
        },
        Step::Choose {
            field: "style".into(),
            options: vec![" Naturalistic.".into(), " Black and white.".into()],
        },
        Step::Given {
            text: "\n6. Action caption:".into(),
            field: None,
        },
        Step::Moments {
            field: "action".into(),
            last_s: 4,
            max_moments: 3,
            max_tokens: 20,
        },
        Step::Given {
            text: "\n</answer>".into(),
            field: None,
        },
    ]);
    Guide { steps }
}

fn client() -> Client {
    let address = std::env::var("DECOUPAGE_ENDPOINT").expect("DECOUPAGE_ENDPOINT is set");
    let address = parse_address(&address, true).unwrap();
    Client::new(address, None, None, Patience::default())
}

#[test]
#[ignore = "needs a server: set DECOUPAGE_ENDPOINT"]
fn structure_holds_whatever_the_model_says() {
    let client = client();
    let offer = client.probe(&Silent).unwrap();
    println!("{offer:?}");
    let encode = Png(offer.pictures == Some(true));
    let conversation = Conversation {
        messages: vec![Message {
            role: Role::User,
            parts: vec![Part::Text("Write.".into()), Part::Media(())],
        }],
    };
    let guide = guide();
    for seed in 0..3 {
        let sampling = Sampling {
            temperature: 1.5,
            seed,
            ..Sampling::default()
        };
        let mut told: BTreeMap<String, String> = BTreeMap::new();
        let reply = client
            .write(
                &Task {
                    conversation: &conversation,
                    guide: &guide,
                    sampling: &sampling,
                    limits: &MediaLimits::default(),
                },
                &encode,
                &|_| Parsed {
                    missing: vec!["everything".into()],
                    ..Parsed::default()
                },
                &mut |t| match t {
                    Told::Field { field, text } => told.entry(field).or_default().push_str(&text),
                    Told::Again => told.clear(),
                    Told::Whole { text } => panic!("the answer strays from the guide: {text}"),
                },
                &Silent,
            )
            .unwrap();
        println!("{:?} {:?}\n{}", reply.structure, reply.usage, reply.text);
        assert!(reply.missing.is_empty(), "{:?}", reply.missing);
        assert_eq!(told.len(), 7);
        for (field, text) in &reply.fields {
            assert_eq!(told[field].trim(), text.trim());
        }
    }
}

#[test]
#[ignore = "needs a server: set DECOUPAGE_ENDPOINT"]
fn a_cancel_is_quick() {
    let client = client();
    let conversation: Conversation<()> = Conversation {
        messages: vec![Message {
            role: Role::User,
            parts: vec![Part::Text("Write for a long time.".into())],
        }],
    };
    let cancel = Cancel::default();
    let raise = cancel.clone();
    let mut raised = None;
    let broken = client
        .write(
            &Task {
                conversation: &conversation,
                guide: &Guide::default(),
                sampling: &Sampling::default(),
                limits: &MediaLimits::default(),
            },
            &Png(false),
            &|_| Parsed::default(),
            &mut |_| {
                raise.raise();
                raised.get_or_insert_with(Instant::now);
            },
            &cancel,
        )
        .unwrap_err();
    let took = raised.map_or(Duration::ZERO, |at| at.elapsed());
    println!("cancelled after {took:?}: {}", broken.failure);
    assert_eq!(broken.failure.code, FailureCode::Cancelled);
}
