//! What a model got wrong against measurement, and the words that put it right.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod support;

use decoupage_interpreter::*;
use decoupage_shot::*;
use support::market_with_sentences as market;
use support::*;

fn brief(case: &Case) -> Brief<'_> {
    Brief {
        shot: &case.shot,
        readings: &case.readings,
        keep: None,
        seed: 0,
    }
}

fn take_with(sections: &[(Section, &str)]) -> Take {
    let mut take = Take::blank();
    for (section, text) in sections {
        *take.caption.get_mut(*section) = (*text).to_owned();
    }
    take
}

/// Applies the corrections of one check, last first.
fn corrected(case: &Case, take: &Take, key: &str) -> Option<String> {
    let findings = check::check(&brief(case), take);
    let mut corrections: Vec<_> = findings
        .iter()
        .filter(|f| f.check == key)
        .filter_map(|f| f.correction.clone())
        .collect();
    corrections.sort_by_key(|c| std::cmp::Reverse((c.section, c.start)));
    let mut caption = take.caption.clone();
    let mut section = None;
    for correction in corrections {
        let text = caption.get_mut(correction.section);
        let chars: Vec<char> = text.chars().collect();
        let (start, end) = (correction.start as usize, correction.end as usize);
        *text = chars[..start]
            .iter()
            .copied()
            .chain(correction.replacement.chars())
            .chain(chars[end..].iter().copied())
            .collect();
        section = Some(correction.section);
    }
    section.map(|s| caption.get(s).to_owned())
}

fn walk() -> Case {
    let mut case = market();
    case.shot.prompt = "A woman in a red coat walks her dog past market stalls at dusk".into();
    case
}

#[test]
fn a_wrong_direction_of_the_camera_is_turned() {
    let take = take_with(&[(
        Section::Camera,
        "Medium shot. Trucks left, slowly, then rests.",
    )]);
    assert_eq!(
        corrected(&walk(), &take, "camera_agrees").unwrap(),
        "Medium shot. Trucks right, slowly, then rests."
    );
    let take = take_with(&[(
        Section::Dense,
        "Ö, she goes, the camera trucking left beside her.",
    )]);
    assert_eq!(
        corrected(&walk(), &take, "camera_agrees").unwrap(),
        "Ö, she goes, the camera trucking right beside her."
    );
}

#[test]
fn a_move_that_is_not_there_gives_way_to_the_measured_sentence() {
    let take = take_with(&[(
        Section::Camera,
        "Full figure. The camera zooms in on her face. Eye level.",
    )]);
    assert_eq!(
        corrected(&walk(), &take, "camera_agrees").unwrap(),
        "Full figure. Trucks right, slow and smooth, over the first 3.0 s, then holds still for 1.2 s. Eye level."
    );
    let take = take_with(&[(Section::Camera, "A locked-off shot.")]);
    assert!(
        corrected(&walk(), &take, "camera_agrees")
            .unwrap()
            .starts_with("Trucks right")
    );
}

#[test]
fn shake_that_is_not_there_is_taken_out() {
    let take = take_with(&[(Section::Camera, "Trucks right. Handheld, shaky.")]);
    assert_eq!(
        corrected(&walk(), &take, "camera_agrees").unwrap(),
        "Trucks right. Steady, no shake."
    );
    let fine = take_with(&[(Section::Camera, "Trucks right, with no shaky moments.")]);
    assert_eq!(corrected(&walk(), &fine, "camera_agrees"), None);
}

#[test]
fn gait_way_and_facing_follow_the_pose() {
    // The prompt says nothing of the gait here, so the pose is the truth.
    let mut case = walk();
    case.shot.prompt = "A woman in a red coat at the market".into();
    let take = take_with(&[(
        Section::Action,
        "She runs from right to left past the stalls.",
    )]);
    assert_eq!(
        corrected(&case, &take, "pose_agrees").unwrap(),
        "She walks from left to right past the stalls."
    );
    let take = take_with(&[(Section::MainObject, "A woman in profile, facing left.")]);
    assert_eq!(
        corrected(&case, &take, "pose_agrees").unwrap(),
        "A woman in profile, facing right."
    );
    // Others may run, and the camera may go its own way.
    for fine in [
        "She walks; a dog runs ahead.",
        "The camera pans right to left as she walks.",
        "She walks past children who run and shout.",
        "She does not run.",
    ] {
        let take = take_with(&[(Section::Action, fine)]);
        assert_eq!(corrected(&case, &take, "pose_agrees"), None, "{fine}");
    }
}

#[test]
fn what_the_prompt_says_is_never_corrected() {
    let mut case = walk();
    case.shot.prompt = "A woman in a blue coat runs left, the camera trucks left".into();
    let take = take_with(&[
        (Section::Action, "She runs left, from right to left."),
        (Section::Camera, "Trucks left."),
        (Section::MainObject, "A woman in a blue coat."),
    ]);
    for key in ["pose_agrees", "camera_agrees", "colours_agree"] {
        assert_eq!(corrected(&case, &take, key), None, "{key}");
    }
}

#[test]
fn a_coat_in_a_colour_the_picture_lacks() {
    let mut case = walk();
    case.shot.prompt = "A woman walks her dog".into();
    let take = take_with(&[(
        Section::MainObject,
        "Mara in an emerald wool coat, a white collar showing.",
    )]);
    assert_eq!(
        corrected(&case, &take, "colours_agree").unwrap(),
        "Mara in a deep red wool coat, a white collar showing."
    );
    // Burgundy is a red, and charcoal could be black.
    for fine in [
        "A burgundy coat.",
        "A charcoal coat.",
        "She carries a green bag over her coat.",
    ] {
        let take = take_with(&[(Section::MainObject, fine)]);
        assert_eq!(corrected(&case, &take, "colours_agree"), None, "{fine}");
    }
}

#[test]
fn more_people_than_the_poses_show() {
    let mut case = walk();
    case.shot.prompt = String::new();
    case.shot
        .conditions
        .retain(|c| c.kind != ConditionKind::Identity);
    let take = take_with(&[(Section::Dense, "Two women walk past stalls.")]);
    let findings = check::check(&brief(&case), &take);
    assert!(
        findings.iter().any(|f| f.check == "people_agree"),
        "{findings:?}"
    );
    let fine = take_with(&[(Section::Dense, "She walks past two women.")]);
    let findings = check::check(&brief(&case), &fine);
    assert!(!findings.iter().any(|f| f.check == "people_agree"));
}

#[test]
fn a_person_who_pushes_a_cart_is_no_camera() {
    let take = take_with(&[(
        Section::Dense,
        "She pushes her cart in and tilts her head up.",
    )]);
    let findings = check::check(&brief(&walk()), &take);
    assert!(
        !findings.iter().any(|f| f.check == "camera_agrees"),
        "{findings:?}"
    );
}
