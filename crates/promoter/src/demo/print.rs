//! How the demonstration looks: short sections of aligned rows, digests in full, colour where there
//! is a terminal.
//!
//! Shows and knows nothing: what is printed comes from the story.

use std::{collections::BTreeMap, fmt::Display, io};

use anstyle::{AnsiColor, Style};
use ecr_promoter::ledger::record::Record;
use ecr_promoter_core::{
    Repository,
    decision::{CriterionVerdict, Judgement, Verdict},
    policy::Policy,
};
use serde_json::Value;

use super::story::Pushed;
use crate::{
    image::{Image, verify::Verified},
    local::account::Account,
};

/// How wide the labels of rows are.
const LABEL: usize = 11;
const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GREEN: Style = AnsiColor::Green.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();

/// Where it is printed.
pub(crate) struct Page<W> {
    out: W,
}

impl<W: io::Write> Page<W> {
    /// A page on `out`, which takes colours or drops them.
    pub(crate) fn new(out: W) -> Self {
        Self { out }
    }

    /// Begins a section.
    pub(super) fn section(&mut self, text: impl Display) -> io::Result<()> {
        writeln!(self.out, "\n{BOLD}{text}{BOLD:#}")
    }

    fn row(&mut self, label: &str, text: impl Display) -> io::Result<()> {
        // Each row is seen as soon as it is true.
        writeln!(self.out, "  {DIM}{label:LABEL$}{DIM:#} {text}")?;
        self.out.flush()
    }

    /// What it was printed on.
    #[cfg(test)]
    pub(crate) fn into_inner(self) -> W {
        self.out
    }
}

/// The first line.
pub(super) fn title<W: io::Write>(page: &mut Page<W>) -> io::Result<()> {
    writeln!(
        page.out,
        "{BOLD}ecr-promoter{BOLD:#}: images go from one ECR repository to another by policy"
    )
}

/// The embedded AWS.
pub(super) fn place<W: io::Write>(
    page: &mut Page<W>,
    account: &Account,
    repositories: [&Repository; 2],
    paths: &str,
) -> io::Result<()> {
    let [source, target] = repositories;
    page.section("The place")?;
    page.row(
        "AWS",
        format_args!("embedded in this process, at {}", account.url),
    )?;
    page.row(
        "registry",
        format_args!("{}, all of it temporary", account.registry),
    )?;
    page.row("created", format_args!("{source} and {target}"))?;
    page.row("allowed", format_args!("{paths}, whatever a policy says"))
}

/// The policy, as its author meant it.
pub(super) fn policy<W: io::Write>(
    page: &mut Page<W>,
    policy: &Policy,
    remark: Option<&str>,
) -> io::Result<()> {
    page.section(format_args!("The policy \"{}\"", policy.name))?;
    page.row(
        "source",
        format_args!("a tag that is pushed to {}", policy.source),
    )?;
    for criterion in &policy.criteria {
        let wanted = criterion.wanted(ecr_promoter_core::decision::NAMED_MAX);
        let operator = criterion.operator();
        page.row(
            "criterion",
            format_args!("{} {operator} {wanted}", criterion.attribute),
        )?;
    }
    let target = &policy.target;
    page.row(
        "target",
        format_args!("{}:{}", target.repository.as_str(), target.tag.as_str()),
    )?;
    remark.map_or(Ok(()), |remark| page.row("remark", remark))
}

/// What is pushed.
pub(super) fn push<W: io::Write>(page: &mut Page<W>, name: &str, image: &Image) -> io::Result<()> {
    let summary = image.summary();
    page.row("push", name)?;
    page.row("digest", image.digest())?;
    let of = match summary.platforms.as_slice() {
        [] => String::new(),
        platforms => format!("{}: ", platforms.join(", ")),
    };
    let manifests = count(summary.manifests, "manifest", "manifests");
    let blobs = count(summary.blobs, "blob", "blobs");
    page.row(
        "contents",
        format_args!("{of}{manifests}, {blobs}, {}", size(summary.bytes)),
    )
}

/// An event, as AWS sent it.
pub(super) fn event<W: io::Write>(page: &mut Page<W>, event: &Value) -> io::Result<()> {
    let text = |path: &str| event.pointer(path).and_then(Value::as_str);
    let what: Vec<&str> = [
        "/detail/action-type",
        "/detail/scan-status",
        "/detail/result",
    ]
    .into_iter()
    .filter_map(text)
    .collect();
    let kind = text("/detail-type").unwrap_or("?");
    let time = text("/time").unwrap_or("?");
    page.row("event", format_args!("{kind}, {}, {time}", what.join(" ")))
}

/// A decision that waits for evidence.
pub(super) fn awaited<W: io::Write>(page: &mut Page<W>, record: &Record) -> io::Result<()> {
    page.row(
        "decision",
        format_args!("{YELLOW}await{YELLOW:#}: {}", record.decision.reason),
    )
}

/// What the policy makes of it.
pub(super) fn decision<W: io::Write>(page: &mut Page<W>, record: &Record) -> io::Result<()> {
    let decision = &record.decision;
    page.row(
        "policy",
        format_args!("{} of {}", decision.policy.name, decision.policy.source),
    )?;
    for judgement in &decision.criteria {
        criterion(page, judgement)?;
    }
    let style = match decision.verdict {
        Verdict::Promote => GREEN,
        Verdict::Hold | Verdict::Await | Verdict::Skip => YELLOW,
    };
    page.row(
        "decision",
        format_args!("{style}{}{style:#}", decision.verdict),
    )
}

fn criterion<W: io::Write>(page: &mut Page<W>, judgement: &Judgement) -> io::Result<()> {
    let (style, word) = match judgement.verdict {
        CriterionVerdict::Met => (GREEN, "met"),
        CriterionVerdict::Broken => (YELLOW, "not met"),
        CriterionVerdict::Await => (YELLOW, "not known yet"),
        CriterionVerdict::Unknown => (YELLOW, "cannot be known"),
    };
    let Judgement {
        attribute,
        operator,
        wanted,
        seen,
        ..
    } = judgement;
    let seen = match (seen, &judgement.note) {
        (Value::Null, _) => "nothing".to_owned(),
        (seen, None) => seen.to_string(),
        (seen, Some(note)) => format!("{seen} {note}"),
    };
    page.row(
        "criterion",
        format_args!(
            "{attribute}: wanted {operator} {wanted}, seen {seen}: {style}{word}{style:#}"
        ),
    )?;
    // Names that were seen are shown already.
    if judgement.verdict == CriterionVerdict::Broken && !judgement.seen.is_array() {
        for culprit in &judgement.culprits {
            page.row("", culprit)?;
        }
    }
    Ok(())
}

/// The promotion, with the digests of both sides.
pub(super) fn promotion<W: io::Write>(
    page: &mut Page<W>,
    pushed: &Pushed,
    target: &Repository,
) -> io::Result<()> {
    let record = &pushed.record;
    if let Some(target) = &record.target {
        page.row(
            "promotion",
            format_args!("{} -> {GREEN}{target}{GREEN:#}", pushed.name),
        )?;
    }
    if let Some(promotion) = &record.promotion {
        let mut steps = Vec::new();
        if promotion.mounted > 0 {
            steps.push(format!(
                "{} mounted",
                count(promotion.mounted, "blob", "blobs")
            ));
        }
        if promotion.streamed > 0 {
            let blobs = count(promotion.streamed, "blob", "blobs");
            steps.push(format!("{blobs} copied ({})", size(promotion.bytes)));
        }
        if promotion.manifests > 0 {
            steps.push(count(
                promotion.manifests,
                "child manifest",
                "child manifests",
            ));
        }
        steps.push("the tag last".to_owned());
        page.row("copy", steps.join(", "))?;
    }
    page.row(
        "from",
        format_args!("{}@{}", record.repository, record.digest),
    )?;
    page.row("to", format_args!("{target}@{}", pushed.digest))
}

/// The target at the end, and what was proved of it.
pub(super) fn target<W: io::Write>(
    page: &mut Page<W>,
    target: &Repository,
    tags: &BTreeMap<String, String>,
    verified: &Verified,
    held: &[Pushed],
) -> io::Result<()> {
    page.section(format_args!("What {target} holds now"))?;
    for (tag, digest) in tags {
        page.row("tag", format_args!("{GREEN}{tag}{GREEN:#}"))?;
        page.row("digest", digest)?;
    }
    let manifests = count(verified.manifests, "manifest", "manifests");
    let blobs = count(verified.blobs, "blob", "blobs");
    let bytes = size(verified.bytes);
    page.row(
        "read back",
        format_args!("{manifests} and {blobs}, {bytes}: every digest is right"),
    )?;
    for held in held {
        page.row(
            "absent",
            format_args!("{} ({})", held.digest, held.record.tag),
        )?;
    }
    Ok(())
}

/// What to try next.
pub(super) fn next<W: io::Write>(
    page: &mut Page<W>,
    command: &str,
    own_image: bool,
) -> io::Result<()> {
    page.section("Try next")?;
    if !own_image {
        page.row("your image", format_args!("{command} demo --image DIR"))?;
    }
    page.row(
        "your ECR",
        format_args!("{command} local --repositories dev/website,qa/website --policies policies"),
    )
}

fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// A size as people read it, in powers of 1,000.
fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "KB")];
    for (unit, name) in UNITS {
        if bytes >= unit {
            return format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit);
        }
    }
    format!("{bytes} bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_short() {
        for (bytes, shown) in [
            (0, "0 bytes"),
            (999, "999 bytes"),
            (1_000, "1.0 KB"),
            (9_949, "9.9 KB"),
            (31_400_000, "31.4 MB"),
            (u64::MAX, "18446744073.7 GB"),
        ] {
            assert_eq!(size(bytes), shown);
        }
    }
}
