//! Tempo and beats.
//!
//! The strength of onsets repeats at the beat; the period is where its autocorrelation, at the
//! period and its multiples, is highest, with a leaning to the tempi people tap (Ellis 2007,
//! "Beat tracking by dynamic programming", also for how beats are placed).

use super::spectrum::{Frame, HOP_S};
use super::{SoundKind, SoundRegion, Tempo, hundredth};

/// The slowest and fastest beat that is told, a minute.
const TEMPI: [f64; 2] = [50.0, 210.0];
/// The tempo people tap most, and how far others stray, octaves.
const USUAL: f64 = 118.0;
const STRAY: f64 = 0.75;
/// The shortest music a tempo is told of, seconds.
const SHORTEST_S: f64 = 3.0;
/// The least evenness of onsets that counts as a beat.
const LEAST: f64 = 0.28;
/// Onsets are seen this much before their time: a window that reaches into a stroke already
/// changes. Measured on strokes whose time is known.
const EARLY_S: f64 = 0.014;
/// The most beats that are listed.
const MOST_BEATS: usize = 4_000;

/// Normalised autocorrelation of a series less its mean, up to a lag.
pub(crate) fn autocorrelation(series: &[f64], longest: usize) -> Vec<f64> {
    let count = series.len();
    let mean = series.iter().sum::<f64>() / count.max(1) as f64;
    let centred: Vec<f64> = series.iter().map(|value| value - mean).collect();
    let whole: f64 = centred.iter().map(|v| v * v).sum::<f64>().max(1e-12);
    (0..=longest.min(count.saturating_sub(1)))
        .map(|lag| {
            let sum: f64 = centred
                .iter()
                .zip(centred.iter().skip(lag))
                .map(|(a, b)| a * b)
                .sum();
            sum / whole * count as f64 / (count - lag) as f64
        })
        .collect()
}

/// The beat of the longest stretch of music; `None` where there is none.
pub(crate) fn find(frames: &[Frame], regions: &[SoundRegion]) -> Option<Tempo> {
    let music = regions
        .iter()
        .filter(|region| region.kind == SoundKind::Music)
        .max_by(|a, b| (a.end_s - a.start_s).total_cmp(&(b.end_s - b.start_s)))
        .filter(|region| region.end_s - region.start_s >= SHORTEST_S)?;
    let first = (music.start_s / HOP_S) as usize;
    let last = ((music.end_s / HOP_S) as usize).min(frames.len());
    let onsets = sharpened(frames.get(first..last)?);
    // Two minutes settle a tempo; the beats are placed over all of it.
    let most = (120.0 / HOP_S) as usize;
    let (period, evenness) = period(onsets.get(..onsets.len().min(most))?)?;
    if evenness < LEAST {
        return None;
    }
    let beats = place(&onsets, period);
    let beats_s: Vec<f64> = beats
        .iter()
        .take(MOST_BEATS)
        .map(|at| hundredth((first + at) as f64 * HOP_S + EARLY_S))
        .collect();
    let bpm = 60.0 / (slope(&beats).unwrap_or(period) * HOP_S);
    Some(Tempo {
        bpm: (bpm * 10.0).round() / 10.0,
        confidence: hundredth((0.35 + 0.8 * (evenness - LEAST)).min(0.95)),
        beats_s,
    })
}

/// Onsets against their neighbourhood, half rectified, none outshining the rest.
fn sharpened(frames: &[Frame]) -> Vec<f64> {
    let raw: Vec<f64> = frames.iter().map(|frame| f64::from(frame.onset)).collect();
    let reach = (0.2 / HOP_S) as usize;
    let mut sums = vec![0.0];
    let mut sum = 0.0;
    for value in &raw {
        sum += value;
        sums.push(sum);
    }
    let mut found: Vec<f64> = raw
        .iter()
        .enumerate()
        .map(|(at, value)| {
            let (from, to) = (at.saturating_sub(reach), (at + reach + 1).min(raw.len()));
            let around = match (sums.get(from), sums.get(to)) {
                (Some(a), Some(b)) => (b - a) / (to - from) as f64,
                _ => 0.0,
            };
            (value - around).max(0.0)
        })
        .collect();
    let mean = found.iter().sum::<f64>() / found.len().max(1) as f64;
    for value in &mut found {
        *value = value.min(8.0 * mean);
    }
    found
}

/// The period in frames, and how even the onsets are at it.
fn period(onsets: &[f64]) -> Option<(f64, f64)> {
    let lag_of = |bpm: f64| 60.0 / bpm / HOP_S;
    let (shortest, longest) = (lag_of(TEMPI[1]) as usize, lag_of(TEMPI[0]) as usize);
    // Smoothed a little: strokes by hand are not even to a hundredth of a second.
    let soft: Vec<f64> = (0..onsets.len())
        .map(|at| {
            let get = |at: Option<usize>| at.and_then(|at| onsets.get(at)).copied().unwrap_or(0.0);
            0.25 * get(at.checked_sub(1)) + 0.5 * get(Some(at)) + 0.25 * get(Some(at + 1))
        })
        .collect();
    let most = (4 * longest + 2).min(soft.len() / 2);
    let alike = autocorrelation(&soft, most);
    let at = |lag: f64| {
        let low = lag.floor();
        let get = |at: f64| alike.get(at as usize).copied();
        Some(get(low)? * (1.0 - (lag - low)) + get(low + 1.0)? * (lag - low))
    };
    let score = |lag: f64| {
        // The period and its multiples; a beat is told from its halves by what lies between.
        let multiples = [(1.0, 1.0), (2.0, 0.6), (3.0, 0.4), (4.0, 0.4)];
        let (mut sum, mut weights) = (0.0, 0.0);
        for (times, weight) in multiples {
            if let Some(value) = at(lag * times) {
                sum += weight * value;
                weights += weight;
            }
        }
        let octaves = (60.0 / (lag * HOP_S) / USUAL).log2() / STRAY;
        sum / f64::max(weights, 1e-9) * (-0.5 * octaves * octaves).exp()
    };
    let steps = (longest - shortest) * 4;
    let best = (0..=steps)
        .map(|step| shortest as f64 + step as f64 / 4.0)
        .map(|lag| (lag, score(lag)))
        .max_by(|a, b| a.1.total_cmp(&b.1))?;
    let evenness = [1.0, 2.0]
        .iter()
        .filter_map(|times| at(best.0 * times))
        .fold(0.0, f64::max);
    Some((best.0, evenness))
}

/// How strictly beats keep to the period.
const STRICT: f64 = 100.0;

/// Places beats: the sequence that falls on the strongest onsets at the most even times.
fn place(onsets: &[f64], period: f64) -> Vec<usize> {
    let count = onsets.len();
    let mean = onsets.iter().sum::<f64>() / count.max(1) as f64;
    let scale = 1.0 / mean.max(1e-9);
    let (near, far) = (
        (period / 2.0).round() as usize,
        (period * 2.0).round() as usize,
    );
    let mut scores: Vec<f64> = Vec::with_capacity(count);
    let mut links: Vec<Option<usize>> = Vec::with_capacity(count);
    for (at, onset) in onsets.iter().enumerate() {
        let best = (at.saturating_sub(far)..=at.saturating_sub(near))
            .filter(|before| at - before >= near.max(1))
            .filter_map(|before| {
                let apart = ((at - before) as f64 / period).ln();
                Some((before, scores.get(before)? - STRICT * apart * apart))
            })
            .max_by(|a, b| a.1.total_cmp(&b.1));
        // A first beat needs none before it.
        let (link, before) = match best {
            Some((link, score)) if score > 0.0 => (Some(link), score),
            _ => (None, 0.0),
        };
        scores.push(onset * scale + before);
        links.push(link);
    }
    let tail = count.saturating_sub(period.ceil() as usize);
    let mut at = (tail..count).max_by(|a, b| {
        let score = |at: &usize| scores.get(*at).copied().unwrap_or(0.0);
        score(a).total_cmp(&score(b))
    });
    let mut beats = Vec::new();
    while let Some(here) = at {
        beats.push(here);
        at = links.get(here).copied().flatten();
    }
    beats.reverse();
    // Beats before the first and after the last onset are guesses.
    let heard = |at: &usize| {
        let range = at.saturating_sub(4)..(at + 5).min(count);
        onsets
            .get(range)
            .is_some_and(|around| around.iter().any(|onset| *onset > 0.5 * mean))
    };
    let first = beats.iter().position(heard).unwrap_or(0);
    let last = beats.iter().rposition(heard).map_or(0, |at| at + 1);
    beats.get(first..last).unwrap_or_default().to_vec()
}

/// Mean distance of beats, by least squares.
fn slope(beats: &[usize]) -> Option<f64> {
    if beats.len() < 4 {
        return None;
    }
    let count = beats.len() as f64;
    let middle = (count - 1.0) / 2.0;
    let mean = beats.iter().sum::<usize>() as f64 / count;
    let (mut both, mut square) = (0.0, 0.0);
    for (number, beat) in beats.iter().enumerate() {
        let off = number as f64 - middle;
        both += off * (*beat as f64 - mean);
        square += off * off;
    }
    (both > 0.0).then(|| both / square)
}
