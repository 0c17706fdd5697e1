//! A tiny renderer of scenes with known camera, depth and pose.
