//! Sound: the log-mel spectrogram that Qwen2.5-Omni hears, and its audio tower.
//!
//! A sound's way: samples → [`mel`] `[128, frames]`, 100 frames a second → [`Tower`], 25 tokens a
//! second of the text model's width (Qwen2.5-Omni technical report, §2.1; the spectrogram and the
//! tower's form are Whisper's, Radford et al. 2022).

mod spectrogram;
mod tower;

pub use spectrogram::{MEL_BINS, MOST_SECONDS, mel, shorten};
pub use tower::Tower;

/// How many tokens `mel_frames` frames turn into: the second convolution halves them, the pooling
/// halves them again and drops an odd one. Fewer than three frames leave none.
pub fn tokens(mel_frames: usize) -> usize {
    convolved(mel_frames) / 2
}

/// Frames after the second convolution (three taps, stride two, one frame of padding).
fn convolved(mel_frames: usize) -> usize {
    mel_frames.div_ceil(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_follow_the_reference_formula() {
        // ((L − 1) // 2 + 1 − 2) // 2 + 1, floor division, as Qwen2.5-Omni's processor counts.
        for frames in 1..2_000_i64 {
            let convolved = (frames - 1).div_euclid(2) + 1;
            let expected = (convolved - 2).div_euclid(2) + 1;
            assert_eq!(tokens(frames as usize) as i64, expected, "{frames} frames");
        }
        assert_eq!(tokens(0), 0);
        assert_eq!(tokens(200), 50);
    }
}
