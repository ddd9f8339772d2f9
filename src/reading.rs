//! What was read of one image: its manifests, where its tags stand, and evidence as policies ask for
//! it. One reading serves all tags and policies of a digest.

use std::collections::HashMap;

use ecr_promoter_core::{
    Digest, Image, Tag, Time,
    evidence::{Contents, Evidence, Known, Lack, Never, Origin, Platform, Seen},
    manifest::{Stored, Tree},
    policy::Policy,
    template::Context,
};

use crate::{
    ecr::{
        described,
        images::{self, Holds},
    },
    failure::{Code, Failure, Remedy},
    function::Function,
    occasion::Hint,
    policies::Loaded,
};

/// One read asks for this many tags: each of them answers with the whole manifest once more.
const TAGS_MAX: usize = 8;

/// What was read of one image.
#[derive(Debug)]
pub(crate) struct Reading {
    /// Which image.
    pub image: Image,
    /// Whether its repository has it, as far as could be read.
    pub there: bool,
    /// The image's manifests, as far as they were read; `None` if it cannot be read.
    pub tree: Option<Tree>,
    /// What is known of it.
    pub evidence: Evidence,
    /// Where tags of the source repository stood in the same read.
    pub tags: HashMap<Tag, Digest>,
    /// The tags that this read asked for: one that is not in `tags` stands nowhere.
    pub asked: Vec<Tag>,
    /// What an administrator has to fix before evidence of a kind can be seen.
    pub failures: HashMap<Lack, Failure>,
    /// The ledger knows that the image's index holds its children.
    pub index_remembered: bool,
    /// Somebody only looks: nothing is written on the way.
    pub looks_only: bool,
    /// When the read began.
    pub began: Time,
    /// When the image was pushed, as far as is known: the last time of its pushes.
    pub pushed_at: Time,
}

/// Reads the image of these hints, which are all of one digest: what it is, and where their tags
/// stand. The target tags of `policies` within the same repository join the read.
pub(crate) async fn read(
    function: &Function,
    image: Image,
    hints: &[Hint],
    policies: &[&Loaded],
) -> Result<Reading, Failure> {
    let began = function.now();
    let mut tags: Vec<Tag> = hints.iter().map(|hint| hint.tag.clone()).collect();
    let many = tags.len() > TAGS_MAX;
    let mut asked = if many { Vec::new() } else { tags.clone() };
    asked.extend(target_tags(hints, policies));
    asked.truncate(TAGS_MAX);
    let digest = std::slice::from_ref(&image.digest);
    let holds = match images::read(&function.aws, &image.repository, digest, &asked).await {
        Err(failure) if *failure.code() == Code::RepositoryNotFound => Holds::default(),
        // What an administrator has to fix is recorded with the pushes that it stands in the way
        // of. Nothing that was read contradicts the event.
        Err(failure) if failure.remedy() != Remedy::Wait => {
            return Ok(Reading::refused(image, failure, began));
        }
        other => other?,
    };
    let mut reading = Reading::of(image, holds, asked, began);
    if many && reading.there {
        reading
            .tags
            .extend(standing(function, &reading.image).await?);
        reading.asked.append(&mut tags);
    }
    let pushed_at = hints.iter().map(|hint| hint.pushed_at).max();
    reading.pushed_at = pushed_at.unwrap_or(began);
    Ok(reading)
}

/// The tags that point to an image, without its manifest.
async fn standing(function: &Function, image: &Image) -> Result<Vec<(Tag, Digest)>, Failure> {
    let described = described::by_digest(&function.aws, &image.repository, &image.digest);
    let tags = described.await?.into_iter().flat_map(|image| image.tags);
    Ok(tags.map(|tag| (tag, image.digest.clone())).collect())
}

impl Reading {
    /// What one read shows of an image: its root manifest, and where tags of its repository stand.
    pub(crate) fn of(image: Image, mut holds: Holds, asked: Vec<Tag>, at: Time) -> Self {
        let there = holds.has(&image.digest);
        let inaccessible = holds.inaccessible.remove(&image.digest);
        let stored = holds.manifests.remove(&image.digest);
        let mut reading = Self::empty(image, holds.tags, asked, at);
        reading.there = there;
        let unreadable = if let Some(words) = inaccessible {
            Some(format!("the image cannot be read: {words}"))
        } else if let Some(stored) = stored {
            let root = Stored::read(stored.bytes, stored.media_type.as_deref());
            match root.and_then(|root| Tree::new(reading.image.digest.clone(), root)) {
                Ok(tree) => {
                    reading.take(tree, at);
                    None
                }
                Err(error) => Some(error.to_string()),
            }
        } else {
            None
        };
        if let Some(words) = unreadable {
            let never = Never::read(words, Origin::Registry, at);
            reading.evidence.contents = Known::Never(never);
        }
        reading
    }

    fn take(&mut self, tree: Tree, at: Time) {
        if tree.lacking().is_empty() {
            self.evidence.contents = Known::Seen(Seen {
                value: tree.contents(),
                origin: Origin::Registry,
                at,
            });
        }
        self.tree = Some(tree);
    }

    /// An image that may not be read. None of its tags was seen, so no push is invented.
    fn refused(image: Image, failure: Failure, began: Time) -> Self {
        let mut reading = Self::empty(image, HashMap::new(), Vec::new(), began);
        reading.there = true;
        reading.evidence.contents = Known::Never(failure.to_string().into());
        reading.failures.insert(Lack::Contents, failure);
        reading
    }

    fn empty(image: Image, tags: HashMap<Tag, Digest>, asked: Vec<Tag>, began: Time) -> Self {
        Self {
            image,
            there: false,
            tree: None,
            evidence: Evidence::none(),
            tags,
            asked,
            failures: HashMap::new(),
            index_remembered: false,
            looks_only: false,
            began,
            pushed_at: began,
        }
    }

    /// Whether ECR refused the read.
    pub(crate) fn is_refused(&self) -> bool {
        self.failures.contains_key(&Lack::Contents)
    }

    /// The image's platforms, where they are known.
    pub(crate) fn platforms(&self) -> Vec<Platform> {
        match &self.evidence.contents {
            Known::Seen(Seen {
                value: Contents::Platforms(platforms),
                ..
            }) => platforms.clone(),
            _ => Vec::new(),
        }
    }
}

/// Target tags within the same repository that are known before the claim: they join the read of the
/// source, so that a retag needs no read of its own.
fn target_tags(hints: &[Hint], policies: &[&Loaded]) -> Vec<Tag> {
    let mut tags = Vec::new();
    for hint in hints {
        for stored in policies.iter().filter(|stored| stored.policy.enabled) {
            let tag = target_tag_within(hint, &stored.policy).filter(|tag| *tag != hint.tag);
            tags.extend(tag.filter(|tag| !tags.contains(tag)));
            if tags.len() >= TAGS_MAX {
                return tags;
            }
        }
    }
    tags
}

fn target_tag_within(hint: &Hint, policy: &Policy) -> Option<Tag> {
    let context = Context {
        repository: &hint.repository,
        tag: &hint.tag,
        digest: &hint.digest,
        rest: policy.source.rest(&hint.repository),
        time: hint.pushed_at,
    };
    let target = &policy.target;
    let repository = target.repository.render(&context).ok()?;
    let within = repository == hint.repository && !target.tag.uses_time();
    within.then(|| target.tag.render(&context).ok()).flatten()
}
