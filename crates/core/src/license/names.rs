//! From the words that people write to SPDX's identifiers. Only what names one license for sure:
//! where two licenses share a spelling, the spelling is in no table.
//!
//! The tables are made once from the license list's own identifiers and full names, from the
//! spellings of the GNU licenses, and from a few names that the list lacks.

use std::{collections::HashMap, sync::LazyLock};

use spdx::identifiers::{EXCEPTIONS, LICENSES};

use super::spellings::{ALIASES, GNU, SUCCESSORS};

/// Identifiers in lower case → the modern identifier, or for some the expression that replaced it.
static IDS: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    licenses()
        .map(|license| (license.name.to_ascii_lowercase(), modern(license.name)))
        .collect()
});

static EXCEPTION_IDS: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    EXCEPTIONS
        .iter()
        .map(|exception| (exception.name.to_ascii_lowercase(), exception.name))
        .collect()
});

/// Modern identifiers, and the expressions that replaced some, → the deprecated identifiers.
static DEPRECATED: LazyLock<HashMap<&'static str, Vec<&'static str>>> = LazyLock::new(|| {
    let mut deprecated: HashMap<_, Vec<_>> = HashMap::new();
    for license in licenses().filter(|license| modern(license.name) != license.name) {
        deprecated
            .entry(modern(license.name))
            .or_default()
            .push(license.name);
    }
    deprecated
});

static MODERN: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let names = licenses().map(|license| license.name);
    names.filter(|name| modern(name) == *name).collect()
});

/// Folded names → identifier; `None` where a spelling is shared.
static NAMES: LazyLock<HashMap<String, Option<&'static str>>> = LazyLock::new(|| {
    let mut names = HashMap::new();
    for license in licenses() {
        add(&mut names, folded(license.name), modern(license.name));
        add(&mut names, folded(license.full_name), modern(license.name));
    }
    for (name, id) in ALIASES {
        add(&mut names, (*name).to_owned(), id);
    }
    for gnu in GNU {
        for (spelling, id) in gnu.spellings() {
            add(&mut names, spelling, id);
        }
    }
    names
});

/// The crate's list has `NOASSERTION` among the licenses, which is the lack of one.
fn licenses() -> impl Iterator<Item = &'static spdx::License> {
    LICENSES
        .iter()
        .filter(|license| !matches!(license.name, "NOASSERTION" | "NONE"))
}

fn add(names: &mut HashMap<String, Option<&'static str>>, spelling: String, id: &'static str) {
    names
        .entry(spelling)
        .and_modify(|known| *known = known.filter(|known| *known == id))
        .or_insert(Some(id));
}

/// The identifier that stands for a deprecated one today; any other is its own.
fn modern(id: &'static str) -> &'static str {
    if let Some((_, successor)) = SUCCESSORS.iter().find(|(old, _)| *old == id) {
        return successor;
    }
    let successor = match id.strip_suffix('+') {
        Some(base) => format!("{base}-or-later"),
        None => format!("{id}-only"),
    };
    spdx::license_id(&successor).map_or(id, |license| license.name)
}

/// The identifiers that are not deprecated, in the list's order.
pub(super) fn modern_ids() -> &'static [&'static str] {
    &MODERN
}

/// The identifiers of exceptions.
pub(super) fn exception_ids() -> impl Iterator<Item = &'static str> {
    EXCEPTIONS.iter().map(|exception| exception.name)
}

/// The deprecated identifiers that mean the same as a canonical term.
pub(super) fn deprecated(canonical: &str) -> &'static [&'static str] {
    DEPRECATED.get(canonical).map_or(&[], Vec::as_slice)
}

/// The words that tell one license from another: lower case, without punctuation, without `the`,
/// `license`, `version`, `software` and the `v` before a number.
fn folded(text: &str) -> String {
    let lower = text.to_lowercase();
    let mut folded = String::with_capacity(lower.len());
    for word in lower.split(|c: char| !(c.is_alphanumeric() || c == '.' || c == '+')) {
        let word = word.trim_matches('.');
        let number = word
            .strip_prefix('v')
            .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        let word = number.unwrap_or(word);
        if matches!(
            word,
            "" | "the" | "license" | "licence" | "version" | "v" | "software"
        ) {
            continue;
        }
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(word);
    }
    folded
}

/// Longer than any license's name: such a text is not looked up as one.
const NAME_LENGTH_MAX: usize = 200;

/// The license that the whole text names. `License :: OSI Approved :: X` (Python's classifiers) is
/// `X`, and `X (Y)` is read where both mean the same.
pub(super) fn whole(text: &str) -> Option<&'static str> {
    if text.len() > NAME_LENGTH_MAX {
        return None;
    }
    let text = text.rsplit("::").next().unwrap_or(text).trim();
    let known = |text: &str| {
        let id = IDS.get(&text.to_ascii_lowercase()).copied();
        id.or_else(|| NAMES.get(&folded(text)).copied().flatten())
    };
    known(text).or_else(|| {
        let (outer, inner) = text.strip_suffix(')')?.split_once('(')?;
        // "(MIT)" is an expression, not a name with an abbreviation.
        known(outer).filter(|id| known(inner) == Some(id))
    })
}

/// The same expression in canonical identifiers and operators; `None` where a word is neither.
pub(super) fn canonical(text: &str) -> Option<String> {
    let mut canonical = String::with_capacity(text.len() + 16);
    let mut behind_with = false;
    for word in words(text) {
        let lower = word.to_ascii_lowercase();
        let replaced: String = match lower.as_str() {
            "(" | ")" => word.to_owned(),
            "/" => "OR".to_owned(),
            "and" | "or" | "with" => lower.to_ascii_uppercase(),
            _ if behind_with => exception(word, &lower)?,
            _ => license(word, &lower)?,
        };
        behind_with = replaced == "WITH";
        if !canonical.is_empty() && !canonical.ends_with('(') && replaced != ")" {
            canonical.push(' ');
        }
        canonical.push_str(&replaced);
    }
    Some(canonical)
}

/// Words between blanks; parentheses and `/` are words of their own.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let first = rest.chars().next()?;
        let mark = |c: char| matches!(c, '(' | ')' | '/');
        let end = if mark(first) {
            first.len_utf8()
        } else {
            rest.find(|c: char| c.is_whitespace() || mark(c))
                .unwrap_or(rest.len())
        };
        let (word, tail) = rest.split_at_checked(end)?;
        rest = tail;
        Some(word)
    })
}

/// `LicenseRef-…` and `DocumentRef-…:LicenseRef-…` are the document's own and stay as they are, but
/// for the case of these words.
fn reference(word: &str, kind: &str) -> Option<String> {
    let (document, name) = match behind(word, "DocumentRef-") {
        Some(rest) => {
            let (document, name) = rest.split_once(':')?;
            (format!("DocumentRef-{document}:"), name)
        }
        None => (String::new(), word),
    };
    let name = behind(name, kind).filter(|name| !name.is_empty())?;
    Some(format!("{document}{kind}{name}"))
}

/// What follows a prefix in any case.
fn behind<'a>(word: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = word.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

fn license(word: &str, lower: &str) -> Option<String> {
    if let Some(reference) = reference(word, "LicenseRef-") {
        return Some(reference);
    }
    if let Some(id) = whole(word) {
        return Some(id.to_owned());
    }
    // `+` on a license without `-or-later` form (SPDX specification 2.3, annex D.3).
    let id = whole(lower.strip_suffix('+')?)?;
    match id.strip_suffix("-only") {
        Some(base) => Some(format!("{base}-or-later")),
        None if id.ends_with("-or-later") || id.contains(' ') => None,
        None => Some(format!("{id}+")),
    }
}

fn exception(word: &str, lower: &str) -> Option<String> {
    if let Some(reference) = reference(word, "AdditionRef-") {
        return Some(reference);
    }
    let id = EXCEPTION_IDS.get(lower)?;
    // Deprecated for the same text (spdx.org/licenses/exceptions-index).
    let id = if *id == "Nokia-Qt-exception-1.1" {
        "Qt-LGPL-exception-1.1"
    } else {
        id
    };
    Some(id.to_owned())
}
