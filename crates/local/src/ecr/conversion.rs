//! The conversion that ECR does where an image is pulled by tag and the caller does not accept the stored
//! media type (ECR user guide, "Container image manifest format support"). It changes the digest, so
//! to get an image byte for byte, pull it by digest, which is never converted.

use serde_json::{Value, json};

use super::manifest::{DOCKER_MANIFEST, OCI_MANIFEST};

/// Media types of the two formats that mean the same: Docker's, OCI's.
const PAIRS: [(&str, &str); 4] = [
    (DOCKER_MANIFEST, OCI_MANIFEST),
    (
        "application/vnd.docker.container.image.v1+json",
        "application/vnd.oci.image.config.v1+json",
    ),
    (
        "application/vnd.docker.image.rootfs.diff.tar.gzip",
        "application/vnd.oci.image.layer.v1.tar+gzip",
    ),
    (
        "application/vnd.docker.image.rootfs.diff.tar",
        "application/vnd.oci.image.layer.v1.tar",
    ),
];

/// The manifest in the format that the caller accepts, and its media type; none where the stored one is
/// accepted, or cannot be expressed in the other format.
pub(super) fn convert(
    text: &str,
    stored: &str,
    accepted: &[&str],
) -> Option<(String, &'static str)> {
    if accepted.is_empty() || accepted.contains(&stored) {
        return None;
    }
    let wanted = if stored == OCI_MANIFEST {
        DOCKER_MANIFEST
    } else {
        OCI_MANIFEST
    };
    if !accepted.contains(&wanted) || other(stored)? != wanted {
        return None;
    }
    let mut manifest: Value = serde_json::from_str(text).ok()?;
    manifest
        .as_object_mut()?
        .insert("mediaType".to_owned(), json!(wanted));
    turn(manifest.get_mut("config")?)?;
    manifest
        .get_mut("layers")?
        .as_array_mut()?
        .iter_mut()
        .try_for_each(turn)?;
    Some((manifest.to_string(), wanted))
}

fn turn(descriptor: &mut Value) -> Option<()> {
    let kind = descriptor.get("mediaType")?.as_str().and_then(other)?;
    descriptor
        .as_object_mut()?
        .insert("mediaType".to_owned(), json!(kind));
    Some(())
}

fn other(kind: &str) -> Option<&'static str> {
    PAIRS.iter().find_map(|&(docker, oci)| {
        if kind == docker {
            Some(oci)
        } else {
            (kind == oci).then_some(docker)
        }
    })
}
