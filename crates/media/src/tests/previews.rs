use decoupage_shot::Silent;
use image::{DynamicImage, Rgb, Rgb32FImage, Rgba, RgbaImage};

use super::clips::{Recipe, number};
use crate::{PreviewFormat, decode_bytes, display, encode_preview, filmstrip, poster};

#[test]
fn a_poster_is_the_frame_one_third_in() {
    let folder = tempfile::tempdir().unwrap();
    let path = Recipe::h264().make(folder.path());
    let still = poster(&path, 100).unwrap();
    assert_eq!(still.index, 20);
    assert_eq!(number(&still.picture), 20);
    assert_eq!((still.picture.width(), still.picture.height()), (100, 60));

    let frames = folder.path().join("frames");
    std::fs::create_dir(&frames).unwrap();
    for i in 0..9_u8 {
        image::RgbImage::from_pixel(20, 10, Rgb([i, i, i]))
            .save(frames.join(format!("{i}.png")))
            .unwrap();
    }
    let still = poster(&frames, 100).unwrap();
    assert_eq!((still.index, still.time_s), (3, 3.0 / crate::ASSUMED_FPS));
    let still = poster(&frames.join("7.png"), 10).unwrap();
    assert_eq!(still.picture.to_rgb8().get_pixel(0, 0).0[0], 7);
}

#[test]
fn a_filmstrip_holds_its_frames_side_by_side() {
    let folder = tempfile::tempdir().unwrap();
    let path = Recipe::h264().make(folder.path());
    let strip = filmstrip(&path, 5, 48, None, &Silent).unwrap();
    assert_eq!((strip.frame_width, strip.frame_height), (80, 48));
    assert_eq!(strip.picture.dimensions(), (400, 48));
    assert_eq!(strip.info.frames, 60);
    for (i, (time_s, index)) in strip.times_s.iter().zip([0, 15, 30, 44, 59]).enumerate() {
        let frame = image::imageops::crop_imm(&strip.picture, i as u32 * 80, 0, 80, 48).to_image();
        assert_eq!(number(&DynamicImage::ImageRgba8(frame)), index);
        assert!((time_s - index as f64 / 25.0).abs() < 0.001);
    }
    // Never more frames than there are, never larger than they are.
    let strip = filmstrip(&path, 500, 4000, None, &Silent).unwrap();
    assert_eq!(strip.picture.dimensions(), (60 * 160, 96));
}

#[test]
fn previews_are_encoded_and_read_back() {
    let picture = DynamicImage::ImageRgba8(RgbaImage::from_pixel(30, 20, Rgba([200, 10, 10, 0])));
    let png = decode_bytes(&encode_preview(&picture, PreviewFormat::Png).unwrap(), None).unwrap();
    assert_eq!(png.to_rgba8(), picture.to_rgba8());
    let jpeg = encode_preview(&picture, PreviewFormat::Jpeg(90)).unwrap();
    let jpeg = decode_bytes(&jpeg, Some(15)).unwrap().to_rgb8();
    assert_eq!(jpeg.dimensions(), (15, 10));
    assert!(jpeg.get_pixel(5, 5).0.iter().all(|v| v.abs_diff(128) < 4));
    let empty = DynamicImage::new_rgb8(0, 0);
    assert!(encode_preview(&empty, PreviewFormat::Jpeg(90)).is_err());
}

#[test]
fn linear_light_is_shown_bright_and_metres_within_range() {
    let linear = Rgb32FImage::from_fn(100, 1, |x, _| Rgb([x as f32 / 100.0; 3]));
    let shown = display(&DynamicImage::ImageRgb32F(linear));
    // Half the light is far brighter than half the code value.
    assert!(shown.get_pixel(50, 0).0[0].abs_diff(188) < 3);
    let metres = Rgb32FImage::from_fn(100, 1, |x, _| Rgb([x as f32; 3]));
    let shown = display(&DynamicImage::ImageRgb32F(metres));
    assert!(shown.get_pixel(50, 0).0[0] < 200);
    assert!(shown.get_pixel(98, 0).0[0] > 250);
    let odd = Rgb32FImage::from_pixel(2, 2, Rgb([f32::NAN, f32::INFINITY, -1.0]));
    assert_eq!(
        display(&DynamicImage::ImageRgb32F(odd)).get_pixel(0, 0).0[0],
        0
    );
}
