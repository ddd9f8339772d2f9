//! `promoter policy`: policy documents on disk, checked exactly as the function checks its items.

use std::{io::Write as _, path::PathBuf, process::ExitCode, time::SystemTime};

use clap::Subcommand;
use ecr_promoter_core::{path::Paths, policy};

use crate::{Failed, page, stored};

pub(crate) mod files;
pub(crate) mod folder;
mod mistake;
mod over;
mod places;
pub(crate) mod validate;

/// What to do with policy documents.
#[derive(Debug, Subcommand)]
#[expect(
    clippy::doc_markdown,
    reason = "people read these lines in a terminal, where backticks are noise"
)]
pub(crate) enum Command {
    /// Check policy documents, JSON or YAML, one or many in a file
    ///
    /// Prints every mistake with its place. The exit status is 1 if a document is invalid, 0
    /// otherwise; cycles of policies are only warnings.
    Validate {
        /// Files, folders with *.json, *.yaml and *.yml files at any depth, or - for stdin
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// The paths that promotions may take, as in the function's PROMOTION_PATHS
        #[arg(long, value_name = "dev/* => qa/*", value_parser = paths)]
        paths: Option<Paths>,
        /// Print JSON instead of lines; its schema is docs/policy-validate.schema.json
        #[arg(long)]
        json: bool,
    },
    /// Print the JSON Schema of policy documents, for editors
    Schema,
    #[command(flatten)]
    Stored(stored::Command),
}

/// Runs one of them.
pub(crate) fn run(command: Command) -> Result<ExitCode, Failed> {
    let mut out = anstream::stdout().lock();
    match command {
        Command::Stored(command) => {
            drop(out);
            stored::run(command)
        }
        Command::Schema => {
            writeln!(out, "{}", serde_json::to_string_pretty(&policy::schema())?)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Validate { files, paths, json } => {
            let documents = files::read_all(&files);
            let mut report = validate::validate(&documents, paths.as_ref());
            report.warn(folder::left_out(&files));
            let now = SystemTime::now().into();
            report.warn(over::warnings(&documents, paths.as_ref(), now));
            if json {
                page::json::print(&mut out, &report.document())?;
            } else {
                write!(out, "{report}")?;
                out.flush()?;
            }
            Ok(if report.is_good() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            })
        }
    }
}

/// Reads `--paths`, with all mistakes in one message.
pub(crate) fn paths(text: &str) -> Result<Paths, String> {
    Paths::parse(text).map_err(|mistakes| {
        let words: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        words.join("; ")
    })
}
