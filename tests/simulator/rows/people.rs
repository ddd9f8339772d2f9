//! What people did at a target stays, whatever else comes of the pushes that were finished before.

use serde_json::json;

use super::{clean, images, of, play, policy};
use crate::image::Image;

#[test]
fn an_older_push_whose_scan_comes_late_does_not_undo_a_person() {
    play(|world| async move {
        let [d1, d2] = images();
        world.policy(clean("clean", "qa/a", "live")).await;
        world.push("dev/a", "1-s", &d1).await;
        world.wait(10).await;
        world.push("dev/a", "2-s", &d2).await;
        world.scan("dev/a", &d2.digest, true);
        world.minutes(12).await;
        assert_eq!(world.on("qa/a", "live"), d2.digest);
        world.push("qa/a", "live", &d1).await;
        world.minutes(15).await;
        world.scan("dev/a", &d1.digest, true);
        world.minutes(15).await;
        assert_eq!(world.on("qa/a", "live"), d1.digest);
        world.keeps_its_promises().await;
    });
}

#[test]
fn a_signature_of_an_older_push_does_not_undo_a_person() {
    play(|world| async move {
        let [d1, d2, signature] = images();
        world.policy(policy("copy", "qa/a", "%n")).await;
        world.hold_events(true);
        let at = world.run.now();
        world.push("dev/a", "1-s", &d1).await;
        world.push("dev/a", "1-s", &d2).await;
        world.event("dev/a", "1-s", &d2, at).await;
        world.event("dev/a", "1-s", &d1, at).await;
        world.minutes(12).await;
        assert_eq!(world.on("qa/a", "1-s"), d2.digest);
        world.push("qa/a", "1-s", &d1).await;
        world.minutes(15).await;
        world.hold_events(false);
        let tag = format!("{}.sig", d1.digest.replace(':', "-"));
        world.push("dev/a", &tag, &signature).await;
        world.minutes(15).await;
        assert_eq!(world.on("qa/a", "1-s"), d1.digest);
        world.keeps_its_promises().await;
    });
}

/// Policy A promotes, somebody acts, and policy B of the same push renders the same tag later.
fn second_policy(other: Option<Image>) {
    play(|world| async move {
        let [d1] = images();
        world.policy(policy("a", "qa/a", "%n")).await;
        world.policy(clean("b", "qa/a", "%n")).await;
        world.push("dev/a", "1-s", &d1).await;
        world.minutes(12).await;
        assert_eq!(world.on("qa/a", "1-s"), d1.digest);
        match &other {
            Some(image) => world.push("qa/a", "1-s", image).await,
            None => world.untag("qa/a", "1-s").await,
        }
        world.minutes(15).await;
        world.scan("dev/a", &d1.digest, true);
        world.minutes(15).await;
        let expected = other.map_or_else(|| "nothing".to_owned(), |it| it.digest);
        assert_eq!(world.on("qa/a", "1-s"), expected);
        let records = world.records().await;
        let mut of_b = records.iter().filter(|it| it.policy == "b");
        let last = of_b.next_back().unwrap();
        assert_eq!(last.outcome, "skipped", "{}", last.reason);
        world.keeps_its_promises().await;
    });
}

#[test]
fn another_policy_of_a_finished_push_leaves_a_person_s_tag() {
    second_policy(Some(Image::single("a person's")));
}

#[test]
fn another_policy_of_a_finished_push_leaves_a_deleted_tag() {
    second_policy(None);
}

#[test]
fn a_person_s_re_tag_of_a_promoted_digest_is_a_push_of_its_own() {
    play(|world| async move {
        let [d1, d2] = images();
        world.policy(policy("copy", "qa/a", "%n")).await;
        world.policy(of("qa/a", "chain", "prod/a", "%n")).await;
        for image in [&d1, &d2] {
            world.push("dev/a", "1-s", image).await;
            world.minutes(12).await;
            assert_eq!(world.on("prod/a", "1-s"), image.digest);
        }
        world.push("qa/a", "1-s", &d1).await;
        world.minutes(15).await;
        assert_eq!(world.on("prod/a", "1-s"), d1.digest);
        world.keeps_its_promises().await;
    });
}

#[test]
fn a_rollback_that_is_asked_for_before_its_event_comes_is_newer_than_what_stands() {
    play(|world| async move {
        let [d1, d2, other] = images();
        world.policy(policy("live", "qa/a", "live")).await;
        world.push("dev/a", "1-s", &d1).await;
        world.minutes(2).await;
        world.hold_events(true);
        let at = world.run.now();
        world.push("dev/a", "1-s", &d2).await;
        world.minutes(2).await;
        let since = world.run.now();
        world.push("dev/a", "2-s", &other).await;
        world.event("dev/a", "2-s", &other, since).await;
        assert_eq!(world.on("qa/a", "live"), other.digest);
        world.minutes(2).await;
        // D2's event was late, so the first read of what comes now does not count against it.
        world.send("dev/a", "1-s", &d2, at);
        world.wait(2).await;
        world.push("dev/a", "1-s", &d1).await;
        world
            .request(json!({"repository": "dev/a", "tag": "1-s"}))
            .await;
        world.minutes(5).await;
        let history = world.truth.facts().history.clone();
        assert_eq!(world.on("qa/a", "live"), d1.digest, "{history:#?}");
    });
}

#[test]
fn a_tag_that_a_person_moved_after_a_late_write_is_not_put_right() {
    play(|world| async move {
        let [d1, d2, other] = images();
        world.lands_over_a_newer_push([&d1, &d2]).await;
        world.wait(30).await;
        assert_eq!(world.on("qa/a", "live"), d1.digest, "the late write");
        world.push("qa/a", "live", &other).await;
        world.minutes(20).await;
        assert_eq!(world.on("qa/a", "live"), other.digest);
        world.keeps_its_promises().await;
    });
}
