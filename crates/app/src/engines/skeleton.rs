//! Tracked keypoints as pictures, for models: the OpenPose way, on black.

use decoupage_conditions::pose::{PoseTrack, Skeleton};
use decoupage_shot::{Code, Fault, Outcome};
use tiny_skia::{Color, LineCap, Paint, PathBuilder, Pixmap, Stroke, Transform};

/// Height of a drawn frame, pixels.
const HEIGHT: u32 = 336;
/// Frames a second that are drawn: enough for a step.
const FPS: f64 = 4.0;
/// Most frames that are drawn.
const MOST: usize = 64;

/// Limbs between COCO-18 points.
const LIMBS: [(usize, usize); 17] = [
    (1, 2),
    (1, 5),
    (2, 3),
    (3, 4),
    (5, 6),
    (6, 7),
    (1, 8),
    (8, 9),
    (9, 10),
    (1, 11),
    (11, 12),
    (12, 13),
    (1, 0),
    (0, 14),
    (14, 16),
    (0, 15),
    (15, 17),
];

/// Frames as PNG bytes.
pub(crate) struct Drawn {
    pub(crate) frames: Vec<Vec<u8>>,
    pub(crate) fps: f64,
}

/// Draws a track, evenly sampled.
///
/// # Errors
/// A track without frames.
pub(crate) fn draw(track: &PoseTrack) -> Outcome<Drawn> {
    let (Some(first), Some(last)) = (track.frames.first(), track.frames.last()) else {
        return Err(Fault::new(Code::Damaged, "The pose has no frames to draw."));
    };
    let length = (last.time_s - first.time_s).max(0.0);
    let count = ((length * FPS).round() as usize + 1).clamp(1, MOST.min(track.frames.len()));
    let fps = if count > 1 && length > 0.0 {
        (count - 1) as f64 / length
    } else {
        FPS
    };
    let frames = (0..count)
        .map(|number| {
            let at = number * (track.frames.len() - 1) / count.max(2).saturating_sub(1).max(1);
            draw_frame(
                &track.frames[at.min(track.frames.len() - 1)].people,
                track.aspect,
            )
        })
        .collect::<Outcome<_>>()?;
    Ok(Drawn { frames, fps })
}

fn draw_frame(people: &[Skeleton], aspect: f64) -> Outcome<Vec<u8>> {
    let width = (f64::from(HEIGHT) * aspect.clamp(0.25, 4.0)).round() as u32;
    let mut canvas = Pixmap::new(width, HEIGHT).ok_or_else(unpaintable)?;
    canvas.fill(Color::BLACK);
    let place = |point: [f64; 2]| {
        (
            (point[0] * f64::from(width)) as f32,
            (point[1] * f64::from(HEIGHT)) as f32,
        )
    };
    for person in people {
        for (number, (from, to)) in LIMBS.into_iter().enumerate() {
            let ends = (person.points.get(from), person.points.get(to));
            let (Some(Some(from)), Some(Some(to))) = ends else {
                continue;
            };
            let (from, to) = (place(*from), place(*to));
            let mut path = PathBuilder::new();
            path.move_to(from.0, from.1);
            path.line_to(to.0, to.1);
            let Some(path) = path.finish() else { continue };
            let mut paint = Paint::default();
            let (r, g, b) = hue(number);
            paint.set_color_rgba8(r, g, b, 255);
            paint.anti_alias = true;
            let stroke = Stroke {
                width: 5.0,
                line_cap: LineCap::Round,
                ..Stroke::default()
            };
            canvas.stroke_path(&path, &paint, &stroke, Transform::identity(), None);
        }
    }
    canvas.encode_png().map_err(|_| unpaintable())
}

/// Limbs run through the hues, red first.
fn hue(limb: usize) -> (u8, u8, u8) {
    let turn = limb as f32 / LIMBS.len() as f32 * 6.0;
    let rise = (turn.fract() * 255.0) as u8;
    match turn as u32 {
        0 => (255, rise, 0),
        1 => (255 - rise, 255, 0),
        2 => (0, 255, rise),
        3 => (0, 255 - rise, 255),
        4 => (rise, 0, 255),
        _ => (255, 0, 255 - rise),
    }
}

fn unpaintable() -> Fault {
    Fault::new(Code::Internal, "The pose could not be drawn.")
}
