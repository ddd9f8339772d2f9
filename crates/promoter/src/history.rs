//! `promoter history`: what became of pushes, the newest first.

use std::{process::ExitCode, time::Duration};

use clap::{Args, ValueEnum};
use ecr_promoter::ledger::{
    history::{self, HistoryPage, Of, PAGE_MAX, Wanted},
    record::Summary,
};
use ecr_promoter_core::{Repository, Tag, Time, decision::Outcome, policy::PolicyKey};
use serde_json::json;

use crate::{
    Failed,
    deployment::{Deployment, Tables, policy, repository},
    page::{Page, json},
    when::{Since, clock},
};

/// The version of the document's shape.
const VERSION: u32 = 1;
/// How often a history is looked at that is followed.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Whose history is shown.
#[derive(Debug, Args)]
pub(crate) struct Choices {
    /// Only pushes of this source repository
    #[arg(long, value_name = "REPOSITORY", value_parser = repository)]
    repository: Option<Repository>,
    /// Only what this policy made of them
    #[arg(long, value_name = "SOURCE NAME", value_parser = policy)]
    policy: Option<PolicyKey>,
    /// Only what went, or was to go, to this target repository, or to one tag of it
    #[arg(long, value_name = "REPOSITORY[:TAG]", value_parser = target)]
    target: Option<Target>,
    /// Nothing older: a day, a time, or how long ago (90m, 36h, 7d)
    #[arg(long, value_name = "TIME", value_parser = Since::parse)]
    since: Option<Since>,
    /// Only these outcomes
    #[arg(long, value_name = "OUTCOME", value_enum, value_delimiter = ',')]
    outcome: Vec<OutcomeWord>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = limit)]
    limit: usize,
    /// Where the page before ended, as it says itself
    #[arg(long, value_name = "PLACE")]
    after: Option<String>,
    /// Print a document in place of a table; docs/history.schema.json is its schema
    #[arg(long)]
    json: bool,
    /// Go on with what comes, a line or a document each
    #[arg(long, conflicts_with = "after")]
    watch: bool,
    #[command(flatten)]
    tables: Tables,
}

/// A target repository, or one tag of it.
#[derive(Debug, Clone)]
struct Target(Repository, Option<Tag>);

/// An outcome as the options name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutcomeWord {
    Promoted,
    Held,
    Awaiting,
    Skipped,
    Failed,
}

impl From<OutcomeWord> for Outcome {
    fn from(word: OutcomeWord) -> Self {
        match word {
            OutcomeWord::Promoted => Self::Promoted,
            OutcomeWord::Held => Self::Held,
            OutcomeWord::Awaiting => Self::Awaiting,
            OutcomeWord::Skipped => Self::Skipped,
            OutcomeWord::Failed => Self::Failed,
        }
    }
}

fn target(text: &str) -> Result<Target, String> {
    let error = |error: ecr_promoter_core::reference::ReferenceError| error.to_string();
    match text.trim().rsplit_once(':') {
        Some((repository, tag)) => Ok(Target(
            Repository::parse(repository).map_err(error)?,
            Some(Tag::parse(tag).map_err(error)?),
        )),
        None => Ok(Target(Repository::parse(text.trim()).map_err(error)?, None)),
    }
}

/// How many a page may have.
pub(crate) fn limit(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if (1..=PAGE_MAX).contains(&number) => Ok(number),
        _ => Err(format!("expected a number from 1 to {PAGE_MAX}")),
    }
}

/// Shows a page, or goes on with what comes.
pub(crate) async fn run(choices: &Choices) -> Result<ExitCode, Failed> {
    let deployment = choices.tables.open(None).await?;
    let page = choices.page(&deployment, choices.after.as_deref()).await?;
    choices.show(&page)?;
    if choices.watch {
        choices.follow(&deployment, &page).await?;
    }
    Ok(ExitCode::SUCCESS)
}

impl Choices {
    /// The index that narrows it most; the rest is left out of what it brings.
    fn of(&self) -> Of {
        match (&self.target, &self.policy, &self.repository) {
            (Some(Target(repository, tag)), ..) => Of::Target(repository.clone(), tag.clone()),
            (None, Some(policy), _) => Of::Policy(policy.clone()),
            (None, None, Some(repository)) => Of::Repository(repository.clone()),
            (None, None, None) => Of::Everything,
        }
    }

    async fn page(
        &self,
        deployment: &Deployment,
        after: Option<&str>,
    ) -> Result<HistoryPage, Failed> {
        let outcomes: Vec<Outcome> = self.outcome.iter().map(|word| (*word).into()).collect();
        let now = deployment.now();
        let of = self.of();
        let wanted = Wanted {
            since: self.since.map(|since| since.before(now)),
            after,
            limit: self.limit,
            outcomes: &outcomes,
            repository: match of {
                Of::Repository(_) => None,
                _ => self.repository.as_ref(),
            },
            policy: match of {
                Of::Policy(_) => None,
                _ => self.policy.as_ref(),
            },
            of,
            now,
        };
        let (ledger, registry) = (deployment.function.ledger(), &deployment.signed.registry);
        let page = history::page(ledger, registry, &wanted).await;
        page.map_err(|failure| self.tables.told(failure))
    }

    fn show(&self, page: &HistoryPage) -> Result<(), Failed> {
        if self.json {
            let document = json!({
                "version": VERSION, "records": page.summaries, "next": page.next,
            });
            json::print(&mut anstream::stdout().lock(), &document)?;
            return Ok(());
        }
        let mut out = Page::stdout();
        if page.summaries.is_empty() && !self.watch {
            out.line(self.nothing(page))?;
        }
        let rows: Vec<_> = page.summaries.iter().map(row).collect();
        out.table(&["UTC", "OUTCOME", "IMAGE", "POLICY", "WHAT"], &rows)?;
        if let Some(next) = page.next.as_ref().filter(|_| !self.watch) {
            out.line(format!("older ones: --after {next}"))?;
        }
        Ok(())
    }

    fn nothing(&self, page: &HistoryPage) -> String {
        let everything =
            self.target.is_none() && self.policy.is_none() && self.repository.is_none();
        if page.next.is_some() {
            "nothing among those that were looked at".to_owned()
        } else if everything && self.since.is_none() {
            let days = history::EVERYTHING_SINCE.num_days();
            format!("nothing was recorded in the last {days} days; --since looks further back")
        } else {
            let named = [
                self.target
                    .as_ref()
                    .map(|Target(repository, tag)| match tag {
                        Some(tag) => format!("for the target {repository}:{tag}"),
                        None => format!("for the target {repository}"),
                    }),
                self.repository
                    .as_ref()
                    .map(|name| format!("from the repository {name}")),
                self.policy
                    .as_ref()
                    .map(|key| format!("by the policy {key}")),
            ];
            let named: Vec<String> = named.into_iter().flatten().collect();
            format!("nothing was recorded {}", named.join(" "))
                .trim_end()
                .to_owned()
        }
    }

    /// Shows what is newer than all that was shown, forever.
    async fn follow(&self, deployment: &Deployment, first: &HistoryPage) -> Result<(), Failed> {
        let mut shown: Vec<String> = ids(&first.summaries);
        let mut newest: Option<Time> = first.summaries.first().map(|summary| summary.at);
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let mut page = self.page(deployment, None).await?;
            page.next = None;
            let is_new = |summary: &Summary| {
                !shown.contains(&summary.id) && newest.is_none_or(|newest| summary.at >= newest)
            };
            page.summaries.retain(is_new);
            if page.summaries.is_empty() {
                continue;
            }
            // Each line comes after those before it.
            page.summaries.reverse();
            newest = page.summaries.last().map(|summary| summary.at);
            shown.extend(ids(&page.summaries));
            let forget = shown.len().saturating_sub(PAGE_MAX);
            shown.drain(..forget);
            self.show(&page)?;
        }
    }
}

fn ids(summaries: &[Summary]) -> Vec<String> {
    summaries.iter().map(|summary| summary.id.clone()).collect()
}

fn row(summary: &Summary) -> Vec<String> {
    let what = match (&summary.target, summary.outcome) {
        (Some(target), Outcome::Promoted) => format!("to {target}"),
        _ => summary.reason.clone(),
    };
    vec![
        clock(summary.at),
        summary.outcome.to_string(),
        summary.source.clone(),
        summary.policy.clone(),
        what,
    ]
}
