//! Keys in another spelling. Readers written in Go take `Layers` for `layers` (package
//! encoding/json, "Unmarshal"), others do not: a document that has one is read differently by
//! different programs, and refused.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use super::ManifestError;

/// The keys that decide what a manifest or a descriptor says.
pub(super) const KEYS: [&str; 19] = [
    "schemaVersion",
    "mediaType",
    "artifactType",
    "config",
    "layers",
    "manifests",
    "subject",
    "annotations",
    "fsLayers",
    "history",
    "signatures",
    "blobs",
    "digest",
    "size",
    "urls",
    "data",
    "platform",
    "os",
    "architecture",
];
/// The keys below which there are such keys again; what is below others is ignored.
const INNER: [&str; 5] = ["config", "layers", "manifests", "subject", "platform"];

/// Refuses a document with a known key in another spelling, in itself or in a descriptor.
pub(super) fn check(bytes: &[u8]) -> Result<(), ManifestError> {
    serde_json::from_slice(bytes)
        .map(|Plain| ())
        .map_err(|error| ManifestError::json(&error))
}

/// Any value in which all known keys are spelt as they should be.
struct Plain;

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Values)
    }
}

struct Values;

impl<'de> Visitor<'de> for Values {
    type Value = Plain;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Plain, A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if let Some(known) = KEYS.iter().find(|known| is_other_spelling(&key, known)) {
                let problem = format!("some readers would take the key {key:?} for {known:?}");
                return Err(A::Error::custom(problem));
            }
            if INNER.contains(&key.as_str()) {
                map.next_value::<Plain>()?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Plain)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Plain, A::Error> {
        while list.next_element::<Plain>()?.is_some() {}
        Ok(Plain)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Plain, E> {
        Ok(Plain)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Plain, E> {
        Ok(Plain)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Plain, E> {
        Ok(Plain)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Plain, E> {
        Ok(Plain)
    }

    fn visit_str<E>(self, _: &str) -> Result<Plain, E> {
        Ok(Plain)
    }

    fn visit_unit<E>(self) -> Result<Plain, E> {
        Ok(Plain)
    }
}

/// Whether Go takes the one key for the other. It folds the long s and the Kelvin sign too.
pub(crate) fn is_other_spelling(key: &str, known: &str) -> bool {
    let folded = key.chars().map(|letter| match letter {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        letter => letter.to_ascii_lowercase(),
    });
    key != known && folded.eq(known.chars().map(|letter| letter.to_ascii_lowercase()))
}
