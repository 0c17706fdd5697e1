//! The size that a picture is brought to: whole merge blocks, within a budget of pixels.

use decoupage_dialogue::{Failure, FailureCode, Outcome};

/// Pictures whose sides differ more than this are refused, as the reference does.
pub const WIDEST_ASPECT: usize = 200;

/// Most pixels that a picture or all frames of a clip are brought to, whatever a checkpoint's
/// files say: 2²⁹ pixels are about half a million tokens, more than any context.
pub const MOST_PIXELS: usize = 1 << 29;

/// The reference prepares pictures and the frames of clips in two slightly different ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// As the image processors of transformers do: a side of less than half a block counts as
    /// nothing, and resizing rounds to 8 bits after each of its two passes (torchvision's v2).
    Picture,
    /// As qwen-vl-utils 0.0.14 does: a side counts as one block at least, and resizing rounds
    /// once at the end (torchvision's first functions).
    Frame,
}

/// How many pixels a picture may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PixelBounds {
    /// Smaller pictures are enlarged to about this.
    pub min: usize,
    /// Larger ones are reduced to at most this (very wide ones may stay a little above).
    pub max: usize,
}

/// Height and width that a picture of `height × width` is brought to: multiples of `factor`
/// (patch × merge), with its aspect nearly kept, within `bounds`. Halves are rounded to even, as
/// Python does.
///
/// # Errors
/// The picture is empty, or one side is more than [`WIDEST_ASPECT`] times the other.
pub fn target_size(
    height: usize,
    width: usize,
    factor: usize,
    bounds: PixelBounds,
    way: Way,
) -> Outcome<(usize, usize)> {
    if height == 0 || width == 0 || factor == 0 {
        return Err(Failure::new(
            FailureCode::Invalid,
            format!("A picture of {width} × {height} pixels holds nothing to see."),
        )
        .advise("Choose another picture."));
    }
    let (long, short) = (height.max(width), height.min(width));
    if long as u128 > short as u128 * WIDEST_ASPECT as u128 {
        return Err(Failure::new(
            FailureCode::Invalid,
            format!(
                "A picture of {width} × {height} pixels is too narrow for a model: one side may \
                 be at most {WIDEST_ASPECT} times the other."
            ),
        )
        .advise("Crop it, or choose another picture."));
    }
    let max = bounds.max.clamp(1, MOST_PIXELS) as f64;
    let min = (bounds.min as f64).min(max);
    let (h, w, factor) = (height as f64, width as f64, factor as f64);
    let whole = |side: f64| {
        let rounded = (side / factor).round_ties_even() * factor;
        match way {
            Way::Picture => rounded,
            Way::Frame => rounded.max(factor),
        }
    };
    let (rounded_h, rounded_w) = (whole(h), whole(w));
    let pixels = rounded_h * rounded_w;
    let (new_h, new_w) = if pixels > max {
        let beta = (h * w / max).sqrt();
        (
            (h / beta / factor).floor() * factor,
            (w / beta / factor).floor() * factor,
        )
    } else if pixels < min {
        let beta = (min / (h * w)).sqrt();
        (
            (h * beta / factor).ceil() * factor,
            (w * beta / factor).ceil() * factor,
        )
    } else {
        (rounded_h, rounded_w)
    };
    let side = |value: f64| value.max(factor) as usize;
    Ok((side(new_h), side(new_w)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PICTURES: PixelBounds = PixelBounds {
        min: 56 * 56,
        max: 28 * 28 * 1280,
    };

    #[test]
    fn sizes_are_those_of_the_reference() {
        let size = |h, w| target_size(h, w, 28, PICTURES, Way::Picture).unwrap();
        assert_eq!(size(252, 448), (252, 448));
        assert_eq!(size(1080, 1920), (728, 1316));
        assert_eq!(size(1, 1), (56, 56));
        assert_eq!(size(1, 200), (28, 812));
        // 2.5 blocks round to 2, 3.5 to 4.
        assert_eq!(size(70, 98), (56, 112));
    }

    #[test]
    fn what_cannot_be_shown_is_refused_in_words() {
        let refused = |h, w| target_size(h, w, 28, PICTURES, Way::Picture).unwrap_err();
        assert!(refused(0, 9).message.contains("nothing to see"));
        assert!(refused(1, 201).message.contains("too narrow"));
        assert!(refused(usize::MAX, 1).message.contains("too narrow"));
        assert!(target_size(200, 1, 28, PICTURES, Way::Picture).is_ok());
    }

    proptest! {
        #[test]
        fn every_size_is_whole_blocks_within_reason(
            short in 1usize..5_000,
            aspect in 1.0f64..200.0,
            tall in any::<bool>(),
            factor in prop_oneof![Just(28usize), Just(32), Just(8)],
            way in prop_oneof![Just(Way::Picture), Just(Way::Frame)],
            min in 0usize..1_000_000,
            max in prop_oneof![0usize..20_000_000, Just(usize::MAX)],
        ) {
            let long = ((short as f64 * aspect) as usize).max(short);
            let (h, w) = if tall { (long, short) } else { (short, long) };
            let bounds = PixelBounds { min, max };
            let (new_h, new_w) = target_size(h, w, factor, bounds, way).unwrap();
            prop_assert!(new_h >= factor && new_w >= factor);
            prop_assert_eq!((new_h % factor, new_w % factor), (0, 0));
            // One block more in each direction than the budget is the most that rounding adds.
            let most = max.clamp(1, MOST_PIXELS).max(h * w) as f64;
            let edge = (new_h.max(new_w) + factor) * factor;
            prop_assert!((new_h * new_w) as f64 <= most.max(min as f64) + 2.0 * edge as f64 + 1e6);
        }
    }
}
