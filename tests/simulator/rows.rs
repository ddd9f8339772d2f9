//! Interleavings that broke the protocol once, each written from what must be. They are made of the simulator's own
//! parts: a request that is held, refused or kills its sender, events in an order of the test's own, time.

mod chains;
mod finish;
mod messages;
mod once;
mod order;
mod people;
mod waiting;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::SecondsFormat;
use serde_json::{Value, json};

use crate::{
    check::{Scene, all},
    fate::{Fate, Refusal, Seen, Sender},
    image::Image,
    ledger::{Ledger, Record},
    run::Moment,
    truth::Told,
    world::{ACCOUNT, REGION, Shape, World},
};

/// Requests of this name, or of a name that begins so, whose address or body tells these texts, meet a fate: this many
/// of them.
#[derive(Debug, Clone)]
struct Rule {
    name: &'static str,
    texts: Vec<String>,
    times: u32,
    fate: Fate,
}

/// A rule about the next such request; `or` says its fate.
fn next(name: &'static str, text: impl Into<String>) -> Rule {
    Rule {
        name,
        texts: vec![text.into()],
        times: 1,
        fate: Fate::passes(Duration::from_millis(10)),
    }
}

impl Rule {
    /// It tells this text, too.
    fn and(mut self, text: &str) -> Self {
        self.texts.push(text.to_owned());
        self
    }

    fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    fn refused(mut self, refusal: Refusal) -> Self {
        self.fate.refused = Some(refusal);
        self
    }

    /// It takes so long on its way.
    fn travels(mut self, seconds: u64) -> Self {
        self.fate.before = Duration::from_secs(seconds);
        self
    }

    /// It takes effect this long after it came to AWS.
    fn lands(mut self, seconds: u64) -> Self {
        self.fate.landing = Duration::from_secs(seconds);
        self
    }

    /// It shows what stood this long ago.
    fn stale(mut self, seconds: u64) -> Self {
        self.fate.stale = Duration::from_secs(seconds);
        self
    }

    fn sender(mut self, sender: Sender) -> Self {
        self.fate.sender = sender;
        self
    }

    fn meets(&self, seen: &Seen) -> bool {
        let body = seen.body.to_string();
        let tells = |text: &String| seen.uri.contains(text) || body.contains(text);
        self.times > 0 && seen.name.starts_with(self.name) && self.texts.iter().all(tells)
    }
}

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
    /// From now on these rules decide, the first that meets a request.
    fn rules(&self, rules: Vec<Rule>) {
        let rules = Arc::new(Mutex::new(rules));
        self.network.plan(move |seen| {
            let mut rules = rules.lock().unwrap();
            match rules.iter_mut().find(|it| it.meets(seen)) {
                Some(rule) => {
                    rule.times -= 1;
                    rule.fate
                }
                None => Fate::passes(Duration::from_millis(10)),
            }
        });
    }

    /// From now on the events of ECR are lost, but for what the row sends by hand.
    fn hold_events(&self, hold: bool) {
        self.shape.lock().unwrap().chaos.losses = if hold { 1000 } else { 0 };
    }

    /// The event of a push that happened then comes to the queue now, and is handled.
    async fn event(&self, repository: &str, tag: &str, image: &Image, at: Moment) {
        self.send(repository, tag, image, at);
        self.wait(6).await;
    }

    fn send(&self, repository: &str, tag: &str, image: &Image, at: Moment) {
        let event = json!({
            "version": "0", "id": "13cde686-328b-6117-af20-0e5566167482", "detail-type": "ECR Image Action",
            "source": "aws.ecr", "account": ACCOUNT, "time": at.to_rfc3339_opts(SecondsFormat::Secs, true),
            "region": REGION, "resources": [],
            "detail": {
                "result": "SUCCESS", "repository-name": repository, "image-digest": image.digest,
                "action-type": "PUSH", "image-tag": tag,
            },
        });
        self.send_after(&event, &[Duration::ZERO]);
    }

    /// Minutes pass, and the schedule fires in each.
    async fn minutes(&self, minutes: u64) {
        for _ in 0..minutes {
            self.wait(60).await;
            self.tick();
        }
        self.wait(5).await;
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
