//! Linear layers and embeddings, plain or quantised.

pub(crate) mod packed;
pub(crate) mod tiles;

use std::sync::Arc;

use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{D, DType, Device, Result, Tensor};
use decoupage_dialogue::{Failure, FailureCode, Outcome};

use crate::failure::Computing;
use crate::weights::TensorSource;
use tiles::Tiles;

/// From so many rows on, halves are better turned into f32 first.
const MANY_ROWS: usize = 8;

/// One matrix of a [`Linear`].
#[derive(Debug, Clone)]
pub(crate) enum Matrix {
    /// `[out, in]` in the compute type.
    Plain(Tensor),
    /// `[out, in]` in tiles, on the processor.
    Tiled(Arc<Tiles>),
    /// `[padded out, padded in]` in blocks.
    Quantised {
        tensor: Arc<QTensor>,
        rows: usize,
        padded_rows: usize,
        padded_input: usize,
    },
}

impl Matrix {
    pub(crate) fn quantised(tensor: QTensor, rows: usize) -> Self {
        let dims = tensor.shape().dims();
        let (padded_rows, padded_input) = (dims[0], dims[1]);
        Self::Quantised {
            tensor: Arc::new(tensor),
            rows,
            padded_rows,
            padded_input,
        }
    }
}

/// y = x Wᵀ + b, with W `[out, in]`.
#[derive(Debug, Clone)]
pub struct Linear {
    matrices: Vec<Matrix>,
    bias: Option<Tensor>,
    input: usize,
}

impl Linear {
    /// A plain layer: `weight` `[out, in]`, `bias` `[out]`.
    ///
    /// # Errors
    /// The weight is no matrix.
    pub fn new(weight: Tensor, bias: Option<Tensor>) -> Result<Self> {
        let (_, input) = weight.dims2()?;
        Ok(Self {
            matrices: vec![Matrix::Plain(weight)],
            bias,
            input,
        })
    }

    pub(crate) fn from_matrices(matrices: Vec<Matrix>, bias: Option<Tensor>, input: usize) -> Self {
        Self {
            matrices,
            bias,
            input,
        }
    }

    /// Numbers in a row of the input.
    pub fn input(&self) -> usize {
        self.input
    }

    /// The matrix `[out, in]` where it is held plain.
    pub(crate) fn plain(&self) -> Option<&Tensor> {
        match self.matrices.as_slice() {
            [Matrix::Plain(tensor)] => Some(tensor),
            _ => None,
        }
    }

    /// `x` `[…, in]` to `[…, out]`, in the type of `x`.
    ///
    /// # Errors
    /// The input has another width, or the device fails.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let dims = x.dims().to_vec();
        let Some((&width, outer)) = dims.split_last() else {
            candle_core::bail!("a linear layer takes rows, not a number");
        };
        if width != self.input {
            candle_core::bail!("a linear layer takes rows of {}, not {width}", self.input);
        }
        let rows: usize = outer.iter().product();
        let x = x.reshape((rows, width))?;
        let y = match self.matrices.as_slice() {
            [matrix] => multiply(matrix, &x)?,
            matrices => {
                let parts = matrices
                    .iter()
                    .map(|matrix| multiply(matrix, &x))
                    .collect::<Result<Vec<_>>>()?;
                Tensor::cat(&parts, D::Minus1)?
            }
        };
        let y = match &self.bias {
            Some(bias) => y.broadcast_add(bias)?,
            None => y,
        };
        let out = y.dim(1)?;
        let mut dims = outer.to_vec();
        dims.push(out);
        y.reshape(dims)
    }
}

fn multiply(matrix: &Matrix, x: &Tensor) -> Result<Tensor> {
    match matrix {
        Matrix::Plain(weight) => x.matmul(&weight.t()?),
        Matrix::Tiled(tiles) => x.contiguous()?.apply_op1_no_bwd(tiles.as_ref()),
        Matrix::Quantised {
            tensor,
            rows,
            padded_rows,
            padded_input,
        } => {
            let dtype = x.dtype();
            if x.device().is_cpu() && tensor.dtype() == GgmlDType::BF16 && x.dim(0)? >= MANY_ROWS {
                // candle multiplies halves row by row.
                let weight = tensor.dequantize(x.device())?.narrow(0, 0, *rows)?;
                return x
                    .to_dtype(DType::F32)?
                    .matmul(&weight.t()?)?
                    .to_dtype(dtype);
            }
            // Kernels of blocks take f32 everywhere, other types only here and there.
            let x = x.to_dtype(DType::F32)?;
            let width = x.dim(1)?;
            let x = if *padded_input > width {
                x.pad_with_zeros(1, 0, padded_input - width)?
            } else {
                x.contiguous()?
            };
            let y = x.apply_op1_no_bwd(tensor.as_ref())?;
            let y = if padded_rows > rows {
                y.narrow(1, 0, *rows)?.contiguous()?
            } else {
                y
            };
            y.to_dtype(dtype)
        }
    }
}

/// A table of rows that are looked up by token.
#[derive(Clone)]
pub struct Embedding {
    table: Table,
    rows: usize,
    width: usize,
}

#[derive(Clone)]
enum Table {
    /// Rows stay in the file and are read one by one.
    Mapped {
        source: Arc<dyn TensorSource>,
        name: String,
        device: Device,
        dtype: DType,
    },
    /// The table is in memory for another reason: it is the head too.
    Held(Tensor),
}

impl Embedding {
    pub(crate) fn mapped(
        source: Arc<dyn TensorSource>,
        name: String,
        rows: usize,
        width: usize,
        device: Device,
        dtype: DType,
    ) -> Self {
        Self {
            table: Table::Mapped {
                source,
                name,
                device,
                dtype,
            },
            rows,
            width,
        }
    }

    /// The rows of a plain linear layer's matrix, shared with it; none when it is quantised.
    pub(crate) fn of(linear: &Linear) -> Option<Self> {
        let table = linear.plain()?;
        let (rows, width) = table.dims2().ok()?;
        Some(Self {
            table: Table::Held(table.clone()),
            rows,
            width,
        })
    }

    /// The rows of `ids`: `[ids, width]` in the compute type.
    ///
    /// # Errors
    /// An id is outside of the table.
    pub fn forward(&self, ids: &[u32]) -> Outcome<Tensor> {
        if let Some(id) = ids.iter().find(|id| **id as usize >= self.rows) {
            return Err(Failure::new(
                FailureCode::Invalid,
                format!("Token {id} is not one of the model's {} tokens.", self.rows),
            ));
        }
        match &self.table {
            Table::Held(table) => {
                let ids = Tensor::new(ids, table.device()).computing()?;
                table.index_select(&ids, 0).computing()
            }
            Table::Mapped {
                source,
                name,
                device,
                dtype,
            } => {
                let mut values = vec![0f32; ids.len() * self.width];
                crate::weights::gather(source.as_ref(), name, self.width, ids, &mut values)?;
                Tensor::from_vec(values, (ids.len(), self.width), &Device::Cpu)
                    .and_then(|rows| rows.to_dtype(*dtype)?.to_device(device))
                    .computing()
            }
        }
    }
}
