//! Processes that are killed at random while they promote many images: everything is promoted, nothing twice, and what a
//! killed one had begun is finished within four minutes.
//!
//! The processes live by the machine's clock. So a minute passes by moving the queue's clock on and the ledger's times
//! back. When a process dies is left to the machine; what comes of it is not.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
    time::{Duration, Instant},
};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::{
    deployed::{Deployed, LOOK},
    image::Image,
    world::{Choices, World, stable_to_qa},
};

/// So many processes promote at once.
const PROCESSES: usize = 4;
/// So many images are pushed at once.
const ROUND: usize = 20;
/// In every other round those that go on with what a killed process had begun are killed, too, for so many minutes.
const KILLED_AGAIN: usize = 3;
/// What a killed process had begun is finished within so many minutes of the last kill.
const MINUTES_MAX: usize = 4;
/// The next process is killed after so many requests at most: a promotion has about twenty.
const REQUESTS_MAX: u64 = 60;
/// What dies before it read the policies comes back with its message: within two of the queue's visibility time-outs.
const MESSAGES_BACK: Duration = Duration::from_hours(3);

/// After so many minutes nothing is in doubt any more, and that was seen.
const MINUTES_IN_DOUBT: usize = 8;

/// What was measured.
#[derive(Debug, Default)]
struct Figures {
    kills: usize,
    /// Promotions that a killed process had begun, by the minutes that they took from then on.
    begun: BTreeMap<usize, usize>,
    /// The same, where those that went on with them were killed, too.
    killed_again: BTreeMap<usize, usize>,
    /// Those that had not come so far.
    not_begun: usize,
}

#[tokio::test]
async fn twenty_promotions_outlive_processes_that_are_killed_at_random() {
    promotions_outlive_their_processes(20).await;
}

#[tokio::test]
#[ignore = "takes minutes"]
async fn two_hundred_promotions_outlive_processes_that_are_killed_at_random() {
    promotions_outlive_their_processes(200).await;
}

async fn promotions_outlive_their_processes(count: usize) {
    let began = Instant::now();
    let choices = Choices {
        processes: PROCESSES,
        ..Choices::default()
    };
    let deployed = Deployed::with(choices, &[]).await;
    let mut policy = stable_to_qa();
    // A name that is rendered again leaves two tags.
    policy["target"]["tag"] = json!("%n-%Y%m%d-%H%M%S");
    deployed.world.policy(policy).await;
    let mut figures = Figures::default();
    let mut pushed = BTreeMap::new();
    for first in (0..count).step_by(ROUND) {
        for number in first..count.min(first + ROUND) {
            let tag = format!("{number}-stable");
            let image = Image::single(&tag, 2);
            let digest = deployed.world.push("dev/website", &tag, &image).await;
            pushed.insert(tag, digest);
        }
        let again = (first / ROUND) % 2 == 1;
        round(&deployed, &pushed, again, &mut figures).await;
    }
    // A write that a killed process may have sent is in doubt for six minutes.
    for _ in 0..MINUTES_IN_DOUBT {
        a_minute_passes(&deployed.world).await;
        deployed.world.local.fire_schedule().await.unwrap();
        work(&deployed, false).await;
    }
    all_is_promoted_once(&deployed, &pushed).await;
    println!(
        "{count} promotions, {} processes, in {:.1} s: {figures:?}",
        deployed.processes().len(),
        began.elapsed().as_secs_f64(),
    );
    assert!(figures.kills > 0, "none was killed");
}

/// Images that were pushed are promoted while processes die, and those that go on with it die, too, where `again` says so.
async fn round(
    deployed: &Deployed,
    pushed: &BTreeMap<String, String>,
    again: bool,
    figures: &mut Figures,
) {
    figures.kills += work(deployed, true).await;
    let deadly_minutes = if again { KILLED_AGAIN } else { 0 };
    for minute in 0.. {
        let left = left(deployed, pushed);
        let begun = begun(&deployed.world, &left).await;
        if begun.is_empty() {
            figures.not_begun += left.len();
            break;
        }
        if minute == deadly_minutes + MINUTES_MAX {
            let cases = cases(&deployed.world, &begun).await;
            panic!("{begun:?} after {minute} minutes: {cases:#?}");
        }
        a_minute_passes(&deployed.world).await;
        let deadly = minute < deadly_minutes;
        let schedule = async { drop(deployed.world.local.fire_schedule().await) };
        figures.kills += killing(deployed, deadly, schedule).await;
        figures.kills += work(deployed, deadly).await;
        let after = self::left(deployed, pushed);
        let by_minutes = if again {
            &mut figures.killed_again
        } else {
            &mut figures.begun
        };
        *by_minutes.entry(minute + 1).or_default() += begun.difference(&after).count();
    }
    while !left(deployed, pushed).is_empty() {
        deployed.world.clock.advance(MESSAGES_BACK);
        work(deployed, false).await;
    }
}

/// The queue is worked off by several at once, while processes die if that is wanted; how many did.
async fn work(deployed: &Deployed, deadly: bool) -> usize {
    let poll = || async { while deployed.world.local.step().await {} };
    let polls = futures_util::future::join_all((0..PROCESSES).map(|_| poll()));
    killing(deployed, deadly, async { drop(polls.await) }).await
}

/// Something is done while processes die; how many did.
async fn killing(deployed: &Deployed, deadly: bool, done: impl Future<Output = ()>) -> usize {
    let mut kills = 0;
    let mut done = std::pin::pin!(done);
    let sent = || deployed.world.local.requests().values().sum::<u64>();
    let next = || sent() + fastrand::u64(0..REQUESTS_MAX);
    let mut at = next();
    loop {
        tokio::select! {
            () = &mut done => return kills,
            () = tokio::time::sleep(LOOK), if deadly => {}
        }
        if sent() >= at {
            kills += usize::from(kill_one(deployed));
            at = next();
        }
    }
}

/// Ends one of the processes that live; false where none does.
fn kill_one(deployed: &Deployed) -> bool {
    let lives = |process: &String| {
        let line = std::fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains("bootstrap")
    };
    let living: Vec<String> = deployed.processes().into_iter().filter(lives).collect();
    let Some(process) = living.get(fastrand::usize(0..living.len().max(1))) else {
        return false;
    };
    let killed = Command::new("kill").args(["-KILL", process]).status();
    killed.unwrap().success()
}

/// A minute passes for the queue, and for what the ledger waits for.
async fn a_minute_passes(world: &World) {
    world.clock.advance(Duration::from_mins(1));
    let mut open = world.items("IMAGE#", "CASE#").await;
    open.extend(world.items("TARGET#", "").await);
    for before in open {
        let mut item = before.clone();
        move_back(&mut item, false);
        if item == before {
            continue;
        }
        let put = world.aws.dynamodb.put_item().table_name("promotions");
        let item = serde_dynamo::to_item(item).unwrap();
        put.set_item(Some(item)).send().await.unwrap();
    }
}

/// Moves back each time that leases, doubts and open work go by.
fn move_back(value: &mut Value, is_waited_for: bool) {
    const WAITED_FOR: [&str; 6] = ["lease_until", "due", "due_sk", "began", "until", "changed"];
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                move_back(value, WAITED_FOR.contains(&name.as_str()));
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|it| move_back(it, false)),
        Value::String(text) if is_waited_for => {
            let time: DateTime<Utc> = text.parse().unwrap();
            let earlier = time - TimeDelta::minutes(1);
            *text = earlier.to_rfc3339_opts(SecondsFormat::Micros, true);
        }
        _ => {}
    }
}

/// The source tags that no announcement names.
fn left(deployed: &Deployed, pushed: &BTreeMap<String, String>) -> BTreeSet<String> {
    let told = announcements(deployed);
    let told: BTreeSet<&str> = told
        .iter()
        .filter_map(|it| it["detail"]["source"]["tag"].as_str())
        .collect();
    let left = pushed.keys().filter(|it| !told.contains(it.as_str()));
    left.cloned().collect()
}

/// Those of them that the ledger knows.
async fn begun(world: &World, left: &BTreeSet<String>) -> BTreeSet<String> {
    let pushes = world.items("TAGS#", "").await;
    let begun = pushes.iter().filter_map(|it| it["sk"].as_str());
    begun
        .filter(|it| left.contains(*it))
        .map(str::to_owned)
        .collect()
}

/// What the ledger has of some source tags' cases.
async fn cases(world: &World, tags: &BTreeSet<String>) -> Vec<Value> {
    let mut cases = world.items("IMAGE#", "CASE#").await;
    cases.retain(|it| {
        let tag = it["body"]["id"]["tag"].as_str();
        tag.is_some_and(|tag| tags.contains(tag))
    });
    cases
}

fn announcements(deployed: &Deployed) -> Vec<Value> {
    let mut announced = deployed.world.announced();
    announced.retain(|it| it["detail-type"] == "Image Promoted");
    announced
}

/// Each push has one tag at the target, one record and one id under which it was announced; and nothing is open.
async fn all_is_promoted_once(deployed: &Deployed, pushed: &BTreeMap<String, String>) {
    let world = &deployed.world;
    let tags = world.tags("qa/website").await;
    let records = world.history().await;
    let announced = announcements(deployed);
    assert_eq!(
        (tags.len(), records.len()),
        (pushed.len(), pushed.len()),
        "{records:#?}"
    );
    let events = world.local.events();
    for (tag, digest) in pushed {
        let start = format!("{tag}-");
        let target = tags.iter().find(|(it, _)| it.starts_with(&start)).unwrap();
        assert_eq!(target.1, digest, "{tag}");
        let promoted = format!(
            "dev/website:{tag} promoted: promoted to qa/website:{}",
            target.0
        );
        assert!(records.contains(&promoted), "{promoted}");
        let of_it = announced
            .iter()
            .filter(|it| it["detail"]["source"]["tag"] == **tag);
        let ids: BTreeSet<String> = of_it.map(|it| it["detail"]["id"].to_string()).collect();
        assert_eq!(ids.len(), 1, "{tag}: {ids:?}");
        let writes = events.iter().filter(|it| {
            it["detail"]["action-type"] == "PUSH" && it["detail"]["image-tag"] == **target.0
        });
        assert_eq!(writes.count(), 1, "{}", target.0);
    }
    let queue = world.local.queue();
    assert_eq!((world.open().await, queue.visible, queue.dead), (0, 0, 0));
}
