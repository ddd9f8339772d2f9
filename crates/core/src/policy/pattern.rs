//! Regular expressions of policies: over whole values, bounded in size, matching in linear time.

use regex::{Regex, RegexBuilder};

/// The longest regular expression in characters.
pub const PATTERN_CHARACTERS_MAX: usize = 1000;
/// The largest compiled regular expression in bytes: repetition makes much of few characters.
pub const PATTERN_BYTES_MAX: usize = 1024 * 1024;

/// Whether a regular expression regards case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    /// As the expression says.
    Regarded,
    /// It does not, unless the expression says so.
    Ignored,
}

/// A regular expression over a whole value, from `\A` to `\z`. Matching takes linear time.
#[derive(Debug, Clone)]
pub struct Pattern(Regex);

impl Pattern {
    /// Compiles an expression; the error is a sentence that says what is wrong with it.
    pub(super) fn parse(text: &str, case: Case) -> Result<Self, String> {
        let length = text.chars().count();
        if length > PATTERN_CHARACTERS_MAX {
            return Err(format!(
                "the regular expression has {length} characters, {PATTERN_CHARACTERS_MAX} at most are allowed"
            ));
        }
        // Alone first: wrapped, "a)|(b" would be an expression that its author never wrote.
        compile(text, case)?;
        compile(&format!(r"\A(?:{text})\z"), case)
            .map(Self)
            .map_err(|error| format!("{error}; does it end in a comment?"))
    }

    /// Whether the whole of `text` is matched.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

fn compile(text: &str, case: Case) -> Result<Regex, String> {
    let built = RegexBuilder::new(text)
        .case_insensitive(case == Case::Ignored)
        .size_limit(PATTERN_BYTES_MAX)
        .dfa_size_limit(PATTERN_BYTES_MAX)
        .build();
    built.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => {
            "the regular expression is too large once compiled: repeat less".to_owned()
        }
        // The last line says what is wrong; those before draw the expression.
        other => {
            let words = other.to_string();
            let last = words.lines().last().unwrap_or_default();
            let reason = last.strip_prefix("error: ").unwrap_or(last);
            format!(
                "not a regular expression: {}",
                crate::suggest::shortened(reason)
            )
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_covers_the_whole_value() {
        for (pattern, text, matched) in [
            ("stable", "stable", true),
            ("stable", "1.4-stable", false),
            (".*stable", "1.4-stable", true),
            ("a|ab", "ab", true),
            ("a|ab", "abc", false),
            (r"v\d+\.\d+", "v1.4", true),
            (r"v\d+\.\d+", "v1.4.2", false),
            ("(?m)^a$", "a\nb", false),
            ("(?m)^a$", "a", true),
            ("a", "a\n", false),
            ("a.b", "a\nb", false),
            ("(?i)stable", "STABLE", true),
            ("", "", true),
        ] {
            let compiled = Pattern::parse(pattern, Case::Regarded).unwrap();
            assert_eq!(compiled.matches(text), matched, "{pattern} {text:?}");
        }
    }

    #[test]
    fn case_is_regarded_where_it_counts() {
        for (pattern, regarded, ignored) in [
            ("agpl-.*", false, true),
            ("AGPL-.*", true, true),
            ("(?i)agpl-.*", true, true),
            ("(?-i)agpl-.*", false, false),
        ] {
            for (case, matched) in [(Case::Regarded, regarded), (Case::Ignored, ignored)] {
                let compiled = Pattern::parse(pattern, case).unwrap();
                assert_eq!(
                    compiled.matches("AGPL-3.0-only"),
                    matched,
                    "{pattern} {case:?}"
                );
            }
        }
    }

    #[test]
    fn a_pattern_that_is_none_says_why() {
        for (pattern, words) in [
            ("(", "unclosed group"),
            ("a)|(b", "unopened group"),
            ("(?x)a # why", "does it end in a comment?"),
            (r"\w{1000}", "repeat less"),
            (r"(a)\1", "backreferences are not supported"),
        ] {
            let error = Pattern::parse(pattern, Case::Regarded).unwrap_err();
            assert!(error.contains(words), "{pattern}: {error}");
        }
        assert!(Pattern::parse(&"a".repeat(1000), Case::Regarded).is_ok());
        assert!(
            Pattern::parse(&"a".repeat(1001), Case::Regarded)
                .unwrap_err()
                .contains("1001")
        );
    }
}
