//! `promoter retry`: has the function judge images again, by direct invocations, as a person asks for it.
//!
//! What is judged and promoted is the function's own affair; here it is only chosen which images are asked for.

use std::process::ExitCode;

use clap::Args;
use ecr_promoter_core::{Repository, decision::Outcome, policy::PolicyKey};
use serde_json::{Value, json};

use crate::{
    Failed,
    asked::Asked,
    deployment::{Deployment, Tables, policy, repository},
    page::{Page, json, words::count},
    when::Since,
};
use ask::{Answered, ask};
use chosen::Chosen;
use lambda::Lambda;

mod ask;
mod chosen;
mod lambda;

/// The version of the document's shape.
const VERSION: u32 = 1;

/// Which images are judged again.
#[derive(Debug, Args)]
#[expect(
    clippy::doc_markdown,
    clippy::struct_excessive_bools,
    reason = "people read these lines in a terminal, where backticks are noise; each option is one of its own"
)]
pub(crate) struct Choices {
    /// This image alone
    #[arg(value_name = "REPOSITORY[:TAG][@DIGEST]", value_parser = Asked::parse,
          conflicts_with_all = ["failed", "policy", "repository", "since"])]
    image: Option<Asked>,
    /// Those whose last outcome is failed, and not those that are held or awaiting
    #[arg(long)]
    failed: bool,
    /// Those that this policy judged
    #[arg(long, value_name = "SOURCE NAME", value_parser = policy)]
    policy: Option<PolicyKey>,
    /// Those of this source repository
    #[arg(long, value_name = "REPOSITORY", value_parser = repository)]
    repository: Option<Repository>,
    /// Those of which something was recorded since: a day, a time, or how long ago (90m, 36h, 7d)
    #[arg(long, value_name = "TIME", value_parser = Since::parse)]
    since: Option<Since>,
    /// Promote once more what was promoted and then changed at the target
    #[arg(long)]
    again: bool,
    /// Show which images would be asked for, and ask for none
    #[arg(long)]
    dry_run: bool,
    /// Print a document in place of a table; docs/retry.schema.json is its schema
    #[arg(long)]
    json: bool,
    /// The function's name, as the stack's output FunctionName says it
    #[arg(
        long,
        value_name = "NAME",
        env = "PROMOTER_FUNCTION",
        default_value = "ecr-promoter"
    )]
    function: String,
    #[command(flatten)]
    tables: Tables,
}

/// Asks for each image, and shows the answers.
pub(crate) async fn run(choices: &Choices) -> Result<ExitCode, Failed> {
    let deployment = choices.tables.open(None).await?;
    let (chosen, is_cut) = choices.chosen(&deployment).await?;
    let signed = &deployment.signed;
    let lambda = Lambda::new(&signed.aws.seam, &signed.sdk, &choices.function)?;
    let mut answers = Vec::new();
    for image in &chosen {
        let answer = if choices.dry_run {
            Answered::default()
        } else {
            ask(&lambda, image, choices.again).await?
        };
        answers.push(answer);
    }
    if choices.json {
        let retried = chosen.iter().zip(&answers);
        let retried: Vec<Value> = retried
            .map(|(image, answer)| document(image, answer))
            .collect();
        let document = json!({
            "version": VERSION, "dry_run": choices.dry_run, "retried": retried, "more": is_cut,
        });
        json::print(&mut anstream::stdout().lock(), &document)?;
    } else {
        show(choices, &chosen, &answers, is_cut)?;
    }
    let is_failed = answers.iter().any(Answered::is_failed);
    Ok(if is_failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

impl Choices {
    async fn chosen(&self, deployment: &Deployment) -> Result<(Vec<Chosen>, bool), Failed> {
        if let Some(asked) = &self.image {
            deployment.signed.owns(asked)?;
            let select = asked
                .select()
                .ok_or("neither a tag nor a digest is given")?;
            return Ok((vec![Chosen::of(&asked.repository, &select)], false));
        }
        let is_narrow = self.failed || self.policy.is_some() || self.repository.is_some();
        if !is_narrow && self.since.is_none() {
            return Err("expected an image, or --failed, --policy, --repository or --since".into());
        }
        let wanted = chosen::Sought {
            policy: self.policy.as_ref(),
            repository: self.repository.as_ref(),
            since: self.since.map(|since| since.before(deployment.now())),
            outcomes: self.outcomes(),
        };
        let chosen = chosen::of(deployment, &wanted).await;
        chosen.map_err(|failure| self.tables.told(failure))
    }

    /// With which last outcome an image is asked for again.
    fn outcomes(&self) -> Vec<Outcome> {
        let mut outcomes = vec![Outcome::Failed];
        if !self.failed {
            outcomes.extend([Outcome::Held, Outcome::Awaiting]);
        }
        if self.again {
            outcomes.extend([Outcome::Promoted, Outcome::Skipped]);
        }
        outcomes
    }
}

fn document(image: &Chosen, answer: &Answered) -> Value {
    json!({
        "repository": image.repository, "tag": image.tag, "digest": image.digest,
        "answer": answer.answer, "error": answer.error,
    })
}

fn show(
    choices: &Choices,
    chosen: &[Chosen],
    answers: &[Answered],
    is_cut: bool,
) -> std::io::Result<()> {
    let mut page = Page::stdout();
    if chosen.is_empty() {
        page.line("nothing to ask for")?;
    }
    if choices.dry_run {
        for image in chosen {
            page.row("would ask", image.to_string())?;
        }
    } else {
        let pairs = chosen.iter().zip(answers);
        let rows: Vec<_> = pairs
            .flat_map(|(image, answer)| answer.rows(image))
            .collect();
        page.table(&["IMAGE", "POLICY", "OUTCOME", "REASON"], &rows)?;
    }
    if is_cut {
        let told = count(chosen.len(), "image", "images");
        page.line(format!(
            "only the last {told}; there are more: narrow it by --since or --policy"
        ))?;
    }
    Ok(())
}
