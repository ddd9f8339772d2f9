//! One repository: as a source its policies and newest pushes, as a target its tags and where each came from.

use std::{collections::HashMap, sync::Arc};

use axum::extract::{Query, State};
use ecr_promoter::{
    Failure,
    failure::Code,
    ledger::{history::Of, record::Summary},
};
use ecr_promoter_core::{
    Repository, Time,
    decision::Outcome,
    policy::{Policy, PolicyKey, Source},
};
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    Site, frame, history,
    parts::{Screen, image, moment, outcome, outcomes, policy, pushed, text},
    stored,
    trouble::Trouble,
    url,
};
use crate::{
    Failed, deployment,
    page::words::with_short_digests,
    signed::tags,
    stored::{Stored, key, policies_of},
};

/// So many pushes and promoted tags are shown.
const SHOWN_MAX: usize = 50;
/// So many records of a target are looked through for its tags.
const RECORDS_MAX: usize = 200;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Named {
    name: String,
}

pub(super) async fn show(State(site): State<Arc<Site>>, Query(named): Query<Named>) -> Screen {
    let repository =
        deployment::repository(&named.name).map_err(|error| Trouble::asked(error.to_string()))?;
    let now = site.deployment.now();
    let (policies, newest, arrived, tags) = tokio::join!(
        policies(&site, &repository),
        history::newest(&site, Of::Repository(repository.clone()), SHOWN_MAX),
        history::newest(&site, Of::Target(repository.clone(), None), RECORDS_MAX),
        tags::of(&site.deployment.signed.aws.ecr, &repository),
    );
    let (policies, newest, arrived) = (policies?, newest?, arrived?);
    let tags = there(tags, &policies, &newest, &arrived)?;
    let title = text(repository.as_str());
    let main = html! {
        h1 { (title) }
        @if tags.is_none() { p.trouble { "There is no such repository in ECR any more." } }
        h2 { "Policies with this source" }
        (sources(&policies, &newest))
        h2 { "Its newest pushes" }
        @if newest.is_empty() { p { "None that a policy means." } } @else { (outcomes(&newest, now)) }
        h2 { "What was promoted here" }
        (targets(&repository, &arrived, tags.as_ref(), now))
    };
    Ok(frame::searched(&title, &named.name, &main))
}

/// The tags; none where the repository is gone but known, and nothing at all where it is unknown.
fn there(
    tags: Result<Vec<(String, String)>, Failure>,
    policies: &[Stored],
    newest: &[Summary],
    arrived: &[Summary],
) -> Result<Option<HashMap<String, String>>, Trouble> {
    match tags {
        Ok(tags) => Ok(Some(tags.into_iter().collect())),
        Err(failure) if *failure.code() == Code::RepositoryNotFound => {
            let known = !(policies.is_empty() && newest.is_empty() && arrived.is_empty());
            if known { Ok(None) } else { Err(failure.into()) }
        }
        Err(failure) => Err(failure.into()),
    }
}

async fn policies(site: &Site, repository: &Repository) -> Result<Vec<Stored>, Trouble> {
    let dynamodb = &site.deployment.signed.aws.dynamodb;
    let mut all = Vec::new();
    for source in Source::levels(repository) {
        let some = policies_of(dynamodb, &site.policies, &source).await;
        all.extend(some.map_err(Failed::from)?);
    }
    Ok(all)
}

fn sources(policies: &[Stored], newest: &[Summary]) -> Markup {
    let last = |key: &PolicyKey| {
        let words = key.to_string();
        newest.iter().find(|summary| summary.policy == words)
    };
    html! {
        @if policies.is_empty() { p { "None." } } @else {
            table {
                thead { tr { th { "Policy" } th { "State" } th { "Last outcome" } } }
                tbody {
                    @for stored in policies {
                        @if let Some(key) = key(&stored.node) {
                            tr {
                                td data-label="Policy" { a href=(url::policy(&key)) { (text(&key.to_string())) } }
                                td data-label="State" { (stored::badge_of(&Policy::parse(&stored.node))) }
                                td data-label="Last outcome" {
                                    @match last(&key) {
                                        Some(summary) => { (outcome(summary.outcome)) " " (pushed(summary)) },
                                        None => "–",
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The newest promotion of each tag, and what became of it since.
fn targets(
    repository: &Repository,
    arrived: &[Summary],
    tags: Option<&HashMap<String, String>>,
    now: Time,
) -> Markup {
    let mut newest: Vec<(&str, &Summary)> = Vec::new();
    for summary in arrived
        .iter()
        .filter(|summary| summary.outcome == Outcome::Promoted)
    {
        if let Some(target) = summary.target.as_deref()
            && newest.iter().all(|(seen, _)| *seen != target)
        {
            newest.push((target, summary));
        }
    }
    html! {
        @if newest.is_empty() { p { "Nothing." } } @else {
            table {
                thead { tr { th { "Tag" } th { "Came from" } th { "Policy" } th { "When" } th { "Now" } } }
                tbody {
                    @for (target, summary) in newest.iter().take(SHOWN_MAX) {
                        tr {
                            td data-label="Tag" { (image(target)) }
                            td data-label="Came from" { (pushed(summary)) }
                            td data-label="Policy" { (policy(&summary.policy)) }
                            td data-label="When" { (moment(summary.at, now)) }
                            td data-label="Now" { (since(target, &summary.digest, tags)) }
                        }
                    }
                }
            }
            @if newest.len() > SHOWN_MAX || arrived.len() == RECORDS_MAX {
                p.note { "These are the newest. " code { "promoter history --target " (text(repository.as_str())) } " lists all." }
            }
        }
    }
}

/// What a person, or a lifecycle rule, changed since.
fn since(target: &str, digest: &str, tags: Option<&HashMap<String, String>>) -> String {
    let tag = target.rsplit_once(':').map_or(target, |(_, tag)| tag);
    match tags.map(|tags| tags.get(tag)) {
        Some(Some(on)) if on == digest => format!("stands on {}", with_short_digests(digest)),
        Some(Some(on)) => format!("was moved to {}", with_short_digests(on)),
        Some(None) => "was deleted".to_owned(),
        None => "–".to_owned(),
    }
}
