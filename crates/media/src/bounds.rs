//! What is too large to open, checked before memory is taken, and how sizes are scaled.

use decoupage_shot::{Code, Fault, Outcome};

/// The longest side of a picture or frame, pixels.
pub const MAX_SIDE: u32 = 16_384;

/// The most memory one decoded picture may take, bytes: 16 384 × 16 384 pixels of 8-bit RGBA,
/// or half as many of 16-bit RGBA.
pub const MAX_DECODED_BYTES: u64 = 1 << 30;

/// The most frames a folder may hold; beyond it the folder is not read to its end.
pub const MAX_FOLDER_FRAMES: usize = 200_000;

/// Refuses sizes of zero and sizes beyond the bounds.
pub(crate) fn check_size(width: u64, height: u64, bytes_per_pixel: u64) -> Outcome<(u32, u32)> {
    if width == 0 || height == 0 {
        return Err(Fault::new(
            Code::Damaged,
            "Its header gives a size of zero pixels.",
        ));
    }
    let side = u64::from(MAX_SIDE);
    let bytes = width
        .saturating_mul(height)
        .saturating_mul(bytes_per_pixel.max(1));
    if width > side || height > side || bytes > MAX_DECODED_BYTES {
        return Err(Fault::new(
            Code::TooLarge,
            format!(
                "It measures {width} × {height} pixels, beyond the bound of {MAX_SIDE} pixels a \
                 side and 1 GiB of memory."
            ),
        )
        .advise("Scale it down and add it again."));
    }
    // Both fit: they are at most MAX_SIDE.
    Ok((width as u32, height as u32))
}

/// Refuses pictures we make ourselves beyond the memory bound, whatever their shape.
pub(crate) fn check_area(width: u64, height: u64, bytes_per_pixel: u64) -> Outcome<(u32, u32)> {
    let bytes = width
        .saturating_mul(height)
        .saturating_mul(bytes_per_pixel.max(1));
    match (u32::try_from(width), u32::try_from(height)) {
        (Ok(width), Ok(height)) if bytes <= MAX_DECODED_BYTES => Ok((width, height)),
        _ => Err(Fault::new(
            Code::TooLarge,
            format!("A strip of {width} × {height} pixels is beyond the bound of 1 GiB of memory."),
        )
        .advise("Ask for fewer or smaller frames.")),
    }
}

/// The size after scaling down (never up) so that no side exceeds `longest`; at least 1 × 1.
pub(crate) fn fit(width: u32, height: u32, longest: Option<u32>) -> (u32, u32) {
    let most = longest.unwrap_or(u32::MAX).max(1);
    let long = width.max(height);
    if long <= most {
        return (width.max(1), height.max(1));
    }
    let share = f64::from(most) / f64::from(long);
    let scaled = |side: u32| ((f64::from(side) * share).round() as u32).clamp(1, most);
    (scaled(width), scaled(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_beyond_the_bounds_are_refused() {
        assert_eq!(check_size(0, 10, 4).unwrap_err().code, Code::Damaged);
        assert_eq!(check_size(16_385, 1, 1).unwrap_err().code, Code::TooLarge);
        assert_eq!(
            check_size(16_384, 16_384, 8).unwrap_err().code,
            Code::TooLarge
        );
        assert_eq!(
            check_size(u64::MAX, u64::MAX, u64::MAX).unwrap_err().code,
            Code::TooLarge
        );
        assert_eq!(check_size(16_384, 16_384, 4).unwrap(), (16_384, 16_384));
    }

    #[test]
    fn sizes_scale_down_and_never_up() {
        assert_eq!(fit(1280, 720, Some(448)), (448, 252));
        assert_eq!(fit(720, 1280, Some(448)), (252, 448));
        assert_eq!(fit(100, 50, Some(448)), (100, 50));
        assert_eq!(fit(10_000, 1, Some(10)), (10, 1));
        assert_eq!(fit(640, 480, None), (640, 480));
        assert_eq!(fit(640, 480, Some(0)), (1, 1));
    }
}
