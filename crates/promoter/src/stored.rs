//! `promoter policy put | list | diff | delete | test`: policy documents beside those in the table.
//!
//! A document is validated by the core before anything is written, and an item is written only over what was seen of it
//! a moment before. [`table`] reads and writes, [`document`] compares.

use std::{
    io::{IsTerminal as _, Write as _},
    path::PathBuf,
    process::ExitCode,
};

use aws_sdk_dynamodb::Client;
use clap::{Args, Subcommand};
use ecr_promoter_core::{path::Paths, policy::PolicyKey};

use crate::{
    Failed,
    asked::Asked,
    policy::{
        files, folder, paths,
        validate::{self, Good},
    },
    refusal::Refusal,
    signed::sign_in,
};

mod compare;
mod delete;
mod document;
mod list;
mod put;
mod table;
mod trial;

pub(crate) use document::value;
pub(crate) use list::state;
pub(crate) use table::{Stored, key};

/// Every policy of a table, valid or not.
pub(crate) async fn all_policies(dynamodb: &Client, table: &str) -> Result<Vec<Stored>, Refusal> {
    table::Table::new(dynamodb.clone(), table).all(None).await
}

/// The policies of one source, valid or not.
pub(crate) async fn policies_of(
    dynamodb: &Client,
    table: &str,
    source: &str,
) -> Result<Vec<Stored>, Refusal> {
    table::Table::new(dynamodb.clone(), table)
        .all(Some(source))
        .await
}

/// The policy of a key, valid or not.
pub(crate) async fn policy(
    dynamodb: &Client,
    table: &str,
    key: &PolicyKey,
) -> Result<Option<Stored>, Refusal> {
    table::Table::new(dynamodb.clone(), table).get(key).await
}

/// The exit status of `diff` and `test` if there is no answer, as `diff` itself has it.
const NO_ANSWER: u8 = 2;

/// What to do with the policies of a table.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write policy documents to the table
    ///
    /// All documents are validated first; if one has a mistake, none is written. Shows what changes, and asks
    /// before it writes. A policy that somebody else changed in the meantime is left alone. The exit
    /// status is 1 if a policy was not written.
    Put {
        #[command(flatten)]
        documents: Documents,
        #[command(flatten)]
        table: Table,
        /// Write without asking
        #[arg(long, short)]
        yes: bool,
    },
    /// Show the policies in the table, and their mistakes
    List {
        /// Only the policies of this source, such as dev/website or dev/*
        #[arg(value_name = "SOURCE")]
        source: Option<String>,
        #[command(flatten)]
        table: Table,
        /// Print JSON instead of a table; its schema is docs/policies.schema.json
        #[arg(long)]
        json: bool,
    },
    /// Compare policy documents with those in the table
    ///
    /// The exit status is 0 if they are the same, 1 if they differ, and 2 if they cannot be compared.
    Diff {
        #[command(flatten)]
        documents: Documents,
        #[command(flatten)]
        table: Table,
    },
    /// Delete a policy from the table
    Delete {
        /// The policy's source, such as dev/website or dev/*
        #[arg(value_name = "SOURCE")]
        source: String,
        /// The policy's name
        #[arg(value_name = "NAME")]
        name: String,
        #[command(flatten)]
        table: Table,
        /// Delete without asking
        #[arg(long, short)]
        yes: bool,
    },
    /// Judge an image under policy documents that need not be in the table
    ///
    /// Writes nothing and starts no scan. The exit status is 0 if every document would promote the image, 1 if
    /// one would not, and 2 if there is no decision.
    Test {
        #[command(flatten)]
        documents: Documents,
        /// The image, by its tag
        #[arg(long, value_name = "REPOSITORY:TAG", value_parser = Asked::parse)]
        image: Asked,
        /// Print JSON instead of text; its schema is docs/policy-test.schema.json
        #[arg(long)]
        json: bool,
    },
}

/// Documents on disk.
#[derive(Debug, Args)]
pub(crate) struct Documents {
    /// Files, folders of *.json, *.yaml and *.yml files, or - for stdin
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The paths that promotions may take; a policy outside them is a mistake
    #[arg(long, value_name = "dev/* => qa/*", value_parser = paths, env = "PROMOTION_PATHS")]
    paths: Option<Paths>,
}

/// The table.
#[derive(Debug, Args)]
pub(crate) struct Table {
    /// The policies table
    #[arg(
        id = "table",
        long,
        value_name = "NAME",
        env = "POLICIES_TABLE",
        default_value = "policies"
    )]
    name: String,
}

/// Runs one of them.
pub(crate) fn run(command: Command) -> Result<ExitCode, Failed> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        match command {
            Command::Put {
                documents,
                table,
                yes,
            } => put::run(&documents, &table, yes).await,
            Command::List {
                source,
                table,
                json,
            } => list::run(source.as_deref(), &table, json).await,
            Command::Diff { documents, table } => answered(compare::run(&documents, &table).await),
            Command::Delete {
                source,
                name,
                table,
                yes,
            } => delete::run(source, name, &table, yes).await,
            Command::Test {
                documents,
                image,
                json,
            } => answered(trial::run(&documents, &image, json).await),
        }
    })
}

/// An error is an answer of its own where 1 already means something.
fn answered(result: Result<ExitCode, Failed>) -> Result<ExitCode, Failed> {
    result.or_else(|error| {
        crate::tell(error.as_ref());
        Ok(NO_ANSWER.into())
    })
}

impl Documents {
    /// The documents, where all of them are valid; else an error with every mistake.
    fn read(&self) -> Result<Vec<Good>, Failed> {
        let files = files::read_all(&self.files);
        let report = validate::validate(&files, self.paths.as_ref());
        if !report.is_good() {
            let mut stderr = anstream::stderr().lock();
            write!(stderr, "{report}")?;
            return Err("the documents have mistakes; nothing was written".into());
        }
        for line in folder::left_out(&self.files) {
            writeln!(anstream::stderr().lock(), "warning: {line}")?;
        }
        let checked = files
            .iter()
            .flat_map(|file| validate::check(file, self.paths.as_ref()));
        Ok(validate::unique(checked.flatten().collect()).0)
    }
}

impl Table {
    async fn open(&self) -> Result<table::Table, Failed> {
        let signed = sign_in().await?;
        Ok(table::Table::new(signed.aws.dynamodb, &self.name))
    }
}

/// Asks on stderr, and takes nothing but a yes for one.
fn asks(question: &str) -> Result<bool, Failed> {
    if !std::io::stdin().is_terminal() {
        return Err("cannot ask for confirmation without a terminal; pass --yes to skip it".into());
    }
    let mut stderr = anstream::stderr().lock();
    write!(stderr, "{question} [y/N] ")?;
    stderr.flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes" | "Yes"))
}

#[cfg(test)]
mod tests;
