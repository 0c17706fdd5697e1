//! A reading's parts, to look at and to correct.

use decoupage_shot::Change;

use super::words::verb;
use super::{ClipReading, Cut, CutKind, MovingArea, Shot, ShotMove};
use crate::camera::{MoveKind, phrase};
use crate::correct::Parts;
use crate::outline::{Choice, Curve, Item, Mark, Shape};
use crate::plain::{self, capital};
use crate::reading::{Evidence, Statement, TimeSpan};

const CUTS: [(CutKind, &str, &str); 4] = [
    (CutKind::Hard, "hard", "Cut"),
    (CutKind::Dissolve, "dissolve", "Dissolve"),
    (CutKind::FadeIn, "fade_in", "Fade in"),
    (CutKind::FadeOut, "fade_out", "Fade out"),
];

impl Parts for ClipReading {
    fn statements(&self) -> Vec<&Statement> {
        self.plain.statements.iter().collect()
    }

    fn statements_mut(&mut self) -> Vec<&mut Vec<Statement>> {
        vec![&mut self.plain.statements]
    }

    fn items(&self) -> Vec<Item> {
        let mut items: Vec<Item> = self.cuts.iter().enumerate().map(cut_item).collect();
        for (number, shot) in self.shots.iter().enumerate() {
            items.push(shot_item(number, shot));
            items.extend(
                shot.moves
                    .iter()
                    .enumerate()
                    .map(|(at, m)| move_item(format!("shot/{number}/move/{at}"), m)),
            );
            items.extend(
                shot.moving
                    .iter()
                    .enumerate()
                    .map(|(at, area)| area_item(format!("shot/{number}/moving/{at}"), area)),
            );
        }
        items.extend(plain::colour_items(&self.plain.palette, "colour"));
        items.extend(crate::style::parts::items(&self.look));
        if let Some(sound) = &self.sound {
            items.extend(crate::audio::parts::items(sound, "sound/"));
        }
        items
    }

    fn curves(&self) -> Vec<Curve> {
        let motion = &self.motion;
        let curve = |name: &str, unit: &str, values: &[f32]| {
            let samples: Vec<(f64, f64)> = motion
                .times_s
                .iter()
                .zip(values)
                .map(|(time, value)| (f64::from(*time), f64::from(*value)))
                .collect();
            Curve::new(name, unit, &samples)
        };
        let mut curves: Vec<Curve> = [
            curve("Camera right", "widths", &motion.right),
            curve("Camera up", "widths", &motion.up),
            curve("Size of things", "factor", &motion.zoom),
            curve("Roll", "deg", &motion.roll),
            curve("Own motion", "widths/s", &motion.energy),
        ]
        .into_iter()
        .flatten()
        .collect();
        if let Some(sound) = &self.sound {
            curves.extend(crate::audio::parts::curves(sound));
        }
        curves
    }

    fn correct(&mut self, key: &str, change: &Change) -> bool {
        let parts: Vec<&str> = key.split('/').collect();
        let number = |text: &str| text.parse::<usize>().ok();
        match parts.as_slice() {
            ["cut", at] => number(at).is_some_and(|at| self.correct_cut(at, change)),
            ["shot", shot, "move", at] => number(shot)
                .and_then(|shot| self.shots.get_mut(shot))
                .zip(number(at))
                .is_some_and(|(shot, at)| correct_move(&mut shot.moves, at, change)),
            ["shot", shot, "moving", at] => number(shot)
                .and_then(|shot| self.shots.get_mut(shot))
                .zip(number(at))
                .is_some_and(|(shot, at)| correct_area(&mut shot.moving, at, change)),
            ["colour", _] => plain::correct_colour(&mut self.plain.palette, "colour", key, change),
            ["term", _] | ["shadows" | "highlights"] => {
                crate::style::parts::correct(&mut self.look, key, change)
            }
            ["sound", ..] => self.sound.as_mut().is_some_and(|sound| {
                key.strip_prefix("sound/")
                    .is_some_and(|key| crate::audio::parts::correct(sound, key, change))
            }),
            _ => false,
        }
    }

    fn restate(&mut self) {
        self.state();
    }
}

fn cut_item((number, cut): (usize, &Cut)) -> Item {
    let words = CUTS
        .iter()
        .find(|(kind, _, _)| *kind == cut.kind)
        .map_or("Cut", |(_, _, words)| words);
    let choices = CUTS
        .iter()
        .map(|(_, key, words)| Choice {
            key: (*key).to_owned(),
            words: (*words).to_owned(),
        })
        .collect();
    Item::new(format!("cut/{number}"), words, cut.confidence)
        .during(cut.start_s, cut.end_s)
        .renamed_to(choices)
}

fn shot_item(number: usize, shot: &Shot) -> Item {
    let mut item = Item::new(
        format!("shot/{number}"),
        format!("Shot {}", number + 1),
        0.85,
    )
    .resting_on(Evidence::measured(
        "length",
        super::thousandth(shot.end_s - shot.start_s),
        "s",
    ))
    .drawn(shot.palette.iter().map(|swatch| {
        Mark::new(Shape::Swatch {
            hex: swatch.hex.clone(),
        })
        .during(shot.start_s, shot.end_s)
        .labelled(swatch.name.clone())
    }));
    item.span = Some(TimeSpan {
        start_s: shot.start_s,
        end_s: shot.end_s,
    });
    // Shots end where cuts are: those are what can be changed.
    item.changes.clear();
    item
}

fn move_item(key_of_item: String, m: &ShotMove) -> Item {
    let choices = MoveKind::ALL
        .into_iter()
        .map(|kind| Choice {
            key: kind.key().to_owned(),
            words: capital(phrase(kind).verb),
        })
        .collect();
    Item::new(key_of_item, capital(&verb(m)), m.confidence)
        .during(m.start_s, m.end_s)
        .renamed_to(choices)
        .drawn(arrows(m.kind).into_iter().map(|(from, to)| {
            Mark::new(Shape::Arrow { from, to })
                .during(m.start_s, m.end_s)
                .labelled(phrase(m.kind).noun)
        }))
}

/// Which way the camera goes, as arrows on the picture.
fn arrows(kind: MoveKind) -> Vec<([f64; 2], [f64; 2])> {
    use MoveKind as K;
    let line = |from, to| vec![(from, to)];
    match kind {
        K::PanLeft | K::TruckLeft | K::ArcCw => line([0.65, 0.5], [0.35, 0.5]),
        K::PanRight | K::TruckRight | K::ArcCcw => line([0.35, 0.5], [0.65, 0.5]),
        K::TiltUp | K::PedestalUp | K::CraneUp => line([0.5, 0.65], [0.5, 0.35]),
        K::TiltDown | K::PedestalDown | K::CraneDown => line([0.5, 0.35], [0.5, 0.65]),
        K::RollCw => vec![([0.4, 0.25], [0.6, 0.25]), ([0.6, 0.75], [0.4, 0.75])],
        K::RollCcw => vec![([0.6, 0.25], [0.4, 0.25]), ([0.4, 0.75], [0.6, 0.75])],
        K::ZoomIn | K::DollyIn | K::DollyZoomIn => {
            vec![([0.2, 0.2], [0.35, 0.35]), ([0.8, 0.8], [0.65, 0.65])]
        }
        K::ZoomOut | K::DollyOut | K::DollyZoomOut => {
            vec![([0.35, 0.35], [0.2, 0.2]), ([0.65, 0.65], [0.8, 0.8])]
        }
        K::Static | K::Complex => Vec::new(),
    }
}

fn area_item(key: String, area: &MovingArea) -> Item {
    let words = area.name.as_deref().map_or_else(
        || "Something moves".to_owned(),
        |name| format!("{} moves", capital(name)),
    );
    Item::new(key, words, 0.65)
        .during(area.span.start_s, area.span.end_s)
        .renamed_to(Vec::new())
        .resting_on(Evidence::measured("own motion", area.speed, "widths/s"))
        .drawn([Mark::new(Shape::Box {
            bounds: area.bounds,
        })
        .during(area.span.start_s, area.span.end_s)])
}

impl ClipReading {
    fn correct_cut(&mut self, at: usize, change: &Change) -> bool {
        let Some(cut) = self.cuts.get_mut(at) else {
            return false;
        };
        let middle = f64::midpoint(cut.start_s, cut.end_s);
        let divides = matches!(cut.kind, CutKind::Hard | CutKind::Dissolve);
        match change {
            Change::Delete => {
                self.cuts.remove(at);
                if divides {
                    self.join(middle);
                }
            }
            Change::Rename { to } => {
                let Some((kind, _, _)) = CUTS.iter().find(|(_, key, _)| key == to) else {
                    return false;
                };
                cut.kind = *kind;
                cut.confidence = 1.0;
                if *kind == CutKind::Hard {
                    cut.start_s = middle;
                    cut.end_s = middle;
                }
            }
            Change::Retime { start_s, end_s } => {
                cut.start_s = *start_s;
                cut.end_s = if cut.kind == CutKind::Hard {
                    *start_s
                } else {
                    *end_s
                };
                cut.confidence = 1.0;
                let now = f64::midpoint(cut.start_s, cut.end_s);
                if divides {
                    self.shift_border(middle, now);
                }
            }
        }
        true
    }

    /// The number of the shot that ends at a time and is followed by another.
    fn ending_at(&self, time_s: f64) -> Option<usize> {
        let last = self.shots.len().checked_sub(1)?;
        self.shots
            .iter()
            .take(last)
            .map(|shot| (shot.end_s - time_s).abs())
            .enumerate()
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .filter(|(_, off)| *off < 0.1)
            .map(|(number, _)| number)
    }

    /// Two shots are one after all.
    fn join(&mut self, time_s: f64) {
        let Some(number) = self.ending_at(time_s) else {
            return;
        };
        let next = self.shots.remove(number + 1);
        let Some(shot) = self.shots.get_mut(number) else {
            return;
        };
        let (one, other) = (shot.end_s - shot.start_s, next.end_s - next.start_s);
        let whole = (one + other).max(1e-6);
        shot.energy = super::thousandth((shot.energy * one + next.energy * other) / whole);
        shot.end_s = next.end_s;
        shot.moves.extend(next.moves);
        shot.moving.extend(next.moving);
        if next.shake > shot.shake {
            shot.shake = next.shake;
            shot.steadiness = next.steadiness;
        }
        if other > one {
            shot.palette = next.palette;
        }
    }

    fn shift_border(&mut self, from_s: f64, to_s: f64) {
        let Some(number) = self.ending_at(from_s) else {
            return;
        };
        let bounds = self
            .shots
            .get(number)
            .zip(self.shots.get(number + 1))
            .map(|(one, other)| (one.start_s, other.end_s));
        let Some((low, high)) = bounds else { return };
        let to_s = to_s.max(low).min(high);
        if let Some(shot) = self.shots.get_mut(number) {
            shot.end_s = to_s;
        }
        if let Some(shot) = self.shots.get_mut(number + 1) {
            shot.start_s = to_s;
        }
    }
}

fn correct_move(moves: &mut Vec<ShotMove>, at: usize, change: &Change) -> bool {
    let Some(m) = moves.get_mut(at) else {
        return false;
    };
    match change {
        Change::Delete => {
            moves.remove(at);
        }
        Change::Rename { to } => {
            let Some(kind) = MoveKind::from_key(to) else {
                return false;
            };
            m.kind = kind;
            m.or = None;
            m.confidence = 1.0;
        }
        Change::Retime { start_s, end_s } => {
            (m.start_s, m.end_s) = (*start_s, *end_s);
        }
    }
    true
}

fn correct_area(areas: &mut Vec<MovingArea>, at: usize, change: &Change) -> bool {
    let Some(area) = areas.get_mut(at) else {
        return false;
    };
    match change {
        Change::Delete => {
            areas.remove(at);
        }
        Change::Rename { to } => area.name = Some(to.clone()),
        Change::Retime { start_s, end_s } => {
            area.span = TimeSpan {
                start_s: *start_s,
                end_s: *end_s,
            };
        }
    }
    true
}
