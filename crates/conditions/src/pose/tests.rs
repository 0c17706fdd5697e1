//! Moving figures with known actions, and what is read from them.

use super::formats::CanvasKnown;
use super::joints::*;
use super::source::Raw;
use super::*;
use crate::pose::{measure, tracking};

const FPS: f64 = 30.0;
/// Neck to hips, share of the canvas height.
const TORSO: f64 = 0.2;

/// A standing figure; lengths in torsos, angles in degrees from straight down, positive towards
/// the frame's right.
#[derive(Debug, Clone, Copy)]
struct Figure {
    /// Hips, shares of a square canvas.
    hips: Point,
    /// Size of the torso, share of the canvas height.
    torso: f64,
    /// Lean of the trunk, towards the right.
    lean: f64,
    /// Heading: 0 camera, −90 left, 90 right, 180 away.
    heading: f64,
    /// Thighs and shins, right then left.
    thighs: [f64; 2],
    shins: [f64; 2],
    /// Upper arms and forearms, right then left.
    uppers: [f64; 2],
    forearms: [f64; 2],
}

impl Default for Figure {
    fn default() -> Self {
        Self {
            hips: [0.5, 0.5],
            torso: TORSO,
            lean: 0.0,
            heading: 0.0,
            thighs: [0.0; 2],
            shins: [0.0; 2],
            uppers: [-8.0, 8.0],
            forearms: [-8.0, 8.0],
        }
    }
}

impl Figure {
    fn body(&self) -> Body {
        let unit = self.torso;
        let go = |from: Point, angle: f64, length: f64| -> Point {
            let angle = angle.to_radians();
            [
                from[0] + angle.sin() * length * unit,
                from[1] + angle.cos() * length * unit,
            ]
        };
        let heading = self.heading.to_radians();
        let neck = go(self.hips, 180.0 - self.lean, 1.0);
        let side = |half: f64| half * unit * heading.cos();
        let nose = [neck[0] + 0.18 * unit * heading.sin(), neck[1] - 0.4 * unit];
        let mut body: Body = [None; JOINTS];
        body[NECK] = Some(neck);
        body[NOSE] = (heading.cos() > -0.3).then_some(nose);
        for (which, sign) in [(0, -1.0), (1, 1.0)] {
            let (shoulder, elbow, wrist, hip, knee, ankle, eye, ear) = if which == 0 {
                (
                    R_SHOULDER, R_ELBOW, R_WRIST, R_HIP, R_KNEE, R_ANKLE, R_EYE, R_EAR,
                )
            } else {
                (
                    L_SHOULDER, L_ELBOW, L_WRIST, L_HIP, L_KNEE, L_ANKLE, L_EYE, L_EAR,
                )
            };
            let at_shoulder = [neck[0] + sign * side(0.33), neck[1]];
            let at_elbow = go(at_shoulder, self.uppers[which], 0.55);
            let at_hip = [self.hips[0] + sign * side(0.2), self.hips[1]];
            let at_knee = go(at_hip, self.thighs[which], 0.85);
            body[shoulder] = Some(at_shoulder);
            body[elbow] = Some(at_elbow);
            body[wrist] = Some(go(at_elbow, self.forearms[which], 0.5));
            body[hip] = Some(at_hip);
            body[knee] = Some(at_knee);
            body[ankle] = Some(go(at_knee, self.shins[which], 0.8));
            // The far side of the head is hidden in profile; the face from behind.
            let near = sign * heading.sin() <= 0.5;
            if near || heading.cos() < -0.9 {
                body[ear] = Some([neck[0] + sign * side(0.16), neck[1] - 0.42 * unit]);
            }
            if heading.cos() > -0.3 && near {
                body[eye] = Some([nose[0] + sign * side(0.07), nose[1] - 0.07 * unit]);
            }
        }
        body
    }
}

fn read_bodies(seconds: f64, each: impl Fn(f64) -> Vec<Body>) -> PoseReading {
    read_raw(&raw(seconds, each))
}

fn raw(seconds: f64, each: impl Fn(f64) -> Vec<Body>) -> Raw {
    Raw {
        format: "openpose_coco18".into(),
        swapped_colours: false,
        aspect: 1.0,
        canvas: CanvasKnown::Stored,
        size: [512.0, 512.0],
        times_assumed: false,
        frames: (0..(seconds * FPS) as usize)
            .map(|n| (n as f64 / FPS, each(n as f64 / FPS)))
            .collect(),
    }
}

fn read_raw(raw: &Raw) -> PoseReading {
    measure::reading(raw, &tracking::track(&raw.frames, raw.aspect, false))
}

fn one(seconds: f64, each: impl Fn(f64) -> Figure) -> Person {
    let reading = read_bodies(seconds, |t| vec![each(t).body()]);
    assert_eq!(reading.people.len(), 1);
    reading.people.into_iter().next().unwrap()
}

fn kinds(person: &Person) -> Vec<ActionKind> {
    let mut kinds: Vec<_> = person.actions.iter().map(|a| a.action).collect();
    kinds.sort();
    kinds.dedup();
    kinds
}

fn words(person: &Person) -> String {
    let all: Vec<_> = person.statements.iter().map(|s| s.text.as_str()).collect();
    all.join(" ")
}

/// A walk in profile; `cadence` in steps a minute.
fn walk(t: f64, cadence: f64, from: f64, to: f64, seconds: f64) -> Figure {
    let phase = std::f64::consts::PI * cadence / 60.0 * t;
    let swing = 26.0 * phase.sin();
    let heading = if to >= from { 90.0 } else { -90.0 };
    Figure {
        hips: [from + (to - from) * t / seconds, 0.5],
        heading,
        thighs: [swing, -swing],
        shins: [swing - 8.0, -swing - 8.0],
        uppers: [-swing * 0.6, swing * 0.6],
        forearms: [-swing * 0.6, swing * 0.6],
        ..Figure::default()
    }
}

#[test]
fn a_walk_across_the_frame_and_its_cadence() {
    for (cadence, from, to) in [(110.0, 0.2, 0.8), (90.0, 0.8, 0.25)] {
        let person = one(4.0, |t| walk(t, cadence, from, to, 4.0));
        let found = person.cadence.unwrap();
        assert!((found - cadence).abs() < 4.0, "{found} for {cadence}");
        let across = if to > from {
            Across::LeftToRight
        } else {
            Across::RightToLeft
        };
        assert_eq!(person.travel.across, across);
        assert!((person.travel.across_share - (to - from)).abs() < 0.1);
        assert!(kinds(&person).contains(&ActionKind::Walking));
        assert!(!kinds(&person).contains(&ActionKind::StandingStill));
        let facing = if to > from {
            Facing::Right
        } else {
            Facing::Left
        };
        assert_eq!(person.facing, facing);
        let way = if to > from {
            "from left to right"
        } else {
            "from right to left"
        };
        let said = words(&person);
        assert!(
            said.contains(&format!(
                "The figure walks {way} at about {cadence:.0} steps a minute."
            )),
            "{said}"
        );
    }
}

#[test]
fn a_walk_that_stops_has_both_spans() {
    let person = one(5.0, |t| {
        let t = t.min(2.5);
        walk(t, 120.0, 0.2, 0.6, 2.5)
    });
    let span = |kind| {
        let action = person.actions.iter().find(|a| a.action == kind).unwrap();
        (action.start_s, action.end_s)
    };
    let (start, end) = span(ActionKind::Walking);
    assert!(start < 0.4 && (2.0..3.0).contains(&end), "{start} {end}");
    let (start, end) = span(ActionKind::StandingStill);
    assert!((2.3..3.2).contains(&start) && end > 4.6, "{start} {end}");
}

#[test]
fn a_run_is_fast_and_lifts_the_feet() {
    let person = one(3.0, |t| {
        let mut figure = walk(t, 170.0, 0.1, 0.9, 3.0);
        for shin in &mut figure.shins {
            *shin -= 45.0;
        }
        let phase = std::f64::consts::PI * 170.0 / 60.0 * t;
        figure.shins[0] -= 40.0 * phase.cos().max(0.0);
        figure.shins[1] -= 40.0 * (-phase.cos()).max(0.0);
        figure
    });
    assert!(
        kinds(&person).contains(&ActionKind::Running),
        "{:?}",
        person.actions
    );
    assert!((person.cadence.unwrap() - 170.0).abs() < 8.0);
}

#[test]
fn standing_still_is_nothing_else() {
    let person = one(3.0, |_| Figure::default());
    assert_eq!(kinds(&person), [ActionKind::StandingStill]);
    assert_eq!(person.facing, Facing::Camera);
    assert_eq!(person.position.framing, BodyFraming::FullFigure);
    assert_eq!(
        words(&person),
        "The figure stands still. The figure faces the camera."
    );
}

#[test]
fn without_legs_no_steps_and_no_standing_are_claimed() {
    let reading = read_bodies(3.0, |t| {
        let mut body = walk(t, 110.0, 0.2, 0.8, 3.0).body();
        for joint in [R_KNEE, R_ANKLE, L_KNEE, L_ANKLE] {
            body[joint] = None;
        }
        vec![body]
    });
    let person = &reading.people[0];
    let kinds = kinds(person);
    assert!(!kinds.contains(&ActionKind::Walking) && !kinds.contains(&ActionKind::StandingStill));
    assert_eq!(person.cadence, None);
    assert_eq!(person.position.framing, BodyFraming::WaistUp);
    assert!(words(person).contains("moves from left to right across the frame"));
}

#[test]
fn a_raised_arm_has_its_side_height_and_time() {
    for (which, side, name) in [(0, Side::Right, "right"), (1, Side::Left, "left")] {
        let person = one(4.0, |t| {
            let mut figure = Figure::default();
            let up = ((t - 1.5) / 0.5).clamp(0.0, 1.0) * 165.0;
            let sign = if which == 0 { -1.0 } else { 1.0 };
            figure.uppers[which] = sign * (8.0 + up);
            figure.forearms[which] = sign * (8.0 + up);
            figure
        });
        let raised: Vec<_> = person
            .actions
            .iter()
            .filter(|a| a.action == ActionKind::RaisingArm)
            .collect();
        assert_eq!(raised.len(), 1, "{:?}", person.actions);
        assert_eq!(raised[0].side, Some(side));
        assert!((1.5..2.1).contains(&raised[0].start_s));
        let said = words(&person);
        assert!(
            said.contains(&format!("raises the {name} arm above the head")),
            "{said}"
        );
        assert!(!kinds(&person).contains(&ActionKind::Waving));
    }
}

#[test]
fn a_wave_is_a_raised_hand_that_swings() {
    let person = one(3.0, |t| {
        let mut figure = Figure::default();
        figure.uppers[0] = -100.0;
        figure.forearms[0] = -180.0 + 28.0 * (t * std::f64::consts::TAU * 1.8).sin();
        figure
    });
    let waves: Vec<_> = person
        .actions
        .iter()
        .filter(|a| a.action == ActionKind::Waving)
        .collect();
    assert_eq!(waves.len(), 1, "{:?}", person.actions);
    assert_eq!(waves[0].side, Some(Side::Right));
    assert!(waves[0].end_s - waves[0].start_s > 2.0);
    assert!(words(&person).contains("waves the right hand"));
}

#[test]
fn turns_have_their_amount() {
    let person = one(4.0, |t| Figure {
        heading: ((t - 1.5) / 1.0).clamp(0.0, 1.0) * 90.0,
        ..Figure::default()
    });
    let turns: Vec<_> = person
        .actions
        .iter()
        .filter(|a| a.action == ActionKind::Turning)
        .collect();
    assert_eq!(turns.len(), 1, "{:?}", person.actions);
    assert!(
        (turns[0].amount_deg.unwrap() - 90.0).abs() <= 20.0,
        "{:?}",
        turns[0]
    );
    assert!(
        turns[0].start_s > 0.8 && turns[0].end_s < 3.0,
        "{:?}",
        turns[0]
    );
    let said = words(&person);
    assert!(
        said.contains("turns about")
            && said.contains("° to the own left")
            && said.contains("from facing the camera to facing the right"),
        "{said}"
    );
}

#[test]
fn headings_that_are_held() {
    for (heading, facing) in [
        (0.0, Facing::Camera),
        (-90.0, Facing::Left),
        (90.0, Facing::Right),
        (180.0, Facing::Away),
        (45.0, Facing::ThreeQuarterRight),
        (-45.0, Facing::ThreeQuarterLeft),
    ] {
        let person = one(2.0, |_| Figure {
            heading,
            ..Figure::default()
        });
        assert_eq!(person.facing, facing, "{heading}");
        assert!(!kinds(&person).contains(&ActionKind::Turning));
    }
}

#[test]
fn bending_over_and_up_again() {
    let person = one(4.0, |t| Figure {
        heading: 90.0,
        lean: 65.0 * (1.0 - (t - 2.0).abs()).clamp(0.0, 1.0),
        uppers: [0.0; 2],
        forearms: [0.0; 2],
        ..Figure::default()
    });
    let bends: Vec<_> = person
        .actions
        .iter()
        .filter(|a| a.action == ActionKind::Bending)
        .collect();
    assert_eq!(bends.len(), 1, "{:?}", person.actions);
    assert!((1.0..1.8).contains(&bends[0].start_s) && (2.2..3.0).contains(&bends[0].end_s));
    assert!(!kinds(&person).contains(&ActionKind::RaisingArm));
}

/// From standing (0) to seated (1) in profile.
fn seat(share: f64) -> Figure {
    let thigh = 85.0 * share;
    let drop = 0.85 * TORSO * (1.0 - thigh.to_radians().cos());
    let back = 0.85 * TORSO * thigh.to_radians().sin();
    Figure {
        hips: [0.5 - back, 0.5 + drop],
        heading: 90.0,
        thighs: [thigh; 2],
        ..Figure::default()
    }
}

#[test]
fn sitting_down_and_standing_up() {
    let person = one(6.0, |t| {
        seat(((t - 1.5) / 0.8).clamp(0.0, 1.0) - ((t - 4.0) / 0.8).clamp(0.0, 1.0))
    });
    let span = |kind| {
        let action = person.actions.iter().find(|a| a.action == kind);
        let action = action.unwrap_or_else(|| panic!("{kind:?} in {:?}", person.actions));
        (action.start_s, action.end_s)
    };
    let (start, end) = span(ActionKind::SittingDown);
    assert!(
        (1.2..2.0).contains(&start) && (2.0..2.7).contains(&end),
        "{start} {end}"
    );
    let (start, end) = span(ActionKind::StandingUp);
    assert!(
        (3.7..4.5).contains(&start) && (4.3..5.2).contains(&end),
        "{start} {end}"
    );
    assert!(kinds(&person).contains(&ActionKind::Sitting));
    assert!(!kinds(&person).contains(&ActionKind::Walking));
}

#[test]
fn a_jump_lifts_both_feet() {
    let person = one(3.0, |t| {
        let s = ((t - 1.2) / 0.5).clamp(0.0, 1.0);
        Figure {
            hips: [0.5, 0.5 - 0.35 * TORSO * 4.0 * s * (1.0 - s)],
            ..Figure::default()
        }
    });
    let jumps: Vec<_> = person
        .actions
        .iter()
        .filter(|a| a.action == ActionKind::Jumping)
        .collect();
    assert_eq!(jumps.len(), 1, "{:?}", person.actions);
    assert!((1.1..1.5).contains(&jumps[0].start_s) && (1.4..1.9).contains(&jumps[0].end_s));
    let walking = one(3.0, |t| walk(t, 110.0, 0.2, 0.8, 3.0));
    assert!(!kinds(&walking).contains(&ActionKind::Jumping));
}

#[test]
fn a_crouch_is_no_seat() {
    let person = one(3.0, |_| Figure {
        hips: [0.5, 0.7],
        heading: 90.0,
        thighs: [110.0; 2],
        shins: [-50.0; 2],
        ..Figure::default()
    });
    assert!(
        kinds(&person).contains(&ActionKind::Crouching),
        "{:?}",
        person.actions
    );
    assert!(!kinds(&person).contains(&ActionKind::Sitting));
}

#[test]
fn nearer_and_farther_show_in_size() {
    for (from, to, depth) in [(0.14, 0.24, Approach::Toward), (0.24, 0.14, Approach::Away)] {
        let person = one(3.0, |t| Figure {
            torso: from + (to - from) * t / 3.0,
            ..Figure::default()
        });
        assert_eq!(person.travel.depth, depth);
        let grown = to / from;
        assert!(
            (person.travel.size_ratio / grown - 1.0).abs() < 0.15,
            "{}",
            person.travel.size_ratio
        );
    }
}

#[test]
fn several_people_are_named_by_place_and_told_apart() {
    let reading = read_bodies(3.0, |t| {
        let still = Figure {
            hips: [0.75, 0.5],
            ..Figure::default()
        };
        let mut walker = walk(t, 100.0, 0.1, 0.45, 3.0);
        walker.hips[1] = 0.52;
        vec![still.body(), walker.body()]
    });
    assert_eq!(reading.people.len(), 2);
    assert_eq!(reading.people[0].id, 1);
    assert!(kinds(&reading.people[0]).contains(&ActionKind::Walking));
    assert!(kinds(&reading.people[1]).contains(&ActionKind::StandingStill));
    assert!(words(&reading.people[0]).contains("The figure on the left walks from left to right"));
    assert!(words(&reading.people[1]).contains("The figure on the right stands still"));
    assert_eq!(reading.statements[0].text, "Two figures are seen.");
}

#[test]
fn assumed_times_name_no_seconds_and_no_cadence() {
    let mut clip = raw(4.0, |t| vec![walk(t.min(2.0), 110.0, 0.2, 0.6, 2.0).body()]);
    clip.times_assumed = true;
    let reading = read_raw(&clip);
    let person = &reading.people[0];
    assert_eq!(person.cadence, None);
    let said = words(person);
    assert!(
        !said.contains(" s.") && !said.contains("minute") && !said.contains(" s "),
        "{said}"
    );
    assert!(
        reading
            .statements
            .iter()
            .any(|s| s.text.contains("24 a second") || s.text.contains("30 a second"))
    );
}

#[test]
fn a_single_picture_claims_no_movement() {
    let reading = read_bodies(1.0 / FPS + 1e-6, |_| vec![Figure::default().body()]);
    assert_eq!((reading.frames, reading.duration_s), (1, 0.0));
    let person = &reading.people[0];
    assert!(person.actions.is_empty());
    assert_eq!(person.facing, Facing::Camera);
    assert_eq!(words(person), "The figure faces the camera.");
}

#[test]
fn noise_in_the_points_changes_no_action() {
    let person = one(3.0, |t| {
        let mut figure = Figure::default();
        // A deterministic tremble of about one pixel in 512.
        let tremble = |k: f64| 0.002 * (t * FPS * k).sin();
        figure.hips = [0.5 + tremble(7.3), 0.5 + tremble(11.9)];
        figure.uppers[0] += 300.0 * tremble(5.1);
        figure
    });
    assert_eq!(
        kinds(&person),
        [ActionKind::StandingStill],
        "{:?}",
        person.actions
    );
}

mod corrections;

#[test]
fn a_walk_goes_on_while_the_legs_are_lost() {
    let person = {
        let reading = read_bodies(4.0, |t| {
            let mut body = walk(t, 110.0, 0.1, 0.9, 4.0).body();
            if t > 2.4 {
                for joint in [R_ANKLE, L_ANKLE, R_KNEE, L_KNEE] {
                    body[joint] = None;
                }
            }
            vec![body]
        });
        reading.people.into_iter().next().unwrap()
    };
    let walk = person
        .actions
        .iter()
        .find(|action| action.action == ActionKind::Walking)
        .unwrap();
    assert!(walk.end_s > 3.6, "{walk:?}");
}

mod whole_files {
    use super::*;
    use decoupage_shot::{Code, ReadOptions, Silent};

    #[test]
    fn a_keypoint_file_is_tracked_and_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("walk.json");
        let frames: Vec<String> = (0..90)
            .map(|n| {
                let body = walk(n as f64 / FPS, 110.0, 0.2, 0.8, 3.0).body();
                let numbers: Vec<String> = body
                    .iter()
                    .map(|p| p.map_or("0,0,0".into(), |[x, y]| format!("{},{},1", x * 512.0, y * 512.0)))
                    .collect();
                format!(
                    r#"{{"people":[{{"pose_keypoints_2d":[{}]}}],"canvas_width":512,"canvas_height":512}}"#,
                    numbers.join(",")
                )
            })
            .collect();
        std::fs::write(&path, format!("[{}]", frames.join(","))).unwrap();
        let options = ReadOptions {
            fps: Some(FPS),
            ..ReadOptions::default()
        };
        let reading = read(&path, &options, &Silent).unwrap();
        assert_eq!(reading.format, "comfyui_pose_keypoint");
        assert!((reading.people[0].cadence.unwrap() - 110.0).abs() < 4.0);
        let track = track(&path, &options, &Silent).unwrap();
        assert_eq!(track.frames.len(), 90);
        assert_eq!(track.frames[10].people[0].points.len(), JOINTS);
        assert_eq!(track.frames[10].people[0].id, 1);
    }

    #[test]
    fn bad_files_get_one_sentence() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            path
        };
        let read =
            |path: &std::path::Path| read(path, &ReadOptions::default(), &Silent).unwrap_err();
        assert_eq!(
            read(&folder.path().join("nothing.json")).code,
            Code::Missing
        );
        assert_eq!(read(&at("empty.json", b"")).code, Code::Damaged);
        assert_eq!(read(&at("cut.json", b"{\"people\":[{")).code, Code::Damaged);
        assert_eq!(
            read(&at("other.json", b"{\"frames\":[]}")).code,
            Code::Unsupported
        );
        let options = ReadOptions {
            fps: Some(0.0),
            ..ReadOptions::default()
        };
        let fault = super::super::read(&at("a.json", b"{}"), &options, &Silent).unwrap_err();
        assert_eq!(fault.code, Code::Invalid);
    }
}
