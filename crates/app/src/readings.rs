//! Readings, measured once: kept by content, kind and how the file is to be read.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex};

use decoupage_conditions::Reading;
use decoupage_shot::{
    Code, Condition, ConditionId, Fault, Outcome, Phase, ReadOptions, Shot, Watch,
};

use crate::api::{JobEnd, Response};
use crate::{Core, hold};

/// What could be measured of a shot.
pub(crate) struct Measured {
    pub(crate) readings: BTreeMap<ConditionId, Reading>,
    /// Conditions that could not be read, and why.
    pub(crate) refused: Vec<(ConditionId, Fault)>,
}

/// The readings of this run of the application.
#[derive(Default)]
pub(crate) struct Readings {
    kept: Mutex<HashMap<String, Arc<Reading>>>,
}

impl Readings {
    /// The reading of a condition, measured now if it is not known.
    pub(crate) fn get(
        &self,
        condition: &Condition,
        path: &Path,
        watch: &dyn Watch,
    ) -> Outcome<Arc<Reading>> {
        let key = key(condition);
        if let Some(reading) = hold(&self.kept).get(&key) {
            return Ok(reading.clone());
        }
        if !path.exists() {
            return Err(Fault::new(
                Code::Missing,
                format!("The file behind “{}” is not where it was.", condition.name),
            )
            .advise("Find it again, or remove the condition.")
            .at(path));
        }
        let reading = decoupage_conditions::read(path, condition.kind, &options(condition), watch)
            .map(Arc::new)?;
        hold(&self.kept).insert(key, reading.clone());
        Ok(reading)
    }
}

/// How a condition is to be read: its options, with its region of interest.
pub(crate) fn options(condition: &Condition) -> ReadOptions {
    let mut options = condition.options.clone();
    options.region = condition.region.or(options.region);
    options
}

fn key(condition: &Condition) -> String {
    // Names count where formats are told by them (a path called “Pan_Left” that trucks).
    format!(
        "{}\n{}\n{}\n{:?}",
        condition.kind.key(),
        condition.media.hash.0,
        condition.media.path,
        options(condition)
    )
}

impl Core {
    pub(crate) fn read(&self, id: ConditionId) -> Outcome<Response> {
        let (condition, path) = self.with(|session| session.located(id))?;
        self.start(move |core, job| {
            let reading = core.inner.readings.get(&condition, &path, job)?;
            Ok(JobEnd::Reading {
                condition: id,
                reading: Box::new((*reading).clone()),
            })
        })
    }

    /// Measures every condition of a shot.
    pub(crate) fn readings_of(&self, shot: &Shot, watch: &dyn Watch) -> Outcome<Measured> {
        let mut readings = BTreeMap::new();
        let mut refused = Vec::new();
        let total = shot.conditions.len() as u64;
        for (number, condition) in shot.conditions.iter().enumerate() {
            watch.go_on()?;
            watch.report(Phase::Reading, number as u64, total);
            let reading = self
                .with(|session| session.located(condition.id))
                .and_then(|(condition, path)| self.inner.readings.get(&condition, &path, watch));
            match reading {
                Ok(reading) => {
                    readings.insert(condition.id, (*reading).clone());
                }
                Err(fault) if fault.code == Code::Cancelled => return Err(fault),
                Err(fault) => refused.push((condition.id, fault)),
            }
        }
        watch.report(Phase::Reading, total, total);
        Ok(Measured { readings, refused })
    }
}
