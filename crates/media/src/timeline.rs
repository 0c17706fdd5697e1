//! When each frame of a clip is shown and from which keyframe it can be decoded.

use std::path::Path;

use decoupage_shot::{Outcome, Watch};
use ffmpeg_next as ff;

use crate::Pick;
use crate::picks::{self, TIME_SLACK_S};
use crate::raw;
use crate::video::{self, Clip};

/// How many packets are looked at for the first time shown: decoders reorder at most 16 frames.
const REORDERED: u32 = 20;

/// A frame that is wanted: its number and its presentation time in the stream's time base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Target {
    pub index: u64,
    pub pts: i64,
}

/// Where decoding can start: the keyframe's presentation time and the time to seek to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    pub pts: i64,
    pub seek: i64,
    /// How many packets come before it.
    pub packet: u64,
}

/// How well the times of the frames are known.
#[derive(Debug)]
pub(crate) enum Timeline {
    /// Every frame's time is known: packets were read through once.
    Exact {
        /// Presentation times of all shown frames, ascending.
        times: Vec<i64>,
        keys: Vec<Key>,
    },
    /// The file is large: times come from the container's index or the rate, keyframes from
    /// the index; a wanted frame is the last one shown at its time.
    Estimated {
        count: u64,
        start: i64,
        /// Time of each frame, if the index has them all.
        times: Vec<i64>,
        /// Ticks from one frame to the next.
        step: f64,
        /// Whether every frame lasts equally long.
        even: bool,
        keys: Vec<Key>,
    },
    /// Frames carry no times: they are counted as they come.
    Counted { count: u64 },
}

impl Timeline {
    /// Finds out. The clip is no longer at its first packet afterwards ([`Clip::rewound`]).
    pub(crate) fn of(clip: &mut Clip, path: &Path, watch: &dyn Watch) -> Outcome<Self> {
        if clip.survey {
            survey(clip, path, watch)
        } else {
            raw::read_only(&mut clip.input, clip.stream);
            Ok(estimate(clip))
        }
    }

    /// Number of frames.
    pub(crate) fn count(&self) -> u64 {
        match self {
            Self::Exact { times, .. } => times.len() as u64,
            Self::Estimated { count, .. } | Self::Counted { count } => *count,
        }
    }

    /// Presentation time of a frame, in the stream's time base.
    fn time(&self, index: u64) -> i64 {
        match self {
            Self::Exact { times, .. } => times.get(index as usize).copied().unwrap_or(0),
            Self::Estimated {
                times, start, step, ..
            } => times
                .get(index as usize)
                .copied()
                .unwrap_or_else(|| start + (index as f64 * step).round() as i64),
            Self::Counted { .. } => index as i64,
        }
    }

    /// Presentation time of the first frame.
    pub(crate) fn start(&self) -> i64 {
        self.time(0)
    }

    /// The frame shown `t` seconds after the first.
    fn at(&self, t: f64, tick_s: f64, fps: f64) -> u64 {
        let count = self.count();
        let known = match self {
            Self::Exact { times, .. } => times.as_slice(),
            Self::Estimated { times, .. } if !times.is_empty() => times.as_slice(),
            Self::Estimated { .. } | Self::Counted { .. } => {
                return picks::floor_frame(t, fps, count);
            }
        };
        if !t.is_finite() || t <= 0.0 {
            return 0;
        }
        let start = known.first().copied().unwrap_or(0);
        let after =
            known.partition_point(|&p| (p - start) as f64 * tick_s <= t + TIME_SLACK_S) as u64;
        after.saturating_sub(1)
    }

    /// The frames a pick means, ascending.
    pub(crate) fn targets(&self, pick: &Pick, tick_s: f64, fps: f64) -> Vec<Target> {
        let mut targets: Vec<Target> =
            picks::indices(pick, self.count(), |t| self.at(t, tick_s, fps))
                .into_iter()
                .map(|index| Target {
                    index,
                    pts: self.time(index),
                })
                .collect();
        if let (
            Pick::Times(times),
            Self::Estimated {
                start, even: false, ..
            },
        ) = (pick, self)
        {
            // The index knows uneven times only roughly; the frames themselves tell exactly
            // which of them is shown at a time.
            let mut last = *start;
            for (target, t) in targets.iter_mut().zip(times) {
                let ticks = ((t + TIME_SLACK_S) / tick_s).floor();
                if ticks.is_finite() {
                    last = last.max(start.saturating_add(ticks as i64));
                }
                target.pts = last;
            }
        }
        targets
    }

    /// Keyframes by presentation time.
    pub(crate) fn keys(&self) -> &[Key] {
        match self {
            Self::Exact { keys, .. } | Self::Estimated { keys, .. } => keys,
            Self::Counted { .. } => &[],
        }
    }
}

/// Reads every packet of the clip's stream without decoding.
fn survey(clip: &mut Clip, path: &Path, watch: &dyn Watch) -> Outcome<Timeline> {
    raw::read_only(&mut clip.input, clip.stream);
    let mut times = Vec::with_capacity(clip.info.frames.min(1 << 20) as usize);
    let mut keys = Vec::new();
    let (mut packets, mut untimed) = (0_u64, false);
    let mut packet = ff::Packet::empty();
    let mut failures = 0;
    loop {
        match packet.read(&mut clip.input) {
            Ok(()) => failures = 0,
            Err(ff::Error::Eof) => break,
            // A damaged stretch: FFmpeg looks for the next packet itself.
            Err(_) if failures < 64 => {
                failures += 1;
                continue;
            }
            Err(_) => break,
        }
        if packets.is_multiple_of(64) {
            watch.go_on()?;
        }
        if packet.stream() != clip.stream || packet.size() == 0 {
            continue;
        }
        match packet.pts() {
            Some(pts) => {
                if packet.is_key() {
                    keys.push(Key {
                        pts,
                        seek: clip.seek_time(&packet, pts),
                        packet: packets,
                    });
                }
                if !raw::hidden(&packet) {
                    times.push(pts);
                }
            }
            None => untimed = true,
        }
        packets += 1;
    }
    times.sort_unstable();
    if let (Some(first), Some(last), Some(stated)) = (times.first(), times.last(), clip.stated_s)
        && ((last - first) as f64 * clip.tick_s) < 0.9 * stated - 0.5
    {
        return Err(video::cut_short(path));
    }
    if packets == 0 {
        return Err(video::cut_short(path));
    }
    // Hidden frames and field pairs aside, every packet is one frame with a time of its own.
    let distinct = times.windows(2).all(|w| w[0] < w[1]);
    if untimed || !distinct {
        return Ok(Timeline::Counted { count: packets });
    }
    keys.sort_unstable_by_key(|k| k.pts);
    Ok(Timeline::Exact { times, keys })
}

/// The earliest presentation time among the first packets: what is shown first need not be
/// decoded first. `None` where packets carry no times.
fn first_time(clip: &mut Clip) -> Option<i64> {
    let mut packet = ff::Packet::empty();
    let (mut first, mut seen) = (None::<i64>, 0);
    while seen < REORDERED && packet.read(&mut clip.input).is_ok() {
        if packet.stream() != clip.stream || packet.size() == 0 || raw::hidden(&packet) {
            continue;
        }
        let pts = packet.pts()?;
        first = Some(first.map_or(pts, |first| first.min(pts)));
        seen += 1;
    }
    first
}

/// What can be said of a large file without reading it through.
fn estimate(clip: &mut Clip) -> Timeline {
    let fps = clip.info.fps.unwrap_or(crate::ASSUMED_FPS);
    let step = 1.0 / (fps * clip.tick_s);
    let index = raw::index(&mut clip.input, clip.stream);
    let Some(start) = first_time(clip) else {
        return Timeline::Counted {
            count: clip.info.frames,
        };
    };
    let shown: Vec<i64> = index.iter().filter(|e| !e.hidden).map(|e| e.time).collect();
    // In MP4 and MOV the index holds decoding times: they trail presentation by a constant,
    // found from the first frame of each.
    let offset = match (clip.indexed, shown.first()) {
        (true, Some(first)) => start - first,
        _ => 0,
    };
    let keys = index
        .iter()
        .enumerate()
        .filter(|(_, e)| e.key)
        .map(|(i, e)| Key {
            pts: e.time + offset,
            seek: e.time + offset,
            packet: i as u64,
        })
        .collect();
    let complete = clip.indexed && shown.len() as u64 == clip.info.frames;
    let mut times: Vec<i64> = Vec::new();
    if complete {
        times = shown.iter().map(|t| t + offset).collect();
        times.sort_unstable();
    }
    let even = complete
        && times
            .windows(2)
            .all(|w| ((w[1] - w[0]) as f64 - step).abs() <= 1.0);
    Timeline::Estimated {
        count: clip.info.frames,
        start,
        times,
        step,
        even,
        keys,
    }
}
