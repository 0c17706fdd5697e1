//! Bad input: one sentence each, and never a panic.

use std::fs;
use std::path::{Path, PathBuf};

use decoupage_shot::{Code, Fault};
use ffmpeg_next::format::Pixel;
use proptest::prelude::*;

use super::clips::{Recipe, number};
use super::collect;
use super::pictures::png_bomb;
use crate::{MediaForm, Pick, audio, filmstrip, poster, probe};

fn put(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, bytes).unwrap();
    path
}

/// The fault that probing and decoding agree on.
fn refused(path: &Path) -> Fault {
    let fault = probe(path).unwrap_err();
    assert_eq!(collect(path, &Pick::Even(3), None).unwrap_err(), fault);
    assert_eq!(fault.path.as_deref(), Some(path));
    assert!(fault.message.ends_with('.'));
    // One sentence.
    assert_eq!(fault.message.matches(". ").count(), 0, "{fault}");
    fault
}

#[test]
fn missing_and_empty_files() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(refused(&folder.path().join("gone.mp4")).code, Code::Missing);
    let fault = refused(&put(folder.path(), "empty.mp4", b""));
    assert_eq!(fault.code, Code::Damaged);
    assert!(fault.message.contains("empty"));
}

#[test]
fn text_pretending_to_be_media() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.mp4", "a.png", "a.wav"] {
        let fault = refused(&put(folder.path(), name, "<html>404 not found</html>\n"));
        assert_eq!(fault.code, Code::Damaged);
        assert!(fault.message.contains("holds text"), "{fault}");
    }
    let fault = refused(&put(folder.path(), "a.txt", "0.1 0.2 0.3\n"));
    assert_eq!(fault.code, Code::Unsupported);
    assert!(fault.message.contains("text file"), "{fault}");
}

#[test]
fn playlists_open_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let clip = Recipe::h264().make(folder.path());
    let list = format!("ffconcat version 1.0\nfile {}\n", clip.display());
    let list = put(folder.path(), "list.mp4", list);
    assert_eq!(refused(&list).code, Code::Damaged);
    let playlist = format!(
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:2,\nfile://{}\n#EXT-X-ENDLIST\n",
        clip.display()
    );
    let playlist = put(folder.path(), "list.m3u8", playlist);
    assert_eq!(refused(&playlist).code, Code::Unsupported);
}

#[test]
fn names_do_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let clip = Recipe::h264().make(folder.path());
    for name in ["clip.png", "clip", "clip.txt", "http:clip", "concat:a|b"] {
        let path = folder.path().join(name);
        fs::copy(&clip, &path).unwrap();
        assert_eq!(probe(&path).unwrap().form, MediaForm::Video, "{name}");
        let (_, got) = collect(&path, &Pick::Even(3), None).unwrap();
        assert_eq!(number(&got[1].picture), got[1].index);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn names_need_not_be_unicode() {
    use std::os::unix::ffi::OsStrExt;
    let folder = tempfile::tempdir().unwrap();
    let clip = Recipe::h264().make(folder.path());
    let path = folder
        .path()
        .join(std::ffi::OsStr::from_bytes(b"cl\xff\xfep.mp4"));
    fs::copy(&clip, &path).unwrap();
    assert_eq!(probe(&path).unwrap().frames, 60);
    let broken = path.with_extension("png");
    fs::write(&broken, "text").unwrap();
    assert_eq!(refused(&broken).code, Code::Damaged);
}

#[test]
fn truncated_clips_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let long = Recipe {
        frames: 150,
        ..Recipe::h264()
    };
    let webm = Recipe {
        encoder: "libvpx-vp9",
        ending: "webm",
        frames: 100,
        options: &[("deadline", "realtime"), ("cpu-used", "8")],
        ..Recipe::default()
    };
    for recipe in [
        long.clone(),
        Recipe {
            container: &[("movflags", "faststart")],
            ..long.clone()
        },
        Recipe {
            ending: "mkv",
            ..long
        },
        webm,
    ] {
        let path = recipe.make(folder.path());
        let whole = fs::read(&path).unwrap();
        for share in [0.1, 0.3, 0.6] {
            let kept = (whole.len() as f64 * share) as usize;
            fs::write(&path, &whole[..kept]).unwrap();
            let fault = collect(&path, &Pick::Even(5), None).unwrap_err();
            assert_eq!(fault.code, Code::Damaged, "{} {share}", recipe.ending);
            assert!(
                fault.message.contains("cut short"),
                "{} {share}: {fault}",
                recipe.ending
            );
        }
    }
}

#[test]
fn a_damaged_stretch_costs_its_frames_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = Recipe {
        frames: 120,
        gop: 20,
        ..Recipe::h264()
    }
    .make(folder.path());
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    for (i, byte) in bytes[middle..middle + 400].iter_mut().enumerate() {
        *byte = (i * 89) as u8;
    }
    fs::write(&path, bytes).unwrap();
    let (info, got) = collect(&path, &Pick::Even(24), None).unwrap();
    assert_eq!((info.frames, got.len()), (120, 24));
    assert_eq!(number(&got[0].picture), 0);
    assert_eq!(number(&got[23].picture), 119);
}

#[test]
fn sound_alone_is_probed() {
    let folder = tempfile::tempdir().unwrap();
    let mut wav = b"RIFF\x64\x3e\0\0WAVEfmt \x10\0\0\0\x01\0\x02\0".to_vec();
    wav.extend(8000_u32.to_le_bytes());
    wav.extend(32_000_u32.to_le_bytes());
    wav.extend([4, 0, 16, 0]);
    wav.extend(b"data");
    wav.extend(16_000_u32.to_le_bytes());
    wav.extend(vec![0; 16_000]);
    let path = put(folder.path(), "talk.bin", wav);
    let info = probe(&path).unwrap();
    assert_eq!(info.form, MediaForm::Audio);
    assert_eq!((info.width, info.height, info.frames), (0, 0, 0));
    assert_eq!(info.duration_s, Some(0.5));
    assert!(info.has_audio);
    let track = audio(&path).unwrap().unwrap();
    assert_eq!((track.sample_rate, track.channels), (8000, 2));
    assert_eq!(track.duration_s, Some(0.5));
    for fault in [
        collect(&path, &Pick::Even(3), None).unwrap_err(),
        poster(&path, 64).unwrap_err(),
        filmstrip(&path, 4, 32, None, &decoupage_shot::Silent).unwrap_err(),
    ] {
        assert_eq!(fault.code, Code::Unsupported);
        assert!(fault.message.contains("sound and no pictures"));
    }
}

#[cfg(unix)]
#[test]
fn what_may_not_be_read_is_called_denied() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = put(folder.path(), "locked.png", b"secret");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::File::open(&path).is_ok() {
        // The administrator reads everything: nothing is denied here.
        assert_eq!(probe(&path).unwrap_err().code, Code::Damaged);
    } else {
        assert_eq!(probe(&path).unwrap_err().code, Code::Denied);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn devices_are_not_read() {
    let fault = refused(Path::new("/dev/zero"));
    assert_eq!(fault.code, Code::Unsupported);
}

/// Beginnings of real files, to get past the first look.
fn beginnings() -> Vec<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let mut all = vec![Vec::new(), png_bomb(8, 8)];
    let small = Recipe {
        frames: 6,
        ..Recipe::h264()
    };
    let gif = Recipe {
        encoder: "gif",
        ending: "gif",
        pixel: Pixel::GRAY8,
        b_frames: 0,
        ticks: 100,
        ..small.clone()
    };
    let gif = Recipe {
        options: &[],
        ..gif
    };
    for recipe in [
        small.clone(),
        Recipe {
            ending: "mkv",
            ..small.clone()
        },
        Recipe {
            ending: "avi",
            ..small.clone()
        },
        Recipe {
            ending: "ts",
            ..small
        },
        gif,
    ] {
        all.push(fs::read(recipe.make(folder.path())).unwrap());
    }
    let picture = image::RgbImage::from_fn(20, 20, |x, y| image::Rgb([x as u8, y as u8, 7]));
    for format in [
        image::ImageFormat::Png,
        image::ImageFormat::Jpeg,
        image::ImageFormat::WebP,
        image::ImageFormat::Tiff,
        image::ImageFormat::Bmp,
    ] {
        let path = folder.path().join("picture");
        picture.save_with_format(&path, format).unwrap();
        all.push(fs::read(path).unwrap());
    }
    all
}

#[test]
fn arbitrary_bytes_never_panic() {
    let folder = tempfile::tempdir().unwrap();
    let beginnings = beginnings();
    let count = beginnings.len();
    let strategy = (
        0..count,
        0.0..1.0_f64,
        proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..24),
        proptest::collection::vec(any::<u8>(), 0..200),
    );
    let config = ProptestConfig {
        cases: 192,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let path = folder.path().join("bytes.mp4");
    proptest!(config, |((which, kept, changes, tail) in strategy)| {
        let mut bytes = beginnings[which].clone();
        if kept < 0.5 {
            bytes.truncate((bytes.len() as f64 * kept * 2.0) as usize);
        }
        for (at, value) in changes {
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
        }
        bytes.extend(tail);
        fs::write(&path, &bytes).unwrap();
        for fault in [
            probe(&path).err(),
            audio(&path).err(),
            collect(&path, &Pick::Even(4), Some(64)).err(),
        ]
        .into_iter()
        .flatten()
        {
            prop_assert!(fault.message.ends_with('.'), "{fault}");
            prop_assert_ne!(fault.code, Code::Internal, "{}", fault);
        }
    });
}
