//! The table of generators. To add one, add a row; `docs/adding-a-generator.md` says how.
//!
//! Limits and shapes are facts from the generators' own documentation and code, gathered in
//! `docs/formats.md`.

use decoupage_shot::Section::{self, Action, Background, Camera, Dense, MainObject, Style};

use crate::budget::Family;
use crate::{Limit, LimitUnit, Profile};

/// A row of the table.
#[derive(Debug)]
pub(crate) struct Spec {
    pub key: &'static str,
    pub title: &'static str,
    pub limit: Option<Limit>,
    pub advice: &'static str,
    pub negative: Option<&'static str>,
    pub tokenizer: Option<&'static str>,
    /// How its text encoder cuts words, for the estimate.
    pub family: Family,
    /// The most words it reads well, beside the hard limit.
    pub reads_well: Option<u32>,
    pub shape: Shape,
    pub traits: Traits,
}

/// What the prompt looks like.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    /// The six sections under their headings, word for word.
    Headed,
    /// The six sections as JSON, word for word.
    SixSections,
    /// One flowing paragraph.
    Paragraph(Recipe),
    /// MiniMax-H3's headed sections.
    H3,
    /// Cosmos 3's JSON.
    Cosmos,
}

/// How a paragraph is put together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Recipe {
    /// The sections, in the order the generator reads best.
    pub order: &'static [Section],
    /// Who tells of the camera where both the dense section and the camera section do.
    pub camera: CameraFrom,
    /// Whether the camera must be mentioned even when it does nothing.
    pub always_camera: bool,
}

/// Which section tells of the camera.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CameraFrom {
    /// The dense section: shorter, in the order of events.
    Dense,
    /// The camera section: more precise.
    Section,
}

/// What a generator is known to do, for advice and warnings.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Traits {
    /// With a first frame it wants motion only.
    pub motion_only_from_image: bool,
    /// With a first frame it does not take camera moves well.
    pub no_camera_from_image: bool,
    /// A fast variant ignores the negative prompt.
    pub distilled_ignores_negative: bool,
    /// It makes sound from the prompt.
    pub makes_sound: bool,
}

const PLAIN_TRAITS: Traits = Traits {
    motion_only_from_image: false,
    no_camera_from_image: false,
    distilled_ignores_negative: false,
    makes_sound: false,
};

const fn tokens(most: u32) -> Option<Limit> {
    Some(Limit {
        most,
        unit: LimitUnit::Tokens,
    })
}

/// The default negative of Wan 2.1 and 2.2, a list of terms its training knows.
const WAN_NEGATIVE: &str = "色调艳丽，过曝，静态，细节模糊不清，字幕，风格，作品，画作，画面，静止，整体发灰，最差质量，低质量，JPEG压缩残留，丑陋的，残缺的，多余的手指，画得不好的手部，画得不好的脸部，畸形的，毁容的，形态畸形的肢体，手指融合，静止不动的画面，杂乱的背景，三条腿，背景人很多，倒着走";

/// The terms of HunyuanVideo 1.0's default negative.
const HUNYUAN_NEGATIVE: &str = "aerial view, overexposed, low quality, deformation, poor composition, bad hands, bad teeth, bad eyes, bad limbs, distortion";

/// The terms of LTX-2's default negative that concern the picture and the camera.
const LTX_NEGATIVE: &str = "blurry, out of focus, overexposed, underexposed, low contrast, washed out, excessive noise, flickering, motion blur, distorted proportions, deformed face, extra limbs, malformed hands, camera shake, tilted camera, jitter, cartoon look, color banding, artifacts, robotic voice, off-sync audio";

pub(crate) static SPECS: [Spec; 11] = [
    Spec {
        key: "plain",
        title: "Plain text",
        limit: None,
        advice: "The six sections under their headings, word for word. It can be imported again.",
        negative: None,
        tokenizer: None,
        family: Family::Bytes,
        reads_well: None,
        shape: Shape::Headed,
        traits: PLAIN_TRAITS,
    },
    Spec {
        key: "structured-json",
        title: "Structured JSON",
        limit: None,
        advice: "The six sections as one JSON object, for scripts and for models trained on structured captions.",
        negative: None,
        tokenizer: None,
        family: Family::Bytes,
        reads_well: None,
        shape: Shape::SixSections,
        traits: PLAIN_TRAITS,
    },
    Spec {
        key: "cogvideox",
        title: "CogVideoX",
        limit: tokens(226),
        advice: "One English paragraph under 200 words; version 1.5 takes 224 tokens. From a first frame, leave camera moves out.",
        negative: Some(""),
        tokenizer: Some("t5-v1_1-xxl"),
        family: Family::T5,
        reads_well: Some(200),
        shape: Shape::Paragraph(Recipe {
            order: &[Dense, MainObject, Action, Background, Camera, Style],
            camera: CameraFrom::Dense,
            always_camera: false,
        }),
        traits: Traits {
            no_camera_from_image: true,
            ..PLAIN_TRAITS
        },
    },
    Spec {
        key: "hunyuanvideo-1.0",
        title: "HunyuanVideo 1.0",
        limit: tokens(256),
        advice: "One paragraph: content, attributes, actions, background and light, camera last. Its default negative prompt names aerial views.",
        negative: Some(HUNYUAN_NEGATIVE),
        tokenizer: Some("llava-llama-3-8b"),
        family: Family::Bpe,
        reads_well: None,
        shape: Shape::Paragraph(Recipe {
            order: &[Dense, MainObject, Action, Background, Style, Camera],
            camera: CameraFrom::Section,
            always_camera: false,
        }),
        traits: PLAIN_TRAITS,
    },
    Spec {
        key: "hunyuanvideo-1.5",
        title: "HunyuanVideo 1.5",
        limit: tokens(1000),
        advice: "Longer is better, in the present tense: subject and scene, detail, action in time order, place, technique and style. Its own rewriter is on by default.",
        negative: Some(""),
        tokenizer: Some("qwen2.5-vl-7b"),
        family: Family::Bpe,
        reads_well: None,
        shape: Shape::Paragraph(Recipe {
            order: &[Dense, MainObject, Action, Background, Camera, Style],
            camera: CameraFrom::Section,
            always_camera: false,
        }),
        traits: PLAIN_TRAITS,
    },
    Spec {
        key: "wan-2.1",
        title: "Wan 2.1",
        limit: tokens(512),
        advice: "80 to 100 words. Its default negative prompt opposes static shots and drawn styles: edit it where the shot wants them.",
        negative: Some(WAN_NEGATIVE),
        tokenizer: Some("umt5-xxl"),
        family: Family::Umt5,
        reads_well: Some(100),
        shape: Shape::Paragraph(Recipe {
            order: &[Dense, MainObject, Action, Background, Style, Camera],
            camera: CameraFrom::Dense,
            always_camera: false,
        }),
        traits: Traits {
            motion_only_from_image: true,
            ..PLAIN_TRAITS
        },
    },
    Spec {
        key: "wan-2.2",
        title: "Wan 2.2",
        limit: tokens(512),
        advice: "60 to 200 words, style first, no mood prose; from a first frame up to 100 words about motion only. Its default negative prompt opposes static shots and drawn styles.",
        negative: Some(WAN_NEGATIVE),
        tokenizer: Some("umt5-xxl"),
        family: Family::Umt5,
        reads_well: Some(200),
        shape: Shape::Paragraph(Recipe {
            order: &[Style, Dense, MainObject, Action, Background, Camera],
            camera: CameraFrom::Section,
            always_camera: false,
        }),
        traits: Traits {
            motion_only_from_image: true,
            ..PLAIN_TRAITS
        },
    },
    Spec {
        key: "ltx-2",
        title: "LTX-2",
        limit: Some(Limit {
            most: 200,
            unit: LimitUnit::Words,
        }),
        advice: "One chronological paragraph of up to 200 words, camera and sound stated, no timestamps. The distilled model ignores the negative prompt.",
        negative: Some(LTX_NEGATIVE),
        tokenizer: Some("gemma-3-12b"),
        family: Family::Bpe,
        reads_well: None,
        shape: Shape::Paragraph(Recipe {
            order: &[Dense, MainObject, Action, Background, Camera, Style],
            camera: CameraFrom::Dense,
            always_camera: true,
        }),
        traits: Traits {
            distilled_ignores_negative: true,
            makes_sound: true,
            ..PLAIN_TRAITS
        },
    },
    Spec {
        key: "mochi-1",
        title: "Mochi 1",
        limit: tokens(256),
        advice: "One paragraph.",
        negative: Some(""),
        tokenizer: Some("t5-v1_1-xxl"),
        family: Family::T5,
        reads_well: None,
        shape: Shape::Paragraph(Recipe {
            order: &[Dense, MainObject, Action, Background, Camera, Style],
            camera: CameraFrom::Dense,
            always_camera: false,
        }),
        traits: PLAIN_TRAITS,
    },
    Spec {
        key: "minimax-h3",
        title: "MiniMax-H3",
        limit: None,
        advice: "Fixed headed sections with sound and music; with identity pictures it names them <Picture 1> and its subjects <Subject 1>. It takes no negative prompt.",
        negative: None,
        tokenizer: None,
        family: Family::Bpe,
        reads_well: None,
        shape: Shape::H3,
        traits: Traits {
            makes_sound: true,
            ..PLAIN_TRAITS
        },
    },
    Spec {
        key: "cosmos-3",
        title: "NVIDIA Cosmos 3",
        limit: None,
        advice: "A JSON document with subjects, setting, light, cinematography and actions over time.",
        negative: None,
        tokenizer: None,
        family: Family::Bpe,
        reads_well: None,
        shape: Shape::Cosmos,
        traits: PLAIN_TRAITS,
    },
];

impl Spec {
    /// The row as shells see it.
    pub fn profile(&self) -> Profile {
        Profile {
            key: self.key.to_owned(),
            title: self.title.to_owned(),
            limit: self.limit,
            advice: self.advice.to_owned(),
            negative: self.negative.map(str::to_owned),
            tokenizer: self.tokenizer.map(str::to_owned),
        }
    }

    /// The generator with this key; case and `_` for `-` do not matter.
    pub fn find(key: &str) -> Option<&'static Self> {
        let key = key.trim().to_ascii_lowercase().replace('_', "-");
        SPECS.iter().find(|spec| spec.key == key)
    }
}
