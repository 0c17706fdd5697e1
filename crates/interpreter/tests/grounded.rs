//! What a model is told, and what becomes of what it says.
//!
//! One conversation is kept word for word in `tests/golden/conversations`; after a wanted
//! change, run with `UPDATE_GOLDEN=1` and read it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod support;

use std::collections::BTreeMap;
use std::path::Path;

use decoupage_dialogue::{Guide, Part, Step};
use decoupage_interpreter::*;
use decoupage_shot::*;
use proptest::prelude::*;
use support::market_with_sentences as market;
use support::*;

fn brief(case: &Case) -> Brief<'_> {
    Brief {
        shot: &case.shot,
        readings: &case.readings,
        keep: None,
        seed: 0,
    }
}

/// A conversation and its script as a page.
fn page(grounded: &Grounded) -> String {
    let mut page = String::new();
    let mut media = grounded.media.iter();
    for message in &grounded.conversation.messages {
        page.push_str(&format!("=== {:?} ===\n", message.role));
        for part in &message.parts {
            match part {
                Part::Text(text) => page.push_str(text),
                Part::Media(request) => {
                    let wanted = media.next().expect("every medium is named");
                    assert_eq!(wanted.request, *request);
                    page.push_str(&format!("[[{}: {:?}]]", wanted.name, request));
                }
            }
        }
        page.push('\n');
    }
    page.push_str("=== Script ===\n");
    page.push_str(&script_page(&grounded.guide));
    page.push('\n');
    page
}

fn script_page(guide: &Guide) -> String {
    guide
        .steps
        .iter()
        .map(|step| match step {
            Step::Given { text, field: None } => text.clone(),
            Step::Given {
                text,
                field: Some(field),
            } => format!("{text}[={field}]"),
            Step::Open {
                field, max_tokens, ..
            } => format!(" [[{field} ≤{max_tokens}]]"),
            Step::Choose { field, options } => format!(" [[{field}: {options:?}]]"),
            Step::Moments {
                field,
                last_s,
                max_moments,
                ..
            } => {
                format!(" [[{field}: {max_moments} moments to {last_s} s]]")
            }
        })
        .collect()
}

#[test]
fn a_conversation_word_for_word() {
    let case = market();
    let page = page(&ground(
        &brief(&case),
        &Wishes::default(),
        Senses::default(),
    ));
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/conversations/market_at_dusk.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &page).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == page,
        "the conversation has changed; it now reads:\n{page}"
    );
}

/// All words of the conversation before a place that both share.
fn words(grounded: &Grounded) -> String {
    grounded
        .conversation
        .messages
        .iter()
        .flat_map(|m| &m.parts)
        .map(|p| match p {
            Part::Text(text) => text.clone(),
            Part::Media(request) => format!("{request:?}"),
        })
        .collect()
}

#[test]
fn an_edited_prompt_leaves_everything_before_it_as_it_was() {
    let one = market();
    let mut other = one.clone();
    other.shot.prompt = "A man runs".into();
    let (a, b) = (
        words(&ground(&brief(&one), &Wishes::default(), Senses::default())),
        words(&ground(
            &brief(&other),
            &Wishes::default(),
            Senses::default(),
        )),
    );
    let common = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    let prompt = a
        .find("The prompt:\n")
        .map(|at| a[..at].chars().count())
        .unwrap();
    assert!(common >= prompt, "{common} of {prompt}");
    // Most of what is read is read once.
    assert!(prompt * 10 > a.chars().count() * 8);
}

fn written(case: &Case, keep: Option<&Take>) -> Take {
    let brief = Brief {
        keep,
        ..brief(case)
    };
    let out = measured::interpret(&brief, &mut |_| Ok(())).unwrap();
    Take {
        prompt: case.shot.prompt.clone(),
        trace: out.trace,
        caption: out.caption,
        origins: out.origins,
        ..Take::blank()
    }
}

/// What an obedient model writes along a script: the script's text and its fields.
fn obey(guide: &Guide, write: impl Fn(&str) -> String) -> (String, BTreeMap<String, String>) {
    let mut text = String::new();
    let mut fields = BTreeMap::new();
    for step in &guide.steps {
        match step {
            Step::Given { text: given, field } => {
                text.push_str(given);
                if let Some(field) = field {
                    fields.insert(field.clone(), given.clone());
                }
            }
            Step::Open { field, .. } | Step::Choose { field, .. } | Step::Moments { field, .. } => {
                let words = format!(" {}", write(field));
                text.push_str(&words);
                fields.insert(field.clone(), words);
            }
        }
    }
    (text, fields)
}

#[test]
fn a_section_alone_is_written_last_and_the_rest_stays() {
    let case = market();
    let mut take = written(&case, None);
    take.locked = Section::ALL
        .into_iter()
        .filter(|s| *s != Section::Background)
        .collect();
    let brief = Brief {
        keep: Some(&take),
        ..brief(&case)
    };
    let wishes = Wishes {
        keep_trace: true,
        ..Wishes::default()
    };
    let grounded = ground(&brief, &wishes, Senses::default());
    let open: Vec<&Step> = grounded
        .guide
        .steps
        .iter()
        .filter(|s| !matches!(s, Step::Given { .. }))
        .collect();
    assert!(matches!(open.as_slice(), [Step::Open { field, .. }] if field == "background"));
    let page = script_page(&grounded.guide);
    assert!(
        page.ends_with("3. Background caption: [[background ≤133]]\n</answer>"),
        "{page}"
    );
    assert!(page.contains("</think>") && page.contains(take.caption.get(Section::Action)));
    // The locked words also stand at the end of what the model is told.
    assert!(words(&grounded).contains(take.caption.get(Section::Style)));

    let (_, fields) = obey(&grounded.guide, |_| {
        "Market stalls, lit from within.".to_owned()
    });
    let mut assembly = Assembly::new(&grounded.plan);
    assert_eq!(
        assembly.begin().len(),
        6,
        "the trace and five sections stand from the start"
    );
    assembly.settle(&fields);
    let answer = assembly.finish(&brief);
    assert!(answer.missing.is_empty());
    assert_eq!(
        answer.interpretation.caption.background,
        "Market stalls, lit from within."
    );
    for section in take.locked.iter().copied() {
        assert_eq!(
            answer.interpretation.caption.get(section),
            take.caption.get(section)
        );
        assert_eq!(
            answer.interpretation.origins.get(section),
            take.origins.get(section)
        );
    }
    assert_eq!(answer.interpretation.trace, take.trace);
}

#[test]
fn a_trace_of_another_prompt_is_not_kept() {
    let case = market();
    let mut take = written(&case, None);
    take.prompt = "Something else".into();
    take.locked = [Section::Style].into();
    let brief = Brief {
        keep: Some(&take),
        ..brief(&case)
    };
    let wishes = Wishes {
        keep_trace: true,
        ..Wishes::default()
    };
    let plan = ground(&brief, &wishes, Senses::default()).plan;
    assert_eq!(plan.trace, None);
    assert_eq!(
        plan.sections[0].section,
        Section::Style,
        "what is locked comes first"
    );
}

#[test]
fn styles_land_where_they_are_said_to() {
    let case = market();
    let wishes = Wishes {
        style: WritingStyle::Moments,
        sections: [(
            Section::Background,
            WritingStyle::Attributes(vec![Attribute::Emotions, Attribute::Scene]),
        )]
        .into(),
        must_include: vec![MustInclude {
            words: "lantern".into(),
            section: Some(Section::Style),
        }],
        avoid: vec!["dark".into()],
        room: Some(Room::Tokens(256)),
        ..Wishes::default()
    };
    let grounded = ground(&brief(&case), &wishes, Senses::default());
    let moments: Vec<&str> = grounded
        .guide
        .steps
        .iter()
        .filter_map(|s| match s {
            Step::Moments { field, last_s, .. } => {
                assert_eq!(*last_s, 4);
                Some(field.as_str())
            }
            _ => None,
        })
        .collect();
    assert_eq!(moments, ["dense", "action"]);
    let told = words(&grounded);
    assert!(
        told.contains("detail on scene (the place, its light and weather) and emotions"),
        "{told}"
    );
    assert!(told.contains("Never write: “dark”"));
    assert!(grounded.guide.steps.iter().any(|s| matches!(s, Step::Open { field, must_include, .. } if field == "style" && must_include == &["lantern"])));
    assert_eq!(wishes.sampling(Default::default()).avoid, ["dark"]);

    let endless = support::case("A lighthouse");
    let grounded = ground(&brief(&endless), &wishes, Senses::default());
    assert_eq!(grounded.notes.len(), 2, "{:?}", grounded.notes);
}

#[test]
fn a_model_that_sees_nothing_is_told_in_words() {
    let case = market();
    let blind = ground(&brief(&case), &Wishes::default(), Senses::blind());
    assert!(blind.media.is_empty());
    assert!(words(&blind).contains("trucks right, slow, 0.0–3.0 s"));
    let one = ground(
        &brief(&case),
        &Wishes::default(),
        Senses {
            most: 1,
            ..Senses::default()
        },
    );
    assert_eq!(one.media.len(), 1);
    assert!(one.notes[0].contains("in words only"), "{:?}", one.notes);
}

#[test]
fn an_answer_becomes_a_trace_and_a_caption() {
    let case = market();
    let brief = brief(&case);
    let grounded = ground(&brief, &Wishes::default(), Senses::default());
    assert!(
        !grounded.plan.conflicts.is_empty(),
        "the static camera contradicts the path"
    );
    let write = |field: &str| {
        match field {
        "intent" => "A woman walks her dog past stalls at dusk.".to_owned(),
        "note_1" => "She wears a deep red coat.".to_owned(),
        "agreements" => "The pose clip walks from left to right, as the depth clip moves.".to_owned(),
        "resolution_1" => "the camera holds still.".to_owned(),
        "other_conflicts" => "None.".to_owned(),
        "supplement" => "Lamps are lit in the stalls, because dusk calls for them.".to_owned(),
        "dense" => "At dusk Mara, a woman in a deep red coat, walks her dog past market stalls from left to right.".to_owned(),
        "camera" => "Static camera.".to_owned(),
        other => format!("Some words for {other}."),
    }
    };
    let (text, fields) = obey(&grounded.guide, write);

    // Streamed in small pieces, settled at the end, or read from free text: the same answer.
    let mut streamed = Assembly::new(&grounded.plan);
    let mut events = 0;
    for (field, words) in &fields {
        let chars: Vec<char> = words.chars().collect();
        for piece in chars.chunks(3) {
            events += usize::from(
                streamed
                    .add(Some(field), &piece.iter().collect::<String>())
                    .is_some(),
            );
        }
    }
    assert!(events > 50);
    assert_eq!(streamed.add(None, "1. Dense caption:"), None);
    let mut settled = Assembly::new(&grounded.plan);
    settled.settle(&fields);
    let mut free = Assembly::new(&grounded.plan);
    assert!(!free.whole(&text).is_empty());
    assert!(
        free.whole(&text).is_empty(),
        "what is known is not told again"
    );
    let answer = settled.finish(&brief);
    assert_eq!(streamed.finish(&brief), answer);
    assert_eq!(free.finish(&brief), answer);

    let out = &answer.interpretation;
    assert!(answer.missing.is_empty());
    assert!(answer.missing_steps.is_empty());
    assert_eq!(out.trace.conditions.len(), 4);
    assert_eq!(out.trace.conditions[0].condition, Some(ConditionId(10)));
    let conflict = &out.trace.alignment.conflicts[0];
    assert!(
        conflict
            .resolution
            .starts_with("The prompt wins: the camera holds still"),
        "{conflict:?}"
    );
    assert_eq!(out.trace.alignment.agreements[0].conditions.len(), 2);
    assert_eq!(out.trace.supplement[0].why, "Because dusk calls for them.");

    // Origins: the prompt's words are the prompt's, "deep" is the picture's, the way is the pose's.
    let origin = |section: Section, words: &str| {
        let text = out.caption.get(section);
        let at = text[..text.find(words).unwrap()].chars().count() as u32;
        let span = out
            .origins
            .get(section)
            .iter()
            .find(|s| s.start <= at && at < s.end)
            .unwrap();
        (span.origin, span.condition.map(|c| c.0))
    };
    assert_eq!(origin(Section::Dense, "woman"), (Origin::Prompt, None));
    assert_eq!(
        origin(Section::Dense, "Mara"),
        (Origin::Condition, Some(10))
    );
    assert_eq!(
        origin(Section::Dense, "deep"),
        (Origin::Condition, Some(10))
    );
    assert_eq!(origin(Section::Dense, "stalls"), (Origin::Prompt, None));
    assert_eq!(
        origin(Section::Dense, "left to"),
        (Origin::Condition, Some(11))
    );
}

#[test]
fn a_cancelled_answer_keeps_what_was_written() {
    let case = market();
    let brief = brief(&case);
    let grounded = ground(&brief, &Wishes::default(), Senses::default());
    let mut assembly = Assembly::new(&grounded.plan);
    assembly.add(Some("intent"), " A walk.");
    assembly.add(Some("dense"), " A woman walks past");
    let answer = assembly.finish(&brief);
    assert_eq!(answer.interpretation.caption.dense, "A woman walks past");
    assert_eq!(answer.missing.len(), 5);
    assert!(answer.complaint().unwrap().contains("“Camera”"));
    assert_eq!(answer.missing_steps, [2, 3, 4]);
}

/// Every scalar of a text has exactly one origin.
fn covered(text: &str, spans: &[OriginSpan]) {
    let length = text.chars().count() as u32;
    let mut at = 0;
    for span in spans {
        assert_eq!(span.start, at, "{spans:?}");
        assert!(span.end > span.start);
        at = span.end;
    }
    assert_eq!(at, length, "{text:?} {spans:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn whatever_a_model_writes_has_origins_throughout(texts in proptest::collection::vec("\\PC{0,80}", 6)) {
        let case = market();
        let brief = brief(&case);
        let grounded = ground(&brief, &Wishes::default(), Senses::default());
        let mut assembly = Assembly::new(&grounded.plan);
        for (section, text) in Section::ALL.into_iter().zip(&texts) {
            assembly.add(Some(section.key()), text);
        }
        let answer = assembly.finish(&brief);
        for section in Section::ALL {
            covered(answer.interpretation.caption.get(section), answer.interpretation.origins.get(section));
        }
    }

    #[test]
    fn names_and_notes_never_break_the_conversation(name in "\\PC{0,40}", note in "\\PC{0,120}", prompt in "\\PC{0,120}") {
        let case = support::case(&prompt).identity(&name, &note, portrait(&[("red", "#ff0000", 0.5)], ("grey", "#888888")));
        let grounded = ground(&brief(&case), &Wishes::default(), Senses::default());
        let told: String = grounded.conversation.messages[1].parts.iter().map(|p| match p {
            Part::Text(text) => text.clone(),
            Part::Media(_) => String::new(),
        }).collect();
        prop_assert!(!told.contains("<|") && !told.contains("</"));
        for step in &grounded.guide.steps {
            if let Step::Given { text, .. } = step {
                prop_assert!(!text.contains("<|"));
            }
        }
    }
}
