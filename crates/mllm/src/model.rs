//! A whole model: configuration, tokens, decoder and towers, from a folder or a GGUF.

use std::path::Path;

use candle_core::{DType, Device, Tensor};
use decoupage_dialogue::{
    Conversation, DeviceWish, Failure, FailureCode, MediaLimits, ModelWish, Outcome,
};

use crate::config::ModelConfig;
use crate::failure::Computing;
use crate::families::{self, Shape};
use crate::gguf::Checkpoint;
use crate::media::{Clip, Media, Sound};
use crate::prepared::{Features, MediumKind, Prepared, PreparedMedium};
use crate::preprocess::{self, Patches, Rules};
use crate::text::Decoder;
use crate::tokens::{Segment, Template, Tokens, Wish};
use crate::weights::{OnProgress, WeightOptions, Weights};
use crate::{GoOn, audio, vision};

/// What reads, sees, hears and writes.
pub struct Model {
    config: ModelConfig,
    tokens: Tokens,
    decoder: Decoder,
    eyes: Option<vision::Tower>,
    ears: Option<audio::Tower>,
    rules: Rules,
    device: Device,
    dtype: DType,
    context: usize,
    identity: [u8; 32],
}

/// How a conversation is prepared.
#[derive(Debug, Clone, Copy)]
pub struct Preparation {
    /// How much of the media is shown.
    pub limits: MediaLimits,
    /// Tokens of the context that are kept free for the answer.
    pub answer_tokens: usize,
    /// Whether the model thinks before it answers, for templates that ask.
    pub thinking: Option<bool>,
    /// The answer's own words open the thinking: what the template opens is taken back.
    pub opens_thinking: bool,
}

/// Written by templates that open the thinking for the model.
const THINKING: &str = "<think>\n";
/// Tokens of the written times of a clip's moments, and to spare.
const TOKENS_PER_MOMENT: usize = 12;

/// The device that was wished for.
///
/// # Errors
/// Of code `Unsupported` where a graphics card was asked for and there is none that can be used.
pub fn device(wish: DeviceWish) -> Outcome<Device> {
    let card = |number: usize| {
        if candle_core::utils::cuda_is_available() {
            Device::new_cuda(number)
        } else if candle_core::utils::metal_is_available() {
            Device::new_metal(number)
        } else {
            Err(candle_core::Error::Msg("none is built in".into()))
        }
    };
    match wish {
        DeviceWish::Cpu => Ok(Device::Cpu),
        DeviceWish::Best => Ok(card(0).unwrap_or(Device::Cpu)),
        DeviceWish::Gpu(number) => card(number).map_err(|e| {
            Failure::new(
                FailureCode::Unsupported,
                format!("The graphics card cannot be used: {e}."),
            )
            .advise("Run the model on the processor.")
            .offer([decoupage_dialogue::Smaller::Processor])
        }),
    }
}

impl Model {
    /// Loads a model.
    ///
    /// # Errors
    /// One sentence about the file, tensor or token that is missing or damaged, the family that
    /// is not known, or the memory that does not suffice.
    pub fn load(wish: &ModelWish, on_progress: Option<OnProgress>) -> Outcome<Self> {
        let options = WeightOptions {
            device: device(wish.device)?,
            precision: wish.precision,
            on_progress,
        };
        let path = wish.weights.as_path();
        if path.is_file() {
            Self::from_gguf(path, wish, &options)
        } else {
            Self::from_folder(path, wish, &options)
        }
    }

    fn from_folder(folder: &Path, wish: &ModelWish, options: &WeightOptions) -> Outcome<Self> {
        let config = ModelConfig::read(folder)?;
        let tokens = Tokens::open(folder, &config.tokens)?;
        let rules = Rules::read(folder, config.family, &config.vision)?;
        let weights = Weights::open(folder, options)?;
        Self::assemble(config, tokens, rules, &weights, wish)
    }

    fn from_gguf(path: &Path, wish: &ModelWish, options: &WeightOptions) -> Outcome<Self> {
        let file = Checkpoint::open(path, wish.projector.as_deref())?;
        let template = match &file.chat_template {
            Some(source) => Template::parse(source)?,
            None => Template::chatml()?,
        };
        let tokens = Tokens::new(file.tokenizer, template, &file.config.tokens, &file.ends)?;
        let mut rules = rules_of_tower(&file.config);
        if let Some((mean, deviation)) = file.pixels {
            rules.mean = mean;
            rules.deviation = deviation;
        }
        let weights = Weights::from_source(file.tensors, options);
        Self::assemble(file.config, tokens, rules, &weights, wish)
    }

    fn assemble(
        config: ModelConfig,
        tokens: Tokens,
        rules: Rules,
        weights: &Weights,
        wish: &ModelWish,
    ) -> Outcome<Self> {
        let decoder = Decoder::load(&config, weights)?;
        let eyes = weights
            .vision()
            .has("patch_embed.proj.weight")
            .then(|| vision::Tower::load(&config.vision, weights.vision()))
            .transpose()?;
        let ears = match &config.audio {
            Some(audio) if weights.audio().has("conv1.weight") => {
                Some(audio::Tower::load(audio, &weights.audio())?)
            }
            _ => None,
        };
        let trained = config.text.context.max(1);
        Ok(Self {
            identity: identity(wish, &config, weights),
            device: weights.device().clone(),
            dtype: weights.dtype(),
            context: wish.context.map_or(trained, |most| most.min(trained)),
            config,
            tokens,
            decoder,
            eyes,
            ears,
            rules,
        })
    }

    /// Its configuration.
    pub fn config(&self) -> &ModelConfig {
        &self.config
    }

    /// Its tokens.
    pub fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// Its decoder.
    pub fn decoder(&self) -> &Decoder {
        &self.decoder
    }

    /// How it wants its pictures.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Where it runs.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// What it computes in.
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// Most tokens of prompt and answer together.
    pub fn context(&self) -> usize {
        self.context
    }

    /// Tells its features from those of other models.
    pub fn identity(&self) -> [u8; 32] {
        self.identity
    }

    /// Whether it sees, and whether it hears.
    pub fn senses(&self) -> (bool, bool) {
        (self.eyes.is_some(), self.ears.is_some())
    }

    /// A conversation as the model takes it, media reduced so that they fit the context.
    ///
    /// # Errors
    /// A medium that cannot be prepared, or more words than the context holds.
    pub fn prepare(
        &self,
        conversation: &Conversation<Media>,
        how: &Preparation,
    ) -> Outcome<Prepared> {
        let rendered = self.render(conversation, how)?;
        let mut notes = Vec::new();
        let mut sounds = 0;
        let mut shapes = Vec::new();
        for medium in conversation.media() {
            let sound = match medium {
                Media::Picture(picture) => {
                    shapes.push(preprocess::Shape::Picture {
                        height: picture.height,
                        width: picture.width,
                    });
                    None
                }
                Media::Clip(clip) => {
                    let size = clip.frames.first().map_or((0, 0), |f| (f.height, f.width));
                    shapes.push(preprocess::Shape::Clip {
                        height: size.0,
                        width: size.1,
                        frames: clip.frames.len(),
                    });
                    clip.sound.as_ref().filter(|_| self.ears.is_some())
                }
                Media::Sound(sound) => Some(sound),
            };
            if let Some(sound) = sound {
                let (short, _) = audio::shorten(sound, how.limits.sound_s);
                let hop = crate::media::SOUND_RATE / 100;
                sounds += audio::tokens(short.samples.len().div_ceil(hop)) + 2;
            }
        }
        let moments: usize = shapes
            .iter()
            .map(|shape| match shape {
                preprocess::Shape::Picture { .. } => 2,
                preprocess::Shape::Clip { frames, .. } => {
                    frames.min(&how.limits.max_frames).div_ceil(2) * TOKENS_PER_MOMENT
                }
            })
            .sum();
        let mut words = 0;
        for segment in &rendered {
            words += match segment {
                Segment::Text(text) => self.tokens.encode(text)?.len(),
                Segment::Special(_) => 1,
            };
        }
        let taken = words + sounds + moments + how.answer_tokens;
        if words + sounds + how.answer_tokens > self.context {
            return Err(too_long(self.context));
        }
        let mut limits = how.limits;
        if !shapes.is_empty() {
            let room = self.context.saturating_sub(taken);
            let fitted = preprocess::fit(&shapes, &self.rules, &limits, room)?;
            limits = fitted.limits;
            notes = fitted.notes;
        }
        let rules = self.rules.within(&limits);
        self.put_together(conversation, &rendered, &rules, &limits, notes)
    }

    /// A conversation as the reference prepares it: by the preprocessor's own rules.
    ///
    /// # Errors
    /// A medium that cannot be prepared.
    pub fn prepare_exactly(
        &self,
        conversation: &Conversation<Media>,
        rules: &Rules,
        thinking: Option<bool>,
    ) -> Outcome<Prepared> {
        let how = Preparation {
            limits: MediaLimits {
                max_frames: usize::MAX,
                sound_s: f64::INFINITY,
                ..MediaLimits::default()
            },
            answer_tokens: 0,
            thinking,
            opens_thinking: false,
        };
        let rendered = self.render(conversation, &how)?;
        self.put_together(conversation, &rendered, rules, &how.limits, Vec::new())
    }

    fn render(
        &self,
        conversation: &Conversation<Media>,
        how: &Preparation,
    ) -> Outcome<Vec<Segment>> {
        let wish = Wish {
            thinking: how.thinking,
        };
        let mut rendered = self.tokens.render(conversation, kind, wish)?;
        if how.opens_thinking
            && let Some(Segment::Text(text)) = rendered.last_mut()
            && let Some(before) = text.strip_suffix(THINKING)
        {
            *text = before.to_owned();
        }
        Ok(rendered)
    }

    fn put_together(
        &self,
        conversation: &Conversation<Media>,
        rendered: &[Segment],
        rules: &Rules,
        limits: &MediaLimits,
        mut notes: Vec<String>,
    ) -> Outcome<Prepared> {
        let mut media = Vec::new();
        let mut shapes = Vec::new();
        for medium in conversation.media() {
            match medium {
                Media::Picture(picture) => {
                    self.can_see()?;
                    let patches = preprocess::picture(picture, rules)?;
                    shapes.push(Shape::Picture { grid: patches.grid });
                    media.push(seen(MediumKind::Image, patches)?);
                }
                Media::Clip(clip) => {
                    self.can_see()?;
                    let thinned = preprocess::thin(clip, rules.frames);
                    let clip = thinned.as_ref().unwrap_or(clip);
                    check_rate(clip)?;
                    let patches = preprocess::clip(clip, rules)?;
                    let grid = patches.grid;
                    media.push(seen(MediumKind::Video, patches)?);
                    let sound = match &clip.sound {
                        Some(sound) if self.ears.is_some() => {
                            let heard = heard(sound, limits.sound_s, &mut notes)?;
                            let tokens = audio::tokens(heard.grid[2]);
                            media.push(heard);
                            Some(tokens)
                        }
                        _ => None,
                    };
                    shapes.push(Shape::Clip {
                        grid,
                        fps: clip.fps,
                        frames: clip.frames.len(),
                        source: clip.source.clone(),
                        sound,
                    });
                }
                Media::Sound(sound) => {
                    if self.ears.is_none() {
                        return Err(Failure::new(
                            FailureCode::Unsupported,
                            "This model does not hear sound.",
                        )
                        .advise("Leave the sound out, or choose a Qwen2.5-Omni model."));
                    }
                    let heard = heard(sound, limits.sound_s, &mut notes)?;
                    shapes.push(Shape::Sound {
                        tokens: audio::tokens(heard.grid[2]),
                    });
                    media.push(heard);
                }
            }
        }
        let layout = families::lay_out(&self.config, &self.tokens, rendered, &shapes)?;
        if layout.ids.len() >= self.context {
            return Err(too_long(self.context));
        }
        for (medium, places) in media.iter_mut().zip(layout.places) {
            medium.places = places;
        }
        Ok(Prepared {
            ids: layout.ids,
            positions: layout.positions,
            next_position: layout.next_position,
            media,
            notes,
        })
    }

    fn can_see(&self) -> Outcome<()> {
        if self.eyes.is_some() {
            return Ok(());
        }
        Err(Failure::new(
            FailureCode::Unsupported,
            "This model has no part that sees: pictures and clips cannot be shown to it.",
        )
        .advise("Add its projector file (mmproj), or choose another model."))
    }

    /// What the towers make of a medium.
    ///
    /// # Errors
    /// The person cancelled, or memory ran out.
    pub fn encode(&self, medium: &PreparedMedium, go_on: &GoOn<'_>) -> Outcome<Features> {
        match medium.kind {
            MediumKind::Image | MediumKind::Video => match &self.eyes {
                Some(tower) => tower.forward(&medium.values, medium.grid, go_on),
                None => self.can_see().and(Err(Failure::cancelled())),
            },
            MediumKind::Audio => {
                let tower = self.ears.as_ref().ok_or_else(|| {
                    Failure::new(FailureCode::Unsupported, "This model does not hear sound.")
                })?;
                Ok(Features {
                    embeddings: tower.forward(&medium.values, go_on)?,
                    deep: Vec::new(),
                })
            }
        }
    }
}

/// Kind of a medium, for templates.
pub fn kind(medium: &Media) -> MediumKind {
    match medium {
        Media::Picture(_) => MediumKind::Image,
        Media::Clip(_) => MediumKind::Video,
        Media::Sound(_) => MediumKind::Audio,
    }
}

fn too_long(context: usize) -> Failure {
    Failure::new(
        FailureCode::TooLong,
        format!("This is more than the {context} tokens that the model's context holds."),
    )
    .advise("Shorten the prompt, show fewer media, or raise the context in the model's settings.")
}

fn check_rate(clip: &Clip) -> Outcome<()> {
    if clip.fps.is_finite() && clip.fps >= 1e-3 {
        return Ok(());
    }
    Err(
        Failure::new(FailureCode::Invalid, "A clip's frame rate is not known.")
            .advise("Convert the clip to MP4 and add it again."),
    )
}

fn seen(kind: MediumKind, patches: Patches) -> Outcome<PreparedMedium> {
    let hash = content(kind, &patches.values, patches.grid)?;
    Ok(PreparedMedium {
        kind,
        values: patches.values,
        grid: patches.grid,
        places: Vec::new(),
        hash,
    })
}

fn heard(sound: &Sound, limit_s: f64, notes: &mut Vec<String>) -> Outcome<PreparedMedium> {
    let (sound, note) = audio::shorten(sound, limit_s);
    notes.extend(note);
    let values = audio::mel(&sound)?;
    let frames = values.dim(1).computing()?;
    let grid = [1, 1, frames];
    let hash = content(MediumKind::Audio, &values, grid)?;
    Ok(PreparedMedium {
        kind: MediumKind::Audio,
        values,
        grid,
        places: Vec::new(),
        hash,
    })
}

fn content(kind: MediumKind, values: &Tensor, grid: [usize; 3]) -> Outcome<[u8; 32]> {
    let mut hash = blake3::Hasher::new();
    hash.update(&[kind as u8]);
    for side in grid {
        hash.update(&(side as u64).to_le_bytes());
    }
    let values: Vec<f32> = values.flatten_all().and_then(|v| v.to_vec1()).computing()?;
    let mut bytes = Vec::with_capacity(4 * 4_096);
    for part in values.chunks(4_096) {
        bytes.clear();
        part.iter().for_each(|v| bytes.extend(v.to_le_bytes()));
        hash.update(&bytes);
    }
    Ok(hash.finalize().into())
}

/// The files that hold the weights, with their sizes and times, and how they are computed.
fn identity(wish: &ModelWish, config: &ModelConfig, weights: &Weights) -> [u8; 32] {
    let mut hash = blake3::Hasher::new();
    let text = format!(
        "{config:?} {:?} {:?} {}",
        wish.precision,
        weights.dtype(),
        weights.device().is_cpu()
    );
    hash.update(text.as_bytes());
    let mut files: Vec<_> = match std::fs::read_dir(&wish.weights) {
        Ok(entries) => entries.filter_map(|e| Some(e.ok()?.path())).collect(),
        Err(_) => vec![wish.weights.clone()],
    };
    files.extend(wish.projector.clone());
    files.sort();
    for file in files {
        if let Ok(about) = std::fs::metadata(&file) {
            let time = about.modified().ok();
            hash.update(format!("{file:?} {} {time:?}", about.len()).as_bytes());
        }
    }
    hash.finalize().into()
}

/// Rules of a family as it was released, for the tower at hand.
fn rules_of_tower(config: &ModelConfig) -> Rules {
    let mut rules = Rules::of(config.family);
    let released = rules.token_pixels();
    rules.patch = config.vision.patch;
    rules.temporal_patch = config.vision.temporal_patch;
    rules.merge = config.vision.merge;
    let token = rules.token_pixels();
    rules.frame.min = rules.frame.min / released * token;
    rules.frame.max = rules.frame.max / released * token;
    rules.clip = rules.clip / released * token;
    rules
}
