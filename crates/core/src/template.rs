//! Templates of target tags and target repositories: `%` keywords and `{…}` placeholders.
//!
//! Keywords mean what strftime means, in UTC and English. Each one is written by hand: user text
//! never reaches a date formatter: some panic on a keyword that they do not know.

mod keyword;
mod parts;

use std::fmt;

pub use keyword::Keyword;
use parts::Grammar;
pub(crate) use parts::{Part, Placeholder};

use crate::{
    Digest, Repository, Tag, Time,
    reference::{ReferenceError, TAG_LENGTH_MAX},
};

/// The longest template in characters.
pub const TEMPLATE_CHARACTERS_MAX: usize = 512;

const TAG: Grammar = Grammar {
    what: "a tag",
    allows: |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'),
    has_keywords: true,
};
const REPOSITORY: Grammar = Grammar {
    what: "a repository's name",
    allows: |c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-' | '/'),
    has_keywords: false,
};

/// What a template is filled with.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The source repository.
    pub repository: &'a Repository,
    /// The source tag.
    pub tag: &'a Tag,
    /// The digest that is promoted.
    pub digest: &'a Digest,
    /// What the `*` of the policy's source stands for, if it has one.
    pub rest: Option<&'a str>,
    /// The time of the claim; before a claim, the time of judging.
    pub time: Time,
}

/// Why a template is not one, or does not render.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// Nothing at all.
    #[error("expected a template, found an empty string")]
    Empty,
    /// Over [`TEMPLATE_CHARACTERS_MAX`].
    #[error("expected a template of at most {TEMPLATE_CHARACTERS_MAX} characters, found {0}")]
    TooLong(usize),
    /// A `%` before a character that is not a keyword, with the nearest right one.
    #[error("expected {}, found {keyword:?}{}", if .near.is_some() { "a keyword".to_owned() } else { format!("one of the keywords {}", Keyword::words()) }, meant(.near.as_ref()))]
    Keyword {
        /// As written, with its percent sign.
        keyword: String,
        /// The keyword that was probably meant.
        near: Option<String>,
    },
    /// `%%`, or a `%` at the end.
    #[error(
        "expected a keyword after \"%\", found none: a tag or a repository's name cannot contain a percent sign"
    )]
    Percent,
    /// `%` keywords in a template of a repository.
    #[error(
        "expected only placeholders such as {{rest}} in a repository's name, found the keyword {0:?}, which belongs in target.tag"
    )]
    KeywordInRepository(String),
    /// An unknown placeholder, with the nearest right one.
    #[error("expected {}, found {placeholder:?}{}", if .near.is_some() { "a placeholder".to_owned() } else { format!("one of the placeholders {}", Placeholder::words().join(" ")) }, meant(.near.as_ref()))]
    Placeholder {
        /// As written, with its braces.
        placeholder: String,
        /// The placeholder that was probably meant.
        near: Option<String>,
    },
    /// `{` without `}`, or the other way round.
    #[error("expected a placeholder as in {{name}}, found a single \"{0}\"")]
    Unbalanced(char),
    /// Literal characters that can never stand in what comes out.
    #[error("expected the characters of {what}, found {}", quoted_each(.characters))]
    Characters {
        /// The characters, each once.
        characters: String,
        /// "a tag" or "a repository's name".
        what: &'static str,
    },
    /// Its literal part alone makes it invalid.
    #[error(
        "expected a template that renders {what}, found one that never does, as in {example:?}"
    )]
    Never {
        /// "a tag" or "a repository's name".
        what: &'static str,
        /// What would come out.
        example: String,
    },
    /// `{rest}` under a source without `*`.
    #[error("expected a source with \"*\", which {{rest}} stands for, found one without")]
    NoRest,
    /// What came out is not valid.
    #[error("rendered: {0}")]
    Rendered(#[from] ReferenceError),
}

/// `: did you mean "%d"?`
fn meant(near: Option<&String>) -> String {
    near.map_or_else(String::new, |near| format!(": did you mean {near:?}?"))
}

/// `"Q", "A"`
fn quoted_each(characters: &str) -> String {
    let quoted: Vec<_> = characters
        .chars()
        .map(|character| format!("{:?}", character.to_string()))
        .collect();
    quoted.join(", ")
}

/// A template of a target tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagTemplate {
    text: String,
    parts: Vec<Part>,
}

impl TagTemplate {
    /// Reads a template, and refuses what can never render to a tag, with every mistake in it.
    pub fn parse(text: &str) -> Result<Self, Vec<TemplateError>> {
        let parts = parts::parse(text, &TAG)?;
        let head = match parts.first() {
            Some(Part::Literal(literal)) => literal.chars().next(),
            _ => None,
        };
        let literal_length: usize = parts.iter().map(Part::length_min).sum();
        if literal_length > TAG_LENGTH_MAX {
            let length = ReferenceError::Length {
                what: TAG.what,
                length_min: 1,
                length_max: TAG_LENGTH_MAX,
                length: literal_length,
            };
            return Err(vec![length.into()]);
        }
        if matches!(head, Some('.' | '-')) {
            return Err(vec![TemplateError::Never {
                what: TAG.what,
                example: text.to_owned(),
            }]);
        }
        Ok(Self {
            text: text.to_owned(),
            parts,
        })
    }

    /// The template that keeps the source's tag: `%n`.
    #[must_use]
    pub fn keep() -> Self {
        Self {
            text: "%n".to_owned(),
            parts: vec![Part::Keyword(Keyword::SourceTag)],
        }
    }

    /// The template as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The tag that it makes of one push; an error if that is not a tag.
    pub fn render(&self, context: &Context<'_>) -> Result<Tag, TemplateError> {
        Ok(Tag::parse(&parts::render(&self.parts, context)?)?)
    }

    /// Whether what comes out depends on the time.
    #[must_use]
    pub fn uses_time(&self) -> bool {
        self.keywords().any(Keyword::is_time)
    }

    /// Whether two pushes of one second may come to the same tag although the author, who writes
    /// seconds, expects one of its own for each: such a tag is reserved with the claim.
    #[must_use]
    pub fn collides_within_a_second(&self) -> bool {
        let fine = |keyword| matches!(keyword, Keyword::Second | Keyword::Microsecond);
        let names_the_push =
            self.keywords().any(|k| k == Keyword::SourceTag) || self.uses(Placeholder::Digest);
        self.keywords().any(fine) && !names_the_push
    }

    /// The one tag that it always renders to, where nothing in it varies.
    pub(crate) fn constant(&self) -> Option<Tag> {
        match self.parts.as_slice() {
            [Part::Literal(literal)] => Tag::parse(literal).ok(),
            _ => None,
        }
    }

    pub(crate) fn uses(&self, placeholder: Placeholder) -> bool {
        self.parts.contains(&Part::Placeholder(placeholder))
    }

    fn keywords(&self) -> impl Iterator<Item = Keyword> {
        self.parts.iter().filter_map(|part| match part {
            Part::Keyword(keyword) => Some(*keyword),
            _ => None,
        })
    }
}

impl fmt::Display for TagTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A template of a target repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryTemplate {
    text: String,
    parts: Vec<Part>,
}

impl RepositoryTemplate {
    /// Reads a template, and refuses what can never render to a repository's name, with every
    /// mistake in it.
    pub fn parse(text: &str) -> Result<Self, Vec<TemplateError>> {
        let parts = parts::parse(text, &REPOSITORY)?;
        // A placeholder begins and ends with a letter or digit, so one letter stands for all; two
        // where one would be too short for a name.
        let example = |fill: &str| -> String {
            let filled = parts.iter().map(|part| match part {
                Part::Literal(literal) => literal.as_str(),
                _ => fill,
            });
            filled.collect()
        };
        if let Err(error) = Repository::parse(&example("a"))
            && Repository::parse(&example("aa")).is_err()
        {
            return Err(vec![match error {
                ReferenceError::Length { .. } => error.into(),
                _ => TemplateError::Never {
                    what: REPOSITORY.what,
                    example: example("a"),
                },
            }]);
        }
        Ok(Self {
            text: text.to_owned(),
            parts,
        })
    }

    /// The template as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The repository that it makes of one push; an error if that is not a repository's name.
    pub fn render(&self, context: &Context<'_>) -> Result<Repository, TemplateError> {
        Ok(Repository::parse_written(&parts::render(
            &self.parts,
            context,
        )?)?)
    }

    pub(crate) fn uses(&self, placeholder: Placeholder) -> bool {
        self.parts.contains(&Part::Placeholder(placeholder))
    }

    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts
    }
}

impl fmt::Display for RepositoryTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests;
