//! An identity reading in sentences.

use decoupage_shot::Region;

use super::ground::Ground;
use super::{BackgroundKind, IdentityReading, light};
use crate::colour::{Canvas, Lab, main_colours};
use crate::reading::{Evidence, Statement};

/// The sentences a reading supports.
pub fn statements(
    reading: &IdentityReading,
    canvas: &Canvas,
    ground: &Ground,
    region: Option<&Region>,
) -> Vec<Statement> {
    let mut statements = Vec::new();
    let told = !ground.subject.is_empty();
    if let (true, Some(subject)) = (told, &reading.framing.subject) {
        statements.push(Statement::new(
            framing(subject, reading.framing.cut_at_bottom),
            Evidence::measured("subject height", subject.height, "share"),
            ground.confidence,
        ));
    } else if let Some(marked) = region {
        statements.push(Statement::new(
            format!(
                "The subject is the marked part of the picture, {}.",
                spot(marked)
            ),
            Evidence::Person,
            1.0,
        ));
    }
    let whose = match (told, region) {
        (true, _) => "The subject's",
        (false, Some(_)) => "The marked part's",
        (false, None) => "The picture's",
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
            if told { ground.confidence } else { 0.85 },
        ));
    }
    if let Some((subject, behind)) = against(canvas, ground) {
        let word = if subject < behind { "dark" } else { "bright" };
        statements.push(Statement::new(
            format!("The subject stands {word} against its ground."),
            Evidence::measured(
                "lightness less the ground's",
                f64::from(subject - behind),
                "L*",
            ),
            ground.confidence,
        ));
    }
    let of = match (reading.background.kind, region) {
        (BackgroundKind::CutOut, _) => "The subject",
        (_, Some(_)) => "The marked part",
        _ => "The picture",
    };
    let colours = if told {
        light::of(subject_colours(canvas, ground))
    } else {
        reading.light
    };
    let whose = match (told, of) {
        (true, "The picture" | "The marked part") => "the subject's colours are",
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

fn subject_colours(canvas: &Canvas, ground: &Ground) -> Vec<Lab> {
    canvas
        .lab
        .iter()
        .zip(&ground.subject)
        .filter(|(_, is)| **is)
        .map(|(lab, _)| *lab)
        .collect()
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

/// Mean lightness of the subject and of its plain ground, where one is clearly dark and the
/// other clearly is not.
fn against(canvas: &Canvas, ground: &Ground) -> Option<(f32, f32)> {
    if ground.kind != BackgroundKind::Plain {
        return None;
    }
    let mean = |subject: bool| {
        let levels: Vec<f32> = canvas
            .lab
            .iter()
            .zip(&ground.subject)
            .filter(|(_, is)| **is == subject)
            .map(|(lab, _)| lab.l)
            .collect();
        levels.iter().sum::<f32>() / levels.len().max(1) as f32
    };
    let (subject, behind) = (mean(true), mean(false));
    let clear =
        (subject < 40.0 && behind - subject > 15.0) || (behind < 40.0 && subject - behind > 15.0);
    clear.then_some((subject, behind))
}
