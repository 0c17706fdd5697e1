//! What changes from one frame to another, from their readings alone.

use decoupage_shot::Region;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::FrameReading;
use super::align::{self, Shift};
use crate::colour::{self, Lab};
use crate::depth::places;
use crate::identity::ground::components;
use crate::identity::words::share_words;
use crate::plain::{capital, lies};
use crate::reading::{Evidence, Statement};

/// How far a cell's colour must differ (ΔE) for it to have changed.
const CHANGED: f32 = 11.0;
/// How alike the colour of what moved must stay (ΔE).
const SAME: f32 = 13.0;

/// What changes from the first frame of a shot to its last.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct FrameChange {
    /// Change of mean lightness, −1–1: above 0 it gets lighter.
    pub light: f64,
    /// Change of warmth, −2–2: above 0 it gets warmer.
    pub warmth: f64,
    /// Change of mean chroma, −1–1.
    pub saturation: f64,
    /// How the whole view shifts or grows, where one shift explains it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub view: Option<Shift>,
    /// What appears, vanishes, moves or changes within the view.
    pub areas: Vec<ChangedArea>,
    /// How alike the two are as they stand, 0–1.
    pub alike: f64,
    /// Sentences.
    pub statements: Vec<Statement>,
}

/// A part of the view that changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ChangedArea {
    /// What happens there.
    pub change: AreaChange,
    /// Where it is in the frame that shows it: the last, or the first for what vanishes.
    pub bounds: Region,
    /// In words, completing "it is …".
    pub place: String,
    /// Where it was before, for what moves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub from: Option<Region>,
    /// What people call its main colour.
    pub colour: String,
    /// Share of the frame, 0–1.
    pub share: f64,
    /// How sure, 0–1.
    pub confidence: f64,
}

/// What happens to a part of the view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum AreaChange {
    Appears,
    Vanishes,
    Moves,
    Changes,
}

/// A part of the grid that differs, and what each frame shows there.
struct Part {
    cells: Vec<usize>,
    first: Lab,
    last: Lab,
    /// How far the first frame's content jumps from what surrounds it (ΔE), and the last's.
    stands_out: [f32; 2],
}

/// What changes from `first` to `last`. Readings without a grid compare by light alone.
pub fn change(first: &FrameReading, last: &FrameReading) -> FrameChange {
    let mut change = FrameChange {
        alike: 0.0,
        ..FrameChange::default()
    };
    if let (Some(one), Some(other)) = (&first.plain.light, &last.plain.light) {
        change.light = round(other.brightness - one.brightness);
        change.warmth = round(other.warmth - one.warmth);
        change.saturation = round(other.saturation - one.saturation);
    }
    if let (Some(size), true) = (first.grid.size(), first.grid.size() == last.grid.size()) {
        let (before, after) = (labs(&first.grid.cells), labs(&last.grid.cells));
        let off = before
            .iter()
            .zip(&after)
            .map(|(one, other)| f64::from(colour::distance(*one, *other)))
            .sum::<f64>()
            / before.len().max(1) as f64;
        change.alike = round((1.0 - off / 36.0).clamp(0.0, 1.0));
        change.view = align::shift(&first.grid.cells, &last.grid.cells, size);
        change.areas = areas(&before, &after, size, change.view.as_ref());
    }
    change.statements = statements(&change);
    change
}

fn labs(cells: &[[f32; 4]]) -> Vec<Lab> {
    cells
        .iter()
        .map(|[l, a, b, _]| Lab::new(*l, *a, *b))
        .collect()
}

/// The parts that differ once the view is brought into line and the light made equal.
fn areas(
    before: &[Lab],
    after: &[Lab],
    (columns, rows): (usize, usize),
    view: Option<&Shift>,
) -> Vec<ChangedArea> {
    let lined: Vec<Option<Lab>> = match view {
        None => before.iter().copied().map(Some).collect(),
        Some(view) => (0..columns * rows)
            .map(|at| align::seen(before, (columns, rows), view, at % columns, at / columns))
            .collect(),
    };
    // The middle difference of all cells is light and grade, not things.
    let middle = |of: fn(&Lab) -> f32| {
        let mut differences: Vec<f32> = lined
            .iter()
            .zip(after)
            .filter_map(|(one, other)| one.map(|one| of(other) - of(&one)))
            .collect();
        colour::plane::quantile(&mut differences, 0.5)
    };
    let (l, a, b) = (middle(|c| c.l), middle(|c| c.a), middle(|c| c.b));
    let lined: Vec<Option<Lab>> = lined
        .into_iter()
        .map(|cell| cell.map(|c| Lab::new(c.l + l, c.a + a, c.b + b)))
        .collect();
    let differs: Vec<bool> = lined
        .iter()
        .zip(after)
        .map(|(one, other)| one.is_some_and(|one| colour::distance(one, *other) > CHANGED))
        .collect();
    // Where most of the picture differs, it is another picture: no part of it moved.
    if differs.iter().filter(|is| **is).count() * 2 > differs.len() {
        return Vec::new();
    }
    let mut parts: Vec<Part> = components(&differs, columns, rows)
        .into_iter()
        .filter(|cells| cells.len() >= if view.is_some() { 6 } else { 3 })
        .map(|cells| part(cells, &lined, after, (columns, rows)))
        .collect();
    parts.sort_by_key(|part| std::cmp::Reverse(part.cells.len()));
    parts.truncate(8);
    tell(parts, (columns, rows))
}

fn part(
    cells: Vec<usize>,
    lined: &[Option<Lab>],
    after: &[Lab],
    (columns, rows): (usize, usize),
) -> Part {
    let first: Vec<Lab> = cells.iter().filter_map(|at| *lined.get(*at)?).collect();
    let last: Vec<Lab> = cells
        .iter()
        .filter_map(|at| after.get(*at).copied())
        .collect();
    // The cells around it that do not belong to it.
    let mut around: Vec<usize> = cells
        .iter()
        .flat_map(|at| {
            let (x, y) = (at % columns, at / columns);
            (y.saturating_sub(1)..(y + 2).min(rows)).flat_map(move |y| {
                (x.saturating_sub(1)..(x + 2).min(columns)).map(move |x| y * columns + x)
            })
        })
        .filter(|at| !cells.contains(at))
        .collect();
    around.sort_unstable();
    around.dedup();
    let ground: Vec<Lab> = around
        .iter()
        .filter_map(|at| after.get(*at).copied())
        .collect();
    let ground = mean(&ground);
    // Cells along its edge mix it with what is behind: those that stand out most are it.
    let (first, last) = (own(first, ground), own(last, ground));
    // Where a thing is, its outline jumps; where it is not, the ground goes on.
    let jump = |colour_at: &dyn Fn(usize) -> Option<Lab>| {
        let (mut sum, mut count) = (0.0_f32, 0.0_f32);
        for &at in &cells {
            let (x, y) = (at % columns, at / columns);
            let beside = [
                (x > 0).then(|| at - 1),
                (x + 1 < columns).then(|| at + 1),
                (y > 0).then(|| at - columns),
                (y + 1 < rows).then(|| at + columns),
            ];
            for next in beside
                .into_iter()
                .flatten()
                .filter(|next| !cells.contains(next))
            {
                if let (Some(here), Some(there)) = (colour_at(at), colour_at(next)) {
                    sum += colour::distance(here, there);
                    count += 1.0;
                }
            }
        }
        sum / count.max(1.0)
    };
    Part {
        stands_out: [
            jump(&|at| lined.get(at).copied().flatten()),
            jump(&|at| after.get(at).copied()),
        ],
        cells,
        first,
        last,
    }
}

/// The mean of the half of the colours that stands out most from a ground.
fn own(mut colours: Vec<Lab>, ground: Lab) -> Lab {
    colours.sort_by(|one, other| {
        colour::distance(*other, ground).total_cmp(&colour::distance(*one, ground))
    });
    colours.truncate(colours.len().div_ceil(2));
    mean(&colours)
}

fn mean(colours: &[Lab]) -> Lab {
    let count = colours.len().max(1) as f32;
    let sum = |of: fn(&Lab) -> f32| colours.iter().map(of).sum::<f32>() / count;
    Lab::new(sum(|c| c.l), sum(|c| c.a), sum(|c| c.b))
}

/// Says of every part whether it appears, vanishes or changes, and ties what vanishes in one
/// place and appears in another to a move.
fn tell(parts: Vec<Part>, size: (usize, usize)) -> Vec<ChangedArea> {
    let kind = |part: &Part| {
        let [first, last] = part.stands_out;
        match (first, last) {
            (first, last) if last > first * 1.35 + 1.0 => AreaChange::Appears,
            (first, last) if first > last * 1.35 + 1.0 => AreaChange::Vanishes,
            _ => AreaChange::Changes,
        }
    };
    let mut areas = Vec::new();
    let mut used = vec![false; parts.len()];
    for (number, part) in parts.iter().enumerate() {
        if kind(part) != AreaChange::Appears {
            continue;
        }
        let from = parts.iter().enumerate().find(|(other, gone)| {
            used.get(*other) == Some(&false)
                && kind(gone) == AreaChange::Vanishes
                && colour::distance(gone.first, part.last) < SAME
                && gone.cells.len() * 5 > part.cells.len() * 2
                && gone.cells.len() * 2 < part.cells.len() * 5
        });
        let Some((other, gone)) = from else { continue };
        for at in [number, other] {
            if let Some(used) = used.get_mut(at) {
                *used = true;
            }
        }
        areas.push(ChangedArea {
            from: Some(place(&gone.cells, size).bounds),
            ..area(part, AreaChange::Moves, part.last, size, 0.7)
        });
    }
    for (part, used) in parts.iter().zip(used) {
        if used {
            continue;
        }
        let kind = kind(part);
        let (colour, confidence) = match kind {
            AreaChange::Vanishes => (part.first, 0.65),
            AreaChange::Changes => (part.last, 0.5),
            _ => (part.last, 0.65),
        };
        areas.push(area(part, kind, colour, size, confidence));
    }
    areas.sort_by(|one, other| other.share.total_cmp(&one.share));
    areas
}

fn area(
    part: &Part,
    change: AreaChange,
    main: Lab,
    size: (usize, usize),
    confidence: f64,
) -> ChangedArea {
    let place = place(&part.cells, size);
    ChangedArea {
        change,
        bounds: place.bounds,
        place: place.words,
        from: None,
        colour: colour::name(main).to_owned(),
        share: round(part.cells.len() as f64 / (size.0 * size.1).max(1) as f64),
        confidence,
    }
}

fn place(cells: &[usize], (columns, rows): (usize, usize)) -> places::Place {
    let mut mask = vec![0.0_f32; columns * rows];
    for at in cells {
        if let Some(value) = mask.get_mut(*at) {
            *value = 1.0;
        }
    }
    places::of(&mask, columns, rows)
}

fn statements(change: &FrameChange) -> Vec<Statement> {
    let mut statements = Vec::new();
    let alike = match change.alike {
        alike if alike > 0.97 => Some("The first and the last frame are all but the same."),
        alike if alike < 0.45 && change.view.is_none() => {
            Some("The first and the last frame have little in common.")
        }
        _ => None,
    };
    if let Some(text) = alike {
        statements.push(Statement::new(
            text,
            Evidence::measured("likeness", change.alike, "share"),
            0.8,
        ));
    }
    if let Some(view) = &change.view {
        statements.extend(align::statements(view));
    }
    if change.light.abs() >= 0.04 {
        let much = if change.light.abs() > 0.2 {
            "much "
        } else {
            ""
        };
        let word = if change.light > 0.0 {
            "lighter"
        } else {
            "darker"
        };
        statements.push(Statement::new(
            format!("From the first frame to the last it gets {much}{word}."),
            Evidence::measured("change of lightness", change.light, "share"),
            0.85,
        ));
    }
    if change.warmth.abs() >= 0.12 {
        let word = if change.warmth > 0.0 {
            "warmer"
        } else {
            "cooler"
        };
        statements.push(Statement::new(
            format!("Its colours turn {word} towards the last frame."),
            Evidence::measured("change of warmth", change.warmth, "share"),
            0.8,
        ));
    }
    if change.saturation.abs() >= 0.06 && change.warmth.abs() < 0.12 {
        let word = if change.saturation > 0.0 {
            "gain"
        } else {
            "lose"
        };
        statements.push(Statement::new(
            format!("Its colours {word} strength towards the last frame."),
            Evidence::measured("change of chroma", change.saturation, "share"),
            0.75,
        ));
    }
    for area in change.areas.iter().take(5) {
        let article = if area.colour.starts_with(['a', 'e', 'i', 'o', 'u']) {
            "an"
        } else {
            "a"
        };
        let thing = format!("{article} {} part", area.colour);
        let place = area.place.as_str();
        let text = match (area.change, &area.from) {
            (AreaChange::Appears, _) => {
                format!("In the last frame {thing} is new; it {}.", lies(place))
            }
            (AreaChange::Vanishes, _) => {
                format!(
                    "{} of the first frame, which {}, is gone in the last.",
                    capital(&thing),
                    lies(place)
                        .replacen("lies", "lay", 1)
                        .replacen("fills", "filled", 1)
                )
            }
            (AreaChange::Moves, Some(from)) => {
                format!("{} moves {}.", capital(&thing), towards(from, &area.bounds))
            }
            _ => format!(
                "What {} changes, over {} of the frame.",
                lies(place),
                share_words(area.share)
            ),
        };
        statements.push(Statement::new(
            text,
            Evidence::measured("changed share of the frame", area.share, "share"),
            area.confidence,
        ));
    }
    statements
}

fn towards(from: &Region, to: &Region) -> String {
    let middle = |r: &Region| (r.x + r.width / 2.0, r.y + r.height / 2.0);
    let ((x0, y0), (x1, y1)) = (middle(from), middle(to));
    let (dx, dy) = (x1 - x0, y1 - y0);
    let side = if dx > 0.0 {
        "to the right"
    } else {
        "to the left"
    };
    let level = if dy > 0.0 { "down" } else { "up" };
    let far = share_words(dx.hypot(dy));
    let way = match (dx.abs(), dy.abs()) {
        (x, y) if x > 2.0 * y => side.to_owned(),
        (x, y) if y > 2.0 * x => level.to_owned(),
        _ => format!("{level} and {side}"),
    };
    format!("{way}, by {far} of the frame")
}

fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
