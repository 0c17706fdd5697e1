//! A tiny renderer of scenes with known camera, depth and pose: the sample shot, and ground
//! truth for tests.
//!
//! One world for everything, in OpenCV's axes: x right, y down, z forward, metres; the ground
//! is the plane y = 0, so heights are negative y. The same input gives the same bytes.

pub mod camera;
pub mod camera_files;
pub mod encode;
mod files;
pub mod noise;
