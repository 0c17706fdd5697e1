//! Models for people: which there are, which fit, and what was chosen.

use std::collections::BTreeMap;

use decoupage_catalogue::{
    Choice, Device, Found, FoundModel, ModelPlaces, Precision, Workload, catalogue, estimate, find_models, fit, processor,
};
use decoupage_dialogue::Smaller;
use decoupage_shot::{Code, Fault, Outcome, Silent};

use crate::api::Response;
use crate::api::models::{EndpointSettings, ModelCard, ModelSettings, Models};
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
        let devices = vec![processor()];
        let cards = cards(models, &devices)?;
        Ok(Response::Models {
            models: Box::new(Models {
                models: cards,
                faults,
                devices,
                notice: None,
                settings,
                folder: self.inner.places.data.join("models"),
                keys: Vec::new(),
            }),
        })
    }

    pub(crate) fn model_places(&self, settings: &ModelSettings) -> ModelPlaces {
        ModelPlaces::of_this_computer(
            Some(self.inner.places.data.join("models")),
            settings.folders.clone(),
        )
    }

    pub(crate) fn set_model_settings(&self, new: ModelSettings) -> Outcome<Response> {
        settings::save(&self.inner.places.data, &new)?;
        *hold(&self.inner.model_settings) = Some(new);
        self.models()
    }

    pub(crate) fn download_model(&self, _model: String) -> Outcome<Response> {
        Err(pending())
    }

    pub(crate) fn verify_model(&self, _model: String) -> Outcome<Response> {
        Err(pending())
    }

    pub(crate) fn unload_model(&self) -> Outcome<Response> {
        Err(pending())
    }

    pub(crate) fn go_smaller(&self, _model: &str, _step: Smaller) -> Outcome<Response> {
        Err(pending())
    }

    pub(crate) fn set_key(&self, _endpoint: &str, _key: Option<&str>) -> Outcome<Response> {
        Err(pending())
    }

    pub(crate) fn try_endpoint(&self, _endpoint: EndpointSettings) -> Outcome<Response> {
        Err(pending())
    }
}

fn pending() -> Fault {
    Fault::new(Code::Unsupported, "That is not built yet.")
}

/// The catalogue's models in its order, each with where it was found; then all others found.
fn cards(found: Vec<FoundModel>, devices: &[Device]) -> Outcome<Vec<ModelCard>> {
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
                None => PRECISIONS
                    .iter()
                    .map(|&precision| {
                        let memory =
                            estimate(&entry.shape, precision, d.kind, Workload::default());
                        Choice {
                            precision,
                            memory,
                            fit: fit::fit(&memory, d),
                        }
                    })
                    .collect(),
            }),
            entry: Some(entry.clone()),
            found,
            remembered: None,
            partial_bytes: 0,
        });
    }
    for model in others {
        cards.push(ModelCard {
            id: model.id.clone(),
            name: model.name.clone(),
            entry: None,
            choices: device.map_or_else(Vec::new, |d| choices(&model, d)),
            found: vec![model],
            remembered: None,
            partial_bytes: 0,
        });
    }
    Ok(cards)
}

fn choices(model: &FoundModel, device: &Device) -> Vec<Choice> {
    let precisions: &[Precision] = match model.format {
        decoupage_catalogue::WeightFormat::Gguf { .. } => &[Precision::Stored],
        decoupage_catalogue::WeightFormat::Safetensors { .. } => &PRECISIONS,
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
