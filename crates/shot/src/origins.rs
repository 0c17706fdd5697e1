//! Keeping origins true while a person edits the words.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::caption::{Origin, OriginSpan};

/// Longest text, in scalars, whose unchanged words are searched for; beyond it everything that
/// changed between the common beginning and end counts as written by hand.
const LONGEST_DIFF: usize = 20_000;

/// The origin spans of `new`, given those of `old`: words that stayed keep their origin, words
/// that came are by hand. Spans are in Unicode scalars.
pub fn amend(old: &str, spans: &[OriginSpan], new: &str) -> Vec<OriginSpan> {
    let old: Vec<char> = old.chars().collect();
    let new: Vec<char> = new.chars().collect();
    // For each scalar of the old text, the span it lies in.
    let mut owner = vec![None; old.len()];
    for (number, span) in spans.iter().enumerate() {
        let end = (span.end as usize).min(old.len());
        for slot in owner.iter_mut().take(end).skip(span.start as usize) {
            *slot = Some(number);
        }
    }
    let mut origins: Vec<Option<(Origin, Option<usize>)>> = vec![None; new.len()];
    let mut kept = |from: usize, to: usize, length: usize| {
        for offset in 0..length {
            origins[to + offset] = owner[from + offset].map(|n| (spans[n].origin, Some(n)));
        }
    };
    let mut written = Vec::new();
    for op in compare(&old, &new) {
        match op {
            DiffOp::Equal {
                old_index,
                new_index,
                len,
            } => kept(old_index, new_index, len),
            DiffOp::Insert {
                new_index, new_len, ..
            }
            | DiffOp::Replace {
                new_index, new_len, ..
            } => written.push(new_index..new_index + new_len),
            DiffOp::Delete { .. } => {}
        }
    }
    for range in written {
        for slot in &mut origins[range] {
            *slot = Some((Origin::Hand, None));
        }
    }
    let mut result: Vec<OriginSpan> = Vec::new();
    for (position, origin) in origins.into_iter().enumerate() {
        let position = u32::try_from(position).unwrap_or(u32::MAX);
        let Some((origin, number)) = origin else {
            continue;
        };
        let condition = number.and_then(|n| spans[n].condition);
        match result.last_mut() {
            Some(last)
                if last.end == position && last.origin == origin && last.condition == condition =>
            {
                last.end += 1;
            }
            _ => result.push(OriginSpan {
                start: position,
                end: position + 1,
                origin,
                condition,
            }),
        }
    }
    result
}

/// Compares word by word, so that a replaced word is by hand as a whole and not letter by
/// letter. Common beginning and end are cut off first.
fn compare(old: &[char], new: &[char]) -> Vec<DiffOp> {
    if old.len().max(new.len()) > LONGEST_DIFF {
        let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
        let tail = old[head..]
            .iter()
            .rev()
            .zip(new[head..].iter().rev())
            .take_while(|(a, b)| a == b)
            .count();
        return vec![
            DiffOp::Equal {
                old_index: 0,
                new_index: 0,
                len: head,
            },
            DiffOp::Replace {
                old_index: head,
                old_len: old.len() - head - tail,
                new_index: head,
                new_len: new.len() - head - tail,
            },
            DiffOp::Equal {
                old_index: old.len() - tail,
                new_index: new.len() - tail,
                len: tail,
            },
        ];
    }
    let (old_words, old_starts) = words(old);
    let (new_words, new_starts) = words(new);
    capture_diff_slices(Algorithm::Patience, &old_words, &new_words)
        .into_iter()
        .map(|op| {
            let (_, o, n) = op.as_tag_tuple();
            let (old_index, new_index) = (old_starts[o.start], new_starts[n.start]);
            let old_len = old_starts[o.end] - old_index;
            let new_len = new_starts[n.end] - new_index;
            match op {
                DiffOp::Equal { .. } => DiffOp::Equal {
                    old_index,
                    new_index,
                    len: old_len,
                },
                _ => DiffOp::Replace {
                    old_index,
                    old_len,
                    new_index,
                    new_len,
                },
            }
        })
        .collect()
}

/// The words of a text (runs of letters and digits; every other scalar on its own) and where
/// they begin, with the text's length at the end.
fn words(text: &[char]) -> (Vec<&[char]>, Vec<usize>) {
    let mut starts = vec![0];
    for position in 1..text.len() {
        if !(text[position].is_alphanumeric() && text[position - 1].is_alphanumeric()) {
            starts.push(position);
        }
    }
    if text.is_empty() {
        return (Vec::new(), vec![0]);
    }
    starts.push(text.len());
    let words = starts
        .windows(2)
        .map(|pair| &text[pair[0]..pair[1]])
        .collect();
    (words, starts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::ConditionId;
    use proptest::prelude::*;

    fn span(start: u32, end: u32, origin: Origin) -> OriginSpan {
        OriginSpan {
            start,
            end,
            origin,
            condition: None,
        }
    }

    #[test]
    fn a_replaced_word_is_by_hand_and_its_neighbours_keep_their_origin() {
        let spans = [span(0, 8, Origin::Prompt), span(8, 19, Origin::Inferred)];
        let amended = amend("A woman, in red coat", &spans, "A woman, in blue coat");
        assert_eq!(
            amended,
            [
                span(0, 8, Origin::Prompt),
                span(8, 12, Origin::Inferred),
                span(12, 16, Origin::Hand),
                span(16, 20, Origin::Inferred),
            ]
        );
    }

    #[test]
    fn offsets_count_scalars_not_bytes() {
        let spans = [OriginSpan {
            start: 0,
            end: 5,
            origin: Origin::Condition,
            condition: Some(ConditionId(7)),
        }];
        let amended = amend("Zoë 👩", &spans, "Ach, Zoë 👩");
        assert_eq!(amended[0], span(0, 5, Origin::Hand));
        assert_eq!((amended[1].start, amended[1].end), (5, 10));
        assert_eq!(amended[1].condition, Some(ConditionId(7)));
    }

    #[test]
    fn a_section_written_from_nothing_is_by_hand() {
        assert_eq!(amend("", &[], "New."), [span(0, 4, Origin::Hand)]);
        assert_eq!(amend("Old.", &[span(0, 4, Origin::Prompt)], ""), []);
    }

    proptest! {
        #[test]
        fn spans_stay_sorted_and_within_the_text(
            old in "\\PC{0,60}",
            new in "\\PC{0,60}",
            cut in 0u32..80,
        ) {
            let spans = [span(0, cut, Origin::Prompt), span(cut, 200, Origin::Inferred)];
            let amended = amend(&old, &spans, &new);
            let length = u32::try_from(new.chars().count()).unwrap();
            let mut last = 0;
            for span in &amended {
                prop_assert!(last <= span.start && span.start < span.end && span.end <= length);
                last = span.end;
            }
        }

        #[test]
        fn unchanged_text_keeps_its_spans(text in "\\PC{1,60}") {
            let length = u32::try_from(text.chars().count()).unwrap();
            let spans = vec![span(0, length, Origin::Condition)];
            prop_assert_eq!(amend(&text, &spans, &text), spans);
        }
    }
}
