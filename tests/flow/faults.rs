//! Every operation of a promotion meets every kind of fault, before its effect and after it, once
//! and more often than anybody retries: the failure is of its kind, and where the image can be
//! promoted in the end, it is, once.

mod matrix;

use std::{collections::BTreeSet, fmt::Write as _};

use serde_json::json;

use crate::world::World;
use matrix::{KINDS, Kind, OPERATIONS, Operation, Way};

/// More often than the SDK and the promotion together try anything within one delivery.
const OFTEN: u32 = 400;

/// What the first delivery came to, in one word.
async fn outcome(world: &World) -> &'static str {
    let queue = world.local.queue();
    assert_eq!(queue.dead, 0, "{queue:?}");
    let history = world.history().await.join("\n");
    let (promoted, failed) = (
        history.contains(" promoted: "),
        history.contains(" failed: "),
    );
    let open = world.open().await > 0;
    let cases = world.items("IMAGE#", "CASE#").await;
    let follows = cases
        .iter()
        .any(|case| case["summary"]["waits"] == "referrers");
    match (promoted, failed, queue.in_flight, queue.delayed) {
        // It stands and is announced; what is attached to it has to follow.
        (true, false, 0, 0) if follows => "unfollowed",
        // The record stands, and its announcement is to come.
        (true, false, 0, 0) if open => "untold",
        (true, false, 0, 0) => "promoted",
        // Recorded, and no answer said so: its message comes again and finds it done.
        (true, false, 1, 0) => "unanswered",
        // It is tried again while an administrator may fix it.
        (false, true, 0, 0) if open => "mending",
        // It is not known yet what became of the tag.
        (false, false, 0, 0) if open => "open",
        (false, true, 0, 0) => "failed",
        // A copy may be sent twice, where the answer to the first was lost.
        (false, false, 0, 1..) => "waits",
        // In `batchItemFailures`.
        (false, false, 1, _) => "again",
        _ => panic!("{queue:?} {history}"),
    }
}

/// One delivery under a fault, and what comes of it once the fault is over.
async fn case(operation: &Operation, kind: &Kind, times: u32, after_effect: bool) -> &'static str {
    let &Operation(_, _, way) = operation;
    let world = way.world().await;
    world.fault(operation.fault(kind, times, after_effect));
    world.local.step().await;
    world.fault(json!([]));
    let outcome = outcome(&world).await;
    way.arrive(&world).await;
    for _ in 0..3 {
        world.later(16 * 60).await;
    }
    if ["failed", "mending"].contains(&outcome) {
        failed_and_was_told(&world, kind).await;
        let request = json!({"repository": "dev/website", "tag": "1-stable"});
        world.ask(&request).await.unwrap();
        world.settle().await;
    }
    promoted_once(&world, &way.image().digest()).await;
    outcome
}

/// A failure for good stands in the history in the words of who refused, and is announced once.
async fn failed_and_was_told(world: &World, Kind(_, codes): &Kind) {
    let mut history = world.history().await;
    history.retain(|line| line.contains(" failed: "));
    assert_eq!(history.len(), 1, "{history:?}");
    assert!(
        codes.iter().any(|(code, _)| history[0].contains(code)),
        "{history:?}"
    );
    let mut told = world.announced();
    told.retain(|event| event["detail-type"] == "Promotion Failed");
    assert_eq!(told.len(), 1, "{told:?}");
}

async fn promoted_once(world: &World, digest: &str) {
    let tags = world.tags("qa/website").await;
    assert_eq!(
        tags,
        [("1-stable".to_owned(), digest.to_owned())].into(),
        "{:?}",
        world.history().await
    );
    let history = world.history().await;
    let promoted = "dev/website:1-stable promoted: promoted to qa/website:1-stable";
    assert_eq!(
        history.iter().filter(|line| *line == promoted).count(),
        1,
        "{history:?}"
    );
    let mut told = world.announced();
    told.retain(|event| event["detail-type"] == "Image Promoted");
    let ids: BTreeSet<String> = told
        .iter()
        .map(|it| it["detail"]["id"].to_string())
        .collect();
    assert_eq!(ids.len(), 1, "a repeat has the id of what it repeats");
    let queue = world.local.queue();
    assert_eq!(
        (queue.visible, queue.in_flight, queue.delayed, queue.dead),
        (0, 0, 0, 0)
    );
}

/// The matrix of some operations, a line for each operation and kind: before its effect once and
/// often, and for what has an effect, after it once and often.
async fn matrix(operations: &[Operation]) -> String {
    let mut table = String::new();
    for operation in operations {
        let Operation(name, aim, _) = operation;
        for kind in &KINDS {
            let mut words = Vec::new();
            for (times, after_effect) in [(1, false), (OFTEN, false), (1, true), (OFTEN, true)] {
                if !after_effect || operation.has_effect() {
                    words.push(case(operation, kind, times, after_effect).await);
                }
            }
            let (place, words) = (format!("{name} {aim}"), words.join(", "));
            writeln!(table, "{} {}: {words}", place.trim(), kind.0).unwrap();
        }
    }
    table
}

fn operations(which: impl Fn(&str) -> bool) -> Vec<Operation> {
    OPERATIONS
        .into_iter()
        .filter(|Operation(name, aim, _)| which(&format!("{name} {aim}")))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn every_request_of_a_promotion_is_in_the_matrix() {
    let mut seen = BTreeSet::new();
    for way in Way::ALL {
        let world = way.world().await;
        world.settle().await;
        seen.extend(world.local.requests().into_keys());
    }
    let listed: BTreeSet<String> = OPERATIONS.iter().map(|it| it.0.to_owned()).collect();
    assert_eq!(listed, seen);
}

#[tokio::test(start_paused = true)]
async fn the_tables_fail_and_the_delivery_comes_again() {
    let tables = operations(|it| it.starts_with("dynamodb:"));
    insta::assert_snapshot!(matrix(&tables).await);
}

#[tokio::test(start_paused = true)]
async fn the_registry_fails_and_the_failure_is_of_its_kind() {
    let reads = operations(|it| it.starts_with("ecr:") && !it.contains("PutImage"));
    insta::assert_snapshot!(matrix(&reads).await);
}

#[tokio::test(start_paused = true)]
async fn what_moves_blobs_fails_and_the_failure_is_of_its_kind() {
    let blobs = operations(|it| it.starts_with("registry:") || it.starts_with("blobs:"));
    insta::assert_snapshot!(matrix(&blobs).await);
}

#[tokio::test(start_paused = true)]
async fn a_put_fails_and_the_failure_is_of_its_kind() {
    let puts = operations(|it| it.contains("PutImage"));
    insta::assert_snapshot!(matrix(&puts).await);
}

#[tokio::test(start_paused = true)]
async fn queue_and_bus_fail_and_no_promotion_does() {
    let others = operations(|it| it.starts_with("sqs:") || it.starts_with("events:"));
    insta::assert_snapshot!(matrix(&others).await);
}

#[tokio::test(start_paused = true)]
async fn put_image_throttled_for_a_minute_leaves_no_dead_letter() {
    let world = Way::Mounted.world().await;
    let throttle = Kind("throttled", [("ThrottlingException", 400); 3]);
    let put = Operation("ecr:PutImage", "1-stable", Way::Mounted);
    world.fault(put.fault(&throttle, u32::MAX, false));
    let clock = world.clock.clone();
    let second = std::time::Duration::from_secs(1);
    // The world's clock goes with the runtime's, so that pauses within a delivery count, too.
    let goes = tokio::spawn(async move {
        loop {
            tokio::time::sleep(second).await;
            clock.advance(second);
        }
    });
    let poller = world.local.start_poller();
    tokio::time::sleep(second * 60).await;
    assert!(world.tags("qa/website").await.is_empty());
    world.fault(json!([]));
    // The case is due a minute later, and the schedule comes every minute.
    for _ in 0..10 {
        tokio::time::sleep(second * 60).await;
        world.local.fire_schedule().await.unwrap();
    }
    tokio::time::sleep(second * 60).await;
    poller.abort();
    goes.abort();
    promoted_once(&world, &Way::Mounted.image().digest()).await;
}
