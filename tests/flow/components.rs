//! Components and licenses: SBOMs in every way in which they are attached.

use serde_json::{Value, json};

use crate::{
    attach::{self, BUNDLE, Format, Way, artifact, bundle, statement},
    image::Image,
    world::{World, stable_to_qa},
};

pub fn no_log4j() -> Value {
    let mut policy = stable_to_qa();
    policy["criteria"] =
        json!([{"attribute": "component", "operator": "not_one_of", "value": ["log4j-core"]}]);
    policy
}

pub fn spdx(component: &str) -> String {
    json!({
        "spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "image", "dataLicense": "CC0-1.0",
        "packages": [{"SPDXID": "SPDXRef-1", "name": component, "versionInfo": "1.0", "licenseConcluded": "MIT"}],
    })
    .to_string()
}

fn cyclonedx(component: &str) -> String {
    json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "components": [{"type": "library", "name": component, "version": "1.0"}],
    })
    .to_string()
}

/// Each way of attaching an SBOM of one component to `subject`.
fn ways(subject: &Image, component: &str) -> Vec<Way> {
    let mut ways = attach::ways(subject, Format::Spdx, &spdx(component));
    ways.extend(attach::ways(
        subject,
        Format::CycloneDx,
        &cyclonedx(component),
    ));
    ways
}

#[tokio::test(start_paused = true)]
async fn an_sbom_is_read_however_it_is_attached_and_its_arrival_has_the_image_judged_again() {
    for index in 0..ways(&Image::single("a", 1), "zlib").len() {
        for (component, promoted) in [("zlib", true), ("log4j-core", false)] {
            let world = World::new().await;
            world.policy(no_log4j()).await;
            let image = Image::single("a", 1);
            world.push("dev/website", "1", &image).await;
            world.settle().await;
            assert!(
                world.history().await[0].contains("awaiting"),
                "{:?}",
                world.history().await
            );
            let way = ways(&image, component).swap_remove(index);
            let tag = way.tag.as_deref();
            way.artifact.push(&world.aws.ecr, "dev/website", tag).await;
            let way = way.name;
            world.settle().await;
            world.later(30).await;
            let history = world.history().await.join("\n");
            assert_eq!(
                world.tags("qa/website").await.contains_key("1"),
                promoted,
                "{way}: {history}"
            );
            assert_eq!(
                history.contains("log4j-core"),
                !promoted || history.contains("awaiting"),
                "{way}: {history}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_index_resolved_to_the_runners_own_platform() {
    // Only one of two platforms has an SBOM: evidence must name every platform.
    let world = World::new().await;
    world.policy(no_log4j()).await;
    let index = Image::index("a", &["linux/amd64", "linux/arm64"], 1);
    let digest = world.push("dev/website", "1", &index).await;
    let ways_of_child = |n: usize| ways(&index.children[n], "zlib").swap_remove(0).artifact;
    ways_of_child(0)
        .push(&world.aws.ecr, "dev/website", None)
        .await;
    world.settle().await;
    world.later(30).await;
    let history = world.history().await.join("\n");
    assert!(
        history.contains("awaiting") && history.contains("linux/arm64"),
        "{history}"
    );
    ways_of_child(1)
        .push(&world.aws.ecr, "dev/website", None)
        .await;
    world.settle().await;
    world.later(30).await;
    assert_eq!(world.tags("qa/website").await["1"], digest);
}

#[tokio::test(start_paused = true)]
async fn an_sbom_on_the_index_counts_for_every_platform() {
    let world = World::new().await;
    world.policy(no_log4j()).await;
    let index = Image::index("a", &["linux/amd64", "linux/arm64"], 1);
    let digest = world.push("dev/website", "1", &index).await;
    world.settle().await;
    ways(&index, "zlib")
        .swap_remove(0)
        .artifact
        .push(&world.aws.ecr, "dev/website", None)
        .await;
    world.settle().await;
    world.later(30).await;
    assert_eq!(world.tags("qa/website").await["1"], digest);
}

#[tokio::test(start_paused = true)]
async fn buildkits_attestation_is_read_from_the_index() {
    for (component, promoted) in [("zlib", true), ("log4j-core", false)] {
        let world = World::new().await;
        world.policy(no_log4j()).await;
        let child = Image::single("a", 1);
        let about = child.digest();
        let children = vec![(child, "amd64", about)];
        let index = attach::buildkit(children, Format::Spdx, &spdx(component));
        world.push("dev/website", "1", &index).await;
        world.settle().await;
        let history = world.history().await.join("\n");
        assert_eq!(
            world.tags("qa/website").await.contains_key("1"),
            promoted,
            "{history}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_attached_and_cannot_be_read_makes_the_list_unknown() {
    let none = json!({});
    let image = Image::single("a", 1);
    let spdx_type = "application/spdx+json";
    for (case, body, held) in [
        ("no SBOM at all", json!([1, 2, 3]), true),
        (
            "an unknown version",
            json!({"spdxVersion": "SPDX-9.9", "packages": []}),
            true,
        ),
        (
            "no component",
            json!({"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "packages": []}),
            true,
        ),
    ] {
        let world = World::new().await;
        world.policy(no_log4j()).await;
        world.push("dev/website", "1", &image).await;
        let attached = artifact(
            spdx_type,
            spdx_type,
            &none,
            Some(&image),
            body.to_string().as_bytes(),
        );
        attached.push(&world.aws.ecr, "dev/website", None).await;
        world.settle().await;
        world.later(30).await;
        let history = world.history().await.join("\n");
        assert_eq!(history.contains("held"), held, "{case}: {history}");
        assert!(world.tags("qa/website").await.is_empty(), "{case}");
    }
}

#[tokio::test(start_paused = true)]
async fn verify_attestation_accepted_any_attestation_type() {
    let image = Image::single("a", 1);
    let other = Image::single("b", 1);
    for (case, statement) in [
        (
            "another predicate",
            statement(&image.digest(), "https://slsa.dev/provenance/v1", "{}"),
        ),
        (
            "another digest",
            statement(
                &other.digest(),
                Format::Spdx.predicate_type(),
                &spdx("zlib"),
            ),
        ),
    ] {
        let world = World::new().await;
        world.policy(no_log4j()).await;
        world.push("dev/website", "1", &image).await;
        let bundle = bundle(&statement);
        let attached = artifact(BUNDLE, BUNDLE, &json!({}), Some(&image), bundle.as_bytes());
        attached.push(&world.aws.ecr, "dev/website", None).await;
        world.settle().await;
        world.later(30).await;
        let history = world.history().await.join("\n");
        assert!(
            history.contains("awaiting") && !history.contains("held"),
            "{case}: {history}"
        );
        assert!(world.tags("qa/website").await.is_empty(), "{case}");
    }
}

#[tokio::test(start_paused = true)]
async fn endless_attachments_exhausted_the_verifier() {
    let world = World::new().await;
    world.policy(no_log4j()).await;
    let image = Image::single("a", 1);
    world.push("dev/website", "1", &image).await;
    let spdx_type = "application/spdx+json";
    for n in 0..101 {
        let attached = artifact(
            spdx_type,
            spdx_type,
            &json!({}),
            Some(&image),
            spdx(&format!("c{n}")).as_bytes(),
        );
        attached.push(&world.aws.ecr, "dev/website", None).await;
    }
    world.drop_events_of("none").await;
    let event = world.push_event("dev/website", "1", &image.digest());
    world.ask(&event).await.unwrap();
    let history = world.history().await.join("\n");
    assert!(
        history.contains("held")
            && history.contains("limit: expected at most 100 referrers, found more"),
        "{history}"
    );
}
