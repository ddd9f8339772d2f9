//! What was seen, for people: aligned rows of bounded width. The words of scanners and SBOMs are
//! strangers': a line break, an escape or a novel of theirs stays out.

use std::io;

use anstyle::{AnsiColor, Style};

use super::document::{Document, Kind, OfPlatform, Seen, State};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GREEN: Style = AnsiColor::Green.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();
/// How wide the labels of rows are.
const LABEL: usize = 14;
/// The widest text beside a label, and the widest last column.
const TEXT_MAX: usize = 80;

/// A column's head and its greatest width.
type Column = (&'static str, usize);
const FINDINGS: [Column; 6] = [
    ("SEVERITY", 13),
    ("ID", 22),
    ("PACKAGE", 24),
    ("INSTALLED", 16),
    ("FIXED IN", 16),
    ("PLATFORMS", 26),
];
const COMPONENTS: [Column; 4] = [
    ("NAME", 36),
    ("VERSION", 18),
    ("LICENSES", 36),
    ("PLATFORMS", 26),
];
const LICENSES: [Column; 3] = [("LICENSE", 36), ("COMPONENTS", 54), ("PLATFORMS", 26)];

/// Prints it all.
pub(super) fn print(out: &mut impl io::Write, document: &Document) -> io::Result<()> {
    let image = &document.image;
    let tag = image.tag.as_ref().map(|tag| format!(":{tag}"));
    let name = format!("{}{}", image.repository, tag.unwrap_or_default());
    writeln!(out, "{BOLD}{name}{BOLD:#}")?;
    row(out, "registry", &image.registry)?;
    row(out, "digest", &image.digest)?;
    contents(out, document)?;
    kind(out, "Scan", "finding", &document.scan)?;
    let findings = document.findings.iter().map(|row| {
        let finding = &row.entry;
        vec![
            finding.severity.to_owned(),
            finding.id.clone(),
            or_dash(finding.package.as_deref()),
            or_dash(finding.installed.as_deref()),
            or_dash(finding.fixed.as_deref()),
            row.platforms.join(", "),
        ]
    });
    table(out, &FINDINGS, &findings.collect::<Vec<_>>())?;
    kind(out, "Components", "component", &document.sbom)?;
    let components = document.components.iter().map(|row| {
        let component = &row.entry;
        vec![
            component.name.clone(),
            or_dash(component.version.as_deref()),
            or_dash(Some(component.licenses.join(" AND ").as_str())),
            row.platforms.join(", "),
        ]
    });
    table(out, &COMPONENTS, &components.collect::<Vec<_>>())?;
    licenses(out, document)
}

fn contents(out: &mut impl io::Write, document: &Document) -> io::Result<()> {
    let platforms = document.scan.platforms.iter();
    let named: Vec<&str> = platforms.map(|of| of.platform.as_str()).collect();
    match (document.contents.state, named.as_slice()) {
        (State::Seen, []) => row(out, "contents", "no image: it has no image layers"),
        (State::Seen, [one]) if *one == document.image.digest => row(out, "contents", "one image"),
        (State::Seen, several) => row(out, "platforms", &several.join(", ")),
        _ => row(out, "contents", &told(&document.contents)),
    }
}

fn licenses(out: &mut impl io::Write, document: &Document) -> io::Result<()> {
    if document.licenses.is_empty() {
        return Ok(());
    }
    write!(out, "\n{BOLD}Licenses{BOLD:#}")?;
    let rows = document.licenses.iter().map(|row| {
        vec![
            row.license
                .clone()
                .unwrap_or_else(|| "(not stated)".to_owned()),
            row.components.join(", "),
            row.platforms.join(", "),
        ]
    });
    table(out, &LICENSES, &rows.collect::<Vec<_>>())
}

/// A section with a row for each platform.
fn kind(out: &mut impl io::Write, title: &str, entry: &str, kind: &Kind) -> io::Result<()> {
    writeln!(out, "\n{BOLD}{title}{BOLD:#}")?;
    if kind.platforms.is_empty() {
        return row(out, "none", "there is no platform to ask for");
    }
    for of in &kind.platforms {
        let style = if of.seen.state == State::Seen {
            GREEN
        } else {
            YELLOW
        };
        let label = label(of, kind);
        let text = match of.entries {
            Some(1) => format!("1 {entry}; {}", told(&of.seen)),
            Some(count) => format!("{count} {entry}s; {}", told(&of.seen)),
            None => told(&of.seen),
        };
        let text = cut(&text, 2 * TEXT_MAX);
        writeln!(out, "  {DIM}{label:LABEL$}{DIM:#} {style}{text}{style:#}")?;
    }
    Ok(())
}

/// Platforms that no index names go by the beginning of their digest.
fn label(of: &OfPlatform, kind: &Kind) -> String {
    if kind.platforms.len() == 1 && of.platform == of.digest {
        return "the image".to_owned();
    }
    cut(&of.platform, 2 * LABEL)
}

/// How well it is known, in words.
fn told(seen: &Seen) -> String {
    let reason = seen.reason.as_deref().unwrap_or("not asked for");
    match (seen.state, seen.origin, seen.age_seconds) {
        (State::Seen, Some(origin), Some(age)) => format!("{origin}, {}", ago(age)),
        (State::Awaited, ..) => match seen.look_at {
            Some(at) => format!(
                "not there yet: {reason} (look again at {})",
                at.to_rfc3339()
            ),
            None => format!("not there yet: {reason}"),
        },
        (State::Unknown, ..) => format!("cannot be known: {reason}"),
        _ => reason.to_owned(),
    }
}

/// An age as people tell it: the greatest unit alone.
fn ago(seconds: i64) -> String {
    const UNITS: [(i64, &str); 3] = [(86_400, "day"), (3_600, "hour"), (60, "minute")];
    for (length, unit) in UNITS {
        let count = seconds / length;
        if count > 0 {
            let s = if count == 1 { "" } else { "s" };
            return format!("{count} {unit}{s} ago");
        }
    }
    "just now".to_owned()
}

fn row(out: &mut impl io::Write, label: &str, text: &str) -> io::Result<()> {
    let text = cut(text, 2 * TEXT_MAX);
    writeln!(out, "  {DIM}{label:LABEL$}{DIM:#} {text}")
}

/// Rows as wide as their widest cell, no wider than the columns may be.
fn table(out: &mut impl io::Write, columns: &[Column], rows: &[Vec<String>]) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let cells = rows.iter().map(|row| {
        let cells = row.iter().zip(columns);
        cells.map(|(cell, (_, widest))| cut(cell, *widest))
    });
    let cells: Vec<Vec<String>> = cells.map(Iterator::collect).collect();
    let width = |index: usize, head: &str| {
        let of = |row: &Vec<String>| row.get(index).map_or(0, |cell| cell.chars().count());
        cells.iter().map(of).max().unwrap_or(0).max(head.len())
    };
    let widths: Vec<usize> = columns
        .iter()
        .enumerate()
        .map(|(index, (head, _))| width(index, head))
        .collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded = cells
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let heads = line(&mut columns.iter().map(|(head, _)| *head));
    writeln!(out, "\n  {DIM}{heads}{DIM:#}")?;
    for row in &cells {
        writeln!(out, "  {}", line(&mut row.iter().map(String::as_str)))?;
    }
    Ok(())
}

fn or_dash(text: Option<&str>) -> String {
    text.filter(|text| !text.is_empty())
        .unwrap_or("-")
        .to_owned()
}

/// One line of so many characters at most.
fn cut(text: &str, characters_max: usize) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    let mut cut: String = text.chars().take(characters_max).map(plain).collect();
    if text.chars().nth(characters_max).is_some() {
        cut.pop();
        cut.push('…');
    }
    cut
}
