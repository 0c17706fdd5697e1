//! From tracks to the reading: what each person does, measured, and the sentences it supports.

use super::motion::{arms, facing, gait, place, posture, signals::Signals, spans::Run};
use super::source::Raw;
use super::tracking::Track;
use super::words;
use super::{ActionKind, Person, PersonAction, PoseReading, Side};
use crate::reading::TimeSpan;

/// Everything measured about one person, from which sentences are made.
#[derive(Debug, Clone)]
pub struct Measured {
    /// The typed reading; its statements are filled in last.
    pub person: Person,
    /// Steps.
    pub gait: Vec<gait::Stretch>,
    /// Raised arms.
    pub raised: Vec<arms::Raised>,
    /// Turns.
    pub turns: Vec<facing::Turn>,
    /// When the trunk is bent, seconds.
    pub bent: Vec<TimeSpan>,
    /// When trunk and legs hardly move, seconds, and whether the legs are seen to stand.
    pub in_place: Vec<(TimeSpan, bool)>,
    /// Mean place across the frame, share of its width.
    pub mean_x: f64,
    /// Place across the frame at the first and the last sighting.
    pub ends_x: [f64; 2],
    /// Whether the body reaches beyond the frame's left or right edge at first and last sight.
    pub at_edge: [bool; 2],
}

/// Measures a clip.
pub fn reading(raw: &Raw, tracks: &[Track]) -> PoseReading {
    let times: Vec<f64> = raw.frames.iter().map(|(time_s, _)| *time_s).collect();
    let duration_s = clip_duration(&times);
    let mut people: Vec<Measured> = (1..)
        .zip(tracks)
        .filter_map(|(id, track)| measure(id, track, &times, raw))
        .collect();
    let clip = words::Clip {
        duration_s,
        frames: times.len(),
        times_assumed: raw.times_assumed,
        canvas: raw.canvas,
        size: raw.size,
    };
    let names = words::names(&people);
    for (measured, name) in people.iter_mut().zip(&names) {
        measured.person.statements = words::about(measured, name, &clip);
    }
    let statements = words::about_clip(&people, &names, &clip);
    PoseReading {
        frames: u32::try_from(times.len()).unwrap_or(u32::MAX),
        duration_s,
        times_assumed: raw.times_assumed,
        format: raw.format.clone(),
        swapped_colours: raw.swapped_colours,
        people: people.into_iter().map(|measured| measured.person).collect(),
        statements,
    }
}

/// Frames last as long as the step between them, the last one included.
fn clip_duration(times: &[f64]) -> f64 {
    match (times.first(), times.last()) {
        (Some(first), Some(last)) if times.len() > 1 => {
            let span = last - first;
            span + span / (times.len() - 1) as f64
        }
        _ => 0.0,
    }
}

/// A change of heading slower than this during a walk is the view's, degrees a second.
const SLOWEST_TURN_WALKING: f64 = 45.0;

fn measure(id: u32, track: &Track, times: &[f64], raw: &Raw) -> Option<Measured> {
    let (aspect, times_assumed) = (raw.aspect, raw.times_assumed);
    let signals = Signals::new(track, times, aspect)?;
    let headings = facing::headings(&signals);
    let travel = place::travel(&signals);
    let moving_picture = signals.len() > 2;

    let bent_runs = posture::bent(&signals);
    let mut walks = Vec::new();
    let mut raised = Vec::new();
    let mut turns = Vec::new();
    let mut actions: Vec<PersonAction> = Vec::new();
    let mut in_place = Vec::new();
    if moving_picture {
        let seats = posture::seats(&signals);
        walks = gait::stretches(&signals);
        walks.retain(|walk| {
            !seats.iter().any(|seat| {
                matches!(seat.action, ActionKind::Sitting | ActionKind::Crouching)
                    && overlap(seat, &walk.action) > 0.5
            })
        });
        raised = arms::raised(&signals, &bent_runs);
        turns = facing::turns(&signals, &headings);
        // Who walks past the camera is seen from another side little by little without turning.
        turns.retain(|turn| {
            let lasts_s = turn.action.end_s - turn.action.start_s;
            let slow = turn.action.amount_deg.unwrap_or(0.0) < SLOWEST_TURN_WALKING * lasts_s;
            !(slow && walks.iter().any(|w| overlap(&w.action, &turn.action) > 0.5))
        });
        let waves = arms::waves(&signals);
        let mut jumps = posture::jumps(&signals);
        jumps.retain(|jump| {
            !walks.iter().any(|walk| {
                walk.action.action == ActionKind::Running && overlap(&walk.action, jump) > 0.5
            })
        });
        actions.extend(seats);
        actions.extend(walks.iter().map(|walk| walk.action.clone()));
        actions.extend(raised.iter().map(|raised| raised.action.clone()));
        actions.extend(turns.iter().map(|turn| turn.action.clone()));
        actions.extend(waves);
        actions.extend(jumps);
        actions.extend(
            posture::standing_still(&signals)
                .into_iter()
                .filter(|still| !walks.iter().any(|walk| overlap(&walk.action, still) > 0.3)),
        );
        actions.extend(
            bent_runs
                .iter()
                .map(|run| posture::action(&signals, *run, ActionKind::Bending, 0.7)),
        );
        let moving = posture::otherwise_moving(&signals, &actions);
        actions.extend(moving);
        in_place = posture::in_place(&signals)
            .into_iter()
            .map(|run| (span(&signals, run), posture::stands(&signals, run)))
            .collect();
    }
    actions.sort_by(|a, b| {
        a.start_s
            .total_cmp(&b.start_s)
            .then(a.action.cmp(&b.action))
            .then(side_order(a.side).cmp(&side_order(b.side)))
    });
    // Where the frames carry no times, steps a minute would be made up.
    let cadence = walks
        .iter()
        .filter(|_| !times_assumed)
        .max_by_key(|walk| walk.steps)
        .and_then(|walk| walk.cadence);
    let last = signals.len().saturating_sub(1);
    let x = |frame: usize| signals.centre(frame).map_or(0.5, |point| point[0] / aspect);
    let at_edge = |frame: usize| {
        signals
            .bodies
            .get(frame)
            .and_then(super::joints::bounds)
            .is_some_and(|[l, _, r, _]| l / aspect < 0.03 || r / aspect > 0.97)
    };
    let mean_x = (0..signals.len()).map(x).sum::<f64>() / signals.len().max(1) as f64;
    // A body that the frame's edge cuts shows half its shoulders and face: no sign of the way
    // it faces.
    let facing = if !(0.15..=0.85).contains(&mean_x) && (0..signals.len()).any(at_edge) {
        super::Facing::Unknown
    } else {
        facing::mostly(&headings)
    };
    Some(Measured {
        person: Person {
            id,
            present: TimeSpan {
                start_s: signals.time(0),
                end_s: signals.time(last),
            },
            actions,
            facing,
            position: place::position(&signals),
            travel,
            cadence,
            statements: Vec::new(),
        },
        gait: walks,
        raised,
        turns,
        bent: bent_runs.iter().map(|run| span(&signals, *run)).collect(),
        in_place,
        mean_x,
        ends_x: [x(0), x(last)],
        at_edge: [at_edge(0), at_edge(last)],
    })
}

fn span(signals: &Signals, run: Run) -> TimeSpan {
    TimeSpan {
        start_s: signals.time(run.first),
        end_s: signals.time(run.last),
    }
}

fn side_order(side: Option<Side>) -> u8 {
    match side {
        None => 0,
        Some(Side::Left) => 1,
        Some(Side::Right) => 2,
        Some(Side::Both) => 3,
    }
}

/// Which share of the second action the first covers.
fn overlap(one: &PersonAction, other: &PersonAction) -> f64 {
    let shared = one.end_s.min(other.end_s) - one.start_s.max(other.start_s);
    let length = other.end_s - other.start_s;
    if length > 0.0 {
        (shared / length).max(0.0)
    } else {
        0.0
    }
}
