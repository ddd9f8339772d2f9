//! The places that every reader here shares, and what is noted when a document puts something else
//! into one.
//!
//! Nothing that is wrong ends the reading: it is noted, and only what the document turns out to be
//! decides whether it matters. So a document is read once, whatever the order of its keys.

use super::error::SbomError;
use crate::json::{Fault, Key, Object, Place};

/// The first thing found wrong in a document.
pub(super) type Problem = Option<SbomError>;

/// Notes a problem, if it is the first.
pub(super) fn note(problem: &mut Problem, error: SbomError) {
    problem.get_or_insert(error);
}

/// Notes a value of the wrong type.
pub(super) fn wrong_type(
    problem: &mut Problem,
    key: &'static str,
    wanted: &'static str,
    found: &'static str,
) {
    note(problem, SbomError::WrongType { key, wanted, found });
}

/// The keys of one object that matter. All others are passed over.
pub(super) struct Keys {
    /// At most 32.
    wanted: &'static [&'static str],
    seen: u32,
}

impl Keys {
    pub(super) fn new(wanted: &'static [&'static str]) -> Self {
        Self { wanted, seen: 0 }
    }

    /// The next key that matters. A key that comes twice is noted, and its second value passed over.
    pub(super) fn next(
        &mut self,
        object: &mut Object<'_, '_>,
        problem: &mut Problem,
    ) -> Result<Option<&'static str>, Fault> {
        loop {
            let (index, name) = match object.key(self.wanted)? {
                Key::Wanted { index, name } => (index, name),
                Key::Other => continue,
                Key::End => return Ok(None),
            };
            let bit = 1_u32 << (index % 32);
            if self.seen & bit == 0 {
                self.seen |= bit;
                return Ok(Some(name));
            }
            note(problem, SbomError::Twice(name));
        }
    }
}

/// A place for a string.
pub(super) struct Text<'a> {
    /// The key it stands under.
    pub(super) key: &'static str,
    /// How long it may be, in bytes.
    pub(super) bytes_max: usize,
    /// Where it goes.
    pub(super) into: &'a mut Option<String>,
    /// Where what is wrong with it goes.
    pub(super) problem: &'a mut Problem,
}

impl Place for Text<'_> {
    fn wrong(self, found: &'static str) {
        wrong_type(self.problem, self.key, "a string", found);
    }

    fn text(self, text: &str) {
        if text.len() > self.bytes_max {
            let (key, max) = (self.key, self.bytes_max);
            note(self.problem, SbomError::TextTooLong { key, max });
        } else {
            *self.into = Some(text.to_owned());
        }
    }
}

/// A place for a string with one value that matters; any other is passed over.
pub(super) struct Is<'a> {
    /// The key it stands under.
    pub(super) key: &'static str,
    /// The value.
    pub(super) wanted: &'static str,
    /// Whether it stands there, or, in a list, among others.
    pub(super) into: &'a mut bool,
    /// Where what is wrong with it goes.
    pub(super) problem: &'a mut Problem,
}

impl Place for Is<'_> {
    fn wrong(self, found: &'static str) {
        wrong_type(self.problem, self.key, "a string", found);
    }

    fn text(self, text: &str) {
        *self.into |= text == self.wanted;
    }
}
