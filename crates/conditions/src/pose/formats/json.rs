//! The one JSON shape that covers all keypoint formats, read as a bounded stream.

use std::fmt;
use std::io::{self, Read};
use std::marker::PhantomData;

use decoupage_shot::{Code, Fault, Watch};
use serde::Deserialize;
use serde::de::{self, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{MAX_BODIES, MAX_FRAMES, MAX_PEOPLE};

/// The most numbers in one person's list: Halpe's 136 points with three values each, and room.
const MAX_NUMBERS: usize = 1024;
/// How many of them are kept: 26 points of three values, the body part of every layout.
const KEPT_NUMBERS: usize = 78;
/// How a bound is told apart from a syntax error.
const BOUND: &str = "more than the";

/// A keypoint file: an object or a list of them.
#[derive(Debug)]
pub enum Document {
    /// One object.
    One(Box<Item>),
    /// A list: frames, or people with the frame they are in.
    List(Vec<Item>),
}

/// An object of any keypoint format; which fields it has says which format it is.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Item {
    /// OpenPose and ComfyUI: the people of a frame.
    pub people: Option<List<Person, MAX_PEOPLE>>,
    #[serde(deserialize_with = "lenient_number")]
    pub canvas_width: Option<f64>,
    #[serde(deserialize_with = "lenient_number")]
    pub canvas_height: Option<f64>,
    /// AlphaPose and COCO: the picture a person is in.
    pub image_id: Option<Name>,
    /// AlphaPose, COCO and MMPose: one person's points.
    pub keypoints: Option<Numbers>,
    /// MMPose: one score a point.
    pub keypoint_scores: Option<Numbers>,
    #[serde(deserialize_with = "lenient_number")]
    pub score: Option<f64>,
    /// MMPose: the number of the frame.
    #[serde(deserialize_with = "lenient_number")]
    pub frame_id: Option<f64>,
    /// MMPose: the people of a frame.
    pub instances: Option<List<Instance, MAX_PEOPLE>>,
    /// MMPose with meta information: the frames.
    pub instance_info: Option<List<Item, MAX_FRAMES>>,
    /// COCO annotation files.
    pub images: Option<List<Image, MAX_FRAMES>>,
    pub annotations: Option<List<Instance, MAX_BODIES>>,
}

/// An OpenPose or ComfyUI person.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Person {
    #[serde(alias = "pose_keypoints")]
    pub pose_keypoints_2d: Option<Numbers>,
}

/// An MMPose or COCO person.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Instance {
    pub image_id: Option<Name>,
    pub keypoints: Option<Numbers>,
    pub keypoint_scores: Option<Numbers>,
}

/// A COCO picture.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Image {
    pub id: Option<Name>,
    #[serde(deserialize_with = "lenient_number")]
    pub width: Option<f64>,
    #[serde(deserialize_with = "lenient_number")]
    pub height: Option<f64>,
    pub file_name: Option<Name>,
}

/// A picture's name or number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name(pub String);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Text(String),
            Number(i64),
            Real(f64),
        }
        Ok(Self(match Either::deserialize(deserializer)? {
            Either::Text(text) => text,
            Either::Number(number) => number.to_string(),
            Either::Real(number) => number.to_string(),
        }))
    }
}

/// A list with at most `N` entries.
#[derive(Debug)]
pub struct List<T, const N: usize>(pub Vec<T>);

impl<'de, T: Deserialize<'de>, const N: usize> Deserialize<'de> for List<T, N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bounded<T, const N: usize>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>, const N: usize> Visitor<'de> for Bounded<T, N> {
            type Value = List<T, N>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                // Never sized by what the file claims: grown entry by entry.
                let mut all = Vec::new();
                while let Some(entry) = seq.next_element::<Option<T>>()? {
                    if all.len() >= N {
                        return Err(bound(N, "entries"));
                    }
                    all.extend(entry);
                }
                Ok(List(all))
            }
        }
        deserializer.deserialize_seq(Bounded(PhantomData))
    }
}

/// Numbers, flat or nested one level (`[x, y, c, x, y, c …]` or `[[x, y], …]`); `null` counts
/// as not a number.
///
/// Only the first [`KEPT_NUMBERS`] are kept: every layout puts the body first.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Numbers {
    /// The first numbers in order; what is not a number is NaN.
    pub values: Vec<f32>,
    /// How many numbers there are in the file.
    pub count: usize,
    /// How many numbers a nested entry has; 0 for flat lists.
    pub group: usize,
}

impl Numbers {
    fn push(&mut self, value: f64) {
        self.count += 1;
        if self.values.len() < KEPT_NUMBERS {
            self.values.push(value as f32);
        }
    }
}

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Numbers;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of numbers")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut numbers = Numbers::default();
                while let Some(entry) = seq.next_element::<Entry>()? {
                    match entry {
                        Entry::One(value) => numbers.push(value),
                        Entry::Several(values) => {
                            numbers.group = numbers.group.max(values.len());
                            for value in values {
                                numbers.push(value);
                            }
                        }
                    }
                    if numbers.count > MAX_NUMBERS {
                        return Err(bound(MAX_NUMBERS, "numbers for one person"));
                    }
                }
                Ok(numbers)
            }
        }
        deserializer.deserialize_seq(All)
    }
}

enum Entry {
    One(f64),
    Several(Vec<f64>),
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Entry;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }
            fn visit_f64<E>(self, value: f64) -> Result<Entry, E> {
                Ok(Entry::One(value))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Entry, E> {
                Ok(Entry::One(value as f64))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Entry, E> {
                Ok(Entry::One(value as f64))
            }
            fn visit_unit<E>(self) -> Result<Entry, E> {
                Ok(Entry::One(f64::NAN))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Entry, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = seq.next_element::<Option<f64>>()? {
                    if values.len() >= 4 {
                        return Err(bound(4, "numbers for one point"));
                    }
                    values.push(value.unwrap_or(f64::NAN));
                }
                Ok(Entry::Several(values))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

/// A number, or nothing for every other value.
fn lenient_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    struct Any;
    impl<'de> Visitor<'de> for Any {
        type Value = Option<f64>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a number")
        }
        fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
            Ok(Some(value))
        }
        fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
            Ok(Some(value as f64))
        }
        fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
            Ok(Some(value as f64))
        }
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            Ok(text.trim().parse().ok())
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            // Some writers wrap a single score in a list.
            let first = seq.next_element::<f64>().ok().flatten();
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            Ok(first)
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            Ok(None)
        }
    }
    deserializer.deserialize_any(Any)
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Top;
        impl<'de> Visitor<'de> for Top {
            type Value = Document;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a keypoint object or a list of them")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                let item = Item::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Ok(Document::One(Box::new(item)))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::new();
                while let Some(entry) = seq.next_element::<Element>()? {
                    if all.len() >= MAX_BODIES {
                        return Err(bound(MAX_BODIES, "people"));
                    }
                    match entry {
                        Element::One(item) => all.push(*item),
                        // Some workflow tools wrap the list of frames once more.
                        Element::List(List(items)) => all.extend(items),
                        Element::Nothing => all.push(Item::default()),
                    }
                }
                Ok(Document::List(all))
            }
        }
        deserializer.deserialize_any(Top)
    }
}

enum Element {
    One(Box<Item>),
    List(List<Item, MAX_FRAMES>),
    Nothing,
}

impl<'de> Deserialize<'de> for Element {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Inner;
        impl<'de> Visitor<'de> for Inner {
            type Value = Element;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a keypoint object")
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Element::Nothing)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                let item = Item::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Ok(Element::One(Box::new(item)))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
                let list = List::deserialize(de::value::SeqAccessDeserializer::new(seq))?;
                Ok(Element::List(list))
            }
        }
        deserializer.deserialize_any(Inner)
    }
}

fn bound<E: de::Error>(most: usize, what: &str) -> E {
    E::custom(format!("{BOUND} {most} {what} that can be read"))
}

/// Turns a JSON error into one plain sentence.
pub fn explain(error: &serde_json::Error) -> Fault {
    let text = error.to_string();
    if let Some(at) = text.find(BOUND) {
        let clause = text.get(at..).unwrap_or_default();
        let clause = clause.split(" at line").next().unwrap_or(clause);
        return Fault::new(Code::TooLarge, format!("The keypoint file holds {clause}."))
            .advise("Cut the clip into shorter pieces.");
    }
    match error.classify() {
        serde_json::error::Category::Eof => Fault::new(
            Code::Damaged,
            "The keypoint file is cut short: its JSON ends in the middle.",
        )
        .advise("Export it again."),
        serde_json::error::Category::Syntax => Fault::new(
            Code::Damaged,
            format!(
                "The keypoint file is not valid JSON: it goes wrong at line {}, column {}.",
                error.line(),
                error.column()
            ),
        ),
        serde_json::error::Category::Data => Fault::new(
            Code::Unsupported,
            format!(
                "The file is JSON but not a keypoint file: line {} holds something else than points.",
                error.line()
            ),
        )
        .advise("OpenPose, COCO, MMPose, AlphaPose and ComfyUI POSE_KEYPOINT files can be read."),
        serde_json::error::Category::Io => Fault::new(
            Code::Damaged,
            "Could not read the keypoint file to its end.",
        ),
    }
}

/// A reader that stops once the work is cancelled, and turns Python's `NaN` and `Infinity`,
/// which JSON does not have, into numbers out of reach.
pub struct Watched<'a, R> {
    inner: R,
    watch: &'a dyn Watch,
    since_check: usize,
    in_string: bool,
    escaped: bool,
    /// What the bytes to come are replaced with.
    pending: &'static [u8],
}

impl<'a, R: Read> Watched<'a, R> {
    /// Watches over `inner`.
    pub fn new(inner: R, watch: &'a dyn Watch) -> Self {
        Self {
            inner,
            watch,
            since_check: 0,
            in_string: false,
            escaped: false,
            pending: &[],
        }
    }
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.since_check > 1 << 20 {
            self.since_check = 0;
            if self.watch.cancelled() {
                return Err(io::Error::other("cancelled"));
            }
        }
        let read = self.inner.read(buffer)?;
        self.since_check += read;
        for byte in buffer.iter_mut().take(read) {
            if let Some((first, rest)) = self.pending.split_first() {
                *byte = *first;
                self.pending = rest;
            } else if self.in_string {
                match *byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => self.in_string = false,
                    _ => {}
                }
            } else {
                match *byte {
                    b'"' => self.in_string = true,
                    // `NaN` becomes 9e9 and `Infinity` 9e99, of the same length, so that
                    // nothing has to be moved; no picture is that large, so both are dropped.
                    b'N' => {
                        *byte = b'9';
                        self.pending = b"e9";
                    }
                    b'I' => {
                        *byte = b'9';
                        self.pending = b"e99    ";
                    }
                    _ => {}
                }
            }
        }
        Ok(read)
    }
}
