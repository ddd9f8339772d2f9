//! Layers by the JSON API: what is there, where to download it, part-wise upload; and the mount that the
//! registry's HTTP API offers.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::blobs::Signed;
use super::error::{Place, Refusal};
use super::names::{check_repository, invalid_digest, is_digest};
use super::request::Request;
use super::settings::BLOB_MOUNTING;
use super::state::{Change, Repository, Upload};
use super::uploads::{PART_BYTES, PART_BYTES_MIN};
use super::{Base, Ecr, Outcome};

/// The model's bound on `layerPartBlob`, in bytes (ECR API Reference, `UploadLayerPart`).
const PART_BLOB_MAX: usize = 20_971_520;
/// What a blob is called that no manifest names yet.
const NO_MEDIA_TYPE: &str = "application/octet-stream";

impl Ecr {
    pub(super) fn batch_check_layer_availability(&self, request: &Request) -> Outcome {
        let place = self.place_of(request)?;
        let digests = request.texts("layerDigests")?;
        let journal = self.journal();
        let repository = journal.state.repository(&place)?;
        let (mut layers, mut failures) = (Vec::new(), Vec::new());
        for digest in digests {
            if is_digest(&digest) {
                layers.push(availability(repository, &digest));
            } else {
                let (code, reason) = if digest.is_empty() {
                    ("MissingLayerDigest", "The layer digest is missing")
                } else {
                    ("InvalidLayerDigest", "The layer digest is not valid")
                };
                failures.push(
                    json!({"layerDigest": digest, "failureCode": code, "failureReason": reason}),
                );
            }
        }
        Ok(json!({"layers": layers, "failures": failures}))
    }

    /// Only blobs that a manifest of the repository names have an address (ECR API Reference,
    /// `GetDownloadUrlForLayer`).
    pub(super) fn get_download_url_for_layer(&self, request: &Request, base: &Base) -> Outcome {
        let place = self.place_of(request)?;
        let digest = request.required("layerDigest")?;
        if !is_digest(digest) {
            return Err(invalid_digest("layerDigest"));
        }
        let journal = self.journal();
        let repository = journal.state.repository(&place)?;
        let mut images = repository.referrers_of_blob(digest).peekable();
        if !repository.layers.contains_key(digest) {
            return Err(Refusal::LayerNotFound {
                digest: digest.to_owned(),
                place,
            });
        }
        let why = if images.peek().is_none() {
            Some("it is not associated with an image")
        } else {
            images
                .all(|image| image.archived_at.is_some())
                .then_some("its image is archived")
        };
        if let Some(why) = why {
            return Err(Refusal::LayerInaccessible {
                digest: digest.to_owned(),
                why,
                place,
            });
        }
        let url = Signed::url(&base.blobs, &place.repository, digest, self.now());
        Ok(json!({"downloadUrl": url, "layerDigest": digest}))
    }

    pub(super) fn initiate_layer_upload(&self, request: &Request) -> Outcome {
        let place = self.place_of(request)?;
        let upload = self.open_upload(&place)?;
        Ok(json!({"uploadId": upload, "partSize": PART_BYTES}))
    }

    pub(super) async fn upload_layer_part(&self, request: &Request) -> Outcome {
        let place = self.place_of(request)?;
        let id = request.required("uploadId")?;
        let (first, last) = (
            required_number(request, "partFirstByte")?,
            required_number(request, "partLastByte")?,
        );
        let bytes = STANDARD
            .decode(request.required("layerPartBlob")?)
            .map_err(|_| Refusal::parameter("layerPartBlob", "must be base64"))?;
        if bytes.len() > PART_BLOB_MAX {
            return Err(Refusal::parameter(
                "layerPartBlob",
                format!("length must be between 0 and {PART_BLOB_MAX}"),
            ));
        }
        let session = self.session(&place, id)?;
        let mut writer = session.writer(self, &place, id).await?;
        if let Some(why) = wrong_part(writer.upload(), first, last, bytes.len() as u64) {
            let last_valid_byte = writer.upload().received.checked_sub(1);
            return Err(Refusal::InvalidLayerPart {
                upload: id.to_owned(),
                why,
                last_valid_byte,
                place: place.clone(),
            });
        }
        writer.write(&bytes)?;
        writer.acknowledge(PART_BYTES_MIN)?;
        let (account, repository) = (self.account(), &place.repository);
        Ok(
            json!({"registryId": account, "repositoryName": repository, "uploadId": id, "lastByteReceived": last}),
        )
    }

    pub(super) async fn complete_layer_upload(&self, request: &Request) -> Outcome {
        let place = self.place_of(request)?;
        let id = request.required("uploadId")?;
        let digests = request.texts("layerDigests")?;
        let Some((digest, others)) = digests.split_first() else {
            return Err(Refusal::parameter("layerDigests", "must not be empty"));
        };
        if !digests.iter().all(|digest| is_digest(digest)) {
            return Err(invalid_digest("layerDigests"));
        }
        if let Some(other) = others.iter().find(|other| *other != digest) {
            return Err(Refusal::InvalidLayer {
                given: other.clone(),
                computed: digest.clone(),
            });
        }
        let session = self.session(&place, id)?;
        let writer = session.writer(self, &place, id).await?;
        writer.check_not_empty()?;
        if self.has_layer(&place, digest)? {
            drop(writer);
            self.close_upload(&place, id)?;
            return Err(Refusal::LayerAlreadyExists {
                digest: digest.clone(),
                place: place.clone(),
            });
        }
        writer.finish(digest, PART_BYTES_MIN)?;
        let (account, repository) = (self.account(), &place.repository);
        Ok(
            json!({"registryId": account, "repositoryName": repository, "uploadId": id, "layerDigest": digest}),
        )
    }

    pub(crate) fn has_layer(&self, place: &Place, digest: &str) -> Result<bool, Refusal> {
        Ok(self.layer_size(place, digest)?.is_some())
    }

    pub(crate) fn layer_size(&self, place: &Place, digest: &str) -> Result<Option<u64>, Refusal> {
        Ok(self
            .journal()
            .state
            .repository(place)?
            .layers
            .get(digest)
            .copied())
    }

    /// Links a blob of another repository of this registry, where ECR would: the account setting is on, both
    /// have the same encryption and key, and a manifest of the source names the blob (ECR user guide, "Blob
    /// mounting"). False is not an error: the caller uploads.
    pub(crate) fn mount(
        &self,
        target: &Place,
        source: Option<&str>,
        digest: &str,
    ) -> Result<bool, Refusal> {
        let mut journal = self.journal();
        let encryption = &journal.state.repository(target)?.record.encryption;
        let Some(source) = source.filter(|source| check_repository("from", source).is_ok()) else {
            return Ok(false);
        };
        let Some(repository) = journal.state.repositories.get(source) else {
            return Ok(false);
        };
        let enabled = self.setting(&journal.state, BLOB_MOUNTING) == Some("ENABLED");
        let committed = repository.referrers_of_blob(digest).next().is_some();
        let (Some(&size), true) = (
            repository.layers.get(digest),
            enabled && committed && repository.record.encryption == *encryption,
        ) else {
            return Ok(false);
        };
        let linked = Change::LayerLinked {
            repository: target.repository.clone(),
            digest: digest.to_owned(),
            size,
        };
        Self::commit(&mut journal, vec![linked])?;
        Ok(true)
    }
}

/// A mounted or uploaded layer is there before any manifest names it.
fn availability(repository: &Repository, digest: &str) -> Value {
    let Some(size) = repository.layers.get(digest) else {
        return json!({"layerDigest": digest, "layerAvailability": "UNAVAILABLE"});
    };
    let mut images = repository.referrers_of_blob(digest).peekable();
    let media_type = images.peek().and_then(|image| {
        image
            .manifest
            .blobs
            .iter()
            .find(|blob| blob.digest == digest)
    });
    let media_type = media_type
        .map_or(NO_MEDIA_TYPE, |blob| blob.media_type.as_str())
        .to_owned();
    let archived = images.peek().is_some() && images.all(|image| image.archived_at.is_some());
    let availability = if archived { "ARCHIVED" } else { "AVAILABLE" };
    json!({"layerDigest": digest, "layerAvailability": availability, "layerSize": size, "mediaType": media_type})
}

fn required_number(request: &Request, name: &str) -> Result<u64, Refusal> {
    request
        .number(name, 0..=u64::MAX)?
        .ok_or_else(|| Refusal::parameter(name, "must not be null"))
}

/// Parts are consecutive, and as long as they say (ECR API Reference, `InvalidLayerPartException`).
fn wrong_part(upload: &Upload, first: u64, last: u64, bytes: u64) -> Option<String> {
    if first != upload.received {
        return Some(format!(
            "the part starts at byte {first}, {} is next",
            upload.received
        ));
    }
    if bytes == 0
        || last
            .checked_sub(first)
            .is_none_or(|length| length.checked_add(1) != Some(bytes))
    {
        return Some(format!(
            "the part has {bytes} bytes and says it is {first} to {last}"
        ));
    }
    (bytes > PART_BYTES).then(|| format!("the part has {bytes} bytes, more than {PART_BYTES}"))
}
