//! Downloads of blobs: a URL from ECR, fetched without credentials.
//!
//! ECR answers a pre-signed address of its storage. The registry's token never goes there.

use std::time::Duration;

use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use ecr_promoter_core::{Repository, manifest::Descriptor};
use futures_util::future::{Either, select};
use http_body::Frame;
use http_body_util::BodyExt as _;
use sha2::{Digest as _, Sha256};

use super::http::{call, refused_by_storage, request};
use crate::{
    aws::Aws,
    failure::{Failure, Remedy, chain},
};

/// A download that sends nothing for so long is given up.
pub(crate) const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// Opens the download of a blob.
pub(crate) async fn open(
    aws: &Aws,
    blob: &Descriptor,
    source: &Repository,
) -> Result<SdkBody, Failure> {
    let tried = format!("download {} of {source}", blob.digest);
    let url = url(aws, blob, source, &tried).await?;
    let response = call(aws, request("GET", &url, SdkBody::empty(), &tried)?, &tried).await?;
    if response.status().as_u16() == 200 {
        return Ok(response.into_body());
    }
    Err(refused_by_storage(tried, response).await)
}

/// A whole blob of at most `bytes_max`, checked against its digest.
pub(crate) async fn whole(
    aws: &Aws,
    blob: &Descriptor,
    source: &Repository,
    bytes_max: u64,
) -> Result<Vec<u8>, Failure> {
    let tried = || format!("read {} of {source}", blob.digest);
    if blob.size > bytes_max {
        let said = format!("limit: it has {} bytes, more than {bytes_max}", blob.size);
        return Err(Failure::new(Remedy::Never, tried(), said));
    }
    let mut body = open(aws, blob, source).await?;
    let mut bytes = Vec::new();
    while let Some(frame) = next(aws, &mut body).await {
        let frame = frame.map_err(|broken| Failure::new(Remedy::Wait, tried(), broken))?;
        if let Ok(data) = frame.into_data() {
            bytes.extend_from_slice(&data);
        }
        if u64::try_from(bytes.len()).is_ok_and(|length| length > blob.size) {
            return Err(Failure::new(
                Remedy::Never,
                tried(),
                "it is longer than its manifest says",
            ));
        }
    }
    // The storage said where it ends: what disagrees is the manifest.
    let found: [u8; 32] = Sha256::digest(&bytes).into();
    if ecr_promoter_core::Digest::from_sha256(found) == blob.digest {
        Ok(bytes)
    } else {
        Err(Failure::new(
            Remedy::Never,
            tried(),
            "it does not hash to its digest",
        ))
    }
}

/// The next frame of a body that does not stand still.
async fn next(aws: &Aws, body: &mut SdkBody) -> Option<Result<Frame<Bytes>, String>> {
    let frame = Box::pin(body.frame());
    let idle = Box::pin(aws.seam.sleep(IDLE_TIMEOUT));
    match select(frame, idle).await {
        Either::Left((frame, _)) => frame.map(|frame| frame.map_err(|error| chain(error.as_ref()))),
        Either::Right(_) => Some(Err(format!(
            "it sent nothing for {} s",
            IDLE_TIMEOUT.as_secs()
        ))),
    }
}

async fn url(
    aws: &Aws,
    blob: &Descriptor,
    source: &Repository,
    tried: &str,
) -> Result<String, Failure> {
    let answer = aws
        .ecr
        .get_download_url_for_layer()
        .repository_name(source.as_str())
        .layer_digest(blob.digest.as_str())
        .send()
        .await
        .map_err(|error| Failure::ecr(tried, &error))?;
    let url = answer.download_url.unwrap_or_default();
    // Plain HTTP only where the operator configured an endpoint of that kind.
    let plain = aws
        .endpoint
        .as_deref()
        .is_some_and(|e| e.starts_with("http://"));
    if url.starts_with("https://") || (plain && url.starts_with("http://")) {
        Ok(url)
    } else {
        Err(Failure::new(
            Remedy::Wait,
            tried,
            "ECR answered no https download URL",
        ))
    }
}
