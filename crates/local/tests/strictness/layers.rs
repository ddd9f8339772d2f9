//! Layers by the JSON API: availability, download, part-wise upload.

use std::time::Duration;

use serde_json::json;

use crate::world::*;

const MIB: usize = 1024 * 1024;

async fn begin(world: &World) -> String {
    let upload = world
        .ok(
            "InitiateLayerUpload",
            json!({"repositoryName": "dev/website"}),
        )
        .await;
    assert_eq!(upload["partSize"], 10 * MIB);
    upload["uploadId"].as_str().expect("an id").to_owned()
}

fn complete(upload: &str, digest: &str) -> serde_json::Value {
    json!({"repositoryName": "dev/website", "uploadId": upload, "layerDigests": [digest]})
}

#[tokio::test]
async fn availability_is_answered_for_each_digest() {
    let world = World::new(&["dev/website"]).await;
    let (loose, missing) = (
        world.upload("dev/website", b"loose").await,
        sha256(b"missing"),
    );
    world.push("dev/website", "hello", None).await;
    let digests = [loose.as_str(), &sha256(b"hello"), &missing, "sha256:zz", ""];
    let answer = world
        .ok(
            "BatchCheckLayerAvailability",
            json!({"repositoryName": "dev/website", "layerDigests": digests}),
        )
        .await;
    assert_eq!(
        answer["layers"],
        json!([
            {"layerDigest": loose, "layerAvailability": "AVAILABLE", "layerSize": 5, "mediaType": "application/octet-stream"},
            {"layerDigest": sha256(b"hello"), "layerAvailability": "AVAILABLE", "layerSize": 5, "mediaType": LAYER},
            {"layerDigest": missing, "layerAvailability": "UNAVAILABLE"},
        ])
    );
    assert_eq!(
        (
            &answer["failures"][0]["failureCode"],
            &answer["failures"][1]["failureCode"]
        ),
        (&json!("InvalidLayerDigest"), &json!("MissingLayerDigest"))
    );
}

#[tokio::test]
async fn only_a_layer_of_an_image_has_an_address() {
    let world = World::new(&["dev/website"]).await;
    let loose = world.upload("dev/website", b"loose").await;
    world.push("dev/website", "hello", None).await;
    let ask = |digest: &str| json!({"repositoryName": "dev/website", "layerDigest": digest});
    assert_eq!(
        world.refused("GetDownloadUrlForLayer", ask(&loose)).await,
        "LayerInaccessibleException"
    );
    assert_eq!(
        world
            .refused("GetDownloadUrlForLayer", ask(&sha256(b"missing")))
            .await,
        "LayersNotFoundException"
    );
    for blob in [&b"hello"[..], b"{\"of\":\"hello\"}"] {
        let url = world.ok("GetDownloadUrlForLayer", ask(&sha256(blob))).await["downloadUrl"]
            .as_str()
            .expect("an address")
            .to_owned();
        assert!(!url.starts_with("http://local/"), "{url}");
        let got = world
            .send(
                http::Request::get(&url)
                    .body(axum::body::Body::empty())
                    .expect("a request"),
            )
            .await;
        assert_eq!((got.status.as_u16(), &got.body[..]), (200, blob));
    }
}

#[tokio::test]
async fn an_address_expires_and_cannot_be_forged() {
    let world = World::embedded(&["dev/website"]).await;
    world.push("dev/website", "hello", None).await;
    let ask = json!({"repositoryName": "dev/website", "layerDigest": sha256(b"hello")});
    let url = world.ok("GetDownloadUrlForLayer", ask).await["downloadUrl"]
        .as_str()
        .expect("an address")
        .to_owned();
    let get = async |url: &str| {
        world
            .send(
                http::Request::get(url)
                    .body(axum::body::Body::empty())
                    .expect("a request"),
            )
            .await
            .status
            .as_u16()
    };
    let bare = url.split_once('?').expect("a query").0;
    assert_eq!((get(&url).await, get(bare).await), (200, 403));
    world.clock.advance(Duration::from_hours(1));
    assert_eq!(get(&url).await, 403);
}

#[tokio::test]
async fn parts_are_consecutive_and_as_long_as_they_say() {
    let world = World::new(&["dev/website"]).await;
    let upload = begin(&world).await;
    let first = vec![7; 5 * MIB];
    let refusal = world
        .refusal("UploadLayerPart", part("dev/website", &upload, 1, &first))
        .await;
    assert_eq!(
        (&refusal["__type"], refusal.get("lastValidByteReceived")),
        (&json!("InvalidLayerPartException"), None)
    );
    let answer = world
        .ok("UploadLayerPart", part("dev/website", &upload, 0, &first))
        .await;
    assert_eq!(answer["lastByteReceived"], 5 * MIB - 1);
    let mut lying = part("dev/website", &upload, 5 * MIB as u64, b"end");
    lying["partLastByte"] = json!(5 * MIB + 9);
    let too_long = part(
        "dev/website",
        &upload,
        5 * MIB as u64,
        &vec![0; 10 * MIB + 1],
    );
    for (case, body) in [
        ("again", part("dev/website", &upload, 0, &first)),
        (
            "a gap",
            part("dev/website", &upload, 5 * MIB as u64 + 1, b"x"),
        ),
        ("length", lying),
        ("over 10 MiB", too_long),
    ] {
        let refusal = world.refusal("UploadLayerPart", body).await;
        assert_eq!(
            (
                &refusal["__type"],
                &refusal["lastValidByteReceived"],
                &refusal["uploadId"]
            ),
            (
                &json!("InvalidLayerPartException"),
                &json!(5 * MIB - 1),
                &json!(upload)
            ),
            "{case}"
        );
    }
    world
        .ok(
            "UploadLayerPart",
            part("dev/website", &upload, 5 * MIB as u64, b"end"),
        )
        .await;
    let whole = [&first[..], b"end"].concat();
    let answer = world
        .ok("CompleteLayerUpload", complete(&upload, &sha256(&whole)))
        .await;
    assert_eq!(answer["layerDigest"], sha256(&whole));
}

#[tokio::test]
async fn every_part_but_the_last_has_5_mib() {
    let world = World::new(&["dev/website"]).await;
    let upload = begin(&world).await;
    world
        .ok("UploadLayerPart", part("dev/website", &upload, 0, b"short"))
        .await;
    world
        .ok("UploadLayerPart", part("dev/website", &upload, 5, b"end"))
        .await;
    assert_eq!(
        world
            .refused(
                "CompleteLayerUpload",
                complete(&upload, &sha256(b"shortend"))
            )
            .await,
        "LayerPartTooSmallException"
    );
}

#[tokio::test]
async fn an_upload_completes_once_with_the_digest_of_its_bytes() {
    let world = World::new(&["dev/website", "qa/website"]).await;
    let upload = begin(&world).await;
    let there = world.upload("dev/website", b"there already").await;
    for digest in [sha256(b""), there] {
        let completed = complete(&upload, &digest);
        assert_eq!(
            world.refused("CompleteLayerUpload", completed).await,
            "EmptyUploadException",
            "{digest}"
        );
    }
    assert_eq!(
        world
            .refused("CompleteLayerUpload", complete("none", &sha256(b"")))
            .await,
        "UploadNotFoundException"
    );
    world
        .ok("UploadLayerPart", part("dev/website", &upload, 0, b"hello"))
        .await;
    assert_eq!(
        world
            .refused("CompleteLayerUpload", complete(&upload, &sha256(b"other")))
            .await,
        "InvalidLayerException"
    );
    assert_eq!(
        world
            .refused("CompleteLayerUpload", complete(&upload, "sha256:../x"))
            .await,
        "InvalidParameterException"
    );
    world
        .ok("CompleteLayerUpload", complete(&upload, &sha256(b"hello")))
        .await;
    assert_eq!(
        world
            .refused("CompleteLayerUpload", complete(&upload, &sha256(b"hello")))
            .await,
        "UploadNotFoundException"
    );
    let again = begin(&world).await;
    assert_eq!(
        world
            .refused("UploadLayerPart", part("qa/website", &again, 0, b"hello"))
            .await,
        "UploadNotFoundException"
    );
    world
        .ok("UploadLayerPart", part("dev/website", &again, 0, b"hello"))
        .await;
    assert_eq!(
        world
            .refused("CompleteLayerUpload", complete(&again, &sha256(b"hello")))
            .await,
        "LayerAlreadyExistsException"
    );
}
