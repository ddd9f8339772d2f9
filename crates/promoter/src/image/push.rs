//! Brings an image into a repository by ECR's JSON API, as a build would: every blob in parts, the
//! child manifests by digest, the root last and with its tag.

use aws_sdk_ecr::{
    Client,
    operation::{complete_layer_upload::CompleteLayerUploadError, put_image::PutImageError},
    primitives::Blob as Part,
};
use ecr_promoter_core::{Digest, Repository, Tag};
use tokio::io::AsyncReadExt as _;

use super::{Blob, Image};
use crate::refusal::Refusal;

/// The largest part that is held in memory, whatever ECR says of its `partSize` (Amazon ECR service
/// quotas, "Layer part size": 20 MiB by its API at most).
const PART_BYTES_MAX: u64 = 20 * 1024 * 1024;

/// Why an image could not be pushed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PushError {
    /// ECR refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A blob cannot be read from disk.
    #[error("cannot read the blob {digest}: {source}")]
    Blob {
        digest: Digest,
        source: std::io::Error,
    },
}

/// Pushes `image` to `repository` under `tag`. What is there already stays as it is.
pub(crate) async fn push(
    ecr: &Client,
    repository: &Repository,
    tag: &Tag,
    image: &Image,
) -> Result<(), PushError> {
    for descriptor in image.tree.blobs() {
        if let Some(blob) = image.blobs.get(&descriptor.digest) {
            upload(ecr, repository, &descriptor.digest, descriptor.size, blob).await?;
        }
    }
    for (digest, stored) in image.tree.manifests_leaves_first() {
        let tag = (digest == image.digest()).then(|| tag.to_string());
        let put = ecr
            .put_image()
            .repository_name(repository.as_str())
            .image_manifest(&stored.bytes)
            .image_manifest_media_type(&stored.media_type)
            .image_digest(digest.as_str())
            .set_image_tag(tag);
        match put.send().await {
            Err(error)
                if !error
                    .as_service_error()
                    .is_some_and(PutImageError::is_image_already_exists_exception) =>
            {
                let tried = format!("put the manifest {digest} into {repository}");
                return Err(Refusal::of(tried, &error).into());
            }
            _ => {}
        }
    }
    Ok(())
}

async fn upload(
    ecr: &Client,
    repository: &Repository,
    digest: &Digest,
    size: u64,
    blob: &Blob,
) -> Result<(), PushError> {
    let tried = || format!("upload the blob {digest} to {repository}");
    let initiate = ecr.initiate_layer_upload();
    let started = initiate.repository_name(repository.as_str()).send().await;
    let started = started.map_err(|error| Refusal::of(tried(), &error))?;
    let (Some(id), Some(part_size)) = (started.upload_id(), started.part_size()) else {
        return Err(Refusal::new(tried(), "ECR returned no upload id or no part size").into());
    };
    let part_size = u64::try_from(part_size).unwrap_or(0);
    let part_size = part_size.clamp(1, PART_BYTES_MAX);
    let mut first = 0;
    while first < size {
        let bytes = part(blob, first, part_size.min(size - first)).await;
        let bytes = bytes.map_err(|source| PushError::Blob {
            digest: digest.clone(),
            source,
        })?;
        let next = first + bytes.len() as u64;
        let sent = ecr
            .upload_layer_part()
            .repository_name(repository.as_str())
            .upload_id(id)
            .part_first_byte(i64::try_from(first).unwrap_or(i64::MAX))
            .part_last_byte(i64::try_from(next - 1).unwrap_or(i64::MAX))
            .layer_part_blob(Part::new(bytes))
            .send()
            .await;
        sent.map_err(|error| Refusal::of(tried(), &error))?;
        first = next;
    }
    Ok(complete(ecr, repository, digest, id).await?)
}

/// Ends an upload. A blob that was there already is there.
async fn complete(
    ecr: &Client,
    repository: &Repository,
    digest: &Digest,
    id: &str,
) -> Result<(), Refusal> {
    let complete = ecr.complete_layer_upload().upload_id(id);
    let complete = complete.repository_name(repository.as_str());
    match complete.layer_digests(digest.as_str()).send().await {
        Err(error)
            if !error
                .as_service_error()
                .is_some_and(CompleteLayerUploadError::is_layer_already_exists_exception) =>
        {
            let tried = format!("complete the blob {digest} in {repository}");
            Err(Refusal::of(tried, &error))
        }
        _ => Ok(()),
    }
}

/// Bytes of a blob, exactly as many as asked for and at least one.
async fn part(blob: &Blob, first: u64, length: u64) -> std::io::Result<Vec<u8>> {
    use tokio::io::AsyncSeekExt as _;
    let ended = || std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
    let length = usize::try_from(length).map_err(|_| ended())?;
    match blob {
        Blob::Memory(bytes) => {
            let first = usize::try_from(first).map_err(|_| ended())?;
            let part = bytes.get(first..).and_then(|rest| rest.get(..length));
            part.map(<[u8]>::to_vec).ok_or_else(ended)
        }
        Blob::File(path) => {
            let mut file = tokio::fs::File::open(path).await?;
            file.seek(std::io::SeekFrom::Start(first)).await?;
            let mut bytes = vec![0; length];
            file.read_exact(&mut bytes).await?;
            Ok(bytes)
        }
    }
}

#[cfg(test)]
mod tests;
