//! The newest push stands at the end, whatever hangs, comes late, or is refused.

use std::time::Duration;

use super::{clean, images, next, of, play, policy};
use crate::fate::{Fate, Refusal, Sender};

/// The so-many-th request of D1's event hangs for 4 s while D2 is pushed and promoted.
fn hangs(number: u64) {
    play(move |world| async move {
        let [d1, d2] = images();
        world.policy(policy("copy", "qa/a", "%n")).await;
        let hangs = world.network.sent() + number;
        world.network.plan(move |seen| {
            let hang = if seen.number == hangs { 4_000 } else { 10 };
            Fate::passes(Duration::from_millis(hang))
        });
        world.push("dev/a", "1-s", &d1).await;
        world.run.sleep(Duration::from_millis(1_500)).await;
        world.push("dev/a", "1-s", &d2).await;
        world.minutes(15).await;
        assert_eq!(world.on("qa/a", "1-s"), d2.digest, "request {number}");
        world.keeps_its_promises().await;
    });
}

#[test]
fn a_request_that_hangs_while_a_newer_push_is_promoted_does_not_make_the_older_newer() {
    for number in 1..=24 {
        hangs(number);
    }
}

#[test]
fn an_old_event_that_is_repeated_while_a_newer_push_comes_does_not_make_the_older_newer() {
    for number in 1..=8 {
        play(move |world| async move {
            let [d1, d2] = images();
            world.policy(policy("copy", "qa/a", "%n")).await;
            let at = world.run.now();
            world.push("dev/a", "1-s", &d1).await;
            world.minutes(12).await;
            let hangs = world.network.sent() + number;
            world.network.plan(move |seen| {
                let hang = if seen.number == hangs { 4_000 } else { 10 };
                Fate::passes(Duration::from_millis(hang))
            });
            world.send("dev/a", "1-s", &d1, at);
            world.run.sleep(Duration::from_millis(1_200)).await;
            world.push("dev/a", "1-s", &d2).await;
            world.minutes(15).await;
            assert_eq!(world.on("qa/a", "1-s"), d2.digest, "request {number}");
            world.keeps_its_promises().await;
        });
    }
}

#[test]
fn events_that_come_in_reverse_leave_the_pushes_in_the_order_of_their_times() {
    play(|world| async move {
        let [a, b, c] = images();
        world.policy(clean("clean", "qa/a", "%n")).await;
        world.hold_events(true);
        let mut times = Vec::new();
        for image in [&a, &b, &c] {
            times.push(world.run.now());
            world.push("dev/a", "1-s", image).await;
            // The newest is held, so that the two before it decide what stands.
            world.scan("dev/a", &image.digest, image != &c);
            world.wait(20).await;
        }
        for (image, at) in [(&c, times[2]), (&b, times[1]), (&a, times[0])] {
            world.event("dev/a", "1-s", image, at).await;
            world.minutes(2).await;
        }
        world.minutes(15).await;
        assert_eq!(world.on("qa/a", "1-s"), b.digest);
        world.keeps_its_promises().await;
    });
}

#[test]
fn a_refused_read_invents_no_push() {
    play(|world| async move {
        let [d1, d2] = images();
        world.policy(policy("copy", "qa/a", "%n")).await;
        let at = world.run.now();
        for image in [&d1, &d2] {
            world.push("dev/a", "1-s", image).await;
            world.minutes(12).await;
        }
        world.rules(vec![
            next("ecr:BatchGetImage", "dev/a").refused(Refusal::Denied),
        ]);
        world.event("dev/a", "1-s", &d1, at).await;
        world.minutes(2).await;
        let at = world.run.now();
        world.event("dev/a", "1-s", &d2, at).await;
        world.minutes(90).await;
        assert_eq!(world.on("qa/a", "1-s"), d2.digest);
        assert!(
            world.told("Promotion Failed").is_empty(),
            "{:#?} {:#?}",
            world.told("Promotion Failed"),
            world.truth.facts().history
        );
        assert_eq!(world.told("Image Promoted").len(), 2);
        world.keeps_its_promises().await;
    });
}

#[test]
fn a_push_whose_second_read_is_refused_is_not_lost() {
    play(|world| async move {
        let [d1, d2] = images();
        world.policy(policy("copy", "qa/a", "%n")).await;
        world.push("dev/a", "1-s", &d1).await;
        world.wait(3).await;
        // The first read began too early to count against D1.
        world.rules(vec![
            next("ecr:BatchGetImage", r#""imageIds":[{"imageTag":"1-s"}]"#)
                .and("dev/a")
                .refused(Refusal::Denied),
        ]);
        world.push("dev/a", "1-s", &d2).await;
        world.minutes(15).await;
        assert_eq!(world.on("qa/a", "1-s"), d2.digest);
        let refused = world.truth.facts().history.clone();
        let refused = refused.iter().any(|(_, what)| what.contains("Denied"));
        assert!(refused, "the read was not made");
        world.keeps_its_promises().await;
    });
}

#[test]
fn a_push_whose_second_read_is_stale_is_not_placed_before_the_last() {
    // How old what the second read shows is, in seconds: what stood before, or the push itself.
    for stale in [4, 0] {
        play(move |world| async move {
            let [d1, d2] = images();
            world.policy(policy("live", "qa/a", "live")).await;
            world.push("dev/a", "1-s", &d1).await;
            world.wait(3).await;
            // The first read began too early to count against D1.
            world.rules(vec![
                next("ecr:BatchGetImage", r#""imageIds":[{"imageTag":"1-s"}]"#)
                    .and("dev/a")
                    .stale(stale),
            ]);
            world.push("dev/a", "1-s", &d2).await;
            world.minutes(15).await;
            assert_eq!(world.on("qa/a", "live"), d2.digest, "{stale} s");
            world.keeps_its_promises().await;
        });
    }
}

#[test]
fn an_old_push_whose_read_was_refused_is_not_taken_for_the_newest() {
    play(|world| async move {
        let [d1, d2] = images();
        world.policy(policy("copy", "qa/a", "%n")).await;
        world.hold_events(true);
        let at = world.run.now();
        for image in [&d1, &d2] {
            world.push("dev/a", "1-s", image).await;
        }
        world.event("dev/a", "1-s", &d2, at).await;
        world.minutes(2).await;
        world.untag("qa/a", "1-s").await;
        // The older push of the same second is heard of now, and cannot be looked at.
        world.rules(vec![
            next("ecr:BatchGetImage", "dev/a").refused(Refusal::Denied),
        ]);
        world.event("dev/a", "1-s", &d1, at).await;
        world.event("dev/a", "1-s", &d2, at).await;
        world.minutes(15).await;
        assert_eq!(world.on("qa/a", "1-s"), "nothing");
        world.keeps_its_promises().await;
    });
}

#[test]
fn a_push_that_came_back_is_promoted_though_its_read_was_refused() {
    play(|world| async move {
        let [d1, d2] = images();
        world.policy(policy("copy", "qa/a", "%n")).await;
        for image in [&d1, &d2] {
            world.push("dev/a", "1-s", image).await;
            world.minutes(2).await;
        }
        world.rules(vec![
            next("ecr:BatchGetImage", "dev/a").refused(Refusal::Denied),
        ]);
        world.push("dev/a", "1-s", &d1).await;
        world.minutes(15).await;
        assert_eq!(world.on("qa/a", "1-s"), d1.digest);
        world.keeps_its_promises().await;
    });
}

#[test]
fn a_write_that_lands_after_the_newer_push_looked_back_is_put_right() {
    play(|world| async move {
        let [d1, d2] = images();
        world.lands_over_a_newer_push([&d1, &d2]).await;
        world.minutes(20).await;
        assert_eq!(world.on("qa/a", "live"), d2.digest);
        world.keeps_its_promises().await;
    });
}

#[test]
fn a_late_write_that_an_older_push_covers_before_it_is_noted_is_written_again() {
    play(|world| async move {
        let [d1, d2] = images();
        world.policy(clean("clean", "qa/a", "live")).await;
        world.push("dev/a", "1-s", &d1).await;
        world.wait(20).await;
        world.rules(vec![next("ecr:PutImage", "\"live\"").lands(20)]);
        world.push("dev/a", "2-s", &d2).await;
        world.scan("dev/a", &d2.digest, true);
        world.minutes(1).await;
        assert_eq!(world.on("qa/a", "live"), d2.digest);
        // Who sees D2 stand there is slow to write it down.
        let read = r#""imageIds":[{"imageTag":"live"}]"#;
        let freezes = Sender::Freezes(Duration::from_secs(40));
        world.rules(vec![next("ecr:BatchGetImage", read).sender(freezes)]);
        world.wait(50).await;
        world.tick();
        world.wait(10).await;
        world.scan("dev/a", &d1.digest, true);
        world.minutes(15).await;
        assert_eq!(world.on("qa/a", "live"), d2.digest);
        world.keeps_its_promises().await;
    });
}

#[test]
fn pushes_of_one_second_stand_in_the_order_in_which_they_were_first_seen() {
    play(|world| async move {
        let [first, second] = images();
        world.policy(of("dev/a", "live", "qa/a", "live")).await;
        world.push("dev/a", "1.9-s", &first).await;
        world.wait(6).await;
        world.hold_events(true);
        let at = world.truth.facts().moves[0].at;
        world.push("dev/a", "1.10-s", &second).await;
        // Told for the same second as the first.
        world.event("dev/a", "1.10-s", &second, at).await;
        world.minutes(10).await;
        assert_eq!(world.on("qa/a", "live"), second.digest);
    });
}

#[test]
fn a_person_who_asks_for_the_older_of_two_pushes_of_one_second_does_not_make_it_newer() {
    play(|world| async move {
        let [first, second] = images();
        world.policy(of("dev/a", "live", "qa/a", "live")).await;
        world.hold_events(true);
        world.run.sleep(Duration::from_millis(100)).await;
        world.push("dev/a", "1.9-s", &first).await;
        world.run.sleep(Duration::from_millis(500)).await;
        world.push("dev/a", "1.10-s", &second).await;
        // ECR's own time of the first is finer than the event of the second tells its.
        let at = world.truth.facts().moves[1].at;
        world.wait(60).await;
        let asked = serde_json::json!({"repository": "dev/a", "tag": "1.9-s"});
        world.request(asked).await;
        assert_eq!(world.on("qa/a", "live"), first.digest);
        world.event("dev/a", "1.10-s", &second, at).await;
        world.minutes(10).await;
        assert_eq!(world.on("qa/a", "live"), second.digest);
    });
}
