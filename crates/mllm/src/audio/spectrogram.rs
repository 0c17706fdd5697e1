//! The log-mel spectrogram of Whisper's feature extractor with 128 bins, as Qwen2.5-Omni's
//! processor sets it up: 25 ms periodic Hann windows every 10 ms, Slaney's mel scale and
//! normalisation, log10, eight decades of range, scaled to about −1…1.
//!
//! The processor pads every sound with silence to 300 s and then keeps the frames that begin
//! within the sound. Here the silence is only imagined: frames near the end see zeros beyond it,
//! and a sound of the full 300 s is reflected at its end as it is at its beginning.

use std::borrow::Cow;
use std::ops::Range;

use candle_core::{Device, Tensor};
use rayon::prelude::*;
use realfft::RealFftPlanner;

use crate::media::{SOUND_RATE, Sound};
use crate::{Failure, FailureCode, Outcome};

/// Rows of the spectrogram.
pub const MEL_BINS: usize = 128;

/// The longest sound that the model was made for; the reference cuts longer ones.
pub const MOST_SECONDS: f64 = 300.0;

/// [`MOST_SECONDS`] in samples.
const MOST_SAMPLES: usize = 300 * SOUND_RATE;

/// Samples of a window.
const WINDOW: usize = 400;

/// Samples from one window to the next.
const HOP: usize = 160;

/// Frames below which the tower's pooling would leave no token at all; shorter sounds are
/// followed by silence up to here.
const LEAST_FRAMES: usize = 3;

/// Frames that one task computes.
const FRAMES_PER_TASK: usize = 128;

/// The log-mel spectrogram: `[128, frames]` f32 on the processor, one frame for each 10 ms begun.
/// Samples that are no numbers count as silence.
///
/// # Errors
/// [`FailureCode::Invalid`] for a sound without samples, [`FailureCode::TooLong`] for one beyond
/// [`MOST_SECONDS`] ([`shorten`] cuts it).
pub fn mel(sound: &Sound) -> Outcome<Tensor> {
    let samples = &sound.samples;
    if samples.is_empty() {
        return Err(Failure::new(FailureCode::Invalid, "The sound is empty.")
            .advise("Choose a file that holds sound, or leave the sound out."));
    }
    if samples.len() > MOST_SAMPLES {
        return Err(Failure::new(
            FailureCode::TooLong,
            format!(
                "The sound lasts {} s; the model hears at most {MOST_SECONDS} s.",
                samples.len() / SOUND_RATE
            ),
        )
        .advise("Cut the sound, or set a smaller limit for sound."));
    }

    let frames = samples.len().div_ceil(HOP).max(LEAST_FRAMES);
    let filters = filters();
    let window = window();
    let transform = RealFftPlanner::<f64>::new().plan_fft_forward(WINDOW);

    // Frame after frame here, as they are computed; bin after bin in the result.
    let mut by_frame = vec![0.0_f32; frames * MEL_BINS];
    by_frame
        .par_chunks_mut(FRAMES_PER_TASK * MEL_BINS)
        .enumerate()
        .try_for_each(|(task, rows)| -> Result<(), realfft::FftError> {
            let mut input = transform.make_input_vec();
            let mut spectrum = transform.make_output_vec();
            let mut scratch = transform.make_scratch_vec();
            let mut power = vec![0.0_f64; spectrum.len()];
            for (row, values) in rows.chunks_exact_mut(MEL_BINS).enumerate() {
                // Windows are centred on their frame's first sample.
                let start = ((task * FRAMES_PER_TASK + row) * HOP) as isize - WINDOW as isize / 2;
                for (offset, (value, weight)) in input.iter_mut().zip(&window).enumerate() {
                    *value = sample(samples, start + offset as isize) * weight;
                }
                transform.process_with_scratch(&mut input, &mut spectrum, &mut scratch)?;
                for (power, bin) in power.iter_mut().zip(&spectrum) {
                    *power = bin.norm_sqr();
                }
                for (value, filter) in values.iter_mut().zip(&filters) {
                    *value = filter.of(&power).max(1e-10).log10() as f32;
                }
            }
            Ok(())
        })
        .map_err(|error| Failure::new(FailureCode::Internal, format!("The sound: {error}.")))?;

    let loudest = by_frame.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let values: Vec<f32> = (0..MEL_BINS)
        .flat_map(|bin| by_frame.iter().skip(bin).step_by(MEL_BINS))
        .map(|&value| (value.max(loudest - 8.0) + 4.0) / 4.0)
        .collect();
    Tensor::from_vec(values, (MEL_BINS, frames), &Device::Cpu)
        .map_err(|error| Failure::new(FailureCode::Internal, format!("The sound: {error}.")))
}

/// The sound's beginning, no longer than `limit_s` nor [`MOST_SECONDS`], and a sentence about what
/// was left out, where anything was.
pub fn shorten(sound: &Sound, limit_s: f64) -> (Cow<'_, Sound>, Option<String>) {
    let limit_s = if limit_s.is_finite() {
        limit_s.clamp(0.0, MOST_SECONDS)
    } else {
        MOST_SECONDS
    };
    let most = (limit_s * SOUND_RATE as f64) as usize;
    if sound.samples.len() <= most {
        return (Cow::Borrowed(sound), None);
    }
    let whole_s = sound.samples.len() as f64 / SOUND_RATE as f64;
    let note = format!(
        "Of {whole_s:.0} s of sound only the first {limit_s:.0} s are heard; the limit for sound \
         changes this, up to {MOST_SECONDS:.0} s."
    );
    let samples = sound.samples.get(..most).unwrap_or_default().to_vec();
    (Cow::Owned(Sound { samples }), Some(note))
}

/// The sample at `at`, reflected before the beginning; beyond the end silence, or the reflection
/// where nothing would be padded.
fn sample(samples: &[f32], at: isize) -> f64 {
    let at = at.unsigned_abs();
    let at = if at >= samples.len() && samples.len() == MOST_SAMPLES {
        2 * (samples.len() - 1) - at
    } else {
        at
    };
    match samples.get(at) {
        Some(value) if value.is_finite() => f64::from(*value),
        _ => 0.0,
    }
}

/// A periodic Hann window.
fn window() -> Vec<f64> {
    (0..WINDOW)
        .map(|n| 0.5 - 0.5 * (std::f64::consts::TAU * n as f64 / WINDOW as f64).cos())
        .collect()
}

/// One triangle over the power spectrum.
struct Filter {
    bins: Range<usize>,
    weights: Vec<f64>,
}

impl Filter {
    fn of(&self, power: &[f64]) -> f64 {
        let power = power.get(self.bins.clone()).unwrap_or_default();
        power.iter().zip(&self.weights).map(|(p, w)| p * w).sum()
    }
}

/// Triangles evenly spread over Slaney's mel scale from 0 to 8 kHz, each of area one (Slaney 1998,
/// Auditory Toolbox).
fn filters() -> Vec<Filter> {
    let bins = WINDOW / 2 + 1;
    let width_hz = SOUND_RATE as f64 / WINDOW as f64;
    let top = mel_of_hertz(SOUND_RATE as f64 / 2.0);
    let corner = |n: usize| hertz_of_mel(top * n as f64 / (MEL_BINS + 1) as f64);
    (0..MEL_BINS)
        .map(|n| {
            let (low, peak, high) = (corner(n), corner(n + 1), corner(n + 2));
            let area = 2.0 / (high - low);
            let weight = |bin: usize| {
                let hertz = bin as f64 * width_hz;
                let rise = (hertz - low) / (peak - low);
                let fall = (high - hertz) / (high - peak);
                area * rise.min(fall).max(0.0)
            };
            let first = (0..bins).find(|&bin| weight(bin) > 0.0).unwrap_or(bins);
            let weights: Vec<f64> = (first..bins)
                .map(weight)
                .take_while(|&weight| weight > 0.0)
                .collect();
            Filter {
                bins: first..first + weights.len(),
                weights,
            }
        })
        .collect()
}

/// Slaney's mel scale: linear up to 1 kHz (15 mel), logarithmic above (27 mel for a factor of 6.4).
fn mel_of_hertz(hertz: f64) -> f64 {
    if hertz < 1_000.0 {
        3.0 * hertz / 200.0
    } else {
        15.0 + (hertz / 1_000.0).ln() * 27.0 / 6.4_f64.ln()
    }
}

/// The inverse of [`mel_of_hertz`].
fn hertz_of_mel(mel: f64) -> f64 {
    if mel < 15.0 {
        200.0 * mel / 3.0
    } else {
        1_000.0 * ((mel - 15.0) * 6.4_f64.ln() / 27.0).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound(samples: Vec<f32>) -> Sound {
        Sound { samples }
    }

    fn tone(hertz: f64, count: usize) -> Sound {
        let step = std::f64::consts::TAU * hertz / SOUND_RATE as f64;
        sound((0..count).map(|n| (step * n as f64).sin() as f32).collect())
    }

    #[test]
    fn silence_is_even() {
        let mel = mel(&sound(vec![0.0; 1_600])).unwrap();
        assert_eq!(mel.dims(), [MEL_BINS, 10]);
        // log10(1e-10) = −10, (−10 + 4) / 4.
        let values = mel.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        assert!(values.iter().all(|value| *value == -1.5));
    }

    #[test]
    fn a_tone_is_loudest_in_its_own_bin() {
        let spectrogram = mel(&tone(440.0, SOUND_RATE)).unwrap();
        let middle = spectrogram.narrow(1, 50, 1).unwrap().flatten_all().unwrap();
        let middle = middle.to_vec1::<f32>().unwrap();
        let loudest = (0..MEL_BINS)
            .max_by(|a, b| middle[*a].total_cmp(&middle[*b]))
            .unwrap();
        let centre = hertz_of_mel(mel_of_hertz(8_000.0) * (loudest + 1) as f64 / 129.0);
        assert!((centre - 440.0).abs() < 40.0, "{centre} Hz");
    }

    #[test]
    fn short_sounds_still_make_a_token() {
        for count in [1, 159, 160, 161, 320, 399] {
            let mel = mel(&tone(440.0, count)).unwrap();
            assert_eq!(mel.dims(), [MEL_BINS, 3], "{count} samples");
            assert_eq!(super::super::tokens(3), 1);
        }
        assert_eq!(mel(&tone(440.0, 481)).unwrap().dims(), [MEL_BINS, 4]);
    }

    #[test]
    fn what_is_no_number_is_silence() {
        let mut broken = tone(440.0, 4_000);
        let mut muted = broken.clone();
        for (at, value) in [(7, f32::NAN), (900, f32::INFINITY), (901, -f32::INFINITY)] {
            broken.samples[at] = value;
            muted.samples[at] = 0.0;
        }
        let values = |sound| {
            let flat = mel(&sound).unwrap().flatten_all().unwrap();
            flat.to_vec1::<f32>().unwrap()
        };
        assert_eq!(values(broken), values(muted));
    }

    #[test]
    fn empty_and_endless_sounds_are_refused_in_words() {
        let empty = mel(&sound(Vec::new())).unwrap_err();
        assert_eq!(empty.code, FailureCode::Invalid);
        let long = mel(&sound(vec![0.0; MOST_SAMPLES + 1])).unwrap_err();
        assert_eq!(long.code, FailureCode::TooLong);
        assert!(long.to_string().contains("300 s"), "{long}");
    }

    #[test]
    fn ten_minutes_are_shortened_with_a_note() {
        let long = sound(vec![0.25; 600 * SOUND_RATE]);
        let (short, note) = shorten(&long, 1e9);
        assert_eq!(short.samples.len(), MOST_SAMPLES);
        assert!(note.unwrap().contains("Of 600 s"));
        assert_eq!(mel(&short).unwrap().dims(), [MEL_BINS, 30_000]);

        let (short, note) = shorten(&long, 60.0);
        assert_eq!(short.samples.len(), 60 * SOUND_RATE);
        assert!(note.is_some());

        let little = sound(vec![0.25; SOUND_RATE]);
        let (same, note) = shorten(&little, 60.0);
        assert_eq!((same.as_ref(), note), (&little, None));
        assert_eq!(shorten(&little, f64::NAN).1, None);
    }

    #[test]
    fn filters_are_of_area_one_and_cover_the_band() {
        let filters = filters();
        assert_eq!(filters.len(), MEL_BINS);
        assert!(filters.iter().all(|filter| !filter.weights.is_empty()));
        // Wide triangles are sampled finely enough for their area to show.
        let last = &filters[MEL_BINS - 1];
        let area: f64 = last.weights.iter().sum::<f64>() * 40.0;
        assert!((area - 1.0).abs() < 0.05, "{area}");
    }
}
