//! An image: read once for all its tags and policies, and each hint of it to its push.

use ecr_promoter_core::decide::concerns;
use futures_util::{FutureExt as _, future::try_join};

use super::{cases, scope::Scope};
use crate::{
    closing,
    failure::Failure,
    ledger::runs,
    occasion::Hint,
    outcome::Outcomes,
    pushes::{self, Resolved},
    reading,
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
    let tags: Vec<_> = hints.iter().map(|hint| hint.tag.clone()).collect();
    let reading = reading::read(function, image.clone(), &hints, scope.policies);
    let placed = hints.iter().any(|hint| hint.known.is_none());
    let ahead = runs::ahead(&function.ledger, &image, &tags, placed);
    let (mut reading, mut ahead) = try_join(reading, ahead).await?;
    let mut found = Vec::new();
    for hint in &hints {
        let ahead = ahead.remove(&hint.tag).unwrap_or_default();
        match pushes::resolve(function, hint, &mut reading, ahead).await {
            Ok(Resolved::Push { push, new }) => found.push((push, new)),
            Ok(Resolved::Again(again)) => outcomes.look_again(again.at, &again.why),
            Ok(Resolved::Gone { why }) => {
                tracing::info!(%why, "acknowledged");
                let invocation = scope.errand.invocation;
                let gone = closing::gone(function, &image, &why, invocation);
                outcomes.add(gone.boxed().await);
            }
            Err(failure) => {
                for stored in scope.policies {
                    outcomes.fail(&stored.policy.key(), failure.clone());
                }
            }
        }
    }
    cases::look(scope, &found, &mut reading, &mut outcomes)
        .boxed()
        .await?;
    Ok(outcomes)
}

/// The hints that some policy asks for.
fn meant(scope: Scope<'_>, hints: &[Hint]) -> Vec<Hint> {
    let any = |hint: &&Hint| {
        let mut policies = scope.policies.iter();
        !scope.only_meant() || policies.any(|stored| concerns(&stored.policy, &hint.tag))
    };
    hints.iter().filter(any).cloned().collect()
}
