//! Where a target tag stands now, and what that would keep a promotion from.

use ecr_promoter_core::{
    Digest, Push, Time,
    claim::CaseId,
    decision::{Decision, Outcome, Target, Verdict},
    head::{self, Attempt, Head, Raise, Sight},
};

use crate::{
    ecr::images,
    failure::Failure,
    function::Function,
    ledger::{cases, heads},
};

/// Where a target tag stands now.
#[derive(Debug)]
pub enum TargetNow {
    /// There is no target: its template cannot be rendered.
    None,
    /// It could not be looked at.
    Unseen(Failure),
    /// Its repository is not there.
    NoRepository {
        /// The function makes it.
        made: bool,
    },
    /// As it was seen.
    Seen {
        /// What the tag stands on; `None` where there is no such tag.
        on: Option<Digest>,
        /// The newest push whose tag stood there.
        head: Option<Box<Head>>,
        /// When the read began.
        began: Time,
    },
}

/// Looks at the target of a push.
pub(super) async fn of(function: &Function, push: &Push, target: Option<&Target>) -> TargetNow {
    let Some(target) = target else {
        return TargetNow::None;
    };
    let began = function.now();
    let tag = std::slice::from_ref(&target.tag);
    let holds = match images::read_target(&function.aws, &target.repository, &[], tag).await {
        Ok(Some(holds)) => holds,
        Ok(None) => {
            let made = function.config.create_targets;
            return TargetNow::NoRepository { made };
        }
        Err(failure) => return TargetNow::Unseen(failure),
    };
    match heads::get(&function.ledger, &push.registry, target).await {
        Err(failure) => TargetNow::Unseen(failure),
        Ok(head) => TargetNow::Seen {
            on: holds.tags.get(&target.tag).cloned(),
            head: head.map(|head| Box::new(head.body)),
            began,
        },
    }
}

impl TargetNow {
    /// Whether the tag stands on this digest.
    #[must_use]
    pub fn stands_on(&self, digest: &Digest) -> bool {
        matches!(self, Self::Seen { on: Some(on), .. } if on == digest)
    }

    /// Changes a decision to promote into what would become of it at this target.
    pub(super) fn keep_from(&self, decision: &mut Decision, push: &Push, now: Time) {
        let Some(target) = decision.target.clone() else {
            return;
        };
        let raised = match self {
            Self::None | Self::Unseen(_) | Self::NoRepository { made: true } => return,
            Self::NoRepository { made: false } => return fail(decision, &target),
            Self::Seen { on, head, began } => {
                let sight = Sight {
                    on: on.as_ref(),
                    began: *began,
                };
                raised(
                    head.as_deref(),
                    &cases::id_of(push, &decision.policy),
                    push,
                    sight,
                    now,
                )
            }
        };
        match raised {
            Raise::Newer => skip(decision, format!("older: a newer push stood at {target}")),
            Raise::Respected => {
                let why = "was moved or deleted after this push had been promoted there";
                skip(decision, format!("respected: {target} {why}"));
            }
            Raise::Due(at) => {
                decision.verdict = Verdict::Await;
                decision.reason = format!("another write of {target} is under way");
                decision.next_look_at = Some(at);
            }
            Raise::There | Raise::Dead(_) | Raise::Stands(_) | Raise::Write(_) => {}
        }
    }
}

/// What an attempt would come to; nothing is written.
fn raised(head: Option<&Head>, case: &CaseId, push: &Push, sight: Sight<'_>, now: Time) -> Raise {
    let attempt = Attempt {
        claim: "",
        case,
        order: &push.order(),
        digest: &push.digest,
        sight,
        again: false,
        now,
    };
    head::raise(head.unwrap_or(&Head::default()), &attempt)
}

fn fail(decision: &mut Decision, target: &Target) {
    decision.outcome = Some(Outcome::Failed);
    decision.reason = format!(
        "it would fail: there is no repository {}, unless a creation template makes it",
        target.repository
    );
}

fn skip(decision: &mut Decision, reason: String) {
    decision.verdict = Verdict::Skip;
    decision.reason = reason;
}
