//! The spine: from one occasion to its outcome, top to bottom, nested by what is shared.
//!
//! repository (policies, loaded once) → [`image`] (read once) → push → [`cases`]. Work that is
//! [`open`] names its case. The rooms it calls never call each other.

mod attached;
mod cases;
mod image;
mod open;
mod scope;

use ecr_promoter_core::event::Select;
use futures_util::FutureExt as _;

use crate::{
    closing,
    failure::{Failure, Remedy},
    function::{Errand, Function},
    message,
    occasion::{self, Matter, Occasion},
    outcome::Outcomes,
    policies::{self, Policies},
    promote, pushes,
};
use scope::Scope;

/// A repository: its policies are loaded once, and if none applies the walk ends here.
pub(crate) async fn run(
    function: &Function,
    occasion: &Occasion,
    errand: Errand<'_>,
) -> Result<Outcomes, Failure> {
    let repository = &occasion.repository;
    match &occasion.matter {
        Matter::Open(id) => {
            let look = open::look(function, id, errand).boxed();
            message::hidden_while_it_goes_on(function, errand, look).await
        }
        Matter::Head(target) => {
            let look = promote::look(function, target).boxed();
            let looked = message::hidden_while_it_goes_on(function, errand, look).await;
            looked.map(|()| Outcomes::default())
        }
        Matter::Deleted { digest, told_at } => {
            let image = function.image(repository, digest);
            let open = closing::open_cases(function, &image).await?;
            if open.is_empty() {
                return Ok(Outcomes::default());
            }
            let closed = closing::deleted(function, (&image, *told_at), open, errand.invocation);
            message::hidden_while_it_goes_on(function, errand, closed.boxed()).await
        }
        _ => judged(function, occasion, errand).boxed().await,
    }
}

/// What policies are asked about.
async fn judged(
    function: &Function,
    occasion: &Occasion,
    errand: Errand<'_>,
) -> Result<Outcomes, Failure> {
    let (repository, store, now) = (&occasion.repository, &function.policies, function.now());
    if let Matter::Pushed(pushed) = &occasion.matter
        && policies::none_means(store, (repository, &pushed.tag), pushed.told_at, now)
    {
        tracing::debug!(%repository, "no policy applies, by a read after the push");
        return Ok(Outcomes::default());
    }
    let Policies { good, bad } = policies::load(store, repository, now).await?;
    let concerned = occasion.concerned(&good);
    let by_hand = occasion.asked().is_by_hand();
    // A person sees a mistake in the request, whatever the policies.
    if concerned.is_empty() && !by_hand {
        tracing::debug!(%repository, "no policy applies");
        return Ok(Outcomes {
            invalid: bad,
            ..Outcomes::default()
        });
    }
    let scope = Scope {
        function,
        repository,
        policies: &concerned,
        asked: occasion.asked(),
        errand,
    };
    let work = matter(scope, occasion).boxed();
    let mut outcomes = message::hidden_while_it_goes_on(function, errand, work).await?;
    outcomes.invalid = bad;
    Ok(outcomes)
}

async fn matter(scope: Scope<'_>, occasion: &Occasion) -> Result<Outcomes, Failure> {
    let Scope {
        function,
        repository,
        ..
    } = scope;
    match &occasion.matter {
        Matter::Pushed(pushed) => image::look(scope, &[pushed.hint(repository)]).boxed().await,
        Matter::Scanned { digest } | Matter::Restored { digest } => {
            let hints = pushes::known::around(function, repository, digest).await?;
            image::look_at_each(scope, &hints).await
        }
        Matter::Attached(attachment) => attached::look(scope, attachment).await,
        Matter::Asked { select, .. } => asked(scope, select).await,
        Matter::Found(found) => {
            image::look(scope, &[occasion::hint_of(found)])
                .boxed()
                .await
        }
        Matter::Open(_) | Matter::Head(_) | Matter::Deleted { .. } => Ok(Outcomes::default()),
    }
}

/// A person asks: what is in ECR now is judged.
async fn asked(scope: Scope<'_>, select: &Select) -> Result<Outcomes, Failure> {
    let repository = scope.repository;
    let hints = pushes::asked::hints(scope.function, repository, select).await?;
    if hints.is_empty() {
        let what = match select {
            Select::Tag(tag) => format!("{repository}:{tag}"),
            Select::Digest(digest) => format!("{repository}@{digest}"),
        };
        let said = "no tag of the repository points to this image";
        return Err(Failure::new(Remedy::Never, format!("judge {what}"), said));
    }
    if scope.policies.is_empty() {
        return Ok(Outcomes::default());
    }
    image::look_at_each(scope, &hints).await
}
