use std::fs;

use proptest::prelude::*;

use super::*;
use crate::caption::Section;
use crate::condition::{Condition, ConditionKind, Place, ReadOptions, Storage};
use crate::edit::{Edit, History};
use crate::project::{Binding, BindingKind, ConditionId, ShotId};
use crate::take::Take;
use crate::watch::{Cancel, Silent};

fn condition(folder: &Path, source: &Path, storage: Storage) -> Condition {
    Condition {
        id: ConditionId(0),
        kind: ConditionKind::Identity,
        name: "Mara".to_owned(),
        note: String::new(),
        media: assets::take_in(folder, source, storage, &Silent).unwrap(),
        region: None,
        offset_s: 0.0,
        place: Place::default(),
        options: ReadOptions::default(),
        corrections: Vec::new(),
    }
}

/// A project with a copied picture, a linked folder of frames, a binding and a take.
fn rich(place: &Path) -> (Store, Project, PathBuf) {
    let outside = place.join("footage");
    fs::create_dir_all(outside.join("frames")).unwrap();
    fs::write(outside.join("mara.png"), b"a picture").unwrap();
    for number in 0..3 {
        fs::write(outside.join(format!("frames/{number}.png")), [number; 5]).unwrap();
    }
    let mut project = Project::new("Dusk");
    let store = Store::create(&place.join("Dusk.decoupage"), &project).unwrap();
    let shot = ShotId(1);
    for (name, storage) in [("mara.png", Storage::Copied), ("frames", Storage::Linked)] {
        let condition = condition(store.folder(), &outside.join(name), storage);
        project
            .apply(Edit::AddCondition { shot, condition })
            .unwrap();
    }
    let ids: Vec<_> = project.shots[0].conditions.iter().map(|c| c.id).collect();
    project
        .apply(Edit::Bind {
            shot,
            binding: Binding {
                kind: BindingKind::PerformedBy,
                from: ids[1],
                person: Some(1),
                to: Some(ids[0]),
            },
        })
        .unwrap();
    project
        .apply(Edit::AddTake {
            shot,
            take: Box::new(Take::blank()),
        })
        .unwrap();
    let take = project.shots[0].takes[0].id;
    project
        .apply(Edit::WriteSection {
            take,
            section: Section::Camera,
            text: "Holds “still” — 静か 👁".to_owned(),
        })
        .unwrap();
    (store, project, outside)
}

#[test]
fn saving_and_opening_again_loses_nothing() {
    let place = tempfile::tempdir().unwrap();
    let (store, project, _) = rich(place.path());
    store.save(&project).unwrap();
    let folder = store.folder().to_owned();
    drop(store);
    let opened = Store::open(&folder).unwrap();
    assert_eq!(opened.project, project);
    assert!(opened.notices.is_empty());
}

#[test]
fn a_second_writer_is_told_that_the_project_is_open() {
    let place = tempfile::tempdir().unwrap();
    let (store, project, _) = rich(place.path());
    store.save(&project).unwrap();
    assert_eq!(Store::open(store.folder()).unwrap_err().code, Code::Denied);
}

#[test]
fn a_damaged_document_is_put_aside_for_the_last_sound_one() {
    let place = tempfile::tempdir().unwrap();
    let (store, project, _) = rich(place.path());
    store.save(&project).unwrap();
    let folder = store.folder().to_owned();
    drop(store);
    drop(Store::open(&folder).unwrap());
    let whole = fs::read(folder.join(DOCUMENT)).unwrap();
    fs::write(folder.join(DOCUMENT), &whole[..whole.len() / 2]).unwrap();
    let opened = Store::open(&folder).unwrap();
    assert_eq!(opened.project, project);
    assert_eq!(opened.notices.len(), 1);
    assert!(folder.join("project.damaged.json").exists());
}

#[test]
fn a_newer_project_is_refused_and_left_alone() {
    let place = tempfile::tempdir().unwrap();
    let (store, _, _) = rich(place.path());
    let document = store.folder().join(DOCUMENT);
    fs::write(&document, r#"{"schema": 99, "name": "Later", "novel": []}"#).unwrap();
    let folder = store.folder().to_owned();
    drop(store);
    let fault = Store::open(&folder).unwrap_err();
    assert_eq!(fault.code, Code::NewerVersion);
    assert!(fs::read_to_string(document).unwrap().contains("novel"));
}

#[test]
fn an_older_document_without_later_fields_opens() {
    let minimal = br#"{"schema":1,"name":"Old","next_id":1,"shots":[{"id":5,"name":"Shot 1"}]}"#;
    let project = parse(minimal).unwrap();
    assert_eq!(project.shots[0].generator, "plain");
    assert_eq!(project.next_id, 6, "identities are never used twice");
}

#[test]
fn a_moved_file_is_found_by_its_content() {
    let place = tempfile::tempdir().unwrap();
    let (store, project, outside) = rich(place.path());
    let wanted: Vec<_> = project.shots[0]
        .conditions
        .iter()
        .map(|condition| condition.media.clone())
        .collect();
    let moved = place.path().join("elsewhere/deep");
    fs::create_dir_all(&moved).unwrap();
    fs::rename(outside.join("frames"), moved.join("renamed")).unwrap();
    fs::rename(outside.join("mara.png"), moved.join("x.png")).unwrap();
    let found = assets::find(&place.path().join("elsewhere"), &wanted, &Silent).unwrap();
    assert_eq!(
        found,
        [Some(moved.join("x.png")), Some(moved.join("renamed"))]
    );
    assert!(
        !assets::resolve(store.folder(), &wanted[1])
            .unwrap()
            .exists()
    );
}

#[test]
fn a_copy_of_the_project_stands_on_its_own() {
    let place = tempfile::tempdir().unwrap();
    let (store, mut project, _) = rich(place.path());
    let copy = store
        .save_copy(&place.path().join("far/away/Copy.decoupage"), &mut project)
        .unwrap();
    for condition in &project.shots[0].conditions {
        assert!(
            assets::resolve(copy.folder(), &condition.media)
                .unwrap()
                .exists(),
            "{}",
            condition.media.path
        );
    }
}

#[test]
fn copied_media_never_leads_out_of_the_project() {
    let place = tempfile::tempdir().unwrap();
    let (store, project, _) = rich(place.path());
    let mut media = project.shots[0].conditions[0].media.clone();
    for path in ["../../etc/passwd", "/etc/passwd", "media/../../x"] {
        media.path = path.to_owned();
        let fault = assets::resolve(store.folder(), &media).unwrap_err();
        assert_eq!(fault.code, Code::Invalid, "{path}");
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("/etc", store.folder().join("media/way-out")).unwrap();
        media.path = "media/way-out/passwd".to_owned();
        assert!(assets::resolve(store.folder(), &media).is_err());
    }
}

#[test]
fn a_cancelled_copy_leaves_nothing_behind() {
    let place = tempfile::tempdir().unwrap();
    let (store, _, outside) = rich(place.path());
    fs::write(outside.join("big.mov"), vec![1; 3 << 20]).unwrap();
    let cancel = Cancel::default();
    cancel.raise();
    let before = fs::read_dir(store.folder().join(MEDIA)).unwrap().count();
    let fault = assets::take_in(
        store.folder(),
        &outside.join("big.mov"),
        Storage::Copied,
        &cancel,
    )
    .unwrap_err();
    assert_eq!(fault.code, Code::Cancelled);
    let after = fs::read_dir(store.folder().join(MEDIA)).unwrap().count();
    assert_eq!(before, after);
}

#[test]
fn every_step_can_be_taken_back_and_done_again() {
    let place = tempfile::tempdir().unwrap();
    let (_store, mut project, _) = rich(place.path());
    let shot = project.shots[0].id;
    let (first, second) = (
        project.shots[0].conditions[0].id,
        project.shots[0].conditions[1].id,
    );
    let take = project.shots[0].takes[0].id;
    let edits = vec![
        Edit::SetPrompt {
            shot,
            prompt: "A walk".to_owned(),
        },
        Edit::SetDuration {
            shot,
            duration_s: Some(4.0),
        },
        Edit::DuplicateShot { shot },
        Edit::MoveShot { shot, to: 1 },
        Edit::RenameCondition {
            condition: first,
            name: "Ana".to_owned(),
        },
        Edit::RemoveCondition { condition: first },
        Edit::PlaceCondition {
            condition: second,
            place: Place { x: 4.0, y: 5.0 },
        },
        Edit::WriteSection {
            take,
            section: Section::Dense,
            text: "By hand.".to_owned(),
        },
        Edit::LockSection {
            take,
            section: Section::Dense,
            locked: true,
        },
        Edit::AddTake {
            shot,
            take: Box::new(Take::blank()),
        },
        Edit::RemoveTake { take },
        Edit::AddShot {
            name: "Last".to_owned(),
        },
        Edit::RemoveShot { shot },
        Edit::RenameProject {
            name: "Dawn".to_owned(),
        },
    ];
    let same = |a: &Project, b: &Project| {
        let mut a = a.clone();
        a.next_id = b.next_id;
        assert_eq!(&a, b);
    };
    let mut history = History::default();
    let mut states = vec![project.clone()];
    for edit in edits {
        history.apply(&mut project, edit, None).unwrap();
        states.push(project.clone());
    }
    for state in states.iter().rev().skip(1) {
        assert!(history.undo(&mut project).unwrap());
        same(&project, state);
    }
    assert!(!history.undo(&mut project).unwrap());
    for state in &states[1..] {
        assert!(history.redo(&mut project).unwrap());
        same(&project, state);
    }
}

#[test]
fn one_gesture_is_one_step_and_nothing_is_no_step() {
    let mut project = Project::new("Dusk");
    let shot = ShotId(1);
    let mut history = History::default();
    let write = |history: &mut History, project: &mut Project, text: &str, gesture: &str| {
        let prompt = text.to_owned();
        history
            .apply(project, Edit::SetPrompt { shot, prompt }, Some(gesture))
            .unwrap();
    };
    write(&mut history, &mut project, "", "a");
    assert_eq!(history.undo_label(), None);
    for text in ["A", "A w", "A walk"] {
        write(&mut history, &mut project, text, "a");
    }
    write(&mut history, &mut project, "A walk home", "b");
    history.undo(&mut project).unwrap();
    assert_eq!(project.shots[0].prompt, "A walk");
    history.undo(&mut project).unwrap();
    assert_eq!(project.shots[0].prompt, "");
    assert_eq!(history.redo_label(), Some("Edit prompt"));
}

#[test]
fn a_refused_batch_changes_nothing() {
    let mut project = Project::new("Dusk");
    let before = project.clone();
    let edits = vec![
        Edit::SetPrompt {
            shot: ShotId(1),
            prompt: "x".to_owned(),
        },
        Edit::RemoveShot { shot: ShotId(99) },
    ];
    assert!(project.apply(Edit::Batch { edits }).is_err());
    assert_eq!(project, before);
}

proptest! {
    #[test]
    fn any_bytes_are_a_project_or_a_fault(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = parse(&bytes);
    }

    #[test]
    fn any_cut_of_a_document_is_a_fault(cut in 0usize..200) {
        let whole = serde_json::to_vec(&Project::new("Dusk")).unwrap();
        let cut = cut.min(whole.len() - 1);
        prop_assert!(parse(&whole[..cut]).is_err());
    }
}
