//! Reads an image back from a repository, whole, and believes nothing: each manifest and each blob
//! is hashed, each size compared. What comes out is what anybody can pull there.

use std::time::Duration;

use aws_sdk_ecr::{
    operation::get_download_url_for_layer::GetDownloadUrlForLayerError,
    types::{Image as Held, ImageFailureCode, ImageIdentifier},
};
use aws_smithy_runtime_api::client::{http::HttpConnector as _, orchestrator::HttpRequest};
use ecr_promoter::Aws;
use ecr_promoter_core::{
    Digest, Repository, Tag,
    manifest::{Descriptor, ManifestError, Stored, Tree, media},
};
use http_body_util::BodyExt as _;
use sha2::{Digest as _, Sha256};

use crate::refusal::Refusal;

/// BatchGetImage takes at most this many ids (Amazon ECR API reference).
const IDS_MAX: usize = 100;
/// How long a download may stand still.
const STILL_MAX: Duration = Duration::from_secs(30);

/// Why a repository does not hold an image.
#[derive(Debug, thiserror::Error)]
pub(crate) enum VerifyError {
    /// ECR refused, or a download broke.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A manifest is not there.
    #[error("{repository} does not have {what}: {said}")]
    Absent {
        repository: Repository,
        what: String,
        said: String,
    },
    /// Bytes are not what their digest or size says.
    #[error("{repository} has {what}, but its bytes are broken: {problem}")]
    Broken {
        repository: Repository,
        what: String,
        problem: String,
    },
    /// A manifest cannot be read as one.
    #[error("{repository} has {what}, but it cannot be read: {source}")]
    Manifest {
        repository: Repository,
        what: String,
        source: ManifestError,
    },
}

/// An image that was read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verified {
    /// The digest that the tag points to.
    pub(crate) digest: Digest,
    /// How many manifests were read, the root counted.
    pub(crate) manifests: usize,
    /// How many blobs were read.
    pub(crate) blobs: usize,
    /// Their bytes.
    pub(crate) bytes: u64,
}

/// Reads the image that `tag` points to.
pub(crate) async fn read_back(
    aws: &Aws,
    repository: &Repository,
    tag: &Tag,
) -> Result<Verified, VerifyError> {
    let reader = Reader { aws, repository };
    let id = ImageIdentifier::builder().image_tag(tag.as_str()).build();
    let (root, stored) = reader.one(id, &format!("the tag {tag}")).await?;
    let tree = reader.tree(root, stored).await?;
    let mut verified = Verified {
        digest: tree.root().clone(),
        manifests: tree.manifests_leaves_first().len(),
        blobs: 0,
        bytes: 0,
    };
    for blob in tree.blobs() {
        if reader.blob(blob).await? {
            verified.blobs += 1;
            verified.bytes += blob.size;
        }
    }
    Ok(verified)
}

/// Whether a repository holds a manifest by its digest.
pub(crate) async fn holds(
    aws: &Aws,
    repository: &Repository,
    digest: &Digest,
) -> Result<bool, VerifyError> {
    let reader = Reader { aws, repository };
    let id = ImageIdentifier::builder()
        .image_digest(digest.as_str())
        .build();
    match reader.one(id, digest.as_str()).await {
        Ok(_) => Ok(true),
        Err(VerifyError::Absent { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

struct Reader<'a> {
    aws: &'a Aws,
    repository: &'a Repository,
}

impl Reader<'_> {
    async fn one(&self, id: ImageIdentifier, what: &str) -> Result<(Digest, Stored), VerifyError> {
        let mut found = self.batch(vec![id], what).await?;
        found
            .pop()
            .ok_or_else(|| self.absent(what, "ECR returned nothing"))
    }

    async fn tree(&self, root: Digest, stored: Stored) -> Result<Tree, VerifyError> {
        let unreadable = |digest: &Digest, source| VerifyError::Manifest {
            repository: self.repository.clone(),
            what: digest.to_string(),
            source,
        };
        let mut tree = Tree::new(root.clone(), stored).map_err(|e| unreadable(&root, e))?;
        loop {
            let lacking = tree.lacking();
            if lacking.is_empty() {
                return Ok(tree);
            }
            for batch in lacking.chunks(IDS_MAX) {
                let ids = batch.iter().map(|digest| {
                    ImageIdentifier::builder()
                        .image_digest(digest.as_str())
                        .build()
                });
                for (digest, stored) in self.batch(ids.collect(), "a child").await? {
                    tree.add(&digest, stored)
                        .map_err(|e| unreadable(&digest, e))?;
                }
            }
        }
    }

    /// Manifests, all that were asked for, each hashed.
    async fn batch(
        &self,
        ids: Vec<ImageIdentifier>,
        what: &str,
    ) -> Result<Vec<(Digest, Stored)>, VerifyError> {
        let wanted = ids.len();
        let answer = self
            .aws
            .ecr
            .batch_get_image()
            .repository_name(self.repository.as_str())
            .set_image_ids(Some(ids))
            .set_accepted_media_types(Some(media::MANIFESTS.map(str::to_owned).to_vec()))
            .send()
            .await
            .map_err(|error| Refusal::of(format!("read {what} in {}", self.repository), &error))?;
        if let Some(failure) = answer.failures().first() {
            let said = failure.failure_reason().unwrap_or_default();
            return Err(match failure.failure_code() {
                Some(ImageFailureCode::ImageNotFound) => self.absent(what, said),
                _ => Refusal::new(format!("read {what} in {}", self.repository), said).into(),
            });
        }
        let found = answer.images().iter().map(|image| self.stored(image, what));
        let found: Vec<_> = found.collect::<Result<_, _>>()?;
        if found.len() == wanted {
            Ok(found)
        } else {
            Err(self.absent(what, "ECR returned fewer images than were asked for"))
        }
    }

    fn stored(&self, image: &Held, what: &str) -> Result<(Digest, Stored), VerifyError> {
        let bytes = image.image_manifest().unwrap_or_default();
        let digest = super::digest(bytes.as_bytes());
        let said = image.image_id().and_then(ImageIdentifier::image_digest);
        if said != Some(digest.as_str()) {
            let problem = format!(
                "their digest is {digest}, ECR says {}",
                said.unwrap_or("nothing")
            );
            return Err(self.broken(what.to_owned(), problem));
        }
        let stored = Stored::read(bytes.to_owned(), image.image_manifest_media_type());
        let stored = stored.map_err(|source| VerifyError::Manifest {
            repository: self.repository.clone(),
            what: digest.to_string(),
            source,
        })?;
        Ok((digest, stored))
    }

    /// Downloads a blob and hashes it; false for one that may lie elsewhere and is not here.
    async fn blob(&self, blob: &Descriptor) -> Result<bool, VerifyError> {
        let tried = format!("download {} from {}", blob.digest, self.repository);
        let ask = self.aws.ecr.get_download_url_for_layer();
        let ask = ask.repository_name(self.repository.as_str());
        let url = match ask.layer_digest(blob.digest.as_str()).send().await {
            Ok(answer) => answer.download_url.unwrap_or_default(),
            Err(error)
                if blob.may_lie_elsewhere()
                    && error.as_service_error().is_some_and(
                        GetDownloadUrlForLayerError::is_layers_not_found_exception,
                    ) =>
            {
                return Ok(false);
            }
            Err(error) => return Err(Refusal::of(tried, &error).into()),
        };
        let downloaded = self.download(&url, blob.size).await;
        let (size, digest) = downloaded.map_err(|said| Refusal::new(tried, said))?;
        if size == blob.size && digest == blob.digest {
            return Ok(true);
        }
        let wanted = blob.size;
        let problem =
            format!("expected {wanted} bytes, found {size} bytes with the digest {digest}");
        Err(self.broken(format!("the blob {}", blob.digest), problem))
    }

    /// How many bytes come from an address, and their digest; at most a chunk more than `size_max` are read.
    async fn download(&self, url: &str, size_max: u64) -> Result<(u64, Digest), String> {
        let request = HttpRequest::get(url).map_err(|error| error.to_string())?;
        let response = still(self.aws.seam.connector.call(request)).await?;
        if !response.status().is_success() {
            return Err(format!("status {}", response.status().as_u16()));
        }
        let mut body = response.into_body();
        let mut hash = Sha256::new();
        let mut size: u64 = 0;
        while size <= size_max {
            let next = async { body.frame().await.transpose() };
            let Some(frame) = still(next).await? else {
                break;
            };
            if let Some(bytes) = frame.data_ref() {
                size = size.saturating_add(bytes.len() as u64);
                hash.update(bytes);
            }
        }
        Ok((size, Digest::from_sha256(hash.finalize().into())))
    }

    fn absent(&self, what: &str, said: &str) -> VerifyError {
        VerifyError::Absent {
            repository: self.repository.clone(),
            what: what.to_owned(),
            said: said.to_owned(),
        }
    }

    fn broken(&self, what: String, problem: String) -> VerifyError {
        VerifyError::Broken {
            repository: self.repository.clone(),
            what,
            problem,
        }
    }
}

/// A step of a download, unless it stands still; an error is in words.
async fn still<T, E: std::fmt::Display>(
    step: impl Future<Output = Result<T, E>>,
) -> Result<T, String> {
    match tokio::time::timeout(STILL_MAX, step).await {
        Ok(done) => done.map_err(|error| error.to_string()),
        Err(_) => Err(format!("nothing came for {} s", STILL_MAX.as_secs())),
    }
}

#[cfg(test)]
mod tests;
