//! Credentials go to the registry's own host, whatever an answer says.

use crate::{
    image::Image,
    tapped::{Sent, Tap},
    world::{Choices, World, stable_to_qa},
};

async fn promote(
    blob_mounting: bool,
    change: impl Fn(&Sent, u16, &mut Vec<(String, String)>, &mut String) + Send + Sync + 'static,
) -> (World, Tap) {
    let mut world = World::with(Choices {
        blob_mounting,
        ..Choices::default()
    })
    .await;
    let tap = world.tap(change).await;
    world.policy(stable_to_qa()).await;
    world
        .push("dev/website", "1-stable", &Image::single("a", 1))
        .await;
    world.settle().await;
    (world, tap)
}

fn went_elsewhere(tap: &Tap) -> Vec<Sent> {
    let mut sent = tap.sent();
    sent.retain(|sent| sent.uri.contains("evil.example") && sent.authorization.is_some());
    sent
}

#[tokio::test(start_paused = true)]
async fn credentials_went_to_a_location_on_another_host() {
    for location in [
        "http://evil.example/v2/qa/website/blobs/uploads/1",
        "https://local/v2/qa/website/blobs/uploads/1",
        "http://local:8080/v2/qa/website/blobs/uploads/1",
        "//evil.example/v2/qa/website/blobs/uploads/1",
    ] {
        let (world, tap) = promote(false, move |sent, _, headers, _| {
            if sent.method == "POST" && sent.uri.contains("/blobs/uploads/") {
                for (name, value) in headers.iter_mut() {
                    if name == "location" {
                        location.clone_into(value);
                    }
                }
            }
        })
        .await;
        assert!(
            tap.sent().iter().all(|sent| sent.method != "PUT"),
            "{location}: {:?}",
            went_elsewhere(&tap)
        );
        assert!(world.tags("qa/website").await.is_empty(), "{location}");
    }
}

#[tokio::test(start_paused = true)]
async fn credentials_went_to_whatever_the_token_said_it_was_for() {
    let (world, tap) = promote(true, |sent, _, _, text| {
        if sent.uri.ends_with('/') && text.contains("proxyEndpoint") {
            *text = text.replace("http://local", "http://evil.example");
        }
    })
    .await;
    assert!(went_elsewhere(&tap).is_empty());
    let history = world.history().await.join("\n");
    assert!(
        history.contains("failed") && history.contains("which is not the registry"),
        "{history}"
    );
}

#[tokio::test(start_paused = true)]
async fn downloads_bear_no_credentials() {
    let (world, tap) = promote(false, |_, _, _, _| {}).await;
    assert_eq!(world.tags("qa/website").await.len(), 1);
    let downloads: Vec<Sent> = tap
        .sent()
        .into_iter()
        .filter(|sent| sent.method == "GET")
        .collect();
    assert!(!downloads.is_empty());
    assert!(
        downloads.iter().all(|sent| sent.authorization.is_none()),
        "{downloads:?}"
    );
}
