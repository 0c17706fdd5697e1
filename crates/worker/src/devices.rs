//! What models can run on here.

use decoupage_dialogue::{Device, DeviceKind};
use sysinfo::{MemoryRefreshKind, RefreshKind, System};

/// The most graphics cards that are looked for.
#[cfg(feature = "cuda")]
const MOST_CARDS: usize = 16;

/// Everything a model can run on, best first. The processor is always last.
pub fn devices() -> Vec<Device> {
    let mut found = graphics();
    found.push(processor());
    found
}

/// The processor with the main memory that could be taken now without swapping. A limit set on
/// this process (a container's control group) counts where it is lower.
pub fn processor() -> Device {
    let system = System::new_with_specifics(
        RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram()),
    );
    let (mut total, mut free) = (system.total_memory(), system.available_memory());
    if let Some(limits) = system.cgroup_limits() {
        total = total.min(limits.total_memory);
        free = free.min(limits.free_memory);
    }
    Device {
        kind: DeviceKind::Cpu,
        name: "Processor".to_owned(),
        total_bytes: Some(total),
        free_bytes: Some(free.min(total)),
    }
}

/// NVIDIA cards in the driver's order.
#[cfg(feature = "cuda")]
fn graphics() -> Vec<Device> {
    use candle_core::cuda_backend::cudarc::driver::{CudaContext, result};
    let cards = CudaContext::device_count().map_or(0, |n| usize::try_from(n).unwrap_or(0));
    (0..cards.min(MOST_CARDS))
        .filter_map(|number| {
            // A card that cannot be opened (taken, too old) is none.
            let card = CudaContext::new(number).ok()?;
            let memory = result::mem_get_info().ok();
            Some(Device {
                kind: DeviceKind::Cuda,
                name: card
                    .name()
                    .unwrap_or_else(|_| format!("NVIDIA card {number}")),
                total_bytes: memory.map(|(_, total)| total as u64),
                free_bytes: memory.map(|(free, _)| free as u64),
            })
        })
        .collect()
}

/// The Apple graphics processor, which shares main memory.
#[cfg(all(feature = "metal", not(feature = "cuda")))]
fn graphics() -> Vec<Device> {
    candle_core::Device::new_metal(0)
        .ok()
        .map(|_| Device {
            kind: DeviceKind::Metal,
            name: "Apple graphics".to_owned(),
            ..processor()
        })
        .into_iter()
        .collect()
}

#[cfg(not(any(feature = "cuda", feature = "metal")))]
fn graphics() -> Vec<Device> {
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_is_last_and_has_memory() {
        let found = devices();
        let last = found.last().cloned();
        assert_eq!(last.as_ref().map(|d| d.kind), Some(DeviceKind::Cpu));
        let memory = last.and_then(|d| Some((d.free_bytes?, d.total_bytes?)));
        assert!(memory.is_some_and(|(free, total)| total > 64 << 20 && free <= total));
    }
}
