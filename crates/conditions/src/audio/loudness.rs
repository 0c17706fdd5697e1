//! Loudness after ITU-R BS.1770-4 and EBU R 128.

use decoupage_media::Heard;
use ebur128::{EbuR128, Mode};

use super::{Loudness, hundredth};

/// The quietest loudness that is told, LUFS: the standard's absolute gate.
const GATE: f64 = -70.0;
/// The most channels that are weighed; beyond it a file holds stems, not a mix.
const MOST_CHANNELS: usize = 8;

/// Measures loudness while a sound is decoded.
#[derive(Default)]
pub(crate) struct Meter {
    meter: Option<EbuR128>,
    rate: u32,
    channels: usize,
    /// Samples a channel until the next momentary value.
    until: usize,
    heard: u64,
    momentary: Vec<(f64, f64)>,
}

impl Meter {
    /// Hears the next stretch. Where the rate or the channels change within a file, which
    /// broken recordings do, the rest is not weighed.
    pub fn hear(&mut self, heard: Heard<'_>) {
        if self.rate == 0 {
            let channels = heard.channels.min(MOST_CHANNELS);
            let mode = Mode::I | Mode::LRA | Mode::TRUE_PEAK | Mode::SAMPLE_PEAK | Mode::HISTOGRAM;
            self.meter = EbuR128::new(channels as u32, heard.rate, mode).ok();
            self.rate = heard.rate;
            self.channels = heard.channels;
            self.until = self.step();
        }
        let Some(meter) = self
            .meter
            .as_mut()
            .filter(|_| (heard.rate, heard.channels) == (self.rate, self.channels))
        else {
            return;
        };
        let kept = heard.channels.min(MOST_CHANNELS);
        let sound: Vec<f32> = heard
            .samples
            .chunks_exact(heard.channels)
            .flat_map(|moment| moment.iter().take(kept))
            .map(|sample| {
                if sample.is_finite() {
                    sample.clamp(-4.0, 4.0)
                } else {
                    0.0
                }
            })
            .collect();
        let mut rest = sound.as_slice();
        while !rest.is_empty() {
            let count = (self.until * kept).min(rest.len());
            let (now, later) = rest.split_at(count);
            if meter.add_frames_f32(now).is_err() {
                self.meter = None;
                return;
            }
            rest = later;
            self.until -= count / kept;
            self.heard += (count / kept) as u64;
            if self.until == 0 {
                let loudness = meter.loudness_momentary().unwrap_or(GATE);
                let time_s = self.heard as f64 / f64::from(self.rate);
                self.momentary
                    .push((time_s, if loudness.is_finite() { loudness } else { GATE }));
                self.until = (self.rate as usize / 10).max(1);
            }
        }
    }

    fn step(&self) -> usize {
        (self.rate as usize / 10).max(1)
    }

    /// The loudness of the whole, `None` where nothing was loud enough to be weighed; and the
    /// momentary loudness over time.
    pub fn finish(self) -> (Option<Loudness>, Vec<(f64, f64)>) {
        let loudness = self.meter.and_then(|meter| {
            let integrated = meter.loudness_global().ok()?;
            let peak = |of: fn(&EbuR128, u32) -> Result<f64, ebur128::Error>| {
                (0..meter.channels())
                    .filter_map(|channel| of(&meter, channel).ok())
                    .fold(0.0, f64::max)
            };
            let decibel = |peak: f64| hundredth(20.0 * peak.max(1e-7).log10());
            (integrated.is_finite() && integrated > GATE).then(|| Loudness {
                integrated_lufs: hundredth(integrated),
                range_lu: meter
                    .loudness_range()
                    .ok()
                    .filter(|range| range.is_finite())
                    .map_or(0.0, hundredth),
                true_peak_db: decibel(peak(EbuR128::true_peak)),
                sample_peak_db: decibel(peak(EbuR128::sample_peak)),
            })
        });
        (loudness, self.momentary)
    }
}
