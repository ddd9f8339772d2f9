//! One push gets one tag, whatever became of the attempts at it: one that may have been written is never rendered again.

use std::{collections::BTreeSet, time::Duration};

use super::{clean, images, next, play, policy};
use crate::{fate::Refusal, ledger::Ledger, world::World};

impl World {
    /// The tags of qa/a that the function ever put on a digest.
    fn ever_put_on(&self, digest: &str) -> BTreeSet<String> {
        let facts = self.truth.facts();
        let ours = facts.moves.iter().filter(|it| it.write.is_some());
        let on = ours.filter(|it| it.place.0 == "qa/a" && it.digest.as_deref() == Some(digest));
        on.map(|it| it.place.1.clone()).collect()
    }
}

/// A write of the tag had no answer, and it stood all the same. Then somebody removes the image, and the next attempt fails of
/// what an administrator has to fix.
fn written_before_it_failed(fails: &'static str, refusal: Refusal) {
    play(move |world| async move {
        let [d1] = images();
        world.policy(policy("minute", "qa/a", "%Y%m%d-%H%M")).await;
        world.rules(vec![next("ecr:PutImage", "\"2026").lands(20)]);
        world.push("dev/a", "1-s", &d1).await;
        world.wait(40).await;
        assert_eq!(world.ever_put_on(&d1.digest).len(), 1);
        world.delete("qa/a", &d1.digest).await;
        world.rules(vec![next(fails, "qa/a").refused(refusal)]);
        world.minutes(30).await;
        let tags = world.ever_put_on(&d1.digest);
        assert_eq!(tags.len(), 1, "{tags:?} {:#?}", world.truth.facts().history);
        world.keeps_its_promises().await;
    });
}

#[test]
fn a_push_whose_first_write_had_no_answer_keeps_its_tag_though_its_copy_is_refused() {
    written_before_it_failed("ecr:BatchCheckLayerAvailability", Refusal::Denied);
}

#[test]
fn a_push_whose_first_write_had_no_answer_keeps_its_tag_though_its_second_is_refused() {
    written_before_it_failed("ecr:PutImage", Refusal::Kms);
}

#[test]
fn a_push_whose_write_had_no_answer_keeps_its_tag_though_a_newer_one_took_that() {
    play(|world| async move {
        let [d1, d2] = images();
        world.policy(policy("minute", "qa/a", "%Y%m%d-%H%M")).await;
        world.hold_events(true);
        let at = world.run.now();
        world.rules(vec![next("ecr:PutImage", "\"2026").lands(20)]);
        world.push("dev/a", "1-s", &d1).await;
        world.event("dev/a", "1-s", &d1, at).await;
        world.wait(2).await;
        world.push("dev/a", "2-s", &d2).await;
        world.event("dev/a", "2-s", &d2, world.run.now()).await;
        world.minutes(8).await;
        // The same event once more, when what it led to has ended.
        world.event("dev/a", "1-s", &d1, at).await;
        world.minutes(8).await;
        let tags = world.ever_put_on(&d1.digest);
        assert_eq!(tags.len(), 1, "{tags:?} {:#?}", world.truth.facts().history);
        world.keeps_its_promises().await;
    });
}

#[test]
fn a_push_that_was_refused_for_want_of_a_key_gets_the_tag_of_a_later_time() {
    play(|world| async move {
        let [d1] = images();
        world.policy(policy("minute", "qa/a", "%Y%m%d-%H%M")).await;
        world.rules(vec![next("ecr:PutImage", "\"2026").refused(Refusal::Kms)]);
        world.push("dev/a", "1-s", &d1).await;
        world.minutes(10).await;
        let tags = world.ever_put_on(&d1.digest);
        assert_eq!(tags.len(), 1, "{tags:?}");
        assert!(!tags.contains("20260307-0905"), "{tags:?}");
        world.keeps_its_promises().await;
    });
}

#[test]
fn what_an_administrator_never_fixes_is_tried_for_a_day() {
    play(|world| async move {
        let [d1] = images();
        world.policy(clean("clean", "qa/a", "%n")).await;
        world.rules(vec![
            next("ecr:PutImage", "\"1-s\"")
                .times(9_999)
                .refused(Refusal::Kms),
        ]);
        world.push("dev/a", "1-s", &d1).await;
        world.scan("dev/a", &d1.digest, true);
        for _ in 0..30 * 6 {
            world.run.sleep(Duration::from_mins(10)).await;
            world.tick();
        }
        let tried = world.truth.facts().writes.len();
        // After one, five and fifteen minutes, then hourly for a day.
        assert!((20..=30).contains(&tried), "{tried} times");
        let records = world.records().await;
        assert_eq!(records.last().unwrap().outcome, "failed");
        let ledger = Ledger::read(&world).await;
        let mut open = ledger.items.iter().filter(|it| it.get("due_pk").is_some());
        assert_eq!(open.next(), None);
    });
}
