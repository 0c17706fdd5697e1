//! A camera path as a picture, for models: seen from above on the left, from the side on the
//! right, green where it begins, red where it ends, with short strokes along the look.

use decoupage_shot::{Code, Fault, Outcome};
use tiny_skia::{Color, LineCap, Paint, PathBuilder, Pixmap, Stroke, Transform};

use crate::api::{CameraPlot, CameraSample};

/// Side of each of the two views, pixels.
const SIDE: u32 = 448;
/// Free border, pixels.
const BORDER: f64 = 40.0;
/// Strokes along the look, evenly over the path.
const LOOKS: usize = 12;
/// Length of such a stroke, pixels.
const LOOK_LENGTH: f64 = 34.0;

/// Which two of the axes (x right, y down, z forward) a view shows, across and up.
#[derive(Clone, Copy)]
struct Projection {
    across: (usize, f64),
    up: (usize, f64),
}

const ABOVE: Projection = Projection {
    across: (0, 1.0),
    up: (2, 1.0),
};
/// Forward is to the right, height upwards: y points down in the path's own axes.
const BESIDE: Projection = Projection {
    across: (2, 1.0),
    up: (1, -1.0),
};

impl Projection {
    fn of(self, point: [f64; 3]) -> (f64, f64) {
        (
            point[self.across.0] * self.across.1,
            point[self.up.0] * self.up.1,
        )
    }
}

/// The plot as PNG bytes.
///
/// # Errors
/// A path without samples.
pub(crate) fn draw(plot: &CameraPlot) -> Outcome<Vec<u8>> {
    if plot.samples.is_empty() {
        return Err(Fault::new(
            Code::Damaged,
            "The camera path has no positions to draw.",
        ));
    }
    let mut canvas = Pixmap::new(SIDE * 2, SIDE).ok_or_else(unpaintable)?;
    canvas.fill(Color::WHITE);
    draw_view(&mut canvas, &plot.samples, ABOVE, 0.0);
    draw_view(&mut canvas, &plot.samples, BESIDE, f64::from(SIDE));
    canvas.encode_png().map_err(|_| unpaintable())
}

fn draw_view(canvas: &mut Pixmap, samples: &[CameraSample], view: Projection, left: f64) {
    let points: Vec<(f64, f64)> = samples.iter().map(|s| view.of(s.centre)).collect();
    let (mut low, mut high) = ((f64::MAX, f64::MAX), (f64::MIN, f64::MIN));
    for &(x, y) in &points {
        low = (low.0.min(x), low.1.min(y));
        high = (high.0.max(x), high.1.max(y));
    }
    let extent = (high.0 - low.0).max(high.1 - low.1);
    // A camera that stays where it is has no extent: one point in the middle.
    let scale = if extent > 1e-9 {
        (f64::from(SIDE) - 2.0 * BORDER) / extent
    } else {
        0.0
    };
    let middle = ((low.0 + high.0) / 2.0, (low.1 + high.1) / 2.0);
    let half = f64::from(SIDE) / 2.0;
    let place = |(x, y): (f64, f64)| {
        (
            left + half + (x - middle.0) * scale,
            half - (y - middle.1) * scale,
        )
    };
    let last = points.len().max(2) - 1;
    for (index, pair) in points.windows(2).enumerate() {
        line(
            canvas,
            place(pair[0]),
            place(pair[1]),
            share(index, last),
            5.0,
        );
    }
    let step = (samples.len() / LOOKS).max(1);
    for (index, sample) in samples.iter().enumerate().step_by(step) {
        let from = place(points[index]);
        let (x, y) = view.of(sample.forward);
        let to = (from.0 + x * LOOK_LENGTH, from.1 - y * LOOK_LENGTH);
        line(canvas, from, to, share(index, last), 2.0);
    }
}

fn share(index: usize, last: usize) -> f64 {
    index as f64 / last as f64
}

fn line(canvas: &mut Pixmap, from: (f64, f64), to: (f64, f64), share: f64, width: f32) {
    let mut path = PathBuilder::new();
    path.move_to(from.0 as f32, from.1 as f32);
    path.line_to(to.0 as f32, to.1 as f32);
    // A line of no length cannot be drawn, and need not be.
    let Some(path) = path.finish() else { return };
    let mut paint = Paint::default();
    paint.set_color_rgba8(
        (200.0 * share) as u8 + 20,
        (150.0 * (1.0 - share)) as u8 + 20,
        40,
        255,
    );
    paint.anti_alias = true;
    let stroke = Stroke {
        width,
        line_cap: LineCap::Round,
        ..Stroke::default()
    };
    canvas.stroke_path(&path, &paint, &stroke, Transform::identity(), None);
}

fn unpaintable() -> Fault {
    Fault::new(Code::Internal, "The camera path could not be drawn.")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use decoupage_conditions::camera::{CameraReading, Steadiness};

    fn path(centres: &[[f64; 3]]) -> CameraPlot {
        CameraPlot {
            samples: centres
                .iter()
                .enumerate()
                .map(|(number, centre)| CameraSample {
                    time_s: number as f64,
                    centre: *centre,
                    forward: [0.0, 0.0, 1.0],
                    up: [0.0, -1.0, 0.0],
                    fov_deg: None,
                })
                .collect(),
            metric: false,
            reading: CameraReading {
                frames: centres.len() as u32,
                duration_s: 1.0,
                times_assumed: false,
                format: "tum".to_owned(),
                convention: "opencv_c2w".to_owned(),
                cameras: Vec::new(),
                metric: false,
                moves: Vec::new(),
                steadiness: Steadiness::Static,
                ..CameraReading::default()
            },
        }
    }

    /// Columns of the left view that are drawn on.
    fn drawn(png: &[u8]) -> (u32, u32) {
        let picture = image::load_from_memory(png).unwrap().to_rgb8();
        let inked: Vec<u32> = (0..SIDE)
            .filter(|x| (0..SIDE).any(|y| picture.get_pixel(*x, y).0 != [255; 3]))
            .collect();
        (*inked.first().unwrap(), *inked.last().unwrap())
    }

    #[test]
    fn a_path_to_the_right_fills_the_view_from_left_to_right() {
        let (left, right) =
            drawn(&draw(&path(&[[0.0; 3], [1.0, 0.0, 0.0], [2.0, 0.0, 0.0]])).unwrap());
        assert!(left < 60 && right > 390, "{left} to {right}");
    }

    #[test]
    fn a_camera_that_stays_is_a_look_from_the_middle() {
        let (left, right) = drawn(&draw(&path(&[[3.0; 3], [3.0; 3]])).unwrap());
        assert!(left > 200 && right < 250, "{left} to {right}");
    }

    #[test]
    fn a_path_of_nothing_is_refused() {
        assert_eq!(draw(&path(&[])).unwrap_err().code, Code::Damaged);
    }
}
