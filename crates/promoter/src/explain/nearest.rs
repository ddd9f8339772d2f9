//! The smallest change that would let an image through, as people say it.

use std::io;

use ecr_promoter_core::{
    decision::NAMED_MAX,
    nearest::{Change, ChangeKind, NearestPass},
};

use crate::page::{Page, words::count};

/// So many findings are named with a change.
const FINDINGS_NAMED_MAX: usize = 3;

/// Shows it, or why there is none.
pub(super) fn show<W: io::Write>(page: &mut Page<W>, pass: &NearestPass) -> io::Result<()> {
    if !pass.possible {
        return page.row(
            "nearest",
            format!("no change to the image would do: {}", pass.why),
        );
    }
    for change in pass.changes.iter().take(NAMED_MAX) {
        page.row("nearest", told(change))?;
    }
    let more = pass.changes.len().saturating_sub(NAMED_MAX);
    if more > 0 {
        page.row("", format!("and {more} more; --json names all"))?;
    }
    Ok(())
}

/// A change as people say it.
pub(crate) fn told(change: &Change) -> String {
    let or = |text: &Option<String>, other: &str| text.clone().unwrap_or_else(|| other.to_owned());
    let package = or(&change.package, "it");
    let from = change
        .from
        .as_ref()
        .map_or_else(String::new, |from| format!(" {from}"));
    let to = change
        .to
        .as_ref()
        .map_or_else(String::new, |to| format!(" → {to}"));
    let what = match change.kind {
        ChangeKind::Update => format!("update {package}{from}{to}"),
        ChangeKind::Remove => format!("remove {package}{from}"),
        ChangeKind::License if change.from.is_some() => {
            format!("clear the license of {package}, which is{from}")
        }
        ChangeKind::License => format!("state the license of {package}"),
        ChangeKind::Tag => format!("push it as {}, not as{from}", or(&change.to, "another tag")),
        ChangeKind::Attach => attach(change),
    };
    let place = change
        .platform
        .as_ref()
        .map_or_else(String::new, |place| format!(" in {place}"));
    let removes = match change.removes.as_slice() {
        [] => String::new(),
        ids if ids.len() <= FINDINGS_NAMED_MAX => format!(": removes {}", ids.join(", ")),
        ids => format!(": removes {}", count(ids.len(), "finding", "findings")),
    };
    format!("{what}{place}{removes}")
}

fn attach(change: &Change) -> String {
    let lists = match (&change.package, &change.to) {
        (Some(package), Some(version)) => format!(" that lists {package} {version}"),
        (Some(package), None) => format!(" that lists {package}"),
        (None, Some(license)) => format!(" that states the license {license}"),
        (None, None) => String::new(),
    };
    format!("attach a complete SBOM{lists}, SPDX or CycloneDX as JSON")
}
