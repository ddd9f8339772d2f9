use super::*;
use crate::node::Node;

fn policy(name: &str, source: &str, target: &serde_json::Value, ends_with: &str) -> Policy {
    let mut document = serde_json::json!({"source": source, "name": name, "target": target});
    if !ends_with.is_empty() {
        document["criteria"] = serde_json::json!([
            {"attribute": "tag", "operator": "ends_with", "value": ends_with}
        ]);
    }
    Policy::parse(&Node::from_json(&document.to_string()).unwrap()).unwrap()
}

fn to(name: &str, source: &str, repository: &str) -> Policy {
    policy(
        name,
        source,
        &serde_json::json!({"repository": repository}),
        "",
    )
}

fn names(policies: &[Policy]) -> Vec<Vec<String>> {
    let groups = cycles(policies).unwrap().into_iter();
    groups
        .map(|group| group.into_iter().map(|key| key.name).collect())
        .collect()
}

#[test]
fn policies_that_feed_each_other_are_a_group() {
    let none: [&[&str]; 0] = [];
    for (case, policies, expected) in [
        (
            "a chain",
            vec![
                to("a", "dev/*", "qa/{rest}"),
                to("b", "qa/*", "prod/{rest}"),
            ],
            none.to_vec(),
        ),
        (
            "there and back",
            vec![to("a", "dev/web", "qa/web"), to("b", "qa/web", "dev/web")],
            vec![["a", "b"].as_slice()],
        ),
        (
            "through a namespace",
            vec![
                to("a", "dev/*", "qa/{rest}"),
                to("b", "qa/*", "dev/{rest}"),
                to("c", "x/y", "qa/web"),
            ],
            vec![["a", "b"].as_slice()],
        ),
        (
            "onto itself",
            vec![to("a", "*", "mirror/{repository}")],
            vec![["a"].as_slice()],
        ),
        (
            "three, and two",
            vec![
                to("a", "r/a", "r/b"),
                to("b", "r/b", "r/c"),
                to("c", "r/c", "r/a"),
                to("d", "r/d", "r/e"),
                to("e", "r/e", "r/d"),
            ],
            vec![["a", "b", "c"].as_slice(), ["d", "e"].as_slice()],
        ),
    ] {
        assert_eq!(names(&policies), expected, "{case}");
    }
}

#[test]
fn a_retag_that_its_own_criteria_refuse_is_not_a_cycle() {
    let target = |tag: &str| serde_json::json!({"repository": "dev/web", "tag": tag});
    let retag = |tag: &str| [policy("a", "dev/web", &target(tag), "stable")];
    assert_eq!(names(&retag("latest")), Vec::<Vec<String>>::new());
    assert_eq!(names(&retag("so-stable")), [["a"]]);
    assert_eq!(names(&retag("%n-x")), [["a"]]);
    // What depends on the image is not known from a tag.
    let mut ban = retag("so-stable");
    let document = serde_json::json!({
        "source": "dev/web", "name": "b", "target": {"repository": "dev/web", "tag": "latest"},
        "criteria": [{"attribute": "license", "operator": "not_one_of", "value": ["MIT"]}]
    });
    let policy = Policy::parse(&Node::from_json(&document.to_string()).unwrap()).unwrap();
    ban[0].criteria = policy.criteria;
    assert_eq!(names(&ban), [["a"]]);
}

#[test]
fn a_long_chain_needs_no_deep_stack() {
    let chain: Vec<_> = (0..400)
        .map(|n| to("p", &format!("r/n{n}"), &format!("r/n{}", (n + 1) % 400)))
        .collect();
    let groups = cycles(&chain).unwrap();
    assert_eq!(groups.first().map(Vec::len), Some(400));
}

#[test]
fn thousands_of_policies_are_looked_through() {
    const COUNT: usize = 2_000;
    let many = |policy: &dyn Fn(usize) -> Policy| (0..COUNT).map(policy).collect::<Vec<_>>();
    for (case, policies, groups) in [
        (
            "apart",
            many(&|n| to("p", &format!("dev/n{n}"), &format!("qa/n{n}"))),
            0,
        ),
        (
            "in pairs",
            many(&|n| to("p", &format!("r/n{n}"), &format!("r/n{}", n ^ 1))),
            COUNT / 2,
        ),
        (
            "one namespace each",
            many(&|n| to("p", &format!("t{n}/*"), "all/{repository}")),
            0,
        ),
        (
            "all into all",
            many(&|n| to(&format!("p{n}"), "*", "mirror/{repository}")),
            1,
        ),
        (
            "each below the next",
            many(&|n| {
                to(
                    "p",
                    &format!("n{n}/*"),
                    &format!("n{}/{{rest}}", (n + 1) % COUNT),
                )
            }),
            1,
        ),
    ] {
        assert_eq!(
            cycles(&policies).map(|found| found.len()),
            Some(groups),
            "{case}"
        );
    }
}

#[test]
fn ways_without_end_are_not_followed() {
    // Each aims at everything, in a fashion of its own.
    let policies: Vec<_> = (0..750)
        .map(|n| {
            to(
                &format!("p{n}"),
                &format!("n{n}/*"),
                &format!("{{name}}-{n}/{{rest}}"),
            )
        })
        .collect();
    assert_eq!(cycles(&policies), None);
    assert!(cycles(policies.get(..250).unwrap_or_default()).is_some());
}

/// Every way, pair by pair.
fn plainly(policies: &[Policy]) -> Vec<Vec<PolicyKey>> {
    let feeds = |from: &Policy, to: &Policy| {
        let reach = reach(&from.source, &from.target.repository);
        feeds(&reach, from.target.tag.constant().as_ref(), to)
    };
    let count = policies.len();
    let mut leads: Vec<Vec<bool>> = policies
        .iter()
        .map(|from| policies.iter().map(|to| feeds(from, to)).collect())
        .collect();
    for middle in 0..count {
        for from in 0..count {
            for to in 0..count {
                leads[from][to] |= leads[from][middle] && leads[middle][to];
            }
        }
    }
    let mut groups: Vec<Vec<PolicyKey>> = (0..count)
        .filter(|one| leads[*one][*one])
        .map(|one| {
            let members = (0..count).filter(|other| leads[one][*other] && leads[*other][one]);
            let mut keys: Vec<_> = members.map(|other| policies[other].key()).collect();
            keys.sort();
            keys
        })
        .collect();
    groups.sort();
    groups.dedup();
    groups
}

proptest::proptest! {
    #[test]
    fn the_cycles_are_those_that_are_found_pair_by_pair(
        drawn in proptest::collection::vec(
            (
                proptest::sample::select(vec!["a/b", "a/c", "a/*", "a/b/*", "b/*", "ab/*", "c", "cc", "*"]),
                proptest::sample::select(vec![
                    "a/b", "a/{rest}", "b/{rest}", "{repository}", "{rest}", "a{name}/{rest}", "a/b/{rest}",
                    "{name}/{rest}", "b/x{rest}", "cc", "a/{rest}-b",
                ]),
                proptest::sample::select(vec!["%n", "latest", "x-stable"]),
                proptest::sample::select(vec!["", "stable"]),
            ),
            1..7,
        ),
    ) {
        let policies: Vec<Policy> = drawn
            .iter()
            .enumerate()
            .filter_map(|(n, (source, repository, tag, ends_with))| {
                let mut document = serde_json::json!({
                    "source": source, "name": format!("p{n}"), "target": {"repository": repository, "tag": tag}
                });
                if !ends_with.is_empty() {
                    document["criteria"] = serde_json::json!([
                        {"attribute": "tag", "operator": "ends_with", "value": ends_with}
                    ]);
                }
                Policy::parse(&Node::from_json(&document.to_string()).unwrap()).ok()
            })
            .collect();
        proptest::prop_assert_eq!(cycles(&policies), Some(plainly(&policies)));
    }
}
