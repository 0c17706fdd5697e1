//! Attention within windows or frames: those of one size are computed together, in pieces whose
//! scores are bounded.

use candle_core::{Result, Tensor};
use decoupage_dialogue::Outcome;

use super::fused;
use super::layout::Run;
use crate::GoOn;
use crate::failure::Computing;

/// Most scores that are in memory at a time. On the processor few, so that they stay near it and
/// a cancellation is heard soon.
pub(super) fn most_scores(x: &Tensor) -> usize {
    if x.device().is_cpu() {
        1 << 24
    } else {
        1 << 28
    }
}

/// Softmax attention of `q` (scaled already), `k`, `v` `[frames, heads, patches, head_dim]`
/// within each window of `windows`, with `most` scores at a time: `[frames, heads, patches,
/// head_dim]`.
pub(super) fn attend(
    [q, k, v]: [&Tensor; 3],
    windows: &[Run],
    most: usize,
    go_on: &GoOn,
) -> Outcome<Tensor> {
    let mut first = 0;
    let mut parts = Vec::with_capacity(windows.len());
    for run in windows {
        let patches = run.count * run.patches;
        let part = |x: &Tensor| -> Result<Tensor> {
            let (frames, heads, _, head_dim) = x.dims4()?;
            x.narrow(2, first, patches)?.contiguous()?.reshape((
                frames * heads * run.count,
                run.patches,
                head_dim,
            ))
        };
        let (q, k, v) = (part(q), part(k), part(v));
        parts.push(each(
            &q.computing()?,
            &k.computing()?,
            &v.computing()?,
            most,
            go_on,
        )?);
        first += patches;
    }
    let whole = || -> Result<Tensor> {
        let (frames, heads, _, head_dim) = q.dims4()?;
        let parts = parts
            .iter()
            .zip(windows)
            .map(|(part, run)| part.reshape((frames, heads, run.count * run.patches, head_dim)))
            .collect::<Result<Vec<_>>>()?;
        match parts.as_slice() {
            [one] => Ok(one.clone()),
            parts => Tensor::cat(parts, 2),
        }
    };
    whole().computing()
}

/// Attention of each of a batch: `[batch, patches, head_dim]`.
fn each(q: &Tensor, k: &Tensor, v: &Tensor, most: usize, go_on: &GoOn) -> Outcome<Tensor> {
    #[cfg(feature = "flash-attn")]
    if q.device().is_cuda() && q.dtype() != candle_core::DType::F32 {
        go_on()?;
        return flash(q, k, v).computing();
    }
    let (batch, patches, _) = q.dims3().computing()?;
    // A few whole ones at a time, or a few rows of one.
    let together = (most / (patches * patches)).clamp(1, batch);
    let rows = (most / patches).clamp(1, patches);
    let mut out = Vec::new();
    for first in (0..batch).step_by(together) {
        let count = together.min(batch - first);
        let of = |x: &Tensor| x.narrow(0, first, count);
        let (q, k, v) = (of(q).computing()?, of(k).computing()?, of(v).computing()?);
        let keys = k.t().computing()?;
        let mut lines = Vec::new();
        for row in (0..patches).step_by(rows) {
            go_on()?;
            let line = q
                .narrow(1, row, rows.min(patches - row))
                .and_then(|q| q.contiguous()?.matmul(&keys))
                .and_then(fused::softmax)
                .and_then(|shares| shares.matmul(&v))
                .computing()?;
            lines.push(line);
        }
        out.push(joined(lines, 1).computing()?);
    }
    joined(out, 0).computing()
}

/// Parts one after another; a single one as it is.
pub(super) fn joined(mut parts: Vec<Tensor>, dimension: usize) -> Result<Tensor> {
    match (parts.len(), parts.pop()) {
        (1, Some(one)) => Ok(one),
        (_, Some(last)) => {
            parts.push(last);
            Tensor::cat(&parts, dimension)
        }
        (_, None) => candle_core::bail!("nothing to join"),
    }
}

/// The same by flash attention. A batch lies along an axis of the launch grid, which is short.
#[cfg(feature = "flash-attn")]
fn flash(q: &Tensor, k: &Tensor, v: &Tensor) -> Result<Tensor> {
    const MOST: usize = 1 << 15;
    let batch = q.dim(0)?;
    let parts = (0..batch)
        .step_by(MOST)
        .map(|first| {
            let of = |x: &Tensor| x.narrow(0, first, MOST.min(batch - first))?.unsqueeze(2);
            candle_flash_attn::flash_attn(&of(q)?, &of(k)?, &of(v)?, 1.0, false)?.squeeze(2)
        })
        .collect::<Result<Vec<_>>>()?;
    joined(parts, 0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use candle_core::Device;

    use super::*;

    fn numbers(shape: [usize; 4], seed: usize) -> Tensor {
        let count: usize = shape.iter().product();
        let values: Vec<f32> = (0..count)
            .map(|at| ((at * 7_919 + seed * 31) % 977) as f32 / 300.0 - 1.6)
            .collect();
        Tensor::from_vec(values, &shape, &Device::Cpu).unwrap()
    }

    /// Pieces of any size give what one mask over everything gives.
    #[test]
    fn pieces_and_windows_agree_with_one_mask() {
        let (frames, heads, patches, head_dim) = (2, 3, 14, 8);
        let windows = [(2, 4), (3, 2)].map(|(count, patches)| Run { count, patches });
        let [q, k, v] = [1, 2, 3].map(|seed| numbers([frames, heads, patches, head_dim], seed));
        let mut window = Vec::new();
        for (number, size) in [4, 4, 2, 2, 2].into_iter().enumerate() {
            window.extend(vec![number; size]);
        }
        let mask: Vec<f32> = (0..patches * patches)
            .map(|at| match window[at / patches] == window[at % patches] {
                true => 0.0,
                false => f32::NEG_INFINITY,
            })
            .collect();
        let mask = Tensor::from_vec(mask, (patches, patches), &Device::Cpu).unwrap();
        let scores = q
            .matmul(&k.t().unwrap())
            .unwrap()
            .broadcast_add(&mask)
            .unwrap();
        let right = candle_nn::ops::softmax_last_dim(&scores)
            .unwrap()
            .matmul(&v)
            .unwrap();
        for most in [1, 5, 16, 40, 1 << 20] {
            let found = attend([&q, &k, &v], &windows, most, &|| Ok(())).unwrap();
            let apart = (&found - &right).unwrap().abs().unwrap();
            let apart: f32 = apart
                .flatten_all()
                .unwrap()
                .max(0)
                .unwrap()
                .to_scalar()
                .unwrap();
            assert!(apart < 1e-5, "{most}: {apart}");
        }
    }
}
