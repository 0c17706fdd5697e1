//! What the path's own geometry tells: cuts, tripods, and motion of no single kind.

use decoupage_stage::camera::{MoveKind as K, Place, Segment};
use glam::{DMat3, DVec3};

use super::super::{MoveKind, moves};
use super::{CameraScript, key, motion, path, reading_of};

fn elsewhere() -> Place {
    Place {
        centre: DVec3::new(6.0, 0.0, -3.0),
        turned: DMat3::from_rotation_y(1.2),
    }
}

#[test]
fn no_move_runs_across_a_cut() {
    for (before, after) in [
        (K::DollyIn, K::DollyIn),
        (K::PanLeft, K::PanLeft),
        (K::TruckLeft, K::TiltUp),
    ] {
        let amount = |kind: K| {
            if kind == K::PanLeft || kind == K::TiltUp {
                25.0
            } else {
                1.2
            }
        };
        let script = CameraScript::of(vec![
            Segment::new(2.0, &[(before, amount(before))]),
            Segment::new(2.0, &[(after, amount(after))]).after_cut_to(elsewhere()),
        ]);
        let reading = reading_of(&script, 24.0);
        assert_eq!(reading.cuts, [2.0], "{reading:#?}");
        let kinds: Vec<String> = reading.moves.iter().map(|one| key(one.kind)).collect();
        assert_eq!(kinds, [before.key(), after.key()]);
        assert!((reading.moves[0].end_s - 2.0).abs() < 0.05);
        assert!((reading.moves[1].start_s - 2.0).abs() < 0.05);
        let said: Vec<&str> = reading
            .statements
            .iter()
            .map(|statement| statement.text.as_str())
            .collect();
        assert!(
            said[1].starts_with("After the cut at 2.0 s it "),
            "{said:?}"
        );
        assert!(
            said[2].contains("cuts to another place at 2.0 s"),
            "{said:?}"
        );
    }
}

#[test]
fn a_cut_between_two_holds_is_noticed_at_any_scale() {
    for scale in [0.01, 1.0, 100.0] {
        let script = CameraScript::of(vec![
            Segment::hold(1.0),
            Segment::hold(1.0).after_cut_to(elsewhere()),
        ]);
        let found = motion(&script, 24.0, scale);
        assert_eq!(found.cuts.len(), 1, "{scale}");
        assert!(found.moves.iter().all(|one| one.kind == MoveKind::Static));
    }
}

#[test]
fn fast_moves_and_hand_held_ones_are_no_cuts() {
    for fps in [12.0, 24.0, 60.0] {
        let mut script = CameraScript::of(vec![
            Segment::hold(0.6),
            Segment::new(0.3, &[(K::PanRight, 90.0), (K::TruckRight, 2.0)]),
            Segment::hold(0.6),
        ]);
        assert_eq!(motion(&script, fps, 1.0).cuts, [0.0; 0], "{fps}");
        script.shake = Some(decoupage_stage::camera::Shake {
            angle_deg: 1.5,
            offset_m: 0.03,
            seed: 5,
        });
        assert_eq!(motion(&script, fps, 1.0).cuts, [0.0; 0], "{fps}");
    }
}

#[test]
fn a_head_behind_the_lens_pans_and_does_not_truck() {
    for behind in [0.02, 0.2] {
        let script = CameraScript::of(vec![
            Segment::new(3.0, &[(K::PanRight, 50.0)]),
            Segment::hold(1.0),
        ]);
        let mut track = script.sample(24.0, 16.0 / 9.0);
        for pose in &mut track.poses {
            pose.centre += pose.world_from_camera.z_axis * behind;
        }
        let kinds: Vec<MoveKind> = moves::find(&path(&track))
            .moves
            .iter()
            .map(|one| one.kind)
            .collect();
        assert_eq!(kinds, [MoveKind::PanRight, MoveKind::Static]);
    }
}

#[test]
fn a_solvers_drift_beside_a_pan_is_no_travel() {
    let script = CameraScript::of(vec![Segment::new(3.0, &[(K::PanLeft, 40.0)])]);
    let mut track = script.sample(24.0, 16.0 / 9.0);
    for (frame, pose) in track.poses.iter_mut().enumerate() {
        pose.centre = DVec3::X * (1e-5 * frame as f64);
    }
    let found = moves::find(&path(&track));
    assert_eq!(found.moves.len(), 1, "{found:#?}");
    assert_eq!(found.moves[0].kind, MoveKind::PanLeft);
}

#[test]
fn four_moves_at_once_are_complex_and_three_are_not() {
    let three = [
        (K::TruckRight, 1.5),
        (K::PedestalUp, 1.4),
        (K::PanRight, 30.0),
    ];
    let mut four = three.to_vec();
    four.push((K::RollCw, 25.0));
    let told = |steps: &[(K, f64)]| -> Vec<MoveKind> {
        let script = CameraScript::of(vec![Segment::new(3.0, steps), Segment::hold(1.0)]);
        motion(&script, 24.0, 1.0)
            .moves
            .iter()
            .map(|one| one.kind)
            .collect()
    };
    assert!(
        !told(&three).contains(&MoveKind::Complex),
        "{:?}",
        told(&three)
    );
    assert_eq!(told(&four), [MoveKind::Complex, MoveKind::Static]);
}

#[test]
fn a_long_row_of_short_moves_is_complex() {
    let ways = [K::PanLeft, K::TiltUp, K::PanRight, K::TiltDown];
    let segments = (0..20)
        .map(|number| Segment::new(0.5, &[(ways[number % 4], 12.0)]))
        .collect();
    let found = motion(&CameraScript::of(segments), 24.0, 1.0);
    assert_eq!(found.moves.len(), 1, "{found:#?}");
    assert_eq!(found.moves[0].kind, MoveKind::Complex);
}

#[test]
fn a_hundred_thousand_poses_are_read_in_well_under_a_second() {
    let mut script = CameraScript::of(
        (0..60)
            .map(|number| match number % 3 {
                0 => Segment::new(20.0, &[(K::DollyIn, 2.0)]),
                1 => Segment::hold(20.0),
                _ => Segment::new(20.0, &[(K::PanRight, 30.0)]),
            })
            .collect(),
    );
    script.shake = Some(decoupage_stage::camera::Shake {
        angle_deg: 0.3,
        offset_m: 0.01,
        seed: 1,
    });
    let path = path(&script.sample(84.0, 16.0 / 9.0));
    assert!(path.poses.len() > 100_000);
    let begun = std::time::Instant::now();
    let found = moves::find(&path);
    let seconds = begun.elapsed().as_secs_f64();
    assert!(!found.moves.is_empty());
    // Ten times what it takes alone: other tests run beside it.
    assert!(seconds < 3.0, "{seconds}");
}
