//! Sound, against known truth.

use std::collections::BTreeMap;
use std::path::Path;

use decoupage_conditions::audio::transcript::{Format, parse};
use decoupage_conditions::audio::{self, AudioReading, ChangeKind, SoundKind};
use decoupage_shot::{ConditionKind, ReadOptions, Silent};
use decoupage_stage::noise::Noise;
use decoupage_stage::sounds::{RATE, Sounding, Track, write_wav};

use crate::scores::{Count, quantile, table};
use crate::{Chapter, Effort};

/// Sounds the page reports are not those its thresholds were chosen on, which began at 0.
const FIRST_SEED: u64 = 1_000_000;
/// A beat is right within this, seconds: as beat trackers are judged.
const BEAT_S: f64 = 0.07;

/// Everything that is counted.
#[derive(Debug, Clone, Default)]
pub struct Scores {
    /// Errors of integrated loudness, LU; of peaks, dB.
    pub loudness: [Vec<f64>; 2],
    /// Music with a beat: pieces, tempo told within 2 %, an octave off, another, none.
    pub tempo: [usize; 5],
    /// Relative errors of the tempi that are right.
    pub tempo_errors: Vec<f64>,
    /// Beats of the pieces whose tempo is right.
    pub beats: Count,
    /// Sounds without a beat, and those a tempo was told of.
    pub beatless: [usize; 2],
    /// Seconds of each kind by what they were told to be.
    pub regions: BTreeMap<(&'static str, SoundKind), f64>,
    /// Changes by what was made: found, and others told.
    pub changes: BTreeMap<&'static str, Count>,
    /// Errors of sudden changes in time, seconds.
    pub change_errors: Vec<f64>,
    /// Lines of transcripts: right, wrong, missed.
    pub lines: Count,
}

impl Scores {
    /// The share of a kind's time that is told right.
    pub fn right(&self, truth: &str) -> f64 {
        let kind = match truth {
            "silence" => SoundKind::Silence,
            "speech" => SoundKind::Speech,
            "noise" | "hum" => SoundKind::Other,
            _ => SoundKind::Music,
        };
        let of_truth = self.regions.iter().filter(|((t, _), _)| *t == truth);
        let all: f64 = of_truth.clone().map(|(_, seconds)| seconds).sum();
        let right: f64 = of_truth
            .filter(|((_, told), _)| *told == kind)
            .map(|(_, seconds)| seconds)
            .sum();
        if all > 0.0 { right / all } else { 1.0 }
    }
}

/// Reads samples as a person's file is read.
///
/// # Panics
/// Where the stage or the reading fails: the sounds are sound.
pub fn read(channels: &[&[f32]], rate: u32, folder: &Path) -> AudioReading {
    let path = folder.join("sound.wav");
    write_wav(&path, rate, channels).expect("a sound");
    audio::read(
        &path,
        ConditionKind::Audio,
        &ReadOptions::default(),
        &Silent,
    )
    .expect("a reading")
}

fn loudness(scores: &mut Scores, number: u64, folder: &Path) {
    let noise = Noise::new(number);
    let rate = [44_100, 48_000, 22_050, 96_000][(number % 4) as usize];
    let level_db = noise.between(0, -45.0, -4.0);
    let stereo = !number.is_multiple_of(3);
    // EBU Tech 3341: a sine of 1 kHz in both channels is as many LUFS as dBFS; in one, 3.01 less.
    let expected = if stereo { level_db } else { level_db - 3.01 };
    let amplitude = 10f64.powf(level_db / 20.0);
    let samples: Vec<f32> = (0..rate * 4)
        .map(|n| {
            let t = f64::from(n) / f64::from(rate);
            (amplitude * (std::f64::consts::TAU * 1_000.0 * t).sin()) as f32
        })
        .collect();
    let channels: &[&[f32]] = if stereo {
        &[&samples, &samples]
    } else {
        &[&samples]
    };
    if let Some(read) = read(channels, rate, folder).sound.loudness {
        scores.loudness[0].push((read.integrated_lufs - expected).abs());
        scores.loudness[1].push((read.true_peak_db - level_db).abs());
    } else {
        scores.loudness[0].push(f64::INFINITY);
    }
}

fn tempo(scores: &mut Scores, seed: u64, folder: &Path) {
    let noise = Noise::new(seed);
    let bpm = noise.between(0, 62.0, 176.0);
    let music = match seed % 4 {
        0 => Sounding::Keys(bpm),
        1 => Sounding::Drums(bpm),
        _ => Sounding::Band(bpm),
    };
    let track = Track {
        parts: vec![
            (Sounding::Silence, noise.between(1, 0.0, 1.5), 0.0),
            (music, 12.0, noise.between(2, 0.2, 0.9)),
        ],
        seed,
    };
    let samples = track.samples();
    let reading = read(&[&samples], RATE, folder);
    scores.tempo[0] += 1;
    let Some(told) = reading.sound.tempo else {
        scores.tempo[4] += 1;
        return;
    };
    let ratio = told.bpm / bpm;
    let octave = [0.5, 2.0, 1.0 / 3.0, 3.0]
        .iter()
        .any(|times| (ratio / times - 1.0).abs() < 0.03);
    if (ratio - 1.0).abs() >= 0.02 {
        scores.tempo[if octave { 2 } else { 3 }] += 1;
        return;
    }
    scores.tempo[1] += 1;
    scores.tempo_errors.push((ratio - 1.0).abs());
    let truth = track.beats(1);
    let right = truth
        .iter()
        .filter(|beat| told.beats_s.iter().any(|t| (t - **beat).abs() <= BEAT_S))
        .count();
    scores.beats = scores.beats.plus(Count {
        right,
        wrong: told.beats_s.len().saturating_sub(right),
        missed: truth.len() - right,
    });
}

fn regions(scores: &mut Scores, seed: u64, folder: &Path) {
    let noise = Noise::new(seed);
    let bpm = noise.between(0, 70.0, 160.0);
    let kinds = [
        (Sounding::Speech, "speech"),
        (Sounding::Band(bpm), "band"),
        (Sounding::Keys(bpm), "keys"),
        (Sounding::Drums(bpm), "drums"),
        (Sounding::Pad, "held chords"),
        (Sounding::Noise, "noise"),
        (Sounding::Hum, "hum"),
        (Sounding::Silence, "silence"),
        (Sounding::Speech, "speech"),
    ];
    let mut parts = Vec::new();
    let mut names = Vec::new();
    let mut last = usize::MAX;
    for part in 0..4_u64 {
        let mut chosen = noise.between(10 + part, 0.0, 8.999) as usize;
        if kinds.get(chosen).map(|k| k.1) == kinds.get(last).map(|k| k.1) {
            chosen = (chosen + 3) % kinds.len();
        }
        last = chosen;
        let (what, name) = kinds[chosen];
        let lasts = match what {
            Sounding::Silence => noise.between(20 + part, 0.8, 2.5),
            _ => noise.between(20 + part, 3.0, 6.0),
        };
        parts.push((what, lasts, noise.between(30 + part, 0.25, 0.8)));
        names.push(name);
    }
    let track = Track { parts, seed };
    let samples = track.samples();
    let reading = read(&[&samples], RATE, folder);
    for (name, (start, end)) in names.iter().zip(track.spans()) {
        let steps = ((end - start) / 0.05) as usize;
        for step in 0..steps {
            let at = start + (step as f64 + 0.5) * 0.05;
            let told = reading
                .sound
                .regions
                .iter()
                .find(|r| r.start_s <= at && at < r.end_s)
                .map_or(SoundKind::Silence, |r| r.kind);
            *scores.regions.entry((name, told)).or_default() += 0.05;
        }
    }
    let beatless = track.parts.iter().all(|(what, _, _)| what.bpm().is_none());
    if beatless {
        scores.beatless[0] += 1;
        scores.beatless[1] += usize::from(reading.sound.tempo.is_some());
    }
}

/// Noise or a voice whose level is changed once in a known way.
fn change(scores: &mut Scores, seed: u64, folder: &Path) {
    let noise = Noise::new(seed);
    let voice = seed.is_multiple_of(5);
    let track = Track {
        parts: vec![(
            if voice {
                Sounding::Speech
            } else {
                Sounding::Noise
            },
            8.0,
            0.8,
        )],
        seed,
    };
    let at = noise.between(1, 2.5, 4.5);
    let lasts = noise.between(2, 1.2, 3.0);
    let db = noise.between(3, 14.0, 24.0);
    let (name, kind) = [
        ("swell", Some(ChangeKind::Swell)),
        ("fade", Some(ChangeKind::Fade)),
        ("start", Some(ChangeKind::Start)),
        ("stop", Some(ChangeKind::Stop)),
        ("jump", Some(ChangeKind::Jump)),
        ("drop", Some(ChangeKind::Drop)),
        ("none", None),
    ][(seed % 7) as usize];
    let gain = |t: f64| -> f64 {
        let ramp = ((t - at) / lasts).clamp(0.0, 1.0);
        let after = t >= at;
        let level = match kind {
            Some(ChangeKind::Swell) => -db * (1.0 - ramp),
            Some(ChangeKind::Fade) => -db * ramp,
            Some(ChangeKind::Start) if !after => -120.0,
            Some(ChangeKind::Stop) if after => -120.0,
            Some(ChangeKind::Jump) if !after => -db,
            Some(ChangeKind::Drop) if after => -db,
            _ => 0.0,
        };
        10f64.powf(level / 20.0)
    };
    let samples: Vec<f32> = track
        .samples()
        .iter()
        .enumerate()
        .map(|(n, value)| value * gain(n as f64 / f64::from(RATE)) as f32)
        .collect();
    let reading = read(&[&samples], RATE, folder);
    let count = scores.changes.entry(name).or_default();
    let mut found = false;
    for told in &reading.sound.changes {
        let near = match told.kind {
            ChangeKind::Swell | ChangeKind::Fade => {
                (told.start_s - at).abs() < 0.8 && (told.end_s - at - lasts).abs() < 0.8
            }
            _ => (told.start_s - at).abs() < 0.3,
        };
        if Some(told.kind) == kind && near && !found {
            found = true;
            if !matches!(told.kind, ChangeKind::Swell | ChangeKind::Fade) {
                scores.change_errors.push((told.start_s - at).abs());
            }
        } else {
            count.wrong += 1;
        }
    }
    match (kind, found) {
        (Some(_), true) => count.right += 1,
        (Some(_), false) => count.missed += 1,
        (None, _) => {}
    }
}

/// A transcript as tools write them: ends of lines, marks, missing hours, tags, broken cues.
fn transcript(scores: &mut Scores, seed: u64) {
    let noise = Noise::new(seed);
    let draw = |n: u64| noise.share(n);
    let vtt = draw(0) < 0.5;
    let end = if draw(1) < 0.4 { "\r\n" } else { "\n" };
    let point = if vtt || draw(2) < 0.2 { "." } else { "," };
    let mut text = String::new();
    if draw(3) < 0.3 {
        text.push('\u{feff}');
    }
    if vtt {
        text.push_str(&format!("WEBVTT{end}{end}NOTE made by hand{end}{end}"));
    }
    let words = [
        "where", "the", "river", "bends", "we", "stop", "and", "listen", "again",
    ];
    let mut truth = Vec::new();
    let mut at_ms = 200_u64;
    for number in 0..20_u64 {
        let own = |n: u64| noise.share(100 + number * 20 + n);
        let start = at_ms + (own(0) * 800.0) as u64;
        let stop = start + 400 + (own(1) * 2_500.0) as u64;
        // Now and then the next cue begins before this one ends.
        at_ms = if own(2) < 0.15 { start + 200 } else { stop };
        let said: Vec<&str> = (0..2 + (own(3) * 6.0) as u64)
            .map(|n| words[(own(8 + n) * words.len() as f64) as usize])
            .collect();
        let said = said.join(" ");
        let stamp = |ms: u64| {
            let clock = format!(
                "{:02}:{:02}{point}{:03}",
                ms / 60_000,
                ms / 1_000 % 60,
                ms % 1_000
            );
            if own(4) < 0.7 {
                format!("00:{clock}")
            } else {
                clock
            }
        };
        let broken = own(5) < 0.06;
        let times = match broken {
            true => format!("{} --> soon", stamp(start)),
            false => format!("{} --> {}", stamp(start), stamp(stop)),
        };
        let speaker = (own(6) < 0.3).then_some("Mara");
        let line = match (speaker, vtt) {
            (Some(name), true) => format!("<v {name}>{said}</v>"),
            (Some(name), false) => format!("{name}: {said}"),
            (None, _) if own(7) < 0.3 => format!("<i>{said}</i>"),
            (None, _) => said.clone(),
        };
        text.push_str(&format!("{}{end}{times}{end}{line}{end}{end}", number + 1));
        if !broken {
            truth.push((start as f64 / 1000.0, stop as f64 / 1000.0, speaker, said));
        }
    }
    let format = if vtt { Format::Vtt } else { Format::Srt };
    let (lines, _) = parse(&text, format);
    let right = truth
        .iter()
        .filter(|(start, stop, speaker, said)| {
            lines.iter().any(|line| {
                line.text == *said
                    && line.speaker.as_deref() == *speaker
                    && line.start_s.is_some_and(|t| (t - start).abs() < 1e-6)
                    && line.end_s.is_some_and(|t| (t - stop).abs() < 1e-6)
            })
        })
        .count();
    scores.lines = scores.lines.plus(Count {
        right,
        wrong: lines.len() - right.min(lines.len()),
        missed: truth.len() - right,
    });
}

/// Makes and reads the sounds from a seed on.
pub fn measure(effort: Effort, first_seed: u64) -> Scores {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let mut scores = Scores::default();
    for number in 0..effort.scenes(4, 60) as u64 {
        loudness(&mut scores, first_seed + number, folder);
    }
    for number in 0..effort.scenes(8, 80) as u64 {
        tempo(&mut scores, first_seed + number, folder);
    }
    for number in 0..effort.scenes(10, 100) as u64 {
        regions(&mut scores, first_seed + 5_000 + number, folder);
    }
    for number in 0..effort.scenes(14, 105) as u64 {
        change(&mut scores, first_seed + number, folder);
    }
    for number in 0..effort.scenes(20, 200) as u64 {
        transcript(&mut scores, first_seed + number);
    }
    scores
}

/// The sounds of the page, fewer of them for tests.
pub fn scores(effort: Effort) -> Scores {
    measure(effort, FIRST_SEED)
}

/// Measures and reports.
pub fn chapter(effort: Effort) -> Chapter {
    let scores = scores(effort);
    let percent = |share: f64| format!("{:.0} %", 100.0 * share);
    let mut body = format!(
        "**Loudness.** {} sines of 1 kHz at known levels, in one channel or two, at four rates: the \
         integrated loudness is off by at most {:.2} LU, the true peak by {:.2} dB.\n\n",
        scores.loudness[0].len(),
        quantile(&scores.loudness[0], 1.0),
        quantile(&scores.loudness[1], 1.0),
    );
    let [pieces, right, octave, other, none] = scores.tempo;
    body.push_str(&format!(
        "**Tempo.** {pieces} pieces of 12 s at 62 to 176 beats a minute (chords, drums, or both): {right} \
         told within 2 % (median error {:.2} %), {octave} an octave off, {other} otherwise wrong, {none} \
         not told. Beats of those told right, within 70 ms: precision {}, recall {}. Of {} sounds without \
         a beat, {} were given a tempo.\n\n",
        100.0 * quantile(&scores.tempo_errors, 0.5),
        percent(scores.beats.precision()),
        percent(scores.beats.recall()),
        scores.beatless[0],
        scores.beatless[1],
    ));
    body.push_str(
        "**Speech, music, silence.** Made sounds, seconds told to be each. The voice is synthetic and \
         alone; real recordings mix all of these, and singing, voices over music and steady machines \
         are not told apart well by the signal.\n\n",
    );
    let kinds = [
        (SoundKind::Speech, "speech"),
        (SoundKind::Music, "music"),
        (SoundKind::Silence, "silence"),
        (SoundKind::Other, "other"),
    ];
    let mut truths: Vec<&str> = scores.regions.keys().map(|(truth, _)| *truth).collect();
    truths.dedup();
    body.push_str(&table(
        &[
            "is, told to be",
            "speech",
            "music",
            "silence",
            "other",
            "right",
        ],
        truths.iter().map(|truth| {
            let mut row = vec![(*truth).to_owned()];
            row.extend(kinds.iter().map(|(kind, _)| {
                scores
                    .regions
                    .iter()
                    .find(|((t, k), _)| t == truth && k == kind)
                    .map_or(String::new(), |(_, seconds)| format!("{seconds:.0}"))
            }));
            row.push(percent(scores.right(truth)));
            row
        }),
    ));
    body.push_str("\n**Changes of level**, one in each noise or voice of 8 s.\n\n");
    body.push_str(&table(
        &["change", "made", "found", "others told"],
        scores.changes.iter().map(|(name, count)| {
            vec![
                (*name).to_owned(),
                (count.right + count.missed).to_string(),
                count.right.to_string(),
                count.wrong.to_string(),
            ]
        }),
    ));
    body.push_str(&format!(
        "\nSudden changes are off by {:.2} s in the median, {:.2} s at most.\n\n**Transcripts.** Of {} cues \
         (SubRip and WebVTT with the flaws of real files), {} were read with their words, times and \
         speaker; {} lines were read otherwise than written.\n",
        quantile(&scores.change_errors, 0.5),
        quantile(&scores.change_errors, 1.0),
        scores.lines.right + scores.lines.missed,
        scores.lines.right,
        scores.lines.wrong,
    ));
    Chapter {
        title: "Sound",
        body,
    }
}
