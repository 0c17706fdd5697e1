//! A reading's parts, to look at and to correct.

use decoupage_shot::Change;

use super::moves::measures;
use super::{CameraReading, Move, MoveKind, MoveUnit, Shake, Steadiness, phrase, statements};
use crate::correct::Parts;
use crate::outline::{Choice, Curve, Item, Mark, Shape};
use crate::plain::capital;
use crate::reading::{Evidence, Statement};

/// Moves that a deleted cut parted are joined where they lie this close to it, seconds.
const AT_CUT_S: f64 = 0.1;

impl Parts for CameraReading {
    fn statements(&self) -> Vec<&Statement> {
        self.statements.iter().collect()
    }

    fn statements_mut(&mut self) -> Vec<&mut Vec<Statement>> {
        vec![&mut self.statements]
    }

    fn items(&self) -> Vec<Item> {
        let mut items: Vec<Item> = self
            .moves
            .iter()
            .enumerate()
            .map(|(number, one)| move_item(number, one))
            .collect();
        items.extend(self.cuts.iter().enumerate().map(|(number, cut)| {
            let mut item = Item::new(
                format!("cut/{number}"),
                format!("Cuts to another place at {cut:.2} s"),
                0.9,
            )
            .resting_on(Evidence::measured("cut", *cut, "s"));
            item.span = Some(crate::reading::TimeSpan {
                start_s: *cut,
                end_s: *cut,
            });
            item
        }));
        items.push(self.steadiness_item());
        items
    }

    fn curves(&self) -> Vec<Curve> {
        self.curves.clone()
    }

    fn correct(&mut self, key: &str, change: &Change) -> bool {
        match key.split_once('/') {
            Some(("move", number)) => number
                .parse()
                .is_ok_and(|number| self.correct_move(number, change)),
            Some(("cut", number)) => number
                .parse()
                .is_ok_and(|number| self.correct_cut(number, change)),
            None if key == "steadiness" => self.correct_steadiness(change),
            _ => false,
        }
    }

    fn restate(&mut self) {
        self.statements = statements::write(self);
    }
}

impl CameraReading {
    fn steadiness_item(&self) -> Item {
        let mut item = Item::new(
            "steadiness",
            held(self.steadiness),
            if self.shake.is_some() { 0.8 } else { 1.0 },
        )
        .renamed_to(
            Steadiness::ALL
                .into_iter()
                .map(|level| Choice {
                    key: level.key().to_owned(),
                    words: held(level).to_owned(),
                })
                .collect(),
        )
        .resting_on(match self.shake {
            Some(shake) => strongest(shake),
            None => Evidence::Person,
        });
        // A camera is always held somehow.
        item.changes
            .retain(|change| *change != crate::outline::Changeable::Delete);
        item
    }

    fn correct_move(&mut self, number: usize, change: &Change) -> bool {
        let duration_s = self.duration_s;
        let Some(one) = self.moves.get_mut(number) else {
            return false;
        };
        match change {
            Change::Delete => {
                self.moves.remove(number);
                return true;
            }
            Change::Rename { to } => {
                let Some(kind) = MoveKind::from_key(to) else {
                    return false;
                };
                one.kind = kind;
            }
            Change::Retime { start_s, end_s } => {
                if !start_s.is_finite() || !end_s.is_finite() {
                    return false;
                }
                let start = start_s.clamp(0.0, duration_s);
                let end = end_s.clamp(0.0, duration_s);
                if end <= start {
                    return false;
                }
                one.start_s = start;
                measures::extend(one, end);
                if one.unit != MoveUnit::S {
                    one.speed = measures::speed(one.amount, one.unit, end - start);
                }
            }
        }
        one.confidence = 1.0;
        true
    }

    fn correct_cut(&mut self, number: usize, change: &Change) -> bool {
        if !matches!(change, Change::Delete) || number >= self.cuts.len() {
            return false;
        }
        let cut = self.cuts.remove(number);
        let parted = |one: &Move, other: &Move| {
            one.kind == other.kind
                && one.unit == other.unit
                && (one.end_s - cut).abs() < AT_CUT_S
                && (other.start_s - cut).abs() < AT_CUT_S
        };
        let mut index = 0;
        while let Some(one) = self.moves.get(index).cloned() {
            let after = self.moves.iter().position(|other| parted(&one, other));
            if let Some(after) = after
                && after != index
            {
                let other = self.moves.remove(after);
                let at = if after < index { index - 1 } else { index };
                if let Some(one) = self.moves.get_mut(at) {
                    one.end_s = other.end_s;
                    one.amount = match one.unit {
                        MoveUnit::Factor => one.amount * other.amount,
                        _ => one.amount + other.amount,
                    };
                }
            }
            index += 1;
        }
        true
    }

    fn correct_steadiness(&mut self, change: &Change) -> bool {
        let Change::Rename { to } = change else {
            return false;
        };
        let Some(level) = Steadiness::from_key(to) else {
            return false;
        };
        self.steadiness = level;
        self.shake = None;
        true
    }
}

fn move_item(number: usize, one: &Move) -> Item {
    let evidence = match one.confidence >= 1.0 {
        true => Evidence::Person,
        false => Evidence::measured(
            phrase(one.kind).noun,
            one.amount,
            statements::unit(one.unit),
        ),
    };
    Item::new(
        format!("move/{number}"),
        capital(phrase(one.kind).verb),
        one.confidence,
    )
    .renamed_to(
        MoveKind::ALL
            .into_iter()
            .map(|kind| Choice {
                key: kind.key().to_owned(),
                words: capital(phrase(kind).verb),
            })
            .collect(),
    )
    .during(one.start_s, one.end_s)
    .resting_on(evidence)
    .drawn(
        marks(one.kind)
            .into_iter()
            .map(|shape| Mark::new(shape).during(one.start_s, one.end_s)),
    )
}

/// Which way the camera goes or looks, as arrows from the middle of the picture.
fn marks(kind: MoveKind) -> Vec<Shape> {
    use MoveKind as K;
    let arrow = |x: f64, y: f64| {
        vec![Shape::Arrow {
            from: [0.5 - 0.5 * x, 0.5 - 0.5 * y],
            to: [0.5 + 0.5 * x, 0.5 + 0.5 * y],
        }]
    };
    // Towards the middle where the picture grows, away from it where it shrinks.
    let corners = |inward: bool| {
        [(0.2, 0.2), (0.8, 0.2), (0.2, 0.8), (0.8, 0.8)]
            .into_iter()
            .map(|(x, y)| {
                let outer = [x, y];
                let inner = [0.5 + 0.5 * (x - 0.5), 0.5 + 0.5 * (y - 0.5)];
                match inward {
                    true => Shape::Arrow {
                        from: outer,
                        to: inner,
                    },
                    false => Shape::Arrow {
                        from: inner,
                        to: outer,
                    },
                }
            })
            .collect()
    };
    let turn = |clockwise: bool| {
        let mut points: Vec<[f64; 2]> = (0..=12)
            .map(|step| {
                let angle = (f64::from(step) * 20.0 - 210.0).to_radians();
                [0.5 + 0.2 * angle.cos(), 0.5 + 0.2 * angle.sin()]
            })
            .collect();
        if !clockwise {
            points.reverse();
        }
        let head = points
            .last()
            .copied()
            .zip(points.iter().rev().nth(1).copied());
        let mut shapes = vec![Shape::Way { points }];
        shapes.extend(head.map(|(to, from)| Shape::Arrow { from, to }));
        shapes
    };
    match kind {
        K::PanLeft | K::TruckLeft | K::ArcCw => arrow(-0.4, 0.0),
        K::PanRight | K::TruckRight | K::ArcCcw => arrow(0.4, 0.0),
        K::TiltUp | K::PedestalUp | K::CraneUp => arrow(0.0, -0.4),
        K::TiltDown | K::PedestalDown | K::CraneDown => arrow(0.0, 0.4),
        K::DollyIn | K::ZoomIn | K::DollyZoomIn => corners(true),
        K::DollyOut | K::ZoomOut | K::DollyZoomOut => corners(false),
        K::RollCw => turn(true),
        K::RollCcw => turn(false),
        K::Static | K::Complex => Vec::new(),
    }
}

/// The larger of the two kinds of shake.
fn strongest(shake: Shake) -> Evidence {
    if shake.turn_deg >= 0.03 || shake.travel_share <= 0.0 {
        Evidence::measured("shake", shake.turn_deg, "deg")
    } else {
        Evidence::measured("shake", shake.travel_share, "share")
    }
}

/// How the camera is held, in words.
fn held(level: Steadiness) -> &'static str {
    match level {
        Steadiness::Static => "At rest",
        Steadiness::Steady => "Smooth, without shake",
        Steadiness::MinimalShake => "Shakes slightly",
        Steadiness::Unsteady => "Unsteady, as if held by hand",
        Steadiness::VeryUnsteady => "Shakes strongly",
    }
}
