//! One flowing paragraph out of six sections.

use std::collections::BTreeSet;

use decoupage_shot::Section;

use crate::material::Sentence;
use crate::profiles::{CameraFrom, Recipe};
use crate::prose;

/// Which sentences a paragraph holds, in its order. What would be said twice is not in it.
pub(crate) fn plan(recipe: Recipe, motion_only: bool, all: &[Sentence]) -> Vec<usize> {
    let motion = [Section::Action, Section::Camera];
    let has_motion = all.iter().any(|s| motion.contains(&s.section));
    let wanted = |section: Section| !motion_only || !has_motion || motion.contains(&section);

    // The hand decides who tells of the camera; then the recipe.
    let in_section = |section: Section| all.iter().filter(move |s| s.section == section);
    let dense_tells = in_section(Section::Dense).any(|s| prose::is_about_camera(&s.text));
    let section_tells = in_section(Section::Camera).next().is_some();
    let hand_tells = in_section(Section::Camera).any(Sentence::by_hand);
    let from_dense = dense_tells
        && wanted(Section::Dense)
        && (!section_tells || (recipe.camera == CameraFrom::Dense && !hand_tells));
    let dense_moves: BTreeSet<_> = in_section(Section::Dense)
        .filter(|s| prose::is_about_camera(&s.text))
        .flat_map(|s| prose::moves(&s.text))
        .collect();

    let mut kept = Vec::new();
    let mut said: Vec<BTreeSet<String>> = Vec::new();
    // The more important section says a thing, whatever the order they stand in.
    for section in [
        Section::Dense,
        Section::Camera,
        Section::Action,
        Section::MainObject,
        Section::Background,
        Section::Style,
    ] {
        if !wanted(section) {
            continue;
        }
        for (index, sentence) in all.iter().enumerate() {
            if sentence.section != section {
                continue;
            }
            let words = prose::content(&shape(sentence));
            let exact = said.contains(&words) && !words.is_empty();
            let camera_twice = match section {
                Section::Dense => {
                    !from_dense && section_tells && prose::is_about_camera(&sentence.text)
                }
                Section::Camera if from_dense => {
                    let moves = prose::moves(&sentence.text);
                    !moves.is_empty() && moves.is_subset(&dense_moves)
                }
                _ => false,
            };
            let nothing_new =
                words.is_empty() || said.iter().any(|earlier| words.is_subset(earlier));
            if exact || (!sentence.by_hand() && (camera_twice || nothing_new)) {
                continue;
            }
            said.push(words);
            kept.push(index);
        }
    }
    // What the camera section adds to a dense section that ends on the camera follows it there.
    let dense_ends_on_camera = from_dense
        && in_section(Section::Dense)
            .next_back()
            .is_some_and(|s| prose::is_about_camera(&s.text));
    kept.sort_by_key(|&index| {
        let section = all.get(index).map(|s| s.section);
        let stands_in = match section {
            Some(Section::Camera) if dense_ends_on_camera => Some(Section::Dense),
            other => other,
        };
        (
            recipe.order.iter().position(|s| Some(*s) == stands_in),
            index,
        )
    });
    kept
}

/// A sentence's words as a paragraph uses them, before it knows its neighbours.
fn shape(sentence: &Sentence) -> String {
    if sentence.by_hand() {
        return prose::tidy(&sentence.text);
    }
    let text = match sentence.section {
        Section::MainObject | Section::Style | Section::Dense => {
            prose::without_reference_talk(&sentence.text, sentence.section == Section::MainObject)
        }
        _ => sentence.text.clone(),
    };
    prose::without_clock(&text)
}

/// Writes the planned sentences that are not dropped.
pub(crate) fn render(
    recipe: Recipe,
    all: &[Sentence],
    plan: &[usize],
    dropped: &BTreeSet<usize>,
) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut after_camera = false;
    for index in plan.iter().filter(|index| !dropped.contains(index)) {
        let Some(sentence) = all.get(*index) else {
            continue;
        };
        let line = shape(sentence);
        if line.is_empty() {
            continue;
        }
        let line = match sentence.section {
            Section::Camera => prose::camera_sentence(&line, after_camera),
            Section::Dense if prose::is_about_camera(&line) => {
                prose::camera_sentence(&line, after_camera)
            }
            Section::MainObject if !sentence.by_hand() => {
                prose::known_subject(&line, &lines.join(" "))
            }
            Section::Background if !sentence.by_hand() => prose::layers_sentence(&line),
            _ => prose::tidy(&line),
        };
        after_camera = line.starts_with("The camera ")
            || (after_camera && line.starts_with("It "))
            || line.starts_with("Then the camera ");
        lines.push(line);
    }
    if recipe.always_camera && !lines.iter().any(|line| tells_of_camera(line)) && !lines.is_empty()
    {
        lines.push(STATIC.to_owned());
    }
    lines.join(" ")
}

/// What is added where a generator must be told of the camera and nothing says what it does.
pub(crate) const STATIC: &str = "The camera remains static.";

/// Whether a text mentions the camera.
pub(crate) fn tells_of_camera(text: &str) -> bool {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .any(|word| word == "camera")
}
