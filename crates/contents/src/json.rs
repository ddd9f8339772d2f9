//! JSON as a stream, pulled value by value into places that know what they want.
//!
//! `serde_json` reads from a stream byte by byte, slower than it builds its own `Value` from memory, and
//! buffers any string and a byte for each open bracket before a caller can refuse it. Here a string
//! is looked at eight bytes at a time, what is not wanted is skipped without being kept, and
//! bytes, nesting and kept strings are bounded. Grammar: RFC 8259, nothing beside it.
//!
//! It knows no format and skips no errors. Recursion is bounded by [`DEPTH_MAX`].

mod cursor;
mod nested;
mod strings;

use std::io::Read;

pub(crate) use self::{
    nested::{Key, List, Object},
    strings::Parts,
};
use crate::limits::DEPTH_MAX;

/// What is read from the source at a time, in bytes.
const BUFFER_BYTES: usize = 64 * 1024;

/// Why the reading ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// More bytes than this bound.
    Bytes(u64),
    /// A kept string over its bound.
    StringBytes,
    /// Nested too deep.
    Depth,
    /// The source ends inside a value, after this many bytes.
    Truncated(u64),
    /// No JSON at this byte, from 1.
    NotJson(u64),
    /// The source failed, in its own words.
    Unread(String),
}

/// One place of a document: it takes the kind of value that it wants and notes any other. What it
/// does not override it does not want; null is as if the key were not there.
pub(crate) trait Place: Sized {
    /// Whether strings go to [`Place::parts`] instead of [`Place::text`].
    const TAKES_PARTS: bool = false;

    /// Notes a value of another kind.
    fn wrong(self, found: &'static str);

    /// Takes a string.
    fn text(self, _text: &str) {
        self.wrong("a string");
    }

    /// Takes a string part by part, without its ever being held whole.
    fn parts(self, _parts: &mut Parts<'_, '_>) {
        self.wrong("a string");
    }

    /// Takes a list; what it leaves of it is passed over.
    fn list(self, _list: &mut List<'_, '_>) -> Result<(), Fault> {
        self.wrong("a list");
        Ok(())
    }

    /// Takes an object; what it leaves of it is passed over.
    fn object(self, _object: &mut Object<'_, '_>) -> Result<(), Fault> {
        self.wrong("an object");
        Ok(())
    }
}

/// A stream of JSON.
pub(crate) struct Json<'s> {
    source: &'s mut dyn Read,
    bytes_max: u64,
    buffer: Vec<u8>,
    /// What of the buffer is still to be looked at.
    at: usize,
    end: usize,
    /// All that the source gave.
    read: u64,
    depth: usize,
    /// A string that does not lie in the buffer as it is.
    text: Vec<u8>,
}

impl<'s> Json<'s> {
    /// A stream of at most this many bytes.
    pub(crate) fn of(source: &'s mut dyn Read, bytes_max: u64) -> Self {
        Self::buffered(source, bytes_max, BUFFER_BYTES)
    }

    fn buffered(source: &'s mut dyn Read, bytes_max: u64, buffer_bytes: usize) -> Self {
        Self {
            source,
            bytes_max,
            buffer: vec![0; buffer_bytes],
            at: 0,
            end: 0,
            read: 0,
            depth: 0,
            text: Vec::new(),
        }
    }

    /// Reads the next value into a place. One document may follow another, with blanks between them.
    pub(crate) fn value<P: Place>(&mut self, place: P) -> Result<(), Fault> {
        match self.token()? {
            b'"' => {
                self.step();
                if P::TAKES_PARTS {
                    let mut parts = Parts::new(self);
                    place.parts(&mut parts);
                    return parts.finish();
                }
                place.text(self.string()?);
            }
            b'{' => {
                let mut object = Object::open(self)?;
                place.object(&mut object)?;
                object.finish()?;
            }
            b'[' => {
                let mut list = List::open(self)?;
                place.list(&mut list)?;
                list.finish()?;
            }
            b'n' => self.literal(b"null")?,
            b't' | b'f' => {
                self.boolean()?;
                place.wrong("a boolean");
            }
            _ => {
                self.number()?;
                place.wrong("a number");
            }
        }
        Ok(())
    }
}

impl Json<'_> {
    /// Passes over a value.
    fn pass(&mut self) -> Result<(), Fault> {
        match self.token()? {
            b'"' => {
                self.step();
                self.pass_string()
            }
            b'{' => Object::open(self)?.finish(),
            b'[' => List::open(self)?.finish(),
            b'n' => self.literal(b"null"),
            b't' | b'f' => self.boolean(),
            _ => self.number(),
        }
    }

    fn open(&mut self) -> Result<(), Fault> {
        self.step();
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(Fault::Depth);
        }
        Ok(())
    }

    /// Moves to the next member of an object or list, or past its end.
    fn next(&mut self, is_first: &mut bool, close: u8) -> Result<bool, Fault> {
        let token = self.token()?;
        if token == close {
            self.step();
            self.depth = self.depth.saturating_sub(1);
            return Ok(false);
        }
        if !std::mem::take(is_first) {
            self.take(b',')?;
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests;
