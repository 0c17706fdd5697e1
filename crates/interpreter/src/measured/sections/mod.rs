//! The six sections.

mod action;
pub(crate) mod background;
pub(crate) mod camera;
pub(crate) mod dense;
mod main_object;
pub(crate) mod style;

use decoupage_shot::{Condition, ConditionId, Section};

use super::compose::{Composer, Said, Words};
use super::facts::Facts;
use crate::prompt::Clause;

/// Writes one section; never empty.
pub(crate) fn write(section: Section, facts: &Facts<'_>, said: &mut Said) -> Composer {
    let mut composer = Composer::default();
    match section {
        Section::Dense => dense::write(facts, &mut composer, said),
        Section::MainObject => main_object::write(facts, &mut composer, said),
        Section::Background => background::write(facts, &mut composer, said),
        Section::Camera => camera::write(facts, &mut composer, said),
        Section::Style => style::write(facts, &mut composer, said),
        Section::Action => action::write(facts, &mut composer, said),
    }
    // The last resorts differ from one another, so that not even they repeat.
    let last = [
        match section {
            Section::Dense => "One continuous shot",
            Section::MainObject => "A single subject, clearly seen",
            Section::Background => "Plain, uncluttered surroundings",
            Section::Camera => "Held on a locked-off medium shot",
            Section::Style => "Naturalistic live action in plain, even light",
            Section::Action => "The moment is held, and little moves",
        },
        match section {
            Section::Dense => "A single take, told in one go",
            Section::MainObject => "The subject keeps its looks throughout",
            Section::Background => "The surroundings stay as they are",
            Section::Camera => "The framing stays as it is",
            Section::Style => "The look stays the same throughout",
            Section::Action => "Nothing further happens",
        },
    ];
    for text in last {
        if composer.is_empty() {
            composer.sentence(Words::new().own(text), said);
        }
    }
    composer
}

/// What the measured engine says from each condition, and nothing of what it says from the
/// prompt: with the conflicts not yet settled, so that losers speak too.
pub(crate) fn own_words(facts: &Facts<'_>) -> Vec<(ConditionId, String)> {
    let mut all = Facts::gather(&facts.brief);
    all.decisions.path_moves = all.path.is_some();
    all.decisions.path_steadiness = all.path.is_some();
    let mut said = Said::of(&facts.shot.prompt);
    let mut out = Vec::new();
    for section in Section::ALL {
        let (text, spans) = write(section, &all, &mut said).finish();
        let chars: Vec<char> = text.chars().collect();
        for span in spans {
            let words = chars.get(span.start as usize..span.end as usize);
            if let (Some(id), Some(words)) = (span.condition, words) {
                out.push((id, words.iter().collect()));
            }
        }
    }
    out
}

/// What a note adds, where it is one phrase that can stand in a sentence ("a scar on her chin").
pub(crate) fn aside(condition: &Condition, said: &Said) -> Option<String> {
    let note = crate::prompt::squeeze(&condition.note);
    let first = note.chars().next()?;
    let opens = note.split(' ').next().unwrap_or_default().to_lowercase();
    let told = crate::prompt::lexicon::PRONOUNS.contains(&opens.as_str());
    let verb = matches!(
        crate::prompt::verbs::verb(&opens),
        Some((_, crate::prompt::verbs::Form::Third))
    );
    if !first.is_lowercase() || told || verb || super::compose::sentences(&note).len() != 1 {
        return None;
    }
    let text = news(&note, condition, said);
    let text = text.trim_end_matches(['.', '!', '?']);
    (!text.is_empty() && text.chars().count() <= 160).then(|| text.to_owned())
}

/// The parts of a sentence of a note that say something new.
fn news(sentence: &str, condition: &Condition, said: &Said) -> String {
    let parts: Vec<&str> = sentence
        .split(',')
        .map(str::trim)
        .filter(|part| said.vocabulary().news(part, &condition.name))
        .collect();
    parts.join(", ")
}

/// What the person wrote about a condition: their words are the truth. What only says again
/// what the prompt says, to tell which subject is meant, is not said a second time.
pub(crate) fn note(condition: &Condition, composer: &mut Composer, said: &mut Said) {
    for sentence in super::compose::sentences(&crate::prompt::squeeze(&condition.note)) {
        let text = news(&sentence, condition, said);
        composer.sentence(Words::new().of(condition.id, text), said);
    }
}

/// A clause's predicate in the prompt's words: "walks her dog past market stalls".
pub(crate) fn predicate(clause: &Clause) -> String {
    let parts = [
        clause.adverb.as_str(),
        clause.verb.as_str(),
        clause.rest.as_str(),
    ];
    let text: Vec<&str> = parts.into_iter().filter(|p| !p.is_empty()).collect();
    text.join(" ").replace(" ,", ",")
}

/// The times of day and the weather as they stand in running text: "at dusk, in the rain".
pub(crate) fn conditions_of_light(facts: &Facts<'_>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let prepositions = [
        "at", "in", "on", "during", "by", "under", "through", "before", "after",
    ];
    for term in &facts.intent.times {
        let inside =
            |span: crate::prompt::Span| span.start <= term.span.start && term.span.end <= span.end;
        if facts.intent.clauses.iter().any(|c| inside(c.span))
            || facts.intent.places.iter().any(|p| inside(p.span))
            || facts.intent.subjects.iter().any(|s| inside(s.span))
        {
            continue;
        }
        let first = term.text.split(' ').next().unwrap_or_default();
        let text = if prepositions.contains(&first) {
            term.text.clone()
        } else {
            let key = term.key.as_str();
            let with = match key {
                "morning" | "afternoon" | "evening" | "daytime" | "nighttime"
                    if term.text == key =>
                {
                    "in the"
                }
                "morning" | "afternoon" | "evening" => "in the",
                "daylight" => "in",
                _ => "at",
            };
            let plain = term.text.trim_start_matches("the ");
            format!("{with} {plain}")
        };
        if !out.contains(&text) {
            out.push(text);
        }
    }
    for term in &facts.intent.weather {
        let named = facts.intent.clauses.iter().any(|c| {
            let all = format!("{} {} {}", c.subject_text, c.verb, c.rest);
            all.split([' ', ',']).any(|w| w == term.key)
        });
        let placed = facts
            .intent
            .places
            .iter()
            .any(|p| p.text.contains(&term.key));
        if named || placed {
            continue;
        }
        let first = term.text.split(' ').next().unwrap_or_default();
        let text = match term.key.as_str() {
            _ if prepositions.contains(&first) => term.text.clone(),
            "overcast" => "under an overcast sky".to_owned(),
            "raining" => "in the rain".to_owned(),
            "snowing" => "in falling snow".to_owned(),
            "rain" | "snow" | "wind" if term.text == term.key => format!("in the {}", term.text),
            "storm" | "thunderstorm" | "blizzard" | "sandstorm" | "downpour" | "heatwave"
                if term.text == term.key =>
            {
                format!("in a {}", term.text)
            }
            _ => format!("in {}", term.text),
        };
        if !out.contains(&text) {
            out.push(text);
        }
    }
    out
}

/// The places of the prompt in one phrase: "a bench in a park".
pub(crate) fn places(facts: &Facts<'_>, only_outside: bool) -> Words {
    let mut words = Words::new();
    for place in facts
        .intent
        .places
        .iter()
        .filter(|p| !(only_outside && p.in_clause))
    {
        // A window or a table in passing is no setting of its own.
        let furniture = matches!(
            place.head.as_str(),
            "window" | "door" | "doorway" | "gate" | "wall" | "floor" | "table" | "counter"
        );
        if furniture && !words.is_empty() {
            continue;
        }
        let shot_subject = facts.intent.subjects.iter().any(|s| s.text == place.text);
        if shot_subject {
            continue;
        }
        if words.is_empty() {
            let around = matches!(
                place.preposition.as_str(),
                "around" | "near" | "beside" | "by" | "against" | "behind" | "under"
            ) && !crate::prompt::verbs::place(&place.head);
            if furniture && !place.preposition.is_empty() {
                words = words.own("a room,").prompt(&place.preposition);
            } else if around {
                words = words.own("the ground").prompt(&place.preposition);
            }
            words = words.prompt(&place.text);
        } else {
            let joins = matches!(
                place.preposition.as_str(),
                "in" | "on"
                    | "at"
                    | "near"
                    | "by"
                    | "behind"
                    | "under"
                    | "beside"
                    | "above"
                    | "below"
                    | "inside"
                    | "outside"
                    | "over"
            );
            if joins {
                words = words.prompt(format!("{} {}", place.preposition, place.text));
            } else {
                words = words.prompt(format!(", {}", place.text));
            }
        }
    }
    words
}
