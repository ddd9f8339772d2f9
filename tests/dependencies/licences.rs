//! Under which licences, and from where, the crates come that are built here, tests and tools included.

use std::collections::BTreeSet;

use spdx::{Expression, Licensee, ParseMode};

use crate::cargo::Metadata;

/// What we accept: it asks for attribution at most, or (MPL-2.0) for changes to the crate's own files. No licence that
/// reaches the code around it (GPL, AGPL, LGPL, SSPL) is ever on this list. The names are SPDX's.
const ACCEPTED: [&str; 15] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

#[test]
fn every_crate_has_a_licence_that_is_accepted() {
    let refused: Vec<String> = Metadata::load()
        .packages
        .iter()
        .filter_map(|package| {
            let why = refusal(package.license.as_deref())?;
            Some(format!("{} {}: {why}", package.name, package.version))
        })
        .collect();
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

#[test]
fn every_crate_comes_from_the_one_registry_or_lies_in_the_workspace() {
    let metadata = Metadata::load();
    let sources: BTreeSet<&str> = metadata
        .packages
        .iter()
        .filter_map(|package| package.source.as_deref())
        .collect();
    assert_eq!(sources.len(), 1, "{sources:?}");
    assert!(
        sources.iter().all(|source| source.starts_with("registry+")),
        "{sources:?}"
    );

    let outside: Vec<_> = metadata
        .ours()
        .flat_map(|package| &package.dependencies)
        .filter_map(|dependency| dependency.path.as_deref())
        .filter(|path| !path.starts_with(crate::cargo::root()))
        .collect();
    assert!(outside.is_empty(), "outside the workspace: {outside:?}");
}

#[test]
fn our_own_packages_are_under_the_licence_of_the_file() {
    for package in Metadata::load().ours() {
        assert_eq!(
            package.license.as_deref(),
            Some("Apache-2.0"),
            "{}",
            package.name
        );
    }
    let text = std::fs::read_to_string(crate::cargo::root().join("LICENSE")).unwrap();
    let title: Vec<&str> = text.split_whitespace().take(4).collect();
    assert_eq!(title.join(" "), "Apache License Version 2.0,");
}

#[test]
fn a_licence_expression_is_read_as_spdx_means_it() {
    for (case, licence, accepted) in [
        ("one of the list", Some("MIT"), true),
        ("either", Some("GPL-3.0-only OR MIT"), true),
        ("both", Some("GPL-3.0-only AND MIT"), false),
        ("nested", Some("ISC AND (GPL-2.0-only OR Apache-2.0)"), true),
        ("a slash, as crates wrote it", Some("MIT/Apache-2.0"), true),
        (
            "an exception that is listed",
            Some("Apache-2.0 WITH LLVM-exception"),
            true,
        ),
        (
            "an exception to what is not",
            Some("GPL-2.0-only WITH Classpath-exception-2.0"),
            false,
        ),
        (
            "a licence of their own",
            Some("LicenseRef-Commercial"),
            false,
        ),
        ("LGPL alone", Some("LGPL-3.0-or-later"), false),
        ("no SPDX", Some("see LICENSE"), false),
        ("none", None, false),
    ] {
        let why = refusal(licence);
        assert_eq!(why.is_none(), accepted, "{case}: {why:?}");
    }
}

/// Why a crate of this licence may not be used; nothing where it may.
fn refusal(licence: Option<&str>) -> Option<String> {
    let Some(licence) = licence else {
        return Some("states no licence".to_owned());
    };
    let expression = match Expression::parse_mode(licence, ParseMode::LAX) {
        Ok(expression) => expression,
        Err(cause) => return Some(format!("\"{licence}\" is no SPDX expression: {cause}")),
    };
    let accepted = ACCEPTED.map(|name| Licensee::parse(name).unwrap());
    let met = expression.evaluate(|wanted| accepted.iter().any(|ours| ours.satisfies(wanted)));
    (!met).then(|| format!("\"{licence}\" leaves no choice that is accepted"))
}
