//! The storm: what people push, move, delete and edit while things go wrong, drawn from the seed.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    acts::{Act, act_at_target, delete_something, edit_policy, is_enough_judged, roll_back},
    chaos::Chaos,
    fate::Fate,
    image::Image,
    late,
    menu::{LATE, Menu},
    mishap,
    world::World,
};

/// How long it lasts, in seconds.
const SECONDS: u64 = 240;

/// Stores the policies, and makes the repository that is late.
async fn make_policies(world: &World, chaos: Chaos, policies: &[Value]) {
    for document in policies {
        world.policy(document.clone()).await;
    }
    if policies.iter().any(|it| it["name"] == "late") {
        let (it, when) = (world.clone(), world.run.millis(0..1 + chaos.repository));
        world.run.spawn(async move {
            it.run.sleep(when).await;
            let late = json!({"repositoryName": LATE});
            it.ask("ecr:CreateRepository", &late).await;
        });
    }
}

/// The tags of sources.
pub const TAGS: [&str; 3] = ["1-s", "2-s", "live-s"];

/// After so many requests nobody does anything more: a seed is to end soon.
const REQUESTS_MAX: u64 = 50;

/// The pushes of a seed are promoted so many times in all, or a few more.
const PROMOTIONS_MAX: u64 = 5;

/// How often a tag changes to and fro where nothing goes wrong: what comes of that goes through more promotions than one chain
/// may have.
const ALTERNATIONS: usize = 5;

/// The same where things go wrong, and each promotion may take twice as many requests.
const ALTERNATIONS_IN_CHAOS: usize = 2;

/// Makes the policies, and has everything happen that the seed draws.
pub async fn rage(world: World, chaos: Chaos) {
    let menu = Menu::drawn(&world);
    let chaos = match &menu {
        Menu::Mishap(mishap, _) if mishap.is_alone() => alone(&world),
        Menu::Alternation(_) if world.run.happens(500) => alone(&world),
        Menu::Mishap(mishap, _) if mishap.is_without_people() => chaos.without_people(),
        // One push is enough.
        Menu::Chain(_) | Menu::Alternation(_) => chaos.without_people(),
        _ => chaos,
    };
    make_policies(&world, chaos, menu.policies()).await;
    match &menu {
        Menu::Mixture(policies) => pushes(&world, chaos, how_many(&world, policies.len())),
        Menu::Chain(_) => pushes(&world, Chaos::default(), 1),
        Menu::Alternation(_) => {
            let it = world.clone();
            world.run.spawn(async move { alternate(&it, chaos).await });
        }
        Menu::Late(late, _) => {
            let (it, late) = (world.clone(), *late);
            world.run.spawn(async move { late::rage(&it, late).await });
        }
        Menu::Mishap(mishap, _) => {
            let (it, mishap) = (world.clone(), *mishap);
            world
                .run
                .spawn(async move { mishap::rage(&it, mishap, chaos).await });
        }
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

/// Nothing goes wrong but what the storm is about, and the clocks that differ.
fn alone(world: &World) -> Chaos {
    let none = Chaos::default();
    world.shape.lock().unwrap().chaos = none;
    let pause = Duration::from_millis(10);
    world.network.plan(move |_| Fate::passes(pause));
    none
}

/// Fewer pushes where more policies promote each of them.
fn how_many(world: &World, policies: usize) -> u64 {
    let most = PROMOTIONS_MAX / policies.max(1) as u64;
    (2 + world.run.below(2)).min(most.max(2))
}

/// The schedule fires, most of the time.
async fn minutes(world: &World, chaos: Chaos) {
    for _ in 0..SECONDS / 60 {
        world.wait(60).await;
        if chaos.is_none() || world.run.happens(700) {
            world.tick();
        }
        if world.run.happens(chaos.formats) {
            world.next_format().await;
        }
        if world.run.happens(chaos.requests) && !is_enough_judged(world) {
            ask(world);
        }
    }
}

/// Somebody asks for a tag by hand, and often to have it promoted again.
fn ask(world: &World) {
    let repository = *draw(world, &["dev/a", "dev/a", "dev/b", "qa/a"]).unwrap();
    let tag = *draw(world, &TAGS).unwrap();
    let again = world.run.happens(500);
    {
        let place = (repository.to_owned(), tag.to_owned());
        let mut facts = world.truth.facts();
        facts.again.extend(again.then(|| place.clone()));
        facts.asked.push(place);
    }
    let request = json!({"repository": repository, "tag": tag, "again": again});
    let it = world.clone();
    world.run.spawn(async move {
        it.request(request).await;
    });
}

/// Several pushes, all of one moment where the seed says so: often the last seconds of a minute, when few names are left
/// in it.
fn pushes(world: &World, chaos: Chaos, count: u64) {
    let base = if world.run.happens(300) {
        world.run.millis(53_000..57_000)
    } else {
        world.run.millis(0..20_000)
    };
    for number in 0..count {
        let it = world.clone();
        let when = if chaos.burst > 0 {
            base + world.run.millis(0..chaos.burst)
        } else {
            world.run.millis(0..100_000)
        };
        world.run.spawn(async move {
            it.run.sleep(when).await;
            if it.network.sent() < REQUESTS_MAX {
                one_push(&it, number).await;
            }
        });
    }
}

/// Somebody moves one tag to and fro between two images.
async fn alternate(world: &World, chaos: Chaos) {
    let times = if chaos.is_none() {
        ALTERNATIONS
    } else {
        ALTERNATIONS_IN_CHAOS
    };
    let images = ["one", "another"].map(Image::single);
    for number in 0..times {
        world.push("dev/a", "live-s", &images[number % 2]).await;
        world.run.sleep(world.run.millis(8_000..20_000)).await;
    }
    // Every event came in time then: each is of a push of its own, though the tag came back to an image.
    if chaos.is_none() {
        world.quiet_from_now();
    }
}

async fn one_push(world: &World, number: u64) {
    let name = format!("image {number}");
    let image = if world.run.happens(250) {
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
        if !world.truth.facts().scans.contains_key(&image.digest) {
            world.scan_all(repository, &image, clean);
        }
    }
}

/// One of them, drawn from the seed.
pub fn draw<'a, T>(world: &World, some: &'a [T]) -> Option<&'a T> {
    some.get(usize::try_from(world.run.below(some.len() as u64)).unwrap())
}
