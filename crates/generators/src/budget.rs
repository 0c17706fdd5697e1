//! Counting words, characters and tokens.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokenizers::Tokenizer;

use crate::LimitUnit;

/// The largest `tokenizer.json` that is read: Gemma's, the largest in use, has 33 MB.
const MAX_TOKENIZER_BYTES: u64 = 96 << 20;

/// How a text encoder cuts words, for an estimate where its `tokenizer.json` is not at hand.
///
/// The estimate is on the safe side for English: one token for every so many letters of a
/// word (at least one), one for every digit and mark, and the sentence end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// T5's English pieces: 4 letters to a token; it cuts many plurals and rare words.
    T5,
    /// umT5's pieces for a hundred languages: 3 letters to a token.
    Umt5,
    /// Byte-pair vocabularies of 100,000 and more (Llama 3, Qwen, Gemma): 5 letters.
    Bpe,
    /// Nothing is known: every letter counts.
    Bytes,
}

impl Family {
    fn letters_per_token(self) -> u32 {
        match self {
            Self::T5 => 4,
            Self::Umt5 => 3,
            Self::Bpe => 5,
            Self::Bytes => 1,
        }
    }

    /// About how many tokens a text takes, rather too many than too few.
    fn estimate(self, text: &str) -> u32 {
        let per = self.letters_per_token();
        let mut tokens = 1_u32;
        let mut letters = 0_u32;
        let flush = |letters: &mut u32, tokens: &mut u32| {
            *tokens = tokens.saturating_add(letters.div_ceil(per));
            *letters = 0;
        };
        for c in text.chars() {
            if c.is_ascii_alphabetic() || c == '\'' {
                letters += 1;
                continue;
            }
            flush(&mut letters, &mut tokens);
            let more = match c {
                c if c.is_whitespace() => 0,
                c if c.is_ascii() => 1,
                // Beyond the basic plane (emoji): a token for each of four bytes.
                c if u32::from(c) > 0xFFFF => 4,
                c if is_ideograph(c) => 2,
                _ => 1,
            };
            tokens = tokens.saturating_add(more);
        }
        flush(&mut letters, &mut tokens);
        tokens
    }
}

/// Characters that count as a word each.
fn is_ideograph(c: char) -> bool {
    matches!(u32::from(c), 0x2E80..=0x9FFF | 0xAC00..=0xD7AF | 0xF900..=0xFAFF | 0x2_0000..=0x3_FFFF)
}

/// Words of a text: runs between white space that hold a letter or digit; each ideograph is
/// one.
pub(crate) fn words(text: &str) -> u32 {
    let mut count = 0_u32;
    for run in text.split_whitespace() {
        let ideographs = run.chars().filter(|c| is_ideograph(*c)).count() as u32;
        let rest = run.chars().any(|c| c.is_alphanumeric() && !is_ideograph(c));
        count = count.saturating_add(ideographs + u32::from(rest));
    }
    count
}

/// Counts one generator's unit.
pub(crate) struct Counter {
    unit: LimitUnit,
    family: Family,
    tokenizer: Option<Arc<Tokenizer>>,
    /// Why a tokenizer file that is there is not used.
    pub warning: Option<String>,
}

impl Counter {
    /// A counter of `unit`; `name` is looked for as `FOLDER/NAME/tokenizer.json`.
    pub fn new(unit: LimitUnit, family: Family, name: Option<&str>, folder: Option<&Path>) -> Self {
        let mut counter = Self {
            unit,
            family,
            tokenizer: None,
            warning: None,
        };
        if unit == LimitUnit::Tokens
            && let (Some(name), Some(folder)) = (name, folder)
        {
            let path = folder.join(name).join("tokenizer.json");
            if path.is_file() {
                match load(&path) {
                    Some(tokenizer) => counter.tokenizer = Some(tokenizer),
                    None => {
                        counter.warning = Some(format!(
                            "The tokenizer file of {name} cannot be read, so the tokens are estimated."
                        ));
                    }
                }
            }
        }
        counter
    }

    /// How many units a text takes.
    pub fn count(&self, text: &str) -> u32 {
        match self.unit {
            LimitUnit::Words => words(text),
            LimitUnit::Characters => u32::try_from(text.chars().count()).unwrap_or(u32::MAX),
            LimitUnit::Tokens => self
                .tokenizer
                .as_ref()
                .and_then(|tokenizer| tokenizer.encode(text, true).ok())
                .map_or_else(
                    || self.family.estimate(text),
                    |encoding| u32::try_from(encoding.len()).unwrap_or(u32::MAX),
                ),
        }
    }

    /// Whether [`Counter::count`] estimates.
    pub fn estimates(&self) -> bool {
        self.unit == LimitUnit::Tokens && self.tokenizer.is_none()
    }
}

/// Files are kept once read (Gemma's takes most of a second), by path, length and time.
type Kept = HashMap<PathBuf, (u64, Option<std::time::SystemTime>, Arc<Tokenizer>)>;

fn load(path: &Path) -> Option<Arc<Tokenizer>> {
    static KEPT: OnceLock<Mutex<Kept>> = OnceLock::new();
    let about = std::fs::metadata(path).ok()?;
    if about.len() > MAX_TOKENIZER_BYTES {
        return None;
    }
    let stamp = (about.len(), about.modified().ok());
    let mut kept = KEPT
        .get_or_init(Mutex::default)
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    if let Some((length, time, tokenizer)) = kept.get(path)
        && (*length, *time) == stamp
    {
        return Some(Arc::clone(tokenizer));
    }
    let mut tokenizer = Tokenizer::from_file(path).ok()?;
    // A file may ask to truncate or pad to the model's length, which would hide the excess.
    tokenizer.with_truncation(None).ok()?;
    tokenizer.with_padding(None);
    let tokenizer = Arc::new(tokenizer);
    kept.insert(path.to_owned(), (stamp.0, stamp.1, Arc::clone(&tokenizer)));
    Some(tokenizer)
}
