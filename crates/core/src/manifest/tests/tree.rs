//! Trees: what is lacking, what an image consists of, and the order in which it is put.

use super::*;
use crate::evidence::{Contents, Platform};

fn stored(value: &Value) -> Stored {
    Stored::read(value.to_string(), None).unwrap()
}

fn child(word: &str, platform: &str) -> Value {
    let mut child = descriptor(media::OCI_MANIFEST, word);
    if let Some((os, architecture)) = platform.split_once('/') {
        child["platform"] = json!({"os": os, "architecture": architecture});
    }
    child
}

fn nested(word: &str) -> Value {
    descriptor(media::OCI_INDEX, word)
}

/// A tree from its documents, the first being the root, added as they are asked for.
fn tree(documents: &[(&str, Value)]) -> Result<Tree, ManifestError> {
    let (root, document) = &documents[0];
    let mut tree = Tree::new(digest(root), stored(document))?;
    loop {
        let lacking = tree.lacking();
        let next = documents
            .iter()
            .find(|(word, _)| lacking.contains(&digest(word)));
        let Some((word, document)) = next else {
            return Ok(tree);
        };
        tree.add(&digest(word), stored(document))?;
    }
}

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
                format!("{word}={}", platform.name.as_deref().unwrap_or("?"))
            };
            platforms.iter().map(name).collect::<Vec<_>>().join(" ")
        }
    }
}

fn bare(config: &str) -> Value {
    with(
        image(LAYER),
        &json!({"config": descriptor(config, "config"), "layers": []}),
    )
}

#[test]
fn an_image_is_told_by_its_layers() {
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
            image("application/vnd.cncf.helm.chart.content.v1.tar+gzip"),
            "artifact",
        ),
        (
            "WASM under an image's config",
            image("application/wasm"),
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
fn the_tree_tells_what_is_lacking_next() {
    let root = index(&[nested("inner"), child("amd", ""), child("amd", "")]);
    let mut tree = Tree::new(digest("root"), stored(&root)).unwrap();
    assert_eq!(tree.lacking(), [digest("inner"), digest("amd")]);
    let inner = index(&[child("arm", ""), child("amd", "")]);
    tree.add(&digest("inner"), stored(&inner)).unwrap();
    assert_eq!(tree.lacking(), [digest("arm"), digest("amd")]);
    for word in ["amd", "arm"] {
        tree.add(&digest(word), stored(&image(LAYER))).unwrap();
    }
    assert_eq!(tree.lacking(), []);
    let stray = tree.add(&digest("x"), stored(&image(LAYER))).unwrap_err();
    assert_eq!(stray, ManifestError::Stray(digest("x")));
}

#[test]
fn children_are_put_before_their_parents_and_the_root_last() {
    // "shared" is a child of the root and of the inner index, below which it has to come first.
    let documents = [
        (
            "root",
            index(&[child("shared", ""), nested("inner"), child("amd", "")]),
        ),
        ("inner", index(&[nested("deep"), child("shared", "")])),
        ("deep", index(&[child("shared", "")])),
        ("shared", image(LAYER)),
        ("amd", bare(media::DOCKER_CONFIG)),
    ];
    let tree = tree(&documents).unwrap();
    let order: Vec<&str> = tree
        .manifests_leaves_first()
        .into_iter()
        .map(|(known, stored)| {
            let (word, document) = documents
                .iter()
                .find(|(word, _)| digest(word) == *known)
                .unwrap();
            assert_eq!(stored.bytes, document.to_string(), "the bytes are kept");
            *word
        })
        .collect();
    assert_eq!(order, ["shared", "deep", "inner", "amd", "root"]);
    let blobs: Vec<&Digest> = tree.blobs().iter().map(|blob| &blob.digest).collect();
    assert_eq!(blobs, [&digest("config"), &digest("layer")]);
}

#[test]
fn the_limits_of_an_image_are_kept_while_it_is_read() {
    let deep = |levels: usize| {
        let words = ["root", "one", "two", "three", "four"];
        let mut documents: Vec<(&str, Value)> = (1..levels)
            .map(|level| (words[level - 1], index(&[nested(words[level])])))
            .collect();
        documents.push((words[levels - 1], index(&[])));
        tree(&documents)
    };
    assert!(deep(LEVELS_MAX).is_ok());
    assert_eq!(deep(LEVELS_MAX + 1), Err(ManifestError::TooDeep));

    let crowd = |names: std::ops::Range<usize>| {
        let children: Vec<Value> = names.map(|name| child(&format!("{name}"), "")).collect();
        index(&children)
    };
    let mut children = crowd(0..50)["manifests"].as_array().unwrap().clone();
    children.push(nested("inner"));
    let root = index(&children);
    let fits = tree(&[("root", root.clone()), ("inner", crowd(50..98))]);
    assert_eq!(fits.unwrap().lacking().len(), 98);
    let error = tree(&[("root", root), ("inner", crowd(50..99))]).unwrap_err();
    assert_eq!(error, ManifestError::TooManyManifests(101));
}

#[test]
fn what_is_refused_leaves_the_tree_as_it_was() {
    let root = index(&[child("amd", "")]);
    let mut tree = Tree::new(digest("root"), stored(&root)).unwrap();
    let before = tree.clone();
    let error = tree.add(&digest("amd"), stored(&index(&[]))).unwrap_err();
    assert!(matches!(error, ManifestError::MediaTypesDiffer { .. }));
    assert_eq!(tree, before);
}

#[test]
fn a_cycle_ends() {
    let root = index(&[nested("root")]);
    let error = Tree::new(digest("root"), stored(&root)).unwrap_err();
    assert_eq!(error, ManifestError::TooDeep);
}
