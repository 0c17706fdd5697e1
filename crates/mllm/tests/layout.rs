//! Templates, tokens and positions against the reference, for every case of every family.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};

use candle_core::{DType, Device, Tensor};
use decoupage_mllm::case;
use decoupage_mllm::config::ModelConfig;
use decoupage_mllm::families::{Shape, lay_out};
use decoupage_mllm::media::Media;
use decoupage_mllm::prepared::MediumKind;
use decoupage_mllm::tokens::{Template, Tokens, Wish};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/parity/fixtures")
}

fn numbers(tensor: &Tensor) -> Vec<i64> {
    let tensor = tensor.to_dtype(DType::I64).unwrap();
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

#[test]
fn prompts_are_rendered_as_the_reference_does() {
    let text = std::fs::read_to_string(fixtures().join("templates.json")).unwrap();
    let all: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut seen = 0;
    for (family, entries) in all.as_object().unwrap() {
        let template = Template::open(&fixtures().join(family)).unwrap();
        for entry in entries.as_array().unwrap() {
            // Tools are never offered, and their keys would have to keep their order.
            if entry.get("tools").is_some() {
                continue;
            }
            let rendered = template.run(entry).unwrap();
            assert_eq!(rendered, entry["rendered"].as_str().unwrap(), "{family}");
            seen += 1;
        }
    }
    assert!(seen > 30, "{seen}");
}

#[test]
fn tokens_and_positions_are_the_references() {
    let mut seen = 0;
    for folder in std::fs::read_dir(fixtures()).unwrap() {
        let folder = folder.unwrap().path();
        let Ok(cases) = std::fs::read_dir(folder.join("cases")) else {
            continue;
        };
        let config = ModelConfig::read(&folder).unwrap();
        let tokens = Tokens::open(&folder, &config.tokens).unwrap();
        for place in cases {
            compare(&config, &tokens, &place.unwrap().path());
            seen += 1;
        }
    }
    assert!(seen > 25, "{seen}");
}

fn compare(config: &ModelConfig, tokens: &Tokens, place: &Path) {
    let name = place.display();
    let case = case::read(&place.join("case.json"), &|_, _| unreachable!()).unwrap();
    let expected =
        candle_core::safetensors::load(place.join("expected.safetensors"), &Device::Cpu).unwrap();
    let list = |key: &str| expected.get(key).map(numbers).unwrap_or_default();
    let grid = |key: &str| -> Vec<[usize; 3]> {
        let all = list(key);
        all.chunks(3)
            .map(|g| [g[0] as usize, g[1] as usize, g[2] as usize])
            .collect()
    };
    let mut images = grid("image_grid_thw").into_iter();
    let mut videos = grid("video_grid_thw").into_iter();
    let mut sounds = list("audio_lengths")
        .into_iter()
        .map(|mel| decoupage_mllm::audio::tokens(mel as usize));
    let shapes: Vec<Shape> = case
        .conversation
        .media()
        .map(|medium| match medium {
            Media::Picture(_) => Shape::Picture {
                grid: images.next().unwrap(),
            },
            Media::Clip(clip) => Shape::Clip {
                grid: videos.next().unwrap(),
                fps: clip.fps,
                frames: clip.frames.len(),
                source: clip.source.clone(),
                sound: clip.sound.as_ref().map(|_| sounds.next().unwrap()),
            },
            Media::Sound(_) => Shape::Sound {
                tokens: sounds.next().unwrap(),
            },
        })
        .collect();
    let kind = |medium: &Media| match medium {
        Media::Picture(_) => MediumKind::Image,
        Media::Clip(_) => MediumKind::Video,
        Media::Sound(_) => MediumKind::Audio,
    };
    let wish = Wish {
        thinking: case.thinking,
    };
    let rendered = tokens.render(&case.conversation, kind, wish).unwrap();
    let layout = lay_out(config, tokens, &rendered, &shapes).unwrap();
    let ids: Vec<i64> = layout.ids.iter().map(|&id| id.into()).collect();
    assert_eq!(ids, list("input_ids"), "{name}");
    let positions: Vec<i64> = (0..3)
        .flat_map(|axis| layout.positions.iter().map(move |p| p[axis].into()))
        .collect();
    assert_eq!(positions, list("position_ids"), "{name}");
}
