//! `promoter explain`: why an image was promoted or not, what it waits for, and the least that would let it through.
//!
//! The function's own readers and rules, with the permissions of the person who runs the command; nothing is written.
//! [`status`] says how it stands and what to do, [`document`] says it to programs, [`table`] to people.

use std::{process::ExitCode, time::Duration};

use clap::Args;
use ecr_promoter::Explanation;

use crate::{
    Failed,
    asked::Asked,
    deployment::{Deployment, Tables},
    page::{Page, json},
    signed::missing,
};
use status::Status;

pub(crate) mod document;
mod near;
pub(crate) mod nearest;
pub(crate) mod status;
mod table;

/// How often an image is looked at that is followed.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// What `promoter explain` explains.
#[derive(Debug, Args)]
#[expect(
    clippy::doc_markdown,
    reason = "people read these lines in a terminal, where backticks are noise"
)]
pub(crate) struct Choices {
    /// The image: its repository and tag, digest or both, or its whole URI; the tag is "latest" where
    /// none is given
    #[arg(value_name = "REPOSITORY[:TAG][@DIGEST]", value_parser = Asked::parse)]
    image: Asked,
    /// Print a document in place of tables; docs/explain.schema.json is its schema
    #[arg(long)]
    json: bool,
    /// Look again until it waits for nothing any more
    #[arg(long)]
    watch: bool,
    /// What may go where, as the function's PROMOTION_PATHS says it; without it everything may
    #[arg(long, value_name = "dev/* => qa/*", env = "PROMOTION_PATHS")]
    paths: Option<String>,
    #[command(flatten)]
    tables: Tables,
}

/// Explains, and says by its exit status how it stands.
pub(crate) async fn run(choices: &Choices) -> Result<ExitCode, Failed> {
    let deployment = choices.tables.open(choices.paths.as_deref()).await?;
    let mut shown = None;
    loop {
        let told = told(&deployment, &choices.tables.policies, &choices.image).await;
        let told = told.map_err(|failed| choices.tables.explained(failed))?;
        let document =
            document::Document::of(&told.explanation, &told.near, choices.paths.as_deref());
        // What only grew older is not news.
        let news = document.news();
        if shown.as_ref() != Some(&news) {
            if choices.json {
                json::print(&mut anstream::stdout().lock(), &document)?;
            } else {
                table::print(
                    &mut Page::stdout(),
                    &choices.image,
                    &document,
                    &told.explanation,
                )?;
            }
            shown = Some(news);
        }
        if !choices.watch || document.status != Status::Waiting {
            hidden(&told.explanation)?;
            return Ok(document.status.exit());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// What there is to say of the image.
pub(crate) struct Told {
    pub(crate) explanation: Explanation,
    /// Where no policy applies: those that nearly do.
    pub(crate) near: near::Near,
}

/// Looks; `policies` is the table of policies.
pub(crate) async fn told(
    deployment: &Deployment,
    policies: &str,
    asked: &Asked,
) -> Result<Told, Failed> {
    let Deployment { signed, function } = deployment;
    signed.owns(asked)?;
    let select = asked
        .select()
        .ok_or("neither a tag nor a digest is given")?;
    let explanation = match function.explain(&asked.repository, &select).await {
        Ok(explanation) => explanation,
        Err(failure) => {
            let missing = missing::of(&signed.aws.ecr, &signed.registry, asked).await;
            return Err(missing.map_or_else(|| failure.into(), Failed::from));
        }
    };
    let near = if explanation.policies == 0 && explanation.invalid.is_empty() {
        near::of(&signed.aws.dynamodb, policies, &asked.repository).await
    } else {
        near::Near::default()
    };
    Ok(Told { explanation, near })
}

/// What an administrator has to mend is no answer about the image.
fn hidden(explanation: &Explanation) -> Result<(), Failed> {
    let failures: Vec<String> = explanation
        .failures
        .iter()
        .map(ToString::to_string)
        .collect();
    if failures.is_empty() {
        Ok(())
    } else {
        Err(failures.join("; ").into())
    }
}
