//! The measured engine: no weights, deterministic. The default, the fallback, and the truth
//! that model output is checked against.
//!
//! Facts are gathered from prompt, readings and bindings; alignment settles what contradicts
//! (the text wins); six sections are composed piece by piece, each piece with its origin.

pub(crate) mod align;
pub(crate) mod cast;
pub(crate) mod clock;
pub(crate) mod compose;
pub(crate) mod facts;
pub(crate) mod moves;
pub(crate) mod perform;
pub(crate) mod references;
pub(crate) mod sections;
pub(crate) mod trace;

use decoupage_shot::{Outcome, Section, Trace};

use self::compose::{Said, sentences};
pub(crate) use self::facts::Facts;
pub(crate) use self::sections::style::light_words;
use crate::{Brief, Interpretation, Progress};

/// Writes trace and caption from the prompt and the readings.
///
/// `tell` hears the trace after each of its four steps and every section a sentence at a time.
///
/// # Errors
/// What `tell` returns (the person's cancellation).
pub fn interpret(
    brief: &Brief<'_>,
    tell: &mut dyn FnMut(Progress) -> Outcome<()>,
) -> Outcome<Interpretation> {
    let mut facts = Facts::gather(brief);
    let mut trace = Trace::default();
    let mut show = |trace: &Trace| {
        tell(Progress::Trace {
            trace: trace.clone(),
        })
    };
    trace.intent = trace::intent(&facts);
    show(&trace)?;
    trace.conditions = trace::conditions(&facts);
    show(&trace)?;
    let (alignment, decisions) = align::align(&facts);
    trace.alignment = alignment;
    facts.decisions = decisions;
    show(&trace)?;
    trace.supplement = trace::supplement(&facts);
    show(&trace)?;

    let mut out = Interpretation {
        trace,
        ..Interpretation::default()
    };
    let mut said = Said::of(&brief.shot.prompt);
    let kept = |section: Section| {
        let take = brief.keep.filter(|t| t.locked.contains(&section))?;
        Some((
            take.caption.get(section).to_owned(),
            take.origins.get(section).to_vec(),
        ))
    };
    for section in Section::ALL {
        if let Some((text, _)) = kept(section) {
            said.keep(&text);
        }
    }
    for section in Section::ALL {
        let (text, spans) = match kept(section) {
            Some(kept) => {
                tell(Progress::Section {
                    section,
                    text: kept.0.clone(),
                })?;
                kept
            }
            None => {
                let (text, spans) = sections::write(section, &facts, &mut said).finish();
                let mut shown = String::new();
                for sentence in sentences(&text) {
                    if !shown.is_empty() {
                        shown.push(' ');
                    }
                    shown.push_str(&sentence);
                    tell(Progress::Section {
                        section,
                        text: shown.clone(),
                    })?;
                }
                (text, spans)
            }
        };
        *out.caption.get_mut(section) = text;
        out.origins.0.insert(section, spans);
    }
    Ok(out)
}
