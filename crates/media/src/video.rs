//! Videos, animated GIFs and sound: opening a container and saying what it holds.

use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::path::Path;
use std::sync::Once;

use decoupage_shot::{Code, Fault, Outcome};
use ff::format::context::{Input, StreamIo};
use ffmpeg_next as ff;

use crate::raw;
use crate::{AudioInfo, MediaForm, MediaInfo, bounds, source};

/// Containers that are opened. Playlists, scripts and devices are not among them: a file must
/// not make the program open others.
const CONTAINERS: &str = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,gif,apng,mpegts,mpeg,\
mpegvideo,m4v,h264,hevc,ivf,obu,av1,flv,asf,ogg,mxf,mxf_opatom,nut,yuv4mpegpipe,dv,vc1,\
wav,w64,aiff,au,caf,mp3,flac,aac,ac3,eac3,amr,wv,tta,ape";

/// Read buffer, bytes: large enough that the packets of a 720p clip come in few reads.
const BUFFER: usize = 256 * 1024;

/// Files up to this size are read through once (without decoding) when their container has no
/// index, so that frames are counted and not guessed.
pub(crate) const SURVEY_BYTES: u64 = 256 << 20;

/// How a picture is turned to stand upright.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Turn {
    /// Clockwise quarter turns, 0 to 3.
    pub quarters: u8,
    /// Mirrored left to right after turning.
    pub mirrored: bool,
}

impl Turn {
    /// Whether width and height change places.
    pub(crate) fn swaps(self) -> bool {
        self.quarters % 2 == 1
    }

    /// From the nine numbers of a display matrix (16.16 fixed point, row by row): a point
    /// (x, y) goes to (a·x + c·y, b·x + d·y). Free angles go to the nearest quarter.
    fn from_matrix(matrix: [i32; 9]) -> Self {
        let [a, b, _, c, d, ..] = matrix.map(f64::from);
        let mirrored = a * d - b * c < 0.0;
        // Undo the mirror (x goes to −x) before the angle is taken.
        let (a, b) = if mirrored { (-a, b) } else { (a, b) };
        let angle = b.atan2(a).to_degrees();
        let quarters = if angle.is_finite() {
            ((angle / 90.0).round() as i64).rem_euclid(4) as u8
        } else {
            0
        };
        Self { quarters, mirrored }
    }
}

/// An open container with its video stream chosen.
pub(crate) struct Clip {
    pub input: Input,
    /// Which stream is the video.
    pub stream: usize,
    pub turn: Turn,
    /// Size upright and with square pixels.
    pub width: u32,
    pub height: u32,
    /// Seconds per unit of the stream's times.
    pub tick_s: f64,
    pub info: MediaInfo,
    /// Whether the number of frames is counted, not estimated.
    pub counted: bool,
    /// Whether the container is MP4 or MOV, whose index holds every frame by decoding time.
    pub indexed: bool,
    matroska: bool,
    /// Whether the packets are read through once to know every frame's time.
    pub survey: bool,
    /// Length of the video track, seconds, where the container states it apart (Matroska).
    pub stated_s: Option<f64>,
    /// Whether every frame can be decoded by itself (ProRes, MJPEG).
    pub intra_only: bool,
    /// The open file, to start over with.
    file: File,
}

impl Clip {
    /// The time to seek to for a keyframe. MP4, MOV and Matroska take the last keyframe that is
    /// shown at or before it; all others go by decoding times.
    pub(crate) fn seek_time(&self, packet: &ff::Packet, pts: i64) -> i64 {
        if self.matroska || self.indexed {
            pts
        } else {
            packet.dts().unwrap_or(pts)
        }
    }

    /// The clip again from its first packet.
    pub(crate) fn rewound(mut self, path: &Path) -> Outcome<Self> {
        // MP4, MOV and Matroska go back by their index; where others cannot, they are opened
        // anew on the same handle.
        if (self.indexed || self.matroska) && raw::seek(&mut self.input, self.stream, i64::MIN / 2)
        {
            return Ok(self);
        }
        let Self { input, file, .. } = self;
        drop(input);
        match open(file, path)? {
            Opened::Clip(clip) => Ok(*clip),
            Opened::Sound(_) => Err(cut_short(path)),
        }
    }
}

/// What a container holds.
pub(crate) enum Opened {
    Clip(Box<Clip>),
    Sound(MediaInfo),
}

fn quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // An error here would only mean that a device library is missing.
        let _ = ff::init();
        ff::log::set_level(ff::log::Level::Quiet);
    });
}

pub(crate) fn container(mut file: File, path: &Path) -> Outcome<Input> {
    quiet();
    file.seek(SeekFrom::Start(0))
        .map_err(|e| Fault::io(&e, "read this file", path))?;
    let mut options = ff::Dictionary::new();
    options.set("format_whitelist", CONTAINERS);
    // The file is handed over as an open handle: no name is ever resolved.
    options.set("protocol_whitelist", "none");
    let unreadable = |_| source::explain(path);
    let io = StreamIo::from_read_seek_with_capacity(file, BUFFER).map_err(unreadable)?;
    ff::format::input_from_stream(io, None, Some(options)).map_err(unreadable)
}

/// Opens a container.
pub(crate) fn open(file: File, path: &Path) -> Outcome<Opened> {
    let bytes = file
        .metadata()
        .map_err(|e| Fault::io(&e, "read this file", path))?
        .len();
    let again = file
        .try_clone()
        .map_err(|e| Fault::io(&e, "read this file", path))?;
    let mut input = container(file, path)?;
    // Raw streams are recognised by statistics: a low score means bytes that look like one.
    if input.probe_score() <= 25 {
        return Err(source::explain(path));
    }
    let sound = input.streams().find(|s| {
        s.parameters().medium() == ff::media::Type::Audio && raw::shape(s).sample_rate > 0
    });
    let has_audio = sound.is_some();
    let best = input
        .streams()
        .best(ff::media::Type::Video)
        .filter(|s| !is_cover(s))
        .or_else(|| {
            input
                .streams()
                .find(|s| s.parameters().medium() == ff::media::Type::Video && !is_cover(s))
        });
    let Some(video) = best else {
        let Some(sound) = sound else {
            return Err(Fault::new(
                Code::Unsupported,
                "This file holds neither pictures nor sound that can be read here.",
            )
            .at(path));
        };
        return Ok(Opened::Sound(sound_info(&input, &sound)));
    };
    let shape = raw::shape(&video);
    let stream = video.index();
    let turn = raw::display_matrix(&video).map_or(
        Turn {
            quarters: 0,
            mirrored: false,
        },
        Turn::from_matrix,
    );
    let bytes_per_pixel = if shape.depth > 8 { 8 } else { 4 };
    let unsized_picture = |value: i64| u64::try_from(value).unwrap_or(0);
    let (width, height) = bounds::check_size(
        unsized_picture(shape.width),
        unsized_picture(shape.height),
        bytes_per_pixel,
    )
    .map_err(|e| e.at(path))?;
    let squared = (f64::from(width) * shape.pixel_aspect).round().max(1.0);
    let (width, height) = bounds::check_size(squared as u64, height.into(), bytes_per_pixel)
        .map_err(|e| e.at(path))?;
    let (width, height) = if turn.swaps() {
        (height, width)
    } else {
        (width, height)
    };
    let tick_s = positive(video.time_base()).unwrap_or(1.0 / 90_000.0);
    let fps = positive(video.avg_frame_rate()).or_else(|| positive(video.rate()));
    let codec = video.parameters().id().name().to_owned();
    let stored_frames = u64::try_from(video.frames()).unwrap_or(0);
    let stream_s = (video.duration() > 0).then(|| video.duration() as f64 * tick_s);
    let container_s = (input.duration() > 0).then(|| input.duration() as f64 / 1e6);
    let stated_s = video.metadata().get("DURATION").and_then(seconds_of_clock);
    let intra_only = raw::intra_only(&video);
    let duration_s = stream_s.or(container_s);
    let name = input.format().name().to_owned();
    let indexed = name.contains("mp4");
    let mut frames = stored_frames;
    let mut counted = false;
    if indexed {
        let index = raw::index(&mut input, stream);
        if !index.is_empty() {
            frames = index.iter().filter(|e| !e.hidden).count() as u64;
            counted = true;
            if index.iter().filter_map(|e| e.end).any(|end| end > bytes) {
                return Err(cut_short(path));
            }
        }
    }
    if frames == 0 {
        frames = match (duration_s, fps) {
            (Some(duration), Some(fps)) => (duration * fps).round() as u64,
            _ => 0,
        };
    }
    let info = MediaInfo {
        form: MediaForm::Video,
        width,
        height,
        frames,
        fps,
        duration_s,
        has_audio,
        // GIF decodes to a picture with transparency whatever its palette says.
        has_alpha: shape.alpha || codec == "gif",
        bit_depth: shape.depth,
        codec,
    };
    Ok(Opened::Clip(Box::new(Clip {
        input,
        stream,
        turn,
        width,
        height,
        tick_s,
        info,
        counted,
        indexed,
        matroska: name.contains("matroska"),
        survey: bytes <= SURVEY_BYTES,
        stated_s,
        intra_only,
        file: again,
    })))
}

/// The sentence for clips whose data ends early.
pub(crate) fn cut_short(path: &Path) -> Fault {
    Fault::new(
        Code::Damaged,
        "This video is cut short: the file ends before its last frame.",
    )
    .advise("Copy or record it again, to its end.")
    .at(path)
}

/// Seconds of "00:01:02.345".
fn seconds_of_clock(clock: &str) -> Option<f64> {
    let mut parts = clock.splitn(3, ':');
    let mut next = || parts.next()?.parse::<f64>().ok().filter(|v| v.is_finite());
    Some(next()? * 3600.0 + next()? * 60.0 + next()?)
}

fn is_cover(stream: &ff::Stream<'_>) -> bool {
    stream
        .disposition()
        .contains(ff::format::stream::Disposition::ATTACHED_PIC)
}

fn positive(value: ff::Rational) -> Option<f64> {
    (value.numerator() > 0 && value.denominator() > 0)
        .then(|| f64::from(value.numerator()) / f64::from(value.denominator()))
}

fn sound_length(input: &Input, stream: &ff::Stream<'_>) -> Option<f64> {
    if stream.duration() > 0 {
        positive(stream.time_base()).map(|tick| stream.duration() as f64 * tick)
    } else {
        (input.duration() > 0).then(|| input.duration() as f64 / 1e6)
    }
}

fn sound_info(input: &Input, stream: &ff::Stream<'_>) -> MediaInfo {
    let codec = stream.parameters().id().name().to_owned();
    MediaInfo {
        form: MediaForm::Audio,
        width: 0,
        height: 0,
        frames: 0,
        fps: None,
        duration_s: sound_length(input, stream),
        has_audio: true,
        has_alpha: false,
        bit_depth: 0,
        codec,
    }
}

/// The audio track of a file; `None` where it has none.
pub(crate) fn audio(file: File, path: &Path) -> Outcome<Option<AudioInfo>> {
    let input = container(file, path)?;
    let found = input
        .streams()
        .filter(|s| s.parameters().medium() == ff::media::Type::Audio)
        .map(|s| (raw::shape(&s), s))
        .find(|(shape, _)| shape.sample_rate > 0);
    Ok(found.map(|(shape, stream)| AudioInfo {
        codec: stream.parameters().id().name().to_owned(),
        sample_rate: shape.sample_rate.try_into().unwrap_or(0),
        channels: shape.channels.clamp(0, 255) as u8,
        duration_s: sound_length(&input, &stream),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: i32 = 1 << 16;

    #[test]
    fn display_matrices_become_quarter_turns() {
        let turn = |a, b, c, d| Turn::from_matrix([a, b, 0, c, d, 0, 0, 0, 1 << 30]);
        let of = |quarters, mirrored| Turn { quarters, mirrored };
        assert_eq!(turn(ONE, 0, 0, ONE), of(0, false));
        assert_eq!(turn(0, ONE, -ONE, 0), of(1, false));
        assert_eq!(turn(-ONE, 0, 0, -ONE), of(2, false));
        assert_eq!(turn(0, -ONE, ONE, 0), of(3, false));
        assert_eq!(turn(-ONE, 0, 0, ONE), of(0, true));
        assert_eq!(turn(ONE, 0, 0, -ONE), of(2, true));
        assert_eq!(turn(0, 0, 0, 0), of(0, false));
    }
}
