//! Replacing a sentence by the measured engine's own.

use decoupage_shot::Section;

use super::Correction;
use super::camera::{camera_moves, says_static};
use crate::measured::Facts;
use crate::measured::compose::{Said, sentences};
use crate::measured::sections;

/// The scalars of the sentence in which a place stands.
pub(super) fn sentence_at(text: &str, at: u32) -> (u32, u32) {
    let chars: Vec<char> = text.chars().collect();
    let at = (at as usize).min(chars.len());
    let ends = |i: usize| {
        chars
            .get(i)
            .is_some_and(|c| matches!(c, '.' | '!' | '?' | '。'))
            && chars.get(i + 1).is_none_or(|n| n.is_whitespace())
    };
    let start = (0..at).rev().find(|i| ends(*i)).map_or(0, |i| i + 1);
    let start = (start..at)
        .find(|i| chars.get(*i).is_some_and(|c| !c.is_whitespace()))
        .unwrap_or(at);
    let end = (at..chars.len())
        .find(|i| ends(*i))
        .map_or(chars.len(), |i| i + 1);
    (
        u32::try_from(start).unwrap_or(u32::MAX),
        u32::try_from(end).unwrap_or(u32::MAX),
    )
}

/// The measured sentence about the camera in place of the one a wrong claim stands in. Nothing
/// where the measured section has none, or where the text already has it.
pub(super) fn sentence(
    facts: &Facts<'_>,
    section: Section,
    text: &str,
    span: (u32, u32),
) -> Option<Correction> {
    let (start, end) = sentence_at(text, span.0);
    // What begins with the action and only ends with the camera is more than one fact.
    let whole: String = text
        .chars()
        .skip(start as usize)
        .take((end - start) as usize)
        .collect();
    let opens = whole.to_lowercase();
    if section != Section::Camera
        && !["the camera", "camera", "the shot", "the frame"]
            .iter()
            .any(|o| opens.starts_with(o))
    {
        return None;
    }
    let mut settled = Facts::gather(&facts.brief);
    settled.decisions = crate::measured::align::align(&settled).1;
    let mut said = Said::of(&facts.shot.prompt);
    let (own, _) = sections::write(section, &settled, &mut said).finish();
    let replacement = sentences(&own).into_iter().find(|s| {
        let plain = s.to_lowercase();
        !camera_moves(section, s).is_empty()
            || says_static(s).is_some()
            || section != Section::Camera && plain.starts_with("the camera")
    })?;
    (!text.contains(&replacement)).then_some(Correction {
        section,
        start,
        end,
        replacement,
    })
}
