//! What tags and policies share is read once: the policies of a repository, the manifests and the
//! evidence of an image.

use serde_json::{Value, json};

use crate::{
    attach::artifact,
    components::{no_log4j, spdx},
    findings::{basic, no_critical},
    image::Image,
    world::{World, stable_to_qa},
};

const SPDX: &str = "application/spdx+json";

/// One policy that asks for findings and components.
fn no_critical_no_log4j() -> Value {
    let mut policy = no_log4j();
    let mut findings = no_critical();
    let criteria = findings["criteria"].as_array_mut().unwrap();
    policy["criteria"].as_array_mut().unwrap().append(criteria);
    policy
}

/// How many times each of these was asked for since the last reset.
fn counts<const N: usize>(world: &World, names: [&str; N]) -> [u64; N] {
    let requests = world.local.requests();
    names.map(|name| {
        let of_name = requests
            .iter()
            .filter(|(request, _)| request.starts_with(name));
        of_name.map(|(_, count)| *count).sum()
    })
}

async fn attach_sbom(world: &World, image: &Image, component: &str) {
    let sbom = spdx(component);
    let sbom = artifact(SPDX, SPDX, &json!({}), Some(image), sbom.as_bytes());
    sbom.push(&world.aws.ecr, "dev/website", None).await;
}

/// An image under five tags, judged once under two policies, and waiting.
async fn five_tags() -> (World, Image) {
    let world = World::new().await;
    let mut second = no_critical_no_log4j();
    second["name"] = json!("second");
    world.policy(no_critical_no_log4j()).await;
    world.policy(second).await;
    let image = Image::index("a", &["linux/amd64", "linux/arm64"], 1);
    world.push("dev/website", "1", &image).await;
    let mut root = image.clone();
    root.children.clear();
    for tag in ["2", "3", "4", "5"] {
        world.push("dev/website", tag, &root).await;
    }
    world.settle().await;
    world.local.reset_requests();
    (world, image)
}

#[tokio::test(start_paused = true)]
async fn a_scan_reads_the_image_and_each_sbom_once_for_five_tags_and_two_policies() {
    let (world, image) = five_tags().await;
    for child in &image.children {
        attach_sbom(&world, child, "log4j-core").await;
    }
    world.settle().await;
    // Their second look comes half a minute later.
    world.later(60).await;
    world.local.reset_requests();
    let child = image.children[0].digest();
    world.scan("dev/website", &child, &basic(&world, &["LOW"]));
    world.settle().await;
    let names = ["dynamodb:Query", "ecr:DescribeImageScanFindings", "blobs:"];
    // Three levels of policies; the pushes of the child, the indexes that hold it, and the pushes of
    // the index.
    assert_eq!(
        counts(&world, names),
        [3 + 3, 2, 2],
        "{:?}",
        world.local.requests()
    );
    // The index with its tags, its children, and what is attached.
    assert_eq!(counts(&world, ["ecr:BatchGetImage"]), [3]);
    assert!(counts(&world, ["dynamodb:GetItem", "ecr:ListImageReferrers"])[0] == 0);
}

#[tokio::test(start_paused = true)]
async fn an_sbom_that_arrives_is_read_once_for_five_tags_and_two_policies() {
    let (world, image) = five_tags().await;
    attach_sbom(&world, &image, "log4j-core").await;
    world.settle().await;
    assert_eq!(
        counts(&world, ["blobs:"]),
        [1],
        "{:?}",
        world.local.requests()
    );
    // Three levels of policies; the image's pushes, the indexes that hold it, and whether it was promoted.
    assert_eq!(counts(&world, ["dynamodb:Query"]), [3 + 2 + 1]);
    let history = world.history().await;
    let held = history
        .iter()
        .filter(|line| line.contains(" held:"))
        .count();
    assert_eq!(held, 10, "{history:?}");
}

#[tokio::test(start_paused = true)]
async fn a_scan_that_no_policy_asks_for_costs_the_policies_and_nothing_else() {
    let world = World::new().await;
    let mut held = stable_to_qa();
    held["criteria"][0]["value"] = json!("released");
    world.policy(held).await;
    let image = Image::index("a", &["linux/amd64"], 1);
    world.push("dev/website", "1", &image).await;
    world.settle().await;
    world.local.reset_requests();
    let child = image.children[0].digest();
    world.scan("dev/website", &child, &basic(&world, &["LOW"]));
    world.settle().await;
    let requests = [("dynamodb:Query".to_owned(), 3)];
    assert_eq!(world.local.requests(), requests.into());
}

#[tokio::test(start_paused = true)]
async fn one_scan_of_an_image_with_990_tags_made_6936_calls() {
    const TAGS: u64 = 990;
    let world = World::new().await;
    let image = Image::single("a", 1);
    world.push("dev/website", "0", &image).await;
    for tag in 1..TAGS {
        let tag = tag.to_string();
        world.put_image("dev/website", Some(&tag), &image).await;
    }
    while world.local.queue().visible > 0 {
        world.drop_events_of("sha256:").await;
    }
    world.policy(no_critical()).await;
    let request = json!({"repository": "dev/website", "digest": image.digest()});
    world.ask(&request).await.unwrap();
    // Each tag's case turns from waiting to held, is recorded and announced; nothing else is done for each.
    for (case, records) in [("held now", TAGS), ("held still", 0)] {
        world.local.reset_requests();
        let findings = basic(&world, &["CRITICAL"]);
        world.scan("dev/website", &image.digest(), &findings);
        world.settle().await;
        let requests = world.local.requests();
        let all: u64 = requests.values().sum();
        let [written] = counts(&world, ["dynamodb:TransactWriteItems"]);
        assert_eq!(written, records, "{case}: {requests:?}");
        let [announced, noted] = counts(&world, ["events:PutEvents", "dynamodb:PutItem"]);
        assert_eq!([announced, noted], [records; 2], "{case}: {requests:?}");
        assert!(all - 3 * written < 50, "{case}: {requests:?}");
    }
}
