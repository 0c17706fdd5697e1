//! How much of a person a picture shows, from the outline alone.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::ground::Ground;

/// How much of a person is in frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the field's own")]
pub enum Crop {
    FullFigure,
    KneesUp,
    WaistUp,
    CloseUp,
}

impl Crop {
    /// Every crop, widest first.
    pub const ALL: [Self; 4] = [
        Self::FullFigure,
        Self::KneesUp,
        Self::WaistUp,
        Self::CloseUp,
    ];

    /// Its key in JSON and corrections.
    pub fn key(self) -> &'static str {
        match self {
            Self::FullFigure => "full_figure",
            Self::KneesUp => "knees_up",
            Self::WaistUp => "waist_up",
            Self::CloseUp => "close_up",
        }
    }

    /// What a filmmaker calls it.
    pub fn words(self) -> &'static str {
        match self {
            Self::FullFigure => "full figure",
            Self::KneesUp => "from the knees up",
            Self::WaistUp => "from the waist up",
            Self::CloseUp => "a close-up",
        }
    }
}

/// The crop of a subject on a canvas `width` pixels wide, where its outline shows a head on a
/// neck on shoulders; else nothing is claimed.
///
/// A standing adult is about seven and a half heads tall (the figure-drawing canon); from the
/// crown to the narrowest part of the neck is a little more than a head. The height in frame is
/// counted in that measure.
pub fn of(ground: &Ground, width: usize) -> Option<Crop> {
    let [left, top, right, bottom] = ground.bounds?;
    let tall = bottom.checked_sub(top)?;
    if tall < 24 || right <= left || top == 0 {
        return None;
    }
    let rows: Vec<f64> = (top..bottom)
        .map(|y| run(ground, width, y, left, right))
        .collect();
    let smooth: Vec<f64> = (0..rows.len())
        .map(|at| {
            let near = rows
                .get(at.saturating_sub(1)..(at + 2).min(rows.len()))
                .unwrap_or_default();
            near.iter().sum::<f64>() / near.len().max(1) as f64
        })
        .collect();
    let (neck, head) = neck(&smooth)?;
    // The head must be a head: about as tall as two thirds to twice its width.
    if !(0.8..2.2).contains(&(neck as f64 / head.max(1.0))) {
        return None;
    }
    let heads = tall as f64 / neck.max(1) as f64;
    match (ground.cut_at_bottom, heads) {
        (false, heads) if (4.9..9.0).contains(&heads) => Some(Crop::FullFigure),
        (true, heads) if heads < 1.9 => Some(Crop::CloseUp),
        (true, heads) if (2.1..3.1).contains(&heads) => Some(Crop::WaistUp),
        (true, heads) if (4.0..5.3).contains(&heads) => Some(Crop::KneesUp),
        _ => None,
    }
}

/// The widest run of subject pixels in a row: arms held out count for nothing beside a head.
fn run(ground: &Ground, width: usize, y: usize, left: usize, right: usize) -> f64 {
    let row = ground
        .subject
        .get(y * width + left..y * width + right)
        .unwrap_or_default();
    let (mut best, mut now) = (0_usize, 0_usize);
    for is in row {
        now = if *is { now + 1 } else { 0 };
        best = best.max(now);
    }
    best as f64
}

/// The row of the neck below the crown, and the head's width above it.
fn neck(widths: &[f64]) -> Option<(usize, f64)> {
    let limit = widths.len() * 3 / 4;
    let mut best: Option<(usize, f64, f64)> = None;
    let mut head = 0.0_f64;
    let mut before = 0_usize;
    for at in 3..limit {
        let here = widths.get(at).copied()?;
        if here > head {
            head = here;
            before = at;
        }
        if at <= before {
            continue;
        }
        // Narrower than the head above and than the shoulders within a head's height below.
        let below = widths
            .get(at..(at + at.max(4)).min(widths.len()))
            .unwrap_or_default();
        let shoulders = below.iter().copied().fold(0.0, f64::max);
        let depth = (head.min(shoulders * 0.7) - here) / head.max(1.0);
        if depth > 0.1 && shoulders > here * 1.5 && best.is_none_or(|(.., most)| depth > most) {
            best = Some((at, head, depth));
        }
        // Once much wider than any head, what follows is a body.
        if best.is_some() && here > head * 0.98 {
            break;
        }
    }
    best.map(|(at, head, _)| (at, head))
}
