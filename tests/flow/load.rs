//! Many pushes at once, on virtual time: each is judged, each eligible one is promoted once, and images are put within
//! their rate. `benches/load.rs` runs the same with ten thousand.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use ecr_promoter::{Function, Invocation};
use ecr_promoter_core::Registry;
use serde_json::json;

use crate::{
    between::Between,
    image::Image,
    trips::Trips,
    world::{ACCOUNT, Choices, REGION, World},
};

/// One push in so many is eligible.
pub const ELIGIBLE: usize = 10;
/// Each request takes ten milliseconds, so the clock goes in such steps.
const TICK: Duration = Duration::from_millis(10);
/// A tag that was put.
const PUT: &str = "ecr:PutImage, tagged";

/// So many of each.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    pub pushes: usize,
    pub repositories: usize,
    pub policies: usize,
    pub invocations: usize,
}

/// What became of it.
#[derive(Debug)]
pub struct Outcome {
    /// How long it took by the virtual clock.
    pub took: Duration,
    /// How long by the machine's.
    pub computed: Duration,
    /// How many records say `promoted`.
    pub promoted: usize,
    /// Of how many pushes the image stands at the target.
    pub standing: usize,
    /// How many tags were put, and how many at most within a second.
    pub put: usize,
    pub put_a_second: usize,
    pub requests: BTreeMap<String, u64>,
}

impl Load {
    /// Every push at once, and their events handled to the end.
    pub async fn run(self) -> Outcome {
        let trips = Trips::default();
        let world = World::with(Choices {
            between: Some(Between::timing(&trips)),
            processes: self.invocations,
            environment: &[("PUT_IMAGE_RATE", "10"), ("MAX_CONCURRENCY", "10")],
            ..Choices::default()
        })
        .await;
        self.set_up(&world).await;
        self.sandboxes(&world);
        trips.clear();
        world.local.reset_requests();
        let clock = world.clock.clone();
        let (start, began) = (clock.now(), tokio::time::Instant::now());
        let goes = tokio::spawn(async move {
            loop {
                tokio::time::sleep(TICK).await;
                let behind = start + began.elapsed() - clock.now();
                clock.advance(behind.to_std().unwrap_or_default());
            }
        });
        let computed = Instant::now();
        let poller = world.local.start_poller();
        while world.local.queue().visible + world.local.queue().in_flight > 0 {
            tokio::time::sleep(TICK).await;
        }
        let (took, computed) = (began.elapsed(), computed.elapsed());
        poller.abort();
        goes.abort();
        let requests = world.local.requests();
        self.outcome(&world, &trips, (took, computed, requests))
            .await
    }

    /// Repositories, policies, images, and the events of all pushes on the queue.
    async fn set_up(self, world: &World) {
        for number in 0..self.repositories {
            world.repository(&format!("dev/{number}")).await;
            world.repository(&format!("qa/{number}")).await;
        }
        for number in 0..self.policies {
            let repository = number % self.repositories;
            let (name, suffix) = match number / self.repositories {
                0 => ("stable".to_owned(), "stable".to_owned()),
                other => (format!("beside-{other}"), format!("-{other}")),
            };
            let policy = json!({
                "source": format!("dev/{repository}"), "name": name,
                "criteria": [{"attribute": "tag", "operator": "ends_with", "value": suffix}],
                "target": {"repository": format!("qa/{repository}")},
            });
            world.policy(policy).await;
        }
        // The policies' own invocations are over before the pushes come.
        while world.local.step_stream().await {}
        for number in 0..self.pushes {
            let (repository, tag) = self.push(number);
            let image = image(number);
            if tag.ends_with("stable") {
                image.push(&world.aws.ecr, &repository, Some(&tag)).await;
            } else {
                world
                    .local
                    .raise(world.push_event(&repository, &tag, &image.digest()));
            }
        }
    }

    /// Where a push goes.
    fn push(self, number: usize) -> (String, String) {
        let suffix = if number.is_multiple_of(ELIGIBLE) {
            "stable"
        } else {
            "dev"
        };
        // Each repository has eligible ones.
        let repository = number / ELIGIBLE % self.repositories;
        (format!("dev/{repository}"), format!("{number}-{suffix}"))
    }

    /// As many sandboxes as invocations, each with a pace of its own.
    fn sandboxes(self, world: &World) {
        let new = |_| {
            let registry = Registry::new(ACCOUNT, REGION).unwrap();
            Function::new(world.config.clone(), world.aws.clone(), registry)
        };
        let idle: VecDeque<Function> = (0..self.invocations).map(new).collect();
        let idle = Arc::new(Mutex::new(idle));
        world.local.set_function(move |invocation| {
            let idle = idle.clone();
            Box::pin(async move {
                let function = idle.lock().unwrap().pop_front().unwrap();
                let of = Invocation {
                    request_id: invocation.request_id,
                    deadline: invocation.deadline,
                };
                let answer = function.handle(&invocation.payload, &of).await;
                idle.lock().unwrap().push_back(function);
                match answer {
                    Ok(answer) => Ok(answer.to_string().into_bytes()),
                    Err(failure) => Err(failure.to_string()),
                }
            })
        });
    }

    async fn outcome(
        self,
        world: &World,
        trips: &Trips,
        (took, computed, requests): (Duration, Duration, BTreeMap<String, u64>),
    ) -> Outcome {
        assert_eq!(world.local.queue().dead, 0);
        let mut standing = 0;
        for number in 0..self.repositories {
            standing += world.tags(&format!("qa/{number}")).await.len();
        }
        let history = world.history().await;
        let promoted = history.iter().filter(|line| line.contains(" promoted: "));
        let puts = trips.instants(PUT);
        // The clock by which the function waits is a tick behind at most, so a second is one by two ticks less.
        let within_a_second = |from: usize| {
            let end = puts[from] + Duration::from_secs(1) - 2 * TICK;
            puts[from..].iter().take_while(|at| **at < end).count()
        };
        Outcome {
            took,
            computed,
            promoted: promoted.count(),
            standing,
            put: puts.len(),
            put_a_second: (0..puts.len()).map(within_a_second).max().unwrap_or(0),
            requests,
        }
    }
}

/// The image of a push: all share their blobs, and no two are the same.
fn image(number: usize) -> Image {
    let mut image = Image::single("load", 1);
    let numbered = format!(r#""schemaVersion":2,"annotations":{{"number":"{number}"}}"#);
    image.manifest = image.manifest.replace(r#""schemaVersion":2"#, &numbered);
    image
}

#[tokio::test(start_paused = true)]
async fn five_hundred_pushes_at_once_are_judged_and_promoted_once_within_the_rate() {
    let load = Load {
        pushes: 500,
        repositories: 25,
        policies: 50,
        invocations: 10,
    };
    let outcome = load.run().await;
    let eligible = load.pushes / ELIGIBLE;
    assert_eq!(outcome.standing, eligible);
    assert_eq!(outcome.promoted, eligible);
    assert_eq!(outcome.put, eligible, "each once");
    assert!(outcome.put_a_second <= 10, "{outcome:?}");
    // Ten a second, after the first ten.
    assert!(outcome.took >= Duration::from_secs(4), "{outcome:?}");
    assert!(outcome.computed < Duration::from_mins(5), "{outcome:?}");
    // Each push, and each promotion, which is a push itself, has its policies read: a Query a level.
    let judged = u64::try_from(load.pushes + eligible).unwrap();
    assert_eq!(outcome.requests["dynamodb:Query"], 3 * judged);
}
