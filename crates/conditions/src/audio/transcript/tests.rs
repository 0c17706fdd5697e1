use proptest::prelude::*;

use super::*;

fn lines(text: &str, format: Format) -> Vec<(f64, f64, Option<String>, String)> {
    parse(text, format)
        .0
        .into_iter()
        .map(|line| {
            (
                line.start_s.unwrap_or(-1.0),
                line.end_s.unwrap_or(-1.0),
                line.speaker,
                line.text,
            )
        })
        .collect()
}

#[test]
fn subrip_as_the_book_says() {
    let text = "1\n00:00:01,500 --> 00:00:03,250\nWhere are you going?\n\n2\n00:00:04,000 --> 00:00:05,000\nHome,\nand soon.\n";
    assert_eq!(
        lines(text, Format::Srt),
        [
            (1.5, 3.25, None, "Where are you going?".to_owned()),
            (4.0, 5.0, None, "Home, and soon.".to_owned()),
        ]
    );
}

#[test]
fn subrip_as_it_is_found() {
    // A mark at the begin, carriage returns, no hours, points for commas, styling, no empty
    // line between cues, cues out of order, a cue that ends before it begins, one without times.
    let text = "\u{feff}1\r\n00:08.5 --> 0:00:10,25 X1:40\r\n{\\an8}<i>It&apos;s</i> <font color=\"red\">late</font>\r\n2\r\n00:01.000 --> 00:02.000\r\n- ANNA: Hello?\r\n- Who is it?\r\n\r\n3\r\n00:05,000 --> 00:04,000\r\nno\r\n\r\n4\r\nsoon --> later\r\nno\r\n";
    assert_eq!(
        lines(text, Format::Srt),
        [
            (1.0, 2.0, Some("ANNA".to_owned()), "Hello?".to_owned()),
            (1.0, 2.0, None, "Who is it?".to_owned()),
            (8.5, 10.25, None, "It's late".to_owned()),
        ]
    );
    assert_eq!(parse(text, Format::Srt).1, 2);
}

#[test]
fn web_vtt_with_voices_notes_and_settings() {
    let text = "WEBVTT - a talk\n\nSTYLE\n::cue { color: lime }\n\nNOTE nothing here\n\nintro\n00:01.000 --> 00:04.000 align:start position:10%\n<v.first.loud Anna Lee>Look <c.yellow>there</c>!</v>\n<v Ben>I &amp; you < them</v>\n";
    assert_eq!(
        lines(text, Format::Vtt),
        [
            (
                1.0,
                4.0,
                Some("Anna Lee".to_owned()),
                "Look there!".to_owned()
            ),
            (
                1.0,
                4.0,
                Some("Ben".to_owned()),
                "I & you < them".to_owned()
            ),
        ]
    );
}

#[test]
fn plain_text_with_and_without_times() {
    let text = "[0:12] Anna: Hello there.\n\n1:05 Nothing: at all\nSee you at 5:30 then.\n";
    assert_eq!(
        lines(text, Format::Text),
        [
            (
                12.0,
                -1.0,
                Some("Anna".to_owned()),
                "Hello there.".to_owned()
            ),
            (65.0, -1.0, Some("Nothing".to_owned()), "at all".to_owned()),
            (-1.0, -1.0, None, "See you at 5:30 then.".to_owned()),
        ]
    );
}

#[test]
fn overlapping_cues_are_both_kept() {
    let text = "00:01.000 --> 00:04.000\none\n\n00:02.000 --> 00:03.000\ntwo\n";
    assert_eq!(lines(text, Format::Vtt).len(), 2);
}

#[test]
fn other_encodings_are_read() {
    let wide: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain("Grüß".encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    assert_eq!(decode(&wide), "Grüß");
    assert_eq!(decode(&[0xef, 0xbb, 0xbf, b'a']), "a");
    assert_eq!(decode(&[b'c', b'a', b'f', 0xe9, b' ']), "café ");
}

#[test]
fn the_transcript_beside_a_sound_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("written");
    };
    let found = |name: &str| {
        beside(&folder.path().join(name))
            .and_then(|path| path.file_name().map(|n| n.to_string_lossy().into_owned()))
    };
    write("talk.wav", "");
    write("talking.srt", "1\n00:01,0 --> 00:02,0\nno\n");
    assert_eq!(found("talk.wav"), None);
    write("talk.en.vtt", "WEBVTT\n");
    assert_eq!(found("talk.wav").as_deref(), Some("talk.en.vtt"));
    write("talk.txt", "Well, hello there.");
    assert_eq!(found("talk.wav").as_deref(), Some("talk.txt"));
    write("talk.SRT", "1\n00:01,0 --> 00:02,0\nHello\n");
    assert_eq!(found("talk.wav").as_deref(), Some("talk.SRT"));
    // Camera paths and captions lie beside clips, numbers are not said.
    write("walk.mp4", "");
    write("walk.txt", "A caption of a walk.");
    assert_eq!(found("walk.mp4"), None);
    write("noise.wav", "");
    write("noise.txt", "0.123 4.56 7.89\n1 2 3\n");
    assert_eq!(found("noise.wav"), None);
    assert_eq!(beside(Path::new("/")), None);
    assert_eq!(beside(Path::new("/no/such/folder/talk.wav")), None);
}

#[test]
fn what_is_no_transcript_is_refused_in_one_sentence() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.srt");
    let refused = |content: &[u8]| {
        std::fs::write(&path, content).expect("written");
        read(&path).expect_err("refused").message
    };
    assert_eq!(
        refused(b""),
        "This transcript holds no line that can be read."
    );
    assert_eq!(
        refused(&vec![b'a'; 5 << 20]),
        "This transcript is larger than 4 MB."
    );
    assert!(read(&folder.path().join("none.srt")).is_err());
}

proptest! {
    #[test]
    fn no_text_breaks_it(text in ".{0,400}", format in 0..3) {
        let format = [Format::Srt, Format::Vtt, Format::Text][format as usize];
        let (lines, _) = parse(&text, format);
        for line in lines {
            prop_assert!(!line.text.trim().is_empty());
            prop_assert!(line.start_s.is_none_or(|t| (0.0..=86_400.0).contains(&t)));
            prop_assert!(line.end_s.is_none_or(|end| line.start_s.is_some_and(|start| start < end)));
        }
    }

    #[test]
    fn broken_cues_break_nothing(parts in prop::collection::vec(
        prop::sample::select(vec![
            "\n", "\r\n", "-->", " --> ", "00:01,000", "1:2:3.4", "99:99:99,999", "<v ", "<v Anna>", "<i",
            ">", "{\\an8", "}", "Hello", "- ", ": ", "é", "\u{feff}", "&amp;", "5", "WEBVTT",
        ]), 0..60)) {
        let text = parts.concat();
        for format in [Format::Srt, Format::Vtt, Format::Text] {
            let (lines, _) = parse(&text, format);
            prop_assert!(lines.iter().all(|line| !line.text.is_empty()));
        }
    }

    #[test]
    fn bytes_of_any_kind_become_text(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&decode(&bytes), Format::Srt);
    }

    #[test]
    fn what_was_written_is_read_back(cues in prop::collection::vec((0..3_600_000_u32, 1..5_000_u32, "[a-z]{1,8}( [a-z]{1,8}){0,5}"), 1..20)) {
        let stamp = |ms: u32| format!("{:02}:{:02}:{:02},{:03}", ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000);
        let mut text = String::new();
        for (number, (start, lasts, words)) in cues.iter().enumerate() {
            text.push_str(&format!("{}\n{} --> {}\n{words}\n\n", number + 1, stamp(*start), stamp(start + lasts)));
        }
        let (lines, skipped) = parse(&text, Format::Srt);
        prop_assert_eq!(skipped, 0);
        prop_assert_eq!(lines.len(), cues.len());
        let mut sorted = cues.clone();
        sorted.sort_by_key(|cue| cue.0);
        for (line, (start, lasts, words)) in lines.iter().zip(&sorted) {
            prop_assert!((line.start_s.unwrap_or(-1.0) - f64::from(*start) / 1000.0).abs() < 1e-6);
            prop_assert!((line.end_s.unwrap_or(-1.0) - f64::from(start + lasts) / 1000.0).abs() < 1e-6);
            prop_assert_eq!(&line.text, words);
        }
    }
}
