//! `BatchDeleteImage`. A tag that goes takes its image along where it was the last (ECR API Reference,
//! `BatchDeleteImage`); a child of an index stays as long as the index does.

use serde_json::{Value, json};

use super::error::{Place, Refusal};
use super::events::{Action, Image as EventOf};
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
        let (mut removed, mut failures) = (Vec::new(), Vec::new());
        let mut journal = self.journal();
        journal.state.repository(&place)?;
        for id in ids {
            match plan(journal.state.repository(&place)?, &place, &id) {
                Ok((change, gone)) => {
                    Self::commit(&mut journal, vec![change])?;
                    removed.push(gone);
                }
                Err(failure) => failures.push(failure.json(&id)),
            }
        }
        let opened = journal.state.opened;
        drop(journal);
        let ids: Vec<Value> = removed
            .iter()
            .flat_map(|removed| self.tell(&place, removed, opened))
            .collect();
        Ok(json!({"imageIds": ids, "failures": failures}))
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
        Self::commit(&mut journal, vec![change])?;
        let opened = journal.state.opened;
        drop(journal);
        self.tell(place, &removed, opened);
        Ok(())
    }

    /// Raises an event for each tag that went, and gives the identifiers that the answer names.
    fn tell(&self, place: &Place, removed: &Removed, opened: u64) -> Vec<Value> {
        let Removed {
            digest,
            tags,
            manifest,
        } = removed;
        let told = tags.iter().map(|tag| {
            let (repository, tag_told) = (&*place.repository, tag.as_deref());
            let event = EventOf {
                action: Action::Delete,
                repository,
                digest,
                tag: tag_told,
                manifest,
            };
            self.raise(opened, &event);
            ImageId {
                digest: Some(digest.clone()),
                tag: tag.clone(),
            }
            .json()
        });
        told.collect()
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
