//! What each package of the workspace may use, and what the Lambda binary links.

use std::collections::{BTreeMap, BTreeSet};

use crate::cargo::{Dependency, Linked, Metadata, linked};

/// The function: the root package, whose binary is `bootstrap`.
const FUNCTION: &str = "ecr-promoter";
const CORE: &str = "ecr-promoter-core";
const CONTENTS: &str = "ecr-promoter-contents";
const LOCAL: &str = "ecr-promoter-local";
const PROMOTER: &str = "promoter";

/// Which packages of ours each may use in what it ships.
const ROOMS: [(&str, &[&str]); 5] = [
    (CORE, &[]),
    (CONTENTS, &[CORE]),
    (FUNCTION, &[CONTENTS, CORE]),
    (LOCAL, &[]),
    (PROMOTER, &[CONTENTS, CORE, FUNCTION, LOCAL]),
];

/// Which crates the pure packages may name: small parsers, and for contents decoders. A new one is a decision.
const PURE: [(&str, &[&str]); 2] = [
    (
        CORE,
        &[
            "aho-corasick",
            "chrono",
            "pep440_rs",
            "regex-automata",
            "regex-syntax",
            "semver",
            "serde",
            "serde_json",
            "spdx",
            "strsim",
            "thiserror",
        ],
    ),
    (
        CONTENTS,
        &[
            "base64",
            "flate2",
            "chrono",
            CORE,
            "serde",
            "serde_json",
            "spdx",
            "thiserror",
        ],
    ),
];

/// What a pure package never links, by the start of the name: each would bring a runtime, a network, randomness or a
/// clock within reach of a decision.
const IMPURE: [&str; 14] = [
    "async-",
    "aws-",
    "getrandom",
    "hyper",
    "iana-time-zone",
    "instant",
    "jiff",
    "mio",
    "rand",
    "reqwest",
    "socket2",
    "time",
    "tokio",
    "web-time",
];

/// What the Lambda binary never links, and why.
const NOT_IN_THE_FUNCTION: [(&str, &str); 18] = [
    (LOCAL, "the embedded AWS is for tests and demonstrations"),
    (PROMOTER, "the command for people is another binary"),
    ("clap", "a function has no command line"),
    ("axum", "a function serves nobody"),
    ("dynoxide-rs", "the embedded DynamoDB"),
    ("rusqlite", "the embedded DynamoDB's store"),
    ("libsqlite3-sys", "the embedded DynamoDB's store"),
    (
        "reqwest",
        "a second client, outside the seam, that follows redirects",
    ),
    (
        "aws-config",
        "profiles and single sign-on are for people; Lambda's environment has it all",
    ),
    (
        "aws-smithy-http-client",
        "the seam has a connector of its own, without HTTP/2",
    ),
    ("h2", "nothing that the function talks to needs HTTP/2"),
    ("insta", "tests only"),
    ("proptest", "tests only"),
    ("openssl", "TLS is by aws-lc"),
    ("openssl-sys", "TLS is by aws-lc"),
    ("native-tls", "TLS is by aws-lc"),
    ("boring", "TLS is by aws-lc"),
    ("ring", "TLS is by aws-lc"),
];

/// The AWS clients that the function may carry.
const CLIENTS: [&str; 4] = [
    "aws-sdk-dynamodb",
    "aws-sdk-ecr",
    "aws-sdk-eventbridge",
    "aws-sdk-sqs",
];

#[test]
fn the_lambda_binary_links_nothing_made_for_people_or_tests() {
    let linked = linked(FUNCTION);
    let names = names(&linked);
    let found: Vec<_> = NOT_IN_THE_FUNCTION
        .iter()
        .filter(|(name, _)| names.contains(name))
        .collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn the_lambda_binary_speaks_tls_by_aws_lc_alone() {
    let linked = linked(FUNCTION);
    let names = names(&linked);
    for wanted in ["rustls", "aws-lc-rs", "aws-lc-sys"] {
        assert!(names.contains(wanted), "{wanted}");
    }
    for rustls in linked.iter().filter(|krate| krate.name == "rustls") {
        assert!(!rustls.features.iter().any(|feature| feature == "ring"));
    }
}

#[test]
fn the_lambda_binary_holds_each_aws_client_once_and_no_other() {
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for krate in linked(FUNCTION) {
        if krate.name.starts_with("aws-sdk-") {
            versions
                .entry(krate.name)
                .or_default()
                .insert(krate.version);
        }
    }
    for (name, versions) in versions {
        assert!(CLIENTS.contains(&name.as_str()), "{name} {versions:?}");
        assert_eq!(versions.len(), 1, "{name} {versions:?}");
    }
}

#[test]
fn each_room_uses_only_the_rooms_it_may() {
    let metadata = Metadata::load();
    let ours: BTreeSet<&str> = metadata.ours().map(|room| room.name.as_str()).collect();
    assert_eq!(ours, ROOMS.iter().map(|(room, _)| *room).collect());

    for (room, may) in ROOMS {
        let package = metadata.package(room);
        for used in package.dependencies.iter().filter(|used| ships(used)) {
            let name = used.name.as_str();
            assert!(
                !ours.contains(name) || may.contains(&name),
                "{room} uses {name}"
            );
        }
    }
}

#[test]
fn the_embedded_aws_knows_nothing_of_us_in_its_tests_either() {
    let metadata = Metadata::load();
    let used = &metadata.package(LOCAL).dependencies;
    for ours in [CORE, CONTENTS, FUNCTION, PROMOTER] {
        assert!(!used.iter().any(|used| used.name == ours), "{ours}");
    }
}

#[test]
fn the_pure_rooms_name_small_parsers_and_decoders_alone() {
    let metadata = Metadata::load();
    for (room, may) in PURE {
        let package = metadata.package(room);
        for used in package.dependencies.iter().filter(|used| ships(used)) {
            assert!(
                may.contains(&used.name.as_str()),
                "{room} uses {}",
                used.name
            );
        }
    }
}

#[test]
fn the_pure_rooms_reach_no_runtime_no_network_no_randomness_and_no_clock() {
    for (room, _) in PURE {
        for krate in linked(room) {
            let start = IMPURE.iter().find(|start| krate.name.starts_with(**start));
            assert!(start.is_none(), "{room} links {}", krate.name);
            let clock = krate.name == "chrono"
                && krate
                    .features
                    .iter()
                    .any(|feature| feature == "clock" || feature == "now");
            assert!(!clock, "{room} links chrono with its clock");
        }
    }
}

#[test]
fn the_rules_see_what_they_forbid() {
    let local = linked(LOCAL);
    let names = names(&local);
    for forbidden in ["axum", "dynoxide-rs", "libsqlite3-sys"] {
        assert!(names.contains(forbidden), "{forbidden}");
    }
    for start in ["hyper", "tokio"] {
        assert!(IMPURE.contains(&start) && names.contains(start), "{start}");
    }
    let core = linked(CORE);
    let chrono = core.iter().find(|krate| krate.name == "chrono").unwrap();
    assert!(chrono.features.iter().any(|feature| feature == "serde"));
}

/// Whether a dependency is part of what is shipped, or made by a script that runs when it is built.
fn ships(dependency: &Dependency) -> bool {
    dependency.kind.as_deref() != Some("dev")
}

fn names(linked: &[Linked]) -> BTreeSet<&str> {
    linked.iter().map(|krate| krate.name.as_str()).collect()
}
