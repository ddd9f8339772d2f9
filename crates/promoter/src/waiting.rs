//! `promoter waiting`: open work: what waits, for what, since when, and when it is looked at next.

use std::{process::ExitCode, time::Duration};

use clap::Args;
use ecr_promoter::ledger::{
    cases::Waits,
    waiting::{self, OpenWanted, Waiting, WaitingPage},
};
use ecr_promoter_core::{Repository, Tag, Time, event::Work, policy::PolicyKey};
use serde_json::{Value, json};

use crate::{
    Failed,
    deployment::{Deployment, Tables, policy, repository},
    history::limit,
    page::{Page, json, words::ago},
    when::until,
};

/// The version of the document's shape.
const VERSION: u32 = 1;
/// How often open work is looked at that is followed.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Whose open work is shown.
#[derive(Debug, Args)]
pub(crate) struct Choices {
    /// Only what waits of this repository
    #[arg(long, value_name = "REPOSITORY", value_parser = repository)]
    repository: Option<Repository>,
    /// Only what waits under this policy
    #[arg(long, value_name = "SOURCE NAME", value_parser = policy)]
    policy: Option<PolicyKey>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = limit)]
    limit: usize,
    /// Where the page before ended, as it says itself
    #[arg(long, value_name = "PLACE")]
    after: Option<String>,
    /// Print a document in place of a table; docs/waiting.schema.json is its schema
    #[arg(long)]
    json: bool,
    /// Look again until nothing waits any more
    #[arg(long)]
    watch: bool,
    #[command(flatten)]
    tables: Tables,
}

/// Shows a page, or follows what waits.
pub(crate) async fn run(choices: &Choices) -> Result<ExitCode, Failed> {
    let deployment = choices.tables.open(None).await?;
    let mut shown: Option<Vec<Waiting>> = None;
    loop {
        let page = choices.page(&deployment).await?;
        if shown.as_ref() != Some(&page.waiting) {
            choices.show(&page, deployment.now())?;
        }
        if !choices.watch || page.waiting.is_empty() {
            return Ok(ExitCode::SUCCESS);
        }
        shown = Some(page.waiting);
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

impl Choices {
    async fn page(&self, deployment: &Deployment) -> Result<WaitingPage, Failed> {
        let wanted = OpenWanted {
            repository: self.repository.as_ref(),
            policy: self.policy.as_ref(),
            after: self.after.as_deref(),
            limit: self.limit,
        };
        let page = waiting::page(deployment.function.ledger(), &wanted).await;
        page.map_err(|failure| self.tables.told(failure))
    }

    fn show(&self, page: &WaitingPage, now: Time) -> Result<(), Failed> {
        if self.json {
            let waiting: Vec<Value> = page.waiting.iter().map(document).collect();
            let document = json!({"version": VERSION, "waiting": waiting, "next": page.next});
            json::print(&mut anstream::stdout().lock(), &document)?;
            return Ok(());
        }
        let mut out = Page::stdout();
        if page.waiting.is_empty() {
            out.line("nothing waits")?;
        }
        let rows: Vec<_> = page
            .waiting
            .iter()
            .map(|waiting| row(waiting, now))
            .collect();
        out.table(&["NEXT", "SINCE", "FOR", "IMAGE", "POLICY", "WHY"], &rows)?;
        if let Some(next) = &page.next {
            out.line(format!("more: --after \"{next}\""))?;
        }
        Ok(())
    }
}

fn document(waiting: &Waiting) -> Value {
    let (case, head, found) = match &waiting.work {
        Work::Case(case) => (Some(case), None, None),
        Work::Head(head) => (None, Some(head), None),
        Work::Found(found) => (None, None, Some(found)),
    };
    json!({
        "case": case, "head": head, "found": found, "waits_for": waiting.waits, "reason": waiting.reason,
        "since": waiting.since, "due": waiting.due,
    })
}

fn row(waiting: &Waiting, now: Time) -> Vec<String> {
    let since = waiting
        .since
        .map_or_else(|| "-".to_owned(), |since| ago((now - since).num_seconds()));
    let Told {
        what,
        image,
        policies,
    } = told(waiting);
    let policies: Vec<String> = policies.iter().map(ToString::to_string).collect();
    let policy = if policies.is_empty() {
        "-".to_owned()
    } else {
        policies.join(", ")
    };
    vec![
        until(waiting.due, now),
        since,
        what.to_owned(),
        image,
        policy,
        waiting.reason.clone(),
    ]
}

/// A piece of open work in the words of people.
pub(crate) struct Told<'w> {
    /// What it waits for.
    pub(crate) what: &'static str,
    /// Its image, or the target tag, as `repository:tag`.
    pub(crate) image: String,
    /// The policies that judge it; none of a target tag.
    pub(crate) policies: &'w [PolicyKey],
}

pub(crate) fn told(waiting: &Waiting) -> Told<'_> {
    let image = |repository: &Repository, tag: &Tag| format!("{repository}:{tag}");
    match &waiting.work {
        Work::Case(case) => Told {
            what: waiting.waits.map_or("-", word),
            image: image(&case.repository, &case.tag),
            policies: std::slice::from_ref(&case.policy),
        },
        Work::Head(target) => Told {
            what: "a late write",
            image: target.to_string(),
            policies: &[],
        },
        Work::Found(found) => Told {
            what: "its first judgement",
            image: image(&found.repository, &found.tag),
            policies: &found.policies,
        },
    }
}

/// What a case waits for.
pub(crate) fn word(waits: Waits) -> &'static str {
    match waits {
        Waits::Promotion => "its promotion",
        Waits::Evidence => "evidence",
        Waits::Mending => "an administrator",
        Waits::Telling => "an announcement",
        Waits::Exceptions => "the end of an exception",
        Waits::Referrers => "its referrers",
    }
}
