//! `promoter policy test`: the core's own decision on an image under a document, with the evidence that is there now.

use std::process::ExitCode;

use ecr_promoter::Look;
use ecr_promoter_core::{
    Push, Tag,
    decide::{Step, decide},
    decision::{Decision, Verdict},
    nearest::nearest,
    path::Paths,
    policy::Policy,
    provenance::Chain,
};
use serde_json::json;

use super::Documents;
use crate::{
    Failed,
    asked::Asked,
    evidence,
    page::{Page, json},
    signed::{Signed, sign_in},
};

/// The version of the document's shape.
const VERSION: u32 = 1;

/// Why there is no decision.
#[derive(Debug, thiserror::Error)]
enum TrialError {
    /// A policy judges a push of a tag.
    #[error("{0} has no tag, but a policy judges tags; name one, as in dev/website:1.4")]
    NoTag(Asked),
    /// The core asks for what was gathered already.
    #[error("cannot judge under {0}: evidence is missing")]
    Undecided(String),
}

/// Judges, and shows the decisions.
pub(super) async fn run(
    documents: &Documents,
    asked: &Asked,
    json: bool,
) -> Result<ExitCode, Failed> {
    let goods = documents.read()?;
    let signed = sign_in().await?;
    let config = evidence::config(|name| std::env::var(name).ok())?;
    let look = evidence::look(config, &signed, asked).await?;
    let tag = asked.tag.clone().or_else(|| look.tag.clone());
    let tag = tag.ok_or_else(|| TrialError::NoTag(asked.clone()))?;
    let push = push(&signed, asked, tag, &look);
    let paths = documents.paths.clone().map_or_else(everywhere, Ok)?;
    let decisions = goods
        .iter()
        .map(|good| judged(&push, &good.policy, &paths, &look))
        .collect::<Result<Vec<_>, _>>()?;
    if json {
        let document = json!({"version": VERSION, "decisions": decisions});
        json::print(&mut anstream::stdout().lock(), &document)?;
    } else {
        show(&push, &decisions)?;
    }
    // What may not be looked at says nothing about the image.
    evidence::hidden(&look)?;
    let all = decisions.iter().all(|of| of.verdict == Verdict::Promote);
    Ok(if all {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn everywhere() -> Result<Paths, Failed> {
    Paths::parse("*").map_err(|_| "the path \"*\" is broken".into())
}

fn push(signed: &Signed, asked: &Asked, tag: Tag, look: &Look) -> Push {
    Push {
        registry: signed.registry.clone(),
        repository: asked.repository.clone(),
        tag,
        digest: look.digest.clone(),
        number: 0,
        order_time: look.now,
        current: true,
        seen: look.now,
        told: None,
        chain: Chain::default(),
    }
}

fn judged(
    push: &Push,
    policy: &Policy,
    paths: &Paths,
    look: &Look,
) -> Result<Decision, TrialError> {
    match decide(push, policy, paths, &look.evidence, look.now) {
        Step::Decided(mut decision) => {
            if matches!(decision.verdict, Verdict::Hold | Verdict::Await) {
                let pass = nearest(push, policy, paths, &look.evidence, look.now);
                decision.nearest_pass = Some(Box::new(pass));
            }
            Ok(decision)
        }
        Step::Ask(_) => Err(TrialError::Undecided(policy.key().to_string())),
    }
}

fn show(push: &Push, decisions: &[Decision]) -> std::io::Result<()> {
    let mut page = Page::stdout();
    page.title(format!("{}:{}", push.repository, push.tag))?;
    page.digest(push.digest.as_str())?;
    for decision in decisions {
        page.section(decision.policy.to_string())?;
        for judgement in &decision.criteria {
            page.criterion(judgement)?;
        }
        page.decision(decision)?;
        if let Some(target) = &decision.target {
            page.row("target", target.to_string())?;
        }
    }
    Ok(())
}
