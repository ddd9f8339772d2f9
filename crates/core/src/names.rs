//! Names of a second: two digests never share a tag that a template rendered from the time alone.
//!
//! A template that tells seconds and neither the source's tag nor the digest renders one name a
//! second. The name is reserved together with the claim. All names of a minute at one target
//! repository lie in one item, so that one read finds the first free one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Digest, Tag, Time};

/// The most names of one minute: sixty for each of ten templates.
pub const NAMES_MAX: usize = 600;

/// The names of one minute at one target repository.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Names(BTreeMap<Tag, Digest>);

impl Names {
    /// Reserves the first of the `candidates` that is free or this digest's already; `None` if
    /// none is.
    pub fn reserve(
        &mut self,
        candidates: impl IntoIterator<Item = (Time, Tag)>,
        digest: &Digest,
    ) -> Option<(Time, Tag)> {
        let full = self.0.len() >= NAMES_MAX;
        let (time, tag) = candidates.into_iter().find(|(_, tag)| {
            let owner = self.0.get(tag);
            owner.map_or(!full, |owner| owner == digest)
        })?;
        self.0.insert(tag.clone(), digest.clone());
        Some((time, tag))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(byte: u8) -> Digest {
        Digest::from_sha256([byte; 32])
    }

    fn seconds(from: i64) -> Vec<(Time, Tag)> {
        let second = |second| {
            let tag = Tag::parse(&format!("t-{second:02}")).unwrap();
            (Time::from_timestamp(second, 0).unwrap(), tag)
        };
        (from..60).map(second).collect()
    }

    #[test]
    fn each_digest_gets_a_name_of_its_own_until_the_minute_is_full() {
        let mut names = Names::default();
        for byte in 0..50 {
            let (time, tag) = names.reserve(seconds(10), &digest(byte)).unwrap();
            assert_eq!(time.timestamp(), 10 + i64::from(byte));
            assert_eq!(tag.as_str(), format!("t-{}", 10 + byte));
        }
        assert_eq!(names.reserve(seconds(10), &digest(99)), None);
        let (_, again) = names.reserve(seconds(10), &digest(7)).unwrap();
        assert_eq!(again.as_str(), "t-17", "the same digest keeps its name");
        assert!(names.reserve(seconds(5), &digest(99)).is_some());
    }

    #[test]
    fn the_names_of_a_minute_are_bounded() {
        let mut names = Names::default();
        for n in 0..NAMES_MAX {
            let tag = Tag::parse(&format!("n{n}")).unwrap();
            names
                .reserve([(Time::UNIX_EPOCH, tag)], &digest(1))
                .unwrap();
        }
        let another = Tag::parse("another").unwrap();
        assert_eq!(
            names.reserve([(Time::UNIX_EPOCH, another)], &digest(1)),
            None
        );
    }
}
