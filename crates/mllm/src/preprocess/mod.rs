//! Pictures and clips to normalised patches.
//!
//! A picture's way: [`Rules`] (read from the checkpoint's folder, narrowed by a person's limits,
//! [`Rules::within`], and by the room in the context, [`fit`]) give its target size; it is
//! [resized](resize) as torchvision does, normalised and cut into patches in merge-block order.
//! Clips are sampled by [`sample_frames`] while they are decoded, and [thinned](thin) where the
//! context has room for fewer frames.

mod budget;
mod patches;
mod resize;
mod rules;
mod sampling;
mod size;

use candle_core::Tensor;
use decoupage_dialogue::{Failure, FailureCode, Outcome};

pub use budget::{Fitted, Shape, fit, visual_tokens};
pub use resize::resize;
pub use rules::Rules;
pub use sampling::{MOST_FRAMES, sample_frames, thin};
pub use size::{PixelBounds, WIDEST_ASPECT, Way, target_size};

use crate::media::{Clip, Picture};

/// A picture or clip as a vision tower takes it.
#[derive(Debug, Clone)]
pub struct Patches {
    /// `[patches, colours × frames × rows × columns]` f32 on the processor: merge blocks one
    /// after another, row by row, the patches of a block within it.
    pub values: Tensor,
    /// Patches over time, down and across.
    pub grid: [usize; 3],
}

impl Patches {
    /// Visual tokens that these patches become.
    pub fn tokens(&self, rules: &Rules) -> usize {
        self.grid.iter().product::<usize>() / (rules.merge * rules.merge)
    }
}

/// A picture's patches. It fills a whole temporal patch by itself.
///
/// # Errors
/// Its bytes are not as many as its size says, it is too narrow, or memory does not suffice.
pub fn picture(picture: &Picture, rules: &Rules) -> Outcome<Patches> {
    resize::sound(picture)?;
    let size = rules.picture_size(picture.height, picture.width)?;
    patches::make(std::slice::from_ref(picture), size, rules, Way::Picture)
}

/// A clip's patches, of all its frames ([`thin`] it first where `rules.frames` are fewer). An odd
/// last frame is shown twice.
///
/// # Errors
/// It has no frames or too many, they are not of one size, their bytes are not as many as their
/// size says, they are too narrow, or memory does not suffice.
pub fn clip(clip: &Clip, rules: &Rules) -> Outcome<Patches> {
    let Some(first) = clip.frames.first() else {
        return Err(Failure::new(FailureCode::Invalid, "A clip has no frames.")
            .advise("Choose another clip."));
    };
    if clip.frames.len() > MOST_FRAMES {
        return Err(Failure::new(
            FailureCode::TooLong,
            format!(
                "A clip has {} frames; a model is shown {MOST_FRAMES} at most.",
                clip.frames.len()
            ),
        )
        .advise("Take fewer frames per second."));
    }
    for frame in &clip.frames {
        resize::sound(frame)?;
        if (frame.height, frame.width) != (first.height, first.width) {
            return Err(Failure::new(
                FailureCode::Invalid,
                format!(
                    "A clip's frames differ in size: {} × {} and {} × {} pixels.",
                    first.width, first.height, frame.width, frame.height
                ),
            )
            .advise("Bring its frames to one size."));
        }
    }
    let size = rules.frame_size(first.height, first.width, clip.frames.len())?;
    patches::make(&clip.frames, size, rules, Way::Frame)
}

#[cfg(test)]
mod tests;
