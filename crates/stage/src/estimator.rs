//! The faults that depth estimators have, put on exact depth: soft edges, a scale that
//! flickers from frame to frame, and holes.

use crate::noise::Noise;
use crate::render::DepthMap;

/// How depth was estimated.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Estimator {
    /// Radius of the blur of edges, pixels.
    pub blur: u32,
    /// Typical change of scale from frame to frame, share.
    pub flicker: f64,
    /// Share of the picture that is holes (not a number), in patches.
    pub holes: f64,
    /// Seed of flicker and holes.
    pub seed: u64,
}

/// Side of a patch that is a hole, pixels.
const PATCH: u32 = 8;

impl Estimator {
    /// A model without faults.
    pub const EXACT: Self = Self {
        blur: 0,
        flicker: 0.0,
        holes: 0.0,
        seed: 0,
    };

    /// Puts the faults on a clip. Blur and flicker act on inverse depth, which models estimate.
    pub fn estimate(self, maps: &mut [DepthMap]) {
        let noise = Noise::new(self.seed);
        for (frame, map) in (0_u64..).zip(maps) {
            if self.blur > 0 {
                // Twice makes the fall of an edge smooth.
                for _ in 0..2 {
                    soften(map, self.blur as usize);
                }
            }
            let scale = 1.0 + self.flicker * noise.between(frame, -1.7, 1.7);
            for metres in &mut map.metres {
                *metres /= scale as f32;
            }
            let columns = map.width.div_ceil(PATCH);
            for y in 0..map.height {
                for x in 0..map.width {
                    let patch = u64::from((y / PATCH) * columns + x / PATCH);
                    let at = (y * map.width + x) as usize;
                    if noise.share(1_000_000 + frame * 100_000 + patch) < self.holes {
                        map.metres[at] = f32::NAN;
                    }
                }
            }
        }
    }
}

/// A box blur of inverse depth, first along rows, then along columns.
fn soften(map: &mut DepthMap, radius: usize) {
    let (width, height) = (map.width as usize, map.height as usize);
    let mut near: Vec<f32> = map.metres.iter().map(|m| 1.0 / m.max(0.05)).collect();
    for (step, count, lines, across) in [(1, width, height, width), (width, height, width, 1)] {
        let before = near.clone();
        for line in 0..lines {
            for at in 0..count {
                let from = at.saturating_sub(radius);
                let to = (at + radius + 1).min(count);
                let sum: f32 = (from..to).map(|k| before[line * across + k * step]).sum();
                near[line * across + at * step] = sum / (to - from) as f32;
            }
        }
    }
    for (metres, near) in map.metres.iter_mut().zip(near) {
        *metres = if near > 1e-6 {
            1.0 / near
        } else {
            f32::INFINITY
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_soften_scale_flickers_and_holes_open() {
        let exact = DepthMap {
            width: 32,
            height: 16,
            metres: (0..512)
                .map(|at| if at % 32 < 16 { 2.0 } else { 4.0 })
                .collect(),
        };
        let mut maps = vec![exact.clone(), exact.clone()];
        Estimator::EXACT.estimate(&mut maps);
        assert_eq!(maps[0].at(15, 3), exact.at(15, 3));
        let faulty = Estimator {
            blur: 1,
            flicker: 0.05,
            holes: 0.2,
            seed: 4,
        };
        faulty.estimate(&mut maps);
        let holes = maps[0].metres.iter().filter(|m| m.is_nan()).count();
        assert!((40..200).contains(&holes), "{holes}");
        let plain = Estimator {
            holes: 0.0,
            ..faulty
        };
        let mut maps = vec![exact.clone(), exact];
        plain.estimate(&mut maps);
        assert!(maps[0].at(15, 8) > maps[0].at(2, 8) * 1.1);
        assert!((maps[0].at(2, 8) - maps[1].at(2, 8)).abs() > 1e-4);
    }
}
