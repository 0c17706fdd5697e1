//! Features of pictures, clips and sound that were computed before, by the content of the medium:
//! in memory and, where a folder is given, on disk. Both are bounded; what was not used for the
//! longest time goes first.

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use candle_core::{DType, Device, Tensor};

use crate::prepared::{Features, PreparedMedium};

const MEMORY_BYTES: usize = 256 << 20;
const DISK_BYTES: u64 = 2 << 30;
const ENDING: &str = "safetensors";

/// Computed features.
#[derive(Debug)]
pub struct FeatureStore {
    /// Which model computed them, in which precision.
    identity: [u8; 32],
    /// The one used last stands at the end.
    memory: VecDeque<(String, Features)>,
    memory_bytes: usize,
    folder: Option<PathBuf>,
    disk_bytes: u64,
}

impl FeatureStore {
    /// Features of one model. Those of others in the same folder are left alone until they are
    /// the oldest.
    pub fn new(identity: [u8; 32], folder: Option<PathBuf>) -> Self {
        Self {
            identity,
            memory: VecDeque::new(),
            memory_bytes: MEMORY_BYTES,
            folder,
            disk_bytes: DISK_BYTES,
        }
    }

    /// With other bounds.
    #[must_use]
    pub fn bounded(mut self, memory_bytes: usize, disk_bytes: u64) -> Self {
        self.memory_bytes = memory_bytes;
        self.disk_bytes = disk_bytes;
        self
    }

    /// The features of a medium, where they are known: as many as it has places for.
    pub fn get(
        &mut self,
        medium: &PreparedMedium,
        width: usize,
        dtype: DType,
        device: &Device,
    ) -> Option<Features> {
        let name = self.name(medium);
        let rows = medium.places.iter().map(ExactSizeIterator::len).sum();
        if let Some(at) = self.memory.iter().position(|(known, _)| *known == name) {
            let entry = self.memory.remove(at)?;
            let features = entry.1.clone();
            self.memory.push_back(entry);
            return Some(features);
        }
        let path = self.path(&name)?;
        if !path.exists() {
            return None;
        }
        let Some(features) = load(&path, rows, width, dtype, device) else {
            // Damaged, or not of this model: it is computed again.
            let _ = std::fs::remove_file(&path);
            return None;
        };
        // The time of the last use decides what goes first.
        let _ = std::fs::File::options()
            .append(true)
            .open(&path)
            .and_then(|file| file.set_modified(SystemTime::now()));
        self.remember(name, &features);
        Some(features)
    }

    /// Keeps features. What cannot be written to disk is only kept in memory: the next time it
    /// is computed again.
    pub fn put(&mut self, medium: &PreparedMedium, features: &Features) {
        let name = self.name(medium);
        if let Some(path) = self.path(&name)
            && save(&path, features).is_some()
            && let Some(folder) = &self.folder
        {
            prune(folder, self.disk_bytes, &path);
        }
        self.remember(name, features);
    }

    fn remember(&mut self, name: String, features: &Features) {
        self.memory.retain(|(known, _)| *known != name);
        self.memory.push_back((name, features.clone()));
        let size = |features: &Features| -> usize {
            let all = std::iter::once(&features.embeddings).chain(&features.deep);
            all.map(|t| t.elem_count() * t.dtype().size_in_bytes())
                .sum()
        };
        let mut all: usize = self.memory.iter().map(|(_, features)| size(features)).sum();
        while all > self.memory_bytes {
            let Some((_, oldest)) = self.memory.pop_front() else {
                break;
            };
            all -= size(&oldest);
        }
    }

    fn name(&self, medium: &PreparedMedium) -> String {
        let mut hash = blake3::Hasher::new();
        hash.update(&self.identity);
        hash.update(&medium.hash);
        hash.update(&[medium.kind as u8]);
        hash.finalize().to_hex().to_string()
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        let folder = self.folder.as_ref()?;
        Some(folder.join(name).with_extension(ENDING))
    }
}

fn load(path: &Path, rows: usize, width: usize, dtype: DType, device: &Device) -> Option<Features> {
    let mut tensors = candle_core::safetensors::load(path, device).ok()?;
    let mut take = |name: &str| {
        let tensor = tensors.remove(name)?;
        (tensor.dims() == [rows, width]).then_some(())?;
        tensor.to_dtype(dtype).ok()
    };
    let embeddings = take("embeddings")?;
    let deep = (0..).map_while(|layer| take(&deep_name(layer))).collect();
    tensors.is_empty().then_some(Features { embeddings, deep })
}

fn deep_name(layer: usize) -> String {
    format!("deep.{layer}")
}

/// Written beside its place and moved there: a file is whole or not there.
fn save(path: &Path, features: &Features) -> Option<()> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let mut tensors: HashMap<String, Tensor> = HashMap::new();
    tensors.insert("embeddings".into(), features.embeddings.clone());
    for (layer, deep) in features.deep.iter().enumerate() {
        tensors.insert(deep_name(layer), deep.clone());
    }
    std::fs::create_dir_all(path.parent()?).ok()?;
    let mark = COUNT.fetch_add(1, Ordering::Relaxed);
    let beside = path.with_extension(format!("{}-{mark}.part", std::process::id()));
    let saved = candle_core::safetensors::save(&tensors, &beside)
        .ok()
        .and_then(|()| std::fs::rename(&beside, path).ok());
    if saved.is_none() {
        let _ = std::fs::remove_file(&beside);
    }
    saved
}

/// Removes the files that were not used for the longest time until the rest is small enough.
/// `newest` stays.
fn prune(folder: &Path, most: u64, newest: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    let mut files: Vec<(SystemTime, u64, PathBuf)> = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            (path.extension()? == ENDING).then_some(())?;
            let about = std::fs::metadata(&path).ok()?;
            Some((about.modified().ok()?, about.len(), path))
        })
        .collect();
    files.sort();
    let mut all: u64 = files.iter().map(|(_, size, _)| size).sum();
    for (_, size, path) in files {
        if all <= most {
            break;
        }
        if path != newest && std::fs::remove_file(&path).is_ok() {
            all -= size;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::prepared::MediumKind;

    fn medium(number: u8) -> PreparedMedium {
        PreparedMedium {
            kind: MediumKind::Image,
            values: Tensor::zeros((4, 2), DType::F32, &Device::Cpu).unwrap(),
            grid: [1, 2, 2],
            places: vec![1..4],
            hash: [number; 32],
        }
    }

    fn features(number: f32) -> Features {
        let tensor = Tensor::full(number, (3, 8), &Device::Cpu).unwrap();
        Features {
            embeddings: tensor.clone(),
            deep: vec![tensor],
        }
    }

    fn first(store: &mut FeatureStore, number: u8) -> Option<f32> {
        let found = store.get(&medium(number), 8, DType::F32, &Device::Cpu)?;
        assert_eq!(found.deep.len(), 1);
        Some(
            found
                .embeddings
                .flatten_all()
                .unwrap()
                .to_vec1::<f32>()
                .unwrap()[0],
        )
    }

    #[test]
    fn features_come_back_from_memory_and_from_disk() {
        let folder = tempfile::tempdir().unwrap();
        let at = || Some(folder.path().to_owned());
        let mut store = FeatureStore::new([1; 32], at());
        assert_eq!(first(&mut store, 1), None);
        store.put(&medium(1), &features(1.0));
        assert_eq!(first(&mut store, 1), Some(1.0));
        assert_eq!(first(&mut FeatureStore::new([1; 32], at()), 1), Some(1.0));
        assert_eq!(first(&mut FeatureStore::new([2; 32], at()), 1), None);
        // A file that was cut short is computed again, and is gone.
        let file = std::fs::read_dir(folder.path()).unwrap().next().unwrap();
        let file = file.unwrap().path();
        let bytes = std::fs::read(&file).unwrap();
        std::fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
        assert_eq!(first(&mut FeatureStore::new([1; 32], at()), 1), None);
        assert!(!file.exists());
    }

    #[test]
    fn what_was_not_used_for_long_goes_first() {
        let folder = tempfile::tempdir().unwrap();
        let size = 2 * 3 * 8 * 4;
        let mut store =
            FeatureStore::new([1; 32], Some(folder.path().to_owned())).bounded(2 * size, 900);
        let long_ago = SystemTime::now() - Duration::from_secs(600);
        for number in 1..=3 {
            store.put(&medium(number), &features(f32::from(number)));
            for (age, entry) in std::fs::read_dir(folder.path()).unwrap().enumerate() {
                let file = std::fs::File::options()
                    .append(true)
                    .open(entry.unwrap().path());
                let time = long_ago + Duration::from_secs(age as u64);
                file.unwrap().set_modified(time).unwrap();
            }
            if number == 2 {
                assert_eq!(first(&mut store, 1), Some(1.0));
            }
        }
        assert_eq!(store.memory.len(), 2);
        let files = std::fs::read_dir(folder.path()).unwrap();
        let total: u64 = files.map(|f| f.unwrap().metadata().unwrap().len()).sum();
        assert!(total <= 900, "{total}");
        assert_eq!(first(&mut store, 3), Some(3.0));
    }
}
