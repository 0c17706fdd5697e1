//! The gated delta net's convolution and memory on the processor: row by row, all of a head's
//! memory in the nearest caches. For single rows and whole prompts alike this is less work than
//! chunks, which pay where products are much faster than sums.

use candle_core::{CpuStorage, CustomOp2, CustomOp3, Layout, Result, Shape};
use pulp::{Arch, Simd, WithSimd};

use super::{contiguous, each_piece, spread, vector};
use crate::config::DeltaConfig;

/// Rows that one thread convolves at a time.
const ROWS: usize = 8;

/// `[taps − 1 + rows, channels]` and taps `[taps, channels]`: each channel by itself, then SiLU,
/// `[rows, channels]`.
pub(crate) struct Convolve;

impl CustomOp2 for Convolve {
    fn name(&self) -> &'static str {
        "convolve-channels"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        taps: &CpuStorage,
        taps_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let x = contiguous(x, x_layout)?;
        let taps = contiguous(taps, taps_layout)?;
        let (all, channels) = x_layout.shape().dims2()?;
        let (count, tap_channels) = taps_layout.shape().dims2()?;
        if tap_channels != channels || count == 0 || all < count {
            candle_core::bail!("rows do not fit the taps they are convolved with");
        }
        let rows = all + 1 - count;
        let mut out = vec![0f32; rows * channels];
        let arch = Arch::new();
        each_piece(&mut out, ROWS * channels, |piece, out| {
            let x = &x[piece * ROWS * channels..];
            arch.dispatch(ConvolveRows {
                x,
                taps,
                out,
                channels,
            });
        });
        Ok((CpuStorage::F32(out), (rows, channels).into()))
    }
}

struct ConvolveRows<'a> {
    x: &'a [f32],
    taps: &'a [f32],
    out: &'a mut [f32],
    channels: usize,
}

impl WithSimd for ConvolveRows<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let channels = self.channels;
        let ones = vec![1f32; channels];
        let mut sum = vec![0f32; channels];
        for (row, out) in self.out.chunks_mut(channels).enumerate() {
            sum.fill(0.0);
            for (tap, taps) in self.taps.chunks_exact(channels).enumerate() {
                let x = &self.x[(row + tap) * channels..][..channels];
                for ((sum, x), tap) in sum.iter_mut().zip(x).zip(taps) {
                    *sum += x * tap;
                }
            }
            vector::gated(simd, out, &sum, &ones);
        }
    }
}

/// Convolved queries, keys and values `[rows, channels]`; strengths and decays before their
/// activations `[rows, 2 · value heads]`; memories `[value heads, key width, value width]`.
/// Returns, for each value head one after another, what is read `[rows, value width]` and then
/// its new memory.
pub(crate) struct Remember<'a> {
    pub(crate) config: &'a DeltaConfig,
    /// −exp(A) of each value head.
    pub(crate) rate: &'a [f32],
    /// What is added to decays before their activation.
    pub(crate) rate_bias: &'a [f32],
}

impl CustomOp3 for Remember<'_> {
    fn name(&self) -> &'static str {
        "remember"
    }

    fn cpu_fwd(
        &self,
        mixed: &CpuStorage,
        mixed_layout: &Layout,
        gates: &CpuStorage,
        gates_layout: &Layout,
        memory: &CpuStorage,
        memory_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let config = self.config;
        let heads = config.value_heads;
        let (rows, channels) = mixed_layout.shape().dims2()?;
        let mixed = contiguous(mixed, mixed_layout)?;
        let gates = contiguous(gates, gates_layout)?;
        let memory = contiguous(memory, memory_layout)?;
        let size = config.key_dim * config.value_dim;
        let fits = channels == 2 * config.key_heads * config.key_dim + heads * config.value_dim
            && gates.len() == rows * 2 * heads
            && memory.len() == heads * size
            && self.rate.len() == heads
            && self.rate_bias.len() == heads;
        if !fits {
            candle_core::bail!("rows do not fit the memory of their delta net");
        }
        let piece = rows * config.value_dim + size;
        let mut out = vec![0f32; heads * piece];
        let arch = Arch::new();
        spread(&mut out, piece, |head, out| {
            let (read, new) = out.split_at_mut(rows * config.value_dim);
            new.copy_from_slice(&memory[head * size..][..size]);
            arch.dispatch(RememberHead {
                config,
                mixed,
                gates,
                rate: self.rate[head],
                rate_bias: self.rate_bias[head],
                head,
                channels,
                read,
                memory: new,
            });
        });
        Ok((CpuStorage::F32(out), (heads, piece).into()))
    }
}

struct RememberHead<'a> {
    config: &'a DeltaConfig,
    mixed: &'a [f32],
    gates: &'a [f32],
    rate: f32,
    rate_bias: f32,
    head: usize,
    channels: usize,
    read: &'a mut [f32],
    memory: &'a mut [f32],
}

impl WithSimd for RememberHead<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let config = self.config;
        let (keys, values, heads) = (config.key_dim, config.value_dim, config.value_heads);
        // Neighbouring value heads share a key head.
        let key_head = self.head / (heads / config.key_heads);
        let mut q = vec![0f32; keys];
        let mut k = vec![0f32; keys];
        let mut news = vec![0f32; values];
        for (row, read) in self.read.chunks_exact_mut(values).enumerate() {
            let mixed = &self.mixed[row * self.channels..][..self.channels];
            let (queries, rest) = mixed.split_at(config.key_heads * keys);
            let (all_keys, all_values) = rest.split_at(config.key_heads * keys);
            let gates = &self.gates[row * 2 * heads..][..2 * heads];
            unit(simd, &queries[key_head * keys..][..keys], &mut q);
            unit(simd, &all_keys[key_head * keys..][..keys], &mut k);
            vector::scale(simd, &mut q, 1.0 / (keys as f32).sqrt());
            let v = &all_values[self.head * values..][..values];
            let strength = 1.0 / (1.0 + (-gates[self.head]).exp());
            let x = gates[heads + self.head] + self.rate_bias;
            // log(1 + eˣ) without overflow.
            let softplus = x.max(0.0) + (-x.abs()).exp().ln_1p();
            let fade = (self.rate * softplus).exp();
            // What the faded memory knows of this key, …
            news.fill(0.0);
            for (memory, k) in self.memory.chunks_exact_mut(values).zip(&k) {
                vector::scale(simd, memory, fade);
                vector::add_scaled(simd, &mut news, memory, *k);
            }
            // … what it does not know yet, …
            for (news, v) in news.iter_mut().zip(v) {
                *news = (v - *news) * strength;
            }
            // … is written, and all of it is read.
            read.fill(0.0);
            for ((memory, k), q) in self.memory.chunks_exact_mut(values).zip(&k).zip(&q) {
                vector::add_scaled(simd, memory, &news, *k);
                vector::add_scaled(simd, read, memory, *q);
            }
        }
    }
}

/// x brought to length 1.
#[inline(always)]
fn unit<S: Simd>(simd: S, x: &[f32], out: &mut [f32]) {
    let factor = 1.0 / (vector::dot(simd, x, x) + crate::text::LENGTH_EPSILON as f32).sqrt();
    for (out, x) in out.iter_mut().zip(x) {
        *out = x * factor;
    }
}
