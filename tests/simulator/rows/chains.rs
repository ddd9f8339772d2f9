//! Chains of promotions: no loops, no floods, nothing said of another source.

use super::{Ledger, images, of, play, policy};
use crate::image::BLOBS;

#[test]
fn many_pushes_that_alternate_into_one_tag_are_no_loop_and_stay_small() {
    play(|world| async move {
        let [d1, d2] = images();
        world.policy(policy("live", "qa/a", "lives")).await;
        world.policy(of("qa/a", "chain", "prod/a", "%n")).await;
        for number in 0..28 {
            let image = if number % 2 == 0 { &d1 } else { &d2 };
            world.push("dev/a", &format!("{number}-s"), image).await;
            world.minutes(1).await;
        }
        world.minutes(20).await;
        assert_eq!(world.on("qa/a", "lives"), d2.digest);
        assert_eq!(world.on("prod/a", "lives"), d2.digest);
        let records = world.records().await;
        let chained = records
            .iter()
            .filter(|it| it.policy == "chain" && it.outcome == "promoted");
        assert_eq!(chained.count(), 28);
        world.keeps_its_promises().await;
    });
}

#[test]
fn policies_that_re_tag_one_repository_chain_at_most_three_times() {
    play(|world| async move {
        let [d1] = images();
        for name in ["k", "l", "m", "n"] {
            world
                .policy(of("qa/a", name, "qa/a", &format!("{name}-%n")))
                .await;
        }
        for blob in BLOBS {
            world.upload("qa/a", blob).await;
        }
        world.push("qa/a", "s", &d1).await;
        world.minutes(25).await;
        let tags = world.tags("qa/a");
        let deepest = tags.keys().map(|it| it.matches('-').count()).max();
        // Four, then three more from each of them, then two.
        assert_eq!((deepest, tags.len()), (Some(3), 1 + 4 + 12 + 24));
        world.keeps_its_promises().await;
    });
}

#[test]
fn what_is_told_of_one_source_names_no_other_source() {
    play(|world| async move {
        let [older, newer] = images();
        world.policy(of("dev/a", "live-a", "qa/a", "live")).await;
        world.policy(of("dev/b", "live-b", "qa/a", "live")).await;
        world.hold_events(true);
        let at = world.run.now();
        world.push("dev/a", "1-s", &older).await;
        world.wait(60).await;
        world.hold_events(false);
        world.push("dev/b", "secret-s", &newer).await;
        world.minutes(12).await;
        world.event("dev/a", "1-s", &older, at).await;
        world.minutes(5).await;
        assert_eq!(world.on("qa/a", "live"), newer.digest);
        let answer = world
            .request(serde_json::json!({"repository": "dev/a", "tag": "1-s"}))
            .await
            .unwrap();
        let mut told = vec![answer.to_string()];
        let ledger = Ledger::read(&world).await;
        let of_source = |it: &&serde_json::Value| it["repository"] == "dev/a";
        told.extend(
            ledger
                .items
                .iter()
                .filter(of_source)
                .map(ToString::to_string),
        );
        for text in told {
            assert!(
                !text.contains("dev/b") && !text.contains("secret"),
                "{text}"
            );
        }
    });
}
