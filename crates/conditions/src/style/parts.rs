//! A style reading's parts, to look at and to correct.

use decoupage_shot::{Change, Region};

use super::look::Look;
use super::{StyleReading, terms};
use crate::correct::Parts;
use crate::outline::{Item, Mark, Shape};
use crate::plain::{self, capital};
use crate::reading::Statement;

/// A look's terms and measurements as items.
pub(crate) fn items(look: &Look) -> Vec<Item> {
    let of_terms = look.terms.iter().enumerate().map(|(number, term)| {
        Item::new(
            format!("term/{number}"),
            capital(&term.words),
            term.confidence,
        )
        .renamed_to(Vec::new())
        .resting_on(term.evidence.clone())
        .drawn(marks(look, &term.term))
    });
    let mut items: Vec<Item> = of_terms.collect();
    let tints = [
        ("shadows", &look.shadows, 30.0),
        ("highlights", &look.highlights, 78.0),
    ];
    for (key, tint, lightness) in tints {
        if let Some(tint) = tint {
            let shape = Shape::Swatch {
                hex: terms::tint_hex(tint, lightness),
            };
            items.push(
                Item::new(key, capital(&format!("{key} lean {}", tint.name)), 0.7)
                    .drawn([Mark::new(shape)]),
            );
        }
    }
    items
}

fn marks(look: &Look, term: &str) -> Vec<Mark> {
    let boxed =
        |bounds: Region, words: &str| vec![Mark::new(Shape::Box { bounds }).labelled(words)];
    match term {
        "letterboxed" | "pillarboxed" | "windowboxed" => look
            .picture
            .map_or(Vec::new(), |picture| boxed(picture, "picture")),
        "shallow_focus" => look
            .focus
            .map_or(Vec::new(), |focus| boxed(focus.sharp, "sharp")),
        _ => Vec::new(),
    }
}

/// Corrects a look's item; `false` where it is none of a look's.
pub(crate) fn correct(look: &mut Look, key: &str, change: &Change) -> bool {
    match (key, change) {
        ("shadows", Change::Delete) => look.shadows.take().is_some(),
        ("highlights", Change::Delete) => look.highlights.take().is_some(),
        _ => {
            let number = key.strip_prefix("term/").and_then(|n| n.parse().ok());
            let Some(number) = number.filter(|number: &usize| *number < look.terms.len()) else {
                return false;
            };
            match change {
                Change::Delete => {
                    look.terms.remove(number);
                    true
                }
                Change::Rename { to } => look.terms.get_mut(number).is_some_and(|term| {
                    term.words.clone_from(to);
                    term.confidence = 1.0;
                    term.evidence = crate::reading::Evidence::Person;
                    true
                }),
                Change::Retime { .. } => false,
            }
        }
    }
}

impl Parts for StyleReading {
    fn statements(&self) -> Vec<&Statement> {
        self.plain.statements.iter().collect()
    }

    fn statements_mut(&mut self) -> Vec<&mut Vec<Statement>> {
        vec![&mut self.plain.statements]
    }

    fn items(&self) -> Vec<Item> {
        let mut all = plain::colour_items(&self.plain.palette, "colour");
        all.extend(items(&self.look));
        all
    }

    fn correct(&mut self, key: &str, change: &Change) -> bool {
        plain::correct_colour(&mut self.plain.palette, "colour", key, change)
            || correct(&mut self.look, key, change)
    }

    fn restate(&mut self) {
        let mut said = plain::looks(&self.plain);
        said.extend(terms::statements(&self.look));
        plain::restate(&mut self.plain, said);
    }
}
