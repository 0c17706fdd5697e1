//! Prompts out, captions in.

use std::collections::BTreeMap;
use std::path::Path;

use decoupage_generators::{FileFormat, profiles};
use decoupage_shot::{
    Code, Edit, Fault, Origin, OriginSpan, Outcome, Section, ShotId, Take, TakeId,
};

use crate::Core;
use crate::api::Response;
use crate::interpret::now_ms;

impl Core {
    pub(crate) fn compose(
        &self,
        shot: ShotId,
        generator: &str,
        take: Option<TakeId>,
    ) -> Outcome<Response> {
        let (shot, take) = self.shot_and_take(shot, take)?;
        let tokenizers = self.inner.places.data.join("tokenizers");
        Ok(Response::Prompt {
            prompt: decoupage_generators::compose(generator, &shot, &take, Some(&tokenizers))?,
        })
    }

    pub(crate) fn export(
        &self,
        shot: Option<ShotId>,
        generators: &[String],
        format: FileFormat,
        folder: &Path,
    ) -> Outcome<Response> {
        let shots = self.with(|session| {
            let shots = match shot {
                Some(id) => vec![session.shot(id)?.clone()],
                None => session.project.shots.clone(),
            };
            Ok(shots)
        })?;
        let generators: Vec<String> = if generators.is_empty() {
            profiles().into_iter().map(|profile| profile.key).collect()
        } else {
            generators.to_vec()
        };
        let tokenizers = self.inner.places.data.join("tokenizers");
        let mut prompts = Vec::new();
        for shot in &shots {
            let Some(take) = shot.take() else { continue };
            for generator in &generators {
                let prompt =
                    decoupage_generators::compose(generator, shot, take, Some(&tokenizers))?;
                prompts.push((shot, take, prompt));
            }
        }
        if prompts.is_empty() {
            return Err(Fault::new(Code::Invalid, "There is no take to export yet.")
                .advise("Interpret a shot first."));
        }
        std::fs::create_dir_all(folder)
            .map_err(|e| Fault::io(&e, "make the export folder", folder))?;
        let files = decoupage_generators::write(&prompts, format, folder)?;
        Ok(Response::Files { files })
    }

    pub(crate) fn import_caption(&self, shot: ShotId, path: &Path) -> Outcome<Response> {
        let caption = decoupage_generators::import(path)?;
        let mut origins = BTreeMap::new();
        for section in Section::ALL {
            let length = caption.get(section).chars().count();
            if length > 0 {
                origins.insert(
                    section,
                    vec![OriginSpan {
                        start: 0,
                        end: u32::try_from(length).unwrap_or(u32::MAX),
                        origin: Origin::Hand,
                        condition: None,
                    }],
                );
            }
        }
        let parent = self.with(|session| Ok(session.shot(shot)?.current_take))?;
        let take = Take {
            created_ms: now_ms(),
            parent,
            caption,
            origins: decoupage_shot::Origins(origins),
            ..Take::blank()
        };
        self.change(|session| {
            session.apply(
                Edit::AddTake {
                    shot,
                    take: Box::new(take),
                },
                None,
            )
        })
    }
}
