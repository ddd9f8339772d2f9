//! What of a text from outside may go into a line of the log, and back into the queue.

/// The longest text, in characters, of [`super::Event::Other`] and [`super::Event::Invalid`].
pub const WORDS_LENGTH_MAX: usize = 600;

/// A text from outside as it may stand in a line of the log: in quotes, escaped, and not long.
pub(super) fn quoted(text: &str) -> String {
    const QUOTED_MAX: usize = 100;
    match text.char_indices().nth(QUOTED_MAX) {
        Some((end, _)) => format!("{:?}…", text.get(..end).unwrap_or_default()),
        None => format!("{text:?}"),
    }
}

/// No longer than [`WORDS_LENGTH_MAX`], and in one line.
pub(super) fn bounded(words: &str) -> String {
    let clean = |c: char| if c.is_control() { ' ' } else { c };
    if words.chars().count() <= WORDS_LENGTH_MAX {
        return words.chars().map(clean).collect();
    }
    let kept = words.chars().take(WORDS_LENGTH_MAX - 1);
    kept.map(clean).chain(['…']).collect()
}

/// SQS refuses two characters that JSON allows in a string (`InvalidMessageContents`, Amazon SQS
/// API reference, `SendMessage`); escaped they mean the same. JSON allows them nowhere else.
pub(super) fn sendable(body: String) -> String {
    if body.contains(['\u{fffe}', '\u{ffff}']) {
        body.replace('\u{fffe}', "\\ufffe")
            .replace('\u{ffff}', "\\uffff")
    } else {
        body
    }
}
