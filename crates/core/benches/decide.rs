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
    sync::Arc,
    time::{Duration, Instant},
};

use ecr_promoter_core::{
    Digest, Push, Registry, Repository, Tag, Time,
    decide::{Step, decide},
    evidence::{Component, Contents, Evidence, Finding, Known, Origin, Platform, Seen, Severity},
    license::License,
    node::Node,
    path::Paths,
    policy::{EXCEPTIONS_MAX, POLICY_VALUES_MAX, Policy, cycles},
};
use serde_json::{Value, json};

/// The most components of an image.
const COMPONENTS: usize = 200_000;
/// Criteria that share the most values of a policy.
const CRITERIA_FULL: usize = 47;

fn main() {
    // `cargo test --benches` asks for no measuring.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    decisions();
    findings();
    licenses();
    readings();
    looks_for_cycles();
}

fn decisions() {
    let known = evidence();
    let values: Vec<String> = (0..500).map(|n| format!("absent-{n}-x")).collect();
    let plain = (0..20).map(|n| format!("absent-{n}.*")).collect();
    let wide = (0..12)
        .map(|n| format!(r"[\w.-]+absent{n}[\w.-]+"))
        .collect();
    for (case, operator, criteria, list) in [
        ("1,000 values of contains", "contains", 2, values.clone()),
        (
            "1,000 values of not_one_of",
            "not_one_of",
            2,
            values.clone(),
        ),
        ("1,000 values of ends_with", "ends_with", 2, values),
        ("20 plain expressions", "not_matches", 1, plain),
        ("12 wide expressions", "not_matches", 1, wide),
        (
            "one of too many states",
            "not_matches",
            1,
            vec![".*[a-z].{40}x".to_owned()],
        ),
    ] {
        let one = json!({"attribute": "component", "operator": operator, "value": list});
        let policy = policy(&json!({"criteria": vec![one; criteria]}));
        let took = timed(|| decided(&policy, &known));
        println!("decide: {case} over {COMPONENTS} components: {took:?}");
    }
    for operator in ["contains", "not_one_of"] {
        let policy = policy(&json!({"criteria": criteria_of("component", operator)}));
        let took = timed(|| decided(&policy, &known));
        println!(
            "decide: {CRITERIA_FULL} criteria of component {operator} over {COMPONENTS} components: {took:?}"
        );
    }
}

/// The most findings of a platform, exceptions of a policy, and values.
fn findings() {
    let known = with_findings(50_000);
    let exception = |n: usize| json!({"finding": format!("CVE-2026-{n}"), "until": "2099-12-31", "reason": "known"});
    let exceptions: Vec<Value> = (0..EXCEPTIONS_MAX).map(exception).collect();
    let ids =
        |from: usize| -> Vec<String> { (from..from + 500).map(|n| format!("GHSA-{n}")).collect() };
    let criteria = json!([
        {"attribute": "vulnerabilities.critical", "operator": "<=", "value": 50_000},
        {"attribute": "vulnerabilities.fixable.all", "operator": "<=", "value": 50_000},
        {"attribute": "finding", "operator": "not_one_of", "value": ids(0)},
        {"attribute": "finding", "operator": "not_one_of", "value": ids(500)},
    ]);
    let policy = policy(&json!({"criteria": criteria, "exceptions": exceptions}));
    let took = timed(|| decided(&policy, &known));
    println!("decide: 50,000 findings, 200 exceptions, 1,000 ids: {took:?} (aim: at most 50 ms)");
}

fn with_findings(count: usize) -> Evidence {
    let finding = |n: usize| Finding {
        id: format!("CVE-2026-{n}"),
        severity: if n.is_multiple_of(3) {
            Severity::Critical
        } else {
            Severity::Low
        },
        package: Some(format!("package-{}", n % 500)),
        installed: Some("1.0".to_owned()),
        fixed: None,
        fixable: Some(n.is_multiple_of(2)),
        exploitable: None,
        related: vec![format!("GHSA-x-{n}")],
        others: Vec::new(),
        first_seen: None,
    };
    let mut known = evidence_of(|_| Arc::default());
    let digest = Digest::from_sha256([7; 32]);
    let findings = (0..count).map(finding).collect();
    known.findings = HashMap::from([(digest, seen(findings))]);
    known
}

/// As many criteria as share the most values of a policy.
fn criteria_of(attribute: &str, operator: &str) -> Vec<Value> {
    let criterion = |criterion| {
        let values =
            (0..POLICY_VALUES_MAX / CRITERIA_FULL).map(|n| format!("absent {criterion} {n}"));
        let values: Vec<String> = values.map(|value| value.replace(' ', "-")).collect();
        json!({"attribute": attribute, "operator": operator, "value": values})
    };
    (0..CRITERIA_FULL).map(criterion).collect()
}

/// A decision reads each distinct license once: few of them, as in real documents, and one for each component, which is the
/// worst that a document can do.
fn licenses() {
    for (kind, distinct) in [("some distinct", 400), ("all distinct", COMPONENTS)] {
        let known = with_licenses(distinct);
        for operator in ["contains", "not_one_of"] {
            let criteria = criteria_of("license", operator);
            let policy = policy(&json!({"criteria": criteria}));
            let took = timed(|| decided(&policy, &known));
            println!(
                "decide: {CRITERIA_FULL} criteria of license {operator} over {COMPONENTS} components, {kind}: {took:?}"
            );
        }
    }
}

fn readings() {
    let too_large = vec![r"\w{900}"; 20];
    let one = json!({"attribute": "tag", "operator": "matches", "value": too_large});
    let broken = document(&json!({"criteria": vec![one; 30]}));
    let took = timed(|| assert!(Policy::parse(&broken).is_err()));
    println!("read: 600 expressions that are too large: {took:?}");
    let wide = vec![r"\w{2}[\w.-]+"; 12];
    let one = json!({"attribute": "component", "operator": "not_matches", "value": wide});
    let wide = document(&json!({"criteria": [one]}));
    let took = timed(|| assert!((0..100).all(|_| Policy::parse(&wide).is_ok())));
    println!("read: 100 policies of 12 wide expressions: {took:?}");
}

fn looks_for_cycles() {
    let many = |keys: &dyn Fn(usize) -> Value| -> Vec<Policy> {
        (0..10_000).map(|n| policy(&keys(n))).collect()
    };
    let all = many(&|n| {
        let target = json!({"repository": "mirror/{repository}"});
        json!({"name": format!("p{n}"), "source": "*", "target": target})
    });
    let took = timed(|| drop(cycles(&all)));
    println!("cycles: 10,000 policies, all into all: {took:?}");
    let apart = many(&|n| {
        let target = json!({"repository": format!("qa/n{n}")});
        json!({"source": format!("dev/n{n}"), "target": target})
    });
    let took = timed(|| drop(cycles(&apart)));
    println!("cycles: 10,000 policies, apart: {took:?}");
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
        seen: Time::UNIX_EPOCH,
        told: None,
        chain: ecr_promoter_core::provenance::Chain::default(),
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
    let entries = document.as_object_mut().unwrap();
    entries.extend(changes.as_object().unwrap().clone());
    Node::from_json(&document.to_string()).unwrap()
}

fn policy(changes: &Value) -> Policy {
    Policy::parse(&document(changes)).unwrap()
}

fn evidence() -> Evidence {
    evidence_of(|_| Arc::default())
}

/// Components of that many distinct licenses: expressions of the list's ids, each with a reference of its own.
fn with_licenses(distinct: usize) -> Evidence {
    let texts = (0..distinct).map(|n| format!("(MIT OR Apache-2.0) AND LicenseRef-scancode-{n}"));
    let all: Vec<Arc<License>> = texts.map(|text| Arc::new(License::of(&text))).collect();
    evidence_of(|n| all.get(n % distinct).unwrap().clone())
}

fn evidence_of(license: impl Fn(usize) -> Arc<License>) -> Evidence {
    let digest = Digest::from_sha256([7; 32]);
    let components: Vec<Component> = (0..COMPONENTS)
        .map(|n| Component {
            name: format!("some-library-{n}-of-many"),
            purls: vec![format!(
                "pkg:maven/org.example.some/some-library-{n}-of-many@1.0"
            )],
            license: license(n),
            ..Component::default()
        })
        .collect();
    let mut known = Evidence::none();
    known.components = HashMap::from([(digest.clone(), seen(components.into()))]);
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
