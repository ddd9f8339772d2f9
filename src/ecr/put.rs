//! Putting a manifest, byte for byte, by its digest.

use std::time::Duration;

use aws_sdk_ecr::operation::put_image::PutImageError;
use aws_smithy_async::time::StaticTimeSource;
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};
use ecr_promoter_core::{Digest, Repository, Tag, Time};

use crate::{
    aws::Aws,
    failure::{Advice, Code, Failure, MAKE_THE_TARGET, Remedy},
};

/// How long the write of a tag may take; well inside the head's lease.
pub(crate) const TAG_TIMEOUT: Duration = Duration::from_secs(10);

/// What a PutImage did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Put {
    /// It wrote.
    Written,
    /// The same image stood there, under the same tag.
    StoodAlready,
}

/// A tag that is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tagging<'a> {
    pub tag: &'a Tag,
    /// For the tag of a push, which is tried once: the time with which the request is signed. AWS refuses it five
    /// minutes later, so that a function that was frozen before it could send puts nothing any more.
    pub signed: Option<Time>,
}

/// Puts one manifest; the caller has waited for its turn. Under the tag of a push it is tried once; else the SDK tries
/// again.
pub(crate) async fn put_image(
    aws: &Aws,
    repository: &Repository,
    digest: &Digest,
    bytes: &str,
    media_type: &str,
    tagging: Option<Tagging<'_>>,
) -> Result<Put, Failure> {
    let tag = tagging.map(|tagging| tagging.tag);
    let tried = match tag {
        Some(tag) => format!("tag {repository}:{tag} with {digest}"),
        None => format!("put {repository}@{digest}"),
    };
    let request = aws
        .ecr
        .put_image()
        .repository_name(repository.as_str())
        .image_manifest(bytes)
        .image_manifest_media_type(media_type)
        .image_digest(digest.as_str())
        .set_image_tag(tag.map(ToString::to_string));
    let sent = match tagging.and_then(|tagging| tagging.signed) {
        Some(signed) => {
            let config = once(signed);
            request.customize().config_override(config).send().await
        }
        None => request.send().await,
    };
    let Err(error) = sent else {
        return Ok(Put::Written);
    };
    let service = error.as_service_error();
    if service.is_some_and(PutImageError::is_image_already_exists_exception) {
        return Ok(Put::StoodAlready);
    }
    Err(Failure::ecr_where(tried, &error, advice))
}

fn once(signed: Time) -> aws_sdk_ecr::config::Builder {
    aws_sdk_ecr::Config::builder()
        .time_source(StaticTimeSource::new(signed.into()))
        .retry_config(RetryConfig::disabled())
        .timeout_config(
            TimeoutConfig::builder()
                .operation_timeout(TAG_TIMEOUT)
                .build(),
        )
}

/// Something was there when it was looked up and is gone: a lifecycle rule, or ECR's own clean-up of
/// layers without an image. The next copy looks again.
fn advice(code: &Code) -> Advice {
    match code {
        code if is_lost(code) => (Remedy::Wait, None),
        Code::RepositoryNotFound => (code.at_ecr().0, MAKE_THE_TARGET),
        code => code.at_ecr(),
    }
}

/// Whether a failure says that something below the root is missing at the target, so that a fresh
/// copy fixes it.
pub(crate) fn lost_something(failure: &Failure) -> bool {
    is_lost(failure.code())
}

fn is_lost(code: &Code) -> bool {
    matches!(code, Code::LayersNotFound | Code::ReferencedImagesNotFound)
}
