//! Prompt files: what leaves comes back whole, and nothing of somebody else's is replaced.

#![allow(clippy::unwrap_used, reason = "helpers of tests may panic too")]

mod sample;

use std::path::Path;

use decoupage_generators::{FileFormat, compose, import, import_take, import_takes, write};
use decoupage_shot::{Caption, Code, Origin, OriginSpan, Section, Shot, Take};
use proptest::prelude::*;

fn export(
    shot: &Shot,
    take: &Take,
    generator: &str,
    format: FileFormat,
    folder: &Path,
) -> Vec<std::path::PathBuf> {
    let prompt = compose(generator, shot, take, None).unwrap();
    write(&[(shot, take, prompt)], format, folder).unwrap()
}

#[test]
fn every_format_of_every_generator_keeps_the_take() {
    let (shot, take) = (sample::shot(), sample::take());
    for profile in decoupage_generators::profiles() {
        for format in [FileFormat::Json, FileFormat::Jsonl, FileFormat::Csv] {
            let folder = tempfile::tempdir().unwrap();
            let files = export(&shot, &take, &profile.key, format, folder.path());
            assert_eq!(files.len(), 1);
            let imported = import_take(&files[0]).unwrap();
            assert_eq!(imported.caption, take.caption, "{} {format:?}", profile.key);
            assert_eq!(imported.origins, take.origins);
            assert_eq!(imported.trace.as_ref(), Some(&take.trace));
            assert_eq!(imported.prompt.as_ref(), Some(&take.prompt));
            assert_eq!(imported.shot.as_ref(), Some(&shot.name));
        }
    }
}

#[test]
fn texts_keep_the_words_and_count_as_written_by_hand() {
    let (shot, take) = (sample::shot(), sample::take());
    for generator in ["plain", "structured-json"] {
        let folder = tempfile::tempdir().unwrap();
        let files = export(&shot, &take, generator, FileFormat::Txt, folder.path());
        let imported = import_take(&files[0]).unwrap();
        assert_eq!(imported.caption, take.caption);
        assert!(
            imported
                .origins
                .get(Section::Dense)
                .iter()
                .all(|span| span.origin == Origin::Hand)
        );
    }
}

#[test]
fn one_file_holds_many_shots() {
    let mut second = (sample::shot(), sample::take());
    second.0.name = "Shot 2".to_owned();
    second.1.caption.style = "Flat, \"grey\"\nlight; 🐕, über".to_owned();
    second.1.origins.0.remove(&Section::Style);
    let first = (sample::shot(), sample::take());
    for format in [FileFormat::Jsonl, FileFormat::Csv] {
        let folder = tempfile::tempdir().unwrap();
        let prompts: Vec<_> = [&first, &second]
            .into_iter()
            .flat_map(|(shot, take)| {
                ["wan-2.2", "ltx-2"]
                    .map(|key| (shot, take, compose(key, shot, take, None).unwrap()))
            })
            .collect();
        let files = write(&prompts, format, folder.path()).unwrap();
        assert_eq!(files.len(), 1);
        let all = import_takes(&files[0]).unwrap();
        assert_eq!(
            all.len(),
            2,
            "the same take for two generators is one caption"
        );
        assert_eq!(all[1].caption, second.1.caption);
        assert_eq!(all[1].shot.as_deref(), Some("Shot 2"));
    }
}

#[test]
fn a_negative_prompt_has_its_own_text_file() {
    let folder = tempfile::tempdir().unwrap();
    let files = export(
        &sample::shot(),
        &sample::take(),
        "wan-2.2",
        FileFormat::Txt,
        folder.path(),
    );
    let names: Vec<_> = files
        .iter()
        .map(|p| p.file_name().unwrap().to_str().unwrap())
        .collect();
    assert_eq!(
        names,
        ["Shot 1 - wan-2.2.txt", "Shot 1 - wan-2.2.negative.txt"]
    );
    let text = std::fs::read_to_string(&files[0]).unwrap();
    assert!(!text.contains("静态"));
}

#[test]
fn only_our_own_untouched_files_are_replaced() {
    let (shot, take) = (sample::shot(), sample::take());
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("Shot 1 - plain.txt"), "mine").unwrap();
    let name =
        |files: Vec<std::path::PathBuf>| files[0].file_name().unwrap().to_str().unwrap().to_owned();
    let again = || {
        name(export(
            &shot,
            &take,
            "plain",
            FileFormat::Txt,
            folder.path(),
        ))
    };
    assert_eq!(again(), "Shot 1 - plain (2).txt");
    assert_eq!(again(), "Shot 1 - plain (2).txt", "ours is replaced");
    std::fs::write(folder.path().join("Shot 1 - plain (2).txt"), "edited since").unwrap();
    assert_eq!(again(), "Shot 1 - plain (3).txt");
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(read("Shot 1 - plain.txt"), "mine");
    assert_eq!(read("Shot 1 - plain (2).txt"), "edited since");
}

#[test]
fn shots_of_one_name_do_not_overwrite_one_another() {
    let (mut a, mut b) = (sample::shot(), sample::shot());
    a.name = "Inn / night".to_owned();
    b.name = "INN - night".to_owned();
    let take = sample::take();
    let folder = tempfile::tempdir().unwrap();
    let prompts: Vec<_> = [&a, &b]
        .map(|shot| (shot, &take, compose("plain", shot, &take, None).unwrap()))
        .into();
    let files = write(&prompts, FileFormat::Txt, folder.path()).unwrap();
    let lower: std::collections::BTreeSet<_> = files
        .iter()
        .map(|p| p.to_str().unwrap().to_lowercase())
        .collect();
    assert_eq!(lower.len(), 2);
}

#[test]
fn a_hostile_name_stays_in_the_folder() {
    let mut shot = sample::shot();
    shot.name = "../../escape".to_owned();
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("a").join("b");
    let files = export(&shot, &sample::take(), "plain", FileFormat::Json, &folder);
    assert_eq!(files[0].parent(), Some(folder.as_path()));
    assert_eq!(std::fs::read_dir(outer.path()).unwrap().count(), 1);
}

#[test]
fn a_folder_that_cannot_be_made_is_told_plainly() {
    let outer = tempfile::tempdir().unwrap();
    let file = outer.path().join("file");
    std::fs::write(&file, "x").unwrap();
    let (shot, take) = (sample::shot(), sample::take());
    let prompt = compose("plain", &shot, &take, None).unwrap();
    let fault = write(
        &[(&shot, &take, prompt)],
        FileFormat::Txt,
        &file.join("below"),
    )
    .unwrap_err();
    assert!(
        fault.message.starts_with("Could not make the folder"),
        "{fault}"
    );
    assert_eq!(
        write(&[], FileFormat::Txt, outer.path()).unwrap_err().code,
        Code::Invalid
    );
}

#[test]
fn what_is_no_caption_file_is_told_plainly() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(import(folder.path()).unwrap_err().code, Code::Unsupported);
    assert_eq!(
        import(&folder.path().join("none")).unwrap_err().code,
        Code::Missing
    );
    let large = folder.path().join("large.txt");
    let file = std::fs::File::create(&large).unwrap();
    file.set_len(2 << 30).unwrap();
    assert_eq!(import(&large).unwrap_err().code, Code::TooLarge);
}

/// Any words a person may type, headings and tags among them.
fn words() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,40}",
        "(\\PC|[\n\r\t\"',;\\\\{}]|Camera:|\n\\\\*Dense caption:|\n\\*\\*Style\\*\\*|<answer>|🐕){0,20}",
    ]
}

fn take_with(sections: [String; 6], cut: u32) -> Take {
    let mut take = sample::take();
    take.caption = Caption::default();
    take.origins = Default::default();
    for (section, text) in Section::ALL.into_iter().zip(sections) {
        let length = text.chars().count() as u32;
        let cut = cut.min(length);
        let span = |start, end, origin| OriginSpan {
            start,
            end,
            origin,
            condition: None,
        };
        let spans: Vec<_> = [
            span(0, cut, Origin::Prompt),
            span(cut, length, Origin::Inferred),
        ]
        .into_iter()
        .filter(|span| span.start < span.end)
        .collect();
        if !spans.is_empty() {
            take.origins.0.insert(section, spans);
        }
        *take.caption.get_mut(section) = text;
    }
    take
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_caption_comes_back(
        sections in [words(), words(), words(), words(), words(), words()],
        cut in 0_u32..20,
        name in "\\PC{0,20}",
    ) {
        let take = take_with(sections, cut);
        prop_assume!(Section::ALL.into_iter().any(|s| !take.caption.get(s).trim().is_empty()));
        let mut shot = sample::shot();
        shot.name = name;
        for (format, generator) in [(FileFormat::Json, "wan-2.2"), (FileFormat::Jsonl, "cosmos-3"), (FileFormat::Csv, "minimax-h3")] {
            let folder = tempfile::tempdir().unwrap();
            let files = export(&shot, &take, generator, format, folder.path());
            let imported = import_take(&files[0]).unwrap();
            prop_assert_eq!(&imported.caption, &take.caption);
            prop_assert_eq!(&imported.origins, &take.origins);
        }
        // Text keeps everything but white space around sections and the kind of line break.
        let folder = tempfile::tempdir().unwrap();
        let files = export(&shot, &take, "plain", FileFormat::Txt, folder.path());
        let imported = import(&files[0]).unwrap();
        for section in Section::ALL {
            let text = take.caption.get(section).trim().replace("\r\n", "\n");
            prop_assert_eq!(imported.get(section), text);
        }
        let files = export(&shot, &take, "structured-json", FileFormat::Txt, folder.path());
        prop_assert_eq!(&import(&files[0]).unwrap(), &take.caption);
    }
}
