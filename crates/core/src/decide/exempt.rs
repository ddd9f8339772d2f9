//! The findings that a policy's exceptions leave out, and what is said of them.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap},
};

use super::{platforms::Gap, words};
use crate::{
    Time,
    evidence::{Contents, Evidence, Finding, Known, Lack, Platform},
    policy::{Criterion, Exception, Policy},
    suggest::shortened,
};

/// How many exceptions of a kind a note names.
const NOTED_MAX: usize = 3;

/// A policy's exceptions, by the id that they are about.
pub(super) struct Exempt<'a> {
    now: Time,
    by_id: HashMap<&'a str, Vec<&'a Exception>>,
}

/// The findings of a platform that count.
pub(super) type Counting<'a> = Vec<&'a Finding>;

/// What exceptions did among the findings that were looked at.
#[derive(Default)]
pub(super) struct LeftOut<'a> {
    /// What was left out, by which exception.
    out: BTreeSet<(&'a str, &'a str, String)>,
    /// Findings that an exception is over for.
    over: BTreeSet<(&'a str, String)>,
    used: BTreeSet<*const Exception>,
    /// A finding whose package is not known, where an exception asks for it. It counts; where more
    /// findings are wanted, it is unknown whether it does.
    unclear: Option<&'a str>,
}

impl LeftOut<'_> {
    /// Why a criterion that is met by what counts is not known to be met.
    pub(super) fn doubt(&self) -> Option<Gap> {
        let finding = self.unclear?;
        let reason = format!(
            "the scanner does not say which package {finding} lies in, so it is unknown whether an exception leaves it out"
        );
        Some(Gap::Never(words::one_line(&reason).into()))
    }
}

impl<'a> Exempt<'a> {
    pub(super) fn of(exceptions: &'a [Exception], now: Time) -> Self {
        let mut by_id: HashMap<&str, Vec<&Exception>> = HashMap::new();
        for exception in exceptions {
            by_id.entry(&exception.finding).or_default().push(exception);
        }
        Self { now, by_id }
    }

    /// The findings that count, of those of one platform.
    pub(super) fn counting(
        &self,
        findings: &'a [Finding],
        platform: &Platform,
        left_out: &mut LeftOut<'a>,
    ) -> Counting<'a> {
        if self.by_id.is_empty() {
            return findings.iter().collect();
        }
        let counts = |finding: &&Finding| !self.leaves_out(finding, platform, left_out);
        findings.iter().filter(counts).collect()
    }

    fn leaves_out(
        &self,
        finding: &Finding,
        platform: &Platform,
        left_out: &mut LeftOut<'a>,
    ) -> bool {
        let Some(exceptions) = self.by_id.get(finding.id.as_str()) else {
            return false;
        };
        let own = exceptions
            .iter()
            .copied()
            .filter(|it| it.is_about(finding, platform));
        let lacks_package = |it: &&Exception| it.component.is_some() && !it.is_over(self.now);
        if finding.package.is_none() && exceptions.iter().copied().any(|it| lacks_package(&it)) {
            left_out.unclear = exceptions.first().map(|it| it.finding.as_str());
        }
        let (over, open): (Vec<_>, Vec<_>) = own.partition(|it| it.is_over(self.now));
        for exception in over.iter().chain(&open) {
            left_out
                .used
                .insert(std::ptr::from_ref::<Exception>(exception));
        }
        if let Some(exception) = open.first() {
            let until = exception.until.to_string();
            left_out
                .out
                .insert((&exception.finding, &exception.reason, until));
        } else if let Some(exception) = over.first() {
            let until = exception.until.to_string();
            left_out.over.insert((&exception.finding, until));
        }
        !open.is_empty()
    }

    /// What a judgement says of them, where there is anything to say.
    pub(super) fn note(&self, left_out: &LeftOut<'a>) -> Option<String> {
        let out = left_out.out.iter().map(|(finding, reason, until)| {
            format!("{finding} until {until} ({})", shortened(reason))
        });
        let over = left_out.over.iter();
        let over = over.map(|(finding, until)| format!("{finding} since {until}"));
        let mut unused: Vec<_> = self
            .by_id
            .values()
            .flatten()
            .filter(|it| !left_out.used.contains(&std::ptr::from_ref::<Exception>(it)))
            .map(|it| it.finding.clone())
            .collect();
        unused.sort();
        let parts = [
            told("left out by exceptions", out.collect()),
            told("exceptions that are over", over.collect()),
            told("exceptions that match nothing", unused),
        ];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| words::one_line(&parts.join("; ")))
    }
}

fn told(what: &str, all: Vec<String>) -> Option<String> {
    let more = all.len().saturating_sub(NOTED_MAX);
    let mut named: Vec<_> = all.into_iter().take(NOTED_MAX).collect();
    if more > 0 {
        named.push(format!("and {more} more"));
    }
    (!named.is_empty()).then(|| format!("{what}: {}", named.join(", ")))
}

/// When the first of the exceptions ends that leave a finding of the image out: the decision may have other
/// reasons from then on. `None` if none leaves anything out, or the policy has no criterion on findings.
#[must_use]
pub fn exceptions_end(policy: &Policy, evidence: &Evidence, now: Time) -> Option<Time> {
    let asks = |criterion: &Criterion| criterion.attribute.lack() == Some(Lack::Findings);
    if policy.exceptions.is_empty() || !policy.criteria.iter().any(asks) {
        return None;
    }
    let Known::Seen(contents) = &evidence.contents else {
        return None;
    };
    let Contents::Platforms(platforms) = &contents.value else {
        return None;
    };
    let exempt = Exempt::of(&policy.exceptions, now);
    let mut ends = Vec::new();
    for platform in platforms {
        if let Some(Known::Seen(seen)) = evidence.findings.get(&platform.digest) {
            for finding in &seen.value {
                let own = exempt.by_id.get(finding.id.as_str()).into_iter().flatten();
                let open = own.filter(|it| !it.is_over(now) && it.is_about(finding, platform));
                // Where several cover it, it is left out until the last of them ends.
                ends.extend(open.filter_map(|it| it.ends()).max());
            }
        }
    }
    ends.into_iter().min()
}

/// The evidence without the findings that the policy's exceptions leave out.
pub(crate) fn counted<'e>(policy: &Policy, evidence: &'e Evidence, now: Time) -> Cow<'e, Evidence> {
    let mut counted = Cow::Borrowed(evidence);
    let open: Vec<_> = policy
        .exceptions
        .iter()
        .filter(|it| !it.is_over(now))
        .collect();
    let Known::Seen(contents) = &evidence.contents else {
        return counted;
    };
    let Contents::Platforms(platforms) = &contents.value else {
        return counted;
    };
    for platform in platforms.iter().filter(|_| !open.is_empty()) {
        let known = counted.to_mut().findings.get_mut(&platform.digest);
        if let Some(Known::Seen(seen)) = known {
            seen.value
                .retain(|finding| !open.iter().any(|it| it.is_about(finding, platform)));
        }
    }
    counted
}
