//! What one decision costs at the documented limits, where no deadline can break in, and what reading
//! and looking through policies costs.
//!
//! ```text
//! cargo bench -p ecr-promoter-core --bench decide
//! ```

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench prints and may stop at once"
)]

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use ecr_promoter_core::{
    Digest, Push, Registry, Repository, Tag, Time, Way,
    decide::{Step, decide},
    evidence::{Component, Contents, Evidence, Known, Origin, Platform, Seen},
    node::Node,
    path::Paths,
    policy::{Policy, cycles},
};
use serde_json::{Value, json};

/// The most components of an image.
const COMPONENTS: usize = 200_000;

fn main() {
    // `cargo test --benches` asks for no measuring.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let known = evidence();
    let values = |what: &str| {
        (0..500)
            .map(|n| format!("{what}-{n}-x"))
            .collect::<Vec<_>>()
    };
    for (case, operator, criteria, list) in [
        ("1,000 values of contains", "contains", 2, values("absent")),
        (
            "1,000 values of not_one_of",
            "not_one_of",
            2,
            values("absent"),
        ),
        (
            "1,000 values of ends_with",
            "ends_with",
            2,
            values("absent"),
        ),
        (
            "20 plain expressions",
            "not_matches",
            1,
            (0..20).map(|n| format!("absent-{n}.*")).collect(),
        ),
        (
            "15 wide expressions",
            "not_matches",
            1,
            (0..20)
                .map(|n| format!(r"[\w.-]+absent{n}[\w.-]+"))
                .collect(),
        ),
        (
            "one that needs too many states",
            "not_matches",
            1,
            vec![r".*[a-z].{40}x".to_owned()],
        ),
    ] {
        let one = json!({"attribute": "component", "operator": operator, "value": list});
        let policy = policy(&json!({"criteria": vec![one; criteria]}));
        println!(
            "decide: {case} over {COMPONENTS} components: {:?}",
            timed(|| decided(&policy, &known))
        );
    }
    let broken =
        vec![json!({"attribute": "tag", "operator": "matches", "value": vec![r"\w{900}"; 20]}); 30];
    let document = document(&json!({"criteria": broken}));
    println!(
        "read: 600 expressions that are too large: {:?}",
        timed(|| assert!(Policy::parse(&document).is_err()))
    );
    let heavy = vec![r"\w{2}[\w.-]+"; 14];
    let heavy = json!({"criteria": [{"attribute": "component", "operator": "not_matches", "value": heavy}]});
    let heavy = self::document(&heavy);
    println!(
        "read: 100 policies of 14 wide expressions: {:?}",
        timed(|| assert!((0..100).all(|_| Policy::parse(&heavy).is_ok())))
    );
    let policies: Vec<Policy> = (0..10_000)
        .map(|n| policy(&json!({"name": format!("p{n}"), "source": "*", "target": {"repository": "mirror/{repository}"}})))
        .collect();
    println!(
        "cycles: 10,000 policies, all into all: {:?}",
        timed(|| drop(cycles(&policies)))
    );
    let policies: Vec<Policy> = (0..10_000)
        .map(|n| policy(&json!({"source": format!("dev/n{n}"), "target": {"repository": format!("qa/n{n}")}})))
        .collect();
    println!(
        "cycles: 10,000 policies, apart: {:?}",
        timed(|| drop(cycles(&policies)))
    );
}

fn timed(what: impl FnOnce()) -> Duration {
    let begin = Instant::now();
    what();
    begin.elapsed()
}

fn decided(policy: &Policy, known: &Evidence) {
    let push = Push {
        registry: Registry::new("123456789012", "eu-west-1").unwrap(),
        repository: Repository::parse("dev/website").unwrap(),
        tag: Tag::parse("1.4").unwrap(),
        digest: Digest::from_sha256([7; 32]),
        number: 1,
        order_time: Time::default(),
        current: true,
        way: Way::default(),
    };
    let step = decide(
        &push,
        policy,
        &Paths::parse("*").unwrap(),
        known,
        Time::default(),
    );
    assert!(matches!(step, Step::Decided(_)));
}

fn document(changes: &Value) -> Node {
    let mut document =
        json!({"source": "dev/website", "name": "p", "target": {"repository": "qa/website"}});
    for (key, value) in changes.as_object().unwrap() {
        document[key] = value.clone();
    }
    Node::from_json(&document.to_string()).unwrap()
}

fn policy(changes: &Value) -> Policy {
    Policy::parse(&document(changes)).unwrap()
}

fn evidence() -> Evidence {
    let digest = Digest::from_sha256([7; 32]);
    let components = (0..COMPONENTS)
        .map(|n| Component {
            name: format!("some-library-{n}-of-many"),
            purls: vec![format!(
                "pkg:maven/org.example.some/some-library-{n}-of-many@1.0"
            )],
            ..Component::default()
        })
        .collect();
    let mut known = Evidence::none();
    known.components = HashMap::from([(digest.clone(), seen(components))]);
    known.contents = seen(Contents::Platforms(vec![Platform {
        digest,
        name: None,
        unknown_layer: None,
    }]));
    known
}

fn seen<T>(value: T) -> Known<T> {
    Known::Seen(Seen {
        value,
        origin: Origin::Registry,
        at: Time::default(),
    })
}
