//! `promoter policy list`.

use std::process::ExitCode;

use ecr_promoter_core::policy::{Policy, PolicyError};
use serde_json::{Value, json};

use super::{
    Table, document,
    table::{self, Stored},
};
use crate::{
    Failed,
    page::{Page, json},
};

/// The version of the document's shape.
const VERSION: u32 = 1;

/// Shows the policies of a table, valid or not.
pub(super) async fn run(
    source: Option<&str>,
    table: &Table,
    json: bool,
) -> Result<ExitCode, Failed> {
    let table = table.open().await?;
    let stored = table.all(source).await?;
    let judged: Vec<_> = stored
        .iter()
        .map(|stored| (stored, Policy::parse(&stored.node)))
        .collect();
    if json {
        let policies: Vec<Value> = judged.iter().map(document).collect();
        let document = json!({"version": VERSION, "table": table.name, "policies": policies});
        json::print(&mut anstream::stdout().lock(), &document)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut page = Page::stdout();
    if stored.is_empty() {
        page.line(format!("the table {} has no policies", table.name))?;
    }
    let rows: Vec<_> = judged.iter().map(row).collect();
    page.table(&["SOURCE", "NAME", "TARGET", "STATE"], &rows)?;
    for (stored, policy) in &judged {
        if let Err(errors) = policy {
            page.section(name(stored))?;
            for error in errors {
                page.line(format!("  {error}"))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

type Judged<'s> = (&'s Stored, Result<Policy, Vec<PolicyError>>);

fn document((stored, policy): &Judged<'_>) -> Value {
    let errors = policy.as_ref().err().into_iter().flatten();
    let errors = errors.map(|error| json!({"place": error.place, "message": error.message}));
    json!({
        "document": document::value(&stored.node),
        "errors": errors.collect::<Vec<_>>(),
    })
}

fn row((stored, policy): &Judged<'_>) -> Vec<String> {
    let key = table::key(&stored.node);
    let (source, name) = key.map_or_else(Default::default, |key| (key.source, key.name));
    let target = match policy {
        Ok(Policy { target, .. }) => {
            format!("{}:{}", target.repository.as_str(), target.tag.as_str())
        }
        Err(_) => "-".to_owned(),
    };
    vec![source, name, target, state(policy).to_owned()]
}

/// Whether a policy promotes, or what keeps it from that.
pub(crate) fn state<E>(policy: &Result<Policy, E>) -> &'static str {
    match policy {
        Err(_) => "invalid",
        Ok(policy) if !policy.enabled => "disabled",
        Ok(policy) if policy.dry_run => "dry run",
        Ok(_) => "enabled",
    }
}

fn name(stored: &Stored) -> String {
    table::key(&stored.node).map_or_else(|| "a policy".to_owned(), |key| key.to_string())
}
