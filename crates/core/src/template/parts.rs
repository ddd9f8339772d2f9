//! A template taken apart: literal text, keywords, placeholders. What the parts of tags and of
//! repositories have in common, and nothing of either.

use std::str::Chars;

use super::{Context, Keyword, TEMPLATE_CHARACTERS_MAX, TemplateError};
use crate::suggest;

/// One part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// Text that stands as it is; never empty.
    Literal(String),
    /// `%n` and the like.
    Keyword(Keyword),
    /// `{rest}` and the like.
    Placeholder(Placeholder),
}

impl Part {
    /// The fewest characters that it can come to.
    pub(super) fn length_min(&self) -> usize {
        match self {
            Self::Literal(literal) => literal.chars().count(),
            Self::Keyword(keyword) => keyword.length_min(),
            Self::Placeholder(Placeholder::Namespace) => 0,
            Self::Placeholder(Placeholder::Digest) => 12,
            Self::Placeholder(_) => 1,
        }
    }
}

/// A placeholder in braces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Placeholder {
    /// The source repository's whole name.
    Repository,
    /// The last part of it.
    Name,
    /// All before the last part, empty if there is none.
    Namespace,
    /// What the source's `*` stands for.
    Rest,
    /// The first twelve hexadecimal digits of the digest.
    Digest,
}

impl Placeholder {
    const ALL: [(&'static str, Self); 5] = [
        ("{repository}", Self::Repository),
        ("{name}", Self::Name),
        ("{namespace}", Self::Namespace),
        ("{rest}", Self::Rest),
        ("{digest}", Self::Digest),
    ];

    /// Every placeholder as it is written.
    pub(crate) fn words() -> [&'static str; 5] {
        Self::ALL.map(|(word, _)| word)
    }

    fn render<'a>(self, context: &Context<'a>) -> Result<&'a str, TemplateError> {
        match self {
            Self::Repository => Ok(context.repository.as_str()),
            Self::Name => Ok(context.repository.name()),
            Self::Namespace => Ok(context.repository.namespace()),
            Self::Rest => context.rest.ok_or(TemplateError::NoRest),
            Self::Digest => Ok(context.digest.short()),
        }
    }
}

/// What may stand in what comes out.
pub(super) struct Grammar {
    /// "a tag" or "a repository's name".
    pub(super) what: &'static str,
    /// Whether a character may stand there as it is.
    pub(super) allows: fn(char) -> bool,
    /// Whether `%` keywords may be used.
    pub(super) has_keywords: bool,
}

/// Takes a template apart, or tells every mistake in it, each once, in the order of the text.
pub(super) fn parse(text: &str, grammar: &Grammar) -> Result<Vec<Part>, Vec<TemplateError>> {
    let length = text.chars().take(TEMPLATE_CHARACTERS_MAX + 1).count();
    if length == 0 {
        return Err(vec![TemplateError::Empty]);
    }
    if length > TEMPLATE_CHARACTERS_MAX {
        return Err(vec![TemplateError::TooLong(text.chars().count())]);
    }
    let mut parts = Vec::new();
    let mut mistakes = Vec::new();
    let mut literal = String::new();
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        match next(character, &mut rest, grammar) {
            Ok(Part::Literal(text)) => literal.push_str(&text),
            Ok(part) => {
                flush(&mut literal, &mut parts);
                parts.push(part);
            }
            Err(mistake) => add(mistake, &mut mistakes),
        }
    }
    flush(&mut literal, &mut parts);
    if mistakes.is_empty() {
        Ok(parts)
    } else {
        Err(mistakes)
    }
}

/// Adds a mistake that is not reported yet; all characters that may not stand there are reported as one.
fn add(mistake: TemplateError, mistakes: &mut Vec<TemplateError>) {
    if let TemplateError::Characters {
        characters: new, ..
    } = &mistake
    {
        for told in mistakes.iter_mut() {
            if let TemplateError::Characters { characters, .. } = told {
                if !characters.contains(new) {
                    characters.push_str(new);
                }
                return;
            }
        }
    }
    if !mistakes.contains(&mistake) {
        mistakes.push(mistake);
    }
}

/// The part that begins with a character; what belongs to it is taken from the rest.
fn next(character: char, rest: &mut Chars<'_>, grammar: &Grammar) -> Result<Part, TemplateError> {
    match character {
        '%' => {
            let keyword = keyword(rest.next())?;
            if grammar.has_keywords {
                Ok(Part::Keyword(keyword))
            } else {
                Err(TemplateError::KeywordInRepository(keyword.to_string()))
            }
        }
        '{' => {
            let Some((word, after)) = rest.as_str().split_once('}') else {
                // Where it should end is unknown, so nothing after it is read.
                *rest = "".chars();
                return Err(TemplateError::Unbalanced('{'));
            };
            *rest = after.chars();
            placeholder(word).map(Part::Placeholder)
        }
        '}' => Err(TemplateError::Unbalanced('}')),
        literal if (grammar.allows)(literal) => Ok(Part::Literal(literal.to_string())),
        character => Err(TemplateError::Characters {
            characters: character.to_string(),
            what: grammar.what,
        }),
    }
}

/// Puts the parts together for one push.
pub(super) fn render(parts: &[Part], context: &Context<'_>) -> Result<String, TemplateError> {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Literal(literal) => text.push_str(literal),
            Part::Keyword(keyword) => {
                text.push_str(&keyword.render(context.tag.as_str(), context.time));
            }
            Part::Placeholder(placeholder) => text.push_str(placeholder.render(context)?),
        }
    }
    Ok(text)
}

fn keyword(letter: Option<char>) -> Result<Keyword, TemplateError> {
    let letter = match letter {
        None | Some('%') => return Err(TemplateError::Percent),
        Some(letter) => letter,
    };
    Keyword::of(letter).ok_or_else(|| {
        let other_case = if letter.is_ascii_lowercase() {
            letter.to_ascii_uppercase()
        } else {
            letter.to_ascii_lowercase()
        };
        TemplateError::Keyword {
            keyword: format!("%{letter}"),
            near: Keyword::of(other_case).map(|keyword| keyword.to_string()),
        }
    })
}

fn placeholder(word: &str) -> Result<Placeholder, TemplateError> {
    if word.contains('{') {
        return Err(TemplateError::Unbalanced('{'));
    }
    let written = format!("{{{word}}}");
    let known = Placeholder::ALL.iter().find(|(name, _)| *name == written);
    known.map(|(_, placeholder)| *placeholder).ok_or_else(|| {
        let bare = Placeholder::words().map(|word| word.trim_matches(['{', '}']));
        TemplateError::Placeholder {
            placeholder: suggest::shortened(&written),
            near: suggest::nearest(word, bare).map(|near| format!("{{{near}}}")),
        }
    })
}

fn flush(literal: &mut String, parts: &mut Vec<Part>) {
    if !literal.is_empty() {
        parts.push(Part::Literal(std::mem::take(literal)));
    }
}
