//! From a file or folder to the people of each frame, whatever the format.

use std::path::{Path, PathBuf};

use decoupage_media::{ASSUMED_FPS, Pick, stills};
use decoupage_shot::{Code, Fault, Outcome, Phase, ReadOptions, Region, Watch};

use super::formats::{self, CanvasKnown};
use super::joints::{Body, bounds};
use super::rendered::{self, Recovered};

/// The people of each frame, not yet told apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Raw {
    /// Key of the format.
    pub format: String,
    /// Whether red and blue were exchanged in a rendered skeleton.
    pub swapped_colours: bool,
    /// Width over height of the canvas.
    pub aspect: f64,
    /// How the canvas is known.
    pub canvas: CanvasKnown,
    /// Canvas size in pixels, as stored or estimated.
    pub size: [f64; 2],
    /// Whether the times are assumed.
    pub times_assumed: bool,
    /// Seconds and people of each frame, time ascending; points are shares of the canvas.
    pub frames: Vec<(f64, Vec<Body>)>,
}

impl Raw {
    /// Whether the people were recovered from drawings.
    pub fn is_drawn(&self) -> bool {
        self.format == RENDERED
    }
}

/// Key of drawings in the colours of OpenPose.
const RENDERED: &str = "rendered_openpose";
/// The most frames of a rendered clip that are decoded; longer clips are sampled evenly.
const MOST_RENDERED_FRAMES: usize = 1800;
/// Larger pictures are read scaled down: dots stay several pixels wide.
const LONGEST_SIDE: u32 = 1280;
/// After so many frames without any drawing, a clip is given up as something else.
const PATIENCE: usize = 24;
/// How many frames decide whether red and blue are exchanged.
const COLOUR_VOTES: usize = 12;
/// So few decide it when they are as clear as this.
const CLEAR_VOTES: usize = 3;
/// One way of reading fits so many times better than the other.
const CLEAR: f64 = 3.0;

/// Reads a pose file, a folder of keypoint files, a picture, a folder of pictures or a video.
pub fn load(path: &Path, options: &ReadOptions, watch: &dyn Watch) -> Outcome<Raw> {
    if let Some(fps) = options.fps
        && !(fps.is_finite() && (0.1..=1000.0).contains(&fps))
    {
        return Err(Fault::new(
            Code::Invalid,
            "The frame rate must lie between 0.1 and 1000 frames a second.",
        ));
    }
    let mut raw = if path.is_dir() {
        let files = keypoint_files(path)?;
        if files.is_empty() {
            from_pictures(path, options, watch)?
        } else {
            from_keypoints(formats::read_folder(&files, path, watch)?, options)
        }
    } else {
        let bytes = std::fs::metadata(path)
            .map_err(|error| Fault::io(&error, "open the pose", path))?
            .len();
        if bytes == 0 {
            return Err(Fault::new(Code::Damaged, "The pose file is empty.").at(path));
        }
        if formats::is_json(path) {
            from_keypoints(formats::read_file(path, watch)?, options)
        } else {
            from_pictures(path, options, watch)?
        }
    };
    if let Some(region) = options.region {
        for (_, people) in &mut raw.frames {
            people.retain(|body| within(body, region));
        }
    }
    if raw.frames.iter().all(|(_, people)| people.is_empty()) {
        return Err(Fault::new(
            Code::Invalid,
            "Nobody is found in the part of the picture that was chosen.",
        )
        .advise("Choose a larger part, or the whole picture.")
        .at(path));
    }
    Ok(raw)
}

fn within(body: &Body, region: Region) -> bool {
    bounds(body).is_some_and(|[l, t, r, b]| {
        let (x, y) = (f64::midpoint(l, r), f64::midpoint(t, b));
        (region.x..=region.x + region.width).contains(&x)
            && (region.y..=region.y + region.height).contains(&y)
    })
}

/// The keypoint files of a folder, in the order of the numbers in their names.
fn keypoint_files(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder)
        .map_err(|error| Fault::io(&error, "look into the folder", folder))?;
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| Fault::io(&error, "look into the folder", folder))?;
        let path = entry.path();
        let json = path
            .extension()
            .is_some_and(|ext| ext.eq_ignore_ascii_case("json"));
        if json && path.is_file() {
            if files.len() > formats::MAX_FRAMES {
                return Err(Fault::new(
                    Code::TooLarge,
                    format!(
                        "The folder holds more than the {} keypoint files that can be read.",
                        formats::MAX_FRAMES
                    ),
                )
                .advise("Cut the clip into shorter pieces.")
                .at(folder));
            }
            files.push(path);
        }
    }
    // "frame_2" before "frame_10": OpenPose pads its numbers, others do not.
    files.sort_by_cached_key(|path| {
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        (formats::last_number(&name), name)
    });
    Ok(files)
}

fn from_keypoints(keypoints: formats::Keypoints, options: &ReadOptions) -> Raw {
    let fps = options.fps.unwrap_or(ASSUMED_FPS);
    Raw {
        format: keypoints.format.to_owned(),
        swapped_colours: false,
        aspect: keypoints.canvas.width / keypoints.canvas.height,
        canvas: keypoints.canvas.known,
        size: [keypoints.canvas.width, keypoints.canvas.height],
        times_assumed: options.fps.is_none(),
        frames: keypoints
            .frames
            .into_iter()
            .enumerate()
            .map(|(index, people)| (index as f64 / fps, people))
            .collect(),
    }
}

fn from_pictures(path: &Path, options: &ReadOptions, watch: &dyn Watch) -> Outcome<Raw> {
    let mut votes = Votes::new(options.swap_colours);
    let mut frames: Vec<(f64, Recovered, [f64; 2])> = Vec::new();
    let mut found = false;
    let info = stills(
        path,
        &Pick::All {
            most: MOST_RENDERED_FRAMES,
        },
        Some(LONGEST_SIDE),
        options.fps,
        watch,
        &mut |still| {
            watch.go_on()?;
            let picture = still.picture.to_rgb8();
            let recovered = rendered::recover(&picture, votes.decided());
            found |= recovered.is_skeleton();
            if !found && frames.len() >= PATIENCE {
                return Err(no_skeleton());
            }
            votes.count(&recovered);
            let size = [f64::from(picture.width()), f64::from(picture.height())];
            frames.push((still.time_s, recovered, size));
            watch.report(
                Phase::Reading,
                frames.len() as u64,
                MOST_RENDERED_FRAMES as u64,
            );
            Ok(())
        },
    )
    .map_err(|fault| fault.at(path))?;
    if !found {
        return Err(no_skeleton().at(path));
    }
    let swapped = votes.swapped();
    let size = [f64::from(info.width.max(1)), f64::from(info.height.max(1))];
    Ok(Raw {
        format: RENDERED.to_owned(),
        swapped_colours: swapped,
        aspect: size[0] / size[1],
        canvas: CanvasKnown::Stored,
        size,
        times_assumed: frames.len() > 1 && info.fps.is_none() && options.fps.is_none(),
        frames: frames
            .into_iter()
            .map(|(time_s, recovered, [width, height])| {
                let people = recovered
                    .people(swapped)
                    .iter()
                    .map(|body| {
                        body.map(|p| p.map(|[x, y]| [(x + 0.5) / width, (y + 0.5) / height]))
                    })
                    .collect();
                (time_s, people)
            })
            .collect(),
    })
}

fn no_skeleton() -> Fault {
    Fault::new(
        Code::Unsupported,
        "No skeleton is drawn in these pictures, so no pose can be read from them.",
    )
    .advise("Give a keypoint file, or pictures that OpenPose or DWPose drew on black.")
}

/// Whether red and blue are exchanged, decided by the first frames.
struct Votes {
    fixed: Option<bool>,
    counted: usize,
    fit: [f64; 2],
}

impl Votes {
    fn new(fixed: Option<bool>) -> Self {
        Self {
            fixed,
            counted: 0,
            fit: [0.0; 2],
        }
    }

    fn decided(&self) -> Option<bool> {
        let [standard, swapped] = self.fit;
        let clear = standard.max(swapped) > CLEAR * standard.min(swapped);
        let enough = if clear { CLEAR_VOTES } else { COLOUR_VOTES };
        self.fixed
            .or_else(|| (self.counted >= enough).then(|| self.swapped()))
    }

    fn count(&mut self, recovered: &Recovered) {
        if self.decided().is_none() && recovered.is_skeleton() {
            self.counted += 1;
            self.fit[0] += recovered.fit(false);
            self.fit[1] += recovered.fit(true);
        }
    }

    fn swapped(&self) -> bool {
        self.fixed.unwrap_or(self.fit[1] > self.fit[0])
    }
}
