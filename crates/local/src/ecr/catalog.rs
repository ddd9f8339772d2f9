//! What images there are: `DescribeImages` and `ListImages`.

use serde_json::{Map, Value, json};

use super::error::{Place, Refusal};
use super::events::is_enhanced;
use super::paging::{after, page};
use super::pulls::locate;
use super::repositories::{seconds, with_token};
use super::request::{ImageId, Request, check_image_id};
use super::settings::BASIC_SCAN_TYPE_VERSION;
use super::state::{Image, Repository};
use super::{Ecr, Outcome};

/// `filter` of both calls.
struct Filter {
    tagged: Option<bool>,
    status: StatusFilter,
}

/// Which `imageStatus` is shown (ECR API Reference, `DescribeImagesFilter`, `ListImageReferrersFilter`).
pub(super) struct StatusFilter(Option<String>);

impl StatusFilter {
    /// Without a word only active images are shown.
    pub(super) fn read(at: &str, given: Option<&str>) -> Result<Self, Refusal> {
        match given.unwrap_or("ACTIVE") {
            "ANY" => Ok(Self(None)),
            status @ ("ACTIVE" | "ARCHIVED" | "ACTIVATING") => Ok(Self(Some(status.to_owned()))),
            _ => Err(Refusal::parameter(
                at,
                "must be one of ACTIVE, ARCHIVED, ACTIVATING, ANY",
            )),
        }
    }

    pub(super) fn takes(&self, image: &Image) -> bool {
        self.0.as_deref().is_none_or(|it| it == image.status())
    }
}

impl Ecr {
    pub(super) fn describe_images(&self, request: &Request) -> Outcome {
        let place = self.place_of(request)?;
        let ids = request.image_ids()?;
        let filter = Filter::read(request)?;
        let paged = request.member("nextToken").is_some() || request.member("maxResults").is_some();
        if ids.is_some() && paged {
            return Err(Refusal::parameter(
                "imageIds",
                "must not be given with nextToken or maxResults",
            ));
        }
        let (after, size) = (after(request.text("nextToken"))?, request.page_size()?);
        let journal = self.journal();
        let repository = journal.state.repository(&place)?;
        let clair = self.setting(&journal.state, BASIC_SCAN_TYPE_VERSION) == Some("CLAIR");
        if let Some(ids) = ids {
            let details: Result<Vec<Value>, Refusal> = ids
                .iter()
                .map(|id| named(repository, &place, id, clair))
                .collect();
            return Ok(json!({"imageDetails": details?}));
        }
        let all = repository
            .images
            .iter()
            .filter(|(_, image)| filter.takes(image));
        let page = page(
            all.map(|(digest, image)| (digest.clone(), (digest, image))),
            after.as_deref(),
            size,
        );
        let details: Vec<Value> = page
            .items
            .into_iter()
            .map(|(digest, image)| detail(repository, &place, digest, image, clair))
            .collect();
        Ok(with_token(json!({"imageDetails": details}), page.next))
    }

    /// One entry for each tag, and one for an image without a tag.
    pub(super) fn list_images(&self, request: &Request) -> Outcome {
        let place = self.place_of(request)?;
        let filter = Filter::read(request)?;
        let (after, size) = (after(request.text("nextToken"))?, request.page_size()?);
        let journal = self.journal();
        let repository = journal.state.repository(&place)?;
        let images = repository
            .images
            .iter()
            .filter(|(_, image)| filter.takes(image));
        let entries = images.flat_map(|(digest, image)| {
            let untagged = image.tags.is_empty().then_some(None);
            let tags = image
                .tags
                .iter()
                .map(|tag| Some(tag.clone()))
                .chain(untagged);
            tags.map(move |tag| {
                (
                    format!("{digest} {}", tag.as_deref().unwrap_or_default()),
                    ImageId {
                        digest: Some(digest.clone()),
                        tag,
                    },
                )
            })
        });
        let page = page(entries, after.as_deref(), size);
        let ids: Vec<Value> = page.items.iter().map(ImageId::json).collect();
        Ok(with_token(json!({"imageIds": ids}), page.next))
    }

    /// A repository's tags, in no useful order (ECR sorts them by nothing that a caller knows).
    pub(crate) fn tags(
        &self,
        place: &Place,
        from: Option<&str>,
        size: usize,
    ) -> Result<(Vec<String>, Option<String>), Refusal> {
        let after = after(from)?;
        let journal = self.journal();
        let tags = journal.state.repository(place)?.tags.keys();
        let mut keyed: Vec<(String, String)> = tags
            .map(|tag| (super::sha256(tag.as_bytes()), tag.clone()))
            .collect();
        keyed.sort_unstable();
        let page = page(keyed.into_iter(), after.as_deref(), size);
        Ok((page.items, page.next))
    }
}

impl Filter {
    fn read(request: &Request) -> Result<Self, Refusal> {
        let of = |member: &str| {
            request
                .member("filter")
                .and_then(|filter| filter.get(member))
                .and_then(Value::as_str)
        };
        let tagged = match of("tagStatus") {
            None | Some("ANY") => None,
            Some("TAGGED") => Some(true),
            Some("UNTAGGED") => Some(false),
            Some(_) => {
                return Err(Refusal::parameter(
                    "filter.tagStatus",
                    "must be one of TAGGED, UNTAGGED, ANY",
                ));
            }
        };
        let status = StatusFilter::read("filter.imageStatus", of("imageStatus"))?;
        Ok(Self { tagged, status })
    }

    fn takes(&self, image: &Image) -> bool {
        self.tagged
            .is_none_or(|tagged| tagged != image.tags.is_empty())
            && self.status.takes(image)
    }
}

/// An image that is asked for by name must be there.
fn named(repository: &Repository, place: &Place, id: &ImageId, clair: bool) -> Outcome {
    check_image_id(id)?;
    let digest = locate(repository, id).ok();
    let image = digest
        .as_ref()
        .and_then(|digest| repository.images.get_key_value(digest));
    let (digest, image) = image.ok_or_else(|| Refusal::ImageNotFound {
        id: id.clone(),
        place: place.clone(),
    })?;
    Ok(detail(repository, place, digest, image, clair))
}

fn detail(
    repository: &Repository,
    place: &Place,
    digest: &str,
    image: &Image,
    clair: bool,
) -> Value {
    let manifest = &image.manifest;
    let mut detail = place.answer();
    let mut put = |name: &str, value: Option<Value>| {
        detail.extend(value.map(|value| (name.to_owned(), value)));
    };
    put("imageDigest", Some(json!(digest)));
    put(
        "imageTags",
        (!image.tags.is_empty()).then(|| json!(image.tags)),
    );
    put("imageSizeInBytes", Some(json!(size(repository, image))));
    put("imageManifestMediaType", Some(json!(manifest.media_type)));
    let kind = manifest.artifact_media_type.as_ref();
    put("artifactMediaType", kind.map(|it| json!(it)));
    let subject = manifest.subject.as_ref();
    put("subjectManifestDigest", subject.map(|it| json!(it)));
    put("imageStatus", Some(json!(image.status())));
    put("imagePushedAt", Some(seconds(image.pushed_at)));
    put("lastRecordedPullTime", image.pulled_at.map(seconds));
    put("lastArchivedAt", image.archived_at.map(seconds));
    put("lastActivatedAt", image.activated_at.map(seconds));
    // Basic scanning of the present kind does not show here (ECR API Reference, `ImageDetail`).
    let shown = |scan: &&Value| clair || is_enhanced(scan);
    if let Some(scan) = image.scan.as_ref().filter(shown) {
        put("imageScanStatus", scan.get("imageScanStatus").cloned());
        let findings = scan.get("imageScanFindings").and_then(Value::as_object);
        put("imageScanFindingsSummary", findings.map(summary));
    }
    Value::Object(detail)
}

/// The findings without their lists.
fn summary(findings: &Map<String, Value>) -> Value {
    let members = [
        "imageScanCompletedAt",
        "vulnerabilitySourceUpdatedAt",
        "findingSeverityCounts",
    ];
    let present = members.iter().filter_map(|name| {
        findings
            .get(*name)
            .map(|value| ((*name).to_owned(), value.clone()))
    });
    Value::Object(present.collect())
}

/// For an index, the size of its largest child (ECR API Reference, `ImageDetail`).
fn size(repository: &Repository, image: &Image) -> u64 {
    let children = image
        .manifest
        .children
        .iter()
        .filter_map(|child| repository.images.get(child));
    children
        .map(|child| child.manifest.size())
        .max()
        .unwrap_or(image.manifest.size())
}
