//! Pulling over HTTP.

use axum::body::Body;
use serde_json::json;

use crate::world::*;

async fn pushed() -> (World, String) {
    let world = World::new(&["dev/website"]).await;
    world.push("dev/website", "hello", Some("1")).await;
    let answer = world
        .http(
            "GET",
            &format!(
                "/v2/dev/website/blobs/{}",
                sha256(b"hello").replace(':', "%3A")
            ),
            "",
        )
        .await;
    assert_eq!(answer.status, 307);
    let location = answer.header("location").to_owned();
    (world, location)
}

async fn fetch(world: &World, location: &str, header: Option<(&str, &str)>) -> Answer {
    let mut request = http::Request::get(location);
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    world
        .send(request.body(Body::empty()).expect("a request"))
        .await
}

#[tokio::test]
async fn a_blob_is_on_another_host_that_wants_no_credentials() {
    let (world, location) = pushed().await;
    assert!(!location.starts_with("http://local/"), "{location}");
    let answer = fetch(&world, &location, None).await;
    assert_eq!(
        (
            answer.status.as_u16(),
            answer.header("content-length"),
            &answer.body[..]
        ),
        (200, "5", &b"hello"[..])
    );
    assert_eq!(
        fetch(&world, &location, Some(("authorization", TOKEN)))
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn a_range_is_honoured() {
    let (world, location) = pushed().await;
    let answer = fetch(&world, &location, Some(("range", "bytes=2-3"))).await;
    assert_eq!(
        (
            answer.status.as_u16(),
            answer.header("content-range"),
            &answer.body[..]
        ),
        (206, "bytes 2-3/5", &b"ll"[..])
    );
    let answer = fetch(&world, &location, Some(("range", "bytes=2-"))).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.body[..]),
        (206, &b"llo"[..])
    );
    let answer = fetch(&world, &location, Some(("range", "bytes=5-"))).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("content-range")),
        (416, "bytes */5")
    );
}

#[tokio::test]
async fn a_blob_that_no_manifest_names_is_readable_over_http() {
    let world = World::new(&["dev/website"]).await;
    let digest = world.upload("dev/website", b"loose").await;
    assert_eq!(
        world
            .http("GET", &format!("/v2/dev/website/blobs/{digest}"), "")
            .await
            .status,
        307
    );
    for digest in [
        sha256(b"missing"),
        "sha256:..%2F..%2Fjournal.jsonl".to_owned(),
    ] {
        assert_eq!(
            world
                .http("GET", &format!("/v2/dev/website/blobs/{digest}"), "")
                .await
                .refusal(),
            (404, "BLOB_UNKNOWN".to_owned())
        );
    }
}

#[tokio::test]
async fn a_manifest_is_read_by_tag_and_digest() {
    let (world, _) = pushed().await;
    let text = world.image("dev/website", "hello").await;
    let digest = sha256(text.as_bytes());
    for reference in ["1".to_owned(), digest.clone(), digest.replace(':', "%3A")] {
        let answer = world
            .http("GET", &format!("/v2/dev/website/manifests/{reference}"), "")
            .await;
        assert_eq!(
            (
                answer.header("content-type"),
                answer.header("docker-content-digest"),
                &answer.body[..]
            ),
            (OCI_MANIFEST, digest.as_str(), text.as_bytes())
        );
        let head = world
            .http(
                "HEAD",
                &format!("/v2/dev/website/manifests/{reference}"),
                "",
            )
            .await;
        assert_eq!(
            (
                head.status.as_u16(),
                head.header("content-length"),
                head.body.len()
            ),
            (200, text.len().to_string().as_str(), 0)
        );
    }
    assert_eq!(
        world
            .http("GET", "/v2/dev/website/manifests/2", "")
            .await
            .refusal(),
        (404, "MANIFEST_UNKNOWN".to_owned())
    );
    assert_eq!(
        world
            .http("GET", "/v2/dev/none/manifests/1", "")
            .await
            .refusal(),
        (404, "NAME_UNKNOWN".to_owned())
    );
}

#[tokio::test]
async fn tags_are_listed_as_ecr_lists_them() {
    let world = World::new(&["dev/website"]).await;
    let text = world.image("dev/website", "hello").await;
    for n in 0..5 {
        world
            .ok(
                "PutImage",
                put("dev/website", &text, Some(&format!("t{n}"))),
            )
            .await;
    }
    let (mut path, mut seen) = ("/v2/dev/website/tags/list?n=2".to_owned(), Vec::new());
    loop {
        let page = world.http("GET", &path, "").await;
        assert_eq!(
            (
                page.header("content-type"),
                page.header("docker-distribution-api-version")
            ),
            ("text/plain; charset=utf-8", "registry/2.0")
        );
        seen.extend(page.json()["tags"].as_array().expect("a list").clone());
        let Some((next, _)) = page
            .header("link")
            .strip_prefix('<')
            .and_then(|link| link.split_once(">; rel=\"next\""))
        else {
            break;
        };
        assert!(
            next.starts_with("http://local/v2/dev/website/tags/list?"),
            "the link is absolute: {next}"
        );
        path = next.to_owned();
    }
    assert_ne!(seen, ["t0", "t1", "t2", "t3", "t4"], "tags are not sorted");
    seen.sort_by_key(ToString::to_string);
    assert_eq!(seen, ["t0", "t1", "t2", "t3", "t4"]);
    let answer = world
        .http("GET", "/v2/dev/website/tags/list?last=t1", "")
        .await;
    assert_eq!(
        answer.json(),
        json!({"errors": [{"code": "UNSUPPORTED", "message": "Invalid parameter at 'NextToken' failed to satisfy constraint: 'Invalid next token provided'"}]})
    );
    let answer = world
        .http("GET", "/v2/dev/website/tags/list?n=1001", "")
        .await;
    assert_eq!(
        (
            answer.status.as_u16(),
            answer.json()["errors"][0]["message"].clone()
        ),
        (
            405,
            json!(
                "Invalid parameter at 'maxResults' failed to satisfy constraint: 'Member must have value less than or equal to 1000'"
            )
        )
    );
}
