//! Connected patches of one ink, and their shape.

use super::palette::{GROUND, Ink, InkMap, decode};
use crate::pose::joints::Point;

/// A connected patch of one ink.
#[derive(Debug, Clone, PartialEq)]
pub struct Blob {
    /// Its ink.
    pub ink: Ink,
    /// How many pixels it has.
    pub area: f64,
    /// Its centre, pixels.
    pub centre: Point,
    /// Unit vector of its long axis.
    pub axis: Point,
    /// Half the length of the ellipse with the same second moments, along its long axis, pixels.
    pub half_length: f64,
    /// Half the width of that ellipse.
    pub half_width: f64,
    /// The two ends of the patch along its long axis.
    pub ends: [Point; 2],
}

/// Patches below this many pixels are specks.
const LEAST_AREA: usize = 4;
/// More patches than this is no skeleton but a photograph.
const MOST_BLOBS: usize = 6000;

/// Finds the patches of colour. `None` when there are so many that it is no drawing.
pub fn find(map: &InkMap) -> Option<Vec<Blob>> {
    let (width, height) = (map.width, map.height);
    let mut seen = vec![false; width * height];
    let mut blobs = Vec::new();
    let mut patch: Vec<usize> = Vec::new();
    for start in 0..width * height {
        let code = map.code(start);
        if code == GROUND || seen[start] || decode(code) == Ink::Other {
            continue;
        }
        patch.clear();
        patch.push(start);
        seen[start] = true;
        let mut next = 0;
        while next < patch.len() {
            let (x, y) = (patch[next] % width, patch[next] / width);
            next += 1;
            for ny in y.saturating_sub(1)..=(y + 1).min(height - 1) {
                for nx in x.saturating_sub(1)..=(x + 1).min(width - 1) {
                    let index = ny * width + nx;
                    if !seen[index] && map.code(index) == code {
                        seen[index] = true;
                        patch.push(index);
                    }
                }
            }
        }
        if patch.len() >= LEAST_AREA {
            if blobs.len() >= MOST_BLOBS {
                return None;
            }
            blobs.push(measure(&patch, width, decode(code)));
        }
    }
    Some(blobs)
}

fn measure(patch: &[usize], width: usize, ink: Ink) -> Blob {
    let area = patch.len() as f64;
    let place = |index: usize| [(index % width) as f64, (index / width) as f64];
    let mut sum = [0.0; 2];
    for &index in patch {
        let [x, y] = place(index);
        sum = [sum[0] + x, sum[1] + y];
    }
    let centre = [sum[0] / area, sum[1] / area];
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for &index in patch {
        let [x, y] = place(index);
        let (dx, dy) = (x - centre[0], y - centre[1]);
        xx += dx * dx;
        xy += dx * dy;
        yy += dy * dy;
    }
    // A pixel is a square, not a point: 1/12 of variance each way.
    let (xx, xy, yy) = (xx / area + 1.0 / 12.0, xy / area, yy / area + 1.0 / 12.0);
    let angle = 0.5 * (2.0 * xy).atan2(xx - yy);
    let axis = [angle.cos(), angle.sin()];
    let middle = f64::midpoint(xx, yy);
    let spread = (0.25 * (xx - yy) * (xx - yy) + xy * xy).sqrt();
    let (mut low, mut high) = (0.0_f64, 0.0_f64);
    for &index in patch {
        let [x, y] = place(index);
        let along = (x - centre[0]) * axis[0] + (y - centre[1]) * axis[1];
        low = low.min(along);
        high = high.max(along);
    }
    let at = |along: f64| [centre[0] + along * axis[0], centre[1] + along * axis[1]];
    Blob {
        ink,
        area,
        centre,
        axis,
        half_length: 2.0 * (middle + spread).sqrt(),
        half_width: 2.0 * (middle - spread).max(0.0).sqrt(),
        ends: [at(low), at(high)],
    }
}
