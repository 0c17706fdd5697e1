//! Line drawings in known perspective, drawn by a slightly unsteady hand.

use image::{GrayImage, Luma};

use crate::noise::Noise;

/// A drawing with its truth. Places are shares of the frame.
#[derive(Debug, Clone)]
pub struct Drawing {
    /// Strokes: from, to.
    pub strokes: Vec<([f64; 2], [f64; 2])>,
    /// Its vanishing points: none, one or two.
    pub points: Vec<[f64; 2]>,
    /// The height of its horizon, where it has one.
    pub horizon: Option<f64>,
}

/// A room seen down its length: all that recedes runs to one point.
pub fn one_point(seed: u64) -> Drawing {
    let noise = Noise::new(seed);
    let point = [noise.between(0, 0.25, 0.75), noise.between(1, 0.3, 0.65)];
    let back = noise.between(2, 0.15, 0.3);
    let towards = |from: [f64; 2], share: f64| {
        [
            from[0] + (point[0] - from[0]) * share,
            from[1] + (point[1] - from[1]) * share,
        ]
    };
    let corners = [[-0.02, -0.02], [1.02, -0.02], [1.02, 1.02], [-0.02, 1.02]];
    let mut strokes = Vec::new();
    for corner in corners {
        strokes.push((corner, towards(corner, 1.0 - back)));
    }
    for at in 0..4 {
        let ends = [corners[at], corners[(at + 1) % 4]].map(|corner| towards(corner, 1.0 - back));
        strokes.push((ends[0], ends[1]));
    }
    // Boards, beams and doors along the walls.
    for line in 0..6 {
        let along = noise.between(10 + line, 0.12, 0.88);
        let edge = match line % 4 {
            0 => [along, 1.0],
            1 => [0.0, along],
            2 => [1.0, along],
            _ => [along, 0.0],
        };
        let near = noise.between(30 + line, 0.0, 0.3);
        let far = noise.between(50 + line, 0.55, 0.82);
        strokes.push((towards(edge, near), towards(edge, far)));
    }
    for door in 0..2 {
        let near = noise.between(70 + door, 0.2, 0.6);
        let side = if door == 0 { -0.02 } else { 1.02 };
        let (top, foot) = (towards([side, 0.25], near), towards([side, 1.02], near));
        strokes.push((top, foot));
    }
    Drawing {
        strokes,
        points: vec![point],
        horizon: Some(point[1]),
    }
}

/// Houses seen at their corners: two points at one height.
pub fn two_point(seed: u64) -> Drawing {
    let noise = Noise::new(seed);
    let height = noise.between(0, 0.35, 0.62);
    let points = [
        [noise.between(1, -0.45, 0.05), height],
        [noise.between(2, 0.95, 1.45), height],
    ];
    let mut strokes = Vec::new();
    for house in 0..3_u64 {
        let at = |k: u64| noise.share(20 + house * 16 + k);
        let x = 0.22 + 0.28 * house as f64 + 0.08 * (at(0) - 0.5);
        let top = height - 0.12 - 0.22 * at(1);
        let foot = height + 0.1 + 0.2 * at(2);
        strokes.push(([x, top], [x, foot]));
        for (side, point) in points.iter().enumerate() {
            let far = 0.3 + 0.25 * at(4 + side as u64);
            let end = |y: f64| [x + (point[0] - x) * far, y + (point[1] - y) * far];
            for y in [top, foot] {
                strokes.push(([x, y], end(y)));
            }
            let (a, b) = (end(top), end(foot));
            strokes.push((a, b));
            // Rows of windows.
            for row in 1..3 {
                let y = top + (foot - top) * f64::from(row) / 3.4;
                strokes.push(([x, y], end(y)));
            }
        }
    }
    if noise.share(3) < 0.5 {
        strokes.push(([0.0, height], [1.0, height]));
    }
    Drawing {
        strokes,
        points: points.to_vec(),
        horizon: Some(height),
    }
}

/// Things drawn flat: strokes in all directions with nothing in common.
pub fn flat(seed: u64) -> Drawing {
    let noise = Noise::new(seed);
    let mut strokes = Vec::new();
    for thing in 0..5_u64 {
        let at = |k: u64| noise.share(thing * 16 + k);
        let (x, y) = (0.15 + 0.7 * at(0), 0.15 + 0.7 * at(1));
        let (radius, turn) = (0.05 + 0.09 * at(2), at(3) * std::f64::consts::TAU);
        let sides = 3 + (at(4) * 9.0) as u32;
        let corner = |n: u32| {
            let angle = turn + f64::from(n) / f64::from(sides) * std::f64::consts::TAU;
            [x + radius * angle.cos(), y + radius * 1.6 * angle.sin()]
        };
        for n in 0..sides {
            strokes.push((corner(n), corner(n + 1)));
        }
    }
    Drawing {
        strokes,
        points: Vec::new(),
        horizon: None,
    }
}

/// Draws the strokes, `wide` pixels wide, dark on light; the hand strays by up to `stray`
/// pixels.
pub fn draw(
    drawing: &Drawing,
    seed: u64,
    width: u32,
    height: u32,
    wide: f64,
    stray: f64,
) -> GrayImage {
    let noise = Noise::new(seed ^ 0x6861_6e64);
    let mut sheet = GrayImage::from_pixel(width, height, Luma([250]));
    for (number, (from, to)) in drawing.strokes.iter().enumerate() {
        let scale = |point: &[f64; 2]| [point[0] * f64::from(width), point[1] * f64::from(height)];
        let (a, b) = (scale(from), scale(to));
        let length = (b[0] - a[0]).hypot(b[1] - a[1]);
        let steps = (length * 1.5).ceil().max(1.0) as u32;
        for step in 0..=steps {
            let along = f64::from(step) / f64::from(steps);
            let sway = stray * noise.wander(number as u64, along * length / 240.0) * 0.6;
            let (nx, ny) = (
                (a[1] - b[1]) / length.max(1e-9),
                (b[0] - a[0]) / length.max(1e-9),
            );
            let x = a[0] + (b[0] - a[0]) * along + nx * sway;
            let y = a[1] + (b[1] - a[1]) * along + ny * sway;
            dab(&mut sheet, x, y, wide / 2.0);
        }
    }
    sheet
}

/// One touch of a round pen with a soft rim.
fn dab(sheet: &mut GrayImage, x: f64, y: f64, radius: f64) {
    let reach = radius + 1.0;
    for py in (y - reach).floor() as i64..=(y + reach).ceil() as i64 {
        for px in (x - reach).floor() as i64..=(x + reach).ceil() as i64 {
            let (Ok(ix), Ok(iy)) = (u32::try_from(px), u32::try_from(py)) else {
                continue;
            };
            if let Some(pixel) = sheet.get_pixel_mut_checked(ix, iy) {
                let off = (px as f64 + 0.5 - x).hypot(py as f64 + 0.5 - y);
                let ink = (radius + 0.5 - off).clamp(0.0, 1.0);
                let dark = (250.0 - 225.0 * ink) as u8;
                pixel.0[0] = pixel.0[0].min(dark);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawings_are_the_same_twice_and_hold_ink() {
        for drawing in [one_point(1), two_point(1), flat(1)] {
            let sheet = draw(&drawing, 3, 160, 90, 2.0, 0.5);
            assert_eq!(sheet, draw(&drawing, 3, 160, 90, 2.0, 0.5));
            assert!(sheet.pixels().any(|pixel| pixel.0[0] < 60));
        }
    }
}
