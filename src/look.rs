//! What a policy would see of an image, for people: the same readers, and nothing written or asked
//! for on the way.

use ecr_promoter_core::{
    Digest, Repository, Tag, Time,
    event::Select,
    evidence::{Evidence, Known, Lack},
};

use crate::{
    ecr::images,
    evidence::gather,
    failure::{Failure, Remedy},
    function::Function,
    pushes,
    reading::Reading,
};

/// What is known of one image.
#[derive(Debug)]
pub struct Look {
    /// The image's digest.
    pub digest: Digest,
    /// The tag by which it was asked for, or one that points to it.
    pub tag: Option<Tag>,
    /// When it was looked at: evidence is as old as this less its own time.
    pub now: Time,
    /// What was seen of each kind.
    pub evidence: Evidence,
    /// What an administrator has to fix before it can be seen.
    pub failures: Vec<Failure>,
}

/// Why it is not known since when a finding is known that the scanner does not say it of.
const UNREAD: &str = "and the promotions table, which may know it, is not read here";

/// Looks at an image as a policy would, without a record, and without asking for a scan.
pub(crate) async fn look(
    function: &Function,
    repository: &Repository,
    select: &Select,
) -> Result<Look, Failure> {
    let now = function.now();
    let hints = pushes::asked::hints(function, repository, select).await?;
    let (digest, tag, pushed_at) = match (hints.into_iter().next(), select) {
        (Some(hint), _) => (hint.digest, Some(hint.tag), hint.pushed_at),
        (None, Select::Digest(digest)) => (digest.clone(), None, now),
        (None, Select::Tag(tag)) => {
            let tried = format!("look at {repository}:{tag}");
            return Err(Failure::new(Remedy::Never, tried, "there is no such image"));
        }
    };
    let only = std::slice::from_ref(&digest);
    let holds = images::read(&function.aws, repository, only, &[]).await?;
    let image = function.image(repository, &digest);
    let mut reading = Reading::of(image, holds, Vec::new(), now);
    reading.pushed_at = pushed_at;
    reading.looks_only = true;
    let mut looker = function.clone();
    looker.config.scan_on_demand = false;
    for lack in Lack::OF_REGISTRY {
        gather(&looker, &mut reading, lack, now).await?;
    }
    for platform in reading.platforms() {
        let never = Known::Never(UNREAD.to_owned().into());
        reading.evidence.sightings.insert(platform.digest, never);
    }
    Ok(Look {
        digest,
        tag,
        now,
        evidence: reading.evidence,
        failures: reading.failures.into_values().collect(),
    })
}
