//! What is measured of every hundredth of a second.

use decoupage_shot::{Outcome, Watch};
use realfft::RealFftPlanner;
use realfft::num_complex::Complex;

use super::RATE;

/// Samples of a window: 64 ms, two periods of the lowest voice.
const WINDOW: usize = 1_024;
/// Samples from one window to the next.
const HOP: usize = 160;
/// Seconds from one frame to the next.
pub(crate) const HOP_S: f64 = HOP as f64 / RATE as f64;
/// Bands that onsets are looked for in.
const BANDS: usize = 24;
/// Frames between which spectra are compared, for how steady notes are held: 100 ms.
const APART: usize = 10;

/// One moment of sound. Frame `n` is about the time `n · HOP_S`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Frame {
    /// Mean square of the samples.
    pub power: f32,
    /// How strongly something new sets in.
    pub onset: f32,
    /// How like a tone it is: the height of the autocorrelation's peak, 0–1.
    pub voiced: f32,
    /// Pitch where it is voiced, Hz.
    pub pitch: f32,
    /// How like its spectral lines are to those 100 ms before, 0–1.
    pub held: f32,
    /// Share of the power above 2 kHz: hiss against voice.
    pub hiss: f32,
}

impl Frame {
    /// Level, dBFS, at least −100.
    pub fn level(&self) -> f64 {
        10.0 * f64::from(self.power).max(1e-10).log10()
    }
}

/// Measures every frame.
///
/// # Errors
/// The person's cancellation.
pub(crate) fn frames(samples: &[f32], watch: &dyn Watch) -> Outcome<Vec<Frame>> {
    let mut planner = RealFftPlanner::<f32>::new();
    let forward = planner.plan_fft_forward(WINDOW);
    let backward = planner.plan_fft_inverse(WINDOW);
    let window: Vec<f32> = (0..WINDOW)
        .map(|n| 0.5 - 0.5 * (std::f32::consts::TAU * n as f32 / WINDOW as f32).cos())
        .collect();
    let mut buffer = forward.make_input_vec();
    let mut spectrum = forward.make_output_vec();
    let mut scratch = forward.make_scratch_vec();
    let mut scratch_back = backward.make_scratch_vec();
    let mut lags = backward.make_output_vec();
    let mut powers = vec![0.0_f32; spectrum.len()];
    // What the window alone would do to the autocorrelation.
    let fade: Vec<f32> = (0..WINDOW / 2)
        .map(|lag| {
            let sum: f32 = window
                .iter()
                .zip(window.iter().skip(lag))
                .map(|(a, b)| a * b)
                .sum();
            sum.max(1e-3)
        })
        .collect();
    let edges = band_edges();
    let mut bands: [Vec<f32>; 2] = [Vec::new(), Vec::new()];
    let mut lines: std::collections::VecDeque<Vec<f32>> = std::collections::VecDeque::new();
    let count = samples.len().div_ceil(HOP);
    let mut found = Vec::with_capacity(count);
    for number in 0..count {
        if number % 512 == 0 {
            watch.go_on()?;
        }
        // Centred on the frame's time; silence before the begin and after the end.
        let first = (number * HOP) as isize - (WINDOW / 2) as isize;
        let mut power = 0.0;
        for ((slot, weight), at) in buffer.iter_mut().zip(&window).zip(first..) {
            let sample = usize::try_from(at)
                .ok()
                .and_then(|at| samples.get(at))
                .copied()
                .unwrap_or(0.0);
            power += sample * sample * weight;
            *slot = sample * weight;
        }
        // The window's mean is one half.
        let power = power / (WINDOW as f32 / 2.0);
        // Lengths are fixed: the transforms cannot fail.
        let _ = forward.process_with_scratch(&mut buffer, &mut spectrum, &mut scratch);
        for (power, value) in powers.iter_mut().zip(&spectrum) {
            *power = value.norm_sqr();
        }
        let total: f32 = powers.iter().sum::<f32>().max(1e-12);
        let hiss = powers.iter().skip(WINDOW / 8).sum::<f32>() / total;

        let now: Vec<f32> = edges
            .windows(2)
            .map(|pair| {
                let inside = powers.get(pair[0]..pair[1]).unwrap_or_default();
                let mean = inside.iter().sum::<f32>() / inside.len().max(1) as f32;
                (1.0 + 2.0 * mean.sqrt()).ln()
            })
            .collect();
        // Against two frames before: sharper than the window is long.
        let onset = match bands[0].len() {
            0 => 0.0,
            _ => now
                .iter()
                .zip(&bands[0])
                .map(|(now, before)| (now - before).max(0.0))
                .sum(),
        };
        bands.swap(0, 1);
        bands[1] = now;

        for (slot, power) in spectrum.iter_mut().zip(&powers) {
            *slot = Complex::new(*power, 0.0);
        }
        let _ = backward.process_with_scratch(&mut spectrum, &mut lags, &mut scratch_back);
        let (voiced, pitch) = pitch(&lags, &fade);

        let line = peaks(&powers);
        let held = match lines.front() {
            Some(before) if lines.len() == APART => {
                line.iter().zip(before).map(|(a, b)| a * b).sum()
            }
            _ => 0.0,
        };
        lines.push_back(line);
        if lines.len() > APART {
            lines.pop_front();
        }
        found.push(Frame {
            power,
            onset,
            voiced,
            pitch,
            held,
            hiss,
        });
    }
    Ok(found)
}

/// Bins between bands, evenly spread over pitch from 60 Hz to 7.6 kHz.
fn band_edges() -> Vec<usize> {
    let hertz = |band: usize| 60.0 * (7_600.0_f64 / 60.0).powf(band as f64 / BANDS as f64);
    let mut edges: Vec<usize> = (0..=BANDS)
        .map(|band| (hertz(band) * WINDOW as f64 / f64::from(RATE)).round() as usize)
        .collect();
    for at in 1..edges.len() {
        let least = edges.get(at - 1).map_or(0, |before| before + 1);
        if let Some(edge) = edges.get_mut(at) {
            *edge = (*edge).max(least);
        }
    }
    edges
}

/// The lowest and highest pitch that is looked for, Hz: voices.
const PITCHES: [f32; 2] = [70.0, 500.0];

/// The first high peak of the autocorrelation: how high it is, and its pitch.
fn pitch(lags: &[f32], fade: &[f32]) -> (f32, f32) {
    let Some((whole, whole_fade)) = lags.first().zip(fade.first()) else {
        return (0.0, 0.0);
    };
    if *whole <= 1e-9 {
        return (0.0, 0.0);
    }
    let value = |lag: usize| match (lags.get(lag), fade.get(lag)) {
        (Some(at), Some(fade)) => at / fade * whole_fade / whole,
        _ => 0.0,
    };
    let shortest = (RATE as f32 / PITCHES[1]) as usize;
    let longest = (RATE as f32 / PITCHES[0]) as usize;
    // Behind the first dip: near zero every sound is like itself.
    let begin = (1..longest)
        .find(|lag| value(*lag) < 0.3)
        .unwrap_or(longest)
        .max(shortest);
    let highest = (begin..=longest).map(value).fold(0.0, f32::max);
    // The shortest of nearly equal peaks is the pitch; its multiples peak too.
    let lag = (begin..=longest).find(|lag| {
        value(*lag) >= 0.88 * highest
            && value(*lag) >= value(lag - 1)
            && value(*lag) >= value(lag + 1)
    });
    match lag {
        Some(lag) if highest > 0.0 => {
            let (a, b, c) = (value(lag - 1), value(lag), value(lag + 1));
            let bow = a - 2.0 * b + c;
            let part = if bow < -1e-6 {
                0.5 * (a - c) / bow
            } else {
                0.0
            };
            (highest.min(1.0), RATE as f32 / (lag as f32 + part))
        }
        _ => (0.0, 0.0),
    }
}

/// Spectral lines from 200 Hz to 5 kHz: what stands out of its neighbourhood, of length one.
fn peaks(powers: &[f32]) -> Vec<f32> {
    let bin = |hertz: f32| (hertz * WINDOW as f32 / RATE as f32) as usize;
    let logs: Vec<f32> = powers
        .get(bin(200.0)..bin(5_000.0))
        .unwrap_or_default()
        .iter()
        .map(|power| (power.sqrt() + 1e-4).ln())
        .collect();
    const REACH: usize = 9;
    let mut sums = Vec::with_capacity(logs.len() + 1);
    let mut sum = 0.0;
    sums.push(0.0);
    for log in &logs {
        sum += log;
        sums.push(sum);
    }
    let mut lines: Vec<f32> = logs
        .iter()
        .enumerate()
        .map(|(at, log)| {
            let (from, to) = (at.saturating_sub(REACH), (at + REACH + 1).min(logs.len()));
            let around = match (sums.get(from), sums.get(to)) {
                (Some(from_sum), Some(to_sum)) => (to_sum - from_sum) / (to - from) as f32,
                _ => 0.0,
            };
            (log - around).max(0.0)
        })
        .collect();
    let length = lines.iter().map(|v| v * v).sum::<f32>().sqrt().max(1e-6);
    for line in &mut lines {
        *line /= length;
    }
    lines
}
