//! Which frames of a clip are shown, as qwen-vl-utils 0.0.14 chooses them.

/// Which of `total` frames at `source_fps` are taken so that there are about `wanted_fps` a
/// second: an even number between `min` and `max`, evenly spread, first and last included,
/// rounded half to even. A clip of one frame gives that frame.
pub fn sample(
    total: usize,
    source_fps: f64,
    wanted_fps: f64,
    min: usize,
    max: usize,
) -> Vec<usize> {
    if total < 2 {
        return (0..total).collect();
    }
    let positive = |fps: f64| (fps.is_finite() && fps > 0.0).then_some(fps);
    let wanted_fps = positive(wanted_fps).unwrap_or(2.0);
    let source_fps = positive(source_fps).unwrap_or(wanted_fps);
    let most = max.min(total) / 2 * 2;
    let wanted = total as f64 / source_fps * wanted_fps;
    let count = wanted.max(min as f64).min(most as f64);
    let count = (count as usize / 2 * 2).max(2);
    let last = (total - 1) as f64;
    (0..count)
        .map(|i| (last * i as f64 / (count - 1) as f64).round_ties_even() as usize)
        .collect()
}

/// Frames per second of `taken` frames out of `total` at `source_fps`.
pub fn rate(taken: usize, total: usize, source_fps: f64) -> f64 {
    taken as f64 / total.max(1) as f64 * source_fps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_even_in_number_and_spread() {
        assert_eq!(sample(1, 24.0, 2.0, 4, 32), [0]);
        assert_eq!(sample(48, 24.0, 2.0, 4, 32), [0, 16, 31, 47]);
        assert_eq!(sample(240, 24.0, 2.0, 4, 32).len(), 20);
        assert_eq!(sample(24_000, 24.0, 2.0, 4, 32).len(), 32);
        assert_eq!(sample(3, 24.0, 2.0, 4, 32), [0, 2]);
        assert_eq!(sample(100, f64::NAN, f64::INFINITY, 0, 7).len(), 6);
        assert!((rate(20, 240, 24.0) - 2.0).abs() < 1e-9);
    }
}
