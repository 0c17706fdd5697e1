//! Readings as facts a model can lean on: each line with how sure it is, none without the
//! condition it was measured in.

use decoupage_conditions::Reading;
use decoupage_conditions::camera::{CameraReading, MoveKind, Speed};
use decoupage_conditions::depth::{Band, DepthReading};
use decoupage_conditions::identity::IdentityReading;
use decoupage_conditions::plain::PlainReading;
use decoupage_conditions::pose::{BodyFraming, PoseReading};
use decoupage_conditions::reading::{Evidence, Statement};
use decoupage_shot::{Condition, ConditionKind};

use super::words::plain;
use crate::measured::align::naming;
use crate::measured::clock::steps;
use crate::measured::compose::{capital, listed};
use crate::measured::moves::{beats, does, held, together};
use crate::measured::perform;

/// The most lines on one condition: a crowd's pose clip is not to fill the context.
const MOST_LINES: usize = 24;
/// The longest statement, in scalars.
const LONGEST: usize = 400;

/// The measured lines of a condition, without marks in front.
pub(crate) fn lines(condition: &Condition, reading: &Reading) -> Vec<String> {
    let mut out = match reading {
        Reading::Camera(r) => camera(r),
        Reading::Pose(r) => pose(r),
        Reading::Depth(r) => depth(r),
        Reading::Identity(r) => identity(r),
        Reading::Style(_)
        | Reading::Segmentation(_)
        | Reading::Sketch(_)
        | Reading::Frame(_)
        | Reading::ReferenceVideo(_)
        | Reading::Audio(_) => reading.plain().map_or_else(Vec::new, look),
    };
    if assumed(condition, reading) {
        out.push(
            "The file stores no times: its seconds are assumed. Tell parts of the whole (the first third, towards the end), not seconds."
                .to_owned(),
        );
    } else if condition.offset_s.abs() >= 0.05 && reading.duration_s().is_some() {
        out.push(format!(
            "Its clock begins at {:.1} s of the shot: add that to its times.",
            condition.offset_s
        ));
    }
    out.truncate(MOST_LINES);
    out
}

fn assumed(condition: &Condition, reading: &Reading) -> bool {
    let assumed = match reading {
        Reading::Camera(r) => r.times_assumed,
        Reading::Pose(r) => r.times_assumed && r.frames > 1,
        Reading::Depth(r) => r.times_assumed && r.frames > 1,
        _ => false,
    };
    assumed && condition.options.fps.is_none()
}

/// What of a condition nobody measured and the writer is to look at.
pub(crate) fn look_for(kind: ConditionKind, shown: bool) -> &'static str {
    if !shown {
        return match kind {
            ConditionKind::Identity => {
                "The picture is not shown: claim nothing of face, hair or clothes beyond these lines."
            }
            _ => "",
        };
    }
    match kind {
        ConditionKind::Identity => {
            "Look at it for face, hair, age, build, clothes and their materials; none of that is measured. Its pose and its background are not the shot's."
        }
        ConditionKind::Depth => {
            "Look at it for the shapes and where they stand, near and far; it shows no colour, light or material."
        }
        ConditionKind::Pose => {
            "Look at it for the movement only; it shows no looks, clothes or place."
        }
        ConditionKind::Camera => "A drawing of the path, not a view of the shot.",
        ConditionKind::Style => {
            "Look at it for light, colours, grain and medium; what it depicts is not in the shot."
        }
        ConditionKind::Segmentation => {
            "Each colour is a region; look at it for what stands where. Its colours are not the shot's."
        }
        ConditionKind::Sketch => {
            "Look at it for composition and outlines; lines and paper are not in the shot."
        }
        ConditionKind::MaskedImage => {
            "Look at what surrounds the masked part; the masked part is what is to be filled."
        }
        ConditionKind::FirstFrame => "The shot begins on exactly this: look at everything in it.",
        ConditionKind::LastFrame => "The shot ends on exactly this: look at everything in it.",
        ConditionKind::ReferenceVideo => {
            "Look at it for movement, rhythm and look; the prompt says what is taken over."
        }
        ConditionKind::Audio => "Listen to it for what is heard, and when.",
    }
}

/// A statement with how sure it is, and its time where its words name none.
fn said(statement: &Statement, times: bool) -> String {
    let mut text = plain(&statement.text, LONGEST);
    if let (Some(span), true) = (statement.span, times)
        && !text.contains(" s ")
        && !text.contains(" s.")
        && !text.contains(" s,")
        && span.end_s > span.start_s
    {
        let end = text.trim_end_matches('.').len();
        text.truncate(end);
        text.push_str(&format!(", {:.1}–{:.1} s.", span.start_s, span.end_s));
    }
    let mark = match (&statement.evidence, statement.confidence) {
        (Evidence::Person, _) => "",
        (_, c) if c < 0.5 => " (a guess)",
        (_, c) if c < 0.75 => " (likely)",
        _ => "",
    };
    format!("{text}{mark}")
}

fn own(statements: &[Statement], times: bool) -> Vec<String> {
    statements.iter().map(|s| said(s, times)).collect()
}

fn camera(reading: &CameraReading) -> Vec<String> {
    let seconds = !reading.times_assumed;
    let mut out = Vec::new();
    // Each beat on the clock: what the sentences below tell, made exact.
    let all: Vec<String> = beats(reading)
        .iter()
        .take(12)
        .map(|beat| {
            let mut text = together(beat);
            if let Some(lead) = beat.moves.first().filter(|m| m.kind != MoveKind::Static) {
                text.push_str(match lead.speed {
                    Speed::Slow => ", slow",
                    Speed::Regular => ", at a moderate speed",
                    Speed::Fast => ", fast",
                });
            }
            if seconds {
                text.push_str(&format!(", {:.1}–{:.1} s", beat.start_s, beat.end_s));
            }
            for within in &beat.within {
                text.push_str(&format!(" (meanwhile {}", does(within.kind)));
                if seconds {
                    text.push_str(&format!(", {:.1}–{:.1} s", within.start_s, within.end_s));
                }
                text.push(')');
            }
            text
        })
        .collect();
    if !all.is_empty() {
        out.push(format!("The camera {}.", all.join("; then ")));
    }
    let told = |s: &&Statement| !matches!(s.evidence, Evidence::Measurement { .. });
    let rest: Vec<Statement> = reading.statements.iter().filter(told).cloned().collect();
    out.push(format!("{}.", held(reading.steadiness)));
    out.extend(own(&rest, seconds));
    out
}

fn pose(reading: &PoseReading) -> Vec<String> {
    let seconds = !reading.times_assumed;
    let mut out = own(&reading.statements, seconds);
    if reading.statements.is_empty() {
        out.push(match reading.people.len() {
            0 => "Nobody is seen.".to_owned(),
            1 => "One figure is seen.".to_owned(),
            n => format!("{n} figures are seen."),
        });
    }
    for person in &reading.people {
        if !person.statements.is_empty() {
            out.extend(own(&person.statements, seconds));
            continue;
        }
        let mut parts: Vec<String> = perform::actions(person)
            .iter()
            .map(|a| {
                let likely = if a.confidence < 0.75 { " (likely)" } else { "" };
                let name = naming(a.action);
                if seconds {
                    format!("{name} {:.1}–{:.1} s{likely}", a.start_s, a.end_s)
                } else {
                    format!("{name}{likely}")
                }
            })
            .collect();
        let way = perform::travel(person);
        if !way.is_empty() {
            parts.push(way);
        }
        if let Some(cadence) = person.cadence.filter(|c| c.is_finite() && seconds) {
            parts.push(steps(cadence));
        }
        parts.extend(perform::facing(person).map(str::to_owned));
        parts.extend(perform::place(person).map(str::to_owned));
        parts.extend(framing(person.position.framing).map(str::to_owned));
        out.push(format!("Figure {}: {}.", person.id, parts.join(", ")));
    }
    out
}

fn framing(framing: BodyFraming) -> Option<&'static str> {
    Some(match framing {
        BodyFraming::FullFigure => "full figure",
        BodyFraming::KneesUp => "from the knees up",
        BodyFraming::WaistUp => "from the waist up",
        BodyFraming::HeadAndShoulders => "head and shoulders",
        BodyFraming::Partial => return None,
    })
}

fn depth(reading: &DepthReading) -> Vec<String> {
    if !reading.statements.is_empty() {
        return own(&reading.statements, !reading.times_assumed);
    }
    let mut out: Vec<String> = reading
        .layers
        .iter()
        .map(|layer| {
            let band = match layer.band {
                Band::Near => "near",
                Band::Mid => "middle",
                Band::Far => "far",
            };
            format!(
                "{} layer: {}, {:.0} % of the picture.",
                capital(band),
                layer.place,
                layer.share * 100.0
            )
        })
        .collect();
    if let Some(motion) = &reading.camera_motion {
        out.push(said(
            &Statement::new(
                format!("The depths suggest that the camera {}.", does(motion.kind)),
                Evidence::measured("parallax", motion.confidence, "share"),
                motion.confidence,
            ),
            false,
        ));
    }
    out
}

fn identity(reading: &IdentityReading) -> Vec<String> {
    if !reading.statements.is_empty() {
        return own(&reading.statements, false);
    }
    let colours: Vec<&str> = reading
        .palette
        .iter()
        .take(4)
        .map(|s| s.name.as_str())
        .collect();
    if colours.is_empty() {
        return Vec::new();
    }
    let whose = if reading.framing.subject.is_some() {
        "The subject's"
    } else {
        "The picture's"
    };
    vec![format!("{whose} main colours are {}.", listed(&colours))]
}

fn look(reading: &PlainReading) -> Vec<String> {
    if !reading.statements.is_empty() {
        return own(&reading.statements, true);
    }
    let mut out = Vec::new();
    let colours: Vec<&str> = reading
        .palette
        .iter()
        .take(4)
        .map(|s| s.name.as_str())
        .collect();
    if !colours.is_empty() {
        out.push(format!("Its main colours are {}.", listed(&colours)));
    }
    if let Some(light) = reading.light {
        out.push(format!(
            "{}.",
            capital(&crate::measured::light_words(light))
        ));
    }
    if let Some(length) = reading.duration_s {
        out.push(format!("It runs {length:.1} s."));
    }
    out
}
