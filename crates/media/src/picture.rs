//! Still pictures: PNG, JPEG, WebP, TIFF, OpenEXR, GIF and BMP, upright, 16-bit and alpha kept.

use std::io::{BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::Path;

use decoupage_shot::{Code, Fault, Outcome};
use image::metadata::Orientation;
use image::{
    ColorType, DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, Rgba,
};

use crate::bounds::{self, MAX_DECODED_BYTES, MAX_SIDE};
use crate::{MediaForm, MediaInfo};

/// The picture formats that can be read, by what their first bytes say.
pub(crate) fn format_of(head: &[u8]) -> Option<ImageFormat> {
    image::guess_format(head).ok().filter(|format| {
        matches!(
            format,
            ImageFormat::Png
                | ImageFormat::Jpeg
                | ImageFormat::WebP
                | ImageFormat::Tiff
                | ImageFormat::OpenExr
                | ImageFormat::Gif
                | ImageFormat::Bmp
        )
    })
}

/// The word for a format, as it stands in [`MediaInfo::codec`].
fn word(format: ImageFormat) -> &'static str {
    match format {
        ImageFormat::Png => "png",
        ImageFormat::Jpeg => "jpeg",
        ImageFormat::WebP => "webp",
        ImageFormat::Tiff => "tiff",
        ImageFormat::OpenExr => "exr",
        ImageFormat::Gif => "gif",
        ImageFormat::Bmp => "bmp",
        _ => "picture",
    }
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    // Twice the picture: decoders of progressive JPEG and tiled TIFF keep a second copy.
    limits.max_alloc = Some(2 * MAX_DECODED_BYTES);
    limits
}

fn fault(error: &ImageError, path: &Path) -> Fault {
    match error {
        ImageError::Limits(_) => Fault::new(
            Code::TooLarge,
            format!(
                "This picture is beyond the bound of {MAX_SIDE} pixels a side and 1 GiB of memory."
            ),
        )
        .advise("Scale it down and add it again."),
        ImageError::Unsupported(_) => Fault::new(
            Code::Unsupported,
            "This picture is stored in a way that cannot be read here.",
        )
        .advise("Save it again as an ordinary PNG or JPEG."),
        ImageError::IoError(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => {
            match error.kind() {
                std::io::ErrorKind::InvalidData
                | std::io::ErrorKind::InvalidInput
                | std::io::ErrorKind::Other => damaged(),
                _ => Fault::io(error, "read this picture", path),
            }
        }
        _ => damaged(),
    }
    .at(path)
}

fn damaged() -> Fault {
    Fault::new(
        Code::Damaged,
        "This picture is damaged or cut short: its pixels cannot be decoded.",
    )
    .advise("Copy it again from where it came.")
}

/// A picture whose header is read and whose size is within the bounds.
struct Opened<D> {
    decoder: D,
    orientation: Orientation,
    info: MediaInfo,
}

fn open<'a, R: Read + Seek + 'a>(
    source: R,
    format: ImageFormat,
    path: &Path,
) -> Outcome<Opened<impl ImageDecoder + 'a>> {
    let mut reader = ImageReader::with_format(BufReader::new(source), format);
    reader.limits(limits());
    let mut decoder = reader.into_decoder().map_err(|e| fault(&e, path))?;
    let (width, height) = decoder.dimensions();
    let color = decoder.color_type();
    let (width, height) = bounds::check_size(
        width.into(),
        height.into(),
        u64::from(color.bytes_per_pixel()),
    )
    .map_err(|e| e.at(path))?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let (width, height) = if swaps_sides(orientation) {
        (height, width)
    } else {
        (width, height)
    };
    Ok(Opened {
        info: MediaInfo {
            form: MediaForm::Picture,
            width,
            height,
            frames: 1,
            fps: None,
            duration_s: None,
            has_audio: false,
            has_alpha: color.has_alpha(),
            bit_depth: bits(color),
            codec: word(format).to_owned(),
        },
        decoder,
        orientation,
    })
}

fn bits(color: ColorType) -> u8 {
    let channels = u16::from(color.channel_count()).max(1);
    (color.bits_per_pixel() / channels).try_into().unwrap_or(8)
}

fn swaps_sides(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    )
}

fn start<R: Seek>(source: &mut R, path: &Path) -> Outcome<()> {
    source
        .seek(SeekFrom::Start(0))
        .map(|_| ())
        .map_err(|e| Fault::io(&e, "read this picture", path))
}

/// What a picture's header says.
pub(crate) fn probe<R: Read + Seek>(
    mut source: R,
    format: ImageFormat,
    path: &Path,
) -> Outcome<MediaInfo> {
    start(&mut source, path)?;
    Ok(open(source, format, path)?.info)
}

/// Decodes a picture, turns it upright and scales it down to `longest`.
pub(crate) fn decode<R: Read + Seek>(
    mut source: R,
    format: ImageFormat,
    path: &Path,
    longest: Option<u32>,
) -> Outcome<(MediaInfo, DynamicImage)> {
    start(&mut source, path)?;
    let opened = open(source, format, path)?;
    let picture = DynamicImage::from_decoder(opened.decoder).map_err(|e| fault(&e, path))?;
    let mut picture = shrink(picture, longest);
    picture.apply_orientation(opened.orientation);
    Ok((opened.info, picture))
}

/// Scales a picture down, never up, so that no side exceeds `longest` pixels. Colours are
/// weighted by their opacity, so what is clear does not bleed into edges.
pub fn shrink(picture: DynamicImage, longest: Option<u32>) -> DynamicImage {
    let (width, height) = bounds::fit(picture.width(), picture.height(), longest);
    if (width, height) == (picture.width(), picture.height()) {
        return picture;
    }
    let scaled = |picture: DynamicImage| {
        picture.resize_exact(width, height, image::imageops::FilterType::Triangle)
    };
    match picture {
        DynamicImage::ImageRgba8(mut pixels) => {
            for Rgba([r, g, b, a]) in pixels.pixels_mut() {
                for v in [r, g, b] {
                    *v = ((u16::from(*v) * u16::from(*a) + 127) / 255) as u8;
                }
            }
            let mut small = scaled(DynamicImage::ImageRgba8(pixels)).into_rgba8();
            for Rgba([r, g, b, a]) in small.pixels_mut() {
                let a = u16::from(*a).max(1);
                for v in [r, g, b] {
                    *v = ((u16::from(*v) * 255 + a / 2) / a).min(255) as u8;
                }
            }
            DynamicImage::ImageRgba8(small)
        }
        DynamicImage::ImageRgba16(mut pixels) => {
            for Rgba([r, g, b, a]) in pixels.pixels_mut() {
                for v in [r, g, b] {
                    *v = ((u32::from(*v) * u32::from(*a) + 32_767) / 65_535) as u16;
                }
            }
            let mut small = scaled(DynamicImage::ImageRgba16(pixels)).into_rgba16();
            for Rgba([r, g, b, a]) in small.pixels_mut() {
                let a = u64::from(*a).max(1);
                for v in [r, g, b] {
                    *v = ((u64::from(*v) * 65_535 + a / 2) / a).min(65_535) as u16;
                }
            }
            DynamicImage::ImageRgba16(small)
        }
        other => scaled(other),
    }
}

/// Decodes a whole picture in memory, upright and scaled down to `longest`.
///
/// # Errors
/// One sentence for bytes that are no picture, damaged, or beyond the size bounds.
pub fn decode_bytes(bytes: &[u8], longest: Option<u32>) -> Outcome<DynamicImage> {
    let format = format_of(bytes).ok_or_else(|| {
        Fault::new(
            Code::Unsupported,
            "These bytes are no picture that can be read here.",
        )
    })?;
    decode(Cursor::new(bytes), format, Path::new(""), longest).map(|(_, picture)| picture)
}
