//! A depth reading in sentences: a pure function of the reading.

use decoupage_shot::{Polarity, Region};

use super::{Band, DepthLayer, DepthObject, DepthReading, MovingRegion, Opening, Setting};
use crate::camera::MoveKind;
use crate::plain::capital;
use crate::reading::{Evidence, Statement};

/// The sentences a reading supports.
pub fn statements(reading: &DepthReading) -> Vec<Statement> {
    let mut statements = Vec::new();
    // Which layer is near hangs on the polarity.
    let sure = 0.35 + 0.6 * reading.polarity_confidence;
    if let Some(text) = layers(&reading.layers) {
        let near = reading.layers.first().map_or(0.0, |layer| layer.share);
        statements.push(Statement::new(
            text,
            Evidence::measured("share of the nearest layer", near, "share"),
            sure,
        ));
    }
    statements.extend(surroundings(reading));
    statements.extend(openings(&reading.openings));
    statements.extend(objects(&reading.objects));
    statements.extend(reading.moving_regions.iter().map(moving));
    if let Some(motion) = &reading.camera_motion
        && let Some(text) = camera(motion.kind)
    {
        // A move that a person named has no amount.
        let evidence = match motion.amount {
            Some(amount) => Evidence::measured("parallax", amount, "share of the frame's width"),
            None => Evidence::Person,
        };
        statements.push(Statement::new(text, evidence, motion.confidence));
    }
    if reading.polarity_confidence < 0.65 {
        let text = match reading.polarity {
            Polarity::NearBright => "Bright is taken as near; the picture does not make it sure.",
            Polarity::NearDark => "Dark is taken as near; the picture does not make it sure.",
        };
        statements.push(Statement::new(
            text,
            Evidence::measured("polarity", reading.polarity_confidence, "share"),
            reading.polarity_confidence,
        ));
    }
    statements
}

/// What is said of a layer in a list of layers.
pub fn layer(layer: &DepthLayer) -> String {
    let called = match (&layer.name, layer.band) {
        (Some(name), _) => name.as_str(),
        (None, Band::Near) => "a near layer",
        (None, Band::Mid) => "a middle ground",
        (None, Band::Far) => "a far layer",
    };
    let fills = ["the ", "most ", "almost "]
        .iter()
        .any(|start| layer.place.starts_with(start));
    let joint = match (fills, &layer.name) {
        (false, _) => "",
        (true, None) => "that fills ",
        (true, Some(_)) => "filling ",
    };
    format!("{called} {joint}{}", layer.place)
}

fn layers(layers: &[DepthLayer]) -> Option<String> {
    match layers {
        [] => None,
        [only] => Some(match &only.name {
            Some(name) => format!("Everything lies at about one depth: {name}."),
            None => "Everything lies at about one depth.".to_owned(),
        }),
        [near, far] => Some(format!("Two depths: {}; {}.", layer(near), layer(far))),
        [near, mid, far, ..] => Some(format!(
            "Three depths: {}; {}; {}.",
            layer(near),
            layer(mid),
            layer(far)
        )),
    }
}

/// The settings with their keys and words.
pub const SETTINGS: [(Setting, &str, &str); 3] = [
    (
        Setting::Interior,
        "interior",
        "An interior closed in by walls",
    ),
    (
        Setting::Corridor,
        "corridor",
        "A corridor that runs away from the camera",
    ),
    (Setting::Open, "open", "An open place"),
];

/// A setting in words.
pub fn setting(kind: Setting) -> &'static str {
    SETTINGS
        .iter()
        .find(|(other, ..)| *other == kind)
        .map_or("", |(.., words)| words)
}

/// Where it is set and where the horizon lies, in one sentence.
fn surroundings(reading: &DepthReading) -> Option<Statement> {
    let horizon = reading
        .horizon
        .filter(|horizon| horizon.confidence >= 0.4 && (-0.05..1.05).contains(&horizon.height));
    let place = reading.setting.map(|place| setting(place.kind));
    let line = horizon.map(|horizon| {
        let percent = (horizon.height * 100.0).round();
        match horizon.height {
            h if h < 0.3 => format!("high in the frame ({percent} % from the top)"),
            h if h < 0.45 => format!("above the middle of the frame ({percent} % from the top)"),
            h if h <= 0.55 => "across the middle of the frame".to_owned(),
            h if h < 0.7 => format!("below the middle of the frame ({percent} % from the top)"),
            _ => format!("low in the frame ({percent} % from the top)"),
        }
    });
    let (text, sure) = match (place, line) {
        (Some(place), Some(line)) => {
            let level = match reading.setting.map(|setting| setting.kind) {
                Some(Setting::Open) => "its horizon lies",
                _ => "its eye level lies",
            };
            let sure = reading
                .setting
                .map_or(0.5, |setting| setting.confidence)
                .min(horizon.map_or(0.5, |horizon| horizon.confidence));
            (format!("{place}; {level} {line}."), sure)
        }
        (Some(place), None) => (
            format!("{place}."),
            reading.setting.map_or(0.5, |setting| setting.confidence),
        ),
        (None, Some(line)) => (
            format!("The ground's horizon lies {line}."),
            horizon.map_or(0.5, |horizon| horizon.confidence),
        ),
        (None, None) => return None,
    };
    let evidence = match horizon {
        Some(horizon) => Evidence::measured(
            "height of the horizon",
            horizon.height,
            "share of the frame",
        ),
        None => Evidence::measured("walls, ceiling and sky", sure, "share"),
    };
    Some(Statement::new(text, evidence, sure))
}

/// What an opening is called and where it is.
pub fn opening(opening: &Opening) -> String {
    let name = opening.name.as_deref().unwrap_or("an opening");
    format!("{name} {}", opening.place)
}

fn openings(all: &[Opening]) -> Option<Statement> {
    let least = all.iter().map(|one| one.confidence).reduce(f64::min)?;
    let text = match all {
        [one] => format!("{} leads farther back.", capital(&opening(one))),
        many => {
            let each: Vec<String> = many.iter().map(opening).collect();
            format!("{} lead farther back.", capital(&list(&each)))
        }
    };
    let evidence = Evidence::measured("openings", all.len() as f64, "count");
    Some(Statement::new(text, evidence, least))
}

/// What something looks like, by its box and the share it covers: "a tall figure".
fn look(bounds: &Region, share: f64) -> &'static str {
    let ratio = bounds.height / (bounds.width * 16.0 / 9.0).max(1e-6);
    match (share, ratio) {
        (share, _) if share > 0.14 => "a large shape",
        (_, ratio) if ratio > 1.25 && bounds.height > 0.3 => "a tall figure",
        (share, _) if share < 0.015 => "a small shape",
        (_, ratio) if ratio < 0.45 => "a low shape",
        _ => "a shape",
    }
}

/// Where a box is across the frame.
fn across(bounds: &Region) -> &'static str {
    match bounds.x + bounds.width / 2.0 {
        x if x < 0.3 => "at left",
        x if x < 0.44 => "left of centre",
        x if x <= 0.56 => "at centre",
        x if x <= 0.7 => "right of centre",
        _ => "at right",
    }
}

/// In which band, after a place.
fn within(band: Band) -> &'static str {
    match band {
        Band::Near => "in the foreground",
        Band::Mid => "in the middle ground",
        Band::Far => "in the distance",
    }
}

/// What something that stands is called, with its place.
pub fn object(object: &DepthObject) -> String {
    let name = object
        .name
        .as_deref()
        .unwrap_or_else(|| look(&object.bounds, object.share));
    format!("{name} {} {}", across(&object.bounds), within(object.band))
}

fn objects(all: &[DepthObject]) -> Option<Statement> {
    let sure: Vec<&DepthObject> = all.iter().filter(|one| one.confidence >= 0.5).collect();
    let least = sure.iter().map(|one| one.confidence).reduce(f64::min)?;
    let each: Vec<String> = sure.iter().take(4).map(|one| object(one)).collect();
    let text = match sure.len() {
        1 => format!("{} stands out from the ground.", capital(&each.concat())),
        count => format!(
            "{} things stand out from the ground: {}.",
            capital(&number(count)),
            list(&each)
        ),
    };
    let evidence = Evidence::measured("things that stand", sure.len() as f64, "count");
    Some(Statement::new(text, evidence, least * 0.95))
}

/// What a mover is called, with where it begins.
pub fn who(region: &MovingRegion) -> String {
    let begin = region.begin.unwrap_or(region.bounds);
    let share = match (region.begin, region.end) {
        (Some(begin), Some(end)) => {
            // About two thirds of a box is filled by what it holds.
            0.33 * (begin.width * begin.height + end.width * end.height)
        }
        _ => 0.05,
    };
    let typical = region
        .end
        .filter(|end| end.width * end.height > begin.width * begin.height);
    let name = region
        .name
        .as_deref()
        .unwrap_or_else(|| look(&typical.unwrap_or(begin), share));
    format!("{name} {} {}", across(&begin), within(region.band))
}

/// Which way a mover goes.
pub fn way(region: &MovingRegion) -> String {
    // Readings kept from before know only the way in the frame.
    let measured = region.growth > 0.0;
    let (dx, dy) = if measured {
        (region.own_dx, region.own_dy)
    } else {
        (region.dx, region.dy)
    };
    let mut ways = Vec::new();
    if dx.abs() > 0.025 && dx.abs() > dy.abs() * 0.4 {
        ways.push(if dx < 0.0 { "left" } else { "right" });
    }
    if dy.abs() > 0.035 && dy.abs() > dx.abs() * 0.5 {
        ways.push(if dy < 0.0 { "up" } else { "down" });
    }
    let depth = match region.growth {
        growth if growth > 1.12 => Some("comes towards the camera"),
        growth if growth > 0.0 && growth < 0.89 => Some("goes away from the camera"),
        _ => None,
    };
    let across = (!ways.is_empty()).then(|| format!("moves {}", ways.join(" and ")));
    let mut text = match (across, depth) {
        (Some(across), Some(depth)) if dx.hypot(dy) > 0.12 => format!("{across} and {depth}"),
        (_, Some(depth)) => depth.to_owned(),
        (Some(across), None) => across,
        (None, None) => "stirs without leaving its place".to_owned(),
    };
    if region.leaves {
        text.push_str(" and leaves the frame");
    }
    text
}

fn moving(region: &MovingRegion) -> Statement {
    let shift = if region.growth > 0.0 {
        region.own_dx.hypot(region.own_dy)
    } else {
        region.dx.hypot(region.dy)
    };
    Statement::new(
        format!("{} {}.", capital(&who(region)), way(region)),
        Evidence::measured("shift across the frame", shift, "share of the frame"),
        region.confidence,
    )
    .during(region.span.start_s, region.span.end_s)
}

/// What the camera does, in a sentence.
pub fn camera(kind: MoveKind) -> Option<&'static str> {
    Some(match kind {
        MoveKind::Static => "The depths show a camera that holds still.",
        MoveKind::DollyIn => {
            "Near things spread outwards more than far ones: the camera dollies in."
        }
        MoveKind::DollyOut => "Near things close in more than far ones: the camera dollies out.",
        MoveKind::TruckLeft => "Near things slide right past far ones: the camera trucks left.",
        MoveKind::TruckRight => "Near things slide left past far ones: the camera trucks right.",
        MoveKind::PedestalUp => "Near things sink past far ones: the camera rises.",
        MoveKind::PedestalDown => "Near things rise past far ones: the camera sinks.",
        MoveKind::PanLeft => "Near and far slide right alike: the camera pans left.",
        MoveKind::PanRight => "Near and far slide left alike: the camera pans right.",
        MoveKind::TiltUp => "Near and far sink alike: the camera tilts up.",
        MoveKind::TiltDown => "Near and far rise alike: the camera tilts down.",
        MoveKind::Complex => "The depths show a camera that moves in several ways at once.",
        _ => return None,
    })
}

fn number(count: usize) -> String {
    const WORDS: [&str; 9] = [
        "no", "one", "two", "three", "four", "five", "six", "seven", "eight",
    ];
    WORDS
        .get(count)
        .map_or_else(|| count.to_string(), |word| (*word).to_owned())
}

fn list(each: &[String]) -> String {
    match each {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}
