//! Commands over a large ledger: however much it holds, a command asks a bounded number of questions.
//!
//! `LEDGER_RECORDS=100000` fills it to the size that is promised; without it the test is content with less, because the
//! embedded DynamoDB takes its time to be filled.

use std::collections::BTreeSet;

use crate::world::{deployed::Deployed, filled, text, ui::Ui};
use serde_json::Value;

/// So far the history goes back where nothing says otherwise, a little less.
const A_WEEK_OF_MINUTES: usize = 7 * 24 * 60 - 60;
/// How many records the ledger holds where nobody says otherwise.
const RECORDS: usize = 3_000;

fn records() -> usize {
    let records = std::env::var("LEDGER_RECORDS").ok();
    records.map_or(RECORDS, |number| number.parse().unwrap())
}

/// Looks through the pages of the history: how many records they have, none of them twice.
async fn every_page_follows_the_one_before(world: &Deployed) -> usize {
    let mut seen: Vec<String> = Vec::new();
    let mut next: Option<String> = None;
    loop {
        let mut arguments = vec![
            "history",
            "--json",
            "--outcome",
            "held,failed",
            "--limit",
            "1000",
        ];
        arguments.extend(next.iter().flat_map(|next| ["--after", next.as_str()]));
        let page: Value = serde_json::from_slice(&world.run(&arguments).await.stdout).unwrap();
        let at = page["records"].as_array().unwrap().iter();
        seen.extend(at.map(|record| record["at"].as_str().unwrap().to_owned()));
        next = page["next"].as_str().map(str::to_owned);
        if next.is_none() {
            break;
        }
    }
    let is_older = |pair: &[String]| pair[0] > pair[1];
    assert!(seen.windows(2).all(is_older), "out of order, or twice");
    seen.len()
}

/// Looks through the pages of what waits, which is due at one and the same time: each case once.
async fn what_waits_is_shown_once(world: &Deployed) -> usize {
    let mut seen = BTreeSet::new();
    let mut next: Option<String> = None;
    loop {
        let mut arguments = vec!["waiting", "--json", "--limit", "700"];
        arguments.extend(next.iter().flat_map(|next| ["--after", next.as_str()]));
        let page: Value = serde_json::from_slice(&world.run(&arguments).await.stdout).unwrap();
        for waiting in page["waiting"].as_array().unwrap() {
            assert!(
                seen.insert(waiting["case"]["tag"].to_string()),
                "twice: {waiting}"
            );
        }
        next = page["next"].as_str().map(str::to_owned);
        if next.is_none() {
            return seen.len();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_asks_a_bounded_number_of_questions_of_a_large_ledger() {
    let world = Deployed::new().await;
    let records = records();
    Box::pin(filled::fill(&world, records)).await;
    let digest = world.aws.bare("dev/website", "a", "again").await;
    let of_digest = format!("dev/website@{digest}");
    let mut told = Vec::new();
    for (arguments, most) in [
        (vec!["explain", "dev/website:1-wait"], 20),
        (vec!["explain", of_digest.as_str()], 20),
        (vec!["explain", "qa/website:t101"], 20),
        (vec!["explain", "dev/nowhere:1"], 20),
        (vec!["history"], 40),
        (vec!["history", "--since", "0001-01-01"], 40),
        (vec!["history", "--limit", "1000"], 40),
        (vec!["history", "--repository", "dev/r007"], 20),
        (vec!["history", "--policy", "dev/r007 p"], 20),
        (vec!["history", "--target", "qa/website:t101"], 20),
        (vec!["history", "--target", "qa/website"], 60),
        (vec!["history", "--outcome", "promoted"], 150),
        (
            vec!["history", "--repository", "dev/r007", "--outcome", "failed"],
            20,
        ),
        (vec!["waiting"], 10),
        (vec!["waiting", "--policy", "dev/website p"], 20),
        (vec!["waiting", "--repository", "dev/other"], 100),
        (
            vec!["retry", "--failed", "--repository", "dev/r010", "--dry-run"],
            40,
        ),
        (vec!["retry", "--failed", "--dry-run"], 400),
        (vec!["policy", "list"], 10),
        (vec!["policy", "list", "dev/r007"], 5),
    ] {
        world.aws.local.reset_requests();
        let output = world.run(&arguments).await;
        let requests: u64 = world.aws.local.requests().values().sum();
        let code = output.status.code().unwrap();
        told.push(format!(
            "{requests:4} of {most}, exit {code}: {}",
            arguments.join(" ")
        ));
        assert!(!text(&output.stderr).contains("panicked"), "{output:?}");
        assert!(requests <= most, "{records} records: {}", told.join("\n"));
    }
    println!("{records} records\n{}", told.join("\n"));
    assert_eq!(
        what_waits_is_shown_once(&world).await,
        1 + filled::OF_ONE_DIGEST.min(records / 3)
    );
    assert!(every_page_follows_the_one_before(&world).await >= records.min(A_WEEK_OF_MINUTES));
    let ui = Ui::of(&world, &[]).await;
    let of_image = format!("/ui/image?name={of_digest}");
    for (path, most) in [
        ("/ui/", 60),
        ("/ui/?outcome=promoted", 150),
        ("/ui/?repository=dev/r007", 60),
        ("/ui/waiting", 20),
        ("/ui/image?name=dev/website:1-wait", 25),
        (&of_image, 25),
        ("/ui/repository?name=dev/r007", 20),
        ("/ui/repository?name=qa/website", 60),
        ("/ui/policy?source=dev/r007&name=p", 20),
    ] {
        world.aws.local.reset_requests();
        assert_eq!(ui.get(path).await.status, 200, "{path}");
        let requests: u64 = world.aws.local.requests().values().sum();
        println!("{requests:4} of {most}: {path}");
        assert!(requests <= most, "{records} records: {requests} for {path}");
    }
}
