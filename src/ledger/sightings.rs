//! Since when findings are known that the scanner does not say it of: one item for each image.

use std::collections::HashMap;

use ecr_promoter_core::{Digest, Image, Time, evidence::Finding, sightings::Sightings};

use super::{
    Ledger, RUNS_KEPT,
    edit::{Edit, Prior, Revised, Step},
    keys::{self, Key},
    read, reads,
};
use crate::failure::Failure;

/// What is kept of these images, of those that have such an item.
pub(crate) async fn of(
    ledger: &Ledger,
    images: &[Image],
) -> Result<HashMap<Digest, Revised<Sightings>>, Failure> {
    let keys: Vec<Key> = images.iter().map(keys::sightings).collect();
    let mut items = reads::get_all(ledger, &keys).await?;
    let mut found = HashMap::new();
    for (image, key) in images.iter().zip(&keys) {
        if let Some(item) = items.remove(key) {
            found.insert(image.digest.clone(), read(key, item)?);
        }
    }
    Ok(found)
}

/// Keeps what is new of a scan's findings, and says what is known then. `standing` is what was read. What is
/// not new is not written.
pub(crate) async fn keep(
    ledger: &Ledger,
    image: &Image,
    standing: Option<Revised<Sightings>>,
    (findings, now): (&[Finding], Time),
) -> Result<Sightings, Failure> {
    let key = keys::sightings(image);
    let mut edit = Edit::begin(ledger, key, Prior::Read(standing)).await?;
    loop {
        let known = edit.body().cloned().unwrap_or_default();
        let step = match known.seen(findings, now) {
            None => Step::Keep(known),
            Some(more) => Step::alone(more.clone(), more),
        };
        // Kept for as long as the push itself is.
        let expiring = |write: super::write::Write, _: &Sightings| write.expiring(now + RUNS_KEPT);
        if let Some(known) = edit.write(step, expiring).await? {
            return Ok(known);
        }
    }
}
