//! The repositories of the registry: all of them by name, and one that is made like another.

use std::collections::BTreeSet;

use aws_sdk_ecr::{
    operation::create_repository::CreateRepositoryError,
    types::{
        EncryptionType, ImageScanningConfiguration, ImageTagMutabilityExclusionFilter,
        Repository as EcrRepository, Tag,
    },
};
use ecr_promoter_core::Repository;

use crate::{
    aws::Aws,
    failure::{Advice, Code, Failure, Remedy},
};

/// The most repositories of one page (Amazon ECR API reference, `DescribeRepositories`).
const PAGE: i32 = 1_000;
/// How many pages are read: ECR's own quota is 100,000 repositories.
const PAGES_MAX: usize = 200;
/// The key of the tag that says by which policy a repository was made.
const MADE_BY: &str = "ecr-promoter:created-by";
/// The longest value of a tag, in characters (Amazon ECR API reference, `Tag`).
const TAG_VALUE_MAX: usize = 256;
/// What a value of a tag may hold beside letters and digits (AWS, "Tag naming limits and requirements").
const TAG_PUNCTUATION: &str = " _.:/=+-@";
/// The longest words on what a new repository has and lacks, in characters.
const LIKENESS_MAX: usize = 1_000;

/// The names of all repositories.
pub(crate) async fn all(aws: &Aws) -> Result<BTreeSet<Repository>, Failure> {
    let tried = || "list the repositories".to_owned();
    let mut names = BTreeSet::new();
    let mut token = None;
    for _ in 0..PAGES_MAX {
        let page = aws
            .ecr
            .describe_repositories()
            .max_results(PAGE)
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| Failure::ecr(tried(), &error))?;
        let found = page.repositories().iter();
        let found = found.filter_map(|repository| repository.repository_name());
        names.extend(found.filter_map(|name| Repository::parse(name).ok()));
        token = page.next_token;
        if token.is_none() {
            return Ok(names);
        }
    }
    let said = format!("limit: more than {PAGES_MAX} pages of {PAGE}");
    Err(Failure::new(Remedy::Never, tried(), said))
}

/// Makes a repository whose tags are as mutable as those of `like`, and tags it with the policy it is made for. What it has
/// and what it lacks of `like`; `None` where another invocation made it first.
pub(crate) async fn make(
    aws: &Aws,
    like: &Repository,
    name: &Repository,
    policy: &str,
) -> Result<Option<String>, Failure> {
    let tried = || format!("create the repository {name}");
    let described = described(aws, like).await?;
    let tag = Tag::builder().key(MADE_BY).value(tag_value(policy)).build();
    let tag = tag.map_err(|error| Failure::new(Remedy::Never, tried(), error.to_string()))?;
    // From one to five, or none at all (Amazon ECR API reference, `CreateRepository`).
    let exclusions = described.image_tag_mutability_exclusion_filters.clone();
    let exclusions = exclusions.filter(|filters| !filters.is_empty());
    let made = aws
        .ecr
        .create_repository()
        .repository_name(name.as_str())
        .set_image_tag_mutability(described.image_tag_mutability.clone())
        .set_image_tag_mutability_exclusion_filters(exclusions)
        .tags(tag)
        .send()
        .await;
    let Err(error) = made else {
        return Ok(Some(likeness(like, &described)));
    };
    let service = error.as_service_error();
    if service.is_some_and(CreateRepositoryError::is_repository_already_exists_exception) {
        return Ok(None);
    }
    Err(Failure::ecr_where(tried(), &error, advice))
}

async fn described(aws: &Aws, name: &Repository) -> Result<EcrRepository, Failure> {
    let tried = || format!("describe the repository {name}");
    let asked = aws.ecr.describe_repositories();
    let answer = asked.repository_names(name.as_str()).send().await;
    let answer = answer.map_err(|error| Failure::ecr(tried(), &error))?;
    let found = answer.repositories.unwrap_or_default().into_iter().next();
    found.ok_or_else(|| Failure::new(Remedy::Wait, tried(), "ECR returned no repository"))
}

/// A policy's name as the value of a tag: what a tag may not hold, such as the `*` of a namespace, becomes `_`.
fn tag_value(policy: &str) -> String {
    let may = |c: char| c.is_ascii_alphanumeric() || TAG_PUNCTUATION.contains(c);
    let value = policy.chars().map(|c| if may(c) { c } else { '_' });
    value.take(TAG_VALUE_MAX).collect()
}

/// What a new repository has of another one, and what it lacks.
fn likeness(like: &Repository, described: &EcrRepository) -> String {
    let mode = described.image_tag_mutability();
    let mode = mode.map_or("MUTABLE", |mode| mode.as_str());
    let filters = described.image_tag_mutability_exclusion_filters().iter();
    let filters: Vec<&str> = filters
        .map(ImageTagMutabilityExclusionFilter::filter)
        .collect();
    let but = if filters.is_empty() {
        String::new()
    } else {
        format!(" ({})", filters.join(", "))
    };
    let mut lacks = Vec::new();
    let encryption = described.encryption_configuration();
    let own = encryption.filter(|own| *own.encryption_type() != EncryptionType::Aes256);
    if let Some(own) = own {
        let (kind, key) = (own.encryption_type(), own.kms_key().unwrap_or("a key"));
        lacks.push(format!("its encryption ({kind} with {key})"));
    }
    let scanning = described.image_scanning_configuration();
    if scanning.is_some_and(ImageScanningConfiguration::scan_on_push) {
        lacks.push("its scan on push".to_owned());
    }
    lacks.push("a lifecycle policy or a repository policy, if it has one".to_owned());
    let words = format!(
        "its tags are {mode}{but} as those of {like}; not taken over: {}",
        lacks.join(", ")
    );
    words.chars().take(LIKENESS_MAX).collect()
}

fn advice(code: &Code) -> Advice {
    match code {
        Code::AccessDenied => (
            Remedy::Mend,
            Some(
                "deploy the stack with CreateTargets=true: with it the function's role may create its targets",
            ),
        ),
        Code::LimitExceeded => (
            Remedy::Mend,
            Some(
                "the registry's quota of repositories is used up: raise it or remove repositories",
            ),
        ),
        code => code.at_ecr(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_of_a_namespace_could_not_be_the_value_of_a_tag() {
        for (policy, value) in [
            ("dev/website stable-to-qa", "dev/website stable-to-qa"),
            ("dev/* stable", "dev/_ stable"),
            ("* (all); née", "_ _all__ n_e"),
            (&"x".repeat(400), &"x".repeat(256)),
        ] {
            assert_eq!(tag_value(policy), value);
        }
    }
}
