//! What readings cost beside decoding, and how their cost grows with length:
//! `cargo bench -p decoupage-accuracy`.
//!
//! Every clip is made twice, the second time twice as long. Both are decoded alone (every frame
//! the reading looks at, at the size it looks at) and read, in turn, so that what else the
//! machine does meets all alike. One table row and one JSON line each.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark speaks to a terminal and stops where it cannot run"
)]

use std::path::{Path, PathBuf};
use std::time::Instant;

use decoupage_conditions::read;
use decoupage_media::{Pick, stills};
use decoupage_shot::{ConditionKind, ReadOptions, Silent};
use decoupage_stage::camera_files::CameraFormat;
use decoupage_stage::encode::{ClipStyle, Mp4};
use decoupage_stage::footage::{FilmMove, FilmShot, Footage, Join};
use decoupage_stage::sample;
use decoupage_stage::skeleton::SkeletonStyle;
use decoupage_stage::sounds::write_wav;
use image::RgbImage;

const ROUNDS: usize = 5;

/// A condition to read, short and twice as long.
struct Subject {
    name: &'static str,
    kind: ConditionKind,
    files: [PathBuf; 2],
    /// How many frames, poses or seconds each has.
    lengths: [usize; 2],
    /// The longest side that the reading decodes at; none where nothing is decoded.
    decoded_at: Option<u32>,
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    println!(
        "| reading | length | read, ms | decoding alone, ms | reading beyond decoding, of decoding | twice the length costs |\n\
         |---|---|---|---|---|---|"
    );
    for subject in [
        poses(folder),
        depths(folder),
        footage(folder),
        paths(folder),
        sounds(folder),
    ] {
        measure(&subject);
    }
}

fn measure(subject: &Subject) {
    let options = ReadOptions::default();
    let mut reads = [Vec::new(), Vec::new()];
    let mut decodes = [Vec::new(), Vec::new()];
    for round in 0..=ROUNDS {
        for (which, file) in subject.files.iter().enumerate() {
            let begun = Instant::now();
            read(file, subject.kind, &options, &Silent).unwrap();
            let reading_ms = begun.elapsed().as_secs_f64() * 1e3;
            let begun = Instant::now();
            if subject.decoded_at.is_some() {
                let every = Pick::All { most: 1800 };
                stills(file, &every, subject.decoded_at, None, &Silent, &mut |_| {
                    Ok(())
                })
                .unwrap();
            }
            let decoding_ms = begun.elapsed().as_secs_f64() * 1e3;
            // The first round warms the file cache.
            if round > 0 {
                reads[which].push(reading_ms);
                decodes[which].push(decoding_ms);
            }
        }
    }
    let [short, long] = reads.map(median);
    let [_, decoding] = decodes.map(median);
    let share = (subject.decoded_at.is_some()).then(|| (long - decoding) / decoding);
    let growth = long / short;
    let (name, length) = (subject.name, subject.lengths[1]);
    println!(
        "| {name} | {length} | {long:.1} | {} | {} | {growth:.2} |",
        share.map_or("–".to_owned(), |_| format!("{decoding:.1}")),
        share.map_or("–".to_owned(), |share| format!("{share:.2}")),
    );
    println!(
        "{{\"bench\":\"reading\",\"of\":\"{name}\",\"length\":{length},\"rounds\":{ROUNDS},\
         \"read_ms\":{long:.2},\"decode_ms\":{},\"growth\":{growth:.3}}}",
        share.map_or("null".to_owned(), |_| format!("{decoding:.2}")),
    );
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Frames of a clip, repeated until there are enough of them.
fn clip(path: &Path, frames: &[RgbImage], count: usize) {
    let (width, height) = frames[0].dimensions();
    let mut file = Mp4::create(path, width, height, ClipStyle::fps(30)).unwrap();
    for number in 0..count {
        file.add(&frames[number % frames.len()]).unwrap();
    }
    file.finish().unwrap();
}

fn clips(folder: &Path, name: &str, frames: &[RgbImage], count: usize) -> [PathBuf; 2] {
    [1, 2].map(|times| {
        let path = folder.join(format!("{name}-{times}.mp4"));
        clip(&path, frames, count * times);
        path
    })
}

fn poses(folder: &Path) -> Subject {
    let frames: Vec<RgbImage> = sample::pose().drawn(SkeletonStyle::default()).collect();
    Subject {
        name: "rendered pose clip, frames",
        kind: ConditionKind::Pose,
        files: clips(folder, "pose", &frames, 120),
        lengths: [120, 240],
        decoded_at: Some(1280),
    }
}

fn depths(folder: &Path) -> Subject {
    let frames = decoupage_stage::depth_files::pictures(
        &sample::depths(),
        decoupage_stage::depth_files::DepthLook::NearBright,
    );
    Subject {
        name: "depth clip, frames",
        kind: ConditionKind::Depth,
        files: clips(folder, "depth", &frames, 120),
        lengths: [120, 240],
        decoded_at: Some(512),
    }
}

fn footage(folder: &Path) -> Subject {
    let film = Footage {
        width: 640,
        height: 360,
        fps: 30.0,
        shots: vec![(
            Join::Cut,
            FilmShot::still(3, 4.0).moving(FilmMove::PanRight, 0.4, 0.5, 3.5),
        )],
        grain: 0.0,
        seed: 3,
    };
    let frames: Vec<RgbImage> = film.frames().collect();
    Subject {
        name: "reference video, frames",
        kind: ConditionKind::ReferenceVideo,
        files: clips(folder, "film", &frames, 120),
        lengths: [120, 240],
        decoded_at: Some(160),
    }
}

fn paths(folder: &Path) -> Subject {
    let lengths = [10_000, 20_000];
    let files = lengths.map(|poses| {
        let path = folder.join(format!("path-{poses}.txt"));
        let mut script = sample::camera();
        script.shake = None;
        // As long as it takes at 30 poses a second: the same moves over and over.
        let times = (poses as f64 / 30.0 / script.duration_s()).ceil() as usize;
        let once = script.segments.clone();
        script.segments = std::iter::repeat_n(once, times).flatten().collect();
        let track = script.sample(30.0, 16.0 / 9.0);
        CameraFormat::RealEstate10k.write(&track, &path).unwrap();
        path
    });
    Subject {
        name: "camera path, poses",
        kind: ConditionKind::Camera,
        files,
        lengths,
        decoded_at: None,
    }
}

fn sounds(folder: &Path) -> Subject {
    const RATE: u32 = 48_000;
    let lengths = [30, 60];
    let files = lengths.map(|seconds| {
        let path = folder.join(format!("sound-{seconds}.wav"));
        let samples: Vec<f32> = (0..seconds * RATE as usize)
            .map(|number| {
                let time = number as f32 / RATE as f32;
                let beat = (-(time % 0.5) * 9.0).exp();
                0.4 * beat * (time * 2.0 * std::f32::consts::PI * 220.0).sin()
            })
            .collect();
        write_wav(&path, RATE, &[&samples]).unwrap();
        path
    });
    Subject {
        name: "sound, seconds",
        kind: ConditionKind::Audio,
        files,
        lengths,
        decoded_at: None,
    }
}
