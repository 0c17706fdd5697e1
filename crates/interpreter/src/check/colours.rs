//! The colours of an identity's clothes against its picture.
//!
//! Flagged is only a garment in a colour that no part of the picture has, nor any colour that
//! could be taken for it, where neither the prompt nor a note says so.

use decoupage_conditions::identity::{BackgroundKind, Swatch};
use decoupage_shot::{Section, Take};

use super::{Correction, Finding, Severity, finding, words};
use crate::measured::Facts;
use crate::prompt::verbs;

/// Garments that cover most of a body: their colour is most of the palette.
const GARMENTS: &[&str] = &[
    "coat",
    "dress",
    "suit",
    "robe",
    "gown",
    "cloak",
    "kimono",
    "uniform",
    "jacket",
    "raincoat",
    "overalls",
    "tracksuit",
    "sari",
    "costume",
    "tuxedo",
    "spacesuit",
];

/// Families of colours, as far apart as people would never take one for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hue {
    Red,
    Orange,
    Yellow,
    Green,
    Blue,
    Purple,
    Pink,
    Brown,
    Black,
    Grey,
    White,
}

fn hue(word: &str) -> Option<Hue> {
    use Hue::*;
    Some(match word {
        "red" | "crimson" | "scarlet" | "burgundy" | "maroon" | "rust" => Red,
        "orange" | "terracotta" | "coral" | "apricot" | "peach" | "salmon" => Orange,
        "yellow" | "gold" | "golden" | "mustard" | "amber" | "straw" => Yellow,
        "green" | "olive" | "emerald" | "khaki" | "yellow-green" | "grey-green" => Green,
        "blue" | "navy" | "denim" | "cyan" | "teal" | "turquoise" | "indigo" | "grey-blue" => Blue,
        "purple" | "violet" | "lavender" | "lilac" | "mauve" | "plum" | "aubergine" => Purple,
        "pink" | "rose" | "magenta" | "blush" => Pink,
        "brown" | "tan" | "beige" | "caramel" | "taupe" | "sand" | "beige-grey" => Brown,
        "black" | "near-black" | "charcoal" => Black,
        "grey" | "gray" | "mid-grey" | "slate" => Grey,
        "white" | "off-white" | "ivory" | "cream" => White,
        _ => return None,
    })
}

/// Whether a picture of one could be described as the other, under some light.
fn near(a: Hue, b: Hue) -> bool {
    use Hue::*;
    a == b
        || [(a, b), (b, a)].iter().any(|pair| {
            matches!(
                pair,
                (Red, Orange | Pink | Brown | Purple)
                    | (Orange, Yellow | Brown | Pink)
                    | (Yellow, Brown | Green | White)
                    | (Green, Blue | Grey | Brown)
                    | (Blue, Purple | Grey | Black)
                    | (Purple, Pink | Black | Grey)
                    | (Pink, White)
                    | (Brown, Black | Grey | White)
                    | (Black, Grey)
                    | (Grey, White)
            )
        })
}

fn hue_of(swatch: &Swatch) -> Option<Hue> {
    swatch.name.split(' ').rev().find_map(hue)
}

pub(super) fn colours(facts: &Facts<'_>, take: &Take, out: &mut Vec<Finding>) {
    let pictured: Vec<_> = facts
        .cast
        .iter()
        .filter(|m| !m.identities.is_empty())
        .collect();
    // With several people a garment cannot be said to be one's.
    let [member] = pictured.as_slice() else {
        return;
    };
    let people = facts.cast.iter().filter(|m| facts.is_figure(m)).count();
    let other_beings = facts
        .cast
        .iter()
        .filter(|m| m.identities.is_empty())
        .any(|m| {
            facts
                .subject(m)
                .is_none_or(|s| s.being && !crate::measured::cast::animal(&s.head))
        });
    if people > 2 || other_beings {
        return;
    }
    let mut palette: Vec<&Swatch> = Vec::new();
    for identity in &member.identities {
        let Some(reading) = identity.reading else {
            return;
        };
        // The palette of a scene is that of the scene.
        if reading.background.kind == BackgroundKind::Scene || reading.framing.subject.is_none() {
            return;
        }
        palette.extend(&reading.palette);
    }
    let seen: Option<Vec<Hue>> = palette
        .iter()
        .filter(|s| s.share >= 0.03)
        .map(|s| hue_of(s))
        .collect();
    // A colour without a family could be anything.
    let Some(seen) = seen.filter(|s| !s.is_empty()) else {
        return;
    };
    let told = {
        let mut told = facts.shot.prompt.to_lowercase();
        for identity in &member.identities {
            told.push(' ');
            told.push_str(&identity.condition.note.to_lowercase());
        }
        told
    };
    let told: Vec<String> = words(&told).into_iter().map(|w| w.lower).collect();
    for section in [Section::Dense, Section::MainObject, Section::Action] {
        let all = words(take.caption.get(section));
        for (i, word) in all.iter().enumerate() {
            if !GARMENTS.contains(&verbs::singular(&word.lower).as_str()) {
                continue;
            }
            // "a long blue wool coat": the colour within three words before.
            let colour = (1..=3)
                .filter_map(|k| all.get(i.checked_sub(k)?))
                .take_while(|w| w.sentence == word.sentence)
                .find_map(|w| Some((w, hue(&w.lower)?)));
            let Some((colour, claimed)) = colour else {
                continue;
            };
            // "the white lining of the coat" is not the coat's colour.
            let joined = all
                .iter()
                .filter(|w| w.start >= colour.end && w.end <= word.start)
                .any(|w| {
                    matches!(
                        w.lower.as_str(),
                        "of" | "and"
                            | "with"
                            | "under"
                            | "over"
                            | "on"
                            | "her"
                            | "his"
                            | "the"
                            | "a"
                    )
                });
            if joined || told.contains(&colour.lower) || seen.iter().any(|h| near(*h, claimed)) {
                continue;
            }
            let main = palette
                .iter()
                .max_by(|a, b| a.share.total_cmp(&b.share))
                .filter(|s| s.share >= 0.4);
            // "an orange coat" becomes "a deep red coat".
            let article = all
                .iter()
                .rfind(|w| w.end < colour.start && w.sentence == word.sentence)
                .filter(|w| w.end + 1 == colour.start && matches!(w.lower.as_str(), "a" | "an"))
                .filter(|w| w.start > 0);
            out.push(Finding {
                correction: main.map(|swatch| Correction {
                    section,
                    start: article.map_or(colour.start, |w| w.start),
                    end: colour.end,
                    replacement: match article {
                        Some(_) => format!(
                            "{} {}",
                            crate::measured::compose::article(&swatch.name),
                            swatch.name
                        ),
                        None => swatch.name.clone(),
                    },
                }),
                ..finding(
                    Severity::Warning,
                    "colours_agree",
                    Some(section),
                    format!(
                        "The reference picture has no {}: its main colours are {}.",
                        colour.lower,
                        crate::measured::compose::listed(
                            &palette
                                .iter()
                                .take(3)
                                .map(|s| s.name.as_str())
                                .collect::<Vec<_>>()
                        )
                    ),
                    Some((colour.start, word.end)),
                )
            });
        }
    }
}
