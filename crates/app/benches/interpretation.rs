//! A whole measured interpretation of the sample shot, readings at hand, against the time its
//! readings take in the same run. Prints one JSON line.
//!
//! `cargo bench -p decoupage-app --bench interpretation`

#![allow(clippy::print_stdout, clippy::expect_used)]

use std::time::Instant;

use decoupage_app::api::JobEnd;
use decoupage_app::{Core, Places, Request, Response};
use decoupage_shot::Outcome;

const ROUNDS: usize = 21;

fn main() -> Outcome<()> {
    let place = tempfile::tempdir().expect("a temporary folder");
    let core = Core::new(
        Places {
            data: place.path().to_owned(),
            models: place.path().join("hub"),
            home: place.path().to_owned(),
        },
        false,
    );
    let Response::View { view } = core.ask(Request::OpenSample)? else {
        unreachable!("opening answers with a view");
    };
    let shot = &view.project.shots[0];
    let begun = Instant::now();
    for condition in &shot.conditions {
        let read = Request::Read {
            condition: condition.id,
        };
        core.run(read, |_| {})?;
    }
    let reading_ms = begun.elapsed().as_secs_f64() * 1_000.0;
    let mut times: Vec<f64> = Vec::new();
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let end = core.run(Request::interpret(shot.id), |_| {})?;
        assert!(matches!(end, JobEnd::Take { .. }));
        times.push(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    times.sort_by(f64::total_cmp);
    let median = times[ROUNDS / 2];
    println!(
        "{{\"bench\":\"interpretation\",\"rounds\":{ROUNDS},\"interpretation_ms\":{median:.2},\
         \"readings_ms\":{reading_ms:.1},\"ratio\":{:.4}}}",
        median / reading_ms
    );
    core.close()
}
