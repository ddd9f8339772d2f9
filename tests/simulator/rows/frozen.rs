//! Who stands still before a write and goes on long after it leaves nothing wrong behind.

use std::time::Duration;

use super::{images, next, play_in, policy};
use crate::{fate::Sender, world::Shape};

/// Invocations have the time of the template.
fn patient() -> Shape {
    Shape {
        timeout: Duration::from_mins(15),
        ..Shape::default()
    }
}

#[test]
fn a_write_that_leaves_after_its_sender_stood_still_is_put_right_when_it_lands() {
    // How long the sender stands still; its request is good for five minutes.
    for still in [75, 100, 200, 280] {
        play_in(patient(), move |world| async move {
            let [d1, d2] = images();
            world.policy(policy("live", "qa/a", "live")).await;
            let freezes = Sender::FreezesBefore(Duration::from_secs(still));
            world.rules(vec![
                next("ecr:PutImage", "\"live\"").lands(55).sender(freezes),
            ]);
            world.push("dev/a", "1-s", &d1).await;
            world.wait(68).await;
            world.push("dev/a", "2-s", &d2).await;
            world.minutes(20).await;
            let history = world.truth.facts().history.clone();
            assert_eq!(
                world.on("qa/a", "live"),
                d2.digest,
                "{still} s {history:#?}"
            );
            world.keeps_its_promises().await;
        });
    }
}

#[test]
fn a_look_that_stood_still_does_not_cover_a_newer_push() {
    play_in(patient(), |world| async move {
        let [d1, d2, d3] = images();
        world.lands_over_a_newer_push([&d1, &d2]).await;
        world.wait(40).await;
        assert_eq!(world.on("qa/a", "live"), d1.digest, "the late write");
        // Who reads that, for the head and for D1's own case, stands still for longer than the lease of the look.
        let read = r#""imageIds":[{"imageTag":"live"}]"#;
        let freezes = Sender::Freezes(Duration::from_secs(90));
        world.rules(vec![
            next("ecr:BatchGetImage", read).times(2).sender(freezes),
        ]);
        world.minutes(1).await;
        world.wait(66).await;
        world.push("dev/a", "3-s", &d3).await;
        world.wait(15).await;
        for _ in 0..60 {
            assert_eq!(world.on("qa/a", "live"), d3.digest);
            world.wait(5).await;
        }
        world.minutes(10).await;
        world.keeps_its_promises().await;
    });
}
