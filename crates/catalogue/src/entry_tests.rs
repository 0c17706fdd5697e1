use std::collections::BTreeSet;

use super::*;

#[test]
fn every_file_of_the_catalogue_is_an_entry() {
    let files = FILES.len();
    let entries = catalogue().expect("a catalogue");
    assert_eq!(entries.len(), files);
    assert!(files > 20);
    for entry in entries {
        let name = format!("{}.toml", entry.id);
        assert!(
            FILES.iter().any(|(file, _)| *file == name),
            "{} is not named after its id",
            entry.id
        );
    }
    let ids: BTreeSet<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(ids.len(), entries.len());
    let places: BTreeSet<&str> = entries
        .iter()
        .map(|entry| entry.repository.as_str())
        .collect();
    assert_eq!(places.len(), entries.len(), "two entries of one repository");
}

#[test]
fn entries_are_complete() {
    for entry in catalogue().expect("a catalogue") {
        let id = &entry.id;
        assert!(
            id.chars().all(|letter| letter.is_ascii_lowercase()
                || letter.is_ascii_digit()
                || "-.".contains(letter)),
            "{id}"
        );
        assert!(
            entry.good_for.ends_with('.') && entry.good_for.len() > 30,
            "{id}"
        );
        assert!(entry.good_for.len() < 200, "{id} says too much");
        assert_eq!(entry.repository.split('/').count(), 2, "{id}");
        assert!(entry.licence.url.starts_with("https://"), "{id}");
        assert!(entry.context >= 32_768, "{id}");
        assert!(entry.sees && entry.shape.vision.is_some(), "{id}");
        assert_eq!(entry.hears, entry.family.hears(), "{id}");
        assert_eq!(entry.hears, entry.shape.audio.is_some(), "{id}");
        assert_eq!(
            entry.shape.linear.is_some(),
            entry.family == Family::Qwen35,
            "{id}"
        );
        let sampling = &entry.sampling;
        assert!((0.0..=2.0).contains(&sampling.temperature), "{id}");
        assert!(
            (0.0..=1.0).contains(&sampling.top_p) && sampling.top_p > 0.0,
            "{id}"
        );
        assert!((1.0..1.5).contains(&sampling.repetition_penalty), "{id}");
        assert!((512..=entry.context).contains(&sampling.max_tokens), "{id}");
        let bits = entry.download_bytes as f64 * 8.0 / entry.parameters as f64;
        match entry.format {
            EntryFormat::Safetensors => {
                assert!((15.5..18.0).contains(&bits), "{id}: {bits} bits");
                assert!(entry.files.is_empty(), "{id}: the server lists the shards");
            }
            EntryFormat::Gguf => {
                assert!((4.0..10.0).contains(&bits), "{id}: {bits} bits");
                assert_eq!(entry.files.len(), 2, "{id}: a model and its vision part");
                assert!(
                    entry.files.iter().all(|file| file.name.ends_with(".gguf")),
                    "{id}"
                );
                let vision = entry
                    .files
                    .iter()
                    .filter(|file| file.name.contains("mmproj"));
                assert_eq!(vision.count(), 1, "{id}");
            }
        }
    }
}

#[test]
fn sums_stand_only_beside_a_pinned_revision() {
    for entry in catalogue().expect("a catalogue") {
        let pinned = entry.revision.len() == 40
            && entry
                .revision
                .chars()
                .all(|digit| digit.is_ascii_hexdigit());
        for file in &entry.files {
            if let Some(sum) = &file.sha256 {
                assert!(pinned, "{}: a branch moves, its sums with it", entry.id);
                assert_eq!(sum.len(), 64, "{}", file.name);
                assert!(
                    sum.chars()
                        .all(|digit| matches!(digit, '0'..='9' | 'a'..='f')),
                    "{}",
                    file.name
                );
                assert!(file.bytes.is_some(), "{}", file.name);
            }
        }
        if entry.files.iter().all(|file| file.bytes.is_some()) && !entry.files.is_empty() {
            let total: u64 = entry.files.iter().filter_map(|file| file.bytes).sum();
            assert_eq!(total, entry.download_bytes, "{}", entry.id);
        }
    }
}

#[test]
fn the_captioners_sample_as_their_paper_does() {
    for id in ["asid-captioner-3b", "asid-captioner-7b"] {
        let sampling = entry(id).expect("an entry").sampling;
        assert_eq!(sampling.temperature, 0.0);
        assert_eq!(sampling.repetition_penalty, 1.1);
        assert_eq!(sampling.max_tokens, 4096);
    }
}

#[test]
fn an_unknown_id_is_answered_with_the_known_ones() {
    let fault = entry("gpt-2").expect_err("unknown");
    assert_eq!(fault.code, Code::Invalid);
    assert!(
        fault
            .advice
            .is_some_and(|advice| advice.contains("qwen3-vl-4b-instruct"))
    );
}
