//! Places of a document and what they take: the ground under every reader here.
//!
//! A place that holds something else than it wants notes that and reads on, so that a document is
//! read once, in one pass, whatever the order of its keys, and only what it turns out to be decides
//! whether what was noted matters. Only JSON that is none ends the reading.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::error::SbomError;

/// The first thing found wrong in a document.
pub(super) type Problem = Option<SbomError>;

/// Notes a problem, if it is the first.
pub(super) fn note(problem: &mut Problem, error: SbomError) {
    problem.get_or_insert(error);
}

/// One place of a document: it takes the kind of value that it wants and notes any other. What it
/// does not override it does not want; null is as if the key were not there.
pub(super) trait Place<'de>: Sized {
    /// Notes a value of another kind.
    fn wrong(self, found: &'static str);

    /// Takes a string.
    fn text(self, _text: &str) {
        self.wrong("a string");
    }

    /// Takes a list, and must read it to its end.
    fn list<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        self.wrong("a list");
        Ok(())
    }

    /// Takes an object, and must read it to its end.
    fn object<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        self.wrong("an object");
        Ok(())
    }
}

/// Lets serde fill a place.
pub(super) struct At<P>(pub(super) P);

impl<'de, P: Place<'de>> DeserializeSeed<'de> for At<P> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, P: Place<'de>> Visitor<'de> for At<P> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        self.0.wrong("a boolean");
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        self.0.wrong("a number");
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        self.0.wrong("a number");
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        self.0.wrong("a number");
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.0.text(text);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<(), A::Error> {
        self.0.list(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<(), A::Error> {
        self.0.object(object)
    }
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

    /// The next key that matters; its value must be read before the next call. A key that comes twice
    /// is noted.
    pub(super) fn next<'de, A: MapAccess<'de>>(
        &mut self,
        object: &mut A,
        problem: &mut Problem,
    ) -> Result<Option<&'static str>, A::Error> {
        while let Some(found) = object.next_key_seed(Wanted(self.wanted))? {
            if let Some((index, key)) = found {
                let bit = 1_u32 << (index % 32);
                if self.seen & bit == 0 {
                    self.seen |= bit;
                    return Ok(Some(key));
                }
                note(problem, SbomError::Twice(key));
            }
            object.next_value::<IgnoredAny>()?;
        }
        Ok(None)
    }
}

/// Finds a key among the wanted ones without copying it.
struct Wanted(&'static [&'static str]);

impl<'de> DeserializeSeed<'de> for Wanted {
    type Value = Option<(usize, &'static str)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Wanted {
    type Value = Option<(usize, &'static str)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        let index = self.0.iter().position(|wanted| *wanted == key);
        Ok(index.and_then(|index| Some((index, *self.0.get(index)?))))
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

impl Place<'_> for Text<'_> {
    fn wrong(self, found: &'static str) {
        let (key, wanted) = (self.key, "a string");
        note(self.problem, SbomError::WrongType { key, wanted, found });
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
