//! Policies as they are stored, with their mistakes; and how many dead letters there are.

use aws_sdk_sqs::types::QueueAttributeName;
use ecr_promoter::Failure;
use ecr_promoter_core::policy::{Policy, PolicyError, PolicyKey};

use super::{Site, trouble::Trouble};
use crate::{
    Failed,
    stored::{Stored, all_policies, key},
};

/// A policy that promotes nothing before somebody mends it.
pub(super) struct Invalid {
    pub(super) key: PolicyKey,
}

/// How a policy is, in a word.
pub(super) struct State {
    pub(super) word: &'static str,
    pub(super) kind: &'static str,
}

/// The policies with a mistake.
pub(super) async fn invalid(site: &Site) -> Result<Vec<Invalid>, Trouble> {
    let stored = all_policies(&site.deployment.signed.aws.dynamodb, &site.policies).await;
    let stored = stored.map_err(Failed::from)?;
    let invalid = stored
        .iter()
        .filter(|stored| Policy::parse(&stored.node).is_err());
    Ok(invalid
        .filter_map(|stored| {
            Some(Invalid {
                key: key(&stored.node)?,
            })
        })
        .collect())
}

/// Whether it promotes, or what keeps it from that.
pub(super) fn state(judged: &Result<Policy, Vec<PolicyError>>) -> State {
    let (word, kind) = match judged {
        Err(_) => ("invalid", "failed"),
        Ok(policy) if !policy.enabled => ("disabled", "skipped"),
        Ok(policy) if policy.dry_run => ("dry run", "awaiting"),
        Ok(_) => ("enabled", "promoted"),
    };
    State { word, kind }
}

/// What the core makes of a document: a policy, or its mistakes.
pub(super) fn judged(stored: &Stored) -> Result<Policy, Vec<PolicyError>> {
    Policy::parse(&stored.node)
}

/// How many messages the function gave up, where somebody said in which queue they are.
pub(super) async fn dead_letters(site: &Site) -> Result<Option<u64>, Trouble> {
    let Some(url) = &site.dead_letters else {
        return Ok(None);
    };
    let name = QueueAttributeName::ApproximateNumberOfMessages;
    let asked = site.deployment.signed.aws.sqs.get_queue_attributes();
    let answer = asked
        .queue_url(url)
        .attribute_names(name.clone())
        .send()
        .await;
    let answer =
        answer.map_err(|error| Failure::own(format!("count the dead letters of {url}"), &error))?;
    let count = answer.attributes().and_then(|all| all.get(&name));
    Ok(count.and_then(|count| count.parse().ok()))
}
