//! A frame's parts, to look at and to correct, and its sentences.

use decoupage_shot::{Change, ConditionKind};

use super::FrameReading;
use super::hole::HoleMark;
use crate::correct::Parts;
use crate::identity::words::share_words;
use crate::outline::{Item, Mark, Shape};
use crate::plain::{self, capital};
use crate::reading::{Evidence, Statement};
use crate::style;

impl Parts for FrameReading {
    fn statements(&self) -> Vec<&Statement> {
        self.plain.statements.iter().collect()
    }

    fn statements_mut(&mut self) -> Vec<&mut Vec<Statement>> {
        vec![&mut self.plain.statements]
    }

    fn items(&self) -> Vec<Item> {
        let mut items = Vec::new();
        if let Some(hole) = &self.hole {
            let marks = hole
                .parts
                .iter()
                .map(|bounds| Mark::new(Shape::Box { bounds: *bounds }).labelled("to fill"));
            let words = match &self.hole_name {
                Some(name) => format!("To fill: {name}"),
                None => "Part to fill".to_owned(),
            };
            items.push(
                Item::new("hole", words, hole.confidence)
                    .renamed_to(Vec::new())
                    .resting_on(Evidence::measured("share to fill", hole.share, "share"))
                    .drawn(marks),
            );
        }
        items.extend(plain::colour_items(&self.plain.palette, "colour"));
        items.extend(style::parts::items(&self.look));
        items
    }

    fn correct(&mut self, key: &str, change: &Change) -> bool {
        match (key, change) {
            ("hole", Change::Delete) => self.hole.take().is_some(),
            ("hole", Change::Rename { to }) if self.hole.is_some() => {
                self.hole_name = Some(to.clone());
                true
            }
            _ => {
                plain::correct_colour(&mut self.plain.palette, "colour", key, change)
                    || style::parts::correct(&mut self.look, key, change)
            }
        }
    }

    fn restate(&mut self) {
        let mut said = Vec::new();
        if self.plain.role == ConditionKind::MaskedImage {
            said.push(open(self));
        }
        said.extend(plain::looks(&self.plain));
        said.extend(style::statements(&self.look));
        plain::restate(&mut self.plain, said);
    }
}

/// What is open to be filled, and where.
fn open(reading: &FrameReading) -> Statement {
    let Some(hole) = &reading.hole else {
        return Statement::new(
            "No part of the picture is transparent or painted over, so nothing marks what to fill.",
            Evidence::measured("share to fill", 0.0, "share"),
            0.9,
        );
    };
    let fills = ["the ", "most ", "almost "]
        .iter()
        .any(|start| hole.place.starts_with(start));
    let place = if fills {
        format!(": it takes up {}", hole.place)
    } else {
        format!(", {}", hole.place)
    };
    let how = match hole.by {
        HoleMark::Transparent => "",
        HoleMark::White => "; it is painted white",
        HoleMark::Black => "; it is painted black",
        HoleMark::Grey => "; it is painted grey",
        HoleMark::Green => "; it is painted green",
        HoleMark::Mask => "; the file is the mask itself, white where is to be filled",
    };
    let with = reading
        .hole_name
        .as_ref()
        .map_or(String::new(), |name| format!(" with {name}"));
    Statement::new(
        format!(
            "{} of the picture is open to be filled{with}{place}{how}.",
            capital(share_words(hole.share))
        )
        .replacen("A tenth", "About a tenth", 1)
        .replacen("A twentieth", "About a twentieth", 1),
        Evidence::measured("share to fill", hole.share, "share"),
        hole.confidence,
    )
}
