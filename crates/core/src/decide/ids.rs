//! Criteria on the ids of findings. An image has those of all its platforms; under an operator that
//! forbids, a finding also answers to the ids that the scanner holds related.

use std::collections::{HashMap, HashSet};

use super::{
    counts,
    judge::Found,
    platforms::{Gap, Gathered},
    words,
};
use crate::{
    Digest,
    decision::CriterionVerdict,
    evidence::{Finding, Known, Platform},
    policy::TextCondition,
};

/// Judges by the platforms' findings; `accepted` are those that need no scan.
pub(super) fn judge(
    text: &TextCondition,
    platforms: &[Platform],
    known: &HashMap<Digest, Known<Vec<Finding>>>,
    accepted: Option<&HashSet<Digest>>,
) -> Result<Found, Gap> {
    let mut gathered = Gathered::of(platforms, known);
    let accepted = accepted.map_or_else(Vec::new, |accepted| gathered.take_accepted(accepted));
    let is_negative = text.operator().is_negative();
    let mut touched = Vec::new();
    for (platform, seen) in &gathered.seen {
        let is_meant = |finding: &&Finding| {
            let related = finding.related.iter().filter(|_| is_negative);
            let mut ids = std::iter::once(&finding.id).chain(related);
            ids.any(|id| text.touches(id))
        };
        let place = gathered.place(platform);
        let found = seen.value.iter().filter(is_meant);
        touched.extend(found.map(|finding| format!("{}{place}", counts::name(finding))));
    }
    if (!is_negative || touched.is_empty())
        && let Some(gap) = gathered.gap()
    {
        return Err(gap);
    }
    if gathered.seen.is_empty() && accepted.is_empty() {
        return Err(Gap::Never("it has no platform to judge".to_owned().into()));
    }
    let verdict = CriterionVerdict::of(touched.is_empty() == is_negative);
    Ok(found(verdict, touched, &gathered, &accepted))
}

fn found(
    verdict: CriterionVerdict,
    touched: Vec<String>,
    gathered: &Gathered<'_, Vec<Finding>>,
    accepted: &[&Platform],
) -> Found {
    let more = touched.len().saturating_sub(1);
    let names = words::named(touched.into_iter());
    let first = gathered.seen.first();
    let found = Found {
        verdict,
        seen: serde_json::json!(names),
        note: None,
        words: match names.as_slice() {
            [] => "none of them among the findings".to_owned(),
            [one] => one.clone(),
            [first, ..] => format!("{first} and {more} more"),
        },
        culprits: if verdict == CriterionVerdict::Met {
            Vec::new()
        } else {
            names
        },
        origin: first.map_or_else(
            || "scan: not supported".to_owned(),
            |(_, seen)| seen.origin.to_string(),
        ),
        at: gathered.seen.iter().map(|(_, seen)| seen.at).min(),
    };
    counts::noted(found, accepted)
}
