//! Images pushed: `PutImage`, and the registry's PUT of a manifest.

use serde_json::json;

use super::blobs::sha256;
use super::error::{Place, Refusal};
use super::events::{Action, Image as EventOf};
use super::manifest::Manifest;
use super::names::{check_tag, invalid_digest, is_digest};
use super::request::{ImageId, Request};
use super::state::{Change, Repository};
use super::{Ecr, Outcome, SameDigest};

/// ECR service quotas, "Tags per image".
const TAGS_MAX: usize = 1_000;
/// ECR service quotas, "Images per repository".
const IMAGES_MAX: usize = 100_000;

/// A manifest on its way into a repository.
#[derive(Debug)]
pub(crate) struct Push<'a> {
    pub(crate) place: &'a Place,
    pub(crate) text: &'a str,
    pub(crate) media_type: Option<&'a str>,
    pub(crate) tag: Option<&'a str>,
    /// What the caller takes for its digest.
    pub(crate) digest: Option<&'a str>,
}

/// What was pushed.
#[derive(Debug)]
pub(crate) struct Pushed {
    pub(crate) digest: String,
    pub(crate) manifest: Manifest,
}

impl Ecr {
    pub(super) fn put_image(&self, request: &Request) -> Outcome {
        let place = self.place_of(request)?;
        let (text, tag) = (request.required("imageManifest")?, request.text("imageTag"));
        let (media_type, digest) = (
            request.text("imageManifestMediaType"),
            request.text("imageDigest"),
        );
        let pushed = self.push(&Push {
            place: &place,
            text,
            media_type,
            tag,
            digest,
        })?;
        let id = ImageId {
            digest: Some(pushed.digest),
            tag: tag.map(str::to_owned),
        };
        let mut image = place.answer();
        image.insert("imageId".to_owned(), id.json());
        image.insert("imageManifest".to_owned(), json!(text));
        image.insert(
            "imageManifestMediaType".to_owned(),
            json!(pushed.manifest.media_type),
        );
        Ok(json!({"image": image}))
    }

    /// Stores a manifest, and its tag if there is one, and raises the event.
    pub(crate) fn push(&self, push: &Push<'_>) -> Result<Pushed, Refusal> {
        if let Some(tag) = push.tag {
            check_tag("imageTag", tag)?;
        }
        if push.digest.is_some_and(|digest| !is_digest(digest)) {
            return Err(invalid_digest("imageDigest"));
        }
        let mut journal = self.journal();
        let repository = journal.state.repository(push.place)?;
        let manifest = Manifest::read(push.text, push.media_type)?;
        let computed = sha256(push.text.as_bytes());
        if let Some(given) = push.digest.filter(|given| *given != computed) {
            return Err(Refusal::ImageDigestDoesNotMatch {
                given: given.to_owned(),
                computed,
            });
        }
        self.check_tag_is_free(repository, push, &computed)?;
        check_parts(repository, push.place, &manifest)?;
        check_quotas(repository, push.tag, &computed)?;
        let changes = self.changes(repository, push, &computed, &manifest);
        let event = EventOf {
            action: Action::Push,
            repository: &push.place.repository,
            digest: &computed,
            tag: push.tag,
            manifest: &manifest,
        };
        let events = vec![self.event(&journal, &event)];
        Self::commit_with(&mut journal, changes, &events)?;
        drop(journal);
        self.raise(events);
        Ok(Pushed {
            digest: computed,
            manifest,
        })
    }

    /// Refuses a push that changes nothing, and one that would move an immutable tag.
    fn check_tag_is_free(
        &self,
        repository: &Repository,
        push: &Push<'_>,
        digest: &str,
    ) -> Result<(), Refusal> {
        let stands_on = push.tag.and_then(|tag| repository.tags.get(tag));
        let exists = || Refusal::ImageAlreadyExists {
            digest: digest.to_owned(),
            tag: push.tag.unwrap_or("null").to_owned(),
            place: push.place.clone(),
        };
        let Some(tag) = push.tag else {
            return if repository.images.contains_key(digest) {
                Err(exists())
            } else {
                Ok(())
            };
        };
        let immutable = repository.is_immutable(tag);
        let strict = self.unsettled().same_digest == SameDigest::TagAlreadyExists;
        match stands_on {
            Some(found) if found == digest && !(immutable && strict) => Err(exists()),
            Some(_) if immutable => Err(Refusal::ImageTagAlreadyExists {
                tag: tag.to_owned(),
                repository: push.place.repository.clone(),
            }),
            _ => Ok(()),
        }
    }

    fn changes(
        &self,
        repository: &Repository,
        push: &Push<'_>,
        digest: &str,
        manifest: &Manifest,
    ) -> Vec<Change> {
        let (name, digest, now) = (push.place.repository.clone(), digest.to_owned(), self.now());
        let mut changes = Vec::new();
        if !repository.images.contains_key(&digest) {
            let (media_type, text) = (manifest.media_type.clone(), push.text.to_owned());
            changes.push(Change::ImagePut {
                repository: name.clone(),
                digest: digest.clone(),
                media_type,
                manifest: text,
                at: now,
            });
            if repository.record.scan_on_push && !manifest.is_index() {
                let (scan, started) = (
                    json!({"imageScanStatus": {"status": "IN_PROGRESS"}}),
                    Some(now),
                );
                changes.push(Change::Scanned {
                    repository: name.clone(),
                    digest: digest.clone(),
                    scan,
                    started,
                });
            }
        }
        if let Some(tag) = push.tag {
            changes.push(Change::TagPut {
                repository: name,
                tag: tag.to_owned(),
                digest,
            });
        }
        changes
    }
}

/// Every blob and every child that the manifest names is here already.
fn check_parts(repository: &Repository, place: &Place, manifest: &Manifest) -> Result<(), Refusal> {
    let missing = |blob: &&super::manifest::Blob| {
        !blob.foreign && !repository.layers.contains_key(&blob.digest)
    };
    let digests: Vec<String> = manifest
        .blobs
        .iter()
        .filter(missing)
        .map(|blob| blob.digest.clone())
        .collect();
    if !digests.is_empty() {
        return Err(Refusal::LayersNotFound {
            digests,
            place: place.clone(),
        });
    }
    let missing = |child: &&String| !repository.images.contains_key(*child);
    let digests: Vec<String> = manifest.children.iter().filter(missing).cloned().collect();
    if digests.is_empty() {
        Ok(())
    } else {
        Err(Refusal::ReferencedImagesNotFound {
            digests,
            place: place.clone(),
        })
    }
}

fn check_quotas(repository: &Repository, tag: Option<&str>, digest: &str) -> Result<(), Refusal> {
    let image = repository.images.get(digest);
    let limit = |what: String| Err(Refusal::LimitExceeded { what });
    match (image, tag) {
        (None, _) if repository.images.len() >= IMAGES_MAX => limit(format!(
            "The repository holds {IMAGES_MAX} images, the most allowed"
        )),
        (Some(image), Some(tag)) if image.tags.len() >= TAGS_MAX && !image.tags.contains(tag) => {
            limit(format!("The image has {TAGS_MAX} tags, the most allowed"))
        }
        _ => Ok(()),
    }
}
