//! The tags of a repository as ECR shows them now.

use std::collections::HashMap;

use aws_sdk_ecr::types::{ListImagesFilter, TagStatus};
use ecr_promoter::Failure;
use ecr_promoter_core::Repository;

use super::Site;

/// So many tags are looked through.
const TAGS_MAX: usize = 10_000;

/// The digest that each tag stands on.
pub(super) async fn of(
    site: &Site,
    repository: &Repository,
) -> Result<HashMap<String, String>, Failure> {
    let tagged = ListImagesFilter::builder()
        .tag_status(TagStatus::Tagged)
        .build();
    let list = site.deployment.signed.aws.ecr.list_images();
    let list = list
        .repository_name(repository.as_str())
        .filter(tagged)
        .max_results(1_000);
    let mut pages = list.into_paginator().send();
    let mut tags = HashMap::new();
    while let Some(page) = pages.next().await {
        let page =
            page.map_err(|error| Failure::ecr(format!("list the tags of {repository}"), &error))?;
        for id in page.image_ids() {
            if let (Some(tag), Some(digest)) = (id.image_tag(), id.image_digest()) {
                tags.insert(tag.to_owned(), digest.to_owned());
            }
        }
        if tags.len() >= TAGS_MAX {
            break;
        }
    }
    Ok(tags)
}
