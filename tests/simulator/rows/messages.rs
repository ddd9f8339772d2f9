//! A message comes back two minutes after its work made progress last: before that nobody needs it, and after that somebody
//! does.

use std::time::Duration;

use chrono::TimeDelta;

use super::{images, next, play_in, policy};
use crate::{
    fate::{Fate, Sender},
    ledger::Ledger,
    run::Moment,
    world::{Shape, World},
};

/// Invocations may take as long as they do by the template.
fn long() -> Shape {
    Shape {
        timeout: Duration::from_mins(15),
        ..Shape::default()
    }
}

/// An invocation ends so before it claimed anything.
fn unclaimed(sender: Sender) {
    play_in(long(), move |world: World| async move {
        let [d1] = images();
        world.policy(policy("copy", "qa/a", "%n")).await;
        world.rules(vec![next("ecr:BatchGetImage", "dev/a").sender(sender)]);
        world.push("dev/a", "1-s", &d1).await;
        world.minutes(4).await;
        assert_eq!(world.on("qa/a", "1-s"), d1.digest);
        world.minutes(20).await;
        world.keeps_its_promises().await;
    });
}

#[test]
fn a_message_is_back_in_two_minutes_though_its_invocation_died_before_its_claim() {
    unclaimed(Sender::DiesBefore);
    unclaimed(Sender::DiesAfter);
}

#[test]
fn a_message_is_back_in_two_minutes_though_its_invocation_stands_still() {
    unclaimed(Sender::Freezes(Duration::from_mins(10)));
}

#[test]
fn open_work_is_back_in_two_minutes_though_who_went_on_with_it_died() {
    play_in(long(), |world: World| async move {
        let [d1] = images();
        world.policy(policy("copy", "qa/a", "%n")).await;
        let dies = || next("ecr:PutImage", "\"1-s\"").sender(Sender::DiesBefore);
        world.rules(vec![dies().times(2)]);
        world.push("dev/a", "1-s", &d1).await;
        // Two leases, and a minute for each to be seen.
        world.minutes(6).await;
        assert_eq!(world.on("qa/a", "1-s"), d1.digest);
        world.minutes(20).await;
        world.keeps_its_promises().await;
    });
}

#[test]
fn open_work_is_back_in_two_minutes_though_who_took_its_message_died_at_once() {
    play_in(long(), |world: World| async move {
        let [d1] = images();
        world.policy(policy("copy", "qa/a", "%n")).await;
        world.rules(vec![
            next("ecr:PutImage", "\"1-s\"").sender(Sender::DiesBefore),
        ]);
        world.push("dev/a", "1-s", &d1).await;
        world.wait(5).await;
        // The event's message and the schedule's are hidden for as long as the queue says, and nothing else is left of them.
        let dies = next("sqs:ChangeMessageVisibility", "").sender(Sender::DiesBefore);
        world.rules(vec![dies.times(2)]);
        // A lease, a minute until it is seen, and the same again.
        world.minutes(6).await;
        assert_eq!(world.on("qa/a", "1-s"), d1.digest);
        world.minutes(100).await;
        world.keeps_its_promises().await;
    });
}

#[test]
fn open_work_is_gone_on_with_by_a_clock_that_is_behind() {
    // How long after the end of the dead lease the schedule fires, in milliseconds.
    for after in (-1_500..=1_500).step_by(250) {
        let shape = Shape {
            clocks_apart: 3_000,
            ..long()
        };
        play_in(shape, move |world: World| async move {
            let [d1] = images();
            world.policy(policy("copy", "qa/a", "%n")).await;
            let dies = next("ecr:BatchGetImage", "qa/a").sender(Sender::DiesAfter);
            world.rules(vec![dies]);
            world.push("dev/a", "1-s", &d1).await;
            world.wait(5).await;
            let ledger = Ledger::read(&world).await;
            let due = ledger.items.iter().find_map(|it| it["due_sk"].as_str());
            let due: Moment = due.unwrap()[..27].parse().unwrap();
            let left = due + TimeDelta::milliseconds(after) - world.run.now();
            world.run.sleep(left.to_std().unwrap()).await;
            world.tick();
            world.minutes(1).await;
            assert_eq!(world.on("qa/a", "1-s"), d1.digest, "{after} ms");
        });
    }
}

#[test]
fn a_message_stays_hidden_while_its_work_goes_on() {
    play_in(long(), |world: World| async move {
        let [d1] = images();
        let names = ["a", "b", "c", "d", "e", "f"];
        for name in names {
            let tag = format!("{name}-%n");
            world.policy(policy(name, "qa/a", &tag)).await;
        }
        // Each request takes nearly as long as it may: minutes in all.
        let slow = Duration::from_millis(2_300);
        world.network.plan(move |_| Fate::passes(slow));
        world.push("dev/a", "1-s", &d1).await;
        world.wait(800).await;
        let told = world.told("Image Promoted");
        let history = world.truth.facts().history.clone();
        assert_eq!(told.len(), names.len(), "{history:#?}");
        let took = told[names.len() - 1].at - crate::world::start();
        assert!(took.num_seconds() > 150, "{took}");
        // One for the push, one for the event of each tag at the target.
        let invocations = world.counts.lock().unwrap().invocations;
        assert_eq!(invocations, 1 + names.len() as u64);
    });
}
