//! Who consumes the prompt: profiles, budgets and prompt files.
//!
//! A take has six sections; a generator wants one paragraph, headed sections or JSON, in its
//! own order and no longer than its text encoder reads. [`compose`] turns the one into the
//! other and says what it left out and what to watch; [`write`] makes files of it; [`import`]
//! and [`import_take`] read them back.

mod budget;
mod clash;
mod cosmos;
mod document;
mod h3;
mod headings;
mod import;
mod material;
mod names;
mod paragraph;
mod profiles;
mod prose;
mod sentence;
mod soundtrack;
mod write;

use std::collections::BTreeSet;
use std::path::Path;

use decoupage_shot::{Code, ConditionKind, Fault, Origin, Outcome, Section, Shot, Take};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use budget::Counter;
pub use import::{Imported, MAX_IMPORT_BYTES, import, import_take, import_takes};
use profiles::{SPECS, Shape, Spec};
pub use write::write;

/// What a generator wants.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Profile {
    /// Key on the command line and in projects ("wan-2.2").
    pub key: String,
    /// Name as people know it ("Wan 2.2").
    pub title: String,
    /// The most it takes.
    pub limit: Option<Limit>,
    /// What it wants, one or two sentences for the person.
    pub advice: String,
    /// Its default negative prompt; `None` where it takes none.
    pub negative: Option<String>,
    /// Which text encoder counts the budget, in words ("umt5-xxl").
    pub tokenizer: Option<String>,
}

/// The most a generator takes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
pub struct Limit {
    /// How many.
    pub most: u32,
    /// Of what.
    pub unit: LimitUnit,
}

/// What a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum LimitUnit {
    Tokens,
    Words,
    Characters,
}

impl LimitUnit {
    fn plural(self) -> &'static str {
        match self {
            Self::Tokens => "tokens",
            Self::Words => "words",
            Self::Characters => "characters",
        }
    }
}

/// How much of the budget a prompt uses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Budget {
    /// Used, in the limit's unit; words where there is no limit.
    pub used: u32,
    /// The most; `None` where the generator states none.
    pub limit: Option<Limit>,
    /// Whether `used` is an estimate, because no tokenizer file is at hand.
    pub estimated: bool,
}

/// A sentence left out to fit the budget.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Dropped {
    /// From which section.
    pub section: Section,
    /// The words.
    pub text: String,
    /// The origin that decided: that of most of its words.
    pub origin: Origin,
}

/// A prompt as one generator takes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Prompt {
    /// Key of the generator.
    pub generator: String,
    /// The prompt: a paragraph, headed sections or a JSON document, as the generator wants it.
    pub text: String,
    /// The negative prompt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub negative: Option<String>,
    /// What it uses.
    pub budget: Budget,
    /// What was left out to fit.
    pub dropped: Vec<Dropped>,
    /// Warnings a person should see ("the default negative prompt forbids camera shake, and
    /// this shot is hand-held").
    pub warnings: Vec<String>,
}

/// The kind of prompt file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum FileFormat {
    Txt,
    Json,
    Jsonl,
    Csv,
}

/// All profiles, in the order of the menu; the first is plain text.
pub fn profiles() -> Vec<Profile> {
    SPECS.iter().map(Spec::profile).collect()
}

/// Writes the prompt of a take for one generator, within its budget. `tokenizers` is a folder
/// that may hold `NAME/tokenizer.json` files; without one, tokens are estimated.
///
/// Over budget, whole sentences are left out: those of the least important origin first
/// (inferred, condition, prompt, hand), among them those of the least important section, the
/// last of it first. One sentence always stays, with a warning if it alone is too long.
///
/// # Errors
/// [`Code::Invalid`] for an unknown generator.
pub fn compose(
    generator: &str,
    shot: &Shot,
    take: &Take,
    tokenizers: Option<&Path>,
) -> Outcome<Prompt> {
    let spec = Spec::find(generator).ok_or_else(|| {
        let keys: Vec<&str> = SPECS.iter().map(|spec| spec.key).collect();
        Fault::new(
            Code::Invalid,
            format!("No generator is called “{generator}”."),
        )
        .advise(format!("Choose one of {}.", keys.join(", ")))
    })?;
    let all = material::sentences(take);
    let negative = spec.negative.map(str::to_owned);
    let unit = spec.limit.map_or(LimitUnit::Words, |limit| limit.unit);
    let mut counter = Counter::new(unit, spec.family, spec.tokenizer, tokenizers);
    let mut warnings: Vec<String> = counter.warning.take().into_iter().collect();
    let mut left_out = Vec::new();
    let text = match spec.shape {
        Shape::Headed => headings::headed(&take.caption),
        Shape::SixSections => write::to_json(&take.caption)?,
        Shape::Cosmos => cosmos::render(shot, &all)?,
        Shape::H3 => {
            let (text, sound_supplied) = h3::render(shot, &all);
            if sound_supplied {
                warnings.push(
                    "Nothing says what is heard: the prompt asks for natural sound without speech."
                        .to_owned(),
                );
            }
            text
        }
        Shape::Paragraph(recipe) => {
            let from_image = shot
                .conditions
                .iter()
                .any(|condition| condition.kind == ConditionKind::FirstFrame);
            let motion_only = from_image && spec.traits.motion_only_from_image;
            let plan = paragraph::plan(recipe, motion_only, &all);
            let order = material::drop_order(&all, &plan);
            let without =
                |count: usize| -> BTreeSet<usize> { order.iter().take(count).copied().collect() };
            let fits = |count: usize| {
                spec.limit.is_none_or(|limit| {
                    counter.count(&paragraph::render(recipe, &all, &plan, &without(count)))
                        <= limit.most
                })
            };
            // Fewer sentences are never longer: the fewest to drop is found by halving.
            let (mut low, mut high) = (0, order.len().saturating_sub(1));
            while low < high {
                let middle = low + (high - low) / 2;
                if fits(middle) {
                    high = middle;
                } else {
                    low = middle + 1;
                }
            }
            let dropped = without(low);
            for sentence in dropped.iter().filter_map(|index| all.get(*index)) {
                left_out.push(Dropped {
                    section: sentence.section,
                    text: sentence.text.clone(),
                    origin: sentence.origin,
                });
            }
            let text = paragraph::render(recipe, &all, &plan, &dropped);
            if recipe.always_camera
                && text.ends_with(paragraph::STATIC)
                && !all.iter().any(|s| paragraph::tells_of_camera(&s.text))
            {
                warnings.push(format!(
                    "Nothing says what the camera does: “{}” was added for {}.",
                    paragraph::STATIC,
                    spec.title
                ));
            }
            text
        }
    };
    let used = counter.count(&text);
    if let Some(limit) = spec.limit.filter(|limit| used > limit.most) {
        warnings.push(format!(
            "The prompt has {used} {unit}, {title} takes {most}, and what is left is one sentence: shorten it by hand.",
            unit = limit.unit.plural(),
            title = spec.title,
            most = limit.most
        ));
    }
    if let Some(most) = spec.reads_well {
        let words = budget::words(&text);
        if words > most {
            warnings.push(format!(
                "The prompt has {words} words; {} reads up to {most} well.",
                spec.title
            ));
        }
    }
    if all.is_empty() {
        warnings.push("This take has no words yet.".to_owned());
    }
    warnings.extend(clash::warnings(spec, negative.as_deref(), shot, &all));
    Ok(Prompt {
        generator: spec.key.to_owned(),
        budget: Budget {
            used,
            limit: spec.limit,
            estimated: counter.estimates(),
        },
        text,
        negative,
        dropped: left_out,
        warnings,
    })
}
