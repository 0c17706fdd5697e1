//! Segmentations in class colours and line drawings in perspective.

use decoupage_conditions::segmentation::{self, ClassSet, SegmentationReading};
use decoupage_conditions::sketch;
use decoupage_shot::{ConditionKind, ReadOptions, Silent};
use decoupage_stage::encode::{ClipStyle, write_mp4};
use decoupage_stage::masks::{Area, draw, labels, street};
use decoupage_stage::noise::Noise;
use decoupage_stage::sketches::{self, Drawing};
use image::DynamicImage;

use crate::Effort;
use crate::scores::{Count, quantile, table};

/// How a segmentation is saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saved {
    /// As PNG.
    Png,
    /// As JPEG at quality 75.
    Jpeg,
    /// As an h264 clip of rough quality.
    Clip,
}

impl Saved {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::Png, Self::Jpeg, Self::Clip];
}

/// How right segmentations are read.
#[derive(Debug, Clone, Default)]
pub struct MaskScores {
    /// Classes named: right, wrong, and left without their name.
    pub names: Count,
    /// Share of the frame read less the true one, of regions named right.
    pub share: Vec<f64>,
    /// Of pictures in random colours: regions that were given a class all the same.
    pub invented: usize,
    /// Regions of those.
    pub random: usize,
    /// Pairs of regions that touch: right, wrong, missed.
    pub touches: Count,
    /// Movement across the frame read less the true one, shares of the width.
    pub moved: Vec<f64>,
    /// Moving things said to move, still ones said to, and moving ones missed.
    pub moving: Count,
}

const SIZE: (u32, u32) = (512, 288);

/// Reads `scenes` segmentations saved one way.
pub fn masks(first: u64, scenes: usize, saved: Saved) -> MaskScores {
    let mut scores = MaskScores::default();
    let folder = tempfile::tempdir().expect("a temporary folder");
    for seed in first..first + scenes as u64 {
        let noise = Noise::new(seed ^ 0x6d61_736b);
        let areas = street(seed, saved == Saved::Clip);
        let set = ClassSet::ALL[(noise.share(1) * 3.0) as usize % 3];
        let known = set.classes();
        let mut picked: Vec<usize> = Vec::new();
        let mut next = 10;
        while picked.len() < areas.len() {
            let class = (noise.share(next) * known.len() as f64) as usize;
            next += 1;
            // Some classes share one colour: whichever is meant, the first is named.
            if known.get(class).is_some_and(|class| {
                picked
                    .iter()
                    .all(|other| known[*other].colour != class.colour)
            }) {
                picked.push(class);
            }
        }
        let colours: Vec<[u8; 3]> = picked.iter().map(|class| known[*class].colour).collect();
        let reading = save_and_read(&areas, &colours, saved, folder.path());
        judge(&mut scores, &areas, &reading, |label| {
            set.nearest(colours[label].map(f32::from))
                .map_or("", |(class, _)| class.name)
        });
        if saved != Saved::Clip {
            let random: Vec<[u8; 3]> = (0..areas.len() as u64)
                .map(|area| [0, 1, 2].map(|c| (noise.share(500 + area * 3 + c) * 255.0) as u8))
                .collect();
            let reading = save_and_read(&areas, &random, saved, folder.path());
            scores.random += reading.regions.len();
            scores.invented += reading.regions.iter().filter(|r| r.class.is_some()).count();
        }
    }
    scores
}

fn save_and_read(
    areas: &[Area],
    colours: &[[u8; 3]],
    saved: Saved,
    folder: &std::path::Path,
) -> SegmentationReading {
    let frame = |time_s: f64| {
        draw(
            &labels(areas, time_s, SIZE.0, SIZE.1),
            colours,
            SIZE.0,
            SIZE.1,
        )
    };
    let path = match saved {
        Saved::Png => {
            let path = folder.join("mask.png");
            frame(0.0)
                .save(&path)
                .expect("a temporary folder takes files");
            path
        }
        Saved::Jpeg => {
            let path = folder.join("mask.jpg");
            super::write_jpeg(&DynamicImage::ImageRgb8(frame(0.0)), &path, 75);
            path
        }
        Saved::Clip => {
            let path = folder.join("mask.mp4");
            let style = ClipStyle {
                fps: (12, 1),
                crf: 28,
            };
            write_mp4(&path, (0..13).map(|n| frame(f64::from(n) / 12.0)), style)
                .expect("a clip can be written");
            path
        }
    };
    let options = ReadOptions::default();
    segmentation::read(&path, ConditionKind::Segmentation, &options, &Silent).expect("readable")
}

fn judge<'a>(
    scores: &mut MaskScores,
    areas: &[Area],
    reading: &SegmentationReading,
    name: impl Fn(usize) -> &'a str,
) {
    let truth = labels(areas, 0.0, SIZE.0, SIZE.1);
    let total = truth.len() as f64;
    let mut found: Vec<Option<u32>> = Vec::new();
    let mut named = 0;
    for (label, area) in areas.iter().enumerate() {
        let share = truth.iter().filter(|own| **own == label).count() as f64 / total;
        let region = reading
            .regions
            .iter()
            .find(|region| region.class.as_deref() == Some(name(label)));
        found.push(region.map(|region| region.id));
        // What hardly shows is a speck.
        if share < 0.004 {
            named += usize::from(region.is_some());
            continue;
        }
        match region {
            Some(region) => {
                named += 1;
                scores.names.right += 1;
                if area.speed == [0.0; 2] || reading.plain.duration_s.is_none() {
                    scores.share.push(region.share - share);
                }
                let moves = area.speed[0] != 0.0;
                let motion = region.motion.as_ref();
                // What stands behind something that moves changes its middle too.
                if reading.plain.duration_s.is_some() && label >= 2 {
                    scores.moving.right += usize::from(moves && motion.is_some());
                    scores.moving.wrong += usize::from(!moves && motion.is_some());
                    scores.moving.missed += usize::from(moves && motion.is_none());
                    if let (true, Some(motion)) = (moves, motion) {
                        scores.moved.push(motion.dx - area.speed[0]);
                    }
                }
            }
            None => scores.names.missed += 1,
        }
    }
    let classes = reading
        .regions
        .iter()
        .filter(|region| region.class.is_some())
        .count();
    scores.names.wrong += classes.saturating_sub(named);
    if reading.plain.duration_s.is_some() {
        return;
    }
    let (width, height) = (SIZE.0 as usize, SIZE.1 as usize);
    let mut borders = vec![vec![0_usize; areas.len()]; areas.len()];
    for y in 0..height - 1 {
        for x in 0..width - 1 {
            let here = truth[y * width + x];
            for there in [truth[y * width + x + 1], truth[(y + 1) * width + x]] {
                if here != there {
                    borders[here][there] += 1;
                    borders[there][here] += 1;
                }
            }
        }
    }
    for (one, a) in found.iter().enumerate() {
        for (other, b) in found.iter().enumerate().skip(one + 1) {
            let (Some(a), Some(b)) = (a, b) else { continue };
            let said = reading
                .regions
                .iter()
                .any(|region| region.id == *a && region.touches.contains(b));
            let border = borders[one][other];
            // A few pixels of border may be called either way.
            if border == 0 || border > 12 {
                scores.touches.right += usize::from(border > 0 && said);
                scores.touches.wrong += usize::from(border == 0 && said);
                scores.touches.missed += usize::from(border > 0 && !said);
            }
        }
    }
}

/// What is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drawn {
    /// A room in one-point perspective.
    OnePoint,
    /// Houses in two-point perspective.
    TwoPoint,
    /// Flat things, without perspective.
    Flat,
}

impl Drawn {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::OnePoint, Self::TwoPoint, Self::Flat];
}

/// How right drawings are read.
#[derive(Debug, Clone, Default)]
pub struct SketchScores {
    /// Vanishing points: found within a twelfth of the width, claimed elsewhere, missed.
    pub points: Count,
    /// How far those found are off, shares of the frame's width.
    pub off: Vec<f64>,
    /// How far the horizon is off, shares of the frame's height.
    pub horizon: Vec<f64>,
    /// Drawings with a horizon of which none was said.
    pub no_horizon: usize,
    /// Drawings without one of which one was said.
    pub invented: usize,
}

/// Reads `scenes` drawings of one kind.
pub fn sketches(first: u64, scenes: usize, drawn: Drawn) -> SketchScores {
    let mut scores = SketchScores::default();
    for seed in first..first + scenes as u64 {
        let noise = Noise::new(seed ^ 0x70_656e);
        let drawing: Drawing = match drawn {
            Drawn::OnePoint => sketches::one_point(seed),
            Drawn::TwoPoint => sketches::two_point(seed),
            Drawn::Flat => sketches::flat(seed),
        };
        let (wide, stray) = (noise.between(1, 1.4, 3.2), noise.between(2, 0.0, 1.2));
        let sheet = sketches::draw(&drawing, seed, 768, 432, wide, stray);
        let picture = DynamicImage::ImageLuma8(sheet).to_rgba8();
        let read = sketch::measure(&picture);
        let ratio = 768.0 / 432.0;
        let mut left = read.vanishing_points.clone();
        for truth in &drawing.points {
            let off = |at: [f64; 2]| (at[0] - truth[0]).hypot((at[1] - truth[1]) / ratio);
            let near = left.iter().position(|point| off(point.at) < 1.0 / 12.0);
            match near {
                Some(at) => {
                    scores.off.push(off(left.remove(at).at));
                    scores.points.right += 1;
                }
                None => scores.points.missed += 1,
            }
        }
        scores.points.wrong += left.len();
        match (drawing.horizon, read.horizon) {
            (Some(truth), Some(said)) => {
                scores
                    .horizon
                    .push(((said.left + said.right) / 2.0 - truth).abs());
            }
            (Some(_), None) => scores.no_horizon += 1,
            (None, Some(_)) => scores.invented += 1,
            (None, None) => {}
        }
    }
    scores
}

/// The sections on segmentations and drawings.
pub(super) fn report(effort: Effort, first: u64) -> String {
    let scenes = effort.scenes(6, 80);
    let clips = effort.scenes(3, 30);
    let mut invented = (0, 0);
    let rows = Saved::ALL.map(|saved| {
        let scenes = if saved == Saved::Clip { clips } else { scenes };
        let scores = masks(first, scenes, saved);
        invented.0 += scores.invented;
        invented.1 += scores.random;
        let off: Vec<f64> = scores.share.iter().map(|v| v.abs() * 100.0).collect();
        let moved: Vec<f64> = scores.moved.iter().map(|v| v.abs() * 100.0).collect();
        let clip = saved == Saved::Clip;
        vec![
            match saved {
                Saved::Png => "PNG",
                Saved::Jpeg => "JPEG 75",
                Saved::Clip => "h264, rough (crf 28)",
            }
            .to_owned(),
            scenes.to_string(),
            format!("{:.3}", scores.names.precision()),
            format!("{:.3}", scores.names.recall()),
            format!("{:.2} %", quantile(&off, 0.9)),
            if clip {
                String::new()
            } else {
                format!("{:.3}", scores.touches.f1())
            },
            if clip {
                format!("{:.3}", scores.moving.f1())
            } else {
                String::new()
            },
            if clip {
                format!("{:.1} %", quantile(&moved, 0.5))
            } else {
                String::new()
            },
        ]
    });
    let masks = table(
        &[
            "saved as",
            "scenes",
            "class precision",
            "class recall",
            "share off, worst tenth",
            "touching, F1",
            "moving, F1",
            "travel off, median",
        ],
        rows,
    );
    let rows = Drawn::ALL.map(|drawn| {
        let scores = sketches(first, scenes, drawn);
        let (off, horizon): (Vec<f64>, Vec<f64>) = (
            scores.off.iter().map(|v| v * 100.0).collect(),
            scores.horizon.iter().map(|v| v * 100.0).collect(),
        );
        let flat = drawn == Drawn::Flat;
        let of = |text: String| if flat { String::new() } else { text };
        vec![
            match drawn {
                Drawn::OnePoint => "a room, one point",
                Drawn::TwoPoint => "houses, two points",
                Drawn::Flat => "flat things",
            }
            .to_owned(),
            of(format!("{:.2}", scores.points.precision())),
            of(format!("{:.2}", scores.points.recall())),
            of(format!("{:.1} %", quantile(&off, 0.5))),
            of(format!("{:.1} %", quantile(&horizon, 0.5))),
            of(format!("{:.1} %", quantile(&horizon, 0.9))),
            (scores.invented + if flat { scores.points.wrong } else { 0 }).to_string(),
        ]
    });
    let drawn = table(
        &[
            "drawing",
            "points, precision",
            "points, recall",
            "point off, median",
            "horizon off, median",
            "horizon off, worst tenth",
            "invented",
        ],
        rows,
    );
    format!(
        "### Segmentations\n\nStreets of flat shapes in random classes of ADE20K, COCO or \
Cityscapes. In random colours {} of {} regions were given a class.\n\n{masks}\n### Drawings\n\n\
{scenes} of each kind, pen 1.4–3.2 pixels at 768, drawn by a hand that strays up to about a pixel. \
A point counts as found within a twelfth of the width; distances are shares of the frame's width \
for points, of its height for horizons.\n\n{drawn}",
        invented.0, invented.1
    )
}
