//! Images pulled: `BatchGetImage`, the registry's GET of a manifest, and how an identifier finds its image.

use std::{collections::HashSet, sync::Arc};

use serde_json::{Value, json};

use super::blobs::sha256;
use super::conversion::convert;
use super::error::{Place, Refusal};
use super::names::{is_digest, is_tag};
use super::request::{ImageId, Request};
use super::state::{Repository, State};
use super::{Ecr, Outcome};

/// Entries of `acceptedMediaTypes` (ECR API Reference, `BatchGetImage`).
const ACCEPTED_MAX: usize = 100;

/// A manifest as it is stored.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) digest: String,
    pub(crate) media_type: String,
    pub(crate) text: Arc<str>,
}

impl Ecr {
    /// A missing image is not an exception here but an entry of `failures`.
    pub(super) fn batch_get_image(&self, request: &Request) -> Outcome {
        let place = self.place_of(request)?;
        let ids = request
            .image_ids()?
            .ok_or_else(|| Refusal::parameter("imageIds", "must not be null"))?;
        let accepted = request
            .list("acceptedMediaTypes", &(1..=ACCEPTED_MAX))?
            .unwrap_or_default();
        let accepted: Vec<&str> = accepted.iter().filter_map(Value::as_str).collect();
        let once = self.unsettled().one_entry_per_image;
        let mut journal = self.journal();
        journal.state.repository(&place)?;
        let (mut images, mut failures) = (Vec::new(), Vec::new());
        let mut answered = HashSet::new();
        for id in ids {
            match self.pull(&mut journal.state, &place, &id)? {
                Ok(stored) if !answered.insert(stored.digest.clone()) && once => {}
                Ok(stored) => images.push(answer(&place, id, stored, &accepted)),
                Err(failure) => failures.push(failure.json(&id)),
            }
        }
        Ok(json!({"images": images, "failures": failures}))
    }

    /// One manifest for the HTTP API, by tag or digest.
    pub(crate) fn stored(&self, place: &Place, id: &ImageId) -> Result<Stored, Refusal> {
        self.pull(&mut self.journal().state, place, id)?
            .map_err(|failure| match failure {
                Failure::Inaccessible => Refusal::ImageArchived { id: id.clone() },
                _ => Refusal::ImageNotFound {
                    id: id.clone(),
                    place: place.clone(),
                },
            })
    }

    /// A pull, which is remembered as the image's last.
    fn pull(
        &self,
        state: &mut State,
        place: &Place,
        id: &ImageId,
    ) -> Result<Result<Stored, Failure>, Refusal> {
        let digest = match find(state.repository(place)?, id) {
            Ok(digest) => digest,
            Err(failure) => return Ok(Err(failure)),
        };
        let repository = state.repositories.get_mut(&place.repository);
        let image = repository.and_then(|repository| repository.images.get_mut(&digest));
        Ok(image.ok_or(Failure::NotFound).map(|image| {
            image.pulled_at = Some(self.now());
            Stored {
                digest,
                media_type: image.manifest.media_type.clone(),
                text: Arc::clone(&image.text),
            }
        }))
    }
}

/// One entry of `images`. What is pulled by digest is never converted.
fn answer(place: &Place, id: ImageId, stored: Stored, accepted: &[&str]) -> Value {
    let Stored {
        digest,
        media_type,
        text,
    } = stored;
    let converted = if id.digest.is_none() {
        convert(&text, &media_type, accepted)
    } else {
        None
    };
    let mut answer = place.answer();
    let mut put = |name: &str, value: Value| drop(answer.insert(name.to_owned(), value));
    let digest = converted
        .as_ref()
        .map_or(digest, |(text, _)| sha256(text.as_bytes()));
    put(
        "imageId",
        ImageId {
            digest: Some(digest),
            ..id
        }
        .json(),
    );
    put(
        "imageManifestMediaType",
        json!(converted.as_ref().map_or(&*media_type, |(_, kind)| kind)),
    );
    put(
        "imageManifest",
        json!(converted.as_ref().map_or(&*text, |(text, _)| text)),
    );
    Value::Object(answer)
}

/// Why one of several images is not answered (ECR API Reference, `ImageFailure`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    MissingDigestAndTag,
    InvalidDigest,
    InvalidTag,
    TagDoesNotMatchDigest,
    NotFound,
    Inaccessible,
    ReferencedByManifestList,
}

impl Failure {
    pub(super) fn json(self, id: &ImageId) -> Value {
        let (code, reason) = match self {
            Self::MissingDigestAndTag => (
                "MissingDigestAndTag",
                "Invalid request parameters: both tag and digest cannot be null",
            ),
            Self::InvalidDigest => (
                "InvalidImageDigest",
                "Invalid request parameters: image digest should satisfy the regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'",
            ),
            Self::InvalidTag => (
                "InvalidImageTag",
                "Invalid request parameters: image tag is not valid",
            ),
            Self::TagDoesNotMatchDigest => (
                "ImageTagDoesNotMatchDigest",
                "Requested image tag does not match the requested image digest",
            ),
            Self::NotFound => ("ImageNotFound", "Requested image not found"),
            Self::Inaccessible => ("ImageInaccessible", "Requested image is archived"),
            Self::ReferencedByManifestList => (
                "ImageReferencedByManifestList",
                "Requested image referenced by manifest list",
            ),
        };
        json!({"imageId": id.json(), "failureCode": code, "failureReason": reason})
    }
}

/// The digest of a well-formed identifier's image, archived ones included.
pub(super) fn locate(repository: &Repository, id: &ImageId) -> Result<String, Failure> {
    match id {
        ImageId {
            digest: None,
            tag: None,
        } => return Err(Failure::MissingDigestAndTag),
        ImageId {
            digest: Some(digest),
            ..
        } if !is_digest(digest) => return Err(Failure::InvalidDigest),
        ImageId { tag: Some(tag), .. } if !is_tag(tag) => return Err(Failure::InvalidTag),
        ImageId {
            digest: Some(digest),
            tag: Some(tag),
        } if repository
            .tags
            .get(tag)
            .is_some_and(|found| found != digest) =>
        {
            return Err(Failure::TagDoesNotMatchDigest);
        }
        _ => {}
    }
    repository
        .resolve(id)
        .map(str::to_owned)
        .ok_or(Failure::NotFound)
}

fn find(repository: &Repository, id: &ImageId) -> Result<String, Failure> {
    let digest = locate(repository, id)?;
    let archived = repository
        .images
        .get(&digest)
        .is_some_and(|image| image.archived_at.is_some());
    if archived {
        Err(Failure::Inaccessible)
    } else {
        Ok(digest)
    }
}
