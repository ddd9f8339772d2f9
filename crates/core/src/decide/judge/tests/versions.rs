//! The attribute `component` with ranges of versions.

use super::{components::verdict_of, *};
use crate::component::Component;

const LOG4J: &str = "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1";

type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    CriterionVerdict,
    CriterionVerdict,
);

/// Name, version, package URL, value; the verdict of `one_of` and of `not_one_of`.
const VERSIONS: &[Row] = &[
    (
        "log4j-core",
        "2.14.1",
        LOG4J,
        "log4j-core@<2.17.1",
        Met,
        Broken,
    ),
    (
        "log4j-core",
        "2.14.1",
        LOG4J,
        "Log4J-core@<2.17.1",
        Broken,
        Broken,
    ),
    (
        "log4j-core",
        "2.14.1",
        LOG4J,
        "log4j-core@>=2.0,<2.17.1",
        Met,
        Broken,
    ),
    (
        "log4j-core",
        "2.14.1",
        LOG4J,
        "log4j-core@<2.14.1",
        Broken,
        Met,
    ),
    (
        "log4j-core",
        "2.14.1",
        LOG4J,
        "log4j-core@=2.14.1",
        Met,
        Broken,
    ),
    (
        "log4j-core",
        "2.14.1",
        LOG4J,
        "pkg:maven/org.apache.logging.log4j/log4j-core@=2.14.1",
        Met,
        Broken,
    ),
    (
        "log4j-core",
        "2.14.1",
        LOG4J,
        "org.apache.logging.log4j:log4j-core@>2.17",
        Broken,
        Met,
    ),
    (
        "log4j-api",
        "2.14.1",
        "pkg:maven/a/log4j-api@2.14.1",
        "log4j-core@<2.17.1",
        Broken,
        Met,
    ),
    // The version may stand in the package URL alone; where both are given, both count.
    ("log4j-core", "", LOG4J, "log4j-core@<2.17.1", Met, Broken),
    (
        "log4j-core",
        "2.20.0",
        LOG4J,
        "log4j-core@<2.17.1",
        Met,
        Broken,
    ),
    // Pure order: a pre-release is below its release.
    (
        "a",
        "2.0.0-rc1",
        "pkg:npm/a@2.0.0-rc1",
        "a@<2.0.0",
        Met,
        Broken,
    ),
    (
        "PyYAML",
        "5.3.1",
        "pkg:pypi/PyYAML@5.3.1",
        "pyyaml@<5.4",
        Met,
        Broken,
    ),
    (
        "core",
        "15.0.0",
        "pkg:npm/%40angular/core@15.0.0",
        "@angular/core@>=15",
        Met,
        Broken,
    ),
    (
        "bash",
        "5.1-2",
        "pkg:deb/debian/bash@5.1-2",
        "bash@<5.1-3~deb",
        Met,
        Broken,
    ),
    (
        "openssl",
        "1.1.1k-9",
        "pkg:rpm/rhel/openssl@1.1.1k-9?epoch=1",
        "openssl@<1:1.1.1k-10",
        Met,
        Broken,
    ),
    (
        "openssl",
        "1.1.1k-9",
        "pkg:rpm/rhel/openssl@1.1.1k-9?epoch=1",
        "openssl@<3.0",
        Broken,
        Met,
    ),
    // Not known.
    (
        "log4j-core",
        "",
        "pkg:maven/a/log4j-core",
        "log4j-core@<2.17.1",
        Unknown,
        Unknown,
    ),
    (
        "log4j-core",
        "2.14.1",
        "",
        "log4j-core@<2.17.1",
        Unknown,
        Unknown,
    ),
    (
        "log4j-core",
        "2.14.1",
        "pkg:generic/log4j-core@2.14.1",
        "log4j-core@<2.17.1",
        Unknown,
        Unknown,
    ),
    (
        "log4j-core",
        "what",
        "pkg:npm/log4j-core@what",
        "log4j-core@<2.17.1",
        Unknown,
        Unknown,
    ),
    (
        "log4j-core",
        "2.20.0",
        "pkg:maven/a/log4j-core@%20",
        "log4j-core@<2.17.1",
        Unknown,
        Unknown,
    ),
    // But for the version that the value names.
    (
        "log4j-core",
        "2.14.1",
        "",
        "log4j-core@=2.14.1",
        Met,
        Broken,
    ),
];

#[test]
fn a_value_may_name_a_range_of_versions() {
    for (name, version, purl, value, wanted, banned) in VERSIONS {
        let purls: Vec<_> = (!purl.is_empty()).then_some(*purl).into_iter().collect();
        let mut found = component(name, version, &purls);
        found.version = found.version.filter(|version| !version.is_empty());
        let case = format!("{name} {version} {purl}: {value}");
        assert_eq!(verdict_of(&found, "one_of", value), *wanted, "{case}");
        assert_eq!(verdict_of(&found, "not_one_of", value), *banned, "{case}");
    }
}

#[test]
fn what_is_not_known_of_one_component_hides_no_other() {
    let unknown = || component("log4j-core", "2.14.1", &[]);
    let old = || component("log4j-core", "2.14.1", &["pkg:maven/a/log4j-core@2.14.1"]);
    let new = || component("log4j-core", "2.20.0", &["pkg:maven/a/log4j-core@2.20.0"]);
    let value = json!(["log4j-core@<2.17.1"]);
    for (case, components, wanted, banned) in [
        ("old beside unknown", vec![unknown(), old()], Met, Broken),
        (
            "new beside unknown",
            vec![unknown(), new()],
            Unknown,
            Unknown,
        ),
        ("old beside new", vec![new(), old()], Met, Broken),
        ("new alone", vec![new()], Broken, Met),
    ] {
        let known = evidence(&[sbom(components)]);
        let on = |operator: &str| verdict(&criterion("component", operator, &value), &known);
        assert_eq!((on("one_of"), on("not_one_of")), (wanted, banned), "{case}");
    }
    let platforms = evidence(&[sbom(vec![unknown()]), not_yet()]);
    let on = |operator: &str| judged(&criterion("component", operator, &value), &platforms);
    assert_eq!(on("one_of").judgement.verdict, Await);
    insta::assert_snapshot!(
        on("not_one_of").reason,
        @r#"component not_one_of ["log4j-core@<2.17.1"]: log4j-core 2.14.1 (cannot be compared with <2.17.1) on linux/amd64"#
    );
    let stated = evidence(&[sbom(vec![Component {
        version: None,
        ..unknown()
    }])]);
    let reason = judged(&criterion("component", "not_one_of", &value), &stated).reason;
    insta::assert_snapshot!(
        reason,
        @r#"component not_one_of ["log4j-core@<2.17.1"]: log4j-core (has no version to compare with <2.17.1)"#
    );
}
