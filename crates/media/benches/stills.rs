//! 32 evenly spaced frames out of a clip, at 448 × 252, against the `ffmpeg` command line:
//! `cargo bench -p decoupage-media`. Makes its clips in a temporary folder, runs both ways in
//! turn so that what else the machine does meets both alike, and prints one JSON line and one
//! table row per clip. `-- --long` adds a clip of 120 seconds.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark speaks to a terminal and stops where it cannot run"
)]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use decoupage_media::{Pick, stills};
use decoupage_shot::Silent;

const FRAMES: usize = 32;
const ROUNDS: usize = 9;
const WIDTH: u32 = 448;
const HEIGHT: u32 = 252;

fn main() {
    if Command::new("ffmpeg").arg("-version").output().is_err() {
        eprintln!("The ffmpeg command line is not installed: there is nothing to compare with.");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    println!("| clip | here, ms | ffmpeg, ms | ratio |\n|---|---|---|---|");
    measure(folder.path(), 10);
    if std::env::args().any(|a| a == "--long") {
        measure(folder.path(), 120);
    }
}

/// A 720p clip with B-frames and a keyframe every 250 frames.
fn clip(folder: &Path, seconds: u32) -> std::path::PathBuf {
    let path = folder.join(format!("clip{seconds}.mp4"));
    let done = Command::new("ffmpeg")
        .args(["-v", "error", "-f", "lavfi", "-i"])
        .arg(format!(
            "testsrc2=size=1280x720:rate=30:duration={seconds},noise=alls=6:allf=t"
        ))
        .args([
            "-c:v", "libx264", "-preset", "medium", "-pix_fmt", "yuv420p",
        ])
        .args(["-b:v", "3M", "-g", "250", "-bf", "3", "-sc_threshold", "0"])
        .arg(&path)
        .status()
        .unwrap();
    assert!(done.success());
    path
}

fn measure(folder: &Path, seconds: u32) {
    let path = clip(folder, seconds);
    let total = u64::from(seconds) * 30;
    // The same frames that an even pick means, rounded to the nearest.
    let wanted: Vec<String> = (0..FRAMES as u64)
        .map(|i| (2 * i * (total - 1) + FRAMES as u64 - 1) / (2 * (FRAMES as u64 - 1)))
        .map(|n| format!("eq(n\\,{n})"))
        .collect();
    let filter = format!(
        "select='{}',scale={WIDTH}:{HEIGHT},format=rgb24",
        wanted.join("+")
    );
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let start = Instant::now();
        let mut got = 0;
        stills(
            &path,
            &Pick::Even(FRAMES),
            Some(WIDTH),
            None,
            &Silent,
            &mut |still| {
                assert_eq!(
                    (still.picture.width(), still.picture.height()),
                    (WIDTH, HEIGHT)
                );
                got += 1;
                Ok(())
            },
        )
        .unwrap();
        assert_eq!(got, FRAMES);
        let here = start.elapsed();
        let start = Instant::now();
        let output = Command::new("ffmpeg")
            .args(["-v", "error", "-nostdin", "-i"])
            .arg(&path)
            .args(["-vf", &filter, "-vsync", "passthrough"])
            .args(["-f", "rawvideo", "-"])
            .stderr(Stdio::inherit())
            .output()
            .unwrap();
        let there = start.elapsed();
        assert_eq!(output.stdout.len(), FRAMES * (WIDTH * HEIGHT * 3) as usize);
        // The first round warms the file cache.
        if round > 0 {
            ours.push(here.as_secs_f64() * 1e3);
            theirs.push(there.as_secs_f64() * 1e3);
        }
    }
    let (ours, theirs) = (median(ours), median(theirs));
    let ratio = ours / theirs;
    println!("| {seconds} s, 720p | {ours:.0} | {theirs:.0} | {ratio:.2} |");
    println!(
        "{{\"bench\":\"stills\",\"clip_s\":{seconds},\"frames\":{FRAMES},\"rounds\":{ROUNDS},\
         \"decoupage_ms\":{ours:.1},\"ffmpeg_ms\":{theirs:.1},\"ratio\":{ratio:.3}}}"
    );
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
