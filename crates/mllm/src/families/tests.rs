use super::*;
use crate::config::{
    LayerKind, MergerKind, RopeConfig, TextConfig, VisionConfig, VisionFeedForward,
};
use crate::tokens::testing;

fn config(family: Family) -> ModelConfig {
    ModelConfig {
        family,
        text: TextConfig {
            vocabulary: 400,
            hidden: 8,
            layers: vec![LayerKind::Attention],
            heads: 1,
            kv_heads: 1,
            head_dim: 8,
            intermediate: 8,
            norm_epsilon: 1e-6,
            norm_plus_one: false,
            qkv_bias: true,
            qk_norm: false,
            gated_attention: false,
            rope: RopeConfig {
                theta: 1e4,
                sections: [1, 1, 2],
                interleaved: false,
                rotary_dim: 8,
            },
            delta: None,
            tied: true,
            context: 1024,
        },
        vision: VisionConfig {
            depth: 1,
            hidden: 8,
            heads: 1,
            intermediate: 8,
            patch: 14,
            temporal_patch: 2,
            merge: 2,
            output: 8,
            feed_forward: VisionFeedForward::QuickGelu,
            rms_norm: false,
            patch_bias: false,
            windows: None,
            learned_grid: None,
            deepstack: Vec::new(),
            merger: MergerKind::Mlp,
        },
        audio: None,
        tokens: *testing::tokens().media(),
        positions_per_second: 2.0,
        seconds_per_chunk: 2.0,
    }
}

fn clip(grid: [usize; 3], fps: f64, frames: usize, sound: Option<usize>) -> Shape {
    Shape::Clip {
        grid,
        fps,
        frames,
        source: None,
        sound,
    }
}

fn wrapped(tokens: &Tokens, pad: u32) -> Vec<Segment> {
    let media = tokens.media();
    vec![
        Segment::Text("a".into()),
        Segment::Special(media.vision_start),
        Segment::Special(pad),
        Segment::Special(media.vision_end),
        Segment::Text("b".into()),
    ]
}

fn times(layout: &Layout) -> Vec<u32> {
    layout.positions.iter().map(|p| p[0]).collect()
}

#[test]
fn words_go_on_after_the_highest_position() {
    let tokens = testing::tokens();
    let rendered = wrapped(&tokens, tokens.media().image);
    let shape = Shape::Picture { grid: [1, 4, 6] };
    let layout = lay_out(&config(Family::Qwen2Vl), &tokens, &rendered, &[shape]).unwrap();
    let expected = [
        [0, 0, 0],
        [1, 1, 1],
        [2, 2, 2],
        [2, 2, 3],
        [2, 2, 4],
        [2, 3, 2],
        [2, 3, 3],
        [2, 3, 4],
        [5, 5, 5],
        [6, 6, 6],
    ];
    assert_eq!(layout.positions, expected);
    assert_eq!(layout.places.len(), 1);
    assert_eq!(layout.places[0].first(), Some(&(2..8)));
    assert_eq!(layout.places[0].len(), 1);
    assert_eq!(layout.next_position, 7);
}

#[test]
fn a_clips_clock_is_the_familys() {
    let tokens = testing::tokens();
    let rendered = wrapped(&tokens, tokens.media().video);
    let at = |family, fps| {
        let mut config = config(family);
        if family == Family::Qwen25Omni {
            config.positions_per_second = 25.0;
        }
        let clip = clip([3, 2, 2], fps, 6, None);
        times(&lay_out(&config, &tokens, &rendered, &[clip]).unwrap())
    };
    assert_eq!(at(Family::Qwen2Vl, 1.0), [0, 1, 2, 3, 4, 5, 6]);
    assert_eq!(at(Family::Qwen25Vl, 2.0), [0, 1, 2, 4, 6, 7, 8]);
    assert_eq!(at(Family::Qwen25Vl, 3.0), [0, 1, 2, 2, 2, 3, 4]);
    assert_eq!(at(Family::Qwen25Omni, 3.0), [0, 1, 2, 18, 35, 36, 37]);
}

#[test]
fn qwen3_writes_the_time_of_each_moment() {
    let tokens = testing::tokens();
    let rendered = wrapped(&tokens, tokens.media().video);
    for family in [Family::Qwen3Vl, Family::Qwen35] {
        let mut shape = clip([2, 4, 4], 2.0, 3, None);
        let say = |shape: &Shape| {
            let layout = lay_out(
                &config(family),
                &tokens,
                &rendered,
                std::slice::from_ref(shape),
            )
            .unwrap();
            (tokens.decode(&layout.ids), layout.places)
        };
        let (text, places) = say(&shape);
        let moment =
            "<|vision_start|><|video_pad|><|video_pad|><|video_pad|><|video_pad|><|vision_end|>";
        assert_eq!(
            text,
            format!("a<0.2 seconds>{moment}<1.2 seconds>{moment}b")
        );
        assert_eq!(places.len(), 1);
        assert_eq!(places[0].iter().map(Range::len).collect::<Vec<_>>(), [4, 4]);
        if let Shape::Clip { source, .. } = &mut shape {
            *source = Some(SourceFrames {
                indices: vec![0, 18, 36],
                fps: 24.0,
            });
        }
        assert_eq!(
            say(&shape).0,
            format!("a<0.4 seconds>{moment}<1.5 seconds>{moment}b")
        );
    }
}

#[test]
fn picture_and_sound_alternate_in_chunks() {
    let tokens = testing::tokens();
    let rendered = wrapped(&tokens, tokens.media().video);
    let mut config = config(Family::Qwen25Omni);
    config.positions_per_second = 25.0;
    // Moments at 0, 1, 2, 3 s: chunks of two moments and of fifty tokens of sound.
    let shape = clip([4, 2, 2], 2.0, 8, Some(70));
    let layout = lay_out(&config, &tokens, &rendered, &[shape]).unwrap();
    assert_eq!(layout.places, [vec![3..5, 55..57], vec![5..55, 57..77]]);
    assert_eq!(layout.positions[1], layout.positions[2]);
    let start = layout.positions[3][0];
    assert_eq!(layout.positions[4][0], start + 25);
    assert_eq!(layout.positions[55][0], start + 50);
    assert_eq!(layout.positions[57], [start + 50; 3]);
    assert_eq!(layout.positions[77], [start + 70; 3]);
    assert_eq!(layout.positions[78], [start + 70; 3]);
    // The last moment of the clip lies behind the last of the sound.
    assert_eq!(layout.next_position, start + 76);
}

#[test]
fn a_medium_without_a_place_is_told() {
    let tokens = testing::tokens();
    let config = config(Family::Qwen2Vl);
    let picture = Shape::Picture { grid: [1, 2, 2] };
    let none = [Segment::Text("a".into())];
    let rendered = wrapped(&tokens, tokens.media().image);
    for (rendered, media) in [
        (&none[..], vec![picture]),
        (&rendered[..], vec![]),
        (&rendered[..], vec![Shape::Sound { tokens: 2 }]),
    ] {
        let failure = lay_out(&config, &tokens, rendered, &media).unwrap_err();
        assert_eq!(failure.code, FailureCode::Unsupported);
    }
}
