//! The spine: one occasion to its outcome, top to bottom, nested by what is shared.
//!
//! repository (policies, loaded once) → image (read once) → push → case. The rooms it calls never
//! call each other.

mod image;

use ecr_promoter_core::event::{Delivery, Select};

use crate::{
    case::Scope,
    closing,
    failure::{Failure, Remedy},
    function::{Function, Invocation},
    occasion::{Asked, Attachment, Hint, Matter, Occasion},
    outcome::Outcomes,
    policies::{self, Policies},
    pushes::{self, BELIEVED_AFTER, subject::Subject},
    queue,
};
use image::image;

/// After so long the image of a referrer that arrived is judged once more.
const ATTACHED_AGAIN: chrono::TimeDelta = chrono::TimeDelta::seconds(30);

/// A repository: its policies are loaded once, and where none is concerned the walk ends here. From
/// then on the delivery's message comes back soon if this invocation is killed.
pub(crate) async fn run(
    function: &Function,
    occasion: &Occasion,
    delivery: &Delivery,
    invocation: &Invocation,
) -> Result<Outcomes, Failure> {
    let repository = &occasion.repository;
    let table = &function.config.policies_table;
    let policies = policies::load(&function.aws, &function.matchers, table, repository).await?;
    let Policies { good, bad } = policies;
    let concerned = occasion.concerned(&good);
    // A person is told of a mistake in the request, whatever the policies.
    if concerned.is_empty() && occasion.asked() == Asked::ByEvent {
        tracing::debug!(%repository, "no policy is concerned");
        return Ok(Outcomes {
            invalid: bad,
            ..Outcomes::default()
        });
    }
    hold_message(function, delivery, invocation).await;
    let scope = Scope {
        function,
        repository,
        policies: &concerned,
        asked: occasion.asked(),
        invocation,
    };
    let mut outcomes = matter(scope, occasion, delivery.round).await?;
    outcomes.invalid = bad;
    Ok(outcomes)
}

async fn matter(scope: Scope<'_>, occasion: &Occasion, round: u32) -> Result<Outcomes, Failure> {
    let Scope {
        function,
        repository,
        policies,
        invocation,
        ..
    } = scope;
    match &occasion.matter {
        Matter::Pushed(pushed) => image(scope, &[pushed.hint(repository)]).await,
        Matter::Scanned { digest } | Matter::Restored { digest } => {
            let hints = pushes::known::around(function, repository, digest).await?;
            images(scope, &hints).await
        }
        Matter::Deleted { digest, told_at } => {
            let what = (digest, *told_at);
            closing::deleted(function, policies, repository, what, invocation).await
        }
        Matter::Attached(attachment) => attached(scope, attachment, round).await,
        Matter::Asked(select) => asked(scope, select).await,
    }
}

async fn hold_message(function: &Function, delivery: &Delivery, invocation: &Invocation) {
    let record = delivery.record.as_ref();
    if let Some(receipt) = record.and_then(|record| record.receipt_handle.as_deref()) {
        let left = invocation.deadline - function.now();
        let left = left.to_std().unwrap_or_default();
        queue::hold(&function.aws, &function.config.queue_url, receipt, left).await;
    }
}

/// Something was attached to an image: its pushes are judged again, now and once more a little later,
/// since ECR's list of referrers may not show it yet.
async fn attached(
    scope: Scope<'_>,
    attachment: &Attachment,
    round: u32,
) -> Result<Outcomes, Failure> {
    let (function, repository) = (scope.function, scope.repository);
    let Attachment {
        referrer,
        subject,
        told_at,
    } = attachment;
    let began = function.now();
    let mut outcomes = Outcomes::default();
    let digest = match pushes::subject::of(function, repository, referrer, subject.as_ref()).await?
    {
        Subject::Image(digest) => digest,
        Subject::Gone if began - *told_at < BELIEVED_AFTER => {
            let why = format!("ECR does not show the referrer {repository}@{referrer} yet");
            outcomes.look_again(*told_at + BELIEVED_AFTER, &why);
            return Ok(outcomes);
        }
        Subject::Gone | Subject::None => {
            tracing::info!(%repository, %referrer, "acknowledged: attached to nothing");
            return Ok(outcomes);
        }
    };
    let hints = pushes::known::around(function, repository, &digest).await?;
    outcomes = images(scope, &hints).await?;
    if round == 0 && !hints.is_empty() {
        let why = format!("what was attached to {repository}@{digest} is looked at once more");
        outcomes.again = None;
        outcomes.look_again(began + ATTACHED_AGAIN, &why);
    }
    Ok(outcomes)
}

/// A person asks: what stands in ECR now is judged.
async fn asked(scope: Scope<'_>, select: &Select) -> Result<Outcomes, Failure> {
    let repository = scope.repository;
    let hints = pushes::asked::hints(scope.function, repository, select).await?;
    if hints.is_empty() {
        let what = match select {
            Select::Tag(tag) => format!("{repository}:{tag}"),
            Select::Digest(digest) => format!("{repository}@{digest}"),
        };
        let said = "no tag of that repository stands on such an image";
        return Err(Failure::new(Remedy::Never, format!("judge {what}"), said));
    }
    if scope.policies.is_empty() {
        return Ok(Outcomes::default());
    }
    images(scope, &hints).await
}

/// Several pushes, an image after the other: one that fails does not keep the others from their turn.
async fn images(scope: Scope<'_>, hints: &[Hint]) -> Result<Outcomes, Failure> {
    let mut outcomes = Outcomes::default();
    for of_one_image in hints.chunk_by(|one, next| one.digest == next.digest) {
        outcomes.add(image(scope, of_one_image).await);
    }
    Ok(outcomes)
}
