//! Text files: camera paths and keypoints, told by their first lines and then by the parsers
//! themselves.

use std::path::Path;

use decoupage_shot::{Code, ConditionKind, Fault, Outcome, ReadOptions, Watch};

use super::Guess;

/// The head of a file as text; `None` where it is binary.
pub fn of(head: &[u8]) -> Option<String> {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    if head.contains(&0) {
        return None;
    }
    // A cut in the middle of a character is no fault of the text.
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.valid_up_to() + 4 > head.len() => {
            std::str::from_utf8(head.get(..error.valid_up_to())?).ok()?
        }
        Err(_) => return None,
    };
    let control = text
        .chars()
        .filter(|c| c.is_control() && !c.is_whitespace())
        .count();
    (control * 50 <= text.len()).then(|| text.to_owned())
}

/// What a text's first lines promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Promise {
    /// A camera path.
    Camera(&'static str),
    /// Keypoints.
    Pose(&'static str),
    /// Neither.
    Nothing,
}

/// Guesses what a text file is for.
pub fn guess(path: &Path, head: &str, watch: &dyn Watch) -> Outcome<Guess> {
    let options = ReadOptions::default();
    match promise(head) {
        Promise::Camera(because) => {
            crate::camera::load(path, &options, watch)?;
            Ok(Guess::new(ConditionKind::Camera, 0.95, because))
        }
        Promise::Pose(because) => {
            crate::pose::track(path, &options, watch)?;
            Ok(Guess::new(ConditionKind::Pose, 0.95, because))
        }
        Promise::Nothing => Err(Fault::new(
            Code::Unsupported,
            "This is text, not a camera path or keypoints.",
        )
        .advise(
            "Camera paths come as .txt, .json or .chan files, keypoints as OpenPose or COCO .json.",
        )
        .at(path)),
    }
}

/// What the first lines promise, before any parser is asked.
pub fn promise(head: &str) -> Promise {
    let start = head.trim_start();
    if start.starts_with(['{', '[']) {
        return json(start);
    }
    if start.starts_with("HIERARCHY") {
        return Promise::Pose("a BVH motion file");
    }
    if start.starts_with("# Camera list with one line of data per camera")
        || start.starts_with("# Image list with two lines of data per image")
    {
        return Promise::Camera("a COLMAP list of images");
    }
    let rows: Vec<usize> = head
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .take(12)
        .map(numbers)
        .collect();
    // The first line may be a title or an address, the last may be cut off.
    let inner = match rows.as_slice() {
        [] => return Promise::Nothing,
        [one] => std::slice::from_ref(one),
        [first, rest @ ..] if *first == 0 => rest,
        all => all,
    };
    let common = |count: usize| {
        let hits = inner.iter().filter(|columns| **columns == count).count();
        hits > 0 && hits * 3 >= inner.len() * 2
    };
    match () {
        () if common(19) => {
            Promise::Camera("nineteen numbers a line, as RealEstate10K writes poses")
        }
        () if common(12) => Promise::Camera("twelve numbers a line, a 3 × 4 matrix each"),
        () if common(16) => Promise::Camera("sixteen numbers a line, a 4 × 4 matrix each"),
        () if common(8) || common(7) => Promise::Camera("a position and a rotation on every line"),
        () => Promise::Nothing,
    }
}

/// How many numbers a line holds; 0 where anything else stands in it.
fn numbers(line: &str) -> usize {
    let mut count = 0;
    for word in line
        .split(|c: char| c.is_whitespace() || c == ',')
        .filter(|w| !w.is_empty())
    {
        if word.parse::<f64>().is_err() {
            return 0;
        }
        count += 1;
    }
    count
}

fn json(start: &str) -> Promise {
    const POSE: [&str; 6] = [
        "\"pose_keypoints_2d\"",
        "\"keypoints\"",
        "\"people\"",
        "\"canvas_width\"",
        "\"keypoint_scores\"",
        "\"instance_info\"",
    ];
    const CAMERA: [(&str, &str); 7] = [
        ("\"transform_matrix\"", "camera matrices, frame by frame"),
        ("\"extrinsic", "camera extrinsics"),
        ("\"camera_path\"", "a camera path"),
        (
            "\"camera_angle_x\"",
            "a camera's angle of view and its matrices",
        ),
        (
            "\"cam01\"",
            "one matrix a frame for each of several cameras",
        ),
        ("\"camera_model\"", "a camera model and its matrices"),
        ("\"cameras\"", "a scene with cameras"),
    ];
    let has = |key: &str| start.contains(key);
    if POSE.iter().any(|key| has(key)) {
        return Promise::Pose("keypoints of people");
    }
    if let Some((_, because)) = CAMERA.iter().find(|(key, _)| has(key)) {
        return Promise::Camera(because);
    }
    if has("\"asset\"") && (has("\"scenes\"") || has("\"nodes\"") || has("\"accessors\"")) {
        return Promise::Camera("a glTF scene, read for its camera");
    }
    // MotionCtrl: a list of rows of twelve numbers.
    let open: String = start
        .chars()
        .filter(|c| !c.is_whitespace())
        .take(2)
        .collect();
    if open == "[[" {
        let row = start
            .trim_start_matches(['[', ' ', '\n', '\r', '\t'])
            .split(']')
            .next()
            .map_or(0, numbers);
        if row == 12 || row == 16 || row == 4 {
            return Promise::Camera("matrices in a list, one a frame");
        }
    }
    Promise::Nothing
}
