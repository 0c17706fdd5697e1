//! Who or what the shot is about: appearance.

use decoupage_conditions::identity::{BackgroundKind, IdentityReading, Swatch};
use decoupage_conditions::pose::BodyFraming;
use decoupage_shot::ConditionKind;

use super::super::cast::{Identity, Member, animal, called, given_name};
use super::super::compose::{Composer, Said, Words, article, listed, sentences};
use super::super::facts::Facts;
use super::{aside, note};

/// The most sentences of a model's description that are told.
const MOST_DESCRIBED: usize = 3;

pub(super) fn write(facts: &Facts<'_>, composer: &mut Composer, said: &mut Said) {
    let mut companions: Vec<usize> = Vec::new();
    // Pictured companions told together with whom they go.
    let mut told: Vec<usize> = Vec::new();
    for index in 0..facts.cast.len() {
        if facts.decisions.left_out.contains(&index) {
            continue;
        }
        let Some(member) = facts.cast.get(index) else {
            continue;
        };
        let subject = facts.subject(member);
        let pictured = !member.identities.is_empty();
        let only_pronoun = subject.is_some_and(|s| {
            crate::prompt::lexicon::PRONOUNS.contains(&s.head.to_lowercase().as_str())
        });
        if (facts.intent.verbatim.is_some() || only_pronoun) && !pictured {
            continue;
        }
        if let Some(subject) = subject {
            if subject.with.is_some() && !pictured {
                companions.push(index);
                continue;
            }
            // Rain and smoke are told in the action.
            let passing = !subject.being || !subject.text.contains(' ');
            if passing
                && !subject.proper
                && !pictured
                && facts.clauses_of(index).next().is_some()
                && index > 0
            {
                continue;
            }
        }
        if facts.loose(index) {
            loose(facts, member, composer, said);
            continue;
        }
        if told.contains(&index) {
            continue;
        }
        let mut words = named(facts, index);
        // "A boy in a green jacket" is who it is where the prompt names nobody.
        let mut called_by_note = false;
        if let (None, None, [only]) = (subject, facts.name_of(member), member.identities.as_slice())
            && let (Some(noun), Some(aside)) = (called(only.condition), aside(only.condition, said))
            && aside.split([' ', ',']).any(|w| w == noun)
        {
            called_by_note = true;
            let first = aside.split(' ').next().unwrap_or_default();
            let article = if crate::prompt::lexicon::DETERMINERS.contains(&first) {
                String::new()
            } else {
                format!("{} ", article(first))
            };
            words = Words::new().of(only.condition.id, format!("{article}{aside}"));
        }
        if let (None, false, Some(performer)) = (subject, pictured, member.performer()) {
            let person = performer.person;
            let shown = [
                figure_in_frame(person.position.framing),
                super::super::perform::facing(person),
            ];
            let shown: Vec<&str> = shown.into_iter().flatten().collect();
            if !shown.is_empty() {
                words = words.of(performer.condition.id, format!(", {}", shown.join(", ")));
            }
        }
        let mut first = true;
        let several = member.identities.len() > 1;
        for (k, identity) in member.identities.iter().enumerate() {
            let looks = appearance(
                facts,
                index,
                *identity,
                subject.map(|s| s.text.as_str()).unwrap_or_default(),
                true,
            );
            let id = identity.condition.id;
            if let (false, Some(aside)) =
                (several || called_by_note, aside(identity.condition, said))
            {
                words = words.of(id, format!(", {aside}"));
            }
            if several {
                // Each picture of several gets its own sentence.
                if first {
                    let own = subject.is_some_and(|s| s.plural);
                    composer.sentence(std::mem::take(&mut words), said);
                    if own {
                        let names: Vec<&str> = member
                            .identities
                            .iter()
                            .filter_map(|i| given_name(&i.condition.name))
                            .collect();
                        if names.len() == member.identities.len() {
                            let mut line = Words::new().own("They are");
                            for (n, i) in member.identities.iter().enumerate() {
                                let glue = if n == 0 {
                                    ""
                                } else if n + 1 == names.len() {
                                    "and"
                                } else {
                                    ","
                                };
                                line = line
                                    .own(glue)
                                    .of(i.condition.id, names.get(n).copied().unwrap_or_default());
                            }
                            composer.sentence(line, said);
                        }
                    }
                }
                let who = match given_name(&identity.condition.name) {
                    Some(name) if subject.is_none_or(|s| s.plural) => name.to_owned(),
                    _ if subject.is_some_and(|s| s.plural) => format!("the {} of them", ordinal(k)),
                    _ => format!("the {} picture", ordinal(k)),
                };
                let detail = if looks.is_empty() {
                    "as pictured in the reference".to_owned()
                } else {
                    looks
                };
                let detail = if subject.is_some_and(|s| s.plural) {
                    detail
                        .replace(" of their reference picture", " of the picture")
                        .replace(" in their reference picture", " in the picture")
                } else {
                    detail
                };
                composer.sentence(Words::new().of(id, format!("{who}: {detail}")), said);
                further(identity, composer, said);
            } else if !looks.is_empty() {
                words = words.of(id, format!(", {looks}"));
            } else {
                words = words.of(id, ", as pictured in the reference");
            }
            first = false;
        }
        let follows: Vec<usize> = (0..facts.cast.len())
            .filter(|&i| {
                facts.cast.get(i).is_some_and(|m| {
                    m.identities.len() < 2
                        && facts.subject(m).is_some_and(|s| {
                            s.with.is_some()
                                    && s.with == member.subject
                                    // "A portrait of a courier" has named the courier.
                                    && !subject.is_some_and(|lead| lead.text.contains(&s.text))
                        })
                })
            })
            .collect();
        for i in follows {
            let beside = facts
                .cast
                .get(i)
                .and_then(|m| facts.subject(m))
                .is_some_and(|s| {
                    s.text
                        .split(' ')
                        .next()
                        .is_some_and(|w| crate::prompt::lexicon::POSSESSIVES.contains(&w))
                });
            if words.is_empty() {
                continue;
            }
            if let Some(identity) = facts.cast.get(i).and_then(|m| m.identity()) {
                told.push(i);
                words = words.own(";").then(named(facts, i));
                if let Some(aside) = aside(identity.condition, said) {
                    words = words.of(identity.condition.id, format!(", {aside}"));
                }
                let text = facts.cast.get(i).and_then(|m| facts.subject(m));
                let text = text.map(|s| s.text.as_str()).unwrap_or_default();
                let looks = appearance(facts, i, identity, text, false);
                let looks = if looks.is_empty() {
                    "as pictured in the reference".to_owned()
                } else {
                    looks
                };
                words = words.of(identity.condition.id, format!(", {looks}"));
                continue;
            }
            words = words.own(";").then(facts.full(i));
            if beside {
                let side = match facts.pronoun(index) {
                    Some(p) => format!("beside {}", p.object()),
                    None => "close by".to_owned(),
                };
                words = words.own(side);
            }
            companions.retain(|c| *c != i);
        }
        let new = composer.sentence(words, said);
        if let (false, Some(identity)) = (new || several, member.identity()) {
            // Two pictures that read alike: the second is named as what it is.
            let words = Words::new()
                .of(
                    identity.condition.id,
                    format!("Reference picture {} shows", index + 1),
                )
                .then(facts.full(index))
                .of(identity.condition.id, "again");
            composer.sentence(words, said);
        }
        if !new && !several && !pictured && subject.is_some() {
            // The dense text is this phrase and nothing else.
            let verb = if facts.plural(member) {
                "hold"
            } else {
                "holds"
            };
            composer.sentence(
                facts
                    .noun(index)
                    .own(format!("{verb} the centre of the shot")),
                said,
            );
        }
        notes(facts, index, composer, said);
        for i in told.iter().copied().filter(|i| {
            facts
                .cast
                .get(*i)
                .and_then(|m| facts.subject(m))
                .is_some_and(|s| s.with == member.subject)
        }) {
            notes(facts, i, composer, said);
        }
    }
    for index in companions {
        let taken = facts
            .cast
            .get(index)
            .and_then(|m| facts.subject(m))
            .and_then(|s| s.with);
        if taken.is_none_or(|i| facts.intent.subject(i).is_none()) {
            composer.sentence(facts.full(index), said);
        }
    }
    if composer.is_empty() {
        nobody(facts, composer, said);
    }
}

fn ordinal(k: usize) -> &'static str {
    ["first", "second", "third", "fourth", "fifth", "sixth"]
        .get(k)
        .copied()
        .unwrap_or("next")
}

/// What the person wrote about a member's pictures: their words are the truth.
fn notes(facts: &Facts<'_>, index: usize, composer: &mut Composer, said: &mut Said) {
    let Some(member) = facts.cast.get(index) else {
        return;
    };
    for identity in &member.identities {
        if member.identities.len() == 1 && aside(identity.condition, said).is_some() {
            continue;
        }
        further(identity, composer, said);
    }
}

/// A member as first named: the prompt's words, then the name the person gave.
fn named(facts: &Facts<'_>, index: usize) -> Words {
    let words = facts.full(index);
    let Some(member) = facts.cast.get(index) else {
        return words;
    };
    match (facts.subject(member), facts.name_of(member)) {
        (Some(s), Some((id, name))) if !s.plural && !s.proper => words.of(id, format!(", {name}")),
        _ => words,
    }
}

/// A picture of which nothing says who it is: told as the picture it is.
fn loose(facts: &Facts<'_>, member: &Member<'_>, composer: &mut Composer, said: &mut Said) {
    let pictures: Vec<_> = facts.conditions(ConditionKind::Identity).collect();
    for identity in &member.identities {
        let id = identity.condition.id;
        let at = pictures.iter().position(|c| c.id == id).unwrap_or_default();
        let which = match (pictures.len(), at) {
            (1, _) => "The reference picture".to_owned(),
            (_, 0) => "The first reference picture".to_owned(),
            (_, k) => format!("A {} reference picture", ordinal(k)),
        };
        let tones = identity
            .reading
            .map(|r| tones(&r.palette, ""))
            .unwrap_or_default();
        let text = match (identity.reading, tones.is_empty()) {
            (Some(reading), false) => {
                let ground = ground(reading)
                    .map(|g| format!(", {g}"))
                    .unwrap_or_default();
                format!("{which}: mainly {}{ground}", listed(&tones))
            }
            _ => format!("{which}, “{}”", identity.condition.name.trim()),
        };
        composer.sentence(Words::new().of(id, text), said);
        further(identity, composer, said);
    }
}

/// How much of a figure the pose shows.
fn figure_in_frame(framing: BodyFraming) -> Option<&'static str> {
    Some(match framing {
        BodyFraming::FullFigure => "at full length",
        BodyFraming::KneesUp => "from the knees up",
        BodyFraming::WaistUp => "from the waist up",
        BodyFraming::HeadAndShoulders => "head and shoulders",
        BodyFraming::Partial => return None,
    })
}

/// How the picture shows its subject: "cropped at the lower edge of her reference picture, dark
/// against a plain grey ground". Only the first subject of a sentence names the picture.
fn appearance(
    facts: &Facts<'_>,
    index: usize,
    identity: Identity<'_>,
    subject: &str,
    leads: bool,
) -> String {
    let Some(reading) = identity.reading else {
        return String::new();
    };
    let mut parts: Vec<String> = Vec::new();
    let tones = tones(&reading.palette, subject);
    let own = reading.framing.subject.is_some() || identity.condition.region.is_some();
    let creature = facts
        .cast
        .get(index)
        .and_then(|m| facts.subject(m))
        .map(|s| s.head.clone())
        .or_else(|| called(identity.condition))
        .is_some_and(|head| animal(&head));
    if !tones.is_empty() && own {
        // Colours are an animal's own; on a person they are what the picture shows.
        parts.push(if creature {
            listed(&tones)
        } else {
            format!("in {}", listed(&tones))
        });
    }
    let ground = ground(reading);
    if let Some(cut) = cut(reading) {
        let whose = facts.possessive(index);
        let place = match (leads, cut, subject.is_empty() && whose == "the") {
            (false, true, _) => "cropped at the lower edge".to_owned(),
            (false, false, _) => "seen whole".to_owned(),
            (_, true, true) => "cropped at the lower edge".to_owned(),
            (_, false, true) => "seen whole".to_owned(),
            (_, true, false) => format!("cropped at the lower edge of {whose} reference picture"),
            (_, false, false) => format!("seen whole in {whose} reference picture"),
        };
        parts.push(place);
    }
    if let Some(ground) = ground {
        parts.push(ground);
    } else if !tones.is_empty() && !own {
        parts.push(if subject.is_empty() {
            format!("in a picture that is mostly {}", listed(&tones))
        } else {
            format!(
                "as in a reference picture that is mostly {}",
                listed(&tones)
            )
        });
    }
    parts.join(", ")
}

/// The colours worth naming, without those the prompt's words already name.
/// What the person wrote about a picture, and what a model was asked to say of it.
fn further(identity: &Identity<'_>, composer: &mut Composer, said: &mut Said) {
    note(identity.condition, composer, said);
    let described = identity.reading.and_then(|r| r.described.as_ref());
    for sentence in described
        .map_or_else(Vec::new, |d| sentences(&d.text))
        .iter()
        .take(MOST_DESCRIBED)
    {
        composer.sentence(Words::new().of(identity.condition.id, sentence), said);
    }
}

fn tones(palette: &[Swatch], subject: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let named = |swatch: &Swatch| {
        let base = swatch.name.rsplit(' ').next().unwrap_or_default();
        subject.split(' ').any(|w| w == base)
    };
    // The prompt's own colour says enough.
    if palette.iter().any(named) {
        return out;
    }
    for swatch in palette.iter().filter(|s| s.share >= 0.1).take(3) {
        if out.contains(&swatch.name) {
            continue;
        }
        out.push(swatch.name.clone());
    }
    out
}

/// Whether the picture cuts the subject off at its lower edge, where the subject can be told.
fn cut(reading: &IdentityReading) -> Option<bool> {
    reading
        .framing
        .subject
        .map(|_| reading.framing.cut_at_bottom)
}

/// How the subject stands out from its ground.
fn ground(reading: &IdentityReading) -> Option<String> {
    match reading.background.kind {
        BackgroundKind::Plain => {
            let colour = reading.background.colour.as_ref()?;
            let tone =
                tone(&reading.palette)
                    .zip(lightness(&colour.hex))
                    .and_then(|(subject, ground)| {
                        reading.framing.subject?;
                        match subject - ground {
                            d if d < -0.18 => Some("dark "),
                            d if d > 0.18 => Some("light "),
                            _ => None,
                        }
                    });
            let name = &colour.name;
            Some(format!(
                "{}against a plain {name} ground",
                tone.unwrap_or_default()
            ))
        }
        BackgroundKind::CutOut => Some("cut out from its ground".to_owned()),
        BackgroundKind::Scene => None,
    }
}

fn tone(palette: &[Swatch]) -> Option<f64> {
    let mut sum = 0.0;
    let mut weight = 0.0;
    for swatch in palette {
        let light = lightness(&swatch.hex)?;
        if swatch.share.is_finite() && swatch.share > 0.0 {
            sum += light * swatch.share;
            weight += swatch.share;
        }
    }
    (weight > 0.0).then(|| sum / weight)
}

/// Perceived lightness of `#rrggbb`, 0–1.
fn lightness(hex: &str) -> Option<f64> {
    let digits = hex
        .strip_prefix('#')
        .filter(|d| d.len() == 6 && d.is_ascii())?;
    let value = u32::from_str_radix(digits, 16).ok()?;
    let channel = |shift: u32| {
        let c = f64::from((value >> shift) & 0xff) / 255.0;
        if c <= 0.040_45 {
            c / 12.92
        } else {
            ((c + 0.055) / 1.055).powf(2.4)
        }
    };
    let y = 0.2126 * channel(16) + 0.7152 * channel(8) + 0.0722 * channel(0);
    let l = if y > 0.008_856 {
        116.0 * y.cbrt() - 16.0
    } else {
        903.3 * y
    };
    Some(l / 100.0)
}

/// Nothing and nobody is named.
fn nobody(facts: &Facts<'_>, composer: &mut Composer, said: &mut Said) {
    if facts.intent.verbatim.is_some() {
        composer.sentence(
            Words::new().own("The subject is the one the prompt names, in its own words"),
            said,
        );
        return;
    }
    if let Some(edit) = &facts.intent.edit {
        composer.sentence(Words::new().own("What changes:").prompt(&edit.target), said);
        return;
    }
    if let Some(place) = facts.intent.places.first() {
        let bare = ["a ", "an ", "the ", "some "]
            .iter()
            .find_map(|a| place.text.strip_prefix(a))
            .unwrap_or(&place.text);
        let capital = bare.chars().next().is_some_and(char::is_uppercase);
        let (named, tail) = match (capital, crate::prompt::verbs::is_plural(&place.head)) {
            (true, _) => (bare.to_owned(), "itself, with no figure in front of it"),
            (false, true) => (
                format!("the {bare}"),
                "themselves, with no figure in front of them",
            ),
            (false, false) => (
                format!("the {bare}"),
                "itself, with no figure in front of it",
            ),
        };
        composer.sentence(Words::new().prompt(named).own(tail), said);
        return;
    }
    let pictures = [
        (
            ConditionKind::FirstFrame,
            "What the first frame shows stays the subject of the shot",
        ),
        (
            ConditionKind::MaskedImage,
            "What the masked image shows stays the subject of the shot",
        ),
        (
            ConditionKind::ReferenceVideo,
            "The subject of the reference video carries the shot",
        ),
        (
            ConditionKind::Sketch,
            "The figure of the sketch, filled in from its lines",
        ),
        (
            ConditionKind::Segmentation,
            "The largest region of the segmentation carries the shot",
        ),
        (
            ConditionKind::LastFrame,
            "What the last frame shows is what the shot arrives at",
        ),
    ];
    for (kind, text) in pictures {
        if let Some(condition) = facts.conditions(kind).next() {
            composer.sentence(Words::new().of(condition.id, text), said);
            return;
        }
    }
    if let Some((condition, depth)) = facts.depths.first()
        && let Some(layer) = depth.layers.iter().min_by_key(|l| l.band)
    {
        let where_ = super::background::sits(&layer.place);
        composer.sentence(
            Words::new().of(
                condition.id,
                format!("The nearest shape, {where_}, is what the eye meets first"),
            ),
            said,
        );
    }
}
