//! Classes by colour: what the common drawings of segmentations mean.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A set of classes with the colours it is drawn in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ClassSet {
    /// The 150 classes of ADE20K's scene parsing benchmark.
    Ade20k,
    /// The 133 panoptic categories of COCO.
    Coco,
    /// The 19 training classes of Cityscapes.
    Cityscapes,
}

impl ClassSet {
    /// Every set.
    pub const ALL: [Self; 3] = [Self::Ade20k, Self::Coco, Self::Cityscapes];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ade20k => "ADE20K",
            Self::Coco => "COCO",
            Self::Cityscapes => "Cityscapes",
        }
    }

    /// Its classes with their colours. Where two share a colour, the first is meant.
    pub fn classes(self) -> &'static [Class] {
        static SETS: OnceLock<[Vec<Class>; 3]> = OnceLock::new();
        let sets = SETS.get_or_init(|| [listed("ade20k"), listed("coco"), listed("cityscapes")]);
        let [ade20k, coco, cityscapes] = sets;
        match self {
            Self::Ade20k => ade20k,
            Self::Coco => coco,
            Self::Cityscapes => cityscapes,
        }
    }

    /// The class drawn nearest to a colour and how far off it is (Euclidean, levels of 255).
    pub fn nearest(self, colour: [f32; 3]) -> Option<(&'static Class, f32)> {
        self.classes()
            .iter()
            .map(|class| (class, distance(class.colour.map(f32::from), colour)))
            .min_by(|one, other| one.1.total_cmp(&other.1))
    }
}

/// A class and the colour it is drawn in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// What it is called.
    pub name: &'static str,
    /// sRGB.
    pub colour: [u8; 3],
}

fn listed(set: &str) -> Vec<Class> {
    include_str!("classes.txt")
        .lines()
        .filter_map(|line| {
            let (hex, name) = line.strip_prefix(set)?.trim_start().split_once(' ')?;
            let value = u32::from_str_radix(hex, 16).ok()?;
            Some(Class {
                name,
                colour: [(value >> 16) as u8, (value >> 8) as u8, value as u8],
            })
        })
        .collect()
}

/// Euclidean distance of two sRGB colours in levels of 255.
pub fn distance(one: [f32; 3], other: [f32; 3]) -> f32 {
    one.into_iter()
        .zip(other)
        .map(|(a, b)| (a - b) * (a - b))
        .sum::<f32>()
        .sqrt()
}

/// The set that explains most of the coloured area, with how well; `None` where no set
/// explains most of it, as with colours that were chosen at random.
///
/// `areas` are flat colours with the share of the picture each covers.
pub fn set_of(areas: &[([f32; 3], f64)], tolerance: f32) -> Option<ClassSet> {
    // Black is what all of them leave unlabelled.
    let told: Vec<_> = areas
        .iter()
        .filter(|(colour, _)| distance(*colour, [0.0; 3]) > 24.0)
        .collect();
    let total: f64 = told.iter().map(|(_, share)| share).sum();
    if total < 0.02 {
        return None;
    }
    let judged = ClassSet::ALL.map(|set| {
        let (mut explained, mut number, mut close) = (0.0, 0_usize, 0.0);
        for (colour, share) in &told {
            if let Some((_, off)) = set.nearest(*colour).filter(|(_, off)| *off <= tolerance) {
                explained += share / total;
                close += f64::from(1.0 - off / (tolerance * 2.0)) * share / total;
                number += 1;
            }
        }
        (set, explained, number, close)
    });
    judged
        .into_iter()
        .filter(|(_, explained, number, _)| {
            *explained >= 0.75 && *number * 3 >= told.len() * 2 && *number >= told.len().min(2)
        })
        // What two sets explain alike is of the smaller one: by chance the larger would have shown
        // a class of its own.
        .max_by(|one, other| {
            let near = (one.3 - other.3).abs() < 0.02;
            let size = |set: ClassSet| set.classes().len();
            if near {
                size(other.0).cmp(&size(one.0))
            } else {
                one.3.total_cmp(&other.3)
            }
        })
        .map(|(set, ..)| set)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_whole() {
        assert_eq!(ClassSet::ALL.map(|set| set.classes().len()), [150, 133, 19]);
        let sky = ClassSet::Ade20k.nearest([8.0, 228.0, 231.0]);
        assert_eq!(sky.map(|(class, _)| class.name), Some("sky"));
    }

    #[test]
    fn random_colours_belong_to_no_set() {
        let areas = [
            ([77.0, 20.0, 181.0], 0.3),
            ([23.0, 99.0, 40.0], 0.4),
            ([201.0, 187.0, 60.0], 0.3),
        ];
        assert_eq!(set_of(&areas, 10.0), None);
        assert_eq!(set_of(&[], 10.0), None);
        let street = [([128.0, 64.0, 128.0], 0.6), ([244.0, 35.0, 232.0], 0.4)];
        assert_eq!(set_of(&street, 10.0), Some(ClassSet::Cityscapes));
    }
}
