//! A take as sentences that know their section and their origin.

use decoupage_shot::{ConditionId, Origin, OriginSpan, Section, Take};

use crate::sentence::split;

/// One sentence of a take.
#[derive(Debug, Clone)]
pub(crate) struct Sentence {
    /// Its section.
    pub section: Section,
    /// The words as they stand in the section.
    pub text: String,
    /// The origin that decides when it is dropped.
    pub origin: Origin,
    /// The conditions it speaks from.
    pub conditions: Vec<ConditionId>,
}

impl Sentence {
    /// Whether a person wrote it: such words leave as they are and are dropped last.
    pub fn by_hand(&self) -> bool {
        self.origin == Origin::Hand
    }
}

/// All sentences of a take, in caption order.
pub(crate) fn sentences(take: &Take) -> Vec<Sentence> {
    let mut all = Vec::new();
    for section in Section::ALL {
        let spans = take.origins.get(section);
        for sentence in split(take.caption.get(section)) {
            let mut conditions = Vec::new();
            for span in touching(spans, sentence.start, sentence.end) {
                if let Some(id) = span.condition
                    && !conditions.contains(&id)
                {
                    conditions.push(id);
                }
            }
            all.push(Sentence {
                section,
                text: sentence.text.to_owned(),
                origin: weight(spans, sentence.start, sentence.end),
                conditions,
            });
        }
    }
    all
}

fn touching(spans: &[OriginSpan], start: u32, end: u32) -> impl Iterator<Item = &OriginSpan> {
    spans
        .iter()
        .filter(move |span| span.start < end && span.end > start)
}

/// The origin a sentence counts as. Any hand-written word makes it a hand-written sentence;
/// else the origin of most of its words decides, the less important one on a tie. (Were it
/// the least important word, one inferred adverb would cost the whole first sentence.)
/// Words without an origin count as inferred.
fn weight(spans: &[OriginSpan], start: u32, end: u32) -> Origin {
    let mut covered = [0_u32; 3];
    for span in touching(spans, start, end) {
        let length = span.end.min(end).saturating_sub(span.start.max(start));
        match span.origin {
            Origin::Hand => return Origin::Hand,
            Origin::Inferred => covered[0] += length,
            Origin::Condition => covered[1] += length,
            Origin::Prompt => covered[2] += length,
        }
    }
    let [inferred, condition, prompt] = covered;
    if prompt > condition && prompt > inferred {
        Origin::Prompt
    } else if condition > inferred {
        Origin::Condition
    } else {
        Origin::Inferred
    }
}

/// How much a section matters when a prompt must be shortened; less is dropped first.
fn importance(section: Section) -> u8 {
    match section {
        Section::Style => 0,
        Section::Background => 1,
        Section::MainObject => 2,
        Section::Action => 3,
        Section::Camera => 4,
        Section::Dense => 5,
    }
}

/// The order in which sentences are dropped: least important origin first, within it the
/// least important section, within that the last sentence.
pub(crate) fn drop_order(all: &[Sentence], used: &[usize]) -> Vec<usize> {
    let mut order: Vec<usize> = used.to_vec();
    order.sort_by_key(|&index| {
        all.get(index).map(|sentence| {
            (
                sentence.origin,
                importance(sentence.section),
                std::cmp::Reverse(index),
            )
        })
    });
    order
}
