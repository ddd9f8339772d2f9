//! The registry's token is shown to the registry's own host alone, whatever an answer names.

use ecr_promoter_local::BLOBS_HOST_IN_PROCESS;
use http::{Response, Uri};
use serde_json::json;

use crate::{
    between::{Between, Seen, json_answer},
    image::Image,
    world::{Choices, World, stable_to_qa},
};

/// The event of a push whose every blob moves, handled once under these answers.
async fn promote(between: &Between) -> World {
    let world = World::with(Choices {
        blob_mounting: false,
        between: Some(between.clone()),
        ..Choices::default()
    })
    .await;
    world.policy(stable_to_qa()).await;
    let image = Image::single("a", 2);
    world.push("dev/website", "1-stable", &image).await;
    between.take();
    world.settle().await;
    world
}

/// Only the registry's own address had credentials; the storage was asked without.
fn nobody_else_was_asked(case: &str, seen: &[Seen]) {
    for seen in seen {
        let uri: Uri = seen.uri.parse().unwrap();
        let own =
            (uri.scheme_str(), uri.host(), uri.port_u16()) == (Some("http"), Some("local"), None);
        assert!(own || !seen.authorized, "{case}: {seen:?}");
        let storage = uri.host() == Some(BLOBS_HOST_IN_PROCESS);
        assert!(own || storage, "{case}: {seen:?}");
    }
}

fn at_the_registry(seen: &[Seen], method: &str) -> usize {
    let at = |seen: &&Seen| seen.method == method && seen.uri.contains("/v2/");
    seen.iter().filter(at).count()
}

const ELSEWHERE: [(&str, &str); 9] = [
    (
        "another host",
        "http://evil.example/v2/qa/website/blobs/uploads/1",
    ),
    ("no scheme", "//evil.example/v2/qa/website/blobs/uploads/1"),
    (
        "another port",
        "http://local:8080/v2/qa/website/blobs/uploads/1",
    ),
    (
        "another scheme",
        "https://local/v2/qa/website/blobs/uploads/1",
    ),
    (
        "a longer name",
        "http://local.evil.example/v2/qa/website/blobs/uploads/1",
    ),
    (
        "a name before an @",
        "http://local@evil.example/v2/qa/website/blobs/uploads/1",
    ),
    (
        "a backslash",
        "http://local\\@evil.example/v2/qa/website/blobs/uploads/1",
    ),
    ("a path that is none", "v2/qa/website/blobs/uploads/1"),
    ("nothing", ""),
];

#[tokio::test(start_paused = true)]
async fn credentials_went_to_whatever_location_an_upload_named() {
    for (case, address) in ELSEWHERE {
        let between = Between::answering(move |seen| {
            let upload = seen.method == "POST" && seen.uri.contains("/blobs/uploads/");
            let answer = Response::builder().status(202).header("location", address);
            upload.then(|| answer.body(String::new()).unwrap())
        });
        let world = promote(&between).await;
        let seen = between.take();
        nobody_else_was_asked(case, &seen);
        assert!(at_the_registry(&seen, "POST") > 0, "{case}");
        assert_eq!(at_the_registry(&seen, "PUT"), 0, "{case}: refused");
        assert!(world.tags("qa/website").await.is_empty(), "{case}");
        assert_eq!(world.local.queue().in_flight, 1, "{case}: tried again");
    }
}

#[tokio::test(start_paused = true)]
async fn credentials_went_to_whatever_registry_a_token_named() {
    for (case, endpoint) in [
        ("another host", "http://evil.example"),
        ("another port", "http://local:8080"),
        ("another scheme", "https://local"),
        ("a longer name", "http://local.evil.example"),
        (
            "another account's",
            "https://999999999999.dkr.ecr.eu-west-1.amazonaws.com",
        ),
        (
            "another Region's",
            "https://123456789012.dkr.ecr.us-east-1.amazonaws.com",
        ),
        (
            "without TLS",
            "http://123456789012.dkr.ecr.eu-west-1.amazonaws.com",
        ),
    ] {
        let between = Between::answering(move |seen| {
            let token = json!({"authorizationData": [{
                "authorizationToken": "QVdTOnBhc3N3b3Jk", "expiresAt": 4_000_000_000_u64, "proxyEndpoint": endpoint,
            }]});
            (seen.operation == "GetAuthorizationToken").then(|| json_answer(&token))
        });
        let world = promote(&between).await;
        let seen = between.take();
        nobody_else_was_asked(case, &seen);
        assert!(!seen.iter().any(|seen| seen.uri.contains("/v2/")), "{case}");
        assert!(world.tags("qa/website").await.is_empty(), "{case}");
        let history = world.history().await.join("\n");
        assert!(
            history.contains("failed") && history.contains(endpoint),
            "{case}: {history}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_redirect_is_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        for (method, at) in [
            ("POST", "/blobs/uploads/"),
            ("PUT", "/blobs/uploads/"),
            ("GET", ""),
        ] {
            for to in ["http://evil.example/v2/", "http://local/v2/elsewhere"] {
                let case = format!("{status} to a {method}, to {to}");
                let between = Between::answering(move |seen| {
                    // A GET of the storage: the tables and ECR are asked by POST.
                    let redirected = seen.method == method && seen.uri.contains(at);
                    let answer = Response::builder().status(status).header("location", to);
                    redirected.then(|| answer.body(String::new()).unwrap())
                });
                let world = promote(&between).await;
                let seen = between.take();
                nobody_else_was_asked(&case, &seen);
                assert!(seen.iter().any(|seen| seen.method == method), "{case}");
                assert!(
                    !seen.iter().any(|seen| seen.uri.contains("elsewhere")),
                    "{case}"
                );
                assert!(world.tags("qa/website").await.is_empty(), "{case}");
                assert_eq!(world.local.queue().in_flight, 1, "{case}: tried again");
            }
        }
    }
}
