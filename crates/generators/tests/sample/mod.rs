//! The take that the design page gives as an example, with its origins.

use decoupage_shot::{
    Caption, Condition, ConditionId, ConditionKind, ContentHash, Engine, Media, Origin, OriginSpan,
    Origins, Place, ReadOptions, Section, Shot, ShotId, Storage, Take, TakeId, Trace, TraceNote,
};

pub const IDENTITY: ConditionId = ConditionId(2);
pub const CAMERA: ConditionId = ConditionId(3);
pub const POSE: ConditionId = ConditionId(4);
pub const DEPTH: ConditionId = ConditionId(5);

const PROMPT: (Origin, Option<ConditionId>) = (Origin::Prompt, None);
const INFERRED: (Origin, Option<ConditionId>) = (Origin::Inferred, None);

const fn from(condition: ConditionId) -> (Origin, Option<ConditionId>) {
    (Origin::Condition, Some(condition))
}

/// Pieces of a section with their origins.
type Pieces = &'static [(&'static str, (Origin, Option<ConditionId>))];

const SECTIONS: [(Section, Pieces); 6] = [
    (
        Section::Dense,
        &[
            (
                "At dusk a woman in a red coat walks her dog past market stalls",
                PROMPT,
            ),
            (
                ", crossing the frame from left to right at an easy pace.",
                from(POSE),
            ),
            (
                " The camera trucks right with her for three seconds, then comes to rest while she walks on.",
                from(CAMERA),
            ),
        ],
    ),
    (
        Section::MainObject,
        &[
            ("A woman in a ", PROMPT),
            ("deep red", from(IDENTITY)),
            (" coat,", PROMPT),
            (
                " seen from the knees up in her reference picture, dark against a plain grey ground;",
                from(IDENTITY),
            ),
            (" her dog beside her.", PROMPT),
        ],
    ),
    (
        Section::Background,
        &[
            ("Market stalls at dusk.", PROMPT),
            (
                " Three depths: a near edge along the bottom of the frame, the walkway in the middle, a far row that fills the upper third.",
                from(DEPTH),
            ),
        ],
    ),
    (
        Section::Camera,
        &[(
            "Trucks right, slow and even, over the first 3.0 s, then holds still for 1.2 s. Steady, no shake.",
            from(CAMERA),
        )],
    ),
    (
        Section::Style,
        &[
            ("The low, warm light of dusk;", PROMPT),
            (" naturalistic.", INFERRED),
        ],
    ),
    (
        Section::Action,
        &[
            (
                "She walks left to right at about 110 steps a minute, arms swinging;",
                from(POSE),
            ),
            (" the dog keeps pace.", INFERRED),
        ],
    ),
];

pub fn condition(id: ConditionId, kind: ConditionKind, name: &str) -> Condition {
    Condition {
        id,
        kind,
        name: name.to_owned(),
        note: String::new(),
        media: Media {
            path: format!("media/{name}"),
            storage: Storage::Copied,
            hash: ContentHash::default(),
            bytes: 1,
            sequence: false,
        },
        region: None,
        offset_s: 0.0,
        place: Place::default(),
        options: ReadOptions::default(),
        corrections: Vec::new(),
    }
}

pub fn shot() -> Shot {
    Shot {
        id: ShotId(1),
        name: "Shot 1".to_owned(),
        prompt: "A woman in a red coat walks her dog past market stalls at dusk".to_owned(),
        duration_s: Some(4.2),
        aspect: decoupage_shot::Aspect::default(),
        conditions: vec![
            condition(IDENTITY, ConditionKind::Identity, "Mara"),
            condition(CAMERA, ConditionKind::Camera, "truck"),
            condition(POSE, ConditionKind::Pose, "walk"),
            condition(DEPTH, ConditionKind::Depth, "stalls"),
        ],
        bindings: Vec::new(),
        takes: Vec::new(),
        current_take: None,
        generator: "plain".to_owned(),
    }
}

pub fn take() -> Take {
    let mut caption = Caption::default();
    let mut origins = Origins::default();
    for (section, pieces) in SECTIONS {
        let mut at = 0;
        let mut spans = Vec::new();
        for (text, (origin, condition)) in pieces {
            let end = at + text.chars().count() as u32;
            spans.push(OriginSpan {
                start: at,
                end,
                origin: *origin,
                condition: *condition,
            });
            at = end;
            caption.get_mut(section).push_str(text);
        }
        origins.0.insert(section, spans);
    }
    Take {
        id: TakeId(9),
        name: "Take 1".to_owned(),
        engine: Engine::Measured,
        model: None,
        seed: 0,
        parent: None,
        created_ms: 0,
        prompt: shot().prompt,
        trace: Trace {
            intent: "A walk past market stalls.".to_owned(),
            conditions: vec![TraceNote {
                condition: Some(CAMERA),
                text: "The path trucks right.".to_owned(),
            }],
            ..Trace::default()
        },
        caption,
        origins,
        locked: Default::default(),
    }
}

/// A take whose sections are these words, without origins.
#[allow(dead_code, reason = "each test binary uses its own part of the sample")]
pub fn take_of(words: &[(Section, &str)]) -> Take {
    let mut take = take();
    take.caption = Caption::default();
    take.origins = Origins::default();
    for (section, text) in words {
        *take.caption.get_mut(*section) = (*text).to_owned();
    }
    take
}
