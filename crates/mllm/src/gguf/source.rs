//! The tensors of a text file and of its projector under canonical names. Most are handed out as
//! they lie in the file; where the converter took a tensor apart or turned it, it is put together
//! again when it is read.

use std::borrow::Cow;
use std::collections::BTreeMap;

use decoupage_dialogue::{Failure, FailureCode, Outcome};

use super::container::{Container, Place};
use super::delta::{self, Heads};
use super::kinds::{self, Kind};
use super::names::{self, VisionNames};
use crate::config::Family;
use crate::failure;
use crate::weights::{Entry, Stored, TensorSource};

/// The tensors of a model in GGUF files.
#[derive(Debug)]
pub struct GgufTensors {
    files: Vec<Container>,
    tensors: BTreeMap<String, Tensor>,
}

#[derive(Debug)]
struct Tensor {
    entry: Entry,
    recipe: Recipe,
}

/// Bytes in one of the files.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    file: usize,
    start: usize,
    bytes: usize,
}

#[derive(Debug)]
enum Recipe {
    AsItLies(Part),
    /// Rows of several tensors one below another.
    Stacked(Vec<Part>),
    /// `piece` bytes of one and of the other in turn: the patch embedding, whose two moments
    /// lie apart.
    InTurn([Part; 2], usize),
    /// Changed by the converter for Qwen3.5's delta nets.
    Turned(Part, delta::Turn),
}

impl GgufTensors {
    /// Takes the tensors that are run out of `text` files and, where there is one, the
    /// projector.
    ///
    /// # Errors
    /// A tensor is stored in a way that cannot be run, or damaged; it is named.
    pub(super) fn new(
        text: Vec<Container>,
        tower: Option<(Container, VisionNames)>,
        family: Family,
        depth: usize,
        heads: Option<Heads>,
    ) -> Outcome<Self> {
        let mut source = Self {
            files: text,
            tensors: BTreeMap::new(),
        };
        let found: Vec<_> = source
            .files
            .iter()
            .enumerate()
            .flat_map(|(file, container)| {
                let tensors = container.header.tensors.iter();
                tensors.map(move |(name, place)| (file, name.clone(), place.clone()))
            })
            .collect();
        for (file, theirs, place) in found {
            if let Some(ours) = names::text(family, depth, &theirs) {
                source.add_text(file, theirs, ours, place, heads)?;
            }
        }
        if let Some((container, names)) = tower {
            source.add_tower(container, &names)?;
        }
        Ok(source)
    }

    fn add_text(
        &mut self,
        file: usize,
        theirs: String,
        ours: String,
        place: Place,
        heads: Option<Heads>,
    ) -> Outcome<()> {
        let stored = self.stored(file, &theirs, &place)?;
        let part = part(file, &place);
        let turn = match heads {
            Some(heads) => delta::turn(&ours, heads, &place.shape, stored)
                .map_err(|why| self.damaged(file, &theirs, why))?,
            None => None,
        };
        let (shape, stored, recipe) = match turn {
            Some((turn, shape, stored)) => (shape, stored, Recipe::Turned(part, turn)),
            None => (place.shape, stored, Recipe::AsItLies(part)),
        };
        self.insert(ours, theirs, shape, stored, recipe)
    }

    fn add_tower(&mut self, container: Container, names: &VisionNames) -> Outcome<()> {
        let file = self.files.len();
        let found: Vec<_> = container
            .header
            .tensors
            .iter()
            .map(|(name, place)| (name.clone(), place.clone()))
            .collect();
        let halves = ["v.patch_embd.weight", "v.patch_embd.weight.1"]
            .map(|name| container.header.tensors.get(name).cloned());
        self.files.push(container);
        for (theirs, place) in found {
            if let Some(ours) = names.of(&theirs) {
                let stored = self.stored(file, &theirs, &place)?;
                let recipe = Recipe::AsItLies(part(file, &place));
                self.insert(ours, theirs, place.shape, stored, recipe)?;
            } else if let Some(ours) = names::audio(&theirs) {
                let stored = self.stored(file, &theirs, &place)?;
                let recipe = Recipe::AsItLies(part(file, &place));
                // Biases of convolutions are written as columns.
                let shape = match place.shape.as_slice() {
                    [rows, 1] if theirs.ends_with("bias") => vec![*rows],
                    _ => place.shape,
                };
                self.insert(ours, theirs, shape, stored, recipe)?;
            }
        }
        if let [Some(first), Some(second)] = halves {
            self.add_patches(file, &first, &second)?;
        }
        if matches!(names.family, Family::Qwen2Vl | Family::Qwen25Vl) {
            self.stack_attention();
        }
        Ok(())
    }

    /// `[out, 3, patch, patch]` twice to `[out, 3, 2, patch, patch]`.
    fn add_patches(&mut self, file: usize, first: &Place, second: &Place) -> Outcome<()> {
        let name = "v.patch_embd.weight";
        let stored = self.stored(file, name, first)?;
        let (piece, shape) = match first.shape.as_slice() {
            [out, colours, rows, columns] if first.shape == second.shape => {
                let piece = stored
                    .row_bytes(*columns)
                    .and_then(|bytes| bytes.checked_mul(*rows));
                (piece, vec![*out, *colours, 2, *rows, *columns])
            }
            _ => (None, Vec::new()),
        };
        let piece = piece
            .filter(|piece| *piece > 0 && first.kind == second.kind && first.bytes == second.bytes)
            .ok_or_else(|| self.damaged(file, name, "its two halves do not fit together"))?;
        let recipe = Recipe::InTurn([part(file, first), part(file, second)], piece);
        self.insert(
            "vision.patch_embed.proj.weight".into(),
            name.into(),
            shape,
            stored,
            recipe,
        )
    }

    /// Queries, keys and values of these families are one matrix in their checkpoints; where they
    /// are stored alike they become one again. Where not, they stay apart.
    fn stack_attention(&mut self) {
        let parts: Vec<String> = self
            .tensors
            .keys()
            .filter(|name| name.starts_with("vision.blocks."))
            .filter_map(|name| name.strip_suffix(".attn.q.weight"))
            .map(str::to_owned)
            .collect();
        for part in parts {
            for end in ["weight", "bias"] {
                let names = ["q", "k", "v"].map(|letter| format!("{part}.attn.{letter}.{end}"));
                let tensors: Vec<&Tensor> = names
                    .iter()
                    .filter_map(|name| self.tensors.get(name))
                    .collect();
                let [q, k, v] = tensors.as_slice() else {
                    continue;
                };
                let alike = |other: &Tensor| {
                    other.entry.stored == q.entry.stored && other.entry.shape == q.entry.shape
                };
                if !alike(k) || !alike(v) {
                    continue;
                }
                let lying = tensors.iter().filter_map(|tensor| match tensor.recipe {
                    Recipe::AsItLies(part) => Some(part),
                    _ => None,
                });
                let recipe = Recipe::Stacked(lying.collect());
                let mut entry = q.entry.clone();
                entry.bytes *= 3;
                if let Some(rows) = entry.shape.first_mut() {
                    *rows *= 3;
                }
                for name in &names {
                    self.tensors.remove(name);
                }
                let name = format!("{part}.attn.qkv.{end}");
                self.tensors.insert(name, Tensor { entry, recipe });
            }
        }
    }

    fn insert(
        &mut self,
        ours: String,
        theirs: String,
        shape: Vec<usize>,
        stored: Stored,
        recipe: Recipe,
    ) -> Outcome<()> {
        let bytes = shape.split_last().and_then(|(row, rows)| {
            let rows = rows.iter().try_fold(1_usize, |n, l| n.checked_mul(*l))?;
            stored.row_bytes(*row)?.checked_mul(rows)
        });
        let bytes = bytes.ok_or_else(|| failure::damaged("A tensor's shape is too large."))?;
        let entry = Entry {
            shape,
            stored,
            bytes,
            file_name: theirs,
        };
        self.tensors.insert(ours, Tensor { entry, recipe });
        Ok(())
    }

    fn stored(&self, file: usize, name: &str, place: &Place) -> Outcome<Stored> {
        match place.kind {
            Kind::Known(stored) => Ok(stored),
            Kind::Foreign(number) => Err(failure::unsupported(format!(
                "{} is quantised as {}, which cannot be run here (\"{name}\").",
                self.path(file),
                kinds::name(number)
            ))
            .advise("Choose a GGUF of the same model in Q4_K_M, Q5_K_M, Q6_K, Q8_0 or F16.")),
        }
    }

    fn damaged(&self, file: usize, name: &str, why: &str) -> Failure {
        failure::damaged(format!(
            "\"{name}\" in {} is damaged: {why}.",
            self.path(file)
        ))
    }

    fn path(&self, file: usize) -> String {
        self.files
            .get(file)
            .map(|container| container.path().display().to_string())
            .unwrap_or_default()
    }

    fn lying(&self, part: Part) -> Outcome<&[u8]> {
        // Checked against the file's length when it was opened.
        self.files
            .get(part.file)
            .and_then(|container| {
                let bytes = container.file.bytes();
                bytes.get(part.start..part.start.checked_add(part.bytes)?)
            })
            .ok_or_else(|| failure::damaged(format!("{} is truncated.", self.path(part.file))))
    }
}

fn part(file: usize, place: &Place) -> Part {
    Part {
        file,
        start: place.start,
        bytes: place.bytes,
    }
}

impl TensorSource for GgufTensors {
    fn entry(&self, name: &str) -> Option<&Entry> {
        self.tensors.get(name).map(|tensor| &tensor.entry)
    }

    fn names(&self) -> Vec<&str> {
        self.tensors.keys().map(String::as_str).collect()
    }

    fn bytes(&self, name: &str) -> Outcome<Cow<'_, [u8]>> {
        let tensor = self.tensors.get(name).ok_or_else(|| {
            Failure::new(
                FailureCode::Damaged,
                format!("{} lacks the tensor \"{name}\".", self.label()),
            )
            .advise("Download the model again.")
        })?;
        match &tensor.recipe {
            Recipe::AsItLies(part) => Ok(Cow::Borrowed(self.lying(*part)?)),
            Recipe::Stacked(parts) => {
                let parts = parts.iter().map(|part| self.lying(*part));
                Ok(Cow::Owned(parts.collect::<Outcome<Vec<_>>>()?.concat()))
            }
            Recipe::InTurn([first, second], piece) => {
                let first = self.lying(*first)?.chunks(*piece);
                let second = self.lying(*second)?.chunks(*piece);
                let pieces: Vec<&[u8]> = first.zip(second).flat_map(|(a, b)| [a, b]).collect();
                Ok(Cow::Owned(pieces.concat()))
            }
            Recipe::Turned(part, turn) => {
                let bytes = self.lying(*part)?;
                let turned = turn.back(bytes, tensor.entry.bytes);
                turned.map(Cow::Owned).ok_or_else(|| {
                    self.damaged(part.file, &tensor.entry.file_name, "its shape does not fit")
                })
            }
        }
    }

    fn release(&self, name: &str) {
        let Some(tensor) = self.tensors.get(name) else {
            return;
        };
        let parts: &[Part] = match &tensor.recipe {
            Recipe::AsItLies(part) | Recipe::Turned(part, _) => std::slice::from_ref(part),
            Recipe::Stacked(parts) => parts,
            Recipe::InTurn(parts, _) => parts,
        };
        for part in parts {
            if let Some(container) = self.files.get(part.file) {
                container.file.release(part.start, part.bytes);
            }
        }
    }

    fn label(&self) -> String {
        self.path(0)
    }
}
