//! Shots and readings made by hand.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::collections::BTreeMap;

use decoupage_conditions::Reading;
use decoupage_conditions::audio::AudioReading;
use decoupage_conditions::camera::*;
use decoupage_conditions::clip::ClipReading;
use decoupage_conditions::depth::*;
use decoupage_conditions::frame::FrameReading;
use decoupage_conditions::identity::*;
use decoupage_conditions::plain::PlainReading;
use decoupage_conditions::pose::*;
use decoupage_conditions::reading::{Evidence, Statement, TimeSpan};
use decoupage_conditions::segmentation::SegmentationReading;
use decoupage_conditions::sketch::SketchReading;
use decoupage_conditions::style::StyleReading;
use decoupage_shot::*;

/// A shot with its readings.
#[derive(Clone)]
pub struct Case {
    pub shot: Shot,
    pub readings: BTreeMap<ConditionId, Reading>,
}

/// Short enough to read when a property fails.
impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kinds: Vec<_> = self
            .shot
            .conditions
            .iter()
            .map(|c| (c.kind, c.name.as_str(), self.readings.contains_key(&c.id)))
            .collect();
        write!(f, "{:?} with {kinds:?}", self.shot.prompt)
    }
}

pub fn case(prompt: &str) -> Case {
    Case {
        shot: Shot {
            id: ShotId(1),
            name: "Shot 1".into(),
            prompt: prompt.into(),
            duration_s: None,
            aspect: Aspect::default(),
            conditions: Vec::new(),
            bindings: Vec::new(),
            takes: Vec::new(),
            current_take: None,
            generator: "plain".into(),
        },
        readings: BTreeMap::new(),
    }
}

impl Case {
    pub fn lasting(mut self, seconds: f64) -> Self {
        self.shot.duration_s = Some(seconds);
        self
    }

    fn add(mut self, kind: ConditionKind, name: &str, note: &str) -> (Self, ConditionId) {
        let id = ConditionId(10 + self.shot.conditions.len() as u64);
        self.shot.conditions.push(Condition {
            id,
            kind,
            name: name.into(),
            note: note.into(),
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
        });
        (self, id)
    }

    pub fn with(self, kind: ConditionKind, name: &str, note: &str, reading: Reading) -> Self {
        let (mut case, id) = self.add(kind, name, note);
        case.readings.insert(id, reading);
        case
    }

    pub fn unread(self, kind: ConditionKind, name: &str) -> Self {
        self.add(kind, name, "").0
    }

    pub fn identity(self, name: &str, note: &str, reading: IdentityReading) -> Self {
        self.with(
            ConditionKind::Identity,
            name,
            note,
            Reading::Identity(reading),
        )
    }

    pub fn pose(self, people: Vec<Person>, seconds: f64) -> Self {
        let reading = PoseReading {
            frames: 100,
            duration_s: seconds,
            times_assumed: false,
            format: "openpose_body25".into(),
            swapped_colours: false,
            canvas: None,
            people,
            statements: Vec::new(),
        };
        self.with(ConditionKind::Pose, "pose_0001", "", Reading::Pose(reading))
    }

    /// Makes the seconds of every pose so far only assumed.
    pub fn untimed(mut self) -> Self {
        for reading in self.readings.values_mut() {
            if let Reading::Pose(pose) = reading {
                pose.times_assumed = true;
            }
        }
        self
    }

    pub fn camera(self, moves: Vec<Move>, seconds: f64, steadiness: Steadiness) -> Self {
        self.camera_from(moves, seconds, steadiness, false)
    }

    pub fn camera_from(
        self,
        moves: Vec<Move>,
        seconds: f64,
        steadiness: Steadiness,
        assumed: bool,
    ) -> Self {
        let reading = CameraReading {
            frames: 100,
            duration_s: seconds,
            times_assumed: assumed,
            format: "realestate10k".into(),
            convention: "opencv_w2c".into(),
            cameras: Vec::new(),
            metric: false,
            moves,
            steadiness,
            statements: Vec::new(),
        };
        self.with(ConditionKind::Camera, "path", "", Reading::Camera(reading))
    }

    pub fn depth(
        self,
        layers: Vec<DepthLayer>,
        motion: Option<MoveKind>,
        moving: Vec<MovingRegion>,
    ) -> Self {
        let reading = DepthReading {
            frames: 100,
            duration_s: 4.2,
            times_assumed: false,
            polarity: Polarity::NearBright,
            polarity_confidence: 0.9,
            colormap: Colormap::Grey,
            layout: DepthLayout::Plain,
            layers,
            moving_regions: moving,
            camera_motion: motion.map(|kind| DepthMotion {
                kind,
                confidence: 0.8,
            }),
            statements: Vec::new(),
        };
        self.with(ConditionKind::Depth, "depth", "", Reading::Depth(reading))
    }

    pub fn plain(
        self,
        kind: ConditionKind,
        colours: &[(&str, &str, f64)],
        light: Option<Light>,
        seconds: Option<f64>,
    ) -> Self {
        let reading = PlainReading {
            role: kind,
            width: light.map(|_| 1280),
            height: light.map(|_| 720),
            duration_s: seconds,
            has_audio: kind == ConditionKind::Audio,
            palette: palette(colours),
            light,
            embedded_prompt: None,
            statements: Vec::new(),
        };
        let reading = match kind {
            ConditionKind::Style => Reading::Style(StyleReading { plain: reading }),
            ConditionKind::Segmentation => {
                Reading::Segmentation(SegmentationReading { plain: reading })
            }
            ConditionKind::Sketch => Reading::Sketch(SketchReading { plain: reading }),
            ConditionKind::ReferenceVideo => {
                Reading::ReferenceVideo(ClipReading { plain: reading })
            }
            ConditionKind::Audio => Reading::Audio(AudioReading { plain: reading }),
            _ => Reading::Frame(FrameReading { plain: reading }),
        };
        self.with(kind, "ref_1", "", reading)
    }

    pub fn bind(
        mut self,
        kind: BindingKind,
        from: u64,
        person: Option<u32>,
        to: Option<u64>,
    ) -> Self {
        self.shot.bindings.push(Binding {
            kind,
            from: ConditionId(from),
            person,
            to: to.map(ConditionId),
        });
        self
    }
}

pub fn palette(colours: &[(&str, &str, f64)]) -> Vec<Swatch> {
    colours
        .iter()
        .map(|(name, hex, share)| Swatch {
            name: (*name).into(),
            hex: (*hex).into(),
            share: *share,
        })
        .collect()
}

pub fn light(key: LightKey, warmth: f64, saturation: f64) -> Light {
    Light {
        key,
        brightness: 0.5,
        contrast: 0.6,
        warmth,
        saturation,
    }
}

/// A portrait on a plain ground.
pub fn portrait(colours: &[(&str, &str, f64)], ground: (&str, &str)) -> IdentityReading {
    IdentityReading {
        width: 600,
        height: 900,
        palette: palette(colours),
        framing: SubjectFraming {
            subject: Some(Region {
                x: 0.2,
                y: 0.1,
                width: 0.6,
                height: 0.9,
            }),
            cut_at_bottom: true,
            orientation: Orientation::Portrait,
        },
        background: Background {
            kind: BackgroundKind::Plain,
            colour: palette(&[(ground.0, ground.1, 1.0)]).pop(),
        },
        light: light(LightKey::Middle, 0.0, 0.2),
        embedded_prompt: None,
        statements: Vec::new(),
    }
}

/// A picture taken in some place.
pub fn scene(colours: &[(&str, &str, f64)], key: LightKey) -> IdentityReading {
    let mut reading = portrait(colours, ("grey", "#808080"));
    reading.framing.subject = None;
    reading.framing.cut_at_bottom = false;
    reading.background = Background {
        kind: BackgroundKind::Scene,
        colour: None,
    };
    reading.light = light(key, 0.1, 0.3);
    reading
}

pub fn mv(
    kind: MoveKind,
    start_s: f64,
    end_s: f64,
    amount: f64,
    unit: MoveUnit,
    speed: Speed,
) -> Move {
    Move {
        kind,
        start_s,
        end_s,
        amount,
        unit,
        speed,
        amplitude: Amplitude::Medium,
    }
}

pub fn act(action: ActionKind, start_s: f64, end_s: f64) -> PersonAction {
    PersonAction::new(action, start_s, end_s, 0.9)
}

pub fn person(
    id: u32,
    x: f64,
    across: Across,
    cadence: Option<f64>,
    actions: Vec<PersonAction>,
) -> Person {
    let end = actions.iter().map(|a| a.end_s).fold(0.0, f64::max);
    Person {
        id,
        present: TimeSpan {
            start_s: 0.0,
            end_s: end,
        },
        actions,
        facing: match across {
            Across::LeftToRight => Facing::Right,
            Across::RightToLeft => Facing::Left,
            Across::None => Facing::Camera,
        },
        position: Position {
            x,
            y: 0.5,
            height: 0.7,
            framing: BodyFraming::FullFigure,
        },
        travel: Travel {
            across,
            across_share: if across == Across::None { 0.0 } else { 0.5 },
            depth: Approach::None,
            size_ratio: 1.0,
        },
        cadence,
        name: None,
        facings: Vec::new(),
        enters: None,
        leaves: None,
        in_place: None,
        mean_x: x,
        path: Vec::new(),
        hips: Vec::new(),
        statements: Vec::new(),
    }
}

pub fn layer(band: Band, share: f64, place: &str) -> DepthLayer {
    DepthLayer {
        band,
        share,
        place: place.into(),
        bounds: Region {
            x: 0.0,
            y: 0.0,
            width: 1.0,
            height: share,
        },
    }
}

pub fn three_layers() -> Vec<DepthLayer> {
    vec![
        layer(Band::Near, 0.1, "along the bottom of the frame"),
        layer(Band::Mid, 0.5, "across the middle of the frame"),
        layer(Band::Far, 0.35, "the upper third"),
    ]
}

pub fn moving(dx: f64, band: Band) -> MovingRegion {
    MovingRegion {
        bounds: Region {
            x: 0.2,
            y: 0.2,
            width: 0.5,
            height: 0.5,
        },
        band,
        span: TimeSpan {
            start_s: 0.0,
            end_s: 4.0,
        },
        dx,
        dy: 0.0,
        confidence: 0.8,
    }
}

/// The market shot with the sentences that its readings have when they are measured.
pub fn market_with_sentences() -> Case {
    let mut case =
        case("A woman in a red coat walks her dog past market stalls at dusk, static camera")
            .identity(
                "Mara",
                "thirty, short black hair",
                portrait(
                    &[("deep red", "#7a1018", 0.55), ("black", "#101010", 0.3)],
                    ("grey", "#8c8c8c"),
                ),
            )
            .pose(
                vec![person(
                    1,
                    0.5,
                    Across::LeftToRight,
                    Some(111.0),
                    vec![act(ActionKind::Walking, 0.0, 4.2)],
                )],
                4.2,
            )
            .camera(
                vec![
                    mv(
                        MoveKind::TruckRight,
                        0.0,
                        3.0,
                        0.9,
                        MoveUnit::Share,
                        Speed::Slow,
                    ),
                    mv(MoveKind::Static, 3.0, 4.2, 1.2, MoveUnit::S, Speed::Slow),
                ],
                4.2,
                Steadiness::Steady,
            )
            .depth(
                three_layers(),
                Some(MoveKind::TruckRight),
                vec![moving(0.5, Band::Mid)],
            )
            .bind(BindingKind::PerformedBy, 11, None, Some(10))
            .bind(BindingKind::ShotCamera, 12, None, None);
    let measured =
        |text: &str, sure| Statement::new(text, Evidence::measured("x", 1.0, "share"), sure);
    for reading in case.readings.values_mut() {
        match reading {
            Reading::Identity(r) => {
                r.statements = vec![
                    measured(
                        "The subject fills most of the picture and is cut off at its lower edge.",
                        0.9,
                    ),
                    measured(
                        "The subject's main colours are deep red and black, on a plain grey ground.",
                        0.9,
                    ),
                    measured("The light is even and middle-key.", 0.8),
                ];
            }
            Reading::Pose(r) => {
                r.statements = vec![measured("One figure is seen in full figure.", 0.95)];
                r.people[0].statements = vec![
                    measured(
                        "The figure walks from left to right at about 110 steps a minute.",
                        0.9,
                    ),
                    measured("The figure swings its arms.", 0.6),
                    measured("The figure faces the right of the frame.", 0.75),
                ];
            }
            Reading::Depth(r) => {
                r.statements = vec![
                    measured(
                        "Three depths: a near layer along the bottom of the frame; a middle ground across the middle of the frame; a far layer that fills the upper third.",
                        0.89,
                    ),
                    measured(
                        "Something in the middle ground, left of centre, moves to the right.",
                        0.8,
                    )
                    .during(0.4, 3.1),
                    measured(
                        "Near things slide left past far ones: the camera trucks right.",
                        0.4,
                    ),
                ];
            }
            _ => {}
        }
    }
    case
}
