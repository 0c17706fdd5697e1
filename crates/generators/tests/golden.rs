//! The example take of the design page in every profile, word for word. A changed word is a
//! changed prompt: read it before you accept it (`DECOUPAGE_ACCEPT=1 cargo test`).

mod sample;

use std::path::Path;

use decoupage_generators::{compose, profiles};

#[test]
fn the_sample_take_reads_as_it_should_for_every_generator() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let accept = std::env::var_os("DECOUPAGE_ACCEPT").is_some();
    let mut wrong = Vec::new();
    for profile in profiles() {
        let prompt = compose(&profile.key, &sample::shot(), &sample::take(), None).unwrap();
        let mut text = prompt.text.clone();
        text.push('\n');
        for warning in &prompt.warnings {
            text.push_str(&format!("\n! {warning}\n"));
        }
        let path = folder.join(format!("{}.txt", profile.key));
        if accept {
            std::fs::write(&path, &text).unwrap();
        }
        let expected = std::fs::read_to_string(&path)
            .unwrap_or_default()
            .replace("\r\n", "\n");
        if expected != text {
            wrong.push(format!(
                "{}\n--- is\n{text}--- was\n{expected}",
                profile.key
            ));
        }
        assert!(
            prompt.dropped.is_empty(),
            "{}: {:?}",
            profile.key,
            prompt.dropped
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
