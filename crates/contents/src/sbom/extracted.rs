//! What SPDX's `LicenseRef-…` mean: `hasExtractedLicensingInfos`. SPDX specification 2.3, clause 10
//! ("Other licensing information detected").
//!
//! A `LicenseRef-` is a license of the document's own. Tools make one of every text that they cannot
//! read, and give that text as all there is to it. What is said of one is kept beside the licenses
//! that name it; what it comes to is not judged here.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use ecr_promoter_core::license::{Explained, Expression, License, Term, states};

use super::{
    allowance::{license_allocated, text_allocated, texts_allocated},
    draft::Draft,
    error::SbomError,
    place::{Keys, Problem, Text, note},
};
use crate::{
    json::{Fault, List, Object, Place},
    limits::TEXT_BYTES_MAX,
};

/// A text up to this length, in bytes, is somebody's words for a license; a license itself is longer.
const WORDS_BYTES_MAX: usize = 200;

/// Stands for a license's own text, which is longer than words for it. It is not read here, so it is
/// unknown what it says.
const WHOLE_TEXT: &str = "the text of the license";

/// What the document says of its own license identifiers, which are in lower case: they are compared
/// without regard to case (annex D.2).
#[derive(Debug, Default)]
pub(super) struct Meanings(HashMap<String, Vec<String>>);

impl Meanings {
    fn insert(&mut self, extracted: Extracted, problem: &mut Problem) {
        let Some(id) = extracted.id else {
            return note(problem, SbomError::Missing("licenseId"));
        };
        let said = [extracted.name, extracted.text].into_iter();
        let said = said.filter_map(|words| match words {
            Words::None => None,
            Words::Few(words) => Some(words),
            Words::Many => Some(WHOLE_TEXT.to_owned()),
        });
        // One that is given twice is all that either says.
        let known = self.0.entry(id.to_lowercase()).or_default();
        for words in said {
            if known.last() != Some(&words) {
                known.push(words);
            }
        }
    }

    /// Licenses with what is said of their identifiers of the document's own, each beside the one
    /// without; `None` if that takes more than this many bytes.
    pub(super) fn explain(
        &self,
        licenses: &HashSet<Arc<License>>,
        mut bytes_left: usize,
    ) -> Option<HashMap<Arc<License>, Arc<License>>> {
        let mut explained = HashMap::new();
        if self.0.is_empty() {
            return Some(explained);
        }
        for license in licenses {
            let with = self.explain_one(license, bytes_left)?;
            if !with.explained.is_empty() {
                bytes_left = bytes_left.checked_sub(license_allocated(&with))?;
                explained.insert(Arc::clone(license), Arc::new(with));
            }
        }
        Some(explained)
    }

    fn explain_one(&self, license: &License, mut bytes_left: usize) -> Option<License> {
        let mut explained: Vec<Explained> = Vec::new();
        let mut seen = HashSet::new();
        for text in &license.stated {
            let expression = Expression::read(text);
            let own = expression.terms().filter(|term| Term::is_reference(term));
            for reference in own.map(|term| term.license.to_lowercase()) {
                let Some(by) = self.0.get(&reference).filter(|by| !by.is_empty()) else {
                    continue;
                };
                if !seen.insert(reference.clone()) {
                    continue;
                }
                let bytes = text_allocated(&reference) + texts_allocated(by);
                bytes_left = bytes_left.checked_sub(bytes)?;
                let by = by.clone();
                explained.push(Explained { reference, by });
            }
        }
        let stated = license.stated.clone();
        Some(License { stated, explained })
    }
}

/// `hasExtractedLicensingInfos`.
pub(super) struct ExtractedInfos<'a>(pub(super) &'a mut Draft);

impl Place for ExtractedInfos<'_> {
    fn wrong(self, found: &'static str) {
        let (key, wanted) = ("hasExtractedLicensingInfos", "a list of objects");
        note(
            &mut self.0.problem,
            SbomError::WrongType { key, wanted, found },
        );
    }

    fn list(self, list: &mut List<'_, '_>) -> Result<(), Fault> {
        while list.next(ExtractedInfo(self.0))? {}
        Ok(())
    }
}

struct ExtractedInfo<'a>(&'a mut Draft);

/// One entry as it is written.
#[derive(Default)]
struct Extracted {
    id: Option<String>,
    name: Words,
    text: Words,
}

impl Extracted {
    /// The memory that it takes, in bytes, with its place in the table.
    fn allocated(&self) -> usize {
        let words = |words: &Words| match words {
            Words::Few(text) => text_allocated(text),
            Words::None | Words::Many => 0,
        };
        let id = self.id.as_deref().map_or(0, text_allocated);
        2 * size_of::<Self>() + id + words(&self.name) + words(&self.text)
    }
}

impl Place for ExtractedInfo<'_> {
    fn wrong(self, found: &'static str) {
        ExtractedInfos(self.0).wrong(found);
    }

    fn object(self, object: &mut Object<'_, '_>) -> Result<(), Fault> {
        let Self(draft) = self;
        let mut extracted = Extracted::default();
        let mut keys = Keys::new(&["licenseId", "name", "extractedText"]);
        while let Some(key) = keys.next(object, &mut draft.problem)? {
            match key {
                "licenseId" => object.value(Text {
                    key,
                    bytes_max: TEXT_BYTES_MAX,
                    into: &mut extracted.id,
                    problem: &mut draft.problem,
                })?,
                "name" => object.value(&mut extracted.name)?,
                _ => object.value(&mut extracted.text)?,
            }
        }
        if draft.keep(extracted.allocated()) {
            draft.meanings.insert(extracted, &mut draft.problem);
        }
        Ok(())
    }
}

/// What is said of a license.
#[derive(Default)]
enum Words {
    #[default]
    None,
    /// A name for it.
    Few(String),
    /// The license.
    Many,
}

impl Place for &mut Words {
    fn wrong(self, _: &'static str) {
        *self = Words::Few("no words".to_owned());
    }

    fn text(self, text: &str) {
        *self = match text {
            text if !states(text) => Words::None,
            text if text.len() > WORDS_BYTES_MAX => Words::Many,
            text => Words::Few(text.to_owned()),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_documents_own_license_is_what_the_document_says_of_it() {
        let mut meanings = Meanings::default();
        let many = || Words::Many;
        let few = |words: &str| Words::Few(words.to_owned());
        for (id, name, text) in [
            ("LicenseRef-rpm", Words::None, few("AGPLv3+")),
            ("LicenseRef-named", few("MIT License"), many()),
            ("LicenseRef-same", few("Our License"), few("Our License")),
            ("LicenseRef-blank", Words::None, Words::None),
            ("LicenseRef-twice", Words::None, few("MIT")),
            ("licenseref-Twice", few("AGPLv3+"), Words::None),
        ] {
            let id = Some(id.to_owned());
            let mut problem = None;
            meanings.insert(Extracted { id, name, text }, &mut problem);
            assert_eq!(problem, None);
        }
        for (text, wanted) in [
            ("MIT", ""),
            ("LicenseRef-other", ""),
            ("LicenseRef-blank", ""),
            (
                "LicenseRef-rpm OR (MIT AND LicenseRef-NAMED) OR LicenseRef-rpm",
                "licenseref-rpm: AGPLv3+; licenseref-named: MIT License, the text of the license",
            ),
            ("LicenseRef-same", "licenseref-same: Our License"),
            ("(LicenseRef-twice)", "licenseref-twice: MIT, AGPLv3+"),
        ] {
            let license = Arc::new(License::of(text));
            let licenses = HashSet::from([Arc::clone(&license)]);
            let explained = meanings.explain(&licenses, 1000).unwrap();
            let shown = explained.get(&license).map(|license| {
                let explained = license.explained.iter();
                let each = explained.map(|own| format!("{}: {}", own.reference, own.by.join(", ")));
                each.collect::<Vec<_>>().join("; ")
            });
            assert_eq!(shown.unwrap_or_default(), wanted, "{text}");
        }
        let licenses = HashSet::from([Arc::new(License::of("LicenseRef-rpm"))]);
        assert!(meanings.explain(&licenses, 20).is_none());
    }
}
