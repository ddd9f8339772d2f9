//! Pushing over HTTP.

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use serde_json::json;

use crate::world::*;

pub(crate) async fn begin(world: &World) -> String {
    let answer = world
        .http("POST", "/v2/dev/website/blobs/uploads/", "")
        .await;
    assert_eq!(
        (
            answer.status.as_u16(),
            answer.header("oci-chunk-min-length")
        ),
        (202, "10485760")
    );
    answer.header("location").to_owned()
}

pub(crate) fn with_digest(location: &str, blob: &[u8]) -> String {
    format!("{location}&digest={}", sha256(blob).replace(':', "%3A"))
}

#[tokio::test]
async fn credentials_are_asked_for() {
    let world = World::new(&[]).await;
    let answer = world
        .send(
            http::Request::get("/v2/")
                .body(Body::empty())
                .expect("a request"),
        )
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("www-authenticate")),
        (
            401,
            "Basic realm=\"http://local/\",service=\"ecr.amazonaws.com\""
        )
    );
    assert_eq!(&answer.body[..], b"Not Authorized");
    assert_eq!(world.http("GET", "/v2/", "").await.status, 200);
}

#[tokio::test]
async fn a_blob_goes_up_in_two_requests() {
    let world = World::new(&["dev/website"]).await;
    let location = begin(&world).await;
    let answer = world
        .http("PUT", &with_digest(&location, b"hello"), "hello")
        .await;
    assert_eq!(
        (
            answer.status.as_u16(),
            answer.header("docker-content-digest")
        ),
        (201, sha256(b"hello").as_str())
    );
    let head = world
        .http(
            "HEAD",
            &format!("/v2/dev/website/blobs/{}", sha256(b"hello")),
            "",
        )
        .await;
    assert_eq!(
        (head.status.as_u16(), head.header("content-length")),
        (200, "5")
    );
    let location = begin(&world).await;
    assert_eq!(
        world
            .http("PUT", &with_digest(&location, b"hello"), "hello")
            .await
            .status,
        201,
        "the same blob again"
    );
}

#[tokio::test]
async fn wrong_bytes_are_refused_and_the_right_ones_taken_after() {
    let world = World::embedded(&["dev/website"]).await;
    let location = begin(&world).await;
    let target = with_digest(&location, b"hello");
    assert_eq!(
        world.http("PUT", &target, "other").await.refusal(),
        (400, "DIGEST_INVALID".to_owned())
    );
    assert_eq!(
        world
            .http("PUT", &with_digest(&location, b""), "")
            .await
            .refusal(),
        (400, "BLOB_UPLOAD_INVALID".to_owned())
    );
    let lying = world
        .http_with("PUT", &target, &[("content-length", "9")], "hello")
        .await;
    assert_eq!(lying.refusal(), (400, "BLOB_UPLOAD_INVALID".to_owned()));
    let broken = stream::iter([
        Ok(Bytes::from_static(b"hel")),
        Err(std::io::Error::other("reset")),
    ]);
    assert_eq!(
        world
            .http("PUT", &target, Body::from_stream(broken))
            .await
            .status,
        400
    );
    assert_eq!(world.http("PUT", &target, "hello").await.status, 201);
}

#[tokio::test]
async fn an_upload_s_location_is_kept_whole() {
    let world = World::new(&["dev/website"]).await;
    let location = begin(&world).await;
    let bare = location.split_once('?').expect("a query").0;
    let answer = world
        .http(
            "PUT",
            &format!("{bare}?digest={}", sha256(b"hello")),
            "hello",
        )
        .await;
    let unknown = (404, "BLOB_UPLOAD_UNKNOWN".to_owned());
    assert_eq!(answer.refusal(), unknown);
    for method in ["GET", "PATCH", "DELETE"] {
        assert_eq!(
            world.http(method, bare, "").await.refusal(),
            unknown,
            "{method}"
        );
    }
}

#[tokio::test]
async fn a_manifest_is_pushed_by_tag_or_digest() {
    let world = World::embedded(&["dev/website"]).await;
    let text = world.image("dev/website", "hello").await;
    let digest = sha256(text.as_bytes());
    let kind = [("content-type", OCI_MANIFEST)];
    let answer = world
        .http_with(
            "PUT",
            &format!("/v2/dev/website/manifests/{digest}"),
            &kind,
            text.clone(),
        )
        .await;
    assert_eq!(
        (
            answer.status.as_u16(),
            answer.header("location"),
            answer.header("docker-content-digest")
        ),
        (201, "", digest.as_str())
    );
    for _ in 0..2 {
        assert_eq!(
            world
                .http_with("PUT", "/v2/dev/website/manifests/1", &kind, text.clone())
                .await
                .status,
            201
        );
    }
    let tags: Vec<_> = world
        .events()
        .iter()
        .map(|event| event["detail"]["image-tag"].clone())
        .collect();
    assert_eq!(
        tags,
        ["", "1"],
        "one event for each push that changed something"
    );
}

#[tokio::test]
async fn refusals_over_http_have_codes_and_statuses_of_their_own() {
    let world = World::new(&["dev/website", "dev/frozen"]).await;
    let text = world.image("dev/website", "hello").await;
    let new = world.image("dev/frozen", "new").await;
    world.mutability("dev/frozen", "IMMUTABLE", &[]).await;
    world.push("dev/frozen", "old", Some("1")).await;
    let missing = manifest(&sha256(b"x"), &sha256(b"y")).to_string();
    for (case, path, body, refusal) in [
        (
            "no repository",
            "/v2/dev/none/manifests/1".to_owned(),
            text.clone(),
            (404, "NAME_UNKNOWN"),
        ),
        (
            "no layers",
            "/v2/dev/website/manifests/1".to_owned(),
            missing,
            (404, "MANIFEST_BLOB_UNKNOWN"),
        ),
        (
            "no child",
            "/v2/dev/website/manifests/1".to_owned(),
            json!({"schemaVersion": 2, "manifests": []}).to_string(),
            (405, "UNSUPPORTED"),
        ),
        (
            "another digest",
            format!("/v2/dev/website/manifests/{}", sha256(b"x")),
            text.clone(),
            (400, "DIGEST_INVALID"),
        ),
        (
            "an immutable tag",
            "/v2/dev/frozen/manifests/1".to_owned(),
            new,
            (400, "TAG_INVALID"),
        ),
        (
            "no manifest",
            "/v2/dev/website/manifests/1".to_owned(),
            "{".to_owned(),
            (405, "UNSUPPORTED"),
        ),
        (
            "too large",
            "/v2/dev/website/manifests/1".to_owned(),
            " ".repeat(4 * 1024 * 1024 + 1),
            (405, "UNSUPPORTED"),
        ),
        (
            "no tag",
            "/v2/dev/website/manifests/-".to_owned(),
            text,
            (405, "UNSUPPORTED"),
        ),
    ] {
        let answer = world
            .http_with("PUT", &path, &[("content-type", OCI_MANIFEST)], body)
            .await;
        assert_eq!(
            answer.refusal(),
            (refusal.0, refusal.1.to_owned()),
            "{case}"
        );
    }
    assert_eq!(
        world
            .http("POST", "/v2/dev/none/blobs/uploads/", "")
            .await
            .refusal(),
        (404, "NAME_UNKNOWN".to_owned())
    );
}
