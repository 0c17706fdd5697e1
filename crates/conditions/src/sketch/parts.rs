//! A sketch's parts, to look at and to correct, and its sentences.

use decoupage_shot::Change;

use super::perspective::HorizonBy;
use super::{DrawnShape, SketchReading};
use crate::correct::Parts;
use crate::identity::words::list;
use crate::outline::{Item, Mark, Shape};
use crate::plain::{self, capital};
use crate::reading::{Evidence, Statement};

impl Parts for SketchReading {
    fn statements(&self) -> Vec<&Statement> {
        self.plain.statements.iter().collect()
    }

    fn statements_mut(&mut self) -> Vec<&mut Vec<Statement>> {
        vec![&mut self.plain.statements]
    }

    fn items(&self) -> Vec<Item> {
        let mut items = Vec::new();
        for (number, shape) in self.shapes.iter().enumerate() {
            let words = match &shape.name {
                Some(name) => capital(name),
                None => format!("Shape {}", number + 1),
            };
            items.push(
                Item::new(format!("shape/{number}"), words.clone(), 0.7)
                    .renamed_to(Vec::new())
                    .resting_on(Evidence::measured("share of the ink", shape.share, "share"))
                    .drawn([Mark::new(Shape::Box {
                        bounds: shape.bounds,
                    })
                    .labelled(words)]),
            );
        }
        if let Some(horizon) = &self.horizon {
            items.push(
                Item::new("horizon", "Horizon", horizon.confidence).drawn([Mark::new(
                    Shape::Line {
                        from: [0.0, horizon.left],
                        to: [1.0, horizon.right],
                    },
                )
                .labelled("horizon")]),
            );
        }
        for (number, point) in self.vanishing_points.iter().enumerate() {
            items.push(
                Item::new(
                    format!("vanishing/{number}"),
                    format!("Vanishing point {}", number + 1),
                    point.confidence,
                )
                .resting_on(Evidence::measured(
                    "lines to it",
                    f64::from(point.lines),
                    "count",
                ))
                .drawn([Mark::new(Shape::Point { at: point.at }).labelled("vanishing point")]),
            );
        }
        items
    }

    fn correct(&mut self, key: &str, change: &Change) -> bool {
        let (kind, number) = key.split_once('/').unwrap_or((key, ""));
        let number: Option<usize> = number.parse().ok();
        match (kind, number, change) {
            ("horizon", _, Change::Delete) => self.horizon.take().is_some(),
            ("vanishing", Some(at), Change::Delete) if at < self.vanishing_points.len() => {
                self.vanishing_points.remove(at);
                true
            }
            ("shape", Some(at), Change::Delete) if at < self.shapes.len() => {
                self.shapes.remove(at);
                true
            }
            ("shape", Some(at), Change::Rename { to }) => {
                self.shapes.get_mut(at).is_some_and(|shape| {
                    shape.name = Some(to.clone());
                    true
                })
            }
            _ => false,
        }
    }

    fn restate(&mut self) {
        let said = statements(self);
        plain::restate(&mut self.plain, said);
    }
}

fn statements(reading: &SketchReading) -> Vec<Statement> {
    let mut statements = vec![Statement::new(
        if reading.light_on_dark {
            "Light lines on a dark ground."
        } else {
            "Dark lines on a light ground."
        },
        Evidence::measured("share of ink", reading.density, "share"),
        0.85,
    )];
    let dense = match reading.density {
        density if density < 0.002 => Some("It is all but empty."),
        density if density < 0.03 => Some("It is drawn sparsely, with few lines."),
        density if density > 0.16 => Some("It is drawn densely, with much of it covered in ink."),
        _ => None,
    };
    if let Some(text) = dense {
        statements.push(Statement::new(
            text,
            Evidence::measured("share of ink", reading.density, "share"),
            0.75,
        ));
    }
    statements.extend(laid_out(&reading.shapes));
    statements.extend(perspective(reading));
    statements
}

/// Where the main shapes are.
fn laid_out(shapes: &[DrawnShape]) -> Option<Statement> {
    let first = shapes.first()?;
    let called = |shape: &DrawnShape| match &shape.name {
        Some(name) => format!("{name} {}", placed(&shape.place)),
        None => placed(&shape.place),
    };
    let places: Vec<String> = shapes.iter().take(5).map(called).collect();
    let words: Vec<&str> = places.iter().map(String::as_str).collect();
    let named = shapes.iter().any(|shape| shape.name.is_some());
    let text = match (shapes.len(), named) {
        (1, false) => format!(
            "The drawing hangs together and takes in {}.",
            whole(&first.place)
        ),
        (1, true) => format!("It shows {}.", list(&words)),
        (number, _) => format!(
            "Its {} main shapes lie apart: {}.",
            count(number),
            list(&words)
        ),
    };
    Some(Statement::new(
        text,
        Evidence::measured("main shapes", shapes.len() as f64, "count"),
        if shapes.len() > 1 { 0.7 } else { 0.6 },
    ))
}

fn count(number: usize) -> &'static str {
    [
        "no", "one", "two", "three", "four", "five", "six", "seven", "eight",
    ]
    .get(number)
    .copied()
    .unwrap_or("many")
}

/// A place that completes "it is …", also where it is one that a thing fills.
fn placed(place: &str) -> String {
    let fills = ["the ", "most ", "almost "]
        .iter()
        .any(|start| place.starts_with(start));
    if fills {
        format!("over {place}")
    } else {
        place.to_owned()
    }
}

fn whole(place: &str) -> String {
    let fills = ["the ", "most ", "almost "]
        .iter()
        .any(|start| place.starts_with(start));
    if fills {
        place.to_owned()
    } else {
        format!("a part {place}")
    }
}

fn perspective(reading: &SketchReading) -> Vec<Statement> {
    let mut statements = Vec::new();
    let side = |x: f64| match x {
        x if x < 0.0 => "beyond the left edge",
        x if x > 1.0 => "beyond the right edge",
        x if x < 0.36 => "on the left",
        x if x < 0.45 => "left of the middle",
        x if x > 0.64 => "on the right",
        x if x > 0.55 => "right of the middle",
        _ => "in the middle",
    };
    match reading.vanishing_points.as_slice() {
        [one, other] => {
            let (left, right) = if one.at[0] <= other.at[0] {
                (one, other)
            } else {
                (other, one)
            };
            statements.push(Statement::new(
                format!(
                    "It is drawn in two-point perspective: its lines run to a point {} and one {}.",
                    side(left.at[0]),
                    side(right.at[0])
                ),
                Evidence::measured(
                    "lines to both points",
                    f64::from(one.lines + other.lines),
                    "count",
                ),
                one.confidence.min(other.confidence),
            ));
        }
        [one] => statements.push(Statement::new(
            format!(
                "It is drawn in perspective: its receding lines run to one point {}, {}.",
                side(one.at[0]),
                height(one.at[1])
            ),
            Evidence::measured("lines to the point", f64::from(one.lines), "count"),
            one.confidence,
        )),
        _ => {}
    }
    if let Some(horizon) = &reading.horizon {
        let middle = (horizon.left + horizon.right) / 2.0;
        let by = match horizon.by {
            HorizonBy::Line => "a long level line may be the horizon",
            HorizonBy::VanishingPoints => "by its perspective the horizon lies",
            HorizonBy::Both => "the horizon lies",
        };
        let text = if horizon.by == HorizonBy::Line {
            format!("{}, {}.", capital(by), height(middle))
        } else {
            format!("{} {}.", capital(by), height(middle))
        };
        statements.push(Statement::new(
            text,
            Evidence::measured("height of the horizon from the top", middle, "share"),
            horizon.confidence,
        ));
    }
    statements
}

/// A height in the frame in words.
fn height(y: f64) -> &'static str {
    match y {
        y if y < 0.0 => "above the frame",
        y if y < 0.2 => "near the top of the frame",
        y if y < 0.29 => "a quarter of the way down",
        y if y < 0.4 => "a third of the way down",
        y if y < 0.6 => "at middle height",
        y if y < 0.71 => "a third of the way up",
        y if y < 0.8 => "a quarter of the way up",
        y if y <= 1.0 => "near the bottom of the frame",
        _ => "below the frame",
    }
}
