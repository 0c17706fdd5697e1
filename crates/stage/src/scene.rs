//! Places: what stands where, and the light on it.

use glam::{Mat3, Vec3};

use crate::noise::Noise;
use crate::solid::{Paint, Pattern, Solid, linear};

/// The light of a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Light {
    /// Towards the sun or key light, unit length.
    pub towards: Vec3,
    /// Its colour, linear.
    pub key: Vec3,
    /// Light from the sky above, linear.
    pub above: Vec3,
    /// Light from the ground below, linear.
    pub below: Vec3,
    /// Sky at the zenith, half way and at the horizon, linear.
    pub sky: [Vec3; 3],
    /// Distance in metres over which the air takes the horizon's colour.
    pub haze_m: f32,
    /// Small warm lamps: place and colour, linear.
    pub lamps: Vec<(Vec3, Vec3)>,
}

impl Light {
    /// Dusk: the sun just gone, warm light low from the left, a cool sky above.
    pub fn dusk() -> Self {
        Self {
            towards: Vec3::new(-0.62, -0.42, -0.55).normalize(),
            key: Vec3::new(0.78, 0.43, 0.25),
            above: Vec3::new(0.17, 0.21, 0.40),
            below: Vec3::new(0.10, 0.085, 0.105),
            sky: [linear(0x1b2a55), linear(0x6f5a8c), linear(0xf2a878)],
            haze_m: 95.0,
            lamps: Vec::new(),
        }
    }

    /// A plain day for test scenes.
    pub fn day() -> Self {
        Self {
            towards: Vec3::new(-0.5, -0.75, -0.45).normalize(),
            key: Vec3::new(0.95, 0.92, 0.85),
            above: Vec3::new(0.30, 0.36, 0.45),
            below: Vec3::new(0.16, 0.15, 0.14),
            sky: [linear(0x5f8fc8), linear(0x9dbbdb), linear(0xdfe7ee)],
            haze_m: 120.0,
            lamps: Vec::new(),
        }
    }

    /// The sky in a direction of unit length.
    pub fn sky_at(&self, ray: Vec3) -> Vec3 {
        let up = (-ray.y).clamp(0.0, 1.0);
        let [zenith, middle, horizon] = self.sky;
        if up < 0.16 {
            horizon.lerp(middle, (up / 0.16).powf(0.8))
        } else {
            middle.lerp(zenith, ((up - 0.16) / 0.4).min(1.0).powf(0.8))
        }
    }
}

/// Everything a camera can see.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// The things that stand there.
    pub solids: Vec<Solid>,
    /// Whether there is ground (the plane y = 0), and its colour, linear.
    pub ground: Option<Vec3>,
    /// The light.
    pub light: Light,
}

/// A point of the world from x, height above ground and z.
pub fn at(x: f32, height: f32, z: f32) -> Vec3 {
    Vec3::new(x, -height, z)
}

impl Scene {
    /// An empty place with grey ground by day.
    pub fn empty() -> Self {
        Self {
            solids: Vec::new(),
            ground: Some(linear(0x8d8a84)),
            light: Light::day(),
        }
    }

    /// Ground with boxes and posts of seeded size and place between 4 and 16 m, for tests.
    pub fn yard(seed: u64) -> Self {
        let mut scene = Self::empty();
        let noise = Noise::new(seed);
        let colours = [0x9b4a3c, 0x3c6e8f, 0x6f8f3c, 0xb08d3a, 0x77608a, 0x4d5a5e];
        for thing in 0..14u64 {
            let number = |index: u64, low: f64, high: f64| {
                noise.between(thing * 8 + index, low, high) as f32
            };
            let paint = Paint::srgb(colours[(thing % 6) as usize]);
            let z = number(0, 5.0, 16.0);
            let x = number(1, -0.6, 0.6) * z;
            let tall = number(2, 0.4, 2.6);
            if thing % 3 == 0 {
                let radius = number(3, 0.15, 0.4);
                let top = at(x, tall, z);
                let foot = at(x, 0.0, z);
                scene
                    .solids
                    .push(Solid::limb(top, radius, foot, radius, paint));
            } else {
                let half = Vec3::new(number(3, 0.2, 0.9), tall / 2.0, number(4, 0.2, 0.9));
                let axes = Mat3::from_rotation_y(number(5, 0.0, 1.5));
                scene
                    .solids
                    .push(Solid::turned(at(x, tall / 2.0, z), half, axes, paint));
            }
        }
        scene
    }

    /// A walkway between two rows of market stalls at dusk, along x: a near counter with fruit
    /// at z ≈ 3, the walkway around z = 6, a far row of stalls from z = 9, houses behind.
    pub fn market(seed: u64) -> Self {
        let noise = Noise::new(seed);
        let mut scene = Self {
            solids: Vec::new(),
            ground: Some(linear(0x8c8078)),
            light: Light::dusk(),
        };
        for stall in 0..9 {
            far_stall(&mut scene, noise, stall);
        }
        near_counter(&mut scene, noise);
        houses(&mut scene, noise);
        scene
    }

    /// The nearest thing a ray meets, other than the ground: `t`, normal and index.
    pub fn trace(&self, origin: Vec3, ray: Vec3) -> Option<(f32, Vec3, usize)> {
        let mut best: Option<(f32, Vec3, usize)> = None;
        for (index, solid) in self.solids.iter().enumerate() {
            if let Some((t, normal)) = solid.shape.hit(origin, ray)
                && best.is_none_or(|(old, ..)| t < old)
            {
                best = Some((t, normal, index));
            }
        }
        best
    }

    /// Whether anything stands between a point and `reach` along a direction of unit length.
    pub fn blocked(&self, point: Vec3, direction: Vec3, reach: f32) -> bool {
        self.solids.iter().any(|solid| {
            let (centre, radius) = solid.shape.bound();
            let to = centre - point;
            let along = to.dot(direction);
            if along < -radius || (to - direction * along).length_squared() > radius * radius {
                return false;
            }
            solid.paint.glow == Vec3::ZERO
                && solid
                    .shape
                    .hit(point, direction)
                    .is_some_and(|(t, _)| t < reach)
        })
    }
}

const WOOD: u32 = 0x6b4a33;
const FRUIT: [u32; 6] = [0xd9822b, 0xb5352c, 0x7f9a3a, 0xe0b640, 0x8a2f45, 0xc96a3a];

fn far_stall(scene: &mut Scene, noise: Noise, stall: u64) {
    let number = |index: u64, low: f64, high: f64| {
        noise.between(1000 + stall * 100 + index, low, high) as f32
    };
    let x = -13.2 + 3.5 * stall as f32 + number(0, -0.2, 0.2);
    let z = 9.4 + number(1, -0.2, 0.3);
    let wood = Paint::srgb(WOOD);
    let cloths = [
        (0x9c2f2a, 0xe3d6bd),
        (0x2f5d62, 0xdccfb4),
        (0xb87a2c, 0xe9dcc0),
        (0x4b5a3a, 0xd8ccb0),
        (0x6a3550, 0xdccab8),
    ];
    let (cloth, other) = cloths[(stall % 5) as usize];
    let solids = &mut scene.solids;
    solids.push(Solid::block(
        at(x, 0.46, z),
        Vec3::new(1.25, 0.46, 0.45),
        wood.striped(Vec3::X, 0.21, 0x5e402c),
    ));
    solids.push(Solid::block(
        at(x, 0.95, z),
        Vec3::new(1.32, 0.03, 0.52),
        Paint::srgb(0x8a6444),
    ));
    for (dx, dz, top) in [
        (-1.25, -0.55, 2.12),
        (1.25, -0.55, 2.12),
        (-1.25, 0.75, 2.62),
        (1.25, 0.75, 2.62),
    ] {
        solids.push(Solid::limb(
            at(x + dx, top, z + dz),
            0.035,
            at(x + dx, 0.0, z + dz),
            0.035,
            wood,
        ));
    }
    let awning = Paint::srgb(cloth).striped(Vec3::X, 0.29, other);
    let slope = Mat3::from_rotation_x(0.36);
    solids.push(Solid::turned(
        at(x, 2.42, z + 0.05),
        Vec3::new(1.48, 0.02, 0.92),
        slope,
        awning,
    ));
    // The valance hangs from the awning's front edge.
    solids.push(Solid::block(
        at(x, 1.99, z - 0.80),
        Vec3::new(1.48, 0.11, 0.012),
        awning,
    ));
    for heap in 0..5u64 {
        let hx = x - 1.0 + 0.5 * heap as f32;
        let paint = Paint::srgb(FRUIT[((heap + stall * 2) % 6) as usize]).gloss(0.25);
        solids.push(Solid::block(
            at(hx, 1.05, z - 0.12),
            Vec3::new(0.21, 0.07, 0.26),
            Paint::srgb(0x97734e),
        ));
        for fruit in 0..6u64 {
            let r = 0.07;
            solids.push(Solid::ball(
                at(
                    hx - 0.13 + 0.13 * (fruit % 3) as f32,
                    1.13 + number(10 + heap * 7 + fruit, 0.0, 0.05),
                    z - 0.24 + 0.17 * (fruit / 3) as f32,
                ),
                r,
                paint,
            ));
        }
    }
    let lamp = at(x + number(60, -0.5, 0.5), 1.82, z - 0.45);
    solids.push(Solid::ball(lamp, 0.085, Paint::srgb(0xffc27a).glowing(2.2)));
    solids.push(Solid::limb(
        lamp - Vec3::new(0.0, 0.08, 0.0),
        0.008,
        lamp - Vec3::new(0.0, 0.5, 0.0),
        0.008,
        Paint::srgb(0x2a2522),
    ));
    scene.light.lamps.push((lamp, Vec3::new(1.9, 1.02, 0.42)));
    // A dark back cloth, and a keeper behind every other counter.
    solids.push(Solid::block(
        at(x, 1.25, z + 0.95),
        Vec3::new(1.3, 1.25, 0.02),
        Paint::srgb(0x3b3230),
    ));
}

fn near_counter(scene: &mut Scene, noise: Noise) {
    let wood = Paint::srgb(0x5d4231);
    let z = 3.15;
    for table in 0..5u64 {
        let number = |index: u64, low: f64, high: f64| {
            noise.between(5000 + table * 200 + index, low, high) as f32
        };
        let x = -4.6 + 2.3 * table as f32;
        scene.solids.push(Solid::block(
            at(x, 0.27, z),
            Vec3::new(1.12, 0.27, 0.34),
            wood.striped(Vec3::X, 0.16, 0x523a2b),
        ));
        for crate_index in 0..4u64 {
            let cx = x - 0.84 + 0.56 * crate_index as f32;
            let paint = Paint::srgb(FRUIT[((table * 3 + crate_index * 5) % 6) as usize]).gloss(0.3);
            scene.solids.push(Solid::block(
                at(cx, 0.59, z),
                Vec3::new(0.25, 0.06, 0.30),
                Paint::srgb(0x8d6a48),
            ));
            let r = 0.046 + number(crate_index, 0.0, 0.010);
            for fruit in 0..24u64 {
                let (column, row) = (fruit % 6, fruit / 6);
                let lift = number(10 + crate_index * 30 + fruit, 0.0, 0.05);
                scene.solids.push(Solid::ball(
                    at(
                        cx - 0.205 + 0.078 * column as f32 + 0.025 * (row % 2) as f32,
                        0.65 + lift + 0.035 * (1.5 - (row as f32 - 1.5).abs()),
                        z - 0.24 + 0.155 * row as f32,
                    ),
                    r,
                    paint,
                ));
            }
        }
    }
}

fn houses(scene: &mut Scene, noise: Noise) {
    for house in 0..9u64 {
        let number = |index: u64, low: f64, high: f64| {
            noise.between(9000 + house * 20 + index, low, high) as f32
        };
        let x = -28.0 + 7.3 * house as f32;
        let wide = number(0, 2.7, 3.15);
        let tall = number(1, 2.6, 4.3);
        let z = 22.0 + number(2, 0.0, 4.0);
        let walls = [0x6d5c58, 0x75614f, 0x5c5560, 0x7a6a5e];
        let mut paint = Paint::srgb(walls[(house % 4) as usize]);
        paint.pattern = Pattern::Windows {
            cell: (1.35, 1.5),
            glow: Vec3::new(1.05, 0.62, 0.26),
        };
        scene.solids.push(Solid::block(
            at(x, tall / 2.0, z),
            Vec3::new(wide, tall / 2.0, 2.0),
            paint,
        ));
        let roof = Paint::srgb(0x4a3a3a);
        scene.solids.push(Solid::block(
            at(x, tall + 0.12, z),
            Vec3::new(wide + 0.2, 0.12, 2.2),
            roof,
        ));
        let chimney = x + wide * number(3, -0.6, 0.6);
        scene.solids.push(Solid::block(
            at(chimney, tall + 0.6, z),
            Vec3::new(0.28, 0.6, 0.28),
            roof,
        ));
    }
}
