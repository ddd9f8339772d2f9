//! The events whose cost the document states, each in a world of its own.

use futures_util::{FutureExt as _, future::BoxFuture};
use serde_json::{Value, json};

use super::{Cost, Metered};
use crate::{
    attach::artifact,
    components::{no_log4j, spdx},
    findings::{basic, no_critical},
    image::Image,
    world::{World, stable_to_qa},
};

const SPDX: &str = "application/spdx+json";

fn named(name: &str, mut policy: Value) -> Value {
    policy["name"] = json!(name);
    policy
}

fn ends_with(suffix: &str) -> Value {
    let mut policy = stable_to_qa();
    policy["criteria"][0]["value"] = json!(suffix);
    named(&format!("to-qa-{suffix}"), policy)
}

fn of_the_second() -> Value {
    let mut policy = stable_to_qa();
    policy["target"]["tag"] = json!("%Y%m%d-%H%M%S");
    policy
}

pub(super) fn findings_and_components() -> Value {
    let mut policy = no_log4j();
    let mut findings = no_critical();
    let criteria = findings["criteria"].as_array_mut().unwrap();
    policy["criteria"].as_array_mut().unwrap().append(criteria);
    policy
}

pub(super) async fn attach_sbom(world: &World, image: &Image) {
    let sbom = artifact(SPDX, SPDX, &json!({}), Some(image), spdx("zlib").as_bytes());
    sbom.push(&world.aws.ecr, "dev/website", None).await;
}

async fn promoted(policies: &[Value]) -> Cost {
    let metered = Metered::new(policies).await;
    let image = Image::single("a", 1);
    metered.push("1-stable", &image, Some(" promoted:")).await
}

async fn unmatched() -> Cost {
    let metered = Metered::new(&[stable_to_qa()]).await;
    let cost = metered.push("1-dev", &Image::single("a", 1), None).await;
    assert!(metered.world.items("", "").await.is_empty());
    assert_eq!(cost.requests, [("dynamodb:Query".to_owned(), 3)].into());
    cost
}

async fn two_of_four() -> Cost {
    let mut second = ends_with("stable");
    second["target"]["tag"] = json!("latest");
    promoted(&[stable_to_qa(), second, ends_with("dev"), ends_with("rc")]).await
}

async fn one_of_200() -> Cost {
    let mut policies: Vec<Value> = (0..199).map(|n| ends_with(&format!("x{n}"))).collect();
    policies.push(stable_to_qa());
    promoted(&policies).await
}

async fn same_second() -> Cost {
    let metered = Metered::new(&[of_the_second()]).await;
    let first = Image::single("first", 1);
    metered.push("1-stable", &first, Some(" promoted:")).await;
    let second = Image::single("second", 1);
    metered.push("2-stable", &second, Some(" promoted:")).await
}

async fn with_findings() -> Cost {
    let metered = Metered::new(&[no_critical()]).await;
    let (world, image) = (&metered.world, Image::single("a", 1));
    let digest = world.push("dev/website", "1", &image).await;
    world.scan("dev/website", &digest, &basic(world, &["LOW"]));
    metered.event("1", &digest, Some(" promoted:")).await
}

async fn with_sbom() -> Cost {
    let metered = Metered::new(&[no_log4j()]).await;
    let (world, image) = (&metered.world, Image::single("a", 1));
    let digest = world.push("dev/website", "1", &image).await;
    attach_sbom(world, &image).await;
    metered.event("1", &digest, Some(" promoted:")).await
}

async fn index_with_both(platforms: usize) -> Cost {
    let metered = Metered::new(&[findings_and_components()]).await;
    let platforms: Vec<String> = (0..platforms).map(|n| format!("linux/p{n}")).collect();
    let platforms: Vec<&str> = platforms.iter().map(String::as_str).collect();
    let (world, image) = (&metered.world, Image::index("a", &platforms, 1));
    let digest = world.push("dev/website", "1", &image).await;
    for child in &image.children {
        world.scan("dev/website", &child.digest(), &basic(world, &["LOW"]));
        attach_sbom(world, child).await;
    }
    metered.event("1", &digest, Some(" promoted:")).await
}

async fn index_by_its_tag() -> Cost {
    let metered = Metered::new(&[stable_to_qa()]).await;
    let image = Image::index("a", &["linux/amd64", "linux/arm64"], 1);
    metered.push("1-stable", &image, Some(" promoted:")).await
}

async fn held() -> Cost {
    let metered = Metered::new(&[no_critical()]).await;
    let (world, image) = (&metered.world, Image::single("a", 1));
    let digest = world.push("dev/website", "1", &image).await;
    world.scan("dev/website", &digest, &basic(world, &["CRITICAL"]));
    metered.event("1", &digest, Some(" held:")).await
}

async fn awaiting() -> Cost {
    let metered = Metered::new(&[no_critical()]).await;
    let image = Image::single("a", 1);
    metered.push("1", &image, Some(" awaiting:")).await
}

async fn scanned() -> Cost {
    let metered = Metered::new(&[no_critical()]).await;
    let image = Image::single("a", 1);
    metered.push("1", &image, Some(" awaiting:")).await;
    let world = &metered.world;
    world.settle().await;
    world.scan("dev/website", &image.digest(), &basic(world, &["LOW"]));
    let cost = metered.cost(async |world| {
        assert!(world.local.step().await);
    });
    let cost = cost.await;
    let history = world.history().await;
    assert!(
        history.iter().any(|line| line.contains(" promoted:")),
        "{history:?}"
    );
    cost
}

async fn again_promoted() -> Cost {
    let metered = Metered::new(&[stable_to_qa()]).await;
    let image = Image::single("a", 1);
    metered.push("1-stable", &image, Some(" promoted:")).await;
    let digest = image.digest();
    metered.event("1-stable", &digest, Some(" promoted:")).await
}

async fn again_held() -> Cost {
    let metered = Metered::new(&[no_critical()]).await;
    let (world, image) = (&metered.world, Image::single("a", 1));
    let digest = world.push("dev/website", "1", &image).await;
    world.scan("dev/website", &digest, &basic(world, &["CRITICAL"]));
    metered.event("1", &digest, Some(" held:")).await;
    metered.event("1", &digest, Some(" held:")).await
}

/// The walk is done for this hour.
async fn walked(policy: &Value) -> Metered {
    let metered = Metered::new(std::slice::from_ref(policy)).await;
    schedule(&metered.world).await;
    metered
}

async fn nothing_due() -> Cost {
    let metered = walked(&stable_to_qa()).await;
    metered.cost(schedule).await
}

/// An SBOM is awaited, and the look at it is due.
async fn due() -> Metered {
    let metered = walked(&no_log4j()).await;
    let image = Image::single("a", 1);
    metered.push("1", &image, Some(" awaiting:")).await;
    metered.world.settle().await;
    let eleven = std::time::Duration::from_mins(11);
    metered.world.clock.advance(eleven);
    metered
}

async fn schedule(world: &World) {
    world.local.fire_schedule().await.unwrap();
}

async fn one_due() -> Cost {
    Box::pin(due()).await.cost(schedule).await
}

async fn looked_at_again() -> Cost {
    let metered = Box::pin(due()).await;
    schedule(&metered.world).await;
    let cost = metered.cost(async |world| assert!(world.local.step().await));
    cost.await
}

/// What each row of the document's table tells of.
pub(super) fn rows() -> Vec<(&'static str, BoxFuture<'static, Cost>)> {
    vec![
        ("promoted", promoted_by(stable_to_qa()).boxed()),
        (
            "promoted, the tag tells seconds",
            promoted_by(of_the_second()).boxed(),
        ),
        (
            "the same, where another digest has the name",
            same_second().boxed(),
        ),
        ("promoted, with findings", with_findings().boxed()),
        ("promoted, with an SBOM", with_sbom().boxed()),
        (
            "promoted, an index of 2 platforms",
            index_by_its_tag().boxed(),
        ),
        (
            "promoted, an index of 2 platforms with findings and SBOMs",
            index_with_both(2).boxed(),
        ),
        (
            "promoted, an index of 40 platforms with findings and SBOMs",
            index_with_both(40).boxed(),
        ),
        ("promoted by two of four policies", two_of_four().boxed()),
        ("promoted by one of 200 policies", one_of_200().boxed()),
        ("no policy means the tag", unmatched().boxed()),
        ("held", held().boxed()),
        ("awaiting", awaiting().boxed()),
        ("its scan comes, promoted", scanned().boxed()),
        (
            "the same event again, promoted before",
            again_promoted().boxed(),
        ),
        ("the same event again, held before", again_held().boxed()),
        ("the schedule, nothing due", nothing_due().boxed()),
        ("the schedule, one case due", one_due().boxed()),
        (
            "the case that was due, still awaiting",
            looked_at_again().boxed(),
        ),
    ]
}

async fn promoted_by(policy: Value) -> Cost {
    promoted(&[policy]).await
}
