//! Regular expressions: what they match, what is refused, and what they cost.

use proptest::prelude::*;
use regex_automata::nfa::thompson::NFA;

use super::*;

fn matches(pattern: &str, case: Case, text: &str) -> Result<bool, GivenUp> {
    Pattern::check(pattern, case)
        .unwrap()
        .matcher()?
        .matches(text)
}

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
        (r".*\brc\b.*", "1.0-rc.1", true),
        (r".*\brc\b.*", "1.0-src.1", false),
        ("[à-ý]+", "éè", true),
        ("", "", true),
    ] {
        assert_eq!(
            matches(pattern, Case::Regarded, text),
            Ok(matched),
            "{pattern} {text:?}"
        );
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
            let found = matches(pattern, case, "AGPL-3.0-only");
            assert_eq!(found, Ok(matched), "{pattern} {case:?}");
        }
    }
}

#[test]
fn an_invalid_pattern_says_why() {
    for (pattern, words) in [
        ("(", "unclosed group"),
        ("a)|(b", "unopened group"),
        ("*-rc*", "repetition operator missing expression"),
        ("(?x)a # why", "does it end in a comment?"),
        (r"(a)\1", "backreferences are not supported"),
        ("(?=a)", "look-around"),
    ] {
        let error = Pattern::check(pattern, Case::Regarded).unwrap_err();
        assert!(error.contains(words), "{pattern}: {error}");
    }
    assert!(Pattern::check(&"a".repeat(1000), Case::Regarded).is_ok());
    assert!(
        Pattern::check(&"a".repeat(1001), Case::Regarded)
            .unwrap_err()
            .contains("1001")
    );
}

#[test]
fn what_cannot_be_told_is_given_up() {
    assert_eq!(
        matches(r".*\brc\b.*", Case::Regarded, "é-rc"),
        Err(GivenUp),
        "a word boundary beside a character outside ASCII"
    );
    assert_eq!(
        matches(r".*(?-u:\b)rc(?-u:\b).*", Case::Regarded, "é-rc"),
        Ok(true)
    );
    let subsets = Pattern::check("[ab]*a[ab]{60}", Case::Regarded).unwrap();
    let mut matcher = subsets.matcher().unwrap();
    let mut seed = 7_u32;
    let mut letter = move || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        if seed >> 31 == 0 { 'a' } else { 'b' }
    };
    let gave_up = (0..200_000).any(|_| {
        let text: String = (0..200).map(|_| letter()).collect();
        matcher.matches(&text) == Err(GivenUp)
    });
    assert!(gave_up, "an expression with states without end");
}

/// What compiling takes, without a limit.
fn truly(pattern: &Pattern) -> usize {
    let ignores_case = pattern.0.case == Case::Ignored;
    NFA::compiler()
        .syntax(syntax::Config::new().case_insensitive(ignores_case))
        .configure(thompson::Config::new().which_captures(WhichCaptures::None))
        .build(&wrapped(pattern.as_str()))
        .unwrap()
        .memory_usage()
}

#[test]
fn repetition_is_counted_and_not_unrolled() {
    let bytes = |text: &str| {
        let pattern = Pattern::check(text, Case::Regarded).unwrap();
        pattern.bytes()
    };
    assert!(bytes(r"v\d{1,3}\.\d{1,3}\.\d{1,3}") < 64 * 1024);
    assert!(bytes(r"[\w.-]+-stable") < 64 * 1024);
    assert!(bytes(r"\w{1000}") > 1024 * 1024);
    assert!(bytes("((((a{99}){99}){99}){99}){99}") > 1024 * 1024);
    assert_eq!(
        bytes("(((((a{999}){999}){999}){999}){999}){999999}"),
        usize::MAX
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn what_compiling_takes_is_never_more_than_estimated(
        parts in prop::collection::vec(
            (
                prop::sample::select(vec![
                    "a", "é", ".", r"\w", r"\W", r"\d", r"\D", r"\s", r"\b", "[a-z]", "[^a]", "[à-ÿ]",
                    "[^à-ÿ]", r"[\w.-]", r"[^\d]", "(?i)abc", "(?s).", "(a|bc|d)", "(|a)", "stable",
                    r"(\d\w|[x-z])", "[\u{10000}-\u{10ffff}]", "\u{1f600}",
                ]),
                prop::sample::select(vec!["", "*", "+", "?", "{3}", "{2,}", "{0,4}", "+?", "{0}"]),
            ),
            1..8,
        ),
        joined in prop::sample::select(vec!["", "|"]),
        ignored in any::<bool>(),
    ) {
        let text: Vec<String> = parts.iter().map(|(part, times)| format!("(?:{part}){times}")).collect();
        let case = if ignored { Case::Ignored } else { Case::Regarded };
        let pattern = Pattern::check(&text.join(joined), case).unwrap();
        prop_assert!(truly(&pattern) <= pattern.bytes(), "{} > {}", truly(&pattern), pattern.bytes());
        prop_assert!(pattern.matcher().is_ok());
    }
}
