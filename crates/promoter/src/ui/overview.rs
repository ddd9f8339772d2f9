//! The first screen: what the last day came to, what is wrong, the newest outcomes, and their filters.

use std::sync::Arc;

use axum::extract::{Query, State};
use clap::ValueEnum as _;
use ecr_promoter::ledger::{
    history::HistoryPage,
    record::Summary,
    waiting::{self, OpenWanted, WaitingPage},
};
use ecr_promoter_core::{decision::Outcome, policy::PolicyKey};
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    Site, frame,
    history::{self, COUNTED_MAX, Narrowed},
    parts::{Screen, outcomes, text},
    stored,
    trouble::Trouble,
    url,
};
use crate::{history::OutcomeWord, when::Since};

/// So many invalid policies are named.
const NAMED_MAX: usize = 10;

/// The filters, as the form sends them; what is empty narrows nothing.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Filters {
    outcome: String,
    repository: String,
    policy: String,
    since: String,
    after: String,
}

pub(super) async fn show(State(site): State<Arc<Site>>, Query(filters): Query<Filters>) -> Screen {
    let narrowed = filters.read()?;
    let now = site.deployment.now();
    let (told, open, invalid, dead) = tokio::join!(
        history::told(&site, &narrowed, &filters.after, now),
        open(&site),
        stored::invalid(&site),
        stored::dead_letters(&site),
    );
    let ((day, listed), open) = (told?, open?);
    let main = html! {
        h1.hidden { "Overview" }
        (strip(&invalid?, dead?))
        (tiles(&day, &open))
        h2 { "What happened" }
        (form(&filters))
        @if listed.summaries.is_empty() { (nothing(&filters, &day)) } @else { (outcomes(&listed.summaries, now)) }
        @if let Some(next) = &listed.next { p { a href=(filters.after(next)) { "Older" } } }
    };
    Ok(frame::page("Overview", &main))
}

impl Filters {
    fn read(&self) -> Result<Narrowed, Trouble> {
        let outcomes = match self.outcome.as_str() {
            "" => Vec::new(),
            word => vec![OutcomeWord::from_str(word, true).map_err(|_| {
                Trouble::asked(format!(
                    "expected an outcome (promoted, held, awaiting, skipped or failed), found {word:?}"
                ))
            })?.into()],
        };
        let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let repository = some(&self.repository).map(|text| crate::deployment::repository(&text));
        let policy = some(&self.policy).map(|text| crate::deployment::policy(&text));
        let since = some(&self.since).map(|text| Since::parse(&text));
        Ok(Narrowed {
            outcomes,
            repository: repository
                .transpose()
                .map_err(|error| Trouble::asked(error.to_string()))?,
            policy: policy.transpose().map_err(Trouble::asked)?,
            since: since.transpose().map_err(Trouble::asked)?,
        })
    }

    /// The same filters, from a place on.
    fn after(&self, after: &str) -> String {
        let query = [
            ("outcome", self.outcome.as_str()),
            ("repository", &self.repository),
            ("policy", &self.policy),
            ("since", &self.since),
            ("after", after),
        ];
        url::of("", &query)
    }

    fn is_empty(&self) -> bool {
        [&self.outcome, &self.repository, &self.policy, &self.since]
            .iter()
            .all(|filter| filter.is_empty())
    }
}

async fn open(site: &Site) -> Result<WaitingPage, Trouble> {
    let wanted = OpenWanted {
        repository: None,
        policy: None,
        after: None,
        limit: COUNTED_MAX,
    };
    Ok(waiting::page(site.deployment.function.ledger(), &wanted).await?)
}

/// What somebody has to mend.
fn strip(invalid: &[PolicyKey], dead: Option<u64>) -> Markup {
    let more = invalid.len().saturating_sub(NAMED_MAX);
    html! {
        @if !invalid.is_empty() || dead.is_some_and(|dead| dead > 0) {
            section.strip role="alert" {
                @if !invalid.is_empty() {
                    p {
                        strong { (invalid.len()) @if invalid.len() == 1 { " policy has" } @else { " policies have" } " a mistake and promote nothing: " }
                        @for key in invalid.iter().take(NAMED_MAX) { a href=(url::policy(key)) { (text(&key.to_string())) } " " }
                        @if more > 0 { "and " (more) " more; promoter policy list names all" }
                    }
                }
                @if let Some(dead) = dead.filter(|dead| *dead > 0) {
                    p { strong { (dead) } " dead letters wait for somebody to look at them: docs/failures.md says how." }
                }
            }
        }
    }
}

fn tiles(day: &HistoryPage, open: &WaitingPage) -> Markup {
    let cut = day.next.is_some();
    let count = |outcome: Outcome| {
        let of = |summary: &&Summary| summary.outcome == outcome;
        number(day.summaries.iter().filter(of).count(), cut)
    };
    let tile = |kind: &str, word: &str, count: &str, to: &str| {
        html! { a class={ "tile " (kind) } href=(to) { strong { (count) } span { (word) } } }
    };
    let of_day = |outcome: &str| url::of("", &[("outcome", outcome), ("since", "24h")]);
    html! {
        nav.tiles aria-label="The last 24 hours" {
            (tile("promoted", "promoted", &count(Outcome::Promoted), &of_day("promoted")))
            (tile("held", "held", &count(Outcome::Held), &of_day("held")))
            (tile("awaiting", "waiting now", &number(open.waiting.len(), open.next.is_some()), "/ui/waiting"))
            (tile("failed", "failed", &count(Outcome::Failed), &of_day("failed")))
        }
        p.note { "Of the last 24 hours, but for what waits now." }
    }
}

/// A count, with a sign where it was not counted to the end.
fn number(count: usize, cut: bool) -> String {
    if cut && count >= COUNTED_MAX {
        "1,000+".to_owned()
    } else if cut {
        format!("{count}+")
    } else {
        count.to_string()
    }
}

fn form(filters: &Filters) -> Markup {
    html! {
        form.filters action=(url::OVERVIEW) {
            label { "Outcome "
                select name="outcome" {
                    option value="" { "all" }
                    @for word in OutcomeWord::value_variants() {
                        @let word = Outcome::from(*word).as_str();
                        option value=(word) selected[filters.outcome == word] { (word) }
                    }
                }
            }
            label { "Repository " input name="repository" value=(filters.repository) placeholder="dev/website" maxlength="256"; }
            label { "Policy " input name="policy" value=(filters.policy) placeholder="dev/website stable-to-qa" maxlength="400"; }
            label { "Since " input name="since" value=(filters.since) placeholder="24h, 7d, 2026-11-28" maxlength="40"; }
            button { "Filter" }
            @if !filters.is_empty() { a href=(url::OVERVIEW) { "Show all" } }
        }
    }
}

fn nothing(filters: &Filters, day: &HistoryPage) -> Markup {
    html! {
        @if filters.is_empty() && day.summaries.is_empty() {
            p { "Nothing was recorded in the last seven days. Push an image that a policy means, and it shows up here." }
            p { "There is no policy yet? " code { "promoter policy put policies/tag-only.json" } " writes the first one; "
                code { "promoter explain REPOSITORY:TAG" } " says what became of an image." }
        } @else {
            p { "Nothing that fits. Without a time it is looked for in the last seven days." }
        }
    }
}

#[test]
fn counts_say_where_they_stopped() {
    for (count, cut, told) in [
        (0, false, "0"),
        (7, false, "7"),
        (7, true, "7+"),
        (1_000, true, "1,000+"),
        (1_000, false, "1000"),
    ] {
        assert_eq!(number(count, cut), told);
    }
}
