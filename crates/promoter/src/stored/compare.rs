//! `promoter policy diff`.

use std::process::ExitCode;

use super::{Documents, Table, document};
use crate::{Failed, page::Page};

/// Compares each document with the table's of the same key.
pub(super) async fn run(documents: &Documents, table: &Table) -> Result<ExitCode, Failed> {
    let documents = documents.read()?;
    let table = table.open().await?;
    let mut page = Page::stdout();
    let mut status = ExitCode::SUCCESS;
    for good in documents {
        let key = good.policy.key();
        let before = table.get(&key).await?;
        if before
            .as_ref()
            .is_some_and(|before| document::same(&before.node, &good.node))
        {
            continue;
        }
        status = ExitCode::FAILURE;
        let place = match before {
            Some(_) => format!(
                "{key}: {} differs from the table {}",
                good.place(),
                table.name
            ),
            None => format!("{key}: not in the table {}", table.name),
        };
        page.title(place)?;
        document::show(
            &mut page,
            before.as_ref().map(|before| &before.node),
            Some(&good.node),
        )?;
    }
    Ok(status)
}
