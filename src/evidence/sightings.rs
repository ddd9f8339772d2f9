//! Since when findings are known that the scanner does not say it of: asked of the ledger, and kept there
//! from the first look on. Nothing is asked for platforms whose scanner says it.

use std::collections::HashMap;

use ecr_promoter_core::{
    Digest, Image, Time,
    evidence::{Finding, Known, Origin, Seen, Sightings},
    sightings::unsaid,
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::{
    failure::Failure,
    function::Function,
    ledger::{edit::Revised, sightings},
    reading::Reading,
};

/// How many platforms' sightings are written at once.
const WRITES_AT_ONCE: usize = 8;

/// What is known of each platform of the image.
pub(super) async fn of_platforms(
    function: &Function,
    reading: &mut Reading,
    now: Time,
) -> Result<(), Failure> {
    let lacking = lacking(reading);
    let images: Vec<Image> = lacking.iter().map(|(image, _)| image.clone()).collect();
    let mut standing = sightings::of(&function.ledger, &images).await?;
    let looks_only = reading.looks_only;
    let known = lacking.into_iter().map(|(image, findings)| {
        let before = standing.remove(&image.digest);
        async move {
            let known = if looks_only {
                as_if_kept(before, &findings, now)
            } else {
                sightings::keep(&function.ledger, &image, before, (&findings, now)).await?
            };
            Ok::<_, Failure>((image.digest, known))
        }
    });
    let known: Vec<_> = known.collect();
    let known: HashMap<Digest, Sightings> = stream::iter(known)
        .buffer_unordered(WRITES_AT_ONCE)
        .try_collect()
        .await?;
    tell(reading, known, now);
    Ok(())
}

/// What is known of the platforms. Of those that were not asked about there is nothing to know.
fn tell(reading: &mut Reading, mut known: HashMap<Digest, Sightings>, now: Time) {
    for platform in reading.platforms() {
        let seen = Seen {
            value: known.remove(&platform.digest).unwrap_or_default(),
            origin: Origin::Ledger,
            at: now,
        };
        let evidence = &mut reading.evidence;
        evidence
            .sightings
            .insert(platform.digest, Known::Seen(seen));
    }
}

/// Where somebody only looks, what would be kept counts as kept.
fn as_if_kept(before: Option<Revised<Sightings>>, findings: &[Finding], now: Time) -> Sightings {
    let before = before.map(|item| item.body).unwrap_or_default();
    before.seen(findings, now).unwrap_or(before)
}

/// The platforms with findings whose first sight the scanner does not say, with those.
fn lacking(reading: &Reading) -> Vec<(Image, Vec<Finding>)> {
    let platforms = reading.platforms().into_iter();
    let lacking = platforms.filter_map(|platform| {
        let Some(Known::Seen(seen)) = reading.evidence.findings.get(&platform.digest) else {
            return None;
        };
        let findings: Vec<Finding> = unsaid(&seen.value).cloned().collect();
        let image = Image {
            digest: platform.digest,
            ..reading.image.clone()
        };
        (!findings.is_empty()).then_some((image, findings))
    });
    lacking.collect()
}
