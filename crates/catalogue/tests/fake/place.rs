//! A place to fetch into from the fake hub, and an ear for what is told meanwhile.

use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use decoupage_catalogue::{
    Downloaded, FoundModel, HubSettings, ModelPlaces, download_repository, find_models,
};
use decoupage_shot::{Fault, Outcome, Phase, Silent, Watch};

use super::{COMMIT, FakeHub, sha256};

pub const WEIGHTS: &str = "model.safetensors";
pub const REPOSITORY: &str = "Qwen/Tiny-VL";

/// A sound safetensors file of about 600 kB whose bytes all differ from their neighbours.
pub fn weights() -> Vec<u8> {
    let count = 600_000;
    let json = format!(
        r#"{{"a":{{"dtype":"BF16","shape":[{}],"data_offsets":[0,{count}]}}}}"#,
        count / 2
    );
    let mut file = (json.len() as u64).to_le_bytes().to_vec();
    file.extend(json.bytes());
    file.extend((0..count).map(|at| (at * 31 % 251) as u8));
    file
}

pub fn config() -> Vec<u8> {
    serde_json::json!({
        "model_type": "qwen2_vl", "hidden_size": 64, "intermediate_size": 128,
        "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
        "vocab_size": 1000, "max_position_embeddings": 4096
    })
    .to_string()
    .into_bytes()
}

pub fn hub() -> FakeHub {
    FakeHub::start(&[
        ("config.json", config(), false),
        ("tokenizer.json", b"{}".to_vec(), false),
        (WEIGHTS, weights(), true),
        ("README.md", b"# Tiny".to_vec(), false),
        ("pytorch_model.bin", vec![1; 1000], true),
    ])
}

pub struct Place {
    pub hub: FakeHub,
    pub folder: tempfile::TempDir,
    pub settings: HubSettings,
}

impl Place {
    pub fn new() -> Self {
        Self::of(hub())
    }

    pub fn of(hub: FakeHub) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut settings = HubSettings::new(folder.path().join("hub"));
        settings.endpoint.clone_from(&hub.endpoint);
        settings.stall = Duration::from_secs(20);
        settings.pause = Duration::from_millis(2);
        settings.tries = 4;
        Self {
            hub,
            folder,
            settings,
        }
    }

    pub fn download(&self) -> Outcome<Downloaded> {
        self.download_with(&Silent)
    }

    pub fn download_with(&self, watch: &dyn Watch) -> Outcome<Downloaded> {
        download_repository(REPOSITORY, "main", &[], &self.settings, watch)
    }

    pub fn fault(&self) -> Fault {
        self.download().expect_err("a fault")
    }

    pub fn root(&self) -> PathBuf {
        self.settings.cache.join("models--Qwen--Tiny-VL")
    }

    pub fn snapshot(&self, name: &str) -> PathBuf {
        self.root().join("snapshots").join(COMMIT).join(name)
    }

    pub fn incomplete(&self) -> PathBuf {
        let name = format!("{}.incomplete", sha256(&weights()));
        self.root().join("blobs").join(name)
    }

    pub fn model(&self) -> FoundModel {
        let places = ModelPlaces {
            hub_cache: Some(self.settings.cache.clone()),
            own: None,
            added: Vec::new(),
        };
        let found = find_models(&places, &Silent).expect("a search");
        assert_eq!(found.faults, []);
        assert_eq!(found.models.len(), 1, "{:?}", found.models);
        found.models.into_iter().next().expect("a model")
    }

    pub fn ranges(&self) -> Vec<Option<String>> {
        self.hub
            .sent()
            .into_iter()
            .filter(|(name, _)| name == WEIGHTS)
            .map(|(_, range)| range)
            .collect()
    }

    pub fn assert_whole(&self) {
        assert_eq!(
            fs::read(self.snapshot(WEIGHTS)).expect("weights"),
            weights()
        );
        assert!(!self.incomplete().exists());
    }
}

/// Hears everything, and cancels once that many bytes are there.
#[derive(Default)]
pub struct Ear {
    pub heard: Mutex<Vec<(Phase, u64, u64)>>,
    pub cancel_at: Option<u64>,
    pub cancelled: AtomicBool,
}

impl Watch for Ear {
    fn report(&self, phase: Phase, done: u64, total: u64) {
        if self.cancel_at.is_some_and(|at| done >= at) {
            self.cancelled.store(true, Ordering::Relaxed);
        }
        self.heard.lock().unwrap().push((phase, done, total));
    }
    fn cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }
}
