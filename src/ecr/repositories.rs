//! The repositories of the registry, by name.

use std::collections::BTreeSet;

use ecr_promoter_core::Repository;

use crate::{
    aws::Aws,
    failure::{Failure, Remedy},
};

/// The most repositories of one page (Amazon ECR API reference, `DescribeRepositories`).
const PAGE: i32 = 1_000;
/// How many pages are read: ECR's own quota is 100,000 repositories.
const PAGES_MAX: usize = 200;

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
