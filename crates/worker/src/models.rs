//! The real models behind the worker's seam.

use std::path::Path;

use decoupage_dialogue::{
    Device, DeviceKind, DeviceWish, ModelWish, Outcome, Stage,
};
use decoupage_mllm::generate::{Request, Session, Watch};
use decoupage_mllm::model::Model;
use decoupage_mllm::{GoOn, case};

use crate::writer::{Decode, Listener, Loader, OnBytes, Shown, Writer, Written};
use crate::{devices, memory};

/// Loads the models of `decoupage-mllm`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Models;

impl Loader for Models {
    fn devices(&self) -> Vec<Device> {
        devices::devices()
    }

    fn load(&mut self, wish: &ModelWish, on_bytes: OnBytes) -> Outcome<Box<dyn Writer>> {
        if let Some(device) = wished(wish.device) {
            memory::check(wish, &device)?;
        }
        let model = Model::load(wish, Some(on_bytes))?;
        let device = described(&model, wish.device);
        let session = Session::new(model, wish.feature_cache.clone());
        Ok(Box::new(Loaded { session, device }))
    }
}

/// The device that a wish will most likely be given.
fn wished(wish: DeviceWish) -> Option<Device> {
    match wish {
        DeviceWish::Cpu => Some(devices::processor()),
        DeviceWish::Best => devices::devices().into_iter().next(),
        // A card that is not there is refused in words by loading.
        DeviceWish::Gpu(number) => devices::devices()
            .into_iter()
            .filter(|device| device.kind != DeviceKind::Cpu)
            .nth(number),
    }
}

/// The device a model was loaded on.
fn described(model: &Model, wish: DeviceWish) -> Device {
    let device = model.device();
    let kind = if device.is_cuda() {
        DeviceKind::Cuda
    } else if device.is_metal() {
        DeviceKind::Metal
    } else {
        return devices::processor();
    };
    wished(wish)
        .filter(|device| device.kind == kind)
        .unwrap_or(Device {
            kind,
            name: "Graphics card".to_owned(),
            total_bytes: None,
            free_bytes: None,
        })
}

/// A model in memory, with what it remembers of the last conversation.
struct Loaded {
    session: Session,
    device: Device,
}

impl Writer for Loaded {
    fn device(&self) -> Device {
        self.device.clone()
    }

    fn write(
        &mut self,
        shown: &Shown<'_>,
        listener: &mut dyn Listener,
        go_on: &GoOn<'_>,
    ) -> Written {
        let request = Request {
            conversation: shown.conversation,
            guide: shown.guide,
            sampling: shown.sampling,
            limits: shown.limits,
        };
        let answer = self.session.write(&request, &mut Passing(listener), go_on);
        Written {
            text: answer.text,
            fields: answer.fields,
            usage: answer.usage,
            failure: answer.failure,
        }
    }

    fn case(
        &mut self,
        path: &Path,
        dump: &Path,
        decode: &Decode<'_>,
        listener: &mut dyn Listener,
        go_on: &GoOn<'_>,
    ) -> Outcome<Written> {
        listener.stage(Stage::Decoding, 0, 1);
        let case = case::read(path, decode)?;
        listener.stage(Stage::Decoding, 1, 1);
        listener.stage(Stage::Prefill, 0, 1);
        let model = self.session.model();
        let tensors = case::run(model, &case, model.rules(), go_on)?;
        case::dump(&tensors, dump)?;
        Ok(Written {
            text: text_of(model, &tensors),
            ..Written::default()
        })
    }
}

/// Passes what a session tells on to the worker's listener.
struct Passing<'a>(&'a mut dyn Listener);

impl Watch for Passing<'_> {
    fn stage(&mut self, stage: Stage, done: u64, total: u64) {
        self.0.stage(stage, done, total);
    }

    fn note(&mut self, text: &str) {
        self.0.note(text);
    }

    fn wrote(&mut self, field: Option<&str>, text: &str, tokens: u64, tokens_per_s: f64) {
        self.0.wrote(field, text, tokens, tokens_per_s);
    }
}

/// What the generated tokens of a case say.
fn text_of(
    model: &Model,
    tensors: &std::collections::HashMap<String, candle_core::Tensor>,
) -> String {
    let ids: Vec<u32> = tensors
        .get("generated_ids")
        .and_then(|ids| ids.to_dtype(candle_core::DType::U32).ok())
        .and_then(|ids| ids.to_vec1().ok())
        .unwrap_or_default();
    model.tokens().decode(&ids)
}
