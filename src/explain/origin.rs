//! Where a tag came from: the promotions that led to it, back to the first push; or that a person moved
//! it.

use ecr_promoter_core::{
    Digest, Push, Repository, Tag, Time,
    decision::{Outcome, Target},
    head::Head,
    provenance::DEPTH_MAX,
};

use crate::{
    failure::Failure,
    function::Function,
    ledger::{
        heads,
        history::{self, Of, Wanted},
        record::Record,
    },
};

/// So many records of one target tag are looked at for the one that put it on a digest.
const LOOKED_AT_MAX: usize = 200;

/// Where a tag came from.
#[derive(Debug)]
pub struct TagOrigin {
    /// How it came to stand where it stands.
    pub came: Came,
    /// The promotions that led to it, the last one first; the source of the last is the first push.
    pub promotions: Vec<Record>,
}

/// How a tag came to stand where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Came {
    /// Nothing was ever promoted to this tag.
    Pushed,
    /// By promotion.
    Promoted,
    /// Something was promoted to this tag, and somebody moved or deleted it since.
    Moved {
        /// What was promoted there last.
        from: Digest,
        /// When that stood.
        stood_at: Time,
    },
}

/// Where the tag of a push came from. `stands`: the tag stands on the push's image.
pub(super) async fn of(
    function: &Function,
    push: &Push,
    head: Option<&Head>,
    stands: bool,
) -> Result<TagOrigin, Failure> {
    let Some(stood) = head.and_then(|head| head.stood.as_ref()) else {
        return Ok(TagOrigin {
            came: Came::Pushed,
            promotions: Vec::new(),
        });
    };
    let came = if stands && stood.digest == push.digest {
        Came::Promoted
    } else {
        Came::Moved {
            from: stood.digest.clone(),
            stood_at: stood.changed,
        }
    };
    let target = Target {
        repository: push.repository.clone(),
        tag: push.tag.clone(),
    };
    let promotions = promotions(function, target, stood.digest.clone()).await?;
    Ok(TagOrigin { came, promotions })
}

/// What stood under a tag last by promotion.
pub(super) async fn last(
    function: &Function,
    repository: &Repository,
    tag: &Tag,
) -> Result<Option<Digest>, Failure> {
    let target = Target {
        repository: repository.clone(),
        tag: tag.clone(),
    };
    let head = heads::get(&function.ledger, &function.registry, &target).await?;
    Ok(head
        .and_then(|head| head.body.stood)
        .map(|stood| stood.digest))
}

/// The promotions by which a digest came to a target tag, the last one first.
async fn promotions(
    function: &Function,
    mut target: Target,
    digest: Digest,
) -> Result<Vec<Record>, Failure> {
    let mut chain: Vec<Record> = Vec::new();
    for _ in 0..DEPTH_MAX {
        let before = chain.last().map(|record| record.at);
        let Some(record) = promotion(function, &target, &digest, before).await? else {
            break;
        };
        let source = (
            Repository::parse(&record.repository),
            Tag::parse(&record.tag),
        );
        let (Ok(repository), Ok(tag)) = source else {
            break;
        };
        chain.push(record);
        target = Target { repository, tag };
    }
    Ok(chain)
}

/// The newest record of a promotion of this digest to a target tag, not newer than `before`.
async fn promotion(
    function: &Function,
    target: &Target,
    digest: &Digest,
    before: Option<Time>,
) -> Result<Option<Record>, Failure> {
    let wanted = Wanted {
        of: Of::Target(target.repository.clone(), Some(target.tag.clone())),
        since: None,
        after: None,
        limit: LOOKED_AT_MAX,
        outcomes: &[Outcome::Promoted],
        repository: None,
        policy: None,
        now: function.now(),
    };
    let page = history::page(&function.ledger, &function.registry, &wanted).await?;
    let mut summaries = page.summaries.into_iter();
    let found = summaries.find(|summary| {
        summary.digest == digest.as_str() && before.is_none_or(|before| summary.at <= before)
    });
    match found {
        None => Ok(None),
        Some(summary) => {
            let records = history::records(&function.ledger, &[summary.id]).await?;
            Ok(records.into_iter().next())
        }
    }
}
