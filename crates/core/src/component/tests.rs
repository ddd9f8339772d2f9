//! Names worked out by hand from the package URL types' definitions.

use super::*;

fn named(name: &str, group: &str, purls: &[&str]) -> Component {
    Component {
        name: name.to_owned(),
        group: (!group.is_empty()).then(|| group.to_owned()),
        purls: purls.iter().map(ToString::to_string).collect(),
        ..Component::default()
    }
}

fn names(component: &Component) -> Vec<String> {
    let mut names = Vec::new();
    component.each_name(|name, _| {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    });
    names.sort();
    names
}

/// Name, group, package URL, and all names.
const NAMES: &[(&str, &str, &str, &[&str])] = &[
    ("zlib", "", "", &["zlib"]),
    (
        "log4j-core",
        "",
        "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1?type=jar",
        &[
            "log4j-core",
            "org.apache.logging.log4j/log4j-core",
            "org.apache.logging.log4j:log4j-core",
            "pkg:maven/org.apache.logging.log4j/log4j-core",
        ],
    ),
    (
        "log4j-core",
        "org.apache.logging.log4j",
        "",
        &[
            "log4j-core",
            "org.apache.logging.log4j/log4j-core",
            "org.apache.logging.log4j:log4j-core",
        ],
    ),
    (
        "org.yaml:snakeyaml",
        "",
        "pkg:gradle/org.yaml/snakeyaml@1.33",
        &[
            "org.yaml/snakeyaml",
            "org.yaml:snakeyaml",
            "pkg:gradle/org.yaml/snakeyaml",
            "snakeyaml",
        ],
    ),
    (
        "org.springframework:spring-web",
        "",
        "",
        &[
            "org.springframework/spring-web",
            "org.springframework:spring-web",
            "spring-web",
        ],
    ),
    (
        "core",
        "@babel",
        "pkg:npm/%40babel/core@7.0.0",
        &["@babel/core", "core", "pkg:npm/@babel/core"],
    ),
    (
        "@babel/core",
        "",
        "pkg:npm/@babel/core@7.0.0",
        &["@babel/core", "core", "pkg:npm/@babel/core"],
    ),
    (
        "musl",
        "",
        "pkg:apk/alpine/musl@1.2.3-r0?distro=3.16.0",
        &["alpine/musl", "musl", "pkg:apk/alpine/musl"],
    ),
    (
        "stdlib",
        "",
        "pkg:golang/stdlib@1.22#a/b",
        &["pkg:golang/stdlib", "stdlib"],
    ),
    (
        "github.com/sirupsen/logrus",
        "",
        "pkg:GOLANG/github.com/sirupsen/logrus@v1.9.0",
        &[
            "github.com/sirupsen/logrus",
            "logrus",
            "pkg:golang/github.com/sirupsen/logrus",
        ],
    ),
    (
        "Foo::Bar",
        "",
        "pkg:cpan/AUTHOR/Foo-Bar@1",
        &[
            "AUTHOR/Foo-Bar",
            "Foo-Bar",
            "Foo::Bar",
            "pkg:cpan/AUTHOR/Foo-Bar",
        ],
    ),
    (
        "renamed",
        "",
        "PKG://PyPI/PyYAML@5.3",
        &["PyYAML", "pkg:pypi/PyYAML", "renamed"],
    ),
    // Not package URLs: the name stays.
    ("good", "", "npm:left-pad@1", &["good"]),
    ("good", "", "garbage", &["good"]),
    ("good", "", "pkg:", &["good"]),
    ("good", "", "pkg:maven", &["good"]),
    ("good", "", "pkg:maven/", &["good"]),
    ("good", "", "pkg:maven/@1.0", &["good"]),
    ("good", "", "pkg:maven/%/x", &["good"]),
    ("good", "", "pkg:maven/%ff/x", &["good"]),
    ("good", "", "pkg:maven/%+1/x", &["good"]),
];

#[test]
fn a_component_answers_to_every_name_it_goes_by() {
    for (name, group, purl, wanted) in NAMES {
        let purls: Vec<_> = (!purl.is_empty()).then_some(*purl).into_iter().collect();
        let found = names(&named(name, group, &purls));
        assert_eq!(found, *wanted, "{name} {group} {purl}");
    }
}

#[test]
fn every_package_url_of_a_component_names_it() {
    let component = named("a", "", &["pkg:npm/b@1", "pkg:pypi/C.d@2", "garbage"]);
    assert_eq!(
        names(&component),
        ["C.d", "a", "b", "pkg:npm/b", "pkg:pypi/C.d"]
    );
}

#[test]
fn an_ecosystem_says_which_names_are_equal() {
    for (kind, one, other, are_equal) in [
        ("pypi", "PyYAML", "pyyaml", true),
        ("pypi", "ruamel.yaml", "ruamel-yaml", true),
        ("pypi", "ruamel._-yaml", "Ruamel_YAML", true),
        ("pypi", "ruamelyaml", "ruamel-yaml", false),
        (
            "golang",
            "github.com/Sirupsen/logrus",
            "github.com/sirupsen/logrus",
            true,
        ),
        ("github", "Foo/Bar", "foo/bar", true),
        ("npm", "JSONStream", "jsonstream", true),
        ("npm", "lodash.merge", "lodash-merge", false),
        ("npm", "lodash_merge", "lodash-merge", false),
        ("nuget", "Newtonsoft.Json", "newtonsoft.json", true),
        ("cargo", "serde-json", "serde_json", true),
        ("cargo", "Serde", "serde", true),
        ("maven", "Log4j-core", "log4j-core", false),
        ("maven", "log4j-core", "log4j_core", false),
        ("deb", "Zlib", "zlib", true),
        ("gem", "RedCloth", "redcloth", false),
        ("PyPI", "A.b", "a-B", true),
        ("unheard-of", "A", "a", false),
    ] {
        let spelling = Spelling::of_type(kind);
        let found = spelling.canonical(one) == spelling.canonical(other);
        assert_eq!(found, are_equal, "{kind}: {one} and {other}");
    }
}

#[test]
fn a_package_url_tells_its_version() {
    for (text, version) in [
        ("pkg:npm/a@1.0.0", Some("1.0.0")),
        ("pkg:npm/%40a/b@1.0.0-rc%2B1?x=y#z", Some("1.0.0-rc+1")),
        ("pkg:npm/@a/b", None),
        ("pkg:npm/a@", None),
        (
            "pkg:docker/cassandra@sha256:244fd47e07d1004f0aed9c",
            Some("sha256:244fd47e07d1004f0aed9c"),
        ),
    ] {
        let purl = Purl::parse(text).unwrap();
        assert_eq!(purl.version.as_deref(), version, "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn any_package_url_is_read_or_passed_over(purl in "(pkg:)?[a-z/%@?#:\\PC]{0,40}") {
        named("name", "", &[&purl]).each_name(|name, spelling| {
            let canonical = spelling.canonical(name);
            // Canonical is canonical already.
            assert_eq!(spelling.canonical(&canonical), canonical);
        });
    }
}
