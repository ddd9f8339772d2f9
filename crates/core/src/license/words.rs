//! The one tokeniser of license words: a text becomes licenses, words that name none for sure, and
//! the marks between them. Names are found where they stand, the longest first, so that
//! `Apache License, Version 2.0` and `GPL v2 or later` are one license each beside any other words.

use std::borrow::Cow;

use super::{Term, names};

/// What a text consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// One license.
    License(Term<'a>),
    /// Words between marks that name no license for sure, as they are written.
    Words(&'a str),
    And,
    Or,
    /// `,` `;` `/` `::` and the like: what is on both sides applies, with no choice.
    Beside,
    Open,
    Close,
}

/// One word or mark, and where it stands.
#[derive(Clone, Copy)]
struct Piece<'a> {
    text: &'a str,
    start: usize,
    mark: Option<char>,
}

impl Piece<'_> {
    fn end(&self) -> usize {
        self.start + self.text.len()
    }

    fn is(&self, word: &str) -> bool {
        self.text.eq_ignore_ascii_case(word)
    }
}

/// Reads a text.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let pieces: Vec<_> = pieces(text).collect();
    let mut tokens = Tokens {
        text,
        found: Vec::new(),
        words: None,
    };
    let mut rest = pieces.as_slice();
    while let Some((piece, tail)) = rest.split_first() {
        let taken = match piece.mark {
            Some(mark) => tokens.mark(mark),
            None => tokens.word(*piece, tail, rest),
        };
        rest = rest.get(taken..).unwrap_or_default();
    }
    tokens.end_words();
    tokens.found
}

struct Tokens<'a> {
    text: &'a str,
    found: Vec<Token<'a>>,
    /// Where words that name no license begin and end so far.
    words: Option<(usize, usize)>,
}

impl<'a> Tokens<'a> {
    fn mark(&mut self, mark: char) -> usize {
        self.end_words();
        match (mark, self.found.as_slice()) {
            // "Mozilla Public License 2.0 (MPL 2.0)": the same once more.
            (')', [.., Token::License(name), Token::Open, Token::License(again)])
                if name == again =>
            {
                self.found.truncate(self.found.len() - 2);
            }
            (')', _) => self.found.push(Token::Close),
            ('(', _) => self.found.push(Token::Open),
            _ => self.found.push(Token::Beside),
        }
        1
    }

    /// Takes what begins with a word; says how many pieces that are.
    fn word(&mut self, piece: Piece<'a>, tail: &[Piece<'a>], all: &[Piece<'a>]) -> usize {
        // No license's name begins with one of these.
        if piece.is("and") {
            self.push(Token::And);
        } else if piece.is("or") {
            self.push(Token::Or);
        } else if let Some((license, taken)) = license(all) {
            self.push(Token::License(license));
            return taken;
        } else if let Some(exception) = self.exception(piece, tail) {
            if let Some(Token::License(term)) = self.found.last_mut() {
                term.exception = Some(exception);
            }
            return 2;
        } else {
            let (start, end) = (piece.start, piece.end());
            self.words = Some((self.words.map_or(start, |(start, _)| start), end));
        }
        1
    }

    /// The exception that `WITH` adds to the license before it.
    fn exception(&self, with: Piece<'_>, tail: &[Piece<'a>]) -> Option<Cow<'a, str>> {
        let is_open = self.words.is_none()
            && matches!(self.found.last(), Some(Token::License(term)) if term.exception.is_none());
        let next = tail.first().filter(|next| next.mark.is_none())?;
        (with.is("with") && is_open)
            .then(|| names::exception(next.text))
            .flatten()
    }

    fn push(&mut self, token: Token<'a>) {
        self.end_words();
        self.found.push(token);
    }

    fn end_words(&mut self) {
        let words = self.words.take();
        let words = words.and_then(|(start, end)| self.text.get(start..end));
        self.found
            .extend(words.filter(|words| !is_frame(words)).map(Token::Words));
    }
}

/// Words that stand around a license in Python's classifiers and say nothing of it.
fn is_frame(words: &str) -> bool {
    matches!(
        names::folded(words).as_str(),
        "" | "osi approved" | "dfsg approved"
    )
}

/// The license that the pieces begin with, by the longest of its names, and how many pieces that
/// name takes. R writes `GPL (>= 2)` and `LGPL (>= 2.0, < 3)` ("Writing R Extensions", 1.1.2 "Licensing").
fn license<'a>(pieces: &[Piece<'a>]) -> Option<(Term<'a>, usize)> {
    let mut folded = String::new();
    let mut found = None;
    let mut is_begun = false;
    let mut depth = 0usize;
    let mut from = Bound::None;
    for (count, piece) in (1..).zip(pieces) {
        match piece.mark {
            // "see LICENSE, ISC" is not a license's name that begins with "license".
            Some(_) if folded.is_empty() => break,
            Some('(') => depth += 1,
            Some(')') => match depth.checked_sub(1) {
                Some(outer) => depth = outer,
                None => break,
            },
            Some('>') => from = Bound::Lower,
            Some('<') if from == Bound::Lower => from = Bound::Upper,
            Some(_) => {}
            // What is above the lower bound is in it all the same.
            None if from == Bound::Upper => {}
            None => names::fold(piece.text, &mut folded),
        }
        if !names::begins_a_name(&folded) {
            break;
        }
        is_begun = true;
        if depth > 0 || piece.is_trailing() {
            continue;
        }
        found = from.named(&folded).map(|term| (term, count)).or(found);
    }
    // A name of several words says more than its first word alone.
    if let Some(found) = found.take_if(|(_, count)| *count > 1) {
        return Some(found);
    }
    let term = first_word(*pieces.first()?, is_begun);
    Some((term.or(found.map(|(term, _)| term))?, 1))
}

/// The license that one word names alone; whether it begins the name of one.
fn first_word(first: Piece<'_>, is_begun: bool) -> Option<Term<'_>> {
    // Most words begin no name: that is checked before anything that costs more.
    let may_be_one = is_begun || names::may_be_unlisted(first.text);
    may_be_one.then(|| names::license(first.text)).flatten()
}

/// How the version is bounded that a name ends with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bound {
    /// It is that version.
    None,
    /// `>=` stands before it.
    Lower,
    /// A second version follows.
    Upper,
}

impl Bound {
    /// The license that these folded words name, with the version so bounded.
    fn named(self, folded: &str) -> Option<Term<'static>> {
        match self {
            Self::None => names::named(folded).map(Term::canonical),
            Self::Lower | Self::Upper => names::or_later(folded),
        }
    }
}

impl Piece<'_> {
    /// A mark that no name ends with: the comma after a name is not of the name.
    fn is_trailing(&self) -> bool {
        !matches!(self.mark, None | Some(')'))
    }
}

/// Words between blanks; marks are pieces of their own. An address is one word.
fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = text.get(start..)?;
        let blank = rest.len() - rest.trim_start().len();
        start += blank;
        let rest = rest.get(blank..)?;
        let first = rest.chars().next()?;
        let (length, mark) = if rest.starts_with("::") {
            (2, Some(':'))
        } else if let Some(bound) = BOUNDS.iter().find(|bound| rest.starts_with(**bound)) {
            (bound.len(), Some(first))
        } else if is_mark(first) {
            (first.len_utf8(), Some(first))
        } else {
            (word_length(rest), None)
        };
        let piece = Piece {
            text: rest.get(..length)?,
            start,
            mark,
        };
        start += length;
        Some(piece)
    })
}

/// What stands before a version that bounds others. `<` before anything else begins an address.
const BOUNDS: [&str; 3] = [">=", "<=", "< "];

fn is_mark(c: char) -> bool {
    matches!(c, '(' | ')' | ',' | ';' | '/' | '|' | '&')
}

fn word_length(rest: &str) -> usize {
    let blank = rest.find(char::is_whitespace).unwrap_or(rest.len());
    let chunk = rest.get(..blank).unwrap_or(rest);
    if chunk.contains("://") {
        return chunk.find([',', ';', '(', ')']).unwrap_or(blank);
    }
    let mut length = chunk.find(is_mark).unwrap_or(blank);
    for mark in ["::", ">=", "<="] {
        length = length.min(chunk.find(mark).unwrap_or(blank));
    }
    length
}
