//! Downloads of blobs: a URL from ECR, fetched without credentials.
//!
//! ECR answers a pre-signed address of its storage. The registry's token never goes there.

use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use ecr_promoter_core::{Repository, manifest::Descriptor};
use http_body::Frame;
use http_body_util::BodyExt as _;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc::Sender;

use super::http::{call, refused_by_storage, request};
use crate::{
    aws::Aws,
    failure::{Failure, Remedy, chain},
};

/// A download that sends nothing for this long is abandoned.
pub(crate) const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// Opens the download of a blob.
pub(crate) async fn open(
    aws: &Aws,
    blob: &Descriptor,
    source: &Repository,
) -> Result<SdkBody, Failure> {
    open_from(aws, blob, source, 0).await
}

/// Opens the download of a blob without its first bytes.
pub(crate) async fn open_from(
    aws: &Aws,
    blob: &Descriptor,
    source: &Repository,
    first: u64,
) -> Result<SdkBody, Failure> {
    let address = Address::ask(aws, blob, source).await?;
    address.open_from(aws, first).await
}

/// Where a blob is downloaded from; good for an hour.
pub(crate) struct Address {
    url: String,
    tried: String,
}

impl Address {
    /// Asks ECR for it.
    pub(crate) async fn ask(
        aws: &Aws,
        blob: &Descriptor,
        source: &Repository,
    ) -> Result<Self, Failure> {
        let tried = format!("download {} of {source}", blob.digest);
        let answer = aws
            .ecr
            .get_download_url_for_layer()
            .repository_name(source.as_str())
            .layer_digest(blob.digest.as_str())
            .send()
            .await
            .map_err(|error| Failure::ecr(&tried, &error))?;
        let url = answer.download_url.unwrap_or_default();
        // Plain HTTP only where the operator configured an endpoint of that kind.
        let plain = aws
            .endpoint
            .as_deref()
            .is_some_and(|e| e.starts_with("http://"));
        if url.starts_with("https://") || (plain && url.starts_with("http://")) {
            Ok(Self { url, tried })
        } else {
            let said = "ECR returned no https download URL";
            Err(Failure::new(Remedy::Wait, tried, said))
        }
    }

    /// Opens the download without its first bytes (RFC 9110, "Range Requests").
    pub(crate) async fn open_from(self, aws: &Aws, first: u64) -> Result<SdkBody, Failure> {
        let Self { url, tried } = self;
        let mut request = request("GET", &url, SdkBody::empty(), &tried)?;
        let mut wanted = 200;
        if first > 0 {
            wanted = 206;
            let headers = request.headers_mut();
            headers.insert("range", format!("bytes={first}-"));
        }
        let response = call(aws, request, &tried).await?;
        let said = match response.status().as_u16() {
            206 if !begins_at(&response, first) => "the storage sent another part than the rest",
            status if status == wanted => return Ok(response.into_body()),
            200 => "the storage sent the whole of it where the rest was asked for",
            _ => return Err(refused_by_storage(aws, tried, response).await),
        };
        Err(Failure::new(Remedy::Wait, tried, said))
    }
}

/// Whether the part that an answer holds begins at this byte (RFC 9110, "Content-Range").
fn begins_at(response: &HttpResponse, first: u64) -> bool {
    let range = response.headers().get("content-range");
    range.is_some_and(|range| range.starts_with(&format!("bytes {first}-")))
}

/// Passes a blob on as it arrives, and checks it against its size and its digest. A reader that lets go
/// of the other end has its answer; it can say nothing of what it did not read, so the rest is left.
pub(crate) async fn feed(
    aws: &Aws,
    blob: &Descriptor,
    source: &Repository,
    mut body: SdkBody,
    frames: Sender<Bytes>,
) -> Result<(), Failure> {
    let failed = |remedy, said: String| {
        let tried = format!("read {} of {source}", blob.digest);
        Err(Failure::new(remedy, tried, said))
    };
    let (mut hash, mut length) = (Sha256::new(), 0_u64);
    while let Some(frame) = next(aws, &mut body).await {
        let data = match frame {
            Ok(frame) => frame.into_data().unwrap_or_default(),
            Err(broken) => return failed(Remedy::Wait, broken),
        };
        length = length.saturating_add(data.len().try_into().unwrap_or(u64::MAX));
        if length > blob.size {
            return failed(
                Remedy::Never,
                "it is longer than its manifest says".to_owned(),
            );
        }
        hash.update(&data);
        if frames.send(data).await.is_err() {
            return Ok(());
        }
    }
    // The storage said where it ends: what disagrees is the manifest.
    if ecr_promoter_core::Digest::from_sha256(hash.finalize().into()) == blob.digest {
        Ok(())
    } else {
        failed(
            Remedy::Never,
            "its bytes do not match its digest".to_owned(),
        )
    }
}

/// The next frame of a body that does not stall.
async fn next(aws: &Aws, body: &mut SdkBody) -> Option<Result<Frame<Bytes>, String>> {
    match aws.seam.within(IDLE_TIMEOUT, body.frame()).await {
        Some(frame) => frame.map(|frame| frame.map_err(|error| chain(error.as_ref()))),
        None => Some(Err(format!(
            "it sent nothing for {} s",
            IDLE_TIMEOUT.as_secs()
        ))),
    }
}
