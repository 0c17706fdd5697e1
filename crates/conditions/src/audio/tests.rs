use std::path::PathBuf;

use decoupage_shot::{Change, Correction, Silent};
use decoupage_stage::sounds::{RATE as MADE, Sounding, Track, write_wav};
use tempfile::TempDir;

use super::*;
use crate::correct::{Parts, correct};
use crate::reading::Reading;

fn saved(parts: Vec<(Sounding, f64, f64)>) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sound.wav");
    let samples = Track { parts, seed: 5 }.samples();
    write_wav(&path, MADE, &[&samples]).expect("saved");
    (folder, path)
}

fn open(path: &Path) -> Outcome<AudioReading> {
    read(path, ConditionKind::Audio, &ReadOptions::default(), &Silent)
}

fn talk_and_music() -> AudioReading {
    let (folder, path) = saved(vec![
        (Sounding::Speech, 4.0, 0.5),
        (Sounding::Silence, 1.5, 0.0),
        (Sounding::Band(120.0), 6.0, 0.6),
    ]);
    let transcript = "1\n00:00:00,500 --> 00:00:02,000\nANNA: Are we there?\n\n2\nlater\n\n3\n00:00:02,500 --> 00:00:02,000\nno\n";
    std::fs::write(folder.path().join("sound.en.srt"), transcript).expect("written");
    open(&path).expect("a reading")
}

fn words_of(reading: &Reading) -> String {
    reading
        .statements()
        .iter()
        .map(|s| format!("{}\n", s.text))
        .collect()
}

#[test]
fn speech_silence_music_and_words_are_told() {
    let reading = talk_and_music();
    // A word or two at the end of a voice may be told to be something else.
    let kinds: Vec<SoundKind> = reading
        .sound
        .regions
        .iter()
        .filter(|region| region.kind != SoundKind::Other || region.end_s - region.start_s > 1.2)
        .map(|region| region.kind)
        .collect();
    assert_eq!(
        kinds,
        [SoundKind::Speech, SoundKind::Silence, SoundKind::Music],
        "{:?}",
        reading.sound.regions
    );
    let tempo = reading.sound.tempo.as_ref().expect("a tempo");
    assert!((tempo.bpm - 120.0).abs() < 1.5, "{}", tempo.bpm);
    let words = words_of(&Reading::Audio(reading));
    for expected in [
        "The music runs at about 120 beats a minute",
        "Anna says",
        "One entry of the transcript",
    ] {
        let expected = expected.replace("Anna", "ANNA");
        assert!(words.contains(&expected), "{expected}: {words}");
    }
}

#[test]
fn corrections_win_and_change_the_sentences() {
    let reading = talk_and_music();
    let changed = |key: &str, change: Change| {
        let item = reading
            .items()
            .into_iter()
            .find(|item| item.key == key)
            .expect("an item");
        let corrected = correct(
            &Reading::Audio(reading.clone()),
            &[Correction {
                item: item.key,
                was: item.words,
                change,
            }],
        );
        assert!(corrected.unmet.is_empty(), "{:?}", corrected.unmet);
        words_of(&corrected.reading)
    };
    let rename = |to: &str| Change::Rename { to: to.to_owned() };
    let words = changed("region/0", rename("music"));
    assert!(
        words.contains("By its signal there is music from 0.0"),
        "{words}"
    );
    let earlier = Change::Retime {
        start_s: 0.0,
        end_s: 2.5,
    };
    let words = changed("region/0", earlier);
    assert!(words.contains("speech from 0.0 to 2.5 s"), "{words}");
    let words = changed("region/0", Change::Delete);
    assert!(!words.contains("speech from"), "{words}");
    let words = changed("tempo", rename("90 bpm"));
    assert!(words.contains("about 90 beats a minute"), "{words}");
    assert!(!changed("tempo", Change::Delete).contains("beats a minute"));
    let words = changed("line/0", rename("Is it far?"));
    assert!(words.contains("ANNA says “Is it far?”"), "{words}");
    assert!(!changed("line/0", Change::Delete).contains("ANNA"));
}

#[test]
fn sentences_are_a_function_of_the_reading() {
    let reading = talk_and_music();
    let mut again = reading.clone();
    again.restate();
    assert_eq!(again, reading);
    let json = serde_json::to_string(&reading).expect("JSON");
    let back: AudioReading = serde_json::from_str(&json).expect("a reading");
    assert_eq!(back.sound.regions, reading.sound.regions);
    assert!(
        reading
            .curves()
            .iter()
            .all(|curve| curve.values.len() <= 400)
    );
}

#[test]
fn a_sine_of_known_level_has_its_loudness() {
    // EBU Tech 3341, case 1: a stereo sine of 1 kHz at −23 dBFS is −23 LUFS.
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sine.wav");
    let amplitude = 10f32.powf(-23.0 / 20.0);
    let sine: Vec<f32> = (0..48_000 * 5)
        .map(|n| amplitude * (std::f32::consts::TAU * 1_000.0 * n as f32 / 48_000.0).sin())
        .collect();
    write_wav(&path, 48_000, &[&sine, &sine]).expect("saved");
    let loudness = open(&path)
        .expect("a reading")
        .sound
        .loudness
        .expect("loudness");
    assert!(
        (loudness.integrated_lufs + 23.0).abs() < 0.1,
        "{loudness:?}"
    );
    assert!((loudness.true_peak_db + 23.0).abs() < 0.2, "{loudness:?}");
}

#[test]
fn silence_and_odd_files_get_a_sentence_or_a_modest_reading() {
    let (_folder, path) = saved(vec![(Sounding::Silence, 3.0, 0.0)]);
    let reading = open(&path).expect("a reading");
    assert_eq!(reading.sound.loudness, None);
    assert!(words_of(&Reading::Audio(reading)).contains("The sound is silent."));
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    write_wav(&at("one.wav"), 44_100, &[&[0.5]]).expect("saved");
    let one = open(&at("one.wav")).expect("a reading");
    assert!(one.sound.tempo.is_none() && one.sound.changes.is_empty());
    std::fs::write(at("empty.wav"), b"").expect("written");
    assert!(open(&at("empty.wav")).is_err());
    // A transcript that cannot be read leaves the sound as it is.
    write_wav(&at("talk.wav"), 16_000, &[&vec![0.2; 16_000]]).expect("saved");
    std::fs::write(at("talk.srt"), b"\xff\x00\x01 nothing").expect("written");
    assert_eq!(
        open(&at("talk.wav")).expect("a reading").sound.transcript,
        None
    );
}
