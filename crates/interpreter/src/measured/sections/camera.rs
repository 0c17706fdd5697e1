//! How the camera moves and frames.

use decoupage_conditions::Reading;
use decoupage_conditions::camera::MoveKind;
use decoupage_conditions::pose::BodyFraming;
use decoupage_shot::ConditionKind;

use super::super::compose::{Composer, Said, Words};
use super::super::facts::{Facts, Path};
use super::super::moves::{Beat, beats, does, held, manner, when};
use super::super::references;
use super::dense::beat_words;
use crate::prompt::CameraWish;

pub(super) fn write(facts: &Facts<'_>, composer: &mut Composer, said: &mut Said) {
    let terms = |wanted: &[CameraWish]| -> Vec<&str> {
        facts
            .intent
            .camera
            .iter()
            .filter(|c| wanted.contains(&c.wish))
            .map(|c| c.text.as_str())
            .collect()
    };
    let framing = terms(&[CameraWish::Framing, CameraWish::Angle, CameraWish::Speed]);
    let named = facts
        .intent
        .camera
        .iter()
        .any(|c| c.wish == CameraWish::Framing);
    if !framing.is_empty() {
        composer.sentence(Words::new().prompt(framing.join(", ")), said);
    }
    if !named {
        seen_as(facts, composer, said);
    }
    moves(facts, named, composer, said);
    steadiness(facts, composer, said);
    let lens = terms(&[CameraWish::Lens]);
    if !lens.is_empty() {
        composer.sentence(Words::new().prompt(lens.join(", ")), said);
    }
    for condition in facts.conditions(ConditionKind::Camera) {
        if !facts.brief.readings.contains_key(&condition.id) {
            let text = format!("A camera path is given with “{}”", condition.name.trim());
            composer.sentence(Words::new().of(condition.id, text), said);
        }
        super::note(condition, composer, said);
    }
}

/// How much of the performers is in frame.
fn seen_as(facts: &Facts<'_>, composer: &mut Composer, said: &mut Said) {
    let performer = facts
        .cast
        .iter()
        .enumerate()
        .filter(|(i, _)| !facts.decisions.left_out.contains(i))
        .find_map(|(_, m)| m.performer());
    let Some(performer) = performer else { return };
    let figures: usize = facts.cast.iter().map(|m| m.performers.len()).sum();
    let text = match (performer.person.position.framing, figures) {
        (BodyFraming::FullFigure, 1) => "Full figure",
        (BodyFraming::FullFigure, _) => "Full figures, head to foot",
        (BodyFraming::KneesUp, _) => "Framed from the knees up",
        (BodyFraming::WaistUp, _) => "Framed from the waist up",
        (BodyFraming::HeadAndShoulders, _) => "Framed on head and shoulders",
        (BodyFraming::Partial, _) => return,
    };
    composer.sentence(Words::new().of(performer.condition.id, text), said);
}

fn moves(facts: &Facts<'_>, framed: bool, composer: &mut Composer, said: &mut Said) {
    let wishes: Vec<&str> = facts
        .intent
        .camera
        .iter()
        .filter_map(|w| match &w.wish {
            CameraWish::Move { says, .. } if !says.is_empty() => Some(says.as_str()),
            _ => None,
        })
        .collect();
    let fixed = facts
        .intent
        .camera
        .iter()
        .find(|w| w.wish == CameraWish::Static);
    if let (Some(path), true) = (facts.path, facts.decisions.path_moves) {
        composer.sentence(path_words(facts, path), said);
        for beat in beats(path.reading) {
            let parts: Vec<String> = beat
                .within
                .iter()
                .map(|m| {
                    let time = path.clock.when(m.start_s, m.end_s);
                    format!("{} {time}", does(m.kind)).trim().to_owned()
                })
                .collect();
            if !parts.is_empty() {
                let text = format!("Meanwhile it {}", parts.join(", then "));
                composer.sentence(Words::new().of(path.condition.id, text), said);
            }
        }
        return;
    }
    if !wishes.is_empty() {
        let mut words = Words::new();
        for says in wishes {
            if !words.is_empty() {
                words = words.own(", then");
            }
            words = words.prompt(says);
        }
        composer.sentence(words, said);
    } else if let Some(fixed) = fixed {
        let words = Words::new()
            .prompt(&fixed.text)
            .own(": the frame holds from first to last");
        composer.sentence(words, said);
    } else if facts.path.is_none() {
        unasked(facts, framed, composer, said);
    }
}

/// Neither prompt nor path says anything: depth may, else something sober is chosen.
fn unasked(facts: &Facts<'_>, framed: bool, composer: &mut Composer, said: &mut Said) {
    let depth = facts.depths.iter().find_map(|(c, d)| {
        d.camera_motion
            .as_ref()
            .filter(|m| m.confidence >= 0.5 && m.kind != MoveKind::Complex)
            .map(|m| (c.id, m.kind))
    });
    if let Some((id, kind)) = depth {
        let text = match kind {
            MoveKind::Static => "The depth clip shows no camera move".to_owned(),
            kind => {
                super::super::compose::capital(&format!("{}, as the depth clip shows", does(kind)))
            }
        };
        composer.sentence(Words::new().of(id, text), said);
        return;
    }
    if facts.conditions(ConditionKind::Camera).next().is_some() {
        return;
    }
    if let Some(condition) = facts.conditions(ConditionKind::ReferenceVideo).next() {
        let filmed = match facts.brief.readings.get(&condition.id) {
            Some(Reading::ReferenceVideo(reading)) => {
                references::filmed(reading, condition.offset_s)
            }
            _ => None,
        };
        let text =
            filmed.unwrap_or_else(|| "Camera and timing follow the reference video".to_owned());
        composer.sentence(Words::new().of(condition.id, text), said);
        return;
    }
    if facts.intent.edit.is_some() {
        composer.sentence(
            Words::new().own("Framing and movement stay as they are"),
            said,
        );
        return;
    }
    let handheld = facts
        .intent
        .camera
        .iter()
        .any(|c| c.wish == CameraWish::Handheld);
    let peopled = facts.cast.iter().any(|m| !m.performers.is_empty());
    let text = match (framed || peopled || !composer.is_empty(), handheld) {
        (_, true) => "The operator stays in one place",
        (true, _) => "Locked off",
        (false, _) => "Held on a locked-off medium shot",
    };
    composer.sentence(Words::new().own(text), said);
}

/// "Trucks right, slow and even, over the first 3.0 s, then holds still for 1.2 s."
fn path_words(facts: &Facts<'_>, path: Path<'_>) -> Words {
    let id = path.condition.id;
    let beats = beats(path.reading);
    if beats.iter().all(Beat::still) {
        return Words::new().of(id, "Locked off: the camera does not move");
    }
    let mut words = Words::new();
    for (k, beat) in beats.iter().enumerate().take(8) {
        if k > 0 {
            words = words.of(id, ", then");
        }
        if beat.still() {
            let time = when(beat, path.clock, k == 0);
            words = words.of(id, format!("holds still {time}"));
            continue;
        }
        let said = beat_words(facts, path, beat);
        let slow = ["slowly", "gently", "quickly", "fast", "rapidly"]
            .iter()
            .any(|w| said.plain().contains(w));
        words = words.then(said);
        let manner = if slow {
            String::new()
        } else {
            manner(beat, path.reading.steadiness)
        };
        let time = when(beat, path.clock, k == 0);
        let tail = match (manner.is_empty(), time.is_empty()) {
            (true, true) => String::new(),
            (true, false) => time,
            (false, true) => format!(", {manner}"),
            (false, false) => format!(", {manner}, {time}"),
        };
        words = words.of(id, tail);
    }
    words
}

fn steadiness(facts: &Facts<'_>, composer: &mut Composer, said: &mut Said) {
    let wish = |wanted: CameraWish| facts.intent.camera.iter().find(|c| c.wish == wanted);
    if let Some(term) = wish(CameraWish::Handheld) {
        let text = if term.text.contains("shak") {
            "Held by hand, with visible shake"
        } else {
            "Handheld, with the small movements of the operator"
        };
        let words = if term.text.contains("shak") {
            Words::new().own(text)
        } else {
            Words::new()
                .prompt("Handheld")
                .own(", with the small movements of the operator")
        };
        composer.sentence(words, said);
        return;
    }
    if let Some(term) = wish(CameraWish::Steady) {
        let words = match term.text.as_str() {
            t if t.contains("shak") => Words::new().own("Steady, without").prompt("shake"),
            t => Words::new().prompt(t),
        };
        composer.sentence(words, said);
        return;
    }
    if let (Some(path), true) = (
        facts.path,
        facts.decisions.path_steadiness && facts.decisions.path_moves,
    ) {
        let still = beats(path.reading).iter().all(Beat::still);
        let shown = held(path.reading.steadiness);
        let text = if still && shown == "Steady, no shake" {
            "No shake"
        } else {
            shown
        };
        composer.sentence(Words::new().of(path.condition.id, text), said);
    }
}
