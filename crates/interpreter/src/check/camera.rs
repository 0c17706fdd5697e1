//! The words about the camera against the measured path.

use decoupage_conditions::camera::{MoveKind, Steadiness};
use decoupage_shot::{Section, Take};

use super::correct::{self, sentence_at};
use super::{Finding, Severity, finding, words};
use crate::measured::Facts;
use crate::measured::align::align;
use crate::measured::compose::capital;
use crate::measured::moves::{does, doing, fulfils, held, opposite, summary};
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

/// The camera moves named in a section. Outside the camera section people push, pull and tilt
/// things too: there only a sentence that has named the camera speaks of it.
pub(super) fn camera_moves(section: Section, text: &str) -> Vec<(MoveKind, u32, u32, usize)> {
    let mut out = moves_in(text);
    if section != Section::Camera {
        let all = words(text);
        out.retain(|(_, start, _, sentence)| {
            all.iter().any(|w| {
                w.sentence == *sentence
                    && w.start < *start
                    && matches!(w.lower.as_str(), "camera" | "camera's" | "camera’s")
            })
        });
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
        let said = camera_moves(section, text);
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
                out.push(Finding {
                    correction: moved(facts, section, text, *kind, (*start, *end), &measured, said.len()),
                    ..finding(
                        Severity::Problem,
                        "camera_agrees",
                        Some(section),
                        format!("“{words}” is not in the camera path, which {}; change the words or the path.", summary(path.reading)),
                        Some((*start, *end)),
                    )
                });
            }
        }
        if !measured.is_empty()
            && said.is_empty()
            && let Some(span) = says_static(text)
        {
            out.push(Finding {
                correction: correct::sentence(facts, section, text, span),
                ..finding(
                    Severity::Problem,
                    "camera_agrees",
                    Some(section),
                    format!(
                        "The words say that the camera does not move, but the camera path {}.",
                        summary(path.reading)
                    ),
                    Some(span),
                )
            });
        }
    }
    shake(facts, path.reading.steadiness, take, out);
}

/// The right words for a move that the path does not have.
///
/// Where the path makes the opposite move, its direction is put right in the form the words
/// have; otherwise the sentence is replaced by the measured one, if it tells of one move only.
fn moved(
    facts: &Facts<'_>,
    section: Section,
    text: &str,
    kind: MoveKind,
    span: (u32, u32),
    measured: &[MoveKind],
    said: usize,
) -> Option<super::Correction> {
    let turned = opposite(kind);
    let path_has = measured
        .iter()
        .find(|m| **m == turned || fulfils(turned, **m));
    if let Some(right) = path_has {
        let words: String = text
            .chars()
            .skip(span.0 as usize)
            .take((span.1 - span.0) as usize)
            .collect();
        let first = words.split(' ').next().unwrap_or_default();
        let gerund = first.to_lowercase().ends_with("ing");
        let third = first.to_lowercase().ends_with('s');
        // "the camera truck left" has no form of ours: the sentence is left to the person.
        if !gerund && !third {
            return None;
        }
        let replacement = if gerund { doing(*right) } else { does(*right) };
        let upper = words.chars().next().is_some_and(char::is_uppercase);
        return Some(super::Correction {
            section,
            start: span.0,
            end: span.1,
            replacement: if upper {
                capital(&replacement)
            } else {
                replacement
            },
        });
    }
    (said == 1)
        .then(|| correct::sentence(facts, section, text, span))
        .flatten()
}

/// Whether the words shake a camera that runs smoothly, or steady one that shakes.
fn shake(facts: &Facts<'_>, steadiness: Steadiness, take: &Take, out: &mut Vec<Finding>) {
    let asked = facts
        .intent
        .camera
        .iter()
        .any(|c| matches!(c.wish, CameraWish::Handheld | CameraWish::Steady));
    if asked {
        return;
    }
    let smooth = matches!(steadiness, Steadiness::Static | Steadiness::Steady);
    let shaky = matches!(steadiness, Steadiness::Unsteady | Steadiness::VeryUnsteady);
    let text = take.caption.get(Section::Camera);
    let all = words(text);
    for (i, word) in all.iter().enumerate() {
        let shakes = matches!(
            word.lower.as_str(),
            "handheld" | "hand-held" | "shaky" | "shakily" | "jittery" | "wobbly"
        );
        let steady = matches!(word.lower.as_str(), "steadily" | "rock-steady")
            || word.lower == "steady"
            || word.lower == "shake" && i > 0 && all.get(i - 1).is_some_and(|w| w.lower == "no");
        let denied = all
            .get(i.saturating_sub(4)..i)
            .unwrap_or_default()
            .iter()
            .any(|w| {
                w.sentence == word.sentence
                    && matches!(
                        w.lower.as_str(),
                        "no" | "not" | "without" | "never" | "nor" | "almost"
                    )
            });
        let wrong =
            smooth && shakes && !denied || shaky && steady && (word.lower == "shake" || !denied);
        if !wrong {
            continue;
        }
        let is = if smooth {
            "runs without shake"
        } else {
            "shakes"
        };
        let (start, end) = sentence_at(text, word.start);
        // Only a sentence about nothing else is replaced as a whole.
        let alone = all
            .iter()
            .filter(|w| w.start >= start && w.end <= end)
            .count()
            <= 7
            && moves_in(text)
                .iter()
                .all(|(_, a, ..)| *a < start || *a >= end);
        out.push(Finding {
            correction: alone.then(|| super::Correction {
                section: Section::Camera,
                start,
                end,
                replacement: format!("{}.", held(steadiness)),
            }),
            ..finding(
                Severity::Warning,
                "camera_agrees",
                Some(Section::Camera),
                format!("The camera path {is}, and these words say otherwise."),
                Some((word.start, word.end)),
            )
        });
        return;
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
