//! The explanation of an image, as tables for people.

use std::io;

use anstyle::Style;
use ecr_promoter::Explanation;
use ecr_promoter_core::{
    Time,
    decision::{Decision, Judgement, Verdict},
};
use serde_json::Value;

use super::{
    document::{CaseTold, Document, PushTold},
    nearest,
    status::Status,
};
use crate::{
    asked::Asked,
    page::{
        GREEN, Page, Text, YELLOW,
        words::{ago, count},
    },
    when::{clock, until},
};

/// Prints all of it.
pub(crate) fn print<W: io::Write>(
    page: &mut Page<W>,
    asked: &Asked,
    document: &Document,
    explanation: &Explanation,
) -> io::Result<()> {
    let tag = asked
        .tag
        .as_ref()
        .map_or_else(String::new, |tag| format!(":{tag}"));
    page.title(format!("{}{tag}", asked.repository))?;
    page.digest(explanation.image.digest.as_str())?;
    if !explanation.there {
        page.line("  the repository does not hold this image any more")?;
    }
    for push in &document.pushes {
        of_push(page, document, push)?;
    }
    if document.pushes.is_empty() {
        page.section("no tag stands on it")?;
        page.line("  a policy judges pushes of tags; push it under a tag")?;
    }
    if document.pushes_left_out > 0 {
        let left_out = count(document.pushes_left_out, "push", "pushes");
        page.line(format!("  and {left_out} more; name a tag to see it"))?;
    }
    invalid(page, explanation)?;
    near(page, document, explanation)
}

fn of_push<W: io::Write>(
    page: &mut Page<W>,
    document: &Document,
    push: &PushTold,
) -> io::Result<()> {
    let at = document.looked_at;
    page.section(format!("tag {}", push.tag))?;
    let told = match push.number {
        Some(number) => format!("push {number} of this tag, {}", age(push.order_time, at)),
        None if push.policies.iter().any(CaseTold::is_new) => {
            "the function has not judged this push yet".to_owned()
        }
        None => "no policy judges it, so the function keeps nothing of it".to_owned(),
    };
    page.row("push", told)?;
    if !push.current {
        page.row("moved", "the tag does not stand on this image any more")?;
    }
    origin(page, push)?;
    if !push.chain.policies.is_empty() {
        let chain: Vec<String> = push
            .chain
            .policies
            .iter()
            .map(ToString::to_string)
            .collect();
        page.row("chain", chain.join(", then "))?;
    }
    for case in &push.policies {
        of_case(page, document, case)?;
    }
    Ok(())
}

/// Where the tag came from, where something was ever promoted to it.
fn origin<W: io::Write>(page: &mut Page<W>, push: &PushTold) -> io::Result<()> {
    let origin = &push.origin;
    match (origin.came, &origin.moved_from) {
        ("promoted", _) => page.row("origin", "promoted here")?,
        (_, Some(from)) => page.row(
            "origin",
            format!("a person moved it; the last promotion put {from} here"),
        )?,
        _ => {}
    }
    for promotion in &origin.promotions {
        from(page, promotion)?;
    }
    Ok(())
}

/// One promotion, with what its policy asked for then.
fn from<W: io::Write>(page: &mut Page<W>, promotion: &Value) -> io::Result<()> {
    let text = |place: &str| {
        let text = promotion.pointer(place).and_then(Value::as_str);
        text.unwrap_or_default()
    };
    let at: Option<Time> = text("/at").parse().ok();
    let at = at.map_or_else(String::new, |at| format!(", {}", clock(at)));
    let source = format!("{}:{}", text("/source/repository"), text("/source/tag"));
    let policy = format!("{} {}", text("/policy/source"), text("/policy/name"));
    page.row("from", format!("{source} by {policy}{at}"))?;
    let criteria = promotion.get("criteria").and_then(Value::as_array);
    for criterion in criteria.into_iter().flatten() {
        let text = |key: &str| {
            let text = criterion.get(key).and_then(Value::as_str);
            text.unwrap_or_default()
        };
        let wanted = criterion.get("wanted").unwrap_or(&Value::Null);
        let (attribute, operator) = (text("attribute"), text("operator"));
        page.row("", format!("asked for {attribute} {operator} {wanted}"))?;
    }
    Ok(())
}

fn of_case<W: io::Write>(
    page: &mut Page<W>,
    document: &Document,
    case: &CaseTold,
) -> io::Result<()> {
    let at = document.looked_at;
    let style = match case.status {
        Status::Promoted => GREEN,
        Status::Waiting | Status::NotPromoted | Status::NoCase => YELLOW,
    };
    page.section(format!("policy {}", case.policy))?;
    page.row("status", Text::styled(style.bold(), case.word))?;
    if let Some(target) = &case.now.target {
        page.row("target", target.to_string())?;
    }
    last(page, case, at)?;
    let last_reason = case.last.as_ref().map(|last| last.decision.reason.as_str());
    let is_same = last_reason.is_some_and(|last| case.now.reason.ends_with(last));
    if is_same && case.status != Status::Promoted {
        page.row("now", format!("{}: the same", case.now.verdict))?;
    } else if !is_same {
        page.row("now", now(&case.now))?;
    }
    for judgement in &case.now.criteria {
        page.criterion(judgement)?;
        seen(page, judgement, at)?;
    }
    let pass = case.now.nearest_pass.as_ref();
    // What waits says already for what.
    if let Some(pass) = pass.filter(|pass| pass.possible || case.now.verdict != Verdict::Await) {
        nearest::show(page, pass)?;
    }
    if let Some(unseen) = case.target_now.get("unseen").and_then(Value::as_str) {
        page.row("unseen", unseen)?;
    }
    page.row("next", case.next.as_str())
}

/// What was decided last, and what it is open for.
fn last<W: io::Write>(page: &mut Page<W>, case: &CaseTold, at: Time) -> io::Result<()> {
    let Some(last) = &case.last else {
        return page.row("last", "not judged yet");
    };
    let decision = &last.decision;
    let outcome = decision
        .outcome
        .map_or("under way", |outcome| outcome.as_str());
    let when = last
        .at
        .map_or_else(String::new, |at_then| format!(" {}", age(at_then, at)));
    page.row("last", format!("{outcome}{when}: {}", decision.reason))?;
    if let (Some(waits), Some(due)) = (last.waits_for, last.due) {
        let word = serde_json::to_value(waits).unwrap_or_default();
        let word = word.as_str().unwrap_or_default().to_owned();
        page.row(
            "waits for",
            format!("{word}; looked at again {}", until(due, at)),
        )?;
    }
    Ok(())
}

/// What would be decided now.
fn now(decision: &Decision) -> Text {
    Text::from(format!("{}: {}", decision.verdict, decision.reason))
}

/// Where something was seen, how old that is, and who broke it.
fn seen<W: io::Write>(page: &mut Page<W>, judgement: &Judgement, at: Time) -> io::Result<()> {
    let age = judgement.at.map(|seen| age(seen, at));
    let origin = [judgement.origin.clone(), age].into_iter().flatten();
    let origin: Vec<String> = origin.collect();
    if !origin.is_empty() {
        page.row("", origin.join(", "))?;
    }
    for culprit in &judgement.culprits {
        page.row("", Text::from("by ").and(Style::new(), culprit.as_str()))?;
    }
    Ok(())
}

fn invalid<W: io::Write>(page: &mut Page<W>, explanation: &Explanation) -> io::Result<()> {
    for (policy, errors) in &explanation.invalid {
        page.section(format!("policy {policy}"))?;
        page.row("status", Text::styled(YELLOW.bold(), "invalid"))?;
        for error in errors {
            page.row("mistake", error.to_string())?;
        }
        page.row("next", "mend the policy; until then it promotes nothing")?;
    }
    Ok(())
}

/// Where no policy applies.
fn near<W: io::Write>(
    page: &mut Page<W>,
    document: &Document,
    explanation: &Explanation,
) -> io::Result<()> {
    if explanation.policies > 0 || !explanation.invalid.is_empty() {
        return Ok(());
    }
    let repository = &explanation.image.repository;
    page.section("no policy")?;
    page.line(format!("  no policy has {repository} for its source"))?;
    for policy in &document.near.policies {
        page.row(
            "nearest",
            format!(
                "{} {}: its source has {:?} where {repository} has {:?}",
                policy.source, policy.name, policy.has, policy.wanted
            ),
        )?;
    }
    if let Some(unknown) = &document.near.unknown {
        page.row("unknown", unknown.as_str())?;
    }
    Ok(())
}

fn age(then: Time, now: Time) -> String {
    ago((now - then).num_seconds())
}
