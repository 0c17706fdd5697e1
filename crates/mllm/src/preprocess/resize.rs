//! Bicubic resizing with antialiasing: a = −0.5, the kernel widened by the scale when reducing,
//! across and then down (Pillow's convolution, which torch took over).
//!
//! Why not a crate: the reference has two roundings, after each pass for pictures and once at the
//! end for frames, and they differ by up to 30 levels where a picture is full of contrast. The
//! one well-kept crate that convolves like Pillow, `fast_image_resize` 6.1, took more than three
//! minutes and 2.5 GB to compile for these two; ours is a page and gives torch's own levels.

use std::borrow::Cow;
use std::ops::{AddAssign, Mul};

use decoupage_dialogue::{Failure, FailureCode, Outcome};
use rayon::prelude::*;

use super::size::Way;
use crate::media::Picture;

/// Most pixels of a resized picture, and of one that is resized across only.
const MOST_PIXELS: usize = 1 << 27;

/// The kernel reaches this far, in output pixels.
const REACH: f64 = 2.0;

/// The picture's bytes at `height × width`, 3 colours; as they are when it has that size.
///
/// # Errors
/// The picture's bytes are not as many as its size says, or one of the sizes is absurd.
pub fn resize(picture: &Picture, height: usize, width: usize, way: Way) -> Outcome<Cow<'_, [u8]>> {
    sound(picture)?;
    let bytes = |h: usize, w: usize| h.checked_mul(w).filter(|pixels| *pixels <= MOST_PIXELS);
    let (Some(1..), Some(1..)) = (bytes(height, width), bytes(picture.height, width)) else {
        return Err(Failure::new(
            FailureCode::Invalid,
            format!(
                "A picture of {} × {} pixels is too large to be brought to {width} × {height}.",
                picture.width, picture.height
            ),
        )
        .advise("Make it smaller first."));
    };
    if (picture.height, picture.width) == (height, width) {
        return Ok(Cow::Borrowed(&picture.rgb));
    }
    let resized = match way {
        Way::Picture => {
            let across = whole_taps(picture.width, width);
            let down = whole_taps(picture.height, height);
            let narrow = pass_across(picture, &picture.rgb, &across.0, |sum| level(sum, across.1));
            pass_down(&narrow, width, &down.0, |sum| level(sum, down.1))
        }
        Way::Frame => {
            let across = taps(picture.width as f32, width, |number| number as f32);
            let down = taps(picture.height as f32, height, |number| number as f32);
            let narrow: Vec<f32> = pass_across(picture, &picture.rgb, &across, |sum: f32| sum);
            pass_down(&narrow, width, &down, |sum: f32| {
                sum.round_ties_even().clamp(0.0, 255.0) as u8
            })
        }
    };
    Ok(Cow::Owned(resized))
}

/// Checks that a picture has the bytes that its size says, and at least one pixel.
///
/// # Errors
/// It does not.
pub fn sound(picture: &Picture) -> Outcome<()> {
    let bytes = (picture.width)
        .checked_mul(picture.height)
        .and_then(|pixels| pixels.checked_mul(3));
    if bytes == Some(picture.rgb.len()) && !picture.rgb.is_empty() {
        return Ok(());
    }
    Err(Failure::new(
        FailureCode::Invalid,
        format!(
            "A picture of {} × {} pixels came with {} bytes, which is not what it should have.",
            picture.width,
            picture.height,
            picture.rgb.len()
        ),
    )
    .advise("Choose another picture."))
}

/// Which inputs each output is made of: the first one and the weights from there on, which add up
/// to one.
struct Taps<A> {
    starts: Vec<usize>,
    weights: Vec<A>,
    /// Weights of each output; those past its own reach are zero.
    reach: usize,
    counts: Vec<usize>,
}

impl<A> Taps<A> {
    fn of(&self, output: usize) -> (usize, &[A]) {
        let at = output * self.reach;
        let weights = &self.weights[at..at + self.counts[output]];
        (self.starts[output], weights)
    }
}

/// Weights in the type in which they are added up. `input` carries the precision of every step:
/// torch computes weights in 32-bit floats where pixels are floats, and only so do nearly all
/// sums fall to the same side of a level.
fn taps<F: Into<f64> + Copy, A: Copy>(
    input: F,
    output: usize,
    round: impl Fn(f64) -> A,
) -> Taps<A> {
    let exact = std::mem::size_of::<F>() == 8;
    let narrow = |number: f64| {
        if exact {
            number
        } else {
            f64::from(number as f32)
        }
    };
    let input: f64 = input.into();
    let scale = narrow(input / output as f64);
    let support = narrow(REACH * scale.max(1.0));
    let shrink = narrow(1.0 / scale.max(1.0));
    let reach = support.ceil() as usize * 2 + 1;
    let mut found = Taps {
        starts: Vec::with_capacity(output),
        weights: Vec::with_capacity(output * reach),
        reach,
        counts: Vec::with_capacity(output),
    };
    let mut line = Vec::with_capacity(reach);
    for index in 0..output {
        let centre = narrow(scale * (index as f64 + 0.5));
        let start = narrow(narrow(centre - support) + 0.5).max(0.0).floor();
        let end = narrow(narrow(centre + support) + 0.5).min(input).floor();
        line.clear();
        let mut total = 0.0;
        let mut at = start;
        while at < end && line.len() < reach {
            let distance = narrow(narrow(narrow(at - centre) + 0.5) * shrink);
            let weight = narrow(cubic(distance));
            total = narrow(total + weight);
            line.push(weight);
            at += 1.0;
        }
        found.starts.push(start as usize);
        found.counts.push(line.len());
        line.resize(reach, 0.0);
        found
            .weights
            .extend(line.iter().map(|weight| round(weight / total)));
    }
    found
}

/// Weights as whole numbers of 2⁻ⁿ, and n: as many bits as keep the largest below 2¹⁵.
fn whole_taps(input: usize, output: usize) -> (Taps<i32>, u32) {
    let exact = taps(input as f64, output, |weight| weight);
    let largest = exact
        .weights
        .iter()
        .fold(0.0f64, |most, one| most.max(*one));
    let mut bits = 0;
    while bits < 22 && (0.5 + largest * f64::from(1u32 << (bits + 1))) < f64::from(1 << 15) {
        bits += 1;
    }
    let unit = f64::from(1u32 << bits);
    let weights = exact
        .weights
        .iter()
        .map(|weight| (weight * unit + 0.5f64.copysign(*weight)) as i32)
        .collect();
    let whole = Taps {
        starts: exact.starts,
        weights,
        reach: exact.reach,
        counts: exact.counts,
    };
    (whole, bits)
}

/// A sum of whole weights as an 8-bit level.
fn level(sum: i32, bits: u32) -> u8 {
    let half = (1 << bits) >> 1;
    ((sum + half) >> bits).clamp(0, 255) as u8
}

/// Keys' cubic kernel with a = −0.5.
fn cubic(x: f64) -> f64 {
    const A: f64 = -0.5;
    let x = x.abs();
    if x < 1.0 {
        ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0
    } else if x < 2.0 {
        (((x - 5.0) * x + 8.0) * x - 4.0) * A
    } else {
        0.0
    }
}

/// Each row brought to the width of `taps`.
fn pass_across<A, O>(
    picture: &Picture,
    source: &[u8],
    taps: &Taps<A>,
    finish: impl Fn(A) -> O + Sync,
) -> Vec<O>
where
    A: Copy + Default + AddAssign + Mul<Output = A> + From<u8> + Sync,
    O: Copy + Default + Send,
{
    let width = taps.starts.len();
    let mut out = vec![O::default(); picture.height * width * 3];
    out.par_chunks_mut(width * 3)
        .zip(source.par_chunks(picture.width * 3))
        .for_each(|(out, row)| {
            for (index, out) in out.chunks_exact_mut(3).enumerate() {
                let (start, weights) = taps.of(index);
                let mut sums = [A::default(); 3];
                let pixels = row[start * 3..].chunks_exact(3);
                for (pixel, weight) in pixels.zip(weights) {
                    for (sum, level) in sums.iter_mut().zip(pixel) {
                        *sum += A::from(*level) * *weight;
                    }
                }
                for (out, sum) in out.iter_mut().zip(sums) {
                    *out = finish(sum);
                }
            }
        });
    out
}

/// Each column brought to the height of `taps`.
fn pass_down<A, S>(
    source: &[S],
    width: usize,
    taps: &Taps<A>,
    finish: impl Fn(A) -> u8 + Sync,
) -> Vec<u8>
where
    A: Copy + Default + AddAssign + Mul<Output = A> + From<S> + Send + Sync,
    S: Copy + Sync,
{
    let row = width * 3;
    let mut out = vec![0u8; taps.starts.len() * row];
    out.par_chunks_mut(row).enumerate().for_each_init(
        || vec![A::default(); row],
        |sums, (index, out)| {
            let (start, weights) = taps.of(index);
            sums.fill(A::default());
            let rows = source[start * row..].chunks_exact(row);
            for (line, weight) in rows.zip(weights) {
                for (sum, level) in sums.iter_mut().zip(line) {
                    *sum += A::from(*level) * *weight;
                }
            }
            for (out, sum) in out.iter_mut().zip(sums.iter()) {
                *out = finish(*sum);
            }
        },
    );
    out
}

#[cfg(test)]
#[path = "resize_tests.rs"]
mod tests;
