//! A whole checkpoint on this machine: prefill, decode, a picture's first token, the first token
//! after an edit, and peak memory.
//!
//! ```text
//! cargo bench -p decoupage-mllm --bench model -- FOLDER [q8_0 q4_k f32 bf16] [--rounds N]
//! ```
//!
//! The same inputs as `tests/parity/bench_reference.py`, so that the numbers can be laid side by
//! side; `npm run bench:model` does that. Each precision runs in a process of its own, so that its
//! peak memory is its own. The best of the rounds counts, the first pass is not timed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs
)]

use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use decoupage_dialogue::{
    Conversation, DeviceWish, Guide, MediaLimits, Message, ModelWish, Part, Precision, Role,
    Sampling, Stage, Step,
};
use decoupage_mllm::generate::{Request, Session, Watch};
use decoupage_mllm::media::{Media, Picture};
use decoupage_mllm::model::Model;
use serde_json::json;

const PROMPT: usize = 512;
const ANSWER: usize = 64;
const IMAGE_TEXT: usize = 64;
const SIDE: usize = 448;
/// Pictures of a shot: identities, a path's plot, frames.
const SHOT: usize = 4;

fn main() {
    let mut words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|w| w != "--bench")
        .collect();
    let inside = take(&mut words, "--inside");
    let rounds = words.iter().position(|w| w == "--rounds").map_or(3, |at| {
        let number = words[at + 1].parse().expect("a number of rounds");
        words.drain(at..at + 2);
        number
    });
    let Some((folder, precisions)) = words.split_first() else {
        println!("No checkpoint was named; nothing to measure.");
        return;
    };
    if inside {
        println!("{}", measure(PathBuf::from(folder), &precisions[0], rounds));
        return;
    }
    let chosen: Vec<&str> = if precisions.is_empty() {
        vec!["q8_0", "q4_k", "f32"]
    } else {
        precisions.iter().map(String::as_str).collect()
    };
    for precision in chosen {
        let output = Command::new(std::env::current_exe().unwrap())
            .args([
                folder,
                precision,
                "--inside",
                "--rounds",
                &rounds.to_string(),
            ])
            .output()
            .expect("this program again");
        let text = String::from_utf8_lossy(&output.stdout);
        match text.lines().last() {
            Some(line) if output.status.success() => println!("{line}"),
            _ => println!("{precision}: {}", String::from_utf8_lossy(&output.stderr)),
        }
    }
}

fn take(words: &mut Vec<String>, flag: &str) -> bool {
    let at = words.iter().position(|w| w == flag);
    at.map(|at| words.remove(at)).is_some()
}

fn ids(count: usize) -> Vec<u32> {
    (0..count as u32)
        .map(|i| (7_919 * i + 13) % 151_643)
        .collect()
}

fn measure(folder: PathBuf, precision: &str, rounds: usize) -> serde_json::Value {
    let began = Instant::now();
    let model = Model::load(&wish(folder, precision), None).expect("a model");
    let loaded = began.elapsed().as_secs_f64();
    let decoder = model.decoder();
    let go_on = || Ok(());
    let prompt = ids(PROMPT);
    let positions: Vec<[u32; 3]> = (0..PROMPT as u32).map(|i| [i; 3]).collect();
    let greedy = |hidden: &candle_core::Tensor| -> u32 {
        let rows = hidden.dim(0).unwrap();
        let last = hidden.narrow(0, rows - 1, 1).unwrap();
        let logits = decoder.logits(&last).unwrap();
        logits
            .squeeze(0)
            .unwrap()
            .argmax(0)
            .unwrap()
            .to_scalar()
            .unwrap()
    };
    let text_round = || {
        let began = Instant::now();
        let mut cache = decoder.new_cache();
        let rows = decoder.embed(&prompt).unwrap();
        let hidden = decoder
            .forward(&rows, &positions, &[], &mut cache, &go_on)
            .unwrap();
        let mut token = greedy(&hidden);
        let prefill = began.elapsed().as_secs_f64();
        let began = Instant::now();
        for step in 0..ANSWER {
            let at = (PROMPT + step) as u32;
            let row = decoder.embed(&[token]).unwrap();
            let hidden = decoder
                .forward(&row, &[[at; 3]], &[], &mut cache, &go_on)
                .unwrap();
            token = greedy(&hidden);
        }
        (prefill, began.elapsed().as_secs_f64())
    };
    text_round();
    let texts: Vec<(f64, f64)> = (0..rounds).map(|_| text_round()).collect();
    let text_peak = peak_mb();

    let said = "the camera moves on past the stalls while she walks ".repeat(IMAGE_TEXT / 8);
    let mut session = Session::new(model, None);
    let (firsts, edits) = first_tokens(&mut session, 1, &said, rounds);
    let (shot_firsts, shot_edits) = first_tokens(&mut session, SHOT, &said.repeat(6), rounds);
    let least = |times: &[f64]| times.iter().copied().fold(f64::INFINITY, f64::min);
    json!({
        "precision": precision,
        "load_s": loaded,
        "prefill_tokens_per_s": PROMPT as f64 / least(&texts.iter().map(|t| t.0).collect::<Vec<_>>()),
        "decode_tokens_per_s": ANSWER as f64 / least(&texts.iter().map(|t| t.1).collect::<Vec<_>>()),
        "image_first_token_s": least(&firsts) / 1e3,
        "edit_first_token_s": least(&edits) / 1e3,
        "edit_share_of_first": least(&edits) / least(&firsts),
        "shot_first_token_s": least(&shot_firsts) / 1e3,
        "shot_edit_first_token_s": least(&shot_edits) / 1e3,
        "shot_edit_share_of_first": least(&shot_edits) / least(&shot_firsts),
        "text_peak_rss_mb": text_peak,
        "peak_rss_mb": peak_mb(),
    })
}

fn wish(weights: PathBuf, precision: &str) -> ModelWish {
    let precision = match precision {
        "f32" => Precision::F32,
        "bf16" => Precision::Bf16,
        "q8_0" => Precision::Q8_0,
        "q4_k" => Precision::Q4K,
        _ => Precision::Auto,
    };
    ModelWish {
        weights,
        projector: None,
        precision,
        device: if cfg!(feature = "cuda") || cfg!(feature = "metal") {
            DeviceWish::Best
        } else {
            DeviceWish::Cpu
        },
        context: Some(4_096),
        feature_cache: None,
    }
}

fn picture() -> Picture {
    let rgb = (0..SIDE * SIDE * 3)
        .map(|at| {
            let (c, x, y) = (at % 3, at / 3 % SIDE, at / 3 / SIDE);
            ((5 * x + 3 * y + 85 * c) % 256) as u8
        })
        .collect();
    Picture {
        width: SIDE,
        height: SIDE,
        rgb,
    }
}

/// First tokens of so many rounds, and those after the last words were edited.
fn first_tokens(
    session: &mut Session,
    pictures: usize,
    said: &str,
    rounds: usize,
) -> (Vec<f64>, Vec<f64>) {
    let mut firsts = Vec::new();
    let mut edits = Vec::new();
    for round in 0..=rounds {
        // Other pictures each time, or their features would still be known.
        let mut shown = vec![picture(); pictures];
        for (number, picture) in shown.iter_mut().enumerate() {
            picture.rgb[0] = (round * 16 + number) as u8;
            picture.rgb[1] = pictures as u8;
        }
        let first = first_token(session, &shown, said);
        let edited = first_token(session, &shown, &format!("{said} again"));
        if round > 0 {
            firsts.push(first);
            edits.push(edited);
        }
    }
    (firsts, edits)
}

fn first_token(session: &mut Session, pictures: &[Picture], said: &str) -> f64 {
    let conversation = Conversation {
        messages: vec![Message {
            role: Role::User,
            parts: pictures
                .iter()
                .map(|picture| Part::Media(Media::Picture(picture.clone())))
                .chain([Part::Text(said.to_owned())])
                .collect(),
        }],
    };
    let guide = Guide {
        steps: vec![Step::Open {
            field: "answer".to_owned(),
            until: Vec::new(),
            max_tokens: 4,
            min_tokens: 0,
            must_include: Vec::new(),
            sampling: None,
        }],
    };
    let answer = session.write(
        &Request {
            conversation: &conversation,
            guide: &guide,
            sampling: &Sampling::default(),
            limits: &MediaLimits::default(),
        },
        &mut Deaf,
        &|| Ok(()),
    );
    assert!(answer.failure.is_none(), "{:?}", answer.failure);
    answer.usage.first_token_ms
}

struct Deaf;

impl Watch for Deaf {
    fn stage(&mut self, _: Stage, _: u64, _: u64) {}
    fn note(&mut self, _: &str) {}
    fn wrote(&mut self, _: Option<&str>, _: &str, _: u64, _: f64) {}
}

/// The largest resident size of this process; 0 where the system does not tell.
fn peak_mb() -> u64 {
    std::fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("VmHWM:"))?;
            line.split_whitespace().nth(1)?.parse::<u64>().ok()
        })
        .map_or(0, |kb| kb / 1_024)
}
