//! The canonical body: OpenPose COCO-18, its limbs and its colours.

/// A point on the canvas: shares of width and height, or pixels where said so.
pub type Point = [f64; 2];

/// One person at one time, in COCO-18 order; `None` where not seen.
pub type Body = [Option<Point>; JOINTS];

/// How many joints the canonical body has.
pub const JOINTS: usize = 18;

/// Nose.
pub const NOSE: usize = 0;
/// Neck: midway between the shoulders.
pub const NECK: usize = 1;
/// Right shoulder, of the person's own body.
pub const R_SHOULDER: usize = 2;
/// Right elbow.
pub const R_ELBOW: usize = 3;
/// Right wrist.
pub const R_WRIST: usize = 4;
/// Left shoulder.
pub const L_SHOULDER: usize = 5;
/// Left elbow.
pub const L_ELBOW: usize = 6;
/// Left wrist.
pub const L_WRIST: usize = 7;
/// Right hip.
pub const R_HIP: usize = 8;
/// Right knee.
pub const R_KNEE: usize = 9;
/// Right ankle.
pub const R_ANKLE: usize = 10;
/// Left hip.
pub const L_HIP: usize = 11;
/// Left knee.
pub const L_KNEE: usize = 12;
/// Left ankle.
pub const L_ANKLE: usize = 13;
/// Right eye.
pub const R_EYE: usize = 14;
/// Left eye.
pub const L_EYE: usize = 15;
/// Right ear.
pub const R_EAR: usize = 16;
/// Left ear.
pub const L_EAR: usize = 17;

/// The limbs that OpenPose and DWPose draw, in drawing order; limb `i` has colour `i`.
pub const LIMBS: [(usize, usize); 17] = [
    (NECK, R_SHOULDER),
    (NECK, L_SHOULDER),
    (R_SHOULDER, R_ELBOW),
    (R_ELBOW, R_WRIST),
    (L_SHOULDER, L_ELBOW),
    (L_ELBOW, L_WRIST),
    (NECK, R_HIP),
    (R_HIP, R_KNEE),
    (R_KNEE, R_ANKLE),
    (NECK, L_HIP),
    (L_HIP, L_KNEE),
    (L_KNEE, L_ANKLE),
    (NECK, NOSE),
    (NOSE, R_EYE),
    (R_EYE, R_EAR),
    (NOSE, L_EYE),
    (L_EYE, L_EAR),
];

/// The eighteen colours of joints and limbs, sRGB: hues 20° apart at full saturation.
#[cfg(test)]
pub const COLOURS: [[u8; 3]; JOINTS] = [
    [255, 0, 0],
    [255, 85, 0],
    [255, 170, 0],
    [255, 255, 0],
    [170, 255, 0],
    [85, 255, 0],
    [0, 255, 0],
    [0, 255, 85],
    [0, 255, 170],
    [0, 255, 255],
    [0, 170, 255],
    [0, 85, 255],
    [0, 0, 255],
    [85, 0, 255],
    [170, 0, 255],
    [255, 0, 255],
    [255, 0, 170],
    [255, 0, 85],
];

/// The straight distance between two points.
pub fn distance(a: Point, b: Point) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// The point midway between two.
pub fn midway(a: Point, b: Point) -> Point {
    [f64::midpoint(a[0], b[0]), f64::midpoint(a[1], b[1])]
}

/// The corners (least x, least y, greatest x, greatest y) of a body's box; `None` for a body without points.
pub fn bounds(body: &Body) -> Option<[f64; 4]> {
    body.iter().flatten().fold(None, |sofar, p| {
        Some(match sofar {
            None => [p[0], p[1], p[0], p[1]],
            Some([l, t, r, b]) => [l.min(p[0]), t.min(p[1]), r.max(p[0]), b.max(p[1])],
        })
    })
}
