//! The scripts of guided decoding: four steps in `<think>`, six sections in `<answer>`. What
//! is forced stands in the script, the model fills what is open, what is locked is given.
//!
//! Headings and order follow Any2Caption ("1. Dense caption: …"). Locked sections are given
//! first, so that every open section is written in sight of all of them; a section that is
//! written alone comes last, after everything else.

use decoupage_dialogue::{Guide, Step};
use decoupage_shot::{ConditionId, Conflict, OriginSpan, Section, Trace};

use crate::grounding::within;
use crate::grounding::words::plain;
use crate::wishes::{Wishes, WritingStyle};

/// The most conditions that a model writes a note on; the others keep the measured one.
pub(crate) const MOST_NOTES: usize = 16;
/// The most conflicts whose resolution a model writes; the others keep the measured one.
pub(crate) const MOST_CONFLICTS: usize = 8;

/// The field of the first step.
pub const INTENT: &str = "intent";
/// The field of what agrees.
pub const AGREEMENTS: &str = "agreements";
/// The field of conflicts that only the model sees.
pub const OTHER_CONFLICTS: &str = "other_conflicts";
/// The field of the fourth step.
pub const SUPPLEMENT: &str = "supplement";

/// The field of the note on the condition with this place in the plan.
pub(crate) fn note_field(index: usize) -> String {
    format!("note_{}", index + 1)
}

/// The field of the resolution of the conflict with this place in the plan.
pub(crate) fn resolution_field(index: usize) -> String {
    format!("resolution_{}", index + 1)
}

/// What an answer consists of: what it is scripted by and assembled from.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Conditions the model writes a note on: who, what they are called, and the measured note.
    pub notes: Vec<PlannedNote>,
    /// Conflicts that were measured, with the measured resolution.
    pub conflicts: Vec<Conflict>,
    /// The six sections in the order they are written.
    pub sections: Vec<PlannedSection>,
    /// The trace, where it is kept.
    pub trace: Option<Trace>,
}

/// A condition in the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedNote {
    /// Which.
    pub condition: ConditionId,
    /// What it is called in the answer: "camera path “dolly”".
    pub label: String,
    /// The measured note, for where the model writes none.
    pub measured: String,
}

/// A section in the plan.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedSection {
    /// Which.
    pub section: Section,
    /// How it is written.
    pub style: WritingStyle,
    /// Its words and their origins, where it is locked.
    pub kept: Option<(String, Vec<OriginSpan>)>,
    /// The last whole second, for moments.
    pub last_s: u32,
}

impl Plan {
    /// The sections that the model writes.
    pub fn open(&self) -> impl Iterator<Item = Section> + '_ {
        self.sections
            .iter()
            .filter(|s| s.kept.is_none())
            .map(|s| s.section)
    }
}

/// A section's heading in the answer, without its number.
pub fn heading(section: Section) -> &'static str {
    match section {
        Section::Dense => "Dense caption",
        Section::MainObject => "Main object caption",
        Section::Background => "Background caption",
        Section::Camera => "Camera caption",
        Section::Style => "Style caption",
        Section::Action => "Action caption",
    }
}

/// "1. Dense caption:"
pub(crate) fn numbered(section: Section) -> String {
    let number = Section::ALL.iter().position(|s| *s == section).unwrap_or(0) + 1;
    format!("{number}. {}:", heading(section))
}

/// What ends a line of the trace or a section: a new line, or the model closing a block. All
/// begin with a character that no caption needs.
fn line_ends() -> Vec<String> {
    vec!["\n".to_owned(), "<".to_owned()]
}

fn given(text: impl Into<String>) -> Step {
    Step::Given {
        text: text.into(),
        field: None,
    }
}

fn line(field: impl Into<String>, max_tokens: usize, min_tokens: usize) -> Step {
    Step::Open {
        field: field.into(),
        until: line_ends(),
        max_tokens,
        min_tokens,
        must_include: Vec::new(),
        sampling: None,
    }
}

/// The script of an answer along this plan.
pub fn script(plan: &Plan, wishes: &Wishes) -> Guide {
    let mut steps = Vec::new();
    match &plan.trace {
        Some(trace) => {
            let thought = thought(trace, plan);
            steps.push(given(format!("<think>\n{thought}</think>\n<answer>\n")));
        }
        None => think(plan, &mut steps),
    }
    for (index, planned) in plan.sections.iter().enumerate() {
        let break_before = if index == 0 { "" } else { "\n" };
        steps.push(given(format!(
            "{break_before}{}",
            numbered(planned.section)
        )));
        steps.push(section(planned, wishes, plan));
    }
    steps.push(given("\n</answer>"));
    Guide { steps }
}

fn think(plan: &Plan, steps: &mut Vec<Step>) {
    steps.push(given("<think>\n1. Intent:"));
    steps.push(line(INTENT, 110, 6));
    let mut lead = "\n2. Conditions:".to_owned();
    for (index, note) in plan.notes.iter().enumerate() {
        lead.push_str(&format!("\n- {}:", note.label));
        steps.push(given(std::mem::take(&mut lead)));
        steps.push(line(note_field(index), 70, 4));
    }
    if plan.notes.is_empty() {
        lead.push_str(" none were given.");
    }
    lead.push_str("\n3. Alignment:\nAgreements:");
    steps.push(given(lead));
    steps.push(line(AGREEMENTS, 90, 1));
    let mut lead = String::from("\n");
    for (index, conflict) in plan.conflicts.iter().enumerate() {
        lead.push_str(&format!(
            "Conflict ({}): {}; {}. Resolution:{}",
            plain(&conflict.about, 40),
            said_by("the prompt", &within(&conflict.prompt_says)),
            within(&plain(&conflict.condition_says, 240)),
            match verdict(&conflict.resolution) {
                Some((verdict, _)) => format!(" {verdict}:"),
                None => String::new(),
            }
        ));
        steps.push(given(std::mem::take(&mut lead)));
        steps.push(line(resolution_field(index), 60, 3));
        lead.push('\n');
    }
    lead.push_str("Other conflicts:");
    steps.push(given(lead));
    steps.push(line(OTHER_CONFLICTS, 80, 1));
    steps.push(given("\n4. Supplement:"));
    steps.push(line(SUPPLEMENT, 120, 2));
    steps.push(given("\n</think>\n<answer>\n"));
}

/// "the prompt says “static camera”": what the prompt says is quoted, another condition's
/// words speak for themselves.
fn said_by(who: &str, says: &str) -> String {
    let says = plain(says, 240);
    if says.starts_with('“') {
        format!("{who} says {says}")
    } else {
        says
    }
}

/// The ruling of a measured resolution and its reasons: "The prompt wins" and what follows.
pub(crate) fn verdict(resolution: &str) -> Option<(&str, &str)> {
    let (verdict, why) = resolution.split_once(':')?;
    (verdict.split(' ').count() <= 5).then_some((verdict.trim(), why.trim()))
}

fn section(planned: &PlannedSection, wishes: &Wishes, plan: &Plan) -> Step {
    let field = planned.section.key().to_owned();
    if let Some((text, _)) = &planned.kept {
        return Step::Given {
            text: format!(" {}", one_line(text)),
            field: Some(field),
        };
    }
    let length = wishes.length(planned.section);
    if planned.style == WritingStyle::Moments && planned.last_s > 0 {
        let most = (planned.last_s as usize + 1).min(match planned.section {
            Section::Dense => 4,
            _ => 8,
        });
        return Step::Moments {
            field,
            last_s: planned.last_s,
            max_moments: most,
            max_tokens: (length.tokens / most).clamp(16, 48),
        };
    }
    let first_open = plan.open().next();
    let must_include = wishes
        .must_include
        .iter()
        .filter(|m| {
            let wanted = m.section.unwrap_or(Section::Dense);
            // A locked section takes no new words: the first open one does.
            let open = plan.open().any(|s| s == wanted);
            wanted == planned.section || !open && first_open == Some(planned.section)
        })
        .map(|m| plain(&m.words, 120))
        .filter(|words| !words.is_empty())
        .collect();
    Step::Open {
        field,
        until: line_ends(),
        max_tokens: length.tokens,
        min_tokens: match planned.section {
            Section::Dense => 16,
            _ => 6,
        },
        must_include,
        sampling: None,
    }
}

/// A locked text as it stands in the script: the script's lines end where a section ends.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A kept trace as the model would have written it.
fn thought(trace: &Trace, plan: &Plan) -> String {
    let mut out = format!("1. Intent: {}\n2. Conditions:", one_line(&trace.intent));
    for note in &trace.conditions {
        let label = plan
            .notes
            .iter()
            .find(|n| Some(n.condition) == note.condition)
            .map_or("condition", |n| n.label.as_str());
        out.push_str(&format!("\n- {label}: {}", one_line(&note.text)));
    }
    out.push_str("\n3. Alignment:\nAgreements:");
    for agreement in &trace.alignment.agreements {
        out.push_str(&format!(" {}", one_line(&agreement.text)));
    }
    for conflict in &trace.alignment.conflicts {
        out.push_str(&format!(
            "\nConflict ({}): {}; {}. Resolution: {}",
            one_line(&conflict.about),
            said_by("the prompt", &conflict.prompt_says),
            one_line(&conflict.condition_says),
            one_line(&conflict.resolution)
        ));
    }
    out.push_str("\n4. Supplement:");
    for supplement in &trace.supplement {
        out.push_str(&format!(
            " {} {}",
            one_line(&supplement.text),
            one_line(&supplement.why)
        ));
    }
    out.push('\n');
    // A trace edited outside may hold the script's own tags.
    out.replace('<', "‹").replace('>', "›")
}
