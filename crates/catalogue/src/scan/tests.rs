use decoupage_shot::Silent;
use serde_json::json;

use super::*;
use crate::gguf::tests::Writer;
use crate::safetensors::tests::file as safetensors;

struct Disk(tempfile::TempDir);

impl Disk {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, content).expect("a file");
    }

    /// A small model in two shards.
    fn model(&self, folder: &str, model_type: &str) {
        let config = json!({
            "model_type": model_type, "hidden_size": 64, "intermediate_size": 128,
            "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
            "vocab_size": 1000, "max_position_embeddings": 4096,
            "vision_config": {
                "depth": 2, "hidden_size": 32, "intermediate_size": 64, "num_heads": 2,
                "patch_size": 14
            }
        });
        let index = json!({ "weight_map": {
            "a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"
        }});
        self.write(&format!("{folder}/config.json"), config.to_string());
        self.write(&format!("{folder}/tokenizer.json"), "{}");
        self.write(
            &format!("{folder}/model.safetensors.index.json"),
            index.to_string(),
        );
        for (shard, name) in [(1, "a"), (2, "b")] {
            self.write(
                &format!("{folder}/model-0000{shard}-of-00002.safetensors"),
                safetensors(name, "BF16", 500),
            );
        }
    }

    fn look(&self, name: &str) -> Vec<FoundModel> {
        look_at(&self.path(name), &Silent).expect("models")
    }

    fn only(&self, name: &str) -> FoundModel {
        let models = self.look(name);
        assert_eq!(models.len(), 1, "{models:?}");
        models.into_iter().next().expect("a model")
    }

    fn fault(&self, name: &str) -> Fault {
        match self.only(name).state {
            FoundState::Unusable { fault, .. } => fault,
            FoundState::Ready { .. } => panic!("{name} can be run"),
        }
    }
}

fn text_model(architecture: &str) -> Vec<u8> {
    let key = |name: &str| format!("{architecture}.{name}");
    Writer::default()
        .text("general.architecture", architecture)
        .number("general.file_type", 15)
        .number(&key("block_count"), 2)
        .number(&key("embedding_length"), 64)
        .number(&key("feed_forward_length"), 128)
        .number(&key("attention.head_count"), 4)
        .number(&key("attention.head_count_kv"), 2)
        .number(&key("context_length"), 4096)
        .tensor("token_embd.weight", &[64, 100])
        .finish()
}

fn vision_part(projector: &str, file_type: u32, width: u32) -> Vec<u8> {
    Writer::default()
        .text("general.architecture", "clip")
        .number("general.file_type", file_type)
        .text("clip.projector_type", projector)
        .number("clip.vision.block_count", 2)
        .number("clip.vision.embedding_length", 32)
        .number("clip.vision.feed_forward_length", 64)
        .number("clip.vision.attention.head_count", 2)
        .number("clip.vision.patch_size", 14)
        .number("clip.vision.projection_dim", width)
        .tensor("v.patch_embd.weight", &[14, 14])
        .finish()
}

#[test]
fn a_folder_in_shards_is_a_model() {
    let disk = Disk::new();
    disk.model("mine", "qwen2_5_vl");
    let model = disk.only("mine");
    assert_eq!(model.family(), Some(Family::Qwen25Vl), "{:?}", model.state);
    assert_eq!(model.name, "mine");
    assert_eq!(
        model.format,
        WeightFormat::Safetensors {
            dtype: "BF16".to_owned()
        }
    );
    assert_eq!(model.context, Some(4096));
    assert!(model.bytes > 1000);
    assert_eq!(model.place.path, disk.path("mine"));
    assert!(model.shape.is_some());
    assert_eq!(disk.only("mine").id, model.id, "the id stays");
}

#[test]
fn models_are_found_below_a_folder_and_told_apart() {
    let disk = Disk::new();
    disk.model("all/one", "qwen2_vl");
    disk.model("all/deep/er/two", "qwen3_5_moe");
    let models = disk.look("all");
    assert_eq!(models.len(), 2);
    assert_eq!(models[0].name, "one", "usable ones come first");
    assert_ne!(models[0].id, models[1].id);
    let FoundState::Unusable { fault, .. } = &models[1].state else {
        panic!("a mixture of experts cannot be run");
    };
    assert!(fault.message.contains("qwen3_5_moe"), "{fault}");
    let advice = fault.advice.as_deref().expect("advice");
    assert!(
        advice.contains("Qwen3-VL"),
        "it says which are known: {advice}"
    );
}

#[test]
fn a_folder_named_as_its_repository_is_known() {
    let disk = Disk::new();
    disk.model("Qwen2.5-VL-7B-Instruct", "qwen2_5_vl");
    let model = disk.only("Qwen2.5-VL-7B-Instruct");
    assert_eq!(model.catalogue.as_deref(), Some("qwen2.5-vl-7b-instruct"));
    assert_eq!(model.name, "Qwen2.5-VL 7B");
}

#[test]
fn a_missing_shard_is_named() {
    let disk = Disk::new();
    disk.model("mine", "qwen2_vl");
    fs::remove_file(disk.path("mine/model-00002-of-00002.safetensors")).expect("a shard");
    let fault = disk.fault("mine");
    assert_eq!(fault.code, Code::Missing);
    assert!(
        fault.message.contains("model-00002-of-00002.safetensors"),
        "{fault}"
    );
    // Also where no index tells.
    fs::remove_file(disk.path("mine/model.safetensors.index.json")).expect("an index");
    let fault = disk.fault("mine");
    assert!(
        fault.message.contains("model-00002-of-00002.safetensors"),
        "{fault}"
    );
}

#[test]
fn a_truncated_shard_is_named() {
    let disk = Disk::new();
    disk.model("mine", "qwen2_vl");
    let mut shard = safetensors("b", "BF16", 500);
    shard.truncate(300);
    disk.write("mine/model-00002-of-00002.safetensors", shard);
    let fault = disk.fault("mine");
    assert_eq!(fault.code, Code::Damaged);
    assert!(
        fault
            .message
            .starts_with("model-00002-of-00002.safetensors is cut short"),
        "{fault}"
    );
}

#[test]
fn what_is_wrong_with_a_folder_is_said() {
    let disk = Disk::new();
    disk.model("tokenizer", "qwen2_vl");
    fs::remove_file(disk.path("tokenizer/tokenizer.json")).expect("a tokenizer");
    assert!(disk.fault("tokenizer").message.contains("tokenizer"));

    disk.model("broken", "qwen2_vl");
    disk.write("broken/config.json", "{ not json");
    assert_eq!(disk.fault("broken").code, Code::Damaged);

    disk.model("field", "qwen2_vl");
    disk.write(
        "field/config.json",
        r#"{"model_type":"qwen2_vl","hidden_size":64}"#,
    );
    assert!(disk.fault("field").message.contains("num_attention_heads"));

    disk.model("pickle", "qwen2_vl");
    for shard in ["1", "2"] {
        fs::remove_file(disk.path(&format!("pickle/model-0000{shard}-of-00002.safetensors")))
            .expect("a shard");
    }
    fs::remove_file(disk.path("pickle/model.safetensors.index.json")).expect("an index");
    disk.write("pickle/pytorch_model.bin", "…");
    assert_eq!(disk.fault("pickle").code, Code::Unsupported);

    disk.model("awq", "qwen2_vl");
    let mut config: serde_json::Value =
        serde_json::from_slice(&fs::read(disk.path("awq/config.json")).expect("a config"))
            .expect("JSON");
    config["quantization_config"] = json!({ "quant_method": "awq" });
    disk.write("awq/config.json", config.to_string());
    assert!(disk.fault("awq").message.contains("awq"));

    disk.model("type", "qwen2_vl");
    for (shard, name) in [(1, "a"), (2, "b")] {
        disk.write(
            &format!("type/model-0000{shard}-of-00002.safetensors"),
            safetensors(name, "F8_E4M3", 500),
        );
    }
    assert!(disk.fault("type").message.contains("F8_E4M3"));
}

#[test]
fn an_index_cannot_point_outside_its_folder() {
    let disk = Disk::new();
    disk.write("secret.safetensors", safetensors("a", "BF16", 10));
    disk.model("mine", "qwen2_vl");
    let index = json!({ "weight_map": { "a": "../secret.safetensors" } });
    disk.write("mine/model.safetensors.index.json", index.to_string());
    assert_eq!(disk.fault("mine").code, Code::Damaged);
}

#[test]
fn the_hubs_cache_is_read_as_it_lies() {
    let disk = Disk::new();
    let repository = "hub/models--Qwen--Qwen3-VL-2B-Instruct";
    disk.model(&format!("{repository}/snapshots/aaaa"), "qwen3_vl");
    disk.model(&format!("{repository}/snapshots/bbbb"), "qwen3_vl");
    disk.write(&format!("{repository}/refs/main"), "bbbb");
    disk.write("hub/datasets--x--y/snapshots/cccc/config.json", "{}");
    let places = ModelPlaces {
        hub_cache: Some(disk.path("hub")),
        own: Some(disk.path("nothing-yet")),
        added: vec![disk.path("unplugged")],
    };
    let found = find_models(&places, &Silent).expect("a search");
    assert_eq!(found.models.len(), 1, "each model once: {:?}", found.models);
    let model = &found.models[0];
    assert_eq!(model.catalogue.as_deref(), Some("qwen3-vl-2b-instruct"));
    assert_eq!(
        model.place.repository.as_deref(),
        Some("Qwen/Qwen3-VL-2B-Instruct")
    );
    assert_eq!(model.place.revision.as_deref(), Some("bbbb"));
    assert_eq!(model.place.kind, PlaceKind::HubCache);
    // A disk of the person's own that is gone is told; folders of ours are not.
    assert_eq!(found.faults.len(), 1);
    assert_eq!(found.faults[0].code, Code::Missing);
}

#[cfg(unix)]
#[test]
fn links_that_lead_nowhere_or_in_circles_are_survived() {
    let disk = Disk::new();
    disk.model("hub/models--a--b/snapshots/cccc", "qwen2_vl");
    let shard = disk.path("hub/models--a--b/snapshots/cccc/model-00001-of-00002.safetensors");
    fs::remove_file(&shard).expect("a shard");
    std::os::unix::fs::symlink("../../blobs/lost", &shard).expect("a link");
    std::os::unix::fs::symlink(disk.path("hub"), disk.path("hub/circle")).expect("a link");
    let fault = disk.fault("hub");
    assert!(
        fault.message.contains("model-00001-of-00002.safetensors"),
        "{fault}"
    );
}

#[test]
fn a_gguf_needs_the_vision_part_beside_it() {
    let disk = Disk::new();
    disk.write("m/Small-Q4_K_M.gguf", text_model("qwen2vl"));
    let fault = disk.fault("m");
    assert_eq!(fault.code, Code::Missing);
    assert!(fault.message.contains("mmproj"), "{fault}");

    disk.write(
        "m/mmproj-Small.gguf",
        vision_part("qwen2.5vl_merger", 1, 64),
    );
    for place in ["m", "m/Small-Q4_K_M.gguf"] {
        let model = disk.only(place);
        assert_eq!(model.family(), Some(Family::Qwen25Vl), "{:?}", model.state);
        assert_eq!(model.place.path, disk.path("m/Small-Q4_K_M.gguf"));
        assert_eq!(model.place.vision, Some(disk.path("m/mmproj-Small.gguf")));
        assert_eq!(
            model.format,
            WeightFormat::Gguf {
                quantisation: "Q4_K_M".to_owned()
            }
        );
        assert_eq!(model.context, Some(4096));
        let shape = model.shape.expect("a shape");
        assert!(shape.tied && shape.vision.is_some());
    }
}

#[test]
fn the_vision_part_that_fits_is_picked() {
    let disk = Disk::new();
    disk.write("m/Small-Q4_K_M.gguf", text_model("qwen2vl"));
    disk.write(
        "m/mmproj-Other-f16.gguf",
        vision_part("qwen2vl_merger", 1, 64),
    );
    disk.write("m/mmproj-Small-f32.gguf", vision_part("qwen2.5o", 0, 64));
    disk.write("m/mmproj-Small-f16.gguf", vision_part("qwen2.5o", 1, 64));
    disk.write("m/mmproj-Small-wide.gguf", vision_part("qwen2.5o", 1, 128));
    disk.write(
        "m/mmproj-Small-3.gguf",
        vision_part("qwen3vl_merger", 1, 64),
    );
    disk.write("m/mmproj-broken.gguf", "GGUF");
    let model = disk.only("m");
    assert_eq!(model.family(), Some(Family::Qwen25Omni));
    assert_eq!(
        model.place.vision,
        Some(disk.path("m/mmproj-Small-f16.gguf"))
    );
}

#[test]
fn other_gguf_files_are_told_apart() {
    let disk = Disk::new();
    disk.write("a/llama.gguf", text_model("llama"));
    assert!(disk.fault("a").message.contains("llama"));
    disk.write("b/cut.gguf", &text_model("qwen2vl")[..200]);
    assert_eq!(disk.fault("b").code, Code::Damaged);
    disk.write("c/part-00001-of-00002.gguf", text_model("qwen3vl"));
    disk.write("c/part-00002-of-00002.gguf", text_model("qwen3vl"));
    assert!(disk.fault("c").message.contains("split"));
    disk.write("d/name.gguf", "not what it says");
    assert!(disk.fault("d").message.contains("not a GGUF"));
}

#[test]
fn a_gguf_of_the_catalogue_is_known_by_its_name() {
    let disk = Disk::new();
    disk.write("m/Qwen2-VL-2B-Instruct-Q4_K_M.gguf", text_model("qwen2vl"));
    disk.write(
        "m/mmproj-Qwen2-VL-2B-Instruct-Q8_0.gguf",
        vision_part("qwen2vl_merger", 7, 64),
    );
    let model = disk.only("m");
    assert_eq!(
        model.catalogue.as_deref(),
        Some("qwen2-vl-2b-instruct-gguf")
    );
}

#[test]
fn a_folder_without_a_model_says_so() {
    let disk = Disk::new();
    disk.write("holiday/beach.txt", "sun");
    let fault = look_at(&disk.path("holiday"), &Silent).expect_err("no model");
    assert_eq!(fault.code, Code::Unsupported);
    let fault = look_at(&disk.path("nowhere"), &Silent).expect_err("no folder");
    assert_eq!(fault.code, Code::Missing);
}

#[test]
fn one_found_model_is_one_json_object() {
    let disk = Disk::new();
    disk.model("mine", "qwen2_vl");
    let model = disk.only("mine");
    let text = serde_json::to_string(&model).expect("JSON");
    let again: FoundModel = serde_json::from_str(&text).expect("a model");
    assert_eq!(again, model);
    let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(json["state"]["state"], "ready");
    assert_eq!(json["format"]["format"], "safetensors");
}
