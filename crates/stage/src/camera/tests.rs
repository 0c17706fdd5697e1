//! Every script does what it says of itself.

use glam::{DMat3, DVec3};

use super::*;

/// Yaw (right), tilt (up) and roll (clockwise) of a rotation, degrees.
fn angles(turned: DMat3) -> (f64, f64, f64) {
    let forward = turned.z_axis;
    let yaw = forward.x.atan2(forward.z);
    let tilt = (-forward.y).asin();
    let flat = DMat3::from_rotation_y(yaw) * DMat3::from_rotation_x(tilt);
    let rest = flat.transpose() * turned;
    let roll = rest.x_axis.y.atan2(rest.x_axis.x);
    (yaw.to_degrees(), tilt.to_degrees(), roll.to_degrees())
}

#[test]
fn every_move_adds_up_to_its_stated_amount() {
    for ease in [Ease::Linear, Ease::Ramped, Ease::Smooth] {
        for kind in MoveKind::ALL {
            let amount = match kind.unit() {
                Unit::Degrees => 24.0,
                Unit::Metres => 1.5,
                Unit::Factor => 1.8,
                Unit::Seconds => 3.0,
            };
            let script = CameraScript::of(vec![
                Segment::new(2.0, &[(kind, amount)]).eased(ease),
                Segment::hold(1.0),
            ]);
            let end = script.pose(script.duration_s());
            let rest = script.pose(2.4);
            assert!(
                (rest.centre - end.centre).length() < 1e-12,
                "{kind:?} rests"
            );
            let (yaw, tilt, roll) = angles(end.world_from_camera);
            let c = end.centre;
            let zoom = end.focal / script.focal;
            let near = |got: f64, want: f64| (got - want).abs() < 1e-9;
            let ok = match kind {
                MoveKind::Static => c == DVec3::ZERO && near(zoom, 1.0),
                MoveKind::PanLeft => near(yaw, -amount),
                MoveKind::PanRight => near(yaw, amount),
                MoveKind::TiltUp => near(tilt, amount),
                MoveKind::TiltDown => near(tilt, -amount),
                MoveKind::RollCw => near(roll, amount),
                MoveKind::RollCcw => near(roll, -amount),
                MoveKind::DollyIn => near(c.z, amount),
                MoveKind::DollyOut => near(c.z, -amount),
                MoveKind::TruckLeft => near(c.x, -amount),
                MoveKind::TruckRight => near(c.x, amount),
                MoveKind::PedestalUp => near(c.y, -amount),
                MoveKind::PedestalDown => near(c.y, amount),
                MoveKind::ZoomIn => near(zoom, amount),
                MoveKind::ZoomOut => near(zoom, 1.0 / amount),
                MoveKind::ArcCw => near(yaw, amount) && c.x < -1.0,
                MoveKind::ArcCcw => near(yaw, -amount) && c.x > 1.0,
                MoveKind::CraneUp => near(tilt, -amount) && c.y < -1.0,
                MoveKind::CraneDown => near(tilt, amount) && c.y > 1.0,
                MoveKind::DollyZoomIn => near(c.z, amount) && zoom < 0.75,
                MoveKind::DollyZoomOut => near(c.z, -amount) && zoom > 1.25,
            };
            assert!(ok, "{kind:?} {ease:?}: {c:?} {yaw} {tilt} {roll} {zoom}");
        }
    }
}

#[test]
fn arcs_and_dolly_zooms_keep_the_subject() {
    for kind in [
        MoveKind::ArcCw,
        MoveKind::ArcCcw,
        MoveKind::CraneUp,
        MoveKind::CraneDown,
    ] {
        let script = CameraScript::of(vec![Segment::new(2.0, &[(kind, 40.0)])]);
        let subject = DVec3::new(0.0, 0.0, script.subject_m);
        let seen = script.pose(1.3).camera_from_world(subject);
        assert!((seen - subject).length() < 1e-9, "{kind:?} {seen:?}");
    }
    for kind in [MoveKind::DollyZoomIn, MoveKind::DollyZoomOut] {
        let script = CameraScript::of(vec![Segment::new(2.0, &[(kind, 2.0)])]);
        let edge = DVec3::new(0.4, 0.0, script.subject_m);
        let (before, ..) = script.pose(0.0).project(edge, 640.0, 360.0).unwrap();
        let (after, ..) = script.pose(2.0).project(edge, 640.0, 360.0).unwrap();
        assert!((before - after).abs() < 1e-9, "{kind:?}");
    }
}

#[test]
fn shake_is_seeded_and_of_the_stated_size() {
    let shaken = |seed| {
        let mut script = CameraScript::of(vec![Segment::hold(20.0)]);
        script.shake = Some(Shake {
            angle_deg: 0.6,
            offset_m: 0.01,
            seed,
        });
        script.sample(30.0, 16.0 / 9.0)
    };
    assert_eq!(shaken(4), shaken(4));
    assert_ne!(shaken(4), shaken(5));
    let track = shaken(4);
    let yaws: Vec<f64> = track
        .poses
        .iter()
        .map(|pose| angles(pose.world_from_camera).0)
        .collect();
    let mean = yaws.iter().sum::<f64>() / yaws.len() as f64;
    let spread =
        (yaws.iter().map(|yaw| (yaw - mean).powi(2)).sum::<f64>() / yaws.len() as f64).sqrt();
    assert!((0.3..1.2).contains(&spread), "{spread}");
}
