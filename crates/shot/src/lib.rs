//! The document: projects, shots, conditions, takes, their history and their place on disk.
//!
//! This crate knows no pixels and no words of film: it holds what a person made and never
//! loses it. Every other crate speaks in its types.

pub mod caption;
pub mod condition;
pub mod edit;
pub mod fault;
pub mod origins;
pub mod project;
pub mod store;
pub mod take;
pub mod trace;
pub mod watch;

pub use caption::{Caption, Origin, OriginSpan, Origins, Section};
pub use condition::{
    Change, Condition, ConditionKind, ContentHash, Correction, Media, Place, Polarity, ReadOptions,
    Region, Storage,
};
pub use edit::{Edit, History};
pub use fault::{Code, Fault, Outcome};
pub use project::{
    Aspect, Binding, BindingKind, ConditionId, Project, SCHEMA_VERSION, Shot, ShotId, TakeId,
};
pub use store::{Opened, Store};
pub use take::{Engine, Take};
pub use trace::{Agreement, Alignment, Conflict, Supplement, Trace, TraceNote};
pub use watch::{Cancel, Phase, Silent, Watch};
