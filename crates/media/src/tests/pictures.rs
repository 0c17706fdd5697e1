use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use decoupage_shot::Code;
use image::{DynamicImage, ImageFormat, Rgb, Rgb32FImage, Rgba, RgbaImage};

use super::collect;
use crate::{MediaForm, Pick, decode_bytes, poster, probe};

/// A picture whose left half is red, lower right quarter clear.
fn sample(width: u32, height: u32) -> RgbaImage {
    RgbaImage::from_fn(width, height, |x, y| {
        if x < width / 2 {
            Rgba([220, 30, 30, 255])
        } else if y < height / 2 {
            Rgba([30, 30, 220, 255])
        } else {
            Rgba([30, 220, 30, 0])
        }
    })
}

fn save(folder: &Path, name: &str, picture: &DynamicImage, format: ImageFormat) -> PathBuf {
    let path = folder.join(name);
    picture.save_with_format(&path, format).unwrap();
    path
}

#[test]
fn every_format_is_read_by_its_content() {
    let folder = tempfile::tempdir().unwrap();
    let rgba = DynamicImage::ImageRgba8(sample(64, 48));
    let rgb = DynamicImage::ImageRgb8(rgba.to_rgb8());
    let float = DynamicImage::ImageRgb32F(rgba.to_rgb32f());
    for (format, word, picture) in [
        (ImageFormat::Png, "png", &rgba),
        (ImageFormat::Jpeg, "jpeg", &rgb),
        (ImageFormat::WebP, "webp", &rgba),
        (ImageFormat::Tiff, "tiff", &rgba),
        (ImageFormat::OpenExr, "exr", &float),
        (ImageFormat::Gif, "gif", &rgba),
        (ImageFormat::Bmp, "bmp", &rgb),
    ] {
        // The name promises a video: the content decides.
        let path = save(folder.path(), "picture.mp4", picture, format);
        let info = probe(&path).unwrap();
        assert_eq!(info.form, MediaForm::Picture, "{word}");
        assert_eq!((info.width, info.height, info.frames), (64, 48, 1));
        assert_eq!(info.codec, word);
        assert_eq!((info.fps, info.duration_s), (None, None));
        let (_, got) = collect(&path, &Pick::Even(5), None).unwrap();
        assert_eq!(got.len(), 1);
        let red = got[0].picture.to_rgb8();
        let Rgb([r, g, b]) = *red.get_pixel(10, 10);
        assert!(r > 200 && g < 60 && b < 60, "{word}: {r} {g} {b}");
    }
}

#[test]
fn sixteen_bits_and_transparency_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let deep = DynamicImage::ImageRgba16(image::ImageBuffer::from_fn(8, 8, |x, _| {
        Rgba([x as u16 * 257 + 1, 2, 3, 40_000])
    }));
    for format in [ImageFormat::Png, ImageFormat::Tiff] {
        let path = save(folder.path(), "deep", &deep, format);
        let info = probe(&path).unwrap();
        assert_eq!((info.bit_depth, info.has_alpha), (16, true));
        let (_, got) = collect(&path, &Pick::Even(1), None).unwrap();
        assert_eq!(got[0].picture, deep);
    }
    let grey = DynamicImage::ImageLuma16(image::ImageBuffer::from_fn(8, 8, |x, y| {
        image::Luma([x as u16 * 1000 + y as u16])
    }));
    let path = save(folder.path(), "grey.png", &grey, ImageFormat::Png);
    let (info, got) = collect(&path, &Pick::Even(1), None).unwrap();
    assert_eq!((info.bit_depth, info.has_alpha), (16, false));
    assert_eq!(got[0].picture, grey);
}

#[test]
fn floats_beyond_one_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let metres = DynamicImage::ImageRgb32F(Rgb32FImage::from_fn(8, 8, |x, _| {
        Rgb([x as f32 * 2.5, 0.0, 1.0])
    }));
    let path = save(folder.path(), "depth.exr", &metres, ImageFormat::OpenExr);
    let (info, got) = collect(&path, &Pick::Even(1), None).unwrap();
    assert_eq!(info.bit_depth, 32);
    assert_eq!(got[0].picture.to_rgb32f().get_pixel(4, 0).0[0], 10.0);
}

/// A JPEG with an EXIF orientation put in behind its first marker.
fn jpeg_with_orientation(picture: &DynamicImage, orientation: u8) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
    let mut exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01".to_vec();
    exif.extend([0, orientation, 0, 0, 0, 0, 0, 0]);
    let mut out = vec![0xff, 0xd8, 0xff, 0xe1];
    out.extend((exif.len() as u16 + 2).to_be_bytes());
    out.extend(exif);
    out.extend(&bytes.into_inner()[2..]);
    out
}

#[test]
fn exif_orientation_stands_pictures_upright() {
    let folder = tempfile::tempdir().unwrap();
    let upright = DynamicImage::ImageRgb8(DynamicImage::ImageRgba8(sample(64, 48)).to_rgb8());
    let stored: [(u8, DynamicImage); 3] = [
        (3, upright.rotate180()),
        (6, upright.rotate270()),
        (8, upright.rotate90()),
    ];
    for (orientation, stored) in stored {
        let path = folder.path().join("turned.jpg");
        fs::write(&path, jpeg_with_orientation(&stored, orientation)).unwrap();
        let info = probe(&path).unwrap();
        assert_eq!((info.width, info.height), (64, 48), "{orientation}");
        let (_, got) = collect(&path, &Pick::Even(1), Some(32)).unwrap();
        let shown = got[0].picture.to_rgb8();
        assert_eq!(shown.dimensions(), (32, 24));
        let (left, right) = (shown.get_pixel(4, 4), shown.get_pixel(28, 4));
        assert!(left.0[0] > 180 && right.0[2] > 180, "{orientation}");
    }
}

/// The header of a PNG that promises a size, and nothing more.
pub(super) fn png_bomb(width: u32, height: u32) -> Vec<u8> {
    let mut chunk = b"IHDR".to_vec();
    chunk.extend(width.to_be_bytes());
    chunk.extend(height.to_be_bytes());
    chunk.extend([8, 6, 0, 0, 0]);
    let mut crc = u32::MAX;
    for byte in &chunk {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 {
                crc >> 1 ^ 0xedb8_8320
            } else {
                crc >> 1
            };
        }
    }
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0d".to_vec();
    png.extend(chunk);
    png.extend((!crc).to_be_bytes());
    png.extend(b"\0\0\0\x08IDAT\0\0\0\0\0\0\0\0\0\0\0\0");
    png
}

#[test]
fn picture_bombs_are_refused_before_memory_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bomb.png");
    for (width, height) in [(60_000, 60_000), (2_000_000_000, 2), (16_385, 1)] {
        fs::write(&path, png_bomb(width, height)).unwrap();
        for fault in [
            probe(&path).unwrap_err(),
            collect(&path, &Pick::Even(1), None).unwrap_err(),
            poster(&path, 100).unwrap_err(),
        ] {
            assert_eq!(fault.code, Code::TooLarge, "{fault}");
            assert!(fault.message.contains("16384"), "{fault}");
        }
        assert!(decode_bytes(&png_bomb(width, height), None).is_err());
    }
}

#[test]
fn cut_pictures_are_called_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let noise = DynamicImage::ImageRgb8(image::RgbImage::from_fn(90, 70, |x, y| {
        Rgb([(x * y) as u8, (x ^ y) as u8, (x * 7 + y * 13) as u8])
    }));
    for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Tiff] {
        let path = save(folder.path(), "cut", &noise, format);
        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        let fault = collect(&path, &Pick::Even(1), None).unwrap_err();
        assert_eq!(fault.code, Code::Damaged, "{format:?}: {fault}");
        assert_eq!(fault.path.as_deref(), Some(path.as_path()));
    }
}

#[test]
fn clear_pixels_do_not_bleed_when_shrunk() {
    let picture = RgbaImage::from_fn(64, 64, |x, _| {
        if x < 31 {
            Rgba([200, 0, 0, 255])
        } else {
            Rgba([0, 255, 0, 0])
        }
    });
    let small = crate::shrink(DynamicImage::ImageRgba8(picture), Some(16)).to_rgba8();
    for Rgba([r, g, _, a]) in small.pixels() {
        assert!(*a < 8 || (*g < 8 && *r > 190), "{r} {g} {a}");
    }
}
