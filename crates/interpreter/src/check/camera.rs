//! The words about the camera against the measured path.

use decoupage_conditions::camera::MoveKind;
use decoupage_shot::{Section, Take};

use super::{Finding, Severity, finding, words};
use crate::measured::Facts;
use crate::measured::align::align;
use crate::measured::moves::{fulfils, summary};
use crate::prompt::CameraWish;

/// The camera moves named in a text, with the words that name them.
pub(super) fn moves_in(text: &str) -> Vec<(MoveKind, u32, u32, usize)> {
    use MoveKind::*;
    let words = words(text);
    let lower = |i: usize| words.get(i).map_or("", |w| w.lower.as_str());
    let mut out = Vec::new();
    for (i, word) in words.iter().enumerate() {
        let w = word.lower.as_str();
        let family = match w {
            "pans" | "panning" | "pan" => "pan",
            "tilts" | "tilting" | "tilt" => "tilt",
            "trucks" | "trucking" | "truck" | "tracks" | "tracking" => "truck",
            "dollies" | "dollying" | "dolly" | "pushes" | "pushing" | "pulls" | "pulling" => {
                "dolly"
            }
            "zooms" | "zooming" | "zoom" => "zoom",
            "pedestals" | "pedestalling" | "cranes" | "craning" | "booms" => "rise",
            "arcs" | "arcing" | "orbits" | "orbiting" => "arc",
            "rolls" | "rolling" => "roll",
            _ => continue,
        };
        let way = (i + 1..(i + 6).min(words.len()))
            .take_while(|k| {
                words.get(*k).is_some_and(|x| x.sentence == word.sentence)
                    && !matches!(lower(*k), "then" | "while" | "and")
            })
            .find(|k| {
                matches!(
                    lower(*k),
                    "left"
                        | "right"
                        | "up"
                        | "down"
                        | "in"
                        | "out"
                        | "back"
                        | "forward"
                        | "clockwise"
                        | "anticlockwise"
                )
            });
        let Some(way) = way else { continue };
        let kind = match (family, lower(way)) {
            ("pan", "left") => PanLeft,
            ("pan", "right") => PanRight,
            ("tilt", "up") => TiltUp,
            ("tilt", "down") => TiltDown,
            ("truck", "left") => TruckLeft,
            ("truck", "right") => TruckRight,
            ("dolly", "in" | "forward") => DollyIn,
            ("dolly", "out" | "back") => DollyOut,
            ("zoom", "in") => ZoomIn,
            ("zoom", "out") => ZoomOut,
            ("rise", "up") => PedestalUp,
            ("rise", "down") => PedestalDown,
            ("arc", "clockwise") => ArcCw,
            ("arc", "anticlockwise") => ArcCcw,
            ("roll", "clockwise") => RollCw,
            ("roll", "anticlockwise") => RollCcw,
            _ => continue,
        };
        let end = words.get(way).map_or(word.end, |x| x.end);
        out.push((kind, word.start, end, word.sentence));
    }
    out
}

/// Whether a text says that the camera does not move at all.
pub(super) fn says_static(text: &str) -> Option<(u32, u32)> {
    let lower = text.to_lowercase();
    let phrases = [
        "locked off",
        "locked-off",
        "static",
        "does not move",
        "doesn't move",
        "camera holds still",
        "stands still from first",
        "no camera move",
    ];
    phrases.iter().find_map(|p| {
        let at = lower.find(p)?;
        let start = lower.get(..at)?.chars().count();
        Some((
            u32::try_from(start).ok()?,
            u32::try_from(start + p.chars().count()).ok()?,
        ))
    })
}

/// Whether the words about the camera are those of its path.
pub(super) fn camera(facts: &Facts<'_>, take: &Take, out: &mut Vec<Finding>) {
    let Some(path) = facts.path else { return };
    let (_, decisions) = align(facts);
    // Where the prompt overrules the path, the words are meant to differ.
    if !decisions.path_moves {
        return;
    }
    let measured: Vec<MoveKind> = path
        .reading
        .moves
        .iter()
        .map(|m| m.kind)
        .filter(|k| *k != MoveKind::Static)
        .collect();
    for section in [Section::Camera, Section::Dense] {
        let text = take.caption.get(section);
        let said = moves_in(text);
        for (kind, start, end, _) in &said {
            let asked = facts.intent.camera.iter().any(|c| matches!(&c.wish, CameraWish::Move { kinds, .. } if kinds.iter().any(|k| fulfils(*k, *kind))));
            let seen = measured.iter().any(|m| {
                fulfils(*kind, *m)
                    || matches!(
                        (kind, m),
                        (MoveKind::DollyIn, MoveKind::DollyZoomIn)
                            | (MoveKind::DollyOut, MoveKind::DollyZoomOut)
                    )
            });
            if !seen && !asked {
                let words: String = text
                    .chars()
                    .skip(*start as usize)
                    .take((*end - *start) as usize)
                    .collect();
                out.push(finding(
                    Severity::Problem,
                    "camera_agrees",
                    Some(section),
                    format!("“{words}” is not in the camera path, which {}; change the words or the path.", summary(path.reading)),
                    Some((*start, *end)),
                ));
            }
        }
        if !measured.is_empty()
            && said.is_empty()
            && let Some(span) = says_static(text)
        {
            out.push(finding(
                Severity::Problem,
                "camera_agrees",
                Some(section),
                format!(
                    "The words say that the camera does not move, but the camera path {}.",
                    summary(path.reading)
                ),
                Some(span),
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_are_found_in_words() {
        let found: Vec<MoveKind> =
            moves_in("Trucks right, slow and even, then pans slowly to the left. Pushes in.")
                .into_iter()
                .map(|(k, ..)| k)
                .collect();
        assert_eq!(
            found,
            [MoveKind::TruckRight, MoveKind::PanLeft, MoveKind::DollyIn]
        );
        assert!(moves_in("She moves left and the truck stops.").is_empty());
    }
}
