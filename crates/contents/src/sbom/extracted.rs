//! What SPDX's `LicenseRef-…` mean: `hasExtractedLicensingInfos`. SPDX specification 2.3, clause 10
//! ("Other licensing information detected").
//!
//! A `LicenseRef-` is a license of the document's own, and is read as that. But tools also make one of
//! every text that they cannot read, and give that text as all there is to it: then it stands for
//! what the text says, or, where we cannot read it either, for something unknown.

use std::{collections::HashMap, fmt::Write as _};

use ecr_promoter_core::license::Expression;

use super::{
    draft::{Draft, states},
    error::SbomError,
    place::{Keys, Problem, Text, note},
};
use crate::{
    json::{Fault, List, Object, Place},
    limits::{COMPONENTS_MAX, TEXT_BYTES_MAX},
};

/// A text up to this length, in bytes, is somebody's words for a license; a license itself is longer.
const WORDS_BYTES_MAX: usize = 200;

/// The longest expression with what its identifiers mean, in bytes; beyond it the meaning is unknown.
const EXPLAINED_BYTES_MAX: usize = 2 * 1024;
const TOO_LONG: &str = "more licenses of the document's own than can be explained";

/// How many unclear words are kept of one component: one makes its license unknown.
const UNCLEAR_MAX: usize = 10;

/// What the document's own license identifiers stand for.
#[derive(Debug, Default)]
pub(super) struct Meanings(HashMap<String, Meaning>);

#[derive(Debug)]
enum Meaning {
    /// An expression that can be read.
    Clear(String),
    /// Words that cannot.
    Unclear(String),
}

impl Meanings {
    fn insert(&mut self, extracted: Extracted, problem: &mut Problem) {
        let Some(id) = extracted.id else {
            return note(problem, SbomError::Missing("licenseId"));
        };
        let words = [extracted.name, extracted.text];
        let clear = words.iter().find_map(|words| match words {
            Words::Few(words) => Expression::read(words),
            _ => None,
        });
        let meaning = match (clear, words) {
            (Some(expression), _) => Meaning::Clear(expression.to_string()),
            // A name is given, or a text too short to be a license.
            (None, [_, Words::Few(words)] | [Words::Few(words), Words::None]) if states(&words) => {
                Meaning::Unclear(words)
            }
            _ => return,
        };
        if self.0.len() < COMPONENTS_MAX {
            self.0.insert(id, meaning);
        } else {
            let (key, max) = ("hasExtractedLicensingInfos", COMPONENTS_MAX);
            note(problem, SbomError::TooMany { key, max });
        }
    }

    /// Whether the document gives no meanings.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A text with what its own identifiers mean beside them, and after it what of them no choice in
    /// it avoids and nobody can read.
    pub(super) fn explain(&self, text: String) -> Vec<String> {
        if !text.contains("LicenseRef-") {
            return vec![text];
        }
        let mut explained = String::with_capacity(text.len());
        let mut unclear = HashMap::new();
        for piece in text.split_inclusive(is_border) {
            let word = piece.trim_end_matches(is_border);
            match self.0.get(word) {
                Some(Meaning::Clear(meaning)) => {
                    // Writing to a String cannot fail.
                    let _ = write!(explained, "({word} AND ({meaning}))");
                }
                meaning => {
                    if let Some(Meaning::Unclear(words)) = meaning {
                        unclear.insert(word, words);
                    }
                    explained.push_str(word);
                }
            }
            explained.push_str(piece.get(word.len()..).unwrap_or_default());
        }
        if explained.len() > EXPLAINED_BYTES_MAX.max(text.len()) {
            return vec![text, TOO_LONG.to_owned()];
        }
        let avoided = Expression::read(&explained)
            .is_some_and(|read| read.avoidable(|license, _| unclear.contains_key(license)));
        let mut words: Vec<String> = if avoided {
            Vec::new()
        } else {
            unclear.into_values().cloned().collect()
        };
        words.sort();
        words.truncate(UNCLEAR_MAX);
        words.insert(0, explained);
        words
    }
}

fn is_border(c: char) -> bool {
    c.is_whitespace() || matches!(c, '(' | ')')
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
        draft.meanings.insert(extracted, &mut draft.problem);
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
    fn a_documents_own_license_is_what_the_document_says_it_is() {
        let mut meanings = Meanings::default();
        let many = || Words::Many;
        let few = |words: &str| Words::Few(words.to_owned());
        for (id, name, text) in [
            ("LicenseRef-rpm", Words::None, few("AGPLv3+")),
            ("LicenseRef-named", few("MIT License"), many()),
            ("LicenseRef-url", Words::None, few("https://example.com/l")),
            ("LicenseRef-ours", few("Our License"), many()),
            ("LicenseRef-blank", Words::None, Words::None),
            ("LicenseRef-word", few("public-domain"), Words::None),
        ] {
            let id = Some(id.to_owned());
            let mut problem = None;
            meanings.insert(Extracted { id, name, text }, &mut problem);
            assert_eq!(problem, None);
        }
        for (text, wanted) in [
            ("MIT", vec!["MIT"]),
            ("LicenseRef-other", vec!["LicenseRef-other"]),
            ("LicenseRef-ours", vec!["LicenseRef-ours"]),
            ("LicenseRef-blank", vec!["LicenseRef-blank"]),
            (
                "LicenseRef-rpm OR (MIT AND LicenseRef-named)",
                vec![
                    "(LicenseRef-rpm AND (AGPL-3.0-or-later)) OR (MIT AND (LicenseRef-named AND (MIT)))",
                ],
            ),
            (
                "LicenseRef-url",
                vec!["LicenseRef-url", "https://example.com/l"],
            ),
            ("MIT OR LicenseRef-url", vec!["MIT OR LicenseRef-url"]),
            (
                "AGPL-3.0-only AND LicenseRef-word",
                vec!["AGPL-3.0-only AND LicenseRef-word", "public-domain"],
            ),
        ] {
            assert_eq!(meanings.explain(text.to_owned()), wanted, "{text}");
        }
        let many = vec!["LicenseRef-rpm"; 200].join(" AND ");
        assert_eq!(meanings.explain(many.clone()), [many.as_str(), TOO_LONG]);
    }
}
