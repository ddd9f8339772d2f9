//! What the fuzz targets began with and found, replayed by what they call (CONTRIBUTING.md, "Fuzzing").
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    unreachable_pub,
    reason = "a test stops at once where what it reads is not there"
)]

#[path = "../fuzz/entries.rs"]
mod entries;

use std::{collections::BTreeSet, fs, path::Path};

type Entry = fn(&[u8]);

const TARGETS: [(&str, Entry); 9] = [
    ("events", entries::events),
    ("licenses", entries::licenses),
    ("manifests", entries::manifests),
    ("names", entries::names),
    ("policies_json", entries::policies_json),
    ("policies_yaml", entries::policies_yaml),
    ("sboms", entries::sboms),
    ("statements", entries::statements),
    ("templates", entries::templates),
];

#[test]
fn what_fuzzing_began_with_and_found_is_read() {
    for (target, entry) in TARGETS {
        let mut files = fs::read_dir(folder("corpus").join(target))
            .unwrap_or_else(|error| panic!("{target}: {error}"))
            .map(|file| file.unwrap().path())
            .peekable();
        assert!(files.peek().is_some(), "{target} has no corpus");
        for file in files {
            // Where this stops, the last line names the input.
            println!("{}", file.display());
            entry(&fs::read(&file).unwrap());
        }
    }
}

#[test]
fn every_fuzz_target_is_replayed() {
    let replayed: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    for kind in ["fuzz_targets", "corpus"] {
        let names = fs::read_dir(folder(kind)).unwrap();
        let names = names.map(|entry| {
            let path = entry.unwrap().path().with_extension("");
            path.file_name().unwrap().to_str().unwrap().to_owned()
        });
        assert_eq!(names.collect::<BTreeSet<_>>(), replayed, "{kind}");
    }
}

fn folder(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz")
        .join(name)
}
