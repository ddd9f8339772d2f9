//! Which reader serves which lack of a decision.
//!
//! A reader says for each platform what is known: seen, not there yet, or never to come. A refusal
//! that an administrator has to fix is kept beside the evidence, so that it is recorded as a failure, and never read as "nothing found".

mod candidates;
mod components;
mod findings;
mod labels;
mod lists;
mod referrers;
mod sightings;

use std::collections::HashMap;

use ecr_promoter_core::{
    Digest, Time,
    evidence::{Known, Lack, Never, NotYet, Origin, Platform, Read, Seen},
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::{
    ecr::images,
    failure::{Code, Failure, Remedy},
    function::Function,
    ledger::indexes,
    reading::Reading,
};

/// What a read does not show is believed this long after the push.
const BELIEVED_AFTER: chrono::TimeDelta = chrono::TimeDelta::seconds(60);
/// How many platforms are looked up at once.
const PLATFORMS_AT_ONCE: usize = 8;

/// Fetches one kind of evidence of an image, or says that it will never come.
pub(crate) async fn gather(
    function: &Function,
    reading: &mut Reading,
    lack: Lack,
    now: Time,
) -> Result<(), Failure> {
    let gathered = match lack {
        Lack::Contents => contents(function, reading, now).await,
        Lack::Labels => all_labels(function, reading, now).await,
        Lack::Findings => all_findings(function, reading, now).await,
        Lack::Sightings => sightings::of_platforms(function, reading, now).await,
        Lack::Components => all_components(function, reading, now).await,
    };
    match gathered {
        Err(failure) if failure.remedy() != Remedy::Wait => {
            if lack == Lack::Contents
                && let Some(not_yet) = not_shown_yet(reading, &failure, now)
            {
                reading.evidence.contents = Known::NotYet(not_yet);
                return Ok(());
            }
            give_up(lack, reading, &failure);
            if failure.remedy() == Remedy::Mend {
                reading.failures.insert(lack, failure);
            }
            Ok(())
        }
        other => other,
    }
}

async fn contents(function: &Function, reading: &mut Reading, now: Time) -> Result<(), Failure> {
    let repository = &reading.image.repository;
    reading.evidence.contents = match &mut reading.tree {
        None => Known::Never("the image's manifest cannot be read".to_owned().into()),
        Some(tree) => match images::complete(&function.aws, repository, tree).await? {
            Ok(()) => Known::Seen(Seen {
                value: tree.contents(),
                origin: Origin::Registry,
                at: now,
            }),
            Err(error) => Known::Never(Never::read(error.to_string(), Origin::Registry, now)),
        },
    };
    Ok(())
}

/// A child that is not there yet may just not be shown yet: that is believed a minute after the push.
fn not_shown_yet(reading: &Reading, failure: &Failure, now: Time) -> Option<NotYet> {
    let believed_at = reading.pushed_at + BELIEVED_AFTER;
    (*failure.code() == Code::ImageNotFound && now < believed_at).then(|| NotYet {
        reason: failure.to_string(),
        look_at: Some(believed_at),
        read: Read::default(),
    })
}

async fn all_labels(function: &Function, reading: &mut Reading, now: Time) -> Result<(), Failure> {
    let Some(tree) = &reading.tree else {
        return Ok(());
    };
    let (image, platforms) = (&reading.image, reading.platforms());
    let labels = labels::of_platforms(function, image, tree, &platforms, now).await?;
    reading.evidence.labels.extend(labels);
    Ok(())
}

async fn all_findings(
    function: &Function,
    reading: &mut Reading,
    now: Time,
) -> Result<(), Failure> {
    remember_index(function, reading).await?;
    let (image, pushed_at) = (&reading.image, reading.pushed_at);
    let lookups: Vec<_> = reading
        .platforms()
        .into_iter()
        .map(|platform| findings::of_platform(function, image, platform, pushed_at, now))
        .collect();
    let found: Vec<_> = stream::iter(lookups)
        .buffer_unordered(PLATFORMS_AT_ONCE)
        .try_collect()
        .await?;
    for found in found {
        if found.unscannable {
            reading.evidence.unscannable.insert(found.digest.clone());
        }
        reading.evidence.findings.insert(found.digest, found.known);
    }
    Ok(())
}

async fn all_components(
    function: &Function,
    reading: &mut Reading,
    now: Time,
) -> Result<(), Failure> {
    remember_index(function, reading).await?;
    let Some(tree) = &reading.tree else {
        return Ok(());
    };
    let platforms = reading.platforms();
    let components =
        components::of_platforms(function, &reading.image, tree, &platforms, now).await?;
    reading.evidence.components.extend(components);
    Ok(())
}

/// A child's scan and a child's referrers lead to its index: written before the first look, so
/// that no event can arrive too early to be understood.
async fn remember_index(function: &Function, reading: &mut Reading) -> Result<(), Failure> {
    if reading.looks_only || reading.index_remembered {
        return Ok(());
    }
    if let Some(tree) = &reading.tree {
        let manifests = tree.manifests_leaves_first();
        let children = manifests.iter().map(|(digest, _)| *digest);
        let children: Vec<&Digest> = children.filter(|digest| *digest != tree.root()).collect();
        let now = function.now();
        indexes::remember(&function.ledger, &reading.image, &children, now).await?;
    }
    reading.index_remembered = true;
    Ok(())
}

/// Evidence that cannot be looked up will never come.
fn give_up(lack: Lack, reading: &mut Reading, failure: &Failure) {
    let never = Never::from(match failure.remedy() {
        Remedy::Mend => format!("permission or quota: {failure}"),
        Remedy::Wait | Remedy::Never => failure.to_string(),
    });
    let platforms = reading.platforms();
    let evidence = &mut reading.evidence;
    match lack {
        Lack::Contents => evidence.contents = Known::Never(never),
        Lack::Labels => all_never(&mut evidence.labels, platforms, &never),
        Lack::Findings => all_never(&mut evidence.findings, platforms, &never),
        Lack::Sightings => all_never(&mut evidence.sightings, platforms, &never),
        Lack::Components => all_never(&mut evidence.components, platforms, &never),
    }
}

fn all_never<T>(known: &mut HashMap<Digest, Known<T>>, platforms: Vec<Platform>, never: &Never) {
    let digests = platforms.into_iter().map(|platform| platform.digest);
    known.extend(digests.map(|digest| (digest, Known::Never(never.clone()))));
}
