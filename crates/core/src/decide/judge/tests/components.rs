//! The attribute `component`: names as ecosystems compare them.

use super::*;
use crate::component::Component;

fn one(component: Component) -> Evidence {
    evidence(&[sbom(vec![component])])
}

pub(super) fn verdict_of(component: &Component, operator: &str, value: &str) -> CriterionVerdict {
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

#[test]
fn each_of_several_criteria_has_its_own_answer() {
    let criteria = json!({"criteria": [
        {"attribute": "component", "operator": "one_of", "value": ["wanted"]},
        {"attribute": "component", "operator": "not_one_of", "value": ["banned"]},
        {"attribute": "component", "operator": "not_one_of", "value": ["worse"]},
    ]});
    for (names, verdicts) in [
        (&["wanted"][..], [Met, Met, Met]),
        (&["banned"], [Broken, Broken, Met]),
        (&["worse"], [Broken, Met, Broken]),
        (&["wanted", "banned"], [Met, Broken, Met]),
        (&["other"], [Broken, Met, Met]),
    ] {
        let components = names.iter().map(|name| component(name, "1.0", &[]));
        let known = evidence(&[sbom(components.collect())]);
        let (push, own) = (push("dev/website", "1.4"), policy(&criteria));
        let all = crate::decide::judgements(&push, &own, &known, push.order_time);
        let all: Vec<_> = all.iter().map(|one| one.verdict).collect();
        assert_eq!(all, verdicts, "{names:?}");
    }
}
