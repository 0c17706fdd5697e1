//! What is said to a model and what it says back: the conversation it is shown, the guide it
//! writes along, how its words are drawn, and the lines that the application and its model
//! worker exchange. Plain data: no tensors, no shots, no processes.

mod conversation;
mod failure;
mod guide;
mod line;
mod sampling;

pub use conversation::{Conversation, MediaLimits, Message, Part, Role, Source};
pub use failure::{Failure, FailureCode, Outcome, Smaller};
pub use guide::{Guide, Step};
pub use line::{
    Ask, Device, DeviceKind, DeviceWish, JobNumber, ModelWish, PROTOCOL, Precision, Stage, Tell,
    Usage,
};
pub use sampling::Sampling;
