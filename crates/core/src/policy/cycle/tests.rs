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
    let groups = cycles(policies).into_iter();
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
fn a_retag_that_its_own_criteria_refuse_is_no_cycle() {
    let target = |tag: &str| serde_json::json!({"repository": "dev/web", "tag": tag});
    let retag = |tag: &str| [policy("a", "dev/web", &target(tag), "stable")];
    assert_eq!(names(&retag("latest")), Vec::<Vec<String>>::new());
    assert_eq!(names(&retag("so-stable")), [["a"]]);
    assert_eq!(names(&retag("%n-x")), [["a"]]);
    // What depends on the image is told by no tag.
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
    assert_eq!(cycles(&chain).first().map(Vec::len), Some(400));
}
