//! What is said where no move runs, or too many: holds and motion of no single kind.

use super::super::signals::Signals;
use super::super::{Move, MoveKind, MoveUnit};
use super::{LEAST_TRAVEL, LEAST_TURN_DEG, measures};

/// Puts a hold, or motion that nothing simpler describes, wherever no move runs.
pub(super) fn fill_rests(
    signals: &Signals,
    moves: &mut Vec<Move>,
    hold: f64,
    sway: [f64; 2],
    confidence: f64,
) {
    let mut spans: Vec<(f64, f64)> = moves.iter().map(|m| (m.start_s, m.end_s)).collect();
    spans.sort_by(|a, b| a.0.total_cmp(&b.0));
    spans.push((signals.duration, signals.duration));
    let alone = moves.is_empty();
    let travels = alone
        || moves
            .iter()
            .any(|m| matches!(m.unit, MoveUnit::Share | MoveUnit::M));
    let mut edge = 0.0_f64;
    for (start, end) in spans {
        if start - edge >= hold || (alone && start > edge) {
            let kind = if wanders(signals, edge, start, sway, travels) {
                MoveKind::Complex
            } else {
                MoveKind::Static
            };
            moves.push(measures::plain(kind, edge, start, confidence));
        }
        edge = edge.max(end);
    }
}

/// Whether the camera goes well away from where it is and nothing names how. In a path whose
/// moves do not travel, travel is what turning leaves in the numbers.
fn wanders(signals: &Signals, start: f64, end: f64, sway: [f64; 2], travels: bool) -> bool {
    let (a, b) = (signals.index(start), signals.index(end));
    let spread = |channel: usize| {
        let values = &signals.smooth[channel][a..=b];
        let high = values.iter().copied().fold(f64::MIN, f64::max);
        let low = values.iter().copied().fold(f64::MAX, f64::min);
        let shake = (6.0 * signals.noise[channel]).max(12.0 * signals.unrest[channel]);
        let above = high - low - shake;
        above.max(0.0)
    };
    let travel = (0..3).map(spread).fold(0.0, f64::max);
    let turn = (3..6).map(spread).fold(0.0, f64::max);
    let rough = signals.noise[..3].iter().copied().fold(0.0, f64::max);
    turn > (3.0 * LEAST_TURN_DEG).max(4.0 * sway[1])
        || (travels && travel > (4.0 * LEAST_TRAVEL).max(4.0 * sway[0]) && rough < 0.02)
}

/// So many moves at once are no longer several moves.
const TANGLE: usize = 4;

/// Joins four or more moves that share nearly all of their time into one of no single kind:
/// nobody directs a truck, a pedestal, a pan and a roll together, and whoever reads four
/// directions at once sees none.
pub(super) fn join_tangles(moves: &mut Vec<Move>) {
    let mut index = 0;
    while let Some(first) = moves.get(index).cloned() {
        let shares = |one: &Move| {
            let shared = one.end_s.min(first.end_s) - one.start_s.max(first.start_s);
            let whole = one.end_s.max(first.end_s) - one.start_s.min(first.start_s);
            shared >= 0.7 * whole
        };
        if moves.iter().filter(|one| shares(one)).count() < TANGLE {
            index += 1;
            continue;
        }
        let (tangle, rest): (Vec<Move>, Vec<Move>) = moves.drain(..).partition(|one| shares(one));
        let start = tangle
            .iter()
            .map(|one| one.start_s)
            .fold(f64::MAX, f64::min);
        let end = tangle.iter().map(|one| one.end_s).fold(0.0, f64::max);
        *moves = rest;
        moves.push(measures::plain(
            MoveKind::Complex,
            start,
            end,
            first.confidence,
        ));
        index = 0;
    }
}

/// Many short moves one after another are not a sequence that anyone directed.
pub(super) fn is_fragmented(moves: &[Move]) -> bool {
    let moving: Vec<f64> = moves
        .iter()
        .filter(|m| m.kind != MoveKind::Static)
        .map(|m| m.end_s - m.start_s)
        .collect();
    moving.len() > 12 && moving.iter().sum::<f64>() / (moving.len() as f64) < 0.8
}
