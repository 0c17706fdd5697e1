//! A reading's parts, to look at and to correct.

use decoupage_shot::{Change, Polarity};

use super::words;
use super::{Band, DepthReading};
use crate::camera::MoveKind;
use crate::correct::Parts;
use crate::outline::{Choice, Curve, Item, Mark, Shape};
use crate::plain::capital;
use crate::reading::{Evidence, Statement, TimeSpan};

/// The camera moves that depth can show, with a filmmaker's words.
const MOVES: [(MoveKind, &str, &str); 12] = [
    (MoveKind::Static, "static", "Holds still"),
    (MoveKind::DollyIn, "dolly_in", "Dollies in"),
    (MoveKind::DollyOut, "dolly_out", "Dollies out"),
    (MoveKind::TruckLeft, "truck_left", "Trucks left"),
    (MoveKind::TruckRight, "truck_right", "Trucks right"),
    (MoveKind::PedestalUp, "pedestal_up", "Rises"),
    (MoveKind::PedestalDown, "pedestal_down", "Sinks"),
    (MoveKind::PanLeft, "pan_left", "Pans left"),
    (MoveKind::PanRight, "pan_right", "Pans right"),
    (MoveKind::TiltUp, "tilt_up", "Tilts up"),
    (MoveKind::TiltDown, "tilt_down", "Tilts down"),
    (
        MoveKind::Complex,
        "complex",
        "Moves in several ways at once",
    ),
];

impl Parts for DepthReading {
    fn statements(&self) -> Vec<&Statement> {
        self.statements.iter().collect()
    }

    fn statements_mut(&mut self) -> Vec<&mut Vec<Statement>> {
        vec![&mut self.statements]
    }

    fn items(&self) -> Vec<Item> {
        let mut items = vec![polarity(self)];
        items.extend(self.layers.iter().enumerate().map(|(number, layer)| {
            let words = capital(&words::layer(layer));
            Item::new(format!("layer/{number}"), words, self.polarity_confidence)
                .renamed_to(Vec::new())
                .resting_on(Evidence::measured(
                    "share of the frame",
                    layer.share,
                    "share",
                ))
                .drawn([Mark::new(Shape::Box {
                    bounds: layer.bounds,
                })])
        }));
        if let Some(setting) = self.setting {
            let words = words::setting(setting.kind);
            items.push(
                Item::new("setting", words, setting.confidence).renamed_to(
                    words::SETTINGS
                        .iter()
                        .map(|(_, key, words)| choice(key, words))
                        .collect(),
                ),
            );
        }
        if let Some(horizon) = self.horizon {
            let (left, right) = (
                horizon.height - horizon.fall / 2.0,
                horizon.height + horizon.fall / 2.0,
            );
            items.push(
                Item::new("horizon", "Horizon", horizon.confidence)
                    .resting_on(Evidence::measured(
                        "height of the horizon",
                        horizon.height,
                        "share of the frame",
                    ))
                    .drawn([Mark::new(Shape::Line {
                        from: [0.0, left],
                        to: [1.0, right],
                    })
                    .labelled("horizon")]),
            );
        }
        items.extend(self.openings.iter().enumerate().map(|(number, opening)| {
            let words = capital(&words::opening(opening));
            Item::new(format!("opening/{number}"), words, opening.confidence)
                .renamed_to(Vec::new())
                .drawn([Mark::new(Shape::Box {
                    bounds: opening.bounds,
                })])
        }));
        items.extend(self.objects.iter().enumerate().map(|(number, object)| {
            let words = capital(&words::object(object));
            Item::new(format!("object/{number}"), words, object.confidence)
                .renamed_to(Vec::new())
                .resting_on(Evidence::measured(
                    "share of the frame",
                    object.share,
                    "share",
                ))
                .drawn([Mark::new(Shape::Box {
                    bounds: object.bounds,
                })])
        }));
        items.extend(movers(self));
        if let Some(motion) = &self.camera_motion {
            let words = MOVES
                .iter()
                .find(|(kind, ..)| *kind == motion.kind)
                .map_or("Moves", |(.., words)| words);
            let item = Item::new("camera", format!("Camera: {words}"), motion.confidence)
                .renamed_to(
                    MOVES
                        .iter()
                        .map(|(_, key, words)| choice(key, words))
                        .collect(),
                );
            items.push(match motion.amount {
                Some(amount) => item.resting_on(Evidence::measured(
                    "parallax",
                    amount,
                    "share of the frame's width",
                )),
                None => item.resting_on(Evidence::Person),
            });
        }
        items
    }

    fn curves(&self) -> Vec<Curve> {
        let signals = &self.signals;
        let curve = |name: &str, unit: &str, values: &[f32]| {
            let samples: Vec<(f64, f64)> = signals
                .times_s
                .iter()
                .zip(values)
                .map(|(time_s, value)| (f64::from(*time_s), f64::from(*value)))
                .collect();
            Curve::new(name, unit, &samples)
        };
        let moves = |values: &[f32]| values.iter().any(|value| value.abs() > 0.004);
        let ways = [
            ("Camera right", &signals.right),
            ("Camera up", &signals.up),
            ("Camera forward", &signals.forward),
        ];
        curve("Near part of the frame", "share", &signals.near_share)
            .into_iter()
            .chain(
                ways.into_iter()
                    .filter(|(_, values)| moves(values))
                    .filter_map(|(name, values)| curve(name, "share", values)),
            )
            .collect()
    }

    fn correct(&mut self, key: &str, change: &Change) -> bool {
        let (kind, number) = match key.split_once('/') {
            Some((kind, number)) => (kind, number.parse::<usize>().unwrap_or(usize::MAX)),
            None => (key, 0),
        };
        match (kind, change) {
            ("polarity", Change::Rename { to }) => flip(self, to),
            ("layer", Change::Delete) => remove(&mut self.layers, number),
            ("layer", Change::Rename { to }) => {
                name(self.layers.get_mut(number).map(|one| &mut one.name), to)
            }
            ("setting", Change::Delete) => self.setting.take().is_some(),
            ("setting", Change::Rename { to }) => {
                let kind = words::SETTINGS.iter().find(|(_, key, _)| key == to);
                match (kind, &mut self.setting) {
                    (Some((kind, ..)), Some(setting)) => {
                        setting.kind = *kind;
                        setting.confidence = 1.0;
                        true
                    }
                    _ => false,
                }
            }
            ("horizon", Change::Delete) => self.horizon.take().is_some(),
            ("opening", Change::Delete) => remove(&mut self.openings, number),
            ("opening", Change::Rename { to }) => {
                name(self.openings.get_mut(number).map(|one| &mut one.name), to)
            }
            ("object", Change::Delete) => remove(&mut self.objects, number),
            ("object", Change::Rename { to }) => {
                name(self.objects.get_mut(number).map(|one| &mut one.name), to)
            }
            ("mover", Change::Delete) => remove(&mut self.moving_regions, number),
            ("mover", Change::Rename { to }) => name(
                self.moving_regions.get_mut(number).map(|one| &mut one.name),
                to,
            ),
            ("mover", Change::Retime { start_s, end_s }) => {
                match self.moving_regions.get_mut(number) {
                    Some(region) if start_s <= end_s => {
                        region.span = TimeSpan {
                            start_s: *start_s,
                            end_s: *end_s,
                        };
                        true
                    }
                    _ => false,
                }
            }
            ("camera", Change::Delete) => self.camera_motion.take().is_some(),
            ("camera", Change::Rename { to }) => {
                let kind = MOVES.iter().find(|(_, key, _)| key == to);
                match (kind, &mut self.camera_motion) {
                    (Some((kind, ..)), Some(motion)) => {
                        motion.kind = *kind;
                        // The amount was that of the move it was taken for.
                        (motion.amount, motion.sigma) = (None, None);
                        motion.confidence = 1.0;
                        true
                    }
                    _ => false,
                }
            }
            _ => false,
        }
    }

    fn restate(&mut self) {
        self.statements = words::statements(self);
    }
}

fn choice(key: &str, words: &str) -> Choice {
    Choice {
        key: key.to_owned(),
        words: words.to_owned(),
    }
}

const BRIGHT: (&str, &str) = ("near_bright", "Bright is near");
const DARK: (&str, &str) = ("near_dark", "Dark is near");

fn polarity(reading: &DepthReading) -> Item {
    let words = match reading.polarity {
        Polarity::NearBright => BRIGHT.1,
        Polarity::NearDark => DARK.1,
    };
    let mut item = Item::new("polarity", words, reading.polarity_confidence)
        .renamed_to(vec![choice(BRIGHT.0, BRIGHT.1), choice(DARK.0, DARK.1)]);
    // It runs one way or the other: there is nothing to delete.
    item.changes
        .retain(|change| *change != crate::outline::Changeable::Delete);
    item
}

fn movers(reading: &DepthReading) -> impl Iterator<Item = Item> {
    reading
        .moving_regions
        .iter()
        .enumerate()
        .map(|(number, region)| {
            let words = capital(&format!("{} {}", words::who(region), words::way(region)));
            let span = region.span;
            let centre = |bounds: decoupage_shot::Region| {
                [
                    bounds.x + bounds.width / 2.0,
                    bounds.y + bounds.height / 2.0,
                ]
            };
            let mut marks = Vec::new();
            match (region.begin, region.end) {
                (Some(begin), Some(end)) => {
                    let middle = (span.start_s + span.end_s) / 2.0;
                    let boxed = |bounds| Mark::new(Shape::Box { bounds });
                    marks.push(boxed(begin).during(span.start_s, middle));
                    marks.push(boxed(end).during(middle, span.end_s));
                    marks.push(
                        Mark::new(Shape::Arrow {
                            from: centre(begin),
                            to: centre(end),
                        })
                        .during(span.start_s, span.end_s),
                    );
                }
                _ => marks.push(
                    Mark::new(Shape::Box {
                        bounds: region.bounds,
                    })
                    .during(span.start_s, span.end_s),
                ),
            }
            Item::new(format!("mover/{number}"), words, region.confidence)
                .during(span.start_s, span.end_s)
                .renamed_to(Vec::new())
                .resting_on(Evidence::measured(
                    "shift across the frame",
                    region.own_dx.hypot(region.own_dy),
                    "share of the frame",
                ))
                .drawn(marks)
        })
}

/// Turns near and far round. What was measured by taking near for far is given up; reading the
/// file with the polarity said measures it anew.
fn flip(reading: &mut DepthReading, to: &str) -> bool {
    let polarity = match to {
        to if to == BRIGHT.0 => Polarity::NearBright,
        to if to == DARK.0 => Polarity::NearDark,
        _ => return false,
    };
    reading.polarity_confidence = 1.0;
    if polarity == reading.polarity {
        return true;
    }
    reading.polarity = polarity;
    let turned = |band: Band| match band {
        Band::Near => Band::Far,
        Band::Mid => Band::Mid,
        Band::Far => Band::Near,
    };
    reading.layers.reverse();
    for layer in &mut reading.layers {
        layer.band = turned(layer.band);
    }
    for region in &mut reading.moving_regions {
        region.band = turned(region.band);
        region.growth = if region.growth > 0.0 { 1.0 } else { 0.0 };
    }
    (reading.setting, reading.horizon, reading.camera_motion) = (None, None, None);
    reading.openings.clear();
    reading.objects.clear();
    reading.signals = super::DepthSignals::default();
    true
}

fn remove<T>(list: &mut Vec<T>, at: usize) -> bool {
    let there = at < list.len();
    if there {
        list.remove(at);
    }
    there
}

fn name(slot: Option<&mut Option<String>>, to: &str) -> bool {
    match (slot, to.trim()) {
        (Some(slot), words) if !words.is_empty() => {
            *slot = Some(words.to_owned());
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use decoupage_shot::{Correction, Region};

    use super::super::{
        Colormap, DepthLayer, DepthLayout, DepthMotion, DepthObject, DepthScale, DepthSignals,
        Horizon, MovingRegion, Opening, Setting, SettingReading,
    };
    use super::*;
    use crate::{Reading, correct, outline};

    fn region(x: f64, y: f64, width: f64, height: f64) -> Region {
        Region {
            x,
            y,
            width,
            height,
        }
    }

    fn layer(band: Band, place: &str) -> DepthLayer {
        DepthLayer {
            band,
            share: 0.4,
            place: place.to_owned(),
            bounds: region(0.0, 0.5, 1.0, 0.5),
            name: None,
        }
    }

    fn reading() -> Reading {
        let mut reading = DepthReading {
            frames: 20,
            duration_s: 2.0,
            times_assumed: false,
            polarity: Polarity::NearBright,
            polarity_confidence: 0.9,
            colormap: Colormap::Grey,
            layout: DepthLayout::Plain,
            normalisation: None,
            scale: DepthScale::Inverse,
            layers: vec![
                layer(Band::Near, "along the bottom of the frame"),
                layer(Band::Far, "the upper half of the frame"),
            ],
            setting: Some(SettingReading {
                kind: Setting::Open,
                confidence: 0.9,
            }),
            horizon: Some(Horizon {
                height: 0.4,
                fall: 0.0,
                confidence: 0.9,
            }),
            openings: vec![Opening {
                bounds: region(0.4, 0.3, 0.1, 0.4),
                place: "in the middle of the frame".to_owned(),
                name: None,
                confidence: 0.8,
            }],
            objects: vec![DepthObject {
                bounds: region(0.7, 0.4, 0.1, 0.4),
                band: Band::Near,
                share: 0.03,
                name: None,
                confidence: 0.9,
            }],
            moving_regions: vec![MovingRegion {
                bounds: region(0.1, 0.3, 0.6, 0.5),
                band: Band::Mid,
                span: TimeSpan {
                    start_s: 0.0,
                    end_s: 1.5,
                },
                dx: 0.4,
                dy: 0.0,
                own_dx: 0.4,
                own_dy: 0.0,
                growth: 1.0,
                leaves: false,
                begin: Some(region(0.1, 0.3, 0.1, 0.5)),
                end: Some(region(0.5, 0.3, 0.1, 0.5)),
                name: None,
                confidence: 0.8,
            }],
            camera_motion: Some(DepthMotion {
                kind: MoveKind::TruckLeft,
                amount: Some(0.1),
                sigma: Some(0.02),
                confidence: 0.7,
            }),
            signals: DepthSignals {
                times_s: vec![0.0, 1.0],
                near_share: vec![0.2, 0.3],
                right: vec![0.0, -0.1],
                up: vec![0.0, 0.0],
                forward: vec![0.0, 0.0],
            },
            statements: Vec::new(),
        };
        reading.restate();
        Reading::Depth(reading)
    }

    /// The sentences after one change of the item with this key.
    fn changed(key: &str, change: Change) -> String {
        let reading = reading();
        let item = outline(&reading)
            .items
            .into_iter()
            .find(|item| item.key == key)
            .unwrap_or_else(|| panic!("there is {key}"));
        let correction = Correction {
            item: item.key,
            was: item.words,
            change,
        };
        let corrected = correct(&reading, &[correction]);
        assert!(corrected.unmet.is_empty(), "{key}");
        text(&corrected.reading)
    }

    fn text(reading: &Reading) -> String {
        let texts: Vec<&str> = reading
            .statements()
            .iter()
            .map(|statement| statement.text.as_str())
            .collect();
        texts.join("\n")
    }

    fn rename(to: &str) -> Change {
        Change::Rename { to: to.to_owned() }
    }

    #[test]
    fn the_sentences_say_what_is_there() {
        assert_eq!(
            text(&reading()),
            "Two depths: a near layer along the bottom of the frame; a far layer that fills the \
             upper half of the frame.\n\
             An open place; its horizon lies above the middle of the frame (40 % from the top).\n\
             An opening in the middle of the frame leads farther back.\n\
             A tall figure at right in the foreground stands out from the ground.\n\
             A tall figure at left in the middle ground moves right.\n\
             Near things slide right past far ones: the camera trucks left."
        );
    }

    #[test]
    fn names_given_by_hand_are_in_the_sentences() {
        for (key, name) in [
            ("layer/0", "market stalls"),
            ("opening/0", "the gate"),
            ("object/0", "a lamp post"),
            ("mover/0", "the boy"),
        ] {
            let after = changed(key, rename(name));
            assert!(after.to_lowercase().contains(name), "{key}: {after}");
        }
        assert!(changed("mover/0", rename("the boy")).contains("The boy at left"));
        let camera = changed("camera", rename("dolly_in"));
        assert!(
            camera.contains("dollies in") && !camera.contains("trucks"),
            "{camera}"
        );
        let corridor = changed("setting", rename("corridor"));
        assert!(corridor.contains("A corridor"), "{corridor}");
    }

    #[test]
    fn what_is_deleted_is_said_no_more() {
        let before = text(&reading());
        for (key, gone) in [
            ("layer/0", "Two depths"),
            ("setting", "An open place"),
            ("horizon", "horizon"),
            ("opening/0", "opening"),
            ("object/0", "stands out"),
            ("mover/0", "moves right"),
            ("camera", "trucks"),
        ] {
            assert!(before.contains(gone), "{gone}");
            let after = changed(key, Change::Delete);
            assert!(!after.contains(gone), "{key}: {after}");
        }
    }

    #[test]
    fn a_mover_is_retimed_and_its_sentence_with_it() {
        let mut measured = reading();
        let change = Change::Retime {
            start_s: 0.5,
            end_s: 1.0,
        };
        assert!(measured.parts_mut().correct("mover/0", &change));
        measured.parts_mut().restate();
        let spans: Vec<_> = measured
            .statements()
            .iter()
            .filter_map(|statement| statement.span)
            .collect();
        assert_eq!(
            spans,
            [TimeSpan {
                start_s: 0.5,
                end_s: 1.0
            }]
        );
    }

    #[test]
    fn polarity_turns_near_and_far_round() {
        let after = changed("polarity", rename("near_dark"));
        assert!(
            after.starts_with("Two depths: a near layer that fills the upper half"),
            "{after}"
        );
        assert!(
            !after.contains("horizon") && !after.contains("trucks"),
            "{after}"
        );
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let mut measured = reading();
        for (key, change) in [
            ("mover/9", Change::Delete),
            ("mover/x", Change::Delete),
            ("layer/0", rename("  ")),
            ("camera", rename("somewhere")),
            ("horizon", rename("high")),
            ("polarity", Change::Delete),
            ("nothing", Change::Delete),
        ] {
            assert!(!measured.parts_mut().correct(key, &change), "{key}");
        }
    }

    #[test]
    fn everything_is_drawn_and_plotted() {
        let laid = outline(&reading());
        for item in &laid.items {
            let bare = ["polarity", "setting", "camera"].contains(&item.key.as_str())
                || item.key.starts_with("statement/");
            assert_eq!(item.marks.is_empty(), bare, "{}", item.key);
        }
        let names: Vec<&str> = laid
            .curves
            .iter()
            .map(|curve| curve.name.as_str())
            .collect();
        assert_eq!(names, ["Near part of the frame", "Camera right"]);
    }
}
