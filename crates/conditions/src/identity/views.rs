//! Several pictures of one subject: which belong together, and which are the same picture.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{BackgroundKind, IdentityReading, Signature, signature};

/// From this likelihood on two pictures are taken to show one subject.
const SAME: f64 = 0.5;
/// The most bits of the hash by which two copies of one picture differ.
const COPY_BITS: u32 = 6;
/// How much of their colours two copies share at least.
const COPY_COLOURS: f64 = 0.975;

/// Two pictures that are one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
pub struct Duplicate {
    /// Which, by its place in the list.
    pub one: usize,
    /// The other.
    pub other: usize,
    /// Whether all that was measured agrees; else one was resized, compressed or touched up.
    pub exact: bool,
    /// How alike, 0–1.
    pub alike: f64,
}

/// How likely two pictures show one subject, 0–1, from the colours of what is worn and where.
///
/// Faces are not compared: two people in the same clothes are taken for one. Where a subject
/// cannot be told from its ground, the place weighs in and less is claimed.
pub fn same_subject(one: &IdentityReading, other: &IdentityReading) -> f64 {
    let (Some(a), Some(b)) = (&one.signature, &other.signature) else {
        return 0.0;
    };
    if a == b {
        return 1.0;
    }
    let (Some(a), Some(b)) = (thirds(a), thirds(b)) else {
        return 0.0;
    };
    // Third against third where the views are framed alike; else all colours together, since a
    // bust's lower third is a full figure's middle.
    let by_thirds = in_thirds(&a, &b);
    let whole = overlap(&together(&a), &together(&b));
    let alike = (0.6 * by_thirds + 0.4 * whole).max(0.94 * whole);
    let likelihood = 1.0 / (1.0 + (-(alike - MIDDLE) / SPREAD).exp());
    let told = [one, other]
        .iter()
        .all(|reading| reading.background.kind != BackgroundKind::Scene);
    round(if told { likelihood } else { likelihood * 0.7 })
}

/// The likeness at which two views are as likely of one subject as of two, and how fast that
/// changes: from rendered figures, which the accuracy page tells of.
const MIDDLE: f64 = 0.8;
const SPREAD: f64 = 0.035;

/// The histograms of a signature's thirds.
fn thirds(signature: &Signature) -> Option<Vec<Vec<f32>>> {
    signature
        .colours
        .iter()
        .map(|written| signature::shares(written))
        .collect()
}

/// How much two signatures' thirds share, each with its own.
fn in_thirds(one: &[Vec<f32>], other: &[Vec<f32>]) -> f64 {
    let sum: f64 = one.iter().zip(other).map(|(a, b)| overlap(a, b)).sum();
    sum / one.len().max(1) as f64
}

/// Bhattacharyya's coefficient of two histograms: 1 for the same, 0 for nothing in common.
fn overlap(one: &[f32], other: &[f32]) -> f64 {
    one.iter()
        .zip(other)
        .map(|(a, b)| f64::from((a * b).sqrt()))
        .sum()
}

fn together(thirds: &[Vec<f32>]) -> Vec<f32> {
    let length = thirds.first().map_or(0, Vec::len);
    (0..length)
        .map(|at| {
            let sum: f32 = thirds.iter().filter_map(|third| third.get(at)).sum();
            sum / thirds.len().max(1) as f32
        })
        .collect()
}

/// Views of one subject together: lists of places in `readings`, each ascending, in the order
/// of their first. A view joins a group that it is on average likely to belong to.
pub fn groups(readings: &[&IdentityReading]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = (0..readings.len()).map(|at| vec![at]).collect();
    let likely: Vec<Vec<f64>> = readings
        .iter()
        .map(|one| {
            readings
                .iter()
                .map(|other| same_subject(one, other))
                .collect()
        })
        .collect();
    let between = |one: &[usize], other: &[usize]| {
        let sum: f64 = one
            .iter()
            .flat_map(|a| other.iter().map(move |b| (*a, *b)))
            .filter_map(|(a, b)| likely.get(a)?.get(b))
            .sum();
        sum / (one.len() * other.len()).max(1) as f64
    };
    loop {
        let mut best: Option<(f64, usize, usize)> = None;
        for (at, one) in groups.iter().enumerate() {
            for (to, other) in groups.iter().enumerate().skip(at + 1) {
                let mean = between(one, other);
                if mean >= SAME && best.is_none_or(|(most, ..)| mean > most) {
                    best = Some((mean, at, to));
                }
            }
        }
        let Some((_, at, to)) = best else { break };
        let joined = groups.remove(to);
        if let Some(group) = groups.get_mut(at) {
            group.extend(joined);
            group.sort_unstable();
        }
    }
    groups
}

/// Pictures that are there twice, exactly or nearly.
pub fn duplicates(readings: &[&IdentityReading]) -> Vec<Duplicate> {
    let mut found = Vec::new();
    for (one, a) in readings.iter().enumerate() {
        for (other, b) in readings.iter().enumerate().skip(one + 1) {
            let (Some(x), Some(y)) = (&a.signature, &b.signature) else {
                continue;
            };
            let exact =
                x == y && (a.width, a.height) == (b.width, b.height) && a.palette == b.palette;
            let bits = match (
                u64::from_str_radix(&x.hash, 16),
                u64::from_str_radix(&y.hash, 16),
            ) {
                (Ok(x), Ok(y)) => (x ^ y).count_ones(),
                _ => continue,
            };
            let ratio = |r: &IdentityReading| f64::from(r.width) / f64::from(r.height.max(1));
            let shaped = (ratio(a) / ratio(b).max(1e-9) - 1.0).abs() < 0.05;
            let coloured = || {
                thirds(x)
                    .zip(thirds(y))
                    .is_some_and(|(x, y)| in_thirds(&x, &y) >= COPY_COLOURS)
            };
            if exact || (bits <= COPY_BITS && shaped && coloured()) {
                found.push(Duplicate {
                    one,
                    other,
                    exact,
                    alike: round(1.0 - f64::from(bits) / 64.0),
                });
            }
        }
    }
    found
}

fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
