//! Regular expressions of policies: over whole values, checked when a policy is read, compiled when
//! one is first judged by, and matched in time that is bounded whatever is in them.
//!
//! Reading checks the syntax and estimates what compiling would take, which costs microseconds where
//! compiling costs milliseconds. The estimate is never below the true size.

use std::sync::{Arc, OnceLock};

use regex_automata::{
    Anchored, Input,
    hybrid::dfa::{Cache, DFA},
    nfa::thompson::{self, WhichCaptures},
    util::syntax,
};
use regex_syntax::{
    ParserBuilder,
    hir::{Class, Hir, HirKind},
};

use crate::reference::is_tag_character;

/// The longest regular expression in characters.
pub const PATTERN_CHARACTERS_MAX: usize = 1000;
/// What one expression may keep of its states while it is matched, in bytes; the least that it needs
/// where that is more.
const STATES_BYTES_MAX: usize = 256 * 1024;
/// So often the states may outgrow that, and be forgotten, while one criterion is judged. An
/// expression that needs more is given up: this bounds the time.
const STATES_FORGOTTEN_MAX: usize = 100;

/// Whether a regular expression regards case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Case {
    /// As the expression says.
    Regarded,
    /// It does not, unless the expression says so.
    Ignored,
}

/// A regular expression over a whole value, from `\A` to `\z`. Clones share what was compiled.
#[derive(Debug, Clone)]
pub struct Pattern(Arc<Expression>);

#[derive(Debug)]
struct Expression {
    text: String,
    case: Case,
    bytes: usize,
    traits: Traits,
    /// `None` if it did not compile after all: then it matches nothing for certain.
    compiled: OnceLock<Option<DFA>>,
}

/// What is known of an expression without any value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Traits {
    /// The fewest bytes of what it matches; `None` if it can match nothing.
    pub(super) length_min: Option<usize>,
    /// Whether all that it matches has a character that no tag has.
    pub(super) foreign_to_tags: bool,
    /// Whether it begins or ends with blanks that count.
    pub(super) blanks_at_an_end: bool,
}

/// The expression was given up: it needs too many states, or its `\b` met a character outside ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct GivenUp;

impl Pattern {
    /// Checks an expression; the error is a sentence that says what is wrong with it.
    pub(super) fn check(text: &str, case: Case) -> Result<Self, String> {
        let length = text.chars().count();
        if length > PATTERN_CHARACTERS_MAX {
            return Err(format!(
                "expected at most {PATTERN_CHARACTERS_MAX} characters of a regular expression, found {length}"
            ));
        }
        // Alone first: wrapped, "a)|(b" would be an expression that its author never wrote.
        let alone = parse(text, case)?;
        let whole = parse(&wrapped(text), case)
            .map_err(|error| format!("{error}; does it end in a comment?"))?;
        Ok(Self(Arc::new(Expression {
            text: text.to_owned(),
            case,
            bytes: compiled_bytes(&whole).saturating_add(EXPRESSION_BYTES),
            traits: Traits {
                length_min: alone.properties().minimum_len(),
                foreign_to_tags: wants(&alone, &|c| !is_tag_character(c)),
                blanks_at_an_end: text.trim() != text && parse(text.trim(), case) != Ok(alone),
            },
            compiled: OnceLock::new(),
        })))
    }

    /// The expression as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    pub(super) fn traits(&self) -> Traits {
        self.0.traits
    }

    /// What it takes once compiled, in bytes, at most.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.0.bytes
    }

    /// Compiles the expression if that was not done yet, and makes room for its states.
    pub(super) fn matcher(&self) -> Result<Matcher, GivenUp> {
        let compiled = self.0.compiled.get_or_init(|| self.0.compile());
        let dfa = compiled.clone().ok_or(GivenUp)?;
        let states = dfa.create_cache();
        Ok(Matcher { dfa, states })
    }
}

/// A compiled expression with the states that its matching has met so far.
#[derive(Debug)]
pub(super) struct Matcher {
    dfa: DFA,
    states: Cache,
}

impl Matcher {
    /// Whether the whole of `text` is matched.
    pub(super) fn matches(&mut self, text: &str) -> Result<bool, GivenUp> {
        let input = Input::new(text).anchored(Anchored::Yes);
        let found = self.dfa.try_search_fwd(&mut self.states, &input);
        found.map(|end| end.is_some()).map_err(|_| GivenUp)
    }
}

impl Expression {
    fn compile(&self) -> Option<DFA> {
        let ignores_case = self.case == Case::Ignored;
        DFA::builder()
            .syntax(syntax::Config::new().case_insensitive(ignores_case))
            .thompson(
                thompson::Config::new()
                    .which_captures(WhichCaptures::None)
                    .nfa_size_limit(Some(self.bytes)),
            )
            .configure(
                DFA::config()
                    .cache_capacity(STATES_BYTES_MAX)
                    .skip_cache_capacity_check(true)
                    .minimum_cache_clear_count(Some(STATES_FORGOTTEN_MAX))
                    .unicode_word_boundary(true),
            )
            .build(&wrapped(&self.text))
            .ok()
    }
}

fn wrapped(text: &str) -> String {
    format!(r"\A(?:{text})\z")
}

fn parse(text: &str, case: Case) -> Result<Hir, String> {
    let mut parser = ParserBuilder::new()
        .case_insensitive(case == Case::Ignored)
        .build();
    parser.parse(text).map_err(|error| {
        // The last line says what is wrong; those before draw the expression.
        let words = error.to_string();
        let last = words.lines().last().unwrap_or_default();
        let reason = last.strip_prefix("error: ").unwrap_or(last);
        format!(
            "expected a regular expression, found an {}",
            crate::suggest::shortened(reason)
        )
    })
}

/// What any expression takes, and each part of it; measured, and held by a test against what
/// compiling takes.
const EXPRESSION_BYTES: usize = 1024;
const PART_BYTES: usize = 64;
const CLASS_BYTES: usize = 384;
const RANGE_BYTES: usize = 32;

/// What an expression takes once compiled, at most. Repetition makes much of few characters; the
/// depth is bounded by the parser's.
fn compiled_bytes(hir: &Hir) -> usize {
    let parts = |parts: &[Hir]| {
        parts.iter().fold(PART_BYTES, |sum, part| {
            sum.saturating_add(compiled_bytes(part))
                .saturating_add(PART_BYTES)
        })
    };
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => PART_BYTES,
        HirKind::Literal(literal) => literal.0.len().saturating_mul(PART_BYTES),
        HirKind::Class(class) => {
            let ranges = match class {
                Class::Unicode(class) => class.ranges().len(),
                Class::Bytes(class) => class.ranges().len(),
            };
            CLASS_BYTES.saturating_add(ranges.saturating_mul(RANGE_BYTES))
        }
        HirKind::Capture(capture) => compiled_bytes(&capture.sub).saturating_add(PART_BYTES),
        HirKind::Repetition(repetition) => {
            // "x*" and "x+" take one copy, "x{3,}" three, "x{2,5}" five.
            let times = repetition.max.unwrap_or(repetition.min).max(1);
            let times = usize::try_from(times).unwrap_or(usize::MAX);
            compiled_bytes(&repetition.sub)
                .saturating_add(2 * PART_BYTES)
                .saturating_mul(times)
        }
        HirKind::Concat(list) | HirKind::Alternation(list) => parts(list),
    }
}

/// Whether all that an expression matches has a character of this kind.
fn wants(hir: &Hir, kind: &impl Fn(char) -> bool) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => false,
        HirKind::Literal(literal) => String::from_utf8_lossy(&literal.0).chars().any(kind),
        HirKind::Class(Class::Unicode(class)) => class.ranges().iter().all(|range| {
            // Whatever a field allows is ASCII, so what lies beyond is of one kind.
            let mut ascii = range.start()..=range.end().min('\u{80}');
            ascii.all(kind)
        }),
        HirKind::Class(Class::Bytes(class)) => {
            let mut ranges = class.ranges().iter();
            ranges.all(|range| (range.start()..=range.end()).all(|byte| kind(char::from(byte))))
        }
        HirKind::Capture(capture) => wants(&capture.sub, kind),
        HirKind::Repetition(repetition) => repetition.min > 0 && wants(&repetition.sub, kind),
        HirKind::Concat(list) => list.iter().any(|part| wants(part, kind)),
        HirKind::Alternation(list) => list.iter().all(|part| wants(part, kind)),
    }
}

#[cfg(test)]
mod tests;
