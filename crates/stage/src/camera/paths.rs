//! Camera paths by the thousand: every seed gives one path whose moves, cuts and shake are
//! known, written in one of the formats a reader has to know.

use std::path::{Path, PathBuf};

use decoupage_shot::{Outcome, ReadOptions};
use glam::{DMat3, DVec3};

use super::{CameraScript, CameraTrack, Ease, MoveKind, MoveTruth, Place, Segment, Shake, Unit};
use crate::camera_files::CameraFormat;
use crate::noise::Dice;

/// How a path is put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Plan {
    /// One move, with or without a hold before and after it.
    Alone,
    /// Two moves at once.
    Pair,
    /// Two to four moves one after the other, most with holds between them.
    Sequence,
    /// Two or three places with cuts between them.
    Cut,
    /// A camera that only turns or zooms, with the little travel that its head or its solver
    /// leaves in the numbers.
    Tripod,
}

impl Plan {
    /// Every plan.
    pub const ALL: [Self; 5] = [
        Self::Alone,
        Self::Pair,
        Self::Sequence,
        Self::Cut,
        Self::Tripod,
    ];

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Alone => "alone",
            Self::Pair => "pair",
            Self::Sequence => "sequence",
            Self::Cut => "with cuts",
            Self::Tripod => "tripod with dust",
        }
    }
}

/// How steadily a path's camera is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hand {
    /// On rails and tripods: no shake at all.
    None,
    /// A stabilised rig: 0.06–0.12°, 1–2.5 mm.
    Slight,
    /// Held by hand: 0.35–0.7°, 6–14 mm.
    HandHeld,
    /// Held by hand, running: 1.3–2.2°, 20–35 mm.
    Strong,
}

impl Hand {
    /// Every level.
    pub const ALL: [Self; 4] = [Self::None, Self::Slight, Self::HandHeld, Self::Strong];

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Slight => "slight",
            Self::HandHeld => "hand-held",
            Self::Strong => "strong",
        }
    }

    fn shake(self, dice: &mut Dice, seed: u64) -> Option<Shake> {
        let (angle, offset) = match self {
            Self::None => return None,
            Self::Slight => ((0.06, 0.12), (0.001, 0.0025)),
            Self::HandHeld => ((0.35, 0.7), (0.006, 0.014)),
            Self::Strong => ((1.3, 2.2), (0.02, 0.035)),
        };
        Some(Shake {
            angle_deg: dice.between(angle.0, angle.1),
            offset_m: dice.between(offset.0, offset.1),
            seed,
        })
    }
}

/// The little travel of a camera that only turns.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Dust {
    /// The head turns about a point this far behind the lens, metres.
    Pivot(f64),
    /// Each frame is off by this much on its own, units of the file.
    White(f64),
    /// The solver drifts by this much over the whole path, units of the file.
    Drift(DVec3),
}

/// One path with everything that is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct PathCase {
    /// The seed it was made from.
    pub seed: u64,
    /// How it is put together.
    pub plan: Plan,
    /// How steadily the camera is held.
    pub hand: Hand,
    /// The path as a script.
    pub script: CameraScript,
    /// Frames per second.
    pub fps: f64,
    /// Number of frames.
    pub frames: usize,
    /// Picture width over height.
    pub aspect: f64,
    /// Principal point, shares of width and height.
    pub principal: [f64; 2],
    /// Translations are multiplied by this when written.
    pub scale: f64,
    /// The format it is written in.
    pub format: CameraFormat,
    /// The moves that its frames show, by start time, holds included.
    pub truth: Vec<MoveTruth>,
    /// When there is a cut: the time of the first frame of each new place, seconds.
    pub cuts: Vec<f64>,
    dust: Option<Dust>,
}

impl PathCase {
    /// The path of this seed.
    pub fn of(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let plan = match dice.share() {
            share if share < 0.30 => Plan::Alone,
            share if share < 0.52 => Plan::Pair,
            share if share < 0.78 => Plan::Sequence,
            share if share < 0.90 => Plan::Cut,
            _ => Plan::Tripod,
        };
        let hand = match plan {
            Plan::Tripod => Hand::None,
            _ => dice.pick(&Hand::ALL),
        };
        let mut script = CameraScript {
            start: DVec3::from_array([(); 3].map(|()| dice.between(-8.0, 8.0))),
            turned: anywhere(&mut dice),
            focal: lens(&mut dice),
            subject_m: dice.between(3.0, 7.0),
            segments: Vec::new(),
            shake: hand.shake(&mut dice, seed),
        };
        let format = loop {
            let format = dice.pick(&CameraFormat::ALL);
            // Cuts between the keys of an animation would be played as fast moves.
            if plan != Plan::Cut || format != CameraFormat::Gltf {
                break format;
            }
        };
        // As diffusion models take them: 14 to 25 frames at 8 a second.
        let few = plan == Plan::Alone && dice.share() < 0.12;
        let fps = if few {
            8.0
        } else {
            dice.pick(&[
                12.0,
                15.0,
                16.0,
                24_000.0 / 1001.0,
                24.0,
                25.0,
                30.0,
                48.0,
                60.0,
            ])
        };
        let mut maker = Maker {
            dice,
            zooms: format.has_zoom(),
            shake: script.shake,
            fps,
        };
        script.segments = match plan {
            Plan::Alone => maker.alone(few),
            Plan::Pair => maker.pair(),
            Plan::Sequence => maker.sequence(),
            Plan::Cut => maker.places(),
            Plan::Tripod => maker.tripod(),
        };
        let mut dice = maker.dice;
        let scale = if format.is_metric() {
            dice.between(0.5, 2.0)
        } else {
            10f64.powf(dice.between(-1.5, 2.5))
        };
        let dust = (plan == Plan::Tripod).then(|| match dice.below(3) {
            0 => Dust::Pivot(dice.between(0.02, 0.2)),
            1 => Dust::White(10f64.powf(dice.between(-5.0, -3.0))),
            _ => {
                let far = 10f64.powf(dice.between(-5.0, -3.1));
                Dust::Drift(
                    DVec3::from_array([(); 3].map(|()| dice.between(-1.0, 1.0)))
                        .normalize_or_zero()
                        * far,
                )
            }
        });
        let frames = (script.duration_s() * fps).round() as usize + 1;
        Self {
            seed,
            plan,
            hand,
            fps,
            frames,
            aspect: dice.pick(&[16.0 / 9.0, 4.0 / 3.0, 1.0, 9.0 / 16.0, 2.39]),
            principal: if dice.share() < 0.3 {
                [dice.between(0.2, 0.8), dice.between(0.2, 0.8)]
            } else {
                [0.5; 2]
            },
            scale,
            format,
            truth: shown(&script, fps),
            cuts: cuts(&script),
            dust,
            script,
        }
    }

    /// The path of this seed, with its camera held as `hand` says.
    #[must_use]
    pub fn held(mut self, hand: Hand) -> Self {
        self.hand = hand;
        let seed = self.seed;
        self.script.shake = hand.shake(&mut Dice::new(!seed), seed);
        self
    }

    /// The sampled path in the file's units.
    pub fn track(&self) -> CameraTrack {
        let mut track = self
            .script
            .sample_frames(self.fps, self.aspect, self.frames)
            .scaled(self.scale);
        track.principal = self.principal;
        let mut dice = Dice::new(self.seed ^ 0xd057);
        let count = track.poses.len().max(2) as f64 - 1.0;
        for (frame, pose) in track.poses.iter_mut().enumerate() {
            match self.dust {
                None => {}
                Some(Dust::Pivot(behind)) => {
                    pose.centre += pose.world_from_camera.z_axis * (behind * self.scale);
                }
                Some(Dust::White(far)) => {
                    pose.centre += DVec3::from_array([(); 3].map(|()| dice.normal())) * far;
                }
                Some(Dust::Drift(far)) => pose.centre += far * (frame as f64 / count),
            }
        }
        track
    }

    /// Writes the path into a folder of its own within `folder`; returns the file to open.
    ///
    /// # Errors
    /// A fault when a file cannot be written.
    pub fn write(&self, folder: &Path) -> Outcome<PathBuf> {
        let path = folder
            .join(format!("path_{}", self.seed))
            .join(self.format.file_name());
        self.format.write(&self.track(), &path)?;
        Ok(path)
    }

    /// How a person opens the file: formats without times are told the rate.
    pub fn options(&self) -> ReadOptions {
        ReadOptions {
            fps: (!self.format.has_times()).then_some(self.fps),
            camera: (self.format == CameraFormat::ReCamMaster).then(|| "cam01".to_owned()),
            ..ReadOptions::default()
        }
    }
}

/// The camera may begin turned anywhere: paths are told relative to their first frame.
fn anywhere(dice: &mut Dice) -> DMat3 {
    DMat3::from_rotation_y(dice.between(-3.1, 3.1))
        * DMat3::from_rotation_x(dice.between(-0.7, 0.7))
        * DMat3::from_rotation_z(dice.between(-0.3, 0.3))
}

/// Horizontal focal length as a share of the width: ordinary lenses, and now and then one
/// that nobody would believe.
fn lens(dice: &mut Dice) -> f64 {
    match dice.share() {
        share if share < 0.1 => 0.5,
        share if share < 0.2 => 5.0,
        _ => dice.between(0.7, 1.6),
    }
}

/// The moves as the frames show them: of a segment before a cut, the last frame is missing.
fn shown(script: &CameraScript, fps: f64) -> Vec<MoveTruth> {
    let mut truth = script.truth();
    let mut begin = 0.0;
    for (index, segment) in script.segments.iter().enumerate() {
        let end = begin + segment.duration_s;
        let is_cut = script
            .segments
            .get(index + 1)
            .is_some_and(|next| next.cut_to.is_some());
        if is_cut {
            let share = segment
                .ease
                .progress(1.0 - 1.0 / (fps * segment.duration_s));
            for one in truth
                .iter_mut()
                .filter(|one| (one.start_s - begin).abs() < 1e-9 && one.kind != MoveKind::Static)
            {
                one.amount = match one.kind.unit() {
                    Unit::Factor => one.amount.powf(share),
                    _ => one.amount * share,
                };
            }
        }
        begin = end;
    }
    // A hold of two segments is one hold.
    let mut joined: Vec<MoveTruth> = Vec::new();
    for one in truth {
        match joined.last_mut() {
            Some(last)
                if last.kind == MoveKind::Static
                    && one.kind == MoveKind::Static
                    && !cuts(script)
                        .iter()
                        .any(|cut| (cut - one.start_s).abs() < 1e-9) =>
            {
                last.end_s = one.end_s;
                last.amount += one.amount;
            }
            _ => joined.push(one),
        }
    }
    joined
}

fn cuts(script: &CameraScript) -> Vec<f64> {
    let mut begin = 0.0;
    let mut cuts = Vec::new();
    for segment in &script.segments {
        if segment.cut_to.is_some() {
            cuts.push(begin);
        }
        begin += segment.duration_s;
    }
    cuts
}

/// What a move acts on; moves that act on the same thing cannot be told apart when they run
/// together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Acts {
    Turns(u8),
    Travels(u8),
    Zooms,
    Orbits,
    DollyZooms,
}

fn acts(kind: MoveKind) -> Option<Acts> {
    use MoveKind as K;
    Some(match kind {
        K::Static => return None,
        K::PanLeft | K::PanRight => Acts::Turns(0),
        K::TiltUp | K::TiltDown => Acts::Turns(1),
        K::RollCw | K::RollCcw => Acts::Turns(2),
        K::TruckLeft | K::TruckRight => Acts::Travels(0),
        K::PedestalUp | K::PedestalDown => Acts::Travels(1),
        K::DollyIn | K::DollyOut => Acts::Travels(2),
        K::ZoomIn | K::ZoomOut => Acts::Zooms,
        K::ArcCw | K::ArcCcw | K::CraneUp | K::CraneDown => Acts::Orbits,
        K::DollyZoomIn | K::DollyZoomOut => Acts::DollyZooms,
    })
}

/// Whether two moves at once stay two moves: a dolly in with a zoom out would be a dolly
/// zoom, an arc with a pan another arc.
fn go_together(a: MoveKind, b: MoveKind) -> bool {
    let (Some(first), Some(second)) = (acts(a), acts(b)) else {
        return false;
    };
    let one_way = |zoom: MoveKind, other: MoveKind| {
        (zoom == MoveKind::ZoomIn) == (other == MoveKind::DollyIn)
    };
    match (first, second) {
        (Acts::Turns(x), Acts::Turns(y)) | (Acts::Travels(x), Acts::Travels(y)) => x != y,
        (Acts::Zooms, Acts::Travels(2)) => one_way(a, b),
        (Acts::Travels(2), Acts::Zooms) => one_way(b, a),
        (Acts::Orbits, other) | (other, Acts::Orbits) => other == Acts::Zooms,
        (Acts::DollyZooms, other) | (other, Acts::DollyZooms) => {
            matches!(other, Acts::Turns(_) | Acts::Travels(0 | 1))
        }
        (x, y) => x != y,
    }
}

struct Maker {
    dice: Dice,
    /// Whether the format can store zooms.
    zooms: bool,
    shake: Option<Shake>,
    fps: f64,
}

impl Maker {
    fn kind(&mut self) -> MoveKind {
        loop {
            let kind = self.dice.pick(&MoveKind::ALL);
            let zooms = matches!(acts(kind), Some(Acts::Zooms | Acts::DollyZooms));
            if kind != MoveKind::Static && (self.zooms || !zooms) {
                return kind;
            }
        }
    }

    /// How far a move goes: well above the shake, whatever its level.
    fn amount(&mut self, kind: MoveKind) -> f64 {
        let angle = self.shake.map_or(0.0, |shake| shake.angle_deg);
        let offset = self.shake.map_or(0.0, |shake| shake.offset_m);
        let share = self.dice.share();
        let (low, high) = match (kind, kind.unit()) {
            (MoveKind::ArcCw | MoveKind::ArcCcw, _) => (20.0, 75.0),
            (MoveKind::CraneUp | MoveKind::CraneDown, _) => (18.0, 45.0),
            (_, Unit::Degrees) => (8.0f64.max(10.0 * angle), 50.0),
            (MoveKind::DollyZoomIn | MoveKind::DollyZoomOut, _) => (0.8, 1.8),
            (_, Unit::Metres) => (0.6f64.max(25.0 * offset), 2.6),
            (_, Unit::Factor) => (1.25, 2.2),
            (_, Unit::Seconds) => (1.0, 1.0),
        };
        low * (high / low).powf(share)
    }

    /// A length in whole frames, spread evenly over its logarithm.
    fn seconds(&mut self, low: f64, high: f64) -> f64 {
        let seconds = low * (high / low).powf(self.dice.share());
        (seconds * self.fps).round().max(2.0) / self.fps
    }

    fn ease(&mut self) -> Ease {
        self.dice.pick(&[Ease::Linear, Ease::Ramped, Ease::Smooth])
    }

    fn one(&mut self, kind: MoveKind, low_s: f64, high_s: f64) -> Segment {
        let amount = self.amount(kind);
        let seconds = self.seconds(low_s, high_s);
        Segment::new(seconds, &[(kind, amount)]).eased(self.ease())
    }

    fn hold(&mut self, low_s: f64, high_s: f64) -> Segment {
        Segment::hold(self.seconds(low_s, high_s))
    }

    fn alone(&mut self, few: bool) -> Vec<Segment> {
        if few {
            let frames = 13 + self.dice.below(12);
            let kind = self.kind();
            let mut only = self.one(kind, 2.0, 3.0);
            only.duration_s = frames as f64 / self.fps;
            return vec![only];
        }
        if self.dice.share() < 0.06 {
            return vec![self.hold(0.5, 20.0)];
        }
        let kind = self.kind();
        match self.dice.below(4) {
            0 => vec![self.hold(0.5, 3.0), self.one(kind, 0.6, 8.0)],
            1 => vec![self.one(kind, 0.6, 8.0), self.hold(0.5, 3.0)],
            _ => vec![self.one(kind, 0.5, 20.0)],
        }
    }

    fn two(&mut self) -> [(MoveKind, f64); 2] {
        loop {
            let (a, b) = (self.kind(), self.kind());
            if !go_together(a, b) {
                continue;
            }
            let far = [(a, self.amount(a)), (b, self.amount(b))];
            // Of two like moves the lesser is a slant of the greater unless it is its like.
            let ratio = far[0].1 / far[1].1;
            if a.unit() != b.unit() || (0.5..=2.0).contains(&ratio) {
                return far;
            }
        }
    }

    fn pair(&mut self) -> Vec<Segment> {
        let steps = self.two();
        let seconds = self.seconds(1.0, 8.0);
        let together = Segment::new(seconds, &steps).eased(self.ease());
        match self.dice.below(4) {
            0 => vec![self.hold(0.6, 2.0), together],
            1 => vec![together, self.hold(0.6, 2.0)],
            _ => vec![together],
        }
    }

    fn sequence(&mut self) -> Vec<Segment> {
        let steps = 2 + self.dice.below(3);
        let mut segments: Vec<Segment> = Vec::new();
        let mut before: Option<MoveKind> = None;
        for _ in 0..steps {
            let kind = self.kind();
            // Without a hold, one way carried on would be one move; an orbit's travel or a
            // dolly zoom's dolly would run on into the next.
            let alike = before.is_none_or(|before| !go_together(before, kind));
            if before.is_some() && (alike || self.dice.share() < 0.6) {
                segments.push(self.hold(0.6, 2.5));
            }
            segments.push(self.one(kind, 0.8, 4.0));
            before = Some(kind);
        }
        segments
    }

    fn places(&mut self) -> Vec<Segment> {
        let places = 2 + self.dice.below(2);
        let mut segments: Vec<Segment> = Vec::new();
        for place in 0..places {
            let mut segment = if self.dice.share() < 0.2 {
                self.hold(1.0, 4.0)
            } else {
                let kind = self.kind();
                self.one(kind, 1.0, 5.0)
            };
            if place > 0 {
                // Another angle on the same scene: a metre or more away, or turned well.
                let way = DVec3::from_array([(); 3].map(|()| self.dice.between(-1.0, 1.0)))
                    .normalize_or(DVec3::X);
                let centre = way * self.dice.between(1.5, 12.0);
                segment = segment.after_cut_to(Place {
                    centre,
                    turned: anywhere(&mut self.dice),
                });
            }
            segments.push(segment);
        }
        segments
    }

    fn tripod(&mut self) -> Vec<Segment> {
        let kind = loop {
            let kind = self.kind();
            if matches!(acts(kind), Some(Acts::Turns(0 | 1))) {
                break kind;
            }
        };
        let turn = self.one(kind, 1.0, 8.0);
        match self.dice.below(3) {
            0 => vec![turn, self.hold(0.6, 2.0)],
            _ => vec![turn],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_path_and_seeds_differ() {
        assert_eq!(PathCase::of(7), PathCase::of(7));
        assert_ne!(PathCase::of(7).script, PathCase::of(8).script);
        assert_eq!(PathCase::of(7).track(), PathCase::of(7).track());
    }

    #[test]
    fn every_move_plan_hand_and_format_occurs() {
        let cases: Vec<PathCase> = (0..600).map(PathCase::of).collect();
        for kind in MoveKind::ALL {
            let count = cases
                .iter()
                .flat_map(|case| &case.truth)
                .filter(|one| one.kind == kind)
                .count();
            assert!(count > 10, "{kind:?}: {count}");
        }
        for plan in Plan::ALL {
            assert!(cases.iter().any(|case| case.plan == plan), "{plan:?}");
        }
        for hand in Hand::ALL {
            assert!(cases.iter().any(|case| case.hand == hand), "{hand:?}");
        }
        for format in CameraFormat::ALL {
            assert!(cases.iter().any(|case| case.format == format), "{format:?}");
        }
        let lengths: Vec<f64> = cases.iter().map(|case| case.script.duration_s()).collect();
        assert!(lengths.iter().any(|seconds| *seconds < 0.8));
        assert!(lengths.iter().any(|seconds| *seconds > 12.0));
        assert!(lengths.iter().all(|seconds| (0.4..25.0).contains(seconds)));
    }

    #[test]
    fn a_cut_shows_the_new_place_from_its_frame_on() {
        let case = (0..400)
            .map(PathCase::of)
            .find(|case| case.plan == Plan::Cut && case.hand == Hand::None)
            .unwrap();
        let track = case.track();
        let cut = (case.cuts[0] * case.fps).round() as usize;
        let step = |frame: usize| {
            (track.poses[frame].centre - track.poses[frame - 1].centre).length() / case.scale
        };
        assert!(step(cut) > 0.5, "{}", step(cut));
        assert!(step(cut - 1) < 0.3 && step(cut + 1) < 0.3);
    }
}
