//! What each kind of promotion costs at ECR, counted against the least that its API allows:
//! N = G + ⌈L/100⌉ + b·U + M (+ T), and one more, because the target is asked first; referrers are counted apart. G reads the
//! manifests (1, and 1 for an index's children), L are the distinct blobs, U those that the target
//! lacks, b is 1 for a mounted blob and 4 for one that moves, M are the manifests to put, and T is
//! the registry's token, once in twelve hours.

mod ledger;
mod read_once;
mod trips;

use serde_json::{Value, json};

use crate::{
    image::Image,
    world::{Choices, World, stable_to_qa},
};

const ASKED_FIRST: u64 = 1;
const TOKEN: u64 = 1;
/// Which layers the target has is asked beside whether it has the image.
const LAYERS: u64 = 1;

/// What an image costs to which nothing is attached: a list for each of its manifests, and their four tags, a hundred
/// at once.
fn referrers(manifests: u64) -> u64 {
    manifests + (4 * manifests).div_ceil(100)
}

async fn cost(
    blob_mounting: bool,
    image: &Image,
    policy: Value,
    before: impl AsyncFnOnce(&World),
) -> u64 {
    let world = World::with(Choices {
        blob_mounting,
        ..Choices::default()
    })
    .await;
    world.policy(policy).await;
    before(&world).await;
    world.settle().await;
    let digest = world.push("dev/website", "1-stable", image).await;
    world.local.reset_requests();
    // This event alone: children raise some of their own, and so does a promotion.
    let event = world.push_event("dev/website", "1-stable", &digest);
    world.ask(&event).await.unwrap();
    let requests = world.registry_requests();
    assert!(
        world
            .history()
            .await
            .iter()
            .any(|line| line.contains("1-stable promoted")),
        "{:?}",
        world.history().await
    );
    requests
}

async fn nothing(_: &World) {}

/// A policy that lets nothing go along.
fn alone() -> Value {
    let mut policy = stable_to_qa();
    policy["target"]["referrers"] = json!(false);
    policy
}

#[tokio::test(start_paused = true)]
async fn each_kind_of_promotion_costs_what_its_formula_says() {
    let single = Image::single("a", 10);
    let index = Image::index(
        "b",
        &["linux/amd64", "linux/arm64", "linux/s390x", "linux/ppc64le"],
        4,
    );
    let hundred = Image::single("c", 100);
    for (case, mounting, image, formula, manifests) in [
        ("ten layers, mounted", true, &single, 1 + 1 + 11 + 1, 1),
        (
            "ten layers, every byte moves",
            false,
            &single,
            1 + 1 + 4 * 11 + 1,
            1,
        ),
        ("four platforms, mounted", true, &index, 2 + 1 + 20 + 5, 5),
        (
            "four platforms, every byte moves",
            false,
            &index,
            2 + 1 + 4 * 20 + 5,
            5,
        ),
        (
            "a hundred layers, mounted",
            true,
            &hundred,
            1 + 2 + 101 + 1,
            1,
        ),
        (
            "a hundred layers, every byte moves",
            false,
            &hundred,
            1 + 2 + 4 * 101 + 1,
            1,
        ),
    ] {
        let requests = cost(mounting, image, stable_to_qa(), nothing).await;
        let most = formula + ASKED_FIRST + TOKEN;
        assert_eq!(requests, most + referrers(manifests), "{case}");
        let requests = cost(mounting, image, alone(), nothing).await;
        assert_eq!(requests, most, "{case}, without referrers");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_there_is_not_touched() {
    let image = Image::single("a", 10);
    let there = async |world: &World| {
        image
            .push(&world.aws.ecr, "qa/website", Some("1-stable"))
            .await;
    };
    assert_eq!(
        cost(true, &image, alone(), there).await,
        1 + ASKED_FIRST + LAYERS,
        "nothing to do"
    );
    let under_another_tag = async |world: &World| {
        image
            .push(&world.aws.ecr, "qa/website", Some("other"))
            .await;
    };
    assert_eq!(
        cost(true, &image, alone(), under_another_tag).await,
        1 + ASKED_FIRST + LAYERS + 1,
        "a second tag"
    );
    let blobs = async |world: &World| {
        // Another manifest of the same blobs.
        let mut other = image.clone();
        other.manifest = other.manifest.replace(
            r#""schemaVersion":2"#,
            r#""schemaVersion":2,"annotations":{}"#,
        );
        other
            .push(&world.aws.ecr, "qa/website", Some("other"))
            .await;
    };
    assert_eq!(
        cost(true, &image, alone(), blobs).await,
        1 + ASKED_FIRST + LAYERS + 1,
        "blobs are there"
    );
}

#[tokio::test(start_paused = true)]
async fn a_retag_costs_two_requests_and_nothing_to_do_costs_one() {
    let image = Image::single("a", 10);
    let mut retag = stable_to_qa();
    retag["target"] = json!({"repository": "dev/website", "tag": "released"});
    assert_eq!(cost(true, &image, retag.clone(), nothing).await, 2, "retag");
    let there = async |world: &World| {
        image
            .push(&world.aws.ecr, "dev/website", Some("released"))
            .await;
    };
    assert_eq!(cost(true, &image, retag, there).await, 1, "nothing to do");
}

#[tokio::test(start_paused = true)]
async fn a_push_that_no_policy_concerns_costs_a_query_a_level_and_nothing_else() {
    let world = World::new().await;
    let mut other = stable_to_qa();
    other["source"] = json!("dev/other");
    world.policy(other).await;
    world
        .push("dev/website", "1-stable", &Image::single("a", 1))
        .await;
    world.local.reset_requests();
    world.settle().await;
    // Nor is the message's visibility changed, which costs as much as the rest.
    let requests = [("dynamodb:Query".to_owned(), 3)];
    assert_eq!(world.local.requests(), requests.into());
}

#[tokio::test(start_paused = true)]
async fn the_child_of_an_index_costs_no_call() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    Image::single("a", 1)
        .push(&world.aws.ecr, "dev/website", None)
        .await;
    world.local.reset_requests();
    world.settle().await;
    assert!(
        world.local.requests().is_empty(),
        "{:?}",
        world.local.requests()
    );
}

#[tokio::test(start_paused = true)]
async fn look_ups_of_signatures_ate_the_quota() {
    const PLATFORMS: usize = 10;
    const LAYERS: usize = 4;
    let platforms: Vec<String> = (0..PLATFORMS).map(|n| format!("linux/p{n}")).collect();
    let platforms: Vec<&str> = platforms.iter().map(String::as_str).collect();
    let index = Image::index("a", &platforms, LAYERS);
    let world = World::new().await;
    let mut policy = crate::components::no_log4j();
    policy["criteria"]
        .as_array_mut()
        .unwrap()
        .push(json!({"attribute": "vulnerabilities.critical", "operator": "=", "value": 0}));
    world.policy(policy).await;
    let digest = world.push("dev/website", "1-stable", &index).await;
    let spdx = "application/spdx+json";
    for child in &index.children {
        let list = crate::findings::basic(&world, &["LOW"]);
        world.scan("dev/website", &child.digest(), &list);
        let sbom = crate::components::spdx("zlib");
        let sbom = crate::attach::artifact(spdx, spdx, &json!({}), Some(child), sbom.as_bytes());
        sbom.push(&world.aws.ecr, "dev/website", None).await;
    }
    world.local.reset_requests();
    let event = world.push_event("dev/website", "1-stable", &digest);
    world.ask(&event).await.unwrap();
    let requests = world.local.requests();
    let registry = world.registry_requests();
    let tables: u64 = world.requests("dynamodb:").into_values().sum();
    assert_eq!(world.tags("qa/website").await["1-stable"], digest);
    let count = |number: usize| u64::try_from(number).unwrap();
    let platforms = count(PLATFORMS);
    let blobs = platforms * count(LAYERS + 1);
    // Each platform's findings; the referrers of each platform and of the index; what is attached
    // and cosign's two tags of each of them, read at once; a URL and a download for each SBOM.
    let subjects = platforms + 1;
    let evidence = platforms + subjects + (platforms + 2 * subjects).div_ceil(100) + 2 * platforms;
    let promotion = 2 + blobs.div_ceil(100) + blobs + subjects + ASKED_FIRST + TOKEN;
    // What goes along: the lists and tags of the image, and of what is attached to it; those manifests, and whether
    // the target has them; which of their two blobs it lacks, which are mounted; and each put.
    let attached = platforms;
    let along = referrers(subjects) + referrers(attached) + 1 + 1 + 1 + 2 + attached;
    assert_eq!(registry, evidence + promotion + along, "{requests:?}");
    // The tables: what every promotion costs, and at most one write for each child, that leads to
    // its index.
    assert!(tables <= 16 + platforms, "{requests:?}");
}
