//! The core as a shell meets it: files in, edits, undo, takes, prompt files, opening again.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests fail by panicking, as tests do"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use decoupage_app::api::{AddFile, JobEnd, SaveState, View};
use decoupage_app::{Core, Places, Request, Response};
use decoupage_conditions::{Outline, Reading};
use decoupage_generators::FileFormat;
use decoupage_shot::{
    Change, Code, ConditionId, ConditionKind, Correction, Edit, Engine, Fault, Outcome, Section,
    ShotId, Storage,
};
use decoupage_stage::sounds::write_wav;
use image::{Rgb, RgbImage};

struct House {
    place: tempfile::TempDir,
    core: Core,
}

impl House {
    fn new() -> Self {
        Self::at(tempfile::tempdir().unwrap())
    }

    fn at(place: tempfile::TempDir) -> Self {
        let places = Places {
            data: place.path().join("data"),
            models: place.path().join("hub"),
            home: place.path().to_owned(),
        };
        Self {
            core: Core::new(places, false),
            place,
        }
    }

    /// A house with a project open.
    fn with_project(prompt: &str) -> Self {
        let house = Self::new();
        house.view(Request::NewProject {
            folder: house.path("Dusk"),
            prompt: Some(prompt.to_owned()),
            duration_s: Some(4.0),
        });
        house
    }

    fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    fn picture(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        let picture = RgbImage::from_fn(64, 96, |x, y| {
            if (16..48).contains(&x) && y > 16 {
                Rgb([150, 20, 30])
            } else {
                Rgb([128, 128, 128])
            }
        });
        picture.save(&path).unwrap();
        path
    }

    /// A camera that trucks right for two seconds at 24 frames a second.
    fn camera(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        let mut text = String::from("\n");
        for frame in 0..49 {
            let (time, x) = (frame * 41_667, -f64::from(frame) / 48.0);
            text += &format!("{time} 0.9 1.6 0.5 0.5 0 0 1 0 0 {x} 0 1 0 0 0 0 1 0\n");
        }
        fs::write(&path, text).unwrap();
        path
    }

    fn ask(&self, request: Request) -> Outcome<Response> {
        self.core.ask(request)
    }

    fn view(&self, request: Request) -> View {
        match self.ask(request).unwrap() {
            Response::View { view } => *view,
            other => panic!("no view: {other:?}"),
        }
    }

    fn now(&self) -> View {
        self.view(Request::View)
    }

    fn edit(&self, edit: Edit) -> View {
        self.view(Request::Edit {
            edit: Box::new(edit),
            gesture: None,
        })
    }

    fn add(&self, path: &Path, kind: Option<ConditionKind>) -> Outcome<JobEnd> {
        self.core.run(
            Request::Add {
                shot: ShotId(1),
                files: vec![AddFile {
                    path: path.to_owned(),
                    kind,
                    name: None,
                    place: None,
                }],
                storage: None,
            },
            |_| {},
        )
    }

    /// Why a file was refused.
    fn refusal(&self, path: &Path, kind: Option<ConditionKind>) -> Fault {
        match self.add(path, kind).unwrap() {
            JobEnd::Added {
                conditions,
                mut refused,
            } => {
                assert!(conditions.is_empty());
                refused.remove(0).fault.unwrap()
            }
            other => panic!("{other:?}"),
        }
    }

    fn interpret(&self, sections: Vec<Section>) -> View {
        let end = self
            .core
            .run(
                Request::Interpret {
                    shot: ShotId(1),
                    engine: Engine::Measured,
                    model: None,
                    seed: 0,
                    sections,
                    writing: Box::default(),
                },
                |_| {},
            )
            .unwrap();
        assert!(matches!(end, JobEnd::Take { .. }));
        self.now()
    }

    /// A condition as measured and corrected.
    fn read(&self, condition: ConditionId) -> (Reading, Outline, Vec<Correction>) {
        let end = self.core.run(Request::Read { condition }, |_| {}).unwrap();
        match end {
            JobEnd::Reading {
                reading,
                outline,
                unmet,
                ..
            } => (*reading, *outline, unmet),
            other => panic!("{other:?}"),
        }
    }

    fn saved(&self) -> View {
        let begun = Instant::now();
        loop {
            let view = self.now();
            if view.save == SaveState::Saved {
                return view;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "never saved");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
fn files_become_conditions_with_their_kind_guessed() {
    let house = House::with_project("A woman walks");
    house.add(&house.picture("mara.png"), None).unwrap();
    house.add(&house.camera("path.txt"), None).unwrap();
    let view = house.now();
    let kinds: Vec<_> = view.project.shots[0]
        .conditions
        .iter()
        .map(|condition| (condition.kind, condition.name.as_str()))
        .collect();
    assert_eq!(
        kinds,
        [
            (ConditionKind::Identity, "mara"),
            (ConditionKind::Camera, "path")
        ]
    );
    assert!(view.media.iter().all(|media| !media.missing));
}

#[test]
fn adding_is_one_step_and_can_be_taken_back() {
    let house = House::with_project("A woman walks");
    let files = ["a.png", "b.png"].map(|name| AddFile {
        path: house.picture(name),
        kind: None,
        name: None,
        place: None,
    });
    house
        .core
        .run(
            Request::Add {
                shot: ShotId(1),
                files: files.to_vec(),
                storage: Some(Storage::Linked),
            },
            |_| {},
        )
        .unwrap();
    assert_eq!(house.now().project.shots[0].conditions.len(), 2);
    assert_eq!(
        house.view(Request::Undo).project.shots[0].conditions.len(),
        0
    );
    assert_eq!(
        house.view(Request::Redo).project.shots[0].conditions.len(),
        2
    );
}

#[test]
fn bad_files_are_refused_in_one_sentence_and_the_rest_goes_on() {
    let house = House::with_project("A woman walks");
    let cases: [(&str, &[u8]); 4] = [
        ("empty.png", b""),
        ("text.mp4", b"This is a letter, not a film.\n"),
        (
            "cut.png",
            &fs::read(house.picture("whole.png")).unwrap()[..40],
        ),
        (
            "nan.txt",
            b"\n0 0.9 1.6 0.5 0.5 0 0 NaN 0 0 0 0 1 0 0 0 0 1 0\n",
        ),
    ];
    for (name, bytes) in cases {
        let path = house.path(name);
        fs::write(&path, bytes).unwrap();
        let fault = house.refusal(&path, None);
        assert!(fault.message.ends_with('.'), "{name}: {}", fault.message);
        assert!(fault.message.len() < 200, "{name}: {}", fault.message);
        assert!(!matches!(fault.code, Code::Internal), "{name}: {fault:?}");
    }
    let missing = house.refusal(&house.path("nowhere.png"), None);
    assert_eq!(missing.code, Code::Missing);
    let wrong = house.refusal(&house.picture("x.png"), Some(ConditionKind::Camera));
    assert!(!wrong.message.is_empty());
    house.add(&house.picture("good.png"), None).unwrap();
    assert_eq!(house.now().project.shots[0].conditions.len(), 1);
}

#[test]
fn a_take_has_six_sections_and_leaves_as_prompt_files() {
    let house = House::with_project("A woman in a red coat walks past market stalls at dusk");
    house.add(&house.picture("mara.png"), None).unwrap();
    house.add(&house.camera("path.txt"), None).unwrap();
    let view = house.interpret(Vec::new());
    let take = view.project.shots[0].take().unwrap();
    for section in Section::ALL {
        assert!(!take.caption.get(section).trim().is_empty(), "{section:?}");
        assert!(!take.origins.get(section).is_empty(), "{section:?}");
    }
    let out = house.path("out");
    let Response::Files { files } = house
        .ask(Request::Export {
            shot: None,
            generators: Vec::new(),
            format: FileFormat::Txt,
            folder: out,
        })
        .unwrap()
    else {
        panic!("no files");
    };
    assert!(files.len() >= 10);
    assert!(
        files
            .iter()
            .all(|file| fs::metadata(file).unwrap().len() > 20)
    );
}

#[test]
fn what_a_hand_wrote_is_kept_where_it_is_locked_and_findable_where_it_is_not() {
    let house = House::with_project("A woman walks");
    let take = house.interpret(Vec::new()).project.shots[0]
        .take()
        .unwrap()
        .id;
    let text = "She never looks back.".to_owned();
    house.edit(Edit::WriteSection {
        take,
        section: Section::Action,
        text: text.clone(),
    });
    house.edit(Edit::LockSection {
        take,
        section: Section::Action,
        locked: true,
    });
    let view = house.interpret(Vec::new());
    let shot = &view.project.shots[0];
    assert_eq!(shot.take().unwrap().caption.action, text);
    assert_eq!(shot.takes.len(), 2);
    assert_eq!(shot.take().unwrap().parent, Some(take));
    // One section anew leaves every other word as it is.
    let before = shot.take().unwrap().caption.clone();
    let view = house.interpret(vec![Section::Style]);
    let after = &view.project.shots[0].take().unwrap().caption;
    for section in Section::ALL.into_iter().filter(|s| *s != Section::Style) {
        assert_eq!(before.get(section), after.get(section));
    }
}

#[test]
fn opening_again_finds_everything_where_it_was() {
    let house = House::with_project("A woman walks");
    house.add(&house.picture("mara.png"), None).unwrap();
    house.interpret(Vec::new());
    let before = house.saved();
    let folder = before.folder.clone();
    house.core.close().unwrap();
    house.view(Request::NewProject {
        folder: house.path("Other"),
        prompt: None,
        duration_s: None,
    });
    let after = house.view(Request::OpenProject { folder });
    assert_eq!(after.project, before.project);
}

#[test]
fn a_moved_file_is_missed_and_found_again() {
    let house = House::with_project("A woman walks");
    let picture = house.picture("mara.png");
    house
        .core
        .run(
            Request::Add {
                shot: ShotId(1),
                files: vec![AddFile {
                    path: picture.clone(),
                    kind: None,
                    name: None,
                    place: None,
                }],
                storage: Some(Storage::Linked),
            },
            |_| {},
        )
        .unwrap();
    let elsewhere = house.path("elsewhere");
    fs::create_dir_all(&elsewhere).unwrap();
    fs::rename(&picture, elsewhere.join("renamed.png")).unwrap();
    assert!(house.now().media[0].missing);
    // A take can still be written; it says what is missing.
    let view = house.interpret(Vec::new());
    let trace = &view.project.shots[0].take().unwrap().trace;
    assert!(
        trace
            .conditions
            .iter()
            .any(|note| note.text.contains("could not be read"))
    );
    let end = house
        .core
        .run(Request::FindMissing { folder: elsewhere }, |_| {})
        .unwrap();
    assert!(matches!(end, JobEnd::Found { conditions } if conditions.len() == 1));
    assert!(!house.now().media[0].missing);
}

#[test]
fn typing_is_one_step_for_each_burst() {
    let house = House::with_project("A");
    for prompt in ["A w", "A wo", "A woman"] {
        house.view(Request::Edit {
            edit: Box::new(Edit::SetPrompt {
                shot: ShotId(1),
                prompt: prompt.to_owned(),
            }),
            gesture: Some("burst 1".to_owned()),
        });
    }
    assert_eq!(house.view(Request::Undo).project.shots[0].prompt, "A");
}

#[cfg(unix)]
#[test]
fn a_locked_folder_keeps_the_edits_and_says_so() {
    use std::os::unix::fs::PermissionsExt;
    let house = House::with_project("A woman walks");
    let folder = house.saved().folder;
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o555)).unwrap();
    // The superuser may write anywhere: then there is nothing to see here.
    if fs::write(folder.join("probe"), "").is_ok() {
        fs::remove_file(folder.join("probe")).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        return;
    }
    house.edit(Edit::SetPrompt {
        shot: ShotId(1),
        prompt: "Unsaved".to_owned(),
    });
    let fault = house.ask(Request::Save).unwrap_err();
    assert_eq!(fault.code, Code::Denied);
    let view = house.now();
    assert!(matches!(view.save, SaveState::Failed { .. }));
    assert_eq!(view.project.shots[0].prompt, "Unsaved");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    house.view(Request::Save);
}

/// The only condition of the only shot.
fn only(view: &View) -> ConditionId {
    view.project.shots[0].conditions[0].id
}

#[test]
fn what_a_hand_corrects_wins_over_the_measurement_and_can_be_taken_back() {
    let house = House::with_project("A woman waits.");
    house.add(&house.camera("path.txt"), None).unwrap();
    let id = only(&house.now());
    let (measured, outline, unmet) = house.read(id);
    assert!(unmet.is_empty());
    let item = outline
        .items
        .iter()
        .find(|item| item.key.starts_with("statement/"))
        .unwrap();
    let wrong = Correction {
        item: item.key.clone(),
        was: item.words.clone(),
        change: Change::Rename {
            to: "The camera creeps right.".to_owned(),
        },
    };
    let stray = Correction {
        item: "statement/90".to_owned(),
        was: "Nothing of the kind.".to_owned(),
        change: Change::Delete,
    };
    house.edit(Edit::SetCorrections {
        condition: id,
        corrections: vec![wrong, stray.clone()],
    });
    let (corrected, still, unmet) = house.read(id);
    assert_eq!(corrected.statements()[0].text, "The camera creeps right.");
    assert_eq!(still, outline, "keys are those of the measurement");
    assert_eq!(unmet, [stray]);
    house.view(Request::Undo);
    assert_eq!(house.read(id).0, measured);
}

#[test]
fn readings_outlive_the_application() {
    let house = House::with_project("A woman waits.");
    house.add(&house.picture("mara.png"), None).unwrap();
    let id = only(&house.saved());
    let before = house.read(id).0;
    let view = house.now();
    house.core.close().unwrap();
    // Were the file opened again, this would be told.
    fs::write(&view.media[0].path, b"no picture at all").unwrap();
    // Another project lets go of this one's folder.
    house.view(Request::NewProject {
        folder: house.path("Other"),
        prompt: None,
        duration_s: None,
    });
    let later = House::at(house.place);
    later.view(Request::OpenProject {
        folder: view.folder,
    });
    assert_eq!(later.read(id).0, before);
}

#[test]
fn a_linked_file_that_was_rendered_anew_is_measured_anew() {
    let house = House::with_project("A woman waits.");
    let path = house.picture("mara.png");
    house
        .core
        .run(
            Request::Add {
                shot: ShotId(1),
                files: vec![AddFile {
                    path: path.clone(),
                    kind: Some(ConditionKind::Style),
                    name: None,
                    place: None,
                }],
                storage: Some(Storage::Linked),
            },
            |_| {},
        )
        .unwrap();
    let id = only(&house.now());
    let before = house.read(id).0;
    RgbImage::from_pixel(80, 40, Rgb([20, 40, 160]))
        .save(&path)
        .unwrap();
    let after = house.read(id).0;
    assert_ne!(before, after);
    assert_eq!(after.plain().unwrap().width, Some(80));
}

#[test]
fn conditions_compose_on_one_clock_once_they_are_measured() {
    let house = House::with_project("A woman waits.");
    house.add(&house.camera("path.txt"), None).unwrap();
    let id = only(&house.now());
    let compose = || match house.ask(Request::Composition { shot: ShotId(1) }).unwrap() {
        Response::Composition {
            composition,
            unread,
        } => (*composition, unread),
        other => panic!("{other:?}"),
    };
    let (before, unread) = compose();
    assert_eq!(unread, [id]);
    assert!(before.lanes.is_empty());
    house.read(id);
    let (after, unread) = compose();
    assert!(unread.is_empty());
    assert!((after.lanes[0].end_s - 2.0).abs() < 0.05, "{after:?}");
    assert_eq!(after.suggestions.len(), 1, "the only path is the camera");
}

#[test]
fn a_transcript_travels_with_its_sound() {
    let house = House::with_project("Two people talk.");
    let sound = house.path("talk.wav");
    let samples: Vec<f32> = (0..16_000).map(|n| (n as f32 * 0.1).sin() * 0.3).collect();
    write_wav(&sound, 16_000, &[&samples]).unwrap();
    let cue = "1\n00:00:00,100 --> 00:00:00,900\nMARA: We should go.\n";
    fs::write(house.path("talk.srt"), cue).unwrap();
    house.add(&sound, None).unwrap();
    fs::remove_file(house.path("talk.srt")).unwrap();
    let said = |house: &House| {
        let Reading::Audio(reading) = house.read(only(&house.now())).0 else {
            panic!("no sound");
        };
        reading.sound.transcript.unwrap().lines[0].text.clone()
    };
    assert_eq!(said(&house), "We should go.");
    // Into a copy of the project, too.
    house.view(Request::SaveCopy {
        folder: house.path("Copy"),
    });
    fs::remove_dir_all(house.path("Dusk.decoupage")).unwrap();
    assert_eq!(said(&house), "We should go.");
    // Words that are changed are read anew.
    let media = house.path("Copy.decoupage/media");
    let transcript = fs::read_dir(media)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|ending| ending == "srt"))
        .unwrap();
    fs::write(transcript, cue.replace("go", "stay")).unwrap();
    assert_eq!(said(&house), "We should stay.");
}
