//! `promoter policy delete`.

use std::process::ExitCode;

use ecr_promoter_core::{policy::PolicyKey, suggest::nearest};

use super::{
    Table, asks, document,
    table::{self, Written},
};
use crate::{Failed, page::Page};

/// Why nothing is deleted.
#[derive(Debug, thiserror::Error)]
enum DeleteError {
    /// Nothing of that key.
    #[error("there is no policy {key} in the table {table}{}", meant(.near.as_ref()))]
    Missing {
        key: PolicyKey,
        table: String,
        near: Option<String>,
    },
    /// Somebody was faster.
    #[error(
        "somebody changed policy {0} in the meantime, so it was not deleted; look at it and try again"
    )]
    Changed(PolicyKey),
}

fn meant(near: Option<&String>) -> String {
    near.map_or_else(String::new, |near| format!("; did you mean {near:?}?"))
}

/// Shows the policy, asks, and deletes it.
pub(super) async fn run(
    source: String,
    name: String,
    table: &Table,
    yes: bool,
) -> Result<ExitCode, Failed> {
    let key = PolicyKey { source, name };
    let table = table.open().await?;
    let Some(before) = table.get(&key).await? else {
        return Err(missing(key, &table).await?.into());
    };
    let mut page = Page::stdout();
    page.title(key.to_string())?;
    document::show(&mut page, Some(&before.node), None)?;
    if !yes
        && !asks(&format!(
            "Delete this policy from the table {}?",
            table.name
        ))?
    {
        page.line("nothing was deleted")?;
        return Ok(ExitCode::FAILURE);
    }
    match table.delete(&key, &before).await? {
        Written::Done => page.line(format!("deleted {key}"))?,
        Written::Changed => return Err(DeleteError::Changed(key).into()),
    }
    Ok(ExitCode::SUCCESS)
}

async fn missing(key: PolicyKey, table: &table::Table) -> Result<DeleteError, Failed> {
    let there = table.all(Some(&key.source)).await?;
    let names = there.iter().filter_map(|stored| table::key(&stored.node));
    let names: Vec<String> = names.map(|key| key.name).collect();
    let near = nearest(&key.name, names.iter().map(String::as_str)).map(str::to_owned);
    Ok(DeleteError::Missing {
        key,
        table: table.name.clone(),
        near,
    })
}
