//! What a person probably meant who named an image that is not there.

use aws_sdk_ecr::Client;
use ecr_promoter_core::{Registry, Repository, Tag, suggest::nearest};

use super::tags;
use crate::asked::Asked;

/// How many repositories are looked through.
const NAMES_MAX: usize = 10_000;

/// What is not there.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Missing {
    /// The repository.
    #[error("there is no repository \"{name}\" in {registry}{}", meant(.near.as_ref()))]
    Repository {
        name: Repository,
        registry: Registry,
        near: Option<String>,
    },
    /// The tag.
    #[error("{repository} has no tag \"{tag}\"{}", meant(.near.as_ref()))]
    Tag {
        repository: Repository,
        tag: Tag,
        near: Option<String>,
    },
}

fn meant(near: Option<&String>) -> String {
    near.map_or_else(String::new, |near| format!("; did you mean {near:?}?"))
}

/// Looks for what is not there of an image that could not be looked at; nothing where all of it is, or where the caller may not
/// look.
pub(crate) async fn of(ecr: &Client, registry: &Registry, asked: &Asked) -> Option<Missing> {
    let repositories = repositories(ecr).await?;
    if !repositories
        .iter()
        .any(|name| name == asked.repository.as_str())
    {
        let near = nearest(
            asked.repository.as_str(),
            repositories.iter().map(String::as_str),
        );
        return Some(Missing::Repository {
            name: asked.repository.clone(),
            registry: registry.clone(),
            near: near.map(str::to_owned),
        });
    }
    let tag = asked.tag.as_ref().filter(|_| asked.digest.is_none())?;
    let tags = tags::of(ecr, &asked.repository).await.ok()?;
    if tags.iter().any(|(there, _)| there == tag.as_str()) {
        return None;
    }
    let near = nearest(tag.as_str(), tags.iter().map(|(tag, _)| tag.as_str()));
    Some(Missing::Tag {
        repository: asked.repository.clone(),
        tag: tag.clone(),
        near: near.map(str::to_owned),
    })
}

async fn repositories(ecr: &Client) -> Option<Vec<String>> {
    let mut names = Vec::new();
    let mut pages = ecr.describe_repositories().into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.ok()?;
        let there = page.repositories().iter();
        names.extend(there.filter_map(|one| one.repository_name().map(str::to_owned)));
        if names.len() >= NAMES_MAX {
            break;
        }
    }
    Some(names)
}
