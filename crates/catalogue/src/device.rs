//! What a model can run on, and how much memory there is.

use serde::{Deserialize, Serialize};
use sysinfo::{MemoryRefreshKind, RefreshKind, System};
use ts_rs::TS;

/// What computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// The processor and main memory.
    Cpu,
    /// An NVIDIA graphics card and its own memory.
    Cuda,
    /// An Apple graphics processor, which shares main memory.
    Metal,
}

/// One device. The processor is described by [`processor`]; graphics cards are told by the
/// worker process, which alone has their drivers loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Device {
    /// "Processor", "NVIDIA RTX 4090".
    pub name: String,
    /// What computes.
    pub kind: DeviceKind,
    /// Memory in all, bytes.
    #[ts(type = "number")]
    pub total_bytes: u64,
    /// Memory that is free to take now, bytes.
    #[ts(type = "number")]
    pub available_bytes: u64,
}

/// The processor, with the main memory that could be taken now without swapping. A limit set on
/// this process (a container's control group) counts where it is lower.
pub fn processor() -> Device {
    let system = System::new_with_specifics(
        RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram()),
    );
    let (mut total, mut available) = (system.total_memory(), system.available_memory());
    if let Some(limits) = system.cgroup_limits() {
        total = total.min(limits.total_memory);
        available = available.min(limits.free_memory);
    }
    Device {
        name: "Processor".to_owned(),
        kind: DeviceKind::Cpu,
        total_bytes: total,
        available_bytes: available.min(total),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_has_memory() {
        let processor = processor();
        assert_eq!(processor.kind, DeviceKind::Cpu);
        assert!(processor.total_bytes > 64 << 20);
        assert!(processor.available_bytes <= processor.total_bytes);
    }
}
