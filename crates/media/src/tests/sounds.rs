//! Sound decoded to numbers, of files made on the spot.

use std::f64::consts::TAU;
use std::path::{Path, PathBuf};

use decoupage_shot::{Cancel, Code, Silent};

use super::clips::Recipe;
use crate::sound;

/// A WAV file; `bits` 8 and 16 are whole numbers, 32 floats. `value` gives each channel at a
/// time.
fn wav(
    folder: &Path,
    rate: u32,
    channels: u16,
    bits: u16,
    seconds: f64,
    value: impl Fn(f64, u16) -> f64,
) -> PathBuf {
    let mut data = Vec::new();
    for i in 0..(seconds * f64::from(rate)) as u32 {
        for channel in 0..channels {
            let v = value(f64::from(i) / f64::from(rate), channel);
            match bits {
                8 => data.push((v * 127.0 + 128.0) as u8),
                16 => data.extend(((v * 32_767.0) as i16).to_le_bytes()),
                _ => data.extend((v as f32).to_le_bytes()),
            }
        }
    }
    let frame = channels * bits / 8;
    let mut wav = b"RIFF".to_vec();
    wav.extend((36 + data.len() as u32).to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0");
    wav.extend((if bits == 32 { 3_u16 } else { 1 }).to_le_bytes());
    wav.extend(channels.to_le_bytes());
    wav.extend(rate.to_le_bytes());
    wav.extend((rate * u32::from(frame)).to_le_bytes());
    wav.extend(frame.to_le_bytes());
    wav.extend(bits.to_le_bytes());
    wav.extend(b"data");
    wav.extend((data.len() as u32).to_le_bytes());
    wav.extend(data);
    let path = folder.join(format!("{rate}-{channels}-{bits}.wav"));
    std::fs::write(&path, wav).unwrap();
    path
}

fn tone(t: f64) -> f64 {
    0.5 * (TAU * 440.0 * t).sin()
}

/// The greatest difference from a function of time, away from both ends.
fn distance(samples: &[f32], rate: u32, expected: impl Fn(f64) -> f64) -> f64 {
    let margin = rate as usize / 20;
    (margin..samples.len() - margin)
        .map(|i| (f64::from(samples[i]) - expected(i as f64 / f64::from(rate))).abs())
        .fold(0.0, f64::max)
}

#[test]
fn a_tone_stays_a_tone_at_any_rate_and_depth() {
    let folder = tempfile::tempdir().unwrap();
    for (rate, bits, allowed) in [
        (16_000, 16, 1e-4),
        (8_000, 16, 0.01),
        (44_100, 32, 0.005),
        (48_000, 8, 0.02),
    ] {
        let path = wav(folder.path(), rate, 1, bits, 1.0, |t, _| tone(t));
        let samples = sound(&path, 16_000, 60.0, &Silent).unwrap().unwrap();
        assert!(
            samples.len().abs_diff(16_000) <= 40,
            "{rate}: {}",
            samples.len()
        );
        let off = distance(&samples, 16_000, tone);
        assert!(off < allowed, "{rate} Hz, {bits} bits: {off}");
    }
}

#[test]
fn channels_are_averaged() {
    let folder = tempfile::tempdir().unwrap();
    // Three channels have a layout too; their mean is that of all.
    for channels in [2, 3] {
        let path = wav(folder.path(), 16_000, channels, 32, 0.5, |t, channel| {
            if channel == 0 { tone(t) } else { 0.3 }
        });
        let samples = sound(&path, 16_000, 60.0, &Silent).unwrap().unwrap();
        let n = f64::from(channels);
        let off = distance(&samples, 16_000, |t| (tone(t) + 0.3 * (n - 1.0)) / n);
        assert!(off < 1e-4, "{channels} channels: {off}");
    }
}

#[test]
fn no_more_than_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = wav(folder.path(), 44_100, 2, 16, 2.0, |t, _| tone(t));
    for (most, expected) in [(0.25, 4_000), (0.0, 0), (-1.0, 0)] {
        let samples = sound(&path, 16_000, most, &Silent).unwrap().unwrap_or_default();
        assert_eq!(samples.len(), expected);
    }
    let all = sound(&path, 16_000, f64::NAN, &Silent).unwrap().unwrap();
    assert!(all.len().abs_diff(32_000) <= 40, "{}", all.len());
}

#[test]
fn a_clips_own_sound_is_found_and_silence_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let silent = Recipe::h264().make(folder.path());
    assert_eq!(sound(&silent, 16_000, 60.0, &Silent).unwrap(), None);
    let path = Recipe {
        sound: true,
        frames: 25,
        ..Recipe::h264()
    }
    .make(folder.path());
    let samples = sound(&path, 16_000, 60.0, &Silent).unwrap().unwrap();
    // AAC pads to whole frames of 1024 samples at 8 kHz.
    assert!(
        (16_000..=18_100).contains(&samples.len()),
        "{}",
        samples.len()
    );
    assert!(samples.iter().all(|s| s.abs() < 0.01));
    assert_eq!(sound(folder.path(), 16_000, 60.0, &Silent).unwrap(), None);
}

#[test]
fn cancelling_stops_and_text_is_no_sound() {
    let folder = tempfile::tempdir().unwrap();
    let path = wav(folder.path(), 8_000, 1, 16, 0.1, |t, _| tone(t));
    let cancel = Cancel::default();
    cancel.raise();
    assert_eq!(
        sound(&path, 16_000, 60.0, &cancel).unwrap_err().code,
        Code::Cancelled
    );
    let text = folder.path().join("words.wav");
    std::fs::write(&text, "words and words").unwrap();
    assert_eq!(
        sound(&text, 16_000, 60.0, &Silent).unwrap_err().code,
        Code::Damaged
    );
}
