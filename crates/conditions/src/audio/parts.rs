//! A reading's parts, to look at and to correct.

use decoupage_shot::Change;

use super::{AudioReading, ChangeKind, SoundKind, SoundReading, words};
use crate::correct::Parts;
use crate::outline::{Changeable, Choice, Curve, Item};
use crate::reading::{Evidence, Statement, TimeSpan};

const KINDS: [(SoundKind, &str, &str); 4] = [
    (SoundKind::Speech, "speech", "Speech"),
    (SoundKind::Music, "music", "Music"),
    (SoundKind::Silence, "silence", "Silence"),
    (SoundKind::Other, "other", "Other sound"),
];

const CHANGES: [(ChangeKind, &str, &str); 6] = [
    (ChangeKind::Swell, "swell", "Swells"),
    (ChangeKind::Fade, "fade", "Falls away"),
    (ChangeKind::Start, "start", "Sets in"),
    (ChangeKind::Stop, "stop", "Cuts to silence"),
    (ChangeKind::Jump, "jump", "Becomes much louder"),
    (ChangeKind::Drop, "drop", "Becomes much softer"),
];

/// The most lines of a transcript that are laid open.
const MOST_LINES: usize = 500;

fn choices<K>(table: &[(K, &str, &str)]) -> Vec<Choice> {
    table
        .iter()
        .map(|(_, key, words)| Choice {
            key: (*key).to_owned(),
            words: (*words).to_owned(),
        })
        .collect()
}

fn called<K: PartialEq>(table: &[(K, &'static str, &'static str)], kind: &K) -> &'static str {
    table
        .iter()
        .find(|(other, _, _)| other == kind)
        .map_or("Sound", |(_, _, words)| words)
}

/// The parts of a sound; keys begin with `prefix`.
pub(crate) fn items(sound: &SoundReading, prefix: &str) -> Vec<Item> {
    let mut items: Vec<Item> = sound
        .regions
        .iter()
        .enumerate()
        .map(|(number, region)| {
            Item::new(
                format!("{prefix}region/{number}"),
                called(&KINDS, &region.kind),
                region.confidence,
            )
            .during(region.start_s, region.end_s)
            .renamed_to(choices(&KINDS))
        })
        .collect();
    if let Some(tempo) = &sound.tempo {
        let mut item = Item::new(
            format!("{prefix}tempo"),
            format!("{:.1} beats a minute", tempo.bpm),
            tempo.confidence,
        )
        .renamed_to(Vec::new())
        .resting_on(Evidence::measured("tempo", tempo.bpm, "beats/min"));
        item.span = tempo
            .beats_s
            .first()
            .zip(tempo.beats_s.last())
            .map(|(start_s, end_s)| TimeSpan {
                start_s: *start_s,
                end_s: *end_s,
            });
        items.push(item);
    }
    items.extend(sound.changes.iter().enumerate().map(|(number, change)| {
        Item::new(
            format!("{prefix}change/{number}"),
            called(&CHANGES, &change.kind),
            0.8,
        )
        .during(change.start_s, change.end_s)
        .renamed_to(choices(&CHANGES))
        .resting_on(Evidence::measured(
            "change of level",
            change.amount_db,
            "dB",
        ))
    }));
    let lines = sound.transcript.iter().flat_map(|t| &t.lines);
    items.extend(lines.take(MOST_LINES).enumerate().map(|(number, line)| {
        let mut item = Item::new(format!("{prefix}line/{number}"), line.text.clone(), 0.95)
            .renamed_to(Vec::new());
        if let Some((start_s, end_s)) = line.start_s.zip(line.end_s) {
            item = item.during(start_s, end_s);
        } else {
            // A line without times can be given them.
            item.changes.push(Changeable::Retime);
        }
        item
    }));
    items
}

/// What was measured over time.
pub(crate) fn curves(sound: &SoundReading) -> Vec<Curve> {
    let levels = &sound.levels;
    let curve = |name: &str, unit: &str, values: &[f32]| {
        let samples: Vec<(f64, f64)> = levels
            .times_s
            .iter()
            .zip(values)
            .map(|(time, value)| (f64::from(*time), f64::from(*value)))
            .collect();
        Curve::new(name, unit, &samples)
    };
    [
        curve("Loudness", "LUFS", &levels.loudness),
        curve("Onsets", "share", &levels.onsets),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Changes a part; `key` without prefix.
pub(crate) fn correct(sound: &mut SoundReading, key: &str, change: &Change) -> bool {
    if key == "tempo" {
        return correct_tempo(sound, change);
    }
    let Some((what, number)) = key.split_once('/') else {
        return false;
    };
    let Ok(at) = number.parse::<usize>() else {
        return false;
    };
    match what {
        "region" => correct_region(sound, at, change),
        "change" => correct_change(sound, at, change),
        "line" => correct_line(sound, at, change),
        _ => false,
    }
}

fn correct_tempo(sound: &mut SoundReading, change: &Change) -> bool {
    let Some(tempo) = &mut sound.tempo else {
        return false;
    };
    match change {
        Change::Delete => sound.tempo = None,
        Change::Rename { to } => {
            let said = to
                .split(|c: char| !c.is_ascii_digit() && c != '.')
                .find_map(|word| word.parse::<f64>().ok())
                .filter(|bpm| (20.0..=400.0).contains(bpm));
            let Some(bpm) = said else { return false };
            // Beats go on from the first at the tempo that was said.
            let count = tempo
                .beats_s
                .first()
                .zip(tempo.beats_s.last())
                .map_or(0, |(first, last)| {
                    ((last - first) * bpm / 60.0 + 1e-6) as usize + 1
                });
            let first = tempo.beats_s.first().copied().unwrap_or(0.0);
            tempo.beats_s = (0..count)
                .map(|beat| super::hundredth(first + beat as f64 * 60.0 / bpm))
                .collect();
            tempo.bpm = bpm;
            tempo.confidence = 1.0;
        }
        Change::Retime { .. } => return false,
    }
    true
}

fn correct_region(sound: &mut SoundReading, at: usize, change: &Change) -> bool {
    let regions = &mut sound.regions;
    let Some(region) = regions.get_mut(at) else {
        return false;
    };
    match change {
        Change::Delete => {
            regions.remove(at);
        }
        Change::Rename { to } => {
            let Some((kind, _, _)) = KINDS.iter().find(|(_, key, _)| key == to) else {
                return false;
            };
            region.kind = *kind;
            region.confidence = 1.0;
        }
        Change::Retime { start_s, end_s } => {
            (region.start_s, region.end_s) = (*start_s, *end_s);
            region.confidence = 1.0;
            // The neighbours give way.
            if let Some(before) = at.checked_sub(1).and_then(|at| regions.get_mut(at)) {
                before.end_s = start_s.max(before.start_s);
            }
            if let Some(after) = regions.get_mut(at + 1) {
                after.start_s = end_s.min(after.end_s);
            }
        }
    }
    true
}

fn correct_change(sound: &mut SoundReading, at: usize, change: &Change) -> bool {
    let Some(found) = sound.changes.get_mut(at) else {
        return false;
    };
    match change {
        Change::Delete => {
            sound.changes.remove(at);
        }
        Change::Rename { to } => {
            let Some((kind, _, _)) = CHANGES.iter().find(|(_, key, _)| key == to) else {
                return false;
            };
            found.kind = *kind;
        }
        Change::Retime { start_s, end_s } => {
            (found.start_s, found.end_s) = (*start_s, *end_s);
        }
    }
    true
}

fn correct_line(sound: &mut SoundReading, at: usize, change: &Change) -> bool {
    let Some(lines) = sound.transcript.as_mut().map(|t| &mut t.lines) else {
        return false;
    };
    let Some(line) = lines.get_mut(at) else {
        return false;
    };
    match change {
        Change::Delete => {
            lines.remove(at);
        }
        Change::Rename { to } => line.text = to.trim().to_owned(),
        Change::Retime { start_s, end_s } => {
            line.start_s = Some(*start_s);
            line.end_s = Some(*end_s);
        }
    }
    true
}

impl Parts for AudioReading {
    fn statements(&self) -> Vec<&Statement> {
        self.plain.statements.iter().collect()
    }

    fn statements_mut(&mut self) -> Vec<&mut Vec<Statement>> {
        vec![&mut self.plain.statements]
    }

    fn items(&self) -> Vec<Item> {
        items(&self.sound, "")
    }

    fn curves(&self) -> Vec<Curve> {
        curves(&self.sound)
    }

    fn correct(&mut self, key: &str, change: &Change) -> bool {
        correct(&mut self.sound, key, change)
    }

    fn restate(&mut self) {
        self.plain
            .statements
            .truncate(self.file_statements as usize);
        let sentences = words::write(&self.sound);
        self.plain.statements.extend(sentences);
    }
}
