//! Frames to files: h264 in mp4 through FFmpeg, and folders of PNG pictures.

use std::path::Path;

use decoupage_shot::{Code, Fault, Outcome};
use ffmpeg::software::scaling;
use ffmpeg::{Dictionary, Packet, Rational, codec, encoder, format, frame};
use ffmpeg_next as ffmpeg;
use image::{DynamicImage, RgbImage};

use crate::files::make_folder;

/// How a clip is encoded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClipStyle {
    /// Frames per second, as a fraction.
    pub fps: (u32, u32),
    /// x264's constant rate factor: 0 lossless, 18 near transparent, 28 rough.
    pub crf: u32,
}

impl ClipStyle {
    /// Whole frames per second at a quality without visible loss.
    pub fn fps(fps: u32) -> Self {
        Self {
            fps: (fps, 1),
            crf: 16,
        }
    }
}

/// Writes RGB pictures of one even size as an h264 mp4 (yuv420p, BT.601 limited range, one
/// thread and bit-exact flags). The same pictures give the same decoded frames; with sides
/// that are multiples of 16 also the same bytes on one machine (x264 fills up cut blocks in
/// ways that can differ between runs).
pub struct Mp4 {
    output: format::context::Output,
    encoder: encoder::Video,
    scaler: scaling::Context,
    width: u32,
    height: u32,
    next: i64,
    time_base: Rational,
    path: std::path::PathBuf,
}

fn fault(error: ffmpeg::Error, path: &Path) -> Fault {
    if let ffmpeg::Error::Other { errno } = error {
        return Fault::io(
            &std::io::Error::from_raw_os_error(errno),
            "write the clip",
            path,
        );
    }
    Fault::new(
        Code::Internal,
        format!("Could not encode the clip: {error}."),
    )
    .at(path)
}

impl Mp4 {
    /// Opens a file for pictures of this size; both sides must be even.
    ///
    /// # Errors
    /// A fault when a side is odd or zero, the system's FFmpeg has no h264 encoder, or the
    /// file cannot be written.
    pub fn create(path: &Path, width: u32, height: u32, style: ClipStyle) -> Outcome<Self> {
        if width == 0 || height == 0 || !width.is_multiple_of(2) || !height.is_multiple_of(2) {
            return Err(Fault::new(
                Code::Invalid,
                format!(
                    "A clip of {width} × {height} pixels cannot be encoded: both sides must be even."
                ),
            ));
        }
        if let Some(folder) = path.parent() {
            make_folder(folder)?;
        }
        ffmpeg::init().map_err(|error| fault(error, path))?;
        ffmpeg::log::set_level(ffmpeg::log::Level::Error);
        let h264 = encoder::find_by_name("libx264")
            .or_else(|| encoder::find(codec::Id::H264))
            .ok_or_else(|| {
                Fault::new(
                    Code::Unsupported,
                    "The FFmpeg on this machine has no h264 encoder.",
                )
                .advise("Install FFmpeg's libraries with libx264.")
            })?;
        let mut output = format::output_as(path, "mp4").map_err(|error| fault(error, path))?;
        let time_base = Rational(style.fps.1 as i32, style.fps.0 as i32);
        let mut video = codec::context::Context::new_with_codec(h264)
            .encoder()
            .video()
            .map_err(|error| fault(error, path))?;
        video.set_width(width);
        video.set_height(height);
        video.set_format(format::Pixel::YUV420P);
        video.set_time_base(time_base);
        video.set_frame_rate(Some(Rational(style.fps.0 as i32, style.fps.1 as i32)));
        video.set_gop(style.fps.0.max(12));
        let mut flags = codec::Flags::BITEXACT;
        if output
            .format()
            .flags()
            .contains(format::Flags::GLOBAL_HEADER)
        {
            flags |= codec::Flags::GLOBAL_HEADER;
        }
        video.set_flags(flags);
        let mut options = Dictionary::new();
        options.set("crf", &style.crf.to_string());
        options.set("preset", "veryfast");
        options.set("threads", "1");
        // x264's tree of macroblocks reads memory it has not written: with it the same pictures
        // now and then give other bytes.
        options.set("x264-params", "mbtree=0");
        let encoder = video
            .open_with(options)
            .map_err(|error| fault(error, path))?;
        let mut stream = output
            .add_stream(h264)
            .map_err(|error| fault(error, path))?;
        stream.set_parameters(&encoder);
        stream.set_time_base(time_base);
        stream.set_avg_frame_rate(Rational(style.fps.0 as i32, style.fps.1 as i32));
        let mut muxing = Dictionary::new();
        muxing.set("fflags", "+bitexact");
        muxing.set("movflags", "+faststart");
        output
            .write_header_with(muxing)
            .map_err(|error| fault(error, path))?;
        let scaler = scaling::Context::get(
            format::Pixel::RGB24,
            width,
            height,
            format::Pixel::YUV420P,
            width,
            height,
            scaling::Flags::BILINEAR | scaling::Flags::ACCURATE_RND | scaling::Flags::BITEXACT,
        )
        .map_err(|error| fault(error, path))?;
        Ok(Self {
            output,
            encoder,
            scaler,
            width,
            height,
            next: 0,
            time_base,
            path: path.to_owned(),
        })
    }

    /// Adds the next picture.
    ///
    /// # Errors
    /// A fault when the picture has another size, or on a write error.
    pub fn add(&mut self, picture: &RgbImage) -> Outcome<()> {
        if picture.dimensions() != (self.width, self.height) {
            return Err(Fault::new(
                Code::Invalid,
                "The pictures of a clip must all have one size.",
            ));
        }
        // Fresh frames hold whatever was in memory before, and conversion reads in wide steps:
        // what lies beside the picture is cleared, that the same pictures give the same bytes.
        let mut rgb = frame::Video::new(format::Pixel::RGB24, self.width, self.height);
        rgb.data_mut(0).fill(0);
        let stride = rgb.stride(0);
        let row = self.width as usize * 3;
        for (to, from) in rgb
            .data_mut(0)
            .chunks_mut(stride)
            .zip(picture.as_raw().chunks(row))
        {
            to[..row].copy_from_slice(from);
        }
        let mut yuv = frame::Video::new(format::Pixel::YUV420P, self.width, self.height);
        for plane in 0..yuv.planes() {
            yuv.data_mut(plane).fill(0);
        }
        self.scaler
            .run(&rgb, &mut yuv)
            .map_err(|error| fault(error, &self.path))?;
        yuv.set_pts(Some(self.next));
        self.next += 1;
        self.encoder
            .send_frame(&yuv)
            .map_err(|error| fault(error, &self.path))?;
        self.drain()
    }

    /// Finishes the file.
    ///
    /// # Errors
    /// A fault on a write error.
    pub fn finish(mut self) -> Outcome<()> {
        self.encoder
            .send_eof()
            .map_err(|error| fault(error, &self.path))?;
        self.drain()?;
        self.output
            .write_trailer()
            .map_err(|error| fault(error, &self.path))
    }

    fn drain(&mut self) -> Outcome<()> {
        let stream_base = self
            .output
            .stream(0)
            .map_or(self.time_base, |stream| stream.time_base());
        let mut packet = Packet::empty();
        while self.encoder.receive_packet(&mut packet).is_ok() {
            packet.set_stream(0);
            packet.set_duration(1);
            packet.rescale_ts(self.time_base, stream_base);
            packet
                .write_interleaved(&mut self.output)
                .map_err(|error| fault(error, &self.path))?;
        }
        Ok(())
    }
}

/// Writes pictures as an mp4.
///
/// # Errors
/// As [`Mp4::create`] and [`Mp4::add`]; a fault when there is no picture.
pub fn write_mp4(
    path: &Path,
    pictures: impl IntoIterator<Item = RgbImage>,
    style: ClipStyle,
) -> Outcome<()> {
    let mut pictures = pictures.into_iter();
    let first = pictures
        .next()
        .ok_or_else(|| Fault::new(Code::Invalid, "A clip needs at least one picture."))?;
    let mut clip = Mp4::create(path, first.width(), first.height(), style)?;
    clip.add(&first)?;
    for picture in pictures {
        clip.add(&picture)?;
    }
    clip.finish()
}

/// Writes one picture as PNG, creating its folder.
///
/// # Errors
/// A fault when the file cannot be written.
pub fn write_png(path: &Path, picture: &DynamicImage) -> Outcome<()> {
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    picture
        .save_with_format(path, image::ImageFormat::Png)
        .map_err(|error| match error {
            image::ImageError::IoError(error) => Fault::io(&error, "write the picture", path),
            other => Fault::new(
                Code::Internal,
                format!("Could not write the picture: {other}."),
            )
            .at(path),
        })
}

/// Writes a folder of PNG frames named `00000.png` and on.
///
/// # Errors
/// As [`write_png`].
pub fn write_frames(
    folder: &Path,
    pictures: impl IntoIterator<Item = DynamicImage>,
) -> Outcome<()> {
    make_folder(folder)?;
    for (index, picture) in pictures.into_iter().enumerate() {
        write_png(&folder.join(format!("{index:05}.png")), &picture)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(frame: u32) -> RgbImage {
        RgbImage::from_fn(64, 48, |x, y| {
            image::Rgb([(x * 4) as u8, (y * 5) as u8, (frame * 20) as u8])
        })
    }

    #[test]
    fn a_clip_keeps_frames_length_and_colour_and_is_the_same_twice() {
        let folder = tempfile::tempdir().unwrap();
        let paths = [folder.path().join("a.mp4"), folder.path().join("b.mp4")];
        for path in &paths {
            write_mp4(path, (0..10).map(ramp), ClipStyle::fps(25)).unwrap();
        }
        assert_eq!(
            std::fs::read(&paths[0]).unwrap(),
            std::fs::read(&paths[1]).unwrap()
        );

        let mut input = format::input(&paths[0]).unwrap();
        let stream = input.streams().next().unwrap();
        let seconds = stream.duration() as f64 * f64::from(stream.time_base());
        assert!((seconds - 0.4).abs() < 1e-3, "{seconds}");
        let mut decoder = codec::context::Context::from_parameters(stream.parameters())
            .unwrap()
            .decoder()
            .video()
            .unwrap();
        let packets: Vec<Packet> = input.packets().map(|(_, packet)| packet).collect();
        let mut frames = 0;
        let mut picture = frame::Video::empty();
        for packet in &packets {
            decoder.send_packet(packet).unwrap();
            while decoder.receive_frame(&mut picture).is_ok() {
                frames += 1;
            }
        }
        decoder.send_eof().unwrap();
        while decoder.receive_frame(&mut picture).is_ok() {
            frames += 1;
        }
        assert_eq!(frames, 10);
        assert_eq!(decoder.format(), format::Pixel::YUV420P);
    }

    #[test]
    fn odd_sizes_and_no_pictures_are_refused_in_words() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("odd.mp4");
        let odd = Mp4::create(&path, 63, 48, ClipStyle::fps(25))
            .err()
            .unwrap();
        assert_eq!(odd.code, Code::Invalid);
        assert!(write_mp4(&path, [], ClipStyle::fps(25)).is_err());
    }
}
