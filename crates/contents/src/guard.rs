//! A reader around a reader of JSON that ends at a bound: in bytes, in nesting, in the length of a
//! string. It stands before the parser because the parser would buffer a string, or a byte for each
//! open bracket, before anything else could refuse it.
//!
//! It only counts. What is no JSON passes through and is the parser's to refuse.

use std::io::{self, Read};

use crate::limits::{DEPTH_MAX, ENVELOPE_BYTES_MAX, SBOM_BYTES_MAX, STRING_BYTES_MAX};

/// What a reader may give at most.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// In all.
    pub(crate) bytes_max: u64,
    /// In one string.
    pub(crate) string_bytes_max: u64,
}

impl Bounds {
    /// Of an SBOM, or a statement that holds one.
    pub(crate) const SBOM: Self = Self {
        bytes_max: SBOM_BYTES_MAX,
        string_bytes_max: STRING_BYTES_MAX,
    };
    /// Of an envelope, whose payload is one string.
    pub(crate) const ENVELOPE: Self = Self {
        bytes_max: ENVELOPE_BYTES_MAX,
        string_bytes_max: ENVELOPE_BYTES_MAX,
    };
}

/// Which bound was passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Bytes(u64),
    StringBytes(u64),
    Depth,
}

/// See the module.
pub(crate) struct Guard<R> {
    inner: R,
    bounds: Bounds,
    read: u64,
    depth: usize,
    /// The length of the string we are in.
    string: Option<u64>,
    escaped: bool,
    fault: Option<Fault>,
}

impl<R: Read> Guard<R> {
    pub(crate) fn new(inner: R, bounds: Bounds) -> Self {
        Self {
            inner,
            bounds,
            read: 0,
            depth: 0,
            string: None,
            escaped: false,
            fault: None,
        }
    }

    /// The bound that was passed, if one was.
    pub(crate) fn fault(&self) -> Option<Fault> {
        self.fault
    }

    fn count(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let mut rest = bytes;
        loop {
            rest = match self.string {
                Some(length) => self.in_string(length, rest)?,
                None => self.between_strings(rest)?,
            };
            if rest.is_empty() {
                return Ok(());
            }
        }
    }

    fn in_string<'a>(&mut self, length: u64, bytes: &'a [u8]) -> Result<&'a [u8], Fault> {
        if self.escaped {
            self.escaped = false;
            self.string = Some(length + 1);
            return Ok(bytes.get(1..).unwrap_or_default());
        }
        let end = bytes.iter().position(|byte| matches!(byte, b'"' | b'\\'));
        let plain = end.unwrap_or(bytes.len());
        let length = length + u64::try_from(plain).unwrap_or(u64::MAX);
        if length > self.bounds.string_bytes_max {
            return Err(Fault::StringBytes(self.bounds.string_bytes_max));
        }
        self.escaped = bytes.get(plain) == Some(&b'\\');
        let closed = bytes.get(plain) == Some(&b'"');
        self.string = (!closed).then_some(length);
        Ok(bytes.get(plain + 1..).unwrap_or_default())
    }

    fn between_strings<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], Fault> {
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                b'"' => {
                    self.string = Some(0);
                    return Ok(bytes.get(at + 1..).unwrap_or_default());
                }
                b'[' | b'{' => {
                    self.depth += 1;
                    if self.depth > DEPTH_MAX {
                        return Err(Fault::Depth);
                    }
                }
                b']' | b'}' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
        Ok(&[])
    }
}

impl<R: Read> Read for Guard<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read += u64::try_from(count).unwrap_or(u64::MAX);
        let within = if self.read > self.bounds.bytes_max {
            Err(Fault::Bytes(self.bounds.bytes_max))
        } else {
            self.count(buffer.get(..count).unwrap_or_default())
        };
        match within {
            Ok(()) => Ok(count),
            Err(fault) => {
                self.fault = Some(fault);
                Err(io::Error::other("over a bound"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads `text` a few bytes at a time, so that every border of a buffer is met.
    fn fault(text: &str, step: usize) -> Option<Fault> {
        let bounds = Bounds {
            bytes_max: 400,
            string_bytes_max: 10,
        };
        let mut guard = Guard::new(text.as_bytes(), bounds);
        let mut buffer = vec![0; step];
        while guard.read(&mut buffer).is_ok_and(|count| count > 0) {}
        guard.fault()
    }

    #[test]
    fn each_bound_is_named() {
        let deep = |depth| "[".repeat(depth) + &"]".repeat(depth);
        for (text, wanted) in [
            (String::new(), None),
            (r#"{"a": ["0123456789", 1]}"#.to_owned(), None),
            (
                r#"["0123456789a"]"#.to_owned(),
                Some(Fault::StringBytes(10)),
            ),
            // An escaped quote does not end a string, an escaped backslash does not escape.
            (
                r#"["01234\"56789a"]"#.to_owned(),
                Some(Fault::StringBytes(10)),
            ),
            (r#"["01\\", "0123456789"]"#.to_owned(), None),
            // Brackets in strings do not nest.
            (r#"["[[[[", "{{{{"]"#.repeat(3), None),
            (deep(DEPTH_MAX), None),
            (deep(DEPTH_MAX + 1), Some(Fault::Depth)),
            ("]".repeat(300), None),
            (" ".repeat(400), None),
            (" ".repeat(401), Some(Fault::Bytes(400))),
        ] {
            for step in [1, 2, 3, 64, 1024] {
                assert_eq!(fault(&text, step), wanted, "{text} by {step}");
            }
        }
    }
}
