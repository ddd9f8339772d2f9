//! How the demonstration looks: short sections of labelled rows, and a summary at the end.
//!
//! Shows and knows nothing: what is printed comes from the story.

use std::io;

use ecr_promoter::ledger::record::Record;
use ecr_promoter_core::{
    Repository,
    decision::{NAMED_MAX, Verdict},
    policy::Policy,
};
use serde_json::Value;

use super::story::Pushed;
use crate::{
    image::{Image, verify::Verified},
    local::account::Account,
    page::{
        GREEN, Page, Text,
        words::{count, short, size},
    },
};

/// The embedded AWS.
pub(super) fn place<W: io::Write>(
    page: &mut Page<W>,
    account: &Account,
    repositories: [&Repository; 2],
    paths: &str,
) -> io::Result<()> {
    let [source, target] = repositories;
    page.title("ecr-promoter promotes images from one ECR repository to another by policy")?;
    page.section("The place")?;
    page.row(
        "AWS",
        format!("embedded in this process, at {}", account.url),
    )?;
    page.row("registry", format!("{}, temporary", account.registry))?;
    page.row("created", format!("{source} and {target}"))?;
    page.row("allowed", format!("{paths}, whatever a policy says"))
}

/// The policy, as its author meant it.
pub(super) fn policy<W: io::Write>(
    page: &mut Page<W>,
    policy: &Policy,
    remark: Option<&str>,
) -> io::Result<()> {
    page.section(format!("The policy {}", policy.name))?;
    page.row("source", format!("every tag pushed to {}", policy.source))?;
    for criterion in &policy.criteria {
        let wanted = criterion.wanted(NAMED_MAX);
        let operator = criterion.operator();
        page.row(
            "criterion",
            format!("{} {operator} {wanted}", criterion.attribute),
        )?;
    }
    let target = &policy.target;
    page.row(
        "target",
        format!("{}:{}", target.repository.as_str(), target.tag.as_str()),
    )?;
    remark.map_or(Ok(()), |remark| page.row("note", remark))
}

/// What is pushed.
pub(super) fn push<W: io::Write>(page: &mut Page<W>, name: &str, image: &Image) -> io::Result<()> {
    let summary = image.summary();
    page.row("push", name)?;
    page.row("digest", short(image.digest()))?;
    let of = match summary.platforms.as_slice() {
        [] => String::new(),
        platforms => format!("{}: ", platforms.join(", ")),
    };
    let manifests = count(summary.manifests, "manifest", "manifests");
    let blobs = count(summary.blobs, "blob", "blobs");
    page.row(
        "contents",
        format!("{of}{manifests}, {blobs}, {}", size(summary.bytes)),
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
    page.row("event", format!("{kind}, {}, {time}", what.join(" ")))
}

/// What the policy makes of it; without its criteria where it only waits.
pub(super) fn decision<W: io::Write>(page: &mut Page<W>, record: &Record) -> io::Result<()> {
    let decision = &record.decision;
    if decision.verdict != Verdict::Await {
        for judgement in &decision.criteria {
            page.criterion(judgement)?;
        }
    }
    page.decision(decision)
}

/// The promotion.
pub(super) fn promotion<W: io::Write>(page: &mut Page<W>, pushed: &Pushed) -> io::Result<()> {
    let record = &pushed.record;
    if let Some(promotion) = &record.promotion {
        let mut steps = Vec::new();
        if promotion.mounted > 0 {
            let blobs = count(promotion.mounted, "blob", "blobs");
            steps.push(format!("{blobs} mounted"));
        }
        if promotion.streamed > 0 {
            let blobs = count(promotion.streamed, "blob", "blobs");
            steps.push(format!("{blobs} copied ({})", size(promotion.bytes)));
        }
        if promotion.manifests > 0 {
            let manifests = count(promotion.manifests, "child manifest", "child manifests");
            steps.push(manifests);
        }
        steps.push("the tag last".to_owned());
        page.row("copy", steps.join(", "))?;
    }
    match &record.target {
        Some(target) => page.row("promoted", Text::styled(GREEN.bold(), target.to_string())),
        None => Ok(()),
    }
}

/// Every push with what became of it, and what was proved of the target.
pub(super) fn summary<W: io::Write>(
    page: &mut Page<W>,
    target: &Repository,
    promoted: &Pushed,
    verified: &Verified,
    held: &[Pushed],
) -> io::Result<()> {
    page.section("Summary")?;
    let rows = std::iter::once(promoted).chain(held).map(|pushed| {
        let record = &pushed.record;
        let why = match &record.target {
            Some(target) if record.promotion.is_some() => format!("as {target}"),
            _ => record.reason.clone(),
        };
        let outcome = record.outcome.as_str().to_owned();
        vec![pushed.name.clone(), outcome, why]
    });
    page.table(&["PUSH", "OUTCOME", "WHY"], &rows.collect::<Vec<_>>())?;
    page.section(format!("What {target} holds now"))?;
    page.digest(promoted.digest.as_str())?;
    let manifests = count(verified.manifests, "manifest", "manifests");
    let blobs = count(verified.blobs, "blob", "blobs");
    let bytes = size(verified.bytes);
    if let Some(target) = &promoted.record.target {
        page.row("tag", target.tag.as_str())?;
    }
    page.row(
        "read back",
        format!("{manifests} and {blobs}, {bytes}: every digest is right"),
    )?;
    if held.is_empty() {
        return Ok(());
    }
    page.row("absent", images(held))
}

/// The tags of what is held.
fn images(held: &[Pushed]) -> String {
    let tags: Vec<&str> = held.iter().map(|held| held.record.tag.as_str()).collect();
    tags.join(", ")
}

/// What to try next.
pub(super) fn next<W: io::Write>(
    page: &mut Page<W>,
    command: &str,
    own_image: bool,
) -> io::Result<()> {
    page.section("Try next")?;
    if !own_image {
        page.row("your image", format!("{command} demo --image DIR"))?;
    }
    page.row("your policy", format!("{command} local --help"))
}
