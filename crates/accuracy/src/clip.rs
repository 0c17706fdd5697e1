//! Reference video, against known truth.

use std::collections::BTreeMap;
use std::path::Path;

use decoupage_conditions::camera::{MoveKind, Steadiness};
use decoupage_conditions::clip::{self, ClipReading, CutKind, ShotMove};
use decoupage_shot::{ConditionKind, ReadOptions, Silent};
use decoupage_stage::encode::{ClipStyle, write_mp4};
use decoupage_stage::footage::{FilmMove, FilmShot, Footage, Join};
use decoupage_stage::noise::Noise;

use crate::scores::{Count, quantile, table};
use crate::{Chapter, Effort};

/// Scenes the page reports are not those its thresholds were chosen on, which began at 0.
const FIRST_SEED: u64 = 1_000_000;

/// How footage is spoiled before it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spoil {
    /// Hardly.
    Clean,
    /// Grain of five levels, coded at ordinary quality.
    Grain,
    /// Coded roughly.
    Rough,
    /// Held by hand.
    Hand,
}

impl Spoil {
    const ALL: [Self; 4] = [Self::Clean, Self::Grain, Self::Rough, Self::Hand];

    fn words(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Grain => "grain",
            Self::Rough => "h264, crf 33",
            Self::Hand => "hand-held",
        }
    }
}

/// What is told of one kind of move.
#[derive(Debug, Clone, Default)]
pub struct MoveScore {
    /// Found with its direction, other moves told beside it, not found.
    pub found: Count,
    /// Told the other way round.
    pub wrong_way: usize,
    /// Its name told, both names told, the other name told.
    pub names: [usize; 3],
    /// Relative errors of the amount.
    pub amounts: Vec<f64>,
    /// Errors of begin and end, seconds.
    pub edges: Vec<f64>,
}

/// Everything that is counted.
#[derive(Debug, Clone, Default)]
pub struct Scores {
    /// Hard cuts, dissolves and fades through black.
    pub cuts: [Count; 3],
    /// Their errors in time, seconds.
    pub cut_errors: [Vec<f64>; 3],
    /// By move.
    pub moves: BTreeMap<FilmMove, MoveScore>,
    /// By how footage is spoiled.
    pub spoils: BTreeMap<Spoil, MoveScore>,
    /// Shots whose camera holds still, and how many of them were told to.
    pub still: [usize; 2],
    /// Shots held by hand, and how many of them were told to be; shots that were not and told
    /// to be.
    pub hand: [usize; 3],
    /// Things that move on their own.
    pub movers: Count,
}

/// Reads footage as a person's file is read.
///
/// # Panics
/// Where the stage or the reading fails: the scenes are sound.
pub fn read(footage: &Footage, crf: u32, folder: &Path) -> ClipReading {
    let path = folder.join("clip.mp4");
    let style = ClipStyle {
        fps: (footage.fps.round() as u32, 1),
        crf,
    };
    write_mp4(&path, footage.frames(), style).expect("a clip");
    clip::read(
        &path,
        ConditionKind::ReferenceVideo,
        &ReadOptions::default(),
        &Silent,
    )
    .expect("a reading")
}

fn footage(seed: u64, shots: Vec<(Join, FilmShot)>) -> Footage {
    Footage {
        width: 192,
        height: 112,
        fps: 25.0,
        shots,
        grain: 0.0,
        seed,
    }
}

/// A move of usual size.
fn some_move(noise: Noise, action: FilmMove, length_s: f64) -> FilmShot {
    use FilmMove as M;
    let (low, high) = match action {
        M::Static => (0.0, 0.0),
        M::PanLeft | M::PanRight => (0.12, 0.7),
        M::TruckLeft | M::TruckRight => (0.12, 0.5),
        M::TiltUp | M::TiltDown | M::PedestalUp | M::PedestalDown => (0.1, 0.35),
        M::RollCw | M::RollCcw => (5.0, 25.0),
        M::ZoomIn | M::ZoomOut => (1.12, 1.7),
        M::DollyIn | M::DollyOut => (1.12, 1.5),
    };
    let from = noise.between(1, 0.0, 0.25) * length_s;
    let to = noise.between(2, 0.75, 1.0) * length_s;
    let mut shot = FilmShot::still((noise.share(3) * 1e9) as u64, length_s);
    shot.focal = noise.between(4, 0.75, 1.7);
    shot.layered = action.travels();
    shot.moving(action, noise.between(5, low, high), from, to)
}

fn edited(seed: u64) -> Footage {
    let noise = Noise::new(seed);
    let count = noise.between(0, 3.0, 6.999) as u64;
    let shots = (0..count)
        .map(|number| {
            let own = Noise::new(seed * 100 + number);
            let lasts = own.between(10, 1.6, 3.2);
            let action = match own.share(11) < 0.4 {
                true => FilmMove::Static,
                false => FilmMove::ALL[own.between(12, 0.0, 14.999) as usize],
            };
            let mut shot = some_move(own, action, lasts);
            if own.share(13) < 0.3 {
                shot.mover = Some([own.between(14, -0.7, 0.7), 0.1]);
            }
            let join = match own.share(15) {
                low if low < 0.5 => Join::Cut,
                mid if mid < 0.8 => Join::Dissolve(own.between(16, 0.4, 1.2)),
                _ => Join::Black(own.between(17, 0.4, 0.8)),
            };
            (join, shot)
        })
        .collect();
    footage(seed, shots)
}

fn count_cuts(scores: &mut Scores, footage: &Footage, reading: &ClipReading) {
    let mut told: Vec<(usize, f64, f64)> = Vec::new();
    for cut in &reading.cuts {
        let class = match cut.kind {
            CutKind::Hard => 0,
            CutKind::Dissolve => 1,
            CutKind::FadeIn | CutKind::FadeOut => 2,
        };
        match told.last_mut() {
            // Out to black and in again is one passage.
            Some((2, _, end)) if class == 2 && cut.start_s - *end < 0.3 => *end = cut.end_s,
            _ => told.push((class, cut.start_s, cut.end_s)),
        }
    }
    let mut free: Vec<bool> = vec![true; told.len()];
    for passage in footage.passages() {
        let class = match passage.join {
            Join::Cut => 0,
            Join::Dissolve(_) => 1,
            Join::Black(_) => 2,
        };
        let middle = f64::midpoint(passage.start_s, passage.end_s);
        let hit = told
            .iter()
            .zip(&free)
            .position(|((kind, start, end), free)| {
                let near = match class {
                    0 => (start - middle).abs() < 0.1,
                    _ => (f64::midpoint(*start, *end) - middle).abs() < 0.3,
                };
                *free && *kind == class && near
            });
        match hit {
            Some(at) => {
                free[at] = false;
                scores.cuts[class].right += 1;
                let (_, start, end) = told[at];
                scores.cut_errors[class].push((start - passage.start_s).abs());
                if class > 0 {
                    scores.cut_errors[class].push((end - passage.end_s).abs());
                }
            }
            None => scores.cuts[class].missed += 1,
        }
    }
    for ((class, _, _), free) in told.iter().zip(&free) {
        if *free {
            scores.cuts[*class].wrong += 1;
        }
    }
}

/// The axis of a move and its direction.
fn axis(kind: MoveKind) -> Option<(u8, bool)> {
    use MoveKind as K;
    Some(match kind {
        K::PanLeft | K::TruckLeft => (0, false),
        K::PanRight | K::TruckRight => (0, true),
        K::TiltUp | K::PedestalUp => (1, true),
        K::TiltDown | K::PedestalDown => (1, false),
        K::RollCw => (2, true),
        K::RollCcw => (2, false),
        K::ZoomIn | K::DollyIn => (3, true),
        K::ZoomOut | K::DollyOut => (3, false),
        _ => return None,
    })
}

fn named(action: FilmMove) -> MoveKind {
    use FilmMove as M;
    match action {
        M::Static => MoveKind::Static,
        M::PanLeft => MoveKind::PanLeft,
        M::PanRight => MoveKind::PanRight,
        M::TiltUp => MoveKind::TiltUp,
        M::TiltDown => MoveKind::TiltDown,
        M::RollCw => MoveKind::RollCw,
        M::RollCcw => MoveKind::RollCcw,
        M::ZoomIn => MoveKind::ZoomIn,
        M::ZoomOut => MoveKind::ZoomOut,
        M::TruckLeft => MoveKind::TruckLeft,
        M::TruckRight => MoveKind::TruckRight,
        M::PedestalUp => MoveKind::PedestalUp,
        M::PedestalDown => MoveKind::PedestalDown,
        M::DollyIn => MoveKind::DollyIn,
        M::DollyOut => MoveKind::DollyOut,
    }
}

fn count_moves(score: &mut MoveScore, shot: &FilmShot, moves: &[&ShotMove]) {
    let kind = named(shot.action);
    let truth = axis(kind);
    let mut hits = Vec::new();
    for m in moves {
        match (axis(m.kind), truth) {
            (Some(told), Some(truth)) if told == truth => hits.push(*m),
            (Some((told, _)), Some((truth, _))) if told == truth => {
                score.wrong_way += 1;
                score.found.wrong += 1;
            }
            _ => score.found.wrong += 1,
        }
    }
    if truth.is_none() {
        return;
    }
    let longest = hits
        .iter()
        .max_by(|a, b| (a.end_s - a.start_s).total_cmp(&(b.end_s - b.start_s)));
    let Some(m) = longest else {
        score.found.missed += 1;
        return;
    };
    score.found.right += 1;
    score.found.wrong += hits.len() - 1;
    score.names[match (m.kind == kind, m.or) {
        (true, None) => 0,
        (_, Some(_)) => 1,
        (false, None) => 2,
    }] += 1;
    // Near and far travel different ways: there is no one amount.
    if !shot.action.travels() {
        score.amounts.push(match shot.action {
            FilmMove::ZoomIn | FilmMove::ZoomOut => (m.amount.ln() / shot.amount.ln() - 1.0).abs(),
            _ => (m.amount / shot.amount - 1.0).abs(),
        });
    }
    score.edges.push((m.start_s - shot.from_s).abs());
    score.edges.push((m.end_s - shot.to_s).abs());
}

/// Films one move and reads it.
pub fn film(seed: u64, action: FilmMove, spoil: Spoil, folder: &Path) -> (FilmShot, ClipReading) {
    let noise = Noise::new(seed ^ 0x5eed);
    let mut shot = some_move(noise, action, 3.0);
    let mut clip = footage(seed, Vec::new());
    let crf = match spoil {
        Spoil::Clean | Spoil::Hand => 18,
        Spoil::Grain => 23,
        Spoil::Rough => 33,
    };
    if spoil == Spoil::Grain {
        clip.grain = 5.0;
    }
    if spoil == Spoil::Hand {
        shot.shake = noise.between(8, 0.003, 0.006);
    }
    clip.shots = vec![(Join::Cut, shot.clone())];
    let reading = read(&clip, crf, folder);
    (shot, reading)
}

/// Makes and reads the scenes from a seed on.
pub fn measure(effort: Effort, first_seed: u64) -> Scores {
    let folder = tempfile::tempdir().expect("a folder");
    let mut scores = Scores::default();
    for number in 0..effort.scenes(4, 40) as u64 {
        let clip = edited(first_seed + number);
        let reading = read(&clip, 23, folder.path());
        count_cuts(&mut scores, &clip, &reading);
    }
    for number in 0..effort.scenes(15, 150) as u64 {
        let action = FilmMove::ALL[number as usize % FilmMove::ALL.len()];
        let spoil = Spoil::ALL[(number / 15 + number) as usize % 4];
        let (shot, reading) = film(first_seed + 5_000 + number, action, spoil, folder.path());
        let moves: Vec<&ShotMove> = reading.shots.iter().flat_map(|s| &s.moves).collect();
        for score in [
            scores.moves.entry(action).or_default(),
            scores.spoils.entry(spoil).or_default(),
        ] {
            count_moves(score, &shot, &moves);
        }
        if action == FilmMove::Static {
            scores.still[0] += 1;
            scores.still[1] += usize::from(moves.is_empty());
        }
        let told = reading.shots.iter().any(|s| {
            matches!(
                s.steadiness,
                Steadiness::Unsteady | Steadiness::VeryUnsteady
            )
        });
        match spoil {
            Spoil::Hand => {
                scores.hand[0] += 1;
                scores.hand[1] += usize::from(told);
            }
            _ => scores.hand[2] += usize::from(told),
        }
    }
    for number in 0..effort.scenes(4, 30) as u64 {
        let noise = Noise::new(first_seed + 9_000 + number);
        let mut shot = FilmShot::still(number + first_seed, 2.5);
        let with = number % 2 == 0;
        if with {
            shot.mover = Some([noise.between(0, 0.25, 0.8), noise.between(1, -0.15, 0.15)]);
        }
        let reading = read(
            &footage(first_seed + number, vec![(Join::Cut, shot)]),
            23,
            folder.path(),
        );
        let told = reading.shots.iter().any(|s| !s.moving.is_empty());
        match (with, told) {
            (true, true) => scores.movers.right += 1,
            (true, false) => scores.movers.missed += 1,
            (false, true) => scores.movers.wrong += 1,
            (false, false) => {}
        }
    }
    scores
}

/// The scenes of the page, fewer of them for tests.
pub fn scores(effort: Effort) -> Scores {
    measure(effort, FIRST_SEED)
}

fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

/// Measures and reports.
pub fn chapter(effort: Effort) -> Chapter {
    let scores = scores(effort);
    let mut body = String::from(
        "Clips are filmed in painted scenes with a known edit and a known camera, coded as h264 and \
         read. A scene is a far wall, for travelling cameras with two rows of nearer panels; a third \
         of the shots hold still, some have a thing that moves on its own.\n\n",
    );
    let names = [
        "hard cuts",
        "dissolves (0.4 to 1.2 s)",
        "fades through black",
    ];
    body.push_str(&table(
        &[
            "transition",
            "shown",
            "precision",
            "recall",
            "median error",
            "95 % within",
        ],
        names.iter().enumerate().map(|(class, name)| {
            let count = scores.cuts[class];
            let errors = &scores.cut_errors[class];
            vec![
                (*name).to_owned(),
                (count.right + count.missed).to_string(),
                percent(count.precision()),
                percent(count.recall()),
                format!("{:.2} s", quantile(errors, 0.5)),
                format!("{:.2} s", quantile(errors, 0.95)),
            ]
        }),
    ));
    body.push_str(
        "\nA move counts as found when its axis and direction are told; any other move told beside it \
         is wrong. Names: a pan is told from a truck by the bend of its motion or by parallax; where \
         neither shows, the reading names both. Amounts are those of moves without parallax.\n\n",
    );
    let head = [
        "move",
        "shots",
        "precision",
        "recall",
        "wrong way",
        "named right",
        "both names",
        "named wrong",
        "amount off, median",
        "90 %",
        "edges off, median",
    ];
    let row = |name: String, score: &MoveScore| {
        let count = score.found;
        let amount = |share| match score.amounts.is_empty() {
            true => String::new(),
            false => format!("{:.1} %", 100.0 * quantile(&score.amounts, share)),
        };
        vec![
            name,
            (count.right + count.missed).to_string(),
            percent(count.precision()),
            percent(count.recall()),
            score.wrong_way.to_string(),
            score.names[0].to_string(),
            score.names[1].to_string(),
            score.names[2].to_string(),
            amount(0.5),
            amount(0.9),
            format!("{:.2} s", quantile(&score.edges, 0.5)),
        ]
    };
    body.push_str(&table(
        &head,
        scores
            .moves
            .iter()
            .filter(|(action, _)| **action != FilmMove::Static)
            .map(|(action, score)| {
                row(
                    decoupage_conditions::camera::phrase(named(*action))
                        .noun
                        .to_owned(),
                    score,
                )
            }),
    ));
    body.push('\n');
    body.push_str(&table(
        &head,
        scores
            .spoils
            .iter()
            .map(|(spoil, score)| row(spoil.words().to_owned(), score)),
    ));
    body.push_str(&format!(
        "\nOf {} shots whose camera holds still, {} were told to. Of {} shots held by hand (shake of 0.3 to \
         0.6 % of the width), {} were told to be unsteady; of the others, {}. Things that move on their \
         own before a still camera: precision {}, recall {}.\n",
        scores.still[0],
        scores.still[1],
        scores.hand[0],
        scores.hand[1],
        scores.hand[2],
        percent(scores.movers.precision()),
        percent(scores.movers.recall()),
    ));
    Chapter {
        title: "Reference video",
        body,
    }
}
