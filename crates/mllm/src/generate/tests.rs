//! The structure holds whatever the logits are.

use decoupage_dialogue::{Guide, Outcome, Sampling, Step};
use proptest::prelude::*;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::words::{fold, occurs, phrase};
use super::{Context, Listener, Writer, Written};
use crate::tokens::{Tokens, testing};

/// Logits that depend on all that was read, and favour some text.
struct Chance {
    seed: u64,
    rows: usize,
    read: Vec<u32>,
    /// Likely to be written, token by token, wherever it is not yet.
    script: Vec<u32>,
}

impl Context for Chance {
    fn read(&mut self, ids: &[u32]) -> Outcome<Vec<f32>> {
        self.read.extend(ids);
        let mut hash = self.seed;
        for &id in &self.read {
            hash = (hash ^ u64::from(id))
                .wrapping_mul(0x0100_0000_01B3)
                .rotate_left(17);
        }
        let mut random = StdRng::seed_from_u64(hash);
        let mut logits: Vec<f32> = (0..self.rows)
            .map(|_| random.random_range(-4.0..4.0))
            .collect();
        let at = (0..=self.script.len().min(self.read.len()))
            .rev()
            .find(|&n| self.read.ends_with(&self.script[..n]))
            .unwrap_or(0);
        if let Some(&next) = self.script.get(at) {
            logits[next as usize] += 9.0;
        }
        Ok(logits)
    }

    fn forget_to(&mut self, count: usize) -> Outcome<()> {
        assert!(count <= self.read.len());
        self.read.truncate(count);
        Ok(())
    }
}

#[derive(Default)]
struct Heard {
    text: String,
}

impl Listener for Heard {
    fn wrote(&mut self, _field: Option<&str>, text: &str, _tokens: usize) -> Outcome<()> {
        self.text.push_str(text);
        Ok(())
    }
}

fn write(
    tokens: &Tokens,
    guide: &Guide,
    sampling: &Sampling,
    script: &str,
    seed: u64,
) -> (Outcome<()>, Written, String) {
    let mut script = tokens.encode(script).unwrap();
    script.extend(tokens.special_id("<|im_end|>"));
    let mut context = Chance {
        seed,
        rows: tokens.count() + 12,
        read: Vec::new(),
        script,
    };
    let mut heard = Heard::default();
    let mut writer = Writer::new(tokens, &mut context, &mut heard, sampling, 4_000).unwrap();
    let outcome = writer.write(guide);
    let written = writer.written();
    let (ids, bytes, pending) = (
        writer.ids.clone(),
        writer.bytes.clone(),
        writer.pending.clone(),
    );
    // What the context has read is what was written, up to what is still pending.
    assert_eq!(context.read, ids);
    assert_eq!(
        format!("{}{pending}", String::from_utf8(bytes).unwrap()),
        written.text
    );
    (outcome, written, heard.text)
}

fn given(text: &str) -> Step {
    Step::Given {
        text: text.into(),
        field: None,
    }
}

fn open(field: &str, max_tokens: usize) -> Step {
    Step::Open {
        field: field.into(),
        until: Vec::new(),
        max_tokens,
        min_tokens: 0,
        must_include: Vec::new(),
        sampling: None,
    }
}

fn greedy(steps: Vec<Step>, script: &str) -> Written {
    let tokens = testing::tokens();
    let guide = Guide { steps };
    let (outcome, written, heard) = write(&tokens, &guide, &Sampling::default(), script, 1);
    outcome.unwrap();
    assert_eq!(heard, written.text);
    written
}

#[test]
fn a_stop_that_straddles_tokens_is_not_written() {
    let steps = vec![
        given("1. One: "),
        open("one", 60),
        given("\n2. Two: "),
        open("two", 60),
        given("\n"),
    ];
    // The model would go on with the heading itself; "2." ends the first span.
    let written = greedy(steps, " the red coat.\n2. Two: a camera.");
    assert_eq!(written.fields["one"], "the red coat.");
    assert_eq!(written.fields["two"], "a camera.");
    assert_eq!(written.text, "1. One: the red coat.\n2. Two: a camera.\n");
}

#[test]
fn markers_end_a_span_and_special_tokens_are_never_written() {
    let steps = vec![
        given("<think>\n"),
        open("thought", 40),
        given("\n</think>\n"),
    ];
    let written = greedy(steps, "the camera</think>");
    assert_eq!(written.fields["thought"], "the camera");
    let steps = vec![given("A: "), open("a", 12), given("!")];
    let written = greedy(steps, " the<|im_start|>");
    assert!(!written.text.contains("<|im_start|>"));
}

#[test]
fn a_long_span_ends_at_a_sentence() {
    let tokens = testing::tokens();
    let write = |most: usize, script: &str| {
        let steps = vec![given("A: "), open("a", most), given("\nB")];
        let guide = Guide { steps };
        let (outcome, written, _) = write(&tokens, &guide, &Sampling::default(), script, 1);
        outcome.unwrap();
        written.text
    };
    // The limit takes back what is no whole sentence, or else what is no whole word.
    let long = " the. the red coat. the camera the red coat the red coat the red coat";
    assert_eq!(write(12, long), "A: the. the red coat.\nB");
    let short = "the camera the reduce";
    for most in 3..8 {
        let text = write(most, &format!(" {short}"));
        let words = text.strip_prefix("A: ").and_then(|t| t.strip_suffix("\nB"));
        let rest = short.strip_prefix(words.unwrap()).unwrap();
        assert!(rest.is_empty() || rest.starts_with(' '), "{text}");
    }
    // Behind three quarters the first sentence end is the last.
    let first = " the camera the camera the camera.";
    let most = (tokens.encode(first).unwrap().len() + 2) * 4 / 3;
    let text = write(most, &format!("{first} the red. the red. the red. the"));
    assert_eq!(text, format!("A:{first} the red.\nB"));
}

#[test]
fn missing_words_are_brought_in() {
    let mut step = open("a", 60);
    if let Step::Open { must_include, .. } = &mut step {
        *must_include = vec!["Fog".into(), "red coat".into()];
    }
    let written = greedy(vec![given("A: "), step, given("\n")], " the camera.");
    let text = fold(&written.fields["a"]);
    assert!(occurs(&text, &phrase("fog").unwrap()), "{written:?}");
    assert!(occurs(&text, &phrase("red coat").unwrap()), "{written:?}");
    assert!(
        written.fields["a"].starts_with("the camera. Fog"),
        "{written:?}"
    );
}

#[test]
fn the_likeliest_option_is_chosen() {
    let choose = |script: &str| {
        let options = ["pan", "pan left", "static", "pan right"]
            .map(String::from)
            .to_vec();
        let step = Step::Choose {
            field: "move".into(),
            options,
        };
        greedy(vec![given("It is "), step, given(".\n")], script).fields["move"].clone()
    };
    assert_eq!(choose("It is pan left."), "pan left");
    assert_eq!(choose("It is pan."), "pan");
    assert_eq!(choose("It is static."), "static");
}

#[test]
fn moments_come_in_order() {
    let step = Step::Moments {
        field: "m".into(),
        last_s: 12,
        max_moments: 4,
        max_tokens: 30,
    };
    let script = "At 3s, the coat. At 11s, a camera.";
    let steps = vec![given("Moments:\n"), step.clone(), given("\nEnd")];
    let written = greedy(steps, script);
    assert_eq!(written.fields["m"], script);
    let written = greedy(vec![given("Moments:"), step, given("\nEnd")], script);
    assert_eq!(written.fields["m"], script);
    assert_eq!(written.text, format!("Moments: {script}\nEnd"));
}

#[test]
fn what_is_wanted_and_avoided_at_once_is_refused() {
    let mut step = open("a", 9);
    if let Step::Open { must_include, .. } = &mut step {
        *must_include = vec!["red coat".into()];
    }
    let how = Sampling {
        avoid: vec!["Coat".into()],
        ..Sampling::default()
    };
    let guide = Guide { steps: vec![step] };
    let (outcome, ..) = write(&testing::tokens(), &guide, &how, "", 0);
    assert!(outcome.unwrap_err().message.contains("Coat"));
}

#[derive(Debug, Clone)]
struct Section {
    most: usize,
    least: usize,
    must: Vec<String>,
    until: Vec<String>,
}

fn sections() -> impl Strategy<Value = Vec<Section>> {
    let word = || prop::sample::select(vec!["fog", "long shot", "Ben", "crème"]);
    let section = (
        1usize..40,
        0usize..8,
        prop::collection::vec(word().prop_map(String::from), 0..3),
        prop::collection::vec(
            prop::sample::select(vec!["\n", "\n\n", "END"]).prop_map(String::from),
            0..2,
        ),
    )
        .prop_map(|(most, least, must, until)| Section {
            most,
            least,
            must,
            until,
        });
    prop::collection::vec(section, 1..5)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn any_logits_write_the_guides_structure(
        sections in sections(),
        seed: u64,
        temperature in prop_oneof![Just(0.0), Just(1.0), Just(3.0)],
        repetition_penalty in prop_oneof![Just(1.0), Just(1.3)],
        avoid in prop::collection::vec(prop::sample::select(
            vec!["a", "the", "red", "red coat", "é", "1", "camera"]).prop_map(String::from), 0..4),
        script in prop::sample::select(vec![
            "", " the red coat. the camera", "\n2. Name: </think>", "</answer><think>", " é é\n", "END\n\n",
            " a a a a", "<|im_end|>"]),
        options in prop::collection::vec("[a-c]{1,3}( [a-c])?", 1..4),
    ) {
        let tokens = testing::tokens();
        let mut steps = vec![given("<think>\n")];
        for (at, section) in sections.iter().enumerate() {
            steps.push(given(&format!("{}. Name: ", at + 1)));
            steps.push(Step::Open {
                field: format!("f{at}"),
                until: section.until.clone(),
                max_tokens: section.most,
                min_tokens: section.least,
                must_include: section.must.clone(),
                sampling: None,
            });
            steps.push(given("\n"));
        }
        steps.push(given("</think>\n<answer>\nMove: "));
        steps.push(Step::Choose { field: "move".into(), options: options.clone() });
        steps.push(given("\nMoments:\n"));
        steps.push(Step::Moments { field: "moments".into(), last_s: 15, max_moments: 3, max_tokens: 12 });
        steps.push(given("\n</answer>"));
        let how = Sampling { temperature, repetition_penalty, seed, avoid: avoid.clone(), ..Sampling::default() };
        let guide = Guide { steps };
        let (outcome, written, _) = write(&tokens, &guide, &how, script, seed);
        prop_assert!(outcome.is_ok(), "{:?}", outcome);

        // Read it back with nothing but the headings.
        let mut rest = written.text.strip_prefix("<think>\n").unwrap();
        for (at, section) in sections.iter().enumerate() {
            rest = rest.strip_prefix(&format!("{}. Name: ", at + 1)).unwrap();
            let next = if at + 1 < sections.len() {
                format!("\n{}. Name: ", at + 2)
            } else {
                "\n</think>\n<answer>\nMove: ".into()
            };
            let (words, after) = rest.split_once(&next).unwrap();
            rest = if at + 1 < sections.len() {
                // The next heading again, behind its line break.
                &rest[rest.len() - after.len() - next.len() + 1..]
            } else {
                after
            };
            prop_assert_eq!(words.trim(), &written.fields[&format!("f{at}")]);
            let folded = fold(words);
            for word in &avoid {
                prop_assert!(!occurs(&folded, &phrase(word).unwrap()), "{word} in {words:?}");
            }
            for word in &section.must {
                prop_assert!(occurs(&folded, &phrase(word).unwrap()), "no {word} in {words:?}");
            }
            for marker in ["<think>", "</think>", "<answer>", "<|im_start|>"] {
                prop_assert!(!words.contains(marker), "{words:?}");
            }
            prop_assert!(!words.contains(char::REPLACEMENT_CHARACTER));
        }
        let (chosen, moments) = rest.split_once("\nMoments:\n").unwrap();
        prop_assert!(options.iter().any(|option| option == chosen), "{chosen}");
        let moments = moments.strip_suffix("\n</answer>").unwrap();
        prop_assert!(!moments.contains('\n'));
        let mut last = 0;
        let mut count = 0;
        let mut left = moments;
        while let Some(after) = left.strip_prefix("At ") {
            let (second, words) = after.split_once("s, ").unwrap();
            let second: u32 = second.parse().unwrap();
            prop_assert!(second >= last && second <= 15);
            last = second;
            count += 1;
            let next = (0..10).filter_map(|d| words.find(&format!("At {d}"))).min();
            left = next.map_or("", |at| &words[at..]);
        }
        prop_assert!((1..=3).contains(&count), "{moments}");

        let (_, again, _) = write(&tokens, &guide, &how, script, seed);
        prop_assert_eq!(written, again);
    }
}
