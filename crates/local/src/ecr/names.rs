//! The grammar of names: repositories, tags and digests.

use std::ops::RangeInclusive;

use super::error::Refusal;

const REPOSITORY_NAME: RangeInclusive<usize> = 2..=256;
const REPOSITORY_PATTERN: &str = "must satisfy regular expression '(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*'";
/// The tag grammar's length (OCI Distribution Specification, "Pulling manifests").
const TAG_LENGTH_MAX: usize = 128;

pub(crate) fn check_repository(at: &str, name: &str) -> Result<(), Refusal> {
    if !REPOSITORY_NAME.contains(&name.len()) {
        return Err(Refusal::parameter(at, "length must be between 2 and 256"));
    }
    if name.split('/').all(is_name_part) {
        Ok(())
    } else {
        Err(Refusal::parameter(at, REPOSITORY_PATTERN))
    }
}

fn is_name_part(part: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let separator = |between: &str| {
        matches!(between, "" | "." | "_" | "__") || between.bytes().all(|byte| byte == b'-')
    };
    part.starts_with(plain) && part.ends_with(plain) && part.split(plain).all(separator)
}

pub(crate) fn check_tag(at: &str, tag: &str) -> Result<(), Refusal> {
    if is_tag(tag) {
        Ok(())
    } else {
        Err(Refusal::parameter(
            at,
            "must satisfy regular expression '[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}'",
        ))
    }
}

pub(crate) fn is_tag(tag: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    tag.len() <= TAG_LENGTH_MAX
        && tag.starts_with(word)
        && tag.chars().all(|c| word(c) || c == '.' || c == '-')
}

/// A sha256 digest in the one spelling that is stored: 64 lower-case hexadecimal digits.
pub(crate) fn is_digest(digest: &str) -> bool {
    let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    digest
        .strip_prefix("sha256:")
        .is_some_and(|digits| digits.len() == 64 && digits.bytes().all(hex))
}

pub(crate) fn invalid_digest(at: &str) -> Refusal {
    Refusal::parameter(at, "must satisfy regular expression 'sha256:[a-f0-9]{64}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repository_names_follow_the_model_s_pattern() {
        for (name, valid) in [
            ("dev/website", true),
            ("a1", true),
            ("a.b_c__d---e", true),
            ("1abc/2", true),
            ("a", false),
            ("", false),
            ("a//b", false),
            ("/ab", false),
            ("ab/", false),
            ("a..b", false),
            ("a___b", false),
            ("Dev/x", false),
            ("dev/wéb", false),
            ("-ab", false),
        ] {
            assert_eq!(
                check_repository("repositoryName", name).is_ok(),
                valid,
                "{name:?}"
            );
        }
        assert!(check_repository("repositoryName", &"a".repeat(257)).is_err());
    }

    #[test]
    fn tags_follow_the_oci_grammar() {
        for (tag, valid) in [
            ("latest", true),
            ("_x", true),
            ("1.2-stable", true),
            ("-x", false),
            (".x", false),
            ("", false),
            ("a b", false),
            ("ä", false),
        ] {
            assert_eq!(is_tag(tag), valid, "{tag:?}");
        }
        assert!(is_tag(&"a".repeat(128)) && !is_tag(&"a".repeat(129)));
    }

    #[test]
    fn digests_have_one_spelling() {
        let hex = "a".repeat(64);
        for (digest, valid) in [
            (format!("sha256:{hex}"), true),
            (format!("sha256:{}", hex.to_uppercase()), false),
            (format!("sha512:{hex}"), false),
            ("sha256:../../x".to_owned(), false),
            (hex, false),
        ] {
            assert_eq!(is_digest(&digest), valid, "{digest}");
        }
    }
}
