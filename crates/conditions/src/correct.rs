//! A person's corrections, applied to what was measured: they win.

use decoupage_shot::{Change, Correction};

use crate::outline::{Item, Outline, outline};
use crate::reading::{Evidence, Reading, Statement, TimeSpan};

/// What every kind of reading offers to be laid open and corrected. Sentences need no code of
/// their own: they are listed and corrected alike for all kinds.
pub trait Parts {
    /// Every sentence, those about single people included, in a fixed order.
    fn statements(&self) -> Vec<&Statement>;

    /// The same lists of sentences, to change.
    fn statements_mut(&mut self) -> Vec<&mut Vec<Statement>>;

    /// Its measured parts, sentences not included.
    fn items(&self) -> Vec<Item> {
        Vec::new()
    }

    /// What was measured over time.
    fn curves(&self) -> Vec<crate::outline::Curve> {
        Vec::new()
    }

    /// Changes the part that [`Parts::items`] calls `key`; `false` where it cannot be.
    fn correct(&mut self, _key: &str, _change: &Change) -> bool {
        false
    }

    /// Writes the sentences anew from the measured parts, after some were corrected. Sentences
    /// that rest on the file itself stay.
    fn restate(&mut self) {}
}

/// A reading as corrected, and what could not be.
#[derive(Debug, Clone, PartialEq)]
pub struct Corrected {
    /// The reading.
    pub reading: Reading,
    /// Corrections of items that are not there, or say something else than when they were
    /// corrected.
    pub unmet: Vec<Correction>,
}

/// Applies corrections to a measured reading.
pub fn correct(measured: &Reading, corrections: &[Correction]) -> Corrected {
    let mut reading = measured.clone();
    let mut unmet = Vec::new();
    if corrections.is_empty() {
        return Corrected { reading, unmet };
    }
    let laid = outline(measured);
    let (sentences, parts): (Vec<_>, Vec<_>) = corrections
        .iter()
        .partition(|correction| correction.item.starts_with("statement/"));
    let mut placed: Vec<(usize, &Correction)> = Vec::new();
    for correction in parts {
        match place(&laid, correction) {
            Some(place) => placed.push((place, correction)),
            None => unmet.push(correction.clone()),
        }
    }
    // Keys count places: what is deleted goes last and from behind, so that none is shifted.
    placed.sort_by_key(|(place, correction)| match correction.change {
        Change::Delete => (1, usize::MAX - place),
        _ => (0, 0),
    });
    let mut restated = false;
    for (_, correction) in placed {
        if reading
            .parts_mut()
            .correct(&correction.item, &correction.change)
        {
            restated = true;
        } else {
            unmet.push(correction.clone());
        }
    }
    if restated {
        reading.parts_mut().restate();
    }
    for correction in sentences {
        if !sentence(&mut reading, correction) {
            unmet.push(correction.clone());
        }
    }
    Corrected { reading, unmet }
}

/// Where the item stands that a correction is of.
fn place(laid: &Outline, correction: &Correction) -> Option<usize> {
    laid.items
        .iter()
        .position(|item| item.key == correction.item && item.words == correction.was)
}

/// Sentences are found by what they said: others may have come or gone before them.
fn sentence(reading: &mut Reading, correction: &Correction) -> bool {
    let mut parts = reading.parts_mut().statements_mut();
    let Some((list, at)) = parts.iter_mut().find_map(|list| {
        let at = list.iter().position(|s| s.text == correction.was)?;
        Some((list, at))
    }) else {
        return false;
    };
    match &correction.change {
        Change::Delete => {
            list.remove(at);
        }
        Change::Rename { to } => {
            if let Some(statement) = list.get_mut(at) {
                statement.text.clone_from(to);
                statement.evidence = Evidence::Person;
                statement.confidence = 1.0;
            }
        }
        Change::Retime { start_s, end_s } => {
            if let Some(statement) = list.get_mut(at) {
                statement.span = Some(TimeSpan {
                    start_s: *start_s,
                    end_s: *end_s,
                });
                statement.evidence = Evidence::Person;
            }
        }
    }
    true
}

#[cfg(test)]
mod tests;
