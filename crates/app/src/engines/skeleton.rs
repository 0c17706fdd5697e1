//! Tracked keypoints as pictures, for models: drawn as the sample's own skeletons are.

use std::io::Cursor;

use decoupage_conditions::pose::{PoseTrack, Skeleton};
use decoupage_shot::{Code, Fault, Outcome};
use decoupage_stage::pose::{Keypoint, PersonView};
use decoupage_stage::skeleton::{SkeletonStyle, draw as draw_people};
use image::ImageFormat;

/// Height of a drawn frame, pixels.
const HEIGHT: u32 = 336;
/// Frames a second that are drawn: enough for a step.
const FPS: f64 = 4.0;
/// Most frames that are drawn.
const MOST: usize = 64;

/// Frames as PNG bytes.
pub(crate) struct Drawn {
    pub(crate) frames: Vec<Vec<u8>>,
    /// Frames per second.
    pub(crate) fps: f64,
}

/// Draws a track, evenly sampled in time.
///
/// # Errors
/// A track without frames.
pub(crate) fn draw(track: &PoseTrack) -> Outcome<Drawn> {
    let (Some(first), Some(last)) = (track.frames.first(), track.frames.last()) else {
        return Err(Fault::new(Code::Damaged, "The pose has no frames to draw."));
    };
    let length = (last.time_s - first.time_s).max(0.0);
    let count = ((length * FPS).round() as usize + 1).clamp(1, MOST.min(track.frames.len()));
    let fps = if count > 1 && length > 0.0 {
        (count - 1) as f64 / length
    } else {
        FPS
    };
    let frames = (0..count)
        .map(|number| {
            let time_s = first.time_s + number as f64 / fps;
            let after = track.frames.partition_point(|frame| frame.time_s < time_s);
            draw_frame(
                &track.frames.get(after).unwrap_or(last).people,
                track.aspect,
            )
        })
        .collect::<Outcome<_>>()?;
    Ok(Drawn { frames, fps })
}

fn draw_frame(people: &[Skeleton], aspect: f64) -> Outcome<Vec<u8>> {
    let width = (f64::from(HEIGHT) * aspect.clamp(0.25, 4.0)).round() as u32;
    let people: Vec<PersonView> = people
        .iter()
        .map(|person| PersonView {
            points: std::array::from_fn(|joint| {
                let [x, y] = (*person.points.get(joint)?)?;
                Some(Keypoint {
                    x: x * f64::from(width),
                    y: y * f64::from(HEIGHT),
                    depth: 0.0,
                })
            }),
            mid_hip: None,
            feet: [[None; 3]; 2],
        })
        .collect();
    let mut bytes = Cursor::new(Vec::new());
    draw_people(&people, width, HEIGHT, SkeletonStyle::default())
        .write_to(&mut bytes, ImageFormat::Png)
        .map_err(|_| Fault::new(Code::Internal, "The pose could not be drawn."))?;
    Ok(bytes.into_inner())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use decoupage_conditions::pose::PoseFrame;

    use super::*;

    fn track(times: &[f64]) -> PoseTrack {
        let frames = times
            .iter()
            .map(|&time_s| PoseFrame {
                time_s,
                people: vec![Skeleton {
                    id: 1,
                    // Neck and nose wander to the right with time.
                    points: (0..18)
                        .map(|joint| {
                            (joint < 2).then_some([time_s / 10.0, 0.4 + 0.1 * joint as f64])
                        })
                        .collect(),
                }],
            })
            .collect();
        PoseTrack {
            format: "coco".to_owned(),
            swapped_colours: false,
            aspect: 1.0,
            times_assumed: false,
            frames,
        }
    }

    /// The middle column that is drawn on, as a share of the width.
    fn middle(png: &[u8]) -> f64 {
        let picture = image::load_from_memory(png).unwrap().to_rgb8();
        let inked: Vec<f64> = picture
            .enumerate_pixels()
            .filter(|(_, _, pixel)| pixel.0 != [0; 3])
            .map(|(x, _, _)| f64::from(x))
            .collect();
        inked.iter().sum::<f64>() / inked.len() as f64 / f64::from(picture.width())
    }

    #[test]
    fn frames_are_spread_in_time_where_the_track_is_not() {
        // Dense at first, then a frame a second.
        let mut times: Vec<f64> = (0..100).map(|n| n as f64 / 100.0).collect();
        times.extend([2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
        let drawn = draw(&track(&times)).unwrap();
        assert_eq!(drawn.frames.len(), 33);
        assert!((drawn.fps - 4.0).abs() < 1e-9);
        assert!(
            (middle(&drawn.frames[16]) - 0.4).abs() < 0.02,
            "4 s in the middle"
        );
        assert!(
            (middle(&drawn.frames[32]) - 0.8).abs() < 0.02,
            "8 s at the end"
        );
    }

    #[test]
    fn a_track_of_nothing_is_refused() {
        assert!(draw(&track(&[])).is_err());
        assert_eq!(draw(&track(&[1.0])).unwrap().frames.len(), 1);
    }
}
