//! The server engine: OpenAI-compatible endpoints that a person has named.

use std::io::Cursor;
use std::sync::{Arc, Mutex};

use decoupage_dialogue::{Failure, MediaLimits, Source, Stage};
use decoupage_endpoint::{
    Blame, Broken, Client, Encode, Encoded, Format, Lane, Parsed, Patience, Shown as Sent,
    Structure, Task, Told, parse_address, spread,
};
use decoupage_interpreter::script::Plan;
use decoupage_interpreter::{Assembly, Interpretation, MediaRequest, Senses, answer, ground};
use decoupage_media::{Pick, stills};
use decoupage_shot::{Code, Engine, Fault, Outcome, Phase, ShotId, Watch};
use image::DynamicImage;

use super::shown::Shown;
use super::{Commission, Ended, Stopped, Written, finished, phase, plainly, tell};
use crate::api::models::{EndpointSettings, Writing};
use crate::api::{Event, JobEnd, Response, ShotFault};
use crate::jobs::Job;
use crate::readings::Measured;
use crate::{Core, hold};

/// Longest side of a picture that is sent, pixels.
const PICTURE_SIDE: u32 = 1024;
/// Longest side of a clip's frame that is sent, pixels.
const FRAME_SIDE: u32 = 512;
/// Most frames of a clip that are sent: each is a picture to the server.
const MOST_FRAMES: usize = 24;

impl Core {
    pub(crate) fn write_on_server(&self, ask: &Commission<'_>, job: &Job) -> Ended {
        let endpoint = plainly(self.endpoint(ask.model))?;
        let mut assembly = None;
        let written = self.ask_endpoint(ask, &endpoint, job, &mut |heard| match heard {
            Heard::Begun(plan) => {
                let begun = Assembly::new(plan);
                begin(job, &begun);
                assembly = Some(begun);
            }
            Heard::Note(text) => job.tell(&Event::Note { job: job.id, text }),
            Heard::Told(told) => {
                let Some(assembly) = assembly.as_mut() else {
                    return;
                };
                job.report(Phase::Writing, 0, 0);
                match told {
                    Told::Field { field, text } => {
                        if let Some(progress) = assembly.add(Some(&field), &text) {
                            tell(job, progress);
                        }
                    }
                    Told::Whole { text } => {
                        assembly.whole(&text).into_iter().for_each(|p| tell(job, p));
                    }
                    Told::Again => {}
                }
            }
        });
        written.map_err(|(stopped, _)| stopped)
    }

    /// New takes of several shots, by every endpoint that is used.
    pub(crate) fn interpret_all(
        &self,
        shots: Vec<ShotId>,
        seed: u64,
        writing: Writing,
    ) -> Outcome<Response> {
        let endpoints: Vec<EndpointSettings> = self
            .model_settings()
            .endpoints
            .into_iter()
            .filter(|endpoint| endpoint.used)
            .collect();
        if endpoints.is_empty() {
            return Err(no_server());
        }
        let shots = self.with(|session| {
            shots
                .iter()
                .map(|id| session.shot(*id).cloned())
                .collect::<Outcome<Vec<_>>>()
        })?;
        self.start(move |core, job| {
            let total = shots.len() as u64;
            let done = Mutex::new(0);
            let run = |number: usize, lane: usize| {
                let (shot, endpoint) = (&shots[number], &endpoints[lane]);
                let work = |failure: Fault| (plain(&failure), Blame::Work);
                let Measured { readings, refused } = core.readings_of(shot, job).map_err(work)?;
                let commission = Commission {
                    shot,
                    readings: &readings,
                    keep: shot.take().filter(|take| !take.locked.is_empty()),
                    sections: &[],
                    writing: &writing,
                    model: Some(&endpoint.name),
                    seed,
                };
                let written = core
                    .ask_endpoint(&commission, endpoint, job, &mut |_| {})
                    .map_err(|(stopped, blame)| (plain(&stopped.fault), blame))?;
                core.keep_take(shot, Engine::Server, seed, written, &refused)
                    .map_err(work)?;
                let mut done = hold(&done);
                *done += 1;
                job.report(Phase::Writing, *done, total);
                Ok(shot.id)
            };
            let lanes = vec![Lane::default(); endpoints.len()];
            let results = spread(shots.len(), &lanes, &run, job);
            let mut written = Vec::new();
            let mut failed = Vec::new();
            for (shot, result) in shots.iter().zip(results) {
                match result {
                    Ok(id) => written.push(id),
                    Err(failure) => failed.push(ShotFault {
                        shot: shot.id,
                        fault: decoupage_supervisor::fault(&failure),
                    }),
                }
            }
            if written.is_empty() {
                job.go_on()?;
            }
            Ok(JobEnd::Takes {
                shots: written,
                failed,
            })
        })
    }

    pub(crate) fn try_endpoint(&self, endpoint: EndpointSettings) -> Outcome<Response> {
        self.start(move |core, job| {
            let client = core.client(&endpoint)?;
            let offer = client
                .probe(job)
                .map_err(|failure| decoupage_supervisor::fault(&failure))?;
            let keeps = match offer.structure {
                Structure::Free => {
                    "It cannot be held to the six sections; what it writes is read as well as can be."
                }
                _ => "It is held to the six sections.",
            };
            let blind = match offer.pictures {
                Some(false) => " It sees no pictures: it is told the readings in words.",
                _ => "",
            };
            Ok(JobEnd::Endpoint {
                says: format!("{} answers. {keeps}{blind}", client.shown()),
                models: offer.models,
            })
        })
    }

    pub(crate) fn set_key(&self, endpoint: &str, key: Option<&str>) -> Outcome<Response> {
        let kept = match key {
            Some(key) => decoupage_endpoint::Secret::new(key)
                .and_then(|secret| self.keys().set(endpoint, &secret)),
            None => self.keys().forget(endpoint),
        };
        kept.map_err(|failure| decoupage_supervisor::fault(&failure))?;
        hold(&self.inner.clients).clear();
        self.models()
    }

    pub(crate) fn keys(&self) -> Arc<dyn decoupage_endpoint::Keys> {
        self.inner.keys.clone()
    }

    /// The endpoint that is asked for, or the first that is used.
    fn endpoint(&self, name: Option<&str>) -> Outcome<EndpointSettings> {
        let endpoints = self.model_settings().endpoints;
        match name {
            Some(name) => endpoints
                .iter()
                .find(|endpoint| endpoint.name == name)
                .cloned()
                .ok_or_else(|| {
                    Fault::new(
                        Code::Missing,
                        format!("There is no server called “{name}”."),
                    )
                    .advise("Add it under Models.")
                }),
            None => endpoints
                .into_iter()
                .find(|endpoint| endpoint.used)
                .ok_or_else(no_server),
        }
    }

    /// A client remembers what its server can do, so it is kept as long as nothing changes.
    fn client(&self, endpoint: &EndpointSettings) -> Outcome<Arc<Client>> {
        let mut clients = hold(&self.inner.clients);
        if let Some((_, client)) = clients.iter().find(|(kept, _)| kept == endpoint) {
            return Ok(client.clone());
        }
        let plainly = |failure: Failure| decoupage_supervisor::fault(&failure);
        let address = parse_address(&endpoint.url, endpoint.plain).map_err(plainly)?;
        let key = self.keys().get(&endpoint.name);
        // A locked keyring keeps nobody from a server of their own that wants no key.
        let key = if address.loopback() {
            key.unwrap_or(None)
        } else {
            key.map_err(plainly)?
        };
        let client = Arc::new(Client::new(
            address,
            endpoint.model.clone(),
            key,
            Patience::default(),
        ));
        clients.retain(|(kept, _)| kept.name != endpoint.name);
        clients.push((endpoint.clone(), client.clone()));
        Ok(client)
    }

    fn ask_endpoint(
        &self,
        ask: &Commission<'_>,
        endpoint: &EndpointSettings,
        watch: &dyn Watch,
        hear: &mut dyn FnMut(Heard<'_>),
    ) -> Result<Written, (Stopped, Blame)> {
        let own = |fault: Fault| (Stopped::from(fault), Blame::Work);
        let client = self
            .client(endpoint)
            .map_err(|fault| (Stopped::from(fault), Blame::Endpoint))?;
        watch.report(phase(Stage::Loading), 0, 0);
        let offer = client
            .probe(watch)
            .map_err(|failure| (Stopped::of(&failure), Blame::Endpoint))?;
        let senses = if offer.pictures == Some(false) {
            Senses::blind()
        } else {
            Senses::default()
        };
        let wishes = ask.wishes();
        let brief = ask.brief();
        let grounded = ground(&brief, &wishes, senses);
        hear(Heard::Begun(&grounded.plan));
        grounded
            .notes
            .iter()
            .for_each(|note| hear(Heard::Note(note.clone())));
        let limits = MediaLimits {
            max_frames: (self.model_settings().frames as usize).clamp(2, MOST_FRAMES),
            ..MediaLimits::default()
        };
        let sampling = ask.sampling(&wishes, None);
        let task = Task {
            conversation: &grounded.conversation,
            guide: &grounded.guide,
            sampling: &sampling,
            limits: &limits,
        };
        let encoder = Encoder {
            core: self,
            shown: Shown::new().map_err(own)?,
        };
        let read = |text: &str| {
            let free = answer::read(text, &grounded.plan);
            Parsed {
                fields: free.fields,
                missing: free.missing,
            }
        };
        let model = endpoint
            .model
            .clone()
            .or_else(|| offer.models.first().cloned())
            .or_else(|| Some(endpoint.name.clone()));
        let mut assembly = Assembly::new(&grounded.plan);
        let reply = client.write(
            &task,
            &encoder,
            &read,
            &mut |told| hear(Heard::Told(told)),
            watch,
        );
        match reply {
            Ok(reply) => {
                assembly.settle(&reply.fields);
                Ok(Written {
                    interpretation: assembly.finish(&brief).interpretation,
                    model,
                    stopped: None,
                })
            }
            Err(Broken {
                failure,
                blame,
                fields,
            }) => {
                assembly.settle(&fields);
                let stopped = Stopped::of(&failure);
                match finished(&assembly, &brief, true) {
                    // In a batch another endpoint may write the whole.
                    Some(interpretation) if blame == Blame::Work => Ok(Written {
                        interpretation,
                        model,
                        stopped: Some(stopped),
                    }),
                    Some(interpretation) if watch.cancelled() => {
                        Ok(partly(interpretation, model, stopped))
                    }
                    _ => Err((stopped, blame)),
                }
            }
        }
    }
}

fn partly(interpretation: Interpretation, model: Option<String>, stopped: Stopped) -> Written {
    Written {
        interpretation,
        model,
        stopped: Some(stopped),
    }
}

/// What is heard of an endpoint's work.
enum Heard<'a> {
    Begun(&'a Plan),
    Note(String),
    Told(Told),
}

fn begin(job: &Job, assembly: &Assembly) {
    assembly.begin().into_iter().for_each(|p| tell(job, p));
}

fn no_server() -> Fault {
    Fault::new(Code::Missing, "No server is set up.")
        .advise("Add one under Models, or interpret with the measured engine.")
}

/// A fault in the terms of model work.
fn plain(fault: &Fault) -> Failure {
    use decoupage_dialogue::FailureCode;
    let code = match fault.code {
        Code::Cancelled => FailureCode::Cancelled,
        Code::Missing => FailureCode::Missing,
        Code::Damaged => FailureCode::Damaged,
        Code::TooLarge => FailureCode::TooLong,
        Code::OutOfMemory => FailureCode::OutOfMemory,
        Code::Internal => FailureCode::Internal,
        _ => FailureCode::Unsupported,
    };
    let failure = Failure::new(code, fault.message.clone());
    match &fault.advice {
        Some(advice) => failure.advise(advice.clone()),
        None => failure,
    }
}

/// Turns a shot's media into bytes for a request.
struct Encoder<'a> {
    core: &'a Core,
    shown: Shown,
}

impl Encode<MediaRequest> for Encoder<'_> {
    fn encode(
        &self,
        medium: &MediaRequest,
        limits: &MediaLimits,
        watch: &dyn Watch,
    ) -> decoupage_dialogue::Outcome<Sent> {
        self.encoded(*medium, limits, watch)
            .map_err(|fault| plain(&fault))
    }
}

impl Encoder<'_> {
    fn encoded(
        &self,
        medium: MediaRequest,
        limits: &MediaLimits,
        watch: &dyn Watch,
    ) -> Outcome<Sent> {
        match self.shown.source(self.core, medium)? {
            Source::Picture { path } => {
                let mut first = None;
                stills(
                    &path,
                    &Pick::Even(1),
                    Some(PICTURE_SIDE),
                    None,
                    watch,
                    &mut |still| {
                        first.get_or_insert(still.picture);
                        Ok(())
                    },
                )?;
                let picture = first.ok_or_else(unseen)?;
                Ok(Sent::Picture(encoded(&picture, 90)?))
            }
            Source::Clip { path, .. } => {
                let info = decoupage_media::probe(&path)?;
                let wanted = (info.duration_s.unwrap_or(0.0) * limits.fps).ceil() as usize;
                let count = wanted.clamp(2, limits.max_frames.max(2));
                let mut frames = Vec::with_capacity(count);
                stills(
                    &path,
                    &Pick::Even(count),
                    Some(FRAME_SIDE),
                    None,
                    watch,
                    &mut |still| {
                        frames.push((still.time_s, encoded(&still.picture, 80)?));
                        Ok(())
                    },
                )?;
                Ok(Sent::Frames(frames))
            }
            Source::Frames { paths, fps } => {
                let step = paths.len().div_ceil(limits.max_frames.max(1)).max(1);
                let mut frames = Vec::new();
                for (number, path) in paths.iter().enumerate().step_by(step) {
                    watch.go_on()?;
                    stills(
                        path,
                        &Pick::Even(1),
                        Some(FRAME_SIDE),
                        None,
                        watch,
                        &mut |still| {
                            frames.push((number as f64 / fps, encoded(&still.picture, 80)?));
                            Ok(())
                        },
                    )?;
                }
                Ok(Sent::Frames(frames))
            }
            // Sound is not asked for (see the senses above); words stand for it.
            Source::Sound { .. } => Ok(Sent::Words("(sound, not sent)".to_owned())),
        }
    }
}

/// JPEG on white: what every server reads.
fn encoded(picture: &DynamicImage, quality: u8) -> Outcome<Encoded> {
    let flat = flattened(picture);
    let mut bytes = Cursor::new(Vec::new());
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, quality);
    flat.write_with_encoder(encoder)
        .map_err(|e| Fault::new(Code::Internal, format!("A picture could not be sent: {e}.")))?;
    Ok(Encoded {
        format: Format::Jpeg,
        bytes: bytes.into_inner(),
    })
}

fn flattened(picture: &DynamicImage) -> DynamicImage {
    if !picture.color().has_alpha() {
        return DynamicImage::ImageRgb8(picture.to_rgb8());
    }
    let mut flat = image::RgbImage::new(picture.width(), picture.height());
    for (from, to) in picture.to_rgba8().pixels().zip(flat.pixels_mut()) {
        let alpha = u16::from(from.0[3]);
        for channel in 0..3 {
            let mixed = u16::from(from.0[channel]) * alpha + 255 * (255 - alpha);
            to.0[channel] = (mixed / 255) as u8;
        }
    }
    DynamicImage::ImageRgb8(flat)
}

fn unseen() -> Fault {
    Fault::new(Code::Damaged, "A picture holds nothing to see.")
}
