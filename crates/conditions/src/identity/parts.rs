//! A reading's parts, to look at and to correct.

use decoupage_shot::{Change, Region};

use super::{Crop, IdentityReading, Swatch, words};
use crate::correct::Parts;
use crate::outline::{Choice, Item, Mark, Shape};
use crate::plain::{capital, colour_items, correct_colour};
use crate::reading::{Evidence, Statement};

/// The thirds of a figure with their keys and words.
const THIRDS: [(&str, &str); 3] = [
    ("upper", "upper third"),
    ("middle", "middle third"),
    ("lower", "lower third"),
];

impl IdentityReading {
    fn third(&self, number: usize) -> Option<&Vec<Swatch>> {
        let regions = self.regions.as_ref()?;
        [&regions.upper, &regions.middle, &regions.lower]
            .get(number)
            .copied()
    }

    fn third_mut(&mut self, number: usize) -> Option<&mut Vec<Swatch>> {
        let regions = self.regions.as_mut()?;
        match number {
            0 => Some(&mut regions.upper),
            1 => Some(&mut regions.middle),
            2 => Some(&mut regions.lower),
            _ => None,
        }
    }
}

impl Parts for IdentityReading {
    fn statements(&self) -> Vec<&Statement> {
        self.statements.iter().collect()
    }

    fn statements_mut(&mut self) -> Vec<&mut Vec<Statement>> {
        vec![&mut self.statements]
    }

    fn items(&self) -> Vec<Item> {
        let mut items = Vec::new();
        if let (Some(figure), Some(bounds)) = (&self.figure, self.framing.subject) {
            items.push(
                Item::new("subject", "Subject", figure.confidence)
                    .resting_on(Evidence::measured(
                        "share of the picture",
                        figure.share,
                        "share",
                    ))
                    .drawn([Mark::new(Shape::Box { bounds }).labelled("subject")]),
            );
        }
        if let Some(crop) = self.crop {
            let choices = Crop::ALL
                .map(|crop| Choice {
                    key: crop.key().to_owned(),
                    words: capital(crop.words()),
                })
                .to_vec();
            items.push(Item::new("crop", capital(crop.words()), 0.65).renamed_to(choices));
        }
        items.extend(colour_items(&self.palette, "colour"));
        for (number, (key, words)) in THIRDS.iter().enumerate() {
            let Some(palette) = self.third(number) else {
                continue;
            };
            let third = self.framing.subject.map(|subject| Region {
                y: subject.y + subject.height * number as f64 / 3.0,
                height: subject.height / 3.0,
                ..subject
            });
            items.extend(colour_items(palette, key).into_iter().map(|mut item| {
                item.words = format!("{}, {words}", item.words);
                item.drawn(third.map(|bounds| Mark::new(Shape::Box { bounds }).labelled(*words)))
            }));
        }
        items
    }

    fn correct(&mut self, key: &str, change: &Change) -> bool {
        match (key, change) {
            // What cannot be told from the ground is the picture's: nothing is claimed of it.
            ("subject", Change::Delete) => {
                self.framing.subject = None;
                self.framing.cut_at_bottom = false;
                self.regions = None;
                self.crop = None;
                self.figure.take().is_some()
            }
            ("crop", Change::Delete) => self.crop.take().is_some(),
            ("crop", Change::Rename { to }) => {
                let crop = Crop::ALL.into_iter().find(|crop| crop.key() == to);
                if let Some(crop) = crop {
                    self.crop = Some(crop);
                }
                crop.is_some()
            }
            _ => {
                if correct_colour(&mut self.palette, "colour", key, change) {
                    return true;
                }
                THIRDS.iter().enumerate().any(|(number, (prefix, _))| {
                    self.third_mut(number)
                        .is_some_and(|palette| correct_colour(palette, prefix, key, change))
                })
            }
        }
    }

    fn restate(&mut self) {
        let of_file: Vec<Statement> = std::mem::take(&mut self.statements)
            .into_iter()
            .filter(|statement| matches!(statement.evidence, Evidence::Metadata { .. }))
            .collect();
        self.statements = words::statements(self);
        self.statements.extend(of_file);
        self.statements.extend(words::described(self));
    }
}
