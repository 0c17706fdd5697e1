//! The `parameters` text that Stable Diffusion web UIs write: the prompt, then a line that
//! begins with `Negative prompt:`, then a last line of settings.

/// Whether a text has the marks of generation parameters (for fields that hold other things
/// too, such as an EXIF comment).
pub fn looks_like(text: &str) -> bool {
    text.lines()
        .any(|line| line.trim_start().starts_with("Negative prompt:"))
        || text.lines().last().is_some_and(is_settings)
}

/// The prompt and the negative prompt.
pub fn parse(text: &str) -> Option<(String, Option<String>)> {
    let mut lines: Vec<&str> = text.trim().lines().collect();
    if lines.last().is_some_and(|line| is_settings(line)) {
        lines.pop();
    }
    let negative_at = lines
        .iter()
        .position(|line| line.trim_start().starts_with("Negative prompt:"));
    let (positive, negative) = match negative_at {
        Some(at) => lines.split_at(at.min(lines.len())),
        None => (lines.as_slice(), [].as_slice()),
    };
    let positive = positive.join("\n").trim().to_owned();
    let negative = negative.join("\n");
    let negative = negative
        .trim_start()
        .strip_prefix("Negative prompt:")
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty());
    (!positive.is_empty()).then_some((positive, negative))
}

/// A line with at least three `key: value` pairs between commas.
fn is_settings(line: &str) -> bool {
    line.split(',')
        .filter(|part| {
            part.split_once(':').is_some_and(|(key, value)| {
                let key = key.trim();
                !key.is_empty()
                    && key.len() <= 32
                    && key
                        .chars()
                        .all(|c| c.is_alphanumeric() || " _-/".contains(c))
                    && value.starts_with(' ')
            })
        })
        .count()
        >= 3
}
