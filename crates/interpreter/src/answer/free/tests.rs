#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use decoupage_shot::{ConditionId, Section};
use proptest::prelude::*;

use super::*;
use crate::script::{Plan, PlannedNote, PlannedSection};
use crate::wishes::WritingStyle;

fn plan() -> Plan {
    Plan {
        notes: [("camera path “dolly”", 7), ("pose clip “walk”", 8)]
            .map(|(label, id)| PlannedNote {
                condition: ConditionId(id),
                label: label.to_owned(),
                measured: String::new(),
            })
            .to_vec(),
        conflicts: Vec::new(),
        sections: Section::ALL
            .map(|section| PlannedSection {
                section,
                style: WritingStyle::Sections,
                kept: None,
                last_s: 4,
            })
            .to_vec(),
        trace: None,
    }
}

fn of(free: &Free, section: Section) -> &str {
    free.fields.get(section.key()).map_or("", String::as_str)
}

#[test]
fn the_form_that_is_asked_for() {
    let free = read(
        "<think>\n1. Intent: A walk at dusk.\n2. Conditions:\n- camera path “dolly”: it trucks right.\n- pose clip “walk”: someone walks.\n3. Alignment:\nAgreements: Path and pose go right.\nOther conflicts: none\n4. Supplement: Low light, because it is dusk.\n</think>\n<answer>\n1. Dense caption: She walks.\n2. Main object caption: A woman.\n3. Background caption: Stalls.\n4. Camera caption: Trucks right.\n5. Style caption: Dusk.\n6. Action caption: She walks.\n</answer>",
        &plan(),
    );
    assert_eq!(free.missing, Vec::<String>::new());
    assert_eq!(free.fields["intent"], "A walk at dusk.");
    assert_eq!(free.fields["note_1"], "it trucks right.");
    assert_eq!(free.fields["note_2"], "someone walks.");
    assert_eq!(free.fields["agreements"], "Path and pose go right.");
    assert_eq!(free.fields["other_conflicts"], "none");
    assert_eq!(of(&free, Section::Camera), "Trucks right.");
}

#[test]
fn reade_in_markdown_with_an_unclosed_think_and_no_colons() {
    let free = read(
        "```\n<think>\nStep 1: **Understanding the textual intent**: a walk.\nStep 2: **Non-textual understanding**: the camera trucks right.\nStep 3: **Multimodal alignment**: they agree. Camera wise the path wins.\nStep 4: **Supplementary detail**: dusk light.\n\n## 1. Dense Caption\nShe walks\npast stalls.\n**2. Main Object Caption:** A woman in red.\n**3. Background caption**: Stalls.\n4. Movement Caption She walks on.\n5) Style caption - dusk\n6. Camera caption：Trucks right.\n```",
        &plan(),
    );
    assert_eq!(free.missing, Vec::<String>::new());
    assert_eq!(of(&free, Section::Dense), "She walks past stalls.");
    assert_eq!(of(&free, Section::MainObject), "A woman in red.");
    assert_eq!(of(&free, Section::Action), "She walks on.");
    assert_eq!(of(&free, Section::Style), "dusk");
    assert_eq!(of(&free, Section::Camera), "Trucks right.");
    assert_eq!(free.fields["supplement"], "dusk light.");
    assert!(free.fields["intent"].contains("a walk"));
}

#[test]
fn all_on_one_line_and_without_thoughts() {
    let free = read(
        "Sure! 1. Dense caption: She walks. 2. Main object caption: A woman. 3. Background caption: Stalls. 4. Camera caption: Trucks right for 3.0 s. 5. Style caption: Dusk. 6. Action caption: She walks.",
        &plan(),
    );
    assert_eq!(of(&free, Section::Camera), "Trucks right for 3.0 s.");
    assert_eq!(of(&free, Section::Action), "She walks.");
    assert_eq!(free.missing, ["the four steps in <think>"]);
}

#[test]
fn words_of_a_section_are_not_taken_for_headings() {
    let free = read(
        "Dense: She walks.\nCamera trucks right with her.\nStyle is everything to her.\nCamera: Trucks right.",
        &plan(),
    );
    assert_eq!(
        of(&free, Section::Dense),
        "She walks. Camera trucks right with her. Style is everything to her."
    );
    assert_eq!(of(&free, Section::Camera), "Trucks right.");
    assert!(free.missing.iter().any(|m| m.contains("Background")));
}

#[test]
fn an_answer_cut_short_keeps_what_is_there() {
    let free = read(
        "<think>\n1. Intent: A walk.\n</think>\n<answer>\n1. Dense caption: She walks past",
        &plan(),
    );
    assert_eq!(of(&free, Section::Dense), "She walks past");
    assert_eq!(free.missing.len(), 5);
}

#[test]
fn an_object_with_the_sections_as_keys() {
    let free = read(
        "```json\n{\"intent\": \"A walk.\", \"caption\": {\"dense_caption\": \"She walks.\", \"Main object\": \"A woman.\", \"background\": \"b\", \"camera\": \"c\", \"style\": \"s\", \"action\": \"a\"}}\n```",
        &plan(),
    );
    assert_eq!(free.missing, Vec::<String>::new());
    assert_eq!(of(&free, Section::Dense), "She walks.");
    assert_eq!(of(&free, Section::MainObject), "A woman.");
}

proptest! {
    #[test]
    fn nothing_a_model_writes_breaks_the_reader(text in "\\PC{0,300}") {
        let _ = read(&text, &plan());
    }

    #[test]
    fn pieces_of_the_form_in_any_order_break_nothing(
        pieces in proptest::collection::vec(
            prop_oneof![
                Just("<think>"), Just("</think>"), Just("<answer>"), Just("\n"),
                Just("1. Dense caption:"), Just("**"), Just("4. Camera"), Just("Step 2"),
                Just("- camera path “dolly”"), Just(": "), Just("{\"dense\": \"x\"}"), Just("é"),
            ],
            0..30,
        )
    ) {
        let _ = read(&pieces.concat(), &plan());
    }
}
