//! Criteria on numbers of findings. An image's count is the largest among its platforms'.

use std::collections::{HashMap, HashSet};

use super::{
    exempt::{Counting, Exempt, LeftOut},
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

/// The findings of an image's platforms.
#[derive(Clone, Copy)]
pub(super) struct Scans<'a> {
    pub(super) platforms: &'a [Platform],
    pub(super) known: &'a HashMap<Digest, Known<Vec<Finding>>>,
    /// The platforms that need no scan.
    pub(super) accepted: Option<&'a HashSet<Digest>>,
    pub(super) exempt: &'a Exempt<'a>,
}

impl<'a> Scans<'a> {
    /// What is known of them, and the platforms that are taken without a scan.
    pub(super) fn gathered(&self) -> (Gathered<'a, Vec<Finding>>, Vec<&'a Platform>) {
        let mut gathered = Gathered::of(self.platforms, self.known);
        let taken = self
            .accepted
            .map_or_else(Vec::new, |accepted| gathered.take_accepted(accepted));
        (gathered, taken)
    }

    /// The findings that no exception leaves out, for each platform that was seen, and what is left out.
    pub(super) fn counting(
        &self,
        gathered: &Gathered<'a, Vec<Finding>>,
    ) -> (Vec<Counting<'a>>, LeftOut<'a>) {
        let mut left_out = LeftOut::default();
        let mut counting = Vec::new();
        for (platform, seen) in &gathered.seen {
            counting.push(self.exempt.counting(&seen.value, platform, &mut left_out));
        }
        (counting, left_out)
    }
}

/// Judges by the platforms' findings.
pub(super) fn judge(wanted: Wanted, scans: Scans<'_>) -> Result<Found, Gap> {
    let (gathered, taken) = scans.gathered();
    let (counting, left_out) = scans.counting(&gathered);
    let found = found(wanted, &gathered, &counting, taken.is_empty())?;
    if found.verdict == CriterionVerdict::Met
        && !wanted.operator.wants_few()
        && let Some(doubt) = left_out.doubt()
    {
        return Err(doubt);
    }
    let found = noted(found, &taken);
    Ok(match scans.exempt.note(&left_out) {
        Some(note) => Found {
            note: Some(join(found.note, note)),
            ..found
        },
        None => found,
    })
}

fn found(
    wanted: Wanted,
    gathered: &Gathered<'_, Vec<Finding>>,
    counting: &[Counting<'_>],
    is_none_taken: bool,
) -> Result<Found, Gap> {
    let Wanted {
        operator, value, ..
    } = wanted;
    let worst = Count::worst(wanted, gathered, counting);
    let are_several = gathered.are_several();
    if let Some(worst) = &worst
        && operator.is_exceeded(worst.number, value)
    {
        // Too much on one platform is too much, whatever the others bring.
        return Ok(worst.found(false, true, are_several));
    }
    if let Some(gap) = gathered.gap() {
        return Err(gap);
    }
    if let Some(never) = unsaid(wanted, gathered, counting) {
        return Err(Gap::Never(never));
    }
    match worst {
        Some(worst) => Ok(worst.found(operator.holds(worst.number, value), false, are_several)),
        None if is_none_taken => Err(Gap::Never("it has no platform to judge".to_owned().into())),
        None => Ok(nothing(operator.holds(0, value))),
    }
}

fn join(first: Option<String>, next: String) -> String {
    match first {
        Some(first) => format!("{first}; {next}"),
        None => next,
    }
}

/// A finding of the counted severities for which the scanner does not say whether it counts: the count
/// is not known, and never less for it.
fn unsaid(
    wanted: Wanted,
    gathered: &Gathered<'_, Vec<Finding>>,
    counting: &[Counting<'_>],
) -> Option<Never> {
    let mut seen = gathered.seen.iter().zip(counting);
    let (platform, seen, finding) = seen.find_map(|((platform, seen), findings)| {
        let mut findings = findings.iter();
        let unsaid = findings.find(|finding| {
            wanted.counted.counts(finding.severity) && wanted.which.is(finding).is_none()
        })?;
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
        note: Some(join(found.note, note)),
        ..found
    }
}

/// The findings of one platform that count.
struct Count<'a> {
    platform: &'a Platform,
    seen: &'a Seen<Vec<Finding>>,
    counted: Vec<&'a Finding>,
    number: u64,
}

impl<'a> Count<'a> {
    fn of(
        wanted: Wanted,
        platform: &'a Platform,
        seen: &'a Seen<Vec<Finding>>,
        findings: &Counting<'a>,
    ) -> Self {
        let counts = |finding: &&&Finding| {
            wanted.counted.counts(finding.severity) && wanted.which.is(finding) == Some(true)
        };
        let counted: Vec<_> = findings.iter().filter(counts).copied().collect();
        // A count that does not fit is as large as can be, never small.
        let number = u64::try_from(counted.len()).unwrap_or(u64::MAX);
        Self {
            platform,
            seen,
            counted,
            number,
        }
    }

    /// The largest count of all platforms; the first of equal ones, as the index orders them.
    fn worst(
        wanted: Wanted,
        gathered: &Gathered<'a, Vec<Finding>>,
        counting: &[Counting<'a>],
    ) -> Option<Self> {
        let counts = gathered.seen.iter().zip(counting);
        counts
            .map(|((platform, seen), findings)| Self::of(wanted, platform, seen, findings))
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
            let mut worst_first = self.counted.clone();
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
