//! What cannot be done yet is looked at again, once and not forever; what can be done is not kept from it.

use serde_json::json;

use super::{clean, images, next, play, policy};
use crate::{
    fate::Refusal,
    image::{BLOBS, Image},
    ledger::Ledger,
};

#[test]
fn a_full_minute_of_names_delays_and_fails_nothing() {
    play(|world| async move {
        world.shape.lock().unwrap().concurrency = 10;
        world.policy(policy("stamp", "qa/a", "%Y%m%d-%H%M%S")).await;
        for number in 0..110 {
            world
                .push(
                    "dev/a",
                    &format!("{number}-s"),
                    &Image::single(&format!("image {number}")),
                )
                .await;
            world.run.sleep(std::time::Duration::from_millis(180)).await;
        }
        world.minutes(8).await;
        let records = world.records().await;
        let outcome = |wanted: &str| records.iter().filter(|it| it.outcome == wanted).count();
        assert_eq!((outcome("promoted"), outcome("failed")), (110, 0));
        assert_eq!(world.tags("qa/a").len(), 110);
        world.keeps_its_promises().await;
    });
}

#[test]
fn a_child_that_one_read_does_not_show_is_looked_at_again() {
    play(|world| async move {
        let index = Image::index("image");
        world.policy(policy("copy", "qa/a", "%n")).await;
        let child = index.children[1].digest.clone();
        world.wait(100).await;
        world.rules(vec![next("ecr:BatchGetImage", child).stale(60)]);
        world.push("dev/a", "1-s", &index).await;
        world.minutes(15).await;
        let records = world.records().await;
        let history = world.truth.facts().history.clone();
        assert_eq!(
            world.on("qa/a", "1-s"),
            index.digest,
            "{records:#?} {history:#?}"
        );
        world.keeps_its_promises().await;
    });
}

#[test]
fn a_target_repository_that_is_made_late_is_waited_for() {
    play(|world| async move {
        let [d1] = images();
        world.policy(policy("copy", "qa/new", "%n")).await;
        world.push("dev/a", "1-s", &d1).await;
        world.wait(20).await;
        world
            .ask("ecr:CreateRepository", &json!({"repositoryName": "qa/new"}))
            .await;
        world.minutes(30).await;
        assert_eq!(world.on("qa/new", "1-s"), d1.digest);
        world.keeps_its_promises().await;
    });
}

#[test]
fn a_push_whose_write_was_refused_for_good_stands_in_nobody_s_way() {
    play(|world| async move {
        let [d1, d2] = images();
        // D1's blobs are there whatever becomes of D2.
        for blob in BLOBS {
            world.upload("qa/a", blob).await;
        }
        world.policy(clean("clean", "qa/a", "live")).await;
        world.push("dev/a", "1-s", &d1).await;
        world.wait(20).await;
        world.rules(vec![
            next("ecr:PutImage", "\"live\"")
                .times(2)
                .refused(Refusal::Kms),
        ]);
        world.push("dev/a", "2-s", &d2).await;
        world.scan("dev/a", &d2.digest, true);
        world.wait(30).await;
        world.delete("dev/a", &d2.digest).await;
        world.rules(Vec::new());
        world.minutes(15).await;
        world.scan("dev/a", &d1.digest, true);
        world.minutes(90).await;
        assert_eq!(world.on("qa/a", "live"), d1.digest);
    });
}

#[test]
fn twenty_signatures_are_one_piece_of_open_work() {
    play(|world| async move {
        let [d1] = images();
        let mut policy = policy("components", "qa/a", "%n");
        let banned = json!({"attribute": "component", "operator": "not_one_of", "value": ["x"]});
        policy["criteria"].as_array_mut().unwrap().push(banned);
        world.policy(policy).await;
        world.push("dev/a", "1-s", &d1).await;
        world.wait(10).await;
        for number in 0..20 {
            let tag = format!("{}.att", d1.digest.replace(':', "-"));
            let signature = Image::single(&format!("signature {number}"));
            world.push("dev/a", &tag, &signature).await;
            world.wait(1).await;
        }
        world.wait(20).await;
        let queue = world.local.queue();
        assert!(queue.delayed + queue.visible <= 1, "{queue:?}");
        let ledger = Ledger::read(&world).await;
        let open = ledger.items.iter().filter(|it| it.get("due_pk").is_some());
        assert!(open.count() <= 1);
    });
}

#[test]
fn of_two_first_judgements_each_leaves_its_own_record() {
    play(|world| async move {
        let [d1] = images();
        world.policy(clean("clean", "qa/a", "%n")).await;
        // The first sees no scan; the second sees a finding, and its word comes later.
        world.rules(vec![
            next("dynamodb:TransactWriteItems", "awaiting").travels(3),
            next("dynamodb:TransactWriteItems", "held").travels(6),
        ]);
        let at = world.run.now();
        world.hold_events(true);
        world.push("dev/a", "1-s", &d1).await;
        world.send("dev/a", "1-s", &d1, at);
        world.wait(2).await;
        world.scan("dev/a", &d1.digest, false);
        world.send("dev/a", "1-s", &d1, at);
        world.wait(50).await;
        let records = world.records().await;
        let held = records.iter().filter(|it| it.outcome == "held").count();
        assert_eq!(held, 1, "{records:#?} {:#?}", world.truth.facts().history);
    });
}

#[test]
fn a_push_that_waits_is_not_closed_by_one_read_that_does_not_show_it() {
    play(|world| async move {
        let [d1] = images();
        world.policy(clean("clean", "qa/a", "%n")).await;
        world.wait(100).await;
        world.push("dev/a", "1-s", &d1).await;
        world.wait(2).await;
        world.rules(vec![next("ecr:BatchGetImage", &d1.digest).stale(4)]);
        world.scan("dev/a", &d1.digest, true);
        world.minutes(5).await;
        let history = world.truth.facts().history.clone();
        assert_eq!(world.on("qa/a", "1-s"), d1.digest, "{history:#?}");
        world.keeps_its_promises().await;
    });
}

#[test]
fn a_hold_by_a_policy_that_is_edited_meanwhile_is_judged_again() {
    play(|world| async move {
        let [d1] = images();
        world.policy(clean("copy", "qa/a", "%n")).await;
        world.hold_events(true);
        let at = world.run.now();
        world.push("dev/a", "1-s", &d1).await;
        world.scan("dev/a", &d1.digest, false);
        world.rules(vec![next("ecr:DescribeImageScanFindings", "").travels(8)]);
        world.send("dev/a", "1-s", &d1, at);
        world.wait(4).await;
        world.policy(policy("copy", "qa/a", "%n")).await;
        world.minutes(5).await;
        let history = world.truth.facts().history.clone();
        assert_eq!(world.on("qa/a", "1-s"), d1.digest, "{history:#?}");
    });
}
