//! Writes the accuracy page: `decoupage-accuracy PAGE [CHAPTER …]`.
//!
//! Chapters that are not named stay as the page has them.

use std::fs;
use std::process::ExitCode;
use std::time::Instant;

use decoupage_accuracy::{CHAPTERS, Effort};

const HEAD: &str = "# How right the readings are

Every number on this page is measured: scenes are made whose truth is known, written to files,
and read as a person's files are read. `npm run accuracy` makes the page anew; the same scenes,
fewer of them, are part of the tests.
";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(page) = arguments.next() else {
        eprintln!("Say which page to write: decoupage-accuracy PAGE [CHAPTER …]");
        return ExitCode::from(2);
    };
    let wanted: Vec<String> = arguments.collect();
    if let Some(unknown) = wanted
        .iter()
        .find(|name| CHAPTERS.iter().all(|(known, _)| known != name))
    {
        eprintln!("There is no chapter “{unknown}”.");
        return ExitCode::from(2);
    }
    let before = fs::read_to_string(&page).unwrap_or_default();
    let mut text = HEAD.to_owned();
    for (name, make) in CHAPTERS {
        let mark = format!("<!-- {name} -->\n");
        let old = before
            .split_once(&mark)
            .map(|(_, rest)| rest.split("\n<!-- ").next().unwrap_or(rest));
        let kept = !wanted.is_empty() && !wanted.iter().any(|w| w == name);
        let body = match old {
            Some(old) if kept => old.trim_end().to_owned(),
            None if kept => continue,
            _ => {
                let begun = Instant::now();
                let chapter = make(Effort::Page);
                eprintln!("{name}: {:.1} s", begun.elapsed().as_secs_f64());
                format!("## {}\n\n{}", chapter.title, chapter.body.trim_end())
            }
        };
        text.push_str(&format!("\n{mark}{body}\n"));
    }
    match fs::write(&page, text) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("The page cannot be written to {page}: {error}");
            ExitCode::FAILURE
        }
    }
}
