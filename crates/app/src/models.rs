//! Models for people: which there are, which fit, and what was chosen.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use decoupage_catalogue::{
    CatalogueEntry, Choice, Device, DeviceKind, EntryFormat, Found, FoundModel, HubSettings,
    ModelPlaces, Precision, WeightFormat, Workload, arrived_bytes, catalogue, download, estimate,
    estimate_stored, find_models, fit, processor, repair, verify,
};
use decoupage_dialogue::{DeviceWish, MediaLimits, ModelWish, Smaller};
use decoupage_shot::{Code, Fault, Outcome, Silent};
use decoupage_supervisor::{Settings, Worker};

use crate::api::models::{ModelCard, ModelSettings, Models};
use crate::api::{JobEnd, Response};
use crate::{Core, hold, settings};

/// From the best to the smallest.
const PRECISIONS: [Precision; 4] = [
    Precision::F32,
    Precision::Bf16,
    Precision::Q8_0,
    Precision::Q4K,
];

impl Core {
    pub(crate) fn model_settings(&self) -> ModelSettings {
        hold(&self.inner.model_settings)
            .get_or_insert_with(|| settings::load(&self.inner.places.data))
            .clone()
    }

    pub(crate) fn models(&self) -> Outcome<Response> {
        let settings = self.model_settings();
        let places = self.model_places(&settings);
        let Found { models, faults } = find_models(&places, &Silent)?;
        let found = self.worker().devices(&Silent);
        let (devices, notice) = match found {
            Ok(found) => (self.known(found.devices), found.notes.join(" ")),
            // Without a worker the panel still shows what there is to fetch.
            Err(failure) => (vec![processor()], failure.to_string()),
        };
        let hub = self.hub(&settings);
        let keys = self.keys();
        let mut kept = Vec::new();
        for endpoint in &settings.endpoints {
            if matches!(keys.get(&endpoint.name), Ok(Some(_))) {
                kept.push(endpoint.name.clone());
            }
        }
        Ok(Response::Models {
            models: Box::new(Models {
                models: self.cards(models, &devices, &hub)?,
                faults,
                devices,
                notice: (!notice.is_empty()).then_some(notice),
                settings,
                folder: hub.cache,
                keys: kept,
            }),
        })
    }

    /// What models can run on, best first; the processor where nothing is known.
    pub(crate) fn devices(&self) -> Vec<Device> {
        match self.worker().devices(&Silent) {
            Ok(found) => self.known(found.devices),
            Err(_) => vec![processor()],
        }
    }

    /// The devices that the worker tells, with what is known here of their memory.
    fn known(&self, told: Vec<decoupage_dialogue::Device>) -> Vec<Device> {
        let here = processor();
        told.into_iter()
            .map(|device| {
                let kind = match device.kind {
                    decoupage_dialogue::DeviceKind::Cpu => DeviceKind::Cpu,
                    decoupage_dialogue::DeviceKind::Cuda => DeviceKind::Cuda,
                    decoupage_dialogue::DeviceKind::Metal => DeviceKind::Metal,
                };
                let total = device.total_bytes.unwrap_or(here.total_bytes);
                Device {
                    name: device.name,
                    kind,
                    total_bytes: total,
                    available_bytes: device.free_bytes.unwrap_or(here.available_bytes).min(total),
                }
            })
            .collect()
    }

    pub(crate) fn model_places(&self, settings: &ModelSettings) -> ModelPlaces {
        ModelPlaces {
            hub_cache: Some(self.inner.places.models.clone()),
            own: Some(self.inner.places.data.join("models")),
            added: settings.folders.clone(),
        }
    }

    fn hub(&self, settings: &ModelSettings) -> HubSettings {
        let mut hub = HubSettings::of_this_computer(&self.inner.places.models);
        if let Some(mirror) = &settings.mirror {
            hub.endpoint = mirror.trim_end_matches('/').to_owned();
        }
        hub.offline |= settings.offline;
        hub
    }

    /// The worker, told how long it may idle.
    pub(crate) fn worker(&self) -> Worker {
        let minutes = self.model_settings().idle_minutes;
        let mut held = hold(&self.inner.worker);
        match held.as_ref() {
            Some((idle, worker)) if *idle == minutes => worker.clone(),
            _ => {
                let mut settings = Settings::of_this_application(&self.inner.places.data);
                settings.idle = (minutes > 0).then(|| Duration::from_secs(u64::from(minutes) * 60));
                let worker = Worker::new(settings);
                *held = Some((minutes, worker.clone()));
                worker
            }
        }
    }

    pub(crate) fn set_model_settings(&self, new: ModelSettings) -> Outcome<Response> {
        let names: BTreeSet<&str> = new.endpoints.iter().map(|e| e.name.as_str()).collect();
        if names.len() < new.endpoints.len() || names.contains("") {
            return Err(Fault::new(
                Code::Invalid,
                "Two servers cannot have the same name, and each needs one.",
            )
            .advise("Give each a name of its own."));
        }
        settings::save(&self.inner.places.data, &new)?;
        *hold(&self.inner.model_settings) = Some(new);
        self.models()
    }

    pub(crate) fn download_model(&self, model: String) -> Outcome<Response> {
        let entry = decoupage_catalogue::entry(&model)?;
        let settings = self.model_settings();
        let hub = self.hub(&settings);
        let places = self.model_places(&settings);
        self.start(move |_, job| {
            let here = find_models(&places, job)?.models;
            let damaged = here.iter().find(|found| {
                found.catalogue.as_deref() == Some(entry.id.as_str()) && found.family().is_none()
            });
            // What is there and damaged is mended file by file; all else goes on where it was.
            if let Some(found) = damaged.filter(|found| found.place.repository.is_some()) {
                let verification = verify(found, job)?;
                repair(found, &verification, &hub, job)?;
            }
            download(entry, &hub, job)?;
            Ok(JobEnd::Model { model })
        })
    }

    pub(crate) fn verify_model(&self, model: String) -> Outcome<Response> {
        let settings = self.model_settings();
        self.start(move |core, job| {
            let found = core.runnable(Some(&model), &settings, job)?.found;
            let verification = verify(&found, job)?;
            Ok(JobEnd::Verified {
                model,
                verification,
            })
        })
    }

    pub(crate) fn unload_model(&self) -> Outcome<Response> {
        if self.worker().unload() {
            Ok(Response::Done)
        } else {
            Err(Fault::new(
                Code::Invalid,
                "The model is at work and cannot be unloaded now.",
            )
            .advise("Cancel the work first, or wait for it."))
        }
    }

    pub(crate) fn go_smaller(&self, model: &str, step: Smaller) -> Outcome<Response> {
        hold(&self.inner.smaller)
            .entry(model.to_owned())
            .or_default()
            .push(step);
        self.models()
    }

    /// The catalogue's models in its order, each with where it was found; then all others found.
    fn cards(
        &self,
        found: Vec<FoundModel>,
        devices: &[Device],
        hub: &HubSettings,
    ) -> Outcome<Vec<ModelCard>> {
        let mut by_entry: BTreeMap<String, Vec<FoundModel>> = BTreeMap::new();
        let mut others = Vec::new();
        for model in found {
            match model.catalogue.clone() {
                Some(id) => by_entry.entry(id).or_default().push(model),
                None => others.push(model),
            }
        }
        let device = devices.first();
        let mut cards = Vec::new();
        for entry in catalogue()? {
            let found = by_entry.remove(&entry.id).unwrap_or_default();
            cards.push(ModelCard {
                id: entry.id.clone(),
                name: entry.name.clone(),
                choices: device.map_or_else(Vec::new, |d| match found.first() {
                    Some(model) => choices(model, d),
                    None => choices_of(entry, d),
                }),
                entry: Some(entry.clone()),
                remembered: found.first().and_then(|model| self.remembered(model)),
                partial_bytes: if found.is_empty() {
                    arrived_bytes(entry, hub)
                } else {
                    0
                },
                found,
            });
        }
        for model in others {
            cards.push(ModelCard {
                id: model.id.clone(),
                name: model.name.clone(),
                entry: None,
                choices: device.map_or_else(Vec::new, |d| choices(&model, d)),
                remembered: self.remembered(&model),
                found: vec![model],
                partial_bytes: 0,
            });
        }
        Ok(cards)
    }

    /// What a model ran with last after memory had run out, as a sentence.
    fn remembered(&self, model: &FoundModel) -> Option<String> {
        let wish = wish_of(model);
        let steps = self
            .worker()
            .remembered(&wish, &MediaLimits::default())
            .steps;
        let words: Vec<&str> = steps
            .iter()
            .map(|step| match step {
                Smaller::FewerFrames => "fewer frames",
                Smaller::Quantise => "fewer bits",
                Smaller::Processor => "the processor",
                Smaller::SmallerModel => "a smaller model",
            })
            .collect();
        (!words.is_empty()).then(|| {
            format!(
                "Memory ran out with it before, so it runs with {}.",
                words.join(" and ")
            )
        })
    }
}

/// A model as the worker is asked for it, with every choice left open.
pub(crate) fn wish_of(model: &FoundModel) -> ModelWish {
    ModelWish {
        weights: model.place.path.clone(),
        projector: model.place.vision.clone(),
        precision: decoupage_dialogue::Precision::Auto,
        device: DeviceWish::Best,
        context: None,
        feature_cache: None,
    }
}

fn choices_of(entry: &CatalogueEntry, device: &Device) -> Vec<Choice> {
    if entry.format == EntryFormat::Gguf {
        let memory = estimate_stored(
            &entry.shape,
            entry.download_bytes,
            device.kind,
            Workload::default(),
        );
        return vec![Choice {
            precision: Precision::Stored,
            memory,
            fit: fit::fit(&memory, device),
        }];
    }
    PRECISIONS
        .iter()
        .map(|&precision| {
            let memory = estimate(&entry.shape, precision, device.kind, Workload::default());
            Choice {
                precision,
                memory,
                fit: fit::fit(&memory, device),
            }
        })
        .collect()
}

fn choices(model: &FoundModel, device: &Device) -> Vec<Choice> {
    let precisions: &[Precision] = match model.format {
        WeightFormat::Gguf { .. } => &[Precision::Stored],
        WeightFormat::Safetensors { .. } => &PRECISIONS,
    };
    precisions
        .iter()
        .filter_map(|&precision| {
            let memory = model.estimate(precision, device.kind, Workload::default())?;
            Some(Choice {
                precision,
                memory,
                fit: fit::fit(&memory, device),
            })
        })
        .collect()
}
