//! The walls inside `src`, read from its imports: which room may use which, that no two files use each other in a
//! circle, and that a name means one thing.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use crate::{
    cargo::root,
    imports::{declared, files, imports, room},
    sources::rust_files,
};

/// Which rooms each room of `src` may use; what is not named here may not be imported. From top to bottom: no room uses
/// who stands above him.
const WALLS: [(&str, &[&str]); 31] = [
    (
        "lib",
        &[
            "aws", "config", "explain", "failure", "function", "handler", "ledger", "look",
        ],
    ),
    (
        "handler",
        &[
            "answer", "edited", "failure", "flow", "function", "log", "message", "occasion",
            "outcome", "queue", "walk", "work",
        ],
    ),
    ("answer", &["outcome", "policies"]),
    ("log", &[]),
    (
        "flow",
        &[
            "case", "closing", "ending", "failure", "finish", "function", "judge", "ledger",
            "message", "occasion", "outcome", "policies", "promote", "pushes", "reading",
        ],
    ),
    ("message", &["function", "queue"]),
    (
        "walk",
        &["ecr", "failure", "function", "ledger", "policies", "queue"],
    ),
    (
        "edited",
        &[
            "ecr", "failure", "finish", "function", "ledger", "policies", "queue",
        ],
    ),
    ("work", &["failure", "function", "ledger", "queue"]),
    (
        "look",
        &[
            "ecr", "evidence", "failure", "function", "pushes", "reading",
        ],
    ),
    (
        "explain",
        &[
            "case", "ecr", "ending", "evidence", "failure", "function", "judge", "ledger",
            "occasion", "policies", "pushes", "reading",
        ],
    ),
    (
        "closing",
        &[
            "ecr", "ending", "failure", "finish", "function", "ledger", "outcome", "promote",
            "pushes",
        ],
    ),
    ("judge", &["case", "evidence", "failure", "function"]),
    (
        "promote",
        &[
            "case", "copy", "ecr", "ending", "failure", "finish", "function", "ledger", "occasion",
            "policies", "queue",
        ],
    ),
    (
        "finish",
        &["aws", "ending", "failure", "function", "ledger"],
    ),
    (
        "evidence",
        &["ecr", "failure", "function", "ledger", "reading"],
    ),
    (
        "pushes",
        &[
            "ecr", "failure", "function", "ledger", "occasion", "outcome", "reading",
        ],
    ),
    ("outcome", &["ending", "failure", "policies"]),
    (
        "case",
        &[
            "ending", "failure", "function", "ledger", "occasion", "policies", "reading",
        ],
    ),
    ("ending", &["failure", "ledger"]),
    (
        "reading",
        &["ecr", "failure", "function", "occasion", "policies"],
    ),
    ("occasion", &["policies"]),
    (
        "function",
        &["aws", "config", "ecr", "failure", "ledger", "policies"],
    ),
    ("policies", &["failure", "ledger"]),
    ("ledger", &["copy", "failure"]),
    ("copy", &["aws", "ecr", "failure"]),
    ("ecr", &["aws", "failure"]),
    ("queue", &["aws", "failure"]),
    ("aws", &["config", "failure"]),
    ("config", &[]),
    ("failure", &[]),
];

/// What Rust itself calls so, or what everybody takes for Rust's own.
const PRELUDE: [&str; 16] = [
    "Box", "Clone", "Copy", "Default", "Drop", "Err", "Fn", "From", "Into", "Iterator", "Option",
    "Ok", "Result", "Send", "String", "Vec",
];

#[test]
fn each_room_of_the_function_uses_only_the_rooms_it_may() {
    let walls: BTreeMap<&str, &[&str]> = WALLS.into();
    let mut broken = Vec::new();
    for (file, imports) in imports() {
        let own = room(&file);
        let may = walls.get(own).unwrap_or_else(|| panic!("{own} has no row"));
        for import in imports {
            let used = room(&import);
            if used != own && !may.contains(&used) {
                broken.push(format!("{file} uses {import}"));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn the_walls_name_no_room_that_is_not_there_and_allow_nothing_that_nobody_needs() {
    let imports = imports();
    let rooms: BTreeSet<&str> = imports.keys().map(|file| room(file)).collect();
    assert_eq!(rooms, WALLS.iter().map(|(room, _)| *room).collect());
    let mut needless = Vec::new();
    for (from, may) in WALLS {
        let of_the_room = imports.iter().filter(|(file, _)| room(file) == from);
        let used: BTreeSet<&str> = of_the_room
            .flat_map(|(_, used)| used)
            .map(|used| room(used))
            .collect();
        needless.extend(
            may.iter()
                .filter(|to| !used.contains(*to))
                .map(|to| format!("{from} to {to}")),
        );
    }
    assert!(needless.is_empty(), "{needless:?}");
}

#[test]
fn no_file_of_the_function_uses_itself_by_way_of_others() {
    let imports = imports();
    let circles: Vec<&String> = imports
        .keys()
        .filter(|file| reaches(file, file, &imports))
        .collect();
    assert!(
        circles.is_empty(),
        "these files are part of a circle: {circles:?}"
    );
}

#[test]
fn no_room_stands_below_one_that_uses_it() {
    let place = |room: &str| WALLS.iter().position(|(name, _)| *name == room);
    for (room, may) in WALLS {
        for used in may {
            assert!(
                place(used) > place(room),
                "{room} uses {used}, which stands above it"
            );
        }
    }
}

#[test]
fn a_name_of_the_function_means_one_thing() {
    let files = files();
    let names = files
        .iter()
        .flat_map(|(file, text)| declared(text).into_iter().map(move |name| (name, file)));
    one_thing_each(names, "Reading");
}

/// The embedded AWS has AWS's words, and shares none with us; what a package keeps to itself may be called as is best
/// there.
#[test]
fn a_name_that_packages_share_means_one_thing() {
    let folders =
        ["src", "crates/core/src", "crates/contents/src"].map(|folder| root().join(folder));
    let public = |text: &str| {
        let lines = text.lines().filter(|line| line.starts_with("pub "));
        lines.collect::<Vec<_>>().join("\n")
    };
    let files: Vec<(String, String)> = rust_files()
        .into_iter()
        .filter(|file| folders.iter().any(|folder| file.starts_with(folder)))
        .map(|file| {
            let text = fs::read_to_string(&file).unwrap();
            (file.display().to_string(), public(&text))
        })
        .collect();
    let names = files
        .iter()
        .flat_map(|(file, text)| declared(text).into_iter().map(move |name| (name, file)));
    one_thing_each(names, "Component");
}

/// Each name stands in one file and is not Rust's own; one of them is known to be there.
fn one_thing_each<'a>(names: impl Iterator<Item = (&'a str, &'a String)>, is_there: &str) {
    let mut known: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
    for (name, file) in names {
        known.entry(name).or_default().push(file);
    }
    assert!(known.contains_key(is_there));
    known.retain(|name, files| files.len() > 1 || PRELUDE.contains(name));
    assert!(known.is_empty(), "declared twice, or Rust's own: {known:?}");
}

/// Whether a file uses another, directly or by way of others.
fn reaches(from: &str, to: &str, imports: &BTreeMap<String, BTreeSet<String>>) -> bool {
    let mut seen = BTreeSet::new();
    let mut next: Vec<&String> = imports[from].iter().collect();
    while let Some(file) = next.pop() {
        if file == to {
            return true;
        }
        if seen.insert(file) {
            next.extend(imports.get(file).into_iter().flatten());
        }
    }
    false
}
