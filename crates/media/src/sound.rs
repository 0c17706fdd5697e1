//! Sound as numbers: mono samples at a wanted rate, and every channel as it is stored.

use std::fs::File;
use std::path::Path;

use decoupage_shot::{Code, Fault, Outcome, Watch};
use ff::format::Sample;
use ff::format::sample::Type;
use ff::frame::Audio as Frame;
use ff::software::resampling::Context as Resampler;
use ffmpeg_next as ff;

use crate::{Heard, raw, video};

/// The longest sound that is decoded, seconds, whatever is asked for.
const MOST_S: f64 = 3_600.0;

/// How many unreadable packets in a row end the sound.
const MOST_FAILURES: u32 = 64;

/// The most frames a flushed resampler may hold back.
const MOST_HELD_BACK: usize = 64;

/// What is told of every decoded stretch before its channels are made one.
pub(crate) type Listener<'a> = &'a mut dyn FnMut(Heard<'_>) -> Outcome<()>;

/// Decodes the first audio track: the mean of its channels in −1…1 at `rate` samples per
/// second, at most `most_s` seconds of it. `None` where there is none.
pub(crate) fn decode(
    file: File,
    path: &Path,
    rate: u32,
    most_s: f64,
    watch: &dyn Watch,
    mut listener: Option<Listener<'_>>,
) -> Outcome<Option<Vec<f32>>> {
    let mut input = video::container(file, path)?;
    let found = input
        .streams()
        .find(|s| {
            s.parameters().medium() == ff::media::Type::Audio && raw::shape(s).sample_rate > 0
        })
        .map(|stream| (stream.index(), stream.parameters()));
    let Some((index, parameters)) = found else {
        return Ok(None);
    };
    let codec = parameters.id().name().to_owned();
    let unsupported = |_| {
        Fault::new(
            Code::Unsupported,
            format!("This sound is coded as {codec}, which cannot be decoded here."),
        )
        .advise("Convert it to AAC or WAV.")
        .at(path)
    };
    let mut decoder = ff::codec::Context::from_parameters(parameters)
        .and_then(|context| context.decoder().audio())
        .map_err(unsupported)?;
    raw::read_only(&mut input, index);
    let seconds = if most_s.is_finite() {
        most_s.clamp(0.0, MOST_S)
    } else {
        MOST_S
    };
    let mut mono = Mono {
        rate,
        most: (seconds * f64::from(rate)).ceil() as usize,
        samples: Vec::new(),
        resampler: None,
    };
    let mut packet = ff::Packet::empty();
    let (mut failures, mut decoded) = (0, 0_u64);
    while !mono.is_full() {
        watch.go_on()?;
        match packet.read(&mut input) {
            Ok(()) => {}
            Err(ff::Error::Eof) => break,
            // A damaged stretch: FFmpeg looks for the next packet itself.
            Err(_) if failures < MOST_FAILURES => {
                failures += 1;
                continue;
            }
            Err(_) => break,
        }
        if packet.stream() != index {
            continue;
        }
        if decoder.send_packet(&packet).is_err() {
            failures += 1;
            if failures > MOST_FAILURES {
                break;
            }
            continue;
        }
        failures = 0;
        decoded += drain(&mut decoder, &mut mono, &mut listener)?;
    }
    if !mono.is_full() && decoder.send_eof().is_ok() {
        decoded += drain(&mut decoder, &mut mono, &mut listener)?;
    }
    if decoded == 0 && mono.most > 0 {
        return Err(Fault::new(
            Code::Damaged,
            "This sound is damaged: none of it can be decoded.",
        )
        .advise("Copy it again from where it came.")
        .at(path));
    }
    Ok(Some(mono.finish()))
}

fn drain(
    decoder: &mut ff::decoder::Audio,
    mono: &mut Mono,
    listener: &mut Option<Listener<'_>>,
) -> Outcome<u64> {
    let mut frame = Frame::empty();
    let mut decoded = 0;
    while !mono.is_full() && decoder.receive_frame(&mut frame).is_ok() {
        decoded += 1;
        mono.take(&frame);
        if let Some(listener) = listener {
            let (channels, samples) = interleaved(&frame);
            if frame.rate() > 0 && !samples.is_empty() {
                listener(Heard {
                    rate: frame.rate(),
                    channels,
                    samples: &samples,
                })?;
            }
        }
    }
    Ok(decoded)
}

/// Collects frames as mono samples at one rate.
struct Mono {
    rate: u32,
    most: usize,
    samples: Vec<f32>,
    /// For frames of another rate: that rate, and the resampler from it.
    resampler: Option<(u32, Resampler)>,
}

const MONO: (Sample, ff::ChannelLayout) = (Sample::F32(Type::Planar), ff::ChannelLayout::MONO);

impl Mono {
    fn is_full(&self) -> bool {
        self.samples.len() >= self.most
    }

    fn take(&mut self, frame: &Frame) {
        let samples = mean(frame);
        let from = frame.rate();
        if samples.is_empty() || from == 0 {
            return;
        }
        if self
            .resampler
            .as_ref()
            .is_some_and(|(rate, _)| *rate != from)
        {
            self.flush();
        }
        if from == self.rate {
            self.samples.extend(samples);
            return;
        }
        if self.resampler.is_none() {
            // Channels are one by now: nothing about layouts can go wrong.
            self.resampler = Resampler::get(MONO.0, MONO.1, from, MONO.0, MONO.1, self.rate)
                .ok()
                .map(|resampler| (from, resampler));
        }
        let Some((_, resampler)) = &mut self.resampler else {
            return;
        };
        let mut input = Frame::new(MONO.0, samples.len(), MONO.1);
        input.set_rate(from);
        input.plane_mut::<f32>(0).copy_from_slice(&samples);
        let longest = samples.len() as u64 * u64::from(self.rate) / u64::from(from) + SPARE as u64;
        let mut output = Frame::new(MONO.0, longest as usize, MONO.1);
        if resampler.run(&input, &mut output).is_ok() {
            self.samples.extend_from_slice(output.plane::<f32>(0));
        }
    }

    /// What the resampler still holds back, at the end or where the rate changes.
    fn flush(&mut self) {
        let Some((_, mut resampler)) = self.resampler.take() else {
            return;
        };
        for _ in 0..MOST_HELD_BACK {
            let mut output = Frame::new(MONO.0, SPARE, MONO.1);
            if resampler.flush(&mut output).is_err() || output.samples() == 0 {
                return;
            }
            self.samples.extend_from_slice(output.plane::<f32>(0));
        }
    }

    fn finish(mut self) -> Vec<f32> {
        if !self.is_full() {
            self.flush();
        }
        self.samples.truncate(self.most);
        // Decoders of lossy codecs overshoot, and damaged ones write what is no number.
        for sample in &mut self.samples {
            *sample = if sample.is_finite() {
                sample.clamp(-1.0, 1.0)
            } else {
                0.0
            };
        }
        self.samples
    }
}

/// Samples beyond the exact ratio that a resampler may give at once.
const SPARE: usize = 4_096;

/// The mean of a frame's channels.
fn mean(frame: &Frame) -> Vec<f32> {
    let (channels, samples) = interleaved(frame);
    let share = 1.0 / channels as f32;
    samples
        .chunks_exact(channels)
        .map(|moment| moment.iter().map(|sample| share * sample).sum())
        .collect()
}

/// The number of a frame's channels, at least one, and its samples, moment by moment.
fn interleaved(frame: &Frame) -> (usize, Vec<f32>) {
    let channels = usize::from(frame.channels()).max(1);
    let samples = match frame.format() {
        Sample::U8(kind) => weave(frame, kind, channels, |[b]: [u8; 1]| {
            (f32::from(b) - 128.0) / 128.0
        }),
        Sample::I16(kind) => weave(frame, kind, channels, |b| {
            f32::from(i16::from_ne_bytes(b)) / 32_768.0
        }),
        Sample::I32(kind) => weave(frame, kind, channels, |b| {
            (f64::from(i32::from_ne_bytes(b)) / 2_147_483_648.0) as f32
        }),
        Sample::I64(kind) => weave(frame, kind, channels, |b| {
            (i64::from_ne_bytes(b) as f64 / 9_223_372_036_854_775_808.0) as f32
        }),
        Sample::F32(kind) => weave(frame, kind, channels, f32::from_ne_bytes),
        Sample::F64(kind) => weave(frame, kind, channels, |b| f64::from_ne_bytes(b) as f32),
        Sample::None => Vec::new(),
    };
    (channels, samples)
}

fn weave<const N: usize>(
    frame: &Frame,
    kind: Type,
    channels: usize,
    value: impl Fn([u8; N]) -> f32,
) -> Vec<f32> {
    let mut samples = vec![0.0; frame.samples() * channels];
    let set = |sample: &mut f32, bytes: &[u8]| {
        if let Ok(bytes) = bytes.try_into() {
            *sample = value(bytes);
        }
    };
    match kind {
        Type::Planar => {
            for plane in 0..frame.planes() {
                let stored = frame.data(plane).chunks_exact(N);
                let places = samples.iter_mut().skip(plane).step_by(channels);
                for (sample, bytes) in places.zip(stored) {
                    set(sample, bytes);
                }
            }
        }
        Type::Packed => {
            if frame.planes() == 0 {
                return Vec::new();
            }
            for (sample, bytes) in samples.iter_mut().zip(frame.data(0).chunks_exact(N)) {
                set(sample, bytes);
            }
        }
    }
    samples
}
