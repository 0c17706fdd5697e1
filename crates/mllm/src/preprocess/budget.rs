//! From a person's limits and the room in the context to sizes and numbers of frames, and words
//! for what was reduced.

use decoupage_dialogue::{Failure, FailureCode, MediaLimits, Outcome, Smaller};

use super::rules::Rules;

/// Below this many tokens a pair of frames shows little: frames are left out before.
const LEGIBLE: usize = 32;

/// A medium's size before it is prepared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A picture.
    Picture {
        /// Pixels down.
        height: usize,
        /// Pixels across.
        width: usize,
    },
    /// Sampled frames.
    Clip {
        /// Pixels down.
        height: usize,
        /// Pixels across.
        width: usize,
        /// How many.
        frames: usize,
    },
}

/// What fits.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
    /// Limits within which everything fits: for [`Rules::within`] and [`super::thin`].
    pub limits: MediaLimits,
    /// Visual tokens of all media within these.
    pub tokens: usize,
    /// What was reduced and how to change it, one sentence each.
    pub notes: Vec<String>,
}

/// How a medium is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shown {
    height: usize,
    width: usize,
    /// Frames shown; 1 for a picture.
    frames: usize,
    tokens: usize,
}

/// Visual tokens that a medium becomes under `rules`.
///
/// # Errors
/// It is empty or too narrow.
pub fn visual_tokens(shape: Shape, rules: &Rules) -> Outcome<usize> {
    Ok(shown(shape, rules)?.tokens)
}

/// Limits within which all media take at most `room` tokens of the context, no wider than
/// `limits`. Pictures and frames become smaller first; where frames would show little, fewer are
/// taken.
///
/// # Errors
/// A medium is empty or too narrow, or even the smallest sizes do not fit.
pub fn fit(shapes: &[Shape], rules: &Rules, limits: &MediaLimits, room: usize) -> Outcome<Fitted> {
    let all = |limits: &MediaLimits| -> Outcome<(Vec<Shown>, usize)> {
        let rules = rules.within(limits);
        let shown = shapes
            .iter()
            .map(|shape| shown(*shape, &rules))
            .collect::<Outcome<Vec<_>>>()?;
        let tokens = shown.iter().map(|one| one.tokens).sum();
        Ok((shown, tokens))
    };
    let (wished, mut tokens) = all(limits)?;
    let mut fitted = *limits;
    let mut now = wished.clone();
    // From the tokens that are used, not from limits far above them.
    let most = |clips: bool| {
        let tokens = wished.iter().zip(shapes).filter_map(|(one, shape)| {
            (matches!(shape, Shape::Clip { .. }) == clips).then_some(one.tokens)
        });
        tokens.max().unwrap_or(1)
    };
    let (pictures, clips) = (most(false), most(true));
    let mut share = 1.0f64;
    while tokens > room {
        share *= 0.95;
        if share < 1e-4 {
            return Err(too_much(shapes.len(), tokens, room));
        }
        fitted.picture_tokens = part(limits.picture_tokens.min(pictures), share);
        fitted.clip_tokens = part(limits.clip_tokens.min(clips), share);
        let pairs = (fitted.clip_tokens / LEGIBLE).max(2);
        fitted.max_frames = limits.max_frames.min(pairs * rules.temporal_patch);
        (now, tokens) = all(&fitted)?;
    }
    let mut notes = Vec::new();
    let own = shapes
        .iter()
        .map(|shape| shown(*shape, rules))
        .collect::<Outcome<Vec<_>>>()?;
    tell(&own, &wished, shapes, Cause::Limits, &mut notes);
    tell(&wished, &now, shapes, Cause::Room, &mut notes);
    Ok(Fitted {
        limits: fitted,
        tokens,
        notes,
    })
}

fn part(count: usize, share: f64) -> usize {
    ((count as f64 * share) as usize).max(1)
}

fn shown(shape: Shape, rules: &Rules) -> Outcome<Shown> {
    let ((height, width), frames) = match shape {
        Shape::Picture { height, width } => (rules.picture_size(height, width)?, 1),
        Shape::Clip {
            height,
            width,
            frames,
        } => {
            // As `thin` does.
            let frames = match (frames, rules.frames.max(1)) {
                (given, most) if given <= most => given,
                (_, 1) => 1,
                (_, most) => most / 2 * 2,
            };
            (rules.frame_size(height, width, frames)?, frames)
        }
    };
    let of_frame = (height / rules.factor()) * (width / rules.factor());
    Ok(Shown {
        height,
        width,
        frames,
        tokens: of_frame * frames.div_ceil(rules.temporal_patch),
    })
}

/// Why something is shown smaller.
#[derive(Clone, Copy)]
enum Cause {
    /// The person's own limits.
    Limits,
    /// The context.
    Room,
}

/// One sentence for each kind of reduction from `before` to `after`.
fn tell(
    before: &[Shown],
    after: &[Shown],
    shapes: &[Shape],
    cause: Cause,
    notes: &mut Vec<String>,
) {
    let pairs = || before.iter().zip(after).zip(shapes);
    let smaller = |clips: bool| {
        let found = pairs()
            .filter(|(_, shape)| matches!(shape, Shape::Clip { .. }) == clips)
            .map(|(pair, _)| pair)
            .filter(|(was, is)| is.height * is.width < was.height * was.width)
            .collect::<Vec<_>>();
        let count = found.len();
        let worst = found
            .into_iter()
            .max_by_key(|(was, is)| was.height * was.width - is.height * is.width);
        worst.map(|(was, is)| (count, *was, *is))
    };
    if let Some((count, was, is)) = smaller(false) {
        let who = match count {
            1 => "A picture is".to_owned(),
            _ => format!("{count} pictures are"),
        };
        let advice = match cause {
            Cause::Limits => "allow more tokens per picture to show more detail",
            Cause::Room => "choose a larger context or fewer media to show more detail",
        };
        notes.push(size_note(&who, was, is, advice));
    }
    if let Some((count, was, is)) = smaller(true) {
        let who = match count {
            1 => "The frames of a clip are".to_owned(),
            _ => format!("The frames of {count} clips are"),
        };
        let advice = match cause {
            Cause::Limits => "allow more tokens per frame and per clip to show more detail",
            Cause::Room => "choose a larger context or fewer media to show more detail",
        };
        notes.push(size_note(&who, was, is, advice));
    }
    for ((was, is), _) in pairs().filter(|((was, is), _)| is.frames < was.frames) {
        let advice = match cause {
            Cause::Limits => "allow more frames to show more of its movement",
            Cause::Room => "choose a larger context or fewer media to show more of its movement",
        };
        notes.push(format!(
            "A clip is shown with {} of its {} frames: {advice}.",
            is.frames, was.frames
        ));
    }
}

fn size_note(who: &str, was: Shown, is: Shown, advice: &str) -> String {
    format!(
        "{who} shown at {} × {} instead of {} × {} pixels: {advice}.",
        is.width, is.height, was.width, was.height
    )
}

fn too_much(media: usize, tokens: usize, room: usize) -> Failure {
    Failure::new(
        FailureCode::TooLong,
        format!(
            "The context has room for {room} tokens of pictures and clips; the {media} given need \
             {tokens} at the least."
        ),
    )
    .advise("Choose a larger context, or show the model fewer media.")
    .offer([Smaller::FewerFrames])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;
    use crate::config::Family;

    const PHOTO: Shape = Shape::Picture {
        height: 3000,
        width: 4000,
    };
    const SHOT: Shape = Shape::Clip {
        height: 1080,
        width: 1920,
        frames: 32,
    };

    #[test]
    fn what_fits_is_left_alone() {
        let rules = Rules::of(Family::Qwen25Vl);
        let small = Shape::Picture {
            height: 252,
            width: 448,
        };
        let limits = MediaLimits::default();
        let fitted = fit(&[small], &rules, &limits, 4_000).unwrap();
        assert_eq!((fitted.limits, fitted.tokens), (limits, 144));
        assert!(fitted.notes.is_empty());
    }

    #[test]
    fn a_persons_limits_are_told() {
        let rules = Rules::of(Family::Qwen25Vl);
        let fitted = fit(&[PHOTO, SHOT], &rules, &MediaLimits::default(), 100_000).unwrap();
        assert_eq!(
            fitted.notes,
            [
                "A picture is shown at 1008 × 756 instead of 4004 × 2996 pixels: allow more tokens \
                 per picture to show more detail.",
                "The frames of a clip are shown at 588 × 336 instead of 1008 × 560 pixels: allow \
                 more tokens per frame and per clip to show more detail.",
            ]
        );
    }

    #[test]
    fn a_small_context_takes_detail_and_then_frames() {
        let rules = Rules::of(Family::Qwen3Vl);
        let limits = MediaLimits::default();
        let detail = fit(&[SHOT], &rules, &limits, 2_000).unwrap();
        assert!(detail.tokens <= 2_000 && detail.tokens > 1_500);
        assert_eq!(detail.limits.max_frames, 32);
        let frames = fit(&[SHOT], &rules, &limits, 200).unwrap();
        assert!(frames.tokens <= 200);
        assert!(frames.limits.max_frames < 16);
        assert!(
            frames
                .notes
                .iter()
                .any(|note| note.contains("of its 32 frames"))
        );
        let failure = fit(&[SHOT; 9], &rules, &limits, 4).unwrap_err();
        assert_eq!(failure.code, FailureCode::TooLong);
    }

    proptest! {
        #[test]
        fn what_is_fitted_fits(
            sizes in prop::collection::vec((1usize..4000, 1.0f64..150.0, 0usize..90), 1..5),
            room in 200usize..20_000,
            frame_tokens in 1usize..1000,
            clip_tokens in 1usize..20_000,
            picture_tokens in 1usize..3000,
            max_frames in 0usize..800,
        ) {
            let shapes: Vec<_> = sizes
                .into_iter()
                .map(|(height, aspect, frames)| {
                    let width = (height as f64 * aspect) as usize;
                    match frames {
                        0 => Shape::Picture { height, width },
                        _ => Shape::Clip { height, width, frames },
                    }
                })
                .collect();
            let limits = MediaLimits {
                frame_tokens, clip_tokens, picture_tokens, max_frames, ..MediaLimits::default()
            };
            for family in [Family::Qwen2Vl, Family::Qwen3Vl] {
                let rules = Rules::of(family);
                let fitted = fit(&shapes, &rules, &limits, room).unwrap();
                let narrowed = rules.within(&fitted.limits);
                let tokens = shapes
                    .iter()
                    .map(|shape| visual_tokens(*shape, &narrowed).unwrap())
                    .collect::<Vec<_>>();
                prop_assert_eq!(tokens.iter().sum::<usize>(), fitted.tokens);
                prop_assert!(fitted.tokens <= room);
                for (tokens, shape) in tokens.iter().zip(&shapes) {
                    match shape {
                        Shape::Picture { .. } => prop_assert!(*tokens <= picture_tokens),
                        Shape::Clip { frames, .. } => {
                            // A pair of frames takes one token at the least.
                            let pairs = frames.div_ceil(2).min(max_frames.div_ceil(2).max(1));
                            prop_assert!(*tokens <= clip_tokens.max(pairs));
                            prop_assert!(*tokens <= frame_tokens * pairs);
                        }
                    }
                }
            }
        }
    }
}
