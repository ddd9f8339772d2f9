//! `promoter policy put`.

use std::{io, process::ExitCode};

use ecr_promoter_core::{node::Node, policy::PolicyKey};

use super::{
    Documents, Table, asks, document,
    table::{Stored, Written},
};
use crate::{
    Failed,
    page::{GREEN, Page, Text, YELLOW, words::count},
};

/// A document that is not in the table as it is.
struct Change {
    key: PolicyKey,
    node: Node,
    before: Option<Stored>,
}

/// Shows what changes, asks, and writes.
pub(super) async fn run(
    documents: &Documents,
    table: &Table,
    yes: bool,
) -> Result<ExitCode, Failed> {
    let documents = documents.read()?;
    let table = table.open().await?;
    let mut page = Page::stdout();
    let (mut changes, mut same) = (Vec::new(), 0);
    for good in documents {
        let key = good.policy.key();
        let before = table.get(&key).await?;
        if before
            .as_ref()
            .is_some_and(|before| document::same(&before.node, &good.node))
        {
            same += 1;
            continue;
        }
        show(&mut page, &key, before.as_ref(), &good.node)?;
        changes.push(Change {
            key,
            node: good.node,
            before,
        });
    }
    if changes.is_empty() {
        let policies = count(same, "policy is", "policies are");
        page.line(format!("{policies} in the table {} as written", table.name))?;
        return Ok(ExitCode::SUCCESS);
    }
    let policies = count(changes.len(), "policy", "policies");
    let question = format!("Write {policies} to the table {}?", table.name);
    if !yes && !asks(&question)? {
        page.line("nothing was written")?;
        return Ok(ExitCode::FAILURE);
    }
    write(&table, &changes, &mut page).await
}

async fn write<W: io::Write>(
    table: &super::table::Table,
    changes: &[Change],
    page: &mut Page<W>,
) -> Result<ExitCode, Failed> {
    let mut status = ExitCode::SUCCESS;
    for Change { key, node, before } in changes {
        match table.put(key, node, before.as_ref()).await? {
            Written::Done => page.line(
                Text::styled(GREEN, "written").and(anstyle::Style::new(), format!(" {key}")),
            )?,
            Written::Changed => {
                status = ExitCode::FAILURE;
                let text =
                    format!(" {key}: somebody changed it in the meantime; put it again to see how");
                page.line(Text::styled(YELLOW, "not written").and(anstyle::Style::new(), text))?;
            }
        }
    }
    Ok(status)
}

fn show<W: io::Write>(
    page: &mut Page<W>,
    key: &PolicyKey,
    before: Option<&Stored>,
    after: &Node,
) -> io::Result<()> {
    let what = if before.is_some() { "changed" } else { "new" };
    page.title(format!("{key} ({what})"))?;
    document::show(page, before.map(|before| &before.node), Some(after))
}
