//! The one API: every action the shells offer, jobs, undo and events.

pub mod api;
