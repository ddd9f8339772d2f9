//! The nearest pass: the smallest change by which the pusher would get an image through.
//!
//! Pure, over the same evidence as the decision, and by the decision's own rules: what is told was
//! applied to the evidence, and the policy decided `promote` on it. Smallest is the fewest packages, and
//! no part of what is told would do. It knows no registry: a version is told only where a scanner or the
//! policy names it.

mod apply;
mod counts;
mod lists;
mod packages;
mod tag;

use serde::{Deserialize, Serialize};

pub use apply::apply;

use crate::{
    Push, Time,
    decide::{Step, counted, decide},
    decision::{CriterionVerdict, Decision, Judgement, Verdict},
    evidence::{Contents, Evidence, Known, Platform},
    path::Paths,
    policy::Policy,
};
use packages::{Counting, Plan};

/// The smallest change that would let an image through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NearestPass {
    /// Whether there is one that the pusher can make.
    pub possible: bool,
    /// All of it is needed; empty where there is none.
    pub changes: Vec<Change>,
    /// What it comes to, or why there is none; in one line.
    pub why: String,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Change {
    /// What must be done.
    pub kind: ChangeKind,
    /// To which package; of an attachment, which component it must list.
    pub package: Option<String>,
    /// What it is now: the version, the tag, or the words of the license.
    pub from: Option<String>,
    /// What it must be; of a license or an attachment that may be any acceptable one, null.
    pub to: Option<String>,
    /// Where, of an image with several platforms.
    pub platform: Option<String>,
    /// The ids of the findings that go with it.
    pub removes: Vec<String>,
}

/// What must be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    /// Another version of a package.
    Update,
    /// A package must go.
    Remove,
    /// A component's license must be stated, or be another one.
    License,
    /// Another tag.
    Tag,
    /// An SBOM must be attached that can be read and is complete.
    Attach,
}

/// Why there is no nearest pass.
struct Impossible(String);

/// The smallest change that would let the push through under the policy. Evidence that nobody asked for
/// is not guessed at: the caller gathers it first.
#[must_use]
pub fn nearest(
    push: &Push,
    policy: &Policy,
    paths: &Paths,
    evidence: &Evidence,
    now: Time,
) -> NearestPass {
    let decided = |push: &Push, evidence: &Evidence| decide(push, policy, paths, evidence, now);
    let decision = match decided(push, evidence) {
        Step::Decided(decision) => decision,
        Step::Ask(_) => return impossible(NOT_LOOKED_AT),
    };
    match decision.verdict {
        Verdict::Promote => {
            return NearestPass {
                possible: true,
                changes: Vec::new(),
                why: "nothing has to change".to_owned(),
            };
        }
        Verdict::Skip => return impossible(&decision.reason),
        Verdict::Hold | Verdict::Await => {}
    }
    let evidence = &*counted(policy, evidence, now);
    match changes(push, policy, evidence, (&decision, now)) {
        Err(Impossible(why)) => impossible(&why),
        Ok(wanted) => tried(wanted, &|changes| {
            let (push, known) = apply(changes, push, policy, evidence);
            decided(&push, &known)
        }),
    }
}

/// What is told of changes once the policy decided after them.
fn tried(wanted: Vec<Change>, after: &impl Fn(&[Change]) -> Step) -> NearestPass {
    match after(&wanted) {
        Step::Decided(decision) if decision.verdict == Verdict::Promote => {
            let changes = needed(wanted, after);
            let why = packages::told(&changes);
            NearestPass {
                possible: true,
                changes,
                why,
            }
        }
        Step::Decided(decision) => impossible(&decision.reason),
        Step::Ask(_) => impossible(NOT_LOOKED_AT),
    }
}

/// Of a few changes those that are needed: what one criterion asks for may do for another.
fn needed(mut changes: Vec<Change>, after: &impl Fn(&[Change]) -> Step) -> Vec<Change> {
    if changes.len() > TRIED_WITHOUT_MAX {
        return changes;
    }
    for place in (0..changes.len()).rev() {
        let mut fewer = changes.clone();
        fewer.remove(place);
        let step = after(&fewer);
        if matches!(step, Step::Decided(decision) if decision.verdict == Verdict::Promote) {
            changes = fewer;
        }
    }
    changes
}

/// So many changes are tried without each of them: of more, each is asked for by what no other meets.
const TRIED_WITHOUT_MAX: usize = 16;

/// What is said where evidence was not asked for.
const NOT_LOOKED_AT: &str = "its evidence was not looked at";

fn impossible(why: &str) -> NearestPass {
    NearestPass {
        possible: false,
        changes: Vec::new(),
        why: why.to_owned(),
    }
}

fn changes(
    push: &Push,
    policy: &Policy,
    evidence: &Evidence,
    (decision, now): (&Decision, Time),
) -> Result<Vec<Change>, Impossible> {
    let platforms = match &evidence.contents {
        Known::Seen(seen) => match &seen.value {
            Contents::Platforms(platforms) => platforms.as_slice(),
            Contents::Artifact => &[],
        },
        Known::NotAsked => return Err(Impossible(NOT_LOOKED_AT.to_owned())),
        Known::NotYet(_) | Known::Never(_) => return Err(Impossible(decision.reason.clone())),
    };
    let mut criteria = decision.criteria.iter();
    let is_on_label = |it: &Judgement| it.attribute.starts_with("label.");
    if criteria.any(|it| is_on_label(it) && it.verdict == CriterionVerdict::Broken) {
        let why = format!(
            "{}; labels are given when an image is built",
            decision.reason
        );
        return Err(Impossible(why));
    }
    let mut plan = Plan::default();
    let mut changes = Vec::new();
    changes.extend(tag::change(push, policy)?);
    changes.extend(lists::plan(&mut plan, policy, platforms, evidence)?);
    let counting = Counting::of(policy, platforms, evidence, now);
    counts::plan(&mut plan, &counting, platforms, evidence)?;
    changes.extend(lists::licenses(&plan, policy, platforms, evidence));
    changes.extend(plan.changes(&counting, platforms, evidence));
    changes.sort();
    Ok(changes)
}

/// The name of a platform in a change: nothing where there is only one.
fn place(platforms: &[Platform], platform: &Platform) -> Option<String> {
    (platforms.len() > 1).then(|| platform.to_string())
}

#[cfg(test)]
mod tests;
