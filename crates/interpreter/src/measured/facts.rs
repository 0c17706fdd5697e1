//! Everything the sections and the trace are written from.

use decoupage_conditions::Reading;
use decoupage_conditions::camera::CameraReading;
use decoupage_conditions::depth::DepthReading;
use decoupage_conditions::plain::PlainReading;
use decoupage_shot::{BindingKind, Condition, ConditionId, ConditionKind, Shot};

use super::align::Decisions;
use super::cast::{Member, Performer, cast, given_name, pronoun_of};
use super::clock::Clock;
use super::compose::{Words, article, capital};
use crate::Brief;
use crate::prompt::lexicon as lex;
use crate::prompt::{Clause, Intent, Pronoun, Subject, parse};

/// The path that is the shot's camera.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Path<'a> {
    pub condition: &'a Condition,
    pub reading: &'a CameraReading,
    pub clock: Clock,
}

/// What is known before anything is written.
#[derive(Debug)]
pub(crate) struct Facts<'a> {
    pub shot: &'a Shot,
    pub brief: Brief<'a>,
    pub intent: Intent,
    pub cast: Vec<Member<'a>>,
    pub path: Option<Path<'a>>,
    /// Camera paths that are not the shot's camera.
    pub spare_paths: Vec<Path<'a>>,
    pub depths: Vec<(&'a Condition, &'a DepthReading)>,
    pub looks: Vec<(&'a Condition, &'a PlainReading)>,
    pub decisions: Decisions,
}

impl<'a> Facts<'a> {
    pub fn gather(brief: &Brief<'a>) -> Self {
        let shot = brief.shot;
        let intent = parse(&shot.prompt);
        let mut paths: Vec<Path<'a>> = Vec::new();
        let mut depths = Vec::new();
        let mut looks = Vec::new();
        for condition in &shot.conditions {
            match brief.readings.get(&condition.id) {
                Some(Reading::Camera(reading)) => paths.push(Path {
                    condition,
                    reading,
                    clock: clock(condition, reading.duration_s, reading.times_assumed),
                }),
                Some(Reading::Depth(reading)) => depths.push((condition, reading)),
                Some(reading) => looks.extend(reading.plain().map(|plain| (condition, plain))),
                None => {}
            }
        }
        let bound = |id: ConditionId| {
            shot.bindings
                .iter()
                .any(|b| b.kind == BindingKind::ShotCamera && b.from == id)
        };
        let main = paths
            .iter()
            .position(|p| bound(p.condition.id))
            .or(if paths.is_empty() { None } else { Some(0) });
        let path = main.map(|i| paths.remove(i));
        let cast = cast(shot, brief.readings, &intent);
        Self {
            shot,
            brief: *brief,
            decisions: Decisions::default(),
            intent,
            cast,
            path,
            spare_paths: paths,
            depths,
            looks,
        }
    }

    /// Conditions of one kind, read or not.
    pub fn conditions(&self, kind: ConditionKind) -> impl Iterator<Item = &'a Condition> + '_ {
        self.shot.conditions.iter().filter(move |c| c.kind == kind)
    }

    pub fn subject(&self, member: &Member<'_>) -> Option<&Subject> {
        self.intent.subject(member.subject?)
    }

    /// What the prompt lets this member do.
    pub fn clauses_of(&self, index: usize) -> impl Iterator<Item = &Clause> + '_ {
        let subject = self.cast.get(index).and_then(|m| m.subject);
        self.intent
            .clauses
            .iter()
            .filter(move |c| subject.is_some() && c.subject == subject)
    }

    /// Whether the member takes plural verbs.
    pub fn plural(&self, member: &Member<'_>) -> bool {
        self.subject(member)
            .map_or(member.performers.len() > 1, |s| s.plural)
    }

    /// The pronoun of a member, where the prompt allows one and no other member shares it.
    pub fn pronoun(&self, index: usize) -> Option<Pronoun> {
        let member = self.cast.get(index)?;
        if self.subject(member).is_some_and(|s| !s.being) {
            return None;
        }
        let pronoun = pronoun_of(member, &self.intent)?;
        let shared = self.cast.iter().enumerate().any(|(i, other)| {
            i != index && self.is_figure(other) && pronoun_of(other, &self.intent) == Some(pronoun)
        });
        (!shared).then_some(pronoun)
    }

    /// Whether the member is someone rather than something.
    pub fn is_figure(&self, member: &Member<'_>) -> bool {
        self.subject(member).is_none_or(|s| s.being) || !member.performers.is_empty()
    }

    /// The name given to a member by the person.
    pub fn name_of(&self, member: &Member<'a>) -> Option<(ConditionId, &'a str)> {
        member
            .identities
            .iter()
            .find_map(|i| Some((i.condition.id, given_name(&i.condition.name)?)))
            .or_else(|| {
                // Someone in a pose clip who was given a name by hand.
                member
                    .performers
                    .iter()
                    .find_map(|p| Some((p.condition.id, p.person.name.as_deref()?)))
            })
    }

    /// The member as first mentioned, with its attributes.
    pub fn full(&self, index: usize) -> Words {
        let Some(member) = self.cast.get(index) else {
            return Words::new();
        };
        if let Some(subject) = self.subject(member) {
            return self.described(subject, member);
        }
        if let Some((id, name)) = self.name_of(member) {
            return Words::new().of(id, name);
        }
        if let Some(identity) = member.identity() {
            let id = identity.condition.id;
            return match super::cast::called(identity.condition) {
                Some(noun) => {
                    let alike = |m: &&Member<'a>| {
                        m.subject.is_none()
                            && m.identity().is_some_and(|i| {
                                super::cast::called(i.condition).as_deref() == Some(&noun)
                            })
                    };
                    let before = self.cast.iter().take(index).filter(alike).count();
                    let words = match before {
                        0 => format!("{} {noun}", article(&noun)),
                        1 => format!("a second {noun}"),
                        n => format!("{noun} number {}", n + 1),
                    };
                    Words::new().of(id, words)
                }
                None => Words::new().of(
                    id,
                    self.unnamed("the subject of the reference picture", "picture", index),
                ),
            };
        }
        match member.performer() {
            Some(performer) => {
                let alone = if self.intent.verbatim.is_some() {
                    "the subject"
                } else {
                    "a figure"
                };
                Words::new().of(performer.condition.id, self.figure(index, alone))
            }
            None => Words::new().own("the subject"),
        }
    }

    /// Tells several unnamed pictures apart by their order.
    fn unnamed(&self, alone: &str, noun: &str, index: usize) -> String {
        let nameless = |m: &&Member<'a>| {
            m.subject.is_none()
                && self.name_of(m).is_none()
                && m.identity()
                    .is_some_and(|i| super::cast::called(i.condition).is_none())
        };
        let all = self.cast.iter().filter(nameless).count();
        let before = self.cast.iter().take(index).filter(nameless).count();
        if all < 2 {
            return alone.to_owned();
        }
        let ordinal = ["first", "second", "third", "fourth", "fifth", "sixth"]
            .get(before)
            .copied()
            .unwrap_or("next");
        format!("the subject of the {ordinal} {noun}")
    }

    /// Tells several unnamed figures apart by where they are.
    fn figure(&self, index: usize, alone: &str) -> String {
        let nameless = |m: &&Member<'a>| {
            m.subject.is_none() && m.identities.is_empty() && !m.performers.is_empty()
        };
        let all = self.cast.iter().filter(nameless).count();
        let before = self.cast.iter().take(index).filter(nameless).count();
        match (all, before) {
            (0 | 1, _) => alone.to_owned(),
            (2, 0) | (3, 0) => "the figure on the left".to_owned(),
            (2, 1) | (3, 2) => "the figure on the right".to_owned(),
            (3, 1) => "the figure in the middle".to_owned(),
            (_, n) => format!(
                "the {} figure from the left",
                ["first", "second", "third", "fourth", "fifth", "sixth"]
                    .get(n)
                    .copied()
                    .unwrap_or("next")
            ),
        }
    }

    /// A subject of the prompt with its article, and its colour as exactly as its picture shows.
    fn described(&self, subject: &Subject, member: &Member<'_>) -> Words {
        let mut words = Words::new();
        let text = subject.text.as_str();
        let first = text.split(' ').next().unwrap_or_default();
        if bare(subject) {
            words.push(super::compose::Source::Inferred, article(first));
        }
        let palette = member
            .identities
            .iter()
            .filter_map(|i| Some((i.condition.id, &i.reading?.palette)));
        for (id, swatches) in palette {
            for swatch in swatches {
                let Some((shade, base)) = swatch.name.rsplit_once(' ') else {
                    continue;
                };
                let hit = lex::COLOURS.contains(&base)
                    && !text.contains(&swatch.name)
                    && text.split(' ').any(|w| w == base);
                if let (true, Some(at)) = (hit, find_word(text, base)) {
                    // "a red coat" and a palette with "deep red": a deep red coat.
                    let (head, tail) = text.split_at(at);
                    let head = head.trim_end();
                    let shaded = shade.to_owned();
                    let swap = head
                        .rsplit(' ')
                        .next()
                        .is_some_and(|w| matches!(w, "a" | "an"))
                        && article(shade) != head.rsplit(' ').next().unwrap_or_default();
                    let head = match (swap, head.rsplit_once(' ')) {
                        (true, Some((before, _))) => format!("{before} {}", article(shade)),
                        (true, None) => article(shade).to_owned(),
                        _ => head.to_owned(),
                    };
                    return words.prompt(head).of(id, shaded).prompt(tail);
                }
            }
        }
        words.prompt(text)
    }

    /// The member as mentioned again: a pronoun, a name, or the noun.
    pub fn short(&self, index: usize) -> Words {
        let Some(member) = self.cast.get(index) else {
            return Words::new();
        };
        if let Some(pronoun) = self.pronoun(index) {
            return match self.subject(member) {
                Some(_) => Words::new().prompt(pronoun.subject()),
                None => match member.identity() {
                    Some(i) => Words::new().of(i.condition.id, pronoun.subject()),
                    None => Words::new().own(pronoun.subject()),
                },
            };
        }
        self.noun(index)
    }

    /// The member's name or noun, without attributes.
    pub fn noun(&self, index: usize) -> Words {
        let Some(member) = self.cast.get(index) else {
            return Words::new();
        };
        if let Some(subject) = self.subject(member) {
            if subject.proper {
                return Words::new().prompt(&subject.head);
            }
            let possessive = subject
                .text
                .split(' ')
                .next()
                .is_some_and(|w| lex::POSSESSIVES.contains(&w));
            if (subject.plural && subject.text.contains(" and ")) || possessive {
                return Words::new().prompt(&subject.text);
            }
            if crate::prompt::mass_noun(&subject.head) {
                return Words::new().prompt(format!("the {}", subject.head));
            }
            return Words::new().prompt(format!("the {}", subject.head));
        }
        if self.name_of(member).is_some() {
            return self.full(index);
        }
        if let Some(identity) = member.identity() {
            let id = identity.condition.id;
            return match super::cast::called(identity.condition) {
                Some(noun) => {
                    let alike = |m: &&Member<'a>| {
                        m.subject.is_none()
                            && m.identity().is_some_and(|i| {
                                super::cast::called(i.condition).as_deref() == Some(&noun)
                            })
                    };
                    let before = self.cast.iter().take(index).filter(alike).count();
                    let words = match before {
                        0 => format!("the {noun}"),
                        1 => format!("the second {noun}"),
                        n => format!("{noun} number {}", n + 1),
                    };
                    Words::new().of(id, words)
                }
                None => Words::new().of(id, self.unnamed("the subject", "picture", index)),
            };
        }
        match member.performer() {
            Some(performer) => {
                let alone = if self.intent.verbatim.is_some() {
                    "the subject"
                } else {
                    "the figure"
                };
                Words::new().of(performer.condition.id, self.figure(index, alone))
            }
            None => Words::new().own("the subject"),
        }
    }

    /// Possessive of a member: "her", "the woman's".
    pub fn possessive(&self, index: usize) -> String {
        match self.pronoun(index) {
            Some(pronoun) => pronoun.possessive().to_owned(),
            None => "the".to_owned(),
        }
    }

    /// The clock of a pose.
    pub fn clock_of(&self, performer: Performer<'_>) -> Clock {
        clock(
            performer.condition,
            performer.reading.duration_s,
            performer.reading.times_assumed,
        )
    }

    /// Whether the member is a picture of which nothing says who it is, beside subjects that the
    /// prompt names: then it is told as a picture, not as one of them.
    pub fn loose(&self, index: usize) -> bool {
        self.cast.get(index).is_some_and(|m| {
            m.subject.is_none()
                && m.performers.is_empty()
                && self.name_of(m).is_none()
                && !self.intent.subjects.is_empty()
                && m.identity()
                    .is_some_and(|i| super::cast::called(i.condition).is_none())
        })
    }

    /// Steps a minute of someone on foot; nothing where the clip's seconds are only assumed.
    pub fn cadence(&self, performer: Performer<'_>) -> Option<f64> {
        performer
            .person
            .cadence
            .filter(|c| c.is_finite() && *c > 20.0 && !self.clock_of(performer).assumed)
    }

    /// How long the shot is, and the condition that says so.
    pub fn length(&self) -> Option<(f64, Option<ConditionId>)> {
        if let Some(length) = self.shot.duration_s.filter(|d| *d > 0.0) {
            return Some((length, None));
        }
        self.lengths()
            .into_iter()
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(condition, length, _)| (length, Some(condition.id)))
    }

    /// Conditions with a length on the shot's clock, and whether it is assumed.
    pub fn lengths(&self) -> Vec<(&'a Condition, f64, bool)> {
        crate::composition::lengths(self.shot, self.brief.readings)
            .into_iter()
            .map(|length| (length.condition, length.length_s, length.assumed))
            .collect()
    }

    /// What to call the place in a few words, if the prompt names one.
    pub fn place_noun(&self) -> Option<&str> {
        self.intent.places.first().map(|p| p.head.as_str())
    }
}

/// A subject of the prompt with the article it needs.
pub(crate) fn with_article(subject: &Subject) -> String {
    let first = subject.text.split(' ').next().unwrap_or_default();
    if bare(subject) {
        format!("{} {}", article(first), subject.text)
    } else {
        subject.text.clone()
    }
}

/// Whether a subject lacks the article it needs ("woman running").
fn bare(subject: &Subject) -> bool {
    let first = subject
        .text
        .split(' ')
        .next()
        .unwrap_or_default()
        .to_lowercase();
    !subject.plural
        && !subject.proper
        && !lex::DETERMINERS.contains(&first.as_str())
        && !first
            .chars()
            .next()
            .is_none_or(|c| c.is_ascii_digit() || c == '"' || c == '“')
        && !first.ends_with("'s")
        && !crate::prompt::mass_noun(&subject.head.to_lowercase())
}

fn find_word(text: &str, word: &str) -> Option<usize> {
    text.match_indices(word).map(|(i, _)| i).find(|&i| {
        let before = text.get(..i).and_then(|t| t.chars().next_back());
        let after = text.get(i + word.len()..).and_then(|t| t.chars().next());
        before.is_none_or(|c| c == ' ') && after.is_none_or(|c| !c.is_alphanumeric())
    })
}

fn clock(condition: &Condition, length_s: f64, assumed: bool) -> Clock {
    Clock {
        offset_s: if condition.offset_s.is_finite() {
            condition.offset_s
        } else {
            0.0
        },
        length_s: if length_s.is_finite() {
            length_s.max(0.0)
        } else {
            0.0
        },
        assumed: assumed && condition.options.fps.is_none(),
    }
}

/// A condition as the trace names it: "camera path “orbit”".
pub(crate) fn label(condition: &Condition) -> String {
    let name = condition.name.trim();
    if name.is_empty() {
        capital(condition.kind.title())
    } else {
        format!("{} “{name}”", capital(condition.kind.title()))
    }
}
