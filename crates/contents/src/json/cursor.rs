//! Bytes, blanks, numbers and literals: the cursor over the buffer.

use std::io::ErrorKind;

use super::{Fault, Json};

impl Json<'_> {
    /// What of the buffer is still to be looked at.
    pub(super) fn rest(&self) -> &[u8] {
        self.buffer.get(self.at..self.end).unwrap_or_default()
    }

    /// Refills an exhausted buffer, to its end as far as the source goes: a decoder gives a few hundred
    /// bytes at a time. False at the end of the source.
    pub(super) fn fill(&mut self) -> Result<bool, Fault> {
        (self.at, self.end) = (0, 0);
        while let Some(room @ [_, ..]) = self.buffer.get_mut(self.end..) {
            match self.source.read(room) {
                Ok(0) => break,
                Ok(count) => {
                    self.end += count;
                    self.read += u64::try_from(count).unwrap_or(u64::MAX);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(Fault::Unread(error.to_string())),
            }
            if self.read > self.bytes_max {
                return Err(Fault::Bytes(self.bytes_max));
            }
        }
        Ok(self.end > 0)
    }

    /// How many bytes have been looked at.
    pub(crate) fn position(&self) -> u64 {
        self.read - u64::try_from(self.rest().len()).unwrap_or_default()
    }

    pub(super) fn truncated(&self) -> Fault {
        Fault::Truncated(self.position())
    }

    pub(super) fn not_json(&self) -> Fault {
        Fault::NotJson(self.position() + 1)
    }

    /// The next byte, which stays; `None` at the end of the source.
    fn peek(&mut self) -> Result<Option<u8>, Fault> {
        if self.at >= self.end && !self.fill()? {
            return Ok(None);
        }
        Ok(self.rest().first().copied())
    }

    /// Moves past the byte that was looked at.
    pub(super) fn step(&mut self) {
        self.at += 1;
    }

    /// The next byte, consumed.
    pub(super) fn byte(&mut self) -> Result<u8, Fault> {
        let byte = self.peek()?.ok_or_else(|| self.truncated())?;
        self.step();
        Ok(byte)
    }

    /// The next byte that is not a blank, not consumed.
    pub(super) fn token(&mut self) -> Result<u8, Fault> {
        self.token_or_end()?.ok_or_else(|| self.truncated())
    }

    fn token_or_end(&mut self) -> Result<Option<u8>, Fault> {
        loop {
            let is_blank = |byte: &u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t');
            let rest = self.rest();
            if let Some(blanks) = rest.iter().position(|byte| !is_blank(byte)) {
                let found = rest.get(blanks).copied();
                self.at += blanks;
                return Ok(found);
            }
            if !self.fill()? {
                return Ok(None);
            }
        }
    }

    /// Consumes a token that must come next.
    pub(super) fn take(&mut self, wanted: u8) -> Result<(), Fault> {
        if self.token()? != wanted {
            return Err(self.not_json());
        }
        self.step();
        Ok(())
    }

    /// Whether nothing but blanks follows.
    pub(crate) fn is_at_end(&mut self) -> Result<bool, Fault> {
        Ok(self.token_or_end()?.is_none())
    }

    /// Nothing but blanks may follow.
    pub(crate) fn end(&mut self) -> Result<(), Fault> {
        if self.is_at_end()? {
            Ok(())
        } else {
            Err(self.not_json())
        }
    }

    pub(super) fn literal(&mut self, literal: &[u8]) -> Result<(), Fault> {
        for wanted in literal {
            match self.peek()? {
                Some(byte) if byte == *wanted => self.step(),
                Some(_) => return Err(self.not_json()),
                None => return Err(self.truncated()),
            }
        }
        Ok(())
    }

    pub(super) fn boolean(&mut self) -> Result<(), Fault> {
        if self.peek()? == Some(b't') {
            self.literal(b"true")
        } else {
            self.literal(b"false")
        }
    }

    /// A number, which is checked and not kept: no place here wants one.
    pub(super) fn number(&mut self) -> Result<(), Fault> {
        if self.peek()? == Some(b'-') {
            self.step();
        }
        if self.peek()? == Some(b'0') {
            self.step();
        } else {
            self.digits()?;
        }
        if self.peek()? == Some(b'.') {
            self.step();
            self.digits()?;
        }
        if matches!(self.peek()?, Some(b'e' | b'E')) {
            self.step();
            if matches!(self.peek()?, Some(b'+' | b'-')) {
                self.step();
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Fault> {
        match self.peek()? {
            Some(byte) if byte.is_ascii_digit() => {}
            Some(_) => return Err(self.not_json()),
            None => return Err(self.truncated()),
        }
        while self.peek()?.is_some_and(|byte| byte.is_ascii_digit()) {
            self.step();
        }
        Ok(())
    }
}
