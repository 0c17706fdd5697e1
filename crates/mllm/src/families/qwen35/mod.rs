//! Qwen3.5, 3.6 and 3.8, dense: media as in Qwen3-VL.

pub(super) use super::qwen3_vl::Family;
