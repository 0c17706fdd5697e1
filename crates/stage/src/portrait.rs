//! Studio portraits: signed distances with soft joins, one key light, soft shadow and
//! occlusion, on a plain ground.

use glam::Vec3;
use image::{RgbImage, Rgba, RgbaImage};

use crate::camera::CameraPose;
use crate::render::{develop, encode};
use crate::solid::{Solid, linear};

/// How a portrait is lit and what is behind the subject.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Studio {
    /// The ground behind, sRGB.
    pub ground: u32,
    /// Towards the key light, unit length.
    pub key_from: Vec3,
    /// Key light, linear.
    pub key: Vec3,
    /// Fill from above, linear.
    pub fill: Vec3,
    /// Rim light from behind, linear.
    pub rim: Vec3,
    /// Whether the subject stands on the floor y = 0 and throws a faint shadow on it.
    pub floor: bool,
}

impl Studio {
    /// A plain grey ground, the key from the upper left.
    pub fn grey() -> Self {
        Self {
            ground: 0x9a9a98,
            key_from: Vec3::new(-0.55, -0.62, -0.60).normalize(),
            key: Vec3::new(1.30, 1.20, 1.08),
            fill: Vec3::new(0.34, 0.36, 0.40),
            rim: Vec3::new(0.55, 0.50, 0.46),
            floor: false,
        }
    }

    /// A plain light ground with a faint shadow under the subject.
    pub fn light() -> Self {
        Self {
            ground: 0xe4e1da,
            floor: true,
            fill: Vec3::new(0.42, 0.43, 0.44),
            ..Self::grey()
        }
    }
}

/// Softness of joins within one cloth, metres.
const JOIN: f32 = 0.035;
/// Distance beyond which a passing solid no longer softens a shadow, metres.
const SOFT: f32 = 0.12;
/// How far around a point occlusion looks, metres.
const AROUND: f32 = 0.16;
/// Farthest a join bulges out, metres: bounds are widened by it.
const BULGE: f32 = JOIN;

struct Sculpture<'a> {
    solids: &'a [Solid],
    bounds: Vec<(Vec3, f32)>,
    /// A ball around everything.
    whole: (Vec3, f32),
}

impl Sculpture<'_> {
    /// Distance to the nearest surface and the solid it belongs to, among `list`.
    fn nearest(&self, point: Vec3, list: &[u16]) -> (f32, u16) {
        let mut best = (f32::INFINITY, u16::MAX);
        let mut cloths = [(f32::INFINITY, f32::INFINITY, u16::MAX); 16];
        for &index in list {
            let solid = &self.solids[usize::from(index)];
            let (centre, radius) = self.bounds[usize::from(index)];
            // Too far to matter for anything nearer already found.
            let least = (point - centre).length() - radius;
            let cloth = usize::from(solid.cloth & 15);
            let limit = if cloth == 0 {
                best.0
            } else {
                cloths[cloth].1 + JOIN
            };
            if least > limit {
                continue;
            }
            let d = solid.shape.distance(point);
            if cloth == 0 {
                if d < best.0 {
                    best = (d, index);
                }
                continue;
            }
            let (joined, nearest, owner) = &mut cloths[cloth];
            let gap = (JOIN - (*joined - d).abs()).max(0.0) / JOIN;
            *joined = joined.min(d) - gap * gap * JOIN * 0.25;
            if d < *nearest {
                (*nearest, *owner) = (d, index);
            }
        }
        for (joined, _, owner) in cloths {
            if joined < best.0 {
                best = (joined, owner);
            }
        }
        best
    }

    fn distance(&self, point: Vec3, list: &[u16]) -> f32 {
        self.nearest(point, list).0
    }

    fn normal(&self, point: Vec3, list: &[u16]) -> Vec3 {
        // Four samples at the corners of a tetrahedron.
        const E: f32 = 6e-4;
        [
            Vec3::new(1.0, -1.0, -1.0),
            Vec3::new(-1.0, -1.0, 1.0),
            Vec3::new(-1.0, 1.0, -1.0),
            Vec3::new(1.0, 1.0, 1.0),
        ]
        .into_iter()
        .map(|k| k * self.distance(point + k * E, list))
        .sum::<Vec3>()
        .normalize_or_zero()
    }

    /// How much of the key light arrives, 0–1: the narrowest pass on the way, seen from the
    /// point, softens the edge.
    fn lit(&self, point: Vec3, towards: Vec3, list: &[u16]) -> f32 {
        // Only what comes near the way to the light can throw a shadow here.
        let mut near = [0u16; 96];
        let mut count = 0;
        for &index in list {
            let (centre, radius) = self.bounds[usize::from(index)];
            let to = centre - point;
            let along = to.dot(towards);
            let wide = radius + SOFT;
            if along > -wide
                && (to - towards * along).length_squared() < wide * wide
                && let Some(slot) = near.get_mut(count)
            {
                *slot = index;
                count += 1;
            }
        }
        let near = &near[..count];
        if near.is_empty() {
            return 1.0;
        }
        let mut t = 0.012;
        let mut least = 1.0f32;
        for _ in 0..20 {
            let d = self.distance(point + towards * t, near).min(SOFT);
            least = least.min(0.5 + 0.5 * d * 14.0 / t);
            if least < 0.02 || t > 1.3 {
                break;
            }
            t += d.clamp(0.012, 0.2);
        }
        let s = least.clamp(0.0, 1.0);
        s * s * (3.0 - 2.0 * s)
    }

    /// How open the place is, 0–1.
    fn open(&self, point: Vec3, normal: Vec3, list: &[u16]) -> f32 {
        let mut closed = 0.0;
        let mut weight = 1.0;
        for step in [0.014f32, 0.045, 0.12] {
            closed += (step - self.distance(point + normal * step, list)).max(0.0) * weight / step;
            weight *= 0.6;
        }
        (1.0 - 0.5 * closed).clamp(0.12, 1.0)
    }
}

/// Renders a subject with `fine` × `fine` samples on edges.
pub fn portrait(
    solids: &[Solid],
    camera: &CameraPose,
    studio: Studio,
    width: u32,
    height: u32,
    fine: u32,
) -> RgbImage {
    const TILE: u32 = 16;
    let bounds: Vec<(Vec3, f32)> = solids
        .iter()
        .map(|solid| {
            let (centre, radius) = solid.shape.bound();
            (centre, radius + 0.001)
        })
        .collect();
    let middle =
        bounds.iter().map(|&(centre, _)| centre).sum::<Vec3>() / bounds.len().max(1) as f32;
    let reach = bounds
        .iter()
        .map(|&(centre, radius)| (centre - middle).length() + radius)
        .fold(0.0, f32::max);
    let sculpture = Sculpture {
        solids,
        bounds,
        whole: (middle, reach),
    };
    let all: Vec<u16> = (0..solids.len().min(usize::from(u16::MAX)) as u16).collect();
    let eye = Eye::new(camera, width, height);
    let fine = fine.clamp(1, 6);
    let mut pixels = vec![Vec3::ZERO; width as usize * height as usize];
    let rows: Vec<(u32, &mut [Vec3])> = pixels
        .chunks_mut(width as usize * TILE as usize)
        .enumerate()
        .map(|(row, chunk)| (row as u32 * TILE, chunk))
        .collect();
    // Bands of tiles are independent: what a pixel shows never depends on who drew it.
    let workers = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(8);
    let queue = std::sync::Mutex::new(rows.into_iter());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().ok().and_then(|mut rows| rows.next());
                    let Some((top, band)) = next else { break };
                    let tall = band.len() as u32 / width;
                    for left in (0..width).step_by(TILE as usize) {
                        let right = (left + TILE).min(width);
                        let tile = [left, top, right, top + tall];
                        let list = eye.candidates(&sculpture, tile, BULGE);
                        let around = eye.candidates(&sculpture, tile, AROUND);
                        for y in top..top + tall {
                            for x in left..right {
                                let index = ((y - top) * width + x) as usize;
                                band[index] = sample_pixel(
                                    &sculpture,
                                    &eye,
                                    &studio,
                                    [&list, &around, &all],
                                    x,
                                    y,
                                    fine,
                                );
                            }
                        }
                    }
                }
            });
        }
    });
    RgbImage::from_fn(width, height, |x, y| {
        encode(pixels[y as usize * width as usize + x as usize])
    })
}

struct Eye {
    rotation: glam::Mat3,
    centre: Vec3,
    focal: f32,
    cx: f32,
    cy: f32,
}

impl Eye {
    fn new(camera: &CameraPose, width: u32, height: u32) -> Self {
        Self {
            rotation: camera.world_from_camera.as_mat3(),
            centre: camera.centre.as_vec3(),
            focal: (camera.focal * f64::from(width)) as f32,
            cx: width as f32 / 2.0,
            cy: height as f32 / 2.0,
        }
    }

    fn ray(&self, x: f32, y: f32) -> Vec3 {
        (self.rotation * Vec3::new((x - self.cx) / self.focal, (y - self.cy) / self.focal, 1.0))
            .normalize()
    }

    /// The solids that rays through a tile can come near.
    fn candidates(&self, sculpture: &Sculpture, tile: [u32; 4], margin: f32) -> Vec<u16> {
        let [x0, y0, x1, y1] = tile;
        let middle = self.ray((x0 + x1) as f32 / 2.0, (y0 + y1) as f32 / 2.0);
        let corner = self.ray(x0 as f32, y0 as f32);
        // Half the tile's angle, as a slope.
        let slope = middle.cross(corner).length() / middle.dot(corner).max(1e-3) * 1.05;
        sculpture
            .solids
            .iter()
            .enumerate()
            .filter(|(_, solid)| {
                solid.shape.hull().iter().any(|&(centre, radius)| {
                    let to = centre - self.centre;
                    let along = to.dot(middle);
                    (to - middle * along).length() < radius + margin + slope * along
                }) || {
                    let (centre, radius) = solid.shape.bound();
                    let to = centre - self.centre;
                    let along = to.dot(middle);
                    (to - middle * along).length() < radius + margin + slope * along
                }
            })
            .map(|(index, _)| index as u16)
            .collect()
    }
}

#[allow(clippy::too_many_arguments, reason = "one pixel's whole setting")]
fn sample_pixel(
    sculpture: &Sculpture,
    eye: &Eye,
    studio: &Studio,
    lists: [&[u16]; 3],
    x: u32,
    y: u32,
    fine: u32,
) -> Vec3 {
    let at = |dx: f32, dy: f32| look(sculpture, eye, studio, lists, x as f32 + dx, y as f32 + dy);
    if lists[0].is_empty() && !studio.floor {
        return linear(studio.ground);
    }
    // Two samples decide whether the pixel is even; edges get the full grid.
    let (a, b) = (at(0.25, 0.3), at(0.75, 0.7));
    if fine == 1 || (a - b).abs().max_element() < 0.02 {
        return (a + b) / 2.0;
    }
    let mut sum = Vec3::ZERO;
    for j in 0..fine {
        for i in 0..fine {
            sum += at(
                (i as f32 + 0.5) / fine as f32,
                (j as f32 + 0.5) / fine as f32,
            );
        }
    }
    sum / (fine * fine) as f32
}

/// One sample, developed.
fn look(
    sculpture: &Sculpture,
    eye: &Eye,
    studio: &Studio,
    lists: [&[u16]; 3],
    x: f32,
    y: f32,
) -> Vec3 {
    let ray = eye.ray(x, y);
    let ground = linear(studio.ground);
    let [list, _, all] = lists;
    if !list.is_empty() {
        let mut near = f32::INFINITY;
        let mut far = 0.0f32;
        for &index in list {
            let (centre, radius) = sculpture.bounds[usize::from(index)];
            let along = (centre - eye.centre).dot(ray);
            near = near.min(along - radius - BULGE);
            far = far.max(along + radius + BULGE);
        }
        let mut t = near.max(0.0);
        for _ in 0..90 {
            let point = eye.centre + ray * t;
            let (d, owner) = sculpture.nearest(point, list);
            if d < 4e-4 {
                return surface(sculpture, studio, lists, point, ray, owner);
            }
            t += d;
            if t > far {
                break;
            }
        }
    }
    if studio.floor && ray.y > 1e-4 {
        let reach = -eye.centre.y / ray.y;
        let point = eye.centre + ray * reach;
        // Far from the subject and its shadow the floor is even.
        let (middle, radius) = sculpture.whole;
        let to = middle - point;
        let along = to.dot(studio.key_from);
        let past = (to - studio.key_from * along).length();
        if past > radius * 1.25 || along > 2.0 {
            return ground;
        }
        // Only a little of the shadow shows: the ground is a paper sweep.
        let open = sculpture.open(point, Vec3::NEG_Y, all).max(0.5);
        let lit = sculpture.lit(point - Vec3::Y * 0.004, studio.key_from, all);
        return ground * (1.0 - 0.13 * (1.0 - lit) - 0.45 * (1.0 - open));
    }
    ground
}

fn surface(
    sculpture: &Sculpture,
    studio: &Studio,
    lists: [&[u16]; 3],
    point: Vec3,
    ray: Vec3,
    owner: u16,
) -> Vec3 {
    let Some(solid) = sculpture.solids.get(usize::from(owner)) else {
        return linear(studio.ground);
    };
    let [list, around, all] = lists;
    let normal = sculpture.normal(point, list);
    let (colour, glow) = solid.colour_at(point, normal);
    let open = sculpture.open(point, normal, around);
    let facing = normal.dot(studio.key_from);
    // Cloth and skin carry light a little round the corner.
    let wrapped = ((facing + 0.18) / 1.18).max(0.0);
    let lit = if wrapped > 0.0 {
        sculpture.lit(point + normal * 0.004, studio.key_from, all)
    } else {
        0.0
    };
    let up = 0.5 - 0.5 * normal.y;
    let mut light = colour * studio.fill * (0.45 + 0.75 * up) * open;
    light += colour * studio.key * (wrapped * lit) * (0.6 + 0.4 * open);
    let half = (studio.key_from - ray).normalize_or_zero();
    light += studio.key
        * (normal.dot(half).max(0.0).powi(36) * solid.paint.gloss * lit * wrapped.min(1.0));
    let edge = (1.0 + normal.dot(ray)).clamp(0.0, 1.0).powi(3);
    let behind = (normal.x * 0.75 - normal.y * 0.35 + 0.35).clamp(0.0, 1.0);
    light += (colour * 0.75 + Vec3::splat(0.035)) * studio.rim * (edge * behind * open);
    develop(light + glow)
}

/// A subject by itself, without its floor: colour and opacity. Rendered once on black and once
/// on white, which between them say how much of the ground each pixel lets through.
pub fn cut_out(
    solids: &[Solid],
    camera: &CameraPose,
    studio: Studio,
    width: u32,
    height: u32,
    fine: u32,
) -> RgbaImage {
    let on = |ground: u32| {
        let studio = Studio {
            ground,
            floor: false,
            ..studio
        };
        portrait(solids, camera, studio, width, height, fine)
    };
    let (black, white) = (on(0x000000), on(0xffffff));
    RgbaImage::from_fn(width, height, |x, y| {
        let (dark, light) = (black.get_pixel(x, y).0, white.get_pixel(x, y).0);
        let through = (0..3)
            .map(|at| to_linear(light[at]) - to_linear(dark[at]))
            .sum::<f32>()
            / 3.0;
        let opaque = (1.0 - through).clamp(0.0, 1.0);
        let colour = dark.map(|value| {
            if opaque < 0.02 {
                0
            } else {
                to_encoded((to_linear(value) / opaque).min(1.0))
            }
        });
        Rgba([
            colour[0],
            colour[1],
            colour[2],
            (opaque * 255.0).round() as u8,
        ])
    })
}

pub(crate) fn to_linear(value: u8) -> f32 {
    let value = f32::from(value) / 255.0;
    if value <= 0.040_45 {
        value / 12.92
    } else {
        ((value + 0.055) / 1.055).powf(2.4)
    }
}

pub(crate) fn to_encoded(value: f32) -> u8 {
    let value = value.clamp(0.0, 1.0);
    let curved = if value <= 0.003_130_8 {
        12.92 * value
    } else {
        1.055 * value.powf(1.0 / 2.4) - 0.055
    };
    (curved * 255.0).round() as u8
}
