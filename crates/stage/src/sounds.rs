//! Sounds whose truth is known: voices that speak, music with a beat, noise, hum, silence.
//!
//! A voice is a buzz with a gliding pitch through the resonances of vowels, with hisses
//! between (source and filter, Fant 1960); music is notes that are held or struck at even
//! times. None of it is meant to please.

use std::f64::consts::TAU;
use std::path::Path;

use decoupage_shot::Outcome;

use crate::files::write;
use crate::noise::Noise;

/// Samples per second of everything made here.
pub const RATE: u32 = 22_050;

/// One stretch of sound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sounding {
    /// Nothing.
    Silence,
    /// A voice.
    Speech,
    /// Chords, bass and drums at this many beats a minute.
    Band(f64),
    /// Struck notes at this many beats a minute.
    Keys(f64),
    /// Drums alone at this many beats a minute.
    Drums(f64),
    /// Held chords without a beat.
    Pad,
    /// Wind or rain.
    Noise,
    /// A machine.
    Hum,
}

impl Sounding {
    /// Beats a minute, where there are beats.
    pub fn bpm(self) -> Option<f64> {
        match self {
            Self::Band(bpm) | Self::Keys(bpm) | Self::Drums(bpm) => Some(bpm),
            _ => None,
        }
    }
}

/// A sound of several stretches.
#[derive(Debug, Clone, PartialEq)]
pub struct Track {
    /// What is heard, how long (seconds) and how loud (peak, 0–1).
    pub parts: Vec<(Sounding, f64, f64)>,
    /// Seed.
    pub seed: u64,
}

impl Track {
    /// Begin and end of each part, seconds.
    pub fn spans(&self) -> Vec<(f64, f64)> {
        let mut at = 0.0;
        self.parts
            .iter()
            .map(|(_, lasts, _)| {
                let start = at;
                at += lasts;
                (start, at)
            })
            .collect()
    }

    /// Where the beats of a part fall, seconds: the first with the part's begin.
    pub fn beats(&self, part: usize) -> Vec<f64> {
        let bpm = self.parts.get(part).and_then(|(what, _, _)| what.bpm());
        let span = self.spans().get(part).copied();
        bpm.zip(span).map_or_else(Vec::new, |(bpm, (start, end))| {
            (0..)
                .map(|beat| start + f64::from(beat) * 60.0 / bpm)
                .take_while(|time| *time < end - 0.02)
                .collect()
        })
    }

    /// The samples.
    pub fn samples(&self) -> Vec<f32> {
        let mut samples = Vec::new();
        for (number, (what, lasts, peak)) in self.parts.iter().enumerate() {
            let count = (lasts * f64::from(RATE)).round() as usize;
            let noise = Noise::new(self.seed.wrapping_mul(31).wrapping_add(number as u64));
            let mut part = match what {
                Sounding::Silence => vec![0.0; count],
                Sounding::Speech => speech(count, noise),
                Sounding::Band(bpm) => music(count, noise, *bpm, [true, true, true]),
                Sounding::Keys(bpm) => music(count, noise, *bpm, [true, false, false]),
                Sounding::Drums(bpm) => music(count, noise, *bpm, [false, false, true]),
                Sounding::Pad => pad(count, noise),
                Sounding::Noise => hiss(count, noise),
                Sounding::Hum => hum(count, noise),
            };
            let loudest = part.iter().fold(0.0_f64, |most, v| most.max(v.abs()));
            for value in &mut part {
                *value *= peak / loudest.max(1e-9);
            }
            samples.extend(part.iter().map(|value| *value as f32));
        }
        samples
    }
}

/// Writes channels as a 16-bit WAV file.
///
/// # Errors
/// A fault when the file cannot be written.
pub fn write_wav(path: &Path, rate: u32, channels: &[&[f32]]) -> Outcome<()> {
    let moments = channels.first().map_or(0, |channel| channel.len());
    let frame = channels.len() as u32 * 2;
    let bytes = moments as u32 * frame;
    let mut wav = Vec::with_capacity(bytes as usize + 44);
    wav.extend(b"RIFF");
    wav.extend((36 + bytes).to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0\x01\0");
    wav.extend((channels.len() as u16).to_le_bytes());
    wav.extend(rate.to_le_bytes());
    wav.extend((rate * frame).to_le_bytes());
    wav.extend((frame as u16).to_le_bytes());
    wav.extend(b"\x10\0data");
    wav.extend(bytes.to_le_bytes());
    for moment in 0..moments {
        for channel in channels {
            let value = channel.get(moment).copied().unwrap_or(0.0).clamp(-1.0, 1.0);
            wav.extend(((value * 32_767.0).round() as i16).to_le_bytes());
        }
    }
    write(path, wav)
}

/// A resonance: a filter with two poles.
#[derive(Default, Clone, Copy)]
struct Resonance {
    last: [f64; 2],
}

impl Resonance {
    fn next(&mut self, input: f64, hertz: f64, width: f64) -> f64 {
        let rate = f64::from(RATE);
        let radius = (-std::f64::consts::PI * width / rate).exp();
        let b = 2.0 * radius * (TAU * hertz / rate).cos();
        let out = (1.0 - radius) * input + b * self.last[0] - radius * radius * self.last[1];
        self.last = [out, self.last[0]];
        out
    }
}

fn speech(count: usize, noise: Noise) -> Vec<f64> {
    const VOWELS: [[f64; 3]; 6] = [
        [730.0, 1_090.0, 2_440.0],
        [530.0, 1_840.0, 2_480.0],
        [270.0, 2_290.0, 3_010.0],
        [570.0, 840.0, 2_410.0],
        [300.0, 870.0, 2_240.0],
        [490.0, 1_350.0, 1_690.0],
    ];
    let rate = f64::from(RATE);
    let mut out = vec![0.0; count];
    let base = noise.between(0, 95.0, 220.0);
    let mut resonances = [Resonance::default(); 3];
    let mut formants = VOWELS[0];
    let (mut at, mut index, mut phase) = (0, 10_u64, 0.0_f64);
    while at < count {
        let syllables = noise.between(index, 4.0, 11.0) as u64;
        index += 1;
        for syllable in 0..syllables {
            let draw = |n: u64, low: f64, high: f64| noise.between(index * 16 + n, low, high);
            let vowel = VOWELS[(draw(0, 0.0, 5.999)) as usize];
            let lasts = draw(1, 0.11, 0.24);
            let hissing = draw(2, 0.0, 1.0) < 0.45;
            let stop = draw(3, 0.0, 1.0) < 0.5;
            // The pitch falls over a phrase and bends within every syllable.
            let fall = 1.12 - 0.28 * syllable as f64 / syllables as f64;
            let (from, to) = (draw(4, 0.9, 1.12), draw(5, 0.86, 1.15));
            if hissing {
                let hertz = draw(6, 3_200.0, 6_500.0);
                let mut filter = Resonance::default();
                let length = (draw(7, 0.05, 0.11) * rate) as usize;
                for n in 0..length {
                    let white = noise.share((index << 24) + n as u64) * 2.0 - 1.0;
                    let shape = (n as f64 / length as f64 * std::f64::consts::PI).sin();
                    if let Some(slot) = out.get_mut(at + n) {
                        *slot += 0.9 * shape * filter.next(white, hertz, 1_400.0);
                    }
                }
                at += length;
            }
            if stop {
                at += (draw(8, 0.02, 0.06) * rate) as usize;
            }
            let length = (lasts * rate) as usize;
            let loud = draw(9, 0.5, 1.0);
            for n in 0..length {
                let part = n as f64 / length as f64;
                let pitch = base * fall * (from + (to - from) * part);
                phase += pitch / rate;
                phase -= phase.floor();
                // A pulse that opens slowly and closes at once.
                let pulse = if phase < 0.6 {
                    (phase / 0.6).powi(2)
                } else {
                    0.0
                } - 0.2;
                let breath = 0.02 * (noise.share((index << 25) + n as u64) - 0.5);
                for (formant, target) in formants.iter_mut().zip(vowel) {
                    *formant += (target - *formant) * 0.0012;
                }
                let mut voice = pulse + breath;
                for (resonance, (hertz, width)) in resonances
                    .iter_mut()
                    .zip(formants.iter().zip([90.0, 110.0, 170.0]))
                {
                    voice = 0.35 * voice + 6.0 * resonance.next(voice, *hertz, width);
                }
                let shape = (part / 0.18).min(1.0) * ((1.0 - part) / 0.3).min(1.0);
                if let Some(slot) = out.get_mut(at + n) {
                    *slot += loud * shape * voice;
                }
            }
            at += length;
            index += 1;
        }
        at += (noise.between(index, 0.12, 0.4) * rate) as usize;
    }
    out
}

/// One note added to a sound: harmonics that fade, struck at a sample.
fn strike(out: &mut [f64], at: usize, hertz: f64, lasts_s: f64, loud: f64, fade: f64) {
    let rate = f64::from(RATE);
    let length = (lasts_s * rate) as usize;
    for n in 0..length {
        let Some(slot) = out.get_mut(at + n) else {
            return;
        };
        let t = n as f64 / rate;
        let shape = (t / 0.004).min(1.0) * (-t * fade).exp() * ((lasts_s - t) / 0.03).min(1.0);
        let mut value = 0.0;
        for harmonic in 1..=5 {
            let h = f64::from(harmonic);
            if hertz * h < rate / 2.2 {
                value += (TAU * hertz * h * t).sin() / (h * h.sqrt());
            }
        }
        *slot += loud * shape * value;
    }
}

fn note(semitones: f64) -> f64 {
    220.0 * 2f64.powf(semitones / 12.0)
}

fn music(count: usize, noise: Noise, bpm: f64, [keys, bass, drums]: [bool; 3]) -> Vec<f64> {
    const CHORDS: [[f64; 3]; 4] = [
        [0.0, 4.0, 7.0],
        [-3.0, 0.0, 4.0],
        [-7.0, -3.0, 0.0],
        [-5.0, -1.0, 2.0],
    ];
    let rate = f64::from(RATE);
    let beat_s = 60.0 / bpm;
    let key = noise.between(1, -4.0, 5.0).round();
    let beats = (count as f64 / rate / beat_s).ceil() as u64;
    let mut out = vec![0.0; count];
    for beat in 0..beats {
        let time = beat as f64 * beat_s;
        let at = (time * rate).round() as usize;
        let chord = CHORDS[(beat / 4 % 4) as usize];
        let accent = if beat.is_multiple_of(4) { 1.0 } else { 0.75 };
        if keys {
            for (number, step) in chord.iter().enumerate() {
                let hertz = note(key + step + if number == 0 { 0.0 } else { 12.0 });
                strike(&mut out, at, hertz, beat_s * 0.97, 0.22 * accent, 2.0);
            }
            // A tune that sometimes also moves between the beats.
            if noise.share(100 + beat) < 0.4 {
                let step = chord[(noise.between(300 + beat, 0.0, 2.999)) as usize] + 24.0;
                let half = at + (beat_s * rate / 2.0) as usize;
                strike(&mut out, half, note(key + step), beat_s * 0.45, 0.12, 3.0);
            }
        }
        if bass {
            strike(
                &mut out,
                at,
                note(key + chord[0] - 24.0),
                beat_s * 0.9,
                0.4,
                1.5,
            );
        }
        if drums {
            drum(&mut out, at, noise, beat, beat % 2 == 1, accent);
            let half = at + (beat_s * rate / 2.0) as usize;
            hat(&mut out, half, noise, beat * 2 + 1, 0.1);
        }
    }
    out
}

/// A kick, or a snare.
fn drum(out: &mut [f64], at: usize, noise: Noise, beat: u64, snare: bool, loud: f64) {
    let rate = f64::from(RATE);
    let mut phase = 0.0;
    for n in 0..(0.16 * rate) as usize {
        let Some(slot) = out.get_mut(at + n) else {
            return;
        };
        let t = n as f64 / rate;
        let white = noise.share((beat << 22) + n as u64) * 2.0 - 1.0;
        phase += (50.0 + 90.0 * (-t * 40.0).exp()) / rate;
        *slot += loud
            * match snare {
                true => 0.45 * white * (-t * 28.0).exp(),
                false => 0.9 * (TAU * phase).sin() * (-t * 20.0).exp(),
            };
    }
    hat(out, at, noise, beat * 2, 0.14);
}

fn hat(out: &mut [f64], at: usize, noise: Noise, number: u64, loud: f64) {
    let rate = f64::from(RATE);
    let mut last = 0.0;
    for n in 0..(0.05 * rate) as usize {
        let Some(slot) = out.get_mut(at + n) else {
            return;
        };
        let white = noise.share((number << 23) + 7 + n as u64) * 2.0 - 1.0;
        *slot += loud * (white - last) * (-(n as f64) / rate * 90.0).exp();
        last = white;
    }
}

fn pad(count: usize, noise: Noise) -> Vec<f64> {
    let rate = f64::from(RATE);
    let mut out = vec![0.0; count];
    let chord_s = 2.6;
    let key = noise.between(1, -4.0, 5.0).round();
    for number in 0..(count as f64 / rate / chord_s).ceil() as u64 {
        let root = key + [0.0, -3.0, 5.0, -5.0][(number % 4) as usize];
        let at = (number as f64 * chord_s * rate) as usize;
        let length = ((chord_s + 0.4) * rate) as usize;
        for step in [0.0, 4.0, 7.0, 12.0] {
            let hertz = note(root + step);
            for n in 0..length {
                let Some(slot) = out.get_mut(at + n) else {
                    break;
                };
                let t = n as f64 / rate;
                let shape = (t / 0.4).min(1.0) * ((chord_s + 0.4 - t) / 0.4).min(1.0);
                *slot +=
                    0.2 * shape * ((TAU * hertz * t).sin() + 0.4 * (TAU * 2.0 * hertz * t).sin());
            }
        }
    }
    out
}

fn hiss(count: usize, noise: Noise) -> Vec<f64> {
    let rate = f64::from(RATE);
    let mut low = 0.0;
    // From wind (dark) to rain (bright).
    let dark = noise.between(1, 0.02, 0.9);
    let sway = noise.between(2, 0.0, 0.6);
    (0..count)
        .map(|n| {
            let white = noise.share(1_000 + n as u64) * 2.0 - 1.0;
            low += dark * (white - low);
            low * (1.0 + sway * noise.wander(5, n as f64 / rate * 0.2).clamp(-1.0, 1.0))
        })
        .collect()
}

fn hum(count: usize, noise: Noise) -> Vec<f64> {
    let rate = f64::from(RATE);
    let hertz = noise.between(1, 45.0, 120.0);
    (0..count)
        .map(|n| {
            let t = n as f64 / rate;
            let tone: f64 = (1..=12)
                .map(|h| (TAU * hertz * f64::from(h) * t).sin() / f64::from(h))
                .sum();
            tone + 0.5 * (noise.share(1_000 + n as u64) * 2.0 - 1.0)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_track_is_as_long_and_as_loud_as_its_parts() {
        let track = Track {
            parts: vec![
                (Sounding::Speech, 1.0, 0.5),
                (Sounding::Silence, 0.5, 0.0),
                (Sounding::Drums(120.0), 2.0, 0.8),
            ],
            seed: 3,
        };
        let samples = track.samples();
        assert_eq!(samples.len(), (3.5 * f64::from(RATE)) as usize);
        let peak = |from: f64, to: f64| {
            samples[(from * f64::from(RATE)) as usize..(to * f64::from(RATE)) as usize]
                .iter()
                .fold(0.0_f32, |most, v| most.max(v.abs()))
        };
        assert!((peak(0.0, 1.0) - 0.5).abs() < 1e-3);
        assert!(peak(1.0, 1.5) < 1e-9);
        assert!((peak(1.5, 3.5) - 0.8).abs() < 1e-3);
        assert_eq!(track.beats(2), [1.5, 2.0, 2.5, 3.0]);
        assert_eq!(track.beats(0), Vec::<f64>::new());
    }
}
