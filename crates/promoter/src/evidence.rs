//! `promoter evidence`: what a policy would see of an image: its scan, findings, components and
//! licenses, each with its origin and age.
//!
//! The function's own readers look, here with the permissions of the person who runs the command. Nothing is
//! written, and no scan is started. [`document`] says what was seen, [`table`] shows it to people.

use clap::Args;
use ecr_promoter::{Config, Failure, Function, Look};

use crate::{
    Failed,
    asked::Asked,
    page::{Page, json},
    signed::{Signed, missing, sign_in},
};

mod document;
mod table;

/// What `promoter evidence` looks at.
#[derive(Debug, Args)]
pub(crate) struct Choices {
    /// The image: repository and tag, digest or both, or its full URI; without a tag or digest, the
    /// tag is "latest"
    #[arg(value_name = "REPOSITORY[:TAG][@DIGEST]", value_parser = Asked::parse)]
    image: Asked,
    /// Print JSON instead of tables; its schema is docs/evidence.schema.json
    #[arg(long)]
    json: bool,
}

/// What `promoter evidence --help` ends with.
pub(crate) const AFTER_HELP: &str = "\
Account, Region and credentials come from AWS's own variables and files: AWS_PROFILE, AWS_REGION, \
AWS_ENDPOINT_URL and so on. SETTLE_SECONDS, SCAN_MAX_AGE and UNSCANNABLE mean what they mean to the \
function.\n\n\
You need permission for ecr:DescribeImages, ecr:BatchGetImage, ecr:DescribeImageScanFindings and \
ecr:GetDownloadUrlForLayer. With ecr:DescribeRepositories and ecr:ListImages, the command suggests the \
nearest name if the repository or tag does not exist.";

/// Why nothing can be looked at.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EvidenceError {
    /// The function's variables are wrong.
    #[error("the environment has mistakes: {0}")]
    Environment(String),
    /// Something was seen, and something else may not be.
    #[error("{0}")]
    Hidden(String),
}

/// Looks and prints; an error also where something may not be looked at.
pub(crate) async fn run(choices: &Choices) -> Result<(), Failed> {
    let config = config(|name| std::env::var(name).ok())?;
    let signed = sign_in().await?;
    let look = look(config, &signed, &choices.image).await?;
    let repository = &choices.image.repository;
    let document = document::Document::of(&signed.registry.to_string(), repository, &look);
    print(&document, choices.json)?;
    hidden(&look)
}

/// Looks at an image as the function would.
pub(crate) async fn look(config: Config, signed: &Signed, asked: &Asked) -> Result<Look, Failed> {
    signed.owns(asked)?;
    let select = asked
        .select()
        .ok_or("neither a tag nor a digest is given")?;
    let function = Function::new(config, signed.aws.clone(), signed.registry.clone());
    match function.look(&asked.repository, &select).await {
        Ok(look) => Ok(look),
        Err(failure) => {
            let missing = missing::of(&signed.aws.ecr, &signed.registry, asked).await;
            Err(missing.map_or_else(|| failure.into(), Failed::from))
        }
    }
}

fn print(document: &document::Document, json: bool) -> std::io::Result<()> {
    if json {
        json::print(&mut anstream::stdout().lock(), document)
    } else {
        table::print(&mut Page::stdout(), document)
    }
}

/// What an administrator has to fix is not an answer about the image.
pub(crate) fn hidden(look: &Look) -> Result<(), Failed> {
    let failures: Vec<String> = look.failures.iter().map(Failure::to_string).collect();
    if failures.is_empty() {
        Ok(())
    } else {
        Err(EvidenceError::Hidden(failures.join("; ")).into())
    }
}

/// The function's terms. What only promoting needs is never used here.
pub(crate) fn config(lookup: impl Fn(&str) -> Option<String>) -> Result<Config, EvidenceError> {
    let or = |name: &str, other: &str| lookup(name).or_else(|| Some(other.to_owned()));
    let get = |name: &str| match name {
        "POLICIES_TABLE" | "PROMOTIONS_TABLE" => or(name, "unused"),
        "PROMOTION_PATHS" => or(name, "* => *"),
        "QUEUE_URL" => Some("https://unused.invalid/".to_owned()),
        "SETTLE_SECONDS" | "SCAN_MAX_AGE" | "UNSCANNABLE" | "CREATE_TARGETS" => lookup(name),
        _ => None,
    };
    Config::read(get).map_err(|mistakes| {
        let words: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        EvidenceError::Environment(words.join("; "))
    })
}

#[cfg(test)]
mod tests;
