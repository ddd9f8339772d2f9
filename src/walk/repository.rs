//! One repository of the walk: its policies, its tags as the ledger knows them, and its pages. Tags
//! that are pushes no event told of go to the queue.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use ecr_promoter_core::{
    Repository, Tag, Time,
    event::{Found, Work},
    policy::Policy,
    walk::{FirstSeen, Looking, Place, Present, ShownTag, pushed_for},
};

use crate::{
    ecr::described::{self, Described},
    failure::Failure,
    function::Function,
    ledger::{
        tags::{self, Tags},
        walk,
    },
    policies::{self, Policies},
    queue,
};

/// The pause after each page: ECR publishes no rate for listing, and others list, too.
const PAUSE: Duration = Duration::from_millis(200);
/// `SendMessageBatch` takes at most this many (Amazon SQS API reference).
const BATCH: usize = 10;
/// The policies of one message: a batch stays far below the 256 KB that SQS takes.
const POLICIES_OF_A_MESSAGE: usize = 20;

/// Since when the policies of each source are known, as they were when it was looked at: repositories of one
/// namespace share its policies.
pub(super) type Since = BTreeMap<String, (Present, FirstSeen)>;

/// Walks a repository from its `place`, at most until `stop`: then its place has the next page.
pub(super) async fn walk(
    function: &Function,
    repository: &Repository,
    place: &mut Place,
    (since, stop): (&mut Since, Time),
) -> Result<(), Failure> {
    let began = *place.began.get_or_insert(function.now());
    let policies = policies::load(&function.policies, repository, function.now()).await?;
    let looking = looking(function, repository, (&policies, since), began).await?;
    if looking.is_empty() {
        place.page = None;
        return Ok(());
    }
    let tags = tags::of(&function.ledger, &function.registry, repository).await?;
    loop {
        let page = described::page(&function.aws, repository, place.page.take());
        let (images, next) = page.await?;
        send(
            function,
            pushes(function, repository, &looking, &tags, images),
        )
        .await?;
        place.page = next;
        function.aws.seam.sleep(PAUSE).await;
        if place.page.is_none() {
            break;
        }
        if function.now() >= stop {
            return Ok(());
        }
    }
    let existing = looking.iter().filter(|looking| looking.existing);
    let existing: Vec<_> = existing.map(|looking| looking.policy.key()).collect();
    if existing.is_empty() {
        return Ok(());
    }
    let (ledger, registry) = (&function.ledger, &function.registry);
    walk::existing_are_judged(ledger, registry, repository, &existing).await
}

/// The repository's enabled policies, and since when each is known.
async fn looking<'p>(
    function: &Function,
    repository: &Repository,
    (policies, since): (&'p Policies, &mut Since),
    began: Time,
) -> Result<Vec<Looking<'p>>, Failure> {
    first_seen(function, policies, since).await?;
    let (ledger, registry) = (&function.ledger, &function.registry);
    let good = policies.good.iter().map(|loaded| &*loaded.policy);
    let enabled: Vec<&Policy> = good.filter(|policy| policy.enabled).collect();
    let judged = if enabled.iter().any(|policy| policy.evaluate_existing) {
        walk::existing(ledger, registry, repository).await?
    } else {
        BTreeSet::new()
    };
    let looking = enabled.into_iter().filter_map(|policy| {
        let key = policy.key();
        let (_, seen) = since.get(&key.source)?;
        let since = seen.policies.get(&key.name)?.at;
        // One that came in the middle of the walk has not seen its beginning.
        let existing = policy.evaluate_existing && since <= began;
        Some(Looking {
            policy,
            since,
            existing: existing && !judged.contains(&key.to_string()),
        })
    });
    Ok(looking.collect())
}

/// Looks since when the policies of each source are known, where `since` does not say it of them as they are now.
async fn first_seen(
    function: &Function,
    policies: &Policies,
    since: &mut Since,
) -> Result<(), Failure> {
    let (ledger, registry) = (&function.ledger, &function.registry);
    for (source, look) in policies.present() {
        if since.get(&source).is_none_or(|(before, _)| *before != look) {
            let seen = walk::first_seen(ledger, registry, &source, &look, function.now()).await?;
            since.insert(source, (look, seen));
        }
    }
    Ok(())
}

/// The tags of a page that are pushes no event told of.
fn pushes(
    function: &Function,
    repository: &Repository,
    looking: &[Looking<'_>],
    tags: &Tags,
    images: Vec<Described>,
) -> Vec<Found> {
    let now = function.now();
    let mut found = Vec::new();
    for image in images {
        // ECR shows a push time with each image.
        let Some(pushed_at) = image.pushed_at else {
            continue;
        };
        let own = |tag: &&Tag| tag.subject().is_none();
        for tag in image.tags.iter().filter(own) {
            let standing = ShownTag { tag, pushed_at };
            let last = tags.last_run(tag, &image.digest);
            let policies = pushed_for(looking, &standing, last, now);
            let hints = policies
                .chunks(POLICIES_OF_A_MESSAGE)
                .map(|policies| Found {
                    repository: repository.clone(),
                    tag: tag.clone(),
                    digest: image.digest.clone(),
                    pushed_at,
                    policies: policies.to_vec(),
                });
            found.extend(hints);
        }
    }
    found
}

async fn send(function: &Function, found: Vec<Found>) -> Result<(), Failure> {
    for some in found.chunks(BATCH) {
        for found in some {
            let Found {
                repository, tag, ..
            } = found;
            tracing::warn!(%repository, %tag, "found by the walk: no event told of this push");
        }
        let bodies = some
            .iter()
            .map(|found| Work::Found(found.clone()).message());
        queue::send_all(&function.aws, &function.config.queue_url, bodies.collect()).await?;
    }
    Ok(())
}
