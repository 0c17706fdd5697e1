//! Pictures for the window: stills, filmstrips, plots and skeletons.

use std::collections::HashSet;
use std::io::Cursor;
use std::num::NonZeroUsize;
use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use decoupage_conditions::Reading;
use decoupage_conditions::camera::{CameraPath, load};
use decoupage_conditions::depth::Colormap;
use decoupage_media::{Pick, stills};
use decoupage_shot::{Code, ConditionId, ConditionKind, ContentHash, Fault, Outcome, Silent};
use image::{DynamicImage, GenericImage, ImageFormat, RgbaImage};
use lru::LruCache;

use crate::api::{CameraPlot, CameraSample, Response};
use crate::readings::options;
use crate::{Core, hold};

/// Longest side of a still the window can ask for, pixels.
const LARGEST_STILL: u32 = 4096;
/// Most frames of a filmstrip.
const LONGEST_STRIP: u32 = 120;
/// Most samples of a plot or skeleton: beyond what a timeline has pixels for.
const MOST_SAMPLES: usize = 600;
/// Previews kept; a still of 480 pixels is about 40 kB.
const KEPT: NonZeroUsize = NonZeroUsize::new(600).unwrap();

/// Previews that were made, and media of which none can be.
pub(crate) struct Previews {
    kept: Mutex<LruCache<String, Response>>,
    hopeless: Mutex<HashSet<ContentHash>>,
}

impl Default for Previews {
    fn default() -> Self {
        Self {
            kept: Mutex::new(LruCache::new(KEPT)),
            hopeless: Mutex::default(),
        }
    }
}

impl Previews {
    pub(crate) fn unprobeable(&self, hash: &ContentHash) -> bool {
        hold(&self.hopeless).contains(hash)
    }

    pub(crate) fn give_up_on(&self, hash: ContentHash) {
        hold(&self.hopeless).insert(hash);
    }

    fn get_or(&self, key: String, make: impl FnOnce() -> Outcome<Response>) -> Outcome<Response> {
        if let Some(found) = hold(&self.kept).get(&key) {
            return Ok(found.clone());
        }
        let made = make()?;
        hold(&self.kept).put(key, made.clone());
        Ok(made)
    }
}

impl Core {
    pub(crate) fn still(
        &self,
        id: ConditionId,
        time_s: f64,
        longest: u32,
        colormap: Option<Colormap>,
    ) -> Outcome<Response> {
        let (condition, path) = self.with(|session| session.located(id))?;
        let longest = longest.clamp(1, LARGEST_STILL);
        let time_s = if time_s.is_finite() {
            time_s.max(0.0)
        } else {
            0.0
        };
        let key = format!(
            "still {} {} {time_s:.3} {longest} {colormap:?} {:?}",
            condition.kind.key(),
            condition.media.hash.0,
            condition.options
        );
        self.inner.previews.get_or(key, || {
            let mut found = None;
            stills(
                &path,
                &Pick::Times(vec![time_s]),
                Some(longest),
                condition.options.fps,
                &Silent,
                &mut |still| {
                    found = Some(still.picture);
                    Ok(())
                },
            )?;
            let mut picture = found.ok_or_else(|| no_picture(&condition.name))?;
            if let (Some(colormap), ConditionKind::Depth) = (colormap, condition.kind)
                && let Reading::Depth(reading) =
                    &*self.inner.readings.get(&condition, &path, &Silent)?
            {
                picture = DynamicImage::ImageRgba8(decoupage_conditions::depth::recolour(
                    &picture, reading, colormap,
                ));
            }
            Ok(Response::Picture {
                width: picture.width(),
                height: picture.height(),
                url: data_url(&picture)?,
            })
        })
    }

    pub(crate) fn filmstrip(&self, id: ConditionId, count: u32, height: u32) -> Outcome<Response> {
        let (condition, path) = self.with(|session| session.located(id))?;
        let count = count.clamp(1, LONGEST_STRIP);
        let height = height.clamp(8, 512);
        let key = format!(
            "strip {} {count} {height} {:?}",
            condition.media.hash.0, condition.options.fps
        );
        self.inner.previews.get_or(key, || {
            let mut frames: Vec<RgbaImage> = Vec::new();
            let longest = height.saturating_mul(2);
            stills(
                &path,
                &Pick::Even(count as usize),
                Some(longest),
                condition.options.fps,
                &Silent,
                &mut |still| {
                    let picture = still.picture.resize(
                        u32::MAX,
                        height,
                        image::imageops::FilterType::Triangle,
                    );
                    frames.push(picture.to_rgba8());
                    Ok(())
                },
            )?;
            let first = frames.first().ok_or_else(|| no_picture(&condition.name))?;
            let (width, height) = first.dimensions();
            let total = width * u32::try_from(frames.len()).unwrap_or(1);
            let mut strip = RgbaImage::new(total, height);
            for (x, frame) in (0..).step_by(width as usize).zip(&frames) {
                // Frames of another size (a folder of mixed pictures) are cut to the first's.
                let (w, h) = (frame.width().min(width), frame.height().min(height));
                let part = image::imageops::crop_imm(frame, 0, 0, w, h).to_image();
                strip
                    .copy_from(&part, x, 0)
                    .map_err(|e| Fault::new(Code::Internal, e.to_string()))?;
            }
            Ok(Response::Filmstrip {
                url: data_url(&DynamicImage::ImageRgba8(strip))?,
                count: u32::try_from(frames.len()).unwrap_or(1),
                frame_width: width,
                frame_height: height,
            })
        })
    }

    pub(crate) fn camera_plot(&self, id: ConditionId) -> Outcome<Response> {
        let (condition, path) = self.with(|session| session.located(id))?;
        let reading = self.inner.readings.get(&condition, &path, &Silent)?;
        let Reading::Camera(reading) = &*reading else {
            return Err(Fault::new(
                Code::Invalid,
                format!("“{}” is not a camera path.", condition.name),
            ));
        };
        let camera = load(&path, &options(&condition), &Silent)?;
        Ok(Response::CameraPlot {
            plot: CameraPlot {
                samples: samples(&camera),
                metric: camera.metric,
                reading: reading.clone(),
            },
        })
    }

    pub(crate) fn skeleton(&self, id: ConditionId) -> Outcome<Response> {
        let (condition, path) = self.with(|session| session.located(id))?;
        let key = format!(
            "skeleton {} {:?}",
            condition.media.hash.0,
            options(&condition)
        );
        self.inner.previews.get_or(key, || {
            let mut track = self.inner.readings.track(&condition, &path, &Silent)?;
            let step = track.frames.len().div_ceil(MOST_SAMPLES).max(1);
            track.frames = track.frames.into_iter().step_by(step).collect();
            Ok(Response::Skeleton { track })
        })
    }
}

fn samples(camera: &CameraPath) -> Vec<CameraSample> {
    let last = camera.poses.len().saturating_sub(1);
    let step = camera.poses.len().div_ceil(MOST_SAMPLES).max(1);
    camera
        .poses
        .iter()
        .enumerate()
        .filter(|(number, _)| number % step == 0 || *number == last)
        .map(|(_, pose)| CameraSample {
            time_s: pose.time_s,
            centre: pose.centre.to_array(),
            forward: pose.world_from_camera.z_axis.to_array(),
            up: (-pose.world_from_camera.y_axis).to_array(),
            fov_deg: pose
                .intrinsics
                .map(|intrinsics| 2.0 * (0.5 / intrinsics.fx).atan().to_degrees()),
        })
        .collect()
}

/// PNG where transparency must show, JPEG else: a tenth of the size.
fn data_url(picture: &DynamicImage) -> Outcome<String> {
    let mut bytes = Cursor::new(Vec::new());
    let transparent =
        picture.color().has_alpha() && picture.to_rgba8().pixels().any(|pixel| pixel.0[3] < 255);
    let (format, mime) = if transparent {
        (ImageFormat::Png, "png")
    } else {
        (ImageFormat::Jpeg, "jpeg")
    };
    let written = if transparent {
        picture.write_to(&mut bytes, format)
    } else {
        DynamicImage::ImageRgb8(picture.to_rgb8()).write_to(&mut bytes, format)
    };
    written.map_err(|e| Fault::new(Code::Internal, format!("No preview could be made: {e}.")))?;
    Ok(format!(
        "data:image/{mime};base64,{}",
        STANDARD.encode(bytes.into_inner())
    ))
}

fn no_picture(name: &str) -> Fault {
    Fault::new(
        Code::Unsupported,
        format!("There is no picture to show of “{name}”."),
    )
}
