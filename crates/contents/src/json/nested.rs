//! Lists and objects that are being read, member by member.

use super::{Fault, Json, Place};

/// A list that is being read.
pub(crate) struct List<'a, 's> {
    json: &'a mut Json<'s>,
    is_first: bool,
    is_done: bool,
}

impl<'a, 's> List<'a, 's> {
    pub(super) fn open(json: &'a mut Json<'s>) -> Result<Self, Fault> {
        json.open()?;
        let (is_first, is_done) = (true, false);
        Ok(Self {
            json,
            is_first,
            is_done,
        })
    }

    /// Reads the next element into a place; false if there is none.
    pub(crate) fn next<P: Place>(&mut self, place: P) -> Result<bool, Fault> {
        if !self.advance()? {
            return Ok(false);
        }
        self.json.value(place)?;
        Ok(true)
    }

    /// Passes over the next element; false if there is none.
    pub(crate) fn skip(&mut self) -> Result<bool, Fault> {
        let is_there = self.advance()?;
        if is_there {
            self.json.pass()?;
        }
        Ok(is_there)
    }

    fn advance(&mut self) -> Result<bool, Fault> {
        self.is_done = self.is_done || !self.json.next(&mut self.is_first, b']')?;
        Ok(!self.is_done)
    }

    pub(super) fn finish(mut self) -> Result<(), Fault> {
        while self.skip()? {}
        Ok(())
    }
}

/// A key of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    /// One of those that are wanted, and the how-manieth of them.
    Wanted { index: usize, name: &'static str },
    /// Another.
    Other,
    /// There is no further key.
    End,
}

/// An object that is being read.
pub(crate) struct Object<'a, 's> {
    json: &'a mut Json<'s>,
    is_first: bool,
    is_done: bool,
    /// A key was read and its value was not.
    is_pending: bool,
}

impl<'a, 's> Object<'a, 's> {
    pub(super) fn open(json: &'a mut Json<'s>) -> Result<Self, Fault> {
        json.open()?;
        let (is_first, is_done, is_pending) = (true, false, false);
        Ok(Self {
            json,
            is_first,
            is_done,
            is_pending,
        })
    }

    /// The next key, among the wanted ones. A value that was not read is passed over.
    pub(crate) fn key(&mut self, wanted: &[&'static str]) -> Result<Key, Fault> {
        if !self.advance()? {
            return Ok(Key::End);
        }
        self.json.take(b'"')?;
        let key = self.json.string()?;
        let found = wanted
            .iter()
            .enumerate()
            .find(|(_, wanted)| **wanted == key);
        let key = found.map_or(Key::Other, |(index, name)| Key::Wanted { index, name });
        self.json.take(b':')?;
        self.is_pending = true;
        Ok(key)
    }

    /// Reads the value of the last key into a place.
    pub(crate) fn value<P: Place>(&mut self, place: P) -> Result<(), Fault> {
        self.is_pending = false;
        self.json.value(place)
    }

    fn advance(&mut self) -> Result<bool, Fault> {
        if std::mem::take(&mut self.is_pending) {
            self.json.pass()?;
        }
        self.is_done = self.is_done || !self.json.next(&mut self.is_first, b'}')?;
        Ok(!self.is_done)
    }

    pub(super) fn finish(mut self) -> Result<(), Fault> {
        while self.advance()? {
            self.json.take(b'"')?;
            self.json.pass_string()?;
            self.json.take(b':')?;
            self.json.pass()?;
        }
        Ok(())
    }
}
