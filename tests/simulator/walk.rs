//! The hourly walk. It mends what lost events break, so a world has it only where its seed is about that: here.

use serde_json::{Value, json};

use crate::{
    chaos::Chaos,
    check::{Scene, all},
    fate::Fate,
    image::Image,
    ledger::Ledger,
    world::{ACCOUNT, REGION, Shape, World},
};

/// How many seeds lose events.
const SEEDS: u64 = 8;
/// One event in five.
const LOSSES: u64 = 200;
/// How many images are pushed, each under a tag of its own.
const PUSHES: usize = 10;
/// Two walks, and what they find.
const MINUTES: u64 = 150;

impl World {
    /// The walk is nobody's, and due.
    async fn walk_by_itself(&self) {
        let text = |text: &str| json!({"S": text});
        let key = json!({"pk": text(&format!("WALK#{ACCOUNT}/{REGION}")), "sk": text("STATE")});
        let input = json!({"TableName": "promotions", "Key": key});
        self.ask("dynamodb:DeleteItem", &input).await;
    }

    /// Another invocation has the walk, for longer than any seed lasts.
    pub async fn leave_the_walk_to_others(&self) {
        let text = |text: &str| json!({"S": text});
        let number = json!({"N": "1"});
        let walk = json!({
            "began": text("2026-01-01T00:00:00Z"), "walker": text("another"), "lease": text("2100-01-01T00:00:00Z"),
        });
        let item = json!({
            "pk": text(&format!("WALK#{ACCOUNT}/{REGION}")), "sk": text("STATE"), "v": number,
            "revision": number, "body": {"M": walk},
        });
        let input = json!({"TableName": "promotions", "Item": item});
        self.ask("dynamodb:PutItem", &input).await;
    }
}

/// What goes wrong with requests is drawn from the seed; one event in five never comes.
fn chaos(world: &World) -> Chaos {
    Chaos {
        losses: LOSSES,
        keyless: 0,
        ..Chaos::drawn(&world.run)
    }
}

/// `dev/a` is copied as it is, and like `dev/b` once it is scanned and clean.
fn policies() -> [Value; 3] {
    let tag = json!({"attribute": "tag", "operator": "ends_with", "value": "s"});
    let clean = json!({"attribute": "vulnerabilities.critical", "operator": "=", "value": 0});
    let scanned = |source: &str| {
        json!({
            "source": source, "name": "clean", "criteria": [tag, clean],
            "target": {"repository": "qa/a", "tag": "clean-%n"},
        })
    };
    [
        json!({"source": "dev/a", "name": "copy", "criteria": [tag], "target": {"repository": "qa/a"}}),
        scanned("dev/a"),
        scanned("dev/b"),
    ]
}

/// The tags that must stand in the end, and what on.
async fn storm(world: World, chaos: Chaos) -> Vec<(String, String)> {
    world.walk_by_itself().await;
    for policy in policies() {
        world.policy(policy).await;
    }
    world.tick();
    world.wait(60).await;
    let run = world.run.clone();
    world.network.plan(move |seen| chaos.fate(&run, seen));
    world.shape.lock().unwrap().chaos = chaos;
    let mut wanted = Vec::new();
    for number in 0..PUSHES {
        let name = format!("image {number}");
        let image = if number % 4 == 0 {
            Image::index(&name)
        } else {
            Image::single(&name)
        };
        let (repository, tag) = (["dev/a", "dev/b"][number % 2], format!("{number}-s"));
        world.push(repository, &tag, &image).await;
        world.scan_all(repository, &image, true);
        if repository == "dev/a" {
            wanted.push((tag.clone(), image.digest.clone()));
        }
        wanted.push((format!("clean-{tag}"), image.digest));
        world.run.sleep(world.run.millis(0..12_000)).await;
    }
    wanted
}

async fn calm(world: World) -> Ledger {
    let run = world.run.clone();
    world.network.plan(move |_| Fate::passes(run.millis(2..25)));
    for _ in 0..MINUTES {
        world.wait(60).await;
        world.tick();
    }
    world.wait(59).await;
    Ledger::read(&world).await
}

/// Every promise is kept, and each tag that must stand does; how many events of pushes were lost.
fn lost(seed: u64) -> usize {
    fastrand::seed(seed);
    let world = World::new(seed, Shape::default());
    let chaos = chaos(&world);
    world.run.spawn(world.clone().poll());
    let wanted = world.run.until(storm(world.clone(), chaos));
    let ledger = world.run.until(calm(world.clone()));
    let facts = world.truth.facts();
    for (tag, digest) in wanted {
        let place = ("qa/a".to_owned(), tag);
        let stood = facts.stood(&place, world.run.now());
        assert_eq!(
            stood,
            Some(digest.as_str()),
            "seed {seed}: {place:?}\n{:#?}",
            facts.history
        );
    }
    let scene = Scene {
        apart: world.apart(),
        facts: &facts,
        ledger: &ledger,
        queue: world.local.queue(),
        end: world.run.now(),
    };
    let broken = all(&scene);
    assert!(broken.is_empty(), "seed {seed}: {broken:#?}");
    let pushes = facts
        .events
        .iter()
        .filter(|it| it.arrives.is_empty() && it.event["detail"]["image-tag"].is_string());
    let lost = pushes.count();
    drop(facts);
    world.end();
    lost
}

#[test]
fn one_event_in_five_is_lost_for_good_and_everything_eligible_is_promoted() {
    let lost: usize = (0..SEEDS).map(lost).sum();
    assert!(
        lost > usize::try_from(SEEDS).unwrap(),
        "{lost} events of pushes were lost"
    );
}
