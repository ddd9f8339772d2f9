//! A promotion whose tag stands is recorded and announced, whatever crashed and whatever became of its image and policy.

use std::time::Duration;

use serde_json::json;

use super::{clean, images, next, play, policy};
use crate::{fate::Sender, rules::unrecorded, world::World};

/// What becomes of the source while the record cannot be written.
type Act = fn(World, String) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

/// The tag stands, the record's transaction fails for a while, and something else happens meanwhile, or as soon as it can be
/// recorded again.
fn finished_in_the_end(act: Act) {
    for refused_on in [120, 0] {
        play(move |world| async move {
            let [d1] = images();
            world.policy(policy("copy", "qa/a", "%n")).await;
            world.rules(vec![unrecorded()]);
            world.push("dev/a", "1-s", &d1).await;
            world.wait(30).await;
            assert_eq!(world.on("qa/a", "1-s"), d1.digest);
            if refused_on == 0 {
                world.rules(Vec::new());
            }
            act(world.clone(), d1.digest.clone()).await;
            world.wait(refused_on).await;
            world.rules(Vec::new());
            world.minutes(90).await;
            is_recorded_once(&world).await;
        });
    }
}

/// It is announced, and the last word of its records is that it was promoted.
async fn is_recorded_once(world: &World) {
    let history = world.truth.facts().history.clone();
    assert!(!world.told("Image Promoted").is_empty(), "{history:#?}");
    assert!(world.told("Promotion Failed").is_empty(), "{history:#?}");
    let records = world.records().await;
    let outcomes: Vec<&str> = records.iter().map(|it| it.outcome.as_str()).collect();
    assert_eq!(
        outcomes.iter().filter(|it| **it == "promoted").count(),
        1,
        "{outcomes:?} {history:#?}"
    );
    assert_eq!(outcomes.last(), Some(&"promoted"), "{history:#?}");
}

#[test]
fn a_promotion_is_finished_though_a_scan_finds_something_before_it_is_recorded() {
    play(|world| async move {
        let [d1] = images();
        world.policy(clean("clean", "qa/a", "%n")).await;
        world.rules(vec![unrecorded().and("promoted")]);
        world.push("dev/a", "1-s", &d1).await;
        world.scan("dev/a", &d1.digest, true);
        world.wait(30).await;
        assert_eq!(world.on("qa/a", "1-s"), d1.digest);
        world.rules(Vec::new());
        world.scan("dev/a", &d1.digest, false);
        world.minutes(90).await;
        is_recorded_once(&world).await;
    });
}

#[test]
fn a_promotion_is_finished_though_its_source_is_deleted() {
    finished_in_the_end(|world, digest| {
        Box::pin(async move { world.delete("dev/a", &digest).await })
    });
}

#[test]
fn a_promotion_is_finished_though_its_policy_is_deleted() {
    finished_in_the_end(|world, _| {
        Box::pin(async move { world.delete_policy("dev/a", "copy").await })
    });
}

#[test]
fn a_promotion_is_finished_though_its_policy_is_disabled() {
    finished_in_the_end(|world, _| {
        Box::pin(async move {
            let mut policy = policy("copy", "qa/a", "%n");
            policy["enabled"] = json!(false);
            world.policy(policy).await;
        })
    });
}

#[test]
fn a_promotion_is_finished_though_its_policy_is_broken() {
    finished_in_the_end(|world, _| {
        Box::pin(async move {
            let mut policy = policy("copy", "qa/a", "%n");
            policy["criteria"] = json!("broken");
            world.policy(policy).await;
        })
    });
}

#[test]
fn a_promotion_that_a_newer_push_overtook_is_told_as_superseded() {
    play(|world| async move {
        let [d1, d2] = images();
        world.policy(policy("live", "qa/a", "live")).await;
        world.rules(vec![unrecorded().and("1-s")]);
        world.push("dev/a", "1-s", &d1).await;
        world.wait(10).await;
        assert_eq!(world.on("qa/a", "live"), d1.digest);
        world.push("dev/a", "2-s", &d2).await;
        world.minutes(5).await;
        world.rules(Vec::new());
        world.minutes(60).await;
        let told = world.told("Image Promoted");
        let of_first = told.iter().find(|it| it.detail["source"]["tag"] == "1-s");
        let of_first = of_first.unwrap_or_else(|| panic!("{:#?}", world.truth.facts().history));
        assert_eq!(of_first.detail["superseded"], true);
        assert_eq!(world.on("qa/a", "live"), d2.digest);
        world.keeps_its_promises().await;
    });
}

#[test]
fn a_record_that_fails_once_is_tried_again_in_place() {
    play(|world| async move {
        let [d1] = images();
        world.policy(policy("copy", "qa/a", "%n")).await;
        // All that the SDK tries.
        world.rules(vec![unrecorded().times(4)]);
        world.push("dev/a", "1-s", &d1).await;
        world.wait(60).await;
        assert_eq!(world.told("Image Promoted").len(), 1);
    });
}

#[test]
fn a_crash_costs_two_minutes() {
    for (name, text, sender) in [
        // Its write may land for minutes: that holds up nobody.
        ("ecr:PutImage", "1-s", Sender::DiesBefore),
        ("ecr:PutImage", "1-s", Sender::DiesAfter),
        ("dynamodb:", "RECORD#", Sender::DiesAfter),
        ("events:PutEvents", "", Sender::DiesAfter),
    ] {
        play(move |world| async move {
            let [d1] = images();
            world.policy(policy("copy", "qa/a", "%n")).await;
            world.rules(vec![next(name, text).sender(sender)]);
            world.push("dev/a", "1-s", &d1).await;
            world.minutes(4).await;
            assert!(
                !world.told("Image Promoted").is_empty(),
                "{name}, {sender:?}: {:#?}",
                world.truth.facts().history
            );
            let records = world.records().await;
            assert_eq!(
                records.iter().filter(|it| it.outcome == "promoted").count(),
                1
            );
        });
    }
}

#[test]
fn a_policy_edited_between_raise_and_tag_does_not_make_two_tags() {
    let freezes = Duration::from_mins(4);
    for sender in [Sender::Freezes(freezes), Sender::FreezesBefore(freezes)] {
        play(move |world| async move {
            let [d1] = images();
            world.policy(policy("stamp", "qa/a", "%n-%H%M%S")).await;
            world.rules(vec![next("ecr:PutImage", "1-s-").sender(sender)]);
            let at = world.run.now();
            world.push("dev/a", "1-s", &d1).await;
            world.wait(5).await;
            world.policy(policy("stamp", "qa/a", "edited-%n")).await;
            for _ in 0..8 {
                world.send("dev/a", "1-s", &d1, at);
                world.minutes(1).await;
            }
            world.minutes(20).await;
            let tags = world.tags("qa/a");
            assert_eq!(tags.len(), 1, "{tags:?} {:#?}", world.truth.facts().history);
            world.keeps_its_promises().await;
        });
    }
}

/// The write of the tag lands after its client gave up, and something else happened before it did.
fn landed_late(act: Act) {
    play(move |world| async move {
        let [d1] = images();
        world.policy(policy("copy", "qa/a", "%n")).await;
        world.rules(vec![next("ecr:PutImage", "\"1-s\"").lands(50)]);
        world.push("dev/a", "1-s", &d1).await;
        world.wait(20).await;
        act(world.clone(), d1.digest.clone()).await;
        world.minutes(90).await;
        assert_eq!(world.on("qa/a", "1-s"), d1.digest);
        let told = world.told("Image Promoted");
        assert!(!told.is_empty(), "{:#?}", world.truth.facts().history);
    });
}

#[test]
fn a_write_that_lands_late_is_recorded_once_though_several_look_at_once() {
    play(|world| async move {
        let [d1] = images();
        world.policy(policy("copy", "qa/a", "%n")).await;
        world.rules(vec![next("ecr:PutImage", "\"1-s\"").lands(50)]);
        world.push("dev/a", "1-s", &d1).await;
        world.wait(120).await;
        assert_eq!(world.on("qa/a", "1-s"), d1.digest);
        for _ in 0..3 {
            world.tick();
        }
        world.minutes(10).await;
        let records = world.records().await;
        let promoted = records.iter().filter(|it| it.outcome == "promoted");
        assert_eq!(promoted.count(), 1, "{records:#?}");
        world.keeps_its_promises().await;
    });
}

#[test]
fn a_write_that_lands_late_is_recorded_though_its_source_is_deleted() {
    landed_late(|world, digest| Box::pin(async move { world.delete("dev/a", &digest).await }));
}

#[test]
fn a_write_that_lands_late_is_recorded_though_its_policy_is_disabled() {
    landed_late(|world, _| {
        Box::pin(async move {
            let mut policy = policy("copy", "qa/a", "%n");
            policy["enabled"] = json!(false);
            world.policy(policy).await;
        })
    });
}

#[test]
fn a_write_that_lands_late_is_recorded_though_its_policy_is_deleted() {
    landed_late(|world, _| Box::pin(async move { world.delete_policy("dev/a", "copy").await }));
}
