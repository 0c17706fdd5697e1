#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::config::Family;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/parity/fixtures")
}

fn read<T: for<'a> Deserialize<'a>>(name: &str) -> T {
    serde_json::from_slice(&std::fs::read(fixtures().join(name)).unwrap()).unwrap()
}

#[derive(Deserialize)]
struct SizeRow {
    height: usize,
    width: usize,
    factor: usize,
    min_pixels: usize,
    max_pixels: usize,
    processor: (usize, usize),
    frames: (usize, usize),
}

#[test]
fn target_sizes_are_the_references() {
    let rows: Vec<SizeRow> = read("smart_resize.json");
    assert!(rows.len() > 100);
    for row in rows {
        let bounds = PixelBounds {
            min: row.min_pixels,
            max: row.max_pixels,
        };
        let size = |way| target_size(row.height, row.width, row.factor, bounds, way).unwrap();
        let at = (row.height, row.width, row.factor, bounds);
        assert_eq!(size(Way::Picture), row.processor, "{at:?}");
        assert_eq!(size(Way::Frame), row.frames, "{at:?}");
    }
}

#[derive(Deserialize)]
struct SampleRow {
    total: usize,
    video_fps: f64,
    fps: f64,
    count: usize,
    indices: Option<Vec<usize>>,
    #[serde(default)]
    indices_head: Vec<usize>,
    #[serde(default)]
    indices_tail: Vec<usize>,
    #[serde(default)]
    indices_sum: usize,
}

#[test]
fn sampled_frames_are_the_references() {
    let rows: Vec<SampleRow> = read("sampling.json");
    assert!(rows.len() > 100);
    for row in rows {
        let found = sample_frames(row.total, row.video_fps, row.fps, 4, 768);
        let at = (row.total, row.video_fps, row.fps);
        assert_eq!(found.len(), row.count, "{at:?}");
        match row.indices {
            Some(indices) => assert_eq!(found, indices, "{at:?}"),
            None => {
                assert!(found.starts_with(&row.indices_head), "{at:?}");
                assert!(found.ends_with(&row.indices_tail), "{at:?}");
                assert_eq!(found.iter().sum::<usize>(), row.indices_sum, "{at:?}");
            }
        }
    }
}

/// Every number's own place: the patch order spelled out index by index.
#[test]
fn patches_lie_in_merge_block_order() {
    let rules = Rules {
        patch: 2,
        mean: [0.0; 3],
        deviation: [1.0; 3],
        level: 1.0,
        picture: PixelBounds {
            min: 1,
            max: 1 << 20,
        },
        frame: PixelBounds {
            min: 1,
            max: 1 << 20,
        },
        ..Rules::of(Family::Qwen2Vl)
    };
    let (height, width) = (8, 12);
    let frames: Vec<_> = (0..3)
        .map(|frame| Picture {
            width,
            height,
            rgb: (0..height * width * 3)
                .map(|at| (at * 7 + frame * 31) as u8)
                .collect(),
        })
        .collect();
    let made = clip(
        &Clip {
            frames: frames.clone(),
            fps: 2.0,
            source: None,
            sound: None,
        },
        &rules,
    )
    .unwrap();
    assert_eq!(made.grid, [2, 4, 6]);
    assert_eq!(made.tokens(&rules), 12);
    let values = made.values.to_vec2::<f32>().unwrap();
    let mut row = 0;
    for step in 0..2 {
        for block in 0..6 {
            for inner in 0..4 {
                let top = (block / 3 * 2 + inner / 2) * 2;
                let left = (block % 3 * 2 + inner % 2) * 2;
                let mut at = 0;
                for colour in 0..3 {
                    for frame in 0..2 {
                        let frame = &frames[(step * 2 + frame).min(2)];
                        for y in 0..2 {
                            for x in 0..2 {
                                let pixel = ((top + y) * width + left + x) * 3 + colour;
                                assert_eq!(values[row][at], f32::from(frame.rgb[pixel]));
                                at += 1;
                            }
                        }
                    }
                }
                row += 1;
            }
        }
    }
    assert_eq!(row, values.len());
}

#[test]
fn clips_that_are_none_are_refused_in_words() {
    let rules = Rules::of(Family::Qwen25Vl);
    let frame = |height: usize| Picture {
        width: 4,
        height,
        rgb: vec![0; height * 12],
    };
    let refused = |frames| {
        let given = Clip {
            frames,
            fps: 2.0,
            source: None,
            sound: None,
        };
        clip(&given, &rules).unwrap_err().message
    };
    assert!(refused(vec![]).contains("no frames"));
    assert!(refused(vec![frame(4), frame(5)]).contains("4 × 4 and 4 × 5"));
    assert!(refused(vec![frame(1); 769]).contains("769 frames"));
    let mut damaged = frame(4);
    damaged.rgb.pop();
    assert!(refused(vec![frame(4), damaged]).contains("47 bytes"));
}

#[test]
fn a_folder_rules_over_its_family() {
    for (folder, family, patch, picture) in [
        ("qwen2_vl", Family::Qwen2Vl, 8, (1024, 4096)),
        ("qwen3_vl", Family::Qwen3Vl, 16, (4096, 12288)),
    ] {
        let vision = vision(patch);
        let rules = Rules::read(&fixtures().join(folder), family, &vision).unwrap();
        assert_eq!((rules.picture.min, rules.picture.max), picture);
        let other = super::tests::vision(patch + 1);
        assert!(Rules::read(&fixtures().join(folder), family, &other).is_err());
    }
    let empty = tempfile::tempdir().unwrap();
    let rules = Rules::read(empty.path(), Family::Qwen3Vl, &vision(16)).unwrap();
    assert_eq!(rules, Rules::of(Family::Qwen3Vl));
    let file = empty.path().join("preprocessor_config.json");
    for (text, words) in [
        ("{\"image_std\": [0, 1, 1]}", "cannot be made"),
        ("{\"image_mean\": [1]}", "damaged"),
        ("{", "damaged"),
    ] {
        std::fs::write(&file, text).unwrap();
        let failure = Rules::read(empty.path(), Family::Qwen3Vl, &vision(16)).unwrap_err();
        assert!(failure.message.contains(words), "{failure}");
    }
}

fn vision(patch: usize) -> crate::config::VisionConfig {
    use crate::config::{MergerKind, VisionConfig, VisionFeedForward};
    VisionConfig {
        depth: 1,
        hidden: 32,
        heads: 2,
        intermediate: 64,
        patch,
        temporal_patch: 2,
        merge: 2,
        output: 48,
        feed_forward: VisionFeedForward::GeluTanh,
        rms_norm: false,
        patch_bias: true,
        windows: None,
        learned_grid: None,
        deepstack: vec![],
        merger: MergerKind::Named,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Any size and aspect gives finite patches of the size that its rules say.
    #[test]
    fn any_picture_gives_patches(
        short in 1usize..40,
        aspect in 1.0f64..200.0,
        tall in any::<bool>(),
        level in any::<u8>(),
        frames in 0usize..4,
        tokens in 1usize..300,
    ) {
        let long = (short as f64 * aspect) as usize;
        let (height, width) = if tall { (long, short) } else { (short, long) };
        let one = Picture { width, height, rgb: vec![level; height * width * 3] };
        let limits = decoupage_dialogue::MediaLimits {
            picture_tokens: tokens,
            frame_tokens: tokens,
            ..Default::default()
        };
        let rules = Rules::of(Family::Qwen3Vl).within(&limits);
        let made = match frames {
            0 => picture(&one, &rules).unwrap(),
            _ => {
                let frames = vec![one; frames];
                clip(&Clip { frames, fps: 2.0, source: None, sound: None }, &rules).unwrap()
            }
        };
        prop_assert_eq!(made.grid[0], frames.div_ceil(2).max(1));
        prop_assert!(made.tokens(&rules) <= tokens * made.grid[0]);
        prop_assert_eq!(made.values.dims2().unwrap(),
            (made.grid.iter().product::<usize>(), rules.features()));
        let values = made.values.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        let wanted = (f32::from(level) - 127.5) / 127.5;
        prop_assert!(values.iter().all(|value| (value - wanted).abs() < 0.02));
    }
}
