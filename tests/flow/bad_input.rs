//! What strangers send, and what it gets.

use serde_json::json;

use crate::{
    blobs::not_digests,
    image::Image,
    world::{Choices, World, stable_to_qa},
};

fn queue_is_empty(world: &World) -> bool {
    let queue = world.local.queue();
    (queue.visible, queue.in_flight, queue.delayed, queue.dead) == (0, 0, 0, 0)
}

#[tokio::test(start_paused = true)]
async fn what_is_no_event_is_acknowledged_and_nothing_else() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    let good = Image::single("a", 1);
    world.push("dev/website", "1-stable", &good).await;
    world.settle().await;
    world.local.reset_requests();
    let records: Vec<_> = [
        "no JSON",
        "{}",
        "[1]",
        r#"{"detail-type": "Something New", "source": "x"}"#,
    ]
    .iter()
    .enumerate()
    .map(|(n, body)| json!({"messageId": n.to_string(), "eventSource": "aws:sqs", "body": body}))
    .collect();
    let answer = world.ask(&json!({"Records": records})).await.unwrap();
    assert_eq!(answer, json!({"batchItemFailures": []}));
    // Anybody who invokes it directly learns what was expected.
    for (payload, event) in [
        (json!({}), false),
        (json!([]), false),
        (json!({"detail-type": "Something New"}), true),
    ] {
        assert_eq!(world.ask(&payload).await.is_ok(), event, "{payload}");
    }
    assert!(
        world.local.requests().is_empty(),
        "{:?}",
        world.local.requests()
    );
}

#[tokio::test(start_paused = true)]
async fn a_webhook_was_believed_a_forged_tag_brought_services_down() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    let nowhere = format!("sha256:{}", "0".repeat(64));
    world
        .local
        .raise(world.push_event("dev/website", "1-stable", &nowhere));
    world.settle().await;
    assert_eq!(
        world.local.queue().delayed,
        1,
        "not found is believed a minute after the event"
    );
    world.later(60).await;
    assert!(queue_is_empty(&world));
    assert_eq!(
        world.requests("ecr:BatchGet"),
        [("ecr:BatchGetImage".to_owned(), 2)].into(),
        "no storm of look-ups"
    );
    assert!(world.history().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn digests_of_events_and_requests_not_validated_became_paths() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    world.settle().await;
    world.local.reset_requests();
    for (case, text) in not_digests() {
        let event = world.push_event("dev/website", "1-stable", &text);
        assert!(world.ask(&event).await.is_ok(), "{case}: acknowledged");
        let request = json!({"repository": "dev/website", "digest": text});
        let told = world.ask(&request).await.unwrap_err();
        assert!(told.contains("expected a digest"), "{case}: {told}");
    }
    let requests = world.local.requests();
    assert!(requests.is_empty(), "{requests:?}");
}

#[tokio::test(start_paused = true)]
async fn an_event_about_a_repository_that_ecr_does_not_have_is_acknowledged() {
    let world = World::new().await;
    world
        .policy(json!({"source": "*", "name": "all", "target": {"repository": "qa/{repository}"}}))
        .await;
    let nowhere = format!("sha256:{}", "0".repeat(64));
    world
        .local
        .raise(world.push_event("dev/nowhere", "1", &nowhere));
    world.settle().await;
    world.later(60).await;
    assert!(queue_is_empty(&world) && world.history().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_event_of_another_account_or_region_is_acknowledged() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    let image = Image::single("a", 1);
    image
        .push(&world.aws.ecr, "dev/website", Some("1-stable"))
        .await;
    world.drop_events_of(&image.digest()).await;
    world.local.reset_requests();
    for (key, value) in [("account", "999999999999"), ("region", "us-east-1")] {
        let mut event = world.push_event("dev/website", "1-stable", &image.digest());
        event[key] = json!(value);
        world.ask(&event).await.unwrap();
    }
    assert!(
        world.local.requests().is_empty(),
        "{:?}",
        world.local.requests()
    );
}

#[tokio::test(start_paused = true)]
async fn a_pair_outside_the_paths_is_never_promoted_whoever_writes_the_policy() {
    let mut reasons = Vec::new();
    for target in ["prod/website", "prod/missing"] {
        let world = World::with(Choices {
            paths: "dev/* => qa/*",
            ..Choices::default()
        })
        .await;
        world.repository("prod/website").await;
        let mut policy = stable_to_qa();
        policy["target"] = json!({"repository": target});
        world.policy(policy).await;
        world
            .push("dev/website", "1-stable", &Image::single("a", 1))
            .await;
        world.settle().await;
        assert!(world.tags("prod/website").await.is_empty());
        reasons.push(world.history().await.join("\n").replace(target, "TARGET"));
    }
    assert!(
        reasons[0].contains("skipped") && reasons[0].contains("paths"),
        "{reasons:?}"
    );
    assert_eq!(
        reasons[0], reasons[1],
        "alike whether the target exists or not"
    );
}

#[tokio::test(start_paused = true)]
async fn a_template_that_yields_an_invalid_tag_holds() {
    let world = World::new().await;
    let mut policy = stable_to_qa();
    policy["target"]["tag"] = json!("%n-%n");
    world.policy(policy).await;
    let tag = format!("{}-stable", "t".repeat(100));
    world
        .push("dev/website", &tag, &Image::single("a", 1))
        .await;
    world.settle().await;
    assert!(world.tags("qa/website").await.is_empty());
    let history = world.history().await;
    assert!(
        history[0].contains("held") && history[0].contains("128"),
        "{history:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_archived_image_is_held_and_a_chart_is_skipped() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    let chart = Image::of(
        "chart",
        "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
        vec![b"chart".to_vec()],
    );
    let chart = Image {
        manifest: chart.manifest.replace(
            crate::image::OCI_CONFIG,
            "application/vnd.cncf.helm.config.v1+json",
        ),
        ..chart
    };
    world.push("dev/website", "chart-stable", &chart).await;
    let archived = Image::single("old", 1);
    world.push("dev/website", "old-stable", &archived).await;
    world.archive("dev/website", &archived.digest()).await;
    world.settle().await;
    world.later(60).await;
    let history = world.history().await.join("\n");
    assert!(
        history.contains("chart-stable skipped: not an image"),
        "{history}"
    );
    assert!(history.contains("old-stable held"), "{history}");
    assert!(world.tags("qa/website").await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_image_gone_before_its_claim_is_acknowledged() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    let image = Image::single("a", 1);
    world.push("dev/website", "1-stable", &image).await;
    world.delete_image("dev/website", &image.digest()).await;
    world.settle().await;
    world.later(60).await;
    assert!(queue_is_empty(&world) && world.tags("qa/website").await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_image_gone_after_its_claim_is_a_failed_promotion() {
    let world = World::with(Choices {
        blob_mounting: false,
        ..Choices::default()
    })
    .await;
    world.policy(stable_to_qa()).await;
    let image = Image::single("a", 1);
    world.push("dev/website", "1-stable", &image).await;
    world.fault(json!([{
        "operation": "ecr:GetDownloadUrlForLayer", "code": "LayersNotFoundException", "status": 400, "times": 99,
    }]));
    world.settle().await;
    let history = world.history().await;
    assert!(
        history.iter().any(|line| line.contains("failed")),
        "{history:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_request_on_the_queue_for_an_image_that_is_not_there_is_acknowledged() {
    let world = World::new().await;
    let request = json!({"repository": "dev/website", "tag": "nowhere"}).to_string();
    let record = json!({"messageId": "1", "eventSource": "aws:sqs", "body": request});
    let answer = world.ask(&json!({"Records": [record]})).await.unwrap();
    assert_eq!(answer, json!({"batchItemFailures": []}));
}

#[tokio::test(start_paused = true)]
async fn an_index_whose_child_cannot_be_read_is_held_with_ecrs_words() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    let index = Image::index("a", &["linux/amd64", "linux/arm64"], 1);
    world.push("dev/website", "1-stable", &index).await;
    world
        .archive("dev/website", &index.children[0].digest())
        .await;
    world.settle().await;
    let history = world.history().await.join("\n");
    assert!(history.contains("1-stable held"), "{history}");
    assert!(queue_is_empty(&world), "{:?}", world.local.queue());
}
