//! The worker's loop with a fake model: what is told for every ask, cancelling, panics, and the
//! end of the input.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    reason = "a test that cannot set its scene has failed"
)]

use std::cell::Cell;
use std::io::{BufReader, Read, Write};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use decoupage_dialogue::{
    Ask, Conversation, Device, DeviceKind, DeviceWish, Failure, FailureCode, Guide, JobNumber,
    MediaLimits, Message, ModelWish, Outcome, PROTOCOL, Part, Precision, Role, Sampling, Source,
    Stage, Tell,
};
use decoupage_mllm::GoOn;
use decoupage_mllm::media::Media;
use decoupage_worker::job::Teller;
use decoupage_worker::serve;
use decoupage_worker::writer::{Decode, Listener, Loader, OnBytes, Shown, Writer, Written};

/// Long enough that only a fault of ours reaches it.
const LONG: Duration = Duration::from_secs(60);

/// Loads a writer that does what the last words it is shown say.
struct FakeLoader {
    loads: Rc<Cell<u64>>,
}

struct FakeWriter {
    loads: Rc<Cell<u64>>,
}

fn processor() -> Device {
    Device {
        kind: DeviceKind::Cpu,
        name: "Processor".to_owned(),
        total_bytes: None,
        free_bytes: None,
    }
}

impl Loader for FakeLoader {
    fn devices(&self) -> Vec<Device> {
        vec![processor()]
    }

    fn load(&mut self, wish: &ModelWish, on_bytes: OnBytes) -> Outcome<Box<dyn Writer>> {
        if wish.weights == Path::new("missing") {
            return Err(Failure::new(FailureCode::Missing, "It is not there."));
        }
        on_bytes(0, 100)?;
        while wish.weights == Path::new("endless") {
            std::thread::sleep(Duration::from_millis(1));
            on_bytes(50, 100)?;
        }
        on_bytes(100, 100)?;
        self.loads.set(self.loads.get() + 1);
        Ok(Box::new(FakeWriter {
            loads: Rc::clone(&self.loads),
        }))
    }
}

impl Writer for FakeWriter {
    fn device(&self) -> Device {
        processor()
    }

    fn write(
        &mut self,
        shown: &Shown<'_>,
        listener: &mut dyn Listener,
        go_on: &GoOn<'_>,
    ) -> Written {
        let words = shown
            .conversation
            .messages
            .iter()
            .flat_map(|message| &message.parts)
            .filter_map(|part| match part {
                Part::Text(text) => Some(text.as_str()),
                Part::Media(_) => None,
            })
            .next_back()
            .unwrap_or_default();
        let mut written = Written::default();
        match words {
            "panic" => panic!("on purpose"),
            "endless" => {
                let mut tokens = 0;
                loop {
                    if let Err(failure) = go_on() {
                        written.failure = Some(failure);
                        return written;
                    }
                    tokens += 1;
                    listener.wrote(Some("action"), "on ", tokens, f64::INFINITY);
                    std::thread::sleep(Duration::from_millis(1));
                }
            }
            _ => {
                let media: Vec<String> = shown.conversation.media().map(describe).collect();
                let text = format!("{} load(s): {}", self.loads.get(), media.join(", "));
                listener.wrote(Some("action"), &text, 1, 1.0);
                written.fields.insert("action".to_owned(), text.clone());
                written.text = text;
            }
        }
        written
    }

    fn case(
        &mut self,
        case: &Path,
        dump: &Path,
        decode: &Decode<'_>,
        _: &mut dyn Listener,
        _: &GoOn<'_>,
    ) -> Outcome<Written> {
        let media = decode(
            &Source::Picture {
                path: case.to_owned(),
            },
            &MediaLimits::default(),
        )?;
        std::fs::write(dump, describe(&media)).unwrap();
        Ok(Written::default())
    }
}

fn describe(media: &Media) -> String {
    match media {
        Media::Picture(picture) => {
            let first = picture.rgb.get(..3);
            format!("{}x{} {first:?}", picture.width, picture.height)
        }
        Media::Clip(clip) => format!(
            "{} frames at {} of {:?}, sound {:?}",
            clip.frames.len(),
            clip.fps,
            clip.source.as_ref().map(|source| &source.indices),
            clip.sound.as_ref().map(|sound| sound.samples.len()),
        ),
        Media::Sound(sound) => format!("{} samples", sound.samples.len()),
    }
}

/// Bytes from another thread.
struct Pipe(Receiver<Vec<u8>>, Vec<u8>);

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.1.is_empty() {
            self.1 = self.0.recv().unwrap_or_default();
        }
        let count = self.1.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.1[..count]);
        self.1.drain(..count);
        Ok(count)
    }
}

struct Out(Sender<Vec<u8>>);

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let _ = self.0.send(bytes.to_vec());
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

struct Scene {
    asks: Option<Sender<Vec<u8>>>,
    tells: Receiver<Vec<u8>>,
    ended: Receiver<()>,
    worker: Option<JoinHandle<()>>,
}

impl Scene {
    fn new() -> Self {
        let (asks, input) = channel();
        let (output, tells) = channel();
        let (end, ended) = channel();
        let worker = std::thread::spawn(move || {
            let mut loader = FakeLoader {
                loads: Rc::default(),
            };
            serve(
                BufReader::new(Pipe(input, Vec::new())),
                Arc::new(Teller::new(Out(output))),
                &mut loader,
                move || end.send(()).unwrap(),
            );
        });
        let scene = Self {
            asks: Some(asks),
            tells,
            ended,
            worker: Some(worker),
        };
        assert!(matches!(
            scene.hear(),
            Tell::Ready { protocol: PROTOCOL, devices, .. } if devices == [processor()]
        ));
        scene
    }

    fn raw(&self, bytes: &[u8]) {
        self.asks.as_ref().unwrap().send(bytes.to_vec()).unwrap();
    }

    fn ask(&self, ask: &Ask) {
        let mut line = serde_json::to_vec(ask).unwrap();
        line.push(b'\n');
        self.raw(&line);
    }

    fn write(&self, job: u64, weights: &str, parts: Vec<Part>) {
        self.ask(&Ask::Write {
            job: JobNumber(job),
            model: model(weights),
            conversation: Conversation {
                messages: vec![Message {
                    role: Role::User,
                    parts,
                }],
            },
            guide: Guide::default(),
            sampling: Sampling::default(),
            limits: MediaLimits {
                fps: 2.0,
                max_frames: 4,
                ..MediaLimits::default()
            },
        });
    }

    fn hear(&self) -> Tell {
        let line = self.tells.recv_timeout(LONG).unwrap();
        assert_eq!(line.last(), Some(&b'\n'), "one whole line");
        serde_json::from_slice(&line).unwrap()
    }

    /// All that is told until the job ends, its end last.
    fn to_end(&self) -> Vec<Tell> {
        let mut told = Vec::new();
        loop {
            let tell = self.hear();
            let ends = matches!(tell, Tell::Done { .. } | Tell::Failed { .. });
            told.push(tell);
            if ends {
                return told;
            }
        }
    }

    fn answer(&self) -> String {
        match self.to_end().pop() {
            Some(Tell::Done { text, .. }) => text,
            other => panic!("{other:?}"),
        }
    }

    fn failure(&self) -> Failure {
        match self.to_end().pop() {
            Some(Tell::Failed { failure, .. }) => failure,
            other => panic!("{other:?}"),
        }
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.asks = None;
        let joined = self.worker.take().unwrap().join();
        if !std::thread::panicking() {
            joined.unwrap();
            self.ended.recv_timeout(LONG).unwrap();
        }
    }
}

fn model(weights: &str) -> ModelWish {
    ModelWish {
        weights: weights.into(),
        projector: None,
        precision: Precision::Auto,
        device: DeviceWish::Best,
        context: None,
        feature_cache: None,
    }
}

fn says(words: &str) -> Vec<Part> {
    vec![Part::Text(words.to_owned())]
}

#[test]
fn a_model_is_loaded_once_and_answers() {
    let scene = Scene::new();
    scene.write(1, "one", says("x"));
    let told = scene.to_end();
    let stages: Vec<Stage> = told
        .iter()
        .filter_map(|tell| match tell {
            Tell::Progress { stage, .. } => Some(*stage),
            _ => None,
        })
        .collect();
    assert!(stages.contains(&Stage::Loading));
    assert!(told.iter().any(|t| matches!(t, Tell::Loaded { .. })));
    let Some(Tell::Done { job, fields, usage, .. }) = told.last() else {
        panic!("{told:?}");
    };
    assert_eq!(*job, JobNumber(1));
    assert_eq!(fields["action"], "1 load(s): ");
    assert!(usage.milliseconds.contains_key("loading"));
    scene.write(2, "one", says("x"));
    assert_eq!(scene.answer(), "1 load(s): ");
    scene.write(3, "two", says("x"));
    assert_eq!(scene.answer(), "2 load(s): ");
    scene.ask(&Ask::Unload);
    assert_eq!(scene.hear(), Tell::Unloaded);
    scene.write(4, "two", says("x"));
    assert_eq!(scene.answer(), "3 load(s): ");
    scene.ask(&Ask::Load {
        job: JobNumber(5),
        model: model("two"),
    });
    assert!(matches!(scene.hear(), Tell::Loaded { job, .. } if job == JobNumber(5)));
}

#[test]
fn a_model_that_cannot_be_loaded_is_told_and_the_next_is() {
    let scene = Scene::new();
    scene.write(1, "missing", says("x"));
    assert_eq!(scene.failure().code, FailureCode::Missing);
    scene.write(2, "one", says("x"));
    assert_eq!(scene.answer(), "1 load(s): ");
}

#[test]
fn cancelling_is_heard_while_it_writes_and_the_words_are_kept() {
    let scene = Scene::new();
    scene.write(1, "one", says("endless"));
    while !matches!(scene.hear(), Tell::Text { .. }) {}
    scene.write(2, "one", says("x"));
    scene.write(3, "one", says("x"));
    // One that waits is dropped at once, the one at work stops.
    scene.ask(&Ask::Cancel { job: JobNumber(2) });
    let told = scene.to_end();
    assert!(matches!(told.last(), Some(Tell::Failed { job, .. }) if *job == JobNumber(2)));
    scene.ask(&Ask::Cancel { job: JobNumber(1) });
    let mut words = String::new();
    let told = scene.to_end();
    for tell in &told {
        if let Tell::Text { text, tokens_per_s, .. } = tell {
            words.push_str(text);
            assert!(tokens_per_s.is_finite());
        }
    }
    let Some(Tell::Failed { job, failure, fields }) = told.last() else {
        panic!("{told:?}");
    };
    assert_eq!((*job, failure.code), (JobNumber(1), FailureCode::Cancelled));
    assert!(fields["action"].starts_with("on on"));
    assert!(fields["action"].ends_with(&words));
    assert_eq!(scene.answer(), "1 load(s): ", "the third one is written");
}

#[test]
fn loading_can_be_cancelled() {
    let scene = Scene::new();
    scene.write(1, "endless", says("x"));
    while !matches!(scene.hear(), Tell::Progress { .. }) {}
    scene.ask(&Ask::Cancel { job: JobNumber(1) });
    assert_eq!(scene.failure().code, FailureCode::Cancelled);
}

#[test]
fn a_panic_is_a_failure_and_the_worker_goes_on() {
    let scene = Scene::new();
    scene.write(1, "one", says("panic"));
    assert_eq!(scene.failure().code, FailureCode::Internal);
    scene.write(2, "one", says("x"));
    assert_eq!(scene.answer(), "2 load(s): ", "the model is loaded anew");
}

#[test]
fn lines_that_are_no_asks_are_skipped() {
    let scene = Scene::new();
    scene.raw(b"hello\n\n{\"ask\":\"dance\"}\n\xff\xfe\n");
    let long = vec![b'x'; (16 << 20) + 5];
    scene.raw(&long);
    scene.raw(b"\n");
    scene.write(1, "one", says("x"));
    assert_eq!(scene.answer(), "1 load(s): ");
}

#[test]
fn the_end_of_the_input_stops_what_is_at_work() {
    let scene = Scene::new();
    scene.write(1, "one", says("endless"));
    while !matches!(scene.hear(), Tell::Text { .. }) {}
    // Dropping closes the input and waits for the worker to end.
    drop(scene);
}

/// A picture whose left half is clear red and right half opaque green.
fn picture(folder: &Path, name: &str, width: u32) -> std::path::PathBuf {
    let path = folder.join(name);
    image::RgbaImage::from_fn(width, 10, |x, _| {
        if x < width / 2 {
            image::Rgba([255, 0, 0, 0])
        } else {
            image::Rgba([0, 255, 0, 255])
        }
    })
    .save(&path)
    .unwrap();
    path
}

#[test]
fn media_are_decoded_as_models_take_them() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::new();
    let frames: Vec<_> = (0..9)
        .map(|i| picture(folder.path(), &format!("{i}.png"), 20))
        .collect();
    scene.write(
        1,
        "one",
        vec![
            Part::Media(Source::Picture {
                path: frames[0].clone(),
            }),
            Part::Media(Source::Frames {
                paths: frames.clone(),
                fps: 4.0,
            }),
            Part::Text("x".to_owned()),
        ],
    );
    // Nine frames are 2.25 s: four of them at 2 a second, what is clear is white.
    let rate = 4.0 / 9.0 * 4.0;
    assert_eq!(
        scene.answer(),
        format!(
            "1 load(s): 20x10 Some([255, 255, 255]), 4 frames at {rate} of Some([0, 3, 5, 8]), \
             sound None"
        )
    );

    let odd = picture(folder.path(), "odd.png", 22);
    scene.write(
        2,
        "one",
        vec![Part::Media(Source::Frames {
            paths: vec![frames[0].clone(), odd],
            fps: 4.0,
        })],
    );
    let failure = scene.failure();
    assert_eq!(failure.code, FailureCode::Invalid);
    assert!(failure.message.contains("odd.png"), "{}", failure.message);

    scene.write(
        3,
        "one",
        vec![Part::Media(Source::Picture {
            path: folder.path().join("nothing.png"),
        })],
    );
    let failure = scene.failure();
    assert_eq!(failure.code, FailureCode::Missing);
    assert!(failure.message.starts_with("nothing.png: "));

    scene.write(
        4,
        "one",
        vec![Part::Media(Source::Sound {
            path: frames[0].clone(),
        })],
    );
    assert_eq!(scene.failure().message, "0.png has no sound.");
}

#[test]
fn a_changed_file_is_decoded_again() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::new();
    let path = picture(folder.path(), "a.png", 20);
    let show = |job| {
        scene.write(
            job,
            "one",
            vec![Part::Media(Source::Picture { path: path.clone() })],
        );
        scene.answer()
    };
    assert!(show(1).contains("20x10"));
    assert!(show(2).contains("20x10"));
    picture(folder.path(), "a.png", 300);
    assert!(show(3).contains("300x10"));
}

#[test]
fn a_case_is_run_with_the_same_decoding() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::new();
    let dump = folder.path().join("dump");
    scene.ask(&Ask::Case {
        job: JobNumber(1),
        model: model("one"),
        case: picture(folder.path(), "a.png", 20),
        dump: dump.clone(),
    });
    scene.answer();
    assert!(std::fs::read_to_string(dump).unwrap().starts_with("20x10"));
}
