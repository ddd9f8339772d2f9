//! Words as people read them: counts, sizes, ages, short digests, and strangers' text that cannot write lines, colours
//! or directions of its own.

use std::fmt::Write as _;

use ecr_promoter_core::Digest;

/// How many hexadecimal digits of a digest are shown where it is not shown in full.
const DIGITS: usize = 12;
/// What a digest begins with, and how many digits it has.
const ALGORITHM: &str = "sha256:";
const DIGITS_ALL: usize = 64;

/// A text in which every control character is shown and none is obeyed: C0, DEL, C1, separators of lines and
/// paragraphs, and the marks that turn the direction of writing (Unicode Standard Annex 9, "Directional Formatting
/// Characters").
pub(crate) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            c if obeyed(c) => {
                let _ = write!(shown, "\\u{{{:x}}}", u32::from(c));
            }
            c => shown.push(c),
        }
    }
    shown
}

/// Whether a terminal or a bidirectional text obeys it in place of showing it.
pub(super) fn obeyed(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A digest as people tell it from others.
pub(crate) fn short(digest: &Digest) -> String {
    with_short_digests(digest.as_str())
}

/// A text whose digests are shortened.
pub(crate) fn with_short_digests(text: &str) -> String {
    let mut parts = text.split(ALGORITHM);
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        shown.push_str(ALGORITHM);
        let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        let digits = part.bytes().take_while(|b| hex(*b)).count();
        match (part.get(..DIGITS), part.get(digits..)) {
            (Some(first), Some(rest)) if digits == DIGITS_ALL => {
                shown.push_str(first);
                shown.push('…');
                shown.push_str(rest);
            }
            _ => shown.push_str(part),
        }
    }
    shown
}

/// `1 blob`, `2 blobs`.
pub(crate) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// A size as people read it, in powers of 1,000.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "KB")];
    for (unit, name) in UNITS {
        if bytes >= unit {
            return format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit);
        }
    }
    format!("{bytes} bytes")
}

/// An age as people tell it: the greatest unit alone.
pub(crate) fn ago(seconds: i64) -> String {
    const UNITS: [(i64, &str); 3] = [(86_400, "day"), (3_600, "hour"), (60, "minute")];
    for (length, unit) in UNITS {
        let count = seconds / length;
        if count > 0 {
            let s = if count == 1 { "" } else { "s" };
            return format!("{count} {unit}{s} ago");
        }
    }
    "just now".to_owned()
}

/// How many characters at most, with a sign where something was cut off.
pub(crate) fn cut(text: &str, characters_max: usize) -> String {
    let mut cut: String = text.chars().take(characters_max).collect();
    if text.chars().nth(characters_max).is_some() {
        cut.pop();
        cut.push('…');
    }
    cut
}
