//! A process is killed in the middle: the next delivery finishes the job, once, under the same tag.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};

use crate::{
    deployed::Deployed,
    image::Image,
    world::{Choices, World, stable_to_qa},
};

/// Longer than the test waits for anything: what meets it is killed in the middle.
const HANGS_MS: u64 = 900_000;

/// Where the process is killed.
struct Moment {
    name: &'static str,
    blob_mounting: bool,
    fault: Value,
    /// Whether the tag stands already.
    tagged: bool,
}

fn moments() -> [Moment; 5] {
    let hangs = |operation: &str, text: &str, after_effect: bool| {
        json!([{
            "operation": operation, "match": text, "delay_ms": HANGS_MS, "times": 1,
            "after_effect": after_effect,
        }])
    };
    let moment = |name, blob_mounting, fault, tagged| Moment {
        name,
        blob_mounting,
        fault,
        tagged,
    };
    [
        moment(
            "while a blob is mounted",
            true,
            hangs("registry:mount", "", false),
            false,
        ),
        moment(
            "while a blob is uploaded",
            false,
            hangs("registry:PUT blob", "", false),
            false,
        ),
        moment(
            "before the tag",
            true,
            hangs("ecr:PutImage", "", false),
            false,
        ),
        moment(
            "after the tag, before its answer",
            true,
            hangs("ecr:PutImage", "", true),
            true,
        ),
        moment(
            "before the record",
            true,
            hangs("dynamodb:TransactWriteItems", "HISTORY#", false),
            true,
        ),
    ]
}

#[tokio::test]
async fn the_next_delivery_finishes_under_the_same_tag_what_a_killed_process_began() {
    for moment in moments() {
        let name = moment.name;
        let deployed = Deployed::with(
            Choices {
                blob_mounting: moment.blob_mounting,
                ..Choices::default()
            },
            &[],
        )
        .await;
        let world = &deployed.world;
        let mut policy = stable_to_qa();
        policy["target"]["tag"] = json!("%Y%m%d-%H%M%S-%f");
        world.policy(policy).await;
        let digest = world
            .push("dev/website", "1-stable", &Image::single("a", 2))
            .await;
        world.fault(moment.fault);
        let killed = async {
            deployed.faults_met().await;
            // A fault is met before the effect that it comes after.
            while moment.tagged && world.tags("qa/website").await.is_empty() {
                tokio::time::sleep(crate::deployed::LOOK).await;
            }
            deployed.kill();
        };
        tokio::join!(world.local.step(), killed);
        let tag = claimed_tag(world).await;
        let tags = world.tags("qa/website").await;
        assert_eq!(tags.contains_key(&tag), moment.tagged, "{name}: {tags:?}");
        assert!(world.history().await.is_empty(), "{name}");
        assert_eq!(world.local.queue().in_flight, 1, "{name}");

        leases_end(world).await;
        // The message is hidden for two minutes.
        world.clock.advance(Duration::from_secs(121));
        deployed.settle().await;
        let tags = world.tags("qa/website").await;
        assert_eq!(tags, [(tag.clone(), digest)].into(), "{name}");
        let promoted = format!("dev/website:1-stable promoted: promoted to qa/website:{tag}");
        assert_eq!(world.history().await, [promoted], "{name}");
        assert_eq!(world.announced().len(), 1, "{name}");
        assert_eq!(world.local.queue().dead, 0, "{name}");
        assert_eq!(deployed.processes().len(), 2, "{name}");
    }
}

async fn claimed_tag(world: &World) -> String {
    let cases = world.items("IMAGE#", "CASE#").await;
    let tag = &cases[0]["body"]["claim"]["target"]["tag"];
    tag.as_str().unwrap().to_owned()
}

/// The leases of claim and head end now: in place of waiting, since the binary's clock is the
/// machine's.
async fn leases_end(world: &World) {
    for (pk, sk, lease, end) in [
        ("IMAGE#", "CASE#", "claim", "lease_until"),
        ("TARGET#", "", "lease", "until"),
    ] {
        for item in world.items(pk, sk).await {
            if item["body"][lease].is_null() {
                continue;
            }
            let key = |name: &str| AttributeValue::S(item[name].as_str().unwrap().to_owned());
            let update = world.aws.dynamodb.update_item().table_name("promotions");
            update
                .key("pk", key("pk"))
                .key("sk", key("sk"))
                .update_expression("SET #body.#lease.#end = :past")
                .expression_attribute_names("#body", "body")
                .expression_attribute_names("#lease", lease)
                .expression_attribute_names("#end", end)
                .expression_attribute_values(
                    ":past",
                    AttributeValue::S("2020-01-01T00:00:00Z".to_owned()),
                )
                .send()
                .await
                .unwrap();
        }
    }
}

#[tokio::test]
async fn a_process_that_passes_its_deadline_is_killed_and_its_message_comes_back() {
    let deployed = Deployed::new(&[]).await;
    let world = &deployed.world;
    world.policy(stable_to_qa()).await;
    let digest = world
        .push("dev/website", "1-stable", &Image::single("a", 1))
        .await;
    world.fault(json!([{"operation": "ecr:BatchGetImage", "delay_ms": HANGS_MS, "times": 1}]));
    let ends = async {
        deployed.faults_met().await;
        world.clock.advance(Duration::from_mins(15));
    };
    tokio::join!(world.local.step(), ends);
    assert_eq!(world.tags("qa/website").await.len(), 0);
    // Longer than the queue's own time-out: the read may have hung before the message's was set.
    world.clock.advance(Duration::from_hours(2));
    deployed.settle().await;
    assert_eq!(world.tags("qa/website").await["1-stable"], digest);
    assert_eq!(deployed.processes().len(), 2);
}
