//! One push, as the ledger knows it: its order, its chain, where its tag came from.

use ecr_promoter_core::{Push, Tag, Time, runs::Run};
use futures_util::FutureExt as _;

use super::{
    now::{ExplainedCase, cases},
    origin::{self, TagOrigin},
    scene::Scene,
};
use crate::{
    failure::Failure,
    ledger::runs::{self, Ahead},
    occasion::Hint,
    pushes,
    reading::Reading,
};

/// One push.
#[derive(Debug)]
pub struct ExplainedPush {
    /// The push; its number is 0 where the ledger does not know it.
    pub push: Push,
    /// What each policy of the repository makes of it.
    pub policies: Vec<ExplainedCase>,
    /// Where the tag came from.
    pub origin: TagOrigin,
}

/// Explains pushes of one image.
pub(super) async fn all(
    scene: &Scene<'_>,
    hints: &[Hint],
    reading: &mut Reading,
) -> Result<Vec<ExplainedPush>, Failure> {
    let ledger = &scene.function.ledger;
    let tags: Vec<Tag> = hints.iter().map(|hint| hint.tag.clone()).collect();
    let known = runs::of_image(ledger, &reading.image).await?;
    let mut ahead = runs::ahead(ledger, &reading.image, &tags, false).await?;
    let mut explained = Vec::new();
    for hint in hints {
        let run = known.iter().find(|(tag, _)| *tag == hint.tag);
        let run = run.map(|(_, run)| run.clone());
        let is_known = run.is_some();
        let ahead = ahead.remove(&hint.tag).unwrap_or_default();
        let run = run.unwrap_or_else(|| unseen(hint, scene.now));
        let push = push(scene, hint, &run, &ahead, reading);
        let origin = origin::of(scene.function, &push, ahead.head.as_ref(), push.current);
        let origin = origin.boxed().await?;
        let policies = cases(scene, &push, is_known, reading).boxed().await?;
        explained.push(ExplainedPush {
            push,
            policies,
            origin,
        });
    }
    Ok(explained)
}

fn push(scene: &Scene<'_>, hint: &Hint, run: &Run, ahead: &Ahead, reading: &Reading) -> Push {
    let hint = Hint {
        known: Some(run.clone()),
        ..hint.clone()
    };
    let mut push = pushes::of_run(scene.function, &hint, run);
    let window = pushes::window(&hint, ahead);
    push.chain = window.map(|window| window.chain).unwrap_or_default();
    push.current = reading.tags.get(&hint.tag) == Some(&hint.digest);
    push
}

/// The run of a push that the ledger does not know.
fn unseen(hint: &Hint, now: Time) -> Run {
    Run {
        number: 0,
        digest: hint.digest.clone(),
        order_time: hint.pushed_at,
        told: None,
        seen: now,
    }
}
