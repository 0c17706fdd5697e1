//! Who is in the shot: the prompt's subjects, the identities and the people of the poses,
//! brought together.

use std::collections::BTreeMap;

use decoupage_conditions::Reading;
use decoupage_conditions::identity::IdentityReading;
use decoupage_conditions::pose::{Person, PoseReading};
use decoupage_shot::{BindingKind, Condition, ConditionId, ConditionKind, Shot};

use crate::prompt::lexicon as lex;
use crate::prompt::verbs;
use crate::prompt::{Intent, Pronoun};

/// A person of a pose clip with the clip's own facts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Performer<'a> {
    pub condition: &'a Condition,
    pub reading: &'a PoseReading,
    pub person: &'a Person,
}

/// An identity picture; its reading is missing where the file could not be read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Identity<'a> {
    pub condition: &'a Condition,
    pub reading: Option<&'a IdentityReading>,
}

/// One member of the cast.
#[derive(Debug, Clone, Default)]
pub(crate) struct Member<'a> {
    /// The prompt's subject, by index.
    pub subject: Option<usize>,
    /// Pictures of it, the main one first.
    pub identities: Vec<Identity<'a>>,
    /// Those who perform it: several for a plural subject.
    pub performers: Vec<Performer<'a>>,
}

impl<'a> Member<'a> {
    pub fn performer(&self) -> Option<Performer<'a>> {
        self.performers.first().copied()
    }
    pub fn identity(&self) -> Option<Identity<'a>> {
        self.identities.first().copied()
    }
}

/// A name as a person gives it, and not a file's stem.
pub(crate) fn given_name(name: &str) -> Option<&str> {
    let name = name.trim();
    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
    let plain = name
        .chars()
        .all(|c| c.is_alphabetic() || matches!(c, ' ' | '-' | '\'' | '’' | '.'));
    let words: Vec<String> = name
        .split([' ', '-'])
        .filter(|w| !w.is_empty())
        .map(str::to_lowercase)
        .collect();
    let capital = name
        .chars()
        .next()
        .is_some_and(|c| c.is_uppercase() || !c.is_lowercase());
    let shouted = letters > 2 && !name.chars().any(char::is_lowercase) && name.is_ascii();
    let file = words.iter().any(|w| lex::FILE_WORDS.contains(&w.as_str()));
    let common = words.len() == 1
        && words
            .first()
            .is_some_and(|w| verbs::known_noun(w) || verbs::verb(w).is_some());
    (capital
        && plain
        && letters >= 2
        && name.chars().count() <= 40
        && words.len() <= 4
        && !file
        && !common
        && !shouted)
        .then_some(name)
}

/// The common noun an identity is called by ("boy"), if its name or note says one.
pub(crate) fn called(condition: &Condition) -> Option<String> {
    let noun = |text: &str| {
        text.split(|c: char| !c.is_alphabetic())
            .map(str::to_lowercase)
            .find(|w| verbs::being(w) && !matches!(w.as_str(), "model" | "figure" | "character"))
            .map(|w| verbs::singular(&w))
    };
    // A file's stem of several words ("boy_and_mom") calls nobody.
    let single = condition.name.trim().chars().all(char::is_alphabetic);
    noun(&condition.note).or_else(|| single.then(|| noun(&condition.name)).flatten())
}

/// Whether a picture's name tells that several are in it ("boy_and_mom").
pub(crate) fn group(condition: &Condition) -> bool {
    let words: Vec<String> = condition
        .name
        .split(|c: char| !c.is_alphabetic())
        .map(str::to_lowercase)
        .collect();
    words.iter().any(|w| w == "and") && words.iter().any(|w| verbs::being(w))
}

/// Whether a picture's palette has a colour that the subject's words name; nothing where they
/// name none.
fn colours_match(text: &str, picture: &Identity<'_>) -> Option<bool> {
    let named: Vec<&str> = text
        .split(' ')
        .filter(|w| lex::COLOURS.contains(w))
        .collect();
    let palette = &picture.reading?.palette;
    (!named.is_empty()).then(|| {
        palette
            .iter()
            .any(|s| named.iter().any(|n| s.name.split(' ').any(|w| w == *n)))
    })
}

/// Brings subjects, identities and people together.
pub(crate) fn cast<'a>(
    shot: &'a Shot,
    readings: &'a BTreeMap<ConditionId, Reading>,
    intent: &Intent,
) -> Vec<Member<'a>> {
    let mut members: Vec<Member<'a>> = (0..intent.subjects.len())
        .map(|i| Member {
            subject: Some(i),
            ..Member::default()
        })
        .collect();
    identities(shot, readings, intent, &mut members);
    performers(shot, readings, intent, &mut members);
    members
}

fn identities<'a>(
    shot: &'a Shot,
    readings: &'a BTreeMap<ConditionId, Reading>,
    intent: &Intent,
    members: &mut Vec<Member<'a>>,
) {
    let pictures: Vec<Identity<'a>> = shot
        .conditions
        .iter()
        .filter(|c| c.kind == ConditionKind::Identity)
        .map(|condition| Identity {
            condition,
            reading: match readings.get(&condition.id) {
                Some(Reading::Identity(reading)) => Some(reading),
                _ => None,
            },
        })
        .collect();
    let same_as = |id: ConditionId| {
        shot.bindings
            .iter()
            .find(|b| b.kind == BindingKind::SameAs && b.from == id)
            .and_then(|b| b.to)
            .filter(|to| *to != id)
    };
    let mut waiting: Vec<Identity<'a>> = Vec::new();
    // Names and nouns first, so that order only settles what words leave open.
    for picture in &pictures {
        if same_as(picture.condition.id).is_some() {
            continue;
        }
        let name = given_name(&picture.condition.name).map(str::to_lowercase);
        let noun = called(picture.condition);
        let open = |m: &&mut Member<'a>| m.identities.is_empty();
        let by_name = members.iter_mut().filter(open).find(|m| {
            let subject = m.subject.and_then(|i| intent.subject(i));
            subject.is_some_and(|s| {
                name.as_deref()
                    .is_some_and(|n| s.text.to_lowercase().contains(n))
            })
        });
        if let Some(member) = by_name {
            member.identities.push(*picture);
            continue;
        }
        let by_noun = members.iter_mut().filter(open).find(|m| {
            let subject = m.subject.and_then(|i| intent.subject(i));
            subject.is_some_and(|s| {
                !s.plural && noun.as_deref() == Some(&verbs::singular(&s.head.to_lowercase()))
            })
        });
        match by_noun {
            Some(member) => member.identities.push(*picture),
            None => waiting.push(*picture),
        }
    }
    let alone = pictures.len() == 1;
    for picture in waiting {
        let noun = called(picture.condition);
        let clash = |head: &str| {
            noun.as_deref().is_some_and(|n| {
                let head = verbs::singular(&head.to_lowercase());
                verbs::being(&head) && head != n && !general(&head) && !general(n)
            })
        };
        let slot = members.iter_mut().find(|m| {
            m.subject.and_then(|i| intent.subject(i)).is_some_and(|s| {
                let room = if s.plural {
                    s.count.is_none_or(|n| (m.identities.len() as u32) < n)
                } else {
                    m.identities.is_empty() && !s.proper
                        || m.identities.is_empty()
                            && s.pronoun.is_some()
                            && lex::PRONOUNS.contains(&s.head.as_str())
                };
                // Of several nameless pictures, one that does not have the prompt's colour is
                // no picture of its subject.
                let fits = alone || s.plural || colours_match(&s.text, &picture) != Some(false);
                room && fits
                    && s.being
                    && s.with.is_none()
                    && !clash(&s.head)
                    && (s.plural || !group(picture.condition))
            })
        });
        match slot {
            Some(member) => member.identities.push(picture),
            None => {
                // A picture of the only thing the prompt names, whatever it is.
                let mut things = members.iter_mut().filter(|m| {
                    m.identities.is_empty()
                        && m.subject
                            .and_then(|i| intent.subject(i))
                            .is_some_and(|s| s.with.is_none() && !s.being)
                });
                match (things.next(), things.next()) {
                    (Some(only), None)
                        if !group(picture.condition)
                            && noun.is_none()
                            && given_name(&picture.condition.name).is_none()
                            && pictures.len() == 1 =>
                    {
                        only.identities.push(picture);
                    }
                    _ => members.push(Member {
                        identities: vec![picture],
                        ..Member::default()
                    }),
                }
            }
        }
    }
    for picture in &pictures {
        if let Some(to) = same_as(picture.condition.id) {
            let owner = members
                .iter_mut()
                .find(|m| m.identities.iter().any(|i| i.condition.id == to));
            match owner {
                Some(member) => member.identities.push(*picture),
                None => members.push(Member {
                    identities: vec![*picture],
                    ..Member::default()
                }),
            }
        }
    }
}

/// Nouns that fit anybody.
fn general(noun: &str) -> bool {
    matches!(
        noun,
        "person"
            | "people"
            | "figure"
            | "character"
            | "stranger"
            | "crowd"
            | "couple"
            | "family"
            | "friend"
            | "hero"
            | "dancer"
            | "singer"
            | "runner"
    )
}

/// Whether a noun names an animal or thing that a human skeleton does not fit.
pub(crate) fn animal(noun: &str) -> bool {
    matches!(
        verbs::singular(&noun.to_lowercase()).as_str(),
        "dog"
            | "puppy"
            | "cat"
            | "kitten"
            | "horse"
            | "bird"
            | "fox"
            | "wolf"
            | "bear"
            | "lion"
            | "tiger"
            | "elephant"
            | "deer"
            | "rabbit"
            | "mouse"
            | "fish"
            | "whale"
            | "dolphin"
            | "shark"
            | "owl"
            | "crow"
            | "raven"
            | "eagle"
            | "pigeon"
            | "duck"
            | "swan"
            | "cow"
            | "sheep"
            | "goat"
            | "pig"
            | "chicken"
            | "monkey"
            | "snake"
            | "frog"
            | "turtle"
            | "butterfly"
            | "bee"
            | "spider"
            | "corgi"
            | "panda"
            | "dragon"
            | "creature"
    )
}

fn performers<'a>(
    shot: &'a Shot,
    readings: &'a BTreeMap<ConditionId, Reading>,
    intent: &Intent,
    members: &mut Vec<Member<'a>>,
) {
    let mut free: Vec<Performer<'a>> = Vec::new();
    for condition in shot
        .conditions
        .iter()
        .filter(|c| c.kind == ConditionKind::Pose)
    {
        let Some(Reading::Pose(reading)) = readings.get(&condition.id) else {
            continue;
        };
        let mut people: Vec<&Person> = reading.people.iter().collect();
        people.sort_by(|a, b| a.position.x.total_cmp(&b.position.x).then(a.id.cmp(&b.id)));
        for person in people {
            let performer = Performer {
                condition,
                reading,
                person,
            };
            let bound = shot.bindings.iter().find(|b| {
                b.kind == BindingKind::PerformedBy
                    && b.from == condition.id
                    && (b.person == Some(person.id)
                        || b.person.is_none() && reading.people.len() == 1)
            });
            let owner = bound.and_then(|b| b.to).and_then(|to| {
                members
                    .iter_mut()
                    .find(|m| m.identities.iter().any(|i| i.condition.id == to))
            });
            // One figure cannot be all who are in a picture of several.
            let owner = owner.filter(|m| {
                m.subject.is_some() || !m.identities.iter().any(|i| group(i.condition))
            });
            match owner {
                Some(member) => member.performers.push(performer),
                None => free.push(performer),
            }
        }
    }
    for performer in free {
        let slot = members.iter_mut().find(|m| {
            let subject = m.subject.and_then(|i| intent.subject(i));
            match subject {
                Some(s) if s.plural && s.being && s.with.is_none() => {
                    !animal(&s.head) && s.count.is_none_or(|n| (m.performers.len() as u32) < n)
                }
                Some(s) => {
                    m.performers.is_empty()
                        && s.being
                        && !animal(&s.head)
                        && (s.with.is_none() || general(&s.head) || human(&s.head))
                }
                None => {
                    m.performers.is_empty()
                        && !m.identities.is_empty()
                        && (intent.subjects.is_empty()
                            || m.identities
                                .iter()
                                .any(|i| given_name(&i.condition.name).is_some()))
                        && !m.identities.iter().any(|i| group(i.condition))
                }
            }
        });
        match slot {
            Some(member) => member.performers.push(performer),
            None => members.push(Member {
                performers: vec![performer],
                ..Member::default()
            }),
        }
    }
}

fn human(noun: &str) -> bool {
    let noun = verbs::singular(&noun.to_lowercase());
    verbs::being(&noun) && !animal(&noun)
}

/// The pronoun the prompt, or a note of the person's, allows.
pub(crate) fn pronoun_of(member: &Member<'_>, intent: &Intent) -> Option<Pronoun> {
    if let Some(subject) = member.subject.and_then(|i| intent.subject(i)) {
        if subject.plural {
            return Some(Pronoun::They);
        }
        if subject.pronoun.is_some() {
            return subject.pronoun;
        }
    }
    member.identities.iter().find_map(|identity| {
        identity
            .condition
            .note
            .split(|c: char| !c.is_alphabetic())
            .find_map(|w| {
                // "Her dog" tells whose dog it is, not what the dog is called.
                Some(match w.to_lowercase().as_str() {
                    "she" | "woman" | "girl" => Pronoun::She,
                    "he" | "man" | "boy" => Pronoun::He,
                    _ => return None,
                })
            })
    })
}
