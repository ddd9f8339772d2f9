//! Where a policy aims with a push, and what ends the decision before a criterion is looked at.

use super::loops;
use crate::{
    Push, Repository, Tag, Time,
    decision::{Target, Verdict},
    path::Paths,
    policy::Policy,
    template::{Context, TemplateError},
};

/// Where the policy aims with this push.
pub(super) struct Aim {
    repository: Result<Repository, TemplateError>,
    tag: Result<Tag, TemplateError>,
}

impl Aim {
    pub(super) fn of(push: &Push, policy: &Policy, now: Time) -> Self {
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

    pub(super) fn target(&self) -> Option<Target> {
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
pub(super) fn before_criteria(
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
