//! Depth scenes read, and the readings held against their truth.

use std::path::Path;
use std::time::Instant;

use decoupage_conditions::camera;
use decoupage_conditions::depth::{
    self, Colormap, DepthLayout, DepthReading, DepthScale, MovingRegion, Normalisation, Setting,
};
use decoupage_media::Pick;
use decoupage_shot::{Outcome, Polarity, ReadOptions, Region, Silent};
use decoupage_stage::camera::{CameraScript, MoveKind, Segment};
use decoupage_stage::camera_files::CameraFormat;
use decoupage_stage::cases::{
    DepthScene, DepthTruth, Manner, Place, SceneMover, Wrapping, depth_scene,
};
use decoupage_stage::depth_files::{DepthLook, Scaling, scaled_pictures};
use decoupage_stage::estimator::Estimator;
use decoupage_stage::render::DepthMap;

use crate::scores::{Confusion, Count};

/// What was counted over a set of scenes.
#[derive(Debug, Clone, Default)]
pub struct Scores {
    /// Scenes read.
    pub scenes: usize,
    /// Readings that failed, with why.
    pub failed: Vec<String>,
    /// Polarity, colormap, layout, normalisation, kind of scale: right of how many.
    pub told: [(usize, usize); 5],
    /// Interior and corridor against open places.
    pub setting: Confusion,
    /// Right, wrong and left open settings (interior, which may be a corridor, or open).
    pub inside: Count,
    /// Errors of the horizon, share of the frame's height, and of how many scenes.
    pub horizon: (Vec<f64>, usize),
    /// The same in open places.
    pub horizon_open: (Vec<f64>, usize),
    /// Doorways.
    pub openings: Count,
    /// Things that stand.
    pub objects: Count,
    /// Scenes in which their number is right, of all.
    pub number: (usize, usize),
    /// Movers while the camera rests, turns, and travels.
    pub movers: [Count; 3],
    /// Right ways of the movers found: of those that go across, and along.
    pub ways: [(usize, usize); 2],
    /// Which camera was read as which.
    pub camera: Confusion,
    /// Moves told; `wrong` are those that are another move.
    pub moves: Count,
    /// Amounts: read, true, standard deviation.
    pub amounts: Vec<[f64; 3]>,
    /// Right paths agreed with, wrong paths objected to.
    pub agreement: [(usize, usize); 2],
    /// Seconds of reading and of decoding alone, and frames.
    pub cost: (f64, f64, usize),
}

/// How a seed's scene is written: the first of every two plainly, the others in every manner.
pub fn manner(seed: u64) -> Manner {
    if (seed / 4).is_multiple_of(2) {
        return Manner::PLAIN;
    }
    let turn = seed / 8;
    let looks = DepthLook::ALL;
    let estimators = [
        Estimator::EXACT,
        Estimator {
            blur: 1,
            flicker: 0.006,
            seed,
            ..Estimator::EXACT
        },
        Estimator {
            blur: 1,
            flicker: 0.015,
            seed,
            ..Estimator::EXACT
        },
    ];
    let wrapping = [
        Wrapping::Clip,
        Wrapping::Frames,
        Wrapping::SideBySide,
        Wrapping::Metric,
        Wrapping::Clip,
    ][(turn % 5) as usize];
    Manner {
        look: looks[(turn % looks.len() as u64) as usize],
        scaling: if turn.is_multiple_of(3) {
            Scaling::Frame
        } else {
            Scaling::Clip
        },
        wrapping,
        estimator: estimators[(turn / 2 % 3) as usize],
    }
}

/// Reads the scenes of some seeds.
pub fn measure(seeds: impl Iterator<Item = u64>) -> Outcome<Scores> {
    let mut scores = Scores::default();
    for seed in seeds {
        let folder = tempfile::tempdir()
            .map_err(|error| decoupage_shot::Fault::io(&error, "make", std::env::temp_dir()))?;
        one(seed, folder.path(), &mut scores)?;
    }
    Ok(scores)
}

/// Reads one seed's scene.
pub fn scene(seed: u64, folder: &Path) -> Outcome<(DepthScene, Vec<DepthMap>, DepthReading)> {
    let scene = depth_scene(seed);
    let maps = scene.case.maps();
    let path = scene.write(&maps, manner(seed), folder)?;
    let reading = depth::read(&path, &options(&scene), &Silent)?;
    Ok((scene, maps, reading))
}

fn options(scene: &DepthScene) -> ReadOptions {
    ReadOptions {
        fps: Some(scene.case.fps),
        ..ReadOptions::default()
    }
}

fn one(seed: u64, folder: &Path, scores: &mut Scores) -> Outcome<()> {
    let scene = depth_scene(seed);
    let maps = scene.case.maps();
    let manner = manner(seed);
    let path = scene.write(&maps, manner, folder)?;
    let options = options(&scene);
    let begun = Instant::now();
    decoupage_media::stills(
        &path,
        &Pick::Even(48),
        Some(512),
        options.fps,
        &Silent,
        &mut |_| Ok(()),
    )?;
    let decoded = begun.elapsed().as_secs_f64();
    let begun = Instant::now();
    let reading = match depth::read(&path, &options, &Silent) {
        Ok(reading) => reading,
        Err(fault) => {
            scores.failed.push(format!("{seed}: {fault}"));
            return Ok(());
        }
    };
    scores.cost.0 += begun.elapsed().as_secs_f64();
    scores.cost.1 += decoded;
    scores.cost.2 += maps.len();
    scores.scenes += 1;
    let truth = scene.truth(&maps);
    told(&reading, manner, &maps, scores);
    settings(&reading, &scene, &truth, scores);
    stands(&reading, &truth, scores);
    moves(&reading, &scene, &truth, scores);
    agreement(&reading, &scene, &truth, folder, scores)
}

fn told(reading: &DepthReading, manner: Manner, maps: &[DepthMap], scores: &mut Scores) {
    let metric = manner.wrapping == Wrapping::Metric;
    let polarity = if metric || manner.look.is_near_dark() {
        Polarity::NearDark
    } else {
        Polarity::NearBright
    };
    let colormap = match manner.look {
        _ if metric => Colormap::Grey,
        DepthLook::NearBright | DepthLook::NearDark | DepthLook::InverseNearDark => Colormap::Grey,
        DepthLook::Inferno => Colormap::Inferno,
        DepthLook::SpectralReversed => Colormap::SpectralReversed,
        DepthLook::Turbo => Colormap::Turbo,
        DepthLook::Viridis => Colormap::Viridis,
        DepthLook::Magma => Colormap::Magma,
        DepthLook::Plasma => Colormap::Plasma,
        DepthLook::Jet => Colormap::Jet,
    };
    let layout = match manner.wrapping {
        Wrapping::SideBySide => DepthLayout::SideBySide,
        _ => DepthLayout::Plain,
    };
    let scale = if metric || manner.look == DepthLook::NearDark {
        DepthScale::Distance
    } else {
        DepthScale::Inverse
    };
    let mut count = |slot: usize, right: bool| {
        scores.told[slot].0 += usize::from(right);
        scores.told[slot].1 += 1;
    };
    count(0, reading.polarity == polarity);
    count(1, reading.colormap == colormap);
    count(2, reading.layout == layout);
    count(4, reading.scale == scale);
    if metric {
        count(3, reading.normalisation == Some(Normalisation::Metric));
    } else if differ(manner, maps) {
        let normalisation = match manner.scaling {
            Scaling::Frame => Normalisation::Frame,
            Scaling::Clip => Normalisation::Clip,
        };
        count(3, reading.normalisation == Some(normalisation));
    }
}

/// Whether the two normalisations give different pictures of a clip.
fn differ(manner: Manner, maps: &[DepthMap]) -> bool {
    let mut maps = maps.to_vec();
    manner.estimator.estimate(&mut maps);
    let grey = |scaling| scaled_pictures(&maps, DepthLook::NearBright, scaling);
    let (clip, frame) = (grey(Scaling::Clip), grey(Scaling::Frame));
    clip.iter().zip(&frame).any(|(one, other)| {
        let off = one
            .pixels()
            .zip(other.pixels())
            .filter(|(a, b)| a.0[0].abs_diff(b.0[0]) > 12)
            .count();
        off * 20 > one.pixels().len()
    })
}

fn settings(reading: &DepthReading, scene: &DepthScene, truth: &DepthTruth, scores: &mut Scores) {
    let is = match scene.place {
        Place::Open => "open",
        Place::Room => "room",
        Place::Corridor => "corridor",
    };
    let read = match reading.setting.map(|setting| setting.kind) {
        Some(Setting::Open) => "open",
        Some(Setting::Interior) => "room",
        Some(Setting::Corridor) => "corridor",
        None => "nothing",
    };
    scores.setting.count(is, read);
    match (is == "open", read) {
        (_, "nothing") => scores.inside.missed += 1,
        (open, read) if open == (read == "open") => scores.inside.right += 1,
        _ => scores.inside.wrong += 1,
    }
    scores.horizon.1 += 1;
    if scene.place == Place::Open {
        scores.horizon_open.1 += 1;
    }
    // The camera's pitch changes while it tilts: the middle is what is asked for.
    if let Some(horizon) = reading.horizon {
        let off = (horizon.height - truth.horizon).abs();
        scores.horizon.0.push(off);
        if scene.place == Place::Open {
            scores.horizon_open.0.push(off);
        }
    }
}

/// Shared part of two boxes over all that both cover.
fn overlap(one: &[f64; 4], other: &Region) -> f64 {
    let wide = (one[0] + one[2]).min(other.x + other.width) - one[0].max(other.x);
    let tall = (one[1] + one[3]).min(other.y + other.height) - one[1].max(other.y);
    let both = wide.max(0.0) * tall.max(0.0);
    both / (one[2] * one[3] + other.width * other.height - both).max(1e-9)
}

/// Pairs boxes that are about the same thing.
fn pair(truth: &[[f64; 4]], read: &[Region]) -> Count {
    let mut free: Vec<&Region> = read.iter().collect();
    let mut right = 0;
    for one in truth {
        let best = (0..free.len()).max_by(|a, b| {
            let score = |slot: &usize| free.get(*slot).map_or(0.0, |other| overlap(one, other));
            score(a).total_cmp(&score(b))
        });
        if let Some(best) = best.filter(|slot| overlap(one, free[*slot]) > 0.3) {
            free.remove(best);
            right += 1;
        }
    }
    Count {
        right,
        wrong: free.len(),
        missed: truth.len() - right,
    }
}

fn stands(reading: &DepthReading, truth: &DepthTruth, scores: &mut Scores) {
    let openings: Vec<Region> = reading.openings.iter().map(|one| one.bounds).collect();
    scores.openings = scores.openings.plus(pair(&truth.openings, &openings));
    let objects: Vec<Region> = reading
        .objects
        .iter()
        .filter(|one| one.confidence >= 0.5)
        .map(|one| one.bounds)
        .collect();
    scores.objects = scores.objects.plus(pair(&truth.objects, &objects));
    scores.number.0 += usize::from(objects.len() == truth.objects.len());
    scores.number.1 += 1;
}

/// Where a true mover's centre is at a share of the clip.
fn centre(mover: &SceneMover, share: f64) -> [f64; 2] {
    let of = |bounds: &[f64; 4]| [bounds[0] + bounds[2] / 2.0, bounds[1] + bounds[3] / 2.0];
    let (begin, end) = (of(&mover.begin), of(&mover.end));
    [0, 1].map(|axis| begin[axis] + (end[axis] - begin[axis]) * share)
}

fn follows(mover: &SceneMover, region: &MovingRegion, duration_s: f64) -> bool {
    let near = |bounds: Option<Region>, time_s: f64| {
        bounds.is_some_and(|bounds| {
            let [x, y] = centre(mover, (time_s / duration_s).clamp(0.0, 1.0));
            let (dx, dy) = (
                bounds.x + bounds.width / 2.0 - x,
                bounds.y + bounds.height / 2.0 - y,
            );
            dx.abs() < 0.14 && dy.abs() < 0.22
        })
    };
    near(region.begin, region.span.start_s) && near(region.end, region.span.end_s)
}

fn moves(reading: &DepthReading, scene: &DepthScene, truth: &DepthTruth, scores: &mut Scores) {
    let slot = match truth.camera {
        MoveKind::Static => 0,
        _ if truth.shift > 0.0 => 1,
        _ => 2,
    };
    let duration_s = scene.case.camera.duration_s() - 1.0 / scene.case.fps;
    let mut free: Vec<&MovingRegion> = reading.moving_regions.iter().collect();
    let count = &mut scores.movers[slot];
    for mover in &truth.movers {
        let found = free
            .iter()
            .position(|region| follows(mover, region, duration_s));
        match found {
            Some(found) => {
                let region = free.remove(found);
                count.right += 1;
                let across = mover.way.x.abs() > mover.way.z.abs();
                let right = if across {
                    region.own_dx * mover.way.x > 0.0
                } else {
                    (region.growth - 1.0) * -mover.way.z > 0.0
                };
                let ways = &mut scores.ways[usize::from(!across)];
                ways.0 += usize::from(right);
                ways.1 += 1;
            }
            None if mover.seen >= 0.6 => count.missed += 1,
            None => {}
        }
    }
    count.wrong += free.len();
    let read = reading.camera_motion.as_ref();
    let name = read.map_or("nothing".to_owned(), |motion| serde_name(&motion.kind));
    scores.camera.count(truth.camera.key(), name.clone());
    match read {
        None => scores.moves.missed += 1,
        Some(motion) if name == truth.camera.key() => {
            scores.moves.right += 1;
            let size = truth.parallax.max(truth.shift);
            if truth.camera != MoveKind::Static
                && let (Some(amount), Some(sigma)) = (motion.amount, motion.sigma)
            {
                scores.amounts.push([amount, size, sigma]);
            }
        }
        Some(_) => scores.moves.wrong += 1,
    }
}

/// A move's key in JSON.
fn serde_name(kind: &camera::MoveKind) -> String {
    use camera::MoveKind as M;
    match kind {
        M::Static => "static",
        M::PanLeft => "pan_left",
        M::PanRight => "pan_right",
        M::TiltUp => "tilt_up",
        M::TiltDown => "tilt_down",
        M::DollyIn => "dolly_in",
        M::DollyOut => "dolly_out",
        M::TruckLeft => "truck_left",
        M::TruckRight => "truck_right",
        M::PedestalUp => "pedestal_up",
        M::PedestalDown => "pedestal_down",
        M::Complex => "complex",
        _ => "other",
    }
    .to_owned()
}

fn opposite(kind: MoveKind) -> (MoveKind, f64) {
    use MoveKind as M;
    match kind {
        M::TruckLeft => (M::TruckRight, 1.0),
        M::TruckRight => (M::TruckLeft, 1.0),
        M::DollyIn => (M::DollyOut, 1.0),
        M::DollyOut => (M::DollyIn, 1.0),
        M::PedestalUp => (M::PedestalDown, 0.5),
        M::PedestalDown => (M::PedestalUp, 0.5),
        M::PanLeft => (M::PanRight, 12.0),
        M::PanRight => (M::PanLeft, 12.0),
        M::TiltUp => (M::TiltDown, 8.0),
        M::TiltDown => (M::TiltUp, 8.0),
        _ => (M::TruckRight, 1.0),
    }
}

fn agreement(
    reading: &DepthReading,
    scene: &DepthScene,
    truth: &DepthTruth,
    folder: &Path,
    scores: &mut Scores,
) -> Outcome<()> {
    let own = &scene.case.camera;
    let (kind, amount) = opposite(truth.camera);
    let other = CameraScript {
        segments: vec![Segment::new(own.duration_s(), &[(kind, amount)])],
        ..own.clone()
    };
    for (slot, (script, expected)) in [(own, true), (&other, false)].into_iter().enumerate() {
        let path = folder.join(format!("path_{slot}.txt"));
        CameraFormat::RealEstate10k.write(&script.sample(scene.case.fps, 16.0 / 9.0), &path)?;
        let options = ReadOptions {
            fps: Some(scene.case.fps),
            ..ReadOptions::default()
        };
        let Ok(path) = camera::read(&path, &options, &Silent) else {
            continue;
        };
        if let Some(agreement) = depth::agreement(reading, &path) {
            scores.agreement[slot].0 += usize::from(agreement.agrees == expected);
            scores.agreement[slot].1 += 1;
        }
    }
    Ok(())
}
