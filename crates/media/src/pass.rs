//! One forward pass through a clip that decodes as little as the wanted frames need.
//!
//! Frame threads decode ahead; packets whose frame is neither wanted nor referred to by others
//! are skipped; the pass jumps only where the next wanted frame's keyframe lies well beyond
//! the packets being read, since every jump empties the decoder.

use std::path::Path;
use std::thread;

use decoupage_shot::{Code, Fault, Outcome, Phase, Watch};
use ff::Discard;
use ff::codec::threading;
use ffmpeg_next as ff;

use crate::scale::Scaler;
use crate::timeline::{Target, Timeline};
use crate::video::Clip;
use crate::{MediaInfo, Pick, Still, bounds, raw, video};

/// A jump must save at least this many packets: it drains the decoder's threads, which costs
/// about as much as decoding so many.
const JUMP_SAVES: u64 = 6;

/// The most decoding threads: each holds a frame of its own.
const MOST_THREADS: usize = 8;

/// Decodes the wanted frames of a clip in order.
pub(crate) fn stills(
    mut clip: Clip,
    path: &Path,
    pick: &Pick,
    longest: Option<u32>,
    watch: &dyn Watch,
    each: &mut dyn FnMut(Still) -> Outcome<()>,
) -> Outcome<MediaInfo> {
    watch.go_on()?;
    let timeline = Timeline::of(&mut clip, watch)?;
    clip.info.frames = timeline.count();
    if timeline.count() == 0 {
        return Err(undecodable(path));
    }
    let fps = clip.info.fps.unwrap_or(crate::ASSUMED_FPS);
    let targets = timeline.targets(pick, clip.tick_s, fps);
    // The survey has read to the end.
    if clip.bytes <= video::SURVEY_BYTES {
        clip = clip.rewound(path)?;
        clip.info.frames = timeline.count();
    }
    raw::read_only(&mut clip.input, clip.stream);
    let decoder = decoder(&clip, path)?;
    let (width, height) = bounds::fit(clip.width, clip.height, longest);
    let mut pass = Pass {
        scaler: Scaler::new(width, height, clip.turn),
        start: timeline.start(),
        tick_s: clip.tick_s,
        fps,
        stream: clip.stream,
        clip: &mut clip,
        decoder,
        timeline: &timeline,
        targets: &targets,
        next: 0,
        held: None,
        spare: ff::frame::Video::empty(),
        landed: false,
        back_off: 0,
        decoded: 0,
        path,
        watch,
        each,
    };
    pass.run()?;
    let (done, decoded) = (pass.next, pass.decoded);
    if done < targets.len() {
        return Err(if decoded == 0 {
            undecodable(path)
        } else {
            video::cut_short(path)
        });
    }
    watch.report(Phase::Decoding, targets.len() as u64, targets.len() as u64);
    Ok(clip.info)
}

fn undecodable(path: &Path) -> Fault {
    Fault::new(
        Code::Damaged,
        "This video is damaged: none of its frames can be decoded.",
    )
    .advise("Copy it again from where it came.")
    .at(path)
}

fn decoder(clip: &Clip, path: &Path) -> Outcome<ff::decoder::Video> {
    let unsupported = || {
        Fault::new(
            Code::Unsupported,
            format!(
                "This video is coded as {}, which cannot be decoded here.",
                clip.info.codec
            ),
        )
        .advise("Convert it to H.264 or ProRes.")
        .at(path)
    };
    let parameters = clip
        .input
        .stream(clip.stream)
        .ok_or_else(unsupported)?
        .parameters();
    let mut context = ff::codec::Context::from_parameters(parameters).map_err(|_| unsupported())?;
    let threads = thread::available_parallelism()
        .map_or(1, usize::from)
        .min(MOST_THREADS);
    context.set_threading(threading::Config {
        kind: threading::Type::Frame,
        count: threads,
        ..Default::default()
    });
    let mut decoder = context.decoder();
    if let Some(stream) = clip.input.stream(clip.stream) {
        decoder.set_packet_time_base(stream.time_base());
    }
    decoder.video().map_err(|_| unsupported())
}

struct Pass<'a> {
    clip: &'a mut Clip,
    stream: usize,
    tick_s: f64,
    fps: f64,
    start: i64,
    decoder: ff::decoder::Video,
    scaler: Scaler,
    timeline: &'a Timeline,
    targets: &'a [Target],
    /// How many targets are delivered.
    next: usize,
    /// The frame decoded last, and its time: what is shown until the next one.
    held: Option<(i64, ff::frame::Video)>,
    spare: ff::frame::Video,
    /// A jump was made and no frame has come out since.
    landed: bool,
    /// Keyframes to go further back than the last jump did, where a jump landed too late.
    back_off: usize,
    decoded: u64,
    path: &'a Path,
    watch: &'a dyn Watch,
    each: &'a mut dyn FnMut(Still) -> Outcome<()>,
}

impl Pass<'_> {
    fn run(&mut self) -> Outcome<()> {
        let mut packet = ff::Packet::empty();
        // How many packets of the stream come before the next one to be read.
        let mut position = 0_u64;
        let mut failures = 0;
        // A target is looked at for a jump once.
        let mut looked_at = None;
        self.report();
        while let Some(&target) = self.targets.get(self.next) {
            self.watch.go_on()?;
            if looked_at != Some(self.next) {
                looked_at = Some(self.next);
                self.back_off = 0;
                if let Some(at) = self.jump(target, position) {
                    position = at;
                }
            }
            match packet.read(&mut self.clip.input) {
                Ok(()) => failures = 0,
                Err(ff::Error::Eof) => break,
                Err(_) if failures < 64 => {
                    failures += 1;
                    continue;
                }
                Err(_) => break,
            }
            if packet.stream() != self.stream || packet.size() == 0 {
                continue;
            }
            position += 1;
            let discard = if self.may_skip(&packet) {
                Discard::NonReference
            } else {
                Discard::Default
            };
            self.decoder.skip_frame(discard);
            // A packet that cannot be decoded costs its frame only.
            let _ = self.decoder.send_packet(&packet);
            if self.drain()? {
                // The jump landed behind the target: go back one keyframe further.
                self.back_off += 1;
                position = self.jump_back(target);
            }
        }
        if self.next < self.targets.len() {
            let _ = self.decoder.send_eof();
            self.landed = false;
            self.drain()?;
            // What is shown last stays on screen to the end.
            self.deliver_held(i64::MAX)?;
        }
        Ok(())
    }

    fn report(&self) {
        self.watch
            .report(Phase::Decoding, self.next as u64, self.targets.len() as u64);
    }

    /// Jumps to the target's keyframe where that saves packets; the packet number it lands on.
    fn jump(&mut self, target: Target, position: u64) -> Option<u64> {
        let keys = self.timeline.keys();
        let at = keys
            .partition_point(|k| k.pts <= target.pts)
            .checked_sub(1)?;
        let key = keys.get(at)?;
        if key.packet < position + JUMP_SAVES {
            return None;
        }
        self.go_to(key.seek).then_some(key.packet)
    }

    /// Goes back `back_off` keyframes further than the target's own, or to the start.
    fn jump_back(&mut self, target: Target) -> u64 {
        let keys = self.timeline.keys();
        let own = keys.partition_point(|k| k.pts <= target.pts);
        let key = own
            .checked_sub(1 + self.back_off)
            .and_then(|at| keys.get(at))
            .or_else(|| keys.first());
        let (seek, packet) = key.map_or((i64::MIN / 2, 0), |k| (k.seek, k.packet));
        self.go_to(seek);
        // From the first keyframe there is no way further back: what comes is taken.
        if own <= 1 + self.back_off {
            self.landed = false;
        }
        packet
    }

    fn go_to(&mut self, time: i64) -> bool {
        if !raw::seek(&mut self.clip.input, self.stream, time) {
            return false;
        }
        self.decoder.flush();
        self.landed = true;
        true
    }

    /// Whether the packet's frame is certainly not wanted.
    fn may_skip(&self, packet: &ff::Packet) -> bool {
        let Some(pts) = packet.pts() else {
            return false;
        };
        let rest = self.targets.get(self.next..).unwrap_or_default();
        match self.timeline {
            Timeline::Exact { .. } => rest.binary_search_by_key(&pts, |t| t.pts).is_err(),
            Timeline::Estimated {
                even: true, step, ..
            } => {
                let slack = (2.0 * step).ceil() as i64;
                let from = rest.partition_point(|t| t.pts < pts - slack);
                rest.get(from).is_none_or(|t| t.pts > pts + slack)
            }
            Timeline::Estimated { .. } | Timeline::Counted { .. } => false,
        }
    }

    /// Takes what the decoder has ready. `true` where a jump has to be made good.
    fn drain(&mut self) -> Outcome<bool> {
        loop {
            let mut frame = std::mem::replace(&mut self.spare, ff::frame::Video::empty());
            if self.decoder.receive_frame(&mut frame).is_err() {
                self.spare = frame;
                return Ok(false);
            }
            let time = match self.timeline {
                Timeline::Counted { .. } => Some(self.decoded as i64),
                _ => frame.timestamp(),
            };
            self.decoded += 1;
            let Some(time) = time else {
                continue;
            };
            let Some(target) = self.targets.get(self.next) else {
                return Ok(false);
            };
            if std::mem::take(&mut self.landed) && time > target.pts + self.tolerance() {
                return Ok(true);
            }
            // Targets before this frame are shown by the one held.
            self.deliver_held(time)?;
            while let Some(&target) = self.targets.get(self.next) {
                let due = match &self.held {
                    // Nothing earlier is there to be shown.
                    None => target.pts <= time + self.tolerance(),
                    Some(_) => (target.pts - time).abs() <= self.tolerance(),
                };
                if !due {
                    break;
                }
                self.deliver(target, time, &frame)?;
            }
            if let Some((_, old)) = self.held.replace((time, frame)) {
                self.spare = old;
            }
        }
    }

    /// How far a frame's time may be off the target's, ticks.
    fn tolerance(&self) -> i64 {
        match self.timeline {
            Timeline::Estimated { step, .. } => (step / 2.0).floor() as i64,
            Timeline::Exact { .. } | Timeline::Counted { .. } => 0,
        }
    }

    /// Delivers the held frame for every target that lies before `time`.
    fn deliver_held(&mut self, time: i64) -> Outcome<()> {
        let Some((held_time, held)) = self.held.take() else {
            return Ok(());
        };
        let tolerance = self.tolerance();
        while let Some(&target) = self.targets.get(self.next) {
            if target.pts.saturating_add(tolerance) >= time {
                break;
            }
            self.deliver(target, held_time, &held)?;
        }
        self.held = Some((held_time, held));
        Ok(())
    }

    fn deliver(&mut self, target: Target, time: i64, frame: &ff::frame::Video) -> Outcome<()> {
        self.watch.go_on()?;
        let picture = self.scaler.run(frame).map_err(|e| e.at(self.path))?;
        let time_s = match self.timeline {
            Timeline::Counted { .. } => target.index as f64 / self.fps,
            _ => (time - self.start) as f64 * self.tick_s,
        };
        self.next += 1;
        (self.each)(Still {
            index: target.index,
            time_s: time_s.max(0.0),
            picture,
        })?;
        self.report();
        Ok(())
    }
}
