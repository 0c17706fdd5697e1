//! Colour and metric depth by exact ray intersection, each solid tried only where it can
//! appear in the picture.

use glam::{Mat3, Vec3};
use image::{Rgb, RgbImage};

use crate::camera::CameraPose;
use crate::scene::{Light, Scene};
use crate::solid::{Shape, Solid};

/// Depth of a picture: metres along the optical axis, row by row, infinite in the sky.
#[derive(Debug, Clone, PartialEq)]
pub struct DepthMap {
    /// Width, pixels.
    pub width: u32,
    /// Height, pixels.
    pub height: u32,
    /// Metres.
    pub metres: Vec<f32>,
}

impl DepthMap {
    /// Depth at a pixel; infinite outside the picture.
    pub fn at(&self, x: u32, y: u32) -> f32 {
        if x >= self.width || y >= self.height {
            return f32::INFINITY;
        }
        let index = y as usize * self.width as usize + x as usize;
        self.metres.get(index).copied().unwrap_or(f32::INFINITY)
    }
}

/// What every pixel sees: depth, normal and which solid.
struct Buffers {
    width: u32,
    height: u32,
    depth: Vec<f32>,
    normal: Vec<Vec3>,
    solid: Vec<u32>,
}

/// Pixels that see no solid.
const GROUND: u32 = u32::MAX - 1;
const SKY: u32 = u32::MAX;

/// A camera in single precision; rays have unit length along the optical axis, so that a ray's
/// `t` is its depth.
struct Lens {
    rotation: Mat3,
    centre: Vec3,
    focal: f32,
    cx: f32,
    cy: f32,
}

impl Lens {
    fn new(camera: &CameraPose, width: u32, height: u32) -> Self {
        Self {
            rotation: camera.world_from_camera.as_mat3(),
            centre: camera.centre.as_vec3(),
            focal: (camera.focal * f64::from(width)) as f32,
            cx: width as f32 / 2.0,
            cy: height as f32 / 2.0,
        }
    }

    /// The ray through a pixel's centre, world axes.
    fn ray(&self, x: u32, y: u32) -> Vec3 {
        self.rotation
            * Vec3::new(
                (x as f32 + 0.5 - self.cx) / self.focal,
                (y as f32 + 0.5 - self.cy) / self.focal,
                1.0,
            )
    }

    /// Every pixel's ray, row by row.
    fn rays(&self, width: u32, height: u32) -> Vec<Vec3> {
        (0..height)
            .flat_map(|y| (0..width).map(move |x| self.ray(x, y)))
            .collect()
    }

    /// The rectangle of pixels a solid can appear in: x from, x to, y from, y to.
    fn rectangle(&self, solid: &Solid, width: u32, height: u32) -> Option<[u32; 4]> {
        let mut low = [f32::INFINITY; 2];
        let mut high = [f32::NEG_INFINITY; 2];
        let clamp = |value: f32, most: u32| value.clamp(0.0, most as f32) as u32;
        if let Shape::Block { centre, half, axes } = solid.shape {
            // A box in front of the camera is held by its corners, tighter than by a ball.
            let mut in_front = true;
            for corner in 0..8u8 {
                let sign = |bit: u8| if corner & bit == 0 { -1.0 } else { 1.0 };
                let place = centre + axes * (half * Vec3::new(sign(1), sign(2), sign(4)));
                let c = self.rotation.transpose() * (place - self.centre);
                in_front &= c.z > 0.05;
                for (axis, value) in [
                    self.cx + self.focal * c.x / c.z,
                    self.cy + self.focal * c.y / c.z,
                ]
                .into_iter()
                .enumerate()
                {
                    low[axis] = low[axis].min(value);
                    high[axis] = high[axis].max(value);
                }
            }
            if in_front {
                let out = [
                    clamp((low[0] - 1.0).floor(), width),
                    clamp((high[0] + 1.0).ceil(), width),
                    clamp((low[1] - 1.0).floor(), height),
                    clamp((high[1] + 1.0).ceil(), height),
                ];
                return (out[0] < out[1] && out[2] < out[3]).then_some(out);
            }
            low = [f32::INFINITY; 2];
            high = [f32::NEG_INFINITY; 2];
        }
        for (centre, radius) in solid.shape.hull() {
            let c = self.rotation.transpose() * (centre - self.centre);
            if c.z + radius < 0.05 {
                continue;
            }
            if c.z - radius < 0.05 {
                return Some([0, width, 0, height]);
            }
            for (axis, (value, middle)) in [(c.x, self.cx), (c.y, self.cy)].into_iter().enumerate()
            {
                for z in [c.z - radius, c.z + radius] {
                    low[axis] = low[axis].min(middle + self.focal * (value - radius) / z);
                    high[axis] = high[axis].max(middle + self.focal * (value + radius) / z);
                }
            }
        }
        let out = [
            clamp(low[0].floor(), width),
            clamp(high[0].ceil(), width),
            clamp(low[1].floor(), height),
            clamp(high[1].ceil(), height),
        ];
        (out[0] < out[1] && out[2] < out[3]).then_some(out)
    }
}

fn cast(scene: &Scene, lens: &Lens, width: u32, height: u32, normals: bool) -> Buffers {
    let pixels = width as usize * height as usize;
    let mut out = Buffers {
        width,
        height,
        depth: vec![f32::INFINITY; pixels],
        normal: if normals {
            vec![Vec3::NEG_Y; pixels]
        } else {
            Vec::new()
        },
        solid: vec![SKY; pixels],
    };
    let rays = lens.rays(width, height);
    if scene.ground.is_some() {
        for (index, ray) in rays.iter().enumerate() {
            let t = -lens.centre.y / ray.y;
            if ray.y > 0.0 && t > 0.0 {
                out.depth[index] = t;
                out.solid[index] = GROUND;
            }
        }
    }
    for (number, solid) in scene.solids.iter().enumerate() {
        let Some([x0, x1, y0, y1]) = lens.rectangle(solid, width, height) else {
            continue;
        };
        for y in y0..y1 {
            for x in x0..x1 {
                let index = y as usize * width as usize + x as usize;
                if let Some((t, normal)) = solid.shape.hit(lens.centre, rays[index])
                    && t < out.depth[index]
                {
                    out.depth[index] = t;
                    out.solid[index] = number as u32;
                    if normals {
                        out.normal[index] = normal;
                    }
                }
            }
        }
    }
    out
}

/// Depth alone, quick enough for clips.
pub fn depth(scene: &Scene, camera: &CameraPose, width: u32, height: u32) -> DepthMap {
    let lens = Lens::new(camera, width, height);
    let buffers = cast(scene, &lens, width, height, false);
    DepthMap {
        width,
        height,
        metres: buffers.depth,
    }
}

/// Colour, with `fine` × `fine` samples a pixel.
pub fn colour(scene: &Scene, camera: &CameraPose, width: u32, height: u32, fine: u32) -> RgbImage {
    let fine = fine.clamp(1, 8);
    let (wide, tall) = (width * fine, height * fine);
    let lens = Lens::new(camera, wide, tall);
    let buffers = cast(scene, &lens, wide, tall, true);
    let mut sums = vec![Vec3::ZERO; width as usize * height as usize];
    for y in 0..buffers.height {
        for x in 0..buffers.width {
            let index = y as usize * buffers.width as usize + x as usize;
            let ray = lens.ray(x, y);
            let light = shade(scene, &lens, ray, &buffers, index);
            sums[(y / fine) as usize * width as usize + (x / fine) as usize] += develop(light);
        }
    }
    let count = (fine * fine) as f32;
    RgbImage::from_fn(width, height, |x, y| {
        encode(sums[y as usize * width as usize + x as usize] / count)
    })
}

/// Light to film: a soft shoulder keeps lamps from clipping; the result is linear 0–1.
pub(crate) fn develop(light: Vec3) -> Vec3 {
    let light = light * 1.3;
    (light * (Vec3::ONE + light * 0.10)) / (Vec3::ONE + light * 0.72)
}

/// Linear 0–1 to sRGB bytes.
pub(crate) fn encode(linear: Vec3) -> Rgb<u8> {
    Rgb(linear.to_array().map(|value| {
        let v = value.clamp(0.0, 1.0);
        let s = if v <= 0.003_130_8 {
            12.92 * v
        } else {
            1.055 * v.powf(1.0 / 2.4) - 0.055
        };
        (s * 255.0 + 0.5) as u8
    }))
}

fn shade(scene: &Scene, lens: &Lens, ray: Vec3, buffers: &Buffers, index: usize) -> Vec3 {
    let light = &scene.light;
    let view = ray.normalize();
    let which = buffers.solid[index];
    if which == SKY {
        return light.sky_at(view);
    }
    let depth = buffers.depth[index];
    let point = lens.centre + ray * depth;
    let (colour, glow, gloss, normal) = if which == GROUND {
        let base = scene.ground.unwrap_or(Vec3::ONE);
        (base * cobbles(point), Vec3::ZERO, 0.04, Vec3::NEG_Y)
    } else {
        let normal = buffers.normal[index];
        let solid = &scene.solids[which as usize];
        let (colour, glow) = solid.colour_at(point, normal);
        (colour, glow, solid.paint.gloss, normal)
    };
    let lit = reflect(scene, light, point, view, normal, colour, gloss) + glow;
    let far = (point - lens.centre).length();
    let haze = 1.0 - (-far / light.haze_m).exp();
    lit.lerp(light.sky[2].lerp(light.sky[1], 0.55) * 0.75, haze)
}

fn reflect(
    scene: &Scene,
    light: &Light,
    point: Vec3,
    view: Vec3,
    normal: Vec3,
    colour: Vec3,
    gloss: f32,
) -> Vec3 {
    let lifted = point + normal * 2e-3;
    let up = -normal.y * 0.5 + 0.5;
    // Things near the ground and under awnings see less sky.
    let open = if scene.blocked(lifted, Vec3::NEG_Y, 4.0) {
        0.55
    } else {
        1.0
    };
    let mut sum = colour * light.below.lerp(light.above, up) * open;
    let facing = normal.dot(light.towards);
    if facing > 0.0 && !scene.blocked(lifted, light.towards, 60.0) {
        let half = (light.towards - view).normalize_or_zero();
        let shine = normal.dot(half).max(0.0).powi(40) * gloss;
        sum += light.key * (colour * facing + Vec3::splat(shine));
    }
    for &(place, lamp) in &light.lamps {
        let to = place - point;
        let near = to.length_squared();
        if near < 20.0 {
            let direction = to / near.sqrt();
            let facing = normal.dot(direction).max(0.0);
            sum += colour * lamp * (facing / (0.25 + near));
        }
    }
    sum
}

/// Uneven stones: a little lighter or darker cell by cell.
fn cobbles(point: Vec3) -> f32 {
    let row = (point.z / 0.34).floor();
    let column = (point.x / 0.46 + 0.5 * (row.rem_euclid(2.0))).floor();
    let key = (row as i64).wrapping_mul(9176) ^ (column as i64).wrapping_mul(6971);
    let tone = 0.86 + 0.2 * crate::noise::Noise::new(11).share(key as u64) as f32;
    let fv = point.z / 0.34 - row;
    let fu = point.x / 0.46 + 0.5 * (row.rem_euclid(2.0)) - column;
    let joint = fu.min(1.0 - fu).min(fv.min(1.0 - fv) * 0.8);
    if joint < 0.05 { tone * 0.78 } else { tone }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::camera::{CameraScript, Segment};
    use crate::scene::at;
    use crate::solid::Paint;
    use glam::DVec3;

    fn camera() -> CameraPose {
        let mut script = CameraScript::of(vec![Segment::hold(1.0)]);
        script.start = DVec3::new(0.0, -1.5, 0.0);
        script.pose(0.0)
    }

    #[test]
    fn depth_is_along_the_axis_and_agrees_with_projection() {
        let mut scene = Scene::empty();
        scene
            .solids
            .push(Solid::ball(at(1.2, 1.5, 6.0), 0.4, Paint::srgb(0x888888)));
        let camera = camera();
        let map = depth(&scene, &camera, 320, 180);
        let (x, y, z) = camera
            .project(DVec3::new(1.2, -1.5, 6.0), 320.0, 180.0)
            .unwrap();
        let seen = map.at(x as u32, y as u32);
        // The surface lies in front of the centre by about the radius.
        assert!((f64::from(seen) - (z - 0.4)).abs() < 0.05, "{seen} {z}");
        // A wall across the view has one depth from edge to edge.
        scene.solids = vec![Solid::block(
            at(0.0, 5.0, 8.5),
            Vec3::new(30.0, 10.0, 0.5),
            Paint::srgb(0x888888),
        )];
        let map = depth(&scene, &camera, 320, 180);
        for x in [0, 100, 319] {
            assert!((map.at(x, 20) - 8.0).abs() < 1e-3);
        }
    }

    #[test]
    fn ground_and_sky_meet_at_the_horizon() {
        let map = depth(&Scene::empty(), &camera(), 320, 180);
        assert_eq!(map.at(160, 80), f32::INFINITY);
        // 1.5 m above ground: a ray 90 pixels below the axis meets it at 1.5 · f / 90.
        let expected = 1.5 * 0.9 * 320.0 / 89.5;
        assert!((map.at(160, 179) - expected).abs() < 1e-2);
    }

    #[test]
    fn rectangles_lose_no_pixel() {
        let scene = Scene::yard(5);
        let camera = camera();
        let map = depth(&scene, &camera, 96, 54);
        let lens = Lens::new(&camera, 96, 54);
        for y in 0..54 {
            for x in 0..96 {
                let ray = lens.ray(x, y);
                let ground = if ray.y > 0.0 {
                    1.5 / ray.y
                } else {
                    f32::INFINITY
                };
                let solid = scene
                    .trace(lens.centre, ray)
                    .map_or(f32::INFINITY, |(t, ..)| t);
                assert_eq!(map.at(x, y), ground.min(solid), "{x} {y}");
            }
        }
    }
}
