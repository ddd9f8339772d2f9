//! Open work: what waits, for what, and when it is looked at next.

use std::sync::Arc;

use axum::extract::{Query, State};
use ecr_promoter::ledger::waiting::{self, OpenWanted, Waiting};
use ecr_promoter_core::Time;
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    Site, frame,
    parts::{Screen, brief, image, moment, policy},
    url,
};
use crate::{
    waiting::{Told, told},
    when::until,
};

/// So much is shown at once.
const SHOWN_MAX: usize = 100;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Place {
    after: String,
}

pub(super) async fn show(State(site): State<Arc<Site>>, Query(place): Query<Place>) -> Screen {
    let now = site.deployment.now();
    let wanted = OpenWanted {
        repository: None,
        policy: None,
        after: Some(place.after.as_str()).filter(|after| !after.is_empty()),
        limit: SHOWN_MAX,
    };
    let page = waiting::page(site.deployment.function.ledger(), &wanted).await?;
    let main = html! {
        h1 { "What waits" }
        @if page.waiting.is_empty() { p { "Nothing waits." } } @else { (table(&page.waiting, now)) }
        @if let Some(next) = &page.next { p { a href=(url::of("waiting", &[("after", next)])) { "More" } } }
    };
    Ok(frame::page("What waits", &main))
}

fn table(all: &[Waiting], now: Time) -> Markup {
    html! {
        table {
            thead { tr { th { "Next look" } th { "Since" } th { "For" } th { "Image" } th { "Policy" } th { "Why" } } }
            tbody {
                @for waiting in all {
                    tr {
                        td data-label="Next look" { (until(waiting.due, now)) }
                        td data-label="Since" { @match waiting.since { Some(since) => (moment(since, now)), None => "–" } }
                        (work(waiting))
                        td data-label="Why" { (brief(&waiting.reason)) }
                    }
                }
            }
        }
    }
}

/// What it waits for, its image and its policies.
fn work(waiting: &Waiting) -> Markup {
    let Told {
        what,
        image: named,
        policies,
    } = told(waiting);
    html! {
        td data-label="For" { (what) }
        td data-label="Image" { (image(&named)) }
        td data-label="Policy" { @for key in policies { (policy(&key.to_string())) " " } @if policies.is_empty() { "–" } }
    }
}
