//! Storms about one mishap: a request that one fate meets, or one thing that somebody does, at times that the seed draws.
//! What else goes wrong is drawn as ever, but where it is about how soon everything is done.

use std::time::Duration;

use serde_json::json;

use crate::{
    chaos::Chaos,
    fate::{Fate, Refusal, Sender},
    image::{BLOBS, Image},
    menu,
    rules::{Rule, next, unrecorded},
    world::World,
};

/// What such a storm is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mishap {
    /// A write has no answer, a newer push is promoted over it, and then somebody changes the tag.
    Doubted,
    /// ECR refuses to show the tag when the event of an older push comes again.
    Refused,
    /// An invocation dies with its tag written, or cannot record it, and a newer push comes, or its policy or its image goes.
    Unnoted,
    /// An invocation dies anywhere in a promotion.
    Killed,
    /// Signatures come to an image that waits for an SBOM.
    Signatures,
    /// Somebody tags at a target again what was promoted to there before.
    Retagged,
    /// Two look at a push for the first time at once: one sees no scan yet, the other a finding.
    TwoLooks,
    /// An invocation stands still with the write of a tag in its hand, and its policy is edited meanwhile.
    Edited,
    /// A read of the ledger hangs, and the tag is pushed again meanwhile.
    Hanging,
}

impl Mishap {
    /// Whether all must be done within minutes: then nothing else goes wrong.
    pub fn is_alone(self) -> bool {
        matches!(
            self,
            Self::Killed | Self::Retagged | Self::TwoLooks | Self::Edited
        )
    }

    /// Whether people do nothing else meanwhile: each look at what waits is many requests.
    pub fn is_without_people(self) -> bool {
        self == Self::Signatures
    }
}

/// It happens.
pub async fn rage(world: &World, mishap: Mishap, chaos: Chaos) {
    match mishap {
        Mishap::Doubted => doubted(world, chaos).await,
        Mishap::Refused => refused(world, chaos).await,
        Mishap::Unnoted => unnoted(world, chaos).await,
        Mishap::Killed => killed(world).await,
        Mishap::Signatures => signatures(world).await,
        Mishap::Retagged => retagged(world).await,
        Mishap::TwoLooks => two_looks(world).await,
        Mishap::Edited => edited(world).await,
        Mishap::Hanging => hanging(world, chaos).await,
    }
}

impl World {
    /// These rules come first, and then what the seed drew.
    fn rules_before(&self, chaos: Chaos, rules: Vec<Rule>) {
        let run = self.run.clone();
        self.rules_within(rules, move |seen| chaos.fate(&run, seen));
    }

    async fn some_seconds(&self, seconds: std::ops::Range<u64>) {
        let time = self.run.millis(seconds.start * 1000..seconds.end * 1000);
        self.run.sleep(time).await;
    }

    /// Nothing goes wrong any more from now on.
    pub fn quiet_from_now(&self) {
        self.truth.facts().quiet = Some(self.run.now());
    }
}

/// What people push at a target consists of blobs that are there already.
async fn have_blobs_at_the_target(world: &World) {
    for blob in BLOBS {
        world.upload("qa/a", blob).await;
    }
}

fn images<const N: usize>() -> [Image; N] {
    std::array::from_fn(|at| Image::single(&format!("image {at}")))
}

async fn doubted(world: &World, chaos: Chaos) {
    have_blobs_at_the_target(world).await;
    let [first, second, others] = images();
    let no_answer = next("ecr:PutImage", "\"live\"").refused(Refusal::Reset);
    world.rules_before(chaos, vec![no_answer]);
    world.push("dev/a", "1-s", &first).await;
    world.some_seconds(8..15).await;
    world.push("dev/a", "2-s", &second).await;
    world.some_seconds(8..25).await;
    world.push("qa/a", "live", &others).await;
}

async fn refused(world: &World, chaos: Chaos) {
    let [older, newer] = images();
    let at = world.run.now();
    world.push("dev/a", "1-s", &older).await;
    world.some_seconds(10..20).await;
    world.push("dev/a", "1-s", &newer).await;
    world.some_seconds(10..20).await;
    let denied = next("ecr:BatchGetImage", "dev/a").refused(Refusal::Denied);
    world.rules_before(chaos, vec![denied]);
    world.send("dev/a", "1-s", &older, at);
}

async fn unnoted(world: &World, chaos: Chaos) {
    let [first, second] = images();
    if world.run.happens(500) {
        let dies = next("ecr:PutImage", "\"live\"").sender(Sender::DiesAfter);
        world.rules_before(chaos, vec![dies]);
        world.push("dev/a", "1-s", &first).await;
        world.some_seconds(20..80).await;
    } else {
        world.rules_before(chaos, vec![unrecorded()]);
        world.push("dev/a", "1-s", &first).await;
        // It gave up, and nobody has tried again yet.
        world.some_seconds(25..50).await;
        world.rules_before(chaos, Vec::new());
    }
    match world.run.below(3) {
        0 => world.push("dev/a", "2-s", &second).await,
        1 => world.delete("dev/a", &first.digest).await,
        _ => world.delete_policy("dev/a", "live-a").await,
    }
}

async fn killed(world: &World) {
    /// Once the message is hidden for no longer than two minutes; a promotion is about so many requests.
    const REQUESTS: std::ops::Range<u64> = 5..19;
    let [image] = images();
    let last =
        world.network.sent() + REQUESTS.start + world.run.below(REQUESTS.end - REQUESTS.start);
    let sender = if world.run.happens(500) {
        Sender::DiesBefore
    } else {
        Sender::DiesAfter
    };
    world.network.plan(move |seen| Fate {
        sender: if seen.number == last {
            sender
        } else {
            Sender::Lives
        },
        ..Fate::passes(Duration::from_millis(10))
    });
    world.push("dev/a", "1-s", &image).await;
    // It is dead by then, or the promotion has ended.
    world.run.sleep(Duration::from_secs(5)).await;
    world.quiet_from_now();
}

async fn signatures(world: &World) {
    /// More would be a long seed.
    const SIGNATURES: usize = 3;
    let [image] = images();
    world.push("dev/a", "1-s", &image).await;
    let tag = format!("{}.sig", image.digest.replace(':', "-"));
    for number in 0..SIGNATURES {
        world.some_seconds(3..15).await;
        let signature = Image::single(&format!("signature {number}"));
        world.push("dev/a", &tag, &signature).await;
    }
}

async fn retagged(world: &World) {
    have_blobs_at_the_target(world).await;
    let [first, second, other] = images();
    for (tag, image) in [("1-s", &first), ("1-s", &second), ("2-s", &other)] {
        world.push("dev/a", tag, image).await;
        world.some_seconds(12..25).await;
    }
    world.push("qa/a", "1-s", &first).await;
    world.quiet_from_now();
}

async fn edited(world: &World) {
    let [image] = images();
    let freezes = Sender::FreezesBefore(world.run.millis(150_000..230_000));
    world.rules(vec![next("ecr:PutImage", "\"2026").sender(freezes)]);
    world.push("dev/a", "1-s", &image).await;
    world.some_seconds(4..60).await;
    let mut policy = menu::minute();
    policy["target"]["tag"] = json!("edited-%n");
    world.policy(policy).await;
}

async fn hanging(world: &World, chaos: Chaos) {
    let [older, newer] = images();
    let hangs = next("dynamodb:BatchGetItem", "TAGS#").travels(4);
    world.rules_before(chaos, vec![hangs]);
    world.push("dev/a", "1-s", &older).await;
    world.run.sleep(world.run.millis(1_000..2_500)).await;
    world.push("dev/a", "1-s", &newer).await;
}

async fn two_looks(world: &World) {
    let [image] = images();
    world.rules(vec![
        next("dynamodb:TransactWriteItems", "awaiting").travels(3),
        next("dynamodb:TransactWriteItems", "held").travels(6),
    ]);
    let at = world.run.now();
    world.hold_events(true);
    world.push("dev/a", "1-s", &image).await;
    world.send("dev/a", "1-s", &image, at);
    world.some_seconds(2..3).await;
    world.scan("dev/a", &image.digest, false);
    world.send("dev/a", "1-s", &image, at);
    world.quiet_from_now();
}
