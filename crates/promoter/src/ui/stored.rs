//! Policies as they are stored, with their mistakes; and how many dead letters there are.

use aws_sdk_sqs::types::QueueAttributeName;
use ecr_promoter::Failure;
use ecr_promoter_core::policy::{Policy, PolicyKey};
use maud::Markup;

use super::{Site, parts::badge, trouble::Trouble};
use crate::{
    Failed,
    stored::{all_policies, key, state},
};

/// The policies that promote nothing before somebody mends them.
pub(super) async fn invalid(site: &Site) -> Result<Vec<PolicyKey>, Trouble> {
    let stored = all_policies(&site.deployment.signed.aws.dynamodb, &site.policies).await;
    let mut invalid = stored.map_err(Failed::from)?;
    invalid.retain(|stored| Policy::parse(&stored.node).is_err());
    Ok(invalid
        .iter()
        .filter_map(|stored| key(&stored.node))
        .collect())
}

/// Whether a policy promotes, on the ground of its outcome's colour.
pub(super) fn badge_of<E>(judged: &Result<Policy, E>) -> Markup {
    let kind = match judged {
        Err(_) => "failed",
        Ok(policy) if !policy.enabled => "skipped",
        Ok(policy) if policy.dry_run => "awaiting",
        Ok(_) => "promoted",
    };
    badge(kind, state(judged))
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
