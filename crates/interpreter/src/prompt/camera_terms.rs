//! Camera moves in words: "slow push in", "the camera trucks left", "tracking shot".

use decoupage_conditions::camera::MoveKind::{self, *};

use super::token::{Kind, Token};

/// A move found in a run of tokens.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FoundMove {
    /// First token.
    pub start: usize,
    /// One past the last token.
    pub end: usize,
    /// The moves of a path that fulfil it.
    pub kinds: Vec<MoveKind>,
    /// How to say it of the camera: "pushes in slowly".
    pub says: String,
}

/// Third-person form and family of a camera verb, and whether it can also be a noun.
fn family(word: &str) -> Option<(&'static str, &'static str, bool)> {
    Some(match word {
        "push" | "pushes" | "pushing" | "push-in" => ("push", "pushes", true),
        "dolly" | "dollies" | "dollying" | "dolly-in" => ("dolly", "dollies", true),
        "pull" | "pulls" | "pulling" | "pull-back" | "pullback" | "pull-out" => {
            ("pull", "pulls", true)
        }
        "zoom" | "zooms" | "zooming" | "zoom-in" | "zoom-out" => ("zoom", "zooms", true),
        "pan" | "pans" | "panning" => ("pan", "pans", true),
        "tilt" | "tilts" | "tilting" => ("tilt", "tilts", true),
        "truck" | "trucks" | "trucking" => ("truck", "trucks", true),
        "track" | "tracks" | "tracking" => ("track", "tracks", true),
        "crane" | "cranes" | "craning" => ("crane", "cranes", true),
        "boom" | "booms" | "booming" | "jib" | "jibs" => ("crane", "booms", true),
        "pedestal" | "pedestals" => ("pedestal", "pedestals", true),
        "orbit" | "orbits" | "orbiting" => ("arc", "orbits", true),
        "arc" | "arcs" | "arcing" => ("arc", "arcs", true),
        "circle" | "circles" | "circling" => ("arc", "circles", false),
        "revolve" | "revolves" | "revolving" => ("arc", "revolves", false),
        "roll" | "rolls" | "rolling" => ("roll", "rolls", false),
        "follow" | "follows" | "following" => ("follow", "follows", false),
        "move" | "moves" | "moving" => ("move", "moves", false),
        "glide" | "glides" | "gliding" => ("move", "glides", false),
        "drift" | "drifts" | "drifting" => ("move", "drifts", false),
        "slide" | "slides" | "sliding" => ("move", "slides", false),
        "creep" | "creeps" | "creeping" => ("move", "creeps", false),
        "travel" | "travels" | "travelling" | "traveling" => ("move", "travels", false),
        "fly" | "flies" | "flying" => ("move", "flies", false),
        "swoop" | "swoops" | "swooping" => ("move", "swoops", false),
        "rise" | "rises" | "rising" => ("rise", "rises", false),
        "ascend" | "ascends" | "ascending" => ("rise", "ascends", false),
        "descend" | "descends" | "descending" => ("sink", "descends", false),
        "lower" | "lowers" | "lowering" => ("sink", "lowers", false),
        "whip-pan" | "whip-pans" => ("pan", "whip-pans", true),
        _ => return None,
    })
}

fn direction(word: &str) -> Option<&'static str> {
    Some(match word {
        "left" | "leftward" | "leftwards" => "left",
        "right" | "rightward" | "rightwards" => "right",
        "up" | "upward" | "upwards" => "up",
        "down" | "downward" | "downwards" => "down",
        "in" | "forward" | "forwards" | "closer" | "toward" | "towards" | "into" => "in",
        "out" | "back" | "backward" | "backwards" | "away" => "out",
        "clockwise" => "clockwise",
        "counterclockwise" | "counter-clockwise" | "anticlockwise" | "anti-clockwise" => {
            "anticlockwise"
        }
        _ => return None,
    })
}

fn kinds(family: &str, direction: Option<&str>) -> Vec<MoveKind> {
    match (family, direction) {
        ("push", _) => vec![DollyIn],
        ("pull", _) => vec![DollyOut],
        ("pan", Some("left")) => vec![PanLeft],
        ("pan", Some("right")) => vec![PanRight],
        ("pan", None) => vec![PanLeft, PanRight],
        ("pan" | "tilt", Some("up")) => vec![TiltUp],
        ("pan" | "tilt", Some("down")) => vec![TiltDown],
        ("tilt", _) => vec![TiltUp, TiltDown],
        ("zoom", Some("in")) => vec![ZoomIn],
        ("zoom", Some("out")) => vec![ZoomOut],
        ("zoom", _) => vec![ZoomIn, ZoomOut],
        ("arc", Some("clockwise")) => vec![ArcCw],
        ("arc", Some("anticlockwise")) => vec![ArcCcw],
        ("arc", _) => vec![ArcCw, ArcCcw],
        ("roll", Some("clockwise" | "right")) => vec![RollCw],
        ("roll", Some("anticlockwise" | "left")) => vec![RollCcw],
        ("roll", _) => vec![RollCw, RollCcw],
        ("truck" | "track" | "move" | "dolly" | "pedestal" | "crane", Some("left")) => {
            vec![TruckLeft]
        }
        ("truck" | "track" | "move" | "dolly" | "pedestal" | "crane", Some("right")) => {
            vec![TruckRight]
        }
        ("crane" | "pedestal" | "rise" | "move" | "dolly", Some("up")) | ("rise", _) => {
            vec![PedestalUp, CraneUp]
        }
        ("crane" | "pedestal" | "sink" | "move" | "dolly", Some("down")) | ("sink", _) => {
            vec![PedestalDown, CraneDown]
        }
        ("crane" | "pedestal", _) => vec![PedestalUp, CraneUp, PedestalDown, CraneDown],
        ("truck", _) => vec![TruckLeft, TruckRight],
        ("dolly" | "move" | "track", Some("in")) => vec![DollyIn],
        ("dolly" | "move" | "track", Some("out")) => vec![DollyOut],
        ("dolly", _) => vec![DollyIn, DollyOut],
        _ => vec![
            TruckLeft,
            TruckRight,
            DollyIn,
            DollyOut,
            ArcCw,
            ArcCcw,
            PedestalUp,
            PedestalDown,
            PanLeft,
            PanRight,
        ],
    }
}

/// Adjectives of speed as adverbs.
fn manner(word: &str) -> Option<&'static str> {
    Some(match word {
        "slow" | "slowly" => "slowly",
        "gentle" | "gently" => "gently",
        "smooth" | "smoothly" => "smoothly",
        "fast" => "fast",
        "quick" | "quickly" => "quickly",
        "rapid" | "rapidly" => "rapidly",
        "subtle" | "subtly" => "subtly",
        "slight" | "slightly" => "slightly",
        "steady" | "steadily" => "steadily",
        "gradual" | "gradually" => "gradually",
        "sweeping" => "in a sweep",
        _ => return None,
    })
}

/// Finds a camera move that begins at `at`. With `of_camera`, the camera is known to be the
/// subject, and everyday verbs ("follows", "rises") count too.
pub(crate) fn move_at(tokens: &[Token], at: usize, of_camera: bool) -> Option<FoundMove> {
    let lower = |i: usize| {
        tokens
            .get(i)
            .filter(|t| t.kind == Kind::Word)
            .map_or("", |t| t.lower.as_str())
    };
    let mut i = at;
    let mut adverbs: Vec<&'static str> = Vec::new();
    let mut article = false;
    loop {
        match lower(i) {
            "a" | "an" | "the" if i == at => article = true,
            "camera" if i > at && !of_camera => {}
            "very" | "long" | "continuous" | "single" | "dolly"
                if i > at && family(lower(i + 1)).is_some() => {}
            word => match manner(word) {
                Some(adverb) => adverbs.push(adverb),
                None => break,
            },
        }
        i += 1;
    }
    // Compound names first.
    if lower(i) == "dolly" && lower(i + 1) == "zoom" || lower(i) == "vertigo" {
        let mut end = i + if lower(i) == "vertigo" { 1 } else { 2 };
        let way = direction(lower(end));
        end += usize::from(way.is_some() || lower(end) == "effect");
        let (kinds, says) = match way {
            Some("out") => (vec![DollyZoomOut], "dolly-zooms out"),
            Some("in") => (vec![DollyZoomIn], "dolly-zooms in"),
            _ => (vec![DollyZoomIn, DollyZoomOut], "dolly-zooms"),
        };
        return Some(FoundMove {
            start: at,
            end,
            kinds,
            says: with_adverbs(says, &adverbs),
        });
    }
    let whip = lower(i) == "whip" && lower(i + 1).starts_with("pan");
    i += usize::from(whip);
    let word = lower(i);
    let (family, third, noun) = family(word)?;
    let mut end = i + 1;
    // "push-in" and "pull-back" carry their direction.
    let mut way = word.split_once('-').and_then(|(_, tail)| direction(tail));
    if matches!(word, "pullback") {
        way = Some("out");
    }
    let mut said = way.map(ToOwned::to_owned);
    if lower(end) == "shot" || lower(end) == "move" || lower(end) == "movement" {
        end += 1;
    }
    // "pans slowly to the left"
    let mut look = end;
    if let Some(adverb) = manner(lower(look))
        && (direction(lower(look + 1)).is_some() || of_camera)
    {
        adverbs.push(adverb);
        look += 1;
        end = look;
    }
    let to_the = (matches!(lower(look), "to" | "from") && lower(look + 1) == "the")
        && direction(lower(look + 2)).is_some();
    if to_the {
        look += 2;
    }
    if way.is_none()
        && let Some(found) = direction(lower(look))
    {
        let word = lower(look);
        if lower(look - usize::from(to_the) * 2) == "from" {
            // "from the left" names where it starts.
            way = Some(if found == "left" { "right" } else { "left" });
            said = Some(format!("from the {word}"));
            end = look + 1;
        } else {
            way = Some(found);
            // "towards her face": the preposition belongs to what follows.
            if !matches!(word, "toward" | "towards" | "into") {
                said = Some(if to_the {
                    format!("to the {word}")
                } else {
                    word.to_owned()
                });
                end = look + 1;
            }
        }
    }
    let bare = way.is_none();
    // "left to right", "from left to right"
    if lower(end) == "to" && matches!(lower(end + 1), "left" | "right") {
        way = direction(lower(end + 1));
        said = Some(format!("from {} to {}", lower(end - 1), lower(end + 1)));
        end += 2;
    } else if lower(end) == "from" && lower(end + 2) == "to" && direction(lower(end + 3)).is_some()
    {
        way = direction(lower(end + 3));
        said = Some(format!("from {} to {}", lower(end + 1), lower(end + 3)));
        end += 4;
    }
    if lower(end) == "shot" || lower(end) == "move" || lower(end) == "movement" {
        end += 1;
    }
    if !of_camera {
        // Everyday verbs and bare nouns need more to be camera terms.
        let following_shot = word == "following" && lower(end - 1) == "shot";
        if !(noun || following_shot) {
            return None;
        }
        let shot = matches!(lower(end - 1), "shot" | "move" | "movement");
        if bare && way.is_none() && !shot && !whip && adverbs.is_empty() {
            let alone = lower(end).is_empty()
                || matches!(
                    lower(end),
                    "around" | "across" | "over" | "through" | "with" | "of" | "on" | "as"
                );
            if article
                || !alone
                || !matches!(
                    family,
                    "pan" | "tilt" | "zoom" | "track" | "arc" | "dolly" | "crane"
                )
            {
                return None;
            }
        }
    }
    let third = if whip { "whip-pans" } else { third };
    let mut says = third.to_owned();
    if let Some(said) = said {
        says.push(' ');
        says.push_str(&said);
    }
    Some(FoundMove {
        start: at,
        end,
        kinds: kinds(family, way),
        says: with_adverbs(&says, &adverbs),
    })
}

fn with_adverbs(says: &str, adverbs: &[&str]) -> String {
    let mut says = says.to_owned();
    for adverb in adverbs {
        says.push(' ');
        says.push_str(adverb);
    }
    says
}
