//! Animated cameras of glTF 2.0 and GLB.
//!
//! The `gltf` crate reads and validates the document; accessors are decoded here, because a
//! file decides their offsets, strides and types and none of them may take us out of bounds.

use std::io::Read;
use std::path::{Component, Path};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use decoupage_shot::{Code, Fault, Outcome, ReadOptions, Watch};
use glam::{DMat3, DMat4, DQuat, DVec3};
use gltf::accessor::{DataType, Dimensions};
use gltf::animation::{Interpolation, Property};

use super::json::{choose, first_chosen};
use super::tables::{from_vertical_fov, intrinsics};
use super::{Format, MOST_BYTES, MOST_POSES, RawPath, RawPose, RawTimes, push_pose};
use crate::camera::Intrinsics;
use crate::camera::convention::Convention;

/// The rate at which animations are sampled unless the person says otherwise.
const SAMPLES_PER_SECOND: f64 = 24.0;
/// The most levels of parents above a camera.
const MOST_LEVELS: usize = 256;

/// A keyframed property of a node.
struct Track {
    times: Vec<f64>,
    /// Values, `width` a key (three times as many for cubic splines).
    values: Vec<f64>,
    width: usize,
    interpolation: Interpolation,
}

/// A node on the way from the scene to the camera.
struct Level {
    translation: DVec3,
    rotation: DQuat,
    scale: DVec3,
    tracks: [Option<Track>; 3],
}

/// Reads the animated camera of a glTF file. Lengths are metres by glTF's definition; the
/// focal length is fixed, since glTF animates none.
pub(crate) fn read(
    bytes: &[u8],
    options: &ReadOptions,
    path: Option<&Path>,
    watch: &dyn Watch,
) -> Outcome<RawPath> {
    let file = gltf::Gltf::from_slice(bytes).map_err(|_| {
        Fault::new(
            Code::Damaged,
            "The glTF file is damaged or not valid glTF 2.0.",
        )
        .advise("Export it again.")
    })?;
    let nodes: Vec<gltf::Node<'_>> = file
        .nodes()
        .filter(|node| node.camera().is_some())
        .collect();
    if nodes.is_empty() {
        return Err(
            Fault::new(Code::Unsupported, "The glTF file holds no camera.")
                .advise("Export it again with cameras included."),
        );
    }
    let mut parent_of: Vec<Option<usize>> = vec![None; file.nodes().count()];
    for node in file.nodes() {
        for child in node.children() {
            if let Some(slot) = parent_of.get_mut(child.index()) {
                *slot = Some(node.index());
            }
        }
    }
    let animated: Vec<usize> = file
        .animations()
        .flat_map(|animation| {
            animation
                .channels()
                .map(|c| c.target().node().index())
                .collect::<Vec<_>>()
        })
        .collect();
    let chain = |node: &gltf::Node<'_>| -> Vec<usize> {
        let mut chain = vec![node.index()];
        while let Some(parent) = chain
            .last()
            .and_then(|last| parent_of.get(*last).copied().flatten())
        {
            if chain.len() >= MOST_LEVELS || chain.contains(&parent) {
                break;
            }
            chain.push(parent);
        }
        chain
    };
    // Animated cameras first: a file often carries resting ones along.
    let mut ordered: Vec<(String, &gltf::Node<'_>, bool)> = nodes
        .iter()
        .map(|node| {
            let name = node
                .name()
                .or_else(|| node.camera().and_then(|camera| camera.name()))
                .map_or_else(|| format!("camera {}", node.index()), str::to_owned);
            let moves = chain(node).iter().any(|index| animated.contains(index));
            (name, node, moves)
        })
        .collect();
    ordered.sort_by_key(|(_, _, moves)| !*moves);
    let names: Vec<String> = ordered.iter().map(|(name, ..)| name.clone()).collect();
    let chosen = choose(&names, options.camera.as_deref())?;
    let Some((_, node, moves)) = ordered.iter().find(|(name, ..)| *name == chosen) else {
        return Err(Fault::new(
            Code::Internal,
            "The chosen camera went missing.",
        ));
    };
    if !moves {
        return Err(Fault::new(
            Code::Unsupported,
            format!("The camera “{chosen}” of the glTF file is not animated."),
        )
        .advise("Export it again with animations included."));
    }
    let buffers = buffers(&file, path)?;
    let all: Vec<gltf::Node<'_>> = file.nodes().collect();
    let mut levels = Vec::new();
    for index in chain(node) {
        watch.go_on()?;
        let Some(node) = all.get(index) else { continue };
        levels.push(level(&file, node, &buffers)?);
    }
    let mut times: Vec<(f64, f64)> = Vec::new();
    for track in levels
        .iter()
        .flat_map(|level| level.tracks.iter().flatten())
    {
        if let (Some(first), Some(last)) = (track.times.first(), track.times.last()) {
            times.push((*first, *last));
        }
    }
    let start = times.iter().map(|time| time.0).fold(f64::MAX, f64::min);
    let end = times.iter().map(|time| time.1).fold(f64::MIN, f64::max);
    if end <= start || !(end - start).is_finite() {
        return Err(Fault::new(
            Code::Unsupported,
            format!(
                "The camera “{chosen}” of the glTF file has a single key, which is not a path."
            ),
        ));
    }
    let rate = options
        .fps
        .filter(|fps| fps.is_finite() && (0.01..=1000.0).contains(fps))
        .unwrap_or(SAMPLES_PER_SECOND);
    let count = ((end - start) * rate + 1e-6).floor() + 1.0;
    if count > MOST_POSES as f64 {
        return Err(Fault::new(
            Code::TooLarge,
            format!("The animation has more than {MOST_POSES} frames."),
        )
        .advise("Cut it to the shot before adding it."));
    }
    let mut moments: Vec<f64> = (0..count as usize)
        .map(|index| start + index as f64 / rate)
        .collect();
    if moments.last().is_none_or(|last| end - last > 0.02 / rate) {
        moments.push(end);
    }
    let lens = node.camera().and_then(|camera| lens(&camera));
    let mut poses = Vec::new();
    for time in &moments {
        let world = levels
            .iter()
            .fold(DMat4::IDENTITY, |below, level| level.at(*time) * below);
        push_pose(
            &mut poses,
            RawPose {
                rotation: DMat3::from_mat4(world),
                translation: world.w_axis.truncate(),
                intrinsics: lens,
            },
        )?;
    }
    Ok(RawPath {
        times: RawTimes::Sampled(moments),
        cameras: if names.len() > 1 {
            first_chosen(names, &chosen)
        } else {
            Vec::new()
        },
        metric: true,
        scaled: true,
        ..RawPath::new(Format::Gltf, Convention::OpenglC2w, poses)
    })
}

fn lens(camera: &gltf::Camera<'_>) -> Option<Intrinsics> {
    match camera.projection() {
        gltf::camera::Projection::Perspective(lens) => from_vertical_fov(
            f64::from(lens.yfov()),
            f64::from(lens.aspect_ratio().unwrap_or(16.0 / 9.0)),
        ),
        gltf::camera::Projection::Orthographic(_) => intrinsics(f64::NAN, 0.0, 0.0, 0.0),
    }
}

/// The bytes of every buffer: the GLB's own, embedded ones and files beside the document.
fn buffers(file: &gltf::Gltf, path: Option<&Path>) -> Outcome<Vec<Vec<u8>>> {
    let mut buffers = Vec::new();
    let mut total = 0_u64;
    for buffer in file.buffers() {
        let bytes = match buffer.source() {
            gltf::buffer::Source::Bin => file.blob.clone().unwrap_or_default(),
            gltf::buffer::Source::Uri(uri) => match uri.strip_prefix("data:") {
                Some(data) => {
                    let encoded = data.split_once(";base64,").map_or("", |(_, text)| text);
                    STANDARD.decode(encoded).map_err(|_| {
                        Fault::new(Code::Damaged, "The glTF's embedded data is damaged.")
                            .advise("Export it again.")
                    })?
                }
                None => beside(uri, path)?,
            },
        };
        total += bytes.len() as u64;
        if total > MOST_BYTES {
            return Err(Fault::new(
                Code::TooLarge,
                format!(
                    "The glTF's buffers are larger than {} MiB.",
                    MOST_BYTES >> 20
                ),
            )
            .advise("Export the camera alone."));
        }
        buffers.push(bytes);
    }
    Ok(buffers)
}

/// A buffer in a file beside the document; never one elsewhere.
fn beside(uri: &str, path: Option<&Path>) -> Outcome<Vec<u8>> {
    let name = uri.replace("%20", " ");
    let inside = Path::new(&name)
        .components()
        .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    let Some(folder) = path.and_then(Path::parent).filter(|_| inside) else {
        return Err(Fault::new(
            Code::Unsupported,
            "The glTF's buffer lies outside its folder.",
        )
        .advise("Export it as one .glb file."));
    };
    let file = folder.join(&name);
    let open = std::fs::File::open(&file)
        .map_err(|error| Fault::io(&error, "open the glTF's buffer", &file))?;
    let regular = open.metadata().is_ok_and(|data| data.is_file());
    let mut bytes = Vec::new();
    if regular {
        open.take(MOST_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| Fault::io(&error, "read the glTF's buffer", &file))?;
    }
    Ok(bytes)
}

/// A node's resting place and its tracks. Of several animations the first that moves a
/// property counts.
fn level(file: &gltf::Gltf, node: &gltf::Node<'_>, buffers: &[Vec<u8>]) -> Outcome<Level> {
    let (translation, rotation, scale) = node.transform().decomposed();
    let mut tracks: [Option<Track>; 3] = [None, None, None];
    for channel in file
        .animations()
        .flat_map(|a| a.channels().collect::<Vec<_>>())
    {
        let target = channel.target();
        let slot = match target.property() {
            Property::Translation => 0,
            Property::Rotation => 1,
            Property::Scale => 2,
            Property::MorphTargetWeights => continue,
        };
        if target.node().index() != node.index() || tracks[slot].is_some() {
            continue;
        }
        let sampler = channel.sampler();
        let width = if slot == 1 { 4 } else { 3 };
        let times = floats(&sampler.input(), buffers, 1)?;
        let values = floats(&sampler.output(), buffers, width)?;
        let interpolation = sampler.interpolation();
        let per_key = match interpolation {
            Interpolation::CubicSpline => 3,
            _ => 1,
        };
        let sound = times.windows(2).all(|pair| pair[1] > pair[0])
            && !times.is_empty()
            && values.len() == times.len() * width * per_key
            && times.iter().chain(&values).all(|value| value.is_finite());
        if !sound {
            return Err(Fault::new(
                Code::Damaged,
                "The glTF's camera animation has missing, unordered or unusable keys.",
            )
            .advise("Export it again."));
        }
        tracks[slot] = Some(Track {
            times,
            values,
            width,
            interpolation,
        });
    }
    let [x, y, z, w] = rotation.map(f64::from);
    Ok(Level {
        translation: DVec3::from_array(translation.map(f64::from)),
        rotation: unit(DQuat::from_xyzw(x, y, z, w)),
        scale: DVec3::from_array(scale.map(f64::from)),
        tracks,
    })
}

/// The numbers of an accessor, checked against its buffer before anything is read.
fn floats(accessor: &gltf::Accessor<'_>, buffers: &[Vec<u8>], width: usize) -> Outcome<Vec<f64>> {
    let damaged = || {
        Fault::new(
            Code::Damaged,
            "The glTF's camera animation points outside its data.",
        )
        .advise("Export it again.")
    };
    let dimensions = match accessor.dimensions() {
        Dimensions::Scalar => 1,
        Dimensions::Vec3 => 3,
        Dimensions::Vec4 => 4,
        _ => 0,
    };
    // Normalised integers carry rotations in files that were packed.
    let (size, divisor) = match accessor.data_type() {
        DataType::F32 => (4, 1.0),
        DataType::I8 => (1, 127.0),
        DataType::U8 => (1, 255.0),
        DataType::I16 => (2, 32767.0),
        DataType::U16 => (2, 65535.0),
        DataType::U32 => (0, 1.0),
    };
    let view = accessor.view().ok_or_else(damaged)?;
    let data = buffers
        .get(view.buffer().index())
        .and_then(|buffer| {
            let end = view.offset().checked_add(view.length())?;
            buffer.get(view.offset()..end)
        })
        .ok_or_else(damaged)?;
    if dimensions != width || size == 0 || accessor.count() > 4 * MOST_POSES {
        return Err(damaged());
    }
    let stride = view.stride().unwrap_or(size * width);
    let mut values = Vec::with_capacity(accessor.count().min(data.len()) * width);
    for index in 0..accessor.count() {
        let item = index
            .checked_mul(stride)
            .and_then(|start| start.checked_add(accessor.offset()))
            .and_then(|start| data.get(start..start.checked_add(size * width)?))
            .ok_or_else(damaged)?;
        for part in item.chunks_exact(size) {
            values.push(match (accessor.data_type(), part) {
                (DataType::F32, [a, b, c, d]) => f64::from(f32::from_le_bytes([*a, *b, *c, *d])),
                (DataType::I16, [a, b]) => {
                    (f64::from(i16::from_le_bytes([*a, *b])) / divisor).max(-1.0)
                }
                (DataType::U16, [a, b]) => f64::from(u16::from_le_bytes([*a, *b])) / divisor,
                (DataType::I8, [a]) => (f64::from(i8::from_le_bytes([*a])) / divisor).max(-1.0),
                (_, [a, ..]) => f64::from(*a) / divisor,
                _ => 0.0,
            });
        }
    }
    Ok(values)
}

fn unit(rotation: DQuat) -> DQuat {
    let length = rotation.length();
    if length.is_finite() && length > 1e-9 {
        rotation * (1.0 / length)
    } else {
        DQuat::IDENTITY
    }
}

impl Level {
    /// The node's transform within its parent at a time.
    fn at(&self, time: f64) -> DMat4 {
        let [moved, turned, sized] = &self.tracks;
        let vector = |track: &Option<Track>, rest: DVec3| match track {
            Some(track) => {
                let v = track.at(time);
                DVec3::new(v[0], v[1], v[2])
            }
            None => rest,
        };
        let rotation = match turned {
            Some(track) => {
                let v = track.at(time);
                unit(DQuat::from_xyzw(v[0], v[1], v[2], v[3]))
            }
            None => self.rotation,
        };
        DMat4::from_scale_rotation_translation(
            vector(sized, self.scale),
            rotation,
            vector(moved, self.translation),
        )
    }
}

impl Track {
    fn key(&self, index: usize, part: usize) -> [f64; 4] {
        let per_key = match self.interpolation {
            Interpolation::CubicSpline => 3,
            _ => 1,
        };
        let start = (index * per_key + part) * self.width;
        let mut value = [0.0; 4];
        for (slot, number) in value
            .iter_mut()
            .zip(self.values.iter().skip(start).take(self.width))
        {
            *slot = *number;
        }
        value
    }

    /// The value at a time, as glTF's specification interpolates (appendix C).
    fn at(&self, time: f64) -> [f64; 4] {
        let middle = usize::from(matches!(self.interpolation, Interpolation::CubicSpline));
        let next = self.times.partition_point(|key| *key <= time);
        let (Some(before), Some(after)) = (
            next.checked_sub(1).and_then(|index| self.times.get(index)),
            self.times.get(next),
        ) else {
            return self.key(next.min(self.times.len()).saturating_sub(1), middle);
        };
        let length = after - before;
        let t = (time - before) / length;
        let (a, b) = (self.key(next - 1, middle), self.key(next, middle));
        match self.interpolation {
            Interpolation::Step => a,
            Interpolation::Linear if self.width == 4 => {
                let (qa, qb) = (unit(DQuat::from_array(a)), unit(DQuat::from_array(b)));
                qa.slerp(qb, t).to_array()
            }
            Interpolation::Linear => std::array::from_fn(|i| a[i] + (b[i] - a[i]) * t),
            Interpolation::CubicSpline => {
                let (out, into) = (self.key(next - 1, 2), self.key(next, 0));
                let (t2, t3) = (t * t, t * t * t);
                std::array::from_fn(|i| {
                    (2.0 * t3 - 3.0 * t2 + 1.0) * a[i]
                        + length * (t3 - 2.0 * t2 + t) * out[i]
                        + (3.0 * t2 - 2.0 * t3) * b[i]
                        + length * (t3 - t2) * into[i]
                })
            }
        }
    }
}
