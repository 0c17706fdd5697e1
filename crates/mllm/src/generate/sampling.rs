//! Drawing the next token, in the order of transformers' processors: repetition penalty,
//! temperature, top-k, top-p, min-p.

use std::collections::HashSet;

use decoupage_dialogue::{Failure, FailureCode, Outcome, Sampling};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// After temperature, what lies so far below the best is 10⁻¹¹ as likely: never drawn.
const HOPELESS: f32 = 25.0;

/// Draws tokens; the same seed draws the same ones.
#[derive(Debug)]
pub struct Sampler {
    random: StdRng,
}

impl Sampler {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Self {
            random: StdRng::seed_from_u64(seed),
        }
    }

    /// The next token, or none where nothing is allowed. Logits that are no number, and those of
    /// −∞, are never drawn. `written` are the tokens of the answer so far; `allow` is asked about
    /// the token that was drawn, and the next draw leaves it out where it is refused.
    pub fn draw(
        &mut self,
        logits: &mut [f32],
        written: &HashSet<u32>,
        how: &Sampling,
        mut allow: impl FnMut(u32) -> bool,
    ) -> Option<u32> {
        for logit in logits.iter_mut() {
            if logit.is_nan() {
                *logit = f32::NEG_INFINITY;
            } else if *logit == f32::INFINITY {
                *logit = f32::MAX;
            }
        }
        penalise(logits, written, how.repetition_penalty as f32);
        loop {
            let id = if how.temperature > 0.0 {
                self.by_chance(logits, how)
            } else {
                best(logits)
            }?;
            if allow(id) {
                return Some(id);
            }
            *logits.get_mut(id as usize)? = f32::NEG_INFINITY;
        }
    }

    fn by_chance(&mut self, logits: &[f32], how: &Sampling) -> Option<u32> {
        let warmth = how.temperature as f32;
        let top = logits[best(logits)? as usize];
        let mut kept: Vec<(u32, f32)> = logits
            .iter()
            .enumerate()
            .map(|(id, &logit)| (id as u32, (logit - top) / warmth))
            .filter(|&(_, logit)| logit > -HOPELESS)
            .collect();
        let likeliest_first =
            |a: &(u32, f32), b: &(u32, f32)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
        if how.top_k > 0 && how.top_k < kept.len() {
            kept.select_nth_unstable_by(how.top_k - 1, likeliest_first);
            kept.truncate(how.top_k);
        }
        for (_, weight) in &mut kept {
            *weight = weight.exp();
        }
        kept.sort_unstable_by(likeliest_first);
        if how.top_p < 1.0 {
            let all: f32 = kept.iter().map(|(_, weight)| weight).sum();
            let wanted = all * how.top_p as f32;
            let mut sum = 0.0;
            let enough = kept.iter().position(|(_, weight)| {
                sum += weight;
                sum >= wanted
            });
            kept.truncate(enough.map_or(kept.len(), |last| last + 1));
        }
        if how.min_p > 0.0 {
            // The likeliest weighs one.
            kept.retain(|&(_, weight)| weight >= how.min_p as f32);
        }
        let all: f32 = kept.iter().map(|(_, weight)| weight).sum();
        let mut at = self.random.random::<f32>() * all;
        for &(id, weight) in &kept {
            at -= weight;
            if at < 0.0 {
                return Some(id);
            }
        }
        kept.last().map(|&(id, _)| id)
    }
}

/// Keskar et al. 2019, §4.1.
fn penalise(logits: &mut [f32], written: &HashSet<u32>, penalty: f32) {
    if penalty == 1.0 {
        return;
    }
    for &id in written {
        if let Some(logit) = logits.get_mut(id as usize) {
            *logit *= if *logit < 0.0 { penalty } else { 1.0 / penalty };
        }
    }
}

/// The first of the highest.
pub(crate) fn best(logits: &[f32]) -> Option<u32> {
    let mut found: Option<(usize, f32)> = None;
    for (id, &logit) in logits.iter().enumerate() {
        if logit > found.map_or(f32::NEG_INFINITY, |(_, best)| best) {
            found = Some((id, logit));
        }
    }
    found.map(|(id, _)| id as u32)
}

/// Whether the numbers make sense.
///
/// # Errors
/// One sentence about the one that does not.
pub fn check(how: &Sampling) -> Outcome<()> {
    let wrong = |what: &str| Err(Failure::new(FailureCode::Invalid, what));
    if !(how.temperature.is_finite() && (0.0..=100.0).contains(&how.temperature)) {
        return wrong("The temperature must lie between 0 and 100.");
    }
    if !(how.top_p > 0.0 && how.top_p <= 1.0) {
        return wrong("Top-p must lie above 0 and not above 1.");
    }
    if !(0.0..=1.0).contains(&how.min_p) {
        return wrong("Min-p must lie between 0 and 1.");
    }
    if !(how.repetition_penalty.is_finite() && (0.01..=100.0).contains(&how.repetition_penalty)) {
        return wrong("The repetition penalty must lie between 0.01 and 100.");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shares(logits: &[f32], how: &Sampling) -> Vec<f64> {
        let mut sampler = Sampler::new(how.seed);
        let mut counts = vec![0.0; logits.len()];
        let written = HashSet::from([1]);
        for _ in 0..20_000 {
            let id = sampler
                .draw(&mut logits.to_vec(), &written, how, |_| true)
                .unwrap();
            counts[id as usize] += 1.0 / 20_000.0;
        }
        counts
    }

    fn near(found: &[f64], expected: &[f64]) {
        for (f, e) in found.iter().zip(expected) {
            assert!((f - e).abs() < 0.015, "{found:?} {expected:?}");
        }
    }

    /// Natural logarithms of these shares.
    const LOGITS: [f32; 4] = [-0.693_147, -1.386_294, -2.079_442, -2.079_442];

    #[test]
    fn words_are_drawn_by_their_shares() {
        let warm = Sampling {
            temperature: 1.0,
            ..Sampling::default()
        };
        near(&shares(&LOGITS, &warm), &[0.5, 0.25, 0.125, 0.125]);
        let top_k = Sampling {
            top_k: 2,
            ..warm.clone()
        };
        near(&shares(&LOGITS, &top_k), &[2.0 / 3.0, 1.0 / 3.0, 0.0, 0.0]);
        let top_p = Sampling {
            top_p: 0.6,
            ..warm.clone()
        };
        near(&shares(&LOGITS, &top_p), &[2.0 / 3.0, 1.0 / 3.0, 0.0, 0.0]);
        let min_p = Sampling {
            min_p: 0.4,
            ..warm.clone()
        };
        near(&shares(&LOGITS, &min_p), &[2.0 / 3.0, 1.0 / 3.0, 0.0, 0.0]);
        let cold = Sampling {
            temperature: 0.5,
            ..warm.clone()
        };
        let all = 0.25 + 0.0625 + 2.0 * 0.015_625;
        near(
            &shares(&LOGITS, &cold),
            &[0.25 / all, 0.0625 / all, 0.015_625 / all, 0.015_625 / all],
        );
        // The second was written: its negative logit doubles, its weight is squared.
        let penalty = Sampling {
            repetition_penalty: 2.0,
            ..warm
        };
        let all = 0.5 + 0.0625 + 0.25;
        near(
            &shares(&LOGITS, &penalty),
            &[0.5 / all, 0.0625 / all, 0.125 / all, 0.125 / all],
        );
    }

    proptest! {
        #[test]
        fn the_same_seed_draws_the_same(
            logits in prop::collection::vec(prop_oneof![
                8 => -30f32..30.0, 1 => Just(f32::NAN), 1 => Just(f32::INFINITY),
                1 => Just(f32::NEG_INFINITY)], 1..40),
            temperature in prop_oneof![Just(0.0), 0.05f64..3.0],
            top_k in 0usize..6, top_p in 0.05f64..=1.0, min_p in 0.0f64..0.9, seed: u64,
        ) {
            let how = Sampling { temperature, top_k, top_p, min_p, ..Sampling::default() };
            let draw = || {
                let mut sampler = Sampler::new(seed);
                let none = HashSet::new();
                (0..5).map(|_| sampler.draw(&mut logits.clone(), &none, &how, |id| id % 3 != 1))
                    .collect::<Vec<_>>()
            };
            let first = draw();
            prop_assert_eq!(&first, &draw());
            for id in first.iter().flatten() {
                let logit = logits[*id as usize];
                prop_assert!(id % 3 != 1 && !logit.is_nan() && logit != f32::NEG_INFINITY);
            }
            if first[0].is_none() {
                prop_assert!(logits.iter().enumerate().all(|(id, l)|
                    id % 3 == 1 || l.is_nan() || *l == f32::NEG_INFINITY));
            }
        }
    }
}
