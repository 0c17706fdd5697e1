//! Projects and shots.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::condition::{Condition, Storage};
use crate::take::Take;

/// The version of `project.json` this code writes. Older ones are migrated on load, newer
/// ones are refused with [`crate::Code::NewerVersion`].
pub const SCHEMA_VERSION: u32 = 1;

/// A shot's identity within its project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(type = "number")]
pub struct ShotId(pub u64);

/// A condition's identity within its project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(type = "number")]
pub struct ConditionId(pub u64);

/// A take's identity within its project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(type = "number")]
pub struct TakeId(pub u64);

/// A project: the content of `NAME.decoupage/project.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Project {
    /// [`SCHEMA_VERSION`] at the time of writing.
    pub schema: u32,
    /// What the person calls it.
    pub name: String,
    /// Whether added media is copied in or linked, unless said otherwise when adding.
    #[serde(default)]
    pub storage: Storage,
    /// The next free identity; identities are never used twice.
    #[ts(type = "number")]
    pub next_id: u64,
    /// The shots, in order.
    pub shots: Vec<Shot>,
}

/// One shot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Shot {
    /// Identity within the project.
    pub id: ShotId,
    /// What the person calls it ("Shot 1").
    pub name: String,
    /// The short prompt, in the person's words.
    #[serde(default)]
    pub prompt: String,
    /// How long the shot is meant to be, seconds; `None` follows the longest condition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub duration_s: Option<f64>,
    /// The picture's proportions.
    #[serde(default)]
    pub aspect: Aspect,
    /// The inputs, in the order they were added.
    #[serde(default)]
    pub conditions: Vec<Condition>,
    /// Who performs what.
    #[serde(default)]
    pub bindings: Vec<Binding>,
    /// Versions of trace and caption, oldest first.
    #[serde(default)]
    pub takes: Vec<Take>,
    /// The take that is shown and exported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub current_take: Option<TakeId>,
    /// Key of the generator the prompt is for ("plain", "wan-2.2", …).
    #[serde(default = "default_generator")]
    pub generator: String,
}

fn default_generator() -> String {
    "plain".to_owned()
}

/// The picture's proportions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Aspect {
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

impl Default for Aspect {
    fn default() -> Self {
        Self {
            width: 16,
            height: 9,
        }
    }
}

/// Who performs what: `from` is a pose, a reference or a camera path, `to` the identity that
/// performs it. Without a `to`, the binding is to the shot itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Binding {
    /// What kind of tie this is.
    pub kind: BindingKind,
    /// The condition that is bound.
    pub from: ConditionId,
    /// Which person of a pose with several, by the reading's identity number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub person: Option<u32>,
    /// The identity it is bound to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub to: Option<ConditionId>,
}

/// The kind of a binding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum BindingKind {
    /// This pose is performed by this identity.
    PerformedBy,
    /// This path is the shot's camera.
    ShotCamera,
    /// This identity is the same person or thing as that one.
    SameAs,
}

impl Shot {
    /// The condition with this identity.
    pub fn condition(&self, id: ConditionId) -> Option<&Condition> {
        self.conditions.iter().find(|condition| condition.id == id)
    }

    /// The take that is shown and exported.
    pub fn take(&self) -> Option<&Take> {
        let id = self.current_take?;
        self.takes.iter().find(|take| take.id == id)
    }
}

impl Shot {
    /// An empty shot.
    pub fn new(id: ShotId, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            prompt: String::new(),
            duration_s: None,
            aspect: Aspect::default(),
            conditions: Vec::new(),
            bindings: Vec::new(),
            takes: Vec::new(),
            current_take: None,
            generator: default_generator(),
        }
    }
}

impl Project {
    /// A project with one empty shot.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            schema: SCHEMA_VERSION,
            name: name.into(),
            storage: Storage::default(),
            next_id: 2,
            shots: vec![Shot::new(ShotId(1), "Shot 1")],
        }
    }

    /// The shot with this identity.
    pub fn shot(&self, id: ShotId) -> Option<&Shot> {
        self.shots.iter().find(|shot| shot.id == id)
    }

    /// The condition with this identity, in whichever shot it is.
    pub fn condition(&self, id: ConditionId) -> Option<&Condition> {
        self.shots.iter().find_map(|shot| shot.condition(id))
    }

    /// The shot that holds this condition.
    pub fn shot_of(&self, id: ConditionId) -> Option<&Shot> {
        self.shots.iter().find(|shot| shot.condition(id).is_some())
    }
}
