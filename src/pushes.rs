//! From a hint to the push it concerns: what ECR holds, and the push's run and order.
//!
//! Events are hints and ECR is the witness. One BatchGetImage says whether the digest exists and
//! what its tag stands on now; a read that contradicts the event is believed only when it began a
//! minute after the event, since ECR may not show yet what it has told.

mod again;

pub(crate) use again::Subject;

use aws_sdk_ecr::types::ImageIdentifier;
use ecr_promoter_core::{
    Digest, Push, Repository, Tag, Time, Way,
    event::{Request, Select},
    policy::Policy,
    runs::Run,
    template::Context,
};

use crate::{
    failure::{Failure, Remedy},
    function::Function,
    images::{self, Holds},
    reading::Reading,
};

/// A read that began so long after the event is believed against it.
pub(crate) const BELIEVED_AFTER: chrono::TimeDelta = chrono::TimeDelta::seconds(60);
/// One read takes a hundred ids: the digest, its tag, and so many target tags.
const TARGET_TAGS_MAX: usize = 98;

/// What an event or a person says of a push.
#[derive(Debug, Clone)]
pub(crate) struct Hint {
    pub repository: Repository,
    pub tag: Tag,
    pub digest: Digest,
    /// The event's time; `None` where ECR itself was asked.
    pub told_at: Option<Time>,
    /// When the image was pushed, as far as is known: where the push would like to stand in order.
    pub pushed_at: Time,
    /// The run, where the ledger named the push.
    pub known: Option<Run>,
}

/// What there is to a hint.
#[derive(Debug)]
pub(crate) enum Found {
    /// A push to be judged, with what was read of its image.
    Push(Box<(Push, Reading)>),
    /// ECR contradicts the event, too early to be believed.
    ComesBack { at: Time, why: String },
    /// There is no such image; the push, where the ledger knows one.
    Gone {
        why: String,
        push: Option<Box<Push>>,
    },
}

impl Function {
    /// Reads the image of a hint and gives its push the number and the order it has in the ledger.
    pub(crate) async fn find(&self, hint: &Hint, policies: &[Policy]) -> Result<Found, Failure> {
        let began = self.now();
        let mut tags = vec![hint.tag.clone()];
        tags.extend(target_tags(hint, policies));
        let digest = std::slice::from_ref(&hint.digest);
        let holds = match images::read(&self.aws, &hint.repository, digest, &tags).await {
            Err(failure) if failure.code == "RepositoryNotFoundException" => Holds::default(),
            // What an administrator has to mend is recorded with the push that it stands in the way
            // of. Nothing was read that speaks against the event.
            Err(failure) if failure.remedy != Remedy::Wait => {
                let push = self.place(hint, Some(&hint.digest), began).await?;
                return Ok(Found::Push(Box::new((push, Reading::refused(failure)))));
            }
            other => other?,
        };
        let standing = holds.tags.get(&hint.tag);
        if let Some(why) = contradiction(hint, &holds, standing)
            && let Some(told_at) = hint.told_at
            && began - told_at < BELIEVED_AFTER
        {
            let at = told_at + BELIEVED_AFTER;
            return Ok(Found::ComesBack { at, why });
        }
        if !holds.has(&hint.digest) {
            let name = images::name(&hint.repository, &hint.digest, Some(&hint.tag));
            let why = format!("ECR holds no image {name}");
            let push = self.push_of_a_gone_image(hint).await?;
            return Ok(Found::Gone { why, push });
        }
        let push = self.place(hint, standing, began).await?;
        let reading = Reading::of(&hint.digest, holds, tags, began);
        Ok(Found::Push(Box::new((push, reading))))
    }

    /// The push of an image that is gone, where the ledger knows one.
    pub(crate) async fn push_of_a_gone_image(
        &self,
        hint: &Hint,
    ) -> Result<Option<Box<Push>>, Failure> {
        let run = if let Some(run) = &hint.known {
            Some(run.clone())
        } else {
            let known = self.known(&hint.repository, &hint.digest).await?;
            let of_the_tag = known.into_iter().find(|known| known.tag == hint.tag);
            of_the_tag.and_then(|known| known.known)
        };
        Ok(run.map(|run| {
            Box::new(Push {
                registry: self.registry.clone(),
                repository: hint.repository.clone(),
                tag: hint.tag.clone(),
                digest: hint.digest.clone(),
                number: run.number,
                order_time: run.order_time,
                current: false,
                way: Way::default(),
            })
        }))
    }

    /// The push's run: known already, or given its number now.
    async fn place(
        &self,
        hint: &Hint,
        standing: Option<&Digest>,
        now: Time,
    ) -> Result<Push, Failure> {
        let mut push = Push {
            registry: self.registry.clone(),
            repository: hint.repository.clone(),
            tag: hint.tag.clone(),
            digest: hint.digest.clone(),
            number: 0,
            order_time: hint.pushed_at,
            current: standing == Some(&hint.digest),
            way: Way::default(),
        };
        if let Some(from) = self.ledger.way(&push.image(), &push.tag).await? {
            push.way = from.way;
            push.order_time = from.order_time;
        }
        let run = self.ledger.run(&push, standing, now).await?;
        push.number = run.number;
        push.order_time = run.order_time;
        Ok(push)
    }

    /// The pushes that a request names, as ECR shows them: a tag's, or those of every tag that
    /// stands on a digest.
    pub(crate) async fn hints(&self, request: &Request) -> Result<Vec<Hint>, Failure> {
        let id = match &request.select {
            Select::Tag(tag) if tag.subject().is_some() => {
                let tried = format!("judge {}:{tag}", request.repository);
                let said = "it is a referrer's address, never a push";
                return Err(Failure::new(Remedy::Never, tried, said));
            }
            Select::Tag(tag) => ImageIdentifier::builder().image_tag(tag.as_str()),
            Select::Digest(digest) => ImageIdentifier::builder().image_digest(digest.as_str()),
        };
        let mut hints = Vec::new();
        for image in images::describe(&self.aws, &request.repository, id.build()).await? {
            let pushed_at = image.pushed_at.unwrap_or_else(|| self.now());
            let wanted = image.tags.into_iter().filter(|tag| match &request.select {
                Select::Tag(asked) => tag == asked,
                Select::Digest(_) => tag.subject().is_none(),
            });
            hints.extend(wanted.map(|tag| Hint {
                repository: request.repository.clone(),
                tag,
                digest: image.digest.clone(),
                told_at: None,
                pushed_at,
                known: None,
            }));
        }
        Ok(hints)
    }
}

/// What of a hint ECR does not show.
fn contradiction(hint: &Hint, holds: &Holds, standing: Option<&Digest>) -> Option<String> {
    let name = images::name(&hint.repository, &hint.digest, Some(&hint.tag));
    if !holds.has(&hint.digest) {
        Some(format!("ECR holds no image {name}"))
    } else if standing != Some(&hint.digest) {
        Some(format!("the tag of {name} stands elsewhere"))
    } else {
        None
    }
}

/// Target tags within the same repository that are known before the claim: they join the read
/// of the source, so that a retag needs no read of its own.
fn target_tags(hint: &Hint, policies: &[Policy]) -> Vec<Tag> {
    let mut tags = Vec::new();
    for policy in policies.iter().filter(|policy| policy.enabled) {
        let context = Context {
            repository: &hint.repository,
            tag: &hint.tag,
            digest: &hint.digest,
            rest: policy.source.rest(&hint.repository),
            time: hint.pushed_at,
        };
        let target = &policy.target;
        let within = target
            .repository
            .render(&context)
            .is_ok_and(|r| r == hint.repository);
        if within
            && !target.tag.uses_time()
            && let Ok(tag) = target.tag.render(&context)
            && tag != hint.tag
            && !tags.contains(&tag)
        {
            tags.push(tag);
        }
    }
    tags.truncate(TARGET_TAGS_MAX);
    tags
}
