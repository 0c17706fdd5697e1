//! One forward pass through a clip that decodes as little as the wanted frames need.
//!
//! Frame threads decode ahead; packets whose frame is neither wanted nor referred to by others
//! are skipped; the pass jumps only where the next wanted frame's keyframe lies well beyond
//! the packets being read, since every jump empties the decoder.

use std::collections::BTreeSet;
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

/// How many unreadable packets in a row end the pass.
const MOST_FAILURES: u32 = 64;

/// What a decoder says when it wants more packets first.
const AGAIN: ff::Error = ff::Error::Other {
    errno: ff::error::EAGAIN,
};

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
    let timeline = Timeline::of(&mut clip, path, watch)?;
    clip.info.frames = timeline.count();
    if timeline.count() == 0 {
        return Err(undecodable(path));
    }
    let fps = clip.info.fps.unwrap_or(crate::ASSUMED_FPS);
    let targets = timeline.targets(pick, clip.tick_s, fps);
    let mut clip = clip.rewound(path)?;
    clip.info.frames = timeline.count();
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
        fed: 0,
        ahead: BTreeSet::new(),
        look: true,
        jumped: None,
        position: 0,
        held: None,
        spare: ff::frame::Video::empty(),
        landing: false,
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
    // After a jump to a keyframe that is no full restart, decoders hold back frames they are
    // not sure of, and at the end of the file even sound ones. Frames that lean on what was
    // jumped over are shown before the keyframe, and so are never asked for.
    context.set_flags(ff::codec::Flags::OUTPUT_CORRUPT);
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
    /// How many targets the decoder has seen the packet of.
    fed: usize,
    /// Times of packets fed that lie beyond the next target: packets come in decoding order.
    ahead: BTreeSet<i64>,
    /// Whether a jump is to be considered.
    look: bool,
    /// The keyframe jumped to last, by its packet number.
    jumped: Option<u64>,
    /// How many packets of the stream come before the next one to be read.
    position: u64,
    /// The frame decoded last, and its time: what is shown until the next one.
    held: Option<(i64, ff::frame::Video)>,
    spare: ff::frame::Video,
    /// A jump was made and no packet has been read since.
    landing: bool,
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
        let mut failures = 0;
        self.report();
        while self.next < self.targets.len() {
            self.watch.go_on()?;
            self.jump_ahead()?;
            match packet.read(&mut self.clip.input) {
                Ok(()) => failures = 0,
                // A damaged stretch: FFmpeg looks for the next packet itself.
                Err(error) if error != ff::Error::Eof && failures < MOST_FAILURES => {
                    failures += 1;
                    continue;
                }
                Err(_) => {
                    if self.finish()? {
                        break;
                    }
                    continue;
                }
            }
            if packet.stream() != self.stream || packet.size() == 0 {
                continue;
            }
            if std::mem::take(&mut self.landing) && self.is_late(&packet) {
                self.jump_back();
                continue;
            }
            self.position += 1;
            let unwanted = self.may_skip(&packet);
            self.note_fed(&packet);
            if unwanted && self.clip.intra_only {
                continue;
            }
            self.decoder.skip_frame(if unwanted {
                Discard::NonReference
            } else {
                Discard::Default
            });
            // A packet that cannot be decoded costs its frame only.
            let _ = self.decoder.send_packet(&packet);
            if self.drain()? {
                self.jump_back();
            }
        }
        Ok(())
    }

    /// Delivers what is left at the end of the file; `false` where the last jump went too far
    /// and was taken back.
    fn finish(&mut self) -> Outcome<bool> {
        let _ = self.decoder.send_eof();
        if self.drain()? || (self.landed && self.next < self.targets.len()) {
            self.jump_back();
            return Ok(false);
        }
        // What is shown last stays on screen to the end.
        self.deliver_held(self.targets.len(), i64::MAX)?;
        Ok(true)
    }

    fn report(&self) {
        self.watch
            .report(Phase::Decoding, self.next as u64, self.targets.len() as u64);
    }

    /// Whether the packet a jump landed on is shown only after the next target. Frames before
    /// it that follow it in the file lean on what was jumped over.
    fn is_late(&self, packet: &ff::Packet) -> bool {
        match (packet.pts(), self.targets.get(self.next)) {
            (Some(pts), Some(target)) => pts > target.pts.saturating_add(self.tolerance()),
            _ => false,
        }
    }

    /// Takes note of the targets whose packet the decoder has now seen.
    fn note_fed(&mut self, packet: &ff::Packet) {
        let was = self.fed;
        match self.timeline {
            Timeline::Exact { .. } => {
                if let Some(pts) = packet.pts() {
                    self.ahead.insert(pts);
                }
                while let Some(target) = self.targets.get(self.fed) {
                    if !self.ahead.contains(&target.pts) {
                        break;
                    }
                    self.fed += 1;
                }
                if self.fed > was {
                    // Only what lies ahead of the next target can still be asked for.
                    match self.targets.get(self.fed) {
                        Some(target) => self.ahead = self.ahead.split_off(&target.pts),
                        None => self.ahead.clear(),
                    }
                }
            }
            Timeline::Estimated { step, .. } => {
                // No packet is shown before it is decoded: once decoding times are past a
                // target, its packet was there.
                let Some(dts) = packet.dts() else { return };
                let slack = (2.0 * step).ceil() as i64;
                while self
                    .targets
                    .get(self.fed)
                    .is_some_and(|t| t.pts.saturating_add(slack) < dts)
                {
                    self.fed += 1;
                }
            }
            Timeline::Counted { .. } => return,
        }
        self.look = self.look || self.fed > was;
    }

    /// Jumps to the keyframe of the next target that is not yet fed, where that saves packets.
    fn jump_ahead(&mut self) -> Outcome<()> {
        if !self.look {
            return Ok(());
        }
        let keys = self.timeline.keys();
        let key = self.targets.get(self.fed).and_then(|target| {
            let at = keys
                .partition_point(|k| k.pts <= target.pts)
                .checked_sub(1)?;
            keys.get(at).copied()
        });
        // Each keyframe is jumped to once, so a file whose index lies cannot hold the pass up.
        let key = key.filter(|k| {
            k.packet >= self.position + JUMP_SAVES && self.jumped.is_none_or(|j| k.packet > j)
        });
        let Some(key) = key else {
            self.look = false;
            return Ok(());
        };
        if self.next < self.fed {
            // What is fed comes out first. Frames that stand alone are asked for; decoders that
            // reorder give them up with the packets that follow.
            if !self.clip.intra_only {
                return Ok(());
            }
            let _ = self.decoder.send_eof();
            if self.drain()? {
                self.jump_back();
                return Ok(());
            }
            self.deliver_held(self.fed, i64::MAX)?;
        }
        self.look = false;
        self.back_off = 0;
        self.jumped = Some(key.packet);
        self.decoder.flush();
        if raw::seek(&mut self.clip.input, self.stream, key.seek) {
            self.land(key.packet);
        }
        Ok(())
    }

    /// The last jump landed behind its target: goes one keyframe further back.
    fn jump_back(&mut self) {
        self.back_off += 1;
        let keys = self.timeline.keys();
        let own = self
            .targets
            .get(self.next)
            .map_or(0, |target| keys.partition_point(|k| k.pts <= target.pts));
        let key = own
            .checked_sub(1 + self.back_off)
            .and_then(|at| keys.get(at))
            .filter(|_| own > 1 + self.back_off);
        let (time, packet) = key.map_or((i64::MIN / 2, 0), |k| (k.seek, k.packet));
        self.decoder.flush();
        let moved = raw::seek(&mut self.clip.input, self.stream, time);
        if moved {
            self.land(packet);
        }
        // From the first keyframe there is no way further back: what comes is taken.
        if !moved || own <= 1 + self.back_off {
            self.landing = false;
            self.landed = false;
        }
    }

    fn land(&mut self, packet: u64) {
        self.position = packet;
        self.landing = true;
        self.landed = true;
        self.fed = self.next;
        self.ahead.clear();
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
        let mut failures = 0;
        loop {
            let mut frame = std::mem::replace(&mut self.spare, ff::frame::Video::empty());
            if let Err(error) = self.decoder.receive_frame(&mut frame) {
                self.spare = frame;
                // A frame that cannot be decoded does not hide those behind it.
                if error == ff::Error::Eof || error == AGAIN || failures >= MOST_FAILURES {
                    return Ok(false);
                }
                failures += 1;
                continue;
            }
            let time = match self.timeline {
                Timeline::Counted { .. } => Some(self.decoded as i64),
                // The packet's own time, where there is one, over FFmpeg's best guess.
                _ => frame.pts().or_else(|| frame.timestamp()),
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
            self.deliver_held(self.targets.len(), time)?;
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

    /// Delivers the held frame for every target below number `upto` that lies before `time`.
    fn deliver_held(&mut self, upto: usize, time: i64) -> Outcome<()> {
        let Some((held_time, held)) = self.held.take() else {
            return Ok(());
        };
        let tolerance = self.tolerance();
        while let Some(&target) = self.targets.get(self.next) {
            if self.next >= upto || target.pts.saturating_add(tolerance) >= time {
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
