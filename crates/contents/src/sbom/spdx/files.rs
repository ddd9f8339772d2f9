//! What was found in files: those `files` and `snippets` that state a license, and a
//! package's `licenseInfoFromFiles`. SPDX specification 2.3, clauses 7.14 ("All licenses information from
//! files"), 8 ("File information") and 9 ("Snippet information").

use ecr_promoter_core::license::states;

use super::super::{
    draft::{Draft, Entry},
    error::SbomError,
    place::{Keys, Problem, Text, note, wrong_type},
};
use crate::{
    json::{Fault, List, Object, Place},
    limits::{LICENSE_BYTES_MAX, TEXT_BYTES_MAX, VALUES_MAX},
};

/// `files` or `snippets`. Neither need state a license, and they are kept only where they do.
pub(in crate::sbom) struct Files<'a> {
    pub(in crate::sbom) draft: &'a mut Draft,
    pub(in crate::sbom) kind: &'static Kind,
}

/// What the keys of a list and of its entries are called.
pub(in crate::sbom) struct Kind {
    list: &'static str,
    keys: [&'static str; 3],
}

impl Kind {
    pub(in crate::sbom) const FILES: Self = Self {
        list: "files",
        keys: ["fileName", "licenseConcluded", "licenseInfoInFiles"],
    };
    pub(in crate::sbom) const SNIPPETS: Self = Self {
        list: "snippets",
        keys: ["name", "licenseConcluded", "licenseInfoInSnippets"],
    };
}

impl Place for Files<'_> {
    fn wrong(self, found: &'static str) {
        wrong_type(&mut self.draft.problem, self.kind.list, "a list", found);
    }

    fn list(self, list: &mut List<'_, '_>) -> Result<(), Fault> {
        let mut index = 0;
        let Self { draft, kind } = self;
        while list.next(File {
            draft: &mut *draft,
            kind,
            index,
        })? {
            index += 1;
        }
        Ok(())
    }
}

struct File<'a> {
    draft: &'a mut Draft,
    kind: &'static Kind,
    index: usize,
}

impl Place for File<'_> {
    fn wrong(self, found: &'static str) {
        wrong_type(&mut self.draft.problem, self.kind.list, "objects", found);
    }

    fn object(self, object: &mut Object<'_, '_>) -> Result<(), Fault> {
        let Self { draft, kind, index } = self;
        let mut entry = Entry::default();
        let (mut name, mut concluded) = (None, None);
        let mut keys = Keys::new(&kind.keys);
        while let Some(key) = keys.next(object, &mut draft.problem)? {
            let problem = &mut draft.problem;
            let (into, bytes_max) = match key {
                "fileName" | "name" => (&mut name, TEXT_BYTES_MAX),
                "licenseConcluded" => (&mut concluded, LICENSE_BYTES_MAX),
                _ => {
                    let into = &mut entry.licenses;
                    object.value(Found { key, into, problem })?;
                    continue;
                }
            };
            object.value(Text {
                key,
                bytes_max,
                into,
                problem,
            })?;
        }
        entry.licenses.extend(concluded.filter(|text| states(text)));
        if !entry.licenses.is_empty() {
            // A snippet need not have a name.
            let place = || format!("{}[{index}]", kind.list);
            entry.name = name.or_else(|| (kind.list == Kind::SNIPPETS.list).then(place));
            entry.is_frame = true;
            draft.push(entry, |_| format!("{}[{index}]", kind.list));
        }
        Ok(())
    }
}

/// A list of licenses that were found. That nothing was found takes nothing from what is stated.
pub(super) struct Found<'a> {
    pub(super) key: &'static str,
    pub(super) into: &'a mut Vec<String>,
    pub(super) problem: &'a mut Problem,
}

impl Place for Found<'_> {
    fn wrong(self, found: &'static str) {
        wrong_type(self.problem, self.key, "a list", found);
    }

    fn list(self, list: &mut List<'_, '_>) -> Result<(), Fault> {
        let Self { key, into, problem } = self;
        loop {
            let mut text = None;
            if !list.next(Text {
                key,
                bytes_max: LICENSE_BYTES_MAX,
                into: &mut text,
                problem,
            })? {
                return Ok(());
            }
            if into.len() < VALUES_MAX {
                into.extend(text.filter(|text| states(text)));
            } else {
                let max = VALUES_MAX;
                note(problem, SbomError::TooMany { key, max });
            }
        }
    }
}
