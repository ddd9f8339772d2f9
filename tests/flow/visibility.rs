//! When a message is seen again: soon after whatever ended its invocation, later each time it fails.

use serde_json::json;

use crate::{
    image::Image,
    tapped::Tap,
    world::{World, stable_to_qa},
};

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
