//! What one tracked person does: measures in body units, so that neither the picture's size nor
//! the person's distance matters.

pub mod arms;
pub mod facing;
pub mod gait;
pub mod place;
pub mod posture;
pub mod signals;
pub mod spans;
