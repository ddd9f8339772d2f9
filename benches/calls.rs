//! What events cost: AWS calls, by name, on the embedded AWS; and which of them follow one another.
//!
//! `cargo bench --bench calls --profile dev` (counts are the same in every profile) delivers, by
//! the queue: an event that leads nowhere; a push that no policy matches; a push that is promoted,
//! an image of one layer whose blobs are mounted, by a function that has no registry token yet and
//! by one that has. Then it prints the critical path of that promotion, and that of an index of four
//! platforms whose SBOMs are judged: a line for each round trip.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    dead_code,
    unreachable_pub,
    reason = "a bench stops where a step fails, and needs a part of the world of the tests"
)]

include!("parts/world.inc");

use std::collections::{BTreeMap, BTreeSet};

use image::Image;
use trips::{Path, Ticking, four_platforms, no_log4j_by_name};
use world::{World, stable_to_qa};

type Counts = BTreeMap<String, u64>;

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let world = World::new().await;
    let mut columns = vec![
        ("ignored", delivered(&world, None).await),
        ("no policy", delivered(&world, Some("1-stable")).await),
    ];
    world.policy(stable_to_qa()).await;
    columns.push(("promoted, cold", delivered(&world, Some("2-stable")).await));
    columns.push(("promoted", delivered(&world, Some("3-stable")).await));
    print(&columns);
    let single = Ticking::warm(&[stable_to_qa()]).await;
    let path = single.push("1-stable", &Image::single("a", 1)).await;
    follow("a single image, mounted", &path);
    let index = Ticking::warm(&[stable_to_qa(), no_log4j_by_name()]).await;
    let path = index.push("1", &four_platforms()).await;
    follow("four platforms with BuildKit's SBOMs", &path);
}

fn follow(title: &str, path: &Path) {
    let (all, stands) = path.lengths();
    println!("\n{title}: {stands} round trips until the tag stands, {all} in all\n{path}");
}

/// The requests of one delivery: an image is pushed, under a tag or as a child, and its event
/// handled.
async fn delivered(world: &World, tag: Option<&str>) -> Counts {
    let image = Image::single(tag.unwrap_or("child"), 1);
    image.push(&world.aws.ecr, "dev/website", tag).await;
    world.local.reset_requests();
    assert!(world.local.step().await);
    let counts = world.local.requests();
    if tag.is_some_and(|tag| tag != "1-stable") {
        // The promotion is a push itself, of which no policy wants to know.
        world.settle().await;
        let tags = world.tags("qa/website").await;
        assert!(tag.is_some_and(|tag| tags.contains_key(tag)), "{tags:?}");
    }
    counts
}

fn print(columns: &[(&str, Counts)]) {
    let names: BTreeSet<&String> = columns.iter().flat_map(|(_, it)| it.keys()).collect();
    let line = |name: &str, count: &dyn Fn(&Counts) -> u64| {
        print!("{name:34}");
        for (_, counts) in columns {
            print!("{:>16}", count(counts));
        }
        println!();
    };
    print!("{:34}", "requests");
    for (title, _) in columns {
        print!("{title:>16}");
    }
    println!();
    for name in names {
        line(name, &|counts| counts.get(name).copied().unwrap_or(0));
    }
    let of = |service: &'static str| {
        move |counts: &Counts| -> u64 {
            let some = counts.iter().filter(|(name, _)| name.starts_with(service));
            some.map(|(_, count)| count).sum()
        }
    };
    line("all", &of(""));
    line("at ECR and its registry", &|counts| {
        of("ecr:")(counts) + of("registry:")(counts) + of("blobs:")(counts)
    });
    line("at DynamoDB", &of("dynamodb:"));
}
