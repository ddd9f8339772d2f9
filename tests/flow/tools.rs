//! SBOMs as real tools wrote them (`crates/contents/tests/sboms/README.md` says how), attached in
//! every way and to everything, pushed to ECR, and read back from there.

use ecr_promoter::Look;
use ecr_promoter_core::{
    Digest, Repository,
    event::Select,
    evidence::{Components, Contents, Known, License, Platform},
};
use serde_json::{Value, json};

mod documents;

use self::documents::{TOOLS, Tool};
use crate::{
    attach::{buildkit, ways},
    image::Image,
    world::{World, stable_to_qa},
};

const PLATFORMS: [&str; 2] = ["linux/amd64", "linux/arm64"];

async fn look(world: &World, digest: &str) -> Look {
    let repository = Repository::parse("dev/website").unwrap();
    let select = Select::Digest(Digest::parse(digest).unwrap());
    world.function.look(&repository, &select).await.unwrap()
}

fn platforms(look: &Look) -> Vec<Platform> {
    match &look.evidence.contents {
        Known::Seen(seen) => match &seen.value {
            Contents::Platforms(platforms) => platforms.clone(),
            Contents::Artifact => Vec::new(),
        },
        other => panic!("{other:?}"),
    }
}

fn assert_whole(tool: &Tool, known: &Known<Components>, origin: &str, case: &str) {
    let Known::Seen(seen) = known else {
        panic!("{case}: {known:?}");
    };
    assert_eq!(seen.value.len(), tool.components, "{case}");
    assert_eq!(seen.origin.as_str(), origin, "{case}");
    for (name, version, license) in tool.some {
        let found = seen.value.iter().find(|component| component.name == *name);
        let found = found.unwrap_or_else(|| panic!("{case}: no {name}"));
        assert_eq!(found.version.as_deref(), Some(*version), "{case}: {name}");
        let wanted = license.map_or_else(License::default, License::of);
        assert_eq!(*found.license, wanted, "{case}: {name}");
    }
}

/// What a document is attached to, and which of two platforms it speaks of.
#[derive(Debug, Clone, Copy)]
enum Place {
    Image,
    Child,
    Index,
}

#[tokio::test(start_paused = true)]
async fn what_tools_write_is_read_whole_however_it_is_attached_to_an_image() {
    read_whole(Place::Image).await;
}

#[tokio::test(start_paused = true)]
async fn what_tools_write_is_read_whole_however_it_is_attached_to_a_child() {
    read_whole(Place::Child).await;
}

#[tokio::test(start_paused = true)]
async fn what_tools_write_is_read_whole_however_it_is_attached_to_an_index() {
    read_whole(Place::Index).await;
}

/// Each document in each way, each on an image of its own.
async fn read_whole(place: Place) {
    let world = World::new().await;
    let ecr = &world.aws.ecr;
    for tool in &TOOLS {
        let count = ways(&Image::single("count", 1), tool.format, tool.text).len();
        for way in 0..count {
            let seed = format!("{} {way}", tool.file);
            let image = match place {
                Place::Image => Image::single(&seed, 1),
                Place::Child | Place::Index => Image::index(&seed, &PLATFORMS, 1),
            };
            let subject = match place {
                Place::Child => &image.children[0],
                Place::Image | Place::Index => &image,
            };
            let way = ways(subject, tool.format, tool.text).swap_remove(way);
            let digest = image.push(ecr, "dev/website", None).await;
            let tag = way.tag.as_deref();
            way.artifact.push(ecr, "dev/website", tag).await;

            let look = look(&world, &digest).await;
            assert_eq!(look.failures, [], "{seed}");
            for (index, platform) in platforms(&look).iter().enumerate() {
                let case = format!("{} as {} on {place:?}, {platform}", tool.file, way.name);
                let known = &look.evidence.components[&platform.digest];
                if matches!(place, Place::Child) && index == 1 {
                    assert!(matches!(known, Known::NotYet(_)), "{case}: {known:?}");
                } else {
                    assert_whole(tool, known, way.origin, &case);
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_tools_write_is_read_whole_from_buildkits_attestations() {
    let world = World::new().await;
    for tool in &TOOLS {
        let children = ["amd64", "arm64"].map(|architecture| {
            let child = Image::single(&format!("{} {architecture}", tool.file), 1);
            let about = child.digest();
            (child, architecture, about)
        });
        let index = buildkit(children.into(), tool.format, tool.text);
        let digest = index.push(&world.aws.ecr, "dev/website", None).await;
        let look = look(&world, &digest).await;
        let platforms = platforms(&look);
        assert_eq!(platforms.len(), 2, "{}: an attestation is none", tool.file);
        for platform in platforms {
            let origin = "sbom: buildkit attestation (attached by the pusher, unverified)";
            let known = &look.evidence.components[&platform.digest];
            assert_whole(tool, known, origin, tool.file);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn policies_on_components_and_licenses_decide_on_what_tools_write() {
    let not = |attribute: &str, value: &str| json!({"attribute": attribute, "operator": "not_one_of", "value": [value]});
    let is = |attribute: &str, value: &str| json!({"attribute": attribute, "operator": "one_of", "value": [value]});
    let log4j = || not("component", "log4j-core");
    let agpl = || not("license", "AGPL-3.0-only");
    let rows: Vec<(&str, Value, &str, &str)> = vec![
        ("syft.spdx.json", log4j(), "hold", "log4j-core 2.14.1"),
        (
            "syft.cyclonedx-1.6.json",
            log4j(),
            "hold",
            "log4j-core 2.14.1",
        ),
        (
            "syft.spdx.json",
            not("component", "org.apache.logging.log4j/log4j-core"),
            "hold",
            "log4j-core",
        ),
        (
            "syft.cyclonedx-1.4.json",
            not("component", "org.apache.logging.log4j:log4j-core"),
            "hold",
            "log4j-core",
        ),
        ("trivy.spdx.json", log4j(), "promote", "none of them"),
        ("trivy.cyclonedx.json", log4j(), "promote", "none of them"),
        (
            "syft.spdx.json",
            is("component", "left-pad"),
            "promote",
            "left-pad",
        ),
        (
            "syft.spdx.json",
            agpl(),
            "hold",
            "AGPL-3.0-only in demo-app 1.0.0",
        ),
        ("trivy.cyclonedx.json", agpl(), "hold", "demo-app"),
        (
            "trivy.cyclonedx.json",
            not("license", "GPL-3.0-only"),
            "hold",
            "bash",
        ),
        // The license of package.json stands in the document's own subject.
        ("cyclonedx-npm.json", agpl(), "hold", "demo-app"),
        (
            "cyclonedx-npm.json",
            not("license", "GPL-3.0-only"),
            "promote",
            "none of them",
        ),
        (
            "cyclonedx-npm.json",
            is("license", "wtfpl"),
            "promote",
            "WTFPL",
        ),
        ("cyclonedx-py.json", agpl(), "hold", "PyYAML"),
    ];
    for (file, criterion, wanted, word) in rows {
        let tool = TOOLS.iter().find(|tool| tool.file == file).unwrap();
        let world = World::new().await;
        let mut policy = stable_to_qa();
        policy["criteria"] = json!([criterion]);
        world.policy(policy).await;
        let image = Image::single("a", 1);
        world.push("dev/website", "1", &image).await;
        let way = ways(&image, tool.format, tool.text).swap_remove(0);
        way.artifact.push(&world.aws.ecr, "dev/website", None).await;
        let request = json!({"repository": "dev/website", "tag": "1"});
        let answer = world.ask(&request).await.unwrap();
        let decision = &answer["decisions"][0];
        let case = format!("{file} {criterion}: {decision}");
        assert_eq!(decision["decision"], wanted, "{case}");
        assert!(decision.to_string().contains(word), "{word}: {case}");
        let there = world.tags("qa/website").await.contains_key("1");
        assert_eq!(there, wanted == "promote", "{case}");
    }
}
