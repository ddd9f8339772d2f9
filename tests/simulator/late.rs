//! Storms in which events come in any order: pushes of one tag whose newest is held, pushes of one second under two tags, and
//! more pushes than a minute has names for.

use std::time::Duration;

use crate::{
    chaos::Chaos,
    image::{BLOBS, Image},
    world::World,
};

/// What such a storm is about.
#[derive(Debug, Clone, Copy)]
pub enum Late {
    /// Three pushes of one tag, of which the newest is not clean.
    OneTag,
    /// Two tags are pushed within one second, the greater first.
    OneSecond,
    /// More pushes in the last seconds of a minute than there are names.
    FullMinute,
    /// Two policies have one target tag, somebody acts there after the first, and then the second may.
    TwoPolicies,
    /// Somebody puts a target tag on an older image that is held still, and then that is clean.
    Older,
}

impl World {
    /// From now on each event is late, each by a time of its own.
    fn delay_events(&self) {
        self.shape.lock().unwrap().chaos = Chaos {
            delays: 1000,
            ..Chaos::default()
        };
    }
}

/// Somebody pushes.
pub async fn rage(world: &World, late: Late) {
    match late {
        Late::OneTag => one_tag(world).await,
        Late::OneSecond => one_second(world).await,
        Late::FullMinute => full_minute(world).await,
        Late::TwoPolicies => two_policies(world).await,
        Late::Older => older(world).await,
    }
}

async fn one_tag(world: &World) {
    world.delay_events();
    for name in ["first", "second", "third"] {
        let image = Image::single(name);
        world.push("dev/a", "1-s", &image).await;
        world.scan("dev/a", &image.digest, name != "third");
        world.run.sleep(world.run.millis(5_000..20_000)).await;
    }
}

async fn one_second(world: &World) {
    world.delay_events();
    // Every world begins with a whole second.
    let seconds = world.run.below(10);
    let into_it = Duration::from_millis(100);
    world
        .run
        .sleep(Duration::from_secs(seconds) + into_it)
        .await;
    for tag in ["live-s", "2-s"] {
        world.push("dev/a", tag, &Image::single(tag)).await;
        world.run.sleep(Duration::from_millis(500)).await;
    }
}

async fn full_minute(world: &World) {
    // It begins at the third second of a minute.
    world.run.sleep(world.run.millis(54_500..56_000)).await;
    for number in 0..4 {
        let image = Image::single(&format!("image {number}"));
        world.push("dev/a", &format!("{number}-s"), &image).await;
    }
}

/// What people push at a target consists of blobs that are there already.
async fn have_blobs_at_the_target(world: &World) {
    for blob in BLOBS {
        world.upload("qa/a", blob).await;
    }
}

async fn two_policies(world: &World) {
    have_blobs_at_the_target(world).await;
    let [image, others] = ["image", "others"].map(Image::single);
    world.push("dev/a", "1-s", &image).await;
    world.run.sleep(world.run.millis(15_000..30_000)).await;
    if world.run.happens(500) {
        world.push("qa/a", "live", &others).await;
    } else {
        world.untag("qa/a", "live").await;
    }
    world.run.sleep(world.run.millis(65_000..90_000)).await;
    world.scan("dev/a", &image.digest, true);
}

async fn older(world: &World) {
    have_blobs_at_the_target(world).await;
    let [first, second] = ["first", "second"].map(Image::single);
    world.push("dev/a", "1-s", &first).await;
    world.run.sleep(Duration::from_secs(10)).await;
    world.push("dev/a", "2-s", &second).await;
    world.scan("dev/a", &second.digest, true);
    world.run.sleep(world.run.millis(30_000..60_000)).await;
    world.push("qa/a", "live", &first).await;
    world.run.sleep(world.run.millis(15_000..60_000)).await;
    world.scan("dev/a", &first.digest, true);
}
