//! The supervisor against a worker that plays scripts, with everything a worker can do wrong.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    reason = "a test that cannot set its scene has failed"
)]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use decoupage_dialogue::{
    Conversation, DeviceKind, DeviceWish, Failure, FailureCode, Guide, MediaLimits, Message,
    ModelWish, Part, Precision, Role, Sampling, Smaller, Source, Stage,
};
use decoupage_shot::{Cancel, Silent};
use decoupage_supervisor::{Answer, Event, Program, Request, Settings, Unfinished, Worker};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Long enough that only a fault of ours reaches it.
const LONG: Duration = Duration::from_secs(60);

struct Scene {
    folder: TempDir,
    settings: Settings,
}

impl Scene {
    /// Programs of these names, each with its script.
    fn new(programs: &[(&str, Value)]) -> Self {
        // Beside the test's own build, so that the programs can be links to the fake: a copy
        // could not be started while another thread starts one.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        for (name, script) in programs {
            let program = folder
                .path()
                .join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
            std::fs::hard_link(fake(), &program).unwrap();
            std::fs::write(program.with_extension("script"), script.to_string()).unwrap();
        }
        let settings = Settings {
            programs: Program::all_in(folder.path()),
            data: Some(folder.path().join("data")),
            idle: None,
            probe_wait: LONG,
            ready_wait: LONG,
            cancel_wait: LONG,
            environment: Vec::new(),
        };
        Self { folder, settings }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn worker(&self) -> Worker {
        Worker::new(self.settings.clone())
    }

    fn plain(script: Value) -> Self {
        Self::new(&[("decoupage-worker", script)])
    }
}

fn fake() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    let fake = profile
        .join("examples")
        .join(format!("fake_worker{}", std::env::consts::EXE_SUFFIX));
    assert!(
        fake.is_file(),
        "build it: cargo build -p decoupage-supervisor --examples"
    );
    fake
}

fn request() -> Request {
    Request {
        model: ModelWish {
            weights: "/models/one".into(),
            projector: None,
            precision: Precision::Auto,
            device: DeviceWish::Best,
            context: None,
            feature_cache: None,
        },
        conversation: Conversation {
            messages: vec![Message {
                role: Role::User,
                parts: vec![
                    Part::Media(Source::Clip {
                        path: "clip.mp4".into(),
                        with_sound: false,
                    }),
                    Part::Text("What happens?".to_owned()),
                ],
            }],
        },
        guide: Guide::default(),
        sampling: Sampling::default(),
        limits: MediaLimits::default(),
    }
}

fn text(field: &str, text: &str) -> Value {
    json!({"tell": {"tell": "text", "field": field, "text": text, "tokens": 1, "tokens_per_s": 2.0}})
}

fn done(text: &str) -> Value {
    json!({"tell": {"tell": "done", "text": text, "fields": {"action": text}, "usage": {}}})
}

fn progress(stage: &str) -> Value {
    json!({"tell": {"tell": "progress", "stage": stage, "done": 1, "total": 2}})
}

fn write(worker: &Worker) -> Result<Answer, Box<Unfinished>> {
    worker.write(&request(), &Silent, &mut |_| {})
}

fn failure(worker: &Worker) -> Failure {
    write(worker).unwrap_err().failure
}

#[test]
fn an_answer_is_told_as_it_is_written() {
    let scene = Scene::plain(json!({"write": [
        progress("loading"),
        {"tell": {"tell": "loaded", "device": {"kind": "cpu", "name": "Processor"}}},
        text("action", "She "),
        {"tell": {"tell": "note", "text": "Only 8 frames were shown."}},
        text("action", "walks."),
        done("She walks."),
    ]}));
    let worker = scene.worker();
    let mut events = Vec::new();
    let answer = worker
        .write(&request(), &Silent, &mut |event| events.push(event))
        .unwrap();
    assert_eq!(answer.text, "She walks.");
    assert_eq!(answer.fields["action"], "She walks.");
    assert_eq!(answer.device.unwrap().kind, DeviceKind::Cpu);
    assert_eq!(events.len(), 5);
    assert_eq!(
        events[0],
        Event::Progress {
            stage: Stage::Loading,
            done: 1,
            total: 2
        }
    );
    assert!(matches!(&events[2], Event::Text { text, .. } if text == "She "));
    // The same process answers again.
    assert!(worker.idles());
    assert_eq!(write(&worker).unwrap().text, "She walks.");
}

#[test]
fn a_worker_that_takes_its_time_is_waited_for() {
    let scene = Scene::plain(json!({
        "start": [{"sleep": 700}, {"ready": ["cpu"]}],
        "write": [done("Yes.")],
    }));
    assert_eq!(write(&scene.worker()).unwrap().text, "Yes.");
}

#[test]
fn a_worker_that_is_never_ready_is_given_up_in_words() {
    let mut scene = Scene::plain(json!({"start": [{"sleep": 600_000}]}));
    scene.settings.ready_wait = Duration::from_millis(300);
    let failure = failure(&scene.worker());
    assert_eq!(failure.code, FailureCode::Unsupported);
    assert_eq!(
        failure.message,
        "The model worker cannot run here: it did not answer within 1 s."
    );

    scene.settings.ready_wait = LONG;
    let cancel = Cancel::default();
    cancel.raise();
    let begun = Instant::now();
    let stopped = scene
        .worker()
        .write(&request(), &cancel, &mut |_| {})
        .unwrap_err();
    assert_eq!(stopped.failure.code, FailureCode::Cancelled);
    assert!(begun.elapsed() < LONG);
}

#[test]
fn garbage_is_skipped() {
    let scene = Scene::plain(json!({
        "start": [{"raw": "library 1.2 (c) somebody\n{\"tell\":\n\n"}, {"ready": ["cpu"]}],
        "write": [
            {"raw": "\u{fffd}\u{0}[1,2\n{\"tell\":\"dance\"}\n"},
            {"long": 9_000_000},
            {"tell": {"tell": "done", "job": 77, "text": "Old.", "fields": {}, "usage": {}}},
            {"tell": {"tell": "unloaded"}},
            done("Yes."),
        ],
    }));
    assert_eq!(write(&scene.worker()).unwrap().text, "Yes.");
}

#[test]
fn a_crash_keeps_what_was_written_and_the_next_answer_starts_anew() {
    let scene = Scene::plain(json!({"write": [
        progress("prefill"),
        text("dense", "At dusk "),
        text("action", "she "),
        text("action", "wal"),
        {"say": "something is broken."},
        {"exit": 3},
    ]}));
    let worker = scene.worker();
    for _ in 0..2 {
        let unfinished = write(&worker).unwrap_err();
        assert_eq!(unfinished.failure.code, FailureCode::Internal);
        assert_eq!(
            unfinished.failure.message,
            "The model worker ended with code 3: something is broken, while it was writing."
        );
        assert_eq!(unfinished.text, "At dusk she wal");
        assert_eq!(unfinished.fields["action"], "she wal");
        assert!(!worker.idles());
    }
}

#[test]
fn memory_that_runs_out_is_told_with_the_steps_that_are_left() {
    use Smaller::{FewerFrames, Processor, Quantise, SmallerModel};
    let scene = Scene::plain(json!({
        "start": [{"ready": ["cuda", "cpu"]}],
        "write": [progress("prefill"), {"exit": 137}],
        "load": [progress("loading"), {"exit": 137}],
    }));
    let worker = scene.worker();
    let failure = failure(&worker);
    assert_eq!(failure.code, FailureCode::OutOfMemory);
    assert_eq!(
        failure.smaller,
        [FewerFrames, Quantise, Processor, SmallerModel]
    );
    assert!(failure.message.contains("reading the prompt"));

    let mut model = request().model;
    model.precision = Precision::Q8_0;
    let loading = worker.load(&model, &Silent, &mut |_| {}).unwrap_err();
    assert_eq!(loading.failure.smaller, [Quantise, Processor, SmallerModel]);
    model.precision = Precision::Q4K;
    model.device = DeviceWish::Cpu;
    let loading = worker.load(&model, &Silent, &mut |_| {}).unwrap_err();
    assert_eq!(loading.failure.smaller, [SmallerModel]);
}

#[cfg(unix)]
#[test]
fn a_signal_is_read() {
    let scene = Scene::plain(json!({"write": [text("action", "She"), {"signal": 9}]}));
    let unfinished = write(&scene.worker()).unwrap_err();
    assert_eq!(unfinished.failure.code, FailureCode::OutOfMemory);
    assert_eq!(unfinished.fields["action"], "She");
    let scene = Scene::plain(json!({"write": [{"signal": 11}]}));
    let failure = failure(&scene.worker());
    assert_eq!(failure.code, FailureCode::Internal);
    assert!(failure.message.contains("memory that is not its own"));
}

#[test]
fn a_worker_that_knows_its_failure_tells_it() {
    let scene = Scene::plain(json!({"write": [
        text("action", "She "),
        {"tell": {
            "tell": "failed",
            "failure": {"code": "out_of_memory", "message": "The card is full."},
            "fields": {"action": "She walks"},
        }},
    ]}));
    let worker = scene.worker();
    let unfinished = write(&worker).unwrap_err();
    assert_eq!(unfinished.failure.message, "The card is full.");
    assert_eq!(
        unfinished.failure.advice.as_deref(),
        Some("Try again with fewer frames, quantised weights or a smaller model.")
    );
    assert_eq!(unfinished.fields["action"], "She walks");
    // It lives on.
    assert!(worker.idles());
}

#[test]
fn the_step_that_worked_is_remembered() {
    let scene = Scene::plain(json!({"write": [{"exit": 137}]}));
    assert_eq!(failure(&scene.worker()).code, FailureCode::OutOfMemory);

    let worker = scene.worker();
    failure(&worker);
    std::fs::write(
        scene.settings.programs[0].path.with_extension("script"),
        json!({"write": [done("Yes.")]}).to_string(),
    )
    .unwrap();
    let mut smaller = request();
    assert!(decoupage_supervisor::take(
        Smaller::Quantise,
        &mut smaller.model,
        &mut smaller.limits
    ));
    worker.write(&smaller, &Silent, &mut |_| {}).unwrap();

    let first = request();
    let remembered = scene.worker().remembered(&first.model, &first.limits);
    assert_eq!(remembered.steps, [Smaller::Quantise]);
    assert_eq!(remembered.model, smaller.model);
}

#[test]
fn a_cancelled_answer_keeps_its_words() {
    let scene = Scene::plain(json!({
        "write": [text("action", "She ")],
        "cancel": [
            text("action", "walks"),
            {"tell": {
                "tell": "failed",
                "failure": {"code": "cancelled", "message": "Cancelled."},
                "fields": {"action": "She walks"},
            }},
        ],
    }));
    let worker = scene.worker();
    let cancel = Cancel::default();
    let unfinished = worker
        .write(&request(), &cancel, &mut |event| {
            if matches!(event, Event::Text { .. }) {
                cancel.raise();
            }
        })
        .unwrap_err();
    assert_eq!(unfinished.failure.code, FailureCode::Cancelled);
    assert_eq!(unfinished.fields["action"], "She walks");
    assert!(worker.idles(), "the model stays in memory");
}

#[test]
fn a_worker_that_does_not_hear_cancel_is_ended() {
    let mut scene = Scene::plain(json!({
        "write": [text("action", "She "), {"sleep": 600_000}],
    }));
    scene.settings.cancel_wait = Duration::from_millis(200);
    let worker = scene.worker();
    let cancel = Cancel::default();
    let unfinished = worker
        .write(&request(), &cancel, &mut |_| cancel.raise())
        .unwrap_err();
    assert_eq!(unfinished.failure.code, FailureCode::Cancelled);
    assert_eq!(unfinished.fields["action"], "She ");
    assert!(!worker.idles(), "it is gone");
}

#[test]
fn whoever_waits_for_the_turn_can_cancel() {
    let mut scene = Scene::plain(json!({"write": [text("action", "She "), {"sleep": 600_000}]}));
    scene.settings.cancel_wait = Duration::ZERO;
    let worker = scene.worker();
    let (first, second) = (Cancel::default(), Cancel::default());
    let begun = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let busy = scope.spawn(|| {
            worker.write(&request(), &first, &mut |_| {
                begun.fetch_add(1, Ordering::SeqCst);
            })
        });
        while begun.load(Ordering::SeqCst) == 0 {
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(!worker.unload(), "what is at work is not unloaded");
        second.raise();
        let waiting = worker.write(&request(), &second, &mut |_| {}).unwrap_err();
        assert_eq!(waiting.failure.code, FailureCode::Cancelled);
        first.raise();
        assert_eq!(
            busy.join().unwrap().unwrap_err().failure.code,
            FailureCode::Cancelled
        );
    });
}

#[test]
fn a_build_that_cannot_run_here_gives_way_to_the_next_with_a_sentence() {
    let missing = "decoupage-worker-cuda: error while loading shared libraries: libcuda.so.1: \
                   cannot open shared object file: No such file or directory";
    let scene = Scene::new(&[
        (
            "decoupage-worker-cuda",
            json!({"probe": [{"say": missing}, {"exit": 127}]}),
        ),
        ("decoupage-worker", json!({"write": [done("Yes.")]})),
    ]);
    let worker = scene.worker();
    let found = worker.devices(&Silent).unwrap();
    assert_eq!(found.devices[0].kind, DeviceKind::Cpu);
    assert_eq!(
        found.notes,
        ["The model worker for NVIDIA cards cannot run here: the NVIDIA driver is not installed. \
          Models run without it."]
    );
    let mut notes = Vec::new();
    for _ in 0..2 {
        worker
            .write(&request(), &Silent, &mut |event| notes.push(event))
            .unwrap();
    }
    assert_eq!(notes, [Event::Note(found.notes[0].clone())], "told once");
}

#[test]
fn a_build_that_finds_no_card_gives_way_and_is_better_than_nothing() {
    let blind = json!({"probe": [{"ready": ["cpu"]}], "write": [done("Blind.")]});
    let scene = Scene::new(&[
        ("decoupage-worker-cuda", blind.clone()),
        ("decoupage-worker", json!({"write": [done("Plain.")]})),
    ]);
    let worker = scene.worker();
    assert_eq!(write(&worker).unwrap().text, "Plain.");
    assert!(worker.devices(&Silent).unwrap().notes[0].starts_with("No NVIDIA card was found."));
    let scene = Scene::new(&[("decoupage-worker-cuda", blind)]);
    assert_eq!(write(&scene.worker()).unwrap().text, "Blind.");
}

#[test]
fn on_the_processor_the_plain_build_is_taken() {
    let scene = Scene::new(&[
        (
            "decoupage-worker-cuda",
            json!({
                "probe": [{"ready": ["cuda", "cpu"]}],
                "start": [{"ready": ["cuda", "cpu"]}],
                "write": [done("Card.")],
            }),
        ),
        ("decoupage-worker", json!({"write": [done("Processor.")]})),
    ]);
    let worker = scene.worker();
    assert_eq!(write(&worker).unwrap().text, "Card.");
    let mut on_processor = request();
    on_processor.model.device = DeviceWish::Cpu;
    let answer = worker.write(&on_processor, &Silent, &mut |_| {}).unwrap();
    assert_eq!(answer.text, "Processor.");
    assert_eq!(write(&worker).unwrap().text, "Card.");
}

#[test]
fn a_build_that_probes_well_and_does_not_start_gives_way() {
    let scene = Scene::new(&[
        (
            "decoupage-worker-cuda",
            json!({"probe": [{"ready": ["cuda"]}], "start": [{"exit": 1}]}),
        ),
        ("decoupage-worker", json!({"write": [done("Yes.")]})),
    ]);
    assert_eq!(write(&scene.worker()).unwrap().text, "Yes.");
}

#[test]
fn another_protocol_is_refused() {
    let scene = Scene::plain(json!({"probe": [{"ready_as": 999}]}));
    let failure = failure(&scene.worker());
    assert!(failure.message.contains("another version of Decoupage"));
    assert_eq!(failure.advice.as_deref(), Some("Install Decoupage again."));
}

#[test]
fn a_missing_program_is_named() {
    let mut scene = Scene::new(&[]);
    assert_eq!(failure(&scene.worker()).code, FailureCode::Missing);
    scene.settings.programs = vec![Program::at(scene.path("decoupage-worker"))];
    assert_eq!(
        failure(&scene.worker()).message,
        "The model worker cannot run here: it is not there."
    );
    std::fs::write(scene.path("decoupage-worker"), "no program").unwrap();
    assert!(failure(&scene.worker()).message.contains("cannot run here"));
}

#[test]
fn an_idle_worker_ends_and_starts_again_on_demand() {
    let mut scene = Scene::plain(json!({"write": [done("Yes.")]}));
    scene.settings.idle = Some(Duration::from_millis(300));
    let worker = scene.worker();
    for _ in 0..2 {
        assert_eq!(write(&worker).unwrap().text, "Yes.");
        let begun = Instant::now();
        while worker.idles() {
            assert!(begun.elapsed() < LONG, "it never ended");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

#[test]
fn unloading_ends_the_process() {
    let scene = Scene::plain(json!({"write": [done("Yes.")]}));
    let worker = scene.worker();
    write(&worker).unwrap();
    assert!(worker.idles());
    assert!(worker.unload());
    assert!(!worker.idles());
    write(&worker).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_runs_on_when_the_worker_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let pid = folder.path().join("pid");
    // It does not end by itself when its input ends.
    let scene = Scene::plain(json!({
        "start": [{"pid": pid}, {"ready": ["cpu"]}],
        "write": [done("Yes.")],
        "end": [{"sleep": 600_000}],
    }));
    let worker = scene.worker();
    write(&worker).unwrap();
    let process = PathBuf::from("/proc").join(std::fs::read_to_string(&pid).unwrap());
    assert!(process.exists());
    drop(worker);
    assert!(!process.exists());
}
