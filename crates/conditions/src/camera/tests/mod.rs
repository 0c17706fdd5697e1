//! Ground truth: scripts of known moves, written in every format and read back.

mod corrections;
mod geometry;

use decoupage_shot::{ReadOptions, Silent};
use decoupage_stage::camera::{self as stage, CameraScript, Ease, Segment, Shake};
use glam::DMat3;

use super::moves::{self, Motion};
use super::{CameraPath, CameraPose, Intrinsics, Move, MoveKind, MoveUnit, Steadiness};

/// The canonical path of a sampled script.
fn path(track: &stage::CameraTrack) -> CameraPath {
    CameraPath {
        poses: (0..track.poses.len())
            .map(|frame| {
                let (world_from_camera, centre) = track.relative(frame).unwrap();
                let pose = track.poses[frame];
                CameraPose {
                    time_s: pose.time_s,
                    world_from_camera,
                    centre,
                    intrinsics: Some(Intrinsics {
                        fx: pose.focal,
                        fy: pose.focal * track.aspect,
                        cx: 0.5,
                        cy: 0.5,
                    }),
                }
            })
            .collect(),
        metric: false,
    }
}

fn motion(script: &CameraScript, fps: f64, scale: f64) -> Motion {
    moves::find(&path(&script.sample(fps, 16.0 / 9.0).scaled(scale)))
}

/// The reading of a script's file.
fn reading_of(script: &CameraScript, fps: f64) -> super::CameraReading {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("path.txt");
    decoupage_stage::camera_files::CameraFormat::RealEstate10k
        .write(&script.sample(fps, 16.0 / 9.0), &file)
        .unwrap();
    super::read(&file, &ReadOptions::default(), &Silent).unwrap()
}

fn key(kind: MoveKind) -> String {
    serde_json::to_value(kind)
        .unwrap()
        .as_str()
        .unwrap()
        .to_owned()
}

fn amount(kind: stage::MoveKind) -> f64 {
    match kind.unit() {
        stage::Unit::Degrees => 24.0,
        stage::Unit::Metres => 1.5,
        stage::Unit::Factor => 1.6,
        stage::Unit::Seconds => 2.0,
    }
}

/// Checks moves against the script's own truth: kinds, boundaries within 0.15 s or a frame,
/// amounts within 5 %.
#[track_caller]
fn check(script: &CameraScript, motion: &Motion, fps: f64, slack: f64) {
    let told = format!("{:#?}\n{:?}", motion.moves, script.segments);
    let mut truth = script.truth();
    let last = (script.duration_s() * fps - 1.0) / fps;
    truth.retain(|t| t.kind != stage::MoveKind::Static || t.end_s - t.start_s > 0.3);
    assert_eq!(motion.moves.len(), truth.len(), "{told}");
    for t in truth {
        let found: Vec<&Move> = motion
            .moves
            .iter()
            .filter(|m| key(m.kind) == t.kind.key() && m.start_s < t.end_s && m.end_s > t.start_s)
            .collect();
        let [m] = found.as_slice() else {
            panic!("{} at {}: {told}", t.kind.key(), t.start_s)
        };
        let near = slack.max(1.01 / fps);
        assert!(
            (m.start_s - t.start_s).abs() < near,
            "{}: {told}",
            t.kind.key()
        );
        assert!(
            (m.end_s - t.end_s.min(last)).abs() < near,
            "{}: {told}",
            t.kind.key()
        );
        let got = match m.unit {
            MoveUnit::Share => m.amount * motion.extent,
            _ => m.amount,
        };
        // Frames stop one short of the script's end; a move cut there is shorter by a frame.
        let share = ((t.end_s.min(last) - t.start_s) / (t.end_s - t.start_s)).min(1.0);
        if t.kind != stage::MoveKind::Static {
            let cut = if t.kind.unit() == stage::Unit::Factor {
                t.amount.powf(share)
            } else {
                t.amount * share
            };
            assert!(
                (got / cut - 1.0).abs() < 0.05,
                "{} {got} {cut}: {told}",
                t.kind.key()
            );
        }
    }
}

fn moving() -> impl Iterator<Item = stage::MoveKind> {
    stage::MoveKind::ALL
        .into_iter()
        .filter(|kind| *kind != stage::MoveKind::Static)
}

#[test]
fn every_move_alone_at_every_scale_and_rate() {
    for kind in moving() {
        for scale in [0.001, 1.0, 1000.0] {
            for fps in [4.0, 8.0, 24.0, 60.0] {
                for ease in [Ease::Linear, Ease::Ramped, Ease::Smooth] {
                    let script = CameraScript::of(vec![
                        Segment::new(2.5, &[(kind, amount(kind))]).eased(ease),
                    ]);
                    let mut found = motion(&script, fps, scale);
                    found.extent /= scale;
                    assert_eq!(found.moves.len(), 1, "{kind:?} {ease:?} {fps} {found:#?}");
                    assert_eq!(
                        key(found.moves[0].kind),
                        kind.key(),
                        "{ease:?} {fps} {scale}"
                    );
                    assert_eq!(
                        found.steadiness,
                        Steadiness::Steady,
                        "{kind:?} {ease:?} {fps} {found:?}"
                    );
                    if ease != Ease::Smooth {
                        check(&script, &found, fps, 0.15);
                    }
                }
            }
        }
    }
}

#[test]
fn a_move_between_holds() {
    for kind in moving() {
        for ease in [Ease::Linear, Ease::Ramped, Ease::Smooth] {
            let script = CameraScript::of(vec![
                Segment::hold(0.8),
                Segment::new(1.6, &[(kind, amount(kind))]).eased(ease),
                Segment::hold(1.2),
            ]);
            check(&script, &motion(&script, 24.0, 1.0), 24.0, 0.15);
        }
    }
}

#[test]
fn sequences_of_two() {
    for first in moving() {
        for second in moving() {
            let script = CameraScript::of(vec![
                Segment::new(1.5, &[(first, amount(first))]).eased(Ease::Ramped),
                Segment::hold(0.6),
                Segment::new(2.0, &[(second, amount(second))]).eased(Ease::Ramped),
            ]);
            check(&script, &motion(&script, 24.0, 1.0), 24.0, 0.15);
        }
    }
}

#[test]
fn simultaneous_pairs() {
    use stage::MoveKind as K;
    let travel = [
        K::TruckLeft,
        K::TruckRight,
        K::DollyIn,
        K::DollyOut,
        K::PedestalUp,
        K::PedestalDown,
    ];
    let turns = [
        K::PanLeft,
        K::PanRight,
        K::TiltUp,
        K::TiltDown,
        K::RollCw,
        K::RollCcw,
    ];
    for a in travel {
        for b in turns {
            for turned in [12.0, 40.0] {
                let script = CameraScript::of(vec![
                    Segment::new(2.0, &[(a, 1.5), (b, turned)]),
                    Segment::hold(1.0),
                ]);
                check(&script, &motion(&script, 24.0, 1.0), 24.0, 0.15);
            }
        }
    }
}

#[test]
fn shaken_paths_keep_their_moves() {
    for seed in 0..4 {
        for kind in moving() {
            let mut script = CameraScript::of(vec![
                Segment::new(2.0, &[(kind, amount(kind))]).eased(Ease::Ramped),
                Segment::hold(1.2),
            ]);
            script.shake = Some(Shake {
                angle_deg: 0.25,
                offset_m: 0.01,
                seed,
            });
            let found = motion(&script, 24.0, 1.0);
            let moving: Vec<String> = found
                .moves
                .iter()
                .map(|m| m.kind)
                .filter(|kind| *kind != MoveKind::Static)
                .map(key)
                .collect();
            assert_eq!(moving, [kind.key()], "seed {seed} {found:#?}");
            assert!(
                matches!(
                    found.steadiness,
                    Steadiness::MinimalShake | Steadiness::Unsteady
                ),
                "{kind:?} {found:?}"
            );
            let m = found
                .moves
                .iter()
                .find(|m| m.kind != MoveKind::Static)
                .unwrap();
            assert!((m.end_s - 2.0).abs() < 0.25, "{kind:?} {seed} {found:#?}");
        }
    }
}

#[test]
fn jitter_of_a_turning_camera_is_no_travel() {
    let mut script = CameraScript::of(vec![Segment::new(
        3.0,
        &[(stage::MoveKind::PanRight, 50.0)],
    )]);
    script.shake = Some(Shake {
        angle_deg: 0.1,
        offset_m: 0.02,
        seed: 7,
    });
    for scale in [0.01, 1.0, 100.0] {
        let found = motion(&script, 24.0, scale);
        assert_eq!(found.moves.len(), 1, "{found:#?}");
        assert_eq!(found.moves[0].kind, MoveKind::PanRight);
    }
}

#[test]
fn a_resting_camera_is_static_and_a_shaking_one_is_not() {
    let mut script = CameraScript::of(vec![Segment::hold(3.0)]);
    let found = motion(&script, 24.0, 1.0);
    assert_eq!(found.steadiness, Steadiness::Static);
    assert_eq!(found.moves.len(), 1);
    assert_eq!(found.moves[0].kind, MoveKind::Static);
    script.shake = Some(Shake {
        angle_deg: 0.5,
        offset_m: 0.01,
        seed: 3,
    });
    let found = motion(&script, 24.0, 1.0);
    assert_eq!(found.moves[0].kind, MoveKind::Static, "{found:#?}");
    assert_ne!(found.steadiness, Steadiness::Static, "{found:?}");
    assert_ne!(found.steadiness, Steadiness::Steady, "{found:?}");
}

#[test]
fn a_pan_on_a_tilted_head_has_no_roll() {
    let script = CameraScript::of(vec![
        Segment::new(1.5, &[(stage::MoveKind::TiltDown, 30.0)]),
        Segment::hold(0.6),
    ]);
    let mut track = script.sample(24.0, 16.0 / 9.0);
    let end = *track.poses.last().unwrap();
    for frame in 1..=48 {
        let mut pose = end;
        pose.time_s = end.time_s + f64::from(frame) / 24.0;
        pose.world_from_camera =
            DMat3::from_rotation_y(f64::from(frame).to_radians()) * end.world_from_camera;
        track.poses.push(pose);
    }
    let kinds: Vec<MoveKind> = moves::find(&path(&track))
        .moves
        .iter()
        .map(|m| m.kind)
        .collect();
    assert_eq!(
        kinds,
        [MoveKind::TiltDown, MoveKind::Static, MoveKind::PanRight]
    );
}

#[test]
fn every_format_gives_the_same_path() {
    let script = CameraScript {
        start: glam::DVec3::new(3.0, -1.0, 7.0),
        turned: DMat3::from_rotation_y(0.7) * DMat3::from_rotation_x(-0.2),
        ..CameraScript::of(vec![
            Segment::new(
                1.0,
                &[
                    (stage::MoveKind::TruckRight, 0.8),
                    (stage::MoveKind::PanLeft, 20.0),
                ],
            ),
            Segment::new(
                1.0,
                &[
                    (stage::MoveKind::DollyIn, 1.1),
                    (stage::MoveKind::RollCw, 10.0),
                ],
            ),
        ])
    };
    let track = script.sample(24.0, 16.0 / 9.0);
    let folder = tempfile::tempdir().unwrap();
    for format in decoupage_stage::camera_files::CameraFormat::ALL {
        let file = folder
            .path()
            .join(format!("{format:?}"))
            .join(format.file_name());
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        format.write(&track, &file).unwrap();
        let options = ReadOptions {
            fps: (!format.has_times()).then_some(24.0),
            ..ReadOptions::default()
        };
        let loaded = super::load(&file, &options, &Silent).unwrap();
        assert_eq!(loaded.poses.len(), track.poses.len(), "{format:?}");
        for (frame, pose) in loaded.poses.iter().enumerate() {
            let (axes, centre) = track.relative(frame).unwrap();
            assert!(
                pose.world_from_camera.abs_diff_eq(axes, 1e-4),
                "{format:?} {frame} {pose:?} {axes:?}"
            );
            assert!(
                pose.centre.abs_diff_eq(centre, 1e-4),
                "{format:?} {frame} {pose:?} {centre:?}"
            );
            assert!(
                (pose.time_s - track.poses[frame].time_s).abs() < 1e-4,
                "{format:?} {frame}"
            );
            assert!((pose.world_from_camera.determinant() - 1.0).abs() < 1e-9);
        }
        let reading = super::read(&file, &options, &Silent).unwrap();
        assert!(!reading.times_assumed);
        let kinds: Vec<MoveKind> = reading.moves.iter().map(|m| m.kind).collect();
        assert_eq!(
            kinds,
            [
                MoveKind::PanLeft,
                MoveKind::TruckRight,
                MoveKind::RollCw,
                MoveKind::DollyIn
            ]
            .into_iter()
            .collect::<Vec<_>>(),
            "{format:?} {:#?}",
            reading.moves
        );
    }
}

/// What is said of a script, written as VideoX-Fun writes it under a file name.
fn said(script: &CameraScript, name: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    decoupage_stage::camera_files::CameraFormat::VideoxFun
        .write(&script.sample(16.0, 16.0 / 9.0), &file)
        .unwrap();
    super::read(&file, &ReadOptions::default(), &Silent)
        .unwrap()
        .statements
        .into_iter()
        .map(|statement| statement.text)
        .collect()
}

#[test]
fn sentences_say_compound_moves_and_sequences() {
    use stage::MoveKind as K;
    let script = CameraScript::of(vec![
        Segment::new(1.5, &[(K::TruckLeft, 1.0), (K::PanRight, 20.0)]),
        Segment::hold(1.0),
        Segment::new(1.5, &[(K::DollyIn, 1.0)]),
    ]);
    assert_eq!(
        said(&script, "path.txt"),
        [
            "The camera trucks left while panning right by 20° over the first 1.5 s, then holds \
             still for 1.0 s, then dollies in for 1.5 s.",
            "The camera moves smoothly, without shake.",
            "The file stores no times; 16 frames per second are assumed, which makes the path \
             4.0 s long.",
        ]
    );
    let rest = CameraScript::of(vec![Segment::hold(2.0)]);
    assert_eq!(
        said(&rest, "Pan_Left.txt")[0],
        "The camera holds still for the whole 2.0 s."
    );
}

#[test]
fn a_file_name_that_contradicts_the_path_is_told() {
    use stage::MoveKind as K;
    let trap = |kind, name: &str| {
        let script = CameraScript::of(vec![Segment::new(2.0, &[(kind, amount(kind))])]);
        said(&script, name)
            .into_iter()
            .find(|text| text.contains("file's name"))
    };
    assert_eq!(
        trap(K::TruckLeft, "Pan_Left.txt").as_deref(),
        Some("The file's name says pan; the path is a truck left.")
    );
    assert_eq!(
        trap(K::DollyIn, "shot3-ZoomIn.txt").as_deref(),
        Some("The file's name says zoom; the path is a dolly in.")
    );
    assert_eq!(
        trap(K::PanRight, "pan_left.txt").as_deref(),
        Some("The file's name says pan left; the path is a pan right.")
    );
    assert_eq!(trap(K::PanLeft, "pan_left.txt"), None);
    assert_eq!(trap(K::TruckLeft, "company.txt"), None);
}

#[test]
fn a_tracker_that_writes_thousands_of_poses_a_second_is_read_like_a_camera() {
    let read = |rate: u32| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("path.txt");
        let mut text = String::from("\n");
        for pose in 0..=4 * rate {
            let time_s = f64::from(pose) / f64::from(rate);
            let (stamp, x) = ((time_s * 1e6).round(), -(time_s / 3.0).min(1.0));
            text += &format!("{stamp} 0.9 1.6 0.5 0.5 0 0 1 0 0 {x} 0 1 0 0 0 0 1 0\n");
        }
        std::fs::write(&file, text).unwrap();
        super::read(&file, &ReadOptions::default(), &Silent).unwrap()
    };
    let (film, tracker) = (read(25), read(5_000));
    assert_eq!(tracker.frames, 20_001, "all poses are counted");
    assert!((tracker.duration_s - 4.0).abs() < 0.05);
    let kinds = |reading: &super::CameraReading| -> Vec<MoveKind> {
        reading.moves.iter().map(|one| one.kind).collect()
    };
    assert_eq!(kinds(&film), [MoveKind::TruckRight, MoveKind::Static]);
    assert_eq!(kinds(&tracker), kinds(&film));
    assert!(
        (tracker.moves[0].end_s - 3.0).abs() < 0.1,
        "{:?}",
        tracker.moves
    );
}
