//! The trap of preset names: "pan" and "zoom" in a file's name often stand for trucks and
//! dollies.

use std::path::Path;

use super::{CameraReading, Move, MoveKind, phrase};
use crate::reading::{Evidence, Statement};

/// The move that a file's name speaks of: "pan", or "pan left".
pub(super) fn said(file: &Path) -> Option<String> {
    let named = words_of(file.file_stem()?.to_str()?);
    let (said, ..) = named.iter().find_map(|word| said_by(word))?;
    let toward = named.iter().find(|word| is_way(word));
    Some(match toward {
        Some(way) => format!("{said} {way}"),
        None => said.to_owned(),
    })
}

fn is_way(word: &str) -> bool {
    ["left", "right", "up", "down", "in", "out"].contains(&word)
}

/// What is to be said where the name speaks of another move than the path holds.
pub(super) fn against_path(reading: &CameraReading) -> Option<Statement> {
    let mut named = reading.name_says.as_deref()?.split(' ');
    let (said, family, likely) = said_by(named.next()?)?;
    let toward = named.next();
    let moving: Vec<&Move> = reading
        .moves
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
