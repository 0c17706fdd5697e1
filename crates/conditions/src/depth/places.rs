//! Where something sits in frame, in words.

use decoupage_shot::Region;

/// A place in frame.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// In words that complete "it is …" ("along the bottom of the frame").
    pub words: String,
    /// Bounding box, leaving out stray pixels.
    pub bounds: Region,
}

/// The place of a mask whose entries say how much each pixel belongs to it (0–1).
pub fn of(mask: &[f32], width: usize, height: usize) -> Place {
    let mut columns = vec![0.0_f64; width];
    let mut rows = vec![0.0_f64; height];
    for (row, row_sum) in mask.chunks(width.max(1)).zip(&mut rows) {
        for (value, column_sum) in row.iter().zip(&mut columns) {
            *row_sum += f64::from(*value);
            *column_sum += f64::from(*value);
        }
    }
    let total: f64 = rows.iter().sum();
    let (x0, x1) = between(&columns, 0.01);
    let (y0, y1) = between(&rows, 0.01);
    let bounds = Region {
        x: round(x0),
        y: round(y0),
        width: round(x1 - x0),
        height: round(y1 - y0),
    };
    let share = total / mask.len().max(1) as f64;
    Place {
        words: words(&columns, &rows, width, height, share),
        bounds,
    }
}

fn words(columns: &[f64], rows: &[f64], width: usize, height: usize, share: f64) -> String {
    let (left, right) = between(columns, 0.06);
    let (top, bottom) = between(rows, 0.06);
    let (wide, tall) = (right - left, bottom - top);
    // How much of the frame's width the mask covers where it is widest, top and bottom.
    let cover = |from: f64, to: f64| {
        let count = rows.len() as f64;
        let part = rows
            .get((from * count) as usize..((to * count).ceil() as usize).min(rows.len()))
            .unwrap_or_default();
        part.iter().sum::<f64>() / (part.len().max(1) * width.max(1)) as f64
    };
    let column_cover = |from: f64, to: f64| {
        let count = columns.len() as f64;
        let part = columns
            .get((from * count) as usize..((to * count).ceil() as usize).min(columns.len()))
            .unwrap_or_default();
        part.iter().sum::<f64>() / (part.len().max(1) * height.max(1)) as f64
    };
    if share > 0.97 {
        return "the whole frame".to_owned();
    }
    if share > 0.85 {
        return "almost the whole frame".to_owned();
    }
    if wide > 0.7 {
        // A band across the frame: it fills it, or lies in it where other things cover it.
        let band = |name: &str, from: f64, to: f64| {
            let fills = cover(from, to) > 0.6;
            format!("{}{name} of the frame", if fills { "" } else { "in " })
        };
        if top < 0.1 && bottom < 0.42 {
            return band("the upper third", 0.0, 0.33);
        }
        if top < 0.1 && bottom < 0.62 {
            return band("the upper half", 0.0, 0.5);
        }
        if top < 0.1 && bottom < 0.76 {
            return band("the upper two thirds", 0.0, 0.67);
        }
        if top > 0.78 {
            return "along the bottom of the frame".to_owned();
        }
        if top > 0.58 {
            return band("the lower third", 0.67, 1.0);
        }
        if top > 0.36 && bottom > 0.8 {
            return band("the lower half", 0.5, 1.0);
        }
        if top > 0.24 && bottom > 0.85 {
            return band("the lower two thirds", 0.33, 1.0);
        }
        if top > 0.2 && bottom < 0.85 {
            return "across the middle of the frame".to_owned();
        }
        let (left_edge, right_edge) = (column_cover(0.0, 0.15), column_cover(0.85, 1.0));
        if share < 0.6 && cover(0.3, 0.7) < 0.3 && left_edge > 0.4 && right_edge > 0.4 {
            return "around the edges of the frame".to_owned();
        }
        if share > 0.5 {
            return "most of the frame".to_owned();
        }
    }
    let centre_x = centre(columns);
    let centre_y = centre(rows);
    let across = match (left, right, centre_x) {
        (_, right, _) if right < 0.4 => "on the left",
        (left, _, _) if left > 0.6 => "on the right",
        (_, right, _) if right < 0.56 => "in the left half",
        (left, _, _) if left > 0.44 => "in the right half",
        (_, _, x) if x < 0.44 => "left of the middle",
        (_, _, x) if x > 0.56 => "right of the middle",
        _ => "in the middle",
    };
    let down = match (top, bottom) {
        (top, bottom) if tall > 0.72 || (top < 0.15 && bottom > 0.85) => {
            Some(", from top to bottom")
        }
        (_, bottom) if bottom < 0.55 => Some(", in the upper part"),
        (top, _) if top > 0.45 => Some(", in the lower part"),
        _ if centre_y > 0.6 => Some(", low in the frame"),
        _ if centre_y < 0.4 => Some(", high in the frame"),
        _ => None,
    };
    match (across, down) {
        ("in the middle", Some(down)) => format!("in the middle of the frame{down}"),
        (across, Some(down)) => format!("{across}{down}"),
        (across, None) => format!("{across} of the frame"),
    }
}

/// The share of the axis between which all but `stray` of the mass on either end lies.
fn between(mass: &[f64], stray: f64) -> (f64, f64) {
    let total: f64 = mass.iter().sum();
    let count = mass.len().max(1) as f64;
    if total <= 0.0 {
        return (0.0, 0.0);
    }
    let mut sum = 0.0;
    let (mut first, mut last) = (None, 0);
    for (index, value) in mass.iter().enumerate() {
        sum += value;
        if first.is_none() && sum > total * stray {
            first = Some(index);
        }
        if sum < total * (1.0 - stray) {
            last = index + 1;
        }
    }
    (
        first.unwrap_or(0) as f64 / count,
        (last + 1).min(mass.len()) as f64 / count,
    )
}

fn centre(mass: &[f64]) -> f64 {
    let total: f64 = mass.iter().sum();
    let moment: f64 = mass
        .iter()
        .enumerate()
        .map(|(index, value)| (index as f64 + 0.5) * value)
        .sum();
    moment / (total.max(1e-9) * mass.len().max(1) as f64)
}

fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
