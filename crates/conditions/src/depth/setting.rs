//! Indoors or outdoors, and the horizon.

use super::ground::{Plane, Planes};
use super::maps::Clip;
use super::{Horizon, Setting, SettingReading};

/// How near to the clip's least nearness counts as sky.
const SKY: f32 = 0.03;

/// What one frame shows of its surroundings.
struct Signs {
    /// Share of the upper rows that lies at no nearness at all.
    sky: f64,
    /// Share of the columns whose top is nearer than what lies below it.
    roof: f64,
    /// Share of the middle rows that get nearer, evenly, towards the left edge.
    left: f64,
    /// And towards the right edge.
    right: f64,
    /// Median share of a middle row between the ends of its walls.
    end: f64,
}

/// Tells the setting; `None` where nothing speaks for either.
pub fn tell(clip: &Clip, grounds: &[Planes]) -> Option<SettingReading> {
    let least = least(clip)?;
    let signs: Vec<Signs> = grounds
        .iter()
        .filter_map(|planes| clip.maps.get(planes.index))
        .map(|map| signs(map, clip.width, clip.height, least))
        .collect();
    if signs.is_empty() {
        return None;
    }
    let median = |of: fn(&Signs) -> f64| {
        let mut values: Vec<f64> = signs.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(0.0)
    };
    let (sky, roof) = (median(|s| s.sky), median(|s| s.roof));
    let (left, right) = (median(|s| s.left), median(|s| s.right));
    let ceiling = grounds
        .iter()
        .filter(|planes| planes.ceiling.is_some())
        .count() as f64
        / grounds.len().max(1) as f64;
    let walls = left.min(right);
    let closed = 2.4 * roof + 1.6 * ceiling + 1.2 * (left + right) - 3.2 * sky - 0.9;
    let inside = 1.0 / (1.0 + (-2.0 * closed).exp());
    let confidence = round(inside.max(1.0 - inside).min(0.97));
    if confidence < 0.6 {
        return None;
    }
    let kind = if inside < 0.5 {
        Setting::Open
    } else if walls > 0.5 && median(|s| s.end) < 0.34 {
        Setting::Corridor
    } else {
        Setting::Interior
    };
    Some(SettingReading { kind, confidence })
}

/// The least nearness of a clip, but for stray values.
fn least(clip: &Clip) -> Option<f32> {
    let mut all: Vec<f32> = clip
        .maps
        .iter()
        .flat_map(|map| map.iter().copied().step_by(11))
        .filter(|value| value.is_finite())
        .collect();
    all.sort_by(f32::total_cmp);
    all.get(all.len() / 100).copied()
}

fn signs(map: &[f32], width: usize, height: usize, least: f32) -> Signs {
    let near = |x: usize, y: usize| {
        let value = map.get(y * width + x).copied().unwrap_or(f32::NAN);
        if value.is_finite() { value } else { least }
    };
    let third = (height / 3).max(1);
    let mut sky = 0_usize;
    for y in 0..third {
        sky += (0..width).filter(|x| near(*x, y) < least + SKY).count();
    }
    let mut roof = 0_usize;
    for x in 0..width {
        // A ceiling falls evenly from the upper edge; a thing that reaches it has steps.
        let rows: Vec<f32> = (0..height / 2).map(|y| near(x, y)).collect();
        roof += usize::from(slopes(&rows));
    }
    let (mut left, mut right, mut rows) = (0_usize, 0_usize, 0_usize);
    let mut ends = Vec::new();
    for y in (height / 4)..(height * 11 / 20).max(height / 4 + 1) {
        let row: Vec<f32> = (0..width).map(|x| near(x, y.min(height - 1))).collect();
        let (start, stop) = row.split_at(width / 2);
        let back: Vec<f32> = stop.iter().rev().copied().collect();
        left += usize::from(slopes(start));
        right += usize::from(slopes(&back));
        rows += 1;
        let walls = (run(start) + run(&back)) as f64;
        ends.push(1.0 - walls / width.max(1) as f64);
    }
    ends.sort_by(f64::total_cmp);
    let rows = rows.max(1) as f64;
    Signs {
        sky: sky as f64 / (third * width).max(1) as f64,
        roof: roof as f64 / width.max(1) as f64,
        left: left as f64 / rows,
        right: right as f64 / rows,
        end: ends.get(ends.len() / 2).copied().unwrap_or(1.0),
    }
}

/// How many values the even fall from the first on lasts.
fn run(values: &[f32]) -> usize {
    let step = (values.len() / 24).max(1);
    let mut misses = 0_usize;
    let mut reached = 0_usize;
    for (number, pair) in values
        .iter()
        .step_by(step)
        .collect::<Vec<_>>()
        .windows(2)
        .enumerate()
    {
        let fall = match pair {
            [one, other] => **one - **other,
            _ => 0.0,
        };
        if (0.002..0.15).contains(&fall) {
            misses = 0;
            reached = (number + 1) * step;
        } else {
            misses += 1;
            if misses > 1 {
                break;
            }
        }
    }
    reached
}

/// Whether values fall evenly from the first on, for a while and by something.
fn slopes(values: &[f32]) -> bool {
    let Some(first) = values.first() else {
        return false;
    };
    let step = (values.len() / 16).max(1);
    let mut last = *first;
    let mut even = 0_usize;
    let mut checked = 0_usize;
    for value in values.iter().skip(step).step_by(step).take(6) {
        let fall = last - value;
        checked += 1;
        even += usize::from((0.001..0.12).contains(&fall));
        last = *value;
    }
    checked >= 3 && even + 2 > checked && first - last > 0.03
}

/// The horizon: where floor and ceiling meet, or where the floor runs out into the sky.
/// Indoors without a ceiling in sight the far wall hides it.
pub fn horizon(
    clip: &Clip,
    grounds: &[Planes],
    setting: Option<SettingReading>,
) -> Option<Horizon> {
    let least = f64::from(least(clip)?);
    let open = setting.is_some_and(|setting| setting.kind == Setting::Open);
    let mut found: Vec<(f64, f64, f64)> = Vec::new();
    for planes in grounds {
        let Some(floor) = planes.floor else { continue };
        let meets = |other: &Plane| {
            let at = |x: f64| {
                let (level, down) = (
                    (floor.level - other.level) + (floor.across - other.across) * x,
                    floor.down - other.down,
                );
                -level / down
            };
            (at(0.5), at(1.0) - at(0.0))
        };
        let (height, fall, sure) = match planes.ceiling {
            _ if clip.nothing.is_some() || open => {
                let level = clip.nothing.map_or(least, f64::from);
                let nothing = Plane {
                    level,
                    across: 0.0,
                    down: 0.0,
                    support: 0.0,
                };
                let (height, fall) = meets(&nothing);
                (height, fall, 0.9)
            }
            Some(ceiling) => {
                let (height, fall) = meets(&ceiling);
                // Everything there is lies nearer than the horizon.
                if floor.at(0.5, height) > least + 0.03 {
                    continue;
                }
                (height, fall, 0.75)
            }
            None => continue,
        };
        if height.is_finite() && (-1.0..2.0).contains(&height) {
            found.push((height, fall, sure * (floor.support / 0.45).min(1.0)));
        }
    }
    if found.is_empty() || found.len() * 3 < grounds.len() {
        return None;
    }
    let median = |of: fn(&(f64, f64, f64)) -> f64| {
        let mut values: Vec<f64> = found.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(0.0)
    };
    Some(Horizon {
        height: round(median(|one| one.0)),
        fall: round(median(|one| one.1)),
        confidence: round(median(|one| one.2).clamp(0.2, 0.95)),
    })
}

fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::slopes;

    #[test]
    fn walls_slope_and_steps_do_not() {
        let wall: Vec<f32> = (0..96).map(|x| 0.9 - x as f32 * 0.006).collect();
        assert!(slopes(&wall));
        let step: Vec<f32> = (0..96).map(|x| if x < 20 { 0.8 } else { 0.1 }).collect();
        assert!(!slopes(&step));
        assert!(!slopes(&[0.4; 96]));
        assert!(!slopes(&[]));
    }
}
