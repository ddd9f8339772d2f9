//! Which manifests ECR takes.

use super::*;
use serde_json::json;

const DIGEST: &str = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

fn image() -> Value {
    json!({"schemaVersion": 2, "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": DIGEST, "size": 2},
           "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": DIGEST, "size": 7}]})
}

#[test]
fn only_what_ecr_takes_is_read() {
    let with = |member: &str, value: Value| {
        let mut document = image();
        document[member] = value;
        document.to_string()
    };
    for (case, text, given, readable) in [
        ("type given", image().to_string(), Some(OCI_MANIFEST), true),
        (
            "type written",
            with("mediaType", json!(OCI_MANIFEST)),
            None,
            true,
        ),
        ("type nowhere", image().to_string(), None, false),
        (
            "types differ",
            with("mediaType", json!(OCI_INDEX)),
            Some(OCI_MANIFEST),
            false,
        ),
        (
            "a type that is no text",
            with("mediaType", json!([OCI_INDEX])),
            Some(OCI_MANIFEST),
            false,
        ),
        (
            "an artifact's type that is no text",
            with("artifactType", json!(1)),
            Some(OCI_MANIFEST),
            false,
        ),
        (
            "schema 1",
            with("schemaVersion", json!(1)),
            Some(OCI_MANIFEST),
            false,
        ),
        (
            "schema 1 type",
            image().to_string(),
            Some("application/vnd.docker.distribution.manifest.v1+prettyjws"),
            false,
        ),
        (
            "layers and manifests",
            with("manifests", json!([])),
            Some(OCI_MANIFEST),
            false,
        ),
        (
            "a path for a digest",
            with(
                "config",
                json!({"mediaType": "x", "digest": "sha256:../../x", "size": 1}),
            ),
            Some(OCI_MANIFEST),
            false,
        ),
        (
            "negative size",
            with(
                "config",
                json!({"mediaType": "x", "digest": DIGEST, "size": -1}),
            ),
            Some(OCI_MANIFEST),
            false,
        ),
        (
            "subject with platform",
            with(
                "subject",
                json!({"mediaType": OCI_MANIFEST, "digest": DIGEST, "size": 1, "platform": {}}),
            ),
            Some(OCI_MANIFEST),
            false,
        ),
        (
            "image as index",
            image().to_string(),
            Some(OCI_INDEX),
            false,
        ),
        ("no JSON", "{".to_owned(), Some(OCI_MANIFEST), false),
        ("no object", "[]".to_owned(), Some(OCI_MANIFEST), false),
    ] {
        assert_eq!(Manifest::read(&text, given).is_ok(), readable, "{case}");
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in ".*", given in ".*") {
        let _ = Manifest::read(&text, Some(&given));
    }
}
