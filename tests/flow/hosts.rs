//! Credentials go to the registry's own host, whatever an answer says.

use serde_json::json;

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

#[tokio::test(start_paused = true)]
async fn an_announcement_that_eventbridge_took_with_200_and_did_not_take_is_told_again() {
    let refusals = std::sync::atomic::AtomicUsize::new(3);
    let (world, _) = promote(true, move |sent, _, _, text| {
        use std::sync::atomic::Ordering;
        let puts = sent.body.contains("Image Promoted");
        if puts
            && refusals
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                    left.checked_sub(1)
                })
                .is_ok()
        {
            *text = json!({"FailedEntryCount": 1, "Entries": [
                {"ErrorCode": "InternalFailure", "ErrorMessage": "try again"},
            ]})
            .to_string();
        }
    })
    .await;
    for _ in 0..4 {
        world.later(15 * 60).await;
    }
    assert_eq!(
        world.history().await,
        ["dev/website:1-stable promoted: promoted to qa/website:1-stable"]
    );
    let ids: std::collections::BTreeSet<String> = world
        .announced()
        .iter()
        .map(|event| event["detail"]["id"].to_string())
        .collect();
    assert_eq!(
        (world.announced().len(), ids.len()),
        (4, 1),
        "three that were not taken, and one that was"
    );
    assert_eq!(world.local.queue().dead, 0);
}

/// The visibility time-outs that were set, in order.
fn visibilities(tap: &Tap) -> Vec<u64> {
    let bodies = tap
        .sent()
        .into_iter()
        .filter(|sent| sent.body.contains("VisibilityTimeout"));
    bodies
        .map(|sent| {
            serde_json::from_str::<serde_json::Value>(&sent.body).unwrap()["VisibilityTimeout"]
                .as_u64()
                .unwrap()
        })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_message_comes_back_soon_after_whatever_kills_its_invocation_and_later_each_time_it_fails()
 {
    let mut world = World::new().await;
    let tap = world.tap(|_, _, _, _| {}).await;
    world.policy(stable_to_qa()).await;
    world
        .push("dev/website", "1-stable", &Image::single("a", 1))
        .await;
    world.fault(json!([{"operation": "dynamodb:Query", "code": "InternalServerError", "status": 500, "times": 999}]));
    for _ in 0..9 {
        world.later(15 * 60).await;
    }
    let set = visibilities(&tap);
    let (first_acts, pauses): (Vec<_>, Vec<_>) =
        set.chunks(2).map(|pair| (pair[0], pair[1])).unzip();
    assert!(
        first_acts.iter().all(|seconds| *seconds == 66),
        "a minute and a tenth of it: {first_acts:?}"
    );
    for (pause, longest) in pauses
        .iter()
        .zip([15, 30, 60, 120, 240, 480, 900, 900, 900])
    {
        assert!((longest / 2..=longest).contains(pause), "{pauses:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn that_its_visibility_cannot_be_set_fails_no_record() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    world
        .push("dev/website", "1-stable", &Image::single("a", 1))
        .await;
    world.fault(json!([{"operation": "sqs:ChangeMessageVisibility", "code": "ReceiptHandleIsInvalid", "status": 400, "times": 9}]));
    world.settle().await;
    assert_eq!(world.tags("qa/website").await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_item_of_a_format_that_is_too_new_is_left_alone_and_its_delivery_comes_back() {
    for (version, promoted) in [(2, true), (3, false)] {
        let world = World::new().await;
        world.policy(stable_to_qa()).await;
        // An item of the tag as a release to come might leave it.
        world
            .push("dev/website", "1-stable", &Image::single("a", 1))
            .await;
        world.settle().await;
        let key = json!({"pk": {"S": world.items("TAGS#", "1-stable").await[0]["pk"]}, "sk": {"S": "1-stable"}});
        let update = json!({
            "TableName": "promotions", "Key": key, "UpdateExpression": "SET v = :v",
            "ExpressionAttributeValues": {":v": {"N": version.to_string()}},
        });
        world.api("DynamoDB_20120810.UpdateItem", &update).await;
        let second = world
            .push("dev/website", "1-stable", &Image::single("b", 1))
            .await;
        world.settle().await;
        let there = world.tags("qa/website").await;
        assert_eq!(there["1-stable"] == second, promoted, "version {version}");
        assert_eq!(
            world.items("TAGS#", "1-stable").await[0]["v"],
            if promoted { 1 } else { version }
        );
        let queue = world.local.queue();
        assert_eq!(
            queue.in_flight + queue.visible + queue.delayed,
            usize::from(!promoted),
            "version {version}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_scan_that_may_not_be_asked_for_costs_the_answer_and_nothing_else() {
    for (case, code, after_ten_minutes) in [
        (
            "the limit of one a day: a scan runs",
            "LimitExceededException",
            "awaiting",
        ),
        (
            "an enhanced registry",
            "ValidationException",
            "never scanned",
        ),
        ("not granted", "AccessDeniedException", "never scanned"),
    ] {
        let world = World::new().await;
        let mut policy = stable_to_qa();
        policy["criteria"] =
            json!([{"attribute": "vulnerabilities.critical", "operator": "=", "value": 0}]);
        world.policy(policy).await;
        world.fault(
            json!([{"operation": "ecr:StartImageScan", "code": code, "status": 400, "times": 999}]),
        );
        world.push("dev/website", "1", &Image::single("a", 1)).await;
        world.settle().await;
        assert!(
            world.history().await[0].contains("awaiting"),
            "{case}: {:?}",
            world.history().await
        );
        world.later(10 * 60).await;
        let last = world.history().await.pop().unwrap();
        assert!(last.contains(after_ten_minutes), "{case}: {last}");
        assert_eq!(world.local.queue().dead, 0, "{case}");
    }
}

#[tokio::test(start_paused = true)]
async fn two_policies_that_retag_to_one_tag_write_it_once() {
    let world = World::new().await;
    for name in ["first", "second"] {
        let mut policy = stable_to_qa();
        policy["name"] = json!(name);
        policy["target"] = json!({"repository": "dev/website", "tag": "released"});
        world.policy(policy).await;
    }
    let digest = world
        .push("dev/website", "1-stable", &Image::single("a", 1))
        .await;
    let event = world.push_event("dev/website", "1-stable", &digest);
    world.local.reset_requests();
    world.ask(&event).await.unwrap();
    assert_eq!(world.local.requests()["ecr:PutImage"], 1);
}

#[tokio::test(start_paused = true)]
async fn an_image_that_is_deleted_while_it_is_copied_is_a_failed_promotion() {
    let world = World::with(Choices {
        blob_mounting: false,
        ..Choices::default()
    })
    .await;
    world.policy(stable_to_qa()).await;
    let image = Image::single("a", 2);
    world.push("dev/website", "1-stable", &image).await;
    world.fault(json!([{"operation": "registry:mount", "delay_ms": 5000, "times": 99}]));
    let delete = async {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        world.delete_image("dev/website", &image.digest()).await;
    };
    tokio::join!(world.local.step(), delete);
    world.fault(json!([]));
    world.later(15 * 60).await;
    let history = world.history().await.join("\n");
    assert!(history.contains("failed"), "{history}");
    assert!(world.tags("qa/website").await.is_empty());
}
