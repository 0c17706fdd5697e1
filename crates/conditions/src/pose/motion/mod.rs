//! What one tracked person does: measures in body units, so that neither the picture's size nor
//! the person's distance matters.

pub mod arms;
pub mod dance;
pub mod facing;
pub mod features;
pub mod gait;
pub mod hands;
pub mod head;
pub mod held;
pub mod pairs;
pub mod place;
pub mod posture;
pub mod resolve;
pub mod signals;
pub mod spans;
pub mod stance;
pub mod strikes;
