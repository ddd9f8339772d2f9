//! Criteria on numbers of findings. An image's count is the largest among its platforms'.

use std::collections::{HashMap, HashSet};

use super::{
    judge::Found,
    platforms::{Gap, Gathered},
    words,
};
use crate::{
    Digest,
    decision::CriterionVerdict,
    evidence::{Finding, Known, Never, Platform, Seen},
    policy::{Counted, NumberOperator, Which},
};

/// What a criterion wants of a number.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    pub(super) which: Which,
    pub(super) counted: Counted,
    pub(super) operator: NumberOperator,
    pub(super) value: u64,
}

/// Judges by the platforms' findings; `accepted` are those that need no scan.
pub(super) fn judge(
    wanted: Wanted,
    platforms: &[Platform],
    known: &HashMap<Digest, Known<Vec<Finding>>>,
    accepted: Option<&HashSet<Digest>>,
) -> Result<Found, Gap> {
    let Wanted {
        operator, value, ..
    } = wanted;
    let mut gathered = Gathered::of(platforms, known);
    let accepted = accepted.map_or_else(Vec::new, |accepted| gathered.take_accepted(accepted));
    let worst = Count::worst(wanted, &gathered);
    let are_several = gathered.are_several();
    if let Some(worst) = &worst
        && operator.is_exceeded(worst.number, value)
    {
        // Too much on one platform is too much, whatever the others bring.
        return Ok(noted(worst.found(false, true, are_several), &accepted));
    }
    if let Some(gap) = gathered.gap() {
        return Err(gap);
    }
    if let Some(never) = unsaid(wanted, &gathered) {
        return Err(Gap::Never(never));
    }
    let found = match worst {
        Some(worst) => worst.found(operator.holds(worst.number, value), false, are_several),
        None if accepted.is_empty() => {
            return Err(Gap::Never("it has no platform to judge".to_owned().into()));
        }
        None => nothing(operator.holds(0, value)),
    };
    Ok(noted(found, &accepted))
}

/// A finding of the counted severities of which the scanner does not say whether it counts: the count
/// is not known, and never less for it.
fn unsaid(wanted: Wanted, gathered: &Gathered<'_, Vec<Finding>>) -> Option<Never> {
    let rated = |finding: &&Finding| wanted.counted.counts(finding.severity);
    let mut seen = gathered.seen.iter();
    let (platform, seen, finding) = seen.find_map(|(platform, seen)| {
        let mut findings = seen.value.iter().filter(rated);
        let unsaid = findings.find(|finding| wanted.which.is(finding).is_none())?;
        Some((platform, seen, unsaid))
    })?;
    let place = gathered.place(platform);
    let (question, name) = (wanted.which.question(), name(finding));
    let reason = format!("the scanner does not say of {name}{place} {question}");
    Some(Never::read(words::one_line(&reason), seen.origin, seen.at))
}

/// No platform was scanned, and all are accepted without.
fn nothing(is_met: bool) -> Found {
    Found {
        verdict: CriterionVerdict::of(is_met),
        seen: serde_json::json!(0),
        note: None,
        words: "0".to_owned(),
        culprits: Vec::new(),
        origin: "scan: not supported".to_owned(),
        at: None,
    }
}

/// Says which platforms are taken as having no findings, beside what was seen of the others.
pub(super) fn noted(found: Found, accepted: &[&Platform]) -> Found {
    if accepted.is_empty() {
        return found;
    }
    let names = words::named(accepted.iter().map(ToString::to_string)).join(", ");
    let note = format!("{names} cannot be scanned: accepted by the policy");
    Found {
        words: format!("{}; {note}", found.words),
        note: Some(
            found
                .note
                .map_or_else(|| note.clone(), |place| format!("{place}; {note}")),
        ),
        ..found
    }
}

/// The findings of one platform that count.
struct Count<'a> {
    platform: &'a Platform,
    seen: &'a Seen<Vec<Finding>>,
    wanted: Wanted,
    number: u64,
}

impl<'a> Count<'a> {
    fn of(wanted: Wanted, platform: &'a Platform, seen: &'a Seen<Vec<Finding>>) -> Self {
        let count = findings(wanted, &seen.value).count();
        Self {
            platform,
            seen,
            wanted,
            // A count that does not fit is as large as can be, never small.
            number: u64::try_from(count).unwrap_or(u64::MAX),
        }
    }

    /// The largest count of all platforms; the first of equal ones, as the index orders them.
    fn worst(wanted: Wanted, gathered: &Gathered<'a, Vec<Finding>>) -> Option<Self> {
        let counts = gathered.seen.iter();
        counts
            .map(|(platform, seen)| Self::of(wanted, platform, seen))
            .reduce(|worst, next| {
                if next.number > worst.number {
                    next
                } else {
                    worst
                }
            })
    }

    /// What it says of the criterion; `names_culprits` if there are too many.
    fn found(&self, is_met: bool, names_culprits: bool, are_several: bool) -> Found {
        // Zero is zero on every platform.
        let place = if are_several && self.number > 0 {
            format!(" on {}", self.platform)
        } else {
            String::new()
        };
        let culprits = if names_culprits {
            let mut worst_first: Vec<_> = findings(self.wanted, &self.seen.value).collect();
            worst_first.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
            words::named(
                worst_first
                    .into_iter()
                    .map(|f| format!("{}{place}", name(f))),
            )
        } else {
            Vec::new()
        };
        let number = self.number;
        let words = if culprits.is_empty() {
            format!("{number}{place}")
        } else {
            format!("{number}{}", words::first_of(&culprits, number))
        };
        Found {
            verdict: CriterionVerdict::of(is_met),
            seen: serde_json::json!(number),
            note: (!place.is_empty()).then(|| place.trim_start().to_owned()),
            words,
            culprits,
            origin: self.seen.origin.to_string(),
            at: Some(self.seen.at),
        }
    }
}

/// The findings that count for certain.
fn findings(wanted: Wanted, list: &[Finding]) -> impl Iterator<Item = &Finding> {
    let counts = move |finding: &&Finding| {
        wanted.counted.counts(finding.severity) && wanted.which.is(finding) == Some(true)
    };
    list.iter().filter(counts)
}

/// `CVE-2021-44228 CRITICAL log4j-core 2.14.1 (fixed in 2.15.0)`
pub(super) fn name(finding: &Finding) -> String {
    let mut words = vec![finding.id.clone(), finding.severity.as_str().to_owned()];
    words.extend(finding.package.clone());
    words.extend(finding.installed.clone());
    if let Some(fixed) = &finding.fixed {
        words.push(format!("(fixed in {fixed})"));
    }
    words.join(" ")
}
