//! Which pushes a scan, a referrer, a restore or a deletion concerns: those that the ledger knows of
//! the digest, and of the indexes that hold it. Only push events and people make new ones.

use ecr_promoter_core::{Digest, Repository};

use crate::{
    failure::Failure,
    function::Function,
    ledger::{indexes, runs},
    occasion::Hint,
};

/// The pushes of a digest and of the indexes that hold it.
pub(crate) async fn around(
    function: &Function,
    repository: &Repository,
    digest: &Digest,
) -> Result<Vec<Hint>, Failure> {
    let mut hints = of_digest(function, repository, digest).await?;
    let image = function.image(repository, digest);
    for index in indexes::of(&function.ledger, &image).await? {
        hints.extend(of_digest(function, repository, &index).await?);
    }
    Ok(hints)
}

/// The pushes of a digest.
pub(crate) async fn of_digest(
    function: &Function,
    repository: &Repository,
    digest: &Digest,
) -> Result<Vec<Hint>, Failure> {
    let image = function.image(repository, digest);
    let pushes = runs::of_image(&function.ledger, &image).await?;
    let hints = pushes.into_iter().map(|(tag, run)| Hint {
        repository: repository.clone(),
        tag,
        digest: digest.clone(),
        told_at: None,
        pushed_at: run.order_time,
        known: Some(run),
    });
    Ok(hints.collect())
}
