use decoupage_shot::{Cancel, Code, Fault, Phase, Watch};
use ffmpeg_next::format::Pixel;
use proptest::prelude::*;
use std::path::Path;
use std::sync::Mutex;

use super::clips::{Recipe, number};
use super::collect;
use crate::{MediaForm, Pick, Still, audio, pass, picture, probe, source, stills, video};

/// Every frame comes once, with its own pixels and time.
fn every_frame(recipe: &Recipe) -> Vec<Still> {
    let folder = tempfile::tempdir().unwrap();
    let path = recipe.make(folder.path());
    let (info, got) = collect(&path, &Pick::All { most: 10_000 }, None).unwrap();
    assert_eq!(info.frames, u64::from(recipe.frames));
    assert_eq!(probe(&path).unwrap().frames, u64::from(recipe.frames));
    assert_eq!(got.len(), recipe.frames as usize);
    for (i, (still, time_s)) in got.iter().zip(recipe.times_s()).enumerate() {
        assert_eq!(still.index, i as u64);
        assert_eq!(number(&still.picture), i as u64, "frame {i}");
        assert!(
            (still.time_s - time_s).abs() < 0.0015,
            "frame {i} at {} instead of {time_s}",
            still.time_s
        );
    }
    picks_agree(&path, recipe);
    got
}

/// Sparse picks show the frames they name, whether packets are surveyed or not.
fn picks_agree(path: &Path, recipe: &Recipe) {
    for survey in [true, false] {
        for pick in [
            Pick::Even(2),
            Pick::Even(7),
            Pick::Times(vec![recipe.times_s()[recipe.frames as usize / 2]]),
            Pick::All { most: 11 },
        ] {
            let mut got = Vec::new();
            clip_stills(path, survey, &pick, &mut |s| {
                got.push(s);
                Ok(())
            });
            assert!(!got.is_empty());
            for still in got {
                let shown = number(&still.picture);
                if survey || recipe.times.is_none() {
                    assert_eq!(shown, still.index, "{pick:?}, surveyed: {survey}");
                } else {
                    // Uneven times in large files: the number is near, the time is exact.
                    assert!(shown.abs_diff(still.index) <= 3);
                    let time_s = recipe.times_s()[shown as usize];
                    assert!((still.time_s - time_s).abs() < 0.002);
                }
            }
        }
    }
}

fn clip_stills(
    path: &Path,
    survey: bool,
    pick: &Pick,
    each: &mut dyn FnMut(Still) -> decoupage_shot::Outcome<()>,
) {
    let (file, _) = source::open(path).unwrap();
    let video::Opened::Clip(mut clip) = video::open(file, path).unwrap() else {
        panic!("no video in {}", path.display());
    };
    // Without a length or an index there is nothing to estimate from.
    clip.survey = survey || clip.info.frames == 0;
    pass::stills(*clip, path, pick, None, &decoupage_shot::Silent, each).unwrap();
}

#[test]
fn h264_with_b_frames() {
    let got = every_frame(&Recipe::h264());
    assert_eq!(got[0].picture.width(), 160);
    assert_eq!(got[0].picture.color(), image::ColorType::Rgb8);
}

#[test]
fn h264_with_few_keyframes_and_many_frames() {
    every_frame(&Recipe {
        frames: 300,
        gop: 150,
        ..Recipe::h264()
    });
}

#[test]
fn h264_with_pyramids_and_open_groups() {
    every_frame(&Recipe {
        frames: 130,
        options: &[
            ("preset", "ultrafast"),
            (
                "x264-params",
                "b-adapt=0:bframes=5:b-pyramid=normal:open-gop=1:scenecut=0",
            ),
        ],
        ..Recipe::h264()
    });
}

#[test]
fn hevc_with_open_groups() {
    every_frame(&Recipe {
        encoder: "libx265",
        frames: 75,
        options: &[
            ("preset", "ultrafast"),
            (
                "x265-params",
                "log-level=none:bframes=4:open-gop=1:keyint=24",
            ),
        ],
        ..Recipe::default()
    });
}

#[test]
fn hevc_ten_bit_keeps_its_depth() {
    let got = every_frame(&Recipe {
        encoder: "libx265",
        pixel: Pixel::YUV420P10LE,
        frames: 12,
        options: &[("preset", "ultrafast"), ("x265-params", "log-level=none")],
        ..Recipe::default()
    });
    assert_eq!(got[0].picture.color(), image::ColorType::Rgb16);
}

#[test]
fn vp9_in_webm_with_odd_sides() {
    let recipe = Recipe {
        encoder: "libvpx-vp9",
        ending: "webm",
        width: 161,
        height: 95,
        options: &[("deadline", "realtime"), ("cpu-used", "8")],
        ..Recipe::default()
    };
    let got = every_frame(&recipe);
    assert_eq!((got[0].picture.width(), got[0].picture.height()), (161, 95));
}

#[test]
fn vp9_with_hidden_reference_frames() {
    every_frame(&Recipe {
        encoder: "libvpx-vp9",
        ending: "webm",
        frames: 50,
        options: &[
            ("deadline", "good"),
            ("cpu-used", "5"),
            ("auto-alt-ref", "1"),
            ("lag-in-frames", "16"),
        ],
        ..Recipe::default()
    });
}

#[test]
fn prores_keeps_ten_bits() {
    let got = every_frame(&Recipe {
        encoder: "prores_ks",
        ending: "mov",
        pixel: Pixel::YUV422P10LE,
        frames: 30,
        b_frames: 0,
        ..Recipe::default()
    });
    assert_eq!(got[0].picture.color(), image::ColorType::Rgb16);
}

#[test]
fn prores_4444_keeps_transparency() {
    let got = every_frame(&Recipe {
        encoder: "prores_ks",
        ending: "mov",
        pixel: Pixel::YUVA444P10LE,
        frames: 4,
        b_frames: 0,
        options: &[("profile", "4444"), ("alpha_bits", "16")],
        ..Recipe::default()
    });
    let picture = got[0].picture.to_rgba16();
    assert_eq!(got[0].picture.color(), image::ColorType::Rgba16);
    assert!(picture.get_pixel(80, 10).0[3] > 65_000);
    assert!(picture.get_pixel(80, 85).0[3] < 500);
}

#[test]
fn gif_is_a_clip() {
    every_frame(&Recipe {
        encoder: "gif",
        ending: "gif",
        pixel: Pixel::GRAY8,
        frames: 20,
        b_frames: 0,
        ticks: 100,
        ..Recipe::default()
    });
}

#[test]
fn sixteen_bit_grey_stays_so() {
    let got = every_frame(&Recipe {
        encoder: "ffv1",
        ending: "mkv",
        pixel: Pixel::GRAY16LE,
        frames: 8,
        b_frames: 0,
        ..Recipe::default()
    });
    assert_eq!(got[0].picture.color(), image::ColorType::L16);
    assert_eq!(got[1].picture.to_luma16().get_pixel(5, 5).0[0], 210 << 8);
}

#[test]
fn older_codecs_and_containers() {
    for (encoder, ending, b_frames) in [
        ("mpeg2video", "ts", 2),
        ("mpeg4", "avi", 2),
        ("mjpeg", "avi", 0),
        ("libx264", "mkv", 3),
        ("libx264", "ts", 3),
        ("libx264", "avi", 3),
        ("libx264", "h264", 3),
        ("libvpx", "webm", 0),
    ] {
        let options: &[(&str, &str)] = match encoder {
            "libx264" => Recipe::h264().options,
            "libvpx" => &[("deadline", "realtime"), ("cpu-used", "8")],
            _ => &[("b", "2000000")],
        };
        let pixel = if encoder == "mjpeg" {
            Pixel::YUVJ420P
        } else {
            Pixel::YUV420P
        };
        eprintln!("{encoder} in {ending}");
        every_frame(&Recipe {
            encoder,
            ending,
            pixel,
            b_frames,
            options,
            ..Recipe::default()
        });
    }
}

#[test]
fn uneven_times_are_kept() {
    let mut times = Vec::new();
    let mut tick = 0;
    for i in 0..50_i64 {
        times.push(tick);
        tick += 20 + (i * i * 37) % 90;
    }
    let recipe = Recipe {
        ticks: 1000,
        frames: 50,
        times: Some(times.clone()),
        ..Recipe::h264()
    };
    every_frame(&recipe);
    let folder = tempfile::tempdir().unwrap();
    let path = recipe.make(folder.path());
    // Just before each frame's time the one before it is still shown.
    let before: Vec<f64> = times[1..].iter().map(|&t| t as f64 / 1e3 - 0.005).collect();
    let (_, got) = collect(&path, &Pick::Times(before), None).unwrap();
    for (i, still) in got.iter().enumerate() {
        assert_eq!((still.index, number(&still.picture)), (i as u64, i as u64));
    }
}

#[test]
fn rotation_is_applied() {
    type Back = fn(&image::DynamicImage) -> image::DynamicImage;
    let cases: [([i32; 4], Back); 5] = [
        // As telephones held upright write it: a quarter turn clockwise.
        ([0, 1, -1, 0], image::DynamicImage::rotate270),
        ([-1, 0, 0, -1], image::DynamicImage::rotate180),
        ([0, -1, 1, 0], image::DynamicImage::rotate90),
        ([-1, 0, 0, 1], image::DynamicImage::fliph),
        ([1, 0, 0, -1], image::DynamicImage::flipv),
    ];
    for (turn, turned_back) in cases {
        let recipe = Recipe {
            turn: Some(turn),
            frames: 6,
            ..Recipe::h264()
        };
        let folder = tempfile::tempdir().unwrap();
        let path = recipe.make(folder.path());
        let info = probe(&path).unwrap();
        let sides = if turn[0] == 0 { (96, 160) } else { (160, 96) };
        assert_eq!((info.width, info.height), sides);
        let (_, got) = collect(&path, &Pick::Even(6), None).unwrap();
        for (i, still) in got.iter().enumerate() {
            assert_eq!((still.picture.width(), still.picture.height()), sides);
            assert_eq!(number(&turned_back(&still.picture)), i as u64, "{turn:?}");
        }
    }
}

#[test]
fn pixels_come_out_square() {
    let recipe = Recipe {
        aspect: Some((3, 2)),
        frames: 5,
        ..Recipe::h264()
    };
    let folder = tempfile::tempdir().unwrap();
    let path = recipe.make(folder.path());
    let info = probe(&path).unwrap();
    assert_eq!((info.width, info.height), (240, 96));
    let (_, got) = collect(&path, &Pick::Even(5), Some(120)).unwrap();
    for (i, still) in got.iter().enumerate() {
        assert_eq!((still.picture.width(), still.picture.height()), (120, 48));
        assert_eq!(number(&still.picture), i as u64);
    }
}

#[test]
fn sound_is_noticed() {
    let recipe = Recipe {
        sound: true,
        frames: 25,
        ..Recipe::h264()
    };
    let folder = tempfile::tempdir().unwrap();
    let path = recipe.make(folder.path());
    let info = probe(&path).unwrap();
    assert!(info.has_audio);
    assert_eq!(info.form, MediaForm::Video);
    assert_eq!(info.codec, "h264");
    assert_eq!(info.frames, 25);
    assert!((info.fps.unwrap() - 25.0).abs() < 0.01);
    assert!((info.duration_s.unwrap() - 1.0).abs() < 0.05);
    let track = audio(&path).unwrap().unwrap();
    assert_eq!((track.sample_rate, track.channels), (8000, 1));
    assert_eq!(track.codec, "aac");
    let silent = Recipe::h264().make(folder.path());
    assert!(!probe(&silent).unwrap().has_audio);
    assert_eq!(audio(&silent).unwrap(), None);
}

#[test]
fn stills_shrink_and_never_grow() {
    let folder = tempfile::tempdir().unwrap();
    let path = Recipe::h264().make(folder.path());
    for (longest, sides) in [(80, (80, 48)), (4000, (160, 96))] {
        let (info, got) = collect(&path, &Pick::Even(3), Some(longest)).unwrap();
        assert_eq!((info.width, info.height), (160, 96));
        for still in got {
            assert_eq!((still.picture.width(), still.picture.height()), sides);
        }
    }
}

#[test]
fn a_decoded_frame_shrunk_matches_its_full_size() {
    let folder = tempfile::tempdir().unwrap();
    let path = Recipe::h264().make(folder.path());
    let (_, full) = collect(&path, &Pick::Even(4), None).unwrap();
    let (_, small) = collect(&path, &Pick::Even(4), Some(80)).unwrap();
    for (full, small) in full.into_iter().zip(small) {
        let full = picture::shrink(full.picture, Some(80)).to_rgb8();
        let small = small.picture.to_rgb8();
        let apart: u64 = full
            .as_raw()
            .iter()
            .zip(small.as_raw())
            .map(|(a, b)| u64::from(a.abs_diff(*b)))
            .sum();
        assert!(apart / (full.as_raw().len() as u64) < 4);
    }
}

/// Remembers what it hears and cancels after a number of reports.
struct Listening {
    heard: Mutex<Vec<(u64, u64)>>,
    most: usize,
}

impl Watch for Listening {
    fn report(&self, phase: Phase, done: u64, total: u64) {
        assert_eq!(phase, Phase::Decoding);
        self.heard.lock().unwrap().push((done, total));
    }
    fn cancelled(&self) -> bool {
        self.heard.lock().unwrap().len() > self.most
    }
}

#[test]
fn progress_is_told_and_cancelling_stops() {
    let folder = tempfile::tempdir().unwrap();
    let path = Recipe::h264().make(folder.path());
    let watch = Listening {
        heard: Mutex::default(),
        most: usize::MAX,
    };
    stills(&path, &Pick::Even(9), None, None, &watch, &mut |_| Ok(())).unwrap();
    let heard = watch.heard.into_inner().unwrap();
    assert!(heard.windows(2).all(|w| w[0].0 <= w[1].0));
    assert_eq!(heard.last(), Some(&(9, 9)));

    let watch = Listening {
        heard: Mutex::default(),
        most: 3,
    };
    let mut got = 0;
    let fault = stills(&path, &Pick::Even(9), None, None, &watch, &mut |_| {
        got += 1;
        Ok(())
    })
    .unwrap_err();
    assert_eq!(fault.code, Code::Cancelled);
    assert!(got < 9);

    let cancel = Cancel::default();
    cancel.raise();
    let fault = stills(&path, &Pick::Even(9), None, None, &cancel, &mut |_| Ok(())).unwrap_err();
    assert_eq!(fault.code, Code::Cancelled);
}

#[test]
fn what_the_receiver_returns_ends_the_pass() {
    let folder = tempfile::tempdir().unwrap();
    let path = Recipe::h264().make(folder.path());
    let mut got = 0;
    let fault = stills(
        &path,
        &Pick::Even(9),
        None,
        None,
        &decoupage_shot::Silent,
        &mut |_| {
            got += 1;
            Err(Fault::new(Code::DiskFull, "The disk is full."))
        },
    )
    .unwrap_err();
    assert_eq!((fault.code, got), (Code::DiskFull, 1));
}

#[test]
fn any_times_show_the_frame_of_that_time() {
    let folder = tempfile::tempdir().unwrap();
    let recipe = Recipe {
        frames: 150,
        gop: 25,
        ..Recipe::h264()
    };
    let path = recipe.make(folder.path());
    let strategy = proptest::collection::vec(-1.0..8.0_f64, 0..12);
    let config = ProptestConfig {
        cases: 24,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(mut times in strategy)| {
        times.sort_by(f64::total_cmp);
        for survey in [true, false] {
            let mut got = Vec::new();
            clip_stills(&path, survey, &Pick::Times(times.clone()), &mut |s| {
                got.push((s.index, number(&s.picture)));
                Ok(())
            });
            let wanted: Vec<_> = times
                .iter()
                .map(|t| (((t + 0.001) * 25.0).floor().clamp(0.0, 149.0)) as u64)
                .map(|i| (i, i))
                .collect();
            prop_assert_eq!(&got, &wanted, "surveyed: {}", survey);
        }
    });
}

#[test]
fn jumps_land_on_the_keyframe_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    for ending in ["mp4", "mkv"] {
        let recipe = Recipe {
            ending,
            frames: 300,
            gop: 50,
            ..Recipe::h264()
        };
        let path = recipe.make(folder.path());
        let (file, _) = source::open(&path).unwrap();
        let video::Opened::Clip(mut clip) = video::open(file, &path).unwrap() else {
            panic!("no video");
        };
        let timeline = crate::timeline::Timeline::of(&mut clip, &path, &decoupage_shot::Silent);
        let timeline = timeline.unwrap();
        let mut clip = clip.rewound(&path).unwrap();
        assert_eq!(timeline.keys().len(), 6);
        let mut packet = ffmpeg_next::Packet::empty();
        for key in timeline.keys() {
            assert!(crate::raw::seek(&mut clip.input, clip.stream, key.seek));
            packet.read(&mut clip.input).unwrap();
            assert_eq!(packet.pts(), Some(key.pts), "{ending}");
        }
    }
}
