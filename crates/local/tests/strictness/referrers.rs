//! Manifests with a subject.

use serde_json::{Value, json};

use crate::world::*;

/// Pushes a referrer of `subject` and gives its digest.
async fn attach(world: &World, subject: &str, kind: &str) -> String {
    let empty = json!({"mediaType": "application/vnd.oci.empty.v1+json", "digest": sha256(b"{}"), "size": 2});
    let manifest = json!({
        "schemaVersion": 2, "mediaType": OCI_MANIFEST, "artifactType": kind, "config": empty, "layers": [empty],
        "subject": {"mediaType": OCI_MANIFEST, "digest": subject, "size": 1}, "annotations": {"a": "b"},
    });
    let answer = world
        .ok("PutImage", put("dev/website", &manifest.to_string(), None))
        .await;
    answer["image"]["imageId"]["imageDigest"]
        .as_str()
        .expect("a digest")
        .to_owned()
}

async fn list(world: &World, subject: &str, more: Value) -> Value {
    let mut body = json!({"repositoryName": "dev/website", "subjectId": {"imageDigest": subject}});
    body.as_object_mut()
        .expect("an object")
        .extend(more.as_object().expect("an object").clone());
    world.ok("ListImageReferrers", body).await
}

#[tokio::test]
async fn referrers_are_listed_by_their_subject() {
    let world = World::new(&["dev/website"]).await;
    let subject = world.push("dev/website", "hello", Some("1")).await;
    world.upload("dev/website", b"{}").await;
    let (sbom, signature) = (
        attach(&world, &subject, "application/spdx+json").await,
        attach(&world, &subject, "application/sig").await,
    );
    let all = list(&world, &subject, json!({})).await["referrers"].clone();
    assert_eq!(all.as_array().expect("a list").len(), 2);
    let some = list(
        &world,
        &subject,
        json!({"filter": {"artifactTypes": ["application/spdx+json"]}}),
    )
    .await["referrers"]
        .clone();
    assert_eq!(some.as_array().expect("a list").len(), 1);
    assert_eq!(
        (
            &some[0]["digest"],
            &some[0]["artifactType"],
            &some[0]["annotations"],
            &some[0]["artifactStatus"]
        ),
        (
            &json!(sbom),
            &json!("application/spdx+json"),
            &json!({"a": "b"}),
            &json!("ACTIVE")
        )
    );
    assert!(
        list(&world, &signature, json!({})).await["referrers"]
            .as_array()
            .expect("a list")
            .is_empty()
    );
    let http = world
        .http(
            "GET",
            &format!("/v2/dev/website/referrers/{subject}?artifactType=application%2Fsig"),
            "",
        )
        .await;
    assert_eq!(
        (
            http.header("content-type"),
            http.header("oci-filters-applied"),
            &http.json()["manifests"][0]["digest"]
        ),
        (OCI_INDEX, "artifactType", &json!(signature))
    );
    let tags = world
        .http("GET", "/v2/dev/website/tags/list", "")
        .await
        .json();
    assert_eq!(tags["tags"], json!(["1"]));
}

#[tokio::test]
async fn referrers_come_in_pages_of_at_most_50() {
    let world = World::new(&["dev/website"]).await;
    world.upload("dev/website", b"{}").await;
    let subject = sha256(b"not here yet");
    for n in 0..25 {
        attach(&world, &subject, &format!("application/{n}")).await;
    }
    let page = list(&world, &subject, json!({})).await;
    assert_eq!(page["referrers"].as_array().expect("a list").len(), 20);
    let rest = list(&world, &subject, json!({"nextToken": page["nextToken"]})).await;
    assert_eq!(
        (
            rest["referrers"].as_array().expect("a list").len(),
            rest.get("nextToken")
        ),
        (5, None)
    );
    for more in [
        json!({"maxResults": 51}),
        json!({"filter": {"artifactTypes": vec!["a"; 6]}}),
    ] {
        let mut body =
            json!({"repositoryName": "dev/website", "subjectId": {"imageDigest": subject}});
        body.as_object_mut()
            .expect("an object")
            .extend(more.as_object().expect("an object").clone());
        assert_eq!(
            world.refused("ListImageReferrers", body).await,
            "InvalidParameterException"
        );
    }
}

#[tokio::test]
async fn a_subject_with_a_platform_is_refused() {
    let world = World::new(&["dev/website"]).await;
    let mut manifest: Value =
        serde_json::from_str(&world.image("dev/website", "hello").await).expect("JSON");
    manifest["subject"] = json!({"mediaType": OCI_MANIFEST, "digest": sha256(b"x"), "size": 1, "platform": {"os": "linux"}});
    assert_eq!(
        world
            .refused("PutImage", put("dev/website", &manifest.to_string(), None))
            .await,
        "InvalidParameterException"
    );
    let answer = world
        .http_with(
            "PUT",
            "/v2/dev/website/manifests/1",
            &[("content-type", OCI_MANIFEST)],
            manifest.to_string(),
        )
        .await;
    assert_eq!(answer.refusal(), (405, "UNSUPPORTED".to_owned()));
}

#[tokio::test]
async fn a_referrer_that_is_there_already_names_its_subject_again() {
    let world = World::new(&["dev/website"]).await;
    let config = world.upload("dev/website", b"{}").await;
    let subject = sha256(b"not here yet");
    let manifest = json!({
        "schemaVersion": 2, "mediaType": OCI_MANIFEST, "layers": [],
        "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": config, "size": 2},
        "subject": {"mediaType": OCI_MANIFEST, "digest": subject, "size": 1},
    })
    .to_string();
    let path = format!("/v2/dev/website/manifests/{}", sha256(manifest.as_bytes()));
    for time in ["first", "second"] {
        let answer = world
            .http_with(
                "PUT",
                &path,
                &[("content-type", OCI_MANIFEST)],
                manifest.clone(),
            )
            .await;
        let seen = (answer.status.as_u16(), answer.header("oci-subject"));
        assert_eq!(seen, (201, subject.as_str()), "{time}");
    }
}
