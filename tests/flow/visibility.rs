//! When a message is seen again: soon after an invocation that was killed, after a pause that
//! doubles where it failed, and not for ever.

use std::time::Duration;

use serde_json::json;

use crate::{
    between::Between,
    findings::{enhanced, no_critical},
    image::Image,
    world::{Choices, World, stable_to_qa},
};

/// The policies come first: a query for each level of `dev/website`.
const AFTER_THE_POLICIES: usize = 3;

/// A push on the queue, and what listens to its handling.
async fn pushed(timeout: Duration) -> (World, Between) {
    let between = Between::listening();
    let world = World::with(Choices {
        timeout,
        between: Some(between.clone()),
        ..Choices::default()
    })
    .await;
    world.policy(stable_to_qa()).await;
    world
        .push("dev/website", "1-stable", &Image::single("a", 1))
        .await;
    between.take();
    (world, between)
}

/// The seconds of each change of visibility since the last look, and its place among all requests.
fn set(between: &Between) -> Vec<(usize, u64)> {
    let seen = between.take().into_iter().enumerate();
    let set = seen.filter(|(_, seen)| seen.operation == "ChangeMessageVisibility");
    set.map(|(at, seen)| (at, seen.body["VisibilityTimeout"].as_u64().unwrap()))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn what_a_policy_concerns_has_the_message_back_soon_after_the_invocations_end() {
    for (timeout, seconds) in [
        (5, 5 + 2),
        (20, 20 + 2),
        (60, 60 + 6),
        (300, 300 + 30),
        (600, 600 + 60),
        (900, 900 + 60),
    ] {
        let (world, between) = pushed(Duration::from_secs(timeout)).await;
        world.settle().await;
        assert_eq!(world.tags("qa/website").await.len(), 1, "{timeout} s");
        let (first, set_to) = set(&between)[0];
        assert_eq!(
            (first, set_to),
            (AFTER_THE_POLICIES, seconds),
            "{timeout} s"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_message_comes_back_after_a_pause_that_doubles() {
    let (world, between) = pushed(Duration::from_mins(1)).await;
    world.fault(json!([{"operation": "ecr:BatchGetImage", "code": "ThrottlingException", "status": 400, "times": 999}]));
    for pause in [15, 30, 60, 120] {
        world.settle().await;
        let set = set(&between);
        let [(AFTER_THE_POLICIES, 66), (last, seconds)] = set[..] else {
            panic!("{pause} s: {set:?}");
        };
        assert!(last > AFTER_THE_POLICIES + 1, "{pause} s: {set:?}");
        assert!(
            (pause / 2..=pause).contains(&seconds),
            "{pause} s: {seconds}"
        );
        world.clock.advance(Duration::from_secs(seconds - 1));
        assert!(!world.local.step().await, "{pause} s: not before");
        world.clock.advance(Duration::from_secs(1));
        assert_eq!(world.local.queue().visible, 1, "{pause} s");
    }
}

#[tokio::test(start_paused = true)]
async fn a_visibility_that_cannot_be_set_fails_no_record() {
    for (code, status) in [
        ("AccessDeniedException", 403),
        ("ThrottlingException", 400),
        ("ReceiptHandleIsInvalid", 400),
        ("InternalServerError", 500),
        ("ConnectionReset", 0),
    ] {
        let refuse = json!({"operation": "sqs:ChangeMessageVisibility", "code": code, "status": status, "times": 999});
        let (world, _) = pushed(Duration::from_mins(1)).await;
        world.fault(json!([refuse]));
        world.settle().await;
        assert_eq!(world.tags("qa/website").await.len(), 1, "{code}");
        assert_eq!(world.local.queue().in_flight, 0, "{code}");

        // And one that fails comes back all the same, when the queue's own time-out ends.
        let (world, _) = pushed(Duration::from_mins(1)).await;
        let throttle = json!({"operation": "dynamodb:Query", "code": "ThrottlingException", "status": 400, "times": 999});
        world.fault(json!([refuse, throttle]));
        world.settle().await;
        assert_eq!(world.local.queue().in_flight, 1, "{code}");
        world.fault(json!([]));
        world.later(6 * 60).await;
        assert_eq!(world.tags("qa/website").await.len(), 1, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_delivery_that_waits_after_its_last_round_ends_in_the_dead_letter_queue() {
    const ROUNDS: usize = 96;
    let between = Between::listening();
    let world = World::with(Choices {
        between: Some(between.clone()),
        ..Choices::default()
    })
    .await;
    world.policy(no_critical()).await;
    let digest = world.push("dev/website", "1", &Image::single("a", 1)).await;
    let mut rounds = 0;
    while world.local.queue().dead == 0 {
        assert!(rounds <= ROUNDS + 20, "it waits for ever");
        rounds += 1;
        // The scanner is never done: whenever somebody looks, its list is fresh.
        let list = enhanced(&world, &[]);
        let ecr = world.local.ecr();
        ecr.set_findings("dev/website", &digest, list, false)
            .unwrap();
        world.settle().await;
        world.clock.advance(Duration::from_mins(15));
    }
    let sent = between
        .take()
        .into_iter()
        .filter(|seen| seen.operation == "SendMessage");
    let bodies: Vec<String> = sent
        .map(|seen| seen.body["MessageBody"].to_string())
        .collect();
    assert_eq!(bodies.len(), ROUNDS);
    assert!(
        bodies.iter().all(|body| *body == bodies[0]),
        "the original event, each time"
    );
    let dead = world.local.dead_letters();
    assert!(dead.len() == 1 && dead[0].contains(&digest), "{dead:?}");
    let queue = world.local.queue();
    assert_eq!((queue.visible, queue.in_flight, queue.delayed), (0, 0, 0));
    assert!(world.tags("qa/website").await.is_empty());
    let history = world.history().await;
    assert!(
        history.len() == 1 && history[0].contains("awaiting"),
        "{history:?}"
    );
}
