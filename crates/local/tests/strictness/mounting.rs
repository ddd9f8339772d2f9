//! Blob mounting: only over HTTP, only where the account allows it, never an error.

use serde_json::json;

use crate::world::*;

async fn enabled(repositories: &[&str]) -> World {
    let world = World::embedded(repositories).await;
    world
        .ok(
            "PutAccountSetting",
            json!({"name": "BLOB_MOUNTING", "value": "ENABLED"}),
        )
        .await;
    world
}

fn ask(target: &str, digest: &str, source: &str) -> String {
    format!("/v2/{target}/blobs/uploads/?mount={digest}&from={source}")
}

#[tokio::test]
async fn a_mounted_blob_is_available_before_any_manifest_names_it() {
    let world = enabled(&["dev/website", "qa/website"]).await;
    let text = world.image("dev/website", "hello").await;
    world
        .ok("PutImage", put("dev/website", &text, Some("1")))
        .await;
    for blob in [&b"hello"[..], b"{\"of\":\"hello\"}"] {
        let digest = sha256(blob);
        let answer = world
            .http(
                "POST",
                &ask("qa/website", &digest.replace(':', "%3A"), "dev%2Fwebsite"),
                "",
            )
            .await;
        assert_eq!(
            (
                answer.status.as_u16(),
                answer.header("docker-content-digest")
            ),
            (201, digest.as_str())
        );
        let seen = world
            .ok(
                "BatchCheckLayerAvailability",
                json!({"repositoryName": "qa/website", "layerDigests": [digest]}),
            )
            .await;
        assert_eq!(seen["layers"][0]["layerAvailability"], "AVAILABLE");
    }
    world
        .ok("PutImage", put("qa/website", &text, Some("1")))
        .await;
}

#[tokio::test]
async fn what_cannot_be_mounted_opens_an_upload() {
    let world = enabled(&["dev/website", "dev/loose", "qa/website"]).await;
    for (name, key) in [("kms/one", "arn:one"), ("kms/two", "arn:two")] {
        let encryption = json!({"encryptionType": "KMS", "kmsKey": key});
        world
            .ok(
                "CreateRepository",
                json!({"repositoryName": name, "encryptionConfiguration": encryption}),
            )
            .await;
    }
    world.push("dev/website", "hello", Some("1")).await;
    world.push("kms/one", "hello", Some("1")).await;
    world.upload("dev/loose", b"hello").await;
    let digest = sha256(b"hello");
    for (case, path) in [
        (
            "no manifest names it",
            ask("qa/website", &digest, "dev/loose"),
        ),
        ("no such source", ask("qa/website", &digest, "dev/none")),
        (
            "no source",
            format!("/v2/qa/website/blobs/uploads/?mount={digest}"),
        ),
        ("a name that is none", ask("qa/website", &digest, "../x")),
        ("another encryption", ask("kms/two", &digest, "dev/website")),
        ("another key", ask("kms/two", &digest, "kms/one")),
        (
            "no such blob",
            ask("qa/website", &sha256(b"other"), "dev/website"),
        ),
        ("no digest", ask("qa/website", "latest", "dev/website")),
    ] {
        let answer = world.http("POST", &path, "").await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("location").is_empty()),
            (202, false),
            "{case}"
        );
    }
    world
        .ok(
            "PutAccountSetting",
            json!({"name": "BLOB_MOUNTING", "value": "DISABLED"}),
        )
        .await;
    assert_eq!(
        world
            .http("POST", &ask("qa/website", &digest, "dev/website"), "")
            .await
            .status,
        202,
        "disabled"
    );
    let seen = world
        .ok(
            "BatchCheckLayerAvailability",
            json!({"repositoryName": "qa/website", "layerDigests": [digest]}),
        )
        .await;
    assert_eq!(seen["layers"][0]["layerAvailability"], "UNAVAILABLE");
}

#[tokio::test]
async fn the_session_of_a_refused_mount_takes_the_blob() {
    let world = World::new(&["dev/website"]).await;
    let answer = world
        .http(
            "POST",
            &ask("dev/website", &sha256(b"hello"), "dev/none"),
            "",
        )
        .await;
    let put = format!("{}&digest={}", answer.header("location"), sha256(b"hello"));
    assert_eq!(world.http("PUT", &put, "hello").await.status, 201);
}

#[tokio::test]
async fn a_new_account_has_mounting_disabled() {
    let world = World::embedded(&[]).await;
    for (name, value) in [
        ("BLOB_MOUNTING", "DISABLED"),
        ("BASIC_SCAN_TYPE_VERSION", "AWS_NATIVE"),
        ("REGISTRY_POLICY_SCOPE", "V2"),
    ] {
        assert_eq!(
            world.ok("GetAccountSetting", json!({"name": name})).await,
            json!({"name": name, "value": value})
        );
    }
    assert_eq!(
        world
            .refused("GetAccountSetting", json!({"name": "OTHER"}))
            .await,
        "InvalidParameterException"
    );
    assert_eq!(
        world
            .refused(
                "PutAccountSetting",
                json!({"name": "BLOB_MOUNTING", "value": "YES"})
            )
            .await,
        "InvalidParameterException"
    );
}
