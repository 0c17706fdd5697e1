//! Budgets, what is left out, and warnings.

#![allow(clippy::unwrap_used, reason = "helpers of tests may panic too")]

mod sample;

use decoupage_generators::{Limit, LimitUnit, compose, profiles};
use decoupage_shot::{Code, ConditionId, ConditionKind, Origin, OriginSpan, Section, Take};
use proptest::prelude::*;

/// A take of sentences with one origin each.
fn marked(sections: &[(Section, &[(&str, Origin)])]) -> Take {
    let mut take = sample::take_of(&[]);
    for (section, sentences) in sections {
        let mut spans = Vec::new();
        let text = take.caption.get_mut(*section);
        for (sentence, origin) in *sentences {
            if !text.is_empty() {
                text.push(' ');
            }
            let start = text.chars().count() as u32;
            text.push_str(sentence);
            spans.push(OriginSpan {
                start,
                end: text.chars().count() as u32,
                origin: *origin,
                condition: None,
            });
        }
        take.origins.0.insert(*section, spans);
    }
    take
}

/// About `words` words, all different from those of another `seed`.
fn long(seed: &str, words: usize) -> String {
    let mut text: Vec<String> = (0..words).map(|n| format!("{seed}{n}")).collect();
    text[0] = format!("A{}", text[0]);
    format!("{}.", text.join(" "))
}

#[test]
fn the_least_important_origin_goes_first_and_the_hand_last() {
    let (inferred, measured, asked, hand) = (
        long("in", 60),
        long("me", 60),
        long("as", 60),
        long("ha", 60),
    );
    let take = marked(&[
        (
            Section::Dense,
            &[
                (&inferred, Origin::Inferred),
                (&measured, Origin::Condition),
            ],
        ),
        (Section::Background, &[(&asked, Origin::Prompt)]),
        (Section::Style, &[(&hand, Origin::Hand)]),
    ]);
    let prompt = compose("ltx-2", &sample::shot(), &take, None).unwrap();
    let dropped: Vec<Origin> = prompt.dropped.iter().map(|d| d.origin).collect();
    assert_eq!(dropped, [Origin::Inferred]);
    assert_eq!(prompt.dropped[0].text, inferred);
    assert!(prompt.text.contains(&hand) && prompt.text.contains(&asked));
    assert!(prompt.budget.used <= 200);
    let prompt = compose("mochi-1", &sample::shot(), &take, None).unwrap();
    assert_eq!(prompt.text, hand);
    assert_eq!(prompt.dropped.len(), 3);
}

#[test]
fn of_one_origin_the_last_sentence_of_the_least_section_goes_first() {
    let sentences: Vec<String> = ["a", "b", "c", "d", "e"]
        .iter()
        .map(|seed| long(seed, 45))
        .collect();
    let of = |n: usize| (sentences[n].as_str(), Origin::Condition);
    let take = marked(&[
        (Section::Dense, &[of(0)]),
        (Section::MainObject, &[of(1)]),
        (Section::Style, &[of(2), of(3)]),
        (Section::Action, &[of(4)]),
    ]);
    let prompt = compose("ltx-2", &sample::shot(), &take, None).unwrap();
    assert_eq!(prompt.dropped.len(), 1);
    assert_eq!(prompt.dropped[0].text, sentences[3]);
}

#[test]
fn a_single_sentence_that_is_too_long_stays_with_a_warning() {
    let text = long("word", 400);
    let take = marked(&[(Section::Dense, &[(&text, Origin::Hand)])]);
    let prompt = compose("cogvideox", &sample::shot(), &take, None).unwrap();
    assert_eq!(prompt.text, text);
    assert!(prompt.dropped.is_empty());
    assert!(
        prompt
            .warnings
            .iter()
            .any(|w| w.contains("shorten it by hand")),
        "{:?}",
        prompt.warnings
    );
}

#[test]
fn tokens_are_counted_with_the_persons_file() {
    let folder = tempfile::tempdir().unwrap();
    let name = folder.path().join("umt5-xxl");
    std::fs::create_dir(&name).unwrap();
    // One token a word or mark; the file's own truncation must not hide the rest.
    std::fs::write(
        name.join("tokenizer.json"),
        r#"{"version":"1.0","truncation":{"direction":"Right","max_length":3,"strategy":"LongestFirst","stride":0},"padding":null,"added_tokens":[],"normalizer":null,"pre_tokenizer":{"type":"Whitespace"},"post_processor":null,"decoder":null,"model":{"type":"WordLevel","vocab":{"[UNK]":0},"unk_token":"[UNK]"}}"#,
    )
    .unwrap();
    let take = sample::take_of(&[(Section::Dense, "A dog runs over the sand.")]);
    let counted = compose("wan-2.1", &sample::shot(), &take, Some(folder.path())).unwrap();
    assert_eq!((counted.budget.used, counted.budget.estimated), (7, false));
    let estimated = compose("wan-2.1", &sample::shot(), &take, None).unwrap();
    assert!(estimated.budget.estimated && estimated.budget.used >= 7);
    std::fs::write(name.join("tokenizer.json"), "{").unwrap();
    let broken = compose("wan-2.1", &sample::shot(), &take, Some(folder.path())).unwrap();
    assert!(broken.budget.estimated);
    assert!(broken.warnings[0].contains("cannot be read"));
}

#[test]
fn an_unknown_generator_is_told_with_the_known_ones() {
    let fault = compose("sora", &sample::shot(), &sample::take(), None).unwrap_err();
    assert_eq!(fault.code, Code::Invalid);
    assert!(fault.advice.unwrap().contains("wan-2.2"));
    assert!(compose("WAN_2.2", &sample::shot(), &sample::take(), None).is_ok());
}

#[test]
fn profiles_are_complete() {
    let all = profiles();
    assert_eq!(all[0].key, "plain");
    let keys: std::collections::BTreeSet<_> = all.iter().map(|p| p.key.clone()).collect();
    assert_eq!(keys.len(), all.len());
    for profile in &all {
        let tokens = profile
            .limit
            .is_some_and(|limit| limit.unit == LimitUnit::Tokens);
        assert!(
            !tokens || profile.tokenizer.is_some(),
            "{} counts tokens of something",
            profile.key
        );
    }
    let cog = all.iter().find(|p| p.key == "cogvideox").unwrap();
    assert_eq!(
        cog.limit,
        Some(Limit {
            most: 226,
            unit: LimitUnit::Tokens
        })
    );
}

fn warns(generator: &str, sections: &[(Section, &str)], about: &str) -> bool {
    compose(generator, &sample::shot(), &sample::take_of(sections), None)
        .unwrap()
        .warnings
        .iter()
        .any(|warning| warning.contains(about))
}

#[test]
fn clashes_with_default_negatives_are_told() {
    let handheld = [
        (Section::Dense, "A man runs."),
        (Section::Camera, "Hand-held, close behind him."),
    ];
    assert!(warns("ltx-2", &handheld, "forbids camera shake"));
    assert!(!warns("mochi-1", &handheld, "forbids"));
    let steady = [
        (Section::Dense, "A man runs."),
        (Section::Camera, "Steady, no shake."),
    ];
    assert!(!warns("ltx-2", &steady, "forbids camera shake"));
    let above = [(Section::Dense, "An aerial view of a harbour.")];
    assert!(warns("hunyuanvideo-1.0", &above, "aerial views"));
    let still = [
        (Section::Dense, "A man waits."),
        (Section::Camera, "Static throughout."),
    ];
    assert!(warns("wan-2.2", &still, "does not move"));
    let moving = [(Section::Camera, "Trucks right, then holds still.")];
    assert!(!warns("wan-2.2", &moving, "does not move"));
    let drawn = [(Section::Style, "Watercolour on rough paper.")];
    assert!(warns("wan-2.1", &drawn, "drawn and painted"));
    assert!(warns("ltx-2", &still, "ignores the negative"));
}

#[test]
fn a_first_frame_asks_wan_for_motion_only() {
    let mut shot = sample::shot();
    shot.conditions.push(sample::condition(
        ConditionId(7),
        ConditionKind::FirstFrame,
        "opening",
    ));
    let prompt = compose("wan-2.2", &shot, &sample::take(), None).unwrap();
    assert_eq!(
        prompt.text,
        "She walks left to right at about 110 steps a minute, arms swinging; the dog keeps pace. The camera trucks right, slow and even, then holds still. It is steady, with no shake."
    );
}

#[test]
fn ltx_is_always_told_of_the_camera() {
    let prompt = compose(
        "ltx-2",
        &sample::shot(),
        &sample::take_of(&[(Section::Dense, "A man waits.")]),
        None,
    )
    .unwrap();
    assert_eq!(prompt.text, "A man waits. The camera remains static.");
    assert!(prompt.warnings.iter().any(|w| w.contains("was added")));
}

#[test]
fn an_edited_camera_section_speaks_for_the_camera() {
    let mut take = sample::take();
    take.caption.camera = "Pans left.".to_owned();
    take.origins.0.insert(
        Section::Camera,
        vec![OriginSpan {
            start: 0,
            end: 10,
            origin: Origin::Hand,
            condition: None,
        }],
    );
    for generator in ["cogvideox", "ltx-2", "wan-2.2"] {
        let text = compose(generator, &sample::shot(), &take, None)
            .unwrap()
            .text;
        assert!(
            text.contains("The camera pans left.") && !text.contains("trucks"),
            "{text}"
        );
    }
}

#[test]
fn two_identities_are_two_subjects() {
    let mut shot = sample::shot();
    let second = ConditionId(8);
    shot.conditions
        .push(sample::condition(second, ConditionKind::Identity, "Tom"));
    let mut take = sample::take_of(&[
        (Section::Dense, "Mara meets Tom."),
        (Section::MainObject, "Mara wears red. Tom wears grey."),
    ]);
    let span = |start, end, id| OriginSpan {
        start,
        end,
        origin: Origin::Condition,
        condition: Some(id),
    };
    take.origins.0.insert(
        Section::MainObject,
        vec![span(0, 15, sample::IDENTITY), span(16, 31, second)],
    );
    let h3 = compose("minimax-h3", &shot, &take, None).unwrap().text;
    assert!(h3.contains("<Subject 1> is Mara, shown in <Picture 1>. Mara wears red.\n<Subject 2> is Tom, shown in <Picture 2>. Tom wears grey."), "{h3}");
    assert!(
        h3.contains("Mara (<Subject 1>) meets Tom (<Subject 2>)."),
        "{h3}"
    );
    let cosmos: serde_json::Value =
        serde_json::from_str(&compose("cosmos-3", &shot, &take, None).unwrap().text).unwrap();
    assert_eq!(cosmos["subjects"][1]["description"], "Tom wears grey.");
}

#[test]
fn h3_without_pictures_has_three_sections() {
    let mut shot = sample::shot();
    shot.conditions.clear();
    let take = sample::take_of(&[
        (Section::Dense, "A dog barks at the sea."),
        (Section::Style, "Slow piano music."),
    ]);
    let text = compose("minimax-h3", &shot, &take, None).unwrap().text;
    let headings: Vec<&str> = text
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(h, _)| h)
        .collect();
    assert_eq!(
        headings,
        [
            "integrated_multimodal_description",
            "overall_soundscape",
            "non_diegetic_music"
        ]
    );
    assert!(
        text.contains("overall_soundscape: A dog barks at the sea."),
        "{text}"
    );
    assert!(
        text.contains("non_diegetic_music: Slow piano music."),
        "{text}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_prompt_fits_or_is_one_sentence(sections in proptest::collection::vec("(\\PC{0,30}[.!?,; \n]{1,2}){0,30}", 6), hand in 0_u32..60) {
        let words: Vec<_> = Section::ALL.into_iter().zip(sections.iter().map(String::as_str)).collect();
        let mut take = sample::take_of(&words);
        for section in Section::ALL {
            let end = (take.caption.get(section).chars().count() as u32).min(hand);
            if end > 0 {
                take.origins.0.insert(section, vec![OriginSpan { start: 0, end, origin: Origin::Hand, condition: None }]);
            }
        }
        for profile in profiles() {
            let prompt = compose(&profile.key, &sample::shot(), &take, None).unwrap();
            if let Some(limit) = prompt.budget.limit {
                let told = prompt.warnings.iter().any(|w| w.contains("shorten it by hand"));
                prop_assert!(prompt.budget.used <= limit.most || told);
            }
        }
    }
}
