//! Depth readings against rendered scenes with known depth, camera and people.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::path::Path;

use decoupage_conditions::camera::MoveKind;
use decoupage_conditions::depth::{self, Band, Colormap, DepthLayout, DepthReading};
use decoupage_shot::{Polarity, ReadOptions, Silent};
use decoupage_stage::cases::{DepthCase, DepthForm, depth_cases};
use decoupage_stage::depth_files::DepthLook;

fn read(case: &DepthCase, form: DepthForm, folder: &Path) -> DepthReading {
    let path = case.write(form, folder).unwrap();
    let options = ReadOptions {
        fps: matches!(form, DepthForm::Frames(_) | DepthForm::Metric).then_some(case.fps),
        ..ReadOptions::default()
    };
    depth::read(&path, &options, &Silent)
        .unwrap_or_else(|fault| panic!("{} as {form:?}: {fault}", case.name))
}

fn case(name: &str) -> DepthCase {
    depth_cases(1)
        .into_iter()
        .find(|case| case.name == name)
        .unwrap_or_else(|| panic!("there is a case {name}"))
}

#[test]
fn polarity_colormap_and_layout_are_told_for_every_look() {
    let folder = tempfile::tempdir().unwrap();
    let mut faults = Vec::new();
    for name in ["yard_static", "market_static", "yard_truck_right_walker"] {
        let case = case(name);
        for look in DepthLook::ALL {
            let forms = [
                DepthForm::Clip(look),
                DepthForm::Frames(look),
                DepthForm::SideBySide(look),
            ];
            // One scene in every form will do.
            let many = if name == "yard_static" { 3 } else { 1 };
            for form in forms.into_iter().take(many) {
                let reading = read(&case, form, folder.path());
                let colormap = match look {
                    DepthLook::NearBright | DepthLook::NearDark | DepthLook::InverseNearDark => {
                        Colormap::Grey
                    }
                    DepthLook::Inferno => Colormap::Inferno,
                    DepthLook::SpectralReversed => Colormap::SpectralReversed,
                    DepthLook::Turbo => Colormap::Turbo,
                    DepthLook::Viridis => Colormap::Viridis,
                    DepthLook::Magma => Colormap::Magma,
                    DepthLook::Plasma => Colormap::Plasma,
                    DepthLook::Jet => Colormap::Jet,
                };
                let polarity = if look.is_near_dark() {
                    Polarity::NearDark
                } else {
                    Polarity::NearBright
                };
                let layout = if matches!(form, DepthForm::SideBySide(_)) {
                    DepthLayout::SideBySide
                } else {
                    DepthLayout::Plain
                };
                let got = (reading.colormap, reading.polarity, reading.layout);
                if got != (colormap, polarity, layout) {
                    faults.push(format!("{name} as {form:?}: {got:?}"));
                }
            }
        }
    }
    assert!(
        faults.is_empty(),
        "{} wrong:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

#[test]
fn metric_frames_are_near_dark() {
    let folder = tempfile::tempdir().unwrap();
    let reading = read(&case("yard_static"), DepthForm::Metric, folder.path());
    assert_eq!(reading.polarity, Polarity::NearDark);
    assert_eq!(reading.colormap, Colormap::Grey);
    assert_eq!(reading.frames, 24);
    assert!((reading.duration_s - 2.0).abs() < 0.05);
}

#[test]
fn the_camera_is_felt_as_far_as_depth_shows_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut faults = Vec::new();
    for seed in [1, 2] {
        for case in depth_cases(seed) {
            let want = match case.truth[0].kind.key() {
                _ if case.truth.len() > 1 => continue,
                "static" => MoveKind::Static,
                "truck_right" => MoveKind::TruckRight,
                "truck_left" => MoveKind::TruckLeft,
                "dolly_in" => MoveKind::DollyIn,
                "dolly_out" => MoveKind::DollyOut,
                "pedestal_up" => MoveKind::PedestalUp,
                other => panic!("{other} is not checked"),
            };
            let folder = folder.path().join(seed.to_string());
            let reading = read(&case, DepthForm::Clip(DepthLook::NearBright), &folder);
            // Saying nothing is no fault; saying the wrong thing is.
            if let Some(motion) = &reading.camera_motion
                && motion.kind != want
            {
                faults.push(format!(
                    "{} (seed {seed}): {:?} at {:.2}",
                    case.name, motion.kind, motion.confidence
                ));
            }
        }
    }
    assert!(
        faults.is_empty(),
        "{} wrong:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

#[test]
fn plain_camera_moves_are_not_all_missed() {
    let folder = tempfile::tempdir().unwrap();
    let told = [
        "market_static",
        "market_truck_right",
        "yard_dolly_in",
        "yard_static",
    ]
    .into_iter()
    .filter(|name| {
        let form = DepthForm::Clip(DepthLook::NearBright);
        let reading = read(&case(name), form, folder.path());
        reading.camera_motion.is_some()
    })
    .count();
    assert!(told >= 2, "{told} of 4");
}

#[test]
fn a_walker_is_seen_moving_and_an_empty_yard_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let form = DepthForm::Clip(DepthLook::NearBright);
    let still = read(&case("yard_static"), form, folder.path());
    assert!(
        still.moving_regions.is_empty(),
        "{:?}",
        still.moving_regions
    );
    // Both from a resting camera and from one that trucks with what stands behind the walker.
    for name in ["yard_static_walker", "yard_truck_right_walker"] {
        let case = case(name);
        let reading = read(&case, form, folder.path());
        let mover = case.movers()[0];
        let left = mover.begin[0].min(mover.end[0]);
        let right = (mover.begin[0] + mover.begin[2]).max(mover.end[0] + mover.end[2]);
        // One region goes right on its own and covers the walker's way. From the trucking camera
        // only its beginning is followed, before the walker is hidden: a known gap.
        let least = if name == "yard_static_walker" {
            0.5
        } else {
            0.1
        };
        let found = reading.moving_regions.iter().any(|region| {
            let bounds = region.bounds;
            let shared = (bounds.x + bounds.width).min(right) - bounds.x.max(left);
            region.own_dx > 0.05 && shared > least * (right - left)
        });
        assert!(found, "{name}: {:?}", reading.moving_regions);
    }
}

#[test]
fn layers_lie_where_the_depth_is() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["market_static", "yard_static"] {
        let case = case(name);
        let map = case.maps().swap_remove(0);
        for look in [
            DepthLook::NearBright,
            DepthLook::Inferno,
            DepthLook::NearDark,
        ] {
            let reading = read(&case, DepthForm::Clip(look), folder.path());
            assert!(reading.layers.len() >= 2, "{name} {look:?}");
            let sum: f64 = reading.layers.iter().map(|layer| layer.share).sum();
            assert!((0.9..=1.01).contains(&sum), "{name} {look:?}: {sum}");
            let bands: Vec<Band> = reading.layers.iter().map(|layer| layer.band).collect();
            assert!(bands.is_sorted(), "{bands:?}");
            // The layer nearest to the camera is below the farthest, as is the ground.
            let middle = |index: usize| {
                let bounds = reading.layers[index].bounds;
                bounds.y + bounds.height / 2.0
            };
            assert!(
                middle(0) > middle(reading.layers.len() - 1),
                "{name} {look:?}: {:?}",
                reading.layers
            );
        }
        assert!(map.at(map.width / 2, map.height - 1) < map.at(map.width / 2, 2));
    }
}

#[test]
fn the_markets_near_edge_runs_along_the_bottom() {
    let folder = tempfile::tempdir().unwrap();
    let form = DepthForm::Clip(DepthLook::NearBright);
    let reading = read(&case("market_truck_right"), form, folder.path());
    let near = &reading.layers[0];
    assert_eq!(near.band, Band::Near);
    assert!(near.bounds.y > 0.5 && near.bounds.width > 0.8, "{near:?}");
    assert!(near.place.contains("bottom"), "{}", near.place);
}
