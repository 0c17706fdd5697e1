//! Readings: measured once, kept by content, and corrected as the person said.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use decoupage_conditions::audio::transcript;
use decoupage_conditions::correct::Parts;
use decoupage_conditions::identity::Description;
use decoupage_conditions::pose::PoseTrack;
use decoupage_conditions::{Corrected, READING_VERSION, Reading, correct, outline};
use decoupage_shot::store::assets::{self, Stamp};
use decoupage_shot::{
    Code, Condition, ConditionId, ContentHash, Fault, Outcome, Phase, ReadOptions, Shot, Storage,
    Watch,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::api::{JobEnd, Response};
use crate::shelf::Shelf;
use crate::{Core, hold};

/// What could be measured of a shot.
pub(crate) struct Measured {
    pub(crate) readings: BTreeMap<ConditionId, Reading>,
    /// Conditions that could not be read, and why.
    pub(crate) refused: Vec<(ConditionId, Fault)>,
}

/// The readings of this person: in memory, and on disk between runs.
pub(crate) struct Readings {
    kept: Mutex<HashMap<String, Arc<Reading>>>,
    shelf: Shelf,
    /// Content of linked files, as long as they look untouched.
    linked: Mutex<HashMap<PathBuf, (Stamp, ContentHash)>>,
}

impl Readings {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self {
            kept: Mutex::default(),
            shelf: Shelf::new(folder),
            linked: Mutex::default(),
        }
    }

    /// The reading of a condition as the person corrected it, measured now if it is not known.
    pub(crate) fn get(
        &self,
        condition: &Condition,
        path: &Path,
        watch: &dyn Watch,
    ) -> Outcome<Arc<Reading>> {
        let measured = self.measured(condition, path, watch)?;
        Ok(corrected(condition, measured))
    }

    /// The corrected reading of a condition that was measured before.
    pub(crate) fn known(&self, condition: &Condition, path: &Path) -> Option<Arc<Reading>> {
        let key = self.key("reading", condition, path).ok()?;
        let found = hold(&self.kept).get(&key).cloned();
        let measured = found.or_else(|| {
            let mut reading: Reading = self.shelf.get(&key)?;
            self.add_description(&mut reading, condition, path).ok()?;
            let reading = Arc::new(reading);
            hold(&self.kept).insert(key, reading.clone());
            Some(reading)
        })?;
        Some(corrected(condition, measured))
    }

    /// The reading of a condition without corrections.
    fn measured(
        &self,
        condition: &Condition,
        path: &Path,
        watch: &dyn Watch,
    ) -> Outcome<Arc<Reading>> {
        if !path.exists() {
            return Err(missing(condition, path));
        }
        let key = self.key("reading", condition, path)?;
        if let Some(reading) = hold(&self.kept).get(&key) {
            return Ok(reading.clone());
        }
        let mut reading = self.shelved(&key, || {
            decoupage_conditions::read(path, condition.kind, &options(condition), watch)
        })?;
        self.add_description(&mut reading, condition, path)?;
        let reading = Arc::new(reading);
        hold(&self.kept).insert(key, reading.clone());
        Ok(reading)
    }

    /// Keeps what a model said of a picture.
    pub(crate) fn keep_description(
        &self,
        condition: &Condition,
        path: &Path,
        description: Description,
    ) -> Outcome<()> {
        let key = self.key("description", condition, path)?;
        self.shelf.keep(&key, description);
        let key = self.key("reading", condition, path)?;
        hold(&self.kept).remove(&key);
        Ok(())
    }

    fn add_description(
        &self,
        reading: &mut Reading,
        condition: &Condition,
        path: &Path,
    ) -> Outcome<()> {
        if let Reading::Identity(identity) = reading {
            let key = self.key("description", condition, path)?;
            if let Some(description) = self.shelf.get(&key) {
                identity.described = Some(description);
                identity.restate();
            }
        }
        Ok(())
    }

    /// The tracked keypoints of a pose.
    pub(crate) fn track(
        &self,
        condition: &Condition,
        path: &Path,
        watch: &dyn Watch,
    ) -> Outcome<PoseTrack> {
        if !path.exists() {
            return Err(missing(condition, path));
        }
        let key = self.key("track", condition, path)?;
        self.shelved(&key, || {
            decoupage_conditions::pose::track(path, &options(condition), watch)
        })
    }

    fn shelved<T: Serialize + DeserializeOwned>(
        &self,
        key: &str,
        measure: impl FnOnce() -> Outcome<T>,
    ) -> Outcome<T> {
        match self.shelf.get(key) {
            Some(found) => Ok(found),
            None => Ok(self.shelf.keep(key, measure()?)),
        }
    }

    /// Names a measurement by everything it depends on.
    fn key(&self, what: &str, condition: &Condition, path: &Path) -> Outcome<String> {
        let hash = self.content(condition, path)?;
        // What is said stands in a file beside the sound.
        let words = crate::media::has_sound(condition.kind)
            .then(|| transcript::beside(path))
            .flatten()
            .map(|transcript| assets::fingerprint(&transcript, &decoupage_shot::Silent))
            .transpose()?
            .map_or_else(String::new, |(hash, _)| hash.0);
        // Names count where formats are told by them (a path called “Pan_Left” that trucks).
        let name = Path::new(&condition.media.path).file_name();
        Ok(format!(
            "{what} {READING_VERSION}\n{}\n{}\n{}\n{words}\n{:?}",
            condition.kind.key(),
            hash.0,
            name.unwrap_or_default().to_string_lossy(),
            options(condition)
        ))
    }

    /// The content of the file as it is now: a linked one may have been rendered anew since it
    /// was added.
    fn content(&self, condition: &Condition, path: &Path) -> Outcome<ContentHash> {
        let media = &condition.media;
        if media.storage == Storage::Copied {
            return Ok(media.hash.clone());
        }
        let stamp = assets::stamp(path)?;
        if let Some((then, hash)) = hold(&self.linked).get(path)
            && *then == stamp
        {
            return Ok(hash.clone());
        }
        let (hash, _) = assets::fingerprint(path, &decoupage_shot::Silent)?;
        hold(&self.linked).insert(path.to_owned(), (stamp, hash.clone()));
        Ok(hash)
    }
}

/// A reading with its outline and what of its corrections no longer applies.
fn told(condition: &Condition, measured: &Reading) -> JobEnd {
    let Corrected { reading, unmet } = correct(measured, &condition.corrections);
    JobEnd::Reading {
        condition: condition.id,
        reading: Box::new(reading),
        outline: Box::new(outline(measured)),
        unmet,
    }
}

fn missing(condition: &Condition, path: &Path) -> Fault {
    Fault::new(
        Code::Missing,
        format!("The file behind “{}” is not where it was.", condition.name),
    )
    .advise("Find it again, or remove the condition.")
    .at(path)
}

fn corrected(condition: &Condition, measured: Arc<Reading>) -> Arc<Reading> {
    if condition.corrections.is_empty() {
        return measured;
    }
    Arc::new(correct(&measured, &condition.corrections).reading)
}

/// How a condition is to be read: its options, with its region of interest.
pub(crate) fn options(condition: &Condition) -> ReadOptions {
    let mut options = condition.options.clone();
    options.region = condition.region.or(options.region);
    options
}

impl Core {
    pub(crate) fn read(&self, id: ConditionId) -> Outcome<Response> {
        let (condition, path) = self.with(|session| session.located(id))?;
        self.start(move |core, job| {
            let measured = core.inner.readings.measured(&condition, &path, job)?;
            Ok(told(&condition, &measured))
        })
    }

    /// The reading of a condition as it now is, as the end of a job.
    pub(crate) fn reading_end(&self, id: ConditionId, watch: &dyn Watch) -> Outcome<JobEnd> {
        let (condition, path) = self.with(|session| session.located(id))?;
        let measured = self.inner.readings.measured(&condition, &path, watch)?;
        Ok(told(&condition, &measured))
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
