//! Which way depth runs: is bright near or far?

use decoupage_shot::Polarity;

use super::maps::Clip;

/// The likelier polarity and how sure it is, 0–1.
///
/// The ground at the bottom of a frame is usually nearer than what stands in its upper part,
/// and gets nearer towards the lower edge; pictures of more than 8 bits that do not use their
/// whole range are distances, so far is large; everything else comes from relative models,
/// which draw near things bright.
pub fn detect(clip: &Clip) -> (Polarity, f64) {
    let rows = row_means(clip);
    let part = |from: f64, to: f64| {
        let count = rows.len() as f64;
        let (from, to) = ((from * count) as usize, (to * count).ceil() as usize);
        let rows = rows.get(from..to.min(rows.len())).unwrap_or_default();
        rows.iter().sum::<f64>() / rows.len().max(1) as f64
    };
    let bottom_over_top = part(0.85, 1.0) - part(0.0, 0.35);
    let lower: Vec<f64> = rows.iter().skip(rows.len() / 2).copied().collect();
    let rising = lower
        .windows(2)
        .map(|pair| match pair {
            [above, below] if below - above > 5e-4 => 1.0,
            [above, below] if above - below > 5e-4 => -1.0,
            _ => 0.0,
        })
        .sum::<f64>()
        / lower.len().saturating_sub(1).max(1) as f64;
    let habit = if clip.looks_metric { -1.2 } else { 0.7 };
    let score = habit + 4.0 * bottom_over_top + 1.2 * rising;
    let bright = 1.0 / (1.0 + (-score).exp());
    if bright >= 0.5 {
        (Polarity::NearBright, round(bright))
    } else {
        (Polarity::NearDark, round(1.0 - bright))
    }
}

/// Mean brightness of every row over the clip.
fn row_means(clip: &Clip) -> Vec<f64> {
    let mut sums = vec![(0.0_f64, 0.0_f64); clip.height];
    for map in &clip.maps {
        for (row, (sum, count)) in map.chunks(clip.width.max(1)).zip(&mut sums) {
            for value in row.iter().filter(|value| value.is_finite()) {
                *sum += f64::from(*value);
                *count += 1.0;
            }
        }
    }
    sums.into_iter()
        .map(|(sum, count)| sum / count.max(1.0))
        .collect()
}

fn round(value: f64) -> f64 {
    (value.min(0.99) * 1000.0).round() / 1000.0
}
