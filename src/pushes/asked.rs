//! The pushes that a person names, as ECR shows them now.

use ecr_promoter_core::{Repository, event::Select};

use crate::{
    ecr::described,
    failure::{Failure, Remedy},
    function::Function,
    occasion::Hint,
};

/// A tag's push, or those of every tag that points to a digest. No time of theirs is believed.
pub(crate) async fn hints(
    function: &Function,
    repository: &Repository,
    select: &Select,
) -> Result<Vec<Hint>, Failure> {
    let described = match select {
        Select::Tag(tag) if tag.subject().is_some() => {
            let tried = format!("judge {repository}:{tag}");
            let said = "it is the tag of a referrer, not of a push";
            return Err(Failure::new(Remedy::Never, tried, said));
        }
        Select::Tag(tag) => described::by_tag(&function.aws, repository, tag).await?,
        Select::Digest(digest) => described::by_digest(&function.aws, repository, digest).await?,
    };
    let mut hints = Vec::new();
    for image in described {
        let pushed_at = image.pushed_at.unwrap_or_else(|| function.now());
        let wanted = image.tags.into_iter().filter(|tag| match select {
            Select::Tag(asked) => tag == asked,
            Select::Digest(_) => tag.subject().is_none(),
        });
        hints.extend(wanted.map(|tag| Hint {
            repository: repository.clone(),
            tag,
            digest: image.digest.clone(),
            told_at: None,
            pushed_at,
            known: None,
        }));
    }
    Ok(hints)
}
