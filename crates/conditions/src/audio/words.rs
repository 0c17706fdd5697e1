//! Sentences about a sound, from what is typed in its reading.

use super::{ChangeKind, Line, SoundChange, SoundKind, SoundReading, SoundRegion, Transcript};
use crate::identity::words::list;
use crate::reading::{Evidence, Statement};

/// The most regions that are told one by one, and the most lines of a transcript.
const MOST_REGIONS: usize = 8;
const MOST_LINES: usize = 40;

/// Everything measured over time.
pub(crate) fn write(sound: &SoundReading) -> Vec<Statement> {
    let mut statements = Vec::new();
    statements.extend(loudness(sound));
    statements.extend(regions(&sound.regions));
    statements.extend(tempo(sound));
    statements.extend(sound.changes.iter().map(change));
    if let Some(transcript) = &sound.transcript {
        statements.extend(said(transcript));
    }
    statements
}

fn loudness(sound: &SoundReading) -> Option<Statement> {
    let Some(loudness) = sound.loudness else {
        let silent = sound.regions.iter().all(|r| r.kind == SoundKind::Silence);
        return silent.then(|| {
            Statement::new(
                "The sound is silent.",
                Evidence::measured("loudness", -70.0, "LUFS"),
                0.95,
            )
        });
    };
    let level = loudness.integrated_lufs;
    let how = match level {
        _ if level > -15.0 => "The sound is loud",
        _ if level > -28.0 => "The sound is of ordinary loudness",
        _ if level > -42.0 => "The sound is quiet",
        _ => "The sound is very quiet",
    };
    Some(Statement::new(
        format!(
            "{how} ({level:.1} LUFS, true peak {:.1} dBTP).",
            loudness.true_peak_db
        ),
        Evidence::measured("integrated loudness", level, "LUFS"),
        0.98,
    ))
}

/// A kind of sound in a sentence.
fn kind(kind: SoundKind) -> &'static str {
    match kind {
        SoundKind::Silence => "silence",
        SoundKind::Speech => "speech",
        SoundKind::Music => "music",
        SoundKind::Other => "other sound",
    }
}

fn regions(regions: &[SoundRegion]) -> Option<Statement> {
    let sure = regions
        .iter()
        .map(|region| region.confidence)
        .fold(0.9, f64::min);
    let total: f64 = regions.iter().map(length).sum();
    let heard: Vec<&SoundRegion> = regions
        .iter()
        .filter(|region| region.kind != SoundKind::Silence)
        .collect();
    let first = heard.first()?;
    let share = heard.iter().map(|region| length(region)).sum::<f64>() / total.max(1e-6);
    let evidence = Evidence::measured("sounding share", super::hundredth(share), "share");
    let text = if regions.len() == 1 {
        match first.kind {
            SoundKind::Other => "By its signal it is neither speech nor music.".to_owned(),
            _ => format!("By its signal it is {} throughout.", kind(first.kind)),
        }
    } else if regions.len() <= MOST_REGIONS {
        let parts: Vec<String> = regions
            .iter()
            .map(|r| format!("{} from {:.1} to {:.1} s", kind(r.kind), r.start_s, r.end_s))
            .collect();
        format!("By its signal there is {}.", joined(&parts))
    } else {
        let mut shares: Vec<(SoundKind, f64)> = Vec::new();
        for region in regions {
            match shares.iter_mut().find(|(kind, _)| *kind == region.kind) {
                Some((_, sum)) => *sum += length(region),
                None => shares.push((region.kind, length(region))),
            }
        }
        shares.sort_by(|a, b| b.1.total_cmp(&a.1));
        let parts: Vec<String> = shares
            .iter()
            .map(|(of, sum)| format!("{} for {sum:.1} s", kind(*of)))
            .collect();
        format!("By its signal there is {}, by turns.", joined(&parts))
    };
    Some(Statement::new(text, evidence, sure))
}

fn length(region: &SoundRegion) -> f64 {
    region.end_s - region.start_s
}

fn tempo(sound: &SoundReading) -> Option<Statement> {
    let tempo = sound.tempo.as_ref()?;
    let first = tempo.beats_s.first().map_or(String::new(), |first| {
        format!("; the first falls at {first:.2} s")
    });
    Some(Statement::new(
        format!(
            "The music runs at about {:.0} beats a minute{first}.",
            tempo.bpm
        ),
        Evidence::measured("tempo", tempo.bpm, "beats/min"),
        tempo.confidence,
    ))
}

fn change(change: &SoundChange) -> Statement {
    let (start, end) = (change.start_s, change.end_s);
    let text = match change.kind {
        ChangeKind::Swell => format!("The sound swells from {start:.1} to {end:.1} s."),
        ChangeKind::Fade => format!("The sound falls away from {start:.1} to {end:.1} s."),
        ChangeKind::Start => format!("The sound sets in at {start:.1} s."),
        ChangeKind::Stop => format!("The sound cuts to silence at {start:.1} s."),
        ChangeKind::Jump => format!("The sound becomes much louder at {start:.1} s."),
        ChangeKind::Drop => format!("The sound becomes much softer at {start:.1} s."),
    };
    Statement::new(
        text,
        Evidence::measured("change of level", change.amount_db, "dB"),
        0.8,
    )
    .during(start, end)
}

fn said(transcript: &Transcript) -> Vec<Statement> {
    let evidence = || Evidence::Metadata {
        field: format!("transcript {}", transcript.file),
    };
    let mut statements: Vec<Statement> = transcript
        .lines
        .iter()
        .take(MOST_LINES)
        .map(|line| {
            let statement = Statement::new(line_words(line), evidence(), 0.95);
            match line.start_s.zip(line.end_s) {
                Some((start, end)) => statement.during(start, end),
                None => statement,
            }
        })
        .collect();
    let more = transcript.lines.len().saturating_sub(MOST_LINES);
    if more > 0 {
        statements.push(Statement::new(
            format!("The transcript has {more} more lines."),
            evidence(),
            1.0,
        ));
    }
    if transcript.skipped > 0 {
        let text = match transcript.skipped {
            1 => "One entry of the transcript has no times that can be read and is left out."
                .to_owned(),
            many => format!(
                "{many} entries of the transcript have no times that can be read and are left out."
            ),
        };
        statements.push(Statement::new(text, evidence(), 1.0));
    }
    statements
}

/// Who says what; notes in brackets are heard, not said.
fn line_words(line: &Line) -> String {
    let text = &line.text;
    let is_note = matches!(
        (text.chars().next(), text.chars().last()),
        (Some('['), Some(']')) | (Some('('), Some(')')) | (Some('♪'), _)
    );
    match (&line.speaker, is_note) {
        (_, true) => {
            let note = text.trim_matches(['[', ']', '(', ')', '♪', ' ']);
            match note.is_empty() {
                true => "Music is heard.".to_owned(),
                false => format!("The transcript notes: {note}."),
            }
        }
        (Some(speaker), false) => format!("{speaker} says “{text}”"),
        (None, false) => format!("A voice says “{text}”"),
    }
}

fn joined(parts: &[String]) -> String {
    list(&parts.iter().map(String::as_str).collect::<Vec<_>>())
}
