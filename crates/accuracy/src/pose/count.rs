//! Scenes read and counted.

use std::collections::BTreeMap;
use std::ops::Range;

use decoupage_conditions::pose::{self, ActionKind, Facing, Person, PersonAction, Side};
use decoupage_shot::{ReadOptions, Silent};
use decoupage_stage::actor;
use decoupage_stage::cases::{PoseCase, PoseForm, acting_case};
use decoupage_stage::pose::{ActionTruth, PoseClip};
use decoupage_stage::pose_files::PoseFormat;

use crate::scores::{Count, table};

/// How much of a true and a read action must be shared: intersection over union.
const LEAST_SHARED: f64 = 0.4;

/// What was counted.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// By the actions' keys.
    pub counts: BTreeMap<String, Count>,
    /// Errors of begin and end of what was found, seconds, by key.
    pub borders: BTreeMap<String, Vec<f64>>,
    /// How often what was read as what, of all that was not found or not there.
    pub taken: BTreeMap<(String, String), usize>,
    /// Errors of steps a minute, per cent.
    pub cadence: Vec<f64>,
    /// Errors of beats a minute, per cent.
    pub tempo: Vec<f64>,
    /// Errors of turns, degrees.
    pub turns: Vec<f64>,
    /// Which way round turns go.
    pub ways: Count,
    /// Which arm or leg.
    pub sides: Count,
    /// Facings in all samples, while walking, and while gesturing.
    pub facing: [Count; 3],
    /// What went wrong, scene by scene.
    pub faults: Vec<String>,
}

impl Tally {
    /// The counts of an action.
    pub fn of(&self, kind: ActionKind) -> Count {
        self.counts.get(&key(kind)).copied().unwrap_or_default()
    }

    /// A table of what was taken for what, the most frequent first.
    pub fn confused(&self) -> String {
        let mut rows: Vec<(&(String, String), &usize)> = self.taken.iter().collect();
        rows.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
        table(
            &["is", "read as", "times"],
            rows.into_iter().map(|((is, read), times)| {
                vec![
                    is.replace('_', " "),
                    read.replace('_', " "),
                    times.to_string(),
                ]
            }),
        )
    }
}

/// An action's key.
pub fn key(kind: ActionKind) -> String {
    format!("{kind:?}")
        .chars()
        .enumerate()
        .flat_map(|(at, letter)| {
            let gap = (at > 0 && letter.is_uppercase()).then_some('_');
            gap.into_iter().chain(letter.to_lowercase())
        })
        .collect()
}

/// Reads the scenes of some seeds and counts.
///
/// # Panics
/// Where a scene cannot be written to the temporary folder or not be read at all.
pub fn measure(seeds: Range<u64>) -> Tally {
    let mut tally = Tally::default();
    #[allow(clippy::expect_used, reason = "nothing can be measured without it")]
    let folder = tempfile::tempdir().expect("a temporary folder");
    for seed in seeds {
        let case = acting_case(seed);
        #[allow(clippy::expect_used, reason = "nothing can be measured without it")]
        let path = case
            .write(PoseForm::Keypoints(PoseFormat::ComfyUi), folder.path())
            .expect("a scene is written");
        let options = ReadOptions {
            fps: Some(case.fps),
            ..ReadOptions::default()
        };
        match pose::read(&path, &options, &Silent) {
            Ok(reading) => count(&case, &reading.people, &mut tally),
            Err(fault) => panic!("scene {seed} is not read: {fault}"),
        }
    }
    tally
}

fn count(case: &PoseCase, people: &[Person], tally: &mut Tally) {
    let clip = case.clip();
    for (actor, person) in paired(&clip, people) {
        let truths: Vec<&ActionTruth> = case
            .truth
            .iter()
            .filter(|truth| truth.actor == actor)
            .collect();
        actions(&case.name, &truths, person, tally);
        facings(case, actor, &truths, person, tally);
    }
    // Nobody is read for these.
    let read: Vec<usize> = paired(&clip, people).iter().map(|pair| pair.0).collect();
    for truth in case.truth.iter().filter(|t| !read.contains(&t.actor)) {
        let key = truth.kind.key().to_owned();
        tally.counts.entry(key.clone()).or_default().missed += 1;
        *tally.taken.entry((key, "nobody".to_owned())).or_default() += 1;
    }
}

/// Each actor with the person nearest to it over the whole clip.
fn paired<'a>(clip: &PoseClip, people: &'a [Person]) -> Vec<(usize, &'a Person)> {
    let actors = clip.frames.first().map_or(0, Vec::len);
    let mut costs = Vec::new();
    for actor in 0..actors {
        for person in people {
            let mut sum = 0.0;
            let mut shared = 0.0;
            for [time_s, x, _] in &person.path {
                let frame = (time_s * clip.fps).round() as usize;
                let neck = clip.frames.get(frame).and_then(|f| f.get(actor)?.points[1]);
                if let Some(neck) = neck {
                    sum += (neck.x / f64::from(clip.width) - x).abs();
                    shared += 1.0;
                }
            }
            if shared > 0.0 {
                costs.push((sum / shared, actor, person));
            }
        }
    }
    costs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut pairs: Vec<(usize, &Person)> = Vec::new();
    for (_, actor, person) in costs {
        if pairs.iter().all(|(a, p)| *a != actor && p.id != person.id) {
            pairs.push((actor, person));
        }
    }
    pairs
}

fn shared(one: &PersonAction, truth: &ActionTruth) -> f64 {
    let both = one.end_s.min(truth.end_s) - one.start_s.max(truth.start_s);
    let either = one.end_s.max(truth.end_s) - one.start_s.min(truth.start_s);
    (both / either.max(1e-9)).max(0.0)
}

fn actions(name: &str, truths: &[&ActionTruth], person: &Person, tally: &mut Tally) {
    // Movement without a name claims nothing.
    let read: Vec<&PersonAction> = person
        .actions
        .iter()
        .filter(|action| action.action != ActionKind::Moving)
        .collect();
    let mut taken = vec![false; read.len()];
    let mut missed = Vec::new();
    for truth in truths {
        let best = read
            .iter()
            .enumerate()
            .filter(|(at, one)| !taken[*at] && key(one.action) == truth.kind.key())
            .max_by(|a, b| shared(a.1, truth).total_cmp(&shared(b.1, truth)));
        match best {
            Some((at, one)) if shared(one, truth) >= LEAST_SHARED => {
                taken[at] = true;
                found(truth, one, tally);
            }
            _ => missed.push(*truth),
        }
    }
    for truth in missed {
        let is = truth.kind.key().to_owned();
        tally.counts.entry(is.clone()).or_default().missed += 1;
        let instead = read
            .iter()
            .enumerate()
            .filter(|(at, one)| !taken[*at] && shared(one, truth) > 0.15)
            .max_by(|a, b| shared(a.1, truth).total_cmp(&shared(b.1, truth)));
        let as_what = match instead {
            Some((at, one)) => {
                taken[at] = true;
                let read_as = key(one.action);
                tally.counts.entry(read_as.clone()).or_default().wrong += 1;
                if read_as == is {
                    format!("{read_as}, at another time")
                } else {
                    read_as
                }
            }
            None => "nothing".to_owned(),
        };
        tally.faults.push(format!(
            "{name}: {is} {:.1}–{:.1} as {as_what} | {}",
            truth.start_s,
            truth.end_s,
            told(&read)
        ));
        *tally.taken.entry((is, as_what)).or_default() += 1;
    }
    for (at, one) in read.iter().enumerate() {
        if !taken[at] {
            let read_as = key(one.action);
            tally.counts.entry(read_as.clone()).or_default().wrong += 1;
            let during = truths
                .iter()
                .max_by(|a, b| shared(one, a).total_cmp(&shared(one, b)))
                .filter(|truth| shared(one, truth) > 0.0)
                .map_or("nothing", |truth| truth.kind.key());
            tally.faults.push(format!(
                "{name}: no {read_as} {:.1}–{:.1} (during {during})",
                one.start_s, one.end_s
            ));
            *tally
                .taken
                .entry(("nothing".to_owned(), read_as))
                .or_default() += 1;
        }
    }
}

fn told(read: &[&PersonAction]) -> String {
    read.iter()
        .map(|one| format!("{} {:.1}–{:.1}", key(one.action), one.start_s, one.end_s))
        .collect::<Vec<_>>()
        .join(", ")
}

/// One that was read as what it is.
fn found(truth: &ActionTruth, one: &PersonAction, tally: &mut Tally) {
    use actor::ActionKind as A;
    let key = truth.kind.key().to_owned();
    tally.counts.entry(key.clone()).or_default().right += 1;
    tally.borders.entry(key).or_default().extend([
        (one.start_s - truth.start_s).abs(),
        (one.end_s - truth.end_s).abs(),
    ]);
    let off = |rate: f64| 100.0 * (rate - truth.amount).abs() / truth.amount;
    let tell = |count: &mut Count, right: bool| {
        if right {
            count.right += 1;
        } else {
            count.missed += 1;
        }
    };
    match truth.kind {
        A::Walking | A::Running => tally.cadence.extend(one.per_minute.map(off)),
        A::Dancing => tally.tempo.extend(one.per_minute.map(off)),
        A::Turning => {
            let way = if truth.amount > 0.0 {
                Side::Left
            } else {
                Side::Right
            };
            // Right round is either way round.
            if truth.amount.abs() < 150.0 {
                tell(&mut tally.ways, one.side == Some(way));
            }
            let read = one.amount_deg.unwrap_or(0.0);
            tally.turns.push((read - truth.amount.abs()).abs());
        }
        A::RaisingArm
        | A::Waving
        | A::Pointing
        | A::Reaching
        | A::Throwing
        | A::Punching
        | A::Kicking
        | A::TouchingFace => {
            let side = match truth.side {
                actor::Side::Left => Side::Left,
                actor::Side::Right => Side::Right,
                actor::Side::Both => Side::Both,
            };
            tell(&mut tally.sides, one.side == Some(side));
        }
        _ => {}
    }
}

/// Compares facings five times a second.
fn facings(
    case: &PoseCase,
    index: usize,
    truths: &[&ActionTruth],
    person: &Person,
    tally: &mut Tally,
) {
    use actor::ActionKind as A;
    let Some(one) = case.actors.get(index) else {
        return;
    };
    let steps = (person.present.end_s * 5.0) as usize;
    for step in 1..steps {
        let time_s = step as f64 / 5.0;
        let during = |kinds: &[A]| {
            truths.iter().any(|truth| {
                kinds.contains(&truth.kind) && (truth.start_s..=truth.end_s).contains(&time_s)
            })
        };
        // On the ground and bent over, nobody faces anywhere.
        if during(&[
            A::Lying,
            A::LyingDown,
            A::StandingUp,
            A::Bending,
            A::PickingUp,
        ]) {
            continue;
        }
        let place = one.place(time_s);
        let seen_from = one.heading(time_s) + place.x.atan2(place.y).to_degrees();
        let read = person
            .facings
            .iter()
            .find(|span| (span.start_s..=span.end_s).contains(&time_s))
            .map(|span| span.facing);
        let right = read.is_some_and(|read| {
            [-12.0, 0.0, 12.0]
                .into_iter()
                .any(|off| facing(seen_from + off) == read)
        });
        let gestures = [
            A::Waving,
            A::RaisingArm,
            A::Clapping,
            A::Pointing,
            A::TouchingFace,
        ];
        let kinds = [true, during(&[A::Walking]), during(&gestures)];
        for (count, counts) in tally.facing.iter_mut().zip(kinds) {
            if counts && right {
                count.right += 1;
            } else if counts {
                count.missed += 1;
            }
        }
    }
}

/// The name of a heading, degrees; 0 at the camera, 90 at the frame's right edge.
fn facing(heading: f64) -> Facing {
    let heading = (heading + 180.0).rem_euclid(360.0) - 180.0;
    match heading.abs() {
        turned if turned < 32.0 => Facing::Camera,
        turned if turned > 140.0 => Facing::Away,
        turned if turned < 62.0 && heading < 0.0 => Facing::ThreeQuarterLeft,
        turned if turned < 62.0 => Facing::ThreeQuarterRight,
        _ if heading < 0.0 => Facing::Left,
        _ => Facing::Right,
    }
}
