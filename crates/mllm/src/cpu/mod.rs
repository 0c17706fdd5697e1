//! What the decoder computes on the processor by itself, where candle's own operations are
//! single-threaded, wake a second pool of threads for a single row, or copy. Written once for
//! all vector units with `pulp`, which picks the widest at run time.

pub(crate) mod attention;
pub(crate) mod delta;
pub(crate) mod rows;
mod vector;

use std::sync::{Mutex, PoisonError};

use candle_core::{CpuStorage, Layout, Result};

/// Numbers that one thread works through before it pays to wake another one.
const WORTH_A_THREAD: usize = 1 << 14;

/// Calls `work` with the number and the contents of every piece of `out`, on all threads of the
/// pool that quantised products run on: threads of another pool would fight for the same cores.
fn each_piece(out: &mut [f32], piece: usize, work: impl Fn(usize, &mut [f32]) + Sync) {
    if out.len() <= WORTH_A_THREAD {
        for (index, piece) in out.chunks_mut(piece).enumerate() {
            work(index, piece);
        }
        return;
    }
    spread(out, piece, work);
}

/// As [`each_piece`] for pieces that are much work however short they are.
fn spread(out: &mut [f32], piece: usize, work: impl Fn(usize, &mut [f32]) + Sync) {
    let pieces: Vec<Mutex<&mut [f32]>> = out.chunks_mut(piece).map(Mutex::new).collect();
    candle_core::utils::barrier_pool().execute_chunked(pieces.len(), |range| {
        for index in range {
            // Each piece is taken once: the lock is never waited for.
            let mut piece = pieces[index].lock().unwrap_or_else(PoisonError::into_inner);
            work(index, &mut piece);
        }
    });
}

/// The numbers of a tensor from its first one on.
fn numbers<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    match storage {
        CpuStorage::F32(values) => Ok(&values[layout.start_offset()..]),
        _ => candle_core::bail!("the processor's own operations take f32"),
    }
}

/// The numbers of a tensor without gaps.
fn contiguous<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    if !layout.is_contiguous() {
        candle_core::bail!("the processor's own operations take whole rows here");
    }
    Ok(&numbers(storage, layout)?[..layout.shape().elem_count()])
}
