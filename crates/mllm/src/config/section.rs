//! Bounded access to one object of a `config.json`.

use decoupage_dialogue::{Failure, Outcome};
use serde_json::{Map, Value};

use crate::failure;

/// Largest count a configuration may name: above every vocabulary and width there is, far below
/// what overflows when a few are multiplied.
const MOST: u64 = 1 << 24;

/// One object of a configuration. Absent keys (and null) give the family's default.
#[derive(Debug, Clone, Copy)]
pub(super) struct Section<'a> {
    object: &'a Map<String, Value>,
}

impl<'a> Section<'a> {
    pub(super) fn of(value: &'a Value) -> Outcome<Self> {
        let object = value
            .as_object()
            .ok_or_else(|| failure::damaged("The model's config.json is not a JSON object."))?;
        Ok(Self { object })
    }

    pub(super) fn value(&self, key: &str) -> Option<&'a Value> {
        self.object.get(key).filter(|value| !value.is_null())
    }

    pub(super) fn section(&self, key: &str) -> Outcome<Option<Section<'a>>> {
        self.value(key)
            .map(|value| {
                value
                    .as_object()
                    .map(|object| Section { object })
                    .ok_or_else(|| wrong(key, "an object"))
            })
            .transpose()
    }

    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        self.value(key).and_then(Value::as_str)
    }

    /// A count from 1 to [`MOST`].
    pub(super) fn count(&self, key: &str) -> Outcome<Option<usize>> {
        self.value(key)
            .map(|value| {
                // Some configurations write a patch as [2] or a count as 2.0.
                let number = match value {
                    Value::Array(items) => items.first().and_then(Value::as_u64),
                    Value::Number(number) => number.as_u64().or_else(|| {
                        number
                            .as_f64()
                            .filter(|f| f.fract() == 0.0 && *f >= 0.0 && *f <= MOST as f64)
                            .map(|f| f as u64)
                    }),
                    _ => None,
                };
                number
                    .filter(|n| (1..=MOST).contains(n))
                    .map(|n| n as usize)
                    .ok_or_else(|| wrong(key, "a count"))
            })
            .transpose()
    }

    pub(super) fn count_or(&self, key: &str, default: usize) -> Outcome<usize> {
        Ok(self.count(key)?.unwrap_or(default))
    }

    pub(super) fn counts(&self, key: &str) -> Outcome<Option<Vec<usize>>> {
        self.value(key)
            .map(|value| {
                value
                    .as_array()
                    .filter(|items| items.len() <= 1024)
                    .and_then(|items| {
                        items
                            .iter()
                            .map(|item| item.as_u64().filter(|n| *n <= MOST).map(|n| n as usize))
                            .collect()
                    })
                    .ok_or_else(|| wrong(key, "a list of counts"))
            })
            .transpose()
    }

    pub(super) fn number(&self, key: &str) -> Outcome<Option<f64>> {
        self.value(key)
            .map(|value| {
                value
                    .as_f64()
                    .filter(|n| n.is_finite() && *n > 0.0)
                    .ok_or_else(|| wrong(key, "a positive number"))
            })
            .transpose()
    }

    pub(super) fn flag(&self, key: &str) -> Outcome<Option<bool>> {
        self.value(key)
            .map(|value| value.as_bool().ok_or_else(|| wrong(key, "true or false")))
            .transpose()
    }

    pub(super) fn token(&self, key: &str) -> Outcome<Option<u32>> {
        self.value(key)
            .map(|value| {
                value
                    .as_u64()
                    .filter(|n| *n <= MOST)
                    .map(|n| n as u32)
                    .ok_or_else(|| wrong(key, "a token's number"))
            })
            .transpose()
    }
}

pub(super) fn wrong(key: &str, what: &str) -> Failure {
    failure::damaged(format!(
        "The model's config.json has something else than {what} under \"{key}\"."
    ))
}
