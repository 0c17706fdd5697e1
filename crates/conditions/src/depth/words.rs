//! A depth reading in sentences.

use decoupage_shot::Polarity;

use super::movers::Mover;
use super::{Band, DepthLayer, DepthReading};
use crate::camera::MoveKind;
use crate::reading::{Evidence, Statement};

/// The sentences a reading supports.
pub fn statements(reading: &DepthReading, movers: &[Mover]) -> Vec<Statement> {
    let mut statements = Vec::new();
    // Which layer is near hangs on the polarity.
    let sure = 0.35 + 0.6 * reading.polarity_confidence;
    if let Some(text) = layers(&reading.layers) {
        let near = reading.layers.first().map_or(0.0, |layer| layer.share);
        statements.push(Statement::new(
            text,
            Evidence::measured("share of the nearest layer", near, "share"),
            sure,
        ));
    }
    for mover in movers {
        let region = &mover.region;
        statements.push(
            Statement::new(
                moving(mover),
                Evidence::measured(
                    "shift across the frame",
                    region.dx.hypot(region.dy),
                    "share of the frame",
                ),
                region.confidence,
            )
            .during(region.span.start_s, region.span.end_s),
        );
    }
    if let Some(motion) = &reading.camera_motion
        && let Some(text) = camera(motion.kind)
    {
        statements.push(Statement::new(
            text,
            Evidence::measured("confidence of parallax", motion.confidence, "share"),
            motion.confidence,
        ));
    }
    if reading.polarity_confidence < 0.65 {
        let text = match reading.polarity {
            Polarity::NearBright => "Bright is taken as near; the picture does not make it sure.",
            Polarity::NearDark => "Dark is taken as near; the picture does not make it sure.",
        };
        statements.push(Statement::new(
            text,
            Evidence::measured("polarity", reading.polarity_confidence, "share"),
            reading.polarity_confidence,
        ));
    }
    statements
}

fn layers(layers: &[DepthLayer]) -> Option<String> {
    let called = |band: Band| match band {
        Band::Near => "a near layer",
        Band::Mid => "a middle ground",
        Band::Far => "a far layer",
    };
    let one = |layer: &DepthLayer| {
        let fills = ["the ", "most ", "almost "]
            .iter()
            .any(|start| layer.place.starts_with(start));
        let joint = if fills { " that fills " } else { " " };
        format!("{}{joint}{}", called(layer.band), layer.place)
    };
    match layers {
        [] => None,
        [_] => Some("Everything lies at about one depth.".to_owned()),
        [near, far] => Some(format!("Two depths: {}; {}.", one(near), one(far))),
        [near, mid, far, ..] => {
            let (near, mid, far) = (one(near), one(mid), one(far));
            Some(format!("Three depths: {near}; {mid}; {far}."))
        }
    }
}

fn moving(mover: &Mover) -> String {
    let region = &mover.region;
    let band = match region.band {
        Band::Near => "Something near",
        Band::Mid => "Something in the middle ground",
        Band::Far => "Something far",
    };
    let mut ways = Vec::new();
    if region.dx.abs() > 0.025 && region.dx.abs() > region.dy.abs() * 0.4 {
        ways.push(if region.dx < 0.0 {
            "to the left"
        } else {
            "to the right"
        });
    }
    if region.dy.abs() > 0.025 && region.dy.abs() > region.dx.abs() * 0.4 {
        ways.push(if region.dy < 0.0 { "up" } else { "down" });
    }
    let way = match (ways.as_slice(), mover.growth) {
        ([], growth) if growth > 1.25 => "moves and grows in the frame".to_owned(),
        ([], growth) if growth < 0.8 => "moves and shrinks in the frame".to_owned(),
        ([], _) => "moves in its place".to_owned(),
        (ways, _) => format!("moves {}", ways.join(" and ")),
    };
    let leaves = if mover.leaves {
        " and out of the frame"
    } else {
        ""
    };
    format!("{band}, {}, {way}{leaves}.", mover.place)
}

fn camera(kind: MoveKind) -> Option<&'static str> {
    Some(match kind {
        MoveKind::Static => "The depths show a camera that holds still.",
        MoveKind::DollyIn => {
            "Near things spread outwards more than far ones: the camera dollies in."
        }
        MoveKind::DollyOut => "Near things close in more than far ones: the camera dollies out.",
        MoveKind::TruckLeft => "Near things slide right past far ones: the camera trucks left.",
        MoveKind::TruckRight => "Near things slide left past far ones: the camera trucks right.",
        MoveKind::PedestalUp => "Near things sink past far ones: the camera rises.",
        MoveKind::PedestalDown => "Near things rise past far ones: the camera sinks.",
        MoveKind::Complex => "The depths show a camera that moves in several ways at once.",
        _ => return None,
    })
}
