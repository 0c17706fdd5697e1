//! Identity pictures, against known truth: figures cut out on the stage, so that every pixel's
//! owner is known, put on grounds of many kinds.

use std::path::Path;

use decoupage_conditions::colour::{Canvas, Lab, distance, lab};
use decoupage_conditions::identity::views::{duplicates, groups};
use decoupage_conditions::identity::{Crop, IdentityReading, Swatch, ground, measure, read};
use decoupage_shot::{ReadOptions, Silent};
use decoupage_stage::actor::Actor;
use decoupage_stage::figure::{Wardrobe, person};
use decoupage_stage::noise::Noise;
use decoupage_stage::portrait::{Studio, cut_out};
use decoupage_stage::sample::look_at;
use glam::DVec3;
use image::{DynamicImage, Rgba, RgbaImage};

use crate::scores::{Count, quantile, table};
use crate::{Chapter, Effort};

/// Seeds of the reported scenes; thresholds were chosen on seeds from 0.
const REPORTED: u64 = 1_000_000;

/// Size of the pictures, pixels.
const SIZE: (u32, u32) = (192, 240);

/// What a figure stands before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behind {
    /// Nothing: the file is transparent.
    Nothing,
    /// One even colour, as PNG.
    Even,
    /// One even colour, soft edges, noise, and JPEG.
    Rough,
    /// A gradient of up to 40 L*, as JPEG.
    Gradient,
}

impl Behind {
    /// Every ground.
    pub const ALL: [Self; 4] = [Self::Nothing, Self::Even, Self::Rough, Self::Gradient];

    fn words(self) -> &'static str {
        match self {
            Self::Nothing => "transparent",
            Self::Even => "even colour",
            Self::Rough => "even colour, soft edges, noise, JPEG",
            Self::Gradient => "gradient, JPEG",
        }
    }
}

/// Random clothes; two people's coats differ as people's do.
fn wardrobe(noise: Noise) -> Wardrobe {
    let colour = |k: u64, low: f64, high: f64| {
        let value = |c: u64| (noise.between(k * 4 + c, low, high) * 255.0) as u32;
        (value(0) << 16) | (value(1) << 8) | value(2)
    };
    let skins = [0xc98e6c, 0x8a5a3c, 0xe2b596, 0x5c3a28];
    let hairs = [0x2c1d18, 0x6b4a2c, 0xb8935a, 0x8a8580];
    let pick = |k: u64, of: [u32; 4]| {
        of.get((noise.share(k) * 4.0) as usize)
            .copied()
            .unwrap_or(of[0])
    };
    Wardrobe {
        coat: colour(1, 0.08, 0.85),
        trim: colour(2, 0.05, 0.4),
        scarf: colour(3, 0.2, 0.9),
        hair: pick(90, hairs),
        skin: pick(91, skins),
        legs: colour(4, 0.06, 0.5),
        boots: colour(5, 0.05, 0.3),
    }
}

/// A figure by itself: who by `who`, seen as `view` says.
fn figure(who: u64, view: u64, crop: Crop) -> RgbaImage {
    let (person_of, seen) = (Noise::new(who), Noise::new(view));
    let mut actor = Actor::at(0.0, 0.0, seen.between(1, -55.0, 55.0));
    actor.height_m = person_of.between(200, 1.55, 1.9);
    actor.seed = who;
    let tall = actor.height_m;
    let solids = person(&actor.body(0.0), wardrobe(person_of));
    // From just above the crown down to what the crop leaves in.
    let foot = match crop {
        Crop::FullFigure => -0.06,
        Crop::KneesUp => 0.27,
        Crop::WaistUp => 0.57,
        Crop::CloseUp => 0.79,
    } * tall;
    let head = tall * (1.04 + seen.between(2, 0.0, 0.04));
    let (visible, middle) = (head - foot, (head + foot) / 2.0);
    let away = 5.2;
    let focal = away / visible * f64::from(SIZE.1) / f64::from(SIZE.0);
    let eye = look_at(
        DVec3::new(0.0, -middle, -away),
        DVec3::new(0.0, -middle, 0.0),
        focal,
    );
    let studio = if seen.share(3) < 0.5 {
        Studio::grey()
    } else {
        Studio::light()
    };
    cut_out(&solids, &eye, studio, SIZE.0, SIZE.1, 2)
}

/// Puts a figure before a ground and writes it as people's files are.
fn picture(figure: &RgbaImage, behind: Behind, seed: u64, folder: &Path) -> std::path::PathBuf {
    let noise = Noise::new(seed ^ 0x67_726f);
    let path = folder.join(format!(
        "{seed}-{behind:?}.{}",
        match behind {
            Behind::Nothing | Behind::Even => "png",
            _ => "jpg",
        }
    ));
    if behind == Behind::Nothing {
        figure.save(&path).expect("a temporary folder takes files");
        return path;
    }
    let base = [0, 1, 2].map(|c| noise.between(c, 0.35, 0.9) * 255.0);
    let grey = base.iter().sum::<f64>() / 3.0;
    // Backdrops are mostly near grey.
    let base = base.map(|value| grey + (value - grey) * 0.35);
    let (across, down) = (noise.between(5, -45.0, 45.0), noise.between(6, -55.0, 55.0));
    let mut figure = figure.clone();
    if behind == Behind::Rough {
        let soft = image::imageops::blur(&figure, 0.8);
        for (pixel, soft) in figure.pixels_mut().zip(soft.pixels()) {
            pixel.0[3] = soft.0[3];
        }
    }
    let (width, height) = figure.dimensions();
    let out = RgbaImage::from_fn(width, height, |x, y| {
        let [r, g, b, a] = figure.get_pixel(x, y).0;
        let part = f64::from(a) / 255.0;
        let mut at = 0;
        Rgba([r, g, b, 255].map(|value| {
            at += 1;
            if at == 4 {
                return 255;
            }
            let mut ground = base[at - 1];
            if behind == Behind::Gradient {
                ground += across * (f64::from(x) / f64::from(width) - 0.5)
                    + down * (f64::from(y) / f64::from(height) - 0.5);
            }
            let mut mixed = ground + (f64::from(value) - ground) * part;
            if behind == Behind::Rough {
                let index = u64::from(y * width + x) * 4 + at as u64;
                mixed += (noise.share(1000 + index) - 0.5) * 10.0;
            }
            mixed.round().clamp(0.0, 255.0) as u8
        }))
    });
    let picture = DynamicImage::ImageRgba8(out);
    if behind == Behind::Even {
        picture.save(&path).expect("a temporary folder takes files");
    } else {
        crate::pictures::write_jpeg(&picture, &path, 85);
    }
    path
}

/// How well subjects are told from one kind of ground.
#[derive(Debug, Clone, Default)]
pub struct CutScores {
    /// Intersection over union of the subject; 0 where none was told.
    pub iou: Vec<f64>,
    /// ΔE (CIE 1976) of the mean colour of each third of the figure.
    pub thirds: Vec<f64>,
    /// Crops said right, wrong, and not said.
    pub crops: Count,
}

/// Tells subjects from their grounds: `scenes` figures before every kind of ground, in the
/// order of [`Behind::ALL`].
pub fn cut_outs(first: u64, scenes: usize) -> [CutScores; 4] {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut scores: [CutScores; 4] = std::array::from_fn(|_| CutScores::default());
    for seed in first..first + scenes as u64 {
        let crop = Crop::ALL[seed as usize % Crop::ALL.len()];
        let figure = figure(seed, seed, crop);
        let truth = Canvas::of(&DynamicImage::ImageRgba8(figure.clone()), None);
        for (behind, scores) in Behind::ALL.into_iter().zip(&mut scores) {
            let path = picture(&figure, behind, seed, folder.path());
            let reading = read(&path, &ReadOptions::default(), &Silent).expect("readable");
            let opened = image::open(&path).expect("readable");
            let told = ground::split(&Canvas::of(&opened, None)).subject;
            scores.iou.push(iou(&told, &truth));
            scores.thirds.extend(thirds(&reading, &truth));
            match reading.crop {
                Some(said) if said == crop => scores.crops.right += 1,
                Some(_) => scores.crops.wrong += 1,
                None => scores.crops.missed += 1,
            }
        }
    }
    scores
}

fn iou(told: &[bool], truth: &Canvas) -> f64 {
    let (mut both, mut either) = (0, 0);
    for (at, alpha) in truth.alpha.iter().enumerate() {
        let (is, said) = (*alpha >= 128, told.get(at) == Some(&true));
        both += usize::from(is && said);
        either += usize::from(is || said);
    }
    f64::from(both as u32) / f64::from(either.max(1) as u32)
}

/// ΔE of the mean colour of each third; all of the range where none is told.
fn thirds(reading: &IdentityReading, truth: &Canvas) -> Vec<f64> {
    let rows: Vec<usize> = (0..truth.alpha.len())
        .filter(|at| truth.alpha[*at] >= 128)
        .map(|at| at / truth.width)
        .collect();
    let (Some(top), Some(bottom)) = (rows.first(), rows.last()) else {
        return Vec::new();
    };
    let Some(regions) = &reading.regions else {
        return vec![50.0; 3];
    };
    [&regions.upper, &regions.middle, &regions.lower]
        .into_iter()
        .enumerate()
        .map(|(third, palette)| {
            let tall = bottom + 1 - top;
            let own: Vec<Lab> = (0..truth.lab.len())
                .filter(|at| truth.alpha[*at] >= 200)
                .filter(|at| {
                    let y = at / truth.width;
                    y >= *top && (y - top) * 3 / tall == third
                })
                .map(|at| truth.lab[at])
                .collect();
            f64::from(distance(
                mean(own.iter().map(|lab| (*lab, 1.0))),
                mean(palette.iter().map(|s| (swatch(s), s.share as f32))),
            ))
        })
        .collect()
}

fn mean(colours: impl Iterator<Item = (Lab, f32)>) -> Lab {
    let (mut l, mut a, mut b, mut weight) = (0.0, 0.0, 0.0, 0.0);
    for (colour, share) in colours {
        l += colour.l * share;
        a += colour.a * share;
        b += colour.b * share;
        weight += share;
    }
    let weight = f32::max(weight, 1e-6);
    Lab::new(l / weight, a / weight, b / weight)
}

fn swatch(swatch: &Swatch) -> Lab {
    let value = u32::from_str_radix(swatch.hex.trim_start_matches('#'), 16).unwrap_or(0);
    lab([(value >> 16) as u8, (value >> 8) as u8, value as u8])
}

/// How well views are put together.
#[derive(Debug, Clone, Copy, Default)]
pub struct ViewScores {
    /// Pairs of views of one person put together, of two people put together, and of one
    /// person left apart.
    pub pairs: Count,
    /// Copies found, other pictures taken for copies, and copies missed.
    pub copies: Count,
}

/// Groups three people in three views each, with two copies among them.
pub fn views(first: u64, trials: usize) -> ViewScores {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut scores = ViewScores::default();
    for trial in first..first + trials as u64 {
        let noise = Noise::new(trial);
        let mut readings = Vec::new();
        let mut owners = Vec::new();
        let mut copied = Vec::new();
        for who in 0..3 {
            for view in 0..3 {
                let seed = trial * 64 + who * 8 + view;
                let crop = if noise.share(seed) < 0.5 {
                    Crop::FullFigure
                } else {
                    Crop::KneesUp
                };
                let figure = figure(trial * 64 + who, seed, crop);
                let behind = Behind::ALL[(noise.share(seed + 900) * 4.0) as usize % 4];
                let path = picture(&figure, behind, seed, folder.path());
                readings.push(read(&path, &ReadOptions::default(), &Silent).expect("readable"));
                owners.push(who);
                if view == 0 && who < 2 {
                    // The same picture again: as it is, and smaller and compressed.
                    let opened = image::open(&path).expect("readable");
                    let copy = if who == 0 {
                        opened
                    } else {
                        let small = folder.path().join("copy.jpg");
                        let flat = on_white(&opened.thumbnail(180, 225).to_rgba8(), behind);
                        crate::pictures::write_jpeg(&flat, &small, 80);
                        image::open(&small).expect("readable")
                    };
                    if who == 0 || behind != Behind::Nothing {
                        copied.push((readings.len() - 1, readings.len()));
                        readings.push(measure(&copy, None));
                        owners.push(who);
                    }
                }
            }
        }
        let all: Vec<&IdentityReading> = readings.iter().collect();
        let grouped = groups(&all);
        let group = |at: usize| grouped.iter().position(|group| group.contains(&at));
        for one in 0..all.len() {
            for other in one + 1..all.len() {
                if copied.contains(&(one, other)) {
                    continue;
                }
                let (is, said) = (owners[one] == owners[other], group(one) == group(other));
                scores.pairs.right += usize::from(is && said);
                scores.pairs.wrong += usize::from(!is && said);
                scores.pairs.missed += usize::from(is && !said);
            }
        }
        let found: Vec<(usize, usize)> = duplicates(&all)
            .into_iter()
            .map(|copy| (copy.one, copy.other))
            .collect();
        scores.copies.right += copied.iter().filter(|copy| found.contains(copy)).count();
        scores.copies.missed += copied.iter().filter(|copy| !found.contains(copy)).count();
        scores.copies.wrong += found.iter().filter(|copy| !copied.contains(copy)).count();
    }
    scores
}

fn on_white(picture: &RgbaImage, behind: Behind) -> DynamicImage {
    let mut flat = picture.clone();
    if behind == Behind::Nothing {
        for pixel in flat.pixels_mut().filter(|pixel| pixel.0[3] < 128) {
            pixel.0 = [255; 4];
        }
    }
    DynamicImage::ImageRgba8(flat)
}

/// Measures and reports.
pub fn chapter(effort: Effort) -> Chapter {
    let scenes = effort.scenes(4, 40);
    let scores = cut_outs(REPORTED, scenes);
    let rows = Behind::ALL
        .into_iter()
        .zip(&scores)
        .map(|(behind, scores)| {
            vec![
                behind.words().to_owned(),
                format!("{:.3}", quantile(&scores.iou, 0.5)),
                format!("{:.3}", quantile(&scores.iou, 0.1)),
                format!("{:.1}", quantile(&scores.thirds, 0.5)),
                format!("{:.1}", quantile(&scores.thirds, 0.9)),
                format!("{:.2}", scores.crops.precision()),
                format!("{:.2}", scores.crops.recall()),
            ]
        });
    let cut = table(
        &[
            "ground",
            "IoU, median",
            "IoU, worst tenth",
            "ΔE of thirds, median",
            "ΔE, worst tenth",
            "crop precision",
            "crop recall",
        ],
        rows,
    );
    let trials = effort.scenes(2, 8);
    let views = views(REPORTED, trials);
    let body = format!(
        "Figures in random clothes, rendered with their exact outline, stand before grounds of \
four kinds, {scenes} scenes each; full figures, from the knees up, from the waist up and \
close-ups in turn. ΔE is CIE 1976, of the mean colour of each third of the figure.\n\n{cut}\n\
A crop is only said where the outline shows a head on a neck on shoulders; scarves and long \
hair hide that, and then nothing is said.\n\n\
Three people in three views each, turned, cropped, lit and set before other grounds, {trials} \
times: pairs put together are of one person with precision {:.2} and recall {:.2}. Copies \
(one as it is, one smaller and compressed) are found with precision {:.2} and recall {:.2}. \
Views are compared by the colours of what is worn; faces are not compared, so people dressed \
alike are taken for one, and a close-up has little in common with a full figure.\n",
        views.pairs.precision(),
        views.pairs.recall(),
        views.copies.precision(),
        views.copies.recall(),
    );
    Chapter {
        title: "Identity pictures",
        body,
    }
}
