//! SPDX 2: packages, and which of them the document describes. SPDX specification 2.2 and 2.3, JSON
//! serialisation, clauses 7 ("Package information") and 11 ("Relationships").

mod files;

use ecr_promoter_core::license::states;

use self::files::Found;
pub(super) use self::files::{Files, Kind};

use super::{
    Partial,
    draft::{Draft, Entry, Id},
    error::SbomError,
    place::{Keys, Problem, Text, note, wrong_type},
};
use crate::{
    json::{Fault, List, Object, Place},
    limits::{LICENSE_BYTES_MAX, TEXT_BYTES_MAX, VALUES_MAX},
};

/// The identifier that a document has for itself.
const DOCUMENT: &str = "SPDXRef-DOCUMENT";

/// `packages`.
pub(super) struct Packages<'a>(pub(super) &'a mut Draft);

impl Place for Packages<'_> {
    fn wrong(self, found: &'static str) {
        wrong_type(&mut self.0.problem, "packages", "a list", found);
    }

    fn list(self, list: &mut List<'_, '_>) -> Result<(), Fault> {
        let mut index = 0;
        let draft = self.0;
        while list.next(Package {
            draft: &mut *draft,
            index,
        })? {
            index += 1;
        }
        Ok(())
    }
}

struct Package<'a> {
    draft: &'a mut Draft,
    index: usize,
}

const KEYS: &[&str] = &[
    "SPDXID",
    "name",
    "versionInfo",
    "licenseConcluded",
    "licenseDeclared",
    "licenseInfoFromFiles",
    "externalRefs",
    "primaryPackagePurpose",
];

impl Place for Package<'_> {
    fn wrong(self, found: &'static str) {
        wrong_type(&mut self.draft.problem, "packages", "objects", found);
    }

    fn object(self, object: &mut Object<'_, '_>) -> Result<(), Fault> {
        let Self { draft, index } = self;
        let mut entry = Entry::default();
        let (mut id, mut concluded, mut declared, mut purpose) = (None, None, None, None);
        let mut keys = Keys::new(KEYS);
        while let Some(key) = keys.next(object, &mut draft.problem)? {
            let problem = &mut draft.problem;
            let (into, bytes_max) = match key {
                "name" => (&mut entry.name, TEXT_BYTES_MAX),
                "versionInfo" => (&mut entry.version, TEXT_BYTES_MAX),
                "licenseConcluded" => (&mut concluded, LICENSE_BYTES_MAX),
                "licenseDeclared" => (&mut declared, LICENSE_BYTES_MAX),
                "primaryPackagePurpose" => (&mut purpose, TEXT_BYTES_MAX),
                "SPDXID" => (&mut id, TEXT_BYTES_MAX),
                _ => {
                    take_list(key, &mut entry, object, problem)?;
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
        // What somebody concluded hides nothing of what the package declares.
        let stated = [concluded, declared].into_iter().flatten();
        entry.licenses.extend(stated.filter(|text| states(text)));
        entry.version = entry.version.filter(|version| !version.is_empty());
        entry.is_frame = is_frame(purpose.as_deref(), id.as_deref());
        entry.id = id.as_deref().map(Id::of);
        draft.push(entry, |_| format!("packages[{index}]"));
        Ok(())
    }
}

/// `licenseInfoFromFiles` and `externalRefs`.
fn take_list(
    key: &'static str,
    entry: &mut Entry,
    object: &mut Object<'_, '_>,
    problem: &mut Problem,
) -> Result<(), Fault> {
    if key == "licenseInfoFromFiles" {
        let into = &mut entry.licenses;
        return object.value(Found { key, into, problem });
    }
    let into = &mut entry.purls;
    object.value(References { into, problem })
}

/// Whether a package is an operating system, a file or a container. SPDX 2.2 has no field for that;
/// there trivy and syft say it with the identifier.
fn is_frame(purpose: Option<&str>, id: Option<&str>) -> bool {
    match purpose {
        Some("OPERATING-SYSTEM" | "OPERATING_SYSTEM" | "FILE" | "CONTAINER") => true,
        Some(_) => false,
        None => id.is_some_and(|id| {
            id.starts_with("SPDXRef-OperatingSystem-")
                || id.starts_with("SPDXRef-ContainerImage-")
                || id.starts_with("SPDXRef-DocumentRoot-")
        }),
    }
}

/// An identifier, kept as its hash.
struct Identifier<'a> {
    key: &'static str,
    into: &'a mut Option<Id>,
    problem: &'a mut Problem,
}

impl Place for Identifier<'_> {
    fn wrong(self, found: &'static str) {
        wrong_type(self.problem, self.key, "a string", found);
    }

    fn text(self, text: &str) {
        *self.into = Some(Id::of(text));
    }
}

/// The package URLs of `externalRefs` (referenceType `purl`; annex F.3.5).
struct References<'a> {
    into: &'a mut Vec<String>,
    problem: &'a mut Problem,
}

impl Place for References<'_> {
    fn wrong(self, found: &'static str) {
        wrong_type(self.problem, "externalRefs", "a list", found);
    }

    fn list(self, list: &mut List<'_, '_>) -> Result<(), Fault> {
        let Self { into, problem } = self;
        loop {
            let reference = Reference {
                into: &mut *into,
                problem: &mut *problem,
            };
            if !list.next(reference)? {
                return Ok(());
            }
        }
    }
}

struct Reference<'a> {
    into: &'a mut Vec<String>,
    problem: &'a mut Problem,
}

impl Place for Reference<'_> {
    fn wrong(self, found: &'static str) {
        wrong_type(self.problem, "externalRefs", "objects", found);
    }

    fn object(self, object: &mut Object<'_, '_>) -> Result<(), Fault> {
        let (mut kind, mut locator) = (None, None);
        let mut keys = Keys::new(&["referenceType", "referenceLocator"]);
        while let Some(key) = keys.next(object, self.problem)? {
            let into = match key {
                "referenceType" => &mut kind,
                _ => &mut locator,
            };
            object.value(Text {
                key,
                bytes_max: TEXT_BYTES_MAX,
                into,
                problem: self.problem,
            })?;
        }
        let purl = locator.filter(|text: &String| {
            !text.is_empty() && kind.is_some_and(|kind: String| is_purl(&kind))
        });
        if self.into.len() < VALUES_MAX {
            self.into.extend(purl);
        } else if purl.is_some() {
            let (key, max) = ("externalRefs", VALUES_MAX);
            note(self.problem, SbomError::TooMany { key, max });
        }
        Ok(())
    }
}

/// Whether a reference's type is that of package URLs, as a word or as the address that stands for it, as SPDX's
/// Java tools write it (SPDX specification 2.3, annex F.1).
fn is_purl(kind: &str) -> bool {
    kind == "purl" || kind.ends_with("/references/purl")
}

/// `documentDescribes`: identifiers.
pub(super) struct Described<'a>(pub(super) &'a mut Draft);

impl Place for Described<'_> {
    fn wrong(self, found: &'static str) {
        wrong_type(&mut self.0.problem, "documentDescribes", "a list", found);
    }

    fn list(self, list: &mut List<'_, '_>) -> Result<(), Fault> {
        let key = "documentDescribes";
        loop {
            let mut id = None;
            let (into, problem) = (&mut id, &mut self.0.problem);
            if !list.next(Identifier { key, into, problem })? {
                return Ok(());
            }
            if let Some(id) = id {
                self.0.describe(id);
            }
        }
    }
}

/// Those `relationships` by which the document describes an entry, and those that
/// say that there may be more: "NOASSERTION" does not say whether there is another (SPDX
/// specification 2.3, clause 11.1).
pub(super) struct Relationships<'a>(pub(super) &'a mut Draft);

impl Place for Relationships<'_> {
    fn wrong(self, found: &'static str) {
        wrong_type(&mut self.0.problem, "relationships", "a list", found);
    }

    fn list(self, list: &mut List<'_, '_>) -> Result<(), Fault> {
        while list.next(Relationship(self.0))? {}
        Ok(())
    }
}

struct Relationship<'a>(&'a mut Draft);

impl Place for Relationship<'_> {
    fn wrong(self, found: &'static str) {
        wrong_type(&mut self.0.problem, "relationships", "objects", found);
    }

    fn object(self, object: &mut Object<'_, '_>) -> Result<(), Fault> {
        let (mut from, mut to, mut kind) = (None, None, None);
        let mut keys = Keys::new(&["spdxElementId", "relatedSpdxElement", "relationshipType"]);
        while let Some(key) = keys.next(object, &mut self.0.problem)? {
            let into = match key {
                "spdxElementId" => &mut from,
                "relatedSpdxElement" => &mut to,
                _ => &mut kind,
            };
            let problem = &mut self.0.problem;
            object.value(Identifier { key, into, problem })?;
        }
        let is = |id: Option<Id>, text: &str| id == Some(Id::of(text));
        if is(to, "NOASSERTION") && (is(kind, "CONTAINS") || is(kind, "DEPENDS_ON")) {
            self.0.partial.get_or_insert(Partial::MayContainMore);
        }
        let described = if is(kind, "DESCRIBES") && is(from, DOCUMENT) {
            to
        } else if is(kind, "DESCRIBED_BY") && is(to, DOCUMENT) {
            from
        } else {
            None
        };
        if let Some(id) = described {
            self.0.describe(id);
        }
        Ok(())
    }
}
