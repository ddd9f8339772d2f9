//! `promoter evidence`: what a policy would see of an image: its scan, findings, components and
//! licenses, each with its origin and age.
//!
//! The function's own readers look, here with the rights of whoever asks. Nothing is written, and no
//! scan is asked for. [`document`] says what was seen, [`table`] shows it to people.

use clap::Args;
use ecr_promoter::{Aws, Config, Failure, Function, Seam, evidence::Look};
use ecr_promoter_core::{Digest, Registry, Repository, Tag, event::Select};

use crate::{
    Failed,
    page::{Page, json},
    refusal::Refusal,
};

mod document;
mod table;

/// The tag of an image that is named without one, as registries' clients have it.
const TAG: &str = "latest";

/// What `promoter evidence` looks at.
#[derive(Debug, Args)]
pub(crate) struct Choices {
    /// The image: REPOSITORY, REPOSITORY:TAG or REPOSITORY@DIGEST, without a registry's host; without
    /// a tag it is the tag "latest"
    #[arg(value_name = "REPOSITORY[:TAG|@DIGEST]", value_parser = image)]
    image: Asked,
    /// Print a document in place of tables; docs/evidence.schema.json is its schema
    #[arg(long)]
    json: bool,
}

/// An image as it is asked for.
#[derive(Debug, Clone)]
struct Asked {
    repository: Repository,
    select: Select,
}

/// What is told below the flags.
pub(crate) const AFTER_HELP: &str = "\
The account is that of AWS's own variables and files: AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL and the
rest. SETTLE_SECONDS, SCAN_MAX_AGE and UNSCANNABLE mean what they mean to the function.

It needs the rights to sts:GetCallerIdentity, ecr:DescribeImages, ecr:BatchGetImage,
ecr:DescribeImageScanFindings, ecr:ListImageReferrers and ecr:GetDownloadUrlForLayer.";

/// Why nothing can be looked at.
#[derive(Debug, thiserror::Error)]
enum EvidenceError {
    /// Nobody said where.
    #[error("no Region is set; set AWS_REGION, or a region in the profile")]
    NoRegion,
    /// The function's variables are wrong.
    #[error("the environment has mistakes: {0}")]
    Environment(String),
    /// The registry's name is none.
    #[error("AWS answered with an account and Region that are none: {0}")]
    Registry(String),
    /// Something was seen, and something else may not be.
    #[error("{0}")]
    Hidden(String),
}

/// Looks and prints; an error also where something may not be looked at.
pub(crate) async fn run(choices: &Choices) -> Result<(), Failed> {
    let config = config(|name| std::env::var(name).ok())?;
    let (function, registry) = function(config).await?;
    let Asked { repository, select } = &choices.image;
    let look = function.look(repository, select).await?;
    let document = document::Document::of(&registry.to_string(), repository, &look);
    print(&document, choices.json)?;
    hidden(&look)
}

fn print(document: &document::Document, json: bool) -> std::io::Result<()> {
    if json {
        json::print(&mut anstream::stdout().lock(), document)
    } else {
        table::print(&mut Page::stdout(), document)
    }
}

/// What an administrator has to mend is no answer about the image.
fn hidden(look: &Look) -> Result<(), Failed> {
    let failures: Vec<String> = look.failures.iter().map(Failure::to_string).collect();
    if failures.is_empty() {
        Ok(())
    } else {
        Err(EvidenceError::Hidden(failures.join("; ")).into())
    }
}

/// The function's terms. What only promoting needs is never used here.
fn config(lookup: impl Fn(&str) -> Option<String>) -> Result<Config, EvidenceError> {
    let get = |name: &str| match name {
        "POLICIES_TABLE" | "PROMOTIONS_TABLE" => Some("unused".to_owned()),
        "PROMOTION_PATHS" => Some("* => *".to_owned()),
        "QUEUE_URL" => Some("https://unused.invalid/".to_owned()),
        "SETTLE_SECONDS" | "SCAN_MAX_AGE" | "UNSCANNABLE" => lookup(name),
        _ => None,
    };
    Config::read(get).map_err(|mistakes| {
        let words: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        EvidenceError::Environment(words.join("; "))
    })
}

/// Clients of whoever asks, and the registry that is theirs.
async fn function(config: Config) -> Result<(Function, Registry), Failed> {
    let seam = Seam::network();
    let sdk = seam.loader().load().await;
    let region = sdk.region().ok_or(EvidenceError::NoRegion)?.to_string();
    let caller = aws_sdk_sts::Client::new(&sdk).get_caller_identity();
    let caller = caller.send().await;
    let caller = caller.map_err(|error| Refusal::of("ask AWS whose credentials these are", &error));
    let account = caller?.account.unwrap_or_default();
    let registry = Registry::new(&account, &region)
        .map_err(|error| EvidenceError::Registry(error.to_string()))?;
    let function = Function::new(config, Aws::new(seam, &sdk), registry.clone());
    Ok((function, registry))
}

fn image(text: &str) -> Result<Asked, String> {
    let (repository, select) = if let Some((repository, digest)) = text.split_once('@') {
        let digest = Digest::parse(digest).map_err(|error| error.to_string())?;
        (repository, Select::Digest(digest))
    } else {
        let (repository, tag) = text.rsplit_once(':').unwrap_or((text, TAG));
        let tag = Tag::parse(tag).map_err(|error| error.to_string())?;
        (repository, Select::Tag(tag))
    };
    let repository = Repository::parse(repository).map_err(|error| error.to_string())?;
    Ok(Asked { repository, select })
}

#[cfg(test)]
mod tests;
