//! What a referrer is attached to, through further subjects.

use ecr_promoter_core::{Digest, Repository, manifest::Manifest};

use crate::{ecr::images, failure::Failure, function::Function};

/// A subject may itself be a referrer; a chain of more is not followed.
const SUBJECTS_MAX: usize = 4;

/// Where a chain of subjects ends.
pub(crate) enum Subject {
    /// At an image that somebody may have pushed; the referrers on the way to it, each behind its subject.
    Image { digest: Digest, chain: Vec<Digest> },
    /// ECR does not hold the referrer.
    Gone,
    /// It is not a referrer.
    None,
}

/// Follows the chain of subjects; `told` is the first one, if the event names it.
pub(crate) async fn of(
    function: &Function,
    repository: &Repository,
    referrer: &Digest,
    told: Option<&Digest>,
) -> Result<Subject, Failure> {
    let mut next = told.unwrap_or(referrer).clone();
    let mut chain = Vec::new();
    for depth in 0..SUBJECTS_MAX {
        let digest = std::slice::from_ref(&next);
        let holds = images::read(&function.aws, repository, digest, &[]).await?;
        let Some(raw) = holds.manifests.get(&next) else {
            return Ok(Subject::Gone);
        };
        let manifest = Manifest::read(raw.bytes.as_bytes(), raw.media_type.as_deref());
        let further = manifest.ok().and_then(|manifest| manifest.subject);
        let Some(subject) = further else {
            return Ok(if depth == 0 && told.is_none() {
                Subject::None
            } else {
                Subject::Image {
                    digest: next,
                    chain,
                }
            });
        };
        chain.insert(0, std::mem::replace(&mut next, subject.digest));
    }
    Ok(Subject::None)
}
