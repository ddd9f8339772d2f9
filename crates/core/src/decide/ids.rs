//! Criteria on the ids of findings. An image has those of all its platforms; under an operator that
//! forbids, a finding also answers to the ids that the scanner holds related.

use super::{
    counts::{self, Scans},
    judge::Found,
    platforms::{Gap, Gathered},
    words,
};
use crate::{decision::CriterionVerdict, evidence::Finding, policy::TextCondition};

/// Judges by the platforms' findings.
pub(super) fn judge(text: &TextCondition, scans: Scans<'_>) -> Result<Found, Gap> {
    let (gathered, taken) = scans.gathered();
    let (counting, left_out) = scans.counting(&gathered);
    let is_negative = text.operator().is_negative();
    let mut touched = Vec::new();
    for ((platform, _), findings) in gathered.seen.iter().zip(&counting) {
        let is_meant = |finding: &&&Finding| {
            let related = finding.related.iter().filter(|_| is_negative);
            let mut ids = std::iter::once(&finding.id).chain(related);
            ids.any(|id| text.touches(id))
        };
        let place = gathered.place(platform);
        let found = findings.iter().filter(is_meant);
        touched.extend(found.map(|finding| format!("{}{place}", counts::name(finding))));
    }
    if (!is_negative || touched.is_empty())
        && let Some(gap) = gathered.gap()
    {
        return Err(gap);
    }
    if gathered.seen.is_empty() && taken.is_empty() {
        return Err(Gap::Never("it has no platform to judge".to_owned().into()));
    }
    let verdict = CriterionVerdict::of(touched.is_empty() == is_negative);
    if verdict == CriterionVerdict::Met
        && !is_negative
        && let Some(doubt) = left_out.doubt()
    {
        return Err(doubt);
    }
    let found = Found {
        note: scans.exempt.note(&left_out),
        ..found(verdict, touched, &gathered)
    };
    Ok(counts::noted(found, &taken))
}

fn found(
    verdict: CriterionVerdict,
    touched: Vec<String>,
    gathered: &Gathered<'_, Vec<Finding>>,
) -> Found {
    let more = touched.len().saturating_sub(1);
    let names = words::named(touched.into_iter());
    let first = gathered.seen.first();
    Found {
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
    }
}
