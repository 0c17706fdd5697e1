//! A segmentation's parts, to look at and to correct, and its sentences.

use decoupage_shot::Change;

use super::{RegionMotion, SegmentRegion, SegmentationReading};
use crate::correct::Parts;
use crate::identity::words::{list, share_words};
use crate::outline::{Item, Mark, Shape};
use crate::plain::{self, capital, lies};
use crate::reading::{Evidence, Statement};

/// The most regions that get a sentence each.
const TOLD: usize = 8;

impl Parts for SegmentationReading {
    fn statements(&self) -> Vec<&Statement> {
        self.plain.statements.iter().collect()
    }

    fn statements_mut(&mut self) -> Vec<&mut Vec<Statement>> {
        vec![&mut self.plain.statements]
    }

    fn items(&self) -> Vec<Item> {
        let mut items = Vec::new();
        for region in &self.regions {
            items.push(
                Item::new(
                    format!("region/{}", region.id),
                    capital(&region.name),
                    region.confidence,
                )
                .renamed_to(Vec::new())
                .resting_on(Evidence::measured(
                    "share of the frame",
                    region.share,
                    "share",
                ))
                .drawn([
                    Mark::new(Shape::Box {
                        bounds: region.bounds,
                    })
                    .labelled(region.name.clone()),
                    Mark::new(Shape::Swatch {
                        hex: region.colour.clone(),
                    }),
                ]),
            );
        }
        for region in &self.regions {
            let Some(motion) = &region.motion else {
                continue;
            };
            items.push(
                Item::new(
                    format!("motion/{}", region.id),
                    format!("{} {}", capital(&called(region)), way(motion)),
                    0.7,
                )
                .during(motion.start_s, motion.end_s)
                .drawn([Mark::new(Shape::Way {
                    points: motion.way.clone(),
                })
                .during(motion.start_s, motion.end_s)]),
            );
        }
        items
    }

    fn correct(&mut self, key: &str, change: &Change) -> bool {
        let Some((kind, id)) = key.split_once('/') else {
            return false;
        };
        let at = id
            .parse()
            .ok()
            .and_then(|id: u32| self.regions.iter().position(|region| region.id == id));
        let Some(at) = at else { return false };
        match (kind, change) {
            ("region", Change::Delete) => {
                let id = self.regions.remove(at).id;
                for region in &mut self.regions {
                    region.touches.retain(|other| *other != id);
                }
                true
            }
            ("region", Change::Rename { to }) => self.regions.get_mut(at).is_some_and(|region| {
                region.name.clone_from(to);
                region.class = None;
                region.confidence = 1.0;
                true
            }),
            ("motion", Change::Delete) => self
                .regions
                .get_mut(at)
                .is_some_and(|region| region.motion.take().is_some()),
            ("motion", Change::Retime { start_s, end_s }) => self
                .regions
                .get_mut(at)
                .and_then(|region| region.motion.as_mut())
                .is_some_and(|motion| {
                    (motion.start_s, motion.end_s) = (*start_s, *end_s);
                    true
                }),
            _ => false,
        }
    }

    fn restate(&mut self) {
        let said = statements(self);
        plain::restate(&mut self.plain, said);
    }
}

/// What a region is called in a sentence: "the sky", "region 3 (teal)", "the harbour wall".
fn called(region: &SegmentRegion) -> String {
    let name = region.name.trim();
    let lower = name.to_lowercase();
    if lower.starts_with("region ") {
        return format!("{name} ({})", region.colour_name);
    }
    let own = [
        "the ", "a ", "an ", "her ", "his ", "their ", "our ", "my ", "some ",
    ];
    if own.iter().any(|article| lower.starts_with(article)) {
        name.to_owned()
    } else {
        format!("the {name}")
    }
}

fn statements(reading: &SegmentationReading) -> Vec<Statement> {
    let mut statements = Vec::new();
    let regions = &reading.regions;
    if regions.is_empty() {
        statements.push(Statement::new(
            "No flat regions can be told apart in it.",
            Evidence::measured("regions", 0.0, "count"),
            0.7,
        ));
        return statements;
    }
    let number = regions.len();
    let names: Vec<&str> = regions
        .iter()
        .filter(|region| !region.name.starts_with("region "))
        .take(TOLD)
        .map(|region| region.name.as_str())
        .collect();
    let plural = if number == 1 { "region" } else { "regions" };
    let named = match (names.as_slice(), &reading.classes) {
        ([], _) => String::new(),
        (names, Some(set)) => format!(", by {}'s colours {}", set.name(), list(names)),
        (names, None) => format!(", among them {}", list(names)),
    };
    statements.push(Statement::new(
        format!("The picture is divided into {number} {plural}{named}."),
        Evidence::measured("regions", number as f64, "count"),
        regions
            .iter()
            .map(|region| region.confidence)
            .fold(1.0, f64::min),
    ));
    for region in regions.iter().take(TOLD) {
        let share = match region.share {
            share if share < 0.03 => "a small part".to_owned(),
            share => share_words(share).to_owned(),
        };
        let parts = match region.parts {
            0 | 1 => String::new(),
            2..=9 => format!(
                ", in {} parts",
                [
                    "two", "three", "four", "five", "six", "seven", "eight", "nine"
                ]
                .get(region.parts as usize - 2)
                .unwrap_or(&"several")
            ),
            _ => ", in many parts".to_owned(),
        };
        statements.push(Statement::new(
            format!(
                "{} {}{parts}, {share} of the picture.",
                capital(&called(region)),
                lies(&region.place)
            ),
            Evidence::measured("share of the frame", region.share, "share"),
            region.confidence,
        ));
    }
    statements.extend(touching(regions));
    for region in regions {
        let Some(motion) = &region.motion else {
            continue;
        };
        statements.push(
            Statement::new(
                format!("{} {}.", capital(&called(region)), way(motion)),
                Evidence::measured("travel of its middle", motion.dx.hypot(motion.dy), "share"),
                0.7,
            )
            .during(motion.start_s, motion.end_s),
        );
    }
    statements
}

/// What touches what, for the smaller ones among the told: what a figure stands against.
fn touching(regions: &[SegmentRegion]) -> Vec<Statement> {
    if regions.len() < 3 {
        return Vec::new();
    }
    regions
        .iter()
        .take(TOLD)
        .skip(1)
        .filter_map(|region| {
            let others: Vec<String> = regions
                .iter()
                .filter(|other| region.touches.contains(&other.id))
                .take(4)
                .map(called)
                .collect();
            let words: Vec<&str> = others.iter().map(String::as_str).collect();
            (!words.is_empty()).then(|| {
                Statement::new(
                    format!("{} borders on {}.", capital(&called(region)), list(&words)),
                    Evidence::measured("regions touched", words.len() as f64, "count"),
                    (region.confidence * 0.9).min(0.9),
                )
            })
        })
        .take(4)
        .collect()
}

/// How a region moves, as a predicate.
fn way(motion: &RegionMotion) -> String {
    let amount = |share: f64| match share.abs() {
        share if share < 0.08 => "a little".to_owned(),
        share => format!("by {} of the frame", share_words(share)),
    };
    let across = match motion.dx {
        dx if dx > 0.025 => Some(("to the right", dx)),
        dx if dx < -0.025 => Some(("to the left", dx)),
        _ => None,
    };
    let down = match motion.dy {
        dy if dy > 0.025 => Some(("down", dy)),
        dy if dy < -0.025 => Some(("up", dy)),
        _ => None,
    };
    let mut words = match (across, down) {
        (Some((side, dx)), Some((level, dy)))
            if dx.abs().min(dy.abs()) * 3.0 > dx.abs().max(dy.abs()) =>
        {
            format!("moves {level} and {side} {}", amount(dx.hypot(dy)))
        }
        (Some((side, dx)), Some((_, dy))) if dx.abs() >= dy.abs() => {
            format!("moves {side} {}", amount(dx))
        }
        (_, Some((level, dy))) => format!("moves {level} {}", amount(dy)),
        (Some((side, dx)), None) => format!("moves {side} {}", amount(dx)),
        (None, None) => String::new(),
    };
    let size = match motion.grows {
        grows if grows > 1.2 => "grows larger",
        grows if grows < 0.83 => "grows smaller",
        _ => "",
    };
    if !size.is_empty() {
        words = if words.is_empty() {
            size.to_owned()
        } else {
            format!("{words} and {size}")
        };
    }
    if words.is_empty() {
        "shifts a little".clone_into(&mut words);
    }
    words
}
