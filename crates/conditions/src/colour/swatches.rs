//! Palettes: the few colours a picture is made of.

use std::collections::BTreeMap;

use super::{Lab, chroma, distance, hex, name};
use crate::identity::Swatch;

/// The most colours a palette lists.
const MOST: usize = 6;
/// The smallest share of the picture that is listed.
const SMALLEST: f64 = 0.02;
/// Edge of the CIELAB cells that pixels are gathered in before clustering.
const CELL: f32 = 6.0;

#[derive(Clone, Copy)]
struct Weighted {
    lab: Lab,
    weight: f64,
}

/// The colours by share, largest first.
///
/// Pixels are gathered in small CIELAB cells, and the cells clustered by k-means. Its seeds are
/// chosen greedily (weight times squared distance to the seeds before), so the same picture
/// always gives the same palette. Clusters that people would call by one name are one swatch.
pub fn swatches(colours: impl Iterator<Item = Lab>) -> Vec<Swatch> {
    let cells = gather(colours);
    let total: f64 = cells.iter().map(|cell| cell.weight).sum();
    if total <= 0.0 {
        return Vec::new();
    }
    let mut clusters = cluster(&cells, MOST + 3);
    clusters.sort_by(|one, other| other.weight.total_cmp(&one.weight));
    let mut named: Vec<(&'static str, Weighted)> = Vec::new();
    for cluster in clusters {
        let called = name(cluster.lab);
        let same = named
            .iter_mut()
            .find(|(name, kept)| *name == called || one_thing(kept.lab, cluster.lab));
        match same {
            Some((name, kept)) => {
                *kept = mix(*kept, cluster);
                *name = super::name(kept.lab);
            }
            None => named.push((called, cluster)),
        }
    }
    let mut listed: Vec<(&'static str, Weighted)> = Vec::new();
    for (called, cluster) in named {
        // Mixing may have moved a colour onto a name that is taken.
        match listed.iter_mut().find(|(name, _)| *name == called) {
            Some((_, kept)) => *kept = mix(*kept, cluster),
            None => listed.push((called, cluster)),
        }
    }
    listed.sort_by(|one, other| other.1.weight.total_cmp(&one.1.weight));
    listed
        .into_iter()
        .filter(|(_, cluster)| cluster.weight / total >= SMALLEST)
        .take(MOST)
        .map(|(name, cluster)| Swatch {
            name: name.to_owned(),
            hex: hex(cluster.lab),
            share: (cluster.weight / total * 1000.0).round() / 1000.0,
        })
        .collect()
}

/// Whether two colours read as one: all but the same, or one vivid colour in light and shade.
fn one_thing(one: Lab, other: Lab) -> bool {
    if distance(one, other) < 7.0 {
        return true;
    }
    let turn = (one.b.atan2(one.a) - other.b.atan2(other.a)).abs();
    let turn = turn.min(std::f32::consts::TAU - turn).to_degrees();
    let vivid = chroma(one).min(chroma(other));
    vivid > 40.0 && turn < 20.0 && (one.l - other.l).abs() < 24.0
}

/// The colours worth a sentence: by share, the first few that together make up the look.
pub fn main_colours(palette: &[Swatch]) -> Vec<&str> {
    const ENOUGH: [f64; 4] = [0.0, 0.06, 0.1, 0.12];
    palette
        .iter()
        .zip(ENOUGH)
        .filter(|(swatch, enough)| swatch.share >= *enough)
        .map(|(swatch, _)| swatch.name.as_str())
        .collect()
}

fn gather(colours: impl Iterator<Item = Lab>) -> Vec<Weighted> {
    let mut cells: BTreeMap<[i16; 3], (f64, [f64; 3])> = BTreeMap::new();
    for colour in colours {
        let key = [colour.l, colour.a, colour.b].map(|value| (value / CELL).floor() as i16);
        let (weight, sum) = cells.entry(key).or_default();
        *weight += 1.0;
        sum[0] += f64::from(colour.l);
        sum[1] += f64::from(colour.a);
        sum[2] += f64::from(colour.b);
    }
    cells
        .into_values()
        .map(|(weight, [l, a, b])| Weighted {
            lab: Lab::new(
                (l / weight) as f32,
                (a / weight) as f32,
                (b / weight) as f32,
            ),
            weight,
        })
        .collect()
}

fn cluster(cells: &[Weighted], count: usize) -> Vec<Weighted> {
    let mut nearest = vec![f32::INFINITY; cells.len()];
    let mut centres: Vec<Lab> = Vec::new();
    while centres.len() < count.min(cells.len()) {
        let pick = cells
            .iter()
            .zip(&nearest)
            .map(|(cell, &near)| {
                // Vivid colours catch the eye beyond their share.
                let eye = 1.0 + f64::from(chroma(cell.lab)) / 60.0;
                let spread = if near.is_finite() {
                    f64::from(near * near)
                } else {
                    1.0
                };
                cell.weight * eye * spread
            })
            .enumerate()
            .max_by(|one, other| one.1.total_cmp(&other.1).then(other.0.cmp(&one.0)));
        let Some((index, score)) = pick else { break };
        let Some(cell) = cells.get(index).filter(|_| score > 0.0) else {
            break;
        };
        centres.push(cell.lab);
        for (near, other) in nearest.iter_mut().zip(cells) {
            *near = near.min(distance(cell.lab, other.lab));
        }
    }
    let mut clusters: Vec<Weighted> = Vec::new();
    for _ in 0..12 {
        let mut sums = vec![(0.0_f64, [0.0_f64; 3]); centres.len()];
        for cell in cells {
            let closest = centres
                .iter()
                .map(|centre| distance(*centre, cell.lab))
                .enumerate()
                .min_by(|one, other| one.1.total_cmp(&other.1))
                .map_or(0, |(index, _)| index);
            if let Some((weight, sum)) = sums.get_mut(closest) {
                *weight += cell.weight;
                for (total, value) in sum.iter_mut().zip([cell.lab.l, cell.lab.a, cell.lab.b]) {
                    *total += f64::from(value) * cell.weight;
                }
            }
        }
        clusters = sums
            .into_iter()
            .filter(|(weight, _)| *weight > 0.0)
            .map(|(weight, [l, a, b])| Weighted {
                lab: Lab::new(
                    (l / weight) as f32,
                    (a / weight) as f32,
                    (b / weight) as f32,
                ),
                weight,
            })
            .collect();
        let moved: f32 = clusters
            .iter()
            .zip(&centres)
            .map(|(cluster, centre)| distance(cluster.lab, *centre))
            .sum();
        centres = clusters.iter().map(|cluster| cluster.lab).collect();
        if moved < 0.1 {
            break;
        }
    }
    clusters
}

fn mix(one: Weighted, other: Weighted) -> Weighted {
    let weight = one.weight + other.weight;
    let part = (other.weight / weight) as f32;
    let between = |a: f32, b: f32| a + (b - a) * part;
    Weighted {
        lab: Lab::new(
            between(one.lab.l, other.lab.l),
            between(one.lab.a, other.lab.a),
            between(one.lab.b, other.lab.b),
        ),
        weight,
    }
}

#[cfg(test)]
mod tests {
    use super::super::lab;
    use super::*;

    #[test]
    fn two_colours_give_two_swatches_by_share() {
        let colours = std::iter::repeat_n(lab([0x8f, 0x12, 0x20]), 700)
            .chain(std::iter::repeat_n(lab([0xf0, 0xef, 0xea]), 300));
        let palette = swatches(colours);
        let names: Vec<_> = palette.iter().map(|swatch| swatch.name.as_str()).collect();
        assert_eq!(names, ["deep red", "off-white"]);
        assert!((palette[0].share - 0.7).abs() < 1e-9);
        assert_eq!(palette[0].hex, "#8f1220");
    }

    #[test]
    fn nothing_gives_nothing() {
        assert!(swatches(std::iter::empty()).is_empty());
    }
}
