//! Which format a keypoint document is, by its content, and its frames.

use std::collections::BTreeMap;

use decoupage_shot::{Code, Fault, Outcome};

use super::super::joints::Body;
use super::json::{Document, Item, Name, Numbers};
use super::layout::{self, Layout};
use super::{Canvas, CanvasKnown, Keypoints, MAX_BODIES, MAX_FRAMES, MAX_PEOPLE};

/// OpenPose's own threshold for drawing a point.
const LEAST_OPENPOSE: f64 = 0.05;
/// The usual threshold of top-down estimators (MMPose's and AlphaPose's visualisers).
const LEAST_TOP_DOWN: f64 = 0.3;

/// The families of formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    OpenPose,
    Comfy,
    AlphaPose,
    MmPose,
    CocoAnnotations,
}

/// Frames gathered from one or several documents.
#[derive(Debug, Default)]
pub struct Gathered {
    family: Option<Family>,
    layout: Option<Layout>,
    canvas: Option<[f64; 2]>,
    frames: Vec<Vec<Body>>,
    bodies: usize,
    /// How many people had a list of numbers that fits no layout, and the last one's count.
    odd: Option<usize>,
    /// Whether any document was of a known format.
    known: bool,
}

impl Gathered {
    /// Adds a document's frames after those already there.
    pub fn add(&mut self, document: Document) -> Outcome<()> {
        match document {
            Document::One(item) => self.add_one(*item),
            Document::List(items) => self.add_list(items),
        }
    }

    fn add_one(&mut self, item: Item) -> Outcome<()> {
        if let Some(frames) = item.instance_info {
            return self.add_list(frames.0);
        }
        if item.annotations.is_some() {
            return self.add_annotations(item);
        }
        if item.people.is_some() || item.instances.is_some() {
            return self.add_frame(item);
        }
        if item.keypoints.is_some() {
            return self.add_list(vec![item]);
        }
        Ok(())
    }

    fn add_list(&mut self, items: Vec<Item>) -> Outcome<()> {
        let people = |item: &Item| item.keypoints.is_some();
        if items.iter().any(people) {
            let named = items.iter().any(|item| item.image_id.is_some());
            if named {
                let people = items.into_iter().filter_map(|item| {
                    Some((item.image_id?, item.keypoints?, item.keypoint_scores))
                });
                return self.add_named(people.collect(), &BTreeMap::new(), Family::AlphaPose);
            }
            // MMPose's list for one picture.
            let frame = items
                .into_iter()
                .filter_map(|item| Some((item.keypoints?, item.keypoint_scores)))
                .collect();
            return self.push(frame, Family::MmPose);
        }
        for item in items {
            self.add_frame(item)?;
        }
        Ok(())
    }

    /// One frame with its people.
    fn add_frame(&mut self, item: Item) -> Outcome<()> {
        if let Some(instances) = item.instances {
            let people = instances
                .0
                .into_iter()
                .filter_map(|one| Some((one.keypoints?, one.keypoint_scores)))
                .collect();
            return self.push(people, Family::MmPose);
        }
        let family = match (item.canvas_width, item.canvas_height) {
            (Some(width), Some(height)) => {
                self.set_canvas(width, height);
                Family::Comfy
            }
            _ => Family::OpenPose,
        };
        if let Some(people) = item.people {
            let people = people
                .0
                .into_iter()
                .filter_map(|one| Some((one.pose_keypoints_2d?, None)))
                .collect();
            return self.push(people, family);
        }
        // A null or an empty object among frames is a frame without people.
        self.push_empty()
    }

    /// A COCO annotation file: pictures and the people in them.
    fn add_annotations(&mut self, item: Item) -> Outcome<()> {
        let mut names = BTreeMap::new();
        for image in item.images.map(|list| list.0).unwrap_or_default() {
            if let (Some(width), Some(height)) = (image.width, image.height) {
                self.set_canvas(width, height);
            }
            if let Some(id) = image.id {
                let name = image.file_name.clone().unwrap_or_else(|| id.clone());
                names.insert(id, name);
            }
        }
        let people = item
            .annotations
            .map(|list| list.0)
            .unwrap_or_default()
            .into_iter()
            .filter_map(|one| Some((one.image_id?, one.keypoints?, one.keypoint_scores)))
            .collect();
        self.add_named(people, &names, Family::CocoAnnotations)
    }

    /// People with the picture they are in; pictures are frames, in the order of their numbers.
    fn add_named(
        &mut self,
        people: Vec<(Name, Numbers, Option<Numbers>)>,
        pictures: &BTreeMap<Name, Name>,
        family: Family,
    ) -> Outcome<()> {
        type Key = (Option<u64>, String);
        let key = |name: &Name| -> Key {
            let name = pictures.get(name).unwrap_or(name);
            (last_number(&name.0), name.0.clone())
        };
        let mut frames: BTreeMap<Key, Vec<(Numbers, Option<Numbers>)>> = BTreeMap::new();
        for name in pictures.keys() {
            frames.entry(key(name)).or_default();
        }
        for (name, numbers, scores) in people {
            frames
                .entry(key(&name))
                .or_default()
                .push((numbers, scores));
        }
        // Frames without people are not in the list: the numbers tell where they are missing.
        // Numbers that leap (pictures of a data set) are no clip, and no gaps are filled.
        let numbers: Vec<u64> = frames.keys().filter_map(|key| key.0).collect();
        let step = numbers
            .windows(2)
            .filter_map(|pair| pair[1].checked_sub(pair[0]))
            .filter(|step| *step > 0)
            .min()
            .unwrap_or(1);
        let span = match (numbers.first(), numbers.last()) {
            (Some(first), Some(last)) => (last - first) / step,
            _ => 0,
        };
        let is_clip = numbers.len() == frames.len() && span < 4 * numbers.len() as u64 + 16;
        let mut previous: Option<u64> = None;
        for ((number, _), people) in frames {
            if is_clip && let (Some(before), Some(now)) = (previous, number) {
                for _ in 1..(now.saturating_sub(before) / step) {
                    self.push_empty()?;
                }
            }
            previous = number;
            self.push(people, family)?;
        }
        Ok(())
    }

    fn set_canvas(&mut self, width: f64, height: f64) {
        let usable = |v: f64| v.is_finite() && (1.0..1e6).contains(&v);
        if self.canvas.is_none() && usable(width) && usable(height) {
            self.canvas = Some([width, height]);
        }
    }

    fn push_empty(&mut self) -> Outcome<()> {
        self.check_frames()?;
        self.frames.push(Vec::new());
        Ok(())
    }

    fn check_frames(&self) -> Outcome<()> {
        if self.frames.len() >= MAX_FRAMES {
            return Err(Fault::new(
                Code::TooLarge,
                format!(
                    "The keypoint file holds more than the {MAX_FRAMES} frames that can be read."
                ),
            )
            .advise("Cut the clip into shorter pieces."));
        }
        Ok(())
    }

    fn push(&mut self, people: Vec<(Numbers, Option<Numbers>)>, family: Family) -> Outcome<()> {
        self.check_frames()?;
        self.known = true;
        self.family.get_or_insert(family);
        if people.len() > MAX_PEOPLE {
            return Err(Fault::new(
                Code::TooLarge,
                format!(
                    "One frame holds {} people, more than the {MAX_PEOPLE} that can be read.",
                    people.len()
                ),
            ));
        }
        let least = match family {
            Family::OpenPose | Family::Comfy => LEAST_OPENPOSE,
            Family::AlphaPose | Family::MmPose => LEAST_TOP_DOWN,
            // COCO's third number is a visibility of 0, 1 or 2.
            Family::CocoAnnotations => 0.5,
        };
        let mut bodies = Vec::new();
        for (numbers, scores) in people {
            match layout::canonical(&numbers, scores.as_ref(), least) {
                Some((layout, body)) => {
                    self.layout.get_or_insert(layout);
                    // Fewer points than a head are noise.
                    if body.iter().flatten().count() >= 3 {
                        bodies.push(body);
                    }
                }
                None if numbers.count == 0 => {}
                None => self.odd = Some(numbers.count),
            }
        }
        self.bodies += bodies.len();
        if self.bodies > MAX_BODIES {
            return Err(Fault::new(
                Code::TooLarge,
                format!(
                    "The keypoint file holds more than the {MAX_BODIES} people that can be read."
                ),
            )
            .advise("Cut the clip into shorter pieces."));
        }
        self.frames.push(bodies);
        Ok(())
    }

    /// Normalises to the canvas and names the format.
    pub fn finish(mut self) -> Outcome<Keypoints> {
        if !self.known {
            return Err(Fault::new(
                Code::Unsupported,
                "The file is JSON but holds no keypoints.",
            )
            .advise(
                "OpenPose, COCO, MMPose, AlphaPose and ComfyUI POSE_KEYPOINT files can be read.",
            ));
        }
        let (Some(family), Some(layout)) = (self.family, self.layout) else {
            return Err(match self.odd {
                Some(count) => Fault::new(
                    Code::Unsupported,
                    format!("The keypoint file lists {count} numbers a person, which fits no known layout."),
                )
                .advise("17, 18, 25, 26, 133, 134 or 136 points a person can be read."),
                None => Fault::new(
                    Code::Invalid,
                    "The keypoint file holds frames, but nobody is in any of them.",
                ),
            });
        };
        if self.bodies == 0 {
            return Err(Fault::new(
                Code::Invalid,
                "The keypoint file holds people, but hardly any point was seen.",
            ));
        }
        let canvas = self.normalise();
        Ok(Keypoints {
            format: key(family, layout),
            layout,
            canvas,
            frames: self.frames,
        })
    }

    fn normalise(&mut self) -> Canvas {
        let mut most = [0.0_f64; 2];
        for point in self.frames.iter().flatten().flatten().flatten() {
            most = [most[0].max(point[0]), most[1].max(point[1])];
        }
        // Shares of the canvas reach a little beyond 1 at most; pixels reach far beyond.
        let shares = most[0] <= 2.0 && most[1] <= 2.0;
        let canvas = match (self.canvas, shares) {
            (Some([width, height]), _) => Canvas {
                width,
                height,
                known: CanvasKnown::Stored,
            },
            (None, true) => Canvas {
                width: 1.0,
                height: 1.0,
                known: CanvasKnown::Shares,
            },
            (None, false) => {
                let [width, height] = usual_size(most);
                Canvas {
                    width,
                    height,
                    known: CanvasKnown::Estimated,
                }
            }
        };
        if !shares {
            for point in self.frames.iter_mut().flatten().flatten().flatten() {
                *point = [point[0] / canvas.width, point[1] / canvas.height];
            }
        }
        canvas
    }
}

/// The smallest usual picture size (by area) that holds a point at `most`; beyond all of them,
/// what the points reach.
fn usual_size(most: [f64; 2]) -> [f64; 2] {
    const SIZES: [[f64; 2]; 14] = [
        [512.0, 512.0],
        [640.0, 360.0],
        [640.0, 480.0],
        [768.0, 512.0],
        [832.0, 480.0],
        [854.0, 480.0],
        [960.0, 540.0],
        [1024.0, 576.0],
        [1024.0, 1024.0],
        [1280.0, 720.0],
        [1920.0, 1080.0],
        [2560.0, 1440.0],
        [3840.0, 2160.0],
        [7680.0, 4320.0],
    ];
    SIZES
        .into_iter()
        .flat_map(|[long, short]| [[long, short], [short, long]])
        .filter(|size| most[0] <= size[0] && most[1] <= size[1])
        .min_by(|a, b| (a[0] * a[1]).total_cmp(&(b[0] * b[1])))
        .unwrap_or([most[0].max(1.0), most[1].max(1.0)])
}

fn key(family: Family, layout: Layout) -> &'static str {
    match (family, layout) {
        (Family::OpenPose, Layout::Body25) => "openpose_body25",
        (Family::OpenPose, Layout::Coco18) => "openpose_coco18",
        (Family::OpenPose, _) => "openpose",
        (Family::Comfy, _) => "comfyui_pose_keypoint",
        (Family::AlphaPose, Layout::Halpe26 | Layout::Halpe136) => "alphapose_halpe",
        (Family::AlphaPose, _) => "alphapose",
        (Family::CocoAnnotations, _) => "coco",
        (Family::MmPose, Layout::WholeBody133) => "mmpose_wholebody133",
        (Family::MmPose, Layout::WholeBody134) => "dwpose_wholebody134",
        (Family::MmPose, _) => "mmpose",
    }
}

/// The last run of digits in a name without its extension: the frame number in
/// "clip_000012_keypoints.json" or "12.jpg".
pub fn last_number(name: &str) -> Option<u64> {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let digits: String = stem
        .chars()
        .rev()
        .skip_while(|c| !c.is_ascii_digit())
        .take_while(char::is_ascii_digit)
        .collect();
    digits.chars().rev().collect::<String>().parse().ok()
}
