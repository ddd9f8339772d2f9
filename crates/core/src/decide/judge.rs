//! One criterion on one push: a pure function of the criterion, the push and the evidence.

use std::{cell::OnceCell, collections::HashSet};

use crate::{
    Digest, Push, Time,
    decision::{CriterionVerdict, Judgement, NAMED_MAX, microseconds},
    evidence::{Contents, Evidence, Known, Lack, Never, NotYet, Platform, Read},
    policy::{
        Attribute, Condition, Criterion, LicenseCondition, Policy, TextCondition, Unscannable,
    },
};

use super::{
    ages, components,
    counts::{self, Scans},
    exempt::Exempt,
    ids, labels, licenses,
    lists::Lists,
    platforms::Gap,
    tags, words,
};

/// A criterion's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The answer as decisions show it.
    pub judgement: Judgement,
    /// Why it is not met, with the criterion, in one line; empty where it is met.
    pub reason: String,
    /// When it is worth looking again, where it waits and that is known.
    pub look_at: Option<Time>,
}

impl Judged {
    /// Whether it makes the decision a `hold`.
    #[must_use]
    pub fn holds(&self) -> bool {
        matches!(
            self.judgement.verdict,
            CriterionVerdict::Broken | CriterionVerdict::Unknown
        )
    }
}

/// Judges the criteria of one policy on one push, with what they share worked out once.
pub struct Judge<'a> {
    criteria: &'a [Criterion],
    policy: &'a Policy,
    push: &'a Push,
    evidence: &'a Evidence,
    now: Time,
    exempt: Exempt<'a>,
    components: OnceCell<components::Answers<'a>>,
    licenses: OnceCell<licenses::Answers<'a>>,
}

impl<'a> Judge<'a> {
    /// For these criteria, which need not be the policy's own.
    #[must_use]
    pub fn of(
        criteria: &'a [Criterion],
        policy: &'a Policy,
        push: &'a Push,
        evidence: &'a Evidence,
        now: Time,
    ) -> Self {
        Self {
            criteria,
            policy,
            push,
            evidence,
            now,
            exempt: Exempt::of(&policy.exceptions, now),
            components: OnceCell::new(),
            licenses: OnceCell::new(),
        }
    }

    /// Judges one of the criteria; the error is the evidence that was not asked for yet and that may
    /// change the answer.
    pub fn judge(&self, criterion: &Criterion) -> Result<Judged, Lack> {
        let found = self.found(criterion);
        if criterion.condition.finish() {
            let reason = "limit: a regular expression cannot be matched: it needs too many states, or its \\b meets a character outside ASCII; simplify it, or write (?-u:\\b)";
            return Ok(unseen(
                criterion,
                CriterionVerdict::Unknown,
                reason,
                Read::default(),
            ));
        }
        match found {
            Ok(found) => Ok(found.judged(criterion)),
            Err(Gap::NotAsked) => Err(lack(criterion, self.evidence)),
            Err(Gap::Unsighted) => Err(Lack::Sightings),
            Err(Gap::Never(Never { reason, read })) => {
                Ok(unseen(criterion, CriterionVerdict::Unknown, &reason, read))
            }
            Err(Gap::NotYet(NotYet {
                reason,
                look_at,
                read,
            })) => Ok(Judged {
                look_at,
                ..unseen(criterion, CriterionVerdict::Await, &reason, read)
            }),
        }
    }

    fn found(&self, criterion: &Criterion) -> Result<Found, Gap> {
        let (push, evidence) = (self.push, self.evidence);
        match (&criterion.attribute, &criterion.condition) {
            (Attribute::Tag, Condition::Text(text)) => Ok(tags::tag(text, push)),
            (Attribute::PromotedFrom, Condition::Text(text)) => Ok(tags::promoted_from(text, push)),
            (Attribute::TagSemver, Condition::Releases(releases)) => {
                Ok(tags::release(releases, push))
            }
            (Attribute::Label(key), Condition::Text(text)) => {
                labels::judge(key, text, platforms(evidence)?, evidence)
            }
            (Attribute::Vulnerabilities(which, counted), Condition::Number { operator, value }) => {
                let wanted = counts::Wanted {
                    which: *which,
                    counted: *counted,
                    operator: *operator,
                    value: *value,
                };
                counts::judge(wanted, self.scans()?)
            }
            (Attribute::Finding, Condition::Text(text)) => ids::judge(text, self.scans()?),
            (Attribute::FindingAge(counted), Condition::Number { operator, value }) => {
                let known = &self.evidence.sightings;
                let wanted = (*counted, *operator, *value);
                ages::of_findings(wanted, self.scans()?, known, self.now)
            }
            (Attribute::Age, Condition::Span { operator, span }) => {
                ages::of_push(*operator, *span, push, self.now)
            }
            (Attribute::Component, Condition::Text(text)) => self.component(text),
            (Attribute::License, Condition::License(license)) => self.license(license),
            // Validation lets no other pair through; were one there, it would not be met.
            _ => Err(Gap::Never(
                "the operator does not work with the attribute"
                    .to_owned()
                    .into(),
            )),
        }
    }

    /// The findings of the platforms, as far as they count.
    fn scans(&self) -> Result<Scans<'_>, Gap> {
        let evidence = self.evidence;
        Ok(Scans {
            platforms: platforms(evidence)?,
            known: &evidence.findings,
            accepted: accepted(self.policy, evidence),
            exempt: &self.exempt,
        })
    }

    fn component(&self, text: &TextCondition) -> Result<Found, Gap> {
        let lists = lists(self.evidence)?;
        let answers = self
            .components
            .get_or_init(|| components::Answers::of(self.criteria, lists.components()));
        components::judge(text, answers, &lists)
    }

    fn license(&self, condition: &LicenseCondition) -> Result<Found, Gap> {
        let lists = lists(self.evidence)?;
        let unknown = &self.policy.unknown_licenses;
        let answers = self
            .licenses
            .get_or_init(|| licenses::Answers::of(self.criteria, unknown, lists.components()));
        licenses::judge(condition, unknown, answers, &lists)
    }
}

/// What evidence says of a criterion.
pub(super) struct Found {
    /// Never `Await`: that is a gap.
    pub(super) verdict: CriterionVerdict,
    pub(super) seen: serde_json::Value,
    /// What belongs to it.
    pub(super) note: Option<String>,
    /// What was seen, in the words of a reason; with what broke it.
    pub(super) words: String,
    pub(super) culprits: Vec<String>,
    pub(super) origin: String,
    pub(super) at: Option<Time>,
}

impl Found {
    fn judged(self, criterion: &Criterion) -> Judged {
        let saw = match self.verdict {
            CriterionVerdict::Met => None,
            CriterionVerdict::Broken => Some("saw "),
            CriterionVerdict::Await | CriterionVerdict::Unknown => Some(""),
        };
        let reason = saw.map(|saw| format!("{}: {saw}{}", title(criterion), self.words));
        Judged {
            judgement: Judgement {
                seen: self.seen,
                note: self.note,
                culprits: self.culprits,
                origin: Some(self.origin),
                at: self.at.map(microseconds),
                ..blank(criterion, self.verdict)
            },
            reason: reason.map_or_else(String::new, |reason| words::one_line(&reason)),
            look_at: None,
        }
    }
}

fn unseen(criterion: &Criterion, verdict: CriterionVerdict, reason: &str, read: Read) -> Judged {
    Judged {
        judgement: Judgement {
            origin: read.origin.map(|origin| origin.to_string()),
            at: read.at.map(microseconds),
            ..blank(criterion, verdict)
        },
        reason: words::one_line(&format!("{}: {reason}", title(criterion))),
        look_at: None,
    }
}

fn blank(criterion: &Criterion, verdict: CriterionVerdict) -> Judgement {
    Judgement {
        attribute: criterion.attribute.to_string(),
        operator: criterion.operator(),
        wanted: criterion.wanted(NAMED_MAX),
        seen: serde_json::Value::Null,
        note: None,
        verdict,
        culprits: Vec::new(),
        origin: None,
        at: None,
    }
}

/// `tag ends_with "stable"`, with three values at most: the judgement has more.
fn title(criterion: &Criterion) -> String {
    const TITLE_VALUES_MAX: usize = 3;
    let wanted = criterion.wanted(TITLE_VALUES_MAX);
    format!("{} {} {wanted}", criterion.attribute, criterion.operator())
}

/// The platforms that the policy takes without a scan.
fn accepted<'e>(policy: &Policy, evidence: &'e Evidence) -> Option<&'e HashSet<Digest>> {
    (policy.unscannable == Unscannable::Accept).then_some(&evidence.unscannable)
}

fn lists(evidence: &Evidence) -> Result<Lists<'_>, Gap> {
    Ok(Lists::of(platforms(evidence)?, &evidence.components))
}

/// The platforms to judge: never none, for the worst of none would be clean.
fn platforms(evidence: &Evidence) -> Result<&[Platform], Gap> {
    match &evidence.contents {
        Known::NotAsked => Err(Gap::NotAsked),
        Known::NotYet(waiting) => Err(Gap::NotYet(waiting.clone())),
        Known::Never(never) => Err(Gap::Never(never.clone())),
        Known::Seen(seen) => match &seen.value {
            Contents::Platforms(platforms) if !platforms.is_empty() => Ok(platforms),
            Contents::Platforms(_) | Contents::Artifact => Err(Gap::Never(
                "not an image: it has no contents to judge"
                    .to_owned()
                    .into(),
            )),
        },
    }
}

fn lack(criterion: &Criterion, evidence: &Evidence) -> Lack {
    match (&evidence.contents, criterion.attribute.lack()) {
        (Known::Seen(_), Some(lack)) => lack,
        _ => Lack::Contents,
    }
}

/// One criterion alone.
#[cfg(test)]
fn judge(
    criterion: &Criterion,
    policy: &Policy,
    push: &Push,
    evidence: &Evidence,
) -> Result<Judged, Lack> {
    let now = crate::decide::fixtures::time(59);
    Judge::of(std::slice::from_ref(criterion), policy, push, evidence, now).judge(criterion)
}

#[cfg(test)]
mod tests;
