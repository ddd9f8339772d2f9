//! The labels of an image's config (OCI image specification, "Image Configuration": `config.Labels`).
//! Read strictly: a document that two programs could read differently tells nothing.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, Visitor},
};

use crate::{manifest::is_other_spelling, suggest::shortened};

/// The largest config that is read, in bytes. Those of tools have some kilobytes.
pub const CONFIG_BYTES_MAX: u64 = 1024 * 1024;
/// The most bytes of all configs of an image that are read.
pub const CONFIGS_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// The most labels of one config.
pub const LABELS_MAX: usize = 1_000;

/// The labels of one platform, in the order of their names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Labels(Vec<ConfigLabel>);

/// One label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigLabel {
    /// Its name, as in `org.opencontainers.image.vendor`.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// Why a config does not tell its labels.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the image config cannot be read: {0}")]
pub struct LabelsError(String);

impl Labels {
    /// Reads them from a config's bytes. An image without labels has none; a document that is not a
    /// config, or that has more than [`LABELS_MAX`] of them, is an error.
    pub fn read(config: &[u8]) -> Result<Self, LabelsError> {
        let document: Document = serde_json::from_slice(config)
            .map_err(|error| LabelsError(shortened(&error.to_string())))?;
        Ok(document.0)
    }

    /// The value of a label.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let own = self.0.iter().find(|label| label.name == name);
        own.map(|label| label.value.as_str())
    }

    /// All of them, in the order of their names.
    pub fn iter(&self) -> std::slice::Iter<'_, ConfigLabel> {
        self.0.iter()
    }
}

impl FromIterator<(String, String)> for Labels {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(labels: I) -> Self {
        let labels: BTreeMap<_, _> = labels.into_iter().collect();
        let labels = labels.into_iter();
        Self(
            labels
                .map(|(name, value)| ConfigLabel { name, value })
                .collect(),
        )
    }
}

impl<'l> IntoIterator for &'l Labels {
    type Item = &'l ConfigLabel;
    type IntoIter = std::slice::Iter<'l, ConfigLabel>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// A config. Its labels alone are kept.
struct Document(Labels);

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let runtime = deserializer.deserialize_map(Only::<Option<Runtime>>::key("config"))?;
        let labels = runtime.flatten().map(|runtime| runtime.0);
        Ok(Self(labels.unwrap_or_default()))
    }
}

/// How the image runs.
struct Runtime(Labels);

impl<'de> Deserialize<'de> for Runtime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let labels = deserializer.deserialize_map(Only::<Option<Labels>>::key("Labels"))?;
        Ok(Self(labels.flatten().unwrap_or_default()))
    }
}

impl<'de> Deserialize<'de> for Labels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EachOnce)
    }
}

/// One member of an object: the others are passed over. It stands there once, and in no other spelling,
/// which readers written in Go take for it.
struct Only<T> {
    key: &'static str,
    member: std::marker::PhantomData<T>,
}

impl<T> Only<T> {
    fn key(key: &'static str) -> Self {
        let member = std::marker::PhantomData;
        Self { key, member }
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Only<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Option<T>, A::Error> {
        let mut member = None;
        while let Some(key) = map.next_key::<String>()? {
            if key == self.key {
                if member.replace(map.next_value()?).is_some() {
                    return Err(A::Error::custom(format!("it has {key:?} twice")));
                }
            } else if is_other_spelling(&key, self.key) {
                let known = self.key;
                let problem = format!("some readers would take the key {key:?} for {known:?}");
                return Err(A::Error::custom(problem));
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(member)
    }
}

/// Keys and values, each key once.
struct EachOnce;

impl<'de> Visitor<'de> for EachOnce {
    type Value = Labels;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of strings")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Labels, A::Error> {
        let mut labels = BTreeMap::new();
        while let Some((key, value)) = map.next_entry::<String, String>()? {
            let quoted = shortened(&key);
            if labels.insert(key, value).is_some() {
                let problem = format!("it has the label {quoted:?} twice");
                return Err(A::Error::custom(problem));
            }
            if labels.len() > LABELS_MAX {
                let problem = format!("limit: expected at most {LABELS_MAX} labels, found more");
                return Err(A::Error::custom(problem));
            }
        }
        Ok(labels.into_iter().collect())
    }
}

#[cfg(test)]
mod tests;
