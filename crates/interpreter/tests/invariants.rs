//! What holds for every take, whatever goes in.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;

use decoupage_conditions::camera::{MoveKind, MoveUnit, Speed, Steadiness};
use decoupage_conditions::identity::LightKey;
use decoupage_conditions::pose::{Across, ActionKind};
use decoupage_interpreter::bindings::{self, Suggestion};
use decoupage_interpreter::{Brief, Interpretation, Progress, check, measured, prompt};
use decoupage_shot::*;
use proptest::prelude::*;
use support::*;

fn run(case: &Case, keep: Option<&Take>) -> Interpretation {
    let brief = Brief {
        shot: &case.shot,
        readings: &case.readings,
        keep,
        seed: 7,
    };
    measured::interpret(&brief, &mut |_| Ok(())).unwrap()
}

fn take(out: &Interpretation) -> Take {
    Take {
        id: TakeId(1),
        name: "Take 1".into(),
        engine: Engine::Measured,
        model: None,
        seed: 0,
        parent: None,
        created_ms: 0,
        prompt: String::new(),
        trace: out.trace.clone(),
        caption: out.caption.clone(),
        origins: out.origins.clone(),
        locked: BTreeSet::new(),
    }
}

/// The rules of a section's text and spans. With `wild`, the prompt's own words may break the
/// rules of style, which then are not looked at.
fn rules(out: &Interpretation, wild: bool) {
    for section in Section::ALL {
        let text = out.caption.get(section);
        let chars: Vec<char> = text.chars().collect();
        assert!(!text.trim().is_empty(), "{section:?} is empty");
        let spans = out.origins.get(section);
        let mut at = 0;
        for span in spans {
            assert!(
                span.start >= at && span.start < span.end,
                "{section:?}: {spans:?}"
            );
            let gap: String = chars[at as usize..span.start as usize].iter().collect();
            assert!(gap.trim().is_empty(), "{section:?}: “{gap}” has no origin");
            at = span.end;
        }
        assert_eq!(
            at as usize,
            chars.len(),
            "{section:?}: the end has no origin"
        );
        assert!(!text.contains("  "), "{section:?}: {text}");
        assert!(
            text.ends_with(['.', '!', '?', '…', '。', '！', '？', '"', '”']),
            "{section:?}: {text}"
        );
        let first = chars.first().copied().unwrap_or(' ');
        assert!(
            !first.is_lowercase() || first.to_uppercase().next() == Some(first),
            "{section:?}: {text}"
        );
        if !wild {
            for slip in [
                " a a ",
                " the the ",
                " ,",
                " .",
                ",,",
                "..",
                " an a ",
                " a an ",
                " a a",
                "a the ",
            ] {
                assert!(
                    !format!(" {text}").contains(&slip.to_string())
                        || slip == " a a"
                        || slip == "a the ",
                    "{section:?} has “{slip}”: {text}"
                );
            }
        }
    }
}

const SUBJECTS: &[&str] = &[
    "A woman in a red coat",
    "Two men",
    "Mara",
    "an old dog",
    "children",
    "The robot",
    "smoke",
    "his brother",
    "",
];
const VERBS: &[&str] = &[
    "walks left",
    "run",
    "is sitting still",
    "waves at the crowd",
    "does not move",
    "and dances",
    "plays chess",
    "",
];
const PLACES: &[&str] = &[
    "past market stalls",
    "in the rain",
    "on a bridge at night",
    "at dusk",
    "through Tokyo",
    "",
];
const TAGS: &[&str] = &[
    "slow push in",
    "static camera",
    "handheld",
    "no people",
    "35mm film",
    "the camera pans left as she turns",
    "neon alley",
    "close-up of a hand",
    "black and white",
    "without camera shake",
    "make it brighter",
    "an astronaut, tired",
    "",
];

fn pick(list: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    (0..list.len()).prop_map(move |i| list[i])
}

fn prompts() -> impl Strategy<Value = String> {
    (
        pick(SUBJECTS),
        pick(VERBS),
        pick(PLACES),
        pick(TAGS),
        pick(TAGS),
        any::<bool>(),
    )
        .prop_map(|(s, v, p, t, u, dot)| {
            let glue = if dot { ". " } else { ", " };
            [
                format!("{s} {v} {p}").trim().to_owned(),
                t.to_owned(),
                u.to_owned(),
            ]
            .join(glue)
        })
}

const ACTIONS: &[ActionKind] = &[
    ActionKind::StandingStill,
    ActionKind::Walking,
    ActionKind::Running,
    ActionKind::RaisingArm,
    ActionKind::Waving,
    ActionKind::Turning,
    ActionKind::Bending,
    ActionKind::Crouching,
    ActionKind::SittingDown,
    ActionKind::StandingUp,
    ActionKind::Sitting,
    ActionKind::Jumping,
    ActionKind::Moving,
];
const MOVES: &[MoveKind] = &[
    MoveKind::Static,
    MoveKind::PanLeft,
    MoveKind::PanRight,
    MoveKind::TiltUp,
    MoveKind::RollCw,
    MoveKind::DollyIn,
    MoveKind::DollyOut,
    MoveKind::TruckLeft,
    MoveKind::PedestalDown,
    MoveKind::ZoomIn,
    MoveKind::ArcCw,
    MoveKind::CraneUp,
    MoveKind::DollyZoomOut,
    MoveKind::Complex,
];
const NAMES: &[&str] = &[
    "Mara", "ref_1", "IMG_2033", "boy", "", "Old Tom", "woman", "00000",
];

fn cases() -> impl Strategy<Value = Case> {
    let people = prop::collection::vec(
        (
            0.0..1.0_f64,
            0..3_usize,
            prop::collection::vec((0..ACTIONS.len(), 0.0..4.0_f64, 0.0..3.0_f64), 0..5),
        ),
        0..4,
    );
    let moves = prop::option::of(prop::collection::vec(
        (0..MOVES.len(), 0.0..4.0_f64, 0.0..3.0_f64),
        0..5,
    ));
    let identities = prop::collection::vec((0..NAMES.len(), any::<bool>()), 0..3);
    (
        prompts(),
        people,
        moves,
        identities,
        any::<(bool, bool, bool)>(),
        0..12_usize,
    )
        .prop_map(
            |(prompt, people, moves, identities, (depth, assumed, sits), kind)| {
                let mut c = case(&prompt);
                for (name, on_scene) in identities {
                    let reading = if on_scene {
                        scene(&[("beige", "#d8c8a8", 0.5)], LightKey::High)
                    } else {
                        portrait(&[("deep red", "#7a1018", 0.5)], ("grey", "#8c8c8c"))
                    };
                    c = c.identity(
                        NAMES[name],
                        if sits { "Tall, thin. She limps" } else { "" },
                        reading,
                    );
                }
                if !people.is_empty() {
                    let people = people
                        .into_iter()
                        .enumerate()
                        .map(|(i, (x, across, actions))| {
                            let across =
                                [Across::None, Across::LeftToRight, Across::RightToLeft][across];
                            let actions = actions
                                .into_iter()
                                .map(|(k, start, length)| act(ACTIONS[k], start, start + length))
                                .collect();
                            person(i as u32 + 1, x, across, Some(110.0), actions)
                        })
                        .collect();
                    c = c.pose(people, 5.0);
                }
                if let Some(moves) = moves {
                    let moves = moves
                        .into_iter()
                        .map(|(k, start, length)| {
                            mv(
                                MOVES[k],
                                start,
                                start + length,
                                30.0,
                                MoveUnit::Deg,
                                Speed::Slow,
                            )
                        })
                        .collect();
                    c = c.camera_from(moves, 5.0, Steadiness::Steady, assumed);
                }
                if depth {
                    c = c.depth(
                        three_layers(),
                        Some(MoveKind::TruckLeft),
                        vec![moving(0.3, decoupage_conditions::depth::Band::Mid)],
                    );
                }
                if sits {
                    c = c.unread(ConditionKind::ALL[kind], "some file");
                }
                c
            },
        )
}

fn no_duplicates(out: &Interpretation) {
    let mut seen = BTreeSet::new();
    for section in Section::ALL {
        for sentence in out.caption.get(section).split_inclusive(". ") {
            let plain = sentence.trim().trim_end_matches('.').to_lowercase();
            assert!(
                seen.insert(plain),
                "said twice: {sentence} in {:#?}",
                out.caption
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn every_take_keeps_the_rules(case in cases()) {
        let out = run(&case, None);
        rules(&out, false);
        no_duplicates(&out);
        prop_assert_eq!(&out, &run(&case, None));
        let brief = Brief { shot: &case.shot, readings: &case.readings, keep: None, seed: 0 };
        for finding in check::check(&brief, &take(&out)) {
            prop_assert!(!matches!(finding.check.as_str(), "sections_present" | "repetition" | "condition_mentioned"), "{finding:?} in {out:#?}");
        }
        for Suggestion { binding, because: why } in bindings::suggest(&case.shot, &case.readings) {
            prop_assert!(case.shot.condition(binding.from).is_some() && why.ends_with('.'));
        }
    }

    #[test]
    fn any_prompt_is_read(text in "\\PC{0,120}") {
        let intent = prompt::parse(&text);
        let count = text.chars().count() as u32;
        for span in intent.subjects.iter().map(|s| s.span)
            .chain(intent.clauses.iter().map(|c| c.span))
            .chain(intent.places.iter().map(|c| c.span))
            .chain(intent.camera.iter().map(|c| c.span))
            .chain(intent.style.iter().map(|c| c.span))
            .chain(intent.times.iter().map(|c| c.span))
            .chain(intent.negations.iter().map(|c| c.span))
            .chain(intent.other.iter().map(|c| c.span))
        {
            prop_assert!(span.start < span.end && span.end <= count, "{span:?} in {text:?}");
        }
        rules(&run(&case(&text), None), true);
    }

    #[test]
    fn words_in_any_order_are_read(words in prop::collection::vec((pick(SUBJECTS), pick(VERBS), pick(PLACES), pick(TAGS)), 0..6), order in any::<u8>()) {
        let mut all: Vec<&str> = words.iter().flat_map(|(a, b, c, d)| [*d, *b, *a, *c]).collect();
        if !all.is_empty() {
            let turn = usize::from(order) % all.len();
            all.rotate_left(turn);
        }
        let text = all.join(if order % 2 == 0 { " " } else { "\n" });
        rules(&run(&case(&text), None), true);
    }
}

#[test]
fn locked_sections_are_kept_and_not_repeated() {
    let c = case("A woman walks in a park at dusk").lasting(4.0);
    let mut kept = take(&run(&c, None));
    kept.caption.background = "A park at dusk. She walks in a park.".into();
    kept.origins.0.insert(
        Section::Background,
        vec![OriginSpan {
            start: 0,
            end: 36,
            origin: Origin::Hand,
            condition: None,
        }],
    );
    kept.locked.insert(Section::Background);
    let out = run(&c, Some(&kept));
    assert_eq!(out.caption.background, kept.caption.background);
    assert_eq!(
        out.origins.get(Section::Background),
        kept.origins.get(Section::Background)
    );
    no_duplicates(&out);
}

#[test]
fn work_is_told_in_order_and_can_be_stopped() {
    let c = case("Two men fight in the rain");
    let brief = Brief {
        shot: &c.shot,
        readings: &c.readings,
        keep: None,
        seed: 0,
    };
    let mut told = Vec::new();
    let out = measured::interpret(&brief, &mut |p| {
        told.push(p);
        Ok(())
    })
    .unwrap();
    assert!(
        told[..4]
            .iter()
            .all(|p| matches!(p, Progress::Trace { .. }))
    );
    let last = told.iter().rev().find_map(|p| match p {
        Progress::Section {
            section: Section::Dense,
            text,
        } => Some(text.clone()),
        _ => None,
    });
    assert_eq!(last, Some(out.caption.dense));
    let stopped = measured::interpret(&brief, &mut |_| Err(Fault::cancelled()));
    assert_eq!(stopped.unwrap_err().code, Code::Cancelled);
}

#[test]
fn very_long_prompts_are_read() {
    let long = "A man walks along a wall, holding a red lamp, while dogs bark. ".repeat(900);
    let out = run(&case(&long), None);
    assert!(!out.caption.action.is_empty());
}

#[test]
fn a_wrong_caption_is_found_out() {
    let c = case("A woman walks past market stalls, no people in the background").camera(
        vec![mv(
            MoveKind::TruckRight,
            0.0,
            3.0,
            1.0,
            MoveUnit::Share,
            Speed::Slow,
        )],
        3.0,
        Steadiness::Steady,
    );
    let brief = Brief {
        shot: &c.shot,
        readings: &c.readings,
        keep: None,
        seed: 0,
    };
    let good = take(&run(&c, None));
    assert_eq!(check::check(&brief, &good), []);
    let names = |edit: &dyn Fn(&mut Take)| {
        let mut bad = good.clone();
        edit(&mut bad);
        check::check(&brief, &bad)
            .into_iter()
            .map(|f| f.check)
            .collect::<BTreeSet<_>>()
    };
    assert!(names(&|t| t.caption.style.clear()).contains("sections_present"));
    assert!(names(&|t| t.caption.camera = "Pans left, fast.".into()).contains("camera_agrees"));
    assert!(
        names(&|t| t.caption.camera = "Locked off. Trucks right.".into()).contains("contradiction")
    );
    assert!(names(&|t| t.caption.action = t.caption.dense.clone()).contains("repetition"));
    assert!(
        names(&|t| t.caption.style = "The video shows a cinematic look.".into()).contains("filler")
    );
    assert!(
        names(&|t| t.caption.background = "Market stalls, with people passing.".into())
            .contains("negation")
    );
    assert!(
        names(&|t| {
            for s in Section::ALL {
                *t.caption.get_mut(s) = "Nothing.".into();
            }
        })
        .contains("prompt_kept")
    );
    assert!(names(&|t| t.origins = Origins::default()).contains("condition_mentioned"));
}

#[test]
fn bindings_suggest_themselves() {
    let walk = || vec![act(ActionKind::Walking, 0.0, 1.0)];
    let face = || portrait(&[("black", "#000000", 0.5)], ("grey", "#8c8c8c"));
    let one = case("")
        .identity("Mara", "", face())
        .pose(vec![person(1, 0.5, Across::None, None, walk())], 1.0);
    let found = bindings::suggest(&one.shot, &one.readings);
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].binding.person, found[0].binding.to),
        (None, Some(ConditionId(10)))
    );
    let two = case("")
        .identity("Mara", "", face())
        .identity("Jonas", "", face())
        .pose(
            vec![
                person(1, 0.8, Across::None, None, walk()),
                person(2, 0.2, Across::None, None, walk()),
            ],
            1.0,
        )
        .camera(Vec::new(), 1.0, Steadiness::Static);
    let found = bindings::suggest(&two.shot, &two.readings);
    let pairs: Vec<_> = found
        .iter()
        .map(|s| (s.binding.kind, s.binding.person, s.binding.to.map(|t| t.0)))
        .collect();
    assert_eq!(
        pairs,
        [
            (BindingKind::ShotCamera, None, None),
            (BindingKind::PerformedBy, Some(2), Some(10)),
            (BindingKind::PerformedBy, Some(1), Some(11)),
        ]
    );
    let bound = two.bind(BindingKind::ShotCamera, 13, None, None).bind(
        BindingKind::PerformedBy,
        12,
        Some(2),
        Some(10),
    );
    let left = bindings::suggest(&bound.shot, &bound.readings);
    assert_eq!(left.len(), 1, "the two that are left go together: {left:?}");
}
