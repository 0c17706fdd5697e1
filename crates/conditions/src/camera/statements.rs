//! Sentences about a path, in plain film English.

use crate::reading::{Evidence, Statement};

use super::moves::measures;
use super::names;
use super::phrase::phrase;
use super::{CameraReading, Move, MoveKind, MoveUnit, Steadiness};

/// Moves at the same time, the leading one first.
#[derive(Debug, Clone)]
struct Group {
    start_s: f64,
    end_s: f64,
    moves: Vec<Move>,
}

/// Everything that can be said about a path; of the reading's own sentences none is looked at.
pub(crate) fn write(reading: &CameraReading) -> Vec<Statement> {
    let mut statements = motion(reading);
    statements.extend(cuts(reading));
    statements.extend(steadiness(reading));
    statements.extend(names::against_path(reading));
    if reading.times_assumed
        && let Some(fps) = reading.fps
    {
        statements.push(Statement::new(
            format!(
                "The file stores no times; {} frames per second are assumed, which makes the path {} long.",
                trimmed(fps),
                seconds(reading.duration_s)
            ),
            Evidence::Format,
            0.5,
        ));
    }
    if let [first, _, ..] = reading.cameras.as_slice() {
        statements.push(Statement::new(
            format!(
                "The file holds {} cameras; “{first}” is read.",
                reading.cameras.len()
            ),
            Evidence::Format,
            1.0,
        ));
    }
    for note in &reading.notes {
        statements.push(Statement::new(note.clone(), Evidence::Format, 0.7));
    }
    statements
}

/// A stretch of path between cuts, seconds.
#[derive(Debug, Clone, Copy)]
struct Place {
    start_s: f64,
    end_s: f64,
    /// Whether it is the whole path.
    whole: bool,
}

fn places(reading: &CameraReading) -> Vec<Place> {
    let mut edges: Vec<f64> = reading
        .cuts
        .iter()
        .copied()
        .filter(|cut| *cut > 0.0 && *cut < reading.duration_s)
        .collect();
    edges.sort_by(f64::total_cmp);
    edges.insert(0, 0.0);
    edges.push(reading.duration_s);
    edges
        .windows(2)
        .map(|edge| Place {
            start_s: edge[0],
            end_s: edge[1],
            whole: edges.len() == 2,
        })
        .collect()
}

/// What the camera does, place by place.
fn motion(reading: &CameraReading) -> Vec<Statement> {
    places(reading)
        .into_iter()
        .flat_map(|place| {
            let moves: Vec<Move> = reading
                .moves
                .iter()
                .filter(|m| {
                    let middle = 0.5 * (m.start_s + m.end_s);
                    place.whole || (middle >= place.start_s && middle < place.end_s)
                })
                .cloned()
                .collect();
            motion_within(&moves, place)
        })
        .collect()
}

fn motion_within(moves: &[Move], place: Place) -> Vec<Statement> {
    let groups = groups(moves);
    if let [only] = groups.as_slice()
        && let [hold] = only.moves.as_slice()
        && hold.kind == MoveKind::Static
        && place.whole
        && hold.end_s - hold.start_s > 0.95 * place.end_s
    {
        return vec![
            Statement::new(
                format!(
                    "The camera holds still for the whole {}.",
                    seconds(place.end_s)
                ),
                evidence(hold),
                hold.confidence,
            )
            .during(hold.start_s, hold.end_s),
        ];
    }
    let (main, beside) = lanes(groups);
    let mut statements = Vec::new();
    // Up to three steps make a sentence that can be followed.
    let mut rest = main.as_slice();
    while !rest.is_empty() {
        let size = match rest.len() {
            4 => 2,
            more => more.min(3),
        };
        let (now, later) = rest.split_at(size);
        let subject = match (statements.is_empty(), place.start_s > 0.0) {
            (true, false) => "The camera ".to_owned(),
            (true, true) => format!("After the cut at {} it ", seconds(place.start_s)),
            (false, _) => "It then ".to_owned(),
        };
        statements.push(sentence(&subject, now, place));
        rest = later;
    }
    for chunk in beside.chunks(3) {
        statements.push(sentence("Meanwhile it ", chunk, place));
    }
    statements
}

fn cuts(reading: &CameraReading) -> Option<Statement> {
    let (last, before) = reading.cuts.split_last()?;
    let mut when: Vec<String> = before.iter().map(|cut| format!("{cut:.1}")).collect();
    when.push(seconds(*last));
    let text = match when.split_last() {
        Some((last, before)) if !before.is_empty() => format!(
            "The path cuts to another place {}, at {} and {last}; nothing moves across a cut.",
            match before.len() {
                1 => "twice".to_owned(),
                more => format!("{} times", more + 1),
            },
            before.join(", ")
        ),
        _ => format!(
            "The path cuts to another place at {}; nothing moves across the cut.",
            seconds(*last)
        ),
    };
    Some(Statement::new(
        text,
        Evidence::measured("cuts", reading.cuts.len() as f64, "count"),
        0.9,
    ))
}

fn evidence(m: &Move) -> Evidence {
    // Only a person is wholly sure.
    if m.confidence >= 1.0 {
        Evidence::Person
    } else {
        Evidence::measured(phrase(m.kind).noun, rounded(m.amount), unit(m.unit))
    }
}

/// The groups that follow one another, and those that run beside them.
fn lanes(mut groups: Vec<Group>) -> (Vec<Group>, Vec<Group>) {
    groups.sort_by(|a, b| {
        let length = |group: &Group| group.end_s - group.start_s;
        length(b)
            .total_cmp(&length(a))
            .then(a.start_s.total_cmp(&b.start_s))
    });
    let (mut main, mut beside): (Vec<Group>, Vec<Group>) = (Vec::new(), Vec::new());
    for group in groups {
        let clear = main
            .iter()
            .all(|other| other.end_s.min(group.end_s) - other.start_s.max(group.start_s) < 0.2);
        if clear {
            main.push(group);
        } else {
            beside.push(group);
        }
    }
    for lane in [&mut main, &mut beside] {
        lane.sort_by(|a, b| a.start_s.total_cmp(&b.start_s));
    }
    (main, beside)
}

fn sentence(subject: &str, groups: &[Group], place: Place) -> Statement {
    let mut text = String::from(subject);
    let mut before: Option<&Group> = None;
    for group in groups {
        let together = before.is_some_and(|before| group.start_s < before.end_s - 0.2);
        if before.is_some() {
            text.push_str(if together { " and " } else { ", then " });
        }
        text.push_str(&words(group));
        text.push_str(&match before {
            Some(before) if !together && group.start_s - before.end_s < 0.2 => {
                format!(" for {}", seconds(group.end_s - group.start_s))
            }
            _ => over(group, place),
        });
        before = Some(group);
    }
    text.push('.');
    let start = groups.first().map_or(0.0, |group| group.start_s);
    let end = groups.iter().map(|group| group.end_s).fold(start, f64::max);
    let leading = groups
        .iter()
        .flat_map(|group| &group.moves)
        .find(|m| m.kind != MoveKind::Static)
        .or_else(|| groups.first().and_then(|group| group.moves.first()));
    let evidence = leading.map_or(Evidence::Format, evidence);
    let confidence = groups
        .iter()
        .flat_map(|group| &group.moves)
        .map(|m| m.confidence)
        .fold(1.0, f64::min);
    Statement::new(text, evidence, confidence).during(start, end)
}

/// Gathers moves that share most of their time, the leading one (travel before turning before
/// zoom, then by length) first.
fn groups(moves: &[Move]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for m in moves {
        let fits = groups.iter_mut().find(|group| {
            let shared = group.end_s.min(m.end_s) - group.start_s.max(m.start_s);
            let whole = group.end_s.max(m.end_s) - group.start_s.min(m.start_s);
            shared >= 0.7 * whole
        });
        match fits {
            Some(group) => {
                group.start_s = group.start_s.min(m.start_s);
                group.end_s = group.end_s.max(m.end_s);
                group.moves.push(m.clone());
            }
            None => groups.push(Group {
                start_s: m.start_s,
                end_s: m.end_s,
                moves: vec![m.clone()],
            }),
        }
    }
    for group in &mut groups {
        group.moves.sort_by(|a, b| {
            rank(a.kind)
                .cmp(&rank(b.kind))
                .then(b.amount.total_cmp(&a.amount))
        });
    }
    groups.sort_by(|a, b| a.start_s.total_cmp(&b.start_s));
    groups
}

fn rank(kind: MoveKind) -> u8 {
    use MoveKind::{
        ArcCcw, ArcCw, Complex, CraneDown, CraneUp, DollyIn, DollyOut, DollyZoomIn, DollyZoomOut,
        PedestalDown, PedestalUp, Static, TruckLeft, TruckRight, ZoomIn, ZoomOut,
    };
    match kind {
        Static | Complex => 0,
        ArcCw | ArcCcw | CraneUp | CraneDown | DollyZoomIn | DollyZoomOut => 1,
        DollyIn | DollyOut | TruckLeft | TruckRight | PedestalUp | PedestalDown => 2,
        ZoomIn | ZoomOut => 4,
        _ => 3,
    }
}

fn words(group: &Group) -> String {
    let mut parts = group.moves.iter();
    let Some(lead) = parts.next() else {
        return String::new();
    };
    let mut text = format!("{}{}", phrase(lead.kind).verb, amount(lead));
    let others: Vec<String> = parts
        .map(|m| format!("{}{}", phrase(m.kind).gerund, amount(m)))
        .collect();
    if let Some((last, before)) = others.split_last() {
        text.push_str(" while ");
        if !before.is_empty() {
            text.push_str(&before.join(", "));
            text.push_str(" and ");
        }
        text.push_str(last);
    }
    text
}

/// The amount, where a reader can picture it; a share of an unknown scale is left out, and so
/// is a measure of another move than the one it was renamed to.
fn amount(m: &Move) -> String {
    if m.unit != measures::unit(m.kind, m.unit == MoveUnit::M) {
        return String::new();
    }
    match (m.kind, m.unit) {
        (MoveKind::ArcCw | MoveKind::ArcCcw, MoveUnit::Deg) => {
            format!(" through {:.0}° about a point in front of it", m.amount)
        }
        (_, MoveUnit::Deg) => format!(" by {:.0}°", m.amount),
        (_, MoveUnit::M) if m.amount < 1.0 => format!(" by {:.0} cm", m.amount * 100.0),
        (_, MoveUnit::M) => format!(" by {:.1} m", m.amount),
        (_, MoveUnit::Factor) => format!(" {:.1}×", m.amount),
        _ => String::new(),
    }
}

fn over(group: &Group, place: Place) -> String {
    let at_start = group.start_s < place.start_s + 0.05;
    let at_end = group.end_s > place.end_s - 0.05;
    if !place.whole {
        return match (at_start, at_end) {
            (true, _) => format!(" for {}", seconds(group.end_s - group.start_s)),
            _ => format!(" from {:.1} to {}", group.start_s, seconds(group.end_s)),
        };
    }
    let duration = place.end_s;
    match (at_start, at_end) {
        (true, true) => format!(" over the whole {}", seconds(duration)),
        (true, false) => format!(" over the first {}", seconds(group.end_s)),
        (false, true) => format!(" over the last {}", seconds(duration - group.start_s)),
        (false, false) => format!(" from {:.1} to {}", group.start_s, seconds(group.end_s)),
    }
}

fn steadiness(reading: &CameraReading) -> Option<Statement> {
    let still = reading.moves.iter().all(|m| m.kind == MoveKind::Static);
    let known = reading.shake.is_none_or(|shake| shake.known);
    let text = match reading.steadiness {
        Steadiness::Static => return None,
        Steadiness::Steady if !known || still => return None,
        Steadiness::Steady => "The camera moves smoothly, without shake.",
        Steadiness::MinimalShake => "The camera shakes slightly.",
        Steadiness::Unsteady => "The camera is unsteady, as if held by hand.",
        Steadiness::VeryUnsteady => "The camera shakes strongly.",
    };
    Some(match reading.shake {
        None => Statement::new(text, Evidence::Person, 1.0),
        Some(shake) if shake.turn_deg >= 0.03 || shake.travel_share <= 0.0 => Statement::new(
            text,
            Evidence::measured("shake", rounded(shake.turn_deg), "deg"),
            0.8,
        ),
        Some(shake) => Statement::new(
            text,
            Evidence::measured("shake", rounded(shake.travel_share), "share"),
            0.8,
        ),
    })
}

pub(super) fn unit(unit: MoveUnit) -> &'static str {
    match unit {
        MoveUnit::Deg => "deg",
        MoveUnit::Share => "share",
        MoveUnit::M => "m",
        MoveUnit::Factor => "factor",
        MoveUnit::S => "s",
    }
}

fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// Seconds with one decimal: "1.6 s".
fn seconds(value: f64) -> String {
    format!("{value:.1} s")
}

/// A number without needless decimals.
fn trimmed(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
