//! An identity reading in sentences.

use decoupage_shot::Region;

use super::{BackgroundKind, Crop, Figure, IdentityReading, light};
use crate::colour::main_colours;
use crate::reading::{Evidence, Statement};

/// The sentences a reading supports, from its own measurements alone.
pub fn statements(reading: &IdentityReading) -> Vec<Statement> {
    let mut statements = Vec::new();
    let figure = reading.figure.as_ref();
    let marked = reading
        .framing
        .subject
        .as_ref()
        .filter(|_| figure.is_none());
    let sure = figure.map_or(0.85, |figure| figure.confidence);
    if let (Some(_), Some(subject)) = (figure, &reading.framing.subject) {
        statements.push(Statement::new(
            framing(subject, reading.framing.cut_at_bottom),
            Evidence::measured("subject height", subject.height, "share"),
            sure,
        ));
    } else if let Some(marked) = marked {
        statements.push(Statement::new(
            format!(
                "The subject is the marked part of the picture, {}.",
                spot(marked)
            ),
            Evidence::Person,
            1.0,
        ));
    }
    if let (Some(crop), Some(subject)) = (reading.crop, &reading.framing.subject) {
        let text = match crop {
            Crop::FullFigure => "By its outline it is a full figure, head to foot.".to_owned(),
            crop => format!("By its outline the figure is seen {}.", seen(crop)),
        };
        statements.push(Statement::new(
            text,
            Evidence::measured("subject height", subject.height, "share"),
            0.65,
        ));
    }
    let whose = match (figure, marked) {
        (Some(_), _) => "The subject's",
        (None, Some(_)) => "The marked part's",
        (None, None) => "The picture's",
    };
    let colours = main_colours(&reading.palette);
    let behind = ground_words(reading);
    if let Some(share) = reading.palette.first().map(|swatch| swatch.share) {
        let verb = if colours.len() == 1 {
            "main colour is"
        } else {
            "main colours are"
        };
        let behind = behind.map_or(String::new(), |ground| format!(", {ground}"));
        statements.push(Statement::new(
            format!("{whose} {verb} {}{behind}.", list(&colours)),
            Evidence::measured("palette", share, "share"),
            sure,
        ));
    }
    statements.extend(by_thirds(reading, sure));
    if let Some(over) = figure.and_then(against) {
        let word = if over < 0.0 { "dark" } else { "bright" };
        statements.push(Statement::new(
            format!("The subject stands {word} against its ground."),
            Evidence::measured("lightness less the ground's", over, "L*"),
            sure,
        ));
    }
    let of = match (reading.background.kind, marked) {
        (BackgroundKind::CutOut, _) => "The subject",
        (_, Some(_)) => "The marked part",
        _ => "The picture",
    };
    let colours = figure.map_or(reading.light, |figure| figure.light);
    let whose = match (figure, of) {
        (Some(_), "The picture" | "The marked part") => "the subject's colours are",
        _ => "its colours are",
    };
    let tone = light::tone(&colours).map_or(String::new(), |tone| format!("; {whose} {tone}"));
    statements.push(Statement::new(
        format!("{of} is {}{tone}.", light::words(&reading.light)),
        Evidence::measured("mean lightness", reading.light.brightness, "share"),
        0.85,
    ));
    statements
}

/// The sentence of a model's description, which stands last.
pub fn described(reading: &IdentityReading) -> Option<Statement> {
    let description = reading.described.as_ref()?;
    let evidence = Evidence::Model {
        model: description.model.clone(),
    };
    Some(Statement::new(description.text.clone(), evidence, 0.5))
}

fn seen(crop: Crop) -> &'static str {
    match crop {
        Crop::CloseUp => "in close-up",
        crop => crop.words(),
    }
}

/// Which colours are where on the figure, if its thirds differ.
fn by_thirds(reading: &IdentityReading, sure: f64) -> Option<Statement> {
    let regions = reading.regions.as_ref()?;
    let thirds = [&regions.upper, &regions.middle, &regions.lower];
    let [upper, middle, lower] = thirds.map(|palette| {
        let mut colours = main_colours(palette);
        colours.truncate(2);
        colours
    });
    if upper.is_empty()
        || middle.is_empty()
        || lower.is_empty()
        || (upper == middle && middle == lower)
    {
        return None;
    }
    Some(Statement::new(
        format!(
            "From top to bottom of the figure: {} above, {} in the middle, {} below.",
            list(&upper),
            list(&middle),
            list(&lower)
        ),
        Evidence::measured("palette by thirds", 3.0, "thirds"),
        (sure * 0.9 * 1000.0).round() / 1000.0,
    ))
}

fn ground_words(reading: &IdentityReading) -> Option<String> {
    match reading.background.kind {
        BackgroundKind::Plain => reading
            .background
            .colour
            .as_ref()
            .map(|colour| format!("against a plain {} ground", colour.name)),
        BackgroundKind::CutOut => Some("cut out on a transparent ground".to_owned()),
        BackgroundKind::Scene => None,
    }
}

/// How the subject sits in the picture.
fn framing(subject: &Region, cut_at_bottom: bool) -> String {
    let height = if subject.height >= 0.97 {
        "fills the picture's height".to_owned()
    } else if subject.height >= 0.72 {
        "fills most of the picture's height".to_owned()
    } else {
        format!(
            "takes up {} of the picture's height",
            share_words(subject.height)
        )
    };
    let middle = (
        subject.x + subject.width / 2.0,
        subject.y + subject.height / 2.0,
    );
    if cut_at_bottom {
        let across = across(middle.0).map_or(String::new(), |side| format!(", {side},"));
        return format!("The subject {height}{across} and is cut off by the lower edge.");
    }
    let place = match (across(middle.0), down(middle.1, subject.height)) {
        (None, None) => "and sits in the middle of it".to_owned(),
        (Some(side), None) => format!("and sits {side}"),
        (None, Some(level)) => format!("and sits {level}"),
        (Some(side), Some(level)) => format!("and sits {level}, {side}"),
    };
    let whole = if whole(subject) {
        ", all of it in frame"
    } else {
        ""
    };
    format!("The subject {height} {place}{whole}.")
}

/// Whether no edge of the picture cuts the subject.
fn whole(subject: &Region) -> bool {
    subject.x > 0.004
        && subject.y > 0.004
        && subject.x + subject.width < 0.996
        && subject.y + subject.height < 0.996
}

fn across(x: f64) -> Option<&'static str> {
    match x {
        x if x < 0.36 => Some("on the left"),
        x if x < 0.44 => Some("left of the middle"),
        x if x > 0.64 => Some("on the right"),
        x if x > 0.56 => Some("right of the middle"),
        _ => None,
    }
}

fn down(y: f64, height: f64) -> Option<&'static str> {
    match y {
        _ if height > 0.8 => None,
        y if y < 0.43 => Some("above the middle"),
        y if y > 0.57 => Some("below the middle"),
        _ => None,
    }
}

fn spot(region: &Region) -> &'static str {
    match (
        region.x + region.width / 2.0,
        region.y + region.height / 2.0,
    ) {
        (x, _) if x < 0.4 => "on the left",
        (x, _) if x > 0.6 => "on the right",
        (_, y) if y < 0.4 => "in the upper part",
        (_, y) if y > 0.6 => "in the lower part",
        _ => "around the middle",
    }
}

/// A share in words ("about half", "about two thirds").
pub(crate) fn share_words(share: f64) -> &'static str {
    const WORDS: [(f64, &str); 11] = [
        (0.05, "a twentieth"),
        (0.1, "a tenth"),
        (0.2, "about a fifth"),
        (0.25, "about a quarter"),
        (0.33, "about a third"),
        (0.4, "about two fifths"),
        (0.5, "about half"),
        (0.6, "about three fifths"),
        (0.67, "about two thirds"),
        (0.75, "about three quarters"),
        (0.9, "about nine tenths"),
    ];
    WORDS
        .iter()
        .min_by(|one, other| (one.0 - share).abs().total_cmp(&(other.0 - share).abs()))
        .map_or("part", |(_, words)| words)
}

/// "a", "a and b", "a, b and c".
pub(crate) fn list(items: &[&str]) -> String {
    match items {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// How much lighter the subject is than its plain ground, where one is clearly dark and the
/// other clearly is not.
fn against(figure: &Figure) -> Option<f64> {
    let over = figure.over_ground?;
    let subject = figure.light.brightness * 100.0;
    let behind = subject - over;
    let clear = (subject < 40.0 && over < -15.0) || (behind < 40.0 && over > 15.0);
    clear.then_some(over)
}
