//! Sentences about one person.

use super::{Clip, at_time, faces, seconds, span_of, when};
use crate::pose::{
    Across, ActionKind, Approach, Edge, Facing, HandHeight, Person, PersonAction, Side,
};
use crate::reading::{Evidence, Statement, TimeSpan};

/// Builds one person's statements.
struct Teller<'a> {
    person: &'a Person,
    name: &'a str,
    others: &'a [(u32, &'a str)],
    clip: &'a Clip,
    said: Vec<Statement>,
}

/// Sentences about one person; `others` are all people's identities and names.
pub fn about(person: &Person, name: &str, others: &[(u32, &str)], clip: &Clip) -> Vec<Statement> {
    let mut teller = Teller {
        person,
        name,
        others,
        clip,
        said: Vec::new(),
    };
    if clip.frames > 2 {
        teller.presence();
        teller.steps();
        teller.stillness();
        for action in &person.actions {
            teller.action(action);
        }
    }
    teller.facing();
    teller.said
}

impl Teller<'_> {
    fn say(&mut self, text: String, span: Option<TimeSpan>, evidence: Evidence, confidence: f64) {
        let statement = Statement::new(format!("{} {text}.", self.name), evidence, confidence);
        self.said.push(match span {
            Some(span) => statement.during(span.start_s, span.end_s),
            None => statement,
        });
    }

    fn whole(&self) -> TimeSpan {
        self.person.present
    }

    fn at(&self, time_s: f64) -> String {
        at_time(time_s, self.whole(), self.clip)
    }

    fn does(&self, kind: ActionKind) -> bool {
        self.of(kind).next().is_some()
    }

    fn of(&self, kind: ActionKind) -> impl Iterator<Item = &PersonAction> {
        self.person
            .actions
            .iter()
            .filter(move |action| action.action == kind)
    }

    fn presence(&mut self) {
        let whole = self.whole();
        let clip = TimeSpan {
            start_s: 0.0,
            end_s: self.clip.duration_s,
        };
        let evidence = Evidence::measured("present", whole.end_s - whole.start_s, "s");
        let side = |edge| match edge {
            Edge::Left => "left",
            Edge::Right => "right",
        };
        if let Some(edge) = self.person.enters {
            let when = at_time(whole.start_s, clip, self.clip);
            let text = format!("comes into frame from the {}{when}", side(edge));
            self.say(text, None, evidence.clone(), 0.8);
        }
        if let Some(edge) = self.person.leaves {
            let when = at_time(whole.end_s, clip, self.clip);
            let text = format!("leaves the frame on the {}{when}", side(edge));
            self.say(text, None, evidence, 0.8);
        }
    }

    fn facing(&mut self) {
        // Said by the turns, if there are any.
        if self.does(ActionKind::Turning) {
            return;
        }
        if let Some(words) = faces(self.person.facing) {
            let evidence = Evidence::measured("shoulder order and head", 1.0, "facing");
            self.say(format!("faces {words}"), None, evidence, 0.75);
        }
    }

    fn steps(&mut self) {
        let strides: Vec<PersonAction> = self
            .person
            .actions
            .iter()
            .filter(|action| matches!(action.action, ActionKind::Walking | ActionKind::Running))
            .cloned()
            .collect();
        for action in &strides {
            self.stride(action, strides.len() == 1);
        }
        if strides.is_empty() {
            self.drift();
        }
    }

    fn stride(&mut self, action: &PersonAction, alone: bool) {
        let travel = self.person.travel;
        let span = span_of(action);
        let (when, throughout) = when(span, self.whole(), self.clip);
        let mut text = if action.action == ActionKind::Running {
            "runs"
        } else {
            "walks"
        }
        .to_owned();
        let mut aside = "";
        if throughout || alone {
            match travel.across {
                Across::LeftToRight => text += " from left to right",
                Across::RightToLeft => text += " from right to left",
                Across::None => {}
            }
            match (travel.depth, travel.across, self.person.facing) {
                (
                    Approach::Toward,
                    _,
                    Facing::Camera | Facing::ThreeQuarterLeft | Facing::ThreeQuarterRight,
                ) => text += " towards the camera",
                (Approach::Away, _, Facing::Away) => text += " away from the camera",
                (Approach::Toward, ..) => aside = ", growing larger in frame",
                (Approach::Away, ..) => aside = ", growing smaller in frame",
                (Approach::None, Across::None, _) => aside = ", keeping its place in frame",
                _ => {}
            }
        }
        let mut evidence =
            Evidence::measured("steps", f64::from(action.steps.unwrap_or(0)), "steps");
        if let (Some(cadence), false) = (action.per_minute, self.clip.times_assumed) {
            let rounded = (cadence / 5.0).round() * 5.0;
            text += &format!(" at about {rounded:.0} steps a minute");
            evidence = Evidence::measured("cadence", cadence, "steps/min");
        }
        let span = (!throughout).then_some(span);
        self.say(
            format!("{text}{when}{aside}"),
            span,
            evidence,
            action.confidence,
        );
    }

    /// Travel that no steps were seen for.
    fn drift(&mut self) {
        let travel = self.person.travel;
        let share =
            Evidence::measured("travel across", travel.across_share, "share of frame width");
        let way = match travel.across {
            Across::LeftToRight => Some("from left to right"),
            Across::RightToLeft => Some("from right to left"),
            Across::None => None,
        };
        if let Some(way) = way {
            self.say(format!("moves {way} across the frame"), None, share, 0.8);
        }
        let ratio = Evidence::measured("size, last over first", travel.size_ratio, "ratio");
        match travel.depth {
            Approach::Toward => self.say("grows larger in frame".into(), None, ratio, 0.7),
            Approach::Away => self.say("grows smaller in frame".into(), None, ratio, 0.7),
            Approach::None => {}
        }
    }

    fn stillness(&mut self) {
        let whole = self.whole();
        let length = whole.end_s - whole.start_s;
        let walks = self.does(ActionKind::Walking) || self.does(ActionKind::Running);
        let still: Vec<PersonAction> = self.of(ActionKind::StandingStill).cloned().collect();
        let still_for: f64 = still.iter().map(|a| a.end_s - a.start_s).sum();
        if still_for > 0.85 * length {
            let evidence = Evidence::measured("time standing still", still_for, "s");
            self.say("stands still".into(), None, evidence, 0.85);
            return;
        }
        if let Some(placed) = self
            .person
            .in_place
            .filter(|placed| !walks && placed.seconds > 0.75 * length)
        {
            let evidence = Evidence::measured("time in place", placed.seconds, "s");
            let text = if placed.stands {
                "stands in place"
            } else {
                "stays in place"
            };
            self.say(text.into(), None, evidence, 0.75);
            return;
        }
        for action in still {
            let span = span_of(&action);
            let (when, _) = when(span, whole, self.clip);
            let evidence =
                Evidence::measured("time standing still", span.end_s - span.start_s, "s");
            let text = format!("stands still{when}");
            self.say(text, Some(span), evidence, action.confidence);
        }
    }

    /// Whether another action of a kind begins where this one ends.
    fn followed_by(&self, action: &PersonAction, kind: ActionKind) -> Option<&PersonAction> {
        self.of(kind)
            .find(|next| (next.start_s - action.end_s).abs() < 0.3)
    }

    fn preceded_by(&self, action: &PersonAction, kind: ActionKind) -> bool {
        self.of(kind)
            .any(|before| (before.end_s - action.start_s).abs() < 0.3)
    }

    fn action(&mut self, action: &PersonAction) {
        use ActionKind as A;
        let span = span_of(action);
        let whole = self.whole();
        let at = self.at(span.start_s);
        let (during, throughout) = when(span, whole, self.clip);
        let from_the_start = span.start_s - whole.start_s <= 0.25;
        let hand = hand(action.side);
        let with = self.other(action);
        let (text, quantity) = match action.action {
            // Told by the steps and the stillness, or saying nothing.
            A::StandingStill | A::Walking | A::Running | A::Moving => return,
            A::Crouching => (format!("crouches{during}"), "thigh drop"),
            A::Kneeling if from_the_start => (format!("kneels{during}"), "shins level"),
            A::Kneeling => (format!("kneels down{during}"), "shins level"),
            A::SittingDown => (
                self.down(action, A::Sitting, "sits down", "stays seated"),
                "hip descent",
            ),
            A::LyingDown => (
                self.down(action, A::Lying, "lies down", "stays lying"),
                "hip descent",
            ),
            A::Sitting if self.preceded_by(action, A::SittingDown) => return,
            A::Lying if self.preceded_by(action, A::LyingDown) => return,
            A::Sitting => (format!("sits{during}"), "thigh drop"),
            A::Lying => (format!("lies on the ground{during}"), "trunk level"),
            A::StandingUp => (format!("stands up{at}"), "hip rise"),
            A::Jumping => (format!("jumps{at}"), "rise of both feet"),
            A::Bending if throughout => ("is bent forward throughout".to_owned(), "lean"),
            A::Bending if from_the_start => (format!("is bent forward{during}"), "lean"),
            A::Bending => (format!("bends forward{during}"), "lean"),
            A::Turning => {
                let Some(text) = turn(action, &at) else {
                    return;
                };
                (text, "turn")
            }
            A::Waving => (format!("waves {hand}{during}"), "time waving"),
            A::RaisingArm => {
                // A hand that waves is raised.
                let waving = self.of(A::Waving).any(|wave| {
                    wave.side == action.side
                        && wave.start_s < action.end_s
                        && wave.end_s > action.start_s
                });
                if waving {
                    return;
                }
                (raised(action, from_the_start, &at, &during), "time raised")
            }
            A::Pointing => (
                format!("points with {}{during}", arm(action.side)),
                "straight arm held out",
            ),
            A::Reaching => (
                format!("reaches out with {hand}{at}"),
                "arm and trunk go out",
            ),
            A::Clapping => (format!("claps{during}"), "hands meet"),
            A::PickingUp => (
                format!("reaches down to the ground with {hand} and comes up again{at}"),
                "hand at the ground",
            ),
            A::Throwing => (format!("throws overarm with {hand}{at}"), "hand speed"),
            A::Punching => (format!("punches with {hand}{at}"), "hand speed"),
            A::Kicking => (
                format!("kicks with {}{at}", foot(action.side)),
                "foot speed",
            ),
            A::TouchingFace => (
                format!("holds {hand} to the face{during}"),
                "hand at the face",
            ),
            A::TurningHead => {
                let way = match action.side {
                    Some(Side::Left) => " to the own left",
                    Some(Side::Right) => " to the own right",
                    _ => " aside",
                };
                (format!("turns the head{way}{during}"), "head against body")
            }
            A::LookingDown => (format!("looks down{during}"), "nose below ears"),
            A::LookingUp => (format!("looks up{during}"), "nose above ears"),
            A::Dancing => {
                let beat = match (action.per_minute, self.clip.times_assumed) {
                    (Some(beats), false) => format!(" at about {beats:.0} beats a minute"),
                    _ => String::new(),
                };
                (format!("dances{beat}{during}"), "rhythm of the body")
            }
            A::Hugging => (format!("hugs {with}{during}"), "arms around"),
            A::Approaching => (format!("comes up to {with}{at}"), "distance falls"),
            A::Parting => (format!("parts from {with}{at}"), "distance grows"),
        };
        let evidence = match (action.action, action.amount_deg, action.per_minute) {
            (A::Turning | A::TurningHead, Some(degrees), _) => {
                Evidence::measured(quantity, degrees, "deg")
            }
            (A::Dancing, _, Some(beats)) => Evidence::measured("tempo", beats, "beats/min"),
            _ => Evidence::measured(quantity, span.end_s - span.start_s, "s"),
        };
        let span = (!throughout).then_some(span);
        self.say(text, span, evidence, action.confidence);
    }

    /// "sits down at 1.2 s and stays seated".
    fn down(&self, action: &PersonAction, then: ActionKind, verb: &str, stays: &str) -> String {
        let at = self.at(action.start_s);
        match self.followed_by(action, then) {
            Some(state) if self.whole().end_s - state.end_s < 0.4 => {
                format!("{verb}{at} and {stays}")
            }
            Some(state) if !self.clip.times_assumed => {
                format!("{verb}{at} and {stays} until {}", seconds(state.end_s))
            }
            _ => format!("{verb}{at}"),
        }
    }

    /// What the other person of an action is called within a sentence.
    fn other(&self, action: &PersonAction) -> String {
        let name = self
            .others
            .iter()
            .find(|(id, _)| Some(*id) == action.other)
            .map(|(_, name)| *name);
        match name {
            // "The figure on the left" stands in the middle of the sentence.
            Some(name) => match name.strip_prefix("The figure") {
                Some(rest) => format!("the figure{rest}"),
                None => name.to_owned(),
            },
            None => "the other".to_owned(),
        }
    }
}

/// "turns about 90° to the own left at 1.2 s, from facing … to facing …".
fn turn(action: &PersonAction, at: &str) -> Option<String> {
    let way = match action.side {
        Some(Side::Left) => " to the own left",
        Some(Side::Right) => " to the own right",
        _ => "",
    };
    let facings = action.from.and_then(faces).zip(action.to.and_then(faces));
    let about = match action.amount_deg {
        Some(degrees) if degrees >= 165.0 => " right round".to_owned(),
        Some(degrees) => format!(" about {degrees:.0}°{way}"),
        None => way.to_owned(),
    };
    match facings {
        Some((from, to)) => Some(format!(
            "turns{about}{at}, from facing {from} to facing {to}"
        )),
        None if action.amount_deg.is_some() || action.confidence >= 1.0 => {
            Some(format!("turns{about}{at}"))
        }
        None => None,
    }
}

fn raised(action: &PersonAction, from_the_start: bool, at: &str, during: &str) -> String {
    let height = action.height.unwrap_or(HandHeight::AboveHead);
    let (hand, arm) = (hand(action.side), arm(action.side));
    if from_the_start {
        let level = match height {
            HandHeight::AboveHead => "above the head",
            HandHeight::AboveShoulder => "above the shoulder",
            HandHeight::Shoulder => "at shoulder height",
            HandHeight::Chest => "at chest height",
        };
        return format!("holds {hand} {level}{during}");
    }
    match height {
        HandHeight::AboveHead => format!("raises {arm} above the head{at}"),
        HandHeight::AboveShoulder => format!("raises {arm} above the shoulder{at}"),
        HandHeight::Shoulder => format!("brings {hand} up to shoulder height{at}"),
        HandHeight::Chest => format!("brings {hand} up to chest height{at}"),
    }
}

fn arm(side: Option<Side>) -> &'static str {
    match side {
        Some(Side::Left) => "the left arm",
        Some(Side::Right) => "the right arm",
        Some(Side::Both) => "both arms",
        None => "an arm",
    }
}

fn hand(side: Option<Side>) -> &'static str {
    match side {
        Some(Side::Left) => "the left hand",
        Some(Side::Right) => "the right hand",
        Some(Side::Both) => "both hands",
        None => "a hand",
    }
}

fn foot(side: Option<Side>) -> &'static str {
    match side {
        Some(Side::Left) => "the left foot",
        Some(Side::Right) => "the right foot",
        _ => "a foot",
    }
}
