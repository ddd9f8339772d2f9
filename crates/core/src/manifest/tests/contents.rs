//! What an image consists of: what is an image, and which children of an index are platforms.

use super::{
    tree::{bare, child, nested, tree},
    *,
};
use crate::evidence::{Contents, Platform};

/// The platforms of a tree as words, or `artifact`.
pub(super) fn contents(documents: &[(&str, Value)]) -> String {
    match tree(documents).unwrap().contents() {
        Contents::Artifact => "artifact".to_owned(),
        Contents::Platforms(platforms) => {
            let name = |platform: &Platform| {
                let word = documents
                    .iter()
                    .find(|(word, _)| digest(word) == platform.digest)
                    .map_or("unread", |(word, _)| word);
                let name = platform.name.as_deref().unwrap_or("?");
                let unknown = platform
                    .unknown_layer
                    .iter()
                    .map(|layer| format!(" {layer}"));
                format!("{word}={name}{}", unknown.collect::<String>())
            };
            platforms.iter().map(name).collect::<Vec<_>>().join(" ")
        }
    }
}

/// A manifest with another config's type.
pub(super) fn under(config: &str, layer: &str) -> Value {
    with(
        image(layer),
        &json!({"config": descriptor(config, "config")}),
    )
}

#[test]
fn an_image_is_recognised_by_its_config() {
    let mut encrypted = image(&format!("{LAYER}+encrypted"));
    encrypted["layers"][0]["size"] = json!(9);
    let mut mixed = image(media::IN_TOTO);
    let layers = mixed["layers"].as_array_mut().unwrap();
    layers.push(descriptor(LAYER, "layer"));
    for (case, root, expected) in [
        ("OCI", image(LAYER), "root=?"),
        (
            "Docker",
            image("application/vnd.docker.image.rootfs.diff.tar.gzip"),
            "root=?",
        ),
        (
            "foreign",
            image("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"),
            "root=?",
        ),
        (
            "zstd",
            image("application/vnd.oci.image.layer.v1.tar+zstd"),
            "root=?",
        ),
        ("encrypted", encrypted, "root=?"),
        ("a statement beside a layer", mixed, "root=?"),
        (
            "FROM scratch, nothing copied",
            bare(media::OCI_CONFIG),
            "root=?",
        ),
        ("the same, Docker", bare(media::DOCKER_CONFIG), "root=?"),
        (
            "nothing at all",
            bare("application/vnd.oci.empty.v1+json"),
            "artifact",
        ),
        (
            "Helm",
            under(
                "application/vnd.cncf.helm.config.v1+json",
                "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
            ),
            "artifact",
        ),
        (
            "layers in a form that nobody specified",
            image("application/vnd.oci.image.layer.nydus.blob.v1"),
            "root=? application/vnd.oci.image.layer.nydus.blob.v1",
        ),
        (
            "EROFS",
            image("application/vnd.erofs.layer.v1"),
            "root=? application/vnd.erofs.layer.v1",
        ),
        (
            "a layer that is neither files nor a statement",
            image("application/wasm"),
            "root=? application/wasm",
        ),
        (
            "WASM",
            under("application/vnd.wasm.config.v0+json", "application/wasm"),
            "artifact",
        ),
        (
            "a build cache, whose layers are an image's",
            under("application/vnd.buildkit.cacheconfig.v0", LAYER),
            "artifact",
        ),
        (
            "files pushed by ORAS, whose type is an image layer's by default",
            under(
                "application/vnd.oci.empty.v1+json",
                "application/vnd.oci.image.layer.v1.tar",
            ),
            "artifact",
        ),
        (
            "the same by an older ORAS",
            under(
                "application/vnd.unknown.config.v1+json",
                "application/vnd.oci.image.layer.v1.tar",
            ),
            "artifact",
        ),
        (
            "a signed statement by itself",
            image("application/vnd.in-toto.spdx+dsse"),
            "artifact",
        ),
        (
            "an attestation by itself",
            image(media::IN_TOTO),
            "artifact",
        ),
    ] {
        assert_eq!(contents(&[("root", root)]), expected, "{case}");
    }
}

#[test]
fn only_its_own_manifest_makes_a_child_not_a_platform() {
    let statement = image(media::IN_TOTO);
    let marked = {
        let mut child = child("arm", "unknown/unknown");
        child["annotations"] = json!({"vnd.docker.reference.type": "attestation-manifest"});
        child
    };
    for (case, documents, expected) in [
        (
            "two platforms and a statement",
            vec![
                (
                    "root",
                    index(&[
                        child("amd", "linux/amd64"),
                        child("arm", "linux/arm64"),
                        child("att", "unknown/unknown"),
                    ]),
                ),
                ("amd", image(LAYER)),
                ("arm", image(LAYER)),
                ("att", statement.clone()),
            ],
            "amd=linux/amd64 arm=linux/arm64",
        ),
        (
            "an image that its index calls a statement",
            vec![("root", index(&[marked])), ("arm", image(LAYER))],
            "arm=unknown/unknown",
        ),
        (
            "a statement that its index calls a platform",
            vec![
                (
                    "root",
                    index(&[child("amd", "linux/amd64"), child("att", "linux/arm64")]),
                ),
                ("amd", image(LAYER)),
                ("att", statement.clone()),
            ],
            "amd=linux/amd64",
        ),
        (
            "no platform",
            vec![
                ("root", index(&[child("att", "")])),
                ("att", statement.clone()),
            ],
            "artifact",
        ),
        ("no child", vec![("root", index(&[]))], "artifact"),
        (
            "one digest for two platforms",
            vec![
                (
                    "root",
                    index(&[child("amd", "linux/amd64"), child("amd", "linux/386")]),
                ),
                ("amd", image(LAYER)),
            ],
            "amd=linux/amd64",
        ),
        (
            "children of a nested index",
            vec![
                (
                    "root",
                    index(&[child("amd", "linux/amd64"), nested("inner")]),
                ),
                (
                    "inner",
                    index(&[child("arm", "linux/arm64"), child("att", "")]),
                ),
                ("amd", image(LAYER)),
                ("arm", image(LAYER)),
                ("att", statement),
            ],
            "amd=linux/amd64 arm=linux/arm64",
        ),
        (
            "a child that was not read",
            vec![("root", index(&[child("amd", "linux/amd64")]))],
            "unread=linux/amd64",
        ),
    ] {
        assert_eq!(contents(&documents), expected, "{case}");
    }
}
