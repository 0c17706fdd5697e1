//! Footage with a known edit and a known camera: textured scenes under a camera that pans,
//! tilts, rolls, zooms, trucks, pedestals or dollies, with hard cuts, dissolves and fades, and
//! things that move on their own.
//!
//! A scene is a far wall that fills every direction and, for parallax, a row of nearer panels.
//! A camera that turns sees all of it through one homography; one that travels moves the near
//! against the far.

use image::{Rgb, RgbImage};

use crate::noise::Noise;

/// What the camera of a shot does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names are the field's own")]
pub enum FilmMove {
    Static,
    PanLeft,
    PanRight,
    TiltUp,
    TiltDown,
    RollCw,
    RollCcw,
    ZoomIn,
    ZoomOut,
    TruckLeft,
    TruckRight,
    PedestalUp,
    PedestalDown,
    DollyIn,
    DollyOut,
}

impl FilmMove {
    /// Every move.
    pub const ALL: [Self; 15] = [
        Self::Static,
        Self::PanLeft,
        Self::PanRight,
        Self::TiltUp,
        Self::TiltDown,
        Self::RollCw,
        Self::RollCcw,
        Self::ZoomIn,
        Self::ZoomOut,
        Self::TruckLeft,
        Self::TruckRight,
        Self::PedestalUp,
        Self::PedestalDown,
        Self::DollyIn,
        Self::DollyOut,
    ];

    /// Whether the camera travels, so that near and far move differently.
    pub fn travels(self) -> bool {
        matches!(
            self,
            Self::TruckLeft
                | Self::TruckRight
                | Self::PedestalUp
                | Self::PedestalDown
                | Self::DollyIn
                | Self::DollyOut
        )
    }
}

/// One shot.
#[derive(Debug, Clone, PartialEq)]
pub struct FilmShot {
    /// Seed of what is seen.
    pub scene: u64,
    /// What the camera does.
    pub action: FilmMove,
    /// How much in all: widths of the picture at its centre for pans, tilts, trucks and
    /// pedestals (of the far wall), degrees for rolls, a factor for zooms and dollies (of the
    /// far wall).
    pub amount: f64,
    /// When the camera moves, seconds from the shot's begin; with a short ease at both ends.
    pub from_s: f64,
    /// End of the move.
    pub to_s: f64,
    /// Length of the shot, seconds.
    pub length_s: f64,
    /// Focal length, widths of the picture.
    pub focal: f64,
    /// Shake of a camera held by hand, root mean square in widths.
    pub shake: f64,
    /// Whether there are near panels.
    pub layered: bool,
    /// A thing that moves on its own: its way over the shot in widths, right and down.
    pub mover: Option<[f64; 2]>,
}

impl FilmShot {
    /// A shot of a scene that holds still.
    pub fn still(scene: u64, length_s: f64) -> Self {
        Self {
            scene,
            action: FilmMove::Static,
            amount: 0.0,
            from_s: 0.0,
            to_s: length_s,
            length_s,
            focal: 1.0,
            shake: 0.0,
            layered: false,
            mover: None,
        }
    }

    /// The same with a move of the camera.
    #[must_use]
    pub fn moving(mut self, action: FilmMove, amount: f64, from_s: f64, to_s: f64) -> Self {
        self.action = action;
        self.amount = amount;
        self.from_s = from_s;
        self.to_s = to_s;
        self
    }
}

/// How a shot begins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Join {
    /// With its first frame.
    Cut,
    /// Through the end of the shot before, for so many seconds.
    Dissolve(f64),
    /// From black, for so many seconds; the shot before has gone to black as long.
    Black(f64),
}

/// A clip of shots.
#[derive(Debug, Clone, PartialEq)]
pub struct Footage {
    /// Width, pixels.
    pub width: u32,
    /// Height, pixels.
    pub height: u32,
    /// Frames per second.
    pub fps: f64,
    /// The shots and how each begins; the first always with a cut.
    pub shots: Vec<(Join, FilmShot)>,
    /// Standard deviation of grain, levels of 255.
    pub grain: f64,
    /// Seed of grain and shake.
    pub seed: u64,
}

/// Where a clip's shots give way to one another, seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Passage {
    /// Begin; for a cut the first frame of the new shot.
    pub start_s: f64,
    /// End.
    pub end_s: f64,
    /// How.
    pub join: Join,
}

impl Footage {
    /// When each shot begins, seconds: dissolves overlap the shot before.
    pub fn starts(&self) -> Vec<f64> {
        let mut at = 0.0;
        let mut starts = Vec::new();
        for (number, (join, shot)) in self.shots.iter().enumerate() {
            if let (Join::Dissolve(lasts), true) = (join, number > 0) {
                at -= lasts;
            }
            starts.push(at);
            at += shot.length_s;
        }
        starts
    }

    /// Length, seconds.
    pub fn length_s(&self) -> f64 {
        let last = self.shots.last().map_or(0.0, |(_, shot)| shot.length_s);
        self.starts().last().map_or(0.0, |start| start + last)
    }

    /// Where shots give way to one another.
    pub fn passages(&self) -> Vec<Passage> {
        self.shots
            .iter()
            .zip(self.starts())
            .skip(1)
            .map(|((join, _), start)| match join {
                Join::Cut => Passage {
                    start_s: start,
                    end_s: start,
                    join: *join,
                },
                Join::Dissolve(lasts) => Passage {
                    start_s: start,
                    end_s: start + lasts,
                    join: *join,
                },
                Join::Black(lasts) => Passage {
                    start_s: start - lasts,
                    end_s: start + lasts,
                    join: *join,
                },
            })
            .collect()
    }

    /// The clip's frames.
    pub fn frames(&self) -> impl Iterator<Item = RgbImage> + '_ {
        let starts = self.starts();
        let count = (self.length_s() * self.fps).round() as u32;
        let scenes: Vec<Scene> = self
            .shots
            .iter()
            .map(|(_, shot)| Scene::new(shot.scene))
            .collect();
        (0..count).map(move |frame| {
            // The middle of a frame's time, so that no border falls on a rounding error.
            let time = (f64::from(frame) + 0.5) / self.fps;
            let mut picture: Option<RgbImage> = None;
            for (number, ((join, shot), start)) in self.shots.iter().zip(&starts).enumerate() {
                let own = time - start;
                if own < 0.0 || own >= shot.length_s {
                    continue;
                }
                let seen = self.film(shot, &scenes[number], own - 0.5 / self.fps, number as u64);
                picture = Some(match (picture, join) {
                    (Some(before), Join::Dissolve(lasts)) => mix(&before, &seen, own / lasts),
                    _ => seen,
                });
            }
            let mut picture = picture.unwrap_or_else(|| RgbImage::new(self.width, self.height));
            for passage in self.passages() {
                if let Join::Black(lasts) = passage.join {
                    let off = (time - passage.start_s - lasts).abs() / lasts;
                    if off < 1.0 {
                        dim(&mut picture, off);
                    }
                }
            }
            if self.grain > 0.0 {
                grain(
                    &mut picture,
                    self.grain,
                    self.seed ^ (u64::from(frame) << 20),
                );
            }
            picture
        })
    }

    fn film(&self, shot: &FilmShot, scene: &Scene, time: f64, number: u64) -> RgbImage {
        let moved = eased((time - shot.from_s) / (shot.to_s - shot.from_s).max(1e-6));
        let camera = Camera::of(shot, moved, self.shake(shot, time, number));
        let aspect = f64::from(self.height) / f64::from(self.width);
        let mover = shot.mover.map(|way| {
            let part = time / shot.length_s - 0.5;
            [way[0] * part, way[1] * part]
        });
        RgbImage::from_fn(self.width, self.height, |x, y| {
            let at = [
                (f64::from(x) + 0.5) / f64::from(self.width) - 0.5,
                ((f64::from(y) + 0.5) / f64::from(self.height) - 0.5) * aspect,
            ];
            // Something round that goes its own way in front of everything.
            if let Some([right, down]) = mover {
                let off = [at[0] - right, at[1] - down];
                if (off[0] / 0.07).hypot(off[1] / 0.1) < 1.0 {
                    return Rgb(scene.patch([off[0] * 1.3 + 5.0, off[1] * 1.3]));
                }
            }
            if shot.layered {
                for (layer, depth) in [(1, 0.45), (2, 0.7)] {
                    let place = camera.meets(at, depth);
                    if let Some(colour) = scene.panel(layer, place) {
                        return Rgb(colour);
                    }
                }
            }
            Rgb(scene.wall(camera.meets(at, 1.0)))
        })
    }

    fn shake(&self, shot: &FilmShot, time: f64, number: u64) -> [f64; 2] {
        let noise = Noise::new(self.seed ^ number);
        [3, 4].map(|axis| shot.shake * noise.wander(axis, time))
    }
}

/// A camera at one moment: it stands somewhere and looks along its turned axes at a wall at
/// depth 1.
struct Camera {
    focal: f64,
    /// Turn about the vertical (right) and the horizontal (up), radians.
    turn: [f64; 2],
    /// Clockwise roll, radians.
    roll: f64,
    /// Where it stands: right, down, forward.
    place: [f64; 3],
}

impl Camera {
    fn of(shot: &FilmShot, moved: f64, shake: [f64; 2]) -> Self {
        use FilmMove as M;
        let focal = shot.focal;
        let sign = match shot.action {
            M::PanLeft
            | M::TiltDown
            | M::TruckLeft
            | M::PedestalDown
            | M::RollCcw
            | M::ZoomOut
            | M::DollyOut => -1.0,
            _ => 1.0,
        };
        let mut camera = Self {
            focal,
            turn: [(shake[0] / focal).atan(), (shake[1] / focal).atan()],
            roll: 0.0,
            place: [0.0; 3],
        };
        // The middle of the way looks straight at the wall.
        let way = sign * shot.amount * (moved - 0.5);
        match shot.action {
            M::Static => {}
            M::PanLeft | M::PanRight => camera.turn[0] += way / focal,
            M::TiltUp | M::TiltDown => camera.turn[1] += way / focal,
            M::RollCw | M::RollCcw => camera.roll = way.to_radians(),
            M::ZoomIn | M::ZoomOut => {
                camera.focal *= (sign * shot.amount.ln() * (moved - 0.5)).exp();
            }
            M::TruckLeft | M::TruckRight => camera.place[0] = way / focal,
            M::PedestalUp | M::PedestalDown => camera.place[1] = -way / focal,
            M::DollyIn | M::DollyOut => {
                // Things at depth 1 grow by the amount: their distance shrinks by it.
                let grown = (sign * shot.amount.ln() * moved).exp();
                let full = if sign > 0.0 { 1.0 } else { shot.amount.recip() };
                camera.place[2] = 1.0 - full / grown;
            }
        }
        camera
    }

    /// Where the ray through a place of the picture meets the plane at a depth: right and down
    /// from the middle.
    fn meets(&self, at: [f64; 2], depth: f64) -> [f64; 2] {
        let (sin, cos) = self.roll.sin_cos();
        let (x, y) = (cos * at[0] - sin * at[1], sin * at[0] + cos * at[1]);
        // Tilt, then pan.
        let (sin, cos) = self.turn[1].sin_cos();
        let (y, z) = (cos * y - sin * self.focal, sin * y + cos * self.focal);
        let (sin, cos) = self.turn[0].sin_cos();
        let (x, z) = (cos * x + sin * z, cos * z - sin * x);
        let far = (depth - self.place[2]) / z.max(1e-3);
        [self.place[0] + x * far, self.place[1] + y * far]
    }
}

/// What is seen: smooth blotches of a few colours, painted on walls.
struct Scene {
    seed: u64,
    noise: Noise,
    colours: [[f64; 3]; 3],
}

impl Scene {
    fn new(seed: u64) -> Self {
        let noise = Noise::new(seed.wrapping_mul(0x9e37_79b9).wrapping_add(17));
        let colours = [0, 1, 2].map(|number| {
            let level = noise.between(900 + number, 45.0, 205.0);
            [0, 1, 2].map(|channel| {
                (level + noise.between(920 + number * 3 + channel, -45.0, 45.0)).clamp(8.0, 245.0)
            })
        });
        Self {
            seed,
            noise,
            colours,
        }
    }

    /// Smooth noise of one scale at a place, −1…1.
    fn blotch(&self, place: [f64; 2], scale: f64, layer: u64) -> f64 {
        let (x, y) = (place[0] * scale, place[1] * scale);
        let (left, top) = (x.floor(), y.floor());
        let ease = |t: f64| t * t * (3.0 - 2.0 * t);
        let (part_x, part_y) = (ease(x - left), ease(y - top));
        let corner = |dx: f64, dy: f64| {
            let column = (left + dx) as i64 as u64;
            let row = (top + dy) as i64 as u64;
            let index = column
                .wrapping_mul(0x0001_0013)
                .wrapping_add(row.wrapping_mul(0x5bd1_e995))
                .wrapping_add(layer << 48);
            2.0 * self.noise.share(index) - 1.0
        };
        let above = corner(0.0, 0.0) * (1.0 - part_x) + corner(1.0, 0.0) * part_x;
        let below = corner(0.0, 1.0) * (1.0 - part_x) + corner(1.0, 1.0) * part_x;
        above * (1.0 - part_y) + below * part_y
    }

    fn painted(&self, place: [f64; 2], layer: u64) -> [u8; 3] {
        let coarse = self.blotch(place, 4.0, layer);
        let middle = self.blotch(place, 13.0, layer + 1);
        let fine = self.blotch(place, 41.0, layer + 2);
        let choice = coarse + 0.5 * middle;
        let (from, to) = match choice {
            low if low < 0.0 => (0, 1),
            _ => (1, 2),
        };
        let part = (choice.abs() * 1.4).min(1.0);
        let part = if choice < 0.0 { 1.0 - part } else { part };
        let light = 26.0 * middle + 20.0 * fine;
        [0, 1, 2].map(|channel| {
            let base =
                self.colours[from][channel] * (1.0 - part) + self.colours[to][channel] * part;
            (base + light).clamp(0.0, 255.0) as u8
        })
    }

    fn wall(&self, place: [f64; 2]) -> [u8; 3] {
        self.painted(place, 0)
    }

    fn patch(&self, place: [f64; 2]) -> [u8; 3] {
        let [r, g, b] = self.painted(place, 24);
        [255 - r, 255 - g, b]
    }

    /// A panel of a near layer, where there is one.
    fn panel(&self, layer: u64, place: [f64; 2]) -> Option<[u8; 3]> {
        // Columns of panels, wide apart, with gaps.
        let spacing = if layer == 1 { 0.55 } else { 0.5 };
        let shift = self.noise.share(700 + layer + self.seed % 5) * spacing;
        let column = ((place[0] + shift) / spacing).floor();
        let across = (place[0] + shift) / spacing - column;
        let index = (column as i64 as u64)
            .wrapping_mul(13)
            .wrapping_add(720 + layer);
        let wide = self.noise.between(index, 0.24, 0.42);
        let tall = self.noise.between(index.wrapping_add(5), 0.06, 0.3);
        let centre = self.noise.between(index.wrapping_add(9), -0.1, 0.12);
        let inside = across < wide && (place[1] - centre).abs() < tall;
        inside.then(|| self.painted([place[0] * 1.6, place[1] * 1.6], 8 * layer))
    }
}

/// 0 before, 1 after, even between with a short ease at both ends.
fn eased(part: f64) -> f64 {
    const EASE: f64 = 0.12;
    let part = part.clamp(0.0, 1.0);
    let whole = 1.0 - EASE;
    match part {
        begin if begin < EASE => begin * begin / (2.0 * EASE) / whole,
        end if end > 1.0 - EASE => 1.0 - (1.0 - end).powi(2) / (2.0 * EASE) / whole,
        middle => (middle - EASE / 2.0) / whole,
    }
}

fn mix(one: &RgbImage, other: &RgbImage, part: f64) -> RgbImage {
    let part = part.clamp(0.0, 1.0);
    let mut mixed = one.clone();
    for (a, b) in mixed.iter_mut().zip(other.iter()) {
        *a = (f64::from(*a) * (1.0 - part) + f64::from(*b) * part).round() as u8;
    }
    mixed
}

fn dim(picture: &mut RgbImage, part: f64) {
    for value in picture.iter_mut() {
        *value = (f64::from(*value) * part).round() as u8;
    }
}

fn grain(picture: &mut RgbImage, levels: f64, seed: u64) {
    let noise = Noise::new(seed);
    for (index, pixel) in picture.pixels_mut().enumerate() {
        // Three even ones are as good as a bell here.
        let index = index as u64 * 3;
        let sum = noise.share(index) + noise.share(index + 1) + noise.share(index + 2) - 1.5;
        for value in &mut pixel.0 {
            *value = (f64::from(*value) + sum * 2.0 * levels).clamp(0.0, 255.0) as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dissolves_overlap_and_cuts_do_not() {
        let footage = Footage {
            width: 32,
            height: 18,
            fps: 10.0,
            shots: vec![
                (Join::Cut, FilmShot::still(1, 2.0)),
                (Join::Cut, FilmShot::still(2, 2.0)),
                (Join::Dissolve(0.5), FilmShot::still(3, 2.0)),
            ],
            grain: 0.0,
            seed: 1,
        };
        assert_eq!(footage.starts(), [0.0, 2.0, 3.5]);
        assert_eq!(footage.frames().count(), 55);
        let frames: Vec<RgbImage> = footage.frames().collect();
        assert_eq!(frames[0], frames[19]);
        assert_ne!(frames[19], frames[20]);
    }

    #[test]
    fn the_picture_goes_against_the_camera() {
        let middle = |action| {
            let shot = FilmShot::still(4, 1.0).moving(action, 0.2, 0.0, 1.0);
            Camera::of(&shot, 1.0, [0.0; 2]).meets([0.0; 2], 1.0)
        };
        assert!(middle(FilmMove::PanRight)[0] > 0.05);
        assert!(middle(FilmMove::TruckLeft)[0] < -0.05);
        assert!(middle(FilmMove::TiltUp)[1] < -0.05);
        assert!(middle(FilmMove::PedestalDown)[1] > 0.05);
    }
}
