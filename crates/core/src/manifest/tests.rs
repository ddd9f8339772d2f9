use proptest::prelude::*;
use serde_json::{Value, json};

use super::{spelling::KEYS, *};
use crate::Digest;

mod contents;
mod platforms;
mod refused;
mod tree;

const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// A digest that stands for a word.
fn digest(word: &str) -> Digest {
    let mut bytes = [0_u8; 32];
    for (byte, letter) in bytes.iter_mut().zip(word.bytes()) {
        *byte = letter;
    }
    Digest::from_sha256(bytes)
}

fn descriptor(media_type: &str, word: &str) -> Value {
    json!({"mediaType": media_type, "digest": digest(word), "size": 7})
}

fn image(layer: &str) -> Value {
    json!({
        "schemaVersion": 2,
        "mediaType": media::OCI_MANIFEST,
        "config": descriptor(media::OCI_CONFIG, "config"),
        "layers": [descriptor(layer, "layer")],
    })
}

fn index(children: &[Value]) -> Value {
    json!({"schemaVersion": 2, "mediaType": media::OCI_INDEX, "manifests": children})
}

fn read(value: &Value) -> Result<Manifest, ManifestError> {
    Manifest::read(value.to_string().as_bytes(), None)
}

/// A document with some of its keys replaced, or taken away by null.
fn with(mut document: Value, changes: &Value) -> Value {
    let object = document.as_object_mut().unwrap();
    for (key, value) in changes.as_object().unwrap() {
        object.insert(key.clone(), value.clone());
        object.retain(|_, value| !value.is_null());
    }
    document
}

#[test]
fn the_type_comes_from_the_registry_the_document_or_the_shape() {
    let untyped = with(image(LAYER), &json!({"mediaType": null}));
    let docker = with(
        untyped.clone(),
        &json!({"config": descriptor(media::DOCKER_CONFIG, "config")}),
    );
    let list = with(index(&[]), &json!({"mediaType": null}));
    for (case, document, response, media_type) in [
        (
            "both",
            &image(LAYER),
            Some(media::OCI_MANIFEST),
            media::OCI_MANIFEST,
        ),
        ("the document", &image(LAYER), None, media::OCI_MANIFEST),
        (
            "the registry",
            &untyped,
            Some(media::DOCKER_MANIFEST),
            media::DOCKER_MANIFEST,
        ),
        ("the shape", &untyped, None, media::OCI_MANIFEST),
        ("the shape, Docker", &docker, None, media::DOCKER_MANIFEST),
        ("the shape, index", &list, None, media::OCI_INDEX),
        (
            "the registry, list",
            &list,
            Some(media::DOCKER_LIST),
            media::DOCKER_LIST,
        ),
    ] {
        let manifest = Manifest::read(document.to_string().as_bytes(), response).expect(case);
        assert_eq!(manifest.media_type, media_type, "{case}");
    }
}

#[test]
fn limits_are_met_exactly() {
    let layers = vec![descriptor(LAYER, "x"); LAYERS_MAX];
    assert!(read(&with(image(LAYER), &json!({"layers": layers}))).is_ok());
    let children = vec![descriptor(media::OCI_MANIFEST, "x"); MANIFESTS_MAX - 1];
    assert!(read(&index(&children)).is_ok());
    let text = image(LAYER).to_string();
    let padded = format!("{text}{}", " ".repeat(MANIFEST_BYTES_MAX - text.len()));
    assert!(Manifest::read(padded.as_bytes(), None).is_ok());
}

#[test]
fn a_descriptor_is_read_as_far_as_it_can_be_trusted() {
    let platforms = [
        (
            json!({"os": "linux", "architecture": "arm64", "variant": "v8"}),
            Some("linux/arm64/v8"),
        ),
        (
            json!({"os": "linux", "architecture": "amd64"}),
            Some("linux/amd64"),
        ),
        (
            json!({"os": "linux", "architecture": "amd64", "variant": ""}),
            Some("linux/amd64"),
        ),
        (
            json!({"os": "unknown", "architecture": "unknown"}),
            Some("unknown/unknown"),
        ),
        (json!({"os": "linux"}), None),
        (json!({"os": "li\nnux", "architecture": "amd64"}), None),
        (json!({"os": "x".repeat(65), "architecture": "amd64"}), None),
        (json!(null), None),
    ];
    for (platform, name) in platforms {
        let mut child = descriptor(media::OCI_MANIFEST, "child");
        child["platform"] = platform.clone();
        let ManifestKind::Index { manifests } = read(&index(&[child])).unwrap().kind else {
            panic!("an index");
        };
        assert_eq!(manifests[0].platform.as_deref(), name, "{platform}");
    }
    let mut layer = descriptor(
        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        "x",
    );
    layer["urls"] = json!(["https://example.com/layer"]);
    let manifest = read(&with(image(LAYER), &json!({"layers": [layer]}))).unwrap();
    let ManifestKind::Image { layers, .. } = manifest.kind else {
        panic!("an image");
    };
    assert!(layers[0].urls_present && layers[0].may_lie_elsewhere());
    assert_eq!(layers[0].size, 7);
}

#[test]
fn a_layer_may_lie_elsewhere_by_its_type_or_its_urls() {
    for (media_type, urls, expected) in [
        (LAYER, json!(null), false),
        (LAYER, json!([]), false),
        (LAYER, json!(["https://example.com/layer"]), true),
        (
            "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
            json!(null),
            true,
        ),
        (
            "application/vnd.oci.image.layer.nondistributable.v1.tar",
            json!(null),
            true,
        ),
        (
            "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
            json!(null),
            true,
        ),
        (
            "application/vnd.docker.image.rootfs.diff.tar.gzip",
            json!(null),
            false,
        ),
        (
            "application/vnd.example.nondistributable.v1",
            json!(null),
            false,
        ),
    ] {
        let mut layer = descriptor(media_type, "layer");
        layer["urls"] = urls;
        let manifest = read(&with(image(LAYER), &json!({"layers": [layer]}))).unwrap();
        let ManifestKind::Image { layers, .. } = manifest.kind else {
            panic!("an image");
        };
        assert_eq!(layers[0].may_lie_elsewhere(), expected, "{media_type}");
    }
}

#[test]
fn a_referrer_names_its_subject() {
    let document = with(
        image("application/spdx+json"),
        &json!({
            "artifactType": "application/spdx+json",
            "subject": descriptor(media::OCI_INDEX, "subject"),
            "annotations": {"a": "b"},
            "layers": [with(descriptor("application/spdx+json", "layer"), &json!({
                "annotations": {"in-toto.io/predicate-type": "https://spdx.dev/Document", "a": "b"}
            }))],
        }),
    );
    let manifest = read(&document).unwrap();
    assert_eq!(manifest.subject.unwrap().digest, digest("subject"));
    assert_eq!(
        manifest.artifact_type.as_deref(),
        Some("application/spdx+json")
    );
    let ManifestKind::Image { layers, .. } = manifest.kind else {
        panic!("an image");
    };
    let kept: Vec<_> = layers[0].annotations.keys().collect();
    assert_eq!(
        kept,
        ["in-toto.io/predicate-type"],
        "only what is ever read"
    );
}

#[test]
fn annotations_are_strings_of_which_none_is_kept() {
    let words: serde_json::Map<_, _> = (0..50_000).map(|n| (format!("k{n}"), json!("v"))).collect();
    let manifest = read(&with(image(LAYER), &json!({"annotations": words}))).unwrap();
    assert!(format!("{manifest:?}").len() < 2_000);
    for wrong in [
        json!({"a": 1}),
        json!({"a": null}),
        json!(["a"]),
        json!("a"),
    ] {
        assert!(
            read(&with(image(LAYER), &json!({"annotations": wrong}))).is_err(),
            "{wrong}"
        );
    }
}

#[test]
fn lists_beyond_their_limit_are_counted_and_not_kept() {
    let too_many = with(
        image(LAYER),
        &json!({"layers": vec![descriptor(LAYER, "x"); LAYERS_MAX]}),
    );
    let mut text = too_many.to_string();
    let end = text.rfind("}],").unwrap();
    text.insert_str(end + 1, &r#",{"x":1}"#.repeat(50_000));
    let error = Manifest::read(text.as_bytes(), None).unwrap_err();
    assert_eq!(error, ManifestError::TooManyLayers(LAYERS_MAX + 50_000));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Err(error) = Manifest::read(&bytes, None) {
            prop_assert!(error.to_string().len() < 2_000);
        }
    }

    #[test]
    fn any_value_at_any_place_is_read_or_refused(
        key in prop::sample::select(KEYS.to_vec()),
        inner in prop::sample::select(vec!["mediaType", "digest", "size", "platform", "urls"]),
        text in any::<String>(),
        number in any::<i64>(),
        kind in 0..6_usize,
    ) {
        let value = [
            json!(text), json!(number), json!([text]), json!({"os": text}), json!(null), json!(true),
        ][kind].clone();
        let mut nested = image(LAYER);
        nested["layers"][0][inner] = value.clone();
        for document in [with(image(LAYER), &json!({key: value})), nested] {
            if let Err(error) = read(&document) {
                prop_assert!(error.to_string().len() < 2_000);
            }
        }
    }
}
