//! From an event to what it concerns: one repository, and what happened there. What does not concern us
//! ends here, named in the log, and costs no call.

use ecr_promoter_core::{
    Digest, Registry, Repository, Tag, Time,
    claim::CaseId,
    decide::concerns,
    decision::Target,
    event::{Event, Found, Select, Trigger, TriggerKind, Work},
    evidence::Lack,
    policy::Policy,
    runs::Run,
};

use crate::policies::Loaded;

/// What to look at, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Occasion {
    /// The repository that it happened in, of the function's own registry.
    pub repository: Repository,
    /// What happened.
    pub matter: Matter,
}

/// What happened in a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Matter {
    /// A tag was put on a digest.
    Pushed(Pushed),
    /// A scan of a digest ended.
    Scanned { digest: Digest },
    /// An image came back from the archive.
    Restored { digest: Digest },
    /// An image, or a tag of it, was deleted.
    Deleted { digest: Digest, told_at: Time },
    /// Something was attached to an image.
    Attached(Attachment),
    /// A person asks to have an image judged, and maybe to have it promoted once more.
    Asked { select: Select, again: bool },
    /// An open case is due.
    Open(CaseId),
    /// The head of a target tag is due.
    Head(Target),
    /// The walk found a push that no event told of.
    Found(Found),
}

/// A tag that was put on a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pushed {
    pub tag: Tag,
    pub digest: Digest,
    pub told_at: Time,
}

/// A referrer that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attachment {
    pub referrer: Digest,
    /// The tag by which it is attached, if it is by one.
    pub tag: Option<Tag>,
    /// The subject, if the tag names it.
    pub subject: Option<Digest>,
    pub told_at: Time,
}

/// Who has something judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// An event.
    ByEvent,
    /// A person: what failed for good is tried again.
    ByHand,
    /// A person: what was changed at the target is promoted once more.
    Again,
    /// Time: open work is due.
    Due,
}

impl Asked {
    /// Whether a person asks.
    pub(crate) fn is_by_hand(self) -> bool {
        matches!(self, Self::ByHand | Self::Again)
    }
}

/// What an event concerns; `None` if it is acknowledged.
pub(crate) fn of(event: &Event, registry: &Registry) -> Option<Occasion> {
    match event {
        Event::Trigger(trigger) if trigger.registry != *registry => {
            // Children come by the dozen and are never logged.
            if !matches!(trigger.kind, TriggerKind::Child { .. }) {
                tracing::info!(registry = %trigger.registry, "acknowledged an event from another registry");
            }
            None
        }
        Event::Trigger(trigger) => of_trigger(trigger),
        Event::Request(request) => Some(Occasion {
            repository: request.repository.clone(),
            matter: Matter::Asked {
                select: request.select.clone(),
                again: request.again,
            },
        }),
        Event::Work(work) => {
            let (repository, matter) = match work.clone() {
                Work::Case(id) => (id.repository.clone(), Matter::Open(id)),
                Work::Head(target) => (target.repository.clone(), Matter::Head(target)),
                Work::Found(found) => (found.repository.clone(), Matter::Found(found)),
            };
            Some(Occasion { repository, matter })
        }
        // The handler sends open work itself, and has edited policies checked.
        Event::Schedule | Event::Edit(_) | Event::Cases(_) => None,
        Event::Wrapped { what } => {
            tracing::warn!(%what, "acknowledged: nothing to do");
            None
        }
        Event::Invalid { message: what } | Event::Other { what } => {
            tracing::info!(%what, "acknowledged");
            None
        }
    }
}

fn of_trigger(trigger: &Trigger) -> Option<Occasion> {
    let told_at = trigger.time;
    let matter = match trigger.kind.clone() {
        TriggerKind::Push { tag, digest, .. } => Matter::Pushed(Pushed {
            tag,
            digest,
            told_at,
        }),
        TriggerKind::Referrer {
            digest,
            tag,
            subject,
            ..
        } => Matter::Attached(Attachment {
            referrer: digest,
            tag,
            subject,
            told_at,
        }),
        TriggerKind::Child { .. } => return None,
        TriggerKind::Scan { digest, .. } => Matter::Scanned { digest },
        TriggerKind::Restored { digest } => Matter::Restored { digest },
        TriggerKind::Deleted { digest, .. } => Matter::Deleted { digest, told_at },
    };
    Some(Occasion {
        repository: trigger.repository.clone(),
        matter,
    })
}

impl Pushed {
    /// What the event says of the push.
    pub(crate) fn hint(&self, repository: &Repository) -> Hint {
        Hint {
            repository: repository.clone(),
            tag: self.tag.clone(),
            digest: self.digest.clone(),
            told_at: Some(self.told_at),
            pushed_at: self.told_at,
            known: None,
        }
    }
}

/// What the walk saw of a push: when the tag was put there is unknown.
pub(crate) fn hint_of(found: &Found) -> Hint {
    Hint {
        repository: found.repository.clone(),
        tag: found.tag.clone(),
        digest: found.digest.clone(),
        told_at: None,
        pushed_at: found.pushed_at,
        known: None,
    }
}

impl Occasion {
    /// Who asks.
    pub(crate) fn asked(&self) -> Asked {
        match self.matter {
            Matter::Asked { again: true, .. } => Asked::Again,
            Matter::Asked { .. } => Asked::ByHand,
            Matter::Open(_) | Matter::Head(_) => Asked::Due,
            _ => Asked::ByEvent,
        }
    }

    /// The policies that may judge again because of it; none, and nothing is looked at. A scan concerns those
    /// that ask for findings, a referrer those that ask for components or let it go along.
    pub(crate) fn concerned<'p>(&self, policies: &'p [Loaded]) -> Vec<&'p Loaded> {
        let concerns = |stored: &&Loaded| {
            let policy = &stored.policy;
            match &self.matter {
                Matter::Scanned { .. } => policy.enabled && asks(policy, Lack::Findings),
                Matter::Attached(_) => {
                    let follows = policy.target.referrers.any();
                    policy.enabled && (follows || asks(policy, Lack::Components))
                }
                Matter::Pushed(pushed) => policy.enabled && concerns(policy, &pushed.tag),
                Matter::Restored { .. } => policy.enabled,
                Matter::Found(found) => policy.enabled && found.policies.contains(&policy.key()),
                Matter::Asked { .. } => true,
                Matter::Deleted { .. } | Matter::Open(_) | Matter::Head(_) => false,
            }
        };
        policies.iter().filter(concerns).collect()
    }
}

/// Whether a policy asks for evidence of a kind.
pub(crate) fn asks(policy: &Policy, evidence: Lack) -> bool {
    let mut lacks = policy.criteria.iter().filter_map(|c| c.attribute.lack());
    lacks.any(|lack| lack == evidence)
}

/// What an event or a person says of a push.
#[derive(Debug, Clone)]
pub(crate) struct Hint {
    pub repository: Repository,
    pub tag: Tag,
    pub digest: Digest,
    /// The event's time; `None` if ECR itself was asked.
    pub told_at: Option<Time>,
    /// When the image was pushed, as far as is known: where the push would go in order.
    pub pushed_at: Time,
    /// The run, if the ledger named the push.
    pub known: Option<Run>,
}
