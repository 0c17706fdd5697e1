//! Sentences about a clip, from what is typed in its reading.

use decoupage_shot::Region;

use super::{ClipReading, Cut, CutKind, Shot, ShotMove};
use crate::camera::{MoveKind, MoveUnit, Steadiness, phrase};
use crate::colour::main_colours;
use crate::identity::words::list;
use crate::plain::capital;
use crate::reading::{Evidence, Statement};

/// The most shots that get sentences of their own.
const MOST_SHOTS: usize = 12;
/// The most cuts that are told by their times.
const MOST_CUTS: usize = 6;

/// Everything measured over time.
pub(crate) fn write(reading: &ClipReading) -> Vec<Statement> {
    let mut statements = Vec::new();
    if !reading.shots.is_empty() {
        statements.extend(cutting(reading));
        statements.extend(lengths(&reading.shots));
        statements.extend(fades(reading));
        let several = reading.shots.len() > 1;
        for (number, shot) in reading.shots.iter().take(MOST_SHOTS).enumerate() {
            let place = several.then_some(number + 1);
            statements.push(camera(shot, place));
            statements.extend(steadiness(shot, place));
            statements.extend(moving(shot, place));
        }
        statements.extend(colours(&reading.shots));
    }
    if let Some(sound) = &reading.sound {
        statements.extend(crate::audio::words::write(sound));
    }
    statements
}

fn cutting(reading: &ClipReading) -> Option<Statement> {
    let cuts: Vec<&Cut> = reading
        .cuts
        .iter()
        .filter(|cut| matches!(cut.kind, CutKind::Hard | CutKind::Dissolve))
        .collect();
    let count = reading.shots.len();
    let sure = cuts.iter().map(|cut| cut.confidence).fold(0.85, f64::min);
    let evidence = Evidence::measured("cuts", cuts.len() as f64, "cuts");
    if count == 1 {
        return Some(Statement::new(
            "It is a single, unbroken shot.",
            evidence,
            sure,
        ));
    }
    let number = words_for(count);
    let hard: Vec<String> = cuts
        .iter()
        .filter(|cut| cut.kind == CutKind::Hard)
        .map(|cut| format!("{:.1}", cut.start_s))
        .collect();
    let soft: Vec<String> = cuts
        .iter()
        .filter(|cut| cut.kind == CutKind::Dissolve)
        .map(|cut| format!("{:.1} to {:.1}", cut.start_s, cut.end_s))
        .collect();
    let text = if cuts.is_empty() {
        format!("It has {number} shots.")
    } else if cuts.len() <= MOST_CUTS {
        let mut parts = Vec::new();
        if !hard.is_empty() {
            let word = if hard.len() == 1 { "a cut" } else { "cuts" };
            parts.push(format!("{word} at {} s", joined(&hard)));
        }
        if !soft.is_empty() {
            let word = if soft.len() == 1 {
                "a dissolve"
            } else {
                "dissolves"
            };
            parts.push(format!("{word} from {} s", joined(&soft)));
        }
        format!("It has {number} shots, with {}.", parts.join(" and "))
    } else {
        let mean = mean_length(&reading.shots);
        let soft = match soft.len() {
            0 => String::new(),
            1 => ", once by a dissolve".to_owned(),
            some => format!(", {some} times by a dissolve"),
        };
        format!("It has {number} shots and changes shot every {mean:.1} s on average{soft}.")
    };
    Some(Statement::new(text, evidence, sure))
}

fn mean_length(shots: &[Shot]) -> f64 {
    shots
        .iter()
        .map(|shot| shot.end_s - shot.start_s)
        .sum::<f64>()
        / shots.len().max(1) as f64
}

fn lengths(shots: &[Shot]) -> Option<Statement> {
    let lengths = shots.iter().map(|shot| shot.end_s - shot.start_s);
    let shortest = lengths.clone().fold(f64::INFINITY, f64::min);
    let longest = lengths.fold(0.0, f64::max);
    let text = match shots {
        [] | [_] => return None,
        [one, other] => format!(
            "The first shot runs {:.1} s, the second {:.1} s.",
            one.end_s - one.start_s,
            other.end_s - other.start_s
        ),
        _ if longest - shortest < 0.25 => format!("Every shot runs about {longest:.1} s."),
        _ => format!("The shots run from {shortest:.1} to {longest:.1} s."),
    };
    let mean = super::thousandth(mean_length(shots));
    Some(Statement::new(
        text,
        Evidence::measured("mean shot length", mean, "s"),
        0.85,
    ))
}

fn fades(reading: &ClipReading) -> impl Iterator<Item = Statement> + '_ {
    reading.cuts.iter().filter_map(|cut| {
        let way = match cut.kind {
            CutKind::FadeIn => "fades in",
            CutKind::FadeOut => "fades out",
            CutKind::Hard | CutKind::Dissolve => return None,
        };
        let text = format!(
            "The picture {way} from {:.1} to {:.1} s.",
            cut.start_s, cut.end_s
        );
        let lasts = super::thousandth(cut.end_s - cut.start_s);
        Some(
            Statement::new(text, Evidence::measured("fade", lasts, "s"), cut.confidence)
                .during(cut.start_s, cut.end_s),
        )
    })
}

/// "The camera …", or "In shot 2 the camera …".
fn subject(place: Option<usize>) -> String {
    place.map_or("The camera".to_owned(), |number| {
        format!("In shot {number} the camera")
    })
}

/// A rest at a shot's end shorter than this is not told, seconds.
const REST_S: f64 = 0.4;

fn camera(shot: &Shot, place: Option<usize>) -> Statement {
    let subject = subject(place);
    let by_hand = matches!(
        shot.steadiness,
        Steadiness::Unsteady | Steadiness::VeryUnsteady
    );
    let rests = if by_hand {
        "stays where it is"
    } else {
        "holds still"
    };
    let moving: Vec<&ShotMove> = shot
        .moves
        .iter()
        .filter(|m| m.kind != MoveKind::Static)
        .collect();
    let Some(first) = moving.first() else {
        return Statement::new(
            format!("{subject} {rests}."),
            Evidence::measured("shake", shot.shake, "share"),
            0.85,
        )
        .during(shot.start_s, shot.end_s);
    };
    let mut steps: Vec<String> = Vec::new();
    if first.start_s - shot.start_s >= REST_S {
        steps.push(format!("{rests} for {:.1} s", first.start_s - shot.start_s));
    }
    let mut at = shot.start_s;
    for group in groups(&moving) {
        let Some(lead) = group.first() else { continue };
        let mut text = format!("{}{}", verb(lead), amount(lead));
        text.push_str(&beside(group.get(1..).unwrap_or_default()));
        text.push_str(&when(lead, shot, at));
        at = lead.end_s;
        steps.push(text);
    }
    let last = moving.iter().map(|m| m.end_s).fold(0.0, f64::max);
    if shot.end_s - last >= REST_S {
        steps.push(rests.to_owned());
    }
    let sure = moving.iter().map(|m| m.confidence).fold(1.0, f64::min);
    Statement::new(
        format!("{subject} {}.", steps.join(", then ")),
        Evidence::measured(phrase(first.kind).noun, first.amount, unit(first.unit)),
        sure,
    )
    .during(shot.start_s, shot.end_s)
}

/// " while …": what goes on beside the leading move, by time.
fn beside(others: &[&ShotMove]) -> String {
    let mut others = others.to_vec();
    others.sort_by(|a, b| a.start_s.total_cmp(&b.start_s));
    let mut text = String::new();
    let mut before: Option<&ShotMove> = None;
    for m in others {
        text.push_str(match before {
            None => " while ",
            Some(before) if m.start_s > f64::midpoint(before.start_s, before.end_s) => ", then ",
            Some(_) => " and ",
        });
        text.push_str(&format!("{}{}", gerund(m), amount(m)));
        before = Some(m);
    }
    text
}

/// Moves that share most of their time, the largest first.
fn groups<'a>(moves: &[&'a ShotMove]) -> Vec<Vec<&'a ShotMove>> {
    let mut groups: Vec<Vec<&ShotMove>> = Vec::new();
    for m in moves {
        let shares = |other: &ShotMove| {
            let shared = other.end_s.min(m.end_s) - other.start_s.max(m.start_s);
            let shorter = (other.end_s - other.start_s).min(m.end_s - m.start_s);
            shared > 0.5 * shorter
        };
        match groups
            .iter_mut()
            .find(|group| group.iter().any(|other| shares(other)))
        {
            Some(group) => group.push(m),
            None => groups.push(vec![m]),
        }
    }
    for group in &mut groups {
        group.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
    }
    groups
}

/// How much of a picture's width its edge moves by: moves of different units side by side.
fn weight(m: &ShotMove) -> f64 {
    match m.unit {
        MoveUnit::Factor => m.amount.max(1e-3).ln().abs() * 0.5,
        MoveUnit::Deg => m.amount.to_radians() * 0.5,
        MoveUnit::Share | MoveUnit::M | MoveUnit::S => m.amount,
    }
}

/// "pans right", "pans or trucks right".
pub(crate) fn verb(m: &ShotMove) -> String {
    either(m, |kind| phrase(kind).verb)
}

fn gerund(m: &ShotMove) -> String {
    either(m, |kind| phrase(kind).gerund)
}

fn either(m: &ShotMove, words: impl Fn(MoveKind) -> &'static str) -> String {
    let first = words(m.kind);
    match (m.or, first.split_once(' ')) {
        (Some(other), Some((first, _))) => format!("{first} or {}", words(other)),
        _ => first.to_owned(),
    }
}

/// How much; nothing where a person has renamed a move to one of another unit.
fn amount(m: &ShotMove) -> String {
    use MoveKind as K;
    match (m.kind, m.unit) {
        (K::RollCw | K::RollCcw, MoveUnit::Deg) => format!(" by {:.0}°", m.amount),
        (K::ZoomIn | K::ZoomOut | K::DollyIn | K::DollyOut, MoveUnit::Factor) => {
            format!(" {:.1}×", m.amount)
        }
        (
            K::PanLeft
            | K::PanRight
            | K::TiltUp
            | K::TiltDown
            | K::TruckLeft
            | K::TruckRight
            | K::PedestalUp
            | K::PedestalDown,
            MoveUnit::Share,
        ) => width_words(m.amount),
        _ => String::new(),
    }
}

/// A share of the frame's width, as one says it.
fn width_words(share: f64) -> String {
    const STEPS: [(f64, &str); 7] = [
        (0.08, " slightly"),
        (0.15, " by about a tenth of the frame's width"),
        (0.225, " by about a fifth of the frame's width"),
        (0.29, " by about a quarter of the frame's width"),
        (0.41, " by about a third of the frame's width"),
        (0.6, " by about half the frame's width"),
        (0.87, " by about three quarters of the frame's width"),
    ];
    match STEPS.iter().find(|(most, _)| share < *most) {
        Some((_, words)) => (*words).to_owned(),
        None if share < 1.25 => " by about the frame's width".to_owned(),
        None => format!(" by about {share:.1} times the frame's width"),
    }
}

/// When a move runs; empty where it follows the one before without a gap.
fn when(m: &ShotMove, shot: &Shot, after: f64) -> String {
    let at_start = m.start_s - shot.start_s < 0.15;
    let at_end = shot.end_s - m.end_s < 0.15;
    match (at_start, at_end) {
        (true, true) => " throughout".to_owned(),
        (true, false) => format!(" over the first {:.1} s", m.end_s - shot.start_s),
        (false, true) => format!(" over the last {:.1} s", shot.end_s - m.start_s),
        (false, false) if m.start_s - after < 0.3 && after > shot.start_s => {
            format!(" for {:.1} s", m.end_s - m.start_s)
        }
        (false, false) => format!(" from {:.1} to {:.1} s", m.start_s, m.end_s),
    }
}

fn steadiness(shot: &Shot, place: Option<usize>) -> Option<Statement> {
    let how = match shot.steadiness {
        Steadiness::Static | Steadiness::Steady => return None,
        Steadiness::MinimalShake => "shakes slightly",
        Steadiness::Unsteady => "is unsteady, as if held by hand",
        Steadiness::VeryUnsteady => "shakes strongly",
    };
    Some(
        Statement::new(
            format!("{} {how}.", subject(place)),
            Evidence::measured("shake", shot.shake, "share"),
            0.75,
        )
        .during(shot.start_s, shot.end_s),
    )
}

/// Own motion from which a picture without areas counts as full of movement, widths a second.
const BUSY: f64 = 0.06;

fn moving(shot: &Shot, place: Option<usize>) -> Vec<Statement> {
    let in_shot = place.map_or(String::new(), |number| format!(" in shot {number}"));
    if shot.moving.is_empty() {
        if shot.energy < BUSY {
            return Vec::new();
        }
        return vec![
            Statement::new(
                format!(
                    "There is much movement all over the frame{in_shot}, the camera's own left out."
                ),
                Evidence::measured("own motion", shot.energy, "widths/s"),
                0.5,
            )
            .during(shot.start_s, shot.end_s),
        ];
    }
    shot.moving
        .iter()
        .map(|area| {
            let who = area.name.as_deref().map_or_else(
                || "Something moves on its own".to_owned(),
                |name| format!("{} moves", capital(name)),
            );
            let whole =
                area.span.start_s - shot.start_s < 0.2 && shot.end_s - area.span.end_s < 0.2;
            let when = match whole {
                true => in_shot.clone(),
                false => format!(" from {:.1} to {:.1} s", area.span.start_s, area.span.end_s),
            };
            Statement::new(
                format!("{who} {}{when}.", position(&area.bounds)),
                Evidence::measured("own motion", area.speed, "widths/s"),
                0.65,
            )
            .during(area.span.start_s, area.span.end_s)
        })
        .collect()
}

/// Where an area lies, to follow "moves".
fn position(bounds: &Region) -> String {
    if bounds.width > 0.75 && bounds.height > 0.6 {
        return "across most of the frame".to_owned();
    }
    if bounds.width > 0.75 {
        return "across the width of the frame".to_owned();
    }
    let third = |centre: f64, words: [&'static str; 3]| match centre {
        low if low < 0.37 => words[0],
        high if high > 0.63 => words[2],
        _ => words[1],
    };
    let across = third(bounds.x + bounds.width / 2.0, ["left", "", "right"]);
    let down = match bounds.height > 0.75 {
        true => "",
        false => third(bounds.y + bounds.height / 2.0, ["top", "", "bottom"]),
    };
    match (down, across) {
        ("", "") => "in the middle of the frame".to_owned(),
        ("", side) => format!("at the {side} of the frame"),
        (end, "") => format!("at the {end} of the frame"),
        (end, side) => format!("at the {end} {side} of the frame"),
    }
}

/// How the colours go over the shots, where they differ.
fn colours(shots: &[Shot]) -> Option<Statement> {
    if !(2..=MOST_CUTS).contains(&shots.len()) {
        return None;
    }
    let named: Vec<Vec<&str>> = shots
        .iter()
        .map(|shot| main_colours(&shot.palette).into_iter().take(2).collect())
        .collect();
    if named.iter().any(Vec::is_empty) || named.windows(2).all(|pair| pair[0] == pair[1]) {
        return None;
    }
    let parts: Vec<String> = named
        .iter()
        .enumerate()
        .map(|(number, colours)| match number {
            0 => format!("shot 1 is mostly {}", list(colours)),
            _ => format!("shot {} {}", number + 1, list(colours)),
        })
        .collect();
    let largest = shots
        .iter()
        .filter_map(|shot| shot.palette.first())
        .map(|swatch| swatch.share)
        .fold(0.0, f64::max);
    Some(Statement::new(
        format!("{}.", capital(&parts.join(", "))),
        Evidence::measured("palette", largest, "share"),
        0.8,
    ))
}

/// "two", "three"; figures from thirteen on.
pub(crate) fn words_for(count: usize) -> String {
    const WORDS: [&str; 13] = [
        "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
        "eleven", "twelve",
    ];
    WORDS
        .get(count)
        .map_or_else(|| count.to_string(), |word| (*word).to_owned())
}

fn joined(parts: &[String]) -> String {
    list(&parts.iter().map(String::as_str).collect::<Vec<_>>())
}

fn unit(unit: MoveUnit) -> &'static str {
    match unit {
        MoveUnit::Deg => "deg",
        MoveUnit::Share => "share",
        MoveUnit::M => "m",
        MoveUnit::Factor => "factor",
        MoveUnit::S => "s",
    }
}
