//! The nearest right word for a wrong one, and how much of a stranger's word is quoted.
//!
//! It suggests only what is near: a wrong guess is worse than none.

/// Longer words are not misspellings of anything here, and comparing costs their length squared.
const WORD_CHARACTERS_MAX: usize = 64;
/// How many characters of a text from outside are quoted in a message.
const QUOTED_CHARACTERS_MAX: usize = 100;
/// A word of this many characters may be the beginning of the one that was meant.
const PREFIX_CHARACTERS_MIN: usize = 3;

/// The candidate that `word` was probably meant to be, if any is near.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    if !(2..=WORD_CHARACTERS_MAX).contains(&length) {
        return None;
    }
    let word = plain(word);
    let distance_max = (length / 3).max(1);
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let wanted = plain(candidate);
            let distance = strsim::damerau_levenshtein(&word, &wanted);
            let begins = length >= PREFIX_CHARACTERS_MIN && wanted.starts_with(&word);
            // Something of the word must be left: "!~" is not "<=".
            let near = distance <= distance_max && distance < length;
            // Of two that are as near, the one made of the same characters is the likelier.
            let strange = strangers(&word, &wanted) + strangers(&wanted, &word);
            (near || begins).then_some((distance, strange, candidate))
        })
        .min_by_key(|(distance, strange, _)| (*distance, *strange))
        .map(|(_, _, candidate)| candidate)
}

/// `expected an operator, found "endswith": did you mean "ends_with"?`, or a list of what there is.
#[must_use]
pub(crate) fn unknown(what: &str, word: &str, candidates: &[impl AsRef<str>]) -> String {
    let quoted = shortened(word);
    let candidates: Vec<&str> = candidates.iter().map(AsRef::as_ref).collect();
    match nearest(word, candidates.iter().copied()) {
        Some(near) => format!("expected {what}, found {quoted:?}: did you mean {near:?}?"),
        None => format!(
            "expected one of {}; found {quoted:?}",
            candidates.join(", ")
        ),
    }
}

/// What is quoted of a text from outside: enough to recognise it, never a megabyte of it.
#[must_use]
pub(crate) fn shortened(text: &str) -> String {
    cut(text, QUOTED_CHARACTERS_MAX)
}

/// At most this many characters, and a sign where something was cut off.
#[must_use]
pub(crate) fn cut(text: &str, characters_max: usize) -> String {
    match text.char_indices().nth(characters_max) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// How many characters of a word are nowhere in another.
fn strangers(word: &str, other: &str) -> usize {
    word.chars().filter(|c| !other.contains(*c)).count()
}

/// Words that differ in case, blanks or hyphens alone are the same word to a person.
fn plain(word: &str) -> String {
    word.to_lowercase().replace(['-', ' '], "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_near_is_suggested() {
        let words = [
            "ends_with",
            "starts_with",
            "one_of",
            "not_one_of",
            ">=",
            "<=",
            "=",
        ];
        for (word, expected) in [
            ("endswith", Some("ends_with")),
            ("Ends-With", Some("ends_with")),
            ("ends", Some("ends_with")),
            ("oneof", Some("one_of")),
            ("notoneof", Some("not_one_of")),
            ("=>", Some(">=")),
            ("==", Some("=")),
            ("~", None),
            ("!~", None),
            ("", None),
            ("like", None),
            ("ё", None),
        ] {
            assert_eq!(nearest(word, words), expected, "{word:?}");
        }
        assert_eq!(nearest(&"ends_with".repeat(1000), words), None);
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(cut("äöü", 2), "äö…");
        assert_eq!(cut("äöü", 3), "äöü");
    }
}
