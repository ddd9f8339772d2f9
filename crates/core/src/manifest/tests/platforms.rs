//! What cannot run beside an image, what can in disguise, and by which names platforms are told apart.

use super::{
    contents::{contents, under},
    tree::{bare, child, stored},
    *,
};
use crate::evidence::Contents;

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
fn two_platforms_of_one_name_get_different_names() {
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
