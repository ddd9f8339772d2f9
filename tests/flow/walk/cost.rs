//! What a walk costs: its calls, and how many minutes it takes, as `docs/walk.md` says. ECR's answers are made here, since
//! a million images would take longer to push than to list.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    between::{Between, Seen, json_answer},
    world::{Choices, World},
};

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/walk.md");
/// Images of one page, as the function asks for them.
const PAGE: usize = 1_000;
/// More than any walk takes here.
const MINUTES_MAX: usize = 30;

/// ECR with so many repositories of so many images each, all older than any policy.
fn registry(repositories: usize, images: usize) -> Between {
    let names = (0..repositories).map(|number| json!({"repositoryName": format!("team/{number}")}));
    let names = json!({"repositories": names.collect::<Vec<_>>()});
    let details = (0..PAGE).map(|number| {
        json!({
            "imageDigest": format!("sha256:{number:064x}"),
            "imageTags": [format!("{number}-stable")],
            "imagePushedAt": 1_600_000_000,
        })
    });
    let details: Vec<Value> = details.collect();
    let pages = images / PAGE;
    let last = json!({"imageDetails": details}).to_string();
    let page = json!({"imageDetails": details, "nextToken": "NEXT"}).to_string();
    Between::answering(move |seen: &Seen| match seen.operation.as_str() {
        "DescribeRepositories" => Some(json_answer(&names)),
        "DescribeImages" => {
            let token = seen.body["nextToken"].as_str();
            let number: usize = token.map_or(0, |token| token.parse().unwrap());
            let answer = if number + 1 == pages {
                last.clone()
            } else {
                page.replace("NEXT", &(number + 1).to_string())
            };
            Some(json_answer(&Value::Null).map(|_| answer))
        }
        _ => None,
    })
}

/// The calls of ECR and of DynamoDB, and the minutes of one walk.
async fn walked(repositories: usize, images: usize) -> [usize; 3] {
    let between = registry(repositories, images);
    let world = World::with(Choices {
        between: Some(between.clone()),
        ..Choices::default()
    })
    .await;
    let policy = json!({"source": "team/*", "name": "all", "target": {"repository": "qa/{rest}"}});
    world.policy(policy).await;
    between.take();
    for minute in 1..=MINUTES_MAX {
        world.local.fire_schedule().await.unwrap();
        let state = world.items("WALK#", "STATE").await;
        if state[0]["body"]["at"].is_null() {
            let seen = between.take();
            let of = |name: &str| seen.iter().filter(|it| it.operation == name).count();
            let ecr = of("DescribeImages") + of("DescribeRepositories");
            // The last look at the state is the test's own, and so were those before.
            return [ecr, seen.len() - ecr - minute, minute];
        }
        let passed = world.clock.now().timestamp() % 60;
        let left = 60 - u64::try_from(passed).unwrap();
        world.clock.advance(Duration::from_secs(left));
    }
    panic!("the walk of {repositories} repositories never ends");
}

/// `docs/walk.md` has the row of a walk as it was.
async fn as_the_document_says(repositories: usize, images: usize) {
    let document = std::fs::read_to_string(DOCUMENT).unwrap();
    let [ecr, dynamodb, minutes] = walked(repositories, images).await;
    let row = [repositories, images, ecr, dynamodb].map(with_commas);
    let row = format!("| {} | {minutes} minutes |", row.join(" | "));
    assert!(document.contains(&row), "docs/walk.md has not {row}");
}

#[tokio::test(start_paused = true)]
async fn a_walk_of_many_repositories_makes_the_calls_that_the_document_says_and_takes_as_long() {
    as_the_document_says(500, 1_000).await;
}

#[tokio::test(start_paused = true)]
async fn a_walk_of_a_million_images_makes_the_calls_that_the_document_says_and_takes_as_long() {
    as_the_document_says(10, 100_000).await;
}

fn with_commas(number: usize) -> String {
    match (number / 1_000, number % 1_000) {
        (0, rest) => rest.to_string(),
        (thousands, rest) => format!("{thousands},{rest:03}"),
    }
}
