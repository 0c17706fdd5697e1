//! Segmentations: flat shapes in class colours, standing still or moving.

use image::{Rgb, RgbImage};

use crate::noise::Noise;

/// A flat shape.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// Its class, by the caller's number.
    pub class: usize,
    /// Middle at time 0, shares of the frame.
    pub middle: [f64; 2],
    /// Half its width and height, shares of the frame.
    pub half: [f64; 2],
    /// Whether it is round.
    pub round: bool,
    /// How far it moves in a second, shares of the frame.
    pub speed: [f64; 2],
}

impl Area {
    fn holds(&self, x: f64, y: f64, time_s: f64) -> bool {
        let dx = (x - self.middle[0] - self.speed[0] * time_s) / self.half[0];
        let dy = (y - self.middle[1] - self.speed[1] * time_s) / self.half[1];
        if self.round {
            dx * dx + dy * dy < 1.0
        } else {
            dx.abs().max(dy.abs()) < 1.0
        }
    }
}

/// A street-like scene: something above, something below, blocks along the seam and a few
/// things in front, of as many classes as it has areas.
pub fn street(seed: u64, moving: bool) -> Vec<Area> {
    let noise = Noise::new(seed);
    let seam = noise.between(0, 0.35, 0.62);
    let still = |class, middle, half, round| Area {
        class,
        middle,
        half,
        round,
        speed: [0.0; 2],
    };
    let mut areas = vec![
        still(0, [0.5, 0.5], [0.6, 0.6], false),
        still(1, [0.5, seam + 0.5], [0.6, 0.5], false),
    ];
    let blocks = 1 + (noise.share(1) * 3.0) as usize;
    for block in 0..blocks {
        let at = |k: u64| noise.share(20 + block as u64 * 8 + k);
        let half = [0.06 + 0.1 * at(0), 0.06 + 0.14 * at(1)];
        let x = (block as f64 + 0.5) / blocks as f64 + 0.1 * (at(2) - 0.5);
        areas.push(still(areas.len(), [x, seam - half[1] + 0.02], half, false));
    }
    let things = 1 + (noise.share(2) * 3.0) as usize;
    for thing in 0..things {
        let at = |k: u64| noise.share(60 + thing as u64 * 8 + k);
        let half = [0.03 + 0.05 * at(0), 0.06 + 0.08 * at(1)];
        let x = (thing as f64 + 0.3 + 0.4 * at(2)) / things as f64;
        let mut area = still(
            areas.len(),
            [x.clamp(0.1, 0.9), (seam + 0.12 + 0.1 * at(3)).min(0.83)],
            half,
            at(4) < 0.5,
        );
        if moving && thing == 0 {
            // Towards the farther side, and it stays in frame.
            let way = if area.middle[0] < 0.5 { 1.0 } else { -1.0 };
            area.speed[0] = way * (0.12 + 0.2 * at(5));
        }
        areas.push(area);
    }
    areas
}

/// Which class each pixel shows.
pub fn labels(areas: &[Area], time_s: f64, width: u32, height: u32) -> Vec<usize> {
    (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .map(|(x, y)| {
            let x = (f64::from(x) + 0.5) / f64::from(width);
            let y = (f64::from(y) + 0.5) / f64::from(height);
            areas
                .iter()
                .rev()
                .find(|area| area.holds(x, y, time_s))
                .map_or(0, |area| area.class)
        })
        .collect()
}

/// Draws labels in class colours.
pub fn draw(labels: &[usize], colours: &[[u8; 3]], width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let label = labels.get((y * width + x) as usize).copied().unwrap_or(0);
        Rgb(colours.get(label).copied().unwrap_or([0; 3]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_stand_before_what_they_stand_on() {
        let areas = street(5, true);
        let labels = labels(&areas, 0.0, 64, 36);
        assert_eq!(labels.len(), 64 * 36);
        for area in &areas {
            assert!(labels.contains(&area.class), "{area:?}");
        }
    }
}
