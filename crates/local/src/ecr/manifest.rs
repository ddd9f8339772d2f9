//! Reads a manifest or an index as far as ECR looks into it. The text itself is kept byte for byte elsewhere;
//! nothing here is ever written back.

use serde_json::{Map, Value};

use super::error::Refusal;
use super::names::is_digest;

/// Longest manifest in bytes (ECR API Reference, `PutImage`: 4,194,304).
pub(crate) const MANIFEST_BYTES_MAX: usize = 4 * 1024 * 1024;

pub(crate) const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(crate) const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
pub(crate) const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";

/// The sentence that ECR has for every manifest it cannot use.
const UNREADABLE: &str = "Invalid JSON syntax";

/// What a manifest says about what it needs.
#[derive(Debug, Clone)]
pub(crate) struct Manifest {
    pub(crate) media_type: String,
    /// The config and the layers, in order. Empty for an index.
    pub(crate) blobs: Vec<Blob>,
    /// Digests of an index's children. Empty for an image.
    pub(crate) children: Vec<String>,
    pub(crate) subject: Option<String>,
    /// `artifactType`, or the config's media type if there is none.
    pub(crate) artifact_media_type: Option<String>,
    pub(crate) annotations: Map<String, Value>,
}

/// A blob that an image manifest names.
#[derive(Debug, Clone)]
pub(crate) struct Blob {
    pub(crate) digest: String,
    pub(crate) size: u64,
    pub(crate) media_type: String,
    /// A foreign or non-distributable layer that is fetched from its own `urls` (OCI Image Specification,
    /// "Non-Distributable Layers"): it need not exist in the registry.
    pub(crate) foreign: bool,
}

impl Manifest {
    /// Reads `text`, whose media type the caller gives, or the manifest itself where he does not.
    pub(crate) fn read(text: &str, given: Option<&str>) -> Result<Self, Refusal> {
        if text.is_empty() || text.len() > MANIFEST_BYTES_MAX {
            return Err(Refusal::parameter(
                "imageManifest",
                format!("length must be between 1 and {MANIFEST_BYTES_MAX}"),
            ));
        }
        let Ok(Value::Object(document)) = serde_json::from_str(text) else {
            return Err(unreadable());
        };
        for member in ["mediaType", "artifactType"] {
            if document.get(member).is_some_and(|it| !it.is_string()) {
                return Err(unreadable());
            }
        }
        let media_type = media_type(&document, given)?;
        // Both lists at once would be two readings of one document (CVE-2021-41190).
        if document.contains_key("layers") && document.contains_key("manifests") {
            return Err(unreadable());
        }
        let mut manifest = Self {
            subject: subject(&document)?,
            artifact_media_type: text_of(&document, "artifactType").filter(|kind| !kind.is_empty()),
            annotations: document
                .get("annotations")
                .and_then(Value::as_object)
                .cloned()
                .unwrap_or_default(),
            blobs: Vec::new(),
            children: Vec::new(),
            media_type,
        };
        if manifest.is_index() {
            manifest.read_index(&document)?;
        } else {
            manifest.read_image(&document)?;
        }
        Ok(manifest)
    }

    pub(crate) fn is_index(&self) -> bool {
        self.media_type == OCI_INDEX || self.media_type == DOCKER_LIST
    }

    /// The sum of the sizes of the blobs, as `imageSizeInBytes` of an image (0 for an index).
    pub(crate) fn size(&self) -> u64 {
        self.blobs
            .iter()
            .fold(0, |sum, blob| sum.saturating_add(blob.size))
    }

    /// The digests of the blobs and children, as often as the manifest names them.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let blobs = self.blobs.iter().map(|blob| blob.digest.as_str());
        blobs.chain(self.children.iter().map(String::as_str))
    }

    fn read_image(&mut self, document: &Map<String, Value>) -> Result<(), Refusal> {
        let config = document
            .get("config")
            .ok_or_else(unreadable)
            .and_then(blob)?;
        let layers = document
            .get("layers")
            .and_then(Value::as_array)
            .ok_or_else(unreadable)?;
        self.artifact_media_type
            .get_or_insert_with(|| config.media_type.clone());
        self.blobs.push(config);
        for layer in layers {
            self.blobs.push(blob(layer)?);
        }
        Ok(())
    }

    fn read_index(&mut self, document: &Map<String, Value>) -> Result<(), Refusal> {
        let children = document
            .get("manifests")
            .and_then(Value::as_array)
            .ok_or_else(unreadable)?;
        self.children = children
            .iter()
            .map(|child| blob(child).map(|child| child.digest))
            .collect::<Result<_, _>>()?;
        Ok(())
    }
}

fn unreadable() -> Refusal {
    Refusal::parameter("ImageManifest", UNREADABLE)
}

fn text_of(object: &Map<String, Value>, member: &str) -> Option<String> {
    object
        .get(member)
        .and_then(Value::as_str)
        .map(str::to_owned)
}

fn media_type(document: &Map<String, Value>, given: Option<&str>) -> Result<String, Refusal> {
    let written = text_of(document, "mediaType");
    let media_type = match (given, written) {
        (Some(given), Some(written)) if given != written => return Err(unreadable()),
        (Some(given), _) => given.to_owned(),
        (None, Some(written)) => written,
        // OCI lets `mediaType` out; then the caller has to say it.
        (None, None) => return Err(unreadable()),
    };
    let known =
        [OCI_MANIFEST, OCI_INDEX, DOCKER_MANIFEST, DOCKER_LIST].contains(&media_type.as_str());
    // Schema 1 has neither a config nor digests of its own.
    if known && document.get("schemaVersion").and_then(Value::as_u64) == Some(2) {
        Ok(media_type)
    } else {
        Err(unreadable())
    }
}

/// The subject's digest. ECR refuses a subject that carries members of a platform descriptor.
fn subject(document: &Map<String, Value>) -> Result<Option<String>, Refusal> {
    let Some(subject) = document.get("subject").filter(|subject| !subject.is_null()) else {
        return Ok(None);
    };
    if subject.get("platform").is_some() {
        return Err(unreadable());
    }
    blob(subject).map(|subject| Some(subject.digest))
}

fn blob(descriptor: &Value) -> Result<Blob, Refusal> {
    let text = |member: &str| descriptor.get(member).and_then(Value::as_str);
    let digest = text("digest")
        .filter(|digest| is_digest(digest))
        .ok_or_else(unreadable)?;
    let size = descriptor
        .get("size")
        .and_then(Value::as_u64)
        .ok_or_else(unreadable)?;
    let media_type = text("mediaType").ok_or_else(unreadable)?;
    let has_urls = descriptor
        .get("urls")
        .and_then(Value::as_array)
        .is_some_and(|urls| !urls.is_empty());
    let foreign =
        has_urls && (media_type.contains("foreign") || media_type.contains("nondistributable"));
    Ok(Blob {
        digest: digest.to_owned(),
        size,
        media_type: media_type.to_owned(),
        foreign,
    })
}

#[cfg(test)]
mod tests;
