//! What moves in a path, as curves to plot under a playhead.

use crate::outline::Curve;

use super::signals::{DOWN, FORWARD, PAN, RIGHT, ROLL, Signals, TILT, ZOOM};

/// The most samples of a curve that a reading keeps.
const MOST: usize = 200;

/// Channel, name, whether its sign is turned (up is positive to a filmmaker), and the least
/// change that is worth a curve.
const CHANNELS: [(usize, &str, f64, f64); 7] = [
    (PAN, "Pan", 1.0, 1.0),
    (TILT, "Tilt", 1.0, 1.0),
    (ROLL, "Roll", 1.0, 1.0),
    (FORWARD, "Dolly", 1.0, 0.02),
    (RIGHT, "Truck", 1.0, 0.02),
    (DOWN, "Pedestal", -1.0, 0.02),
    (ZOOM, "Focal length", 1.0, 0.01),
];

/// The curves of a path's places, each with its begin in seconds: degrees for turning, metres
/// or shares of the path's extent for travel, factors for the focal length. Each place counts
/// from its own first frame.
pub(super) fn of<'a>(
    places: impl Iterator<Item = (f64, &'a Signals)> + Clone,
    metric: bool,
) -> Vec<Curve> {
    let samples: usize = places.clone().map(|(_, signals)| signals.len()).sum();
    let every = samples.div_ceil(MOST).max(1);
    CHANNELS
        .into_iter()
        .filter_map(|(channel, name, sign, least)| {
            let mut curve: Vec<(f64, f64)> = Vec::new();
            let mut range: f64 = 0.0;
            for (start_s, signals) in places.clone() {
                let values = &signals.smooth[channel];
                let last = values.len().saturating_sub(1);
                for (index, value) in values.iter().enumerate() {
                    range = range.max(value.abs());
                    if index % every != 0 && index != last {
                        continue;
                    }
                    let value = match channel {
                        ZOOM => value.exp(),
                        RIGHT..=FORWARD if metric => value * sign * signals.extent,
                        _ => value * sign,
                    };
                    curve.push((rounded(start_s + index as f64 * signals.dt), rounded(value)));
                }
            }
            let unit = match channel {
                ZOOM => "factor",
                RIGHT..=FORWARD if metric => "m",
                RIGHT..=FORWARD => "share",
                _ => "deg",
            };
            (range >= least)
                .then(|| Curve::new(name, unit, &curve))
                .flatten()
        })
        .collect()
}

/// Three decimals, and no minus before a zero.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0 + 0.0
}
