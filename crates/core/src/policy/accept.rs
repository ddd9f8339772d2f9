//! What a policy accepts although it cannot be known. Both switches are closed until the policy's
//! author opens them; what opening means is judged elsewhere.

use std::collections::BTreeSet;

use super::{
    document::{self, Fields, Mistakes},
    text::{VALUE_CHARACTERS_MAX, VALUES_MAX},
};
use crate::{
    license::{Expression, Term},
    node::Node,
    suggest::{self, shortened},
};

/// What a component without a readable license is under a negative operator.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum UnknownLicenses {
    /// A reason to hold: it may be the forbidden one.
    #[default]
    Hold,
    /// No reason to hold: the policy's author takes the risk.
    Accept,
    /// No reason to hold where it is one of these words, as documents write them in any case: the
    /// author knows what they mean. A license that is not stated at all has no word.
    Words(BTreeSet<String>),
}

impl UnknownLicenses {
    /// Those that are one word, as they are written.
    pub const ALL: &[(&str, Self)] = &[("hold", Self::Hold), ("accept", Self::Accept)];

    /// Reads it; without the key, and beside a mistake, what is closed holds.
    pub(super) fn read(fields: &Fields<'_>, mistakes: &mut Mistakes) -> Self {
        const KEY: &str = "unknown_licenses";
        match fields.get(KEY) {
            Some(Node::List(nodes)) => Self::words(nodes, &fields.place(KEY), mistakes),
            _ => read(fields, KEY, Self::ALL, mistakes),
        }
    }

    fn words(nodes: &[Node], place: &str, mistakes: &mut Mistakes) -> Self {
        if nodes.is_empty() || nodes.len() > VALUES_MAX {
            let count = nodes.len();
            mistakes.add(
                place,
                format!("expected 1 to {VALUES_MAX} words, found {count}"),
            );
            return Self::Hold;
        }
        let mut words = BTreeSet::new();
        for (index, node) in nodes.iter().enumerate() {
            let place = format!("{place}[{index}]");
            if let Some(word) = document::text(node, &place, mistakes) {
                match wrong_word(word) {
                    Some(message) => mistakes.add(&place, message),
                    None => {
                        words.insert(word.to_owned());
                    }
                }
            }
        }
        Self::Words(words)
    }

    /// What tells one from another, in a fixed form.
    pub(super) fn canonical(&self) -> serde_json::Value {
        match self {
            Self::Hold => serde_json::json!(false),
            Self::Accept => serde_json::json!(true),
            Self::Words(words) => serde_json::json!(words),
        }
    }
}

/// Why a word accepts nothing: what is a license of the list is known and never asked about.
fn wrong_word(word: &str) -> Option<String> {
    let length = word.chars().count();
    if length > VALUE_CHARACTERS_MAX {
        return Some(format!(
            "expected at most {VALUE_CHARACTERS_MAX} characters, found {length}"
        ));
    }
    if word.trim() != word {
        return Some(format!(
            "expected no blanks at either end, found {:?}",
            shortened(word)
        ));
    }
    let expression = Expression::read(word);
    let is_known = expression.is_readable() && !expression.terms().any(Term::is_reference);
    is_known.then(|| {
        format!(
            "expected a word that does not clearly name a license, found {:?}",
            shortened(word)
        )
    })
}

/// What a platform counts as, under a criterion on numbers of findings, if the scanner says that it
/// cannot scan such an image at all: a static binary on `scratch` is so for good. Accepting needs
/// the administrator's word as well (see [`crate::evidence::Evidence::unscannable`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unscannable {
    /// A reason to hold: a scan might find anything.
    #[default]
    Hold,
    /// A platform without findings: the policy's author takes the risk.
    Accept,
}

impl Unscannable {
    /// Both, as they are written.
    pub const ALL: &[(&str, Self)] = &[("hold", Self::Hold), ("accept", Self::Accept)];
}

/// Reads one of these words; without the key, and beside a mistake, what is closed holds.
pub(super) fn read<T: Clone + Default>(
    fields: &Fields<'_>,
    key: &str,
    words: &[(&str, T)],
    mistakes: &mut Mistakes,
) -> T {
    let place = fields.place(key);
    let Some(word) = fields
        .get(key)
        .and_then(|node| document::text(node, &place, mistakes))
    else {
        return T::default();
    };
    if let Some((_, known)) = words.iter().find(|(name, _)| *name == word) {
        return known.clone();
    }
    let names: Vec<_> = words.iter().map(|(name, _)| *name).collect();
    mistakes.add(&place, suggest::unknown("a word", word, &names));
    T::default()
}
