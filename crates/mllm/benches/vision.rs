//! How long a model takes to see: 32 frames of 448 × 252 pixels (and of 1920 × 1080, reduced to
//! that) made into patches, and through a tower of Qwen2.5-VL's widths that is 4 of its 32 blocks
//! deep, with random weights. `cargo bench -p decoupage-mllm --bench vision [-- q8_0]`.

#![allow(clippy::print_stdout, clippy::expect_used)]

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use decoupage_dialogue::Precision;
use decoupage_mllm::config::{Family, MergerKind, VisionConfig, VisionFeedForward, Windows};
use decoupage_mllm::media::{Clip, Picture};
use decoupage_mllm::preprocess::{Rules, clip};
use decoupage_mllm::vision::Tower;
use decoupage_mllm::weights::{Entry, Stored, TensorSource, WeightOptions, Weights};
use decoupage_mllm::{Failure, FailureCode, Outcome};

const FRAMES: usize = 32;
const ROUNDS: usize = 3;

fn main() {
    let q8 = std::env::args().any(|word| word == "q8_0");
    let precision = if q8 { Precision::Q8_0 } else { Precision::F32 };
    let rules = Rules {
        // The clip as it comes, whatever the family's own smallest size.
        frame: decoupage_mllm::preprocess::PixelBounds {
            min: 1,
            max: 448 * 252,
        },
        ..Rules::of(Family::Qwen25Vl)
    };
    let small = frames(252, 448);
    let large = frames(1080, 1920);
    let patches = clip(&small, &rules).expect("patches");
    best("patches of 448 × 252", || clip(&small, &rules).is_ok());
    best("patches of 1920 × 1080", || clip(&large, &rules).is_ok());

    let config = config();
    let options = WeightOptions {
        precision,
        ..WeightOptions::exact()
    };
    let source = Random::of(&config);
    let weights = Weights::from_source(Arc::new(source), &options);
    let tower = Tower::load(&config, weights.vision()).expect("tower");
    let rows = patches.grid.iter().product::<usize>();
    let seconds = best("tower, 4 blocks", || {
        tower
            .forward(&patches.values, patches.grid, &|| Ok(()))
            .is_ok()
    });
    let (hidden, wide) = (config.hidden as f64, config.intermediate as f64);
    let of_block = 4.0 * hidden * hidden + 3.0 * hidden * wide;
    println!(
        "{precision:?}: grid {:?}, {:.0} patches/s and block, at least {:.0} GFLOP/s",
        patches.grid,
        rows as f64 * config.depth as f64 / seconds,
        2e-9 * rows as f64 * config.depth as f64 * of_block / seconds
    );
}

fn best(what: &str, work: impl Fn() -> bool) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        assert!(work(), "{what} failed");
        best = best.min(start.elapsed().as_secs_f64());
    }
    println!("{what}: {:.1} ms", best * 1e3);
    best
}

fn frames(height: usize, width: usize) -> Clip {
    let frame = |number: usize| Picture {
        width,
        height,
        rgb: (0..height * width * 3)
            .map(|at| (at / 3 % width + at / 3 / width + number * 5 + at % 3 * 40) as u8)
            .collect(),
    };
    Clip {
        frames: (0..FRAMES).map(frame).collect(),
        fps: 2.0,
        source: None,
        sound: None,
    }
}

fn config() -> VisionConfig {
    VisionConfig {
        depth: 4,
        hidden: 1280,
        heads: 16,
        intermediate: 3420,
        patch: 14,
        temporal_patch: 2,
        merge: 2,
        output: 3584,
        feed_forward: VisionFeedForward::SwiGlu,
        rms_norm: true,
        patch_bias: false,
        windows: Some(Windows {
            pixels: 112,
            full_blocks: vec![3],
        }),
        learned_grid: None,
        deepstack: Vec::new(),
        merger: MergerKind::Mlp,
    }
}

/// Tensors of small random numbers, made when they are asked for.
struct Random(BTreeMap<String, Entry>);

impl Random {
    fn of(config: &VisionConfig) -> Self {
        let mut entries = BTreeMap::new();
        let mut add = |name: &str, shape: &[usize]| {
            let entry = Entry {
                shape: shape.to_vec(),
                stored: Stored::F32,
                bytes: shape.iter().product::<usize>() * 4,
                file_name: name.to_owned(),
            };
            entries.insert(format!("vision.{name}"), entry);
        };
        let (hidden, wide, patch) = (config.hidden, config.intermediate, config.patch);
        let merged = hidden * config.merge * config.merge;
        add(
            "patch_embed.proj.weight",
            &[hidden, 3, config.temporal_patch, patch, patch],
        );
        for block in 0..config.depth {
            let mut add =
                |name: &str, shape: &[usize]| add(&format!("blocks.{block}.{name}"), shape);
            add("norm1.weight", &[hidden]);
            add("norm2.weight", &[hidden]);
            for (name, out, input) in [
                ("attn.qkv", 3 * hidden, hidden),
                ("attn.proj", hidden, hidden),
                ("mlp.gate_proj", wide, hidden),
                ("mlp.up_proj", wide, hidden),
                ("mlp.down_proj", hidden, wide),
            ] {
                add(&format!("{name}.weight"), &[out, input]);
                add(&format!("{name}.bias"), &[out]);
            }
        }
        add("merger.ln_q.weight", &[hidden]);
        for (name, out) in [("mlp.0", merged), ("mlp.2", config.output)] {
            add(&format!("merger.{name}.weight"), &[out, merged]);
            add(&format!("merger.{name}.bias"), &[out]);
        }
        Self(entries)
    }
}

impl TensorSource for Random {
    fn entry(&self, name: &str) -> Option<&Entry> {
        self.0.get(name)
    }

    fn names(&self) -> Vec<&str> {
        self.0.keys().map(String::as_str).collect()
    }

    fn bytes(&self, name: &str) -> Outcome<Cow<'_, [u8]>> {
        let entry = self
            .0
            .get(name)
            .ok_or_else(|| Failure::new(FailureCode::Missing, name))?;
        let mut state = 0x9e37_79b9_u32;
        let mut bytes = Vec::with_capacity(entry.bytes);
        for _ in 0..entry.bytes / 4 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let number = (f64::from(state >> 8) / f64::from(1 << 24) - 0.5) * 0.06;
            bytes.extend((number as f32).to_le_bytes());
        }
        Ok(Cow::Owned(bytes))
    }

    fn label(&self) -> String {
        "random weights".to_owned()
    }
}
