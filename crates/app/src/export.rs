//! Prompts out, captions in.

use std::path::Path;

use decoupage_generators::{FileFormat, profiles};
use decoupage_shot::{Code, Edit, Fault, Outcome, ShotId, Take, TakeId};

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
        let imported = decoupage_generators::import_take(path)?;
        let (parent, prompt, known) = self.with(|session| {
            let shot = session.shot(shot)?;
            let known: Vec<_> = shot.conditions.iter().map(|c| c.id).collect();
            Ok((shot.current_take, shot.prompt.clone(), known))
        })?;
        let mut origins = imported.origins;
        // The file may come from another project, whose conditions are not this shot's.
        for span in origins.0.values_mut().flatten() {
            span.condition = span.condition.filter(|id| known.contains(id));
        }
        let take = Take {
            created_ms: now_ms(),
            parent,
            prompt: imported.prompt.unwrap_or(prompt),
            trace: imported.trace.unwrap_or_default(),
            caption: imported.caption,
            origins,
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
