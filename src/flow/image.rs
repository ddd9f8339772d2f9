//! An image: read once for all its tags and policies, and each hint of it to its push.

use std::collections::HashMap;

use ecr_promoter_core::{Image, Push, Tag};
use futures_util::{FutureExt as _, future::try_join};

use super::{cases, scope::Scope};
use crate::{
    closing,
    failure::Failure,
    function::Function,
    judge::promotes_already,
    ledger::runs::{self, Ahead, Unwritten},
    occasion::Hint,
    outcome::Outcomes,
    pushes::{self, Resolved},
    reading::{self, Reading},
};

/// An image: read once for all its pushes, which `hints` name. An image whose tags no policy asks for is not
/// read at all.
pub(super) async fn look(scope: Scope<'_>, hints: &[Hint]) -> Result<Outcomes, Failure> {
    let mut outcomes = Outcomes::default();
    let hints: Vec<Hint> = meant(scope, hints);
    let Some(first) = hints.first() else {
        return Ok(outcomes);
    };
    let function = scope.function;
    let image = function.image(scope.repository, &first.digest);
    let reading = reading::read(function, image.clone(), &hints, scope.policies);
    let (mut reading, ahead) = try_join(reading, ahead(function, &image, &hints)).await?;
    let mut ahead = Some(ahead);
    // The run of a single push may wait for its claim. Where that is refused it is placed by itself.
    for may_wait in [hints.len() == 1, false] {
        let known = match ahead.take() {
            Some(known) => known,
            None => self::ahead(function, &image, &hints).await?,
        };
        let mut found = pushes(
            scope,
            &hints,
            (&mut reading, known),
            may_wait,
            &mut outcomes,
        )
        .boxed()
        .await;
        let Found { pushes, unwritten } = &mut found;
        cases::look(scope, pushes, unwritten, &mut reading, &mut outcomes)
            .boxed()
            .await?;
        if unwritten.is_empty() {
            break;
        }
    }
    Ok(outcomes)
}

/// Several pushes, an image after the other: one that fails does not hold up the others.
pub(super) async fn look_at_each(scope: Scope<'_>, hints: &[Hint]) -> Result<Outcomes, Failure> {
    let mut outcomes = Outcomes::default();
    for of_one_image in hints.chunk_by(|one, next| one.digest == next.digest) {
        outcomes.add(look(scope, of_one_image).boxed().await);
    }
    Ok(outcomes)
}

/// What the ledger knows of the hints' tags.
async fn ahead(
    function: &Function,
    image: &Image,
    hints: &[Hint],
) -> Result<HashMap<Tag, Ahead>, Failure> {
    let tags: Vec<_> = hints.iter().map(|hint| hint.tag.clone()).collect();
    let placed = hints.iter().any(|hint| hint.known.is_none());
    runs::ahead(&function.ledger, image, &tags, placed).await
}

/// The pushes of hints.
#[derive(Default)]
struct Found {
    /// Each, and whether it was never seen before.
    pushes: Vec<(Push, bool)>,
    /// What is not written of the only one.
    unwritten: Unwritten,
}

/// The push of each hint; what is none is among the outcomes. The run of one that is claimed at once
/// `may_wait` for its claim.
async fn pushes(
    scope: Scope<'_>,
    hints: &[Hint],
    (reading, mut ahead): (&mut Reading, HashMap<Tag, Ahead>),
    may_wait: bool,
    outcomes: &mut Outcomes,
) -> Found {
    let function = scope.function;
    let mut found = Found::default();
    for hint in hints {
        let ahead = ahead.remove(&hint.tag).unwrap_or_default();
        let claimed =
            |push: &Push, reading: &Reading| may_wait && is_claimed_at_once(scope, push, reading);
        match pushes::resolve(function, hint, reading, ahead, claimed).await {
            Ok(Resolved::Push {
                push,
                new,
                unwritten,
            }) => {
                found.pushes.push((*push, new));
                found.unwritten = unwritten;
            }
            Ok(Resolved::Again(again)) => outcomes.look_again(again.at, &again.why),
            Ok(Resolved::Gone { why }) => {
                tracing::info!(%why, "acknowledged");
                let invocation = scope.errand.invocation;
                let gone = closing::gone(function, &reading.image, &why, invocation);
                outcomes.add(gone.boxed().await);
            }
            Err(failure) => {
                for stored in scope.policies {
                    outcomes.fail(&stored.policy.key(), failure.clone());
                }
            }
        }
    }
    found
}

/// Whether the first policy that a push concerns promotes it by what was read already.
fn is_claimed_at_once(scope: Scope<'_>, push: &Push, reading: &Reading) -> bool {
    let Some(first) = scope.policies_meaning(&push.tag).next() else {
        return false;
    };
    let by_hand = scope.asked.is_by_hand();
    let (policy, evidence) = (&first.policy, &reading.evidence);
    reading.tree.is_some() && promotes_already(scope.function, push, policy, evidence, by_hand)
}

/// The hints that some policy asks for.
fn meant(scope: Scope<'_>, hints: &[Hint]) -> Vec<Hint> {
    let any = |hint: &&Hint| scope.policies_meaning(&hint.tag).next().is_some();
    hints.iter().filter(any).cloned().collect()
}
