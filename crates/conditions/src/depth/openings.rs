//! Doorways: gaps in a wall, with an edge on both sides and above, that lead farther away.

use decoupage_shot::Region;

use super::maps::Clip;
use super::{Opening, ground, places};

/// The step of nearness on either side of a gap, over three pixels.
const STEP: f32 = 0.022;
/// The least width and height of an opening, shares of the frame.
const LEAST: (f64, f64) = (0.025, 0.1);
/// The most of its width.
const WIDEST: f64 = 0.5;

/// A gap in one row: first and last column.
type Gap = (usize, usize);

/// A gap that goes on from row to row.
#[derive(Debug, Clone)]
struct Gaps {
    top: usize,
    rows: Vec<Gap>,
}

/// Finds the openings that most of the looked-at frames show, as they are half way.
pub fn find(clip: &Clip) -> Vec<Opening> {
    let looks = ground::looks(clip.maps.len());
    let all: Vec<Vec<Region>> = looks
        .iter()
        .filter_map(|index| clip.maps.get(*index))
        .map(|map| in_map(map, clip.width, clip.height))
        .collect();
    let Some(middle) = all.get(all.len() / 2) else {
        return Vec::new();
    };
    let mut found: Vec<Opening> = middle
        .iter()
        .filter_map(|region| {
            let seen = all
                .iter()
                .filter(|others| others.iter().any(|other| alike(region, other)))
                .count();
            let share = seen as f64 / all.len() as f64;
            (share > 0.4).then(|| Opening {
                bounds: *region,
                place: place(region),
                name: None,
                confidence: round(0.35 + 0.55 * share),
            })
        })
        .collect();
    found.sort_by(|one, other| other.confidence.total_cmp(&one.confidence));
    found.truncate(6);
    found.sort_by(|one, other| one.bounds.x.total_cmp(&other.bounds.x));
    found
}

/// Whether two boxes are about the same one, the camera having moved a little.
fn alike(one: &Region, other: &Region) -> bool {
    let near = |a: f64, b: f64, most: f64| (a - b).abs() < most;
    near(one.x + one.width / 2.0, other.x + other.width / 2.0, 0.22)
        && near(one.width, other.width, 0.6 * one.width.max(other.width))
        && near(
            one.height,
            other.height,
            0.45 * one.height.max(other.height),
        )
}

/// Where an opening lies, in words.
fn place(region: &Region) -> String {
    let (width, height) = (48_usize, 27_usize);
    let mask: Vec<f32> = (0..width * height)
        .map(|at| {
            let x = ((at % width) as f64 + 0.5) / width as f64;
            let y = ((at / width) as f64 + 0.5) / height as f64;
            let inside = (region.x..region.x + region.width).contains(&x)
                && (region.y..region.y + region.height).contains(&y);
            f32::from(u8::from(inside))
        })
        .collect();
    places::of(&mask, width, height).words
}

fn in_map(map: &[f32], width: usize, height: usize) -> Vec<Region> {
    if width < 16 || height < 16 {
        return Vec::new();
    }
    let near = |x: usize, y: usize| {
        let value = map.get(y * width + x).copied().unwrap_or(0.0);
        if value.is_finite() { value } else { 0.0 }
    };
    let mut open: Vec<Gaps> = Vec::new();
    let mut done: Vec<Gaps> = Vec::new();
    for y in 0..height {
        let row: Vec<f32> = (0..width).map(|x| near(x, y)).collect();
        let mut gaps: Vec<Option<Gap>> = gaps(&row).into_iter().map(Some).collect();
        let mut still = Vec::new();
        for mut one in open {
            let Some((first, last)) = one.rows.last().copied() else {
                continue;
            };
            // A side wall's edge wanders slowly from row to row; a pixel or two is noise.
            let next = gaps.iter_mut().find(|gap| {
                gap.is_some_and(|gap| gap.0.abs_diff(first) <= 3 && gap.1.abs_diff(last) <= 3)
            });
            match next.and_then(Option::take) {
                Some(gap) => {
                    one.rows.push(gap);
                    still.push(one);
                }
                None => done.push(one),
            }
        }
        still.extend(gaps.into_iter().flatten().map(|gap| Gaps {
            top: y,
            rows: vec![gap],
        }));
        open = still;
    }
    done.extend(open);
    done.into_iter()
        .filter(|gaps| gaps.rows.len() as f64 >= LEAST.1 * height as f64)
        .filter_map(|gaps| {
            let middle = |of: fn(&Gap) -> usize| {
                let mut all: Vec<usize> = gaps.rows.iter().map(of).collect();
                all.sort_unstable();
                all.get(all.len() / 2).copied().unwrap_or(0)
            };
            let (first, last) = (middle(|gap| gap.0), middle(|gap| gap.1));
            // Above a doorway the wall goes on; between two things it does not.
            let lintel = (first..=last)
                .filter(|x| {
                    let above = near(*x, gaps.top.saturating_sub(3));
                    above - near(*x, (gaps.top + 2).min(height - 1)) > STEP * 0.8
                })
                .count();
            let wide = last + 1 - first;
            let framed = gaps.top > 3 && lintel * 10 >= wide * 6;
            framed.then(|| Region {
                x: round(first as f64 / width as f64),
                y: round(gaps.top as f64 / height as f64),
                width: round(wide as f64 / width as f64),
                height: round(gaps.rows.len() as f64 / height as f64),
            })
        })
        .collect()
}

/// The gaps of a row: from a fall to the next rise, with nothing as near as its rims between.
fn gaps(row: &[f32]) -> Vec<Gap> {
    let width = row.len();
    let at = |x: usize| row.get(x).copied().unwrap_or(0.0);
    // A step beyond the slope of what lies on either side: a wall that runs away has none.
    let edges: Vec<f32> = (0..width)
        .map(|x| {
            let place = |off: isize| at(x.saturating_add_signed(off).min(width - 1));
            let step = place(2) - place(-2);
            let before = (place(-2) - place(-7)) / 5.0;
            let after = (place(7) - place(2)) / 5.0;
            let slope = if step > 0.0 {
                before.max(after).max(0.0)
            } else {
                before.min(after).min(0.0)
            };
            let beyond = step - 4.0 * slope;
            if beyond * step > 0.0 { beyond } else { 0.0 }
        })
        .collect();
    let edge = |x: usize| edges.get(x).copied().unwrap_or(0.0);
    let strongest = |x: usize| {
        (x.saturating_sub(2)..(x + 3).min(width)).all(|other| edge(other).abs() <= edge(x).abs())
    };
    let mut out = Vec::new();
    let mut fall: Option<usize> = None;
    for x in 2..width.saturating_sub(2) {
        if edge(x).abs() < STEP || !strongest(x) {
            continue;
        }
        if edge(x) < 0.0 {
            fall = Some(x + 1);
            continue;
        }
        if let Some(first) = fall.take() {
            let wide = x.saturating_sub(first) as f64 / width as f64;
            if (LEAST.0..WIDEST).contains(&wide) {
                out.push((first, x));
            }
        }
    }
    out
}

fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doorway_is_found_and_a_gap_between_posts_is_not() {
        let (width, height) = (96, 64);
        let picture = |lintel: bool| -> Vec<f32> {
            (0..width * height)
                .map(|at| {
                    let (x, y) = (at % width, at / width);
                    let top = if lintel { 20 } else { 0 };
                    if (40..56).contains(&x) && (top..50).contains(&y) {
                        0.1
                    } else {
                        0.3
                    }
                })
                .collect()
        };
        let found = in_map(&picture(true), width, height);
        let [door] = found.as_slice() else {
            panic!("{found:?}");
        };
        assert!((door.x - 40.0 / 96.0).abs() < 0.03 && (door.width - 16.0 / 96.0).abs() < 0.04);
        assert!((door.y - 20.0 / 64.0).abs() < 0.03);
        assert!(in_map(&picture(false), width, height).is_empty());
        assert!(in_map(&[], 0, 0).is_empty());
    }
}
