//! From frames to regions.

use decoupage_shot::Region;
use image::RgbaImage;

use super::classes::{ClassSet, distance, set_of};
use super::flat::{self, NONE};
use super::{RegionMotion, SegmentRegion};
use crate::colour::{self, lab};
use crate::depth::places;
use crate::identity::ground::components;

/// How far a class colour may lie from a still's: what JPEG does to flat parts.
const STILL: f32 = 10.0;
/// The same for clips, whose colours went through a video's colour matrix and back.
const CLIP: f32 = 16.0;
/// How many pixels, as a share of the frame's sides together, two regions share when they touch.
const TOUCH: f64 = 0.006;

/// One region in one frame.
struct Sighting {
    time_s: f64,
    share: f64,
    centre: [f64; 2],
    bounds: Region,
    /// Whether it runs out of the frame.
    leaves: bool,
}

/// The class set, if any, and the regions of a picture or of the frames of a clip with their
/// times in seconds; frames are of one size.
pub fn measure(frames: &[RgbaImage], times: &[f64]) -> (Option<ClassSet>, Vec<SegmentRegion>) {
    let Some(first) = frames.first() else {
        return (None, Vec::new());
    };
    let (width, height) = (first.width() as usize, first.height() as usize);
    let flat = flat::colours(frames);
    let tolerance = if frames.len() > 1 { CLIP } else { STILL };
    let set = set_of(&flat, tolerance);
    let colours: Vec<[f32; 3]> = flat.iter().map(|(colour, _)| *colour).collect();
    let number = colours.len();
    let mut sightings: Vec<Vec<Sighting>> = (0..number).map(|_| Vec::new()).collect();
    let mut places: Vec<Option<(places::Place, u32)>> = vec![None; number];
    let mut faces = vec![vec![0_usize; number]; number];
    for (frame, time_s) in frames.iter().zip(times) {
        let labels = flat::labels(frame, &colours);
        for (label, list) in sightings.iter_mut().enumerate() {
            let Some(sighting) = sight(&labels, label as u8, width, height, *time_s) else {
                continue;
            };
            if let Some(place @ None) = places.get_mut(label) {
                *place = Some(place_of(&labels, label as u8, width, height));
            }
            list.push(sighting);
        }
        let here = flat::faces(&labels, width, height, number);
        for (sums, row) in faces.iter_mut().zip(here) {
            for (sum, count) in sums.iter_mut().zip(row) {
                *sum = (*sum).max(count);
            }
        }
    }
    // Regions come by size; ids follow that order.
    let mut order: Vec<usize> = (0..number)
        .filter(|label| sightings.get(*label).is_some_and(|list| !list.is_empty()))
        .collect();
    let share = |label: usize| {
        sightings.get(label).map_or(0.0, |list| {
            list.iter().map(|s| s.share).sum::<f64>() / list.len().max(1) as f64
        })
    };
    order.sort_by(|one, other| share(*other).total_cmp(&share(*one)));
    let least = ((width + height) as f64 * TOUCH).max(4.0) as usize;
    let regions = order
        .iter()
        .enumerate()
        .filter_map(|(rank, &label)| {
            let colour = colours.get(label).copied()?;
            let (place, parts) = places.get(label).cloned().flatten()?;
            let touches = order
                .iter()
                .enumerate()
                .filter(|(_, other)| {
                    let faced = faces.get(label).and_then(|row| row.get(**other));
                    faced.is_some_and(|count| *count >= least)
                })
                .map(|(rank, _)| rank as u32 + 1)
                .collect();
            let (name, class, confidence) = named(set, colour, tolerance, rank as u32 + 1);
            let rgb = colour.map(|value| value.round() as u8);
            Some(SegmentRegion {
                id: rank as u32 + 1,
                name,
                class,
                colour: format!("#{:02x}{:02x}{:02x}", rgb[0], rgb[1], rgb[2]),
                colour_name: colour::name(lab(rgb)).to_owned(),
                share: round(share(label)),
                place: place.words,
                bounds: place.bounds,
                parts,
                touches,
                motion: sightings.get(label).and_then(|list| motion(list)),
                confidence,
            })
        })
        .collect();
    (set, regions)
}

/// A region's name, its class, and how sure that is.
fn named(
    set: Option<ClassSet>,
    colour: [f32; 3],
    tolerance: f32,
    id: u32,
) -> (String, Option<String>, f64) {
    if set.is_some() && distance(colour, [0.0; 3]) < 14.0 {
        return ("unlabelled part".to_owned(), None, 0.8);
    }
    match set.and_then(|set| set.nearest(colour)) {
        Some((class, off)) if off <= tolerance => (
            class.name.to_owned(),
            Some(class.name.to_owned()),
            round(0.97 - 0.45 * f64::from(off / tolerance)),
        ),
        _ => (format!("region {id}"), None, 0.9),
    }
}

fn sight(labels: &[u8], label: u8, width: usize, height: usize, time_s: f64) -> Option<Sighting> {
    let mut count = 0_usize;
    let (mut sum_x, mut sum_y) = (0.0, 0.0);
    let mut bounds = [width, height, 0, 0];
    for (at, _) in labels.iter().enumerate().filter(|(_, own)| **own == label) {
        let (x, y) = (at % width, at / width);
        count += 1;
        sum_x += x as f64 + 0.5;
        sum_y += y as f64 + 0.5;
        bounds = [
            bounds[0].min(x),
            bounds[1].min(y),
            bounds[2].max(x + 1),
            bounds[3].max(y + 1),
        ];
    }
    let whole = labels.len().max(1) as f64;
    (count > 0 && label != NONE).then(|| Sighting {
        time_s,
        share: count as f64 / whole,
        centre: [
            sum_x / count as f64 / width as f64,
            sum_y / count as f64 / height as f64,
        ],
        bounds: Region {
            x: bounds[0] as f64 / width as f64,
            y: bounds[1] as f64 / height as f64,
            width: (bounds[2] - bounds[0]) as f64 / width as f64,
            height: (bounds[3] - bounds[1]) as f64 / height as f64,
        },
        leaves: bounds[0] <= 1
            || bounds[1] <= 1
            || bounds[2] + 1 >= width
            || bounds[3] + 1 >= height,
    })
}

fn place_of(labels: &[u8], label: u8, width: usize, height: usize) -> (places::Place, u32) {
    let mask: Vec<bool> = labels.iter().map(|own| *own == label).collect();
    let shares: Vec<f32> = mask.iter().map(|is| f32::from(u8::from(*is))).collect();
    let parts = components(&mask, width, height);
    let largest = parts.iter().map(Vec::len).max().unwrap_or(0);
    // A few crumbs beside a large part are no parts of their own.
    let number = parts
        .iter()
        .filter(|part| part.len() * 12 >= largest)
        .count();
    (places::of(&shares, width, height), number.min(999) as u32)
}

/// How a region moves: by its middle, or by the edge that stays in frame where it runs out.
fn motion(list: &[Sighting]) -> Option<RegionMotion> {
    let (first, last) = (list.first()?, list.last()?);
    if list.len() < 3 || last.time_s <= first.time_s {
        return None;
    }
    let (dx, dy) = (
        last.centre[0] - first.centre[0],
        last.centre[1] - first.centre[1],
    );
    let inside = !first.leaves && !last.leaves;
    let size = |bounds: &Region| (bounds.width * bounds.height).max(1e-6).sqrt();
    let grows = if inside {
        size(&last.bounds) / size(&first.bounds)
    } else {
        1.0
    };
    // What runs out of frame changes its middle by what is cut off, so it must move farther.
    let least = if inside { 0.03 } else { 0.1 };
    if dx.hypot(dy) < least && (grows - 1.0).abs() < 0.2 {
        return None;
    }
    let step = list.len().div_ceil(16).max(1);
    Some(RegionMotion {
        start_s: round(first.time_s),
        end_s: round(last.time_s),
        dx: round(dx),
        dy: round(dy),
        grows: round(grows),
        way: list
            .iter()
            .step_by(step)
            .map(|sighting| sighting.centre.map(round))
            .collect(),
    })
}

fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
