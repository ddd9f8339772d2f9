//! `promoter waiting`: open work: what waits, for what, since when, and when it is looked at next.

use std::{process::ExitCode, time::Duration};

use clap::Args;
use ecr_promoter::ledger::{
    cases::Waits,
    waiting::{self, OpenWanted, Waiting, WaitingPage},
};
use ecr_promoter_core::{Repository, Time, event::Work, policy::PolicyKey};
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
    let (image, policy, what) = match &waiting.work {
        Work::Case(case) => (
            format!("{}:{}", case.repository, case.tag),
            case.policy.to_string(),
            waiting.waits.map_or("-", word),
        ),
        Work::Head(target) => (target.to_string(), "-".to_owned(), "a late write"),
        Work::Found(found) => {
            let image = format!("{}:{}", found.repository, found.tag);
            let policies: Vec<String> = found.policies.iter().map(ToString::to_string).collect();
            (image, policies.join(", "), "its first judgement")
        }
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

/// What a case waits for.
pub(crate) fn word(waits: Waits) -> &'static str {
    match waits {
        Waits::Promotion => "its promotion",
        Waits::Evidence => "evidence",
        Waits::Mending => "an administrator",
        Waits::Telling => "an announcement",
    }
}
