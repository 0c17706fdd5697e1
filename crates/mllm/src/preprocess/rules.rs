//! How a checkpoint wants its pictures: read from its folder, else as its family was released.

use std::path::Path;

use decoupage_dialogue::{Failure, FailureCode, MediaLimits, Outcome};
use serde::Deserialize;

use super::sampling::MOST_FRAMES;
use super::size::{MOST_PIXELS, PixelBounds, Way, target_size};
use crate::config::{Family, VisionConfig};

/// Largest configuration file that is read.
const MOST_BYTES: u64 = 1 << 20;

/// Largest side of a patch or a merge block that makes sense.
const MOST_SIDE: usize = 64;

/// Most numbers of one patch.
const MOST_FEATURES: usize = 1 << 16;

/// How pictures and clips are prepared for a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// Pixels of a patch's side.
    pub patch: usize,
    /// Frames of a patch.
    pub temporal_patch: usize,
    /// Patches of a merged token's side.
    pub merge: usize,
    /// Mean of red, green and blue, in 0…1.
    pub mean: [f64; 3],
    /// Standard deviation of red, green and blue, in 0…1.
    pub deviation: [f64; 3],
    /// What an 8-bit level is multiplied with to lie in 0…1.
    pub level: f64,
    /// Pixels of a picture.
    pub picture: PixelBounds,
    /// Pixels of one frame of a clip.
    pub frame: PixelBounds,
    /// Most pixels of all frames of a clip together.
    pub clip: usize,
    /// Most frames of a clip.
    pub frames: usize,
    /// The most pixels hold even where the reference's rounding goes above them: set by a
    /// person's limits.
    pub strict: bool,
}

impl Rules {
    /// Rules of a family as it was released.
    pub fn of(family: Family) -> Self {
        let (patch, normal) = match family {
            Family::Qwen2Vl | Family::Qwen25Vl | Family::Qwen25Omni => (14, false),
            Family::Qwen3Vl | Family::Qwen35 => (16, true),
        };
        let (mean, deviation) = if normal {
            ([0.5; 3], [0.5; 3])
        } else {
            (
                [0.481_454_66, 0.457_827_5, 0.408_210_73],
                [0.268_629_54, 0.261_302_58, 0.275_777_11],
            )
        };
        let picture = if normal {
            PixelBounds {
                min: 65_536,
                max: 16_777_216,
            }
        } else {
            PixelBounds {
                min: 3_136,
                max: 12_845_056,
            }
        };
        let mut rules = Self {
            patch,
            temporal_patch: 2,
            merge: 2,
            mean,
            deviation,
            level: 1.0 / 255.0,
            picture,
            frame: PixelBounds { min: 0, max: 0 },
            clip: 0,
            frames: MOST_FRAMES,
            strict: false,
        };
        rules.frame_defaults(family);
        rules
    }

    /// Rules of a checkpoint's folder: `preprocessor_config.json` and
    /// `video_preprocessor_config.json`, whatever of them is there, over [`Rules::of`] the family.
    /// The patches are those of the vision tower, which could not compute others.
    ///
    /// # Errors
    /// A file is no JSON, absurdly large, or asks for something impossible; it is named.
    pub fn read(folder: &Path, family: Family, vision: &VisionConfig) -> Outcome<Self> {
        let mut rules = Self::of(family);
        rules.patch = vision.patch;
        rules.temporal_patch = vision.temporal_patch;
        rules.merge = vision.merge;
        rules.frame_defaults(family);
        if let Some(file) = ProcessorFile::read(folder, "preprocessor_config.json")? {
            file.check(vision)?;
            if let Some(mean) = file.image_mean {
                rules.mean = mean;
            }
            if let Some(deviation) = file.image_std {
                rules.deviation = deviation;
            }
            if let Some(level) = file.rescale_factor {
                rules.level = level;
            }
            let (min, max) = file.bounds();
            rules.picture.min = min.unwrap_or(rules.picture.min);
            rules.picture.max = max.unwrap_or(rules.picture.max);
        }
        if let Some(file) = ProcessorFile::read(folder, "video_preprocessor_config.json")? {
            file.check(vision)?;
            // Qwen3-VL counts the pixels of the whole clip, the older ones those of a frame: these
            // leave frames to qwen-vl-utils, whose bounds are tighter.
            if matches!(family, Family::Qwen3Vl | Family::Qwen35) {
                rules.clip = rules.clip.min(file.bounds().1.unwrap_or(rules.clip));
            }
        }
        rules.check()?;
        Ok(rules)
    }

    /// The frames' bounds of qwen-vl-utils: 128 to 768 tokens a frame, and nine tenths of 128 000
    /// tokens for a clip, counted for pairs of frames; the newer families' own processors stop at
    /// 24 576 tokens counted for single frames.
    fn frame_defaults(&mut self, family: Family) {
        let token = self.token_pixels();
        self.frame = PixelBounds {
            min: 128 * token,
            max: 768 * token,
        };
        self.clip = token
            * match family {
                Family::Qwen2Vl | Family::Qwen25Vl | Family::Qwen25Omni => 2 * 115_200,
                Family::Qwen3Vl | Family::Qwen35 => 24_576,
            };
    }

    /// The same rules with no more tokens than a person wants. The smallest sizes give way.
    #[must_use]
    pub fn within(&self, limits: &MediaLimits) -> Self {
        let token = self.token_pixels();
        let tokens = |count: usize| count.max(1).saturating_mul(token);
        let bounds = |own: PixelBounds, most: usize| {
            let max = own.max.min(most);
            PixelBounds {
                min: own.min.min(max),
                max,
            }
        };
        Self {
            picture: bounds(self.picture, tokens(limits.picture_tokens)),
            frame: bounds(self.frame, tokens(limits.frame_tokens)),
            clip: self
                .clip
                .min(tokens(limits.clip_tokens).saturating_mul(self.temporal_patch)),
            frames: self.frames.min(limits.max_frames.max(1)),
            strict: true,
            ..self.clone()
        }
    }

    /// Pixels of one visual token.
    pub fn token_pixels(&self) -> usize {
        self.factor() * self.factor()
    }

    /// Sides of a prepared picture are multiples of this: patch × merge.
    pub fn factor(&self) -> usize {
        self.patch * self.merge
    }

    /// Numbers of one patch: channels × frames × rows × columns.
    pub fn features(&self) -> usize {
        3 * self.temporal_patch * self.patch * self.patch
    }

    /// Height and width that a picture is brought to.
    ///
    /// # Errors
    /// As [`target_size`].
    pub fn picture_size(&self, height: usize, width: usize) -> Outcome<(usize, usize)> {
        let size = target_size(height, width, self.factor(), self.picture, Way::Picture)?;
        Ok(self.held(size, self.picture.max))
    }

    /// Height and width that each of `frames` frames of a clip is brought to.
    ///
    /// # Errors
    /// As [`target_size`].
    pub fn frame_size(
        &self,
        height: usize,
        width: usize,
        frames: usize,
    ) -> Outcome<(usize, usize)> {
        let frames = frames.max(1).next_multiple_of(self.temporal_patch);
        let max = self.frame.max.min(self.clip / frames).max(1);
        let bounds = PixelBounds {
            min: self.frame.min.min(max),
            max,
        };
        let size = target_size(height, width, self.factor(), bounds, Way::Frame)?;
        Ok(self.held(size, max))
    }

    /// Under a person's limits, sizes whose rounding went above them are cut down, the longer
    /// side first.
    fn held(&self, (height, width): (usize, usize), max: usize) -> (usize, usize) {
        let factor = self.factor();
        let most = (max / self.token_pixels()).max(1);
        let (mut down, mut across) = (height / factor, width / factor);
        while self.strict && down * across > most {
            if down > across {
                down = (most / across).max(1);
            } else {
                across = (most / down).max(1);
            }
        }
        (down * factor, across * factor)
    }

    fn check(&self) -> Outcome<()> {
        let sides = [self.patch, self.temporal_patch, self.merge];
        let whole = sides.iter().all(|side| (1..=MOST_SIDE).contains(side));
        let numbers = self.mean.iter().chain(&self.deviation).chain([&self.level]);
        let finite = numbers.clone().all(|number| number.is_finite())
            && self.deviation.iter().all(|number| *number > 0.0)
            && self.level > 0.0;
        if whole && finite && self.features() <= MOST_FEATURES && self.picture.max > 0 {
            return Ok(());
        }
        Err(damaged(
            "The model's preprocessor_config.json asks for pictures that cannot be made.",
        ))
    }
}

/// What is read of a processor's file.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ProcessorFile {
    patch_size: Option<usize>,
    temporal_patch_size: Option<usize>,
    merge_size: Option<usize>,
    image_mean: Option<[f64; 3]>,
    image_std: Option<[f64; 3]>,
    rescale_factor: Option<f64>,
    min_pixels: Option<usize>,
    max_pixels: Option<usize>,
    size: Option<Size>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Size {
    shortest_edge: Option<usize>,
    longest_edge: Option<usize>,
    min_pixels: Option<usize>,
    max_pixels: Option<usize>,
}

impl ProcessorFile {
    fn read(folder: &Path, name: &str) -> Outcome<Option<Self>> {
        let path = folder.join(name);
        let bytes = match std::fs::metadata(&path) {
            Ok(found) if found.len() > MOST_BYTES => {
                return Err(damaged(format!("The model's {name} is far too large.")));
            }
            Ok(_) => std::fs::read(&path),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => Err(error),
        };
        let bytes = bytes
            .map_err(|error| damaged(format!("The model's {name} cannot be read: {error}.")))?;
        serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|error| damaged(format!("The model's {name} is damaged: {error}.")))
    }

    /// Fewest and most pixels. The old names go before `size`, as in the reference.
    fn bounds(&self) -> (Option<usize>, Option<usize>) {
        let size = self.size.as_ref();
        let inside = |pick: fn(&Size) -> Option<usize>| size.and_then(pick);
        let min =
            (self.min_pixels).or_else(|| inside(|size| size.shortest_edge.or(size.min_pixels)));
        let max =
            (self.max_pixels).or_else(|| inside(|size| size.longest_edge.or(size.max_pixels)));
        let known = |pixels: Option<usize>| pixels.map(|pixels| pixels.min(MOST_PIXELS));
        (known(min), known(max))
    }

    fn check(&self, vision: &VisionConfig) -> Outcome<()> {
        let agrees = |said: Option<usize>, known: usize| said.is_none_or(|said| said == known);
        if agrees(self.patch_size, vision.patch)
            && agrees(self.temporal_patch_size, vision.temporal_patch)
            && agrees(self.merge_size, vision.merge)
        {
            return Ok(());
        }
        Err(damaged(
            "The model's preprocessor_config.json and config.json name patches of different sizes.",
        ))
    }
}

fn damaged(message: impl Into<String>) -> Failure {
    Failure::new(FailureCode::Damaged, message).advise("Download the model again.")
}
