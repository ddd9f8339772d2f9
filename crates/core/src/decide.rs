//! The rules: one policy on one push, with what is known now. Pure: what is missing is asked
//! for, cheapest first, and nothing is fetched here.
//!
//! What is missing never counts as nothing: a criterion is met by evidence that was seen, or it is
//! not met.

mod ages;
mod aim;
mod components;
mod counts;
mod exempt;
mod ids;
mod judge;
mod labels;
mod licenses;
mod lists;
mod loops;
mod platforms;
mod tags;
mod words;

pub(crate) use exempt::counted;
pub use exempt::exceptions_end;
pub use judge::{Judge, Judged};
pub(crate) use licenses::Answers;

use aim::{Aim, before_criteria};

use crate::{
    Push, Tag, Time,
    decision::{CriterionVerdict, Decision, Judgement, Target, Verdict, microseconds_from},
    evidence::{Contents, Evidence, Known, Lack},
    path::Paths,
    policy::{Attribute, Condition, Policy},
};

/// What comes next for a push under a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Fetch this and decide again. One kind at a time, the cheapest first; only what was not asked
    /// for yet, so that every round fetches or rules out one kind.
    Ask(Vec<Lack>),
    /// The answer.
    Decided(Decision),
}

/// The policy's decision on the push, or the evidence it needs for one. `now` fills the template's time
/// keywords; before a claim they show the time of judging.
#[must_use]
pub fn decide(push: &Push, policy: &Policy, paths: &Paths, evidence: &Evidence, now: Time) -> Step {
    let aim = Aim::of(push, policy, now);
    let mut draft = Draft::new(policy, aim.target());
    if let Some((verdict, reason)) = before_criteria(push, policy, paths, &aim) {
        return draft.decided(verdict, reason, None);
    }
    let judge = Judge::of(&policy.criteria, policy, push, evidence, now);
    draft.judge(None, &judge);
    if draft.holds() {
        return draft.conclude();
    }
    if let Some(step) = draft.stopped_by_contents(evidence) {
        return step;
    }
    for kind in [Lack::Labels, Lack::Findings, Lack::Components] {
        let lacks = draft.judge(Some(kind), &judge);
        // A hold beats an await and ends the asking.
        if draft.holds() {
            return draft.conclude();
        }
        if let Some(lack) = lacks {
            return Step::Ask(vec![lack]);
        }
    }
    draft.conclude()
}

/// Whether a tag meets every criterion of the policy on tags. A push whose tag does not is not a case of
/// the policy: nothing is read or written for it. Costs nothing but the comparison; says yes where a
/// regular expression cannot tell, so that [`decide`] says why.
#[must_use]
pub fn concerns(policy: &Policy, tag: &Tag) -> bool {
    let tag = tag.as_str();
    policy.criteria.iter().all(
        |criterion| match (&criterion.attribute, &criterion.condition) {
            (Attribute::Tag, Condition::Text(text)) => {
                let holds = text.holds(tag);
                text.finish() || holds
            }
            (Attribute::TagSemver, Condition::Releases(releases)) => {
                releases.holds(tag) == Some(true)
            }
            _ => true,
        },
    )
}

/// What every criterion of the policy says, in its order: for people, who want to mend all at once where
/// [`decide`] stops at what holds already. A criterion whose evidence nobody asked for is left out.
#[must_use]
pub fn judgements(push: &Push, policy: &Policy, evidence: &Evidence, now: Time) -> Vec<Judgement> {
    let judge = Judge::of(&policy.criteria, policy, push, evidence, now);
    let all = policy.criteria.iter().map(|one| judge.judge(one));
    all.flatten().map(|judged| judged.judgement).collect()
}

/// A decision in the making.
struct Draft<'a> {
    policy: &'a Policy,
    target: Option<Target>,
    /// What was judged, by the criterion's place in the policy.
    judged: Vec<(usize, Judged)>,
}

impl<'a> Draft<'a> {
    fn new(policy: &'a Policy, target: Option<Target>) -> Self {
        Self {
            policy,
            target,
            judged: Vec::new(),
        }
    }

    /// Judges the criteria that need this kind of evidence; says what one lacks.
    fn judge(&mut self, kind: Option<Lack>, judge: &Judge<'_>) -> Option<Lack> {
        let mut lacks = None;
        for (index, criterion) in self.policy.criteria.iter().enumerate() {
            if criterion.attribute.lack() == kind {
                match judge.judge(criterion) {
                    Err(lack) => lacks = Some(lack),
                    Ok(judged) => self.judged.push((index, judged)),
                }
            }
        }
        lacks
    }

    /// What ends the decision if there is no image; criteria on contents are judged after it.
    fn stopped_by_contents(&self, evidence: &Evidence) -> Option<Step> {
        match &evidence.contents {
            Known::NotAsked => Some(Step::Ask(vec![Lack::Contents])),
            Known::NotYet(waiting) => Some(self.decided(
                Verdict::Await,
                words::one_line(&waiting.reason),
                waiting.look_at,
            )),
            Known::Never(never) => {
                Some(self.decided(Verdict::Hold, words::one_line(&never.reason), None))
            }
            Known::Seen(seen) if is_image(&seen.value) || self.policy.artifacts => None,
            Known::Seen(_) => Some(self.decided(
                Verdict::Skip,
                "not an image: it has no image config and no platform, and the policy does not say \"artifacts\": true"
                    .to_owned(),
                None,
            )),
        }
    }

    fn holds(&self) -> bool {
        self.judged.iter().any(|(_, judged)| judged.holds())
    }

    /// The decision that the judged criteria make: a hold beats an await.
    fn conclude(&self) -> Step {
        let mut judged: Vec<_> = self.judged.iter().collect();
        judged.sort_by_key(|(index, _)| *index);
        let reasons = |unmet: &dyn Fn(&Judged) -> bool| {
            let unmet = judged.iter().filter(|(_, judged)| unmet(judged));
            words::joined(unmet.map(|(_, judged)| judged.reason.as_str()))
        };
        if self.holds() {
            return self.decided(Verdict::Hold, reasons(&Judged::holds), None);
        }
        let waits = |judged: &Judged| judged.judgement.verdict == CriterionVerdict::Await;
        if judged.iter().any(|(_, judged)| waits(judged)) {
            let next_look_at = self.next_look_at();
            return self.decided(Verdict::Await, reasons(&waits), next_look_at);
        }
        let reason = match judged.len() {
            0 => "the policy has no criteria".to_owned(),
            1 => "its criterion is met".to_owned(),
            count => format!("all {count} criteria are met"),
        };
        self.decided(Verdict::Promote, reason, None)
    }

    /// The first time at which what is awaited can be there. An age that is reached in a month puts
    /// off no look for evidence that may come at any time.
    fn next_look_at(&self) -> Option<Time> {
        let waits = self
            .judged
            .iter()
            .filter(|(_, judged)| judged.judgement.verdict == CriterionVerdict::Await);
        let are_known = waits.clone().all(|(_, judged)| judged.look_at.is_some());
        let is_age = |index: usize| {
            let criterion = self.policy.criteria.get(index);
            criterion.is_some_and(|criterion| criterion.attribute == Attribute::Age)
        };
        let waits = waits.filter(|(index, _)| are_known || !is_age(*index));
        waits.filter_map(|(_, judged)| judged.look_at).min()
    }

    fn decided(&self, verdict: Verdict, reason: String, next_look_at: Option<Time>) -> Step {
        let mut judged: Vec<_> = self.judged.iter().collect();
        judged.sort_by_key(|(index, _)| *index);
        let criteria: Vec<Judgement> = judged
            .into_iter()
            .map(|(_, judged)| judged.judgement.clone())
            .collect();
        Step::Decided(Decision {
            policy: self.policy.key(),
            verdict,
            outcome: None,
            error: None,
            reason,
            dry_run: self.policy.dry_run,
            target: self.target.clone(),
            criteria,
            next_look_at: next_look_at.map(microseconds_from),
            nearest_pass: None,
        })
    }
}

/// A list of no platforms is not an image either: the worst of none would be clean.
fn is_image(contents: &Contents) -> bool {
    matches!(contents, Contents::Platforms(platforms) if !platforms.is_empty())
}

#[cfg(test)]
pub(crate) mod fixtures;
#[cfg(test)]
mod tests;
