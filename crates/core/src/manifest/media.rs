//! Media types: which of them is a manifest, an index, an image's config or layer (OCI image
//! specification, "OCI Image Media Types"; Docker "Image Manifest Version 2, Schema 2").

/// OCI's image manifest.
pub const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// OCI's image index.
pub const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// Docker's image manifest, schema 2.
pub const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
/// Docker's manifest list.
pub const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
/// OCI's image config.
pub const OCI_CONFIG: &str = "application/vnd.oci.image.config.v1+json";
/// Docker's image config.
pub const DOCKER_CONFIG: &str = "application/vnd.docker.container.image.v1+json";
/// An in-toto statement: a layer of BuildKit's attestation manifests.
pub const IN_TOTO: &str = "application/vnd.in-toto+json";

/// Every type of manifest that is understood, in the order that `BatchGetImage` is asked for them.
pub const MANIFESTS: [&str; 4] = [OCI_INDEX, OCI_MANIFEST, DOCKER_LIST, DOCKER_MANIFEST];

const SCHEMA_ONE: [&str; 2] = [
    "application/vnd.docker.distribution.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v1+prettyjws",
];
const ARTIFACT_MANIFESTS: [&str; 2] = [
    "application/vnd.oci.artifact.manifest.v1+json",
    "application/vnd.cncf.oras.artifact.manifest.v1+json",
];
/// What the types of layers with statements begin with (in-toto attestation specification, "Media
/// types"; sigstore bundle specification; secure-systems-lab/dsse).
const STATEMENTS: [&str; 3] = [
    "application/vnd.in-toto",
    "application/vnd.dsse.envelope",
    "application/vnd.dev.sigstore.bundle",
];
const OCI_LAYER: &str = "application/vnd.oci.image.layer.";
const DOCKER_LAYER: &str = "application/vnd.docker.image.rootfs.";

/// Whether a manifest of this type can be read.
#[must_use]
pub fn is_manifest(media_type: &str) -> bool {
    MANIFESTS.contains(&media_type)
}

/// Whether this is the type of an index.
#[must_use]
pub fn is_index(media_type: &str) -> bool {
    [OCI_INDEX, DOCKER_LIST].contains(&media_type)
}

/// Whether this is the type of an image's config.
#[must_use]
pub fn is_image_config(media_type: &str) -> bool {
    [OCI_CONFIG, DOCKER_CONFIG].contains(&media_type)
}

/// Whether this is the type of an image's layer, whatever its form.
#[must_use]
pub fn is_image_layer(media_type: &str) -> bool {
    media_type.starts_with(OCI_LAYER) || media_type.starts_with(DOCKER_LAYER)
}

/// Whether this is the type of an image's layer that registries may be without, since its content
/// lies elsewhere (OCI image specification, "Non-Distributable Layers").
#[must_use]
pub fn is_nondistributable(media_type: &str) -> bool {
    let form = |prefix: &str| media_type.strip_prefix(prefix);
    form(OCI_LAYER).is_some_and(|form| form.starts_with("nondistributable."))
        || form(DOCKER_LAYER).is_some_and(|form| form.starts_with("foreign."))
}

/// Whether this is the type of a layer that holds a statement about an image and nothing to run:
/// in-toto statements, signed or not (`application/vnd.in-toto+json`, `….spdx+dsse`), DSSE envelopes,
/// sigstore bundles, alone or as lines.
#[must_use]
pub fn is_statement(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim_end();
    STATEMENTS.iter().any(|prefix| essence.starts_with(prefix))
}

/// Whether this is the type of an image's layer in a form that somebody specified, so that scanners
/// and SBOM tools can be trusted to have looked into it. Encrypted ones are image layers that no tool
/// here can look into.
pub(super) fn is_known_image_layer(media_type: &str) -> bool {
    let media_type = media_type.strip_suffix("+encrypted").unwrap_or(media_type);
    if let Some(form) = media_type.strip_prefix(OCI_LAYER) {
        let form = form.strip_prefix("nondistributable.").unwrap_or(form);
        return ["v1.tar", "v1.tar+gzip", "v1.tar+zstd"].contains(&form);
    }
    media_type.strip_prefix(DOCKER_LAYER).is_some_and(|form| {
        let form = form.strip_prefix("foreign.").unwrap_or(form);
        ["diff.tar", "diff.tar.gzip", "diff.tar.zstd"].contains(&form)
    })
}

pub(super) fn is_schema_one(media_type: &str) -> bool {
    SCHEMA_ONE.contains(&media_type)
}

pub(super) fn is_artifact_manifest(media_type: &str) -> bool {
    ARTIFACT_MANIFESTS.contains(&media_type)
}
