//! What came of many paths, and the tables it is shown in.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use decoupage_conditions::camera::{CameraReading, MoveKind, Steadiness};
use decoupage_shot::Fault;
use decoupage_stage::camera::MoveKind as Known;
use decoupage_stage::camera::paths::{Hand, PathCase, Plan};
use decoupage_stage::camera_files::CameraFormat;

use super::compare::{Compared, NEAR_S, key};
use crate::scores::{Confusion, Count, quantile, table};

/// Counts and errors of one kind of move, or of one group of paths.
#[derive(Debug, Clone, Default)]
pub struct Score {
    /// Right, wrong and missed moves.
    pub count: Count,
    /// Moves read the other way round.
    pub opposite: usize,
    /// Seconds between read and true boundaries.
    pub boundaries_s: Vec<f64>,
    /// Amount errors, shares of the true amounts.
    pub amounts: Vec<f64>,
}

impl Score {
    /// The share of boundaries within [`NEAR_S`].
    pub fn boundaries_near(&self) -> f64 {
        share_within(&self.boundaries_s, NEAR_S)
    }

    /// The share of amounts within 5 %.
    pub fn amounts_near(&self) -> f64 {
        share_within(&self.amounts, 0.05)
    }

    fn add(&mut self, compared: &Compared, kind: Option<Known>) {
        let wanted = |one: Known| kind.map_or(one != Known::Static, |kind| kind == one);
        for met in compared.met.iter().filter(|met| wanted(met.truth.kind)) {
            self.count.right += 1;
            self.boundaries_s.extend(met.boundaries_s);
            self.amounts.extend(met.amount);
        }
        self.count.missed += compared
            .missed
            .iter()
            .filter(|one| wanted(one.kind))
            .count();
        self.count.wrong += compared
            .wrong
            .iter()
            .filter(|one| match kind {
                Some(kind) => key(one.kind) == kind.key(),
                None => one.kind != MoveKind::Static,
            })
            .count();
    }

    fn row(&self, name: &str) -> Vec<String> {
        vec![
            name.to_owned(),
            (self.count.right + self.count.missed).to_string(),
            format!("{:.3}", self.count.precision()),
            format!("{:.3}", self.count.recall()),
            format!(
                "{:.3} / {:.3}",
                quantile(&self.boundaries_s, 0.5),
                quantile(&self.boundaries_s, 0.95)
            ),
            format!("{:.1} %", 100.0 * self.boundaries_near()),
            format!(
                "{:.1} / {:.1} %",
                100.0 * quantile(&self.amounts, 0.5),
                100.0 * quantile(&self.amounts, 0.95)
            ),
            format!("{:.1} %", 100.0 * self.amounts_near()),
            self.opposite.to_string(),
        ]
    }
}

fn share_within(values: &[f64], limit: f64) -> f64 {
    if values.is_empty() {
        return 1.0;
    }
    let within = values
        .iter()
        .filter(|value| **value <= limit + 1e-9)
        .count();
    within as f64 / values.len() as f64
}

const HEAD: [&str; 9] = [
    "",
    "moves",
    "precision",
    "recall",
    "boundary error, median / 95 % (s)",
    "within 0.15 s",
    "amount error, median / 95 %",
    "within 5 %",
    "wrong way",
];

/// What came of many paths.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Paths.
    pub paths: usize,
    /// Paths with shake or dust in their numbers.
    pub noisy: usize,
    /// Paths of which everything was read right.
    pub right: usize,
    /// All moves together, holds left out.
    pub all: Score,
    /// Moves by kind.
    pub kinds: BTreeMap<Known, Score>,
    /// By how the path is put together.
    pub plans: BTreeMap<Plan, Score>,
    /// By how the camera is held.
    pub hands: BTreeMap<Hand, Score>,
    /// By format.
    pub formats: BTreeMap<&'static str, Score>,
    /// Cuts found, made up and missed.
    pub cuts: Count,
    /// How the camera is held, and what was said of it.
    pub steadiness: Confusion,
    /// Paths whose steadiness was told as it is.
    pub steadiness_right: usize,
    /// What was read for moves that were missed.
    pub mistaken: BTreeMap<(String, String), usize>,
    /// Seeds of paths with a missed or a wrong move, with what was wrong.
    pub faults: Vec<String>,
    /// Paths that were refused.
    pub refused: Vec<String>,
}

impl Tally {
    /// Counts one path.
    pub fn count(&mut self, case: &PathCase, reading: &CameraReading, compared: &Compared) {
        self.paths += 1;
        self.noisy += usize::from(case.hand != Hand::None || case.plan == Plan::Tripod);
        self.right += usize::from(compared.is_right());
        for score in [
            &mut self.all,
            self.plans.entry(case.plan).or_default(),
            self.hands.entry(case.hand).or_default(),
            self.formats.entry(format_name(case.format)).or_default(),
        ] {
            score.add(compared, None);
            score.opposite += compared.opposite;
        }
        for kind in Known::ALL {
            self.kinds
                .entry(kind)
                .or_default()
                .add(compared, Some(kind));
        }
        self.cuts = self.cuts.plus(Count {
            right: compared.cuts.len(),
            wrong: compared.cuts_wrong,
            missed: compared.cuts_missed,
        });
        let moves = case.truth.iter().any(|one| one.kind != Known::Static);
        let expected = match (case.hand, moves) {
            (Hand::None, false) => Steadiness::Static,
            (Hand::None, true) => Steadiness::Steady,
            (Hand::Slight, _) => Steadiness::MinimalShake,
            (Hand::HandHeld, _) => Steadiness::Unsteady,
            (Hand::Strong, _) => Steadiness::VeryUnsteady,
        };
        self.steadiness.count(
            format!(
                "{} {}",
                Hand::ALL
                    .iter()
                    .position(|hand| *hand == case.hand)
                    .map_or(0, |at| at + 1),
                case.hand.name()
            ),
            format!("{} {:?}", reading.steadiness as u8 + 1, reading.steadiness),
        );
        self.steadiness_right += usize::from(expected == reading.steadiness);
        for missed in &compared.missed {
            let mut instead: Vec<String> = compared
                .wrong
                .iter()
                .filter(|one| one.start_s < missed.end_s && one.end_s > missed.start_s)
                .map(|one| key(one.kind))
                .collect();
            instead.sort();
            instead.dedup();
            *self
                .mistaken
                .entry((missed.kind.key().to_owned(), instead.join(" + ")))
                .or_default() += 1;
        }
        if !compared.is_right() {
            self.faults.push(describe(case, reading, compared));
        }
    }

    /// Counts a path that was refused.
    pub fn refuse(&mut self, case: &PathCase, fault: &Fault) {
        self.paths += 1;
        self.refused
            .push(format!("{} as {:?}: {fault}", case.seed, case.format));
    }

    /// The chapter's text.
    pub fn page(&self) -> String {
        let mut out = String::new();
        let _ = writeln!(
            out,
            "{} paths, {} of them with shake or dust in their numbers: every move alone, two at once, two to four one \
             after the other, with cuts, and from a tripod whose numbers are not quite at rest; 0.5 to 20 s long, 8 to 60 \
             frames a second, three kinds of easing, any scale, any first pose, lenses right and wrong, in every \
             format that is read. A move is found where its kind and at least half of its time are right. {} paths \
             ({:.1} %) are read without any fault: every move and hold, every boundary within 0.15 s, every amount \
             within 5 %.\n",
            self.paths,
            self.noisy,
            self.right,
            100.0 * self.right as f64 / self.paths.max(1) as f64
        );
        let _ = writeln!(
            out,
            "{} paths were refused. The aim is 0.15 s and 5 % for every move. Without shake, or with the little of a \
             stabilised rig, it is met for nearly all; a hand's shake blurs when a move begins and how far it goes, the \
             more the slower and smaller the move, and there the tables say how often it is missed. A short path of \
             few frames tells no shake at all.\n",
            self.refused.len()
        );
        out.push_str("### By move\n\n");
        let rows = self
            .kinds
            .iter()
            .map(|(kind, score)| score.row(&kind.key().replace('_', " ")))
            .chain([self.all.row("**all but static**")]);
        out.push_str(&table(&HEAD, rows));
        out.push_str("\n### By what the path is made of\n\n");
        out.push_str(&table(
            &HEAD,
            self.plans
                .iter()
                .map(|(plan, score)| score.row(plan.name())),
        ));
        out.push_str("\n### By how the camera is held\n\n");
        out.push_str(&table(
            &HEAD,
            self.hands
                .iter()
                .map(|(hand, score)| score.row(hand.name())),
        ));
        out.push_str("\n### By format\n\n");
        out.push_str(&table(
            &HEAD,
            self.formats.iter().map(|(format, score)| score.row(format)),
        ));
        let _ = writeln!(
            out,
            "\n### Cuts\n\nPrecision {:.3}, recall {:.3} of {} cuts.\n",
            self.cuts.precision(),
            self.cuts.recall(),
            self.cuts.right + self.cuts.missed
        );
        let _ = writeln!(
            out,
            "### Steadiness\n\nRows are the known shake (slight 0.06–0.12°, hand-held 0.35–0.7°, strong 1.3–2.2° root mean \
             square an axis), columns the word that was read; {:.1} % are told as they are.\n",
            100.0 * self.steadiness_right as f64 / self.paths.max(1) as f64
        );
        out.push_str(&self.steadiness.table());
        out.push_str(
            "\n### What is missed\n\nThe most frequent misses, and what was said instead.\n\n",
        );
        let mut mistaken: Vec<_> = self.mistaken.iter().collect();
        mistaken.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
        out.push_str(&table(
            &["is", "read as", "times"],
            mistaken.into_iter().take(15).map(|((is, read), times)| {
                let read = if read.is_empty() { "nothing" } else { read };
                vec![
                    is.replace('_', " "),
                    read.replace('_', " "),
                    times.to_string(),
                ]
            }),
        ));
        out
    }
}

/// A format's name on the page.
fn format_name(format: CameraFormat) -> &'static str {
    match format {
        CameraFormat::RealEstate10k => "RealEstate10K",
        CameraFormat::VideoxFun => "VideoX-Fun",
        CameraFormat::MotionCtrl => "MotionCtrl",
        CameraFormat::ReCamMaster => "ReCamMaster",
        CameraFormat::Nerfstudio => "nerfstudio transforms",
        CameraFormat::NerfstudioPath => "nerfstudio path",
        CameraFormat::InstantNgp => "instant-ngp",
        CameraFormat::Tum => "TUM",
        CameraFormat::Kitti => "KITTI",
        CameraFormat::Colmap => "COLMAP",
        CameraFormat::Chan => ".chan",
        CameraFormat::Gltf => "glTF",
    }
}

/// A path's faults in one line, to find them by their seed.
fn describe(case: &PathCase, reading: &CameraReading, compared: &Compared) -> String {
    let truth: Vec<String> = case
        .truth
        .iter()
        .map(|one| {
            format!(
                "{} {:.2}–{:.2} {:.2}",
                one.kind.key(),
                one.start_s,
                one.end_s,
                one.amount
            )
        })
        .collect();
    let read: Vec<String> = reading
        .moves
        .iter()
        .map(|one| {
            format!(
                "{} {:.2}–{:.2} {:.2}",
                key(one.kind),
                one.start_s,
                one.end_s,
                one.amount
            )
        })
        .collect();
    let off: Vec<String> = compared
        .met
        .iter()
        .map(|met| {
            format!(
                "{:.2}/{:.2}/{:.1}%",
                met.boundaries_s[0],
                met.boundaries_s[1],
                100.0 * met.amount.unwrap_or(0.0)
            )
        })
        .collect();
    let severity = match (compared.missed.len(), compared.wrong.len()) {
        (0, 0) => "near",
        (_, 0) => "MISS",
        (0, _) => "WRONG",
        _ => "BOTH",
    };
    format!(
        "{severity} {} {} {} {} fps, {:?}, {:?}: is [{}] read [{}] off [{}] cuts {:?} {:?}",
        case.seed,
        case.plan.name(),
        case.hand.name(),
        case.fps.round(),
        case.format,
        reading.steadiness,
        truth.join(", "),
        read.join(", "),
        off.join(", "),
        case.cuts,
        reading.cuts,
    )
}
