//! Rendered skeletons in the colours of OpenPose's COCO-18 drawing as ControlNet and DWPose
//! use it: limbs first at 0.6 of their colour, then the dots on top.

mod detail;

use image::{Rgb, RgbImage};

use crate::pose::{PersonView, PoseClip};

/// Joint and limb colours, by index.
pub const COLOURS: [[u8; 3]; 18] = [
    [0xff, 0x00, 0x00],
    [0xff, 0x55, 0x00],
    [0xff, 0xaa, 0x00],
    [0xff, 0xff, 0x00],
    [0xaa, 0xff, 0x00],
    [0x55, 0xff, 0x00],
    [0x00, 0xff, 0x00],
    [0x00, 0xff, 0x55],
    [0x00, 0xff, 0xaa],
    [0x00, 0xff, 0xff],
    [0x00, 0xaa, 0xff],
    [0x00, 0x55, 0xff],
    [0x00, 0x00, 0xff],
    [0x55, 0x00, 0xff],
    [0xaa, 0x00, 0xff],
    [0xff, 0x00, 0xff],
    [0xff, 0x00, 0xaa],
    [0xff, 0x00, 0x55],
];

/// The joints each limb runs between, in drawing order; limb `i` has colour `i`.
pub const LIMBS: [(usize, usize); 17] = [
    (1, 2),
    (1, 5),
    (2, 3),
    (3, 4),
    (5, 6),
    (6, 7),
    (1, 8),
    (8, 9),
    (9, 10),
    (1, 11),
    (11, 12),
    (12, 13),
    (1, 0),
    (0, 14),
    (14, 16),
    (0, 15),
    (15, 17),
];

/// How skeletons are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SkeletonStyle {
    /// Radius of the dots, pixels.
    pub dot: f64,
    /// Half width of the limbs' ellipses, pixels.
    pub limb: f64,
    /// Brightness of the limbs.
    pub dim: f64,
    /// Whether red and blue are exchanged, as in clips written in OpenCV's channel order.
    pub swapped: bool,
    /// Whether hands are drawn, as DWPose draws them.
    pub hands: bool,
    /// Whether faces are drawn, as DWPose draws them.
    pub face: bool,
}

impl Default for SkeletonStyle {
    fn default() -> Self {
        Self {
            dot: 4.0,
            limb: 4.0,
            dim: 0.6,
            swapped: false,
            hands: false,
            face: false,
        }
    }
}

/// Draws people on black.
pub fn draw(people: &[PersonView], width: u32, height: u32, style: SkeletonStyle) -> RgbImage {
    let mut picture = RgbImage::new(width, height);
    let colour = |index: usize, brightness: f64| {
        let [r, g, b] = COLOURS[index].map(|channel| (f64::from(channel) * brightness) as u8);
        Rgb(if style.swapped { [b, g, r] } else { [r, g, b] })
    };
    for (limb, &(from, to)) in LIMBS.iter().enumerate() {
        for person in people {
            if let (Some(a), Some(b)) = (person.points[from], person.points[to]) {
                let middle = ((a.x + b.x) / 2.0, (a.y + b.y) / 2.0);
                let (dx, dy) = ((b.x - a.x) / 2.0, (b.y - a.y) / 2.0);
                ellipse(
                    &mut picture,
                    middle,
                    (dx, dy),
                    style.limb,
                    colour(limb, style.dim),
                );
            }
        }
    }
    for joint in 0..18 {
        for person in people {
            if let Some(point) = person.points[joint] {
                let middle = (point.x, point.y);
                disc(&mut picture, middle, style.dot, colour(joint, 1.0));
            }
        }
    }
    for person in people.iter().filter(|_| style.hands) {
        detail::hands(&mut picture, person, style.swapped);
    }
    for person in people.iter().filter(|_| style.face) {
        detail::face(&mut picture, person);
    }
    picture
}

/// Fills a disc.
fn disc(picture: &mut RgbImage, middle: (f64, f64), radius: f64, colour: Rgb<u8>) {
    ellipse(picture, middle, (radius, 0.0), radius, colour);
}

/// Draws a line with round ends.
fn line(
    picture: &mut RgbImage,
    from: (f64, f64),
    to: (f64, f64),
    half_width: f64,
    colour: Rgb<u8>,
) {
    let steps = (to.0 - from.0).hypot(to.1 - from.1).ceil().clamp(1.0, 1e4);
    for step in 0..=steps as u32 {
        let share = f64::from(step) / steps;
        let at = (
            from.0 + share * (to.0 - from.0),
            from.1 + share * (to.1 - from.1),
        );
        disc(picture, at, half_width, colour);
    }
}

/// Fills an ellipse around `middle` with one half axis given as a vector and the other as a
/// length across it.
fn ellipse(
    picture: &mut RgbImage,
    middle: (f64, f64),
    half: (f64, f64),
    across: f64,
    colour: Rgb<u8>,
) {
    let length = half.0.hypot(half.1).max(0.5);
    let along = if half.0.hypot(half.1) > 0.0 {
        (half.0 / length, half.1 / length)
    } else {
        (1.0, 0.0)
    };
    let reach = length.max(across) + 1.0;
    let range = |centre: f64, most: u32| {
        let low = (centre - reach).floor().clamp(0.0, f64::from(most)) as u32;
        let high = (centre + reach).ceil().clamp(0.0, f64::from(most)) as u32;
        low..high
    };
    for y in range(middle.1, picture.height()) {
        for x in range(middle.0, picture.width()) {
            let (dx, dy) = (f64::from(x) - middle.0, f64::from(y) - middle.1);
            let u = (dx * along.0 + dy * along.1) / length;
            let v = (dy * along.0 - dx * along.1) / across;
            if u * u + v * v <= 1.0 {
                picture.put_pixel(x, y, colour);
            }
        }
    }
}

impl PoseClip {
    /// Every frame as a rendered skeleton.
    pub fn drawn(&self, style: SkeletonStyle) -> impl Iterator<Item = RgbImage> + '_ {
        self.frames
            .iter()
            .map(move |people| draw(people, self.width, self.height, style))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::Actor;
    use crate::camera::{CameraScript, Segment};

    #[test]
    fn dots_and_limbs_have_their_colours() {
        let mut script = CameraScript::of(vec![Segment::hold(1.0)]);
        script.start.y = -1.0;
        let clip = PoseClip::film(
            &[Actor::at(0.0, 4.0, 0.0)],
            &script.sample(5.0, 1.0),
            512,
            512,
        );
        let person = clip.frames[0][0];
        for swapped in [false, true] {
            let style = SkeletonStyle {
                swapped,
                ..SkeletonStyle::default()
            };
            let picture = draw(&clip.frames[0], 512, 512, style);
            let at = |x: f64, y: f64| picture.get_pixel(x.round() as u32, y.round() as u32).0;
            for joint in [1, 3, 4, 6, 7, 9, 10, 12, 13] {
                let point = person.points[joint].unwrap();
                let mut want = COLOURS[joint];
                if swapped {
                    want.reverse();
                }
                assert_eq!(at(point.x, point.y), want, "joint {joint}");
            }
            // Neck to right shoulder: dark red, or dark blue when swapped.
            let (a, b) = (person.points[1].unwrap(), person.points[2].unwrap());
            let limb = at((a.x + b.x) / 2.0, (a.y + b.y) / 2.0);
            assert_eq!(limb, if swapped { [0, 0, 153] } else { [153, 0, 0] });
        }
    }

    #[test]
    fn hands_and_faces_are_drawn_when_wanted() {
        let mut script = CameraScript::of(vec![Segment::hold(1.0)]);
        script.start.y = -1.0;
        let actors = [Actor::at(0.0, 3.0, 0.0)];
        let clip = PoseClip::film(&actors, &script.sample(5.0, 1.0), 512, 512);
        let style = SkeletonStyle::default();
        let count = |style, colour: [u8; 3]| {
            let picture = draw(&clip.frames[0], 512, 512, style);
            picture.pixels().filter(|pixel| pixel.0 == colour).count()
        };
        let whole = SkeletonStyle {
            hands: true,
            face: true,
            ..style
        };
        assert_eq!(count(style, [255; 3]), 0);
        assert!(count(whole, [255; 3]) > 300);
        assert!(count(whole, [0, 0, 255]) > count(style, [0, 0, 255]) + 300);
    }
}
