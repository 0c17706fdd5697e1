//! A look to take after, a picture or a clip: light, colour, grain, sharpness, and the film
//! words that follow from them.

mod bars;
mod focus;
mod grain;
pub mod look;
pub(crate) mod parts;
pub(crate) mod terms;
mod tones;

use std::path::Path;

use decoupage_shot::{ConditionKind, Outcome, ReadOptions, Watch};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::correct::Parts;
use crate::plain::{self, PlainReading, Sight};

pub use focus::Focus;
pub use look::{Look, Meter, Metered, look};
pub use terms::{Term, has, statements};
pub use tones::{Chromatic, Tint};

/// What was measured in a style picture or clip.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct StyleReading {
    /// Size, length, colours and light; the latter two inside black bars.
    #[serde(flatten)]
    #[ts(flatten)]
    pub plain: PlainReading,
    /// The look and the film words that follow from it.
    #[serde(default)]
    pub look: Look,
}

impl From<PlainReading> for StyleReading {
    /// A reading of which nothing but the plain part is known.
    fn from(plain: PlainReading) -> Self {
        Self {
            plain,
            look: Look::default(),
        }
    }
}

/// What was measured in a style picture or clip.
///
/// # Errors
/// A fault with one sentence when the file cannot be decoded.
pub fn read(
    path: &Path,
    role: ConditionKind,
    options: &ReadOptions,
    watch: &dyn Watch,
) -> Outcome<StyleReading> {
    let mut meter = Meter::default();
    let sight = Sight {
        frames: decoupage_media::Pick::Even(look::FRAMES),
        longest: look::DECODED,
    };
    let mut plain = plain::see(path, role, &sight, options, watch, &mut |still| {
        meter.add(&still.picture, options.region.as_ref());
        watch.go_on()
    })?;
    let mut metered = meter.finish();
    metered.look.place(options.region.as_ref());
    plain.palette = metered.palette;
    plain.light = metered.light;
    let mut reading = StyleReading {
        plain,
        look: metered.look,
    };
    reading.restate();
    Ok(reading)
}

#[cfg(test)]
mod tests;
