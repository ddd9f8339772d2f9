//! Descriptors: how a manifest names blobs and other manifests (OCI image specification, "OCI
//! Content Descriptors"). What is written in one is the pusher's claim, except the digest.

use std::collections::BTreeMap;

use serde::{Deserialize, de::IgnoredAny};

use super::{ManifestError, annotations::Annotations, media, wire::Object};
use crate::{Digest, reference::shortened};

/// A blob or a manifest, by digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Descriptor {
    /// The type of what is named.
    pub media_type: String,
    /// Its digest.
    pub digest: Digest,
    /// Its size in bytes, at most 63 bits.
    pub size: u64,
    /// `os/architecture[/variant]`, where an index names it in plain words.
    pub platform: Option<String>,
    /// Whether `urls` name other places that hold it.
    pub urls_present: bool,
    /// The artifact type, where an index gives one.
    pub artifact_type: Option<String>,
    /// The version of the system that an index says it needs, in a plain word: Windows images of one
    /// architecture differ by it.
    pub os_version: Option<String>,
    /// The annotations of [`super::PREDICATE_TYPES`]: the pusher's words, not evidence.
    pub annotations: BTreeMap<String, String>,
}

impl Descriptor {
    /// Whether the registry may be without this blob, since it lies elsewhere: it is skipped where
    /// the source does not hold it, and copied where it does.
    #[must_use]
    pub fn may_lie_elsewhere(&self) -> bool {
        self.urls_present || media::is_nondistributable(&self.media_type)
    }
}

/// A descriptor's document.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireDescriptor {
    pub(super) media_type: String,
    digest: String,
    size: serde_json::Number,
    platform: Option<Object<WirePlatform>>,
    urls: Option<Vec<IgnoredAny>>,
    artifact_type: Option<String>,
    annotations: Option<Annotations>,
}

#[derive(Deserialize)]
struct WirePlatform {
    os: Option<String>,
    architecture: Option<String>,
    variant: Option<String>,
    #[serde(rename = "os.version")]
    os_version: Option<String>,
}

impl WireDescriptor {
    /// The descriptor with its digest and its size checked; `place` names it in errors.
    pub(super) fn check(self, place: impl Fn() -> String) -> Result<Descriptor, ManifestError> {
        let digest = Digest::parse(&self.digest).map_err(|problem| ManifestError::Digest {
            place: place(),
            problem,
        })?;
        // OCI says int64: what does not fit there is read differently elsewhere.
        let size = self.size.as_i64().and_then(|size| u64::try_from(size).ok());
        let size = size.ok_or_else(|| ManifestError::Size {
            place: place(),
            size: shortened(&self.size.to_string()),
        })?;
        let platform = self.platform.map(|Object(platform)| platform);
        Ok(Descriptor {
            media_type: self.media_type,
            digest,
            size,
            os_version: platform
                .as_ref()
                .and_then(|platform| word(platform.os_version.as_deref())),
            platform: platform.as_ref().and_then(WirePlatform::name),
            urls_present: self.urls.is_some_and(|urls| !urls.is_empty()),
            artifact_type: self.artifact_type.filter(|text| !text.is_empty()),
            annotations: self.annotations.unwrap_or_default().0,
        })
    }
}

impl WirePlatform {
    /// The name that people read in decisions; none where a part is absent or no plain word, so that
    /// the pusher cannot write lines into a log.
    fn name(&self) -> Option<String> {
        let os = word(self.os.as_deref())?;
        let architecture = word(self.architecture.as_deref())?;
        let mut name = format!("{os}/{architecture}");
        let variant = self
            .variant
            .as_deref()
            .filter(|variant| !variant.is_empty());
        if variant.is_some() {
            name.push('/');
            name.push_str(&word(variant)?);
        }
        Some(name)
    }
}

fn word(part: Option<&str>) -> Option<String> {
    const PART_LENGTH_MAX: usize = 64;
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    part.filter(|part| (1..=PART_LENGTH_MAX).contains(&part.len()) && part.bytes().all(plain))
        .map(str::to_owned)
}
