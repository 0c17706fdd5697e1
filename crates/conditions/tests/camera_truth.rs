//! Camera readings against paths whose every move is known.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use decoupage_conditions::camera::{self, CameraReading, Move, MoveUnit, Steadiness};
use decoupage_shot::{ReadOptions, Silent};
use decoupage_stage::camera::{CameraTrack, MoveTruth, Unit};
use decoupage_stage::camera_files::CameraFormat;
use decoupage_stage::cases::{CameraCase, camera_cases};

/// How the case's file is opened: formats without times are told the rate, files with several
/// cameras which one.
fn options(case: &CameraCase, format: CameraFormat) -> ReadOptions {
    ReadOptions {
        fps: (!format.has_times()).then_some(case.fps),
        camera: (format == CameraFormat::ReCamMaster).then(|| "cam01".to_owned()),
        ..ReadOptions::default()
    }
}

/// A move's key in JSON.
fn key(one: &Move) -> String {
    let value = serde_json::to_value(one.kind).unwrap();
    value.as_str().unwrap().to_owned()
}

fn told(reading: &CameraReading) -> String {
    reading
        .moves
        .iter()
        .map(|one| {
            format!(
                "{} {:.2}–{:.2} s {:.2} {:?}",
                key(one),
                one.start_s,
                one.end_s,
                one.amount,
                one.unit
            )
        })
        .collect::<Vec<_>>()
        .join(", ")
}

/// The largest distance between two camera centres.
fn extent(track: &CameraTrack) -> f64 {
    let centres: Vec<_> = track.poses.iter().map(|pose| pose.centre).collect();
    let mut largest = 0.0f64;
    for (index, a) in centres.iter().enumerate() {
        for b in &centres[index + 1..] {
            largest = largest.max((*a - *b).length());
        }
    }
    largest
}

/// What is wrong with a reading of a case, one line a fault.
fn faults(case: &CameraCase, reading: &CameraReading, time_slack_s: f64) -> Vec<String> {
    let mut faults = Vec::new();
    let extent = extent(&case.track());
    for want in &case.truth {
        let found = reading
            .moves
            .iter()
            .find(|one| key(one) == want.kind.key() && overlap(one, want) > 0.5);
        let Some(found) = found else {
            faults.push(format!(
                "no {} from {:.2} to {:.2} s",
                want.kind.key(),
                want.start_s,
                want.end_s
            ));
            continue;
        };
        for (edge, got, expected) in [
            ("starts", found.start_s, want.start_s),
            ("ends", found.end_s, want.end_s),
        ] {
            if (got - expected).abs() > time_slack_s {
                faults.push(format!(
                    "{} {edge} at {got:.2} s, not {expected:.2}",
                    want.kind.key()
                ));
            }
        }
        // An arc, crane or dolly zoom may be counted in another way than the script does.
        let expected = match (want.kind.unit(), found.unit) {
            (Unit::Degrees, MoveUnit::Deg) | (Unit::Factor, MoveUnit::Factor) => want.amount,
            (Unit::Metres, MoveUnit::Share) => want.amount * case.scale / extent,
            (Unit::Metres, MoveUnit::M) => want.amount * case.scale,
            (Unit::Seconds, MoveUnit::S) => want.end_s - want.start_s,
            _ => continue,
        };
        let slack = match found.unit {
            MoveUnit::Deg => 1.0 + 0.06 * expected,
            MoveUnit::S => 2.0 * time_slack_s,
            _ => 0.08 * expected,
        };
        if (found.amount - expected).abs() > slack {
            faults.push(format!(
                "{} by {:.2} {:?}, not {expected:.2}",
                want.kind.key(),
                found.amount,
                found.unit
            ));
        }
    }
    for one in &reading.moves {
        let known = case
            .truth
            .iter()
            .any(|want| key(one) == want.kind.key() && overlap(one, want) > 0.0);
        if !known {
            faults.push(format!("there is no {}", key(one)));
        }
    }
    faults
}

/// Shared time over the time of the true move.
fn overlap(one: &Move, want: &MoveTruth) -> f64 {
    let shared = one.end_s.min(want.end_s) - one.start_s.max(want.start_s);
    (shared / (want.end_s - want.start_s)).max(0.0)
}

/// Reads every case that `pick` chooses in a format and fails with all faults together.
fn check(format: CameraFormat, seed: u64, pick: impl Fn(&CameraCase) -> bool) {
    let folder = tempfile::tempdir().unwrap();
    let mut all = Vec::new();
    let mut read = 0;
    for case in camera_cases(seed) {
        if !pick(&case) || !case.told_by(format) {
            continue;
        }
        read += 1;
        let path = case.write(format, folder.path()).unwrap();
        let slack = (2.0 / case.fps).max(0.2);
        match camera::read(&path, &options(&case, format), &Silent) {
            Err(fault) => all.push(format!("{}: {fault}", case.name)),
            Ok(reading) => {
                let faults = faults(&case, &reading, slack);
                if !faults.is_empty() {
                    let told = told(&reading);
                    all.push(format!(
                        "{}: {}\n    [{told}]",
                        case.name,
                        faults.join("; ")
                    ));
                }
            }
        }
    }
    assert!(read > 0);
    assert!(
        all.is_empty(),
        "{} of {read} cases are read wrongly from {format:?}:\n{}",
        all.len(),
        all.join("\n")
    );
}

fn is_plain(case: &CameraCase) -> bool {
    !is_pair(case) && !is_sequence(case) && !is_shaken(case)
}

fn is_pair(case: &CameraCase) -> bool {
    case.name.contains("_with_")
}

fn is_sequence(case: &CameraCase) -> bool {
    (case.truth.len() > 1 && !is_pair(case)) && !is_shaken(case)
}

fn is_shaken(case: &CameraCase) -> bool {
    case.script.shake.is_some()
}

#[test]
fn every_move_alone_is_named_timed_and_measured() {
    for seed in [1, 2] {
        check(CameraFormat::RealEstate10k, seed, is_plain);
    }
}

#[test]
fn two_moves_at_once_are_both_named() {
    for seed in [1, 2] {
        check(CameraFormat::RealEstate10k, seed, is_pair);
    }
}

#[test]
fn moves_one_after_the_other_are_told_apart() {
    for seed in [1, 2] {
        check(CameraFormat::RealEstate10k, seed, is_sequence);
    }
}

#[test]
fn moves_of_a_hand_held_camera_are_found_and_the_hand_is_felt() {
    let folder = tempfile::tempdir().unwrap();
    let format = CameraFormat::RealEstate10k;
    for case in camera_cases(1).iter().filter(|case| is_shaken(case)) {
        let path = case.write(format, folder.path()).unwrap();
        let reading = camera::read(&path, &options(case, format), &Silent).unwrap();
        let hand_held = case.name.contains("handheld");
        let steadiness = reading.steadiness;
        if hand_held {
            assert!(
                matches!(steadiness, Steadiness::Unsteady | Steadiness::VeryUnsteady),
                "{}: {steadiness:?}",
                case.name
            );
        } else {
            assert!(
                matches!(steadiness, Steadiness::Steady | Steadiness::MinimalShake),
                "{}: {steadiness:?}",
                case.name
            );
        }
        let named: Vec<String> = reading.moves.iter().map(key).collect();
        let want = case.truth[0].kind.key();
        assert_eq!(named, [want], "{}: [{}]", case.name, told(&reading));
    }
}

#[test]
fn a_smooth_camera_is_called_steady_and_a_resting_one_static() {
    let folder = tempfile::tempdir().unwrap();
    let format = CameraFormat::RealEstate10k;
    for case in camera_cases(1).iter().filter(|case| is_plain(case)) {
        let path = case.write(format, folder.path()).unwrap();
        let reading = camera::read(&path, &options(case, format), &Silent).unwrap();
        let want = if case.name == "static" {
            Steadiness::Static
        } else {
            Steadiness::Steady
        };
        assert_eq!(reading.steadiness, want, "{}", case.name);
    }
}

#[test]
fn every_format_gives_the_same_path() {
    let folder = tempfile::tempdir().unwrap();
    let cases = camera_cases(3);
    let names = [
        "arc_ccw",
        "truck_right_with_pan_right",
        "crane_up",
        "roll_cw",
        "pan_left_then_dolly_in",
    ];
    for case in cases
        .iter()
        .filter(|case| names.contains(&case.name.as_str()))
    {
        let track = case.track();
        for format in CameraFormat::ALL {
            // Animations are sampled at a rate of their own, not frame by frame.
            if format == CameraFormat::Gltf {
                continue;
            }
            let path = case.write(format, folder.path()).unwrap();
            let loaded = camera::load(&path, &options(case, format), &Silent)
                .unwrap_or_else(|fault| panic!("{} as {format:?}: {fault}", case.name));
            assert_eq!(loaded.poses.len(), track.poses.len(), "{format:?}");
            for (frame, pose) in loaded.poses.iter().enumerate() {
                let (rotation, centre) = track.relative(frame).unwrap();
                let turned = (pose.world_from_camera - rotation)
                    .to_cols_array()
                    .iter()
                    .fold(0.0f64, |most, entry| most.max(entry.abs()));
                let moved = (pose.centre - centre).length();
                // Text holds six digits or more; .chan and ReCamMaster hold the fewest.
                assert!(
                    turned < 1e-4 && moved < 1e-4,
                    "{} as {format:?}, frame {frame}: turned {turned:.5}, moved {moved:.5}",
                    case.name
                );
                let want = frame as f64 / case.fps;
                // VideoX-Fun's file stores its times as zeros.
                assert!(
                    (pose.time_s - want).abs() < 1e-3,
                    "{} as {format:?}, frame {frame} at {:.3} s, not {want:.3}",
                    case.name,
                    pose.time_s
                );
            }
        }
    }
}

#[test]
fn every_format_tells_the_same_moves() {
    for format in CameraFormat::ALL {
        check(format, 4, |case| is_plain(case) || is_sequence(case));
    }
}
