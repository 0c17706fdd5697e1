//! One comparison case: a conversation from a `case.json`, whose tensors are dumped so that
//! anyone can compare a checkpoint with the reference. The format stands in
//! `tests/parity/README.md`.

mod run;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use candle_core::{DType, Device, Tensor};
use decoupage_dialogue::{
    Conversation, Failure, FailureCode, MediaLimits, Message, Outcome, Part, Role, Source,
};
use serde::Deserialize;

use crate::failure::Computing;
use crate::media::{Clip, Media, Picture, Sound};
pub use run::{dump, run};

const MOST_CASE_BYTES: u64 = 16 << 20;
const MOST_TENSOR_BYTES: u64 = 2 << 30;
const MOST_TOKENS: usize = 4_096;

/// Turns a file into a medium.
pub type Decode<'a> = dyn Fn(&Source, &MediaLimits) -> Outcome<Media> + 'a;

/// A case, read.
#[derive(Debug, Clone)]
pub struct Case {
    /// What the model is shown.
    pub conversation: Conversation<Media>,
    /// Whether the template is told to think.
    pub thinking: Option<bool>,
    /// Bounds that differ from the preprocessor's own.
    pub pixels: PixelBounds,
    /// Seed of the drawing; comparisons are greedy.
    pub seed: u64,
    /// How many tokens are written; end tokens do not stop them.
    pub max_tokens: usize,
}

/// Least and most pixels of a picture or of one frame of a clip.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PixelBounds {
    /// Of pictures.
    pub image: (Option<usize>, Option<usize>),
    /// Of each frame of a clip.
    pub video: (Option<usize>, Option<usize>),
}

#[derive(Deserialize)]
struct CaseFile {
    messages: Vec<MessageFile>,
    #[serde(default)]
    use_audio_in_video: bool,
    #[serde(default)]
    min_pixels: BTreeMap<String, usize>,
    #[serde(default)]
    max_pixels: BTreeMap<String, usize>,
    enable_thinking: Option<bool>,
    #[serde(default)]
    seed: u64,
    max_tokens: Option<usize>,
}

#[derive(Deserialize)]
struct MessageFile {
    role: Role,
    content: ContentFile,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum ContentFile {
    Text(String),
    Parts(Vec<PartFile>),
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum PartFile {
    Text {
        text: String,
    },
    Image {
        image: Option<PathBuf>,
        #[serde(flatten)]
        tensor: TensorFile,
    },
    Video {
        video: Option<VideoFile>,
        fps: Option<f64>,
        #[serde(flatten)]
        tensor: TensorFile,
    },
    Audio {
        audio: Option<PathBuf>,
        #[serde(flatten)]
        tensor: TensorFile,
    },
}

#[derive(Deserialize)]
#[serde(untagged)]
enum VideoFile {
    One(PathBuf),
    Frames(Vec<PathBuf>),
}

#[derive(Deserialize)]
struct TensorFile {
    tensor: Option<PathBuf>,
    name: Option<String>,
}

fn wrong(why: impl Into<String>) -> Failure {
    Failure::new(FailureCode::Invalid, why)
        .advise("tests/parity/README.md describes what a case may hold.")
}

/// Reads a case. Media in files are turned by `decode`; tensors are read here.
///
/// # Errors
/// A sentence about what the case lacks.
pub fn read(path: &Path, decode: &Decode<'_>) -> Outcome<Case> {
    let missing = || {
        Failure::new(
            FailureCode::Missing,
            format!("The file {} is not there.", path.display()),
        )
    };
    let about = std::fs::metadata(path).map_err(|_| missing())?;
    if about.len() > MOST_CASE_BYTES {
        return Err(wrong(format!(
            "The file {} is too long for a case.",
            path.display()
        )));
    }
    let text = std::fs::read_to_string(path).map_err(|_| missing())?;
    let file: CaseFile = serde_json::from_str(&text)
        .map_err(|e| wrong(format!("{} is not a case: {e}.", path.display())))?;
    let mut reader = Reader {
        folder: path.parent().unwrap_or(Path::new(".")),
        decode,
        opened: HashMap::new(),
    };
    let mut messages = Vec::with_capacity(file.messages.len());
    for message in file.messages {
        let parts = match message.content {
            ContentFile::Text(text) => vec![Part::Text(text)],
            ContentFile::Parts(parts) => reader.parts(parts, file.use_audio_in_video)?,
        };
        messages.push(Message {
            role: message.role,
            parts,
        });
    }
    let bounds = |kind: &str| {
        (
            file.min_pixels.get(kind).copied(),
            file.max_pixels.get(kind).copied(),
        )
    };
    Ok(Case {
        conversation: Conversation { messages },
        thinking: file.enable_thinking,
        pixels: PixelBounds {
            image: bounds("image"),
            video: bounds("video"),
        },
        seed: file.seed,
        max_tokens: file.max_tokens.unwrap_or(16).min(MOST_TOKENS),
    })
}

struct Reader<'a> {
    folder: &'a Path,
    decode: &'a Decode<'a>,
    opened: HashMap<PathBuf, HashMap<String, Tensor>>,
}

impl Reader<'_> {
    fn parts(&mut self, parts: Vec<PartFile>, sound_of_clips: bool) -> Outcome<Vec<Part<Media>>> {
        let mut found: Vec<Part<Media>> = Vec::with_capacity(parts.len());
        // Clips that still wait for their sound.
        let mut silent = std::collections::VecDeque::new();
        for part in parts {
            let medium = match part {
                PartFile::Text { text } => {
                    found.push(Part::Text(text));
                    continue;
                }
                PartFile::Image { image, tensor } => self.image(image, &tensor)?,
                PartFile::Video { video, fps, tensor } => {
                    silent.push_back(found.len());
                    self.video(video, fps, &tensor, sound_of_clips)?
                }
                PartFile::Audio { audio, tensor } => {
                    let sound = self.audio(audio, &tensor)?;
                    let clip = silent.pop_front().filter(|_| sound_of_clips);
                    match clip.and_then(|at| found.get_mut(at)) {
                        Some(Part::Media(Media::Clip(clip))) => {
                            clip.sound = Some(sound);
                            continue;
                        }
                        _ => Media::Sound(sound),
                    }
                }
            };
            found.push(Part::Media(medium));
        }
        Ok(found)
    }

    fn tensor(&mut self, wanted: &TensorFile) -> Outcome<Option<Tensor>> {
        let Some(file) = &wanted.tensor else {
            return Ok(None);
        };
        let path = self.folder.join(file);
        if !self.opened.contains_key(&path) {
            let about = std::fs::metadata(&path).map_err(|_| {
                Failure::new(
                    FailureCode::Missing,
                    format!("The file {} is not there.", path.display()),
                )
            })?;
            if about.len() > MOST_TENSOR_BYTES {
                return Err(wrong(format!("The file {} is too big.", path.display())));
            }
            let tensors = candle_core::safetensors::load(&path, &Device::Cpu).map_err(|e| {
                Failure::new(
                    FailureCode::Damaged,
                    format!("{} cannot be read: {e}.", path.display()),
                )
            })?;
            self.opened.insert(path.clone(), tensors);
        }
        let name = wanted.name.as_deref().unwrap_or_default();
        let found = self.opened.get(&path).and_then(|all| all.get(name));
        match found {
            Some(tensor) => Ok(Some(tensor.clone())),
            None => Err(wrong(format!(
                "{} has no tensor named {name}.",
                path.display()
            ))),
        }
    }

    fn file(&self, source: &Source, fps: Option<f64>) -> Outcome<Media> {
        let limits = MediaLimits {
            fps: fps.unwrap_or(2.0),
            max_frames: 768,
            ..MediaLimits::default()
        };
        (self.decode)(source, &limits)
    }

    fn image(&mut self, file: Option<PathBuf>, tensor: &TensorFile) -> Outcome<Media> {
        if let Some(tensor) = self.tensor(tensor)? {
            let (height, width) = size(&tensor, 3)?;
            return Ok(Media::Picture(Picture {
                width,
                height,
                rgb: bytes(&tensor)?,
            }));
        }
        let path = file.ok_or_else(|| wrong("A picture has neither a file nor a tensor."))?;
        let path = self.folder.join(path);
        self.file(&Source::Picture { path }, None)
    }

    fn video(
        &mut self,
        file: Option<VideoFile>,
        fps: Option<f64>,
        tensor: &TensorFile,
        with_sound: bool,
    ) -> Outcome<Media> {
        if let Some(tensor) = self.tensor(tensor)? {
            let (height, width) = size(&tensor, 4)?;
            let fps = fps
                .filter(|fps| fps.is_finite() && *fps > 0.0)
                .ok_or_else(|| wrong("A clip in a tensor has no fps."))?;
            let rgb = bytes(&tensor)?;
            let frames = rgb
                .chunks_exact(height * width * 3)
                .map(|rgb| Picture {
                    width,
                    height,
                    rgb: rgb.to_vec(),
                })
                .collect();
            return Ok(Media::Clip(Clip {
                frames,
                fps,
                source: None,
                sound: None,
            }));
        }
        let source = match file.ok_or_else(|| wrong("A clip has neither a file nor a tensor."))? {
            VideoFile::One(path) => Source::Clip {
                path: self.folder.join(path),
                with_sound,
            },
            VideoFile::Frames(paths) => Source::Frames {
                paths: paths.iter().map(|path| self.folder.join(path)).collect(),
                fps: fps.unwrap_or(2.0),
            },
        };
        self.file(&source, fps)
    }

    fn audio(&mut self, file: Option<PathBuf>, tensor: &TensorFile) -> Outcome<Sound> {
        if let Some(tensor) = self.tensor(tensor)? {
            let samples = tensor
                .to_dtype(DType::F32)
                .and_then(|t| t.flatten_all()?.to_vec1())
                .computing()?;
            return Ok(Sound { samples });
        }
        let path = file.ok_or_else(|| wrong("A sound has neither a file nor a tensor."))?;
        let path = self.folder.join(path);
        match self.file(&Source::Sound { path }, None)? {
            Media::Sound(sound) => Ok(sound),
            Media::Picture(_) | Media::Clip(_) => {
                Err(wrong("A file that should hold sound does not."))
            }
        }
    }
}

/// Height and width of u8 pictures `[…, height, width, 3]`.
fn size(tensor: &Tensor, rank: usize) -> Outcome<(usize, usize)> {
    let dims = tensor.dims();
    let (height, width) = match *dims {
        [height, width, 3] if rank == 3 => (height, width),
        [frames, height, width, 3] if rank == 4 && frames > 0 => (height, width),
        _ => return Err(wrong(format!("A picture's tensor has the shape {dims:?}."))),
    };
    if tensor.dtype() != DType::U8 || height * width == 0 {
        return Err(wrong("A picture's tensor must hold bytes (u8)."));
    }
    Ok((height, width))
}

fn bytes(tensor: &Tensor) -> Outcome<Vec<u8>> {
    tensor.flatten_all().and_then(|t| t.to_vec1()).computing()
}
