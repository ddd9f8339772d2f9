//! Blobs of unusual kinds: without a byte, named more than once, of another algorithm.

use std::collections::BTreeMap;

use http::Response;
use serde_json::{Value, json};

use crate::{
    between::{Between, Seen, json_answer},
    image::{Image, OCI_LAYER, OCI_MANIFEST, digest},
    world::{Choices, World, stable_to_qa},
};

/// An image that ECR would not take: with this descriptor at a place of its manifest.
fn with(image: &Image, place: &str, descriptor: Value) -> String {
    let mut manifest: Value = serde_json::from_str(&image.manifest).unwrap();
    match place {
        "layers[1]" => manifest["layers"].as_array_mut().unwrap().push(descriptor),
        member => manifest[member] = descriptor,
    }
    manifest.to_string()
}

/// ECR answers a read of the source with this manifest, and one of an empty blob with nothing.
fn answer(seen: &Seen, manifest: &str) -> Option<Response<String>> {
    let of_source = seen.body["repositoryName"] == "dev/website";
    match seen.operation.as_str() {
        "BatchGetImage" if of_source => {
            let image = |id: &Value| {
                let id =
                    json!({"imageDigest": digest(manifest.as_bytes()), "imageTag": id["imageTag"]});
                json!({"imageId": id, "imageManifest": manifest, "imageManifestMediaType": OCI_MANIFEST})
            };
            let ids = seen.body["imageIds"].as_array().unwrap().iter();
            Some(json_answer(
                &json!({"images": ids.map(image).collect::<Vec<_>>(), "failures": []}),
            ))
        }
        "GetDownloadUrlForLayer" if seen.body["layerDigest"] == digest(b"") => Some(json_answer(
            &json!({"downloadUrl": "http://blobs.local/empty"}),
        )),
        "" if seen.uri == "http://blobs.local/empty" => Some(Response::new(String::new())),
        _ => None,
    }
}

/// The world after the event of a manifest that ECR would not take, and whose blobs are those of an image.
async fn promote(image: &Image, manifest: String) -> World {
    let pushed = digest(manifest.as_bytes());
    let world = World::with(Choices {
        blob_mounting: false,
        between: Some(Between::answering(move |seen| answer(seen, &manifest))),
        ..Choices::default()
    })
    .await;
    world.policy(stable_to_qa()).await;
    world.push("dev/website", "other", image).await;
    world.settle().await;
    world.local.reset_requests();
    let event = world.push_event("dev/website", "1-stable", &pushed);
    world.local.raise(event);
    world.settle().await;
    for _ in 0..3 {
        world.later(15 * 60).await;
    }
    world
}

#[tokio::test(start_paused = true)]
async fn an_empty_blob_was_sent_again_and_again() {
    let empty = json!({"mediaType": OCI_LAYER, "digest": digest(b""), "size": 0});
    let image = Image::single("a", 1);
    let world = promote(&image, with(&image, "layers[1]", empty)).await;
    insta::assert_snapshot!(world.history().await.join("\n"), @"dev/website:1-stable failed: cannot copy sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855: it is an empty blob, and ECR stores none; build the image without its empty layer");
    let queue = world.local.queue();
    let waits = queue.visible + queue.in_flight + queue.delayed + queue.dead;
    assert_eq!((waits, world.open().await), (0, 0), "it is not tried again");
    assert!(world.tags("qa/website").await.is_empty());
}

/// What looks like a digest and is not one.
pub fn not_digests() -> [(&'static str, String); 5] {
    let hex = "0123456789abcdef".repeat(4);
    [
        ("a path", "sha256:../../x".to_owned()),
        ("upper case", format!("sha256:{}", hex.to_uppercase())),
        ("too short", format!("sha256:{}", &hex[1..])),
        ("too long", format!("sha256:{hex}0")),
        ("another algorithm", format!("sha512:{hex}{hex}")),
    ]
}

#[tokio::test(start_paused = true)]
async fn digests_not_validated_became_paths() {
    let image = Image::single("a", 1);
    for (case, text) in not_digests() {
        for place in ["layers[1]", "config", "subject"] {
            let named = json!({"mediaType": OCI_MANIFEST, "digest": text, "size": 7});
            let world = promote(&image, with(&image, place, named)).await;
            let history = world.history().await;
            let words = format!(
                "dev/website:1-stable held: {place}: expected a digest (sha256: and 64 lower-case hexadecimal digits), found {text:?}"
            );
            assert_eq!(history, [words], "{case}");
            let requests = world.requests("registry:");
            assert!(requests.is_empty(), "{case} in {place}: {requests:?}");
        }
    }
}

/// How often each blob was sent to the target.
fn sent(between: &Between) -> BTreeMap<String, usize> {
    let mut sent = BTreeMap::new();
    for seen in between.take() {
        let blob = seen.uri.split_once("digest=");
        if let Some((_, blob)) = blob.filter(|_| seen.method == "PUT") {
            *sent.entry(blob.to_owned()).or_default() += 1;
        }
    }
    sent
}

#[tokio::test(start_paused = true)]
async fn a_blob_that_is_named_more_than_once_was_sent_as_often() {
    let [shared, own] = [b"shared".to_vec(), b"own".to_vec()];
    let layers = vec![shared.clone(), own.clone(), shared.clone(), shared.clone()];
    let one = Image::of("one", OCI_LAYER, layers);
    let other = Image::of("other", OCI_LAYER, vec![shared.clone(), shared.clone()]);
    let index = Image::index_of(
        vec![one.clone(), other.clone()],
        &["linux/amd64", "linux/arm64"],
    );
    for (case, image, blobs) in [
        ("a manifest", &one, vec![&one.blobs[0], &shared, &own]),
        (
            "an index",
            &index,
            vec![&one.blobs[0], &other.blobs[0], &shared, &own],
        ),
    ] {
        let between = Between::listening();
        let world = World::with(Choices {
            blob_mounting: false,
            between: Some(between.clone()),
            ..Choices::default()
        })
        .await;
        world.policy(stable_to_qa()).await;
        let pushed = world.push("dev/website", "1-stable", image).await;
        between.take();
        world.settle().await;
        let each = blobs.iter().map(|blob| (digest(blob), 1)).collect();
        assert_eq!(sent(&between), each, "{case}");
        assert_eq!(world.tags("qa/website").await["1-stable"], pushed, "{case}");
    }
}
