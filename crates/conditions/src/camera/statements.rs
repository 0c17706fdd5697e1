//! Sentences about a path, in plain film English.

use std::path::Path;

use crate::reading::{Evidence, Statement};

use super::canonical::Loaded;
use super::moves::Motion;
use super::phrase::phrase;
use super::{Move, MoveKind, MoveUnit, Steadiness};

/// Moves at the same time, the leading one first.
#[derive(Debug, Clone)]
struct Group {
    start_s: f64,
    end_s: f64,
    moves: Vec<Move>,
}

/// Everything that can be said about a path.
pub(crate) fn write(
    loaded: &Loaded,
    motion: &Motion,
    duration: f64,
    file: &Path,
) -> Vec<Statement> {
    let mut statements = motion_statements(motion, duration);
    statements.extend(steadiness(motion));
    statements.extend(name_against_path(file, &motion.moves));
    if loaded.times_assumed
        && let Some(fps) = loaded.fps
    {
        statements.push(Statement::new(
            format!(
                "The file stores no times; {} frames per second are assumed, which makes the path {} long.",
                trimmed(fps),
                seconds(duration)
            ),
            Evidence::Format,
            0.5,
        ));
    }
    if loaded.cameras.len() > 1 {
        statements.push(Statement::new(
            format!(
                "The file holds {} cameras; “{}” is read.",
                loaded.cameras.len(),
                loaded.cameras[0]
            ),
            Evidence::Format,
            1.0,
        ));
    }
    for note in &loaded.notes {
        statements.push(Statement::new(note.clone(), Evidence::Format, 0.7));
    }
    statements
}

fn motion_statements(motion: &Motion, duration: f64) -> Vec<Statement> {
    let groups = groups(&motion.moves);
    if let [only] = groups.as_slice()
        && let [hold] = only.moves.as_slice()
        && hold.kind == MoveKind::Static
    {
        return vec![
            Statement::new(
                format!(
                    "The camera holds still for the whole {}.",
                    seconds(duration)
                ),
                Evidence::measured("hold", hold.amount, "s"),
                motion.confidence,
            )
            .during(0.0, duration),
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
        let subject = if statements.is_empty() {
            "The camera "
        } else {
            "It then "
        };
        statements.push(sentence(subject, now, duration, motion));
        rest = later;
    }
    for chunk in beside.chunks(3) {
        statements.push(sentence("Meanwhile it ", chunk, duration, motion));
    }
    statements
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

fn sentence(subject: &str, groups: &[Group], duration: f64, motion: &Motion) -> Statement {
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
            _ => over(group, duration),
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
    let evidence = leading.map_or(Evidence::Format, |m| {
        Evidence::measured(phrase(m.kind).noun, rounded(m.amount), unit(m.unit))
    });
    Statement::new(text, evidence, motion.confidence).during(start, end)
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

/// The amount, where a reader can picture it; a share of an unknown scale is left out.
fn amount(m: &Move) -> String {
    match (m.kind, m.unit) {
        (MoveKind::ArcCw | MoveKind::ArcCcw, MoveUnit::Deg) => {
            format!(" through {:.0}° about a point in front of it", m.amount)
        }
        (_, MoveUnit::Deg) => format!(" by {:.0}°", m.amount),
        (_, MoveUnit::M) if m.amount < 1.0 => format!(" by {:.0} cm", m.amount * 100.0),
        (_, MoveUnit::M) => format!(" by {:.1} m", m.amount),
        (MoveKind::ZoomIn | MoveKind::ZoomOut, MoveUnit::Factor) => {
            format!(" {:.1}×", m.amount)
        }
        _ => String::new(),
    }
}

fn over(group: &Group, duration: f64) -> String {
    let at_start = group.start_s < 0.05;
    let at_end = group.end_s > duration - 0.05;
    match (at_start, at_end) {
        (true, true) => format!(" over the whole {}", seconds(duration)),
        (true, false) => format!(" over the first {}", seconds(group.end_s)),
        (false, true) => format!(" over the last {}", seconds(duration - group.start_s)),
        (false, false) => format!(" from {:.1} to {}", group.start_s, seconds(group.end_s)),
    }
}

fn steadiness(motion: &Motion) -> Option<Statement> {
    let text = match motion.steadiness {
        Steadiness::Static => return None,
        Steadiness::Steady if !motion.shake_known => return None,
        Steadiness::Steady if motion.moves.iter().all(|m| m.kind == MoveKind::Static) => {
            return None;
        }
        Steadiness::Steady => "The camera moves smoothly, without shake.",
        Steadiness::MinimalShake => "The camera shakes slightly.",
        Steadiness::Unsteady => "The camera is unsteady, as if held by hand.",
        Steadiness::VeryUnsteady => "The camera shakes strongly.",
    };
    let evidence = if motion.shake_deg >= 0.03 || motion.shake_share <= 0.0 {
        Evidence::measured("shake", rounded(motion.shake_deg), "deg")
    } else {
        Evidence::measured("shake", rounded(motion.shake_share), "share")
    };
    Some(Statement::new(text, evidence, 0.8))
}

/// The trap of preset names: "pan" and "zoom" often name trucks and dollies.
fn name_against_path(file: &Path, moves: &[Move]) -> Option<Statement> {
    let named = words_of(file.file_stem()?.to_str()?);
    let (said, family, likely) = named.iter().find_map(|word| said_by(word))?;
    let toward = named.iter().find_map(|word| {
        ["left", "right", "up", "down", "in", "out"]
            .into_iter()
            .find(|way| *way == word.as_str())
    });
    let moving: Vec<&Move> = moves
        .iter()
        .filter(|m| !matches!(m.kind, MoveKind::Static | MoveKind::Complex))
        .collect();
    let longest = |kinds: &dyn Fn(MoveKind) -> bool| {
        moving
            .iter()
            .filter(|m| kinds(m.kind))
            .max_by(|a, b| (a.end_s - a.start_s).total_cmp(&(b.end_s - b.start_s)))
            .map(|m| m.kind)
    };
    let (name, actual) = match longest(&|kind| family.contains(&kind)) {
        Some(_) => {
            // The kind is right; the direction may still be the other one.
            let way = toward.filter(|way| {
                let known = family.iter().any(|kind| phrase(*kind).noun.ends_with(way));
                let kept = moving
                    .iter()
                    .any(|m| family.contains(&m.kind) && phrase(m.kind).noun.ends_with(way));
                known && !kept
            })?;
            (
                format!("{said} {way}"),
                longest(&|kind| family.contains(&kind))?,
            )
        }
        None => (
            said.to_owned(),
            longest(&|kind| likely.contains(&kind)).or_else(|| longest(&|_| true))?,
        ),
    };
    Some(Statement::new(
        format!(
            "The file's name says {name}; the path is a {}.",
            phrase(actual).noun
        ),
        Evidence::Metadata {
            field: "file name".to_owned(),
        },
        0.95,
    ))
}

/// What a word of a file name means in film usage, and what such names often hold instead.
fn said_by(word: &str) -> Option<(&'static str, &'static [MoveKind], &'static [MoveKind])> {
    use MoveKind as K;
    const TRAVEL: &[MoveKind] = &[K::TruckLeft, K::TruckRight, K::PedestalUp, K::PedestalDown];
    const DOLLY: &[MoveKind] = &[K::DollyIn, K::DollyOut];
    const ZOOM: &[MoveKind] = &[K::ZoomIn, K::ZoomOut];
    Some(match word {
        "pan" | "panning" => ("pan", &[K::PanLeft, K::PanRight], TRAVEL),
        "tilt" | "tilting" => ("tilt", &[K::TiltUp, K::TiltDown], TRAVEL),
        "roll" => ("roll", &[K::RollCw, K::RollCcw], &[]),
        "zoom" | "zooming" => (
            "zoom",
            &[K::ZoomIn, K::ZoomOut, K::DollyZoomIn, K::DollyZoomOut],
            DOLLY,
        ),
        "dolly" => (
            "dolly",
            &[K::DollyIn, K::DollyOut, K::DollyZoomIn, K::DollyZoomOut],
            ZOOM,
        ),
        "truck" => ("truck", &[K::TruckLeft, K::TruckRight], &[]),
        "pedestal" => ("pedestal", &[K::PedestalUp, K::PedestalDown], &[]),
        _ => return None,
    })
}

/// Lower-case words of a file name: split at signs, digits and inner capitals.
fn words_of(stem: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut small_before = false;
    for c in stem.chars() {
        let starts = !c.is_alphabetic() || (c.is_uppercase() && small_before);
        if starts {
            words.push(String::new());
        }
        if c.is_alphabetic()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
        small_before = c.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
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
