//! Two pushes at once, in every order, slow and failing in every place.

use std::collections::BTreeSet;

use serde_json::json;

use super::{to_latest, two_pushes};
use crate::world::World;

#[tokio::test(start_paused = true)]
async fn the_newer_push_stands_when_both_are_promoted_at_once() {
    for slow in ["1-stable", "2-stable"] {
        let world = World::new().await;
        world.policy(to_latest()).await;
        let [(first, older), (newest, newer)] = two_pushes(&world).await;
        let slowed = if slow == "1-stable" { &first } else { &newest };
        world.fault(json!([
            {"operation": "ecr:PutImage", "match": slowed, "delay_ms": 5000, "times": 1},
        ]));
        world.local.raise(older);
        world.local.raise(newer);
        tokio::join!(world.local.step(), world.local.step());
        // Who found the tag being written looks again when the lease has ended.
        world.later(16 * 60).await;
        assert_eq!(
            world.tags("qa/website").await["latest"],
            newest,
            "{slow} is slow"
        );
    }
}

/// Two pushes at once: which event comes first, which of them is slow, where, and what fails of
/// which of them.
struct Race {
    newer_first: bool,
    slow: usize,
    slow_at: &'static str,
    failing: usize,
    failure: serde_json::Value,
}

fn races() -> Vec<Race> {
    let failures = [
        json!({}),
        json!({"code": "ThrottlingException", "status": 400}),
        json!({"code": "ServerException", "status": 500}),
        json!({"code": "ConnectionReset", "status": 0}),
        json!({"code": "ConnectionReset", "status": 0, "after_effect": true}),
    ];
    let mut races = Vec::new();
    for newer_first in [false, true] {
        for (slow, failing) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            for slow_at in ["registry:mount", "ecr:PutImage"] {
                races.extend(failures.iter().map(|failure| Race {
                    newer_first,
                    slow,
                    slow_at,
                    failing,
                    failure: failure.clone(),
                }));
            }
        }
    }
    races
}

impl Race {
    /// Both hang for a second while they copy, so that neither is over before the other begins; the
    /// slow one hangs longer, there or at its tag.
    fn faults(&self, digests: [&str; 2]) -> serde_json::Value {
        let mut faults = Vec::new();
        for (push, tag) in ["1-stable", "2-stable"].iter().enumerate() {
            let slow = |at| push == self.slow && at == self.slow_at;
            let blob = crate::image::digest(format!("{tag} layer 0").as_bytes());
            let hangs = if slow("registry:mount") { 5000 } else { 1000 };
            faults.push(json!({"operation": "registry:mount", "match": blob, "delay_ms": hangs}));
            let mut write = json!({"operation": "ecr:PutImage", "match": digests[push]});
            if push == self.failing {
                let with = write.as_object_mut().unwrap();
                with.extend(self.failure.as_object().unwrap().clone());
            }
            if slow("ecr:PutImage") {
                write["delay_ms"] = json!(5000);
            }
            faults.push(write);
        }
        json!(faults)
    }
}

impl std::fmt::Display for Race {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let push = |n: usize| ["the older", "the newer"][n];
        write!(
            f,
            "{} comes first, {} is slow at {}, {} meets {}",
            push(usize::from(self.newer_first)),
            push(self.slow),
            self.slow_at,
            push(self.failing),
            self.failure
        )
    }
}

#[tokio::test(start_paused = true)]
async fn the_newer_push_stands_whoever_is_slow_and_whatever_fails_between() {
    let mut whys = BTreeSet::new();
    for race in races() {
        let world = World::new().await;
        world.policy(to_latest()).await;
        let [(first, older), (newest, newer)] = two_pushes(&world).await;
        world.fault(race.faults([&first, &newest]));
        let mut events = [older, newer];
        if race.newer_first {
            events.reverse();
        }
        for event in events {
            world.local.raise(event);
        }
        tokio::join!(world.local.step(), world.local.step());
        let waiting = world.waiting_faults().await;
        assert!(!waiting.contains(&"registry:mount".to_owned()), "{race}");
        for _ in 0..4 {
            world.later(16 * 60).await;
        }
        assert_eq!(world.tags("qa/website").await["latest"], newest, "{race}");
        let history = world.history().await;
        let of = |tag: &str| {
            let lines = history.iter().filter(|line| line.contains(tag));
            lines.map(String::as_str).collect::<Vec<_>>()
        };
        assert_eq!(
            of("dev/website:2-stable promoted"),
            ["dev/website:2-stable promoted: promoted to qa/website:latest"],
            "{race}"
        );
        let [older] = of("dev/website:1-stable ")[..] else {
            panic!("{race}: {history:?}");
        };
        let (_, why) = older.split_once("1-stable ").unwrap();
        whys.insert(why.to_owned());
        let told = world.announced();
        let last = told
            .iter()
            .max_by_key(|it| it["detail"]["sequence"].as_u64());
        assert_eq!(
            last.unwrap()["detail"]["source"]["digest"],
            json!(newest),
            "{race}"
        );
        assert_eq!(world.local.queue().dead, 0, "{race}");
    }
    // Both ends of the older one are met on the way.
    let whys: Vec<String> = whys.into_iter().collect();
    insta::assert_snapshot!(whys.join("\n"), @r"
    promoted: promoted to qa/website:latest
    skipped: older than the head: a newer push has been promoted to qa/website:latest
    ");
}
