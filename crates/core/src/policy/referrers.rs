//! What of an image's signatures, SBOMs and attestations goes along with it.

use std::collections::BTreeSet;

use super::document::{Fields, Mistakes, found, text};
use crate::{Repository, node::Node, suggest::shortened};

/// The most types of a list.
pub const REFERRER_TYPES_MAX: usize = 20;
/// The longest of them (RFC 6838, section 4.2: 127 characters on either side of the slash).
pub const REFERRER_TYPE_CHARACTERS_MAX: usize = 255;

/// Which of an image's referrers are promoted with it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ReferrersTaken {
    /// All.
    #[default]
    All,
    /// None.
    None,
    /// Those of these types, as their manifests spell them.
    Types(BTreeSet<String>),
}

impl ReferrersTaken {
    /// Whether any may go along.
    #[must_use]
    pub fn any(&self) -> bool {
        *self != Self::None
    }

    /// Whether any may have to go along from one repository to another: within one repository they are there.
    #[must_use]
    pub fn go(&self, from: &Repository, to: &Repository) -> bool {
        self.any() && from != to
    }

    /// Whether a referrer goes along that has these types: its own, and those of its layers where it says
    /// none of its own.
    pub fn takes<'t>(&self, types: impl IntoIterator<Item = &'t str>) -> bool {
        match self {
            Self::All => true,
            Self::None => false,
            Self::Types(taken) => types.into_iter().any(|kind| taken.contains(kind)),
        }
    }

    /// Reads it; without the key, all go along.
    pub(super) fn read(target: &Fields<'_>, mistakes: &mut Mistakes) -> Self {
        const KEY: &str = "referrers";
        let place = target.place(KEY);
        match target.get(KEY) {
            None | Some(Node::Bool(true)) => Self::All,
            Some(Node::Bool(false)) => Self::None,
            Some(Node::List(nodes)) => Self::types(nodes, &place, mistakes),
            Some(other) => {
                let message = format!(
                    "expected true, false or a list of artifact types, found {}",
                    found(other)
                );
                mistakes.add(&place, message);
                Self::None
            }
        }
    }

    fn types(nodes: &[Node], place: &str, mistakes: &mut Mistakes) -> Self {
        if nodes.is_empty() || nodes.len() > REFERRER_TYPES_MAX {
            let message = format!(
                "expected 1 to {REFERRER_TYPES_MAX} artifact types, or false for none, found {}",
                nodes.len()
            );
            mistakes.add(place, message);
            return Self::None;
        }
        let mut types = BTreeSet::new();
        for (index, node) in nodes.iter().enumerate() {
            let place = format!("{place}[{index}]");
            let Some(kind) = text(node, &place, mistakes) else {
                continue;
            };
            if !is_type(kind) {
                let message = format!(
                    "expected a whole artifact type as in \"application/spdx+json\", found {:?}",
                    shortened(kind)
                );
                mistakes.add(&place, message);
            } else if !types.insert(kind.to_owned()) {
                mistakes.add(&place, format!("{kind:?} is in the list already"));
            }
        }
        Self::Types(types)
    }

    /// What tells one from another, in a fixed form.
    pub(super) fn canonical(&self) -> serde_json::Value {
        match self {
            Self::All => serde_json::json!(true),
            Self::None => serde_json::json!(false),
            Self::Types(types) => serde_json::json!(types),
        }
    }
}

/// The same, as a JSON Schema.
pub(super) fn schema() -> serde_json::Value {
    serde_json::json!({
        "description": "Which signatures, SBOMs and attestations go along with the image: all (true), none (false), or those of a list of artifact types such as application/spdx+json.",
        "anyOf": [
            {"type": "boolean"},
            {
                "type": "array", "minItems": 1, "maxItems": REFERRER_TYPES_MAX, "uniqueItems": true,
                "items": {"type": "string", "minLength": 1, "maxLength": REFERRER_TYPE_CHARACTERS_MAX, "pattern": "^[^/]+/[^/]+$"}
            }
        ],
        "default": true
    })
}

/// Whether a text has a media type's grammar (RFC 6838, section 4.2): two names and a slash between them.
fn is_type(text: &str) -> bool {
    let is_name = |name: &str| {
        let mut bytes = name.bytes();
        bytes.next().is_some_and(|b| b.is_ascii_alphanumeric())
            && bytes.all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
    };
    let names = text.split_once('/');
    text.len() <= REFERRER_TYPE_CHARACTERS_MAX
        && names.is_some_and(|(kind, subtype)| is_name(kind) && is_name(subtype))
}
