//! Scan results. There is no scanner here: somebody says what it found ([`Ecr::set_findings`]), and it is
//! served, in pages, as ECR serves it.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::error::Refusal;
use super::events::{Action, Image as EventOf, is_enhanced};
use super::findings;
use super::paging::after;
use super::repositories::{seconds, with_token};
use super::request::{ImageId, Request};
use super::state::{Change, Image};
use super::{Ecr, Outcome};

/// One scan for each image in 24 hours (ECR service quotas).
const SCAN_HOURS: i64 = 24;
const SCAN_QUOTA: &str = "The scan quota per image has been exceeded. Wait and try again.";
/// The lists that are paged: basic and enhanced findings.
const LISTS: [&str; 2] = ["findings", "enhancedFindings"];
/// Members that are times (ECR API Reference, `ImageScanFindings`, `EnhancedImageScanFinding`).
const TIMES: [&str; 9] = [
    "imageScanCompletedAt",
    "vulnerabilitySourceUpdatedAt",
    "firstObservedAt",
    "lastObservedAt",
    "updatedAt",
    "vendorCreatedAt",
    "vendorUpdatedAt",
    "pushedAt",
    "lastInUseAt",
];
/// Findings nest far less deep than this.
const DEPTH_MAX: usize = 32;

impl Ecr {
    /// Makes `body`, a `DescribeImageScanFindings` response, the scan of an image. Times may be numbers or
    /// RFC 3339 text and are served as numbers. With `event` the scan event is raised: `Inspector2 Scan`
    /// where `enhancedFindings` is there, else `ECR Image Scan`; none of a scan that has not ended.
    ///
    /// # Errors
    /// A sentence where the image is not here, or ECR could not answer the body: what was expected, and what was found.
    pub fn set_findings(
        &self,
        repository: &str,
        digest: &str,
        body: Value,
        event: bool,
    ) -> Result<(), String> {
        findings::check(&body)?;
        let mut body = body;
        numbers(&mut body, 0)?;
        self.keep_findings(repository, digest, body, event)
            .map_err(|refusal| refusal.to_string())
    }

    fn keep_findings(
        &self,
        repository: &str,
        digest: &str,
        body: Value,
        event: bool,
    ) -> Result<(), Refusal> {
        let id = ImageId {
            digest: Some(digest.to_owned()),
            tag: None,
        };
        let mut journal = self.journal();
        let (_, image) = journal.state.image(&self.place(repository), &id)?;
        let (tags, manifest) = (image.tags.iter().cloned().collect(), image.manifest.clone());
        let change = Change::Scanned {
            repository: repository.to_owned(),
            digest: digest.to_owned(),
            scan: body.clone(),
            started: None,
        };
        let events = if event && has_ended(&body) {
            let event = EventOf {
                action: Action::Scan { body, tags },
                repository,
                digest,
                tag: None,
                manifest: &manifest,
            };
            vec![self.event(&journal, &event)]
        } else {
            Vec::new()
        };
        Self::commit_with(&mut journal, vec![change], &events)?;
        drop(journal);
        self.raise(events);
        Ok(())
    }

    pub(super) fn describe_image_scan_findings(&self, request: &Request) -> Outcome {
        let place = self.place_of(request)?;
        let id = request.image_id()?;
        let (start, size) = (offset(request)?, request.page_size()?);
        let journal = self.journal();
        let (digest, image) = journal.state.image(&place, &id)?;
        let named = ImageId {
            digest: Some(digest.to_owned()),
            ..id.clone()
        };
        let scan = image.scan.as_ref().ok_or_else(|| Refusal::ScanNotFound {
            id: named.clone(),
            place: place.clone(),
        })?;
        let mut answer = place.answer();
        answer.insert("imageId".to_owned(), named.json());
        if image.archived_at.is_some() {
            answer.insert(
                "imageScanStatus".to_owned(),
                json!({"status": "IMAGE_ARCHIVED"}),
            );
            return Ok(Value::Object(answer));
        }
        answer.insert(
            "imageScanStatus".to_owned(),
            scan.get("imageScanStatus").cloned().unwrap_or_default(),
        );
        let mut next = None;
        if let Some(findings) = scan.get("imageScanFindings") {
            let (findings, more) = slice(findings, start, size);
            answer.insert("imageScanFindings".to_owned(), findings);
            next = more.map(token);
        }
        Ok(with_token(Value::Object(answer), next))
    }

    /// An index cannot be scanned, only its children.
    pub(super) fn start_image_scan(&self, request: &Request) -> Outcome {
        let place = self.place_of(request)?;
        let id = request.image_id()?;
        let now = self.now();
        let mut journal = self.journal();
        let (digest, image) = journal.state.image(&place, &id)?;
        check_scannable(image, &id, now)?;
        let (repository, digest) = (place.repository.clone(), digest.to_owned());
        let status = json!({"imageScanStatus": {"status": "IN_PROGRESS"}});
        let mut answer = place.answer();
        answer.insert(
            "imageId".to_owned(),
            ImageId {
                digest: Some(digest.clone()),
                ..id
            }
            .json(),
        );
        answer.extend(status.as_object().cloned().unwrap_or_default());
        Self::commit(
            &mut journal,
            vec![Change::Scanned {
                repository,
                digest,
                scan: status,
                started: Some(now),
            }],
        )?;
        Ok(Value::Object(answer))
    }
}

/// AWS tells of a scan when it is over. `ACTIVE` without a list is Inspector's first word, before any finding.
fn has_ended(body: &Value) -> bool {
    match body
        .pointer("/imageScanStatus/status")
        .and_then(Value::as_str)
    {
        Some("IN_PROGRESS" | "PENDING") => false,
        Some("ACTIVE") => is_enhanced(body),
        _ => true,
    }
}

fn check_scannable(image: &Image, id: &ImageId, now: DateTime<Utc>) -> Result<(), Refusal> {
    if image.archived_at.is_some() {
        return Err(Refusal::ImageArchived { id: id.clone() });
    }
    if image.manifest.is_index() {
        return Err(Refusal::UnsupportedImageType {
            media_type: image.manifest.media_type.clone(),
        });
    }
    let recent = |started| now - started < TimeDelta::hours(SCAN_HOURS);
    if image.scan_started_at.is_some_and(recent) {
        return Err(Refusal::LimitExceeded {
            what: SCAN_QUOTA.to_owned(),
        });
    }
    Ok(())
}

fn offset(request: &Request) -> Result<usize, Refusal> {
    let key = after(request.text("nextToken"))?;
    let wrong = || Refusal::parameter("NextToken", "Invalid next token provided");
    key.map_or(Ok(0), |key| key.parse().map_err(|_| wrong()))
}

fn token(offset: usize) -> String {
    super::paging::write(&offset.to_string())
}

/// A page of the findings, and where the next begins. `null` stays `null`.
fn slice(findings: &Value, start: usize, size: usize) -> (Value, Option<usize>) {
    let mut shown = findings.clone();
    let end = start.saturating_add(size);
    let mut more = false;
    for list in LISTS {
        if let Some(list) = shown.get_mut(list).and_then(Value::as_array_mut) {
            more |= list.len() > end;
            list.truncate(end);
            list.drain(..start.min(list.len()));
        }
    }
    (shown, more.then_some(end))
}

/// Turns times that are text into numbers, as JSON 1.1 has them.
fn numbers(value: &mut Value, depth: usize) -> Result<(), String> {
    if depth > DEPTH_MAX {
        return Err(format!(
            "the findings are nested more than {DEPTH_MAX} levels deep"
        ));
    }
    match value {
        Value::Array(list) => list
            .iter_mut()
            .try_for_each(|item| numbers(item, depth + 1)),
        Value::Object(members) => members
            .iter_mut()
            .try_for_each(|(name, member)| match member {
                Value::String(text) if TIMES.contains(&name.as_str()) => {
                    let time = DateTime::parse_from_rfc3339(text).map_err(|cause| {
                        format!("{name}: expected an RFC 3339 time, found \"{text}\": {cause}")
                    })?;
                    *member = seconds(time.to_utc());
                    Ok(())
                }
                _ => numbers(member, depth + 1),
            }),
        _ => Ok(()),
    }
}
