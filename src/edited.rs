//! A policy that somebody edited: it is checked where it is edited, its status is written into its item,
//! a mistake is announced, and its open and held cases are looked at again.
//!
//! The item is trusted, not the record of the stream.

mod check;
mod status;
mod wake;

use ecr_promoter_core::{
    event::{PolicyCases, PolicyEdit},
    policy::PolicyKey,
};

use crate::{failure::Failure, finish::announce, function::Function, ledger::walk, policies};
use check::Checked;
use status::Noted;

/// A policy that is edited again and again while it is checked is left to the records of those edits.
const ROUNDS_MAX: usize = 5;

/// Checks a policy that was edited, and wakes its cases.
pub(crate) async fn saved(function: &Function, edit: &PolicyEdit) -> Result<(), Failure> {
    if !edit.is_new {
        // It is gone, or what is new is the status, which is our own.
        return Ok(());
    }
    let Some(checked) = checked(function, edit).await? else {
        return Ok(());
    };
    seen(function, &edit.policy.source).await?;
    if !checked.is_judging {
        return Ok(());
    }
    woken(function, &edit.policy, None).await
}

/// Notes since when the policies of a source are as they are: what was pushed before that is not for them.
async fn seen(function: &Function, source: &str) -> Result<(), Failure> {
    let policies = policies::at(&function.policies, &[source.to_owned()], function.now()).await?;
    if let Some(present) = policies.present().get(source) {
        let (ledger, registry) = (&function.ledger, &function.registry);
        walk::first_seen(ledger, registry, source, present, function.now()).await?;
    }
    Ok(())
}

/// Makes some cases of a policy due, and sends for the others.
pub(crate) async fn woken(
    function: &Function,
    policy: &PolicyKey,
    after: Option<&str>,
) -> Result<(), Failure> {
    let Some(after) = wake::some(function, policy, after).await? else {
        return Ok(());
    };
    let more = PolicyCases {
        policy: policy.clone(),
        after: Some(after),
    };
    wake::send(function, &more).await
}

/// The policy as it was checked last; `None` if there is none any more.
async fn checked(function: &Function, edit: &PolicyEdit) -> Result<Option<Checked>, Failure> {
    let key = &edit.policy;
    let mut item = policies::item(&function.policies.table, key).await?;
    for _ in 0..ROUNDS_MAX {
        let Some(document) = &item else {
            return Ok(None);
        };
        let checked = check::check(function, key, document).await?;
        // Announced before it is written down: an invocation that dies in between repeats it under the same id.
        if !checked.errors.is_empty() && !status::says(document, &checked) {
            announce::invalid(function, edit, &checked.errors).await?;
        }
        match status::write(function, key, document, &checked).await? {
            Noted::Done => {
                let (state, message) = (checked.state(), &checked.message);
                tracing::info!(policy = %key, state, said = %message, "checked an edited policy");
                return Ok(Some(checked));
            }
            Noted::Edited(now) => item = now,
        }
    }
    Ok(None)
}
