//! The storm: what people push, move, delete and edit while things go wrong, drawn from the seed.

use serde_json::{Value, json};

use crate::{chaos::Chaos, image::Image, world::World};

/// How long it lasts, in seconds.
const SECONDS: u64 = 240;

/// What a seed's policies are drawn from: their names tell what they do.
fn menu() -> Vec<Vec<Value>> {
    let ends = |suffix: &str| json!({"attribute": "tag", "operator": "ends_with", "value": suffix});
    let clean = json!({"attribute": "vulnerabilities.critical", "operator": "=", "value": 0});
    let policy = |source: &str, name: &str, criteria: Value, repository: &str, tag: &str| {
        json!({
            "source": source, "name": name, "criteria": criteria,
            "target": {"repository": repository, "tag": tag},
        })
    };
    let live = |source: &str, name: &str| policy(source, name, json!([ends("s")]), "qa/a", "live");
    vec![
        vec![policy("dev/a", "copy", json!([ends("s")]), "qa/a", "%n")],
        vec![live("dev/a", "live-a"), live("dev/b", "live-b")],
        vec![policy(
            "dev/a",
            "clean",
            json!([ends("s"), clean]),
            "qa/a",
            "live",
        )],
        vec![policy(
            "dev/a",
            "clean-copy",
            json!([ends("s"), clean]),
            "qa/a",
            "%n",
        )],
        vec![policy(
            "dev/a",
            "stamp",
            json!([ends("1-s")]),
            "qa/a",
            "%Y%m%d-%H%M%S",
        )],
        vec![policy("qa/a", "chain", json!([ends("s")]), "prod/a", "%n")],
        vec![policy(
            "qa/a",
            "live-chain",
            json!([ends("live")]),
            "prod/a",
            "live",
        )],
        vec![policy("prod/a", "circle", json!([ends("s")]), "qa/a", "%n")],
        vec![policy("qa/a", "retag", json!([ends("s")]), "qa/a", "r-%n")],
        vec![policy(
            "dev/b",
            "outside",
            json!([ends("s")]),
            "prod/a",
            "%n",
        )],
    ]
}

const TAGS: [&str; 3] = ["1-s", "2-s", "live-s"];

/// After so many requests nobody does anything more: a seed is to end soon.
const REQUESTS_MAX: u64 = 170;

/// Makes the policies, and has everything happen that the seed draws.
pub async fn rage(world: World, chaos: Chaos) {
    let mut menu = menu();
    let count = 1 + world.run.below(3);
    for _ in 0..count {
        let at = usize::try_from(world.run.below(menu.len() as u64)).unwrap();
        for document in menu.remove(at) {
            world.policy(document).await;
        }
    }
    let pushes = 2 + world.run.below(3);
    let base = world.run.millis(0..20_000);
    for number in 0..pushes {
        let world = world.clone();
        let when = if chaos.burst > 0 {
            base + world.run.millis(0..chaos.burst)
        } else {
            world.run.millis(0..100_000)
        };
        world.run.clone().spawn(async move {
            world.run.sleep(when).await;
            if world.network.sent() < REQUESTS_MAX {
                one_push(&world, number).await;
            }
        });
    }
    let acts: [(u64, Act); 4] = [
        (chaos.people, act_at_target),
        (chaos.rollbacks, roll_back),
        (chaos.deletions, delete_something),
        (chaos.edits, edit_policy),
    ];
    for (times, act) in acts {
        for _ in 0..times {
            let (it, when) = (world.clone(), world.run.millis(3_000..SECONDS * 1000));
            world.run.spawn(async move {
                it.run.sleep(when).await;
                if it.network.sent() < REQUESTS_MAX {
                    act(it).await;
                }
            });
        }
    }
    minutes(&world, chaos).await;
}

type Act = fn(World) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

/// The schedule fires, most of the time.
async fn minutes(world: &World, chaos: Chaos) {
    for _ in 0..SECONDS / 60 {
        world.wait(60).await;
        if world.run.happens(700) {
            world.tick();
        }
        if world.run.happens(chaos.formats) {
            world.next_format().await;
        }
        if world.run.happens(60) {
            let tag = *draw(world, &TAGS).unwrap();
            let world = world.clone();
            let request = json!({"repository": "dev/a", "tag": tag});
            world.run.clone().spawn(async move {
                world.request(request).await;
            });
        }
    }
}

async fn one_push(world: &World, number: u64) {
    let name = format!("image {number}");
    let image = if world.run.happens(150) {
        Image::index(&name)
    } else {
        Image::single(&name)
    };
    let repository = if world.run.happens(750) {
        "dev/a"
    } else {
        "dev/b"
    };
    let tag = *draw(world, &TAGS).unwrap();
    let scan_after = world.run.millis(0..150_000);
    let (scanned_first, scanned) = (world.run.happens(150), world.run.happens(700));
    let clean = world.run.happens(750);
    if scanned_first && scanned {
        world.push_untagged(repository, &image).await;
        world.scan_all(repository, &image, clean);
        world.run.sleep(world.run.millis(0..3_000)).await;
    }
    world.push(repository, tag, &image).await;
    if scanned && !scanned_first {
        world.run.sleep(scan_after).await;
        world.scan_all(repository, &image, clean);
    }
}

/// Somebody, or a lifecycle rule, changes a tag at a target.
fn act_at_target(world: World) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        let repository = if world.run.happens(750) {
            "qa/a"
        } else {
            "prod/a"
        };
        let tags: Vec<(String, String)> = world.tags(repository).into_iter().collect();
        let Some((tag, on)) = draw(&world, &tags).cloned() else {
            return;
        };
        let others = world.images_in(repository);
        let others: Vec<Image> = others.into_iter().filter(|it| it.digest != on).collect();
        match draw(&world, &others) {
            Some(image) if world.run.happens(650) => world.push(repository, &tag, image).await,
            _ => world.untag(repository, &tag).await,
        }
    })
}

/// Somebody moves a source's tag to an image that is there.
fn roll_back(world: World) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        let images = world.images_in("dev/a");
        let tag = *draw(&world, &TAGS).unwrap();
        if let Some(image) = draw(&world, &images)
            && world
                .stands_on(&("dev/a".to_owned(), tag.to_owned()))
                .as_ref()
                != Some(&image.digest)
        {
            world.push("dev/a", tag, image).await;
        }
    })
}

fn delete_something(world: World) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        let repository = *draw(&world, &["dev/a", "dev/a", "dev/b", "qa/a"]).unwrap();
        let images = world.images_in(repository);
        if let Some(image) = draw(&world, &images) {
            world.delete(repository, &image.digest).await;
        }
    })
}

/// Somebody disables, breaks, narrows, deletes or re-creates a policy.
fn edit_policy(world: World) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        let documents: Vec<Value> = {
            let facts = world.truth.facts();
            facts
                .edits
                .iter()
                .filter_map(|it| it.document.clone())
                .collect()
        };
        let Some(mut document) = draw(&world, &documents).cloned() else {
            return;
        };
        match world.run.below(5) {
            0 => document["enabled"] = json!(false),
            1 => document["criteria"] = json!("broken"),
            2 => document["target"]["tag"] = json!("edited-%n"),
            3 => {
                let text = |key: &str| document[key].as_str().unwrap().to_owned();
                return world.delete_policy(&text("source"), &text("name")).await;
            }
            // As it was before, whatever became of it.
            _ => {}
        }
        world.policy(document).await;
    })
}

/// One of them, drawn from the seed.
pub fn draw<'a, T>(world: &World, some: &'a [T]) -> Option<&'a T> {
    some.get(usize::try_from(world.run.below(some.len() as u64)).unwrap())
}
