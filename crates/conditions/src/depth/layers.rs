//! Near, middle and far: where a clip's depths fall apart into bands.

use super::maps::Clip;
use super::{Band, DepthLayer, places};

/// Bins of the depth histogram.
const BINS: usize = 128;
/// The smallest share of the frame that counts as a layer.
const SMALLEST: f64 = 0.03;

/// The bands of a clip: nearness (0–1) from which on each begins, nearest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Bands(pub Vec<(Band, f32)>);

impl Bands {
    /// The band of a nearness.
    pub fn of(&self, near: f32) -> Band {
        self.0
            .iter()
            .find(|(_, from)| near >= *from)
            .or(self.0.last())
            .map_or(Band::Mid, |(band, _)| *band)
    }
}

/// Finds the bands of a clip of nearness maps, by Otsu's criterion with one, two or three
/// classes: a class more must explain clearly more of the spread.
pub fn bands(clip: &Clip) -> Bands {
    let mut histogram = [0.0_f64; BINS];
    for value in clip.maps.iter().flatten().filter(|value| value.is_finite()) {
        let bin = (*value * (BINS - 1) as f32).round() as usize;
        if let Some(count) = histogram.get_mut(bin.min(BINS - 1)) {
            *count += 1.0;
        }
    }
    let total: f64 = histogram.iter().sum();
    if total <= 0.0 {
        return Bands(Vec::new());
    }
    let sums = Sums::of(&histogram, total);
    let spread = sums.spread();
    if spread < 0.06 * 0.06 {
        return Bands(vec![(Band::Mid, 0.0)]);
    }
    let mut two = (0.0, 0);
    let mut three = (0.0, 0, 0);
    for low in 1..BINS {
        let between = sums.between(&[0, low, BINS]);
        if between > two.0 {
            two = (between, low);
        }
        for high in low + 1..BINS {
            let between = sums.between(&[0, low, high, BINS]);
            if between > three.0 {
                three = (between, low, high);
            }
        }
    }
    let from = |bin: usize| bin as f32 / BINS as f32;
    let sizes = [
        sums.weight(0, three.1),
        sums.weight(three.1, three.2),
        sums.weight(three.2, BINS),
    ];
    let three_there = sizes.iter().all(|size| *size >= SMALLEST)
        && (three.0 - two.0) / spread > 0.045
        && three.0 / spread > 0.8;
    if three_there {
        return Bands(vec![
            (Band::Near, from(three.2)),
            (Band::Mid, from(three.1)),
            (Band::Far, 0.0),
        ]);
    }
    let sizes = [sums.weight(0, two.1), sums.weight(two.1, BINS)];
    if sizes.iter().all(|size| *size >= SMALLEST) {
        return Bands(vec![(Band::Near, from(two.1)), (Band::Far, 0.0)]);
    }
    Bands(vec![(Band::Mid, 0.0)])
}

/// Running sums of a histogram, so that any class costs the same.
struct Sums {
    weight: Vec<f64>,
    first: Vec<f64>,
    second: f64,
}

impl Sums {
    fn of(histogram: &[f64], total: f64) -> Self {
        let (mut weight, mut first, mut second) = (vec![0.0], vec![0.0], 0.0);
        for (bin, count) in histogram.iter().enumerate() {
            let value = bin as f64 / (BINS - 1) as f64;
            let share = count / total;
            weight.push(weight.last().copied().unwrap_or(0.0) + share);
            first.push(first.last().copied().unwrap_or(0.0) + share * value);
            second += share * value * value;
        }
        Self {
            weight,
            first,
            second,
        }
    }

    fn range(sums: &[f64], from: usize, to: usize) -> f64 {
        sums.get(to).copied().unwrap_or(0.0) - sums.get(from).copied().unwrap_or(0.0)
    }

    fn weight(&self, from: usize, to: usize) -> f64 {
        Self::range(&self.weight, from, to)
    }

    fn mean(&self) -> f64 {
        self.first.last().copied().unwrap_or(0.0)
    }

    fn spread(&self) -> f64 {
        self.second - self.mean() * self.mean()
    }

    /// Variance between the classes whose edges are given.
    fn between(&self, edges: &[usize]) -> f64 {
        let mean = self.mean();
        edges
            .windows(2)
            .map(|edge| match edge {
                [from, to] => {
                    let weight = self.weight(*from, *to);
                    if weight <= 0.0 {
                        return 0.0;
                    }
                    let off = Self::range(&self.first, *from, *to) / weight - mean;
                    weight * off * off
                }
                _ => 0.0,
            })
            .sum()
    }
}

/// Measures the layers of a clip of nearness maps.
pub fn measure(clip: &Clip, bands: &Bands) -> Vec<DepthLayer> {
    let frames = clip.maps.len().max(1) as f32;
    let mut layers = Vec::new();
    for (band, _) in &bands.0 {
        // How often each place belongs to the band.
        let mut often = vec![0.0_f32; clip.width * clip.height];
        for map in &clip.maps {
            for (value, often) in map.iter().zip(&mut often) {
                // Depth that is not known is mostly sky and glare: far.
                let near = if value.is_finite() { *value } else { 0.0 };
                if bands.of(near) == *band {
                    *often += 1.0 / frames;
                }
            }
        }
        let share =
            often.iter().map(|often| f64::from(*often)).sum::<f64>() / often.len().max(1) as f64;
        if share < SMALLEST / 2.0 {
            continue;
        }
        let place = places::of(&often, clip.width, clip.height);
        layers.push(DepthLayer {
            band: *band,
            share: (share * 1000.0).round() / 1000.0,
            place: place.words,
            bounds: place.bounds,
            name: None,
        });
    }
    layers
}
