//! What several screens show alike: outcomes, times, names, lists of outcomes.

use axum::response::Html;
use ecr_promoter::ledger::record::Summary;
use ecr_promoter_core::{Time, decision::Outcome, policy::PolicyKey};
use maud::{Markup, html};

use super::url;
use crate::{
    page::words::{ago, printable, with_short_digests},
    when::clock,
};

/// A rendered screen.
pub(super) type Screen = Result<Html<String>, super::trouble::Trouble>;

/// Strangers' words: what a browser would obey in place of showing is spelt out, markup is escaped by the template.
pub(super) fn text(words: &str) -> String {
    printable(words)
}

/// The same, with digests that people can tell apart.
pub(super) fn brief(words: &str) -> String {
    with_short_digests(&printable(words))
}

/// A word on a coloured ground; the colour says nothing that the word does not.
pub(super) fn badge(kind: &str, word: &str) -> Markup {
    html! { span class={ "badge " (kind) } { (word) } }
}

pub(super) fn outcome(outcome: Outcome) -> Markup {
    badge(outcome.as_str(), outcome.as_str())
}

/// A time, and how long ago that is.
pub(super) fn moment(at: Time, now: Time) -> Markup {
    html! { time datetime=(at.to_rfc3339()) title=(ago((now - at).num_seconds())) { (clock(at)) } }
}

/// A policy as summaries name it, `source name`.
pub(super) fn policy_of(words: &str) -> Option<PolicyKey> {
    let (source, name) = words.split_once(' ')?;
    Some(PolicyKey {
        source: source.to_owned(),
        name: name.to_owned(),
    })
}

pub(super) fn policy(words: &str) -> Markup {
    html! {
        @if let Some(key) = policy_of(words) { a href=(url::policy(&key)) { (text(words)) } } @else { (text(words)) }
    }
}

/// An image by its name, `repository:tag`.
pub(super) fn image(name: &str) -> Markup {
    html! { a href=(url::image(name)) { (text(name)) } }
}

/// The push of a summary: its tag may stand on another image by now.
pub(super) fn pushed(summary: &Summary) -> Markup {
    let to = url::image(&format!("{}@{}", summary.source, summary.digest));
    html! { a href=(to) { (text(&summary.source)) } }
}

/// Outcomes, one line each: time, outcome, image, policy, what.
pub(super) fn outcomes(summaries: &[Summary], now: Time) -> Markup {
    html! {
        table.outcomes {
            thead { tr { th { "Time" } th { "Outcome" } th { "Image" } th { "Policy" } th { "Reason" } th { "Target" } } }
            tbody {
                @for summary in summaries {
                    tr {
                        td data-label="Time" { (moment(summary.at, now)) }
                        td data-label="Outcome" { (outcome(summary.outcome)) }
                        td data-label="Image" { (pushed(summary)) }
                        td data-label="Policy" { (policy(&summary.policy)) }
                        td data-label="Reason" { (brief(&summary.reason)) }
                        td data-label="Target" {
                            @match &summary.target {
                                Some(target) => (image(target)),
                                None => "–",
                            }
                        }
                    }
                }
            }
        }
    }
}
