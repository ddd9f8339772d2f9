//! Reads the members of a JSON request, whose types `shapes` has checked, and checks them against the constraints of
//! the ECR API Reference.
//! Must not look at any state.

use std::fmt;
use std::ops::RangeInclusive;

use serde_json::{Map, Value, json};

use super::error::{Place, Refusal};
use super::names::{check_repository, check_tag, invalid_digest, is_digest};
use super::shapes;

/// Entries of `imageIds`, `layerDigests` and the like in one call (ECR API Reference).
pub(crate) const LIST: RangeInclusive<usize> = 1..=100;
/// `maxResults` of the paged calls (ECR API Reference).
pub(crate) const PAGE: RangeInclusive<u64> = 1..=1000;
/// A page if the caller names no size (ECR API Reference, `DescribeImages`).
pub(crate) const PAGE_DEFAULT: u64 = 100;

/// The members of one request.
#[derive(Debug)]
pub(crate) struct Request {
    members: Map<String, Value>,
}

/// An image as a caller names it: by digest, by tag or by both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ImageId {
    pub(crate) digest: Option<String>,
    pub(crate) tag: Option<String>,
}

impl ImageId {
    pub(crate) fn json(&self) -> Value {
        let mut id = Map::new();
        id.extend(
            self.digest
                .iter()
                .map(|digest| ("imageDigest".to_owned(), json!(digest))),
        );
        id.extend(
            self.tag
                .iter()
                .map(|tag| ("imageTag".to_owned(), json!(tag))),
        );
        Value::Object(id)
    }
}

impl fmt::Display for ImageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (digest, tag) = (
            self.digest.as_deref().unwrap_or("null"),
            self.tag.as_deref().unwrap_or("null"),
        );
        write!(f, "{{imageDigest:'{digest}', imageTag:'{tag}'}}")
    }
}

impl Request {
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let members = if body.is_empty() {
            Ok(Map::new())
        } else {
            serde_json::from_slice(body)
        };
        let members: Map<String, Value> = members.map_err(|cause| Refusal::Serialization {
            cause: format!("the request's body is not a JSON object: {cause}"),
        })?;
        shapes::check(&members)?;
        Ok(Self { members })
    }

    /// `repositoryName` of the caller's own registry. Another `registryId` holds no repository here.
    pub(crate) fn repository(&self, account: &str) -> Result<String, Refusal> {
        let name = self.required("repositoryName")?;
        self.check_repository("repositoryName", name, account)?;
        Ok(name.to_owned())
    }

    /// Refuses an invalid name, and any in another registry.
    pub(crate) fn check_repository(
        &self,
        at: &str,
        name: &str,
        account: &str,
    ) -> Result<(), Refusal> {
        check_repository(at, name)?;
        match self.text("registryId") {
            Some(other)
                if other.len() != 12 || !other.bytes().all(|byte| byte.is_ascii_digit()) =>
            {
                Err(Refusal::parameter(
                    "registryId",
                    "must satisfy regular expression '[0-9]{12}'",
                ))
            }
            Some(other) if other != account => Err(Refusal::RepositoryNotFound(Place {
                repository: name.to_owned(),
                account: other.to_owned(),
            })),
            _ => Ok(()),
        }
    }

    pub(crate) fn member(&self, name: &str) -> Option<&Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.member(name).and_then(Value::as_str)
    }

    pub(crate) fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.text(name)
            .ok_or_else(|| Refusal::parameter(name, "must not be null"))
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        self.member(name).and_then(Value::as_bool).unwrap_or(false)
    }

    pub(crate) fn number(
        &self,
        name: &str,
        range: RangeInclusive<u64>,
    ) -> Result<Option<u64>, Refusal> {
        let Some(value) = self.member(name) else {
            return Ok(None);
        };
        match value.as_u64() {
            Some(number) if range.contains(&number) => Ok(Some(number)),
            _ => Err(Refusal::parameter(
                name,
                format!("must be between {} and {}", range.start(), range.end()),
            )),
        }
    }

    /// A list of bounded length, where it is given.
    pub(crate) fn list(
        &self,
        name: &str,
        range: &RangeInclusive<usize>,
    ) -> Result<Option<&[Value]>, Refusal> {
        match self.member(name).and_then(Value::as_array) {
            None => Ok(None),
            Some(list) if range.contains(&list.len()) => Ok(Some(list)),
            Some(_) => Err(Refusal::parameter(
                name,
                format!(
                    "length must be between {} and {}",
                    range.start(),
                    range.end()
                ),
            )),
        }
    }

    /// A list of strings of bounded length that must be given.
    pub(crate) fn texts(&self, name: &str) -> Result<Vec<String>, Refusal> {
        let list = self
            .list(name, &LIST)?
            .ok_or_else(|| Refusal::parameter(name, "must not be null"))?;
        let texts = list.iter().filter_map(Value::as_str);
        Ok(texts.map(str::to_owned).collect())
    }

    /// `imageIds`, where they are given. The identifiers themselves are not checked yet.
    pub(crate) fn image_ids(&self) -> Result<Option<Vec<ImageId>>, Refusal> {
        let list = self.list("imageIds", &LIST)?;
        Ok(list.map(|list| list.iter().map(image_id).collect()))
    }

    /// `imageId`, with its digest or tag well formed.
    pub(crate) fn image_id(&self) -> Result<ImageId, Refusal> {
        let value = self
            .member("imageId")
            .ok_or_else(|| Refusal::parameter("imageId", "must not be null"))?;
        let id = image_id(value);
        check_image_id(&id)?;
        Ok(id)
    }

    pub(crate) fn page_size(&self) -> Result<usize, Refusal> {
        let size = self.number("maxResults", PAGE)?.unwrap_or(PAGE_DEFAULT);
        Ok(usize::try_from(size).unwrap_or(usize::MAX))
    }
}

fn image_id(value: &Value) -> ImageId {
    let text = |member: &str| value.get(member)?.as_str().map(str::to_owned);
    ImageId {
        digest: text("imageDigest"),
        tag: text("imageTag"),
    }
}

/// Refuses an identifier that can name no image.
pub(crate) fn check_image_id(id: &ImageId) -> Result<(), Refusal> {
    match (&id.digest, &id.tag) {
        (None, None) => Err(Refusal::parameter(
            "imageId",
            "must have imageDigest or imageTag",
        )),
        (Some(digest), _) if !is_digest(digest) => Err(invalid_digest("imageDigest")),
        (_, Some(tag)) => check_tag("imageTag", tag),
        _ => Ok(()),
    }
}
