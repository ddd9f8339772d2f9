//! What refers to an image by its `subject`: `ListImageReferrers`, and the same for the OCI referrers API.

use serde_json::{Value, json};

use super::catalog::StatusFilter;
use super::error::{Place, Refusal};
use super::names::{invalid_digest, is_digest};
use super::paging::{after, page};
use super::repositories::with_token;
use super::request::Request;
use super::state::Image;
use super::{Ecr, Outcome};

/// `maxResults` where none is given, and at most (ECR API Reference, `ListImageReferrers`).
const PAGE_DEFAULT: u64 = 20;
const PAGE_MAX: u64 = 50;
/// Entries of `filter.artifactTypes`.
const TYPES_MAX: usize = 5;

/// `filter` of the call.
struct Filter {
    types: Option<Vec<String>>,
    status: StatusFilter,
}

impl Ecr {
    /// The subject need not be there.
    pub(super) fn list_image_referrers(&self, request: &Request) -> Outcome {
        let place = self.place_of(request)?;
        let subject = request
            .member("subjectId")
            .ok_or_else(|| Refusal::parameter("subjectId", "must not be null"))?;
        let subject = subject
            .get("imageDigest")
            .and_then(Value::as_str)
            .map(str::to_owned)
            .ok_or_else(|| Refusal::parameter("subjectId.imageDigest", "must not be null"))?;
        if !is_digest(&subject) {
            return Err(invalid_digest("subjectId.imageDigest"));
        }
        let filter = Filter::read(request)?;
        let size = request
            .number("maxResults", 1..=PAGE_MAX)?
            .unwrap_or(PAGE_DEFAULT);
        let after = after(request.text("nextToken"))?;
        let journal = self.journal();
        let images = journal.state.repository(&place)?.images.iter();
        let all = images.filter(|(_, image)| {
            image.manifest.subject.as_ref() == Some(&subject) && filter.takes(image)
        });
        let all = all.map(|(digest, image)| (digest.clone(), referrer(digest, image)));
        let page = page(
            all,
            after.as_deref(),
            usize::try_from(size).unwrap_or(usize::MAX),
        );
        Ok(with_token(json!({"referrers": page.items}), page.next))
    }

    /// The index that the OCI referrers API answers (OCI Distribution Specification, "Listing Referrers").
    pub(crate) fn referrers_index(
        &self,
        place: &Place,
        subject: &str,
        kind: Option<&str>,
    ) -> Result<Value, Refusal> {
        let journal = self.journal();
        let images = journal.state.repository(place)?.images.iter();
        let of_kind = |image: &Image| {
            kind.is_none_or(|kind| image.manifest.artifact_media_type.as_deref() == Some(kind))
        };
        let all = images.filter(|(_, image)| {
            image.manifest.subject.as_deref() == Some(subject) && of_kind(image)
        });
        let manifests: Vec<Value> = all
            .map(|(digest, image)| descriptor(digest, image))
            .collect();
        Ok(
            json!({"schemaVersion": 2, "mediaType": super::manifest::OCI_INDEX, "manifests": manifests}),
        )
    }
}

impl Filter {
    fn read(request: &Request) -> Result<Self, Refusal> {
        let of = |member: &str| {
            request
                .member("filter")
                .and_then(|filter| filter.get(member))
                .filter(|value| !value.is_null())
        };
        let types = match of("artifactTypes") {
            None => None,
            Some(Value::Array(types)) if types.len() <= TYPES_MAX => Some(
                types
                    .iter()
                    .filter_map(Value::as_str)
                    .map(str::to_owned)
                    .collect(),
            ),
            Some(_) => {
                return Err(Refusal::parameter(
                    "filter.artifactTypes",
                    format!("length must be at most {TYPES_MAX}"),
                ));
            }
        };
        let status = of("artifactStatus").and_then(Value::as_str);
        let status = StatusFilter::read("filter.artifactStatus", status)?;
        Ok(Self { types, status })
    }

    fn takes(&self, image: &Image) -> bool {
        let kind = image.manifest.artifact_media_type.as_ref();
        self.types
            .as_ref()
            .is_none_or(|types| kind.is_some_and(|kind| types.contains(kind)))
            && self.status.takes(image)
    }
}

fn descriptor(digest: &str, image: &Image) -> Value {
    let mut descriptor =
        json!({"digest": digest, "mediaType": image.manifest.media_type, "size": image.text.len()});
    if let Value::Object(members) = &mut descriptor {
        members.extend(
            image
                .manifest
                .artifact_media_type
                .iter()
                .map(|kind| ("artifactType".to_owned(), json!(kind))),
        );
        if !image.manifest.annotations.is_empty() {
            members.insert(
                "annotations".to_owned(),
                Value::Object(image.manifest.annotations.clone()),
            );
        }
    }
    descriptor
}

fn referrer(digest: &str, image: &Image) -> Value {
    let mut referrer = descriptor(digest, image);
    if let Value::Object(members) = &mut referrer {
        members.insert("artifactStatus".to_owned(), json!(image.status()));
    }
    referrer
}
