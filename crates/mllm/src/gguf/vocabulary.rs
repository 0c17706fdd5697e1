//! The tokenizer out of a GGUF's own vocabulary: Qwen's byte-level pairs (Sennrich et al. 2016),
//! as `tokenizer.json` would describe it.

use decoupage_dialogue::Outcome;
use tokenizers::models::bpe::{BPE, Vocab};
use tokenizers::normalizers::NFC;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::tokenizer::SplitDelimiterBehavior;
use tokenizers::{AddedToken, Tokenizer};

use super::container::Container;
use crate::failure;

/// How text is cut before pairs are merged (Qwen2's published tokenizer).
const QWEN2: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// The same with combining marks as parts of words (Qwen3.5's).
const QWEN35: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// Kinds of tokens as llama.cpp numbers them.
const CONTROL: i64 = 3;
const USER_DEFINED: i64 = 4;
const UNUSED: i64 = 5;

/// More tokens than any vocabulary has.
const MOST_TOKENS: usize = 1 << 21;

/// The tokens of a file.
pub(super) struct Vocabulary<'a> {
    container: &'a Container,
    tokens: &'a [String],
    kinds: &'a [i64],
}

impl<'a> Vocabulary<'a> {
    /// # Errors
    /// There is none, or it is of another kind than Qwen's.
    pub(super) fn of(container: &'a Container) -> Outcome<Self> {
        let name = container.path().display();
        let model = container.text("tokenizer.ggml.model").unwrap_or_default();
        if model != "gpt2" {
            let model: String = model.chars().take(40).collect();
            return Err(failure::unsupported(format!(
                "{name} has a tokenizer of the kind \"{model}\" where Qwen's is \"gpt2\"."
            ))
            .advise("Choose a GGUF that was made from a Qwen model."));
        }
        let tokens = container.texts("tokenizer.ggml.tokens").unwrap_or_default();
        let kinds = container
            .integers("tokenizer.ggml.token_type")
            .unwrap_or_default();
        if tokens.is_empty() || tokens.len() > MOST_TOKENS {
            return Err(failure::damaged(format!("{name} has no vocabulary.")));
        }
        if !kinds.is_empty() && kinds.len() != tokens.len() {
            return Err(failure::damaged(format!(
                "{name} says of {} tokens what they are but has {}.",
                kinds.len(),
                tokens.len()
            )));
        }
        Ok(Self {
            container,
            tokens,
            kinds,
        })
    }

    /// The number of a special token.
    pub(super) fn special(&self, content: &str) -> Option<u32> {
        let at = self.tokens.iter().position(|token| token == content)?;
        u32::try_from(at).ok()
    }

    /// Numbers of the tokens that end a turn.
    pub(super) fn ends(&self) -> Vec<u32> {
        ["eos", "eot", "eom"]
            .iter()
            .filter_map(|end| {
                self.container
                    .count(&format!("tokenizer.ggml.{end}_token_id"))
            })
            .filter(|id| *id < self.tokens.len())
            .filter_map(|id| u32::try_from(id).ok())
            .collect()
    }

    /// The tokenizer.
    ///
    /// # Errors
    /// A merge is of tokens that there are not, or text is cut in a way that is not known.
    pub(super) fn tokenizer(&self) -> Outcome<Tokenizer> {
        let name = self.container.path().display();
        let damaged = |error: tokenizers::Error| {
            let error = error.to_string();
            let error: String = error.chars().take(200).collect();
            failure::damaged(format!("The vocabulary in {name} is damaged: {error}."))
        };
        let pattern = match self.container.text("tokenizer.ggml.pre") {
            // Files from before the key was written are Qwen2's.
            None | Some("qwen2" | "default") => QWEN2,
            Some("qwen35") => QWEN35,
            Some(other) => {
                let other: String = other.chars().take(40).collect();
                return Err(failure::unsupported(format!(
                    "{name} cuts text in the way \"{other}\", which is none of Qwen's."
                ))
                .advise("Choose a GGUF that was made from a Qwen model."));
            }
        };
        let mut vocabulary = Vocab::with_capacity(self.tokens.len());
        let (mut special, mut added) = (Vec::new(), Vec::new());
        for (id, token) in self.tokens.iter().enumerate() {
            let kind = self.kinds.get(id).copied().unwrap_or(1);
            // Rows that pad the embedding to a round number have names that nobody writes.
            if kind == UNUSED {
                continue;
            }
            let id = u32::try_from(id).unwrap_or(u32::MAX);
            vocabulary.insert(token.clone(), id);
            match kind {
                CONTROL => special.push(AddedToken::from(token.clone(), true).normalized(false)),
                USER_DEFINED => {
                    added.push(AddedToken::from(token.clone(), false).normalized(false))
                }
                _ => {}
            }
        }
        let merges = self
            .container
            .texts("tokenizer.ggml.merges")
            .unwrap_or_default()
            .iter()
            .map(|merge| {
                // The bytes of a space are written as another character: the first space parts.
                let (left, right) = merge.split_once(' ')?;
                Some((left.to_owned(), right.to_owned()))
            })
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| damaged("a merge is of one part".into()))?;
        let pairs = BPE::builder()
            .vocab_and_merges(vocabulary, merges)
            .build()
            .map_err(damaged)?;
        let split = Split::new(
            SplitPattern::Regex(pattern.to_owned()),
            SplitDelimiterBehavior::Isolated,
            false,
        )
        .map_err(damaged)?;
        let bytes = ByteLevel::new(false, true, false);
        let mut tokenizer = Tokenizer::new(pairs);
        tokenizer
            .with_normalizer(Some(NFC))
            .map_err(damaged)?
            .with_pre_tokenizer(Some(Sequence::new(vec![split.into(), bytes.into()])))
            .with_decoder(Some(ByteLevel::default()))
            .with_post_processor(Some(ByteLevel::new(true, false, true)));
        tokenizer.add_special_tokens(special).map_err(damaged)?;
        tokenizer.add_tokens(added).map_err(damaged)?;
        Ok(tokenizer)
    }
}
