//! What a model is shown: the conditions' own files, and drawings of what is no picture.

use std::path::PathBuf;

use decoupage_conditions::pose::track;
use decoupage_dialogue::Source;
use decoupage_interpreter::{MediaRequest, Shape};
use decoupage_shot::{Code, ConditionId, Fault, Outcome, Silent};
use tempfile::TempDir;

use super::{plot, skeleton};
use crate::Core;
use crate::api::Response;
use crate::readings::options;

/// A folder of drawings that is gone when the model has seen them.
pub(crate) struct Shown {
    folder: TempDir,
}

impl Shown {
    pub(crate) fn new() -> Outcome<Self> {
        let folder = tempfile::Builder::new()
            .prefix("decoupage-shown-")
            .tempdir()
            .map_err(|e| Fault::io(&e, "draw for the model", std::env::temp_dir()))?;
        Ok(Self { folder })
    }

    /// Where a requested medium lies.
    pub(crate) fn source(&self, core: &Core, request: MediaRequest) -> Outcome<Source> {
        match request {
            MediaRequest::File { condition, shape } => file(core, condition, shape),
            MediaRequest::CameraPlot { condition } => {
                let Response::CameraPlot { plot } = core.camera_plot(condition)? else {
                    return Err(undrawn());
                };
                let path = self.write(&format!("path-{}.png", condition.0), &plot::draw(&plot)?)?;
                Ok(Source::Picture { path })
            }
            MediaRequest::Skeleton { condition, shape } => {
                let (found, path) = core.with(|session| session.located(condition))?;
                let track = track(&path, &options(&found), &Silent)?;
                let drawn = skeleton::draw(&track)?;
                let mut paths = Vec::with_capacity(drawn.frames.len());
                for (number, png) in drawn.frames.iter().enumerate() {
                    let name = format!("pose-{}-{number:04}.png", condition.0);
                    paths.push(self.write(&name, png)?);
                }
                match (shape, paths.first()) {
                    (Shape::Picture, Some(first)) => Ok(Source::Picture {
                        path: first.clone(),
                    }),
                    (_, Some(_)) => Ok(Source::Frames {
                        paths,
                        fps: drawn.fps,
                    }),
                    (_, None) => Err(undrawn()),
                }
            }
        }
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Outcome<PathBuf> {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).map_err(|e| Fault::io(&e, "draw for the model", &path))?;
        Ok(path)
    }
}

fn file(core: &Core, condition: ConditionId, shape: Shape) -> Outcome<Source> {
    let (found, path) = core.with(|session| session.located(condition))?;
    if path.is_dir() {
        let paths = decoupage_media::frames_of(&path)?;
        return Ok(Source::Frames {
            paths,
            fps: found.options.fps.unwrap_or(decoupage_media::ASSUMED_FPS),
        });
    }
    Ok(match shape {
        Shape::Picture => Source::Picture { path },
        Shape::Clip => Source::Clip {
            path,
            with_sound: false,
        },
        Shape::ClipWithSound => Source::Clip {
            path,
            with_sound: true,
        },
        Shape::Sound => Source::Sound { path },
    })
}

fn undrawn() -> Fault {
    Fault::new(
        Code::Internal,
        "A condition could not be drawn for the model.",
    )
}
