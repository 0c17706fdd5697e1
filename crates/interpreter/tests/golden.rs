//! Whole takes of varied shots, kept word for word in `tests/golden`.
//!
//! After a wanted change, run with `UPDATE_GOLDEN=1` and read every line that changed.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fmt::Write as _;
use std::path::Path;

use decoupage_conditions::camera::{MoveKind::*, MoveUnit, Speed, Steadiness};
use decoupage_conditions::depth::Band;
use decoupage_conditions::identity::{EmbeddedPrompt, LightKey};
use decoupage_conditions::pose::{Across, ActionKind::*, Facing, Side};
use decoupage_interpreter::{Brief, Interpretation, check, measured};
use decoupage_shot::{BindingKind, ConditionKind, Engine, Origin, Section, Take, TakeId};
use support::*;

fn interpret(case: &Case) -> Interpretation {
    let brief = Brief {
        shot: &case.shot,
        readings: &case.readings,
        keep: None,
        seed: 0,
    };
    measured::interpret(&brief, &mut |_| Ok(())).unwrap()
}

/// The take as a page: trace, sections, and every section again with its origins marked.
fn page(case: &Case, out: &Interpretation) -> String {
    let mut page = format!(
        "PROMPT\n  {}\n\nTRACE\n  intent: {}\n",
        case.shot.prompt, out.trace.intent
    );
    for note in &out.trace.conditions {
        let _ = writeln!(page, "  condition: {}", note.text);
    }
    for a in &out.trace.alignment.agreements {
        let _ = writeln!(page, "  agrees ({}): {}", a.about, a.text);
    }
    for c in &out.trace.alignment.conflicts {
        let _ = writeln!(
            page,
            "  conflict ({}): {} / {}. {}",
            c.about, c.prompt_says, c.condition_says, c.resolution
        );
    }
    for s in &out.trace.supplement {
        let _ = writeln!(page, "  supplied: {} {}", s.text, s.why);
    }
    page.push_str("\nCAPTION\n");
    for section in Section::ALL {
        let _ = writeln!(page, "  {}: {}", section.key(), out.caption.get(section));
    }
    page.push_str("\nORIGINS\n");
    for section in Section::ALL {
        let chars: Vec<char> = out.caption.get(section).chars().collect();
        let _ = write!(page, "  {}:", section.key());
        for span in out.origins.get(section) {
            let text: String = chars[span.start as usize..span.end as usize]
                .iter()
                .collect();
            let mark = match (span.origin, span.condition) {
                (Origin::Prompt, _) => "P".to_owned(),
                (Origin::Condition, Some(id)) => format!("C{}", id.0),
                (Origin::Condition, None) => "C".to_owned(),
                (Origin::Inferred, _) => "I".to_owned(),
                (Origin::Hand, _) => "H".to_owned(),
            };
            let _ = write!(page, " {mark}[{text}]");
        }
        page.push('\n');
    }
    let take = take_of(out);
    let brief = Brief {
        shot: &case.shot,
        readings: &case.readings,
        keep: None,
        seed: 0,
    };
    page.push_str("\nFINDINGS\n");
    for finding in check::check(&brief, &take) {
        let _ = writeln!(
            page,
            "  {:?} {}: {}",
            finding.severity, finding.check, finding.text
        );
    }
    page
}

fn take_of(out: &Interpretation) -> Take {
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
        locked: Default::default(),
    }
}

fn golden(name: &str, case: Case) {
    let out = interpret(&case);
    assert_eq!(out, interpret(&case), "the same input gives the same words");
    support_rules(&out);
    let page = page(&case, &out);
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(format!("{name}.txt"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &page).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == page, "{name} has changed; it now reads:\n{page}");
}

/// What holds for every take.
fn support_rules(out: &Interpretation) {
    for section in Section::ALL {
        let text = out.caption.get(section);
        assert!(!text.trim().is_empty(), "{section:?} is empty");
    }
}

fn market() -> Case {
    case("A woman in a red coat walks her dog past market stalls at dusk")
        .identity(
            "ref_1",
            "",
            portrait(
                &[("deep red", "#7a1018", 0.55), ("black", "#101010", 0.3)],
                ("grey", "#8c8c8c"),
            ),
        )
        .pose(
            vec![person(
                1,
                0.5,
                Across::LeftToRight,
                Some(111.0),
                vec![act(Walking, 0.0, 4.2)],
            )],
            4.2,
        )
        .camera(
            vec![
                mv(TruckRight, 0.0, 3.0, 0.9, MoveUnit::Share, Speed::Slow),
                mv(Static, 3.0, 4.2, 1.2, MoveUnit::S, Speed::Slow),
            ],
            4.2,
            Steadiness::Steady,
        )
        .depth(
            three_layers(),
            Some(TruckRight),
            vec![moving(0.5, Band::Mid)],
        )
}

macro_rules! shots {
    ($($name:ident => $case:expr;)*) => { $(
        #[test]
        fn $name() {
            golden(stringify!($name), $case);
        }
    )* };
}

shots! {
    market_at_dusk => market();
    prompt_alone => case("A woman in a red coat walks her dog past market stalls at dusk").lasting(5.0);
    fragments => case("neon alley, rain, slow push in");
    nothing_at_all => case("");
    conditions_alone => {
        let mut c = market();
        c.shot.prompt.clear();
        c
    };
    static_against_dolly => case("Static camera. A chef tosses vegetables in a pan in a small kitchen, steam rising.")
        .camera(vec![mv(DollyIn, 0.0, 5.0, 1.0, MoveUnit::Share, Speed::Regular)], 5.0, Steadiness::Steady);
    runs_against_walk => case("A man in a grey suit runs down an empty street at night, handheld")
        .identity("Anton", "Forty, unshaven, a cut over the left eye.", scene(&[("charcoal", "#303030", 0.5), ("off-white", "#efece4", 0.3)], LightKey::High))
        .pose(vec![person(1, 0.3, Across::RightToLeft, Some(105.0), vec![act(Walking, 0.0, 3.0)])], 3.0)
        .camera(vec![mv(TruckLeft, 0.0, 3.0, 1.0, MoveUnit::M, Speed::Regular)], 3.0, Steadiness::Steady);
    two_and_two => case("Two dancers rehearse on an empty stage")
        .identity("Mara", "She wears a white practice dress.", portrait(&[("off-white", "#f2efe8", 0.6), ("light brown", "#a98467", 0.2)], ("dark grey", "#333333")))
        .identity("Jonas", "", portrait(&[("black", "#0c0c0c", 0.7)], ("light grey", "#cccccc")))
        .pose(vec![
            person(1, 0.25, Across::None, None, vec![act(StandingStill, 0.0, 2.0), { let mut a = act(RaisingArm, 2.0, 3.0); a.side = Some(Side::Right); a }]),
            person(2, 0.75, Across::None, None, vec![{ let mut a = act(Turning, 0.0, 1.5); a.amount_deg = Some(178.0); a }, act(Crouching, 1.5, 3.0)]),
        ], 3.0)
        .bind(BindingKind::PerformedBy, 12, Some(1), Some(10))
        .bind(BindingKind::PerformedBy, 12, Some(2), Some(11));
    compound_moves => case("An old lighthouse on a cliff, stormy sea below")
        .camera(vec![
            mv(TruckLeft, 0.0, 2.5, 0.5, MoveUnit::Share, Speed::Regular),
            mv(PanRight, 0.2, 2.4, 32.0, MoveUnit::Deg, Speed::Regular),
            mv(Static, 2.5, 3.5, 1.0, MoveUnit::S, Speed::Slow),
            mv(ZoomIn, 3.5, 5.0, 1.42, MoveUnit::Factor, Speed::Slow),
        ], 5.0, Steadiness::MinimalShake);
    notes_that_only_point => case("A woman in a red coat walks her dog past market stalls at dusk")
        .identity("Mara", "the woman in the red coat, a scar on her chin", portrait(&[("deep red", "#7a1420", 0.5), ("black", "#101010", 0.3)], ("grey", "#b9b9b9")))
        .identity("Dog", "her dog", {
            let mut reading = portrait(&[("tan", "#b08a5a", 0.5), ("brown", "#5c3b1e", 0.3)], ("off-white", "#f4f1ea"));
            reading.framing.cut_at_bottom = false;
            reading
        })
        .pose(vec![person(1, 0.4, Across::LeftToRight, Some(112.0), vec![act(Walking, 0.0, 4.2)])], 4.2)
        .untimed()
        .camera(vec![
            mv(TruckRight, 0.0, 3.0, 1.0, MoveUnit::Share, Speed::Regular),
            mv(Static, 3.0, 4.2, 1.2, MoveUnit::S, Speed::Slow),
        ], 4.2, Steadiness::Steady);
    picture_of_several => case("A mother leads her small boy along a sunny garden path")
        .identity("boy_and_mom", "", scene(&[("mauve", "#a080a0", 0.4), ("dusty pink", "#c8a0a0", 0.3)], LightKey::Middle));
    second_picture_apart => case("A woman in a yellow dress stands in a field")
        .identity("ref_1", "", scene(&[("light green", "#a0c890", 0.4)], LightKey::Middle))
        .identity("ref_2", "", portrait(&[("golden yellow", "#d8a020", 0.5)], ("white", "#fafafa")));
    a_look_around => case("A slow look around an empty house, static camera")
        .camera(vec![mv(DollyIn, 0.0, 4.2, 0.8, MoveUnit::Share, Speed::Slow)], 4.2, Steadiness::Steady);
    assumed_times => case("A cyclist crosses a bridge in the morning fog")
        .camera_from(vec![
            mv(PanLeft, 0.0, 1.0, 40.0, MoveUnit::Deg, Speed::Fast),
            mv(Static, 1.0, 1.6, 0.6, MoveUnit::S, Speed::Slow),
        ], 1.6, Steadiness::Unsteady, true);
    other_language => case("Eine alte Frau geht mit ihrem Hund durch den Regen")
        .pose(vec![person(1, 0.5, Across::LeftToRight, Some(96.0), vec![act(Walking, 0.0, 3.0)])], 3.0);
    shouting => case("WOMAN RUNNING THROUGH A FIELD OF WHEAT, STATIC SHOT, NO PEOPLE IN THE BACKGROUND!!! 🌾");
    edit_add => case("Add a red balloon beside the door")
        .plain(ConditionKind::FirstFrame, &[("pale blue", "#a9c4d6", 0.6), ("brown", "#6b4a2b", 0.3)], Some(light(LightKey::High, -0.3, 0.3)), None);
    edit_modify => case("Make the sky darker").plain(ConditionKind::ReferenceVideo, &[("grey", "#888888", 0.8)], Some(light(LightKey::Middle, 0.0, 0.05)), Some(6.0));
    edit_remove => case("Remove the parked car from the street").unread(ConditionKind::MaskedImage, "street");
    style_against_prompt => case("A street musician plays guitar on a bridge while people pass by, black and white, 16mm")
        .plain(ConditionKind::Style, &[("orange", "#e0762a", 0.4), ("teal", "#1f6f78", 0.3)], Some(light(LightKey::Low, 0.4, 0.5)), None);
    style_alone => case("")
        .plain(ConditionKind::Style, &[("orange", "#e0762a", 0.4), ("teal", "#1f6f78", 0.3)], Some(light(LightKey::Low, 0.4, 0.5)), None);
    three_against_one => case("Three people stand around a fire while snow falls")
        .pose(vec![person(1, 0.5, Across::None, None, vec![act(StandingStill, 0.0, 4.0)])], 4.0);
    left_against_right => case("Mara walks left along the beach, then stops and looks back. The camera slowly pushes in on her face.")
        .identity("Mara", "", portrait(&[("navy", "#12203f", 0.6)], ("white", "#fafafa")))
        .pose(vec![person(1, 0.4, Across::LeftToRight, Some(128.0), vec![act(Walking, 0.0, 3.0), act(StandingStill, 3.0, 4.0)])], 4.0)
        .camera(vec![mv(DollyIn, 0.0, 4.0, 1.0, MoveUnit::Share, Speed::Slow)], 4.0, Steadiness::Steady);
    seated_figure_alone => case("").pose(vec![{
        let mut p = person(1, 0.2, Across::None, None, vec![act(Sitting, 0.0, 5.0), { let mut a = act(Waving, 2.0, 3.1); a.side = Some(Side::Left); a }]);
        p.facing = Facing::ThreeQuarterRight;
        p
    }], 5.0);
    three_poses_alone => case("").pose(vec![
        person(1, 0.2, Across::LeftToRight, Some(118.0), vec![act(Walking, 0.0, 4.0)]),
        person(2, 0.5, Across::None, None, vec![act(StandingStill, 0.0, 4.0)]),
        person(3, 0.8, Across::RightToLeft, Some(165.0), vec![act(Running, 0.0, 4.0)]),
    ], 4.0);
    depth_alone => case("").depth(three_layers(), Some(DollyIn), vec![moving(-0.4, Band::Near)]);
    moves_within_a_move => case("A sunlit room with tall windows").camera(vec![
        mv(DollyIn, 0.0, 4.2, 0.8, MoveUnit::Share, Speed::Slow),
        mv(TruckLeft, 0.0, 4.2, 0.6, MoveUnit::Share, Speed::Slow),
        mv(PanRight, 0.0, 2.8, 24.0, MoveUnit::Deg, Speed::Slow),
        mv(PanLeft, 3.3, 4.2, 15.0, MoveUnit::Deg, Speed::Regular),
    ], 4.2, Steadiness::Steady);
    camera_alone => case("").camera(vec![mv(ArcCcw, 0.0, 6.0, 92.0, MoveUnit::Deg, Speed::Regular)], 6.0, Steadiness::Steady);
    offered_prompt => {
        let mut reading = scene(&[("beige", "#d8c8a8", 0.5)], LightKey::Middle);
        reading.embedded_prompt = Some(EmbeddedPrompt { source: "A1111 parameters".into(), text: "masterpiece, 1girl, cinematic".into(), negative: None });
        case("").identity("IMG_2033", "", reading)
    };
    several_sentences => case("In a quiet kitchen, a young man cooks breakfast. Sunlight falls through the window. His daughter walks in and hugs him. Close-up, shallow depth of field, warm light, 35mm film.").lasting(8.0);
    sketch_and_sound => case("a fox jumps over a stream")
        .unread(ConditionKind::Sketch, "lines")
        .plain(ConditionKind::Audio, &[], None, Some(7.5));
    no_people => case("An empty subway platform at midnight, no people, low angle, flickering fluorescent light")
        .pose(vec![person(1, 0.5, Across::LeftToRight, Some(100.0), vec![act(Walking, 0.0, 2.0)])], 2.0);
    knight_and_dragon => case("A knight fights a dragon in front of a burning castle, epic, 35mm film, shallow depth of field, the camera circles around them");
}
