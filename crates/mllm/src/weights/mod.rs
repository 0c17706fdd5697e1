//! A checkpoint's tensors, whatever they are stored as, handed out as the models need them.

mod build;
mod decode;
pub mod map;
pub mod names;
mod shards;
pub mod source;
mod stored_blocks;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use candle_core::quantized::GgmlDType;
use candle_core::{DType, Device, Tensor};
use decoupage_dialogue::{Failure, FailureCode, Outcome, Precision};

use crate::failure::{self, Computing};
use crate::linear::{Embedding, Linear};
pub use shards::Shards;
pub use source::{Entry, Stored, TensorSource};

/// Told the bytes read so far and all bytes; an error (the person cancelled) ends the loading.
pub type OnProgress = Arc<dyn Fn(u64, u64) -> Outcome<()> + Send + Sync>;

/// How weights are held in memory.
#[derive(Clone)]
pub struct WeightOptions {
    /// Where the model runs.
    pub device: Device,
    /// What the person wished.
    pub precision: Precision,
    /// Told while tensors are read.
    pub on_progress: Option<OnProgress>,
}

impl WeightOptions {
    /// 32-bit floats on the processor, nobody told: what comparisons run with.
    pub fn exact() -> Self {
        Self {
            device: Device::Cpu,
            precision: Precision::F32,
            on_progress: None,
        }
    }
}

/// How the matrices of linear layers are held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hold {
    /// As a tensor of the compute type.
    Plain,
    /// As 16-bit brain floats, whatever the compute type (the processor computes in f32).
    Half,
    /// In blocks of this kind.
    Blocks(GgmlDType),
    /// Blocks stay blocks, everything else becomes plain.
    AsStored,
}

/// A checkpoint's tensors under canonical names (see [`names`]).
#[derive(Clone)]
pub struct Weights {
    shared: Arc<Shared>,
}

struct Shared {
    source: Arc<dyn TensorSource>,
    device: Device,
    dtype: DType,
    text: Hold,
    towers: Hold,
    progress: Option<OnProgress>,
    done: AtomicU64,
    total: u64,
}

impl Weights {
    /// Opens a folder of safetensors.
    ///
    /// # Errors
    /// A file is missing, truncated or damaged; it is named.
    pub fn open(folder: &Path, options: &WeightOptions) -> Outcome<Self> {
        Ok(Self::from_source(Arc::new(Shards::open(folder)?), options))
    }

    /// Takes tensors from any source.
    pub fn from_source(source: Arc<dyn TensorSource>, options: &WeightOptions) -> Self {
        let cpu = options.device.is_cpu();
        let (dtype, text) = match (options.precision, cpu) {
            (Precision::Auto, true) => (DType::F32, Hold::AsStored),
            (Precision::Auto, false) => (DType::BF16, Hold::AsStored),
            (Precision::F32, _) => (DType::F32, Hold::Plain),
            // The processor computes in f32: plain 16-bit tensors are slow there.
            (Precision::Bf16 | Precision::F16, true) => (DType::F32, Hold::Half),
            (Precision::Bf16, false) => (DType::BF16, Hold::Plain),
            (Precision::F16, false) => (DType::F16, Hold::Plain),
            (Precision::Q8_0, cpu) => (compute_type(cpu), Hold::Blocks(GgmlDType::Q8_0)),
            (Precision::Q4K, cpu) => (compute_type(cpu), Hold::Blocks(GgmlDType::Q4K)),
        };
        // Four bits blur what the towers see; they are a small part of the whole.
        let towers = match text {
            Hold::Blocks(GgmlDType::Q4K) => Hold::Blocks(GgmlDType::Q8_0),
            other => other,
        };
        let total = source
            .names()
            .iter()
            .filter_map(|name| source.entry(name))
            .map(|entry| entry.bytes as u64)
            .sum();
        Self {
            shared: Arc::new(Shared {
                source,
                device: options.device.clone(),
                dtype,
                text,
                towers,
                progress: options.on_progress.clone(),
                done: AtomicU64::new(0),
                total,
            }),
        }
    }

    /// Where the model runs.
    pub fn device(&self) -> &Device {
        &self.shared.device
    }

    /// What is computed in.
    pub fn dtype(&self) -> DType {
        self.shared.dtype
    }

    /// What keys and values are remembered in: halves on the processor too, unless the weights
    /// themselves are f32.
    pub fn cache_dtype(&self) -> DType {
        let shared = &self.shared;
        let whole = match shared.text {
            Hold::Plain => true,
            Hold::AsStored => !shared.source.names().iter().any(|name| {
                let entry = shared.source.entry(name);
                name.starts_with("text.layers.")
                    && entry.is_some_and(|entry| matches!(entry.stored, Stored::Blocks(_)))
            }),
            Hold::Half | Hold::Blocks(_) => false,
        };
        if whole || !shared.device.is_cpu() {
            shared.dtype
        } else {
            DType::F16
        }
    }

    /// The source, for what only it knows.
    pub fn source(&self) -> &Arc<dyn TensorSource> {
        &self.shared.source
    }

    /// The decoder's tensors, without its head.
    pub fn text(&self) -> Scope {
        self.scope("text", self.shared.text)
    }

    /// The head: its matrix is the scope's own `weight`. Held in 8 bits where the decoder is
    /// held in 4: the choice of words suffers first.
    pub fn head(&self) -> Scope {
        self.scope("head", self.shared.towers)
    }

    /// The vision tower's tensors.
    pub fn vision(&self) -> Scope {
        self.scope("vision", self.shared.towers)
    }

    /// The audio tower's tensors.
    pub fn audio(&self) -> Scope {
        self.scope("audio", self.shared.towers)
    }

    fn scope(&self, path: &str, hold: Hold) -> Scope {
        Scope {
            weights: self.clone(),
            path: path.to_owned(),
            hold,
        }
    }
}

fn compute_type(cpu: bool) -> DType {
    if cpu { DType::F32 } else { DType::BF16 }
}

/// Which parts of a [`Scope::linear`] have biases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bias {
    /// None of them.
    No,
    /// All of them.
    Yes,
    /// Those that have one; zeros for the others (Omni's audio keys have none).
    WherePresent,
}

impl From<bool> for Bias {
    fn from(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
}

/// Tensors below one path.
#[derive(Clone)]
pub struct Scope {
    weights: Weights,
    path: String,
    hold: Hold,
}

impl Scope {
    /// Deeper below: `scope.at("layers.3")`.
    #[must_use]
    pub fn at(&self, path: &str) -> Self {
        Self {
            weights: self.weights.clone(),
            path: self.name(path),
            hold: self.hold,
        }
    }

    /// The same tensors with linear layers held in 8 bits where they would be held in 4.
    #[must_use]
    pub fn finer(&self) -> Self {
        Self {
            hold: match self.hold {
                Hold::Blocks(GgmlDType::Q4K) => Hold::Blocks(GgmlDType::Q8_0),
                other => other,
            },
            ..self.clone()
        }
    }

    /// The same tensors with linear layers held in the compute type, for small matrices whose
    /// rows are no whole blocks.
    #[must_use]
    pub fn plain(&self) -> Self {
        Self {
            hold: Hold::Plain,
            ..self.clone()
        }
    }

    /// Where the model runs.
    pub fn device(&self) -> &Device {
        self.weights.device()
    }

    /// What is computed in.
    pub fn dtype(&self) -> DType {
        self.weights.dtype()
    }

    /// Whether a tensor is there (by its full name below this scope: `"attn.qkv.weight"`).
    pub fn has(&self, name: &str) -> bool {
        self.entry(name).is_some()
    }

    /// A tensor in the compute type, on the device.
    ///
    /// # Errors
    /// It is missing, of another shape, or of a kind that cannot be run; it is named.
    pub fn tensor(&self, name: &str, shape: &[usize]) -> Outcome<Tensor> {
        self.tensor_as(name, shape, self.dtype())
    }

    /// A tensor in a type of its own, on the device.
    ///
    /// # Errors
    /// As [`Scope::tensor`].
    pub fn tensor_as(&self, name: &str, shape: &[usize], dtype: DType) -> Outcome<Tensor> {
        let name = self.name(name);
        let entry = self.expect(&name)?;
        if entry.shape != shape {
            return Err(self.misshapen(entry, shape));
        }
        let tensor = build::plain(&self.weights, &[&name], shape, dtype)?;
        tensor.to_device(self.device()).computing()
    }

    /// One linear layer of one or more matrices `[outs[i], input]` with the same input, their
    /// outputs one after another. `parts` are paths above `weight` and `bias`; a matrix may be
    /// stored with more than two dimensions (a patch convolution) as long as its rows have
    /// `input` numbers.
    ///
    /// # Errors
    /// A tensor is missing, of another shape, or of a kind that cannot be run; it is named.
    pub fn linear(
        &self,
        parts: &[&str],
        input: usize,
        outs: &[usize],
        bias: impl Into<Bias>,
    ) -> Outcome<Linear> {
        if parts.len() != outs.len() || parts.is_empty() || input == 0 {
            return Err(Failure::new(
                FailureCode::Internal,
                "A linear layer was asked for with parts that do not fit.",
            ));
        }
        let mut names = Vec::new();
        for (part, out) in parts.iter().zip(outs) {
            let name = self.name(&join(part, "weight"));
            let entry = self.expect(&name)?;
            let rows = entry.shape.first().copied().unwrap_or_default();
            if rows != *out || entry.shape.iter().skip(1).product::<usize>() != input {
                return Err(self.misshapen(entry, &[*out, input]));
            }
            names.push(name);
        }
        let matrices = build::matrices(&self.weights, self.hold, &names, input, outs)?;
        let bias = self.bias(parts, outs, bias.into())?;
        Ok(Linear::from_matrices(matrices, bias, input))
    }

    /// The rows of an embedding, gathered where they lie: mapped from the file, so that the
    /// table takes no memory of its own.
    ///
    /// # Errors
    /// As [`Scope::tensor`].
    pub fn embedding(&self, part: &str, rows: usize, width: usize) -> Outcome<Embedding> {
        let name = self.name(&join(part, "weight"));
        let entry = self.expect(&name)?;
        if entry.shape != [rows, width] {
            return Err(self.misshapen(entry, &[rows, width]));
        }
        let row_bytes = entry.stored.row_bytes(width);
        if row_bytes.and_then(|bytes| bytes.checked_mul(rows)) != Some(entry.bytes) {
            return Err(self.misshapen(entry, &[rows, width]));
        }
        Ok(Embedding::mapped(
            Arc::clone(&self.weights.shared.source),
            name,
            rows,
            width,
            self.device().clone(),
            self.dtype(),
        ))
    }

    fn bias(&self, parts: &[&str], outs: &[usize], bias: Bias) -> Outcome<Option<Tensor>> {
        let mut values = Vec::with_capacity(parts.len());
        let mut any = false;
        for (part, out) in parts.iter().zip(outs) {
            let name = join(part, "bias");
            values.push(match bias {
                Bias::No => return Ok(None),
                Bias::WherePresent if !self.has(&name) => {
                    Tensor::zeros(*out, self.dtype(), self.device()).computing()?
                }
                _ => {
                    any = true;
                    self.tensor(&name, &[*out])?
                }
            });
        }
        if !any {
            return Ok(None);
        }
        Ok(Some(Tensor::cat(&values, 0).computing()?))
    }

    fn entry(&self, name: &str) -> Option<&Entry> {
        self.weights.shared.source.entry(&self.name(name))
    }

    fn expect(&self, full: &str) -> Outcome<&Entry> {
        let source = &self.weights.shared.source;
        source
            .entry(full)
            .ok_or_else(|| missing(&source.label(), full))
    }

    fn misshapen(&self, entry: &Entry, expected: &[usize]) -> Failure {
        failure::damaged(format!(
            "\"{}\" in {} has the shape {:?} where its configuration asks for {expected:?}.",
            entry.file_name,
            self.weights.shared.source.label(),
            entry.shape
        ))
    }

    fn name(&self, name: &str) -> String {
        join(&self.path, name)
    }
}

impl Shared {
    /// Counts bytes as read.
    fn read(&self, bytes: usize) -> Outcome<()> {
        let done = self.done.fetch_add(bytes as u64, Ordering::Relaxed) + bytes as u64;
        match &self.progress {
            Some(tell) => tell(done.min(self.total), self.total),
            None => Ok(()),
        }
    }
}

/// Rows of a matrix by number, one after another into `out`, read where they lie.
///
/// # Errors
/// The tensor is missing or damaged.
pub(crate) fn gather(
    source: &dyn TensorSource,
    name: &str,
    width: usize,
    ids: &[u32],
    out: &mut [f32],
) -> Outcome<()> {
    build::gather(source, name, width, ids, out)
}

/// A tensor that the checkpoint does not have.
fn missing(label: &str, name: &str) -> Failure {
    failure::damaged(format!("{label} lacks the tensor \"{name}\"."))
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else if name.is_empty() {
        path.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
