//! Makes small clips whose frames carry their number in their pixels.

use std::path::{Path, PathBuf};

use ff::format::Pixel;
use ff::{Dictionary, Rational, codec, encoder, format, frame};
use ffmpeg_next as ff;
use image::DynamicImage;

/// How many bits of the frame number are drawn, as bars from left (lowest) to right.
const BITS: u32 = 10;

/// A clip to be made.
#[derive(Clone)]
pub struct Recipe {
    pub encoder: &'static str,
    /// Name ending, which chooses the container.
    pub ending: &'static str,
    pub pixel: Pixel,
    pub width: u32,
    pub height: u32,
    pub frames: u32,
    pub gop: u32,
    pub b_frames: usize,
    /// Encoder options.
    pub options: &'static [(&'static str, &'static str)],
    /// Container options.
    pub container: &'static [(&'static str, &'static str)],
    /// Ticks per second, and the tick each frame is shown at; 25 evenly timed ones without.
    pub ticks: i32,
    pub times: Option<Vec<i64>>,
    pub aspect: Option<(i32, i32)>,
    /// The four numbers of a display matrix that turn: a, b, c, d.
    pub turn: Option<[i32; 4]>,
    pub sound: bool,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            encoder: "libx264",
            ending: "mp4",
            pixel: Pixel::YUV420P,
            width: 160,
            height: 96,
            frames: 60,
            gop: 24,
            b_frames: 3,
            options: &[],
            container: &[],
            ticks: 25,
            times: None,
            aspect: None,
            turn: None,
            sound: false,
        }
    }
}

impl Recipe {
    /// H.264 with three B-frames between every two others.
    pub fn h264() -> Self {
        Self {
            options: &[
                ("preset", "ultrafast"),
                ("x264-params", "b-adapt=0:bframes=3:b-pyramid=0:scenecut=0"),
            ],
            ..Self::default()
        }
    }

    /// Seconds each frame is shown at.
    pub fn times_s(&self) -> Vec<f64> {
        let ticks = |i: u32| match &self.times {
            Some(times) => times[i as usize],
            None => i64::from(i) * i64::from(self.ticks) / 25,
        };
        (0..self.frames)
            .map(|i| (ticks(i) - ticks(0)) as f64 / f64::from(self.ticks))
            .collect()
    }

    /// Makes the clip in `folder`.
    pub fn make(&self, folder: &Path) -> PathBuf {
        ff::init().unwrap();
        ff::log::set_level(ff::log::Level::Quiet);
        let path = folder.join(format!("clip.{}", self.ending));
        let mut output = format::output(&path).unwrap();
        let global = output
            .format()
            .flags()
            .contains(format::Flags::GLOBAL_HEADER);
        let found = encoder::find_by_name(self.encoder).unwrap();
        let mut video = codec::Context::new_with_codec(found)
            .encoder()
            .video()
            .unwrap();
        video.set_width(self.width);
        video.set_height(self.height);
        video.set_format(self.pixel);
        video.set_gop(self.gop);
        video.set_max_b_frames(self.b_frames);
        let base = Rational::new(1, self.ticks);
        video.set_time_base(base);
        video.set_frame_rate(Some(Rational::new(25, 1)));
        if let Some((num, den)) = self.aspect {
            video.set_aspect_ratio(Rational::new(num, den));
        }
        if global {
            video.set_flags(codec::Flags::GLOBAL_HEADER);
        }
        let mut options = Dictionary::new();
        for (key, value) in self.options {
            options.set(key, value);
        }
        let mut video = video.open_as_with(found, options).unwrap();
        {
            let mut stream = output.add_stream(found).unwrap();
            stream.set_parameters(&video);
            stream.set_time_base(base);
            stream.set_avg_frame_rate(Rational::new(25, 1));
            if let Some(turn) = self.turn {
                set_display_matrix(&mut stream, turn);
            }
        }
        let mut sound = self.sound.then(|| Sound::add(&mut output, global));
        let mut container = Dictionary::new();
        for (key, value) in self.container {
            container.set(key, value);
        }
        output.write_header_with(container).unwrap();
        for i in 0..self.frames {
            let mut frame = frame::Video::new(self.pixel, self.width, self.height);
            draw(&mut frame, i);
            let ticks = match &self.times {
                Some(times) => times[i as usize],
                None => i64::from(i) * i64::from(self.ticks) / 25,
            };
            frame.set_pts(Some(ticks));
            video.send_frame(&frame).unwrap();
            drain(&mut video, &mut output, 0, base);
        }
        video.send_eof().unwrap();
        drain(&mut video, &mut output, 0, base);
        if let Some(sound) = &mut sound {
            sound.write(&mut output, f64::from(self.frames) / 25.0);
        }
        output.write_trailer().unwrap();
        path
    }
}

#[allow(unsafe_code, reason = "the wrapper cannot write display matrices")]
fn set_display_matrix(stream: &mut ff::StreamMut<'_>, [a, b, c, d]: [i32; 4]) {
    let one = 1 << 16;
    let matrix: [i32; 9] = [a * one, b * one, 0, c * one, d * one, 0, 0, 0, 1 << 30];
    // SAFETY: FFmpeg allocates the nine numbers that are written.
    unsafe {
        let data = ff::ffi::av_stream_new_side_data(
            stream.as_mut_ptr(),
            ff::ffi::AVPacketSideDataType::AV_PKT_DATA_DISPLAYMATRIX,
            std::mem::size_of_val(&matrix),
        );
        assert!(!data.is_null());
        data.cast::<[i32; 9]>().write_unaligned(matrix);
    }
}

fn drain(
    encoder: &mut encoder::Encoder,
    output: &mut format::context::Output,
    stream: usize,
    base: Rational,
) {
    let mut packet = ff::Packet::empty();
    while encoder.receive_packet(&mut packet).is_ok() {
        packet.set_stream(stream);
        let to = output.stream(stream).unwrap().time_base();
        packet.rescale_ts(base, to);
        packet.write_interleaved(output).unwrap();
    }
}

struct Sound(encoder::audio::Encoder);

impl Sound {
    const RATE: i32 = 8000;

    fn add(output: &mut format::context::Output, global: bool) -> Self {
        let found = encoder::find_by_name("aac").unwrap();
        let mut audio = codec::Context::new_with_codec(found)
            .encoder()
            .audio()
            .unwrap();
        audio.set_rate(Self::RATE);
        audio.set_format(format::Sample::F32(format::sample::Type::Planar));
        audio.set_channel_layout(ff::ChannelLayout::MONO);
        audio.set_time_base(Rational::new(1, Self::RATE));
        if global {
            audio.set_flags(codec::Flags::GLOBAL_HEADER);
        }
        let audio = audio.open_as(found).unwrap();
        output.add_stream(found).unwrap().set_parameters(&audio);
        Self(audio)
    }

    fn write(&mut self, output: &mut format::context::Output, seconds: f64) {
        let size = self.0.frame_size() as usize;
        let total = (seconds * f64::from(Self::RATE)) as usize;
        let stream = output.nb_streams() as usize - 1;
        let base = Rational::new(1, Self::RATE);
        for start in (0..total).step_by(size) {
            let mut frame = frame::Audio::new(self.0.format(), size, ff::ChannelLayout::MONO);
            frame.plane_mut::<f32>(0).fill(0.0);
            frame.set_rate(Self::RATE as u32);
            frame.set_pts(Some(start as i64));
            self.0.send_frame(&frame).unwrap();
            drain(&mut self.0, output, stream, base);
        }
        self.0.send_eof().unwrap();
        drain(&mut self.0, output, stream, base);
    }
}

/// Upper half: the number's bits as bars. Lower half: left dark, right bright.
fn draw(frame: &mut frame::Video, number: u32) {
    let (width, height) = (frame.width(), frame.height());
    let value = |x: u32, y: u32| -> u8 {
        let bright = if y < height / 2 {
            number >> (x * BITS / width) & 1 == 1
        } else {
            x > width / 2
        };
        if bright { 210 } else { 40 }
    };
    let (components, depth, _) = crate::raw::pixel(frame.format()).unwrap();
    let grey = components == 1;
    for plane in 0..frame.planes() {
        let stride = frame.stride(plane);
        let (w, h) = (frame.plane_width(plane), frame.plane_height(plane));
        let data = frame.data_mut(plane);
        for y in 0..h {
            for x in 0..w {
                let v = match plane {
                    0 => value(x, y),
                    // Transparency: the upper half solid, the lower clear.
                    3 if y < height / 2 => 255,
                    3 => 0,
                    _ if grey => continue,
                    _ => 128,
                };
                let at = y as usize * stride;
                if depth > 8 {
                    let v = (u16::from(v) << (depth - 8)).to_le_bytes();
                    data[at + 2 * x as usize..][..2].copy_from_slice(&v);
                } else {
                    data[at + x as usize] = v;
                }
            }
        }
    }
}

/// The number drawn in an upright frame.
pub fn number(picture: &DynamicImage) -> u64 {
    let luma = picture.to_luma8();
    let (width, height) = luma.dimensions();
    (0..BITS)
        .filter(|bit| {
            let x = (2 * bit + 1) * width / (2 * BITS);
            luma.get_pixel(x, height / 4).0[0] > 120
        })
        .map(|bit| 1 << bit)
        .sum()
}
