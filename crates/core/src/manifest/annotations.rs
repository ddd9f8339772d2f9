//! Annotations. Next to nothing of them is kept: megabytes of a stranger's words would grow twelvefold
//! in memory, and only those that say what an in-toto layer holds are ever read.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor},
};

/// The annotations by which layers say what kind of statement they hold (cosign's, BuildKit's and
/// sigstore's key for an in-toto predicate type).
pub const PREDICATE_TYPES: [&str; 3] = [
    "in-toto.io/predicate-type",
    "predicateType",
    "dev.sigstore.bundle.predicateType",
];

/// The annotations that are read: [`PREDICATE_TYPES`].
#[derive(Debug, Default)]
pub(super) struct Annotations(pub(super) BTreeMap<String, String>);

impl<'de> Deserialize<'de> for Annotations {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries)
    }
}

struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Annotations;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of strings")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Annotations, A::Error> {
        let mut kept = BTreeMap::new();
        while let Some(key) = map.next_key::<String>()? {
            if !PREDICATE_TYPES.contains(&key.as_str()) {
                map.next_value::<AnyText>()?;
            } else if kept.insert(key, map.next_value()?).is_some() {
                return Err(A::Error::custom("duplicate field of annotations"));
            }
        }
        Ok(Annotations(kept))
    }
}

/// A string that is not read.
struct AnyText;

impl<'de> Deserialize<'de> for AnyText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = AnyText;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_str<E>(self, _: &str) -> Result<AnyText, E> {
                Ok(AnyText)
            }
        }
        deserializer.deserialize_str(Text)
    }
}
