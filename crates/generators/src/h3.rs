//! MiniMax-H3's headed sections: three from text or a first frame, six with references.

use std::collections::BTreeSet;

use decoupage_shot::{BindingKind, Condition, ConditionId, ConditionKind, Section, Shot};

use crate::material::Sentence;
use crate::paragraph;
use crate::profiles::{CameraFrom, Recipe};
use crate::prose;
use crate::soundtrack::soundtrack;

/// H3 reads one shot as prose in the order of events.
const RECIPE: Recipe = Recipe {
    order: &[
        Section::Style,
        Section::Dense,
        Section::MainObject,
        Section::Action,
        Section::Background,
        Section::Camera,
    ],
    camera: CameraFrom::Section,
    always_camera: true,
};

/// A line of the sound sections where nobody said what is heard.
const NATURAL_SOUND: &str = "Natural sound of the scene, no speech.";

/// Someone or something a picture defines.
struct Subject<'a> {
    name: &'a str,
    note: &'a str,
    pictures: Vec<usize>,
    conditions: Vec<ConditionId>,
}

/// Writes the prompt, and says whether the sound in it was supplied.
pub(crate) fn render(shot: &Shot, all: &[Sentence]) -> (String, bool) {
    let track = soundtrack(shot, all);
    let supplied = track.scene.is_empty();
    let scene = if supplied {
        NATURAL_SOUND.to_owned()
    } else {
        track.scene.join(" ")
    };
    let music = if track.music.is_empty() {
        "N/A".to_owned()
    } else {
        track.music.join(" ")
    };
    let body = paragraph::render(
        RECIPE,
        all,
        &paragraph::plan(RECIPE, false, all),
        &BTreeSet::new(),
    );
    let pictures: Vec<&Condition> = of_kinds(
        shot,
        &[
            ConditionKind::Identity,
            ConditionKind::Style,
            ConditionKind::FirstFrame,
            ConditionKind::LastFrame,
        ],
    );
    let subjects = subjects(shot, &pictures);
    let videos = of_kinds(shot, &[ConditionKind::ReferenceVideo]);
    let frames: Vec<String> = pictures
        .iter()
        .enumerate()
        .filter_map(|(index, picture)| {
            let number = index + 1;
            match picture.kind {
                ConditionKind::FirstFrame => Some(format!(
                    "<Picture {number}> is the first frame of [Shot 1]."
                )),
                ConditionKind::LastFrame => {
                    Some(format!("<Picture {number}> is the last frame of [Shot 1]."))
                }
                _ => None,
            }
        })
        .collect();
    let sections: Vec<(&str, String)> = if subjects.is_empty() && videos.is_empty() {
        let opening = frames.join(" ");
        let body = if opening.is_empty() {
            format!("[Shot 1] {body}")
        } else {
            format!("{opening}\n[Shot 1] {body}")
        };
        vec![
            ("integrated_multimodal_description", body),
            ("overall_soundscape", scene),
            ("non_diegetic_music", music),
        ]
    } else {
        let mut definitions: Vec<String> = subjects
            .iter()
            .enumerate()
            .map(|(index, subject)| define(index + 1, subject, subjects.len(), all))
            .collect();
        let mut keep: Vec<String> = subjects
            .iter()
            .enumerate()
            .map(|(index, subject)| {
                format!(
                    "<Subject {}> keeps the appearance shown in {}; its background is not kept.",
                    index + 1,
                    list(&subject.pictures)
                )
            })
            .collect();
        for (index, picture) in pictures.iter().enumerate() {
            if picture.kind == ConditionKind::Style {
                definitions.push(format!(
                    "<Picture {}> shows the look of the shot.",
                    index + 1
                ));
                keep.push(format!(
                    "Light and palette follow <Picture {}>, not what it depicts.",
                    index + 1
                ));
            }
        }
        for index in 1..=videos.len() {
            definitions.push(format!("<Video {index}> is a reference for the shot."));
            keep.push(format!("The shot takes after <Video {index}>."));
        }
        definitions.extend(frames);
        let summary = all
            .iter()
            .find(|s| s.section == Section::Dense)
            .or(all.first())
            .map_or_else(String::new, |s| prose::tidy(&s.text));
        vec![
            ("subject_definitions", definitions.join("\n")),
            ("summary", name_subjects(&summary, &subjects)),
            ("retention_analysis", keep.join("\n")),
            (
                "detailed_description",
                format!("[Shot 1] {}", name_subjects(&body, &subjects)),
            ),
            ("overall_soundscape", scene),
            ("non_diegetic_music", music),
        ]
    };
    let text = sections
        .into_iter()
        .map(|(heading, text)| {
            if text.contains('\n') {
                format!("{heading}:\n{text}")
            } else {
                format!("{heading}: {text}")
            }
        })
        .collect::<Vec<_>>()
        .join("\n\n");
    (text, supplied)
}

fn of_kinds<'a>(shot: &'a Shot, kinds: &[ConditionKind]) -> Vec<&'a Condition> {
    kinds
        .iter()
        .flat_map(|kind| {
            shot.conditions
                .iter()
                .filter(move |condition| condition.kind == *kind)
        })
        .collect()
}

/// One subject for each identity; pictures tied as the same one share it.
fn subjects<'a>(shot: &'a Shot, pictures: &[&'a Condition]) -> Vec<Subject<'a>> {
    let mut subjects: Vec<Subject<'a>> = Vec::new();
    for (index, picture) in pictures.iter().enumerate() {
        if picture.kind != ConditionKind::Identity {
            continue;
        }
        let same = shot
            .bindings
            .iter()
            .filter(|binding| binding.kind == BindingKind::SameAs)
            .find_map(|binding| match binding.to {
                Some(to) if binding.from == picture.id => Some(to),
                Some(to) if to == picture.id => Some(binding.from),
                _ => None,
            });
        let earlier = same.and_then(|id| {
            subjects
                .iter_mut()
                .find(|subject| subject.conditions.contains(&id))
        });
        match earlier {
            Some(subject) => {
                subject.pictures.push(index + 1);
                subject.conditions.push(picture.id);
            }
            None => subjects.push(Subject {
                name: picture.name.trim(),
                note: picture.note.trim(),
                pictures: vec![index + 1],
                conditions: vec![picture.id],
            }),
        }
    }
    subjects
}

fn list(pictures: &[usize]) -> String {
    pictures
        .iter()
        .map(|number| format!("<Picture {number}>"))
        .collect::<Vec<_>>()
        .join(" and ")
}

/// What a subject is: its name, its picture, and what the take says of it.
fn define(number: usize, subject: &Subject<'_>, subjects: usize, all: &[Sentence]) -> String {
    let mut text = format!("<Subject {number}> is ");
    if !subject.name.is_empty() {
        text.push_str(subject.name);
        text.push_str(", ");
    }
    text.push_str("shown in ");
    text.push_str(&list(&subject.pictures));
    text.push('.');
    if !subject.note.is_empty() {
        text.push(' ');
        text.push_str(&prose::tidy(subject.note));
    }
    for sentence in all.iter().filter(|s| s.section == Section::MainObject) {
        let own = subjects == 1
            || sentence
                .conditions
                .iter()
                .any(|id| subject.conditions.contains(id));
        let line = if sentence.by_hand() {
            prose::tidy(&sentence.text)
        } else {
            prose::without_reference_talk(&sentence.text, true)
        };
        if own && !line.is_empty() && !text.contains(&line) {
            let line = if sentence.by_hand() {
                line
            } else {
                prose::known_subject(&line, subject.name)
            };
            text.push(' ');
            text.push_str(&prose::tidy(&line));
        }
    }
    text
}

/// Puts `<Subject 1>` beside the first mention of each subject's name.
fn name_subjects(text: &str, subjects: &[Subject<'_>]) -> String {
    let mut text = text.to_owned();
    for (index, subject) in subjects.iter().enumerate() {
        let label = format!("<Subject {}>", index + 1);
        if subject.name.is_empty() {
            continue;
        }
        let whole = |at: usize| {
            let before = text[..at].chars().next_back();
            let after = text[at + subject.name.len()..].chars().next();
            !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
        };
        let found = text
            .match_indices(subject.name)
            .map(|(at, _)| at)
            .find(|at| whole(*at));
        if let Some(at) = found {
            text.insert_str(at + subject.name.len(), &format!(" ({label})"));
        } else if index == 0 && subjects.len() == 1 {
            text = mark_first_noun(&text, &label);
        }
    }
    text
}

/// With one subject and no name in the text, the first "a woman", "a man", "a dog" is it.
fn mark_first_noun(text: &str, label: &str) -> String {
    const PEOPLE: [&str; 14] = [
        "woman", "man", "girl", "boy", "person", "child", "dancer", "figure", "actor", "dog",
        "cat", "robot", "horse", "lady",
    ];
    let lower = text.to_ascii_lowercase();
    PEOPLE
        .iter()
        .filter_map(|noun| {
            lower
                .match_indices(noun)
                .map(|(at, _)| (at, at + noun.len()))
                .find(|&(start, end)| {
                    !text[..start]
                        .chars()
                        .next_back()
                        .is_some_and(char::is_alphanumeric)
                        && !text[end..]
                            .chars()
                            .next()
                            .is_some_and(char::is_alphanumeric)
                })
        })
        .min()
        .map_or_else(
            || text.to_owned(),
            |(_, end)| format!("{} ({label}){}", &text[..end], &text[end..]),
        )
}
