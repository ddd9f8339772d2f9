//! What is asked of DynamoDB, counted by operation and in the units by which it is paid. The tables
//! of `docs/ledger.md` state the same numbers, and are held to them here.

mod events;
mod sizes;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    between::Between,
    image::Image,
    meter::{Meter, Units},
    world::{Choices, World},
};
use events::rows;

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/ledger.md");
/// The columns of the document's table, after the name of the row.
const OPERATIONS: [&str; 6] = [
    "Query",
    "BatchGetItem",
    "GetItem",
    "TransactWriteItems",
    "PutItem",
    "UpdateItem",
];

/// A world whose DynamoDB tells what it consumed.
struct Metered {
    world: World,
    meter: Meter,
}

/// What something cost.
#[derive(Debug)]
struct Cost {
    requests: BTreeMap<String, u64>,
    units: Units,
}

impl Metered {
    async fn new(policies: &[Value]) -> Self {
        let meter = Meter::default();
        let between = Some(Between::metering(&meter));
        let world = World::with(Choices {
            between,
            ..Choices::default()
        })
        .await;
        for policy in policies {
            world.policy(policy.clone()).await;
        }
        Self { world, meter }
    }

    async fn cost(&self, act: impl AsyncFnOnce(&World)) -> Cost {
        self.world.local.reset_requests();
        self.meter.take();
        act(&self.world).await;
        Cost {
            requests: self.world.local.requests(),
            units: self.meter.take(),
        }
    }

    /// The event of a push alone; `outcome` is that of its last record.
    async fn push(&self, tag: &str, image: &Image, outcome: Option<&str>) -> Cost {
        let digest = self.world.push("dev/website", tag, image).await;
        self.event(tag, &digest, outcome).await
    }

    async fn event(&self, tag: &str, digest: &str, outcome: Option<&str>) -> Cost {
        let event = self.world.push_event("dev/website", tag, digest);
        let cost = self.cost(async |world| {
            world.ask(&event).await.unwrap();
        });
        let cost = cost.await;
        let history = self.world.history().await;
        let last = history.last().map(String::as_str);
        let ends = |last: &str| outcome.is_some_and(|outcome| last.contains(outcome));
        assert_eq!(last.is_some_and(ends), outcome.is_some(), "{history:?}");
        cost
    }
}

impl Cost {
    /// The cells of its row: each operation, all of them, and the units.
    fn cells(&self) -> Vec<String> {
        let of = |operation: &str| {
            let name = format!("dynamodb:{operation}");
            self.requests.get(&name).copied().unwrap_or(0)
        };
        let counts = OPERATIONS.map(of);
        let all: u64 = counts.iter().sum();
        let dynamodb = self.requests.iter();
        let dynamodb = dynamodb.filter(|(name, _)| name.starts_with("dynamodb:"));
        let every: u64 = dynamodb.map(|(_, count)| count).sum();
        assert_eq!(all, every, "an operation without a column: {self:?}");
        let counts = counts.map(|count| match count {
            0 => String::new(),
            count => count.to_string(),
        });
        let Units { write, read } = self.units;
        let sums = [all.to_string(), write.to_string(), read.to_string()];
        counts.into_iter().chain(sums).collect()
    }
}

/// The rows of the document's table that begins with this column.
fn documented(column: &str) -> BTreeMap<String, Vec<String>> {
    let document = std::fs::read_to_string(DOCUMENT).unwrap();
    let head = format!("| {column} |");
    let table = document.lines().skip_while(|line| !line.starts_with(&head));
    let rows = table.skip(2).take_while(|line| line.starts_with('|'));
    let cells = rows.map(|row| {
        let row = row.trim_matches('|');
        let mut cells = row.split('|').map(|cell| cell.trim().to_owned());
        (cells.next().unwrap(), cells.collect())
    });
    cells.collect()
}

#[tokio::test(start_paused = true)]
async fn each_event_asks_of_dynamodb_what_the_document_says() {
    let documented = documented("event");
    let mut wrong = Vec::new();
    let mut names = Vec::new();
    for (name, cost) in rows() {
        let cells = cost.await.cells();
        if documented.get(name) != Some(&cells) {
            wrong.push(format!("| {name} | {} |", cells.join(" | ")));
        }
        names.push(name);
    }
    assert!(wrong.is_empty(), "found otherwise:\n{}", wrong.join("\n"));
    for name in documented.keys() {
        assert!(
            names.contains(&name.as_str()),
            "nothing counts the row {name}"
        );
    }
}

#[test]
fn a_promotion_costs_nine_requests_ten_where_a_name_is_taken_and_twelve_with_evidence() {
    const MOST: u64 = 9;
    const MOST_WITH_EVIDENCE: u64 = 12;
    for (name, cells) in documented("event") {
        let all: u64 = cells[OPERATIONS.len()].parse().unwrap();
        let most = match name.as_str() {
            "promoted" | "promoted, the tag tells seconds" | "promoted by one of 200 policies" => {
                MOST
            }
            "the same, where another digest has the name" => MOST + 1,
            _ if name.starts_with("promoted, ") => MOST_WITH_EVIDENCE,
            "its scan comes, promoted" => MOST_WITH_EVIDENCE,
            _ => continue,
        };
        assert!(all <= most, "{name}: {all}");
    }
}
