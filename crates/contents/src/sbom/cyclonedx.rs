//! CycloneDX: components with the components nested in them, and the one that the document is
//! about. CycloneDX specification 1.2 to 1.7, JSON; what a version lacks is absent in it.

use ecr_promoter_core::license::states;

use super::{
    draft::{Draft, Entry},
    error::SbomError,
    partial::References,
    place::{Keys, Problem, Text, note, wrong_type},
};
use crate::{
    json::{Fault, List, Object, Place},
    limits::{LICENSE_BYTES_MAX, TEXT_BYTES_MAX, VALUES_MAX},
};

/// Stands in a component's licenses for one that has neither identifier nor name nor expression.
const UNNAMED: &str = "a license without id, name or expression";

/// The `component` of `metadata`: what the document is about.
pub(super) struct Metadata<'a>(pub(super) &'a mut Draft);

impl Place for Metadata<'_> {
    fn wrong(self, found: &'static str) {
        wrong_type(&mut self.0.problem, "metadata", "an object", found);
    }

    fn object(self, object: &mut Object<'_, '_>) -> Result<(), Fault> {
        let mut keys = Keys::new(&["component"]);
        while keys.next(object, &mut self.0.problem)?.is_some() {
            self.0.path.is_in_root = true;
            object.value(Component {
                draft: self.0,
                is_root: true,
            })?;
            self.0.path.is_in_root = false;
        }
        Ok(())
    }
}

/// `components`, of the document or of a component.
pub(super) struct Components<'a>(pub(super) &'a mut Draft);

impl Place for Components<'_> {
    fn wrong(self, found: &'static str) {
        wrong_type(&mut self.0.problem, "components", "a list", found);
    }

    fn list(self, list: &mut List<'_, '_>) -> Result<(), Fault> {
        let draft = self.0;
        draft.path.indexes.push(0);
        while list.next(Component {
            draft: &mut *draft,
            is_root: false,
        })? {
            draft.path.advance();
        }
        draft.path.indexes.pop();
        Ok(())
    }
}

struct Component<'a> {
    draft: &'a mut Draft,
    is_root: bool,
}

const KEYS: &[&str] = &[
    "type",
    "name",
    "group",
    "version",
    "purl",
    "licenses",
    "evidence",
    "components",
    "externalReferences",
];

impl Place for Component<'_> {
    fn wrong(self, found: &'static str) {
        wrong_type(&mut self.draft.problem, "component", "an object", found);
    }

    fn object(self, object: &mut Object<'_, '_>) -> Result<(), Fault> {
        let Self { draft, is_root } = self;
        let mut written = Written::default();
        let mut keys = Keys::new(KEYS);
        while let Some(key) = keys.next(object, &mut draft.problem)? {
            match key {
                "components" => object.value(Components(draft))?,
                "externalReferences" => object.value(References(draft))?,
                _ => written.take(key, object, &mut draft.problem)?,
            }
        }
        let mut entry = written.entry();
        entry.is_root = is_root;
        draft.push(entry, |draft| draft.path.to_string());
        Ok(())
    }
}

/// One component as it is written, without what is nested in it.
#[derive(Default)]
struct Written {
    kind: Option<String>,
    purl: Option<String>,
    entry: Entry,
}

impl Written {
    fn take(
        &mut self,
        key: &'static str,
        object: &mut Object<'_, '_>,
        problem: &mut Problem,
    ) -> Result<(), Fault> {
        let into = match key {
            "type" => &mut self.kind,
            "name" => &mut self.entry.name,
            "group" => &mut self.entry.group,
            "version" => &mut self.entry.version,
            "purl" => &mut self.purl,
            other => {
                let into = &mut self.entry.licenses;
                return if other == "licenses" {
                    object.value(Licenses { into, problem })
                } else {
                    object.value(Evidence { into, problem })
                };
            }
        };
        object.value(Text {
            key,
            bytes_max: TEXT_BYTES_MAX,
            into,
            problem,
        })
    }

    fn entry(self) -> Entry {
        let mut entry = self.entry;
        let purl = self.purl.filter(|purl| !purl.is_empty());
        entry.purls.extend(purl);
        entry.version = entry.version.filter(|version| !version.is_empty());
        entry.is_frame = matches!(
            self.kind.as_deref(),
            Some("operating-system" | "file" | "container")
        );
        entry
    }
}

/// `licenses`: entries of `{"license": {"id" | "name"}}` or `{"expression"}`, all of which apply.
struct Licenses<'a> {
    into: &'a mut Vec<String>,
    problem: &'a mut Problem,
}

impl Place for Licenses<'_> {
    fn wrong(self, found: &'static str) {
        wrong_type(self.problem, "licenses", "a list", found);
    }

    fn list(self, list: &mut List<'_, '_>) -> Result<(), Fault> {
        loop {
            let mut stated = Stated::default();
            let choice = Choice {
                into: &mut stated,
                problem: self.problem,
            };
            if !list.next(choice)? {
                return Ok(());
            }
            if self.into.len() < VALUES_MAX {
                self.into.extend(stated.texts());
            } else {
                let (key, max) = ("licenses", VALUES_MAX);
                note(self.problem, SbomError::TooMany { key, max });
            }
        }
    }
}

/// The `licenses` of `evidence`: what a tool found in the component.
struct Evidence<'a> {
    into: &'a mut Vec<String>,
    problem: &'a mut Problem,
}

impl Place for Evidence<'_> {
    fn wrong(self, found: &'static str) {
        wrong_type(self.problem, "evidence", "an object", found);
    }

    fn object(self, object: &mut Object<'_, '_>) -> Result<(), Fault> {
        let Self { into, problem } = self;
        let mut found = Vec::new();
        let mut keys = Keys::new(&["licenses"]);
        while keys.next(object, problem)?.is_some() {
            let (into, problem) = (&mut found, &mut *problem);
            object.value(Licenses { into, problem })?;
        }
        // That nothing was found takes nothing from what is stated.
        into.extend(found.into_iter().filter(|text: &String| states(text)));
        Ok(())
    }
}

/// What one entry of `licenses` says.
#[derive(Default)]
struct Stated {
    expression: Option<String>,
    id: Option<String>,
    name: Option<String>,
}

impl Stated {
    /// All that it says applies, were it to say two things. An entry that says nothing still is one:
    /// what it would say is unknown.
    fn texts(self) -> Vec<String> {
        let said = [self.expression, self.id, self.name].into_iter().flatten();
        let mut said: Vec<String> = said.filter(|text| !text.trim().is_empty()).collect();
        if said.iter().any(|text| states(text)) {
            said.retain(|text| states(text));
        }
        said.dedup();
        if said.is_empty() {
            said.push(UNNAMED.to_owned());
        }
        said
    }
}

struct Choice<'a> {
    into: &'a mut Stated,
    problem: &'a mut Problem,
}

impl Place for Choice<'_> {
    fn wrong(self, found: &'static str) {
        wrong_type(self.problem, "licenses", "objects", found);
    }

    fn object(self, object: &mut Object<'_, '_>) -> Result<(), Fault> {
        let mut keys = Keys::new(&["license", "expression"]);
        while let Some(key) = keys.next(object, self.problem)? {
            let problem = &mut *self.problem;
            if key == "license" {
                let into = &mut *self.into;
                object.value(Named { into, problem })?;
            } else {
                let into = &mut self.into.expression;
                object.value(license_text(key, into, problem))?;
            }
        }
        Ok(())
    }
}

struct Named<'a> {
    into: &'a mut Stated,
    problem: &'a mut Problem,
}

impl Place for Named<'_> {
    fn wrong(self, found: &'static str) {
        wrong_type(self.problem, "license", "an object", found);
    }

    fn object(self, object: &mut Object<'_, '_>) -> Result<(), Fault> {
        let mut keys = Keys::new(&["id", "name"]);
        while let Some(key) = keys.next(object, self.problem)? {
            let into = match key {
                "id" => &mut self.into.id,
                _ => &mut self.into.name,
            };
            object.value(license_text(key, into, self.problem))?;
        }
        Ok(())
    }
}

fn license_text<'a>(
    key: &'static str,
    into: &'a mut Option<String>,
    problem: &'a mut Problem,
) -> Text<'a> {
    Text {
        key,
        bytes_max: LICENSE_BYTES_MAX,
        into,
        problem,
    }
}
