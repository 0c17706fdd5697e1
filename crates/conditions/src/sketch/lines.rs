//! Straight lines in a drawing.

use crate::colour::Plane;

/// A straight stroke. Coordinates are pixels of the plane it was found in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Segment {
    /// One end.
    pub from: [f64; 2],
    /// The other.
    pub to: [f64; 2],
}

impl Segment {
    /// Its length, pixels.
    pub fn length(&self) -> f64 {
        (self.to[0] - self.from[0]).hypot(self.to[1] - self.from[1])
    }

    /// Its middle.
    pub fn middle(&self) -> [f64; 2] {
        [
            (self.from[0] + self.to[0]) / 2.0,
            (self.from[1] + self.to[1]) / 2.0,
        ]
    }

    /// Its unit direction.
    pub fn direction(&self) -> [f64; 2] {
        let length = self.length().max(1e-9);
        [
            (self.to[0] - self.from[0]) / length,
            (self.to[1] - self.from[1]) / length,
        ]
    }

    /// Its slope from level, degrees, −90–90; below 0 it rises to the right.
    pub fn angle_deg(&self) -> f64 {
        let [x, y] = self.direction();
        let angle = y.atan2(x).to_degrees();
        match angle {
            angle if angle > 90.0 => angle - 180.0,
            angle if angle <= -90.0 => angle + 180.0,
            angle => angle,
        }
    }
}

/// How far a pixel's direction may turn from its line's, radians.
const TURN: f32 = std::f32::consts::FRAC_PI_8;
/// The most lines kept, longest first.
const MOST: usize = 300;

/// Straight segments, longest first, none shorter than `least` pixels.
///
/// Pixels whose gradients agree in direction are grown into regions, strongest first, and each
/// region is fitted with a line: the idea of LSD (Grompone von Gioi et al. 2010) without its
/// false-alarm count, which drawings do not need.
pub fn segments(plane: &Plane, least: f64) -> Vec<Segment> {
    let (width, height) = (plane.width, plane.height);
    if width < 8 || height < 8 {
        return Vec::new();
    }
    let mut angles = vec![0.0_f32; width * height];
    let mut strengths = vec![0.0_f32; width * height];
    let smooth = smooth(plane);
    for y in 0..height - 1 {
        for x in 0..width - 1 {
            let at = |dx: usize, dy: usize| smooth.at((x + dx) as isize, (y + dy) as isize);
            let (a, b, c, d) = (at(0, 0), at(1, 0), at(0, 1), at(1, 1));
            let (gx, gy) = ((b + d - a - c) / 2.0, (c + d - a - b) / 2.0);
            let place = y * width + x;
            if let (Some(angle), Some(strength)) = (angles.get_mut(place), strengths.get_mut(place))
            {
                *angle = gx.atan2(-gy);
                *strength = gx.hypot(gy);
            }
        }
    }
    let mut tops = strengths.clone();
    let top = crate::colour::plane::quantile(&mut tops, 0.995);
    let floor = (top * 0.15).max(5.0);
    let mut order: Vec<usize> = (0..strengths.len())
        .filter(|at| strengths.get(*at).is_some_and(|s| *s > floor))
        .collect();
    order.sort_by(|one, other| {
        let of = |at: &usize| strengths.get(*at).copied().unwrap_or(0.0);
        of(other).total_cmp(&of(one)).then(one.cmp(other))
    });
    let mut used: Vec<bool> = strengths.iter().map(|s| *s <= floor).collect();
    let mut found = Vec::new();
    let mut region = Vec::new();
    for start in order {
        if used.get(start) != Some(&false) {
            continue;
        }
        grow(start, &angles, &mut used, (width, height), &mut region);
        if region.len() as f64 >= least * 0.6
            && let Some(segment) = fit(&region, &strengths, width)
            && segment.length() >= least
        {
            found.push(segment);
        }
    }
    found.sort_by(|one, other| other.length().total_cmp(&one.length()));
    found.truncate(MOST);
    found
}

/// Means of 3 × 3 pixels: steps of one pixel turn into slopes with a direction.
fn smooth(plane: &Plane) -> Plane {
    let mut out = plane.clone();
    for y in 0..plane.height {
        for x in 0..plane.width {
            let mut sum = 0.0;
            for (dy, dx) in (0..9_isize).map(|n| (n / 3 - 1, n % 3 - 1)) {
                sum += plane.at(x as isize + dx, y as isize + dy);
            }
            if let Some(value) = out.values.get_mut(y * plane.width + x) {
                *value = sum / 9.0;
            }
        }
    }
    out
}

fn grow(
    start: usize,
    angles: &[f32],
    used: &mut [bool],
    (width, height): (usize, usize),
    region: &mut Vec<usize>,
) {
    region.clear();
    region.push(start);
    let mut mark = |at: usize| match used.get_mut(at) {
        Some(used) if !*used => {
            *used = true;
            true
        }
        _ => false,
    };
    mark(start);
    let Some(&first) = angles.get(start) else {
        return;
    };
    let (mut sine, mut cosine) = first.sin_cos();
    let mut head = 0;
    while let Some(&at) = region.get(head) {
        head += 1;
        let (x, y) = ((at % width) as isize, (at / width) as isize);
        for (dy, dx) in (0..9_isize).map(|n| (n / 3 - 1, n % 3 - 1)) {
            let (x, y) = (x + dx, y + dy);
            if x < 0 || y < 0 || x >= width as isize || y >= height as isize {
                continue;
            }
            let next = y as usize * width + x as usize;
            let Some(&angle) = angles.get(next) else {
                continue;
            };
            let mean = sine.atan2(cosine);
            let mut off = (angle - mean).rem_euclid(std::f32::consts::TAU);
            off = off.min(std::f32::consts::TAU - off);
            if off < TURN && mark(next) {
                region.push(next);
                sine += angle.sin();
                cosine += angle.cos();
            }
        }
    }
}

/// The line through a region by its moments; `None` where it is no line.
fn fit(region: &[usize], strengths: &[f32], width: usize) -> Option<Segment> {
    let points = || {
        region.iter().map(|at| {
            let weight = f64::from(strengths.get(*at).copied().unwrap_or(0.0));
            // The gradient lies between four pixels: half a pixel on.
            ((at % width) as f64 + 1.0, (at / width) as f64 + 1.0, weight)
        })
    };
    let total: f64 = points().map(|(_, _, weight)| weight).sum();
    let cx = points().map(|(x, _, w)| x * w).sum::<f64>() / total.max(1e-9);
    let cy = points().map(|(_, y, w)| y * w).sum::<f64>() / total.max(1e-9);
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (x, y, w) in points() {
        xx += (x - cx) * (x - cx) * w;
        xy += (x - cx) * (y - cy) * w;
        yy += (y - cy) * (y - cy) * w;
    }
    let angle = 0.5 * (2.0 * xy).atan2(xx - yy);
    let (sine, cosine) = angle.sin_cos();
    let (mut low, mut high, mut off) = (f64::MAX, f64::MIN, 0.0);
    for (x, y, w) in points() {
        let along = (x - cx) * cosine + (y - cy) * sine;
        let across = (y - cy) * cosine - (x - cx) * sine;
        low = low.min(along);
        high = high.max(along);
        off += across * across * w;
    }
    let spread = (off / total.max(1e-9)).sqrt();
    let length = high - low;
    (length > 1.0 && spread < 2.2 && spread * 12.0 < length).then_some(Segment {
        from: [cx + low * cosine, cy + low * sine],
        to: [cx + high * cosine, cy + high * sine],
    })
}
