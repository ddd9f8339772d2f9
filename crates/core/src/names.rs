//! Names of a second: two digests never share a tag that a template rendered from the time alone.
//!
//! A template that tells seconds and neither the source's tag nor the digest renders one name a
//! second. The name is reserved together with the claim, on the condition that nobody has it. All
//! names of a minute at one target repository lie in one partition: one read finds the first free
//! one.

use std::collections::BTreeMap;

use crate::{Digest, Tag, Time};

/// The names of one minute at one target repository that are taken, each with its digest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names(BTreeMap<Tag, Digest>);

/// A name for a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The second that it tells.
    pub time: Time,
    /// The name.
    pub tag: Tag,
    /// The digest has it already: nothing needs to be reserved.
    pub reserved: bool,
}

impl Names {
    /// The first of the `candidates` that is free or this digest's already; `None` if there is
    /// none.
    ///
    /// | the candidate | then |
    /// | --- | --- |
    /// | is free | it must be reserved |
    /// | is this digest's | it stays so, and nothing is written |
    /// | is another digest's | the next one |
    /// | was the last one | no name in this minute |
    #[must_use]
    pub fn first(
        &self,
        candidates: impl IntoIterator<Item = (Time, Tag)>,
        digest: &Digest,
    ) -> Option<Name> {
        candidates.into_iter().find_map(|(time, tag)| {
            let owner = self.0.get(&tag);
            owner.is_none_or(|owner| owner == digest).then(|| Name {
                time,
                reserved: owner.is_some(),
                tag,
            })
        })
    }
}

impl FromIterator<(Tag, Digest)> for Names {
    fn from_iter<T: IntoIterator<Item = (Tag, Digest)>>(taken: T) -> Self {
        Self(taken.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(byte: u8) -> Digest {
        Digest::from_sha256([byte; 32])
    }

    fn tag(second: i64) -> Tag {
        Tag::parse(&format!("t-{second:02}")).unwrap()
    }

    fn seconds(from: i64) -> Vec<(Time, Tag)> {
        let second = |second| (Time::from_timestamp(second, 0).unwrap(), tag(second));
        (from..60).map(second).collect()
    }

    fn taken(names: &[(i64, u8)]) -> Names {
        let taken = names.iter();
        taken
            .map(|(second, by)| (tag(*second), digest(*by)))
            .collect()
    }

    fn first(names: &Names, from: i64, by: u8) -> String {
        match names.first(seconds(from), &digest(by)) {
            Some(name) => {
                assert_eq!(name.tag, tag(name.time.timestamp()));
                let what = if name.reserved { "its own" } else { "free" };
                format!("{} {what}", name.tag)
            }
            None => "none".to_owned(),
        }
    }

    #[test]
    fn a_free_name_is_reserved() {
        assert_eq!(first(&Names::default(), 10, 1), "t-10 free");
        assert_eq!(first(&taken(&[(9, 2), (11, 2)]), 10, 1), "t-10 free");
    }

    #[test]
    fn a_digest_keeps_its_name() {
        assert_eq!(first(&taken(&[(10, 1)]), 10, 1), "t-10 its own");
        assert_eq!(first(&taken(&[(10, 2), (11, 1)]), 10, 1), "t-11 its own");
    }

    #[test]
    fn a_name_of_another_digest_is_passed_over() {
        assert_eq!(first(&taken(&[(10, 2)]), 10, 1), "t-11 free");
        assert_eq!(
            first(&taken(&[(10, 2), (11, 3), (12, 2)]), 10, 1),
            "t-13 free"
        );
    }

    #[test]
    fn a_minute_can_be_full() {
        let others: Vec<(i64, u8)> = (10..60).map(|second| (second, 2)).collect();
        assert_eq!(first(&taken(&others), 10, 1), "none");
        assert_eq!(first(&taken(&others), 9, 1), "t-09 free");
        assert_eq!(first(&taken(&others), 10, 2), "t-10 its own");
    }
}
