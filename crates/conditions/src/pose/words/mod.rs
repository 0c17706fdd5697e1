//! Sentences about people, in plain film English: only what was measured, once, and only from
//! what the reading itself holds, so that a corrected reading says what it was corrected to.

mod person;

use super::{Across, BodyFraming, CanvasKnown, Facing, Person, PersonAction, PoseReading};
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

impl Clip {
    fn of(reading: &PoseReading) -> Self {
        Self {
            duration_s: reading.duration_s,
            frames: reading.frames as usize,
            times_assumed: reading.times_assumed,
            canvas: reading
                .canvas
                .map_or(CanvasKnown::Stored, |canvas| canvas.known),
            size: reading
                .canvas
                .map_or([0.0; 2], |canvas| [canvas.width, canvas.height]),
        }
    }
}

/// Writes all sentences of a reading from what it measured.
pub fn state(reading: &mut PoseReading) {
    let clip = Clip::of(reading);
    let names = names(&reading.people);
    let ids: Vec<u32> = reading.people.iter().map(|person| person.id).collect();
    let said: Vec<Vec<Statement>> = reading
        .people
        .iter()
        .zip(&names)
        .map(|(person, name)| {
            let others = ids.iter().copied().zip(names.iter().map(String::as_str));
            person::about(person, name, &others.collect::<Vec<_>>(), &clip)
        })
        .collect();
    for (person, said) in reading.people.iter_mut().zip(said) {
        person.statements = said;
    }
    reading.statements = about_clip(&reading.people, &names, &clip);
}

/// What each person is called: by name, or by place across the frame.
pub fn names(people: &[Person]) -> Vec<String> {
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
            _ => format!("Figure {}", people[who].id),
        };
    }
    for (name, person) in names.iter_mut().zip(people) {
        if let Some(own) = &person.name {
            name.clone_from(own);
        }
    }
    names
}

/// The words for a facing, completing "faces …".
pub fn faces(facing: Facing) -> Option<&'static str> {
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

/// Someone this much taller in frame than everyone else is told as larger.
const LARGER: f64 = 1.25;

/// Who is larger in frame, among people seen alike.
fn larger(people: &[Person], names: &[String]) -> Option<Statement> {
    let mut by_size: Vec<(f64, &Person, &String)> = people
        .iter()
        .zip(names)
        .map(|(person, name)| (person.position.height, person, name))
        .collect();
    by_size.sort_by(|a, b| b.0.total_cmp(&a.0));
    let [(most, largest, name), (next, second, _), ..] = by_size.as_slice() else {
        return None;
    };
    let ratio = most / next.max(1e-6);
    (largest.position.framing == second.position.framing && ratio > LARGER).then(|| {
        let text = if people.len() == 2 {
            format!("{name} is larger in frame than the other, nearer to the camera or taller.")
        } else {
            format!("{name} is the largest in frame, nearest to the camera or tallest.")
        };
        Statement::new(
            text,
            Evidence::measured("height in frame", ratio, "ratio"),
            0.7,
        )
    })
}

/// Sentences about the clip as a whole.
pub fn about_clip(people: &[Person], names: &[String], clip: &Clip) -> Vec<Statement> {
    let mut said = Vec::new();
    let count = Evidence::measured("people", people.len() as f64, "people");
    match people {
        [] => {}
        [one] => {
            let mut text = "One figure is seen".to_owned();
            if let Some(framing) = framing_words(one.position.framing) {
                text += &format!(" {framing}");
            }
            if one.travel.across == Across::None && clip.canvas == CanvasKnown::Stored {
                text += &format!(", {}", place_words(one.position.x));
            }
            said.push(Statement::new(text + ".", count, 0.95));
        }
        several => {
            let text = format!("{} figures are seen.", number(several.len()));
            said.push(Statement::new(text, count, 0.9));
            for (person, name) in several.iter().zip(names) {
                let position = person.position;
                let mut parts = Vec::new();
                if let Some(framing) = framing_words(position.framing) {
                    parts.push(format!("seen {framing}"));
                }
                if person.travel.across == Across::None && clip.canvas == CanvasKnown::Stored {
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
    said.extend(larger(people, names));
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
pub fn when(span: TimeSpan, whole: TimeSpan, clip: &Clip) -> (String, bool) {
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

pub fn seconds(time_s: f64) -> String {
    format!("{time_s:.1} s")
}

pub fn at_time(time_s: f64, whole: TimeSpan, clip: &Clip) -> String {
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

pub fn span_of(action: &PersonAction) -> TimeSpan {
    TimeSpan {
        start_s: action.start_s,
        end_s: action.end_s,
    }
}
