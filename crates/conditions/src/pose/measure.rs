//! From tracks to the reading: what each person does, measured, and the sentences it supports.

use super::motion::features::Features;
use super::motion::spans::Run;
use super::motion::{
    arms, dance, facing, gait, hands, head, held, pairs, place, posture, resolve, signals::Signals,
    stance, strikes,
};
use super::source::Raw;
use super::tracking::Track;
use super::words;
use super::{
    ActionKind, Edge, Facing, InPlace, Person, PersonAction, PoseCanvas, PoseReading, Side,
};
use crate::reading::TimeSpan;

/// Measures a clip.
pub fn reading(raw: &Raw, tracks: &[Track]) -> PoseReading {
    let times: Vec<f64> = raw.frames.iter().map(|(time_s, _)| *time_s).collect();
    let duration_s = clip_duration(&times);
    let mut people: Vec<Measured> = (1..)
        .zip(tracks)
        .filter_map(|(id, track)| measure(id, track, &times, raw))
        .collect();
    meet(&mut people);
    let people = people
        .into_iter()
        .map(|mut measured| {
            finish(&mut measured, raw.times_assumed);
            measured.person
        })
        .collect();
    let mut reading = PoseReading {
        frames: u32::try_from(times.len()).unwrap_or(u32::MAX),
        duration_s,
        times_assumed: raw.times_assumed,
        format: raw.format.clone(),
        swapped_colours: raw.swapped_colours,
        canvas: Some(PoseCanvas {
            known: raw.canvas,
            width: raw.size[0],
            height: raw.size[1],
        }),
        people,
        statements: Vec::new(),
    };
    words::state(&mut reading);
    reading
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

/// The most pairs of people that are looked at together.
const MOST_PAIRS: usize = 28;

/// Adds what people do with one another.
fn meet(people: &mut [Measured]) {
    let mut told: Vec<(usize, Vec<PersonAction>)> = Vec::new();
    let pairs = (0..people.len()).flat_map(|a| (a + 1..people.len()).map(move |b| (a, b)));
    for (a, b) in pairs.take(MOST_PAIRS) {
        let party = |which: usize| {
            people.get(which).map(|one| pairs::Party {
                id: one.person.id,
                signals: &one.signals,
                features: &one.features,
                actions: &one.person.actions,
            })
        };
        if let (Some(one), Some(other)) = (party(a), party(b)) {
            let [first, second] = pairs::together(one, other);
            told.push((a, first));
            told.push((b, second));
        }
    }
    for (which, actions) in told {
        if let Some(one) = people.get_mut(which) {
            one.person.actions.extend(actions);
        }
    }
}

/// Someone measured, with what the measures were taken from.
struct Measured {
    person: Person,
    signals: Signals,
    features: Features,
}

/// A change of heading slower than this during a walk is the view's, degrees a second.
const SLOWEST_TURN_WALKING: f64 = 45.0;

fn measure(id: u32, track: &Track, times: &[f64], raw: &Raw) -> Option<Measured> {
    let aspect = raw.aspect;
    let signals = Signals::new(track, times, aspect)?;
    let features = Features::new(&signals);
    let headings = facing::headings(&signals);
    let moving_picture = signals.len() > 2;
    let mut actions: Vec<PersonAction> = Vec::new();
    if moving_picture {
        actions = alone(&signals, &features, &headings);
    }
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
    let cut = !(0.15..=0.85).contains(&mean_x) && (0..signals.len()).any(at_edge);
    let (start_s, end_s) = (signals.time(0), signals.time(last));
    let step_s = clip_duration(times) / times.len().max(1) as f64;
    let margin_s = (2.5 * step_s).max(0.15);
    let clip_end_s = times.last().copied().unwrap_or(0.0);
    let edge = |frame: usize| match x(frame) {
        _ if !at_edge(frame) => None,
        x if x < 0.25 => Some(Edge::Left),
        x if x > 0.75 => Some(Edge::Right),
        _ => None,
    };
    let still = posture::in_place(&signals);
    let in_place = (moving_picture && !still.is_empty()).then(|| InPlace {
        seconds: still
            .iter()
            .map(|run| signals.time(run.last) - signals.time(run.first))
            .sum(),
        stands: still.iter().all(|run| posture::stands(&signals, *run)),
    });
    let person = Person {
        id,
        present: TimeSpan { start_s, end_s },
        actions,
        facing: if cut {
            Facing::Unknown
        } else {
            facing::mostly(&headings)
        },
        position: place::position(&signals),
        travel: place::travel(&signals),
        cadence: None,
        name: None,
        facings: if cut || !moving_picture {
            Vec::new()
        } else {
            facing::facings(&signals, &headings)
        },
        enters: edge(0).filter(|_| start_s > margin_s),
        leaves: edge(last).filter(|_| clip_end_s - end_s > margin_s),
        in_place,
        mean_x,
        path: place::path(&signals),
        hips: dance::hips_over_time(&signals, &features),
        statements: Vec::new(),
    };
    Some(Measured {
        person,
        signals,
        features,
    })
}

/// What a person does, whatever others do; overlapping readings are not yet resolved.
fn alone(signals: &Signals, features: &Features, headings: &[Option<f64>]) -> Vec<PersonAction> {
    let bent: Vec<Run> = posture::bent(signals);
    let stances = stance::stances_taken(signals, features);
    let mut walks = gait::stretches(signals);
    walks.retain(|walk| {
        !stances.iter().any(|taken| {
            !matches!(
                taken.action,
                ActionKind::SittingDown | ActionKind::StandingUp
            ) && overlap(taken, walk) > 0.5
        })
    });
    let mut turns = facing::turns(signals, headings);
    // Who walks past the camera is seen from another side little by little without turning.
    turns.retain(|turn| {
        let lasts_s = turn.end_s - turn.start_s;
        let slow = turn.amount_deg.unwrap_or(0.0) < SLOWEST_TURN_WALKING * lasts_s;
        !(slow && walks.iter().any(|walk| overlap(walk, turn) > 0.5))
    });
    let mut jumps = posture::jumps(signals, features);
    jumps.retain(|jump| {
        !walks
            .iter()
            .any(|walk| walk.action == ActionKind::Running && overlap(walk, jump) > 0.5)
    });
    let mut actions = stances;
    actions.extend(arms::raised(signals, &bent));
    actions.extend(turns);
    actions.extend(arms::waves(signals, features));
    actions.extend(jumps);
    actions.extend(held::stretched(signals, features));
    actions.extend(held::at_face(signals, features));
    actions.extend(hands::claps(signals, features));
    actions.extend(hands::picked_up(signals, features));
    actions.extend(strikes::by_hand(signals, features));
    actions.extend(strikes::kicks(signals, features));
    actions.extend(dance::dances(signals, features));
    actions.extend(head::looks(signals, &headings.to_vec()));
    actions.extend(
        posture::standing_still(signals)
            .into_iter()
            .filter(|still| !walks.iter().any(|walk| overlap(walk, still) > 0.3)),
    );
    actions.extend(walks);
    actions.extend(
        bent.iter()
            .map(|run| posture::action(signals, *run, ActionKind::Bending, 0.7)),
    );
    let moving = posture::otherwise_moving(signals, &actions);
    actions.extend(moving);
    actions
}

/// Resolves what overlaps, and draws what follows.
fn finish(measured: &mut Measured, times_assumed: bool) {
    let person = &mut measured.person;
    resolve::resolve(&mut person.actions);
    resolve::cut_stillness(&mut person.actions, posture::LEAST_STILL_S);
    for action in &mut person.actions {
        action.start_s = round(action.start_s);
        action.end_s = round(action.end_s);
        action.confidence = round(action.confidence);
        // Where the frames carry no times, steps and beats a minute would be made up.
        action.per_minute = action
            .per_minute
            .filter(|_| !times_assumed)
            .map(|rate| (rate * 10.0).round() / 10.0);
    }
    person.actions.sort_by(|a, b| {
        a.start_s
            .total_cmp(&b.start_s)
            .then(a.action.cmp(&b.action))
            .then(side_order(a.side).cmp(&side_order(b.side)))
    });
    person.cadence = person
        .actions
        .iter()
        .filter(|action| matches!(action.action, ActionKind::Walking | ActionKind::Running))
        .max_by_key(|action| action.steps)
        .and_then(|action| action.per_minute);
}

fn round(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
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
