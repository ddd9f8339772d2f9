//! Strings: kept, passed over, or handed on part by part.

use std::io::{self, Read};

use super::{Fault, Json};
use crate::limits::STRING_BYTES_MAX;

impl Json<'_> {
    /// A string whose opening quote was consumed: from the buffer if it is there unchanged, else
    /// put together, up to [`STRING_BYTES_MAX`].
    pub(super) fn string(&mut self) -> Result<&str, Fault> {
        let start = self.at;
        let length = plain(self.rest());
        if self.rest().get(length) != Some(&b'"') {
            return self.long_string();
        }
        self.at += length + 1;
        let not_json = self.not_json();
        let text = self.buffer.get(start..start + length).unwrap_or_default();
        std::str::from_utf8(text).map_err(|_| not_json)
    }

    fn long_string(&mut self) -> Result<&str, Fault> {
        self.text.clear();
        loop {
            let length = plain(self.rest());
            let text = self.buffer.get(self.at..self.at + length);
            self.text.extend_from_slice(text.unwrap_or_default());
            self.at += length;
            if self.text.len() > STRING_BYTES_MAX {
                return Err(Fault::StringBytes);
            }
            if self.rest().is_empty() {
                self.refill()?;
                continue;
            }
            match self.byte()? {
                b'"' => break,
                b'\\' => {
                    let escaped = self.escaped()?;
                    self.text
                        .extend_from_slice(escaped.encode_utf8(&mut [0; 4]).as_bytes());
                }
                _ => return Err(self.not_json()),
            }
        }
        let not_json = self.not_json();
        std::str::from_utf8(&self.text).map_err(|_| not_json)
    }

    /// Passes over a string; only its bytes are counted.
    pub(super) fn pass_string(&mut self) -> Result<(), Fault> {
        loop {
            self.at += plain(self.rest());
            if self.rest().is_empty() {
                self.refill()?;
                continue;
            }
            match self.byte()? {
                b'"' => return Ok(()),
                b'\\' => {
                    self.escaped()?;
                }
                _ => return Err(self.not_json()),
            }
        }
    }

    fn refill(&mut self) -> Result<(), Fault> {
        if self.fill()? {
            Ok(())
        } else {
            Err(self.truncated())
        }
    }

    /// What follows a backslash.
    fn escaped(&mut self) -> Result<char, Fault> {
        Ok(match self.byte()? {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(),
            _ => return Err(self.not_json()),
        })
    }

    /// Four hexadecimal digits, or two times four for what lies beyond them; half of such a pair is
    /// no text.
    fn unicode(&mut self) -> Result<char, Fault> {
        let first = self.hex()?;
        let code = if (0xD800..0xDC00).contains(&first) {
            if self.byte()? != b'\\' || self.byte()? != b'u' {
                return Err(self.not_json());
            }
            let second = self.hex()?;
            if !(0xDC00..0xE000).contains(&second) {
                return Err(self.not_json());
            }
            0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00)
        } else {
            first
        };
        char::from_u32(code).ok_or_else(|| self.not_json())
    }

    fn hex(&mut self) -> Result<u32, Fault> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = char::from(self.byte()?).to_digit(16);
            code = code * 16 + digit.ok_or_else(|| self.not_json())?;
        }
        Ok(code)
    }
}

/// How many bytes come before a quote, a backslash or a control character: all of them if there
/// is none.
fn plain(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = ONES * 0x80;
    // The lowest high bit set is that of the first byte below the bound; those above it may be set
    // by a borrow.
    let below = |word: u64, bound: u64| word.wrapping_sub(ONES * bound) & !word & HIGH;
    let mut length = 0;
    let mut rest = bytes;
    while let Some((chunk, tail)) = rest.split_first_chunk::<8>() {
        let word = u64::from_le_bytes(*chunk);
        let quote = below(word ^ (ONES * u64::from(b'"')), 1);
        let backslash = below(word ^ (ONES * u64::from(b'\\')), 1);
        let found = quote | backslash | below(word, 0x20);
        if found != 0 {
            return length + (found.trailing_zeros() / 8) as usize;
        }
        length += 8;
        rest = tail;
    }
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    length + rest.iter().position(is_special).unwrap_or(rest.len())
}

/// A string as a source of its own, read where it stands.
pub(crate) struct Parts<'a, 's> {
    json: &'a mut Json<'s>,
    /// An escaped character that did not fit.
    held: Vec<u8>,
    is_done: bool,
    fault: Option<Fault>,
}

impl<'a, 's> Parts<'a, 's> {
    pub(super) fn new(json: &'a mut Json<'s>) -> Self {
        Self {
            json,
            held: Vec::new(),
            is_done: false,
            fault: None,
        }
    }

    /// Whether the document around the string broke while it was read.
    pub(crate) fn is_broken(&self) -> bool {
        self.fault.is_some()
    }

    /// Passes over what was not read.
    pub(super) fn finish(self) -> Result<(), Fault> {
        match self.fault {
            Some(fault) => Err(fault),
            None if self.is_done => Ok(()),
            None => self.json.pass_string(),
        }
    }

    fn part(&mut self, buffer: &mut [u8]) -> Result<usize, Fault> {
        while !self.is_done && !buffer.is_empty() {
            let given = if self.held.is_empty() {
                let rest = self.json.rest();
                // No further than is asked for: what follows would be looked at again.
                let within = rest.get(..buffer.len()).unwrap_or(rest);
                let part = within.get(..plain(within)).unwrap_or_default();
                let given = copy(part, buffer);
                self.json.at += given;
                given
            } else {
                let given = copy(&self.held, buffer);
                self.held.drain(..given);
                given
            };
            if given > 0 {
                return Ok(given);
            }
            if self.json.rest().is_empty() {
                self.json.refill()?;
                continue;
            }
            match self.json.byte()? {
                b'"' => self.is_done = true,
                b'\\' => {
                    let escaped = self.json.escaped()?;
                    self.held
                        .extend_from_slice(escaped.encode_utf8(&mut [0; 4]).as_bytes());
                }
                _ => return Err(self.json.not_json()),
            }
        }
        Ok(0)
    }
}

/// Copies as much as fits.
fn copy(from: &[u8], to: &mut [u8]) -> usize {
    let count = from.len().min(to.len());
    if let (Some(to), Some(from)) = (to.get_mut(..count), from.get(..count)) {
        to.copy_from_slice(from);
    }
    count
}

impl Read for Parts<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.fault.is_some() {
            return Err(io::Error::other("the document around the string is broken"));
        }
        self.part(buffer).map_err(|fault| {
            self.fault = Some(fault);
            io::Error::other("the document around the string is broken")
        })
    }
}
