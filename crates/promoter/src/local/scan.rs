//! `promoter local scan`: says what a scanner found in an image of a running `promoter local`.
//!
//! There is no scanner in it: somebody has to say, and the scan's event follows.

use std::{
    path::{Path, PathBuf},
    time::SystemTime,
};

use aws_sdk_ecr::types::ImageIdentifier;
use aws_smithy_runtime_api::client::{http::HttpConnector as _, orchestrator::HttpRequest};
use chrono::{DateTime, SecondsFormat, Utc};
use clap::Args;
use ecr_promoter::{Aws, Seam};
use ecr_promoter_core::{
    Registry,
    manifest::{Manifest, ManifestKind},
};
use http_body_util::{BodyExt as _, Limited};
use serde_json::{Value, json};

use super::account;
use crate::{Failed, asked::Asked, page::Page, refusal::Refusal};

/// Where `promoter local` answers by default.
const URL: &str = "http://127.0.0.1:4566";
/// The longest answer that is read.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// What was scanned, and what was found.
#[derive(Debug, Args)]
#[expect(
    clippy::doc_markdown,
    reason = "people read these lines in a terminal, where backticks are noise"
)]
pub(crate) struct Choices {
    /// The image: REPOSITORY:TAG or REPOSITORY@DIGEST; of an index, each platform gets the result, as in ECR
    #[arg(value_name = "IMAGE", value_parser = Asked::parse)]
    image: Asked,
    /// The scanner found nothing
    #[arg(
        long,
        conflicts_with = "findings",
        required_unless_present = "findings"
    )]
    clean: bool,
    /// A DescribeImageScanFindings response, JSON, as `aws ecr describe-image-scan-findings` prints it; completed now, if it says
    /// COMPLETE and not when
    #[arg(long, value_name = "FILE")]
    findings: Option<PathBuf>,
    /// The address of promoter local; by default AWS_ENDPOINT_URL, or else http://127.0.0.1:4566
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

/// Sets the result of each platform's scan.
pub(crate) async fn run(choices: &Choices) -> Result<(), Failed> {
    let variable = || std::env::var("AWS_ENDPOINT_URL").ok();
    let url = choices.url.clone().or_else(variable);
    let url = url.unwrap_or_else(|| URL.to_owned());
    let url = url.trim_end_matches('/');
    let findings = match &choices.findings {
        Some(path) => read(path)?,
        None => clean(),
    };
    let findings = completed(findings, SystemTime::now().into());
    // Any credentials and any Region will do there.
    let aws = account::clients(
        Seam::network(),
        url,
        &Registry::new("000000000000", "us-east-1")?,
    );
    let repository = choices.image.repository.as_str();
    let digests = platforms(&aws, repository, id(&choices.image)).await?;
    for digest in &digests {
        put(&aws, url, repository, digest, &findings).await?;
        Page::stdout().line(format!("scanned {repository}@{digest}"))?;
    }
    Ok(())
}

fn id(image: &Asked) -> ImageIdentifier {
    let id = ImageIdentifier::builder();
    let id = match (&image.digest, &image.tag) {
        (Some(digest), _) => id.image_digest(digest.as_str()),
        (None, Some(tag)) => id.image_tag(tag.as_str()),
        (None, None) => id,
    };
    id.build()
}

/// A basic scan that found nothing.
fn clean() -> Value {
    json!({
        "imageScanStatus": {"status": "COMPLETE"},
        "imageScanFindings": {"findings": [], "findingSeverityCounts": {}},
    })
}

fn read(path: &Path) -> Result<Value, Failed> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    serde_json::from_str(&text)
        .map_err(|error| format!("{} is not JSON: {error}", path.display()).into())
}

/// Says when a scan was completed where nothing does, as in a file that was written by hand: without it, a scan is not complete.
fn completed(mut findings: Value, now: DateTime<Utc>) -> Value {
    let status = findings.pointer("/imageScanStatus/status");
    let is_complete = status.is_some_and(|status| status == "COMPLETE");
    let found = findings.get_mut("imageScanFindings");
    if is_complete && let Some(found) = found.and_then(Value::as_object_mut) {
        found
            .entry("imageScanCompletedAt")
            .or_insert_with(|| now.to_rfc3339_opts(SecondsFormat::Secs, true).into());
    }
    findings
}

#[test]
fn a_complete_scan_has_a_time_and_any_other_is_left_alone() {
    let now = "2026-03-07T09:05:03Z".parse().unwrap_or_default();
    let at = |at: &str| json!({"imageScanStatus": {"status": "COMPLETE"}, "imageScanFindings": {"imageScanCompletedAt": at}});
    let failed = json!({"imageScanStatus": {"status": "FAILED"}, "imageScanFindings": {}});
    for (findings, expected) in [
        (
            json!({"imageScanStatus": {"status": "COMPLETE"}, "imageScanFindings": {}}),
            at("2026-03-07T09:05:03Z"),
        ),
        (at("2026-03-01T00:00:00Z"), at("2026-03-01T00:00:00Z")),
        (failed.clone(), failed),
        (json!([]), json!([])),
        (json!({}), json!({})),
    ] {
        assert_eq!(completed(findings, now), expected);
    }
}

/// The digests that a scanner looks at: the image itself, or an index's children that are images.
async fn platforms(
    aws: &Aws,
    repository: &str,
    id: ImageIdentifier,
) -> Result<Vec<String>, Failed> {
    let (digest, root) = manifest(aws, repository, id).await?;
    let ManifestKind::Index { manifests } = &root.kind else {
        return Ok(vec![digest]);
    };
    let mut found = Vec::new();
    for child in manifests {
        let id = ImageIdentifier::builder().image_digest(child.digest.as_str());
        let (digest, manifest) = manifest(aws, repository, id.build()).await?;
        if manifest.is_image() {
            found.push(digest);
        }
    }
    if found.is_empty() {
        return Err(format!("{repository}@{digest} has no platform to scan").into());
    }
    Ok(found)
}

async fn manifest(
    aws: &Aws,
    repository: &str,
    id: ImageIdentifier,
) -> Result<(String, Manifest), Failed> {
    let get = aws.ecr.batch_get_image().repository_name(repository);
    let answer = get.image_ids(id).send().await;
    let answer =
        answer.map_err(|error| Refusal::of(format!("read an image of {repository}"), &error))?;
    let failure = || answer.failures().first();
    let image = answer.images().first().ok_or_else(|| {
        let reason = failure().and_then(|it| it.failure_reason());
        format!(
            "{repository}: {}",
            reason.unwrap_or("the image is not there")
        )
    })?;
    let text = image.image_manifest().unwrap_or_default();
    let manifest = Manifest::read(text.as_bytes(), image.image_manifest_media_type())?;
    let digest = image.image_id().and_then(|id| id.image_digest());
    Ok((digest.unwrap_or_default().to_owned(), manifest))
}

/// Hands the findings over.
async fn put(
    aws: &Aws,
    url: &str,
    repository: &str,
    digest: &str,
    findings: &Value,
) -> Result<(), Failed> {
    let refused =
        |said: String| Refusal::new(format!("set the scan of {repository}@{digest}"), said);
    let mut request = HttpRequest::new(findings.to_string().into());
    request
        .set_method("PUT")
        .map_err(|error| refused(error.to_string()))?;
    request
        .set_uri(format!("{url}/_local/findings/{repository}/{digest}"))
        .map_err(|error| refused(error.to_string()))?;
    let answer = aws.seam.connector.call(request).await;
    let answer = answer.map_err(|error| refused(error.to_string()))?;
    let status = answer.status();
    let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX);
    let body = body
        .collect()
        .await
        .map_err(|error| refused(error.to_string()))?;
    if status.is_success() {
        return Ok(());
    }
    let body = body.to_bytes();
    let message = serde_json::from_slice::<Value>(&body).ok();
    let message = message.as_ref().and_then(|it| it["message"].as_str());
    let said = message.map_or_else(|| format!("HTTP {}", status.as_u16()), str::to_owned);
    Err(refused(said).into())
}
