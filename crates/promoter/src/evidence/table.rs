//! What was seen, for people.

use std::io;

use super::document::{Document, Kind, OfPlatform, Seen, State};
use crate::page::{
    GREEN, Page, Text, YELLOW,
    words::{ago, count},
};

/// How many names are listed in one cell.
const NAMED_MAX: usize = 10;
/// Where a row is about the only platform, which no index names.
const ONLY: &str = "the image";

/// Prints it all.
pub(super) fn print<W: io::Write>(page: &mut Page<W>, document: &Document) -> io::Result<()> {
    let image = &document.image;
    let tag = image.tag.as_ref().map(|tag| format!(":{tag}"));
    page.title(format!("{}{}", image.repository, tag.unwrap_or_default()))?;
    page.digest(&image.digest)?;
    page.row("registry", image.registry.as_str())?;
    contents(page, document)?;
    kind(page, "Labels", ["label", "labels"], &document.config)?;
    labels(page, document)?;
    kind(page, "Scan", ["finding", "findings"], &document.scan)?;
    findings(page, document)?;
    kind(
        page,
        "Components",
        ["component", "components"],
        &document.sbom,
    )?;
    components(page, document)?;
    licenses(page, document)
}

fn contents<W: io::Write>(page: &mut Page<W>, document: &Document) -> io::Result<()> {
    let platforms = document.scan.platforms.iter();
    let named: Vec<&str> = platforms.map(|of| of.platform.as_str()).collect();
    match (document.contents.state, named.as_slice()) {
        (State::Seen, []) => page.row("contents", "not an image: no platform has image layers"),
        (State::Seen, [one]) if *one == document.image.digest => {
            page.row("contents", "a single image")
        }
        (State::Seen, several) => page.row("platforms", several.join(", ")),
        _ => page.row("contents", in_words(&document.contents)),
    }
}

/// A section with a row for each platform.
fn kind<W: io::Write>(
    page: &mut Page<W>,
    title: &str,
    [one, many]: [&str; 2],
    kind: &Kind,
) -> io::Result<()> {
    page.section_of(title, kind.platforms.iter().map(|of| label(of, kind)))?;
    if kind.platforms.is_empty() {
        return page.row("none", "there is no platform to look at");
    }
    for of in &kind.platforms {
        let style = if of.seen.state == State::Seen {
            GREEN
        } else {
            YELLOW
        };
        let text = match of.entries {
            Some(entries) => format!("{}; {}", count(entries, one, many), in_words(&of.seen)),
            None => in_words(&of.seen),
        };
        page.row(label(of, kind), Text::styled(style, text))?;
    }
    Ok(())
}

fn label<'d>(of: &'d OfPlatform, kind: &Kind) -> &'d str {
    if kind.platforms.len() == 1 && of.platform == of.digest {
        ONLY
    } else {
        &of.platform
    }
}

fn labels<W: io::Write>(page: &mut Page<W>, document: &Document) -> io::Result<()> {
    let rows = document.labels.iter().map(|row| {
        let cells = [row.entry.name.clone(), row.entry.value.clone()];
        with_platforms(cells, &row.platforms, document)
    });
    let heads = ["NAME", "VALUE", "ON"];
    table(page, &heads, &rows.collect::<Vec<_>>())
}

fn findings<W: io::Write>(page: &mut Page<W>, document: &Document) -> io::Result<()> {
    let rows = document.findings.iter().map(|row| {
        let finding = &row.entry;
        let cells = [
            finding.severity.to_owned(),
            finding.id.clone(),
            or_dash(finding.package.as_deref()),
            or_dash(finding.installed.as_deref()),
            or_dash(finding.fixed.as_deref()),
        ];
        with_platforms(cells, &row.platforms, document)
    });
    let heads = ["SEVERITY", "ID", "PACKAGE", "INSTALLED", "FIXED", "ON"];
    table(page, &heads, &rows.collect::<Vec<_>>())
}

fn components<W: io::Write>(page: &mut Page<W>, document: &Document) -> io::Result<()> {
    let rows = document.components.iter().map(|row| {
        let component = &row.entry;
        let cells = [
            component.name.clone(),
            or_dash(component.version.as_deref()),
            or_dash(Some(component.licenses.join(" AND ").as_str())),
        ];
        with_platforms(cells, &row.platforms, document)
    });
    let heads = ["NAME", "VERSION", "LICENSES", "ON"];
    table(page, &heads, &rows.collect::<Vec<_>>())
}

fn licenses<W: io::Write>(page: &mut Page<W>, document: &Document) -> io::Result<()> {
    if document.licenses.is_empty() {
        return Ok(());
    }
    page.section("Licenses")?;
    let rows = document.licenses.iter().map(|row| {
        let license = row.license.clone();
        let mut names: Vec<String> = row.components.iter().take(NAMED_MAX).cloned().collect();
        if let Some(more) = row.components.len().checked_sub(NAMED_MAX + 1) {
            names.push(format!("and {} more", more + 1));
        }
        let cells = [
            license.unwrap_or_else(|| "(not stated)".to_owned()),
            names.join(", "),
        ];
        with_platforms(cells, &row.platforms, document)
    });
    let heads = ["LICENSE", "COMPONENTS", "ON"];
    table(page, &heads, &rows.collect::<Vec<_>>())
}

/// Cells, and the platforms if there is more than one to tell apart.
fn with_platforms<const N: usize>(
    cells: [String; N],
    platforms: &[String],
    document: &Document,
) -> Vec<String> {
    let mut cells = Vec::from(cells);
    let all = document.scan.platforms.len();
    if all > 1 {
        cells.push(if platforms.len() == all {
            "all".to_owned()
        } else {
            platforms.join(", ")
        });
    }
    cells
}

/// A table with the heads that its rows have.
fn table<W: io::Write>(page: &mut Page<W>, heads: &[&str], rows: &[Vec<String>]) -> io::Result<()> {
    let columns = rows.first().map_or(0, Vec::len);
    page.table(heads.get(..columns).unwrap_or(heads), rows)
}

/// How well it is known, in words.
fn in_words(seen: &Seen) -> String {
    let reason = seen.reason.as_deref().unwrap_or("not looked for");
    match (seen.state, seen.origin, seen.age_seconds) {
        (State::Seen, Some(origin), Some(age)) => format!("{origin}, {}", ago(age)),
        (State::Awaited, ..) => match seen.look_at {
            Some(at) => format!(
                "not there yet: {reason} (look again at {})",
                at.format("%Y-%m-%dT%H:%M:%SZ")
            ),
            None => format!("not there yet: {reason}"),
        },
        (State::Unknown, ..) => format!("cannot be known: {reason}"),
        _ => reason.to_owned(),
    }
}

fn or_dash(text: Option<&str>) -> String {
    text.filter(|text| !text.is_empty())
        .unwrap_or("-")
        .to_owned()
}
