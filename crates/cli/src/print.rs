//! Results as people read them, and as programs do.

use decoupage_interpreter::check::{Finding, Severity};
use decoupage_shot::{Code, Fault, Outcome, Section, Shot, Take};
use serde::Serialize;

/// Columns that text is wrapped to.
const WIDTH: usize = 88;

pub(crate) fn json(value: &impl Serialize) -> Outcome<()> {
    let text = serde_json::to_string_pretty(value).map_err(|e| {
        Fault::new(
            Code::Internal,
            format!("The result cannot be printed: {e}."),
        )
    })?;
    println!("{text}");
    Ok(())
}

pub(crate) fn take(shot: &Shot, take: &Take) {
    println!("{} — {}", shot.name, take.name);
    if !shot.prompt.is_empty() {
        println!();
        paragraph("Prompt", &shot.prompt);
    }
    println!("\nTRACE\n");
    paragraph("Intent", &take.trace.intent);
    for note in &take.trace.conditions {
        let name = note
            .condition
            .and_then(|id| shot.condition(id))
            .map_or("Condition", |condition| condition.name.as_str());
        paragraph(name, &note.text);
    }
    for agreement in &take.trace.alignment.agreements {
        paragraph("Agrees", &agreement.text);
    }
    for conflict in &take.trace.alignment.conflicts {
        paragraph(
            "Conflict",
            &format!(
                "{}: the prompt says {}; the condition says {}. {}",
                conflict.about,
                conflict.prompt_says.trim_end_matches('.'),
                conflict.condition_says.trim_end_matches('.'),
                conflict.resolution
            ),
        );
    }
    for supplement in &take.trace.supplement {
        paragraph(
            "Supplied",
            &format!(
                "{} ({})",
                supplement.text,
                supplement.why.trim_end_matches('.')
            ),
        );
    }
    println!("\nCAPTION\n");
    for section in Section::ALL {
        paragraph(section.title(), take.caption.get(section));
    }
}

pub(crate) fn findings(findings: &[Finding]) {
    if findings.is_empty() {
        println!("Nothing to mend.");
    }
    for finding in findings {
        let severity = match finding.severity {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Problem => "problem",
        };
        let place = finding.section.map_or("", Section::title);
        println!(
            "{severity}: {place}{}{}",
            if place.is_empty() { "" } else { ": " },
            finding.text
        );
    }
}

/// A heading and a text, wrapped with a hanging indent.
fn paragraph(heading: &str, text: &str) {
    let mut line = format!("  {heading}: ");
    let mut length = line.chars().count();
    for word in text.split_whitespace() {
        let word_length = word.chars().count();
        if length + word_length + 1 > WIDTH {
            println!("{}", line.trim_end());
            line = "      ".to_owned();
            length = 6;
        }
        line.push_str(word);
        line.push(' ');
        length += word_length + 1;
    }
    println!("{}", line.trim_end());
}
