//! The way from the children of an index to it: what is attached to a child later names the child alone. It is written with the
//! claim, where a transaction has room for it, and beside the first looks where it has not.

use ecr_promoter_core::{Digest, Time, decision::Target};

use crate::{
    case::Case,
    failure::Failure,
    function::Function,
    ledger::{indexes, write::Write},
};

/// A transaction takes a hundred actions; a claim, the name of its second and the place of its push are a few of them.
const WITH_CLAIM_MAX: usize = 90;

/// What goes with a claim of this target.
pub(super) fn with_claim(
    case: &Case<'_>,
    target: &Target,
    now: Time,
) -> Result<Vec<Write>, Failure> {
    let children = unwritten(case, target);
    if children.len() > WITH_CLAIM_MAX {
        return Ok(Vec::new());
    }
    indexes::writes(&case.reading.image, &children, now)
}

/// Writes what was too much for the claim.
pub(super) async fn beside_claim(
    function: &Function,
    case: &Case<'_>,
    target: &Target,
) -> Result<(), Failure> {
    let children = unwritten(case, target);
    if children.len() <= WITH_CLAIM_MAX {
        return Ok(());
    }
    let image = &case.reading.image;
    indexes::remember(&function.ledger, image, &children, function.now()).await
}

/// The children that may lead nowhere yet; none where nothing has to follow the image.
fn unwritten<'c>(case: &'c Case<'_>, target: &Target) -> Vec<&'c Digest> {
    let reading = &case.reading;
    let taken = &case.policy().target.referrers;
    let follow = taken.go(&case.push.repository, &target.repository);
    let Some(tree) = reading
        .tree
        .as_ref()
        .filter(|_| follow && !reading.index_remembered)
    else {
        return Vec::new();
    };
    let digests = tree.manifests_leaves_first();
    let digests = digests.into_iter().map(|(digest, _)| digest);
    digests
        .filter(|digest| **digest != reading.image.digest)
        .collect()
}
