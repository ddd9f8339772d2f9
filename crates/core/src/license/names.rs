//! From the words that people write to SPDX's identifiers. Only what names one license for sure:
//! where two licenses share a spelling, the spelling is in no table.
//!
//! The tables are made once from the license list's own identifiers and full names, from the
//! spellings of the GNU licenses, and from a few names that the list lacks.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    ops::Bound,
    sync::LazyLock,
};

use spdx::identifiers::{EXCEPTIONS, LICENSES};

use super::{
    Term,
    spellings::{ALIASES, GNU, SUCCESSORS},
};

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

/// Folded names → identifier; `None` if a spelling is shared.
static NAMES: LazyLock<BTreeMap<String, Option<&'static str>>> = LazyLock::new(|| {
    let mut names = BTreeMap::new();
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

fn add(names: &mut BTreeMap<String, Option<&'static str>>, spelling: String, id: &'static str) {
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
pub(super) fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold(text, &mut folded);
    folded
}

/// Adds the words of a text to those before it.
pub(super) fn fold(text: &str, folded: &mut String) {
    for word in text.split(|c: char| !(c.is_alphanumeric() || c == '.' || c == '+')) {
        let word = word.trim_matches('.');
        if word.is_empty() {
            continue;
        }
        let before = folded.len();
        if before > 0 {
            folded.push(' ');
        }
        let start = folded.len();
        folded.extend(word.chars().flat_map(char::to_lowercase));
        let lower = folded.get(start..).unwrap_or_default();
        if matches!(
            lower,
            "the" | "license" | "licence" | "version" | "v" | "software"
        ) {
            folded.truncate(before);
        } else if is_numbered(lower) {
            folded.remove(start);
        }
    }
}

/// `v2`
fn is_numbered(word: &str) -> bool {
    let number = word.strip_prefix('v');
    number.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// Whether a word that begins no name may be a license all the same: a reference, or a license with
/// `+`.
pub(super) fn may_be_unlisted(word: &str) -> bool {
    let is_reference = |kind: &str| behind(word, kind).is_some();
    word.ends_with('+') || is_reference("LicenseRef-") || is_reference("DocumentRef-")
}

/// The names from these folded words on.
fn names_from(folded: &str) -> impl Iterator<Item = (&'static str, Option<&'static str>)> {
    let names = NAMES.range::<str, _>((Bound::Included(folded), Bound::Unbounded));
    names.map(|(name, id)| (name.as_str(), *id))
}

/// Whether some license has a name that begins with these folded words.
pub(super) fn begins_a_name(folded: &str) -> bool {
    let next = names_from(folded).next();
    let behind = next.and_then(|(name, _)| name.strip_prefix(folded));
    behind.is_some_and(|rest| folded.is_empty() || rest.is_empty() || rest.starts_with(' '))
}

/// The one license that these folded words name.
pub(super) fn named(folded: &str) -> Option<&'static str> {
    NAMES.get(folded).copied().flatten()
}

/// The licenses that these folded words name, all but the version.
pub(super) fn versions_of(folded: &str) -> Vec<&'static str> {
    let from = format!("{folded} ");
    let of_it = names_from(&from).map_while(|(name, id)| Some((name.strip_prefix(&from)?, id)));
    let mut ids: Vec<_> = of_it
        .filter(|(version, _)| version.starts_with(|c: char| c.is_ascii_digit()))
        .filter_map(|(_, id)| id)
        .collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// The license that one word names: an identifier, a reference to a license of the document's own, a
/// name, or one of these with `+`.
pub(super) fn license(word: &str) -> Option<Term<'_>> {
    if let Some(reference) = reference(word, "LicenseRef-") {
        return Some(Term::plain(reference));
    }
    let lower = word.to_ascii_lowercase();
    let known = |lower: &str| {
        let id = IDS.get(lower).copied();
        id.or_else(|| named(&folded(lower)))
    };
    if let Some(id) = known(&lower) {
        return Some(Term::canonical(id));
    }
    later(known(lower.strip_suffix('+')?)?)
}

/// The one license that these folded words name, or a later version of it.
pub(super) fn or_later(folded: &str) -> Option<Term<'static>> {
    named(&format!("{folded} or later"))
        .map(Term::canonical)
        .or_else(|| later(named(folded)?))
}

/// `+` on a license, which stays on one without `-or-later` form (SPDX specification 2.3, annex D.3).
fn later(id: &'static str) -> Option<Term<'static>> {
    match id.strip_suffix("-only") {
        Some(base) => Some(Term::plain(Cow::Owned(format!("{base}-or-later")))),
        None if id.ends_with("-or-later") || id.contains(' ') => None,
        None => Some(Term::plain(Cow::Owned(format!("{id}+")))),
    }
}

/// The exception that one word names.
pub(super) fn exception(word: &str) -> Option<Cow<'_, str>> {
    if let Some(reference) = reference(word, "AdditionRef-") {
        return Some(reference);
    }
    let id = EXCEPTION_IDS.get(&word.to_ascii_lowercase())?;
    // Deprecated for the same text (spdx.org/licenses/exceptions-index).
    let is_old = *id == "Nokia-Qt-exception-1.1";
    Some(Cow::Borrowed(if is_old {
        "Qt-LGPL-exception-1.1"
    } else {
        id
    }))
}

/// `LicenseRef-…` and `DocumentRef-…:LicenseRef-…` are the document's own and stay as they are, but
/// for the case of these words.
fn reference<'a>(word: &'a str, kind: &str) -> Option<Cow<'a, str>> {
    let (document, own) = match behind(word, "DocumentRef-") {
        Some(rest) => {
            let (document, own) = rest.split_once(':')?;
            (Some(document), own)
        }
        None => (None, word),
    };
    let name = behind(own, kind).filter(|name| !name.is_empty())?;
    let canonical = match document {
        Some(document) => format!("DocumentRef-{document}:{kind}{name}"),
        None => format!("{kind}{name}"),
    };
    Some(if canonical == word {
        Cow::Borrowed(word)
    } else {
        Cow::Owned(canonical)
    })
}

/// What follows a prefix in any case.
fn behind<'a>(word: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = word.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}
