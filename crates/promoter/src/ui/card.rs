//! What one policy makes of one push: a card with its criteria, what broke them, and what can be done.

use ecr_promoter_core::{
    Time,
    decision::{CriterionVerdict, Judgement, Verdict},
    nearest::NearestPass,
};
use maud::{Markup, html};
use serde_json::Value;

use super::{
    parts::{badge, brief, image, moment, text},
    url,
};
use crate::{
    explain::{document::CaseTold, nearest::told, status::Status},
    page::decision::{noted, word},
    when::until,
};

/// The card. `image` is how commands name it.
pub(super) fn show(case: &CaseTold, now: Time) -> Markup {
    html! {
        section.card {
            h3 {
                a href=(url::policy(&case.policy)) { (text(&case.policy.to_string())) } " "
                (badge(kind(case), case.word))
            }
            dl {
                @if let Some(target) = &case.now.target {
                    dt { "Target" } dd { (image(&target.to_string())) }
                }
                dt { "Last" } dd { (last(case, now)) }
                dt { "Now" } dd { (case.now.verdict.as_str()) ": " (brief(&case.now.reason)) }
                dt { "Next" } dd { (text(&case.next)) }
            }
            @if !case.now.criteria.is_empty() { (criteria(&case.now.criteria, now)) }
            @if let Some(pass) = &case.now.nearest_pass {
                @if pass.possible || case.now.verdict != Verdict::Await { (nearest(pass)) }
            }
        }
    }
}

fn kind(case: &CaseTold) -> &'static str {
    match (case.status, case.word) {
        (Status::Promoted, _) => "promoted",
        (Status::Waiting, _) => "awaiting",
        (_, "failed") => "failed",
        (_, "held") => "held",
        _ => "skipped",
    }
}

fn last(case: &CaseTold, now: Time) -> Markup {
    let Some(last) = &case.last else {
        return html! { "not judged yet" };
    };
    let outcome = last
        .decision
        .outcome
        .map_or("under way", |outcome| outcome.as_str());
    html! {
        @if let Some(at) = last.at { (moment(at, now)) " " }
        (outcome) ": " (brief(&last.decision.reason))
        @if let (Some(waits), Some(due)) = (last.waits_for, last.due) {
            "; waits for " (crate::waiting::word(waits)) ", looked at again " (until(due, now))
        }
    }
}

/// Each criterion as a row. Those that are not met are open.
fn criteria(criteria: &[Judgement], now: Time) -> Markup {
    html! {
        ul.criteria {
            @for judgement in criteria {
                li class=(class(judgement.verdict)) {
                    details open[judgement.verdict != CriterionVerdict::Met] {
                        summary {
                            span.mark aria-hidden="true" { (mark(judgement.verdict)) }
                            span { (word(judgement.verdict)) ": " code { (text(&judgement.attribute)) " " (text(&judgement.operator)) " " (text(&judgement.wanted.to_string())) } }
                        }
                        (evidence(judgement, now))
                    }
                }
            }
        }
    }
}

fn evidence(judgement: &Judgement, now: Time) -> Markup {
    html! {
        dl {
            dt { "Seen" }
            dd { (seen(&judgement.seen)) (text(&noted(judgement))) }
            @if !judgement.culprits.is_empty() {
                dt { "By" }
                dd { ul { @for culprit in &judgement.culprits { li { (text(culprit)) } } } }
            }
            @if let Some(origin) = &judgement.origin {
                dt { "Origin" }
                dd { (text(origin)) @if let Some(at) = judgement.at { ", " (moment(at, now)) } }
            }
        }
    }
}

fn seen(seen: &Value) -> String {
    match seen {
        Value::Null => "nothing".to_owned(),
        Value::String(words) => text(words),
        Value::Array(names) => {
            let names = names.iter().map(|name| name.as_str().unwrap_or_default());
            text(&names.collect::<Vec<_>>().join(", "))
        }
        other => text(&other.to_string()),
    }
}

fn nearest(pass: &NearestPass) -> Markup {
    html! {
        h4 { "Nearest: the least that would let it through" }
        @if pass.possible {
            ul { @for change in &pass.changes { li { (text(&told(change))) } } }
        } @else {
            p { "No change to the image would do: " (text(&pass.why)) }
        }
    }
}

fn class(verdict: CriterionVerdict) -> &'static str {
    match verdict {
        CriterionVerdict::Met => "met",
        CriterionVerdict::Broken => "broken",
        CriterionVerdict::Await => "await",
        CriterionVerdict::Unknown => "unknown",
    }
}

fn mark(verdict: CriterionVerdict) -> &'static str {
    match verdict {
        CriterionVerdict::Met => "✓",
        CriterionVerdict::Broken => "✗",
        CriterionVerdict::Await => "…",
        CriterionVerdict::Unknown => "?",
    }
}
