//! Values that can never match. Such a value is a mistake: a ban that forbids nothing, or a criterion
//! that nothing meets, would be silent.

use super::{attribute::Attribute, names, operator::StringOperator, pattern::Pattern};
use crate::{
    Repository,
    reference::{TAG_LENGTH_MAX, is_tag_character},
    suggest::shortened,
};

/// What a plain value should be instead, if it can never match.
pub(super) fn wrong(
    attribute: &Attribute,
    operator: StringOperator,
    value: &str,
) -> Option<String> {
    let quoted = || shortened(value);
    if value.trim() != value {
        return Some(format!(
            "expected no blanks at either end, found {:?}",
            quoted()
        ));
    }
    if let Some(c) = value.chars().find(|c| is_invisible(*c)) {
        return Some(format!(
            "expected characters that can be seen, found U+{:04X} in {:?}",
            u32::from(c),
            quoted()
        ));
    }
    if value.contains('*') && *attribute != Attribute::TagSemver {
        return Some(starred(operator, value));
    }
    match attribute {
        Attribute::Tag => wrong_tag(operator, value),
        Attribute::Component => wrong_component(operator, value),
        Attribute::Finding => wrong_finding(operator, value),
        Attribute::PromotedFrom if operator.is_whole() => wrong_repository(value),
        Attribute::TagSemver
        | Attribute::Label(_)
        | Attribute::License
        | Attribute::Vulnerabilities(..)
        | Attribute::FindingAge(_)
        | Attribute::Age
        | Attribute::PromotedFrom => None,
    }
}

/// What a regular expression should be instead, if it can never match.
pub(super) fn wrong_pattern(attribute: &Attribute, pattern: &Pattern) -> Option<String> {
    let quoted = || shortened(pattern.as_str());
    let Some(length) = pattern.traits().length_min else {
        return Some(format!(
            "expected a regular expression that can match, found {:?}",
            quoted()
        ));
    };
    if pattern.traits().blanks_at_an_end {
        return Some(format!(
            "expected no blanks at either end, found {:?}",
            quoted()
        ));
    }
    if *attribute != Attribute::Tag {
        return None;
    }
    if pattern.traits().foreign_to_tags {
        return Some(format!(
            "expected a regular expression for the characters of a tag (A-Z a-z 0-9 _ . -), found others in {:?}",
            quoted()
        ));
    }
    (length > TAG_LENGTH_MAX).then(|| {
        format!(
            "expected a regular expression that matches at most {TAG_LENGTH_MAX} characters, as a tag has, found one that needs {length} or more"
        )
    })
}

/// Control characters, and those that a person does not see.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || (c.is_whitespace() && c != ' ')
        || matches!(
            u32::from(c),
            0xAD | 0x034F | 0x061C | 0x115F | 0x1160 | 0x180E | 0x200B..=0x200F | 0x202A..=0x202E
                | 0x2060..=0x206F | 0xFEFF | 0xFFF9..=0xFFFB | 0xE0000..=0xE007F
        )
}

/// `log4j-*` is a shell's pattern; what it was meant to be there is an operator for.
fn starred(operator: StringOperator, value: &str) -> String {
    let quoted = shortened(value);
    let inner = value.trim_matches('*');
    let meant = match (value.starts_with('*'), value.ends_with('*')) {
        _ if inner.contains('*') || inner.is_empty() => None,
        (true, true) => Some("contains"),
        (true, false) => Some("ends_with"),
        (false, true) => Some("starts_with"),
        (false, false) => None,
    };
    let expected = "expected a value without \"*\", which has no special meaning here";
    match meant {
        Some(word) if !operator.is_negative() => {
            format!(
                "{expected}, found {quoted:?}: did you mean {word} {:?}?",
                shortened(inner)
            )
        }
        _ => {
            let pattern = value.split('*').map(escaped).collect::<Vec<_>>().join(".*");
            let matches = if operator.is_negative() {
                "not_matches"
            } else {
                "matches"
            };
            format!(
                "{expected}, found {quoted:?}: did you mean {matches} {:?}?",
                shortened(&pattern)
            )
        }
    }
}

/// What a text is in a regular expression.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        if r"\.+?()|[]{}^$".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// The longest id of a vulnerability that a scanner uses is far shorter.
const FINDING_CHARACTERS_MAX: usize = 128;

/// An id is one word, as in `CVE-2021-44228` or `GHSA-jfh8-c2jp-5v3q`.
fn wrong_repository(value: &str) -> Option<String> {
    let error = Repository::parse_written(value).err()?;
    Some(format!("expected a repository's name: {error}"))
}

fn wrong_finding(operator: StringOperator, value: &str) -> Option<String> {
    let foreign = |c: &char| !(c.is_ascii_alphanumeric() || "-_.:/+".contains(*c));
    if let Some(c) = value.chars().find(foreign) {
        let found = shortened(value);
        return Some(format!(
            "expected the id of a vulnerability as in CVE-2021-44228, found {:?} in {found:?}",
            c.to_string()
        ));
    }
    (operator.is_whole() && value.len() > FINDING_CHARACTERS_MAX).then(|| {
        let found = value.len();
        format!("expected at most {FINDING_CHARACTERS_MAX} characters of an id, found {found}")
    })
}

fn wrong_tag(operator: StringOperator, value: &str) -> Option<String> {
    if let Some(c) = value.chars().find(|c| !is_tag_character(*c)) {
        return Some(format!(
            "expected the characters of a tag (A-Z a-z 0-9 _ . -), found {:?} in {:?}",
            c.to_string(),
            shortened(value)
        ));
    }
    // All of them are one byte long.
    if value.len() > TAG_LENGTH_MAX {
        return Some(format!(
            "expected at most {TAG_LENGTH_MAX} characters, as a tag has, found {}",
            value.len()
        ));
    }
    let is_head = operator.is_whole() || operator == StringOperator::StartsWith;
    (is_head && value.starts_with(['.', '-'])).then(|| {
        format!(
            "expected a first character of a tag (A-Z a-z 0-9 _), found {:?}",
            shortened(value)
        )
    })
}

/// Components are compared by name, or by package URL without its version.
fn wrong_component(operator: StringOperator, value: &str) -> Option<String> {
    if !operator.is_whole() && names::ranged(StringOperator::Equals, value).is_some() {
        return Some(format!(
            "expected a name, found {:?}: only equals, not_equals, one_of and not_one_of take a range of versions",
            shortened(value)
        ));
    }
    // A range of versions is checked where it is read.
    let value = names::ranged(operator, value).map_or(value, |(name, _)| name);
    let quoted = shortened(value);
    if let Some(rest) = value.strip_prefix("pkg:") {
        return wrong_purl(operator, rest, &quoted);
    }
    let versioned = |separator: &str| {
        let (name, version) = value.rsplit_once(separator)?;
        let is_version = version
            .trim_start_matches(['v', ' ', '='])
            .starts_with(|c: char| c.is_ascii_digit());
        (!name.is_empty() && is_version).then_some(())
    };
    // Ruby and Perl write "::" within names, Maven one ":" between group and name.
    let is_maven = value.matches(':').count() == 2 && !value.contains("::");
    let has_version = value
        .rfind('@')
        .is_some_and(|at| is_version_sign(value, at))
        || ["==", ">=", "<=", "~=", "!=", "=", "<", ">"]
            .into_iter()
            .any(|sign| versioned(sign).is_some())
        || (is_maven && versioned(":").is_some());
    has_version.then(|| {
        format!(
            "expected a name, or a name with a range as in \"log4j-core@<2.17.1\", found {quoted:?}"
        )
    })
}

/// What a package URL should be instead; `rest` is what follows `pkg:`.
fn wrong_purl(operator: StringOperator, rest: &str, quoted: &str) -> Option<String> {
    // A scope may be written as it is: pkg:npm/@angular/core.
    let is_versioned = rest
        .match_indices('@')
        .any(|(at, _)| is_version_sign(rest, at));
    if is_versioned || rest.contains(['?', '#']) {
        return Some(format!(
            "expected a package URL without version, qualifiers and subpath, found {quoted:?}"
        ));
    }
    let is_whole = rest
        .split_once('/')
        .is_some_and(|(kind, name)| !kind.is_empty() && !name.is_empty());
    (operator.is_whole() && !is_whole)
        .then(|| format!("expected a package URL as in \"pkg:npm/lodash\", found {quoted:?}"))
}

/// Whether an `@` follows a name: at the beginning of a name it is npm's scope.
fn is_version_sign(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    !before.is_empty() && !before.ends_with('/')
}
