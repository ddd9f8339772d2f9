//! What an image consists of: what is an image, which children of an index are platforms, and by which
//! names they are told apart.

use super::{
    tree::{bare, child, nested, stored, tree},
    *,
};
use crate::evidence::{Contents, Platform};

/// The platforms of a tree as words, or `artifact`.
fn contents(documents: &[(&str, Value)]) -> String {
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
fn under(config: &str, layer: &str) -> Value {
    with(
        image(layer),
        &json!({"config": descriptor(config, "config")}),
    )
}

#[test]
fn an_image_is_told_by_its_config() {
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
fn a_child_is_no_platform_only_by_its_own_manifest() {
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

#[test]
fn what_cannot_run_is_not_a_platform() {
    for (case, documents, expected) in [
        (
            "a SOCI index beside the image that it indexes",
            vec![
                (
                    "root",
                    index(&[child("amd", "linux/amd64"), child("soci", "linux/amd64")]),
                ),
                ("amd", image(LAYER)),
                (
                    "soci",
                    under(
                        "application/vnd.amazon.soci.index.v2+json",
                        "application/octet-stream",
                    ),
                ),
            ],
            "amd=linux/amd64",
        ),
        (
            "a chart beside its image",
            vec![
                (
                    "root",
                    index(&[child("amd", "linux/amd64"), child("chart", "")]),
                ),
                ("amd", image(LAYER)),
                (
                    "chart",
                    under(
                        "application/vnd.cncf.helm.config.v1+json",
                        "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
                    ),
                ),
            ],
            "amd=linux/amd64",
        ),
        (
            "signed statements, as envelope, bundle and lines of bundles",
            vec![
                (
                    "root",
                    index(&[
                        child("amd", "linux/amd64"),
                        child("dsse", "unknown/unknown"),
                        child("bundle", "unknown/unknown"),
                        child("lines", "unknown/unknown"),
                        child("envelope", "unknown/unknown"),
                    ]),
                ),
                ("amd", image(LAYER)),
                ("dsse", image("application/vnd.in-toto.spdx+dsse")),
                (
                    "bundle",
                    image("application/vnd.dev.sigstore.bundle.v0.3+json"),
                ),
                (
                    "lines",
                    image("application/vnd.dev.sigstore.bundle+jsonl;version=0.3"),
                ),
                ("envelope", image("application/vnd.dsse.envelope.v1+json")),
            ],
            "amd=linux/amd64",
        ),
        (
            "files of ORAS beside an image: their config is empty, so they cannot run",
            vec![
                (
                    "root",
                    index(&[child("amd", "linux/amd64"), child("files", "")]),
                ),
                ("amd", image(LAYER)),
                ("files", {
                    let mut files = under("application/vnd.oci.empty.v1+json", LAYER);
                    files["config"]["digest"] = json!(super::EMPTY_JSON);
                    files
                }),
            ],
            "amd=linux/amd64",
        ),
        (
            "nothing to run: no layer at all",
            vec![
                (
                    "root",
                    index(&[child("amd", "linux/amd64"), child("bare", "linux/arm64")]),
                ),
                ("amd", image(LAYER)),
                ("bare", bare(media::OCI_CONFIG)),
            ],
            "amd=linux/amd64",
        ),
    ] {
        assert_eq!(contents(&documents), expected, "{case}");
    }
}

#[test]
fn an_image_in_disguise_is_a_platform() {
    for (case, documents, expected) in [
        (
            "an image in disguise: runtimes do not look at the type of its config",
            vec![
                (
                    "root",
                    index(&[child("amd", "linux/amd64"), child("evil", "linux/arm64")]),
                ),
                ("amd", image(LAYER)),
                (
                    "evil",
                    under("application/vnd.amazon.soci.index.v2+json", LAYER),
                ),
            ],
            "amd=linux/amd64 evil=linux/arm64",
        ),
        (
            "an image in disguise: a statement beside its layer",
            vec![
                (
                    "root",
                    index(&[
                        child("amd", "linux/amd64"),
                        child("evil", "unknown/unknown"),
                    ]),
                ),
                ("amd", image(LAYER)),
                ("evil", {
                    let mut evil = image("application/vnd.in-toto.spdx+dsse");
                    let layers = evil["layers"].as_array_mut().unwrap();
                    layers.push(descriptor("application/vnd.erofs.layer.v1", "layer"));
                    evil
                }),
            ],
            "amd=linux/amd64 evil=unknown/unknown application/vnd.erofs.layer.v1",
        ),
    ] {
        assert_eq!(contents(&documents), expected, "{case}");
    }
}

#[test]
fn two_platforms_of_one_name_are_told_apart() {
    let windows = |word: &str, version: Option<&str>| {
        let mut child = child(word, "windows/amd64");
        if let Some(version) = version {
            child["platform"]["os.version"] = json!(version);
        }
        child
    };
    let names = |children: &[Value]| match Tree::new(digest("root"), stored(&index(children))) {
        Ok(tree) => match tree.contents() {
            Contents::Artifact => Vec::new(),
            Contents::Platforms(platforms) => platforms.iter().map(ToString::to_string).collect(),
        },
        Err(error) => vec![error.to_string()],
    };
    let by_digest = |word: &str| format!("windows/amd64 {}", digest(word));
    assert_eq!(
        names(&[
            windows("2019", Some("10.0.17763.7009")),
            windows("2022", Some("10.0.20348.3207")),
            child("amd", "linux/amd64"),
        ]),
        [
            "windows/amd64 10.0.17763.7009",
            "windows/amd64 10.0.20348.3207",
            "linux/amd64"
        ],
        "by the version of the system"
    );
    assert_eq!(
        names(&[
            windows("one", Some("10.0")),
            windows("two", Some("10.0")),
            windows("x", Some("11"))
        ]),
        [
            by_digest("one"),
            by_digest("two"),
            "windows/amd64 11".to_owned()
        ],
        "by digest where the version is the same"
    );
    assert_eq!(
        names(&[windows("one", None), windows("two", Some("1\n2"))]),
        [by_digest("one"), by_digest("two")],
        "by digest where there is no version, or none in a plain word"
    );
    assert_eq!(
        names(&[windows("one", Some("10.0"))]),
        ["windows/amd64"],
        "one needs no more than its name"
    );
}
