//! The client against a server with all its errors.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod fake;

use std::collections::BTreeMap;
use std::time::Duration;

use decoupage_dialogue::*;
use decoupage_endpoint::*;
use decoupage_shot::{Cancel, Silent, Watch};
use fake::*;
use serde_json::{Value, json};

/// A medium of the tests: how many frames, 0 for a picture.
struct Frames(usize, usize);

struct Encoder;

impl Encode<Frames> for Encoder {
    fn encode(&self, medium: &Frames, limits: &MediaLimits, _: &dyn Watch) -> Outcome<Shown> {
        let picture = Encoded {
            format: Format::Jpeg,
            bytes: vec![0xAB; medium.1],
        };
        Ok(match medium.0 {
            0 => Shown::Picture(picture),
            n => Shown::Frames(
                (0..n.min(limits.max_frames))
                    .map(|k| (k as f64 / limits.fps, picture.clone()))
                    .collect(),
            ),
        })
    }
}

fn conversation(media: Vec<Frames>) -> Conversation<Frames> {
    let mut parts = vec![Part::Text("Look:".to_owned())];
    parts.extend(media.into_iter().map(Part::Media));
    parts.push(Part::Text("Write.".to_owned()));
    Conversation {
        messages: vec![
            Message {
                role: Role::System,
                parts: vec![Part::Text("You write.".to_owned())],
            },
            Message {
                role: Role::User,
                parts,
            },
        ],
    }
}

fn guide() -> Guide {
    let given = |text: &str| Step::Given {
        text: text.to_owned(),
        field: None,
    };
    let open = |field: &str| Step::Open {
        field: field.to_owned(),
        until: vec!["\n".to_owned(), "<".to_owned()],
        max_tokens: 40,
        min_tokens: 1,
        must_include: Vec::new(),
        sampling: None,
    };
    Guide {
        steps: vec![
            given("<answer>\n1. Dense caption:"),
            open("dense"),
            given("\n2. Style caption:"),
            open("style"),
            given("\n</answer>"),
        ],
    }
}

const ALONG: &str = "<answer>\n1. Dense caption: She walks.\n2. Style caption: Dusk.\n</answer>";
const JSON: &str = "{\"dense\": \"She walks.\", \"style\": \"Dusk.\"}";

/// Reads "dense: …" and "style: …" lines, as a stand-in for the interpreter's reader.
fn read(text: &str) -> Parsed {
    let mut parsed = Parsed::default();
    for field in ["dense", "style"] {
        let found = text.lines().find_map(|line| {
            let lower = line.to_lowercase();
            let at = lower.find(field)?;
            line.get(at..)?
                .split_once(':')
                .map(|(_, rest)| rest.trim().to_owned())
        });
        match found.filter(|f| !f.is_empty()) {
            Some(found) => {
                parsed.fields.insert(field.to_owned(), found);
            }
            None => parsed.missing.push(field.to_owned()),
        }
    }
    parsed
}

fn patience() -> Patience {
    Patience {
        pause: Duration::from_millis(10),
        tries: 3,
        ..Patience::default()
    }
}

fn client(fake: &Fake) -> Client {
    let address = parse_address(&fake.address.to_string(), false).unwrap();
    Client::new(address, None, None, patience())
}

/// An answer, and what was told of it put together as a shell would.
fn write(client: &Client, watch: &dyn Watch) -> (Result<Reply, Broken>, Vec<Told>) {
    let mut told = Vec::new();
    let conversation = conversation(Vec::new());
    let (guide, sampling, limits) = (guide(), Sampling::default(), MediaLimits::default());
    let task = Task {
        conversation: &conversation,
        guide: &guide,
        sampling: &sampling,
        limits: &limits,
    };
    let out = client.write(&task, &Encoder, &read, &mut |t| told.push(t), watch);
    (out, told)
}

fn together(told: &[Told]) -> BTreeMap<String, String> {
    let mut fields: BTreeMap<String, String> = BTreeMap::new();
    for told in told {
        match told {
            Told::Field { field, text } => fields.entry(field.clone()).or_default().push_str(text),
            Told::Whole { text } => fields = read(text).fields,
            Told::Again => fields.clear(),
        }
    }
    fields
}

fn right(fields: &BTreeMap<String, String>) {
    assert_eq!(fields["dense"], "She walks.");
    assert_eq!(fields["style"], "Dusk.");
}

#[test]
fn a_schema_is_asked_for_and_its_fields_stream() {
    let fake = Fake::start(Setup::default(), vec![all(JSON)]);
    let (out, told) = write(&client(&fake), &Silent);
    let reply = out.unwrap();
    right(&reply.fields);
    right(&together(&told));
    assert!(told.len() > 4, "words come as they are written: {told:?}");
    assert_eq!(reply.structure, Structure::JsonSchema);
    assert_eq!(
        (reply.usage.prompt_tokens, reply.usage.written_tokens),
        (11, 7)
    );
    let body = &fake.seen()[0];
    assert_eq!(body["model"], "writer");
    assert_eq!(body["temperature"], 0.0);
    assert_eq!(
        body["response_format"]["json_schema"]["schema"]["required"],
        json!(["dense", "style"])
    );
    // A server that nobody knows is sent nothing beyond the protocol.
    assert!(body.get("chat_template_kwargs").is_none());
    assert!(
        body["messages"][1]["content"]
            .as_str()
            .unwrap()
            .contains("\"dense\"")
    );
}

#[test]
fn llama_server_is_given_a_grammar() {
    let setup = Setup {
        owner: "llamacpp",
        llama: true,
        ..Setup::default()
    };
    let fake = Fake::start(setup, vec![all(ALONG)]);
    let client = client(&fake);
    let offer = client.probe(&Silent).unwrap();
    assert_eq!(
        (offer.server, offer.context, offer.pictures),
        (Server::LlamaCpp, Some(4096), Some(true))
    );
    let (out, told) = write(&client, &Silent);
    right(&out.unwrap().fields);
    right(&together(&told));
    let body = &fake.seen()[0];
    assert!(
        body["grammar"]
            .as_str()
            .unwrap()
            .starts_with("root ::= \"<answer>")
    );
    assert_eq!(body["reasoning_format"], "none");
    assert_eq!(fake.probed(), 1, "what it offers is remembered");
}

#[test]
fn a_stream_that_breaks_is_begun_again() {
    let fake = Fake::start(
        Setup::default(),
        vec![
            Act::Stream(vec![words("{\"dense\": \"He ru"), Piece::Break]),
            // Closed in good order, but in the middle.
            Act::Stream(vec![words("{\"dense\": \"They")]),
            all(JSON),
        ],
    );
    let (out, told) = write(&client(&fake), &Silent);
    right(&out.unwrap().fields);
    right(&together(&told));
    assert_eq!(told.iter().filter(|t| **t == Told::Again).count(), 2);
}

#[test]
fn a_stream_that_always_breaks_leaves_what_it_said() {
    let fake = Fake::start(
        Setup::default(),
        vec![Act::Stream(vec![
            words("{\"dense\": \"She wa"),
            Piece::Break,
        ])],
    );
    let broken = write(&client(&fake), &Silent).0.unwrap_err();
    assert_eq!(broken.blame, Blame::Endpoint);
    assert_eq!(broken.fields["dense"], "She wa");
    assert!(
        broken.failure.message.contains("broke off"),
        "{}",
        broken.failure
    );
    assert_eq!(fake.seen().len(), 3);
}

#[test]
fn an_end_that_is_not_marked_is_an_end() {
    for pieces in [vec![words(JSON), stop()], vec![words(JSON)]] {
        let fake = Fake::start(Setup::default(), vec![Act::Stream(pieces)]);
        right(&write(&client(&fake), &Silent).0.unwrap().fields);
        assert_eq!(fake.seen().len(), 1);
    }
}

#[test]
fn a_slow_first_word_is_waited_for_up_to_a_point() {
    let slow = |time| Act::Stream(vec![Piece::Pause(time), words(JSON), stop(), done()]);
    let fake = Fake::start(Setup::default(), vec![slow(Duration::from_millis(300))]);
    right(&write(&client(&fake), &Silent).0.unwrap().fields);

    let fake = Fake::start(Setup::default(), vec![Act::Stream(vec![Piece::Stall])]);
    let address = parse_address(&fake.address.to_string(), false).unwrap();
    let hasty = Client::new(
        address,
        None,
        None,
        Patience {
            first: Duration::from_millis(150),
            ..patience()
        },
    );
    let broken = write(&hasty, &Silent).0.unwrap_err();
    assert!(
        broken.failure.message.contains("not begun to answer"),
        "{}",
        broken.failure
    );
    assert_eq!(fake.seen().len(), 1, "a busy server is not asked twice");
}

#[test]
fn a_server_that_is_busy_is_asked_again() {
    let busy = json!({"error": {"message": "Rate limit"}}).to_string();
    let fake = Fake::start(
        Setup::default(),
        vec![
            Act::Status(429, Some("0.05"), busy),
            Act::Status(500, None, "oops".into()),
            all(JSON),
        ],
    );
    right(&write(&client(&fake), &Silent).0.unwrap().fields);
    assert_eq!(fake.seen().len(), 3);
}

#[test]
fn keys_are_sent_and_a_wrong_one_is_said() {
    let setup = || Setup {
        key: Some("sk-right"),
        ..Setup::default()
    };
    let fake = Fake::start(setup(), vec![all(JSON)]);
    let address = || parse_address(&fake.address.to_string(), false).unwrap();
    let keys = MemoryKeys::default();
    keys.set("here", &Secret::new("sk-right").unwrap()).unwrap();
    let client = Client::new(address(), None, keys.get("here").unwrap(), patience());
    right(&write(&client, &Silent).0.unwrap().fields);
    assert!(!format!("{client:?}").contains("sk-right"));
    for key in [None, Some(Secret::new("sk-wrong").unwrap())] {
        let client = Client::new(address(), None, key, patience());
        let broken = write(&client, &Silent).0.unwrap_err();
        assert!(broken.failure.message.contains("key"), "{}", broken.failure);
    }
    assert_eq!(fake.seen().len(), 1);
}

#[test]
fn what_is_no_endpoint_is_said_so() {
    let acts = [
        Act::Page,
        Act::Stream(vec![Piece::Event("hello".into())]),
        Act::Stream(vec![Piece::Event("{\"greeting\": 1}".into())]),
    ];
    for act in acts {
        let fake = Fake::start(Setup::default(), vec![act]);
        let broken = write(&client(&fake), &Silent).0.unwrap_err();
        assert!(
            broken
                .failure
                .message
                .contains("does not answer as an OpenAI-compatible"),
            "{}",
            broken.failure
        );
    }
}

#[test]
fn an_error_in_the_middle_of_a_stream_is_an_error() {
    let error = json!({"error": {"message": "CUDA error", "code": 500}}).to_string();
    let fake = Fake::start(
        Setup::default(),
        vec![
            Act::Stream(vec![words("{\"dense\": \"S"), Piece::Event(error)]),
            all(JSON),
        ],
    );
    right(&write(&client(&fake), &Silent).0.unwrap().fields);
}

#[test]
fn a_server_that_refuses_a_form_is_read_tolerantly_and_remembered() {
    let refusal =
        json!({"error": {"message": "'response_format.type' must be 'text'"}}).to_string();
    let free = "Dense: She walks.\nStyle: Dusk.";
    let fake = Fake::start(
        Setup::default(),
        vec![Act::Status(400, None, refusal), all(free)],
    );
    let client = client(&fake);
    for _ in 0..2 {
        let (out, told) = write(&client, &Silent);
        let reply = out.unwrap();
        right(&reply.fields);
        right(&together(&told));
        assert_eq!(reply.structure, Structure::Free);
        assert!(!reply.repaired);
    }
    let seen = fake.seen();
    assert_eq!(seen.len(), 3);
    assert!(seen[0].get("response_format").is_some());
    assert!(seen[1].get("response_format").is_none() && seen[2].get("response_format").is_none());
}

#[test]
fn vllm_has_more_than_one_way() {
    let refusal = |what: &str| {
        json!({"object": "error", "message": format!("{what} is not supported")}).to_string()
    };
    let setup = Setup {
        owner: "vllm",
        ..Setup::default()
    };
    let fake = Fake::start(
        setup,
        vec![
            Act::Status(400, None, json!({"object": "error", "message": "Extra inputs are not permitted: chat_template_kwargs"}).to_string()),
            Act::Status(400, None, refusal("response_format")),
            Act::Status(400, None, refusal("structured_outputs")),
            all(JSON),
        ],
    );
    let reply = write(&client(&fake), &Silent).0.unwrap();
    right(&reply.fields);
    assert_eq!(reply.structure, Structure::GuidedJson);
    let seen = fake.seen();
    assert!(seen[0].get("chat_template_kwargs").is_some());
    assert!(seen[1].get("chat_template_kwargs").is_none());
    assert!(seen[3].get("guided_json").is_some());
}

#[test]
fn a_server_that_ignores_the_form_gets_one_repair_turn() {
    let fake = Fake::start(
        Setup::default(),
        vec![
            all("Dense: She walks."),
            all("Dense: She walks.\nStyle: Dusk."),
        ],
    );
    let (out, told) = write(&client(&fake), &Silent);
    let reply = out.unwrap();
    assert!(reply.repaired);
    right(&reply.fields);
    right(&together(&told));
    let repair = &fake.seen()[1]["messages"];
    assert_eq!(repair[2]["role"], "assistant");
    assert!(
        repair[3]["content"]
            .as_str()
            .unwrap()
            .contains("lacks: style")
    );

    // A repair that does not help leaves the first answer, and what it lacks is said.
    let fake = Fake::start(Setup::default(), vec![all("Dense: She walks.")]);
    let reply = write(&client(&fake), &Silent).0.unwrap();
    assert_eq!(reply.missing, ["style"]);
    assert_eq!(fake.seen().len(), 2, "one repair turn and no more");
}

#[test]
fn a_server_that_does_not_stream_is_fine() {
    let fake = Fake::start(Setup::default(), vec![Act::Whole(JSON.to_owned())]);
    let (out, told) = write(&client(&fake), &Silent);
    right(&out.unwrap().fields);
    right(&together(&told));
}

#[test]
fn a_shot_that_is_too_long_is_said_with_what_to_do() {
    let body = json!({"error": {"code": 400, "type": "exceed_context_size_error", "message": "the request exceeds the available context size"}}).to_string();
    for status in [400, 413] {
        let fake = Fake::start(
            Setup::default(),
            vec![Act::Status(status, None, body.clone())],
        );
        let broken = write(&client(&fake), &Silent).0.unwrap_err();
        assert_eq!(broken.failure.code, FailureCode::TooLong);
        assert_eq!(broken.failure.smaller, [Smaller::FewerFrames]);
        assert_eq!(broken.blame, Blame::Work);
        assert_eq!(fake.seen().len(), 1);
    }
}

#[test]
fn a_model_that_is_not_there_is_answered_with_those_that_are() {
    let setup = Setup {
        models: vec!["big", "small"],
        ..Setup::default()
    };
    let fake = Fake::start(setup, vec![all(JSON)]);
    let address = parse_address(&fake.address.to_string(), false).unwrap();
    let client = Client::new(address, Some("huge".into()), None, patience());
    let broken = write(&client, &Silent).0.unwrap_err();
    assert_eq!(
        broken.failure.to_string(),
        "The server has no model called “huge”. It has big, small: choose one."
    );
    assert!(fake.seen().is_empty());
}

/// Cancels once a number of words was told.
struct After(Cancel);

#[test]
fn a_cancel_lets_go_at_once_and_keeps_the_words() {
    let stalled = Act::Stream(vec![words("{\"dense\": \"She wa"), Piece::Stall]);
    let fake = Fake::start(Setup::default(), vec![stalled]);
    let after = After(Cancel::default());
    let raise = after.0.clone();
    let conversation = conversation(Vec::new());
    let (guide, sampling, limits) = (guide(), Sampling::default(), MediaLimits::default());
    let task = Task {
        conversation: &conversation,
        guide: &guide,
        sampling: &sampling,
        limits: &limits,
    };
    // The patience is minutes: only the cancel ends this.
    let broken = client(&fake)
        .write(&task, &Encoder, &read, &mut |_| raise.raise(), &after.0)
        .unwrap_err();
    assert_eq!(broken.failure.code, FailureCode::Cancelled);
    assert_eq!(broken.fields["dense"], "She wa");
    // The server notices that nobody listens, and can stop writing.
    while fake.dropped() == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }

    let cancelled = Cancel::default();
    cancelled.raise();
    let fake = Fake::start(Setup::default(), vec![all(JSON)]);
    let broken = write(&client(&fake), &cancelled).0.unwrap_err();
    assert_eq!(broken.failure.code, FailureCode::Cancelled);
    assert!(fake.seen().is_empty());
}

#[test]
fn nothing_there_and_no_tls_are_told_apart() {
    let fake = Fake::start(Setup::default(), vec![all(JSON)]);
    let tls = parse_address(&format!("https://{}", fake.address), false).unwrap();
    let failure = Client::new(tls, None, None, patience())
        .probe(&Silent)
        .unwrap_err();
    assert!(failure.message.contains("TLS"), "{failure}");
    // A port that was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let gone = parse_address(&free.to_string(), false).unwrap();
    let failure = Client::new(gone, None, None, patience())
        .probe(&Silent)
        .unwrap_err();
    assert!(
        failure.message.starts_with("Nothing listens at 127.0.0.1"),
        "{failure}"
    );
}

#[test]
fn pictures_and_frames_travel_as_data_within_bounds() {
    let fake = Fake::start(Setup::default(), vec![all(JSON)]);
    let client = client(&fake);
    let (guide, sampling, limits) = (
        guide(),
        Sampling::default(),
        MediaLimits {
            max_frames: 3,
            ..MediaLimits::default()
        },
    );
    let send = |media: Vec<Frames>| {
        let conversation = conversation(media);
        let task = Task {
            conversation: &conversation,
            guide: &guide,
            sampling: &sampling,
            limits: &limits,
        };
        client.write(&task, &Encoder, &read, &mut |_| {}, &Silent)
    };
    send(vec![Frames(0, 3), Frames(9, 3)]).unwrap();
    let body = &fake.seen()[0];
    let parts: Vec<&Value> = body["messages"][1]["content"]
        .as_array()
        .unwrap()
        .iter()
        .collect();
    assert_eq!(parts[1]["image_url"]["url"], "data:image/jpeg;base64,q6ur");
    let times: Vec<&str> = parts
        .iter()
        .filter_map(|p| p["text"].as_str())
        .filter(|t| t.starts_with('['))
        .collect();
    assert_eq!(times, ["[0.0 s]", "[0.5 s]", "[1.0 s]"]);

    let broken = send(vec![Frames(0, MAX_MEDIUM_BYTES + 1)]).unwrap_err();
    assert_eq!(broken.failure.code, FailureCode::TooLong);
    assert_eq!(fake.seen().len(), 1, "nothing of it was sent");
}

#[test]
fn a_batch_goes_on_without_the_endpoint_that_failed() {
    let good = Fake::start(Setup::default(), vec![all(JSON)]);
    let bad = Fake::start(
        Setup::default(),
        vec![Act::Status(500, None, String::new())],
    );
    let clients = [client(&bad), client(&good)];
    let lane = Lane {
        rest: Duration::from_millis(5),
        patience: 1,
        places: 2,
    };
    let run = |endpoint: usize, _: usize| {
        write(&clients[endpoint], &Silent)
            .0
            .map_err(|b| (b.failure, b.blame))
    };
    let out = spread(5, &[lane, lane], &run, &Silent);
    for reply in out {
        right(&reply.unwrap().fields);
    }
    assert_eq!(good.seen().len(), 5);
}
