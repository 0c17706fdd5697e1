//! Light and contrast of a picture.

use super::{Light, LightKey};
use crate::colour::{Canvas, Lab, chroma};

/// Measures the light over all pixels that can be seen.
pub fn measure(canvas: &Canvas) -> Light {
    of(canvas.visible().collect())
}

/// Measures the light of a set of colours.
pub fn of(colours: Vec<Lab>) -> Light {
    let count = colours.len().max(1) as f64;
    let mut levels: Vec<f32> = colours.iter().map(|colour| colour.l).collect();
    levels.sort_by(f32::total_cmp);
    let at = |share: f64| {
        let index = (share * levels.len().saturating_sub(1) as f64).round() as usize;
        levels
            .get(index)
            .map_or(0.0, |level| f64::from(*level) / 100.0)
    };
    let mean = |of: fn(&Lab) -> f32| colours.iter().map(|c| f64::from(of(c))).sum::<f64>() / count;
    let brightness = mean(|c| c.l) / 100.0;
    // Along the line from orange to blue: yellow and red are warm, cyan and blue are cool,
    // green and purple neither.
    let warmth = (mean(|c| c.b) * 0.75 + mean(|c| c.a) * 0.65) / 30.0;
    Light {
        key: if brightness >= 0.68 {
            LightKey::High
        } else if brightness <= 0.34 {
            LightKey::Low
        } else {
            LightKey::Middle
        },
        brightness: round(brightness.clamp(0.0, 1.0)),
        contrast: round((at(0.95) - at(0.05)).clamp(0.0, 1.0)),
        warmth: round(warmth.clamp(-1.0, 1.0)),
        saturation: round((mean(|c| chroma(*c)) / 100.0).clamp(0.0, 1.0)),
    }
}

/// Brightness and contrast as the end of a sentence ("bright overall, with strong contrast").
pub fn words(light: &Light) -> String {
    let key = match light.key {
        LightKey::High => "bright overall",
        LightKey::Middle => "of middle brightness",
        LightKey::Low => "dark overall",
    };
    let contrast = if light.contrast >= 0.65 {
        "strong contrast"
    } else if light.contrast >= 0.35 {
        "moderate contrast"
    } else {
        "low contrast"
    };
    format!("{key}, with {contrast}")
}

/// How warm and how saturated the colours are, as a predicate ("warm and saturated"); `None`
/// where neither stands out.
pub fn tone(light: &Light) -> Option<&'static str> {
    let (warmth, saturation) = (light.warmth, light.saturation);
    if saturation < 0.03 {
        return Some("almost colourless");
    }
    match () {
        () if warmth >= 0.25 && saturation >= 0.33 => Some("warm and saturated"),
        () if warmth <= -0.2 && saturation >= 0.33 => Some("cool and saturated"),
        () if warmth >= 0.15 && saturation < 0.13 => Some("warm and muted"),
        () if warmth <= -0.12 && saturation < 0.13 => Some("cool and muted"),
        () if warmth >= 0.25 => Some("warm"),
        () if warmth <= -0.2 => Some("cool"),
        () if saturation >= 0.38 => Some("saturated"),
        () if saturation < 0.1 => Some("muted"),
        () => None,
    }
}

fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::colour::lab;

    #[test]
    fn key_contrast_and_warmth_follow_the_colours() {
        let dark = of(vec![lab([20, 20, 24]); 10]);
        assert_eq!(dark.key, LightKey::Low);
        assert!(dark.contrast < 0.01);
        let warm = of(vec![lab([240, 190, 120]), lab([200, 120, 60])]);
        assert!(warm.warmth > 0.5);
        assert!(tone(&warm).is_some_and(|tone| tone.contains("warm")));
        let cool = of(vec![lab([60, 100, 180])]);
        assert!(cool.warmth < -0.5);
    }
}
