//! Sentences about people, in plain film English: only what was measured, once.

use super::formats::CanvasKnown;
use super::measure::Measured;
use super::motion::arms::Height;
use super::motion::gait::Stretch;
use super::{Across, ActionKind, Approach, BodyFraming, Facing, PersonAction, Side};
use crate::reading::{Evidence, Statement, TimeSpan};

/// What sentences need to know of the clip.
#[derive(Debug, Clone, Copy)]
pub struct Clip {
    /// Length in seconds.
    pub duration_s: f64,
    /// Number of frames.
    pub frames: usize,
    /// Whether the times are assumed: then no sentence names seconds.
    pub times_assumed: bool,
    /// How the canvas is known.
    pub canvas: CanvasKnown,
    /// Its size in pixels.
    pub size: [f64; 2],
}

/// What each person is called: by place across the frame.
pub fn names(people: &[Measured]) -> Vec<String> {
    let mut order: Vec<usize> = (0..people.len()).collect();
    order.sort_by(|a, b| people[*a].mean_x.total_cmp(&people[*b].mean_x));
    let apart = order
        .windows(2)
        .all(|pair| people[pair[1]].mean_x - people[pair[0]].mean_x > 0.04);
    let mut names = vec![String::new(); people.len()];
    for (place, who) in order.into_iter().enumerate() {
        names[who] = match (people.len(), place) {
            (1, _) => "The figure".to_owned(),
            (2, 0) if apart => "The figure on the left".to_owned(),
            (2, _) if apart => "The figure on the right".to_owned(),
            (3, 0) if apart => "The figure on the left".to_owned(),
            (3, 1) if apart => "The figure in the middle".to_owned(),
            (3, _) if apart => "The figure on the right".to_owned(),
            _ => format!("Figure {}", people[who].person.id),
        };
    }
    names
}

/// The words for a facing, completing "faces …".
fn faces(facing: Facing) -> Option<&'static str> {
    Some(match facing {
        Facing::Camera => "the camera",
        Facing::Away => "away from the camera",
        Facing::Left => "the left of the frame",
        Facing::Right => "the right of the frame",
        Facing::ThreeQuarterLeft => "three-quarters to the left",
        Facing::ThreeQuarterRight => "three-quarters to the right",
        Facing::Unknown => return None,
    })
}

fn framing_words(framing: BodyFraming) -> Option<&'static str> {
    Some(match framing {
        BodyFraming::FullFigure => "in full figure",
        BodyFraming::KneesUp => "from the knees up",
        BodyFraming::WaistUp => "from the waist up",
        BodyFraming::HeadAndShoulders => "from the shoulders up",
        BodyFraming::Partial => return None,
    })
}

/// Where someone is across the frame.
fn place_words(x: f64) -> &'static str {
    match x {
        x if x < 0.15 => "at the left edge of the frame",
        x if x < 0.42 => "left of centre",
        x if x <= 0.58 => "in the centre of the frame",
        x if x <= 0.85 => "right of centre",
        _ => "at the right edge of the frame",
    }
}

fn number(count: usize) -> String {
    const WORDS: [&str; 13] = [
        "No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten",
        "Eleven", "Twelve",
    ];
    WORDS
        .get(count)
        .map_or_else(|| count.to_string(), |word| (*word).to_owned())
}

/// Sentences about the clip as a whole.
pub fn about_clip(people: &[Measured], names: &[String], clip: &Clip) -> Vec<Statement> {
    let mut said = Vec::new();
    let count = Evidence::measured("people", people.len() as f64, "people");
    match people {
        [] => {}
        [one] => {
            let mut text = "One figure is seen".to_owned();
            if let Some(framing) = framing_words(one.person.position.framing) {
                text += &format!(" {framing}");
            }
            if one.person.travel.across == Across::None && clip.canvas == CanvasKnown::Stored {
                text += &format!(", {}", place_words(one.person.position.x));
            }
            said.push(Statement::new(text + ".", count, 0.95));
        }
        several => {
            let text = format!("{} figures are seen.", number(several.len()));
            said.push(Statement::new(text, count, 0.9));
            for (measured, name) in several.iter().zip(names) {
                let position = measured.person.position;
                let mut parts = Vec::new();
                if let Some(framing) = framing_words(position.framing) {
                    parts.push(format!("seen {framing}"));
                }
                if measured.person.travel.across == Across::None
                    && clip.canvas == CanvasKnown::Stored
                {
                    parts.push(place_words(position.x).to_owned());
                }
                if !parts.is_empty() {
                    let text = format!("{name} is {}.", parts.join(", "));
                    let evidence =
                        Evidence::measured("centre across the frame", position.x, "share");
                    said.push(Statement::new(text, evidence, 0.8));
                }
            }
        }
    }
    match clip.canvas {
        CanvasKnown::Stored => {}
        CanvasKnown::Estimated => said.push(Statement::new(
            format!(
                "The file does not store its picture size; {:.0} × {:.0} is assumed from where the points reach, so places in frame are estimates.",
                clip.size[0], clip.size[1]
            ),
            Evidence::Format,
            1.0,
        )),
        CanvasKnown::Shares => said.push(Statement::new(
            "The file stores points as shares of a picture of unknown proportions; a square is assumed.",
            Evidence::Format,
            1.0,
        )),
    }
    if clip.times_assumed && clip.frames > 1 {
        said.push(Statement::new(
            format!(
                "The frames carry no times; {:.0} a second is assumed.",
                clip.frames as f64 / clip.duration_s.max(1e-6)
            ),
            Evidence::Format,
            1.0,
        ));
    }
    said
}

/// How a time is said: nothing for the whole presence, seconds where they are known.
fn when(span: TimeSpan, whole: TimeSpan, clip: &Clip) -> (String, bool) {
    let length = (whole.end_s - whole.start_s).max(1e-6);
    let lead = (span.start_s - whole.start_s) / length;
    let tail = (whole.end_s - span.end_s) / length;
    if lead < 0.12 && tail < 0.12 {
        return (String::new(), true);
    }
    let words = if clip.times_assumed {
        match (lead, tail) {
            (lead, _) if lead < 0.12 => " at first".to_owned(),
            (_, tail) if tail < 0.12 => " towards the end".to_owned(),
            _ => " partway through".to_owned(),
        }
    } else if lead < 0.12 {
        format!(" until {}", seconds(span.end_s))
    } else if tail < 0.12 {
        format!(" from {} on", seconds(span.start_s))
    } else {
        format!(" from {} to {}", seconds(span.start_s), seconds(span.end_s))
    };
    (words, false)
}

fn seconds(time_s: f64) -> String {
    format!("{time_s:.1} s")
}

fn at_time(time_s: f64, whole: TimeSpan, clip: &Clip) -> String {
    if clip.times_assumed {
        let share = (time_s - whole.start_s) / (whole.end_s - whole.start_s).max(1e-6);
        match share {
            share if share < 0.25 => " early on".to_owned(),
            share if share > 0.75 => " towards the end".to_owned(),
            _ => " partway through".to_owned(),
        }
    } else {
        format!(" at {}", seconds(time_s))
    }
}

fn span_of(action: &PersonAction) -> TimeSpan {
    TimeSpan {
        start_s: action.start_s,
        end_s: action.end_s,
    }
}

/// Builds one person's statements.
struct Teller<'a> {
    measured: &'a Measured,
    name: &'a str,
    clip: &'a Clip,
    said: Vec<Statement>,
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
        self.measured.person.present
    }

    fn presence(&mut self) {
        let whole = self.whole();
        let step = self.clip.duration_s / self.clip.frames.max(1) as f64;
        let margin = (2.5 * step).max(0.15);
        let evidence = Evidence::measured("present", whole.end_s - whole.start_s, "s");
        let side = |x: f64| match x {
            x if x < 0.25 => Some("left"),
            x if x > 0.75 => Some("right"),
            _ => None,
        };
        if whole.start_s > margin
            && self.measured.at_edge[0]
            && let Some(side) = side(self.measured.ends_x[0])
        {
            let when = at_time(whole.start_s, self.clip_span(), self.clip);
            self.say(
                format!("comes into frame from the {side}{when}"),
                None,
                evidence.clone(),
                0.8,
            );
        }
        if self.clip.duration_s - step - whole.end_s > margin
            && self.measured.at_edge[1]
            && let Some(side) = side(self.measured.ends_x[1])
        {
            let when = at_time(whole.end_s, self.clip_span(), self.clip);
            self.say(
                format!("leaves the frame on the {side}{when}"),
                None,
                evidence,
                0.8,
            );
        }
    }

    fn clip_span(&self) -> TimeSpan {
        TimeSpan {
            start_s: 0.0,
            end_s: self.clip.duration_s,
        }
    }

    fn facing(&mut self) {
        let person = &self.measured.person;
        // Said by the turns, if there are any.
        if !self.measured.turns.is_empty() {
            return;
        }
        if let Some(words) = faces(person.facing) {
            self.say(
                format!("faces {words}"),
                None,
                Evidence::measured("shoulder order and head", 1.0, "facing"),
                0.75,
            );
        }
    }

    fn steps(&mut self) {
        let stretches: Vec<Stretch> = self.measured.gait.clone();
        let travel = self.measured.person.travel;
        let long: Vec<&Stretch> = stretches.iter().collect();
        let alone = long.len() == 1;
        for stretch in &long {
            let action = &stretch.action;
            let verb = if action.action == ActionKind::Running {
                "runs"
            } else {
                "walks"
            };
            let span = span_of(action);
            let (when, throughout) = when(span, self.whole(), self.clip);
            let mut text = verb.to_owned();
            let mut aside = "";
            if throughout || alone {
                match travel.across {
                    Across::LeftToRight => text += " from left to right",
                    Across::RightToLeft => text += " from right to left",
                    Across::None => {}
                }
                let facing = self.measured.person.facing;
                match (travel.depth, travel.across, facing) {
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
            let mut evidence = Evidence::measured("steps", stretch.steps as f64, "steps");
            if let (Some(cadence), false) = (stretch.cadence, self.clip.times_assumed) {
                let rounded = (cadence / 5.0).round() * 5.0;
                text += &format!(" at about {rounded:.0} steps a minute");
                evidence = Evidence::measured("cadence", cadence, "steps/min");
            }
            let text = format!("{text}{when}{aside}");
            let span = (!throughout).then_some(span);
            self.say(text, span, evidence, action.confidence);
        }
        if stretches.is_empty() {
            self.drift();
        }
    }

    /// Travel that no steps were seen for.
    fn drift(&mut self) {
        let travel = self.measured.person.travel;
        let share =
            Evidence::measured("travel across", travel.across_share, "share of frame width");
        match travel.across {
            Across::LeftToRight => {
                self.say(
                    "moves from left to right across the frame".into(),
                    None,
                    share,
                    0.8,
                );
            }
            Across::RightToLeft => {
                self.say(
                    "moves from right to left across the frame".into(),
                    None,
                    share,
                    0.8,
                );
            }
            Across::None => {}
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
        let walks = !self.measured.gait.is_empty();
        let still: Vec<PersonAction> = self.of(ActionKind::StandingStill);
        let still_for: f64 = still.iter().map(|a| a.end_s - a.start_s).sum();
        if still_for > 0.85 * length {
            let evidence = Evidence::measured("time standing still", still_for, "s");
            self.say("stands still".into(), None, evidence, 0.85);
            return;
        }
        let placed: f64 = self
            .measured
            .in_place
            .iter()
            .map(|(s, _)| s.end_s - s.start_s)
            .sum();
        let stands = self.measured.in_place.iter().all(|(_, stands)| *stands);
        if !walks && placed > 0.75 * length && !self.measured.in_place.is_empty() {
            let evidence = Evidence::measured("time in place", placed, "s");
            let text = if stands {
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
            self.say(
                format!("stands still{when}"),
                Some(span),
                evidence,
                action.confidence,
            );
        }
    }

    fn of(&self, kind: ActionKind) -> Vec<PersonAction> {
        self.measured
            .person
            .actions
            .iter()
            .filter(|action| action.action == kind)
            .cloned()
            .collect()
    }

    fn bending(&mut self) {
        for span in self.measured.bent.clone() {
            let (when, throughout) = when(span, self.whole(), self.clip);
            let evidence = Evidence::measured("time bent over", span.end_s - span.start_s, "s");
            let starts = span.start_s - self.whole().start_s > 0.25;
            let text = match (throughout, starts) {
                (true, _) => "is bent forward throughout".to_owned(),
                (false, true) => format!("bends forward{when}"),
                (false, false) => format!("is bent forward{when}"),
            };
            self.say(text, (!throughout).then_some(span), evidence, 0.7);
        }
    }

    fn postures(&mut self) {
        let actions: Vec<PersonAction> = self.measured.person.actions.clone();
        for action in &actions {
            let (verb, quantity) = match action.action {
                ActionKind::Crouching => ("crouches", "thigh drop"),
                ActionKind::Sitting => ("sits", "thigh drop"),
                ActionKind::SittingDown => ("sits down", "hip descent"),
                ActionKind::StandingUp => ("stands up", "hip rise"),
                ActionKind::Jumping => ("jumps", "rise of both feet"),
                _ => continue,
            };
            let span = span_of(action);
            let evidence = Evidence::measured(quantity, span.end_s - span.start_s, "s");
            let (words, throughout) = if action.action == ActionKind::Jumping {
                (at_time(span.start_s, self.whole(), self.clip), false)
            } else {
                when(span, self.whole(), self.clip)
            };
            let span = (!throughout).then_some(span);
            self.say(format!("{verb}{words}"), span, evidence, action.confidence);
        }
    }

    fn turning(&mut self) {
        for turn in self.measured.turns.clone() {
            let (Some(from), Some(to)) = (faces(turn.from), faces(turn.to)) else {
                continue;
            };
            let span = span_of(&turn.action);
            let degrees = turn.action.amount_deg.unwrap_or(0.0);
            let when = at_time(span.start_s, self.whole(), self.clip);
            self.say(
                format!("turns from facing {from} to facing {to}{when}"),
                Some(span),
                Evidence::measured("turn", degrees, "deg"),
                turn.action.confidence,
            );
        }
    }

    fn arms(&mut self) {
        let waves = self.of(ActionKind::Waving);
        for wave in &waves {
            let span = span_of(wave);
            let (when, throughout) = when(span, self.whole(), self.clip);
            let evidence = Evidence::measured("time waving", span.end_s - span.start_s, "s");
            let span = (!throughout).then_some(span);
            self.say(
                format!("waves {}{when}", hand(wave.side)),
                span,
                evidence,
                wave.confidence,
            );
        }
        for raised in self.measured.raised.clone() {
            let action = &raised.action;
            // A hand that waves is raised.
            let waving = waves.iter().any(|wave| {
                wave.side == action.side
                    && wave.start_s < action.end_s
                    && wave.end_s > action.start_s
            });
            if waving {
                continue;
            }
            let arm = arm(action.side);
            let to = match raised.height {
                Height::AboveHead => "above the head",
                Height::AboveShoulder => "above the shoulder",
                Height::Shoulder => "to shoulder height",
                Height::Chest => "to chest height",
            };
            let span = span_of(action);
            let evidence = Evidence::measured("time raised", span.end_s - span.start_s, "s");
            let hand = hand(action.side);
            let text = match (raised.comes_up, raised.height) {
                (true, Height::Shoulder | Height::Chest) => format!(
                    "brings {hand} up {to}{}",
                    at_time(span.start_s, self.whole(), self.clip)
                ),
                (true, _) => format!(
                    "raises {arm} {to}{}",
                    at_time(span.start_s, self.whole(), self.clip)
                ),
                (false, height) => {
                    let at = match height {
                        Height::AboveHead => "above the head",
                        Height::AboveShoulder => "above the shoulder",
                        Height::Shoulder => "at shoulder height",
                        Height::Chest => "at chest height",
                    };
                    let (when, _) = when(span, self.whole(), self.clip);
                    format!("holds {hand} {at}{when}")
                }
            };
            self.say(text, Some(span), evidence, action.confidence);
        }
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

/// Sentences about one person.
pub fn about(measured: &Measured, name: &str, clip: &Clip) -> Vec<Statement> {
    let mut teller = Teller {
        measured,
        name,
        clip,
        said: Vec::new(),
    };
    if clip.frames > 2 {
        teller.presence();
        teller.steps();
        teller.stillness();
        teller.postures();
        teller.bending();
        teller.turning();
        teller.arms();
    }
    teller.facing();
    teller.said
}
