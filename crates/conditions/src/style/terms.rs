//! Film words that follow from a look, and its sentences.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::bars::ratio_name;
use super::look::Look;
use super::tones::{Chromatic, Tint, turn};
use crate::identity::LightKey;
use crate::identity::words::list;
use crate::reading::{Evidence, Statement};

/// A film word with its reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Term {
    /// Its key: "high_key", "low_key", "high_contrast", "low_contrast", "lifted_blacks",
    /// "black_and_white", "toned", "teal_and_orange", "split_toned", "warm", "cool",
    /// "saturated", "muted", "fine_grain", "grain", "heavy_grain", "soft_focus",
    /// "shallow_focus", "letterboxed", "pillarboxed", "windowboxed" or "vignette".
    pub term: String,
    /// What a filmmaker calls it ("letterboxed to 2.39:1").
    pub words: String,
    /// Why, a clause with the measured values.
    pub because: String,
    /// What it rests on.
    pub evidence: Evidence,
    /// How sure it is, 0–1.
    pub confidence: f64,
}

/// What terms need beyond the look itself.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Facts {
    /// Mean lightness, 0–1.
    pub brightness: f64,
    /// Share lighter than L* 70.
    pub bright: f64,
    /// Share darker than L* 25.
    pub dark: f64,
    /// Warm above 0, cool below, −1–1.
    pub warmth: f64,
    /// Blocks with edges.
    pub edges: usize,
}

struct Terms(Vec<Term>);

impl Terms {
    fn say(
        &mut self,
        term: &str,
        words: impl Into<String>,
        because: String,
        evidence: (&str, f64, &str),
        confidence: f64,
    ) {
        self.0.push(Term {
            term: term.to_owned(),
            words: words.into(),
            because,
            evidence: Evidence::measured(evidence.0, evidence.1, evidence.2),
            confidence,
        });
    }
}

/// The words that a look supports, in the order they are told.
pub(super) fn of(look: &Look, facts: &Facts) -> Vec<Term> {
    let mut terms = Terms(Vec::new());
    tone(&mut terms, look, facts);
    colour(&mut terms, look, facts);
    texture(&mut terms, look, facts);
    shape(&mut terms, look);
    terms.0
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

fn tone(terms: &mut Terms, look: &Look, facts: &Facts) {
    if look.key == Some(LightKey::High) && facts.dark < 0.06 {
        terms.say(
            "high_key",
            "high key",
            format!(
                "{} of the picture is light and only {} dark",
                percent(facts.bright),
                percent(facts.dark)
            ),
            ("mean lightness", facts.brightness, "share"),
            0.85,
        );
    }
    if look.key == Some(LightKey::Low) && facts.bright < 0.12 {
        terms.say(
            "low_key",
            "low key",
            format!("{} of the picture lies in the dark", percent(facts.dark)),
            ("mean lightness", facts.brightness, "share"),
            0.85,
        );
    }
    let evidence = ("contrast", look.contrast, "share");
    if look.contrast < 0.4 {
        terms.say(
            "low_contrast",
            "low contrast",
            format!("its tones span {} of the range", percent(look.contrast)),
            evidence,
            0.8,
        );
    } else if look.contrast > 0.82 {
        terms.say(
            "high_contrast",
            "high contrast",
            format!("its tones span {} of the range", percent(look.contrast)),
            evidence,
            0.8,
        );
    }
    if look.black > 0.13 && look.key != Some(LightKey::High) {
        terms.say(
            "lifted_blacks",
            "lifted blacks",
            format!(
                "even its darkest parts lie at {} lightness",
                percent(look.black)
            ),
            ("black level", look.black, "share"),
            if look.black > 0.18 { 0.8 } else { 0.6 },
        );
    }
}

fn colour(terms: &mut Terms, look: &Look, facts: &Facts) {
    match look.chromatic {
        Some(Chromatic::Grey) => {
            terms.say(
                "black_and_white",
                "black and white",
                "no part of it has colour".to_owned(),
                ("mean chroma", look.saturation, "share"),
                0.97,
            );
            return;
        }
        Some(Chromatic::Toned) => {
            let tint = look.highlights.as_ref().or(look.shadows.as_ref());
            let words = tint.map_or("one tone throughout".to_owned(), |tint| {
                format!("black and white toned {}", tint.name)
            });
            terms.say(
                "toned",
                words,
                "light and dark share one hue".to_owned(),
                ("mean chroma", look.saturation, "share"),
                0.75,
            );
            return;
        }
        _ => {}
    }
    let mut split = false;
    if let (Some(shadows), Some(highlights)) = (&look.shadows, &look.highlights) {
        let apart = turn(shadows.hue_deg, highlights.hue_deg);
        if apart > 70.0 && shadows.chroma.min(highlights.chroma) >= 5.0 {
            split = true;
            let classic = (170.0..275.0).contains(&shadows.hue_deg)
                && (30.0..95.0).contains(&highlights.hue_deg);
            let (term, words) = if classic {
                ("teal_and_orange", "teal and orange".to_owned())
            } else {
                let words = format!("{} shadows, {} highlights", shadows.name, highlights.name);
                ("split_toned", words)
            };
            terms.say(
                term,
                words,
                format!(
                    "shadows lean {} and highlights {}",
                    shadows.name, highlights.name
                ),
                ("hue between shadows and highlights", apart, "deg"),
                0.6 + 0.2 * (shadows.chroma.min(highlights.chroma) / 20.0).min(1.0),
            );
        }
    }
    let kelvin = look
        .temperature_k
        .map_or(String::new(), |k| format!(", by estimate about {k:.0} K"));
    if !split && facts.warmth >= 0.22 {
        terms.say(
            "warm",
            "warm",
            format!("its colours lean to orange{kelvin}"),
            ("warmth", facts.warmth, "share"),
            0.8,
        );
    } else if !split && facts.warmth <= -0.18 {
        terms.say(
            "cool",
            "cool",
            format!("its colours lean to blue{kelvin}"),
            ("warmth", facts.warmth, "share"),
            0.8,
        );
    }
    let evidence = ("mean chroma", look.saturation, "share");
    if look.saturation >= 0.38 {
        terms.say(
            "saturated",
            "saturated colour",
            "its colours stand far from grey".to_owned(),
            evidence,
            0.85,
        );
    } else if look.saturation < 0.1 {
        terms.say(
            "muted",
            "muted colour",
            "its colours stay close to grey".to_owned(),
            evidence,
            0.85,
        );
    }
}

fn texture(terms: &mut Terms, look: &Look, facts: &Facts) {
    if let Some(grain) = look.grain.filter(|grain| *grain >= 1.5) {
        let (term, words) = match grain {
            grain if grain < 3.2 => ("fine_grain", "fine grain"),
            grain if grain < 7.5 => ("grain", "visible grain"),
            _ => ("heavy_grain", "heavy grain"),
        };
        terms.say(
            term,
            words,
            format!("flat parts vary by {grain:.1} levels of 255"),
            ("noise in flat parts", grain, "levels"),
            if grain < 2.2 { 0.6 } else { 0.8 },
        );
    }
    if let Some(focus) = &look.focus {
        terms.say(
            "shallow_focus",
            "shallow depth of field",
            format!(
                "one part is sharp while {} of the other edges are soft",
                percent(focus.soft_share)
            ),
            ("soft share of edges", focus.soft_share, "share"),
            0.7,
        );
    } else if let Some(sharpness) = look.sharpness.filter(|s| *s < 0.36 && facts.edges >= 12) {
        terms.say(
            "soft_focus",
            "soft focus",
            "even its sharpest edges rise slowly".to_owned(),
            ("steepness of the sharpest edges", sharpness, "share"),
            0.7,
        );
    }
    if look.vignette >= 0.25 {
        terms.say(
            "vignette",
            "vignette",
            format!(
                "all four corners lose {} of the light",
                percent(look.vignette)
            ),
            ("light lost in the corners", look.vignette, "share"),
            0.6,
        );
    }
}

fn shape(terms: &mut Terms, look: &Look) {
    let Some(picture) = &look.picture else { return };
    let (key, word) = match (picture.width < 1.0, picture.height < 1.0) {
        (false, _) => ("letterboxed", "letterboxed"),
        (true, false) => ("pillarboxed", "pillarboxed"),
        (true, true) => ("windowboxed", "windowboxed"),
    };
    let ratio = ratio_words(look.ratio);
    terms.say(
        key,
        format!("{word} to {ratio}"),
        "black bars of one width lie on opposite sides".to_owned(),
        ("width over height inside the bars", look.ratio, "ratio"),
        0.9,
    );
}

/// A picture's ratio as filmmakers write it.
pub(crate) fn ratio_words(ratio: f64) -> String {
    ratio_name(ratio).map_or_else(|| format!("{ratio:.2}:1"), ToOwned::to_owned)
}

/// The sentences that a look's terms and measurements support.
pub fn statements(look: &Look) -> Vec<Statement> {
    let mut statements = Vec::new();
    let groups: [(&[&str], &str); 5] = [
        (
            &[
                "high_key",
                "low_key",
                "high_contrast",
                "low_contrast",
                "lifted_blacks",
            ],
            "The light is",
        ),
        (
            &[
                "black_and_white",
                "toned",
                "teal_and_orange",
                "split_toned",
                "warm",
                "cool",
            ],
            "The grade is",
        ),
        (&["fine_grain", "grain", "heavy_grain"], "There is"),
        (&["shallow_focus", "soft_focus"], "The lens gives"),
        (
            &["letterboxed", "pillarboxed", "windowboxed"],
            "The picture is",
        ),
    ];
    for (keys, begin) in groups {
        let of: Vec<&Term> = look
            .terms
            .iter()
            .filter(|term| keys.contains(&term.term.as_str()))
            .collect();
        let Some(first) = of.first() else { continue };
        let words: Vec<String> = of.iter().map(|term| phrase(term)).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        // What a person named needs no reason.
        let reasons: Vec<&str> = of
            .iter()
            .filter(|term| term.evidence != Evidence::Person)
            .map(|term| term.because.as_str())
            .collect();
        let reasons = match reasons.as_slice() {
            [] => String::new(),
            reasons => format!(": {}", list(reasons)),
        };
        statements.push(Statement::new(
            format!("{begin} {}{reasons}.", list(&words)),
            first.evidence.clone(),
            of.iter().map(|term| term.confidence).fold(1.0, f64::min),
        ));
    }
    if has(look, "vignette")
        && let Some(term) = look.terms.iter().find(|term| term.term == "vignette")
    {
        statements.push(Statement::new(
            format!(
                "The picture falls off towards its corners: {}.",
                term.because
            ),
            term.evidence.clone(),
            term.confidence,
        ));
    }
    if let Some(kelvin) = look
        .temperature_k
        .filter(|_| !has(look, "warm") && !has(look, "cool"))
    {
        statements.push(Statement::new(
            format!("Its white balance is estimated at about {kelvin:.0} K."),
            Evidence::measured("colour temperature", kelvin, "K"),
            0.45,
        ));
    }
    statements
}

/// Whether a look carries a term.
pub fn has(look: &Look, term: &str) -> bool {
    look.terms.iter().any(|own| own.term == term)
}

/// A term as it stands after its group's beginning.
fn phrase(term: &Term) -> String {
    match term.term.as_str() {
        "lifted_blacks" if term.words == "lifted blacks" => "lifted in the blacks".to_owned(),
        "high_contrast" | "low_contrast" if term.words.ends_with("contrast") => {
            format!("{} in contrast", term.words.trim_end_matches(" contrast"))
        }
        "shallow_focus" if term.evidence != Evidence::Person => format!("a {}", term.words),
        _ => term.words.clone(),
    }
}

/// How a tint is shown: a colour of its hue.
pub(super) fn tint_hex(tint: &Tint, lightness: f32) -> String {
    let (sine, cosine) = (tint.hue_deg as f32).to_radians().sin_cos();
    let strength = (tint.chroma as f32).max(18.0);
    crate::colour::hex(crate::colour::Lab::new(
        lightness,
        cosine * strength,
        sine * strength,
    ))
}
