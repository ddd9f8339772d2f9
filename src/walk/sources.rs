//! The repositories that policies name, and that an image may leave.

use std::collections::BTreeSet;

use ecr_promoter_core::{Repository, policy::Source};

use crate::{ecr::repositories, failure::Failure, function::Function, ledger::walk, policies};

/// The repositories to be walked, in the order of their names. At the `beginning` of a walk the sources
/// without policies are forgotten.
pub(super) async fn repositories(
    function: &Function,
    beginning: bool,
) -> Result<BTreeSet<Repository>, Failure> {
    let names = policies::sources(&function.policies.table).await?;
    if beginning {
        let (ledger, registry) = (&function.ledger, &function.registry);
        walk::forget_others(ledger, registry, &names, function.now()).await?;
    }
    let sources: Vec<Source> = names
        .iter()
        .filter_map(|name| Source::parse(name).ok())
        .collect();
    let single = sources.iter().filter_map(|source| match source {
        Source::Repository(repository) => Some(repository.clone()),
        Source::Namespace(_) | Source::All => None,
    });
    let mut repositories: BTreeSet<Repository> = single.collect();
    if repositories.len() < sources.len() {
        let all = repositories::all(&function.aws).await?;
        let below =
            |repository: &Repository| sources.iter().any(|source| source.matches(repository));
        repositories.extend(all.into_iter().filter(below));
    }
    repositories.retain(|repository| function.config.paths.leave(repository));
    Ok(repositories)
}
