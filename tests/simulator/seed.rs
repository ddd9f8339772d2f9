//! One seed from its beginning to its judgement: a world, a storm, a calm, and what is broken afterwards.

use std::{fmt::Write as _, time::Duration};

use crate::{
    chaos::Chaos,
    check::{Scene, all},
    ledger::Ledger,
    storm,
    world::{Shape, World},
};

/// How many steps of its history a failing seed tells.
const STEPS_TOLD: usize = 40;
/// The schedule fires in a calm this many times after each of these pauses, in seconds: more than a month in all, since what a
/// disabled policy has open is kept for thirty days.
const CALM: [(u64, u64); 6] = [
    (20, 60),
    (5, 600),
    (4, 3_600),
    (4, 21_600),
    (3, 86_400),
    (2, 1_382_400),
];

/// A seed is at most so many requests of the function: what takes more is waste, or does not end.
const REQUESTS_MAX: u64 = 300;

/// What a seed came to.
pub struct Story {
    pub seed: u64,
    pub requests: u64,
    /// The promises that it found broken, and how.
    pub broken: Vec<(&'static str, String)>,
    pub history: Vec<String>,
}

/// Runs one seed.
pub fn run(seed: u64) -> Story {
    // The SDK draws its pauses from here.
    fastrand::seed(seed);
    let mut shape = Shape::default();
    if seed % 8 == 7 {
        // An invocation that stands still goes on long after the others did.
        shape.timeout = Duration::from_mins(15);
    }
    let world = World::new(seed, shape);
    let chaos = Chaos::drawn(&world.run);
    {
        let mut shape = world.shape.lock().unwrap();
        shape.clocks_apart = chaos.clocks;
        shape.batch_size = if world.run.happens(700) { 1 } else { 5 };
        shape.chaos = chaos;
    }
    let run = world.run.clone();
    world.network.plan(move |seen| chaos.fate(&run, seen));
    let it = world.clone();
    let ledger = world.run.until(async move {
        it.run.spawn(it.clone().poll());
        storm::rage(it.clone(), chaos).await;
        calm(&it).await
    });
    let story = judge(&world, seed, &ledger);
    world.end();
    story
}

/// All faults end, what was under way ends, and the schedule fires until nothing can be left.
async fn calm(world: &World) -> Ledger {
    let run = world.run.clone();
    world
        .network
        .plan(move |_| crate::fate::Fate::passes(run.millis(2..25)));
    world.shape.lock().unwrap().chaos = Chaos::default();
    world
        .truth
        .note(format!("calm after {} requests", world.network.sent()));
    world.scan_the_rest().await;
    for (times, pause) in CALM {
        for _ in 0..times {
            world.fire_after(pause).await;
        }
    }
    while world.counts.lock().unwrap().travelling > 0 {
        world.fire_after(3_600).await;
    }
    for _ in 0..3 {
        world.fire_after(900).await;
    }
    world.run.sleep(Duration::from_secs(59)).await;
    Ledger::read(world).await
}

impl World {
    /// Time passes, scans that the function asked for meanwhile end, and then the schedule fires: where nothing is due it
    /// would find nothing.
    async fn fire_after(&self, seconds: u64) {
        self.wait(seconds).await;
        self.scan_the_rest().await;
        if self.something_is_due().await {
            self.tick();
        }
    }
}

fn judge(world: &World, seed: u64, ledger: &Ledger) -> Story {
    let queue = world.local.queue();
    let facts = world.truth.facts();
    let scene = Scene {
        apart: world.apart(),
        facts: &facts,
        ledger,
        queue,
        end: world.run.now(),
    };
    let mut broken = all(&scene);
    let requests = world.network.sent();
    if requests > REQUESTS_MAX {
        broken.push(("short", format!("it took {requests} requests")));
    }
    let lines = facts
        .history
        .iter()
        .map(|(at, what)| format!("{} {what}", at.format("%d %T%.3f")));
    Story {
        seed,
        requests,
        broken,
        history: lines.collect(),
    }
}

impl Story {
    /// What it found broken.
    pub fn findings(&self) -> String {
        let mut told = String::new();
        for (promise, what) in &self.broken {
            writeln!(told, "seed {}: {promise}: {what}", self.seed).unwrap();
        }
        told
    }

    /// What a failing seed prints.
    pub fn tell(&self) -> String {
        let mut told = self.findings();
        let told_whole = std::env::var_os("SIMULATOR_TRACE").is_some();
        let steps = if told_whole { usize::MAX } else { STEPS_TOLD };
        let from = self.history.len().saturating_sub(steps);
        for line in &self.history[from..] {
            writeln!(told, "  {line}").unwrap();
        }
        writeln!(
            told,
            "replay: SIMULATOR_SEEDS={} cargo test --test simulator -- --nocapture keep_every_promise",
            self.seed
        )
        .unwrap();
        told
    }
}
