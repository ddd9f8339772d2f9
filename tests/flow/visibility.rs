//! When a message is seen again: soon after an invocation that was killed, after a pause that
//! doubles where it failed, and not forever.

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
async fn what_a_policy_concerns_has_the_message_back_with_the_lease_or_soon_after_the_invocations_end()
 {
    for (timeout, seconds) in [
        (5, 5 + 2),
        (20, 20 + 2),
        (60, 60 + 6),
        (100, 100 + 10),
        (109, 109 + 10),
        (110, 120),
        (300, 120),
        (900, 120),
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
async fn evidence_that_never_comes_is_a_hold_after_seven_days() {
    let (world, _) = pushed(Duration::from_mins(1)).await;
    world.policy(no_critical()).await;
    let digest = world.push("dev/website", "2", &Image::single("b", 1)).await;
    for hours in 0..=8 * 24 {
        world.clock.advance(Duration::from_hours(1));
        // The scanner is never done: whenever somebody looks, its list is fresh.
        let list = enhanced(&world, &[]);
        let ecr = world.local.ecr();
        ecr.set_findings("dev/website", &digest, list, false)
            .unwrap();
        world.later(0).await;
        let queue = world.local.queue();
        assert_eq!(queue.delayed, 0, "nothing waits in messages, {hours} h");
    }
    let tags = world.tags("qa/website").await;
    assert!(!tags.contains_key("2"), "{tags:?}");
    let history = world.history().await;
    assert!(
        history
            .iter()
            .any(|line| line.contains("dev/website:2 held: evidence never came")),
        "{history:?}"
    );
    assert_eq!(world.open().await, 0);
}
