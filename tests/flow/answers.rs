//! "Why was my image not promoted?" has an answer.

use serde_json::json;

use crate::{
    image::Image,
    world::{World, stable_to_qa},
};

#[tokio::test(start_paused = true)]
async fn a_hold_names_the_criterion_what_was_wanted_and_what_was_seen() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    world
        .push("dev/website", "1.4-dev", &Image::single("a", 1))
        .await;
    world.settle().await;
    let answer = world
        .ask(&json!({"repository": "dev/website", "tag": "1.4-dev"}))
        .await
        .unwrap();
    insta::assert_json_snapshot!(answer);
    assert!(
        world.items("IMAGE#", "CASE#").await.is_empty() && world.history().await.is_empty(),
        "a push whose tag does not match is no case of the policy"
    );
}

#[tokio::test(start_paused = true)]
async fn a_direct_invocation_judges_every_tag_that_stands_on_a_digest() {
    let world = World::new().await;
    world.policy(stable_to_qa()).await;
    let image = Image::single("a", 1);
    for tag in ["1-stable", "2-stable"] {
        world.push("dev/website", tag, &image).await;
    }
    world.drop_events_of(&image.digest()).await;
    let request = json!({"repository": "dev/website", "digest": image.digest()});
    let answer = world.ask(&request).await.unwrap();
    assert_eq!(answer["decisions"].as_array().unwrap().len(), 2, "{answer}");
    assert_eq!(world.tags("qa/website").await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_cannot_be_answered_says_why() {
    let world = World::new().await;
    for (request, words) in [
        (
            json!({"repository": "dev/website", "tag": "nowhere"}),
            "nowhere",
        ),
        (
            json!({"repository": "dev/nowhere", "tag": "1"}),
            "RepositoryNotFoundException",
        ),
        (json!({"repository": "dev/website"}), "neither"),
        (
            json!({}),
            r#"expected {"repository": "dev/website", "tag": "1.2"}"#,
        ),
        (
            json!({"image": "dev/website:1"}),
            r#"found an object with "image""#,
        ),
        (json!("dev/website:1"), "expected {"),
        (
            json!({"repository": "dev/website", "tag": "1", "tga": 1}),
            "tga",
        ),
    ] {
        let error = world.ask(&request).await.unwrap_err();
        assert!(error.contains(words), "{request}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_judges_and_records_and_promotes_nothing() {
    let world = World::new().await;
    let mut policy = stable_to_qa();
    policy["dry_run"] = json!(true);
    world.policy(policy).await;
    world
        .push("dev/website", "1-stable", &Image::single("a", 1))
        .await;
    world.settle().await;
    assert!(world.tags("qa/website").await.is_empty());
    assert_eq!(
        world.history().await,
        ["dev/website:1-stable skipped: dry run: would promote"]
    );
    let judged = &world.items("IMAGE#", "CASE#").await[0]["body"]["decision"];
    assert_eq!(
        (&judged["decision"], &judged["dry_run"]),
        (&json!("promote"), &json!(true))
    );
}

#[tokio::test(start_paused = true)]
async fn an_outcome_is_recorded_once_and_again_when_it_changes() {
    let world = World::new().await;
    let mut policy = stable_to_qa();
    policy["dry_run"] = json!(true);
    world.policy(policy).await;
    let image = Image::single("a", 1);
    world.push("dev/website", "1-stable", &image).await;
    world.settle().await;
    let again = world.push_event("dev/website", "1-stable", &image.digest());
    world.local.raise(again.clone());
    world.settle().await;
    assert_eq!(
        world.history().await.len(),
        1,
        "the same outcome for the same reason"
    );
    world.policy(stable_to_qa()).await;
    world.clock.advance(std::time::Duration::from_secs(1));
    world.local.raise(again);
    world.settle().await;
    let outcomes: Vec<bool> = world
        .history()
        .await
        .iter()
        .map(|line| line.contains("promoted:"))
        .collect();
    assert_eq!(outcomes, [false, true]);
    let record = &world.items("RECORD#", "BODY").await;
    assert_eq!(record.len(), 2);
    assert!(
        record
            .iter()
            .all(|record| record["expires_at"].as_i64() > Some(world.clock.now().timestamp()))
    );
}

#[tokio::test(start_paused = true)]
async fn a_policy_with_a_mistake_was_invisible_to_whoever_asked() {
    let world = World::new().await;
    let mut mistaken = stable_to_qa();
    mistaken["name"] = json!("mistaken");
    mistaken["criteria"][0]["operator"] = json!("endswith");
    world.policy(mistaken).await;
    let digest = world.push("dev/website", "1", &Image::single("a", 1)).await;
    world.drop_events_of(&digest).await;
    let request = json!({"repository": "dev/website", "tag": "1"});
    let answer = world.ask(&request).await.unwrap();
    assert_eq!(answer["decisions"], json!([]));
    let invalid = &answer["invalid"][0];
    assert_eq!(
        invalid["policy"],
        json!({"source": "dev/website", "name": "mistaken"})
    );
    assert_eq!(invalid["errors"][0]["place"], "criteria[0].operator");
    let message = invalid["errors"][0]["message"].as_str().unwrap();
    assert!(message.contains("ends_with"), "{message}");
    // Beside one that is fine it is reported just the same.
    world.policy(stable_to_qa()).await;
    let answer = world.ask(&request).await.unwrap();
    assert_eq!(answer["decisions"].as_array().unwrap().len(), 1, "{answer}");
    assert_eq!(answer["decisions"][0]["outcome"], "held");
    assert_eq!(answer["invalid"].as_array().unwrap().len(), 1, "{answer}");
}

#[tokio::test(start_paused = true)]
async fn one_policy_that_failed_hid_the_decisions_of_the_others() {
    let world = World::new().await;
    for (name, target) in [
        ("a", "qa/nowhere"),
        ("b", "qa/website"),
        ("c", "qa/nowhere"),
    ] {
        let mut policy = stable_to_qa();
        policy["name"] = json!(name);
        policy["target"]["repository"] = json!(target);
        world.policy(policy).await;
    }
    let image = Image::single("a", 1);
    let digest = world.push("dev/website", "1-stable", &image).await;
    world.drop_events_of(&digest).await;
    // What passes fails one of them; a missing repository fails the others for good.
    world.fault(json!([{
        "operation": "ecr:BatchCheckLayerAvailability", "match": "qa/website", "code": "ServerException", "status": 500, "times": 4,
    }]));
    let request = json!({"repository": "dev/website", "tag": "1-stable"});
    let answer = world.ask(&request).await.unwrap();
    let decisions = answer["decisions"].as_array().unwrap().iter();
    let told = decisions.map(|decision| {
        let error = decision["error"]["code"].as_str().unwrap_or("no error");
        let [name, decided, outcome] = [
            &decision["policy"]["name"],
            &decision["decision"],
            &decision["outcome"],
        ]
        .map(|word| word.as_str().unwrap());
        format!("{name} {decided} {outcome}: {error}")
    });
    let told: Vec<String> = told.collect();
    assert_eq!(
        told,
        [
            "a promote failed: RepositoryNotFoundException",
            "b await failed: ServerException",
            "c promote failed: RepositoryNotFoundException",
        ]
    );
    let message = answer["decisions"][0]["error"]["message"].as_str().unwrap();
    assert!(message.contains("qa/nowhere"), "{message}");
}
