//! Bodies that do what their script says.

use super::*;

fn height_of(point: DVec3) -> f64 {
    -point.y
}

#[test]
fn walking_goes_where_the_actor_faces_at_its_stated_cadence() {
    let actor = Actor::at(-2.0, 6.0, 90.0).acting(&[Action::new(ActionKind::Walking, -1.0, 9.0)]);
    let travelled = actor.place(4.0) - actor.place(0.0);
    assert!(travelled.x > 4.0 && travelled.y.abs() < 1e-9, "{travelled}");
    // The ankles pass each other once a step.
    let mut passes = 0;
    let mut ahead = None;
    for frame in 0..=600 {
        let body = actor.body(f64::from(frame) / 100.0);
        let now = (body.points[10] - body.points[13]).dot(body.facing) > 0.0;
        if ahead.is_some_and(|before| before != now) {
            passes += 1;
        }
        ahead = Some(now);
    }
    assert!(
        (10..=12).contains(&passes),
        "{passes} steps in 6 s at 110 a minute"
    );
}

#[test]
fn feet_stand_on_the_ground_except_in_flight() {
    for kind in ActionKind::ALL {
        let actor = Actor::at(0.0, 5.0, 20.0).acting(&[Action::new(kind, 0.5, 1.9)]);
        let mut highest = 0.0f64;
        for frame in 0..=60 {
            let body = actor.body(f64::from(frame) / 25.0);
            let low = height_of(body.points[10]).min(height_of(body.points[13]));
            assert!(low > 0.05 && low < 0.5, "{kind:?} {low}");
            highest = highest.max(low);
            assert!(body.points.iter().all(|point| point.is_finite()));
        }
        let flies = matches!(kind, ActionKind::Jumping | ActionKind::Running);
        assert_eq!(highest > 0.1, flies, "{kind:?} {highest}");
    }
}

#[test]
fn actions_do_to_the_joints_what_they_say() {
    let at = |kind, time| {
        Actor::at(0.0, 5.0, 0.0)
            .acting(&[Action::new(kind, 0.0, 3.0)])
            .body(time)
    };
    let standing = at(ActionKind::StandingStill, 1.5);
    let nose = height_of(standing.points[0]);
    assert!((1.5..1.65).contains(&nose), "{nose}");
    // Facing the camera, the own right is on the frame's left.
    assert!(standing.points[2].x < standing.points[5].x);
    let raised = at(ActionKind::RaisingArm, 1.5);
    assert!(height_of(raised.points[4]) > nose + 0.2);
    assert!(height_of(raised.points[7]) < 1.0);
    let waving = at(ActionKind::Waving, 1.5);
    assert!(height_of(waving.points[4]) > height_of(waving.points[3]) + 0.1);
    let bent = at(ActionKind::Bending, 1.5);
    assert!(height_of(bent.points[0]) < 1.1 && height_of(bent.mid_hip) > 0.8);
    let crouched = at(ActionKind::Crouching, 1.5);
    assert!(
        height_of(crouched.mid_hip) < 0.5,
        "{}",
        height_of(crouched.mid_hip)
    );
    let seated = at(ActionKind::Sitting, 1.5);
    assert!((height_of(seated.mid_hip) - height_of(seated.points[9])).abs() < 0.1);
    let turning =
        Actor::at(0.0, 5.0, 0.0).acting(&[Action::new(ActionKind::Turning, 0.0, 2.0).amount(90.0)]);
    assert!((turning.heading(2.5) - 90.0).abs() < 1e-9);
    assert!(turning.body(2.5).facing.x > 0.999);
}

#[test]
fn limbs_keep_their_length() {
    let actor = Actor::at(0.0, 5.0, 45.0).acting(&[
        Action::new(ActionKind::Running, 0.0, 2.0),
        Action::new(ActionKind::Jumping, 2.0, 3.2),
        Action::new(ActionKind::Waving, 1.0, 3.0),
    ]);
    for frame in 0..80 {
        let p = actor.body(f64::from(frame) / 25.0).points;
        for (a, b, share) in [(2, 3, 0.172), (3, 4, 0.152), (8, 9, 0.245), (12, 13, 0.235)] {
            let length = (p[a] - p[b]).length() / actor.height_m;
            assert!((length - share).abs() < 1e-9, "{a}-{b} {length}");
        }
    }
}
