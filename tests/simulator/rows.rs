//! Interleavings that broke the protocol once, each written from what must be. They are made of the simulator's own
//! parts: a request that is held, refused or kills its sender, events in an order of the test's own, time.

mod chains;
mod finish;
mod frozen;
mod messages;
mod once;
mod order;
mod people;
mod waiting;

use serde_json::{Value, json};

use crate::{
    check::{Scene, all},
    image::Image,
    ledger::{Ledger, Record},
    rules::next,
    run::Moment,
    truth::Told,
    world::{Shape, World},
};

/// A world of one row, in which the queue is polled.
fn play<F: Future<Output = ()> + Send + 'static>(script: impl FnOnce(World) -> F) {
    play_in(Shape::default(), script);
}

fn play_in<F: Future<Output = ()> + Send + 'static>(shape: Shape, script: impl FnOnce(World) -> F) {
    fastrand::seed(1);
    let world = World::new(1, shape);
    world.rules(Vec::new());
    world.run.spawn(world.clone().poll());
    world.run.until(script(world.clone()));
    world.end();
}

impl World {
    /// The event of a push that happened then comes to the queue now, and is handled.
    async fn event(&self, repository: &str, tag: &str, image: &Image, at: Moment) {
        self.send(repository, tag, image, at);
        self.wait(6).await;
    }

    /// Minutes pass, and the schedule fires in each.
    async fn minutes(&self, minutes: u64) {
        for _ in 0..minutes {
            self.wait(60).await;
            self.tick();
        }
        self.wait(5).await;
    }

    /// The write of the first push comes to qa/a:live half a minute late, and meanwhile that of the second.
    async fn lands_over_a_newer_push(&self, [late, newer]: [&Image; 2]) {
        self.policy(policy("live", "qa/a", "live")).await;
        self.rules(vec![next("ecr:PutImage", "\"live\"").lands(32)]);
        self.push("dev/a", "1-s", late).await;
        self.wait(12).await;
        self.push("dev/a", "2-s", newer).await;
    }

    fn on(&self, repository: &str, tag: &str) -> String {
        let on = self.stands_on(&(repository.to_owned(), tag.to_owned()));
        on.unwrap_or_else(|| "nothing".to_owned())
    }

    async fn records(&self) -> Vec<Record> {
        Ledger::read(self).await.records
    }

    fn told(&self, kind: &str) -> Vec<Told> {
        let facts = self.truth.facts();
        facts
            .told
            .iter()
            .filter(|it| it.kind == kind)
            .cloned()
            .collect()
    }

    /// No promise is broken.
    async fn keeps_its_promises(&self) {
        let ledger = Ledger::read(self).await;
        let facts = self.truth.facts();
        let scene = Scene {
            apart: self.apart(),
            facts: &facts,
            ledger: &ledger,
            queue: self.local.queue(),
            end: self.run.now(),
        };
        let broken = all(&scene);
        assert!(broken.is_empty(), "{broken:#?}\n{:#?}", facts.history);
    }
}

/// A policy about tags of dev/a that end in `s`.
fn policy(name: &str, repository: &str, tag: &str) -> Value {
    of("dev/a", name, repository, tag)
}

fn of(source: &str, name: &str, repository: &str, tag: &str) -> Value {
    json!({
        "source": source, "name": name,
        "criteria": [{"attribute": "tag", "operator": "ends_with", "value": "s"}],
        "target": {"repository": repository, "tag": tag},
    })
}

/// The same, for images without critical findings.
fn clean(name: &str, repository: &str, tag: &str) -> Value {
    let mut policy = policy(name, repository, tag);
    let clean = json!({"attribute": "vulnerabilities.critical", "operator": "=", "value": 0});
    policy["criteria"].as_array_mut().unwrap().push(clean);
    policy
}

/// Some images.
fn images<const N: usize>() -> [Image; N] {
    std::array::from_fn(|at| Image::single(&format!("image {at}")))
}
