//! One policy: its document, its mistakes at their places, and its last outcomes.

use std::sync::Arc;

use axum::extract::{Query, State};
use ecr_promoter::ledger::history::Of;
use ecr_promoter_core::policy::{Policy, PolicyError, PolicyKey};
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    Site, frame, history,
    parts::{Screen, outcomes, text},
    stored::badge_of,
    trouble::Trouble,
};
use crate::{
    Failed,
    stored::{Stored, policy, value},
};

/// So many outcomes are shown.
const SHOWN_MAX: usize = 50;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Named {
    source: String,
    name: String,
}

pub(super) async fn show(State(site): State<Arc<Site>>, Query(named): Query<Named>) -> Screen {
    let key = PolicyKey {
        source: named.source,
        name: named.name,
    };
    if key.source.is_empty() || key.name.is_empty() {
        return Err(Trouble::asked("expected a policy's source and name"));
    }
    let now = site.deployment.now();
    let (stored, made) = tokio::join!(
        policy(&site.deployment.signed.aws.dynamodb, &site.policies, &key),
        history::newest(&site, Of::Policy(key.clone()), SHOWN_MAX),
    );
    let (stored, made) = (stored.map_err(Failed::from)?, made?);
    if stored.is_none() && made.is_empty() {
        return Err(Trouble::missing(format!(
            "there is no policy {key} in the table {:?}",
            site.policies
        )));
    }
    let title = text(&key.to_string());
    let main = html! {
        h1 { (title) }
        @match &stored {
            Some(stored) => (document(stored)),
            None => p.trouble { "It was deleted; this is what it did." },
        }
        h2 { "What it made of pushes" }
        @if made.is_empty() { p { "Nothing yet: it counts from the next push on." } } @else { (outcomes(&made, now)) }
    };
    Ok(frame::page(&title, &main))
}

fn document(stored: &Stored) -> Markup {
    let judged = Policy::parse(&stored.node);
    html! {
        p { (badge_of(&judged)) }
        @if let Err(errors) = &judged { (mistakes(errors)) }
        pre { code { (lines(&format!("{:#}", value(&stored.node)))) } }
    }
}

fn mistakes(errors: &[PolicyError]) -> Markup {
    html! {
        section.strip role="alert" {
            p { strong { "It promotes nothing until this is mended:" } }
            ul { @for error in errors { li { code { (text(&error.place)) } ": " (text(&error.message)) } } }
        }
    }
}

/// A document line by line: its line breaks are ours, what is inside of a line is not.
fn lines(document: &str) -> String {
    document.lines().map(text).collect::<Vec<_>>().join("\n")
}
