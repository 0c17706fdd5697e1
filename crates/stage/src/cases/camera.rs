//! Camera paths with known moves.

use std::path::{Path, PathBuf};

use decoupage_shot::Outcome;
use glam::DVec3;

use crate::camera::{CameraScript, CameraTrack, Ease, MoveKind, MoveTruth, Segment, Shake, Unit};
use crate::camera_files::CameraFormat;
use crate::noise::Noise;

/// A camera path with its truth.
#[derive(Debug, Clone, PartialEq)]
pub struct CameraCase {
    /// A name for messages and files: only letters, digits, `-` and `_`.
    pub name: String,
    /// The path as a script.
    pub script: CameraScript,
    /// Frames per second.
    pub fps: f64,
    /// Translations are multiplied by this when written.
    pub scale: f64,
    /// The moves in it, by start time.
    pub truth: Vec<MoveTruth>,
}

impl CameraCase {
    /// The sampled path at the case's rate and scale.
    pub fn track(&self) -> CameraTrack {
        self.script.sample(self.fps, 16.0 / 9.0).scaled(self.scale)
    }

    /// Writes the path into a folder and returns the file to read.
    ///
    /// # Errors
    /// A fault when a file cannot be written.
    pub fn write(&self, format: CameraFormat, folder: &Path) -> Outcome<PathBuf> {
        // COLMAP's two files have fixed names: every case gets a folder of its own.
        let path = folder.join(&self.name).join(format.file_name());
        format.write(&self.track(), &path)?;
        Ok(path)
    }

    /// Whether the case's moves can be told from a file of this format: zooms need stored
    /// focal lengths, everything else can be told from any.
    pub fn told_by(&self, format: CameraFormat) -> bool {
        format.has_zoom()
            || !self.truth.iter().any(|one| {
                matches!(
                    one.kind,
                    MoveKind::ZoomIn
                        | MoveKind::ZoomOut
                        | MoveKind::DollyZoomIn
                        | MoveKind::DollyZoomOut
                )
            })
    }
}

/// A middling amount of a move, varied by a share 0–1.
fn amount(kind: MoveKind, share: f64) -> f64 {
    match (kind, kind.unit()) {
        (MoveKind::ArcCw | MoveKind::ArcCcw, _) => 30.0 + 30.0 * share,
        (MoveKind::CraneUp | MoveKind::CraneDown, _) => 20.0 + 15.0 * share,
        (_, Unit::Degrees) => 14.0 + 26.0 * share,
        (_, Unit::Metres) => 0.8 + 1.2 * share,
        (_, Unit::Factor) => 1.4 + 0.8 * share,
        (_, Unit::Seconds) => 1.0,
    }
}

/// Camera paths: every move alone, pairs at once, sequences with holds, easing, hand-held
/// shake, other scales and rates.
pub fn camera_cases(seed: u64) -> Vec<CameraCase> {
    let noise = Noise::new(seed);
    let mut index = 0u64;
    let mut share = move || {
        index += 1;
        noise.share(index)
    };
    let mut cases = Vec::new();
    let mut add = |name: String, segments: Vec<Segment>, shake, fps, scale| {
        let mut script = CameraScript::of(segments);
        script.start = DVec3::new(0.4, -1.6, -0.8);
        script.shake = shake;
        cases.push(CameraCase {
            truth: script.truth(),
            name,
            script,
            fps,
            scale,
        });
    };
    for kind in MoveKind::ALL {
        let far = amount(kind, share());
        let segment = if kind == MoveKind::Static {
            Segment::hold(3.0)
        } else {
            Segment::new(3.0, &[(kind, far)])
        };
        add(kind.key().to_owned(), vec![segment], None, 24.0, 1.0);
    }
    use MoveKind as M;
    for (a, b) in [
        (M::TruckLeft, M::PanRight),
        (M::TruckRight, M::PanRight),
        (M::DollyIn, M::TiltUp),
        (M::DollyIn, M::PanLeft),
        (M::DollyOut, M::PedestalUp),
        (M::PedestalDown, M::TiltUp),
        (M::DollyIn, M::RollCw),
        (M::TruckRight, M::PedestalUp),
        (M::PanLeft, M::TiltDown),
        (M::ZoomIn, M::PanRight),
    ] {
        let steps = [(a, amount(a, share())), (b, amount(b, share()))];
        let name = format!("{}_with_{}", a.key(), b.key());
        add(name, vec![Segment::new(3.0, &steps)], None, 24.0, 1.0);
    }
    for (a, b) in [
        (M::TruckRight, M::Static),
        (M::Static, M::DollyIn),
        (M::PanLeft, M::DollyIn),
        (M::DollyIn, M::PanRight),
        (M::TiltUp, M::Static),
        (M::PedestalUp, M::TruckLeft),
        (M::ArcCcw, M::Static),
        (M::PanRight, M::PanLeft),
        (M::DollyIn, M::DollyOut),
    ] {
        let mut segment = |kind: MoveKind| {
            let seconds = 1.4 + 0.2 * (share() * 7.0).floor();
            if kind == M::Static {
                Segment::hold(seconds)
            } else {
                Segment::new(seconds, &[(kind, amount(kind, share()))])
            }
        };
        let segments = vec![segment(a), segment(b)];
        let name = format!("{}_then_{}", a.key(), b.key());
        add(name, segments, None, 25.0, 1.0);
    }
    let three = vec![
        Segment::new(2.0, &[(M::TruckLeft, 1.6)]),
        Segment::hold(1.0),
        Segment::new(2.0, &[(M::PanRight, 30.0)]),
    ];
    add(
        "truck_left_hold_pan_right".to_owned(),
        three,
        None,
        30.0,
        1.0,
    );
    for (name, ease) in [("ramped", Ease::Ramped), ("smooth", Ease::Smooth)] {
        let segments = vec![
            Segment::new(3.0, &[(M::DollyIn, 2.0)]).eased(ease),
            Segment::hold(1.0),
        ];
        add(
            format!("dolly_in_{name}_then_static"),
            segments,
            None,
            24.0,
            1.0,
        );
    }
    for (name, angle_deg, offset_m) in [("slight", 0.08, 0.002), ("handheld", 0.7, 0.012)] {
        let shake = Some(Shake {
            angle_deg,
            offset_m,
            seed: seed ^ 0x5eed,
        });
        let walk = vec![Segment::new(4.0, &[(M::DollyIn, 2.4)])];
        add(format!("dolly_in_{name}"), walk, shake, 24.0, 1.0);
        add(
            format!("static_{name}"),
            vec![Segment::hold(4.0)],
            shake,
            24.0,
            1.0,
        );
    }
    for (name, scale) in [("tiny", 0.01), ("huge", 400.0)] {
        let segments = vec![
            Segment::new(2.0, &[(M::TruckRight, 1.5)]),
            Segment::hold(1.0),
        ];
        add(
            format!("truck_right_then_static_{name}"),
            segments,
            None,
            24.0,
            scale,
        );
    }
    for (name, fps) in [("8fps", 8.0), ("60fps", 60.0)] {
        let segments = vec![
            Segment::new(2.0, &[(M::PanRight, 35.0)]),
            Segment::new(2.0, &[(M::DollyIn, 1.5)]),
        ];
        add(
            format!("pan_right_then_dolly_in_{name}"),
            segments,
            None,
            fps,
            1.0,
        );
    }
    cases
}
