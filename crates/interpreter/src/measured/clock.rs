//! Says when and for how long, as people say it.

use super::compose::number;

/// The clock of one condition on the shot's time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Clock {
    /// Where the condition begins on the shot's clock, seconds.
    pub offset_s: f64,
    /// How long it runs, seconds.
    pub length_s: f64,
    /// Whether its seconds are only assumed: then shares are said instead.
    pub assumed: bool,
}

/// What part of a condition's length a time span is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Whole,
    First,
    Last,
    Middle,
}

impl Clock {
    /// Which part of the whole a span is; a tenth is not worth a word.
    pub fn part(&self, start_s: f64, end_s: f64) -> Part {
        let slack = (self.length_s * 0.08).max(0.05);
        match (start_s <= slack, end_s >= self.length_s - slack) {
            (true, true) => Part::Whole,
            (true, false) => Part::First,
            (false, true) => Part::Last,
            (false, false) => Part::Middle,
        }
    }

    fn share(&self, seconds: f64) -> &'static str {
        let share = if self.length_s > 0.0 {
            seconds / self.length_s
        } else {
            1.0
        };
        match share {
            s if s < 0.17 => "moments",
            s if s < 0.29 => "quarter",
            s if s < 0.42 => "third",
            s if s < 0.58 => "half",
            s if s < 0.71 => "two thirds",
            _ => "three quarters",
        }
    }

    /// "over the first 3.0 s", "from 1.0 to 2.5 s", "" for the whole length.
    pub fn when(&self, start_s: f64, end_s: f64) -> String {
        let length = (end_s - start_s).max(0.0);
        if self.assumed || self.length_s <= 0.0 {
            return match self.part(start_s, end_s) {
                Part::Whole => String::new(),
                Part::First => format!("over the first {}", self.share(length)),
                Part::Last => format!("over the last {}", self.share(length)),
                Part::Middle => "part of the way through".to_owned(),
            };
        }
        let at_zero = self.offset_s.abs() < 0.05;
        match self.part(start_s, end_s) {
            Part::Whole if at_zero => String::new(),
            Part::First if at_zero => format!("over the first {length:.1} s"),
            Part::Last if at_zero => format!("over the last {length:.1} s"),
            _ => format!(
                "from {:.1} to {:.1} s",
                start_s + self.offset_s,
                end_s + self.offset_s
            ),
        }
    }

    /// "for 1.2 s", "for the last third".
    pub fn how_long(&self, start_s: f64, end_s: f64) -> String {
        let length = (end_s - start_s).max(0.0);
        if !self.assumed {
            return format!("for {length:.1} s");
        }
        match self.part(start_s, end_s) {
            Part::Whole => "throughout".to_owned(),
            Part::First => format!("for the first {}", self.share(length)),
            Part::Last => format!("for the last {}", self.share(length)),
            Part::Middle => "for a moment".to_owned(),
        }
    }

    /// "for three seconds", in running text; shares where the seconds are assumed.
    pub fn spoken(&self, start_s: f64, end_s: f64) -> String {
        let length = (end_s - start_s).max(0.0);
        if self.assumed {
            return self.how_long(start_s, end_s);
        }
        format!("for {}", seconds(length))
    }
}

/// "three seconds", "one second", "about two and a half seconds", "4.2 seconds".
pub(crate) fn seconds(length_s: f64) -> String {
    let whole = length_s.round();
    if (length_s - whole).abs() < 0.1 && (1.0..=10.0).contains(&whole) {
        let word = number(whole as usize);
        return format!("{word} second{}", if word == "one" { "" } else { "s" });
    }
    if length_s < 0.75 {
        return "a moment".to_owned();
    }
    format!("{length_s:.1} seconds")
}

/// A cadence as people say it, to the nearest five.
pub(crate) fn steps(cadence: f64) -> String {
    format!("about {:.0} steps a minute", (cadence / 5.0).round() * 5.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_said_as_people_say_them() {
        let clock = Clock {
            offset_s: 0.0,
            length_s: 4.2,
            assumed: false,
        };
        assert_eq!(clock.when(0.0, 3.0), "over the first 3.0 s");
        assert_eq!(clock.when(0.0, 4.2), "");
        assert_eq!(clock.when(1.0, 2.0), "from 1.0 to 2.0 s");
        assert_eq!(clock.how_long(3.0, 4.2), "for 1.2 s");
        assert_eq!(clock.spoken(0.0, 3.0), "for three seconds");
        let guess = Clock {
            assumed: true,
            ..clock
        };
        assert_eq!(guess.when(0.0, 3.0), "over the first three quarters");
        assert_eq!(steps(112.3), "about 110 steps a minute");
    }
}
