//! The families of models that the local interpreter can run.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A family of architectures: which code runs a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
pub enum Family {
    /// Qwen2-VL.
    #[serde(rename = "qwen2_vl")]
    Qwen2Vl,
    /// Qwen2.5-VL.
    #[serde(rename = "qwen2_5_vl")]
    Qwen25Vl,
    /// Qwen3-VL, dense.
    #[serde(rename = "qwen3_vl")]
    Qwen3Vl,
    /// The thinker of Qwen2.5-Omni (vision and hearing); ASID-Captioner is one of these.
    #[serde(rename = "qwen2_5_omni")]
    Qwen25Omni,
    /// Qwen3.5, 3.6 and 3.8, dense.
    #[serde(rename = "qwen3_5")]
    Qwen35,
}

impl Family {
    /// Every family, oldest first.
    pub const ALL: [Self; 5] = [
        Self::Qwen2Vl,
        Self::Qwen25Vl,
        Self::Qwen3Vl,
        Self::Qwen25Omni,
        Self::Qwen35,
    ];

    /// The name that people know it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Qwen2Vl => "Qwen2-VL",
            Self::Qwen25Vl => "Qwen2.5-VL",
            Self::Qwen3Vl => "Qwen3-VL",
            Self::Qwen25Omni => "Qwen2.5-Omni",
            Self::Qwen35 => "Qwen3.5",
        }
    }

    /// Whether models of this family take sound.
    pub fn hears(self) -> bool {
        self == Self::Qwen25Omni
    }

    /// The family that `model_type` of a `config.json` names. The thinker of Qwen2.5-Omni is
    /// also saved alone, under a name of its own.
    pub fn from_model_type(model_type: &str) -> Option<Self> {
        Some(match model_type {
            "qwen2_vl" => Self::Qwen2Vl,
            "qwen2_5_vl" => Self::Qwen25Vl,
            "qwen3_vl" => Self::Qwen3Vl,
            "qwen2_5_omni" | "qwen2_5_omni_thinker" => Self::Qwen25Omni,
            "qwen3_5" => Self::Qwen35,
            _ => return None,
        })
    }

    /// The family that an entry of `architectures` in a `config.json` names, for configs
    /// without a usable `model_type`.
    pub fn from_architecture(architecture: &str) -> Option<Self> {
        Some(match architecture {
            "Qwen2VLForConditionalGeneration" => Self::Qwen2Vl,
            "Qwen2_5_VLForConditionalGeneration" => Self::Qwen25Vl,
            "Qwen3VLForConditionalGeneration" => Self::Qwen3Vl,
            "Qwen2_5OmniModel"
            | "Qwen2_5OmniForConditionalGeneration"
            | "Qwen2_5OmniThinkerForConditionalGeneration" => Self::Qwen25Omni,
            "Qwen3_5ForConditionalGeneration" => Self::Qwen35,
            _ => return None,
        })
    }

    /// The family that `clip.projector_type` (or `clip.vision.projector_type`) of a GGUF vision
    /// part names, as llama.cpp's `clip-impl.h` spells it.
    pub fn from_projector(projector: &str) -> Option<Self> {
        Some(match projector {
            "qwen2vl_merger" => Self::Qwen2Vl,
            "qwen2.5vl_merger" => Self::Qwen25Vl,
            "qwen2.5o" => Self::Qwen25Omni,
            "qwen3vl_merger" => Self::Qwen3Vl,
            _ => return None,
        })
    }

    /// The known families in one phrase: "Qwen2-VL, Qwen2.5-VL, … and Qwen3.5".
    pub fn known() -> String {
        let names: Vec<&str> = Self::ALL.iter().map(|family| family.name()).collect();
        match names.split_last() {
            Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
            None => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_on_the_wire_are_those_of_the_catalogue_files() {
        let names: Vec<String> = Family::ALL
            .iter()
            .map(|family| serde_json::to_string(family).expect("a family"))
            .collect();
        assert_eq!(
            names,
            [
                "\"qwen2_vl\"",
                "\"qwen2_5_vl\"",
                "\"qwen3_vl\"",
                "\"qwen2_5_omni\"",
                "\"qwen3_5\""
            ]
        );
        for family in Family::ALL {
            let name = serde_json::to_value(family).expect("a family");
            let name = name.as_str().expect("a string");
            assert_eq!(Family::from_model_type(name), Some(family));
        }
    }

    #[test]
    fn mixtures_of_experts_are_not_taken_for_dense_models() {
        assert_eq!(Family::from_model_type("qwen3_vl_moe"), None);
        assert_eq!(Family::from_model_type("qwen3_5_moe"), None);
    }

    #[test]
    fn the_known_families_read_as_one_phrase() {
        assert_eq!(
            Family::known(),
            "Qwen2-VL, Qwen2.5-VL, Qwen3-VL, Qwen2.5-Omni and Qwen3.5"
        );
    }
}
