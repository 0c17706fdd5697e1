//! A small byte-level tokenizer for tests: every byte, some words, Qwen's special tokens.

use tokenizers::models::bpe::BPE;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::{AddedToken, Tokenizer};

use super::{MediaTokens, Outcome, Template, Tokens};

const WORDS: &[&str] = &[
    "the", " the", " a", " red", " coat", " camera", "er", "ing", " pan", "s ", ". ", ".\n", " re",
    "uce", "</", "think", ">", "1", "2", "At", " At", "ed", " do", "g.", " \n", "\n\n",
];
const SPECIAL: &[&str] = &[
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|image_pad|>",
    "<|video_pad|>",
    "<|audio_start|>",
    "<|audio_end|>",
    "<|audio_pad|>",
];

pub(crate) fn tokens() -> Tokens {
    let first = first_special();
    with_media(&MediaTokens {
        vision_start: first + 3,
        vision_end: first + 4,
        image: first + 5,
        video: first + 6,
        audio_start: Some(first + 7),
        audio_end: Some(first + 8),
        audio: Some(first + 9),
    })
    .unwrap()
}

/// Written as byte-level vocabularies write them.
fn written(text: &str) -> String {
    text.bytes().map(letter).collect()
}

fn letter(byte: u8) -> char {
    (0..=400)
        .filter_map(char::from_u32)
        .find(|&c| super::byte_of(c) == Some(byte))
        .unwrap()
}

/// Bytes, then words built up from the left with merges.
fn parts() -> (Vec<(String, u32)>, Vec<(String, String)>) {
    let mut known: Vec<String> = (0..=255u8).map(|b| letter(b).to_string()).collect();
    let mut merges = Vec::new();
    for word in WORDS {
        let letters: Vec<char> = written(word).chars().collect();
        for to in 2..=letters.len() {
            let whole: String = letters[..to].iter().collect();
            if !known.contains(&whole) {
                merges.push((
                    letters[..to - 1].iter().collect(),
                    letters[to - 1].to_string(),
                ));
                known.push(whole);
            }
        }
    }
    let count = known.len() as u32;
    (known.into_iter().zip(0..count).collect(), merges)
}

fn first_special() -> u32 {
    parts().0.len() as u32
}

pub(crate) fn with_media(media: &MediaTokens) -> Outcome<Tokens> {
    let (vocabulary, merges) = parts();
    let bpe = BPE::builder()
        .vocab_and_merges(
            vocabulary
                .into_iter()
                .collect::<tokenizers::models::bpe::Vocab>(),
            merges,
        )
        .build()
        .unwrap();
    let mut tokenizer = Tokenizer::new(bpe);
    tokenizer.with_pre_tokenizer(Some(ByteLevel::new(false, true, true)));
    let special = SPECIAL.iter().map(|&text| AddedToken::from(text, true));
    tokenizer.add_special_tokens(special).unwrap();
    let plain = ["<think>", "</think>"].map(|text| AddedToken::from(text, false).normalized(false));
    tokenizer.add_tokens(plain).unwrap();
    Tokens::new(tokenizer, Template::chatml()?, media, &[])
}
