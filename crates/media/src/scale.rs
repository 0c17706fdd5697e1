//! From a decoded frame to an upright picture with square pixels, straight at the wanted size.

use decoupage_shot::{Code, Fault, Outcome};
use ff::color;
use ff::format::Pixel;
use ff::frame::Video as Frame;
use ff::software::scaling::{Context, Flags};
use ffmpeg_next as ff;
use image::{DynamicImage, ImageBuffer};

use crate::video::Turn;
use crate::{bounds, raw};

/// Scales frames to one size, keeping 16 bits, grey and transparency.
pub(crate) struct Scaler {
    width: u32,
    height: u32,
    turn: Turn,
    context: Option<(Key, Context)>,
    out: Frame,
}

/// What a scaler is made for.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Key {
    format: Pixel,
    width: u32,
    height: u32,
    matrix: i32,
    full_range: bool,
}

/// How pixels leave the scaler.
fn target(format: Pixel) -> Pixel {
    let (components, depth, alpha) = raw::pixel(format).unwrap_or((3, 8, false));
    match (components, depth > 8, alpha) {
        (_, false, true) => Pixel::RGBA,
        (_, true, true) => Pixel::RGBA64LE,
        (1, false, false) if format == Pixel::GRAY8 => Pixel::GRAY8,
        (1, true, false) => Pixel::GRAY16LE,
        (_, true, false) => Pixel::RGB48LE,
        (_, false, false) => Pixel::RGB24,
    }
}

impl Scaler {
    /// For upright pictures of `width` × `height`.
    pub(crate) fn new(width: u32, height: u32, turn: Turn) -> Self {
        Self {
            width,
            height,
            turn,
            context: None,
            out: Frame::empty(),
        }
    }

    /// Scales and turns one frame.
    pub(crate) fn run(&mut self, frame: &Frame) -> Outcome<DynamicImage> {
        let key = key_of(frame);
        bounds::check_size(key.width.into(), key.height.into(), 8)?;
        let (width, height) = if self.turn.swaps() {
            (self.height, self.width)
        } else {
            (self.width, self.height)
        };
        let format = target(key.format);
        let mut context = match self.context.take() {
            Some((made_for, context)) if made_for == key => context,
            _ => {
                // Area-correct when shrinking, and fast; same-size frames only change colours.
                let mut context = Context::get(
                    key.format,
                    key.width,
                    key.height,
                    format,
                    width,
                    height,
                    Flags::BILINEAR,
                )
                .map_err(|_| unscalable())?;
                raw::set_colors(&mut context, key.matrix, key.full_range);
                self.out = Frame::empty();
                context
            }
        };
        context
            .run(frame, &mut self.out)
            .map_err(|_| unscalable())?;
        self.context = Some((key, context));
        let picture = picture(&self.out, format, width, height).ok_or_else(unscalable)?;
        Ok(turned(picture, self.turn))
    }
}

fn unscalable() -> Fault {
    Fault::new(
        Code::Unsupported,
        "The frames of this video are stored in a way that cannot be converted here.",
    )
    .advise("Convert it to H.264 or ProRes.")
}

fn key_of(frame: &Frame) -> Key {
    let space = match frame.color_space() {
        // Players take untagged video of 720 lines and more for BT.709, smaller for BT.601.
        color::Space::Unspecified | color::Space::Reserved
            if frame.width() >= 1280 || frame.height() > 576 =>
        {
            color::Space::BT709
        }
        color::Space::Unspecified | color::Space::Reserved => color::Space::BT470BG,
        space => space,
    };
    let full = matches!(
        frame.format(),
        Pixel::YUVJ420P | Pixel::YUVJ422P | Pixel::YUVJ444P | Pixel::YUVJ440P | Pixel::YUVJ411P
    );
    Key {
        format: frame.format(),
        width: frame.width(),
        height: frame.height(),
        matrix: raw::matrix_number(space),
        full_range: full || frame.color_range() == color::Range::JPEG,
    }
}

fn picture(out: &Frame, format: Pixel, width: u32, height: u32) -> Option<DynamicImage> {
    if out.planes() == 0 {
        return None;
    }
    let (channels, bytes) = match format {
        Pixel::GRAY8 => (1, 1),
        Pixel::GRAY16LE => (1, 2),
        Pixel::RGB24 => (3, 1),
        Pixel::RGBA => (4, 1),
        Pixel::RGB48LE => (3, 2),
        _ => (4, 2),
    };
    let row = width as usize * channels * bytes;
    let stride = out.stride(0);
    let data = out.data(0);
    let rows = (0..height as usize).map(|y| data.get(y * stride..y * stride + row));
    if bytes == 1 {
        let mut pixels = Vec::with_capacity(row * height as usize);
        for row in rows {
            pixels.extend_from_slice(row?);
        }
        Some(match channels {
            1 => DynamicImage::ImageLuma8(ImageBuffer::from_raw(width, height, pixels)?),
            3 => DynamicImage::ImageRgb8(ImageBuffer::from_raw(width, height, pixels)?),
            _ => DynamicImage::ImageRgba8(ImageBuffer::from_raw(width, height, pixels)?),
        })
    } else {
        let mut pixels = Vec::with_capacity(row / 2 * height as usize);
        for row in rows {
            let (pairs, _) = row?.as_chunks::<2>();
            pixels.extend(pairs.iter().map(|pair| u16::from_le_bytes(*pair)));
        }
        Some(match channels {
            1 => DynamicImage::ImageLuma16(ImageBuffer::from_raw(width, height, pixels)?),
            3 => DynamicImage::ImageRgb16(ImageBuffer::from_raw(width, height, pixels)?),
            _ => DynamicImage::ImageRgba16(ImageBuffer::from_raw(width, height, pixels)?),
        })
    }
}

fn turned(picture: DynamicImage, turn: Turn) -> DynamicImage {
    let picture = match turn.quarters {
        1 => picture.rotate90(),
        2 => picture.rotate180(),
        3 => picture.rotate270(),
        _ => picture,
    };
    if turn.mirrored {
        picture.fliph()
    } else {
        picture
    }
}
