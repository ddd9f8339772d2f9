//! Where no policy applies: the policies that nearly do, and in which word their source differs.

use aws_sdk_dynamodb::Client;
use ecr_promoter_core::{Repository, suggest::nearest};
use serde::Serialize;

use crate::stored::{Stored, all_policies, key};

/// So many policies are named.
const NAMED_MAX: usize = 3;

/// The policies that nearly apply.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Near {
    /// The nearest first.
    pub(crate) policies: Vec<NearPolicy>,
    /// Why they could not be looked for.
    pub(crate) unknown: Option<String>,
}

/// One policy that nearly applies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct NearPolicy {
    pub(crate) source: String,
    pub(crate) name: String,
    /// The word of its source that differs.
    pub(crate) has: String,
    /// What the repository has in its place.
    pub(crate) wanted: String,
}

/// Looks through the table, which nobody but a person ever does.
pub(crate) async fn of(dynamodb: &Client, table: &str, repository: &Repository) -> Near {
    match all_policies(dynamodb, table).await {
        Ok(stored) => Near {
            policies: nearest_of(&stored, repository),
            unknown: None,
        },
        Err(refusal) => Near {
            policies: Vec::new(),
            unknown: Some(format!(
                "policies that nearly apply were not looked for: {refusal}"
            )),
        },
    }
}

fn nearest_of(stored: &[Stored], repository: &Repository) -> Vec<NearPolicy> {
    let keys = stored.iter().filter_map(|stored| key(&stored.node));
    let near = keys.filter_map(|key| {
        let (distance, has, wanted) = differs(&key.source, repository.as_str())?;
        let policy = NearPolicy {
            source: key.source,
            name: key.name,
            has,
            wanted,
        };
        Some((distance, policy))
    });
    let mut near: Vec<_> = near.collect();
    near.sort_by(|one, other| {
        let rank = |(distance, policy): &(usize, NearPolicy)| {
            (*distance, policy.source.clone(), policy.name.clone())
        };
        rank(one).cmp(&rank(other))
    });
    // Others are told where none looks alike.
    if near
        .first()
        .is_some_and(|(distance, _)| *distance < usize::MAX)
    {
        near.retain(|(distance, _)| *distance < usize::MAX);
    }
    near.truncate(NAMED_MAX);
    near.into_iter().map(|(_, policy)| policy).collect()
}

/// The one word in which a source differs from a repository's name, where it is only one; and how far.
fn differs(source: &str, repository: &str) -> Option<(usize, String, String)> {
    let (source, repository): (Vec<&str>, Vec<&str>) =
        (source.split('/').collect(), repository.split('/').collect());
    let is_namespace = source.last() == Some(&"*");
    let fixed = if is_namespace {
        source.len() - 1
    } else {
        source.len()
    };
    let fits = if is_namespace {
        repository.len() > fixed
    } else {
        repository.len() == fixed
    };
    if !fits {
        return None;
    }
    let pairs = source.iter().take(fixed).zip(&repository);
    let mut different = pairs.filter(|(has, wanted)| has != wanted);
    let (has, wanted) = different.next()?;
    if different.next().is_some() {
        return None;
    }
    let near = nearest(wanted, [*has]).is_some();
    // A word that only looks alike is nearer than any other.
    let distance = if near {
        strsim::damerau_levenshtein(has, wanted)
    } else {
        usize::MAX
    };
    Some((distance, (*has).to_owned(), (*wanted).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_that_differs_is_told_where_it_is_one() {
        for (source, repository, expected) in [
            ("dev/web-site", "dev/website", Some(("web-site", "website"))),
            ("dve/*", "dev/website", Some(("dve", "dev"))),
            ("prod/website", "dev/website", Some(("prod", "dev"))),
            ("dev/*", "dev/website", None),
            ("prod/api", "dev/website", None),
            ("dev/team/website", "dev/website", None),
            ("*", "dev/website", None),
        ] {
            let told = differs(source, repository);
            let told = told
                .as_ref()
                .map(|(_, has, wanted)| (has.as_str(), wanted.as_str()));
            assert_eq!(told, expected, "{source}");
        }
        let near = |source: &str| differs(source, "dev/website").unwrap().0;
        assert!(near("dev/web-site") < near("prod/website"));
    }
}
