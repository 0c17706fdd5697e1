//! The shapes everything is made of, each with an exact ray intersection (for clips and depth)
//! and a signed distance (for portraits with soft joins).

use glam::{Mat3, Vec3};

/// A shape in the world, metres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shape {
    /// Two spheres and the cone that touches both: limbs, sleeves, posts.
    RoundCone {
        /// Centre of the first sphere.
        a: Vec3,
        /// Its radius.
        ra: f32,
        /// Centre of the second sphere.
        b: Vec3,
        /// Its radius.
        rb: f32,
    },
    /// A stretched sphere.
    Ellipsoid {
        /// Centre.
        centre: Vec3,
        /// Half lengths along the columns of `axes`.
        half: Vec3,
        /// Orthonormal axes.
        axes: Mat3,
    },
    /// A box.
    Block {
        /// Centre.
        centre: Vec3,
        /// Half lengths along the columns of `axes`.
        half: Vec3,
        /// Orthonormal axes.
        axes: Mat3,
    },
}

/// How a surface is coloured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pattern {
    /// One colour.
    Plain,
    /// Stripes of a second colour across a direction, of this width in metres.
    Stripes {
        /// Across the stripes.
        across: Vec3,
        /// Width of one stripe, metres.
        width: f32,
        /// The second colour, linear.
        other: Vec3,
    },
    /// A front of windows, some of them lit: cells of this width and height in metres.
    Windows {
        /// Width and height of one cell, metres.
        cell: (f32, f32),
        /// Colour of the lit panes, linear, may exceed 1.
        glow: Vec3,
    },
}

/// Colour and finish of a surface.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Paint {
    /// Diffuse colour, linear.
    pub colour: Vec3,
    /// Colour over the surface.
    pub pattern: Pattern,
    /// Strength of the highlight, 0–1.
    pub gloss: f32,
    /// Light given off, linear, may exceed 1.
    pub glow: Vec3,
}

impl Paint {
    /// A matt colour given as sRGB 0xRRGGBB.
    pub fn srgb(hex: u32) -> Self {
        Self {
            colour: linear(hex),
            pattern: Pattern::Plain,
            gloss: 0.06,
            glow: Vec3::ZERO,
        }
    }

    /// The same with another highlight.
    #[must_use]
    pub fn gloss(mut self, gloss: f32) -> Self {
        self.gloss = gloss;
        self
    }

    /// The same giving off light of its own colour.
    #[must_use]
    pub fn glowing(mut self, strength: f32) -> Self {
        self.glow = self.colour * strength;
        self
    }

    /// The same with stripes.
    #[must_use]
    pub fn striped(mut self, across: Vec3, width: f32, hex: u32) -> Self {
        self.pattern = Pattern::Stripes {
            across,
            width,
            other: linear(hex),
        };
        self
    }
}

/// sRGB 0xRRGGBB as linear light.
pub fn linear(hex: u32) -> Vec3 {
    let channel = |shift: u32| {
        let value = ((hex >> shift) & 0xff) as f32 / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    Vec3::new(channel(16), channel(8), channel(0))
}

/// A shape with its paint.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Solid {
    /// Form and place.
    pub shape: Shape,
    /// Surface.
    pub paint: Paint,
    /// Solids of one cloth flow into one another in portraits; 0 stands alone.
    pub cloth: u8,
}

impl Solid {
    /// A limb between two balls.
    pub fn limb(a: Vec3, ra: f32, b: Vec3, rb: f32, paint: Paint) -> Self {
        Self::of(Shape::RoundCone { a, ra, b, rb }, paint)
    }

    /// A ball.
    pub fn ball(centre: Vec3, radius: f32, paint: Paint) -> Self {
        Self::of(
            Shape::Ellipsoid {
                centre,
                half: Vec3::splat(radius),
                axes: Mat3::IDENTITY,
            },
            paint,
        )
    }

    /// A stretched ball.
    pub fn egg(centre: Vec3, half: Vec3, axes: Mat3, paint: Paint) -> Self {
        Self::of(Shape::Ellipsoid { centre, half, axes }, paint)
    }

    /// An upright box.
    pub fn block(centre: Vec3, half: Vec3, paint: Paint) -> Self {
        Self::turned(centre, half, Mat3::IDENTITY, paint)
    }

    /// A turned box.
    pub fn turned(centre: Vec3, half: Vec3, axes: Mat3, paint: Paint) -> Self {
        Self::of(Shape::Block { centre, half, axes }, paint)
    }

    /// The same elsewhere.
    #[must_use]
    pub fn shifted(mut self, by: Vec3) -> Self {
        match &mut self.shape {
            Shape::RoundCone { a, b, .. } => {
                *a += by;
                *b += by;
            }
            Shape::Ellipsoid { centre, .. } | Shape::Block { centre, .. } => *centre += by,
        }
        self
    }

    /// The same as part of a cloth.
    #[must_use]
    pub fn cloth(mut self, cloth: u8) -> Self {
        self.cloth = cloth;
        self
    }

    fn of(shape: Shape, paint: Paint) -> Self {
        Self {
            shape,
            paint,
            cloth: 0,
        }
    }

    /// The surface's own colour at a point with this normal, linear, and the light it gives off.
    pub fn colour_at(&self, point: Vec3, normal: Vec3) -> (Vec3, Vec3) {
        match self.paint.pattern {
            Pattern::Plain => (self.paint.colour, self.paint.glow),
            Pattern::Stripes {
                across,
                width,
                other,
            } => {
                let band = (point.dot(across) / width).floor() as i64;
                let colour = if band.rem_euclid(2) == 0 {
                    self.paint.colour
                } else {
                    other
                };
                (colour, self.paint.glow)
            }
            Pattern::Windows { cell, glow } => {
                let along = if normal.z.abs() > normal.x.abs() {
                    point.x
                } else {
                    point.z
                };
                let (u, v) = (along / cell.0, -point.y / cell.1);
                let (fu, fv) = (u - u.floor(), v - v.floor());
                let pane = (0.28..0.72).contains(&fu) && (0.22..0.8).contains(&fv);
                if !pane || normal.y.abs() > 0.5 || v < 1.0 {
                    return (self.paint.colour, self.paint.glow);
                }
                let key =
                    (u.floor() as i64).wrapping_mul(73) ^ (v.floor() as i64).wrapping_mul(151);
                let chance = crate::noise::Noise::new(7).share(key as u64);
                if chance < 0.4 {
                    (glow * 0.3, glow * (0.5 + chance as f32))
                } else {
                    (self.paint.colour * 0.25, Vec3::ZERO)
                }
            }
        }
    }
}

impl Shape {
    /// Balls that together hold the shape's silhouette: centre and radius.
    pub fn hull(&self) -> [(Vec3, f32); 2] {
        match *self {
            Self::RoundCone { a, ra, b, rb } => [(a, ra), (b, rb)],
            Self::Ellipsoid { centre, half, .. } => [(centre, half.max_element()); 2],
            Self::Block { centre, half, .. } => [(centre, half.length()); 2],
        }
    }

    /// A ball around the shape.
    pub fn bound(&self) -> (Vec3, f32) {
        match *self {
            Self::RoundCone { a, ra, b, rb } => {
                ((a + b) / 2.0, (a - b).length() / 2.0 + ra.max(rb))
            }
            Self::Ellipsoid { centre, half, .. } => (centre, half.max_element()),
            Self::Block { centre, half, .. } => (centre, half.length()),
        }
    }

    /// The nearest hit of the ray `origin + t · ray` in front of it: `t` and the outward
    /// normal. `ray` need not have unit length.
    pub fn hit(&self, origin: Vec3, ray: Vec3) -> Option<(f32, Vec3)> {
        match *self {
            Self::RoundCone { a, ra, b, rb } => hit_round_cone(origin, ray, a, ra, b, rb),
            Self::Ellipsoid { centre, half, axes } => {
                let o = axes.transpose() * (origin - centre) / half;
                let d = axes.transpose() * ray / half;
                let t = hit_ball(o, d, Vec3::ZERO, 1.0)?;
                Some((t, (axes * ((o + d * t) / half)).normalize_or_zero()))
            }
            Self::Block { centre, half, axes } => {
                let o = axes.transpose() * (origin - centre);
                let d = axes.transpose() * ray;
                // Slabs: the last entry before the first exit.
                let inverse = d.recip();
                let to = (-half * d.signum() - o) * inverse;
                let from = (half * d.signum() - o) * inverse;
                let (enter, leave) = (to.max_element(), from.min_element());
                if !(enter <= leave && enter > 0.0) {
                    return None;
                }
                let side = if enter == to.x {
                    Vec3::X
                } else if enter == to.y {
                    Vec3::Y
                } else {
                    Vec3::Z
                };
                Some((enter, axes * (-side * d.signum())))
            }
        }
    }

    /// Distance to the surface, negative inside (exact but for ellipsoids, which come near).
    pub fn distance(&self, point: Vec3) -> f32 {
        match *self {
            Self::RoundCone { a, ra, b, rb } => {
                let axis = b - a;
                let length = axis.length().max(1e-6);
                let q = point - a;
                let along = q.dot(axis) / length;
                let away = (q.length_squared() - along * along).max(0.0).sqrt();
                // Work in the half plane through the axis: the cone's side leans by `sin`.
                let sin = ((ra - rb) / length).clamp(-1.0, 1.0);
                let cos = (1.0 - sin * sin).sqrt();
                let slide = along * cos - away * sin;
                if slide < 0.0 {
                    q.length() - ra
                } else if slide > length * cos {
                    (point - b).length() - rb
                } else {
                    along * sin + away * cos - ra
                }
            }
            Self::Ellipsoid { centre, half, axes } => {
                let q = axes.transpose() * (point - centre);
                let scaled = (q / half).length();
                let slope = (q / (half * half)).length();
                if slope < 1e-6 {
                    -half.min_element()
                } else {
                    scaled * (scaled - 1.0) / slope
                }
            }
            Self::Block { centre, half, axes } => {
                let q = (axes.transpose() * (point - centre)).abs() - half;
                q.max(Vec3::ZERO).length() + q.max_element().min(0.0)
            }
        }
    }
}

/// Nearest hit in front of the origin.
fn hit_ball(origin: Vec3, ray: Vec3, centre: Vec3, radius: f32) -> Option<f32> {
    let o = origin - centre;
    let a = ray.length_squared();
    let b = o.dot(ray) / a;
    // The ray's nearest point to the centre, computed apart from the discriminant, keeps far
    // small balls round in single precision.
    let nearest = (o - ray * b).length_squared();
    let inside = radius * radius - nearest;
    if inside < 0.0 {
        return None;
    }
    let t = -b - (inside / a).sqrt();
    (t > 0.0).then_some(t)
}

/// The side of the cone solves a quadratic: with `along` the position along the axis and
/// `away` the distance from it, the side is where `along · sin + away · cos = ra`.
fn hit_round_cone(
    origin: Vec3,
    ray: Vec3,
    a: Vec3,
    ra: f32,
    b: Vec3,
    rb: f32,
) -> Option<(f32, Vec3)> {
    let mut best: Option<(f32, Vec3)> = None;
    let mut keep = |t: f32, normal: Vec3| {
        if t > 0.0 && best.is_none_or(|(old, _)| t < old) {
            best = Some((t, normal));
        }
    };
    for (centre, radius) in [(a, ra), (b, rb)] {
        if let Some(t) = hit_ball(origin, ray, centre, radius) {
            keep(t, (origin + ray * t - centre) / radius);
        }
    }
    let length = (b - a).length();
    if length > (ra - rb).abs() + 1e-6 {
        let axis = (b - a) / length;
        let sin = (ra - rb) / length;
        let cos2 = 1.0 - sin * sin;
        let cos = cos2.sqrt();
        let scale = ray.length();
        let d = ray / scale;
        // Start near the shape, for the sake of single precision.
        let skip = (a - origin).dot(d);
        let o = origin + d * skip - a;
        let (oa, da) = (o.dot(axis), d.dot(axis));
        // cos² · |away|² = (ra − sin · along)²
        let qa = cos2 * (1.0 - da * da) - sin * sin * da * da;
        let qb = cos2 * (o.dot(d) - oa * da) + sin * da * (ra - sin * oa);
        let qc = cos2 * (o.length_squared() - oa * oa) - (ra - sin * oa).powi(2);
        let inside = qb * qb - qa * qc;
        if inside >= 0.0 && qa.abs() > 1e-9 {
            let root = inside.sqrt();
            for s in [(-qb - root) / qa, (-qb + root) / qa] {
                let p = o + d * s;
                let along = p.dot(axis);
                let radial = p - axis * along;
                let away = radial.length();
                // Between the two circles where the side touches the balls, on the real half
                // of the double cone, seen from outside.
                let slide = along * cos - away * sin;
                if ra - sin * along >= 0.0 && (0.0..=length * cos).contains(&slide) {
                    let normal = axis * sin + radial / away.max(1e-9) * cos;
                    if normal.dot(d) < 0.0 {
                        keep((s + skip) / scale, normal);
                    }
                }
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::noise::Noise;

    fn shapes() -> Vec<Shape> {
        let turn = Mat3::from_rotation_y(0.7) * Mat3::from_rotation_x(0.3);
        vec![
            Shape::RoundCone {
                a: Vec3::new(-0.5, 0.2, 0.1),
                ra: 0.5,
                b: Vec3::new(0.9, -0.3, 0.4),
                rb: 0.2,
            },
            Shape::RoundCone {
                a: Vec3::ZERO,
                ra: 0.3,
                b: Vec3::new(0.0, 1.0, 0.0),
                rb: 0.3,
            },
            Shape::Ellipsoid {
                centre: Vec3::new(0.1, 0.0, 0.2),
                half: Vec3::splat(0.6),
                axes: turn,
            },
            Shape::Block {
                centre: Vec3::new(-0.1, 0.1, 0.0),
                half: Vec3::new(0.5, 0.3, 0.7),
                axes: turn,
            },
        ]
    }

    #[test]
    fn rays_end_on_the_surface_the_distance_describes() {
        let noise = Noise::new(1);
        let mut index = 0;
        let mut number = |low: f64, high: f64| {
            index += 1;
            noise.between(index, low, high) as f32
        };
        for shape in shapes() {
            let mut hits = 0;
            for _ in 0..4000 {
                let origin = Vec3::new(number(-2.0, 2.0), number(-2.0, 2.0), -6.0);
                let ray = Vec3::new(number(-0.3, 0.3), number(-0.3, 0.3), 1.0) * 1.7;
                // March the distance field to the same surface.
                let mut t = 0.0;
                let length = ray.length();
                for _ in 0..300 {
                    t += shape.distance(origin + ray * t) / length;
                }
                let marched = shape.distance(origin + ray * t).abs() < 1e-3 && t < 8.0;
                match shape.hit(origin, ray) {
                    Some((hit, normal)) => {
                        hits += 1;
                        let point = origin + ray * hit;
                        assert!(shape.distance(point).abs() < 2e-3, "{shape:?}");
                        assert!((normal.length() - 1.0).abs() < 1e-3);
                        let out = shape.distance(point + normal * 0.01);
                        assert!((out - 0.01).abs() < 3e-3, "{shape:?} {out}");
                        assert!(!marched || (t - hit).abs() < 2e-2, "{shape:?} {t} {hit}");
                    }
                    None => assert!(!marched, "{shape:?} missed at {t}"),
                }
            }
            assert!(hits > 100, "{shape:?} {hits}");
        }
    }
}
