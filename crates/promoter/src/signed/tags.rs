//! The tags of a repository as ECR shows them now.

use aws_sdk_ecr::{
    Client,
    types::{ListImagesFilter, TagStatus},
};
use ecr_promoter::Failure;
use ecr_promoter_core::Repository;

/// So many tags are looked through.
const TAGS_MAX: usize = 10_000;

/// Each tag with the digest that it stands on, in ECR's order.
pub(crate) async fn of(
    ecr: &Client,
    repository: &Repository,
) -> Result<Vec<(String, String)>, Failure> {
    let tagged = ListImagesFilter::builder()
        .tag_status(TagStatus::Tagged)
        .build();
    let list = ecr.list_images().repository_name(repository.as_str());
    // The most of one page (Amazon ECR API reference, "ListImages").
    let list = list.filter(tagged).max_results(1_000);
    let mut pages = list.into_paginator().send();
    let mut tags = Vec::new();
    while let Some(page) = pages.next().await {
        let page =
            page.map_err(|error| Failure::ecr(format!("list the tags of {repository}"), &error))?;
        tags.extend(page.image_ids().iter().filter_map(|id| {
            let (tag, digest) = (id.image_tag()?, id.image_digest()?);
            Some((tag.to_owned(), digest.to_owned()))
        }));
        if tags.len() >= TAGS_MAX {
            break;
        }
    }
    Ok(tags)
}
