//! Fetching against a hub on this computer that stalls, cuts, lies and refuses.
#![allow(clippy::expect_used, clippy::unwrap_used)]

mod fake;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use decoupage_catalogue::{
    CatalogueFile, FileState, ModelPlaces, Token, arrived_bytes, download_repository, entry,
    find_models, repair, verify,
};
use decoupage_shot::{Code, Phase, Silent};
use fake::place::{Ear, Place, REPOSITORY, WEIGHTS, config, weights};
use fake::{COMMIT, FakeHub, Mishap, git_blob, sha256};

#[test]
fn a_model_arrives_as_other_tools_would_put_it() {
    let place = Place::new();
    let ear = Ear::default();
    let downloaded = place.download_with(&ear).expect("a model");
    assert_eq!(downloaded.revision, COMMIT);
    assert_eq!(
        downloaded.folder,
        place.root().join("snapshots").join(COMMIT)
    );
    let total = (config().len() + 2 + weights().len()) as u64;
    assert_eq!(downloaded.bytes, total);
    place.assert_whole();
    let main = fs::read_to_string(place.root().join("refs/main")).expect("a branch");
    assert_eq!(main, COMMIT);
    for (name, blob) in [
        (WEIGHTS, sha256(&weights())),
        ("config.json", git_blob(&config())),
    ] {
        assert!(place.root().join("blobs").join(&blob).is_file(), "{name}");
        #[cfg(unix)]
        assert_eq!(
            fs::read_link(place.snapshot(name)).expect("a link"),
            Path::new("../../blobs").join(&blob)
        );
    }
    // Other forms of the same weights, and the publisher's page, stay where they are.
    assert!(!place.snapshot("pytorch_model.bin").exists());
    assert!(!place.snapshot("README.md").exists());

    let heard = ear.heard.lock().unwrap();
    let bytes: Vec<u64> = heard
        .iter()
        .filter(|(phase, ..)| *phase == Phase::Downloading)
        .map(|(_, done, all)| {
            assert_eq!(*all, total);
            *done
        })
        .collect();
    assert!(bytes.is_sorted(), "progress never goes back");
    assert_eq!((bytes.first(), bytes.last()), (Some(&0), Some(&total)));
    assert!(
        bytes.len() > 10,
        "progress is told byte by byte, not file by file"
    );
    assert!(heard.iter().any(|(phase, ..)| *phase == Phase::Verifying));
}

#[test]
fn what_is_there_is_not_fetched_again() {
    let place = Place::new();
    place.download().expect("a model");
    assert_eq!(place.hub.sent().len(), 3);
    place.download().expect("a model");
    assert_eq!(place.hub.sent(), []);
    // A blob without its link, as after a crash between the two.
    fs::remove_file(place.snapshot(WEIGHTS)).expect("a link");
    place.download().expect("a model");
    assert_eq!(place.hub.sent(), []);
    place.assert_whole();
}

#[test]
fn a_download_goes_on_after_a_restart() {
    let mut place = Place::new();
    place.settings.tries = 1;
    place.hub.mishap(WEIGHTS, Mishap::Cut(200_000));
    let fault = place.fault();
    assert_eq!(fault.code, Code::Network);
    let there = fs::metadata(place.incomplete()).expect("a part").len();
    assert!((1..=200_000).contains(&there), "{there}");
    assert_eq!(place.ranges(), [None]);

    place.download().expect("a model");
    assert_eq!(place.ranges(), [Some(format!("bytes={there}-"))]);
    place.assert_whole();
}

#[test]
fn cut_connections_are_taken_up_again() {
    let place = Place::new();
    for _ in 0..2 {
        place.hub.mishap(WEIGHTS, Mishap::Cut(150_000));
    }
    place.download().expect("a model");
    assert_eq!(place.ranges().len(), 3);
    place.assert_whole();
}

#[test]
fn a_connection_that_never_brings_anything_is_given_up() {
    let place = Place::new();
    for _ in 0..20 {
        place.hub.mishap(WEIGHTS, Mishap::Cut(0));
    }
    let fault = place.fault();
    assert_eq!(fault.code, Code::Network);
    assert_eq!(place.ranges().len(), 4);
}

#[test]
fn a_stalled_transfer_is_taken_up_again() {
    let mut place = Place::new();
    place.settings.stall = Duration::from_millis(400);
    place.settings.tries = 50;
    place.hub.mishap(WEIGHTS, Mishap::Stall(100_000));
    place.download().expect("a model");
    let ranges = place.ranges();
    assert!(ranges.len() >= 2, "{ranges:?}");
    assert!(ranges[1].is_some(), "it goes on where it stood still");
    place.assert_whole();
}

#[test]
fn a_server_without_ranges_sends_the_whole_again() {
    let place = Place::new();
    place.hub.mishap(WEIGHTS, Mishap::Cut(100_000));
    place.hub.mishap(WEIGHTS, Mishap::Whole);
    place.download().expect("a model");
    place.assert_whole();
}

#[test]
fn another_piece_than_was_asked_for_is_not_mixed_in() {
    let place = Place::new();
    place.hub.mishap(WEIGHTS, Mishap::Cut(100_000));
    place.hub.mishap(WEIGHTS, Mishap::OtherPiece);
    place.download().expect("a model");
    let ranges = place.ranges();
    assert_eq!(ranges.last(), Some(&None), "it begins anew: {ranges:?}");
    place.assert_whole();
}

#[test]
fn a_partial_file_that_the_server_knows_nothing_of_begins_anew() {
    let place = Place::new();
    place.hub.mishap(WEIGHTS, Mishap::Cut(100_000));
    place.hub.mishap(WEIGHTS, Mishap::Status(416, None));
    place.download().expect("a model");
    assert_eq!(place.ranges().last(), Some(&None));
    place.assert_whole();
}

#[test]
fn a_partial_file_that_is_too_long_begins_anew() {
    let place = Place::new();
    let incomplete = place.incomplete();
    fs::create_dir_all(incomplete.parent().expect("a folder")).expect("a folder");
    fs::write(&incomplete, vec![0; 700_000]).expect("a part");
    place.download().expect("a model");
    assert_eq!(place.ranges(), [None]);
    place.assert_whole();
}

#[test]
fn wrong_bytes_are_set_aside_and_fetched_once_more() {
    let place = Place::new();
    place.hub.mishap(WEIGHTS, Mishap::Zeros);
    place.download().expect("a model");
    assert_eq!(place.ranges(), [None, None]);
    place.assert_whole();
    let aside = place.incomplete().with_extension("damaged");
    assert!(aside.exists(), "what arrived wrong can be looked at");
}

#[test]
fn a_damaged_beginning_is_found_out() {
    let place = Place::new();
    let incomplete = place.incomplete();
    fs::create_dir_all(incomplete.parent().expect("a folder")).expect("a folder");
    fs::write(&incomplete, vec![9; 5000]).expect("a part");
    place.download().expect("a model");
    assert_eq!(place.ranges(), [Some("bytes=5000-".to_owned()), None]);
    place.assert_whole();
}

#[test]
fn a_file_that_stays_wrong_never_gets_its_name() {
    let place = Place::new();
    for _ in 0..2 {
        place.hub.mishap(WEIGHTS, Mishap::Zeros);
    }
    let fault = place.fault();
    assert_eq!(fault.code, Code::Damaged);
    assert!(fault.message.contains(WEIGHTS), "{fault}");
    assert!(!place.snapshot(WEIGHTS).exists());
    assert!(!place.root().join("blobs").join(sha256(&weights())).exists());
}

#[test]
fn small_files_are_checked_too() {
    let place = Place::new();
    place.hub.mishap("config.json", Mishap::Zeros);
    place.download().expect("a model");
    assert_eq!(
        fs::read(place.snapshot("config.json")).expect("a file"),
        config()
    );
}

#[test]
fn more_than_was_announced_is_refused() {
    let place = Place::new();
    place.hub.mishap(WEIGHTS, Mishap::TooLong);
    place.download().expect("a model");
    assert_eq!(place.ranges().len(), 2);
    place.assert_whole();
}

#[test]
fn a_server_that_lies_about_the_size_is_found_out() {
    for lie in [1_000, 900_000] {
        let place = Place::new();
        place.hub.content().lie = Some(lie);
        let fault = place.fault();
        assert!(
            matches!(fault.code, Code::Network | Code::Damaged),
            "{fault}"
        );
        assert!(!place.snapshot(WEIGHTS).exists());
    }
}

#[test]
fn a_busy_server_is_waited_for() {
    let place = Place::new();
    place.hub.mishap(WEIGHTS, Mishap::Status(503, Some(0)));
    place.hub.mishap(WEIGHTS, Mishap::Status(429, None));
    place.hub.mishap("config.json", Mishap::Status(500, None));
    place.download().expect("a model");
    place.assert_whole();
}

#[test]
fn a_server_in_lasting_trouble_is_named() {
    let place = Place::new();
    place.hub.content().refuse = Some((503, ""));
    let fault = place.fault();
    assert_eq!(fault.code, Code::Network);
    assert!(fault.message.contains("503"), "{fault}");
    assert_eq!(place.hub.content().seen.len(), 3);
}

#[test]
fn small_files_may_be_redirected_on_the_hub_itself() {
    let place = Place::new();
    place.hub.content().small_redirects = true;
    place.download().expect("a model");
    assert_eq!(
        fs::read(place.snapshot("config.json")).expect("a file"),
        config()
    );
}

#[test]
fn the_token_opens_the_hub_and_stays_there() {
    let mut place = Place::new();
    place.hub.content().token = Some("hf_secret".to_owned());
    let fault = place.fault();
    assert_eq!(fault.code, Code::Denied);
    assert!(fault.advice.expect("advice").contains("HF_TOKEN"));

    place.settings.token = Token::new("hf_wrong");
    let fault = place.fault();
    assert!(fault.message.contains("does not accept"), "{fault}");
    assert!(!fault.to_string().contains("hf_wrong"));

    place.hub.content().seen.clear();
    place.settings.token = Token::new("hf_secret");
    place.download().expect("a model");
    place.assert_whole();
    let content = place.hub.content();
    let (store, hub): (Vec<_>, Vec<_>) = content
        .seen
        .iter()
        .partition(|seen| seen.path.starts_with("/store/"));
    assert!(!store.is_empty());
    assert!(store.iter().all(|seen| seen.token.is_none()), "{store:?}");
    assert!(hub.iter().all(|seen| seen.token.is_some()), "{hub:?}");
}

#[test]
fn refusals_say_what_to_do() {
    for (status, code, expected, words) in [
        (403, "GatedRepo", Code::Denied, "terms"),
        (401, "GatedRepo", Code::Denied, "terms"),
        (401, "RepoNotFound", Code::Denied, "or does not have it"),
        (404, "RepoNotFound", Code::Missing, "this model"),
        (404, "RevisionNotFound", Code::Missing, "this version"),
        (418, "", Code::Network, "418"),
    ] {
        let place = Place::new();
        place.hub.content().refuse = Some((status, code));
        let fault = place.fault();
        assert_eq!(fault.code, expected, "{status} {code}");
        assert!(fault.message.contains(words), "{status} {code}: {fault}");
        assert!(fault.advice.is_some(), "{status} {code}");
        assert_eq!(
            place.hub.content().seen.len(),
            1,
            "asking again will not help"
        );
    }
}

fn named(name: &str, bytes: Option<u64>, sha256: Option<String>) -> CatalogueFile {
    CatalogueFile {
        name: name.to_owned(),
        bytes,
        sha256,
    }
}

#[test]
fn a_file_that_the_server_does_not_have_is_named() {
    let place = Place::new();
    let files = [named("model-Q4_K_M.gguf", None, None)];
    let fault = download_repository(REPOSITORY, "main", &files, &place.settings, &Silent)
        .expect_err("missing");
    assert_eq!(fault.code, Code::Missing);
    assert!(fault.message.contains("model-Q4_K_M.gguf"), "{fault}");
}

#[test]
fn a_file_that_is_not_the_one_of_the_catalogue_is_not_fetched() {
    let bytes = weights().len() as u64;
    for file in [
        named(WEIGHTS, Some(bytes + 1), None),
        named(WEIGHTS, Some(bytes), Some("0".repeat(64))),
    ] {
        let place = Place::new();
        let fault = download_repository(REPOSITORY, COMMIT, &[file], &place.settings, &Silent)
            .expect_err("another file");
        assert_eq!(fault.code, Code::Damaged);
        assert_eq!(place.hub.sent(), []);
    }
    let place = Place::new();
    let file = named(WEIGHTS, Some(bytes), Some(sha256(&weights())));
    download_repository(REPOSITORY, COMMIT, &[file], &place.settings, &Silent).expect("a file");
    place.assert_whole();
    assert!(
        !place.root().join("refs").exists(),
        "a commit needs no name"
    );
}

#[test]
fn offline_nothing_is_asked() {
    let mut place = Place::new();
    place.settings.offline = true;
    let fault = place.fault();
    assert_eq!(fault.code, Code::Network);
    assert!(fault.message.contains("offline"), "{fault}");
    assert_eq!(place.hub.content().seen, []);
    assert!(!place.settings.cache.exists(), "and nothing is written");
}

#[test]
fn a_hub_that_is_not_there_is_named() {
    let mut place = Place::new();
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    place.settings.endpoint = format!("http://{}", free.local_addr().expect("an address"));
    drop(free);
    let fault = place.fault();
    assert_eq!(fault.code, Code::Network);
    assert!(fault.message.contains("cannot be reached"), "{fault}");
    place.settings.endpoint = "not an address".to_owned();
    assert_eq!(place.fault().code, Code::Invalid);
    place.settings.endpoint = "file:///etc".to_owned();
    assert_eq!(place.fault().code, Code::Invalid);
}

#[test]
fn cancelling_keeps_what_has_arrived() {
    let place = Place::new();
    let ear = Ear {
        cancel_at: Some(150_000),
        ..Ear::default()
    };
    let fault = place.download_with(&ear).expect_err("cancelled");
    assert_eq!(fault.code, Code::Cancelled);
    let there = fs::metadata(place.incomplete()).expect("a part").len();
    assert!(there > 0 && there < weights().len() as u64, "{there}");
    let mut entry = entry("qwen2-vl-2b-instruct").expect("an entry").clone();
    entry.repository = REPOSITORY.to_owned();
    let small = (config().len() + 2) as u64;
    assert_eq!(arrived_bytes(&entry, &place.settings), there + small);
    place.hub.sent();
    place.download().expect("a model");
    assert_eq!(place.ranges(), [Some(format!("bytes={there}-"))]);
    place.assert_whole();
}

#[test]
fn a_stalled_transfer_can_be_cancelled() {
    let place = Place::new();
    place.hub.mishap(WEIGHTS, Mishap::Stall(200_000));
    let ear = Ear {
        cancel_at: Some(190_000),
        ..Ear::default()
    };
    let fault = place.download_with(&ear).expect_err("cancelled");
    assert_eq!(fault.code, Code::Cancelled);
    assert!(place.incomplete().exists());
}

#[test]
fn names_from_the_server_never_leave_the_folder() {
    let hub = FakeHub::start(&[
        (WEIGHTS, weights(), true),
        ("../../../evil.json", b"{}".to_vec(), false),
        ("/evil.json", b"{}".to_vec(), false),
        ("a/evil.json", b"{}".to_vec(), false),
        ("..\\evil.json", b"{}".to_vec(), false),
    ]);
    let place = Place::of(hub);
    place.download().expect("a model");
    let names: Vec<_> = walk(place.folder.path())
        .into_iter()
        .filter(|path| path.to_string_lossy().contains("evil"))
        .collect();
    assert_eq!(names, Vec::<PathBuf>::new());

    for etag in ["../../evil", "..", "a/b", ""] {
        let place = Place::new();
        place.hub.content().etag = Some(etag.to_owned());
        assert_eq!(place.fault().code, Code::Network, "{etag}");
    }
    let place = Place::new();
    place.hub.content().commit = Some("../../evil".to_owned());
    assert_eq!(place.fault().code, Code::Network);

    for (repository, revision) in [("../evil", "main"), ("a/b", "../main"), ("a/b/c", "main")] {
        let fault = download_repository(repository, revision, &[], &place.settings, &Silent)
            .expect_err("no name");
        assert_eq!(fault.code, Code::Invalid);
    }
    let files = [named("../../evil.json", None, None)];
    let fault = download_repository(REPOSITORY, "main", &files, &place.settings, &Silent)
        .expect_err("no name");
    assert_eq!(fault.code, Code::Network);
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        if entry.path().is_dir() {
            paths.extend(walk(&entry.path()));
        }
        paths.push(entry.path());
    }
    paths
}

#[test]
fn a_fetched_model_is_found_checked_and_mended() {
    let place = Place::new();
    place.download().expect("a model");
    let model = place.model();
    assert_eq!(model.name, "Tiny-VL");
    assert_eq!(model.place.repository.as_deref(), Some(REPOSITORY));
    assert_eq!(model.bytes, weights().len() as u64);
    assert!(model.family().is_some(), "{:?}", model.state);

    let ear = Ear::default();
    let checked = verify(&model, &ear).expect("a check");
    assert!(checked.sound, "{checked:?}");
    assert!(
        checked
            .files
            .iter()
            .all(|file| file.state == FileState::Sound)
    );
    let heard = ear.heard.lock().unwrap();
    let (_, done, total) = heard.last().expect("progress");
    assert_eq!(done, total);

    // One bit turns on the disk, one file is lost.
    let blob = place.root().join("blobs").join(sha256(&weights()));
    let mut bytes = weights();
    *bytes.last_mut().expect("a byte") ^= 1;
    fs::write(&blob, &bytes).expect("damage");
    fs::remove_file(place.snapshot("config.json")).expect("loss");
    let checked = verify(&model, &Silent).expect("a check");
    assert!(!checked.sound);
    assert!(checked.sentence.contains(WEIGHTS), "{}", checked.sentence);

    let mut offline = place.settings.clone();
    offline.offline = true;
    assert!(repair(&model, &checked, &offline, &Silent).is_err());
    assert!(blob.exists(), "nothing is set aside that cannot be fetched");

    place.hub.sent();
    repair(&model, &checked, &place.settings, &Silent).expect("mended");
    assert_eq!(place.ranges(), [None]);
    place.assert_whole();
    assert!(place.snapshot("config.json").exists());
    assert!(verify(&model, &Silent).expect("a check").sound);
}

#[test]
fn a_download_that_broke_off_is_found_as_such() {
    let mut place = Place::new();
    place.settings.tries = 1;
    place.hub.mishap(WEIGHTS, Mishap::Cut(1000));
    place.fault();
    // The configuration is there, the weights are not: nothing that could be mistaken.
    let places = ModelPlaces {
        hub_cache: Some(place.settings.cache.clone()),
        own: None,
        added: Vec::new(),
    };
    let found = find_models(&places, &Silent).expect("a search");
    assert!(found.models.iter().all(|model| model.family().is_none()));
}
