//! Where prompt and conditions agree and where they do not. The text wins.

mod people;

use decoupage_conditions::Reading;
use decoupage_conditions::camera::{MoveKind, Speed, Steadiness};
use decoupage_conditions::identity::{BackgroundKind, LightKey};
use decoupage_shot::{Agreement, Alignment, ConditionId, ConditionKind, Conflict};

use super::compose::listed;
use super::facts::{Facts, label};
use super::moves::{fulfils, opposite, summary};
use crate::composition::between;
use crate::prompt::CameraWish;

pub(crate) use people::naming;

/// What the alignment settled for the sections.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Decisions {
    /// The path's moves stand; otherwise the prompt's do.
    pub path_moves: bool,
    /// The path's steadiness stands.
    pub path_steadiness: bool,
    /// Members whose measured actions lost against the prompt.
    pub lost_action: Vec<usize>,
    /// Members whose measured travel lost against the prompt.
    pub lost_travel: Vec<usize>,
    /// Members whose figures are left out, because the prompt wants fewer.
    pub left_out: Vec<usize>,
    /// Colours of style pictures lost against the prompt.
    pub lost_palette: bool,
}

/// Finds agreements and conflicts, and settles them.
pub(crate) fn align(facts: &Facts<'_>) -> (Alignment, Decisions) {
    let mut work = Work {
        facts,
        out: Alignment::default(),
        decisions: Decisions {
            path_moves: facts.path.is_some(),
            path_steadiness: facts.path.is_some(),
            ..Decisions::default()
        },
    };
    work.camera();
    work.steadiness();
    work.actions();
    work.people();
    work.light();
    work.palette();
    work.length();
    work.conditions();
    (work.out, work.decisions)
}

struct Work<'f, 'a> {
    facts: &'f Facts<'a>,
    out: Alignment,
    decisions: Decisions,
}

impl Work<'_, '_> {
    fn agree(&mut self, about: &str, text: String, conditions: Vec<ConditionId>) {
        self.out.agreements.push(Agreement {
            about: about.to_owned(),
            text,
            conditions,
        });
    }

    fn conflict(
        &mut self,
        about: &str,
        prompt: String,
        condition: String,
        resolution: &str,
        id: Option<ConditionId>,
    ) {
        self.out.conflicts.push(Conflict {
            about: about.to_owned(),
            prompt_says: prompt,
            condition_says: condition,
            resolution: resolution.to_owned(),
            condition: id,
        });
    }

    fn camera(&mut self) {
        let wishes = &self.facts.intent.camera;
        let fixed = wishes.iter().find(|w| w.wish == CameraWish::Static);
        let moves: Vec<(&str, &[MoveKind], &str)> = wishes
            .iter()
            .filter_map(|w| match &w.wish {
                CameraWish::Move { kinds, says } => {
                    Some((w.text.as_str(), kinds.as_slice(), says.as_str()))
                }
                _ => None,
            })
            .collect();
        let Some(path) = self.facts.path else { return };
        let id = path.condition.id;
        let said = format!("{} {}", label(path.condition), summary(path.reading));
        let path_kinds: Vec<MoveKind> = path
            .reading
            .moves
            .iter()
            .map(|m| m.kind)
            .filter(|k| *k != MoveKind::Static)
            .collect();
        if let Some(fixed) = fixed.filter(|_| moves.is_empty()) {
            if path_kinds.is_empty() {
                self.agree(
                    "camera",
                    format!(
                        "The prompt asks for “{}”, and {} does not move.",
                        fixed.text,
                        path_label(path.condition)
                    ),
                    vec![id],
                );
            } else {
                self.decisions.path_moves = false;
                self.decisions.path_steadiness = false;
                self.conflict(
                    "camera",
                    format!("“{}”", fixed.text),
                    said,
                    "The prompt wins: the camera holds still, and the path is set aside.",
                    Some(id),
                );
            }
            return;
        }
        let mut all = true;
        for (text, kinds, _) in &moves {
            if kinds.is_empty() {
                continue;
            }
            if path_kinds
                .iter()
                .any(|p| kinds.iter().any(|k| fulfils(*k, *p)))
            {
                continue;
            }
            all = false;
            let against = path_kinds
                .iter()
                .any(|p| kinds.len() == 1 && kinds.contains(&opposite(*p)));
            let resolution = if against {
                "The prompt wins: the camera moves the way it says, and the path is set aside."
            } else {
                "The prompt wins: its move is described, and the path is set aside."
            };
            self.decisions.path_moves = false;
            self.conflict(
                "camera",
                format!("“{text}”"),
                said.clone(),
                resolution,
                Some(id),
            );
        }
        if all && !moves.is_empty() {
            let asked: Vec<String> = moves.iter().map(|(text, ..)| format!("“{text}”")).collect();
            self.agree(
                "camera",
                format!("The prompt asks for {}, and {said}.", listed(&asked)),
                vec![id],
            );
            let wish_speed = moves.iter().find_map(|(_, _, says)| speed_word(says));
            let measured = path
                .reading
                .moves
                .iter()
                .find(|m| m.kind != MoveKind::Static)
                .map(|m| m.speed);
            match (wish_speed, measured) {
                (Some((word, Speed::Slow)), Some(Speed::Fast))
                | (Some((word, Speed::Fast)), Some(Speed::Slow)) => {
                    let is = if measured == Some(Speed::Fast) {
                        "fast"
                    } else {
                        "slow"
                    };
                    self.conflict(
                        "camera speed",
                        format!("“{word}”"),
                        format!("{} is {is}", label(path.condition)),
                        "The prompt wins: its speed is described.",
                        Some(id),
                    );
                }
                _ => {}
            }
        }
    }

    fn steadiness(&mut self) {
        let Some(path) = self.facts.path else { return };
        let id = path.condition.id;
        let held = |wish: &CameraWish| {
            self.facts
                .intent
                .camera
                .iter()
                .find(|w| w.wish == *wish)
                .map(|w| w.text.clone())
        };
        let smooth = matches!(
            path.reading.steadiness,
            Steadiness::Static | Steadiness::Steady
        );
        let shaky = matches!(
            path.reading.steadiness,
            Steadiness::Unsteady | Steadiness::VeryUnsteady
        );
        let (hand, steady) = (held(&CameraWish::Handheld), held(&CameraWish::Steady));
        if let Some(text) = hand {
            self.decisions.path_steadiness = false;
            if smooth {
                self.conflict(
                    "steadiness",
                    format!("“{text}”"),
                    format!("{} runs smoothly, without shake", label(path.condition)),
                    "The prompt wins: the camera is held by hand along the path.",
                    Some(id),
                );
            } else {
                self.agree(
                    "steadiness",
                    format!("The prompt asks for “{text}”, and the path shakes."),
                    vec![id],
                );
            }
        } else if let Some(text) = steady {
            if shaky {
                self.decisions.path_steadiness = false;
                self.conflict(
                    "steadiness",
                    format!("“{text}”"),
                    format!("{} shakes", label(path.condition)),
                    "The prompt wins: the camera is steady.",
                    Some(id),
                );
            } else {
                self.agree(
                    "steadiness",
                    format!("The prompt asks for “{text}”, and the path is steady."),
                    vec![id],
                );
            }
        }
    }

    fn light(&mut self) {
        let dark = self.facts.intent.times.iter().find(|t| {
            matches!(
                t.key.as_str(),
                "night" | "midnight" | "nightfall" | "nighttime"
            )
        });
        let bright = self
            .facts
            .intent
            .times
            .iter()
            .find(|t| matches!(t.key.as_str(), "noon" | "midday" | "daytime" | "daylight"));
        for condition in &self.facts.shot.conditions {
            let key = match self.facts.brief.readings.get(&condition.id) {
                Some(Reading::Identity(r)) if r.background.kind == BackgroundKind::Scene => {
                    r.light.key
                }
                Some(reading) => {
                    let light = reading.plain().and_then(|plain| {
                        let lights_the_shot = matches!(
                            plain.role,
                            ConditionKind::FirstFrame
                                | ConditionKind::LastFrame
                                | ConditionKind::Style
                                | ConditionKind::ReferenceVideo
                        );
                        plain.light.filter(|_| lights_the_shot)
                    });
                    match light {
                        Some(light) => light.key,
                        None => continue,
                    }
                }
                None => continue,
            };
            let (term, shows) = match (dark, bright, key) {
                (Some(term), _, LightKey::High) => (term, "bright, high-key light"),
                (_, Some(term), LightKey::Low) => (term, "dark, low-key light"),
                (Some(term), _, LightKey::Low) => {
                    self.agree(
                        "light",
                        format!(
                            "The prompt says “{}”, and {} is dark.",
                            term.text,
                            path_label(condition)
                        ),
                        vec![condition.id],
                    );
                    continue;
                }
                _ => continue,
            };
            self.conflict(
                "light",
                format!("“{}”", term.text),
                format!("{} shows {shows}", label(condition)),
                "The prompt wins: the hour it names sets the light.",
                Some(condition.id),
            );
        }
    }

    fn palette(&mut self) {
        let wish = |words: &[&str]| {
            self.facts
                .intent
                .style
                .iter()
                .find(|s| words.iter().any(|w| s.text.to_lowercase().contains(w)))
                .map(|s| s.text.clone())
        };
        let grey = wish(&["black and white", "black-and-white", "monochrome"]);
        let warm = wish(&["warm"]);
        let cool = wish(&["cool", "cold"]);
        let looks: Vec<_> = self
            .facts
            .looks
            .iter()
            .filter(|(_, r)| {
                matches!(
                    r.role,
                    ConditionKind::Style
                        | ConditionKind::FirstFrame
                        | ConditionKind::ReferenceVideo
                )
            })
            .filter_map(|(c, r)| Some((*c, r.light?)))
            .collect();
        for (condition, light) in looks {
            let (text, shows) = match (&grey, &warm, &cool) {
                (Some(text), ..) if light.saturation > 0.12 => (text.clone(), "colour"),
                (_, Some(text), _) if light.warmth < -0.2 => (text.clone(), "cool colours"),
                (_, _, Some(text)) if light.warmth > 0.2 => (text.clone(), "warm colours"),
                _ => continue,
            };
            self.decisions.lost_palette = true;
            self.conflict(
                "palette",
                format!("“{text}”"),
                format!("{} shows {shows}", label(condition)),
                "The prompt wins: the colours follow it.",
                Some(condition.id),
            );
        }
    }

    /// What the conditions say of each other.
    fn conditions(&mut self) {
        let between = between(self.facts.shot, self.facts.brief.readings);
        self.out.agreements.extend(between.agreements);
        for clash in between.clashes {
            self.conflict(
                &clash.about,
                clash.first_says,
                clash.second_says,
                &clash.resolution,
                clash.conditions.last().copied(),
            );
        }
    }

    /// A length that the person set against those of the conditions.
    fn length(&mut self) {
        let Some(wanted) = self.facts.shot.duration_s.filter(|d| *d > 0.0) else {
            return;
        };
        let differs = |a: f64, b: f64| (a - b).abs() > (0.1 * a.max(b)).max(0.25);
        for (condition, length, assumed) in self.facts.lengths() {
            let end = length + condition.offset_s;
            if assumed || !differs(wanted, end) {
                continue;
            }
            let resolution = if end > wanted {
                "The shot's length wins: what comes after its end is not used."
            } else {
                "The shot's length wins: after the condition's end nothing more is measured."
            };
            self.conflict(
                "length",
                format!("The shot runs {wanted:.1} s"),
                format!("{} ends at {end:.1} s", label(condition)),
                resolution,
                Some(condition.id),
            );
        }
    }
}

/// The condition within a sentence: "the camera path".
fn path_label(condition: &decoupage_shot::Condition) -> String {
    format!("the {}", condition.kind.title())
}

fn speed_word(says: &str) -> Option<(&'static str, Speed)> {
    says.split(' ').find_map(|w| {
        Some(match w {
            "slowly" => ("slowly", Speed::Slow),
            "gently" => ("gently", Speed::Slow),
            "fast" => ("fast", Speed::Fast),
            "quickly" => ("quickly", Speed::Fast),
            "rapidly" => ("rapidly", Speed::Fast),
            _ => return None,
        })
    })
}
