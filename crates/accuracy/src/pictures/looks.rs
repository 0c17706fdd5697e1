//! Looks: photographs developed with known grain, light, lens and format.

use decoupage_conditions::style::{Look, has, look};
use decoupage_stage::looks::{Development, develop, scene};
use decoupage_stage::noise::Noise;
use image::{DynamicImage, RgbImage};

use crate::Effort;
use crate::scores::{Count, quantile, table};

/// How far looks are off, and how often film words are right.
#[derive(Debug, Clone, Default)]
pub struct LookScores {
    /// Grain read over grain put on, less 1, of PNG pictures.
    pub grain: Vec<f64>,
    /// The same through JPEG at quality 92.
    pub grain_jpeg: Vec<f64>,
    /// Grain read where none was put on, levels.
    pub clean: Vec<f64>,
    /// Contrast read less contrast developed, shares.
    pub contrast: Vec<f64>,
    /// Colour temperature, mired (10⁶ / kelvin) off.
    pub mired: Vec<f64>,
    /// Pictures whose temperature was not said.
    pub no_kelvin: usize,
    /// Bars found, seen where there are none, and missed.
    pub bars: Count,
    /// Relative error of the ratio inside the bars.
    pub ratio: Vec<f64>,
    /// "Soft focus".
    pub soft: Count,
    /// "Shallow depth of field".
    pub shallow: Count,
    /// "Vignette".
    pub vignette: Count,
    /// "Fine", "visible" or "heavy grain".
    pub grainy: Count,
    /// "Black and white".
    pub grey: Count,
}

const SIZE: (u32, u32) = (720, 404);

fn of(picture: &RgbImage) -> Look {
    look([&DynamicImage::ImageRgb8(picture.clone())])
}

/// L* of an encoded grey, 0–1.
fn lightness(encoded: f64) -> f64 {
    let level = (encoded.clamp(0.0, 1.0) * 255.0).round() as u8;
    f64::from(decoupage_conditions::colour::lab([level; 3]).l) / 100.0
}

fn count(count: &mut Count, is: bool, said: bool) {
    count.right += usize::from(is && said);
    count.wrong += usize::from(!is && said);
    count.missed += usize::from(is && !said);
}

/// Measures looks of `scenes` scenes, each developed in several ways.
pub fn looks(first: u64, scenes: usize) -> LookScores {
    let mut scores = LookScores::default();
    let folder = tempfile::tempdir().expect("a temporary folder");
    for seed in first..first + scenes as u64 {
        let noise = Noise::new(seed ^ 0x6c6f_6f6b);
        let scene = scene(seed, SIZE.0, SIZE.1, 26);
        let none = Development::default();
        let plain = of(&scene);
        scores.clean.push(plain.grain.unwrap_or(0.0));

        let grain = noise.between(1, 2.0, 10.0);
        let noisy = develop(&scene, &Development { grain, ..none }, seed);
        let read = of(&noisy);
        scores.grain.push(read.grain.unwrap_or(0.0) / grain - 1.0);
        count(
            &mut scores.grainy,
            true,
            read.terms.iter().any(|t| t.term.ends_with("grain")),
        );
        count(
            &mut scores.grainy,
            false,
            plain.terms.iter().any(|t| t.term.ends_with("grain")),
        );
        let path = folder.path().join("noisy.jpg");
        super::write_jpeg(&DynamicImage::ImageRgb8(noisy), &path, 92);
        let jpeg = image::open(&path).expect("readable").to_rgb8();
        scores
            .grain_jpeg
            .push(of(&jpeg).grain.unwrap_or(0.0) / grain - 1.0);

        let low = noise.between(2, 0.0, 0.25);
        let high = noise.between(3, 0.6, 1.0);
        let flat = of(&develop(
            &scene,
            &Development {
                levels: (low, high),
                ..none
            },
            seed,
        ));
        let mut greys: Vec<f64> = scene
            .pixels()
            .map(|pixel| {
                let [r, g, b] = pixel
                    .0
                    .map(|v| (low + (high - low) * f64::from(v) / 255.0) * 255.0);
                f64::from(decoupage_conditions::colour::lab([r, g, b].map(|v| v.round() as u8)).l)
                    / 100.0
            })
            .collect();
        greys.sort_by(f64::total_cmp);
        let at = |share: f64| greys[(share * (greys.len() - 1) as f64) as usize];
        scores.contrast.push(flat.contrast - (at(0.95) - at(0.05)));
        debug_assert!(flat.black + 0.02 >= lightness(low));

        let kelvin = 1e6 / noise.between(4, 1e6 / 9500.0, 1e6 / 2700.0);
        let lit = of(&develop(
            &scene,
            &Development {
                kelvin: Some(kelvin),
                ..none
            },
            seed,
        ));
        match lit.temperature_k {
            Some(read) => scores.mired.push(1e6 / read - 1e6 / kelvin),
            None => scores.no_kelvin += 1,
        }

        let ratios = [1.85, 2.0, 2.2, 2.39, 2.76, 4.0 / 3.0];
        let ratio = ratios[(noise.share(5) * 6.0) as usize % 6];
        let boxed = of(&develop(
            &scene,
            &Development {
                ratio: Some(ratio),
                grain: 1.0,
                ..none
            },
            seed,
        ));
        count(&mut scores.bars, true, boxed.picture.is_some());
        count(&mut scores.bars, false, plain.picture.is_some());
        if boxed.picture.is_some() {
            scores.ratio.push(boxed.ratio / ratio - 1.0);
        }

        let blur = noise.between(6, 3.0, 7.0);
        let blurred = develop(
            &scene,
            &Development {
                blur,
                grain: 0.7,
                ..none
            },
            seed,
        );
        let soft = of(&blurred);
        count(&mut scores.soft, true, has(&soft, "soft_focus"));
        count(&mut scores.soft, false, has(&plain, "soft_focus"));
        // A sharp middle before the blurred rest.
        let mut shallow = blurred.clone();
        let (x, y) = (SIZE.0 / 3, SIZE.1 / 4);
        let part = image::imageops::crop_imm(&scene, x, y, SIZE.0 / 3, SIZE.1 / 2).to_image();
        image::imageops::replace(&mut shallow, &part, i64::from(x), i64::from(y));
        count(
            &mut scores.shallow,
            true,
            has(&of(&shallow), "shallow_focus"),
        );
        for other in [&plain, &soft] {
            count(&mut scores.shallow, false, has(other, "shallow_focus"));
        }

        let dark = of(&develop(
            &scene,
            &Development {
                vignette: noise.between(7, 0.5, 0.8),
                ..none
            },
            seed,
        ));
        count(&mut scores.vignette, true, has(&dark, "vignette"));
        count(&mut scores.vignette, false, has(&plain, "vignette"));

        let grey = DynamicImage::ImageRgb8(scene.clone()).to_luma8();
        let grey = look([&DynamicImage::ImageLuma8(grey)]);
        count(&mut scores.grey, true, has(&grey, "black_and_white"));
        count(&mut scores.grey, false, has(&plain, "black_and_white"));
    }
    scores
}

/// The section on looks.
pub(super) fn report(effort: Effort, first: u64) -> String {
    let scenes = effort.scenes(4, 60);
    let scores = looks(first, scenes);
    let size = |values: &[f64]| values.iter().map(|v| v.abs()).collect::<Vec<_>>();
    let row = |name: &str, values: &[f64], times: f64, unit: &str| {
        let off = size(values);
        vec![
            name.to_owned(),
            format!("{:.1} {unit}", quantile(&off, 0.5) * times),
            format!("{:.1} {unit}", quantile(&off, 0.9) * times),
        ]
    };
    let measured = table(
        &["measured", "off, median", "off, worst tenth"],
        [
            row("grain, PNG", &scores.grain, 100.0, "%"),
            row("grain, JPEG 92", &scores.grain_jpeg, 100.0, "%"),
            row("grain where there is none", &scores.clean, 1.0, "levels"),
            row("contrast", &scores.contrast, 100.0, "% of the range"),
            row("colour temperature", &scores.mired, 1.0, "mired"),
            row("ratio inside bars", &scores.ratio, 100.0, "%"),
        ],
    );
    let words = [
        ("letterboxed, pillarboxed", scores.bars),
        ("grain", scores.grainy),
        ("soft focus", scores.soft),
        ("shallow depth of field", scores.shallow),
        ("vignette", scores.vignette),
        ("black and white", scores.grey),
    ];
    let words = table(
        &["film word", "precision", "recall"],
        words.map(|(word, count)| {
            vec![
                word.to_owned(),
                format!("{:.2}", count.precision()),
                format!("{:.2}", count.recall()),
            ]
        }),
    );
    format!(
        "### Looks\n\n{scenes} scenes of coloured things that average to grey, each developed \
with known grain (2–10 levels), light (2700–9500 K), levels, blur, vignette and bars, one at a \
time. Temperature is off in mired, as light is filtered: 10 mired is a barely visible step; of \
{scenes} pictures {} got none. A scene whose own colours lean to one side is read as lit that way, \
which no picture by itself can tell apart.\n\n{measured}\n{words}",
        scores.no_kelvin
    )
}
