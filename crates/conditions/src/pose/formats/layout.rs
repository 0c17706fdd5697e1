//! The orders in which formats list a body's points, and the way to the canonical one.

use super::super::joints::{Body, JOINTS, L_SHOULDER, NECK, Point, R_SHOULDER, midway};
use super::json::Numbers;

/// How many joints a person has in a file, and in which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// OpenPose's 25: mid-hip at 8, feet at the end.
    Body25,
    /// OpenPose's 18, the canonical order.
    Coco18,
    /// COCO's 17: no neck, left before right.
    Coco17,
    /// Halpe's 26 (AlphaPose): COCO-17, then head, neck, hip and feet.
    Halpe26,
    /// COCO-WholeBody's 133: COCO-17, then feet, face and hands.
    WholeBody133,
    /// DWPose's 134: the canonical 18 first, then feet, face and hands.
    WholeBody134,
    /// Halpe's 136: Halpe-26, then face and hands.
    Halpe136,
}

/// A point of the file and how sure its writer was.
type Scored = (Point, f64);

impl Layout {
    /// The layout with this many points.
    fn of(points: usize) -> Option<Self> {
        Some(match points {
            25 => Self::Body25,
            18 => Self::Coco18,
            17 => Self::Coco17,
            26 => Self::Halpe26,
            133 => Self::WholeBody133,
            134 => Self::WholeBody134,
            136 => Self::Halpe136,
            _ => return None,
        })
    }

    /// Where in the file each canonical joint stands. A neck that is not there is set midway
    /// between the shoulders, as OpenPose defines it.
    fn places(self) -> [Option<usize>; JOINTS] {
        const BODY_25: [usize; JOINTS] = [
            0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18,
        ];
        const COCO_17: [usize; JOINTS] =
            [0, 18, 6, 8, 10, 5, 7, 9, 12, 14, 16, 11, 13, 15, 2, 1, 4, 3];
        match self {
            Self::Coco18 | Self::WholeBody134 => std::array::from_fn(Some),
            Self::Body25 => BODY_25.map(Some),
            Self::Halpe26 | Self::Halpe136 => COCO_17.map(Some),
            Self::Coco17 | Self::WholeBody133 => {
                let mut places = COCO_17.map(Some);
                places[NECK] = None;
                places
            }
        }
    }
}

/// Brings one person's numbers into canonical order, in the file's own units. Points scored
/// below `least` and points at (0, 0), which is how OpenPose writes "not seen", are `None`.
/// Returns nothing when the count of numbers fits no layout.
pub fn canonical(
    numbers: &Numbers,
    scores: Option<&Numbers>,
    least: f64,
) -> Option<(Layout, Body)> {
    let (layout, stride) = if numbers.group > 0 {
        // A ragged list is no list of points.
        if !(2..=4).contains(&numbers.group) || !numbers.count.is_multiple_of(numbers.group) {
            return None;
        }
        (Layout::of(numbers.count / numbers.group)?, numbers.group)
    } else {
        let with_scores = numbers
            .count
            .is_multiple_of(3)
            .then(|| Layout::of(numbers.count / 3))
            .flatten();
        match with_scores {
            Some(layout) => (layout, 3),
            None if numbers.count.is_multiple_of(2) => (Layout::of(numbers.count / 2)?, 2),
            None => return None,
        }
    };
    let scored = |place: usize| -> Option<Scored> {
        let at = place * stride;
        let x = f64::from(*numbers.values.get(at)?);
        let y = f64::from(*numbers.values.get(at + 1)?);
        let own = (stride >= 3).then(|| numbers.values.get(at + 2)).flatten();
        let score = match (scores, own) {
            (Some(scores), _) => scores.values.get(place).copied(),
            (None, own) => own.copied(),
        };
        Some(([x, y], score.map_or(1.0, f64::from)))
    };
    let mut body: Body = [None; JOINTS];
    for (joint, place) in layout.places().into_iter().enumerate() {
        body[joint] = place
            .and_then(scored)
            .filter(|&(point, score)| seen(point, score, least))
            .map(|(point, _)| point);
    }
    if layout.places()[NECK].is_none()
        && let (Some(right), Some(left)) = (body[R_SHOULDER], body[L_SHOULDER])
    {
        body[NECK] = Some(midway(right, left));
    }
    Some((layout, body))
}

/// No picture is larger: what lies beyond is not a position.
const REACH: f64 = 1e6;

fn seen(point: Point, score: f64, least: f64) -> bool {
    let placed = point.iter().all(|v| v.is_finite() && v.abs() < REACH);
    placed
        && (point[0] != 0.0 || point[1] != 0.0)
        && score.is_finite()
        && score > least
        && score < REACH
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(points: usize, stride: usize) -> Numbers {
        let mut numbers = Numbers::default();
        for index in 0..points {
            let mut row = vec![index as f32 + 1.0, index as f32 + 1.0];
            row.resize(stride, 1.0);
            for value in row {
                numbers.count += 1;
                if numbers.values.len() < 78 {
                    numbers.values.push(value);
                }
            }
        }
        numbers
    }

    #[test]
    fn every_layout_ends_in_the_same_order() {
        // (points, file place of right wrist, left ankle, left ear)
        for (points, wrist, ankle, ear) in [
            (18, 4, 13, 17),
            (25, 4, 14, 18),
            (17, 10, 15, 3),
            (26, 10, 15, 3),
            (133, 10, 15, 3),
            (134, 4, 13, 17),
            (136, 10, 15, 3),
        ] {
            let (_, body) = canonical(&flat(points, 3), None, 0.0).unwrap();
            let at = |joint: usize| body[joint].unwrap()[0] as usize - 1;
            assert_eq!((at(4), at(13), at(17)), (wrist, ankle, ear), "{points}");
        }
    }

    #[test]
    fn a_missing_neck_is_midway_between_the_shoulders() {
        let (layout, body) = canonical(&flat(17, 3), None, 0.0).unwrap();
        assert_eq!(layout, Layout::Coco17);
        assert_eq!(body[NECK], Some([6.5, 6.5]));
    }

    #[test]
    fn unseen_and_impossible_points_are_none() {
        let mut numbers = flat(18, 3);
        numbers.values[2] = 0.0; // nose: score 0
        numbers.values[3] = f32::NAN; // neck: no number
        numbers.values[6] = 9e9; // right shoulder: what NaN is read as
        let (_, body) = canonical(&numbers, None, 0.05).unwrap();
        assert_eq!(body.iter().filter(|p| p.is_none()).count(), 3);
    }

    #[test]
    fn numbers_of_no_layout_are_refused() {
        assert!(canonical(&flat(19, 3), None, 0.0).is_none());
        assert!(canonical(&Numbers::default(), None, 0.0).is_none());
    }
}
