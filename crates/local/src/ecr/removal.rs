//! `BatchDeleteImage`. A tag that goes takes its image along where it was the last (ECR API Reference,
//! `BatchDeleteImage`); a child of an index stays as long as the index does.

use serde_json::{Value, json};

use super::error::{Place, Refusal};
use super::events::{Action, Image as EventOf};
use super::journal::Journal;
use super::manifest::Manifest;
use super::pulls::{Failure, locate};
use super::request::{ImageId, Request};
use super::state::{Change, Image, Repository};
use super::{Ecr, Outcome};

/// What one entry of the request took away.
struct Removed {
    digest: String,
    tags: Vec<Option<String>>,
    manifest: Manifest,
}

impl Ecr {
    pub(super) fn batch_delete_image(&self, request: &Request) -> Outcome {
        let place = self.place_of(request)?;
        let ids = request
            .image_ids()?
            .ok_or_else(|| Refusal::parameter("imageIds", "must not be null"))?;
        let (mut removed, mut failures, mut events) = (Vec::new(), Vec::new(), Vec::new());
        let mut journal = self.journal();
        journal.state.repository(&place)?;
        for id in ids {
            match plan(journal.state.repository(&place)?, &place, &id) {
                Ok((change, gone)) => {
                    let told = self.told(&journal, &place, &gone);
                    Self::commit_with(&mut journal, vec![change], &told)?;
                    events.extend(told);
                    removed.extend(gone.ids());
                }
                Err(failure) => failures.push(failure.json(&id)),
            }
        }
        drop(journal);
        self.raise(events);
        Ok(json!({"imageIds": removed, "failures": failures}))
    }

    /// Deletes one image by its digest, with all its tags, as the registry's HTTP API does.
    pub(crate) fn delete_image(&self, place: &Place, digest: &str) -> Result<(), Refusal> {
        let id = ImageId {
            digest: Some(digest.to_owned()),
            tag: None,
        };
        let mut journal = self.journal();
        let planned = plan(journal.state.repository(place)?, place, &id);
        let (change, removed) = planned.map_err(|failure| match failure {
            Failure::ReferencedByManifestList => {
                Refusal::parameter("imageId", "Requested image referenced by manifest list")
            }
            _ => Refusal::ImageNotFound {
                id,
                place: place.clone(),
            },
        })?;
        let events = self.told(&journal, place, &removed);
        Self::commit_with(&mut journal, vec![change], &events)?;
        drop(journal);
        self.raise(events);
        Ok(())
    }

    /// An event for each tag that goes.
    fn told(&self, journal: &Journal, place: &Place, removed: &Removed) -> Vec<Value> {
        let told = removed.tags.iter().map(|tag| {
            let event = EventOf {
                action: Action::Delete,
                repository: &place.repository,
                digest: &removed.digest,
                tag: tag.as_deref(),
                manifest: &removed.manifest,
            };
            self.event(journal, &event)
        });
        told.collect()
    }
}

impl Removed {
    /// The identifiers that the answer names.
    fn ids(&self) -> Vec<Value> {
        let ids = self.tags.iter().map(|tag| {
            let digest = Some(self.digest.clone());
            let tag = tag.clone();
            ImageId { digest, tag }.json()
        });
        ids.collect()
    }
}

fn plan(
    repository: &Repository,
    place: &Place,
    id: &ImageId,
) -> Result<(Change, Removed), Failure> {
    let digest = locate(repository, id)?;
    let image = repository.images.get(&digest).ok_or(Failure::NotFound)?;
    let repository_name = place.repository.clone();
    let (change, tags) = match id.tag.clone().filter(|_| image.tags.len() > 1) {
        Some(tag) => {
            let removed = Change::TagRemoved {
                repository: repository_name,
                tag: tag.clone(),
            };
            (removed, vec![Some(tag)])
        }
        None if repository.is_child(&digest) => return Err(Failure::ReferencedByManifestList),
        None => {
            let deleted = Change::ImageDeleted {
                repository: repository_name,
                digest: digest.clone(),
            };
            (deleted, all_tags(image))
        }
    };
    let manifest = image.manifest.clone();
    Ok((
        change,
        Removed {
            digest,
            tags,
            manifest,
        },
    ))
}

/// An image without a tag goes as one entry.
fn all_tags(image: &Image) -> Vec<Option<String>> {
    if image.tags.is_empty() {
        vec![None]
    } else {
        image.tags.iter().cloned().map(Some).collect()
    }
}
