//! The histories that the screens show, with a bounded number of queries each. Nothing is rendered here.

use chrono::TimeDelta;
use ecr_promoter::ledger::{
    history::{self, HistoryPage, Of, Wanted},
    keys,
    record::Summary,
};
use ecr_promoter_core::{Repository, Time, decision::Outcome, policy::PolicyKey};

use super::{Site, trouble::Trouble};
use crate::when::Since;

/// What the tiles are about.
const DAY: TimeDelta = TimeDelta::hours(24);
/// Counted so far, and not further.
pub(super) const COUNTED_MAX: usize = 1_000;
/// So many outcomes are shown at once.
const SHOWN_MAX: usize = 50;

/// What is asked for.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Narrowed {
    pub(super) outcomes: Vec<Outcome>,
    pub(super) repository: Option<Repository>,
    pub(super) policy: Option<PolicyKey>,
    pub(super) since: Option<Since>,
}

/// What the last day came to, and what is listed. Without filters the list begins with that day, and nothing is read twice.
pub(super) async fn told(
    site: &Site,
    narrowed: &Narrowed,
    after: &str,
    now: Time,
) -> Result<(HistoryPage, HistoryPage), Trouble> {
    if *narrowed != Narrowed::default() || !after.is_empty() {
        let listed = listed(site, narrowed, after, SHOWN_MAX, now);
        return tokio::try_join!(day(site, now), listed);
    }
    let day = day(site, now).await?;
    let mut all = day.cut(SHOWN_MAX);
    let left = SHOWN_MAX.saturating_sub(all.summaries.len());
    if left > 0 && all.next.is_none() {
        let before = keys::moment(now - DAY);
        let older = listed(site, narrowed, &before, left, now).await?;
        all.summaries.extend(older.summaries);
        all.next = older.next;
    }
    Ok((day, all))
}

/// The outcomes of a day, as many as are counted.
async fn day(site: &Site, now: Time) -> Result<HistoryPage, Trouble> {
    let wanted = Wanted {
        of: Of::Everything,
        since: Some(now - DAY),
        after: None,
        limit: COUNTED_MAX,
        outcomes: &[],
        repository: None,
        policy: None,
        now,
    };
    page(site, &wanted).await
}

async fn listed(
    site: &Site,
    narrowed: &Narrowed,
    after: &str,
    limit: usize,
    now: Time,
) -> Result<HistoryPage, Trouble> {
    let of = match (&narrowed.policy, &narrowed.repository) {
        (Some(policy), _) => Of::Policy(policy.clone()),
        (None, Some(repository)) => Of::Repository(repository.clone()),
        (None, None) => Of::Everything,
    };
    let wanted = Wanted {
        since: narrowed.since.map(|since| since.before(now)),
        after: Some(after).filter(|after| !after.is_empty()),
        limit,
        outcomes: &narrowed.outcomes,
        repository: narrowed
            .repository
            .as_ref()
            .filter(|_| narrowed.policy.is_some()),
        policy: None,
        of,
        now,
    };
    page(site, &wanted).await
}

/// A page of a history.
pub(super) async fn page(site: &Site, wanted: &Wanted<'_>) -> Result<HistoryPage, Trouble> {
    let (ledger, registry) = (
        site.deployment.function.ledger(),
        &site.deployment.signed.registry,
    );
    Ok(history::page(ledger, registry, wanted).await?)
}

/// The newest of a history, whatever became of it.
pub(super) async fn newest(site: &Site, of: Of, limit: usize) -> Result<Vec<Summary>, Trouble> {
    let wanted = Wanted {
        of,
        since: None,
        after: None,
        limit,
        outcomes: &[],
        repository: None,
        policy: None,
        now: site.deployment.now(),
    };
    Ok(page(site, &wanted).await?.summaries)
}
