//! What is told of components, licenses, SBOMs and tags, by name.

use super::*;

type Criteria = Vec<(&'static str, &'static str, Value)>;

fn log4j() -> Component {
    let purl = "pkg:maven/org.apache/log4j-core@2.14.1";
    component("log4j-core", "2.14.1", &[purl])
}

fn musl() -> Component {
    licensed("musl", License::of("MIT"))
}

fn clean() -> On {
    sbom(vec![musl()])
}

fn beside(other: Component) -> On {
    sbom(vec![musl(), other])
}

fn ban(value: Value) -> Criteria {
    vec![("component", "not_one_of", value)]
}

fn agpl() -> Criteria {
    vec![("license", "not_one_of", json!(["AGPL-3.0-only"]))]
}

fn assert_told(case: &str, list: &Criteria, tag: &str, on: On, expected: &[&str]) {
    let pass = told(&criteria(list), tag, &evidence(&[on]));
    assert!(pass.possible, "{case}: {}", pass.why);
    let lines: Vec<_> = pass.changes.iter().map(line).collect();
    assert_eq!(lines, expected, "{case}");
}

#[test]
fn components_go_or_change_their_version() {
    for (case, list, tag, on, expected) in [
        (
            "banned",
            ban(json!(["log4j-core"])),
            "1.4",
            beside(log4j()),
            vec!["remove log4j-core 2.14.1"],
        ),
        (
            "banned below a version",
            ban(json!(["log4j-core@<2.17.1"])),
            "1.4",
            beside(log4j()),
            vec!["update log4j-core 2.14.1 -> 2.17.1"],
        ),
        (
            "of two ranges the next version that is in neither",
            ban(json!(["log4j-core@<2.17.1", "log4j-core@>=2.17.1,<3.0"])),
            "1.4",
            beside(log4j()),
            vec!["update log4j-core 2.14.1 -> 3.0"],
        ),
    ] {
        assert_told(case, &list, tag, on, &expected);
    }
}

/// A sort panics where an order goes in circles: `2.0.0` is below `10.0.0`; as texts, that is below `1_x`, and `1_x` below `2.0.0`.
#[test]
fn bounds_that_are_versions_of_other_ecosystems_went_in_circles() {
    // The numbers of a small generator: a sort notices nothing where kinds take turns.
    let kinds = std::iter::successors(Some(149), |x| Some((x * 75 + 74) % 65_537));
    let bounds = kinds.take(50).enumerate().map(|(n, kind)| match kind % 3 {
        0 => format!("left-pad@<2.{n}.0"),
        1 => format!("left-pad@<10.{n}.0"),
        _ => format!("left-pad@<1_{n}"),
    });
    let list = ban(json!(bounds.collect::<Vec<_>>()));
    let on = beside(component("left-pad", "1.0.0", &["pkg:npm/left-pad@1.0.0"]));
    let pass = told(&criteria(&list), "1.4", &evidence(&[on]));
    assert!(pass.possible, "{}", pass.why);
}

#[test]
fn licenses_are_cleared_and_sboms_attached() {
    for (case, list, tag, on, expected) in [
        (
            "a banned license",
            agpl(),
            "1.4",
            beside(licensed("minio", License::of("AGPL-3.0-only"))),
            vec!["remove minio 1.0"],
        ),
        (
            "an unknown license",
            agpl(),
            "1.4",
            beside(licensed("minio", License::default())),
            vec!["license minio"],
        ),
        (
            "the document's own license",
            agpl(),
            "1.4",
            beside(frame("website", License::of("AGPL-3.0-only"))),
            vec!["license website AGPL-3.0-only"],
        ),
        ("no SBOM", agpl(), "1.4", never(), vec!["attach"]),
        (
            "an incomplete SBOM",
            agpl(),
            "1.4",
            partial_sbom(
                vec![licensed("musl", License::of("MIT"))],
                "it says that it is incomplete",
            ),
            vec!["attach"],
        ),
        (
            "a component that is wanted",
            vec![("component", "one_of", json!(["tini", "dumb-init"]))],
            "1.4",
            clean(),
            vec!["attach tini"],
        ),
        (
            "a license that is wanted",
            vec![("license", "equals", json!("Apache-2.0"))],
            "1.4",
            clean(),
            vec!["attach -> Apache-2.0"],
        ),
    ] {
        assert_told(case, &list, tag, on, &expected);
    }
}

#[test]
fn a_tag_is_suggested_that_meets_every_criterion_on_tags() {
    for (case, list, tag, on, expected) in [
        (
            "an end",
            vec![("tag", "ends_with", json!("stable"))],
            "1.4",
            clean(),
            vec!["tag 1.4 -> 1.4-stable"],
        ),
        (
            "a version",
            vec![("tag.semver", "one_of", json!(["^2"]))],
            "1.4.0",
            clean(),
            vec!["tag 1.4.0 -> 2.0.0"],
        ),
        (
            "an expression",
            vec![("tag", "matches", json!("v[0-9]+\\.[0-9]+-(rc|ga)"))],
            "1.4",
            clean(),
            vec!["tag 1.4 -> v1.1-rc"],
        ),
        (
            "a tag and a component",
            [
                ban(json!(["log4j-core"])),
                vec![("tag", "not_equals", json!("latest"))],
            ]
            .concat(),
            "latest",
            beside(log4j()),
            vec!["remove log4j-core 2.14.1", "tag latest -> latest-1"],
        ),
    ] {
        assert_told(case, &list, tag, on, &expected);
    }
}
