//! Pose readings against acting people whose every action is known.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use decoupage_conditions::pose::{
    self, Across, ActionKind, Approach, Facing, Person, PersonAction, PoseReading, Side,
};
use decoupage_shot::{ReadOptions, Silent};
use decoupage_stage::actor::{self, Actor};
use decoupage_stage::cases::{PoseCase, PoseForm, pose_cases};
use decoupage_stage::pose::ActionTruth;
use decoupage_stage::pose_files::PoseFormat;

fn read(case: &PoseCase, form: PoseForm, folder: &std::path::Path) -> PoseReading {
    let path = case.write(form, folder).unwrap();
    let options = ReadOptions {
        fps: (!matches!(form, PoseForm::Rendered { .. })).then_some(case.fps),
        ..ReadOptions::default()
    };
    pose::read(&path, &options, &Silent)
        .unwrap_or_else(|fault| panic!("{} as {form:?}: {fault}", case.name))
}

fn case(name: &str) -> PoseCase {
    pose_cases(1)
        .into_iter()
        .find(|case| case.name == name)
        .unwrap_or_else(|| panic!("there is a case {name}"))
}

fn key(one: &PersonAction) -> String {
    let value = serde_json::to_value(one.action).unwrap();
    value.as_str().unwrap().to_owned()
}

fn told(person: &Person) -> String {
    person
        .actions
        .iter()
        .map(|one| format!("{} {:.2}–{:.2} s", key(one), one.start_s, one.end_s))
        .collect::<Vec<_>>()
        .join(", ")
}

/// The actors' places in the frame at the beginning, left to right, are the people's numbers.
fn person_of<'a>(case: &PoseCase, reading: &'a PoseReading, actor: usize) -> Option<&'a Person> {
    let clip = case.clip();
    let x = |index: usize| clip.frames[0][index].points[1].map_or(0.0, |neck| neck.x);
    let mut order: Vec<usize> = (0..case.actors.len()).collect();
    order.sort_by(|a, b| x(*a).total_cmp(&x(*b)));
    let place = order.iter().position(|index| *index == actor)?;
    reading
        .people
        .iter()
        .find(|person| person.id as usize == place + 1)
}

/// What is wrong with a reading of a case.
fn faults(case: &PoseCase, reading: &PoseReading) -> Vec<String> {
    let mut faults = Vec::new();
    if reading.people.len() != case.actors.len() {
        faults.push(format!(
            "{} people, not {}",
            reading.people.len(),
            case.actors.len()
        ));
        return faults;
    }
    for want in &case.truth {
        let Some(person) = person_of(case, reading, want.actor) else {
            faults.push(format!("no person for actor {}", want.actor));
            continue;
        };
        let found = person
            .actions
            .iter()
            .find(|one| key(one) == want.kind.key() && overlap(one, want) > 0.45);
        let Some(found) = found else {
            faults.push(format!(
                "no {} from {:.2} to {:.2} s, but [{}]",
                want.kind.key(),
                want.start_s,
                want.end_s,
                told(person)
            ));
            continue;
        };
        // Actions swell and fade: half a second at either end is a matter of opinion.
        let slack_s = 0.3;
        if found.start_s < want.start_s - slack_s
            || found.start_s > want.start_s + 0.7
            || found.end_s > want.end_s + slack_s
            || found.end_s < want.end_s - 0.7
        {
            faults.push(format!(
                "{} from {:.2} to {:.2} s, not {:.2} to {:.2}",
                want.kind.key(),
                found.start_s,
                found.end_s,
                want.start_s,
                want.end_s
            ));
        }
        let side = match want.side {
            actor::Side::Left => Side::Left,
            actor::Side::Right => Side::Right,
            actor::Side::Both => Side::Both,
        };
        let has_side = matches!(
            want.kind,
            actor::ActionKind::RaisingArm | actor::ActionKind::Waving
        );
        if has_side && found.side != Some(side) {
            faults.push(format!(
                "{} with {:?}, not {side:?}",
                want.kind.key(),
                found.side
            ));
        }
    }
    for (index, one) in case.actors.iter().enumerate() {
        if let Some(person) = person_of(case, reading, index) {
            faults.extend(invented(one, person, reading.duration_s));
        }
    }
    faults
}

/// Actions a person is said to do that the actor never does. Standing still is true between
/// other actions; bending is part of sitting down, crouching and jumping, crouching of jumping.
fn invented(one: &Actor, person: &Person, duration_s: f64) -> Vec<String> {
    use actor::ActionKind as A;
    let does = |kind: A| one.actions.iter().any(|action| action.kind == kind);
    let still = one
        .actions
        .iter()
        .all(|action| action.end_s - action.start_s < duration_s);
    person
        .actions
        .iter()
        .filter(|said| {
            let known = A::ALL
                .into_iter()
                .any(|kind| does(kind) && kind.key() == key(said));
            let follows = match said.action {
                ActionKind::StandingStill => still,
                ActionKind::Bending => does(A::SittingDown) || does(A::Crouching),
                ActionKind::Sitting => does(A::SittingDown),
                ActionKind::Crouching => does(A::Jumping),
                ActionKind::RaisingArm => does(A::Jumping) || does(A::Waving),
                _ => false,
            };
            !known && !follows
        })
        .map(|said| {
            format!(
                "there is no {} ({:.2}–{:.2} s)",
                key(said),
                said.start_s,
                said.end_s
            )
        })
        .collect()
}

fn overlap(one: &PersonAction, want: &ActionTruth) -> f64 {
    let shared = one.end_s.min(want.end_s) - one.start_s.max(want.start_s);
    (shared / (want.end_s - want.start_s)).max(0.0)
}

fn check(form: PoseForm, seed: u64, pick: impl Fn(&PoseCase) -> bool) {
    let folder = tempfile::tempdir().unwrap();
    let mut all = Vec::new();
    let mut count = 0;
    for case in pose_cases(seed).iter().filter(|case| pick(case)) {
        count += 1;
        let reading = read(case, form, folder.path());
        let faults = faults(case, &reading);
        if !faults.is_empty() {
            all.push(format!("{}: {}", case.name, faults.join("; ")));
        }
    }
    assert!(count > 0);
    assert!(
        all.is_empty(),
        "{} of {count} cases are read wrongly as {form:?}:\n{}",
        all.len(),
        all.join("\n")
    );
}

#[test]
fn actions_are_found_in_keypoints() {
    for seed in [1, 2] {
        check(
            PoseForm::Keypoints(PoseFormat::OpenPoseCoco18),
            seed,
            |_| true,
        );
    }
}

#[test]
fn actions_are_found_in_rendered_skeletons() {
    check(PoseForm::Rendered { swapped: false }, 1, |case| {
        case.jitter_px == 0.0
    });
}

#[test]
fn actions_are_found_in_skeletons_with_red_and_blue_exchanged() {
    let some = [
        "walking_right",
        "waving_left",
        "raising_right_arm",
        "two_people",
        "crouching_facing_right",
    ];
    check(PoseForm::Rendered { swapped: true }, 1, |case| {
        some.contains(&case.name.as_str())
    });
    let folder = tempfile::tempdir().unwrap();
    for swapped in [false, true] {
        let form = PoseForm::Rendered { swapped };
        let reading = read(&case("standing"), form, folder.path());
        assert_eq!(reading.swapped_colours, swapped);
    }
}

#[test]
fn every_dialect_tells_the_same() {
    let some = [
        "walking_left",
        "waving_right",
        "sitting_down_and_up",
        "two_cross",
        "four_people",
    ];
    for format in PoseFormat::ALL {
        check(PoseForm::Keypoints(format), 1, |case| {
            some.contains(&case.name.as_str())
        });
    }
}

#[test]
fn recovered_keypoints_lie_where_they_were_drawn() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "standing",
        "waving_right",
        "crouching_facing_front",
        "two_people",
    ] {
        let case = case(name);
        let clip = case.clip();
        let path = case
            .write(PoseForm::Rendered { swapped: false }, folder.path())
            .unwrap();
        let track = pose::track(&path, &ReadOptions::default(), &Silent).unwrap();
        assert_eq!(track.frames.len(), clip.frames.len(), "{name}");
        let (mut errors, mut missing, mut points) = (Vec::new(), 0, 0);
        for (seen, people) in track.frames.iter().zip(&clip.frames) {
            for want in people {
                for (joint, want) in want.points.iter().enumerate() {
                    let Some(want) = want else { continue };
                    points += 1;
                    let nearest = seen
                        .people
                        .iter()
                        .filter_map(|person| person.points.get(joint).copied().flatten())
                        .map(|[x, y]| {
                            let dx = x * f64::from(clip.width) - want.x;
                            let dy = y * f64::from(clip.height) - want.y;
                            dx.hypot(dy)
                        })
                        .min_by(f64::total_cmp);
                    match nearest {
                        Some(error) if error < 20.0 => errors.push(error),
                        _ => missing += 1,
                    }
                }
            }
        }
        errors.sort_by(f64::total_cmp);
        let median = errors[errors.len() / 2];
        assert!(median < 1.5, "{name}: median error {median:.2} px");
        let lost = f64::from(missing) / f64::from(points);
        assert!(
            lost < 0.06,
            "{name}: {:.1} % of the points are lost",
            lost * 100.0
        );
    }
}

#[test]
fn travel_facing_and_cadence_are_measured() {
    let folder = tempfile::tempdir().unwrap();
    let form = PoseForm::Keypoints(PoseFormat::ComfyUi);
    let person = |name: &str| read(&case(name), form, folder.path()).people.remove(0);
    let right = person("walking_right");
    assert_eq!(right.travel.across, Across::LeftToRight);
    assert!(matches!(right.facing, Facing::Right), "{:?}", right.facing);
    let cadence = case("walking_right").actors[0].actions[0].amount;
    let measured = right.cadence.expect("a walk has a cadence");
    assert!(
        (measured - cadence).abs() < 0.08 * cadence,
        "{measured:.0} steps a minute, not {cadence:.0}"
    );
    let left = person("walking_left");
    assert_eq!(left.travel.across, Across::RightToLeft);
    assert!(matches!(left.facing, Facing::Left), "{:?}", left.facing);
    let towards = person("walking_towards");
    assert_eq!(towards.travel.depth, Approach::Toward);
    assert!(
        matches!(towards.facing, Facing::Camera),
        "{:?}",
        towards.facing
    );
    let away = person("walking_away");
    assert_eq!(away.travel.depth, Approach::Away);
    assert!(matches!(away.facing, Facing::Away), "{:?}", away.facing);
    let standing = person("standing");
    assert_eq!(standing.travel.across, Across::None);
    assert_eq!(standing.travel.depth, Approach::None);
}
