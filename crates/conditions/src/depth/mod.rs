//! Depth pictures and clips: polarity, colormap, layers, what moves.

use std::path::Path;

use decoupage_shot::{Outcome, Phase, Polarity, ReadOptions, Watch};
use image::{DynamicImage, Rgba, RgbaImage};

mod agreement;
pub mod colormap;
mod flow;
mod ground;
mod layers;
pub(crate) mod layout;
mod maps;
mod motion;
mod movers;
mod openings;
mod parts;
pub(crate) mod places;
mod polarity;
mod reading;
mod setting;
mod things;
mod tracks;
mod words;

pub use agreement::{Agreement, agreement};
pub use reading::*;

/// Reads a depth picture, clip or folder of frames.
///
/// # Errors
/// A fault with one sentence when the file cannot be decoded.
pub fn read(path: &Path, options: &ReadOptions, watch: &dyn Watch) -> Outcome<DepthReading> {
    let mut clip = maps::load(path, options, watch)?;
    let (detected, sure) = polarity::detect(&clip);
    let (polarity, polarity_confidence) = match options.polarity {
        Some(said) => (said, 1.0),
        None => (detected, sure),
    };
    let normalisation = clip.normalisation();
    // From here on the maps hold nearness, even with the inverse of distance.
    let scale = ground::to_nearness(&mut clip, polarity);
    let bands = layers::bands(&clip);
    let layers = layers::measure(&clip, &bands);
    let total = clip.maps.len() as u64;
    let mut go_on = |done: usize| {
        watch.report(Phase::Reading, done as u64, total);
        watch.go_on()
    };
    let tracks = tracks::follow(&clip, watch)?;
    // What is liveliest may move on its own: the camera is first felt without it, then without
    // everything that turned out to move.
    let lively = movers::liveliest(&tracks);
    let mut left_out: Vec<&tracks::Track> =
        lively.iter().filter_map(|at| tracks.get(*at)).collect();
    let mut fields = motion::fields(&clip, &movers::without(&clip, &left_out), &mut go_on)?;
    let mut found = movers::find(&clip, &tracks, &fields, &bands);
    if found.tracks != lively {
        left_out = found
            .tracks
            .iter()
            .filter_map(|at| tracks.get(*at))
            .collect();
        fields = motion::fields(&clip, &movers::without(&clip, &left_out), &mut go_on)?;
        found = movers::find(&clip, &tracks, &fields, &bands);
    }
    let (moving_regions, objects) = (found.movers, found.objects);
    let grounds = ground::fit(&clip);
    let setting = setting::tell(&clip, &grounds);
    let horizon = setting::horizon(&clip, &grounds, setting);
    let openings = openings::find(&clip);
    let camera_motion = motion::name(&clip, &fields)
        .filter(|motion| motion::stands(motion, &moving_regions, &objects));
    watch.report(Phase::Reading, total, total);
    let (frames, duration_s, times_assumed) = clip.length(options);
    let mut reading = DepthReading {
        frames,
        duration_s,
        times_assumed,
        polarity,
        polarity_confidence,
        colormap: clip.fit.map,
        layout: clip.layout,
        normalisation,
        scale,
        layers,
        setting,
        horizon,
        openings,
        objects,
        moving_regions,
        camera_motion,
        signals: motion::signals(&clip, &fields, &bands),
        statements: Vec::new(),
    };
    reading.statements = words::statements(&reading);
    Ok(reading)
}

/// A depth picture in another colormap, near things at its bright end whatever the file's own
/// direction. Of a side-by-side picture only the depth is drawn.
pub fn recolour(picture: &DynamicImage, reading: &DepthReading, colormap: Colormap) -> RgbaImage {
    let (width, height, values) = maps::of_picture(picture, reading.colormap, reading.layout);
    let mut values = values.into_iter();
    RgbaImage::from_fn(width, height, |_, _| {
        let value = values.next().unwrap_or(f32::NAN);
        if !value.is_finite() {
            return Rgba([0, 0, 0, 0]);
        }
        let near = match reading.polarity {
            Polarity::NearBright => value,
            Polarity::NearDark => 1.0 - value,
        };
        let [r, g, b] = colormap.colour(near);
        Rgba([r, g, b, 255])
    })
}

#[cfg(test)]
mod tests;
