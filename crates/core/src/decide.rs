//! The rules: one policy on one push, with what is known now. Pure: what is missing is asked
//! for, cheapest first, and nothing is fetched here.
//!
//! What is missing never counts as nothing: a criterion is met by evidence that was seen, or it is
//! not met.

mod components;
mod counts;
mod ids;
mod judge;
mod licenses;
mod lists;
mod loops;
mod platforms;
mod words;

pub use judge::{Judge, Judged};
pub(crate) use licenses::Answers;

use crate::{
    Push, Repository, Tag, Time,
    decision::{CriterionVerdict, Decision, Judgement, Target, Verdict, microseconds_from},
    evidence::{Contents, Evidence, Known, Lack},
    path::Paths,
    policy::{Attribute, Condition, Policy},
    template::{Context, TemplateError},
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
    draft.judge(None, push, evidence);
    if draft.holds() {
        return draft.conclude();
    }
    if let Some(step) = draft.stopped_by_contents(evidence) {
        return step;
    }
    for kind in [Lack::Findings, Lack::Components] {
        let lacks = draft.judge(Some(kind), push, evidence);
        // A hold beats an await and ends the asking.
        if draft.holds() {
            return draft.conclude();
        }
        if lacks {
            return Step::Ask(vec![kind]);
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
        |criterion| match (criterion.attribute, &criterion.condition) {
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
pub fn judgements(push: &Push, policy: &Policy, evidence: &Evidence) -> Vec<Judgement> {
    let judge = Judge::of(&policy.criteria, policy, push, evidence);
    let all = policy.criteria.iter().map(|one| judge.judge(one));
    all.flatten().map(|judged| judged.judgement).collect()
}

/// Where the policy aims with this push.
struct Aim {
    repository: Result<Repository, TemplateError>,
    tag: Result<Tag, TemplateError>,
}

impl Aim {
    fn of(push: &Push, policy: &Policy, now: Time) -> Self {
        let context = Context {
            repository: &push.repository,
            tag: &push.tag,
            digest: &push.digest,
            rest: policy.source.rest(&push.repository),
            time: now,
        };
        Self {
            repository: policy.target.repository.render(&context),
            tag: policy.target.tag.render(&context),
        }
    }

    fn target(&self) -> Option<Target> {
        match (&self.repository, &self.tag) {
            (Ok(repository), Ok(tag)) => Some(Target {
                repository: repository.clone(),
                tag: tag.clone(),
            }),
            _ => None,
        }
    }
}

/// What ends the decision before a criterion is looked at, in the order of the rules.
fn before_criteria(
    push: &Push,
    policy: &Policy,
    paths: &Paths,
    aim: &Aim,
) -> Option<(Verdict, String)> {
    let skip = |reason: String| Some((Verdict::Skip, reason));
    if let Some(reason) = not_concerned(push, policy) {
        return skip(reason);
    }
    let repository = match &aim.repository {
        Ok(repository) => repository,
        Err(error) => return Some((Verdict::Hold, format!("target.repository: {error}"))),
    };
    if !paths.allows(&push.repository, repository) {
        // The same words whether the target exists or not: this must not reveal it.
        return skip(format!(
            "outside the paths: no path allows {} => {repository}",
            push.repository
        ));
    }
    if let Some(reason) = not_again(push, policy, repository) {
        return skip(reason);
    }
    let tag = match &aim.tag {
        Ok(tag) => tag,
        Err(error) => return Some((Verdict::Hold, format!("target.tag: {error}"))),
    };
    if *repository == push.repository && *tag == push.tag {
        return skip(format!(
            "onto itself: the target {repository}:{tag} is the source"
        ));
    }
    None
}

/// Why the push does not concern the policy.
fn not_concerned(push: &Push, policy: &Policy) -> Option<String> {
    if !policy.enabled {
        return Some("disabled: the policy has \"enabled\": false".to_owned());
    }
    (!policy.source.matches(&push.repository)).then(|| {
        let (source, repository) = (&policy.source, &push.repository);
        format!("not its source: \"{source}\" does not cover {repository}")
    })
}

/// Why the push has gone far enough, or is out of date.
fn not_again(push: &Push, policy: &Policy, target: &Repository) -> Option<String> {
    if let Some(reason) = loops::looped(push, policy, target) {
        return Some(reason);
    }
    (policy.require_current_tag && !push.current).then(|| {
        let tag = push.tag.as_str();
        format!("no longer current: tag {tag:?} has moved to another digest")
    })
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

    /// Judges the criteria that need this kind of evidence; says whether one lacks it.
    fn judge(&mut self, kind: Option<Lack>, push: &Push, evidence: &Evidence) -> bool {
        let mut lacks = false;
        let judge = Judge::of(&self.policy.criteria, self.policy, push, evidence);
        for (index, criterion) in self.policy.criteria.iter().enumerate() {
            if criterion.attribute.lack() == kind {
                match judge.judge(criterion) {
                    Err(_) => lacks = true,
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
            let next_look_at = judged.iter().filter_map(|(_, judged)| judged.look_at).min();
            return self.decided(Verdict::Await, reasons(&waits), next_look_at);
        }
        let reason = match judged.len() {
            0 => "the policy has no criteria".to_owned(),
            1 => "its criterion is met".to_owned(),
            count => format!("all {count} criteria are met"),
        };
        self.decided(Verdict::Promote, reason, None)
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
