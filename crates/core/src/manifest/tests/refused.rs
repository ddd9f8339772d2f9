use super::*;

#[test]
fn one_document_has_one_reading() {
    let both = with(image(LAYER), &json!({"manifests": []}));
    let twice = image(LAYER)
        .to_string()
        .replacen('{', r#"{"layers":[],"#, 1);
    let spelt = |key: &str| {
        let mut document = image(LAYER);
        document["layers"][0][key] = json!(digest("other"));
        document.to_string()
    };
    let in_a_layer = image(LAYER)
        .to_string()
        .replacen(r#""size":7"#, r#""size":7,"size":8"#, 1);
    let two_statements = image(LAYER).to_string().replacen(
        r#""size":7"#,
        r#""size":7,"annotations":{"predicateType":"a","predicateType":"b"}"#,
        1,
    );
    for (case, document, response) in [
        ("layers and manifests", both.to_string(), None),
        (
            "the same without a type",
            with(both, &json!({"mediaType": null})).to_string(),
            None,
        ),
        (
            "an index with layers",
            with(index(&[]), &json!({"layers": []})).to_string(),
            None,
        ),
        (
            "an index with a config",
            with(
                index(&[]),
                &json!({"config": descriptor(media::OCI_CONFIG, "c")}),
            )
            .to_string(),
            None,
        ),
        (
            "an image with schema 1's layers",
            with(image(LAYER), &json!({"fsLayers": []})).to_string(),
            None,
        ),
        (
            "an image with blobs",
            with(image(LAYER), &json!({"blobs": []})).to_string(),
            None,
        ),
        (
            "an index, says the registry",
            image(LAYER).to_string(),
            Some(media::OCI_INDEX),
        ),
        (
            "an index by the registry alone",
            with(image(LAYER), &json!({"mediaType": null})).to_string(),
            Some(media::OCI_INDEX),
        ),
        (
            "another spelling",
            with(image(LAYER), &json!({"Manifests": []})).to_string(),
            None,
        ),
        ("another spelling in a layer", spelt("Digest"), None),
        ("another spelling, by folding", spelt("\u{17f}ize"), None),
        ("a key twice", twice, None),
        ("a key twice in a layer", in_a_layer, None),
        ("two predicate types of a layer", two_statements, None),
    ] {
        let error = Manifest::read(document.as_bytes(), response).expect_err(case);
        let fits = matches!(
            error,
            ManifestError::Ambiguous(_) | ManifestError::MediaTypesDiffer { .. }
        ) || error.to_string().contains("duplicate field")
            || error.to_string().contains("some readers would take");
        assert!(fits, "{case}: {error}");
    }
}

#[test]
fn what_is_refused_says_why() {
    let change = |changes: Value| with(image(LAYER), &changes).to_string();
    let config = |changes: Value| {
        change(json!({"config": with(descriptor(media::OCI_CONFIG, "config"), &changes)}))
    };
    let old = "application/vnd.docker.distribution.manifest.v1+prettyjws";
    let artifact = "application/vnd.oci.artifact.manifest.v1+json";
    let strange = descriptor("application/vnd.oci.descriptor.v1+json", "x");
    let cases = [
        String::new(),
        "[2]".to_owned(),
        change(json!({"config": [media::OCI_CONFIG, digest("x"), 7]})),
        "{}".to_owned(),
        r#"{"schemaVersion": 1, "fsLayers": [], "history": []}"#.to_owned(),
        json!({"schemaVersion": 1, "mediaType": old}).to_string(),
        json!({"mediaType": artifact, "blobs": []}).to_string(),
        r#"{"schemaVersion": 99999, "name": "a"}"#.to_owned(),
        change(json!({"schemaVersion": 3})),
        change(json!({"schemaVersion": null})),
        change(json!({"mediaType": "text/html"})),
        change(json!({"config": null})),
        json!({"schemaVersion": 2, "mediaType": media::OCI_INDEX}).to_string(),
        config(json!({"size": -1})),
        config(json!({"size": 1.5})),
        config(json!({"size": 9_223_372_036_854_775_808_u64})),
        config(json!({"digest": "sha256:../../etc/passwd"})),
        config(json!({"digest": digest("x").as_str().to_uppercase()})),
        config(json!({"digest": ""})),
        index(&[strange]).to_string(),
        index(&[descriptor(old, "x")]).to_string(),
        change(json!({"layers": vec![descriptor(LAYER, "x"); LAYERS_MAX + 1]})),
        index(&vec![descriptor(media::OCI_MANIFEST, "x"); MANIFESTS_MAX]).to_string(),
        " ".repeat(MANIFEST_BYTES_MAX + 1),
        "[".repeat(100_000),
    ];
    let mut list = String::new();
    for document in cases {
        let error = Manifest::read(document.as_bytes(), None).expect_err(&document);
        list.push_str(&error.to_string());
        list.push('\n');
    }
    insta::assert_snapshot!(list, @r#"
    the manifest cannot be read: EOF while parsing a value at line 1 column 0
    the manifest cannot be read: invalid type: sequence, expected an object at line 1 column 0
    the manifest cannot be read: invalid type: sequence, expected an object at line 1 column 10
    schemaVersion: expected 2, found none
    expected a manifest with a config, found Docker's schema 1: push the image again with a current client
    expected a manifest with a config, found Docker's schema 1: push the image again with a current client
    expected an image manifest or an index, found an artifact manifest (application/vnd.oci.artifact.manifest.v1+json), which OCI withdrew: attach the artifact again with a current client
    schemaVersion: expected 2, found 99999
    schemaVersion: expected 2, found 3
    schemaVersion: expected 2, found none
    the manifest: expected the media type of a manifest, found "text/html"
    expected the key "config" in the manifest, found none
    expected the key "manifests" in the manifest, found none
    config: expected a size in bytes, found -1
    config: expected a size in bytes, found 1.5
    config: expected a size in bytes, found 9223372036854775808
    config: expected a digest (sha256: and 64 lower-case hexadecimal digits), found "sha256:../../etc/passwd"
    config: expected a digest (sha256: and 64 lower-case hexadecimal digits), found "SHA256:7800000000000000000000000000000000000000000000000000000000000000"
    config: expected a digest (sha256: and 64 lower-case hexadecimal digits), found ""
    manifests[0]: expected the media type of a manifest, found "application/vnd.oci.descriptor.v1+json"
    expected a manifest with a config, found Docker's schema 1: push the image again with a current client
    limit: expected a manifest of at most 500 layers, found 501
    limit: expected an image of at most 100 manifests, found 101 or more
    limit: expected a manifest of at most 4194304 bytes, found 4194305
    the manifest cannot be read: invalid type: sequence, expected an object at line 1 column 0
    "#);
}

#[test]
fn keys_of_others_may_be_spelt_as_they_like() {
    let document = with(
        image(LAYER),
        &json!({"annotations": {"Digest": "a", "Layers": "b"}, "x-vendor": {"Size": [1]}}),
    );
    assert!(read(&document).is_ok());
    // Nor does it matter how deep they go.
    let deep = format!("{{\"x\": {}", "[".repeat(1_000_000));
    assert!(Manifest::read(deep.as_bytes(), None).is_err());
}
