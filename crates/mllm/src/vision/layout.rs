//! Where the patches of one frame lie: their order in the tower, their windows, their rows and
//! columns, and their places in the learned grid. All frames of a clip have the same layout.

use crate::config::VisionConfig;

/// Base of the rotary frequencies (all families).
const THETA: f32 = 10_000.0;

/// One frame's patches in the order in which the tower computes them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layout {
    /// Row and column of each patch.
    pub places: Vec<[u32; 2]>,
    /// Which merged token (in the order of the input) stands at each place of the tower's order;
    /// none when the orders are the same.
    pub order: Option<Vec<u32>>,
    /// Windows of one size after another; one window for towers without.
    pub windows: Vec<Run>,
    /// Patches down and across.
    size: [usize; 2],
}

/// Windows of the same size, one after another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    /// How many.
    pub count: usize,
    /// Patches of each.
    pub patches: usize,
}

impl Layout {
    /// The layout of `rows × columns` patches, which are whole merge blocks.
    pub fn new(rows: usize, columns: usize, config: &VisionConfig) -> Self {
        let merge = config.merge;
        let (down, across) = (rows / merge, columns / merge);
        let unit = merge * merge;
        let mut layout = Self {
            places: Vec::with_capacity(rows * columns),
            order: None,
            windows: vec![Run {
                count: 1,
                patches: rows * columns,
            }],
            size: [rows, columns],
        };
        if let Some(windows) = &config.windows {
            let side = (windows.pixels / config.patch / merge).max(1);
            let (order, runs) = window_order(down, across, side);
            layout.order = Some(order);
            layout.windows = runs
                .into_iter()
                .map(|run| Run {
                    patches: run.patches * unit,
                    ..run
                })
                .collect();
        }
        let input: Vec<u32> = (0..(down * across) as u32).collect();
        for token in layout.order.as_ref().unwrap_or(&input) {
            let (row, column) = (*token as usize / across, *token as usize % across);
            for inner in 0..unit {
                layout.places.push([
                    (row * merge + inner / merge) as u32,
                    (column * merge + inner % merge) as u32,
                ]);
            }
        }
        layout
    }

    /// For each merged token of the input its place in the tower's order.
    pub fn back(&self) -> Option<Vec<u32>> {
        let order = self.order.as_ref()?;
        let mut back = vec![0; order.len()];
        for (place, token) in order.iter().enumerate() {
            back[*token as usize] = place as u32;
        }
        Some(back)
    }

    /// Angles of the rotary positions, `[patches × head_dim / 2]`: a quarter of a head turns with
    /// the row, a quarter with the column (Qwen2-VL §2.1).
    pub fn angles(&self, head_dim: usize) -> Vec<f32> {
        let quarter = head_dim / 4;
        let frequencies: Vec<f32> = (0..quarter)
            .map(|at| 1.0 / THETA.powf((2 * at) as f32 / (head_dim / 2) as f32))
            .collect();
        let mut angles = Vec::with_capacity(self.places.len() * quarter * 2);
        for place in &self.places {
            for side in place {
                angles.extend(frequencies.iter().map(|one| *side as f32 * one));
            }
        }
        angles
    }

    /// For each patch the four points of a learned grid of `side × side` that surround it, and
    /// their weights: corners of the grid lie on corners of the picture.
    pub fn surrounding(&self, side: usize) -> ([Vec<u32>; 4], [Vec<f32>; 4]) {
        let [down, across] = self.size.map(|count| line(count, side));
        let mut points: [Vec<u32>; 4] = Default::default();
        let mut weights: [Vec<f32>; 4] = Default::default();
        for [row, column] in &self.places {
            let ([top, bottom], y) = down[*row as usize];
            let ([left, right], x) = across[*column as usize];
            let around = [
                (top, left, (1.0 - y) * (1.0 - x)),
                (top, right, (1.0 - y) * x),
                (bottom, left, y * (1.0 - x)),
                (bottom, right, y * x),
            ];
            for (at, (row, column, weight)) in around.into_iter().enumerate() {
                points[at].push((row * side + column) as u32);
                weights[at].push(weight);
            }
        }
        (points, weights)
    }
}

/// `count` positions evenly over `side` points, ends on ends: the points before and after, and
/// how far it is from the one before. In 32-bit floats from the nearer end, as torch's linspace.
fn line(count: usize, side: usize) -> Vec<([usize; 2], f32)> {
    let end = side.saturating_sub(1);
    let step = end as f32 / count.saturating_sub(1).max(1) as f32;
    (0..count)
        .map(|index| {
            let at = if count == 1 || index < count / 2 {
                step * index as f32
            } else {
                end as f32 - step * (count - 1 - index) as f32
            };
            let before = (at.max(0.0) as usize).min(end);
            ([before, (before + 1).min(end)], at - before as f32)
        })
        .collect()
}

/// Tokens of a `down × across` picture window by window (`side × side` tokens, less at the right
/// and lower edges), windows of one size one after another; and these runs, in tokens. Attention
/// within windows does not care for their order, and equal sizes are computed together.
fn window_order(down: usize, across: usize, side: usize) -> (Vec<u32>, Vec<Run>) {
    let mut order = Vec::with_capacity(down * across);
    let mut runs = Vec::new();
    let parts = |length: usize| {
        let whole = length / side * side;
        [(0, whole, side), (whole, length, length - whole)]
    };
    for (top, bottom, height) in parts(down) {
        for (left, right, width) in parts(across) {
            if height == 0 || width == 0 || top == bottom || left == right {
                continue;
            }
            let mut count = 0;
            for row in (top..bottom).step_by(height) {
                for column in (left..right).step_by(width) {
                    for y in row..row + height {
                        order.extend((column..column + width).map(|x| (y * across + x) as u32));
                    }
                    count += 1;
                }
            }
            runs.push(Run {
                count,
                patches: height * width,
            });
        }
    }
    (order, runs)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn windows_at_the_edges_are_smaller() {
        let (order, runs) = window_order(3, 5, 2);
        assert_eq!(order, [0, 1, 5, 6, 2, 3, 7, 8, 4, 9, 10, 11, 12, 13, 14]);
        let sizes: Vec<_> = runs.iter().map(|run| (run.count, run.patches)).collect();
        assert_eq!(sizes, [(2, 4), (1, 2), (2, 2), (1, 1)]);
    }

    #[test]
    fn the_grid_reaches_from_corner_to_corner() {
        let found = line(5, 3);
        let at: Vec<f32> = found
            .iter()
            .map(|(points, past)| points[0] as f32 + past)
            .collect();
        assert_eq!(at, [0.0, 0.5, 1.0, 1.5, 2.0]);
        assert_eq!(line(1, 3), [([0, 1], 0.0)]);
        assert_eq!(line(2, 1), [([0, 0], 0.0); 2]);
    }

    proptest! {
        #[test]
        fn windows_hold_every_token_once(
            down in 1usize..40,
            across in 1usize..40,
            side in 1usize..6,
        ) {
            let (order, runs) = window_order(down, across, side);
            let mut sorted = order.clone();
            sorted.sort_unstable();
            prop_assert_eq!(sorted, (0..(down * across) as u32).collect::<Vec<_>>());
            prop_assert_eq!(
                runs.iter().map(|run| run.count * run.patches).sum::<usize>(),
                order.len()
            );
            // Tokens of one window are those of one cell of the picture.
            let mut at = 0;
            for run in runs {
                for _ in 0..run.count {
                    let cell = |token: u32| {
                        let token = token as usize;
                        (token / across / side, token % across / side)
                    };
                    let window = &order[at..at + run.patches];
                    prop_assert!(window.iter().all(|token| cell(*token) == cell(window[0])));
                    at += run.patches;
                }
            }
        }
    }
}
