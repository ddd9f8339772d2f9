//! The head of each target tag: what stood there, who writes it, what may still arrive.

use ecr_promoter_core::{
    Digest, Image, Registry, Time, decision::Target, head::Head, provenance::Provenance,
};
use serde::Serialize;

use super::{
    Item, KEPT, Ledger,
    edit::{Edit, Prior, Revised, Step},
    keys::{self, Key},
    open,
    provenance::Origins,
    read, reads,
    write::Write,
};
use crate::failure::Failure;

/// What the ledger knows of a target tag before it is written.
#[derive(Debug, Clone)]
pub struct Before {
    /// The head; a new one where the tag never had any.
    pub head: Option<Revised<Head>>,
    /// Where the tag on this digest came from before.
    pub origins: Origins,
}

#[derive(Serialize)]
struct HeadSummary<'a> {
    head: &'a Target,
}

/// Reads a target tag's head, and where the tag on `digest` came from.
pub async fn before(
    ledger: &Ledger,
    registry: &Registry,
    target: &Target,
    digest: &Digest,
) -> Result<Before, Failure> {
    let image = Image {
        registry: registry.clone(),
        repository: target.repository.clone(),
        digest: digest.clone(),
    };
    let head_key = key(registry, target);
    let from_key = keys::provenance(&image, &target.tag);
    let wanted = [head_key.clone(), from_key.clone()];
    let mut items = reads::get_all(ledger, &wanted).await?;
    let head = items.remove(&head_key).map(|item| read(&head_key, item));
    let from = items
        .remove(&from_key)
        .map(|item: Item| read(&from_key, item));
    let from: Option<Revised<Provenance>> = from.transpose()?;
    Ok(Before {
        head: head.transpose()?,
        origins: Origins::new(from_key, from),
    })
}

/// The head of a target tag.
pub async fn get(
    ledger: &Ledger,
    registry: &Registry,
    target: &Target,
) -> Result<Option<Revised<Head>>, Failure> {
    reads::get(ledger, &key(registry, target)).await
}

/// A head that is changed by transitions; see [`Edit`].
pub(crate) struct Change<'l> {
    edit: Edit<'l, Head>,
    key: Key,
    target: Target,
}

/// Begins a change of the head, which may have been read already.
pub(crate) async fn change<'l>(
    ledger: &'l Ledger,
    registry: &Registry,
    target: &Target,
    prior: Prior<Head>,
) -> Result<Change<'l>, Failure> {
    let key = key(registry, target);
    Ok(Change {
        edit: Edit::begin(ledger, key.clone(), prior).await?,
        key,
        target: target.clone(),
    })
}

impl Change<'_> {
    /// The head as it was read.
    pub(crate) fn head(&self) -> Head {
        self.edit.body().cloned().unwrap_or_default()
    }

    /// The item as it was last read or written.
    pub(crate) fn into_item(self) -> Option<Revised<Head>> {
        self.edit.into_item()
    }

    /// Whether nothing was refused yet.
    pub(crate) fn is_first(&self) -> bool {
        self.edit.is_first()
    }

    /// Writes a step; `None` if others wrote in the meantime, and the change begins again.
    pub(crate) async fn write<A>(
        &mut self,
        step: Step<Head, A>,
        now: Time,
    ) -> Result<Option<A>, Failure> {
        let (key, target) = (&self.key, &self.target);
        let finished = |write: Write, head: &Head| {
            let write = write.expiring(now + KEPT);
            open::due(write, key, head.due(), &HeadSummary { head: target })
        };
        self.edit.write(step, finished).await
    }
}

fn key(registry: &Registry, target: &Target) -> Key {
    keys::head(registry, &target.repository, &target.tag)
}
