//! Whether the weights of a model can be held at all, before the system has to end us for it.
//!
//! Only what is certain to be needed counts: the weights as they will be held. Whether a whole
//! shot fits is said by the application's estimate beforehand; a person who loads a model in
//! spite of it is refused here only what cannot be.

use decoupage_dialogue::{
    Device, DeviceKind, Failure, FailureCode, ModelWish, Outcome, Precision, Smaller,
};
use decoupage_mllm::weights::{Shards, TensorSource};

/// Bytes the weights take on a kind of device, as far as can be told without reading them;
/// `None` for what cannot be opened, which loading will say better.
pub fn weights_bytes(wish: &ModelWish, kind: DeviceKind) -> Option<u64> {
    if wish.weights.is_file() {
        // A GGUF is held as it is stored.
        let parts = std::iter::once(&wish.weights).chain(&wish.projector);
        return parts
            .map(|part| part.metadata().ok().map(|about| about.len()))
            .sum();
    }
    let shards = Shards::open(&wish.weights).ok()?;
    let mut bytes = 0_u64;
    for name in shards.names() {
        let entry = shards.entry(name)?;
        let count = entry.shape.iter().map(|&side| side as u64).product::<u64>();
        // Vectors stay as they are: they are nothing beside the matrices.
        let matrix = entry.shape.len() > 1;
        bytes = bytes.saturating_add(match wish.precision {
            Precision::Q8_0 if matrix => count.div_ceil(32).saturating_mul(34),
            // Laid out for fast products, 32 weights take 16 bytes and two halves.
            Precision::Q4K if matrix && kind == DeviceKind::Cpu => {
                count.div_ceil(32).saturating_mul(20)
            }
            Precision::Q4K if matrix => count.div_ceil(256).saturating_mul(144),
            // As stored on a processor, where brain floats stay what they are.
            Precision::Auto if kind == DeviceKind::Cpu => entry.bytes as u64,
            Precision::F32 => count.saturating_mul(4),
            _ => count.saturating_mul(2),
        });
    }
    Some(bytes)
}

/// Refuses a model whose weights alone are more than is free.
///
/// # Errors
/// Out of memory, with the numbers and the next smaller steps.
pub fn check(wish: &ModelWish, device: &Device) -> Outcome<()> {
    let (Some(needed), Some(free)) = (weights_bytes(wish, device.kind), device.free_bytes) else {
        return Ok(());
    };
    if needed <= free {
        return Ok(());
    }
    let place = match device.kind {
        DeviceKind::Cuda => "on the graphics card",
        DeviceKind::Cpu | DeviceKind::Metal => "in memory",
    };
    let mut steps = vec![Smaller::Quantise, Smaller::SmallerModel];
    if device.kind == DeviceKind::Cuda {
        steps.insert(1, Smaller::Processor);
    }
    Err(Failure::new(
        FailureCode::OutOfMemory,
        format!(
            "The model's weights alone need {}, and {} are free {place}.",
            gigabytes(needed),
            gigabytes(free)
        ),
    )
    .offer(steps))
}

fn gigabytes(bytes: u64) -> String {
    format!("{:.1} GB", bytes as f64 / 1e9)
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        reason = "a test that cannot make its files has failed"
    )]
    use super::*;
    use candle_core::{DType, Device as Place, Tensor};
    use decoupage_dialogue::DeviceWish;

    fn wish(weights: &std::path::Path, precision: Precision) -> ModelWish {
        ModelWish {
            weights: weights.to_owned(),
            projector: None,
            precision,
            device: DeviceWish::Best,
            context: None,
            feature_cache: None,
        }
    }

    #[test]
    fn weights_are_counted_as_they_will_be_held() {
        let folder = tempfile::tempdir().unwrap();
        let matrix = Tensor::zeros((64, 256), DType::BF16, &Place::Cpu).unwrap();
        let tensors = std::collections::HashMap::from([(
            "model.layers.0.mlp.down_proj.weight".to_owned(),
            matrix,
        )]);
        candle_core::safetensors::save(&tensors, folder.path().join("model.safetensors")).unwrap();
        let bytes = |precision| weights_bytes(&wish(folder.path(), precision), DeviceKind::Cpu);
        let count = 64 * 256;
        assert_eq!(bytes(Precision::F32), Some(count * 4));
        assert_eq!(bytes(Precision::Auto), Some(count * 2));
        assert_eq!(bytes(Precision::Q8_0), Some(count / 32 * 34));
        assert_eq!(bytes(Precision::Q4K), Some(count / 32 * 20));
        let on_a_card = weights_bytes(&wish(folder.path(), Precision::Q4K), DeviceKind::Cuda);
        assert_eq!(on_a_card, Some(count / 256 * 144));

        let mut device = crate::devices::processor();
        device.free_bytes = Some(count * 2);
        assert!(check(&wish(folder.path(), Precision::Auto), &device).is_ok());
        let failure = check(&wish(folder.path(), Precision::F32), &device).unwrap_err();
        assert_eq!(failure.code, FailureCode::OutOfMemory);
        assert_eq!(failure.smaller, [Smaller::Quantise, Smaller::SmallerModel]);
        // What cannot be opened is said by loading.
        assert!(
            check(
                &wish(&folder.path().join("nothing"), Precision::F32),
                &device
            )
            .is_ok()
        );
    }

    #[test]
    fn a_gguf_counts_as_it_is_stored() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.gguf");
        std::fs::write(&file, [0; 1000]).unwrap();
        let mut wish = wish(&file, Precision::F32);
        assert_eq!(weights_bytes(&wish, DeviceKind::Cpu), Some(1000));
        wish.projector = Some(file);
        assert_eq!(weights_bytes(&wish, DeviceKind::Cpu), Some(2000));
    }
}
