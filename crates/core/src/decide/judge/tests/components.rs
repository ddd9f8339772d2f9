//! The attribute `component`: names as ecosystems compare them.

use super::*;
use crate::component::Component;

fn one(component: Component) -> Evidence {
    evidence(&[sbom(vec![component])])
}

fn verdict_of(component: &Component, operator: &str, value: &str) -> CriterionVerdict {
    let criterion = criterion("component", operator, &json!([value]));
    verdict(&criterion, &one(component.clone()))
}

/// Name, package URL, value, whether the value is wanted and whether it is banned.
const EQUAL: &[(&str, &str, &str, bool, bool)] = &[
    ("PyYAML", "pkg:pypi/PyYAML@5.3", "pyyaml", true, true),
    ("pyyaml", "pkg:pypi/pyyaml@5.3", "PyYAML", true, true),
    (
        "ruamel.yaml",
        "pkg:pypi/ruamel.yaml@1",
        "ruamel-yaml",
        true,
        true,
    ),
    (
        "ruamel-yaml",
        "pkg:pypi/ruamel-yaml@1",
        "Ruamel_Yaml",
        true,
        true,
    ),
    (
        "github.com/Sirupsen/logrus",
        "pkg:golang/github.com/Sirupsen/logrus@v1",
        "github.com/sirupsen/logrus",
        true,
        true,
    ),
    (
        "org.yaml:snakeyaml",
        "pkg:gradle/org.yaml/snakeyaml@1",
        "snakeyaml",
        true,
        true,
    ),
    (
        "snakeyaml",
        "pkg:maven/org.yaml/snakeyaml@1",
        "org.yaml:snakeyaml",
        true,
        true,
    ),
    (
        "snakeyaml",
        "pkg:maven/org.yaml/snakeyaml@1",
        "org.yaml/snakeyaml",
        true,
        true,
    ),
    (
        "snakeyaml",
        "pkg:maven/org.yaml/snakeyaml@1",
        "pkg:maven/org.yaml/snakeyaml",
        true,
        true,
    ),
    (
        "core",
        "pkg:npm/%40angular/core@1",
        "@angular/core",
        true,
        true,
    ),
    (
        "core",
        "pkg:npm/%40angular/core@1",
        "pkg:npm/@angular/core",
        true,
        true,
    ),
    (
        "core",
        "pkg:npm/%40angular/core@1",
        "pkg:npm/%40angular/core",
        true,
        true,
    ),
    (
        "JSONStream",
        "pkg:npm/JSONStream@1",
        "jsonstream",
        true,
        true,
    ),
    (
        "serde-json",
        "pkg:cargo/serde-json@1",
        "serde_json",
        true,
        true,
    ),
    (
        "Newtonsoft.Json",
        "pkg:nuget/Newtonsoft.Json@1",
        "newtonsoft.json",
        true,
        true,
    ),
    // Where the ecosystem regards case, only a ban does not.
    (
        "log4j-core",
        "pkg:maven/a/log4j-core@1",
        "Log4j-core",
        false,
        true,
    ),
    ("log4j-core", "", "Log4j-core", false, true),
    ("RedCloth", "pkg:gem/RedCloth@1", "redcloth", false, true),
    (
        "snakeyaml",
        "pkg:maven/org.yaml/snakeyaml@1",
        "pkg:maven/Org.Yaml/SnakeYAML",
        false,
        true,
    ),
    // Other names.
    (
        "lodash.merge",
        "pkg:npm/lodash.merge@1",
        "lodash-merge",
        false,
        false,
    ),
    ("lodash.merge", "", "lodash-merge", false, false),
    ("ruamel.yaml", "", "ruamel-yaml", false, false),
    ("pyyaml-ft", "pkg:pypi/pyyaml-ft@1", "pyyaml", false, false),
    (
        "core",
        "pkg:npm/%40angular/core@1",
        "@babel/core",
        false,
        false,
    ),
    (
        "core",
        "pkg:npm/%40angular/core@1",
        "angular/core",
        false,
        false,
    ),
    ("a", "pkg:npm/a@1", "pkg:pypi/a", false, false),
];

#[test]
fn a_ban_covers_every_name_that_its_ecosystem_holds_equal() {
    for (name, purl, value, is_wanted, is_banned) in EQUAL {
        let purls: Vec<_> = (!purl.is_empty()).then_some(*purl).into_iter().collect();
        let found = component(name, "1", &purls);
        let met = |is_met: bool| if is_met { Met } else { Broken };
        for (operator, wanted) in [
            ("equals", *is_wanted),
            ("one_of", *is_wanted),
            ("not_equals", !is_banned),
            ("not_one_of", !is_banned),
        ] {
            let case = format!("{name} {purl}: {operator} {value}");
            assert_eq!(verdict_of(&found, operator, value), met(wanted), "{case}");
        }
    }
}

#[test]
fn parts_of_names_are_compared_as_names_are() {
    let yaml = component("Ruamel.YAML", "1", &["pkg:pypi/Ruamel.YAML@1"]);
    let log4j = component("log4j-core", "1", &[]);
    for (found, operator, value, is_met) in [
        (&yaml, "starts_with", "ruamel", true),
        (&yaml, "starts_with", "ruamel_y", true),
        (&yaml, "starts_with", "yaml", false),
        (&yaml, "starts_with", "pkg:pypi/", true),
        (&yaml, "ends_with", "-yaml", true),
        (&yaml, "ends_with", "ruamel", false),
        (&yaml, "contains", "el.ya", true),
        (&yaml, "contains", "el--ya", true),
        (&yaml, "contains", "elya", false),
        (&yaml, "matches", "Ruamel.*", true),
        (&yaml, "matches", "ruamel-yaml", true),
        (&yaml, "matches", "RUAMEL.*", false),
        (&yaml, "not_matches", "RUAMEL.*", false),
        (&log4j, "starts_with", "Log", false),
        (&log4j, "contains", "4J", false),
        (&log4j, "not_matches", "LOG4J-.*", false),
        (&log4j, "not_matches", "LOG4J", true),
    ] {
        let wanted = if is_met { Met } else { Broken };
        let name = &found.name;
        assert_eq!(
            verdict_of(found, operator, value),
            wanted,
            "{name}: {operator} {value}"
        );
    }
}

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
