//! The runs of each tag: a push's number and its order, given once.

use std::collections::HashMap;

use ecr_promoter_core::{
    Digest, Image, Tag, Time,
    head::Head,
    provenance::Provenance,
    runs::{Placed, Run, Runs, Unplaced, place},
};
use serde::{Deserialize, Serialize};

use super::{
    Item, Ledger, RUNS_KEPT,
    edit::{Edit, Prior, Revised, Step},
    keys::{self, Key},
    read,
    reads::{self, Many},
    write::{Condition, Write},
};
use crate::failure::Failure;

/// How many pushes of one image are looked at again; ECR itself allows a thousand tags an image.
const PUSHES_MAX: i32 = 1_000;

/// A push's own item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct PushItem {
    tag: Tag,
    run: Run,
}

/// What the ledger knows of a tag before a push of it is placed.
#[derive(Debug, Clone, Default)]
pub struct Ahead {
    /// The tag's runs.
    runs: Option<Revised<Runs>>,
    /// Where the tag on this image came from, if a promotion ever put it there.
    pub provenance: Provenance,
    /// The head of the tag, if it is a target.
    pub head: Option<Head>,
}

impl Ahead {
    /// Whether the tag's last runs have this digest.
    #[must_use]
    pub fn knows(&self, digest: &Digest) -> bool {
        let runs = self.runs.iter().flat_map(|runs| &runs.body.runs);
        runs.into_iter().any(|run| run.digest == *digest)
    }

    /// Whether the tag has runs, and none of them this digest.
    #[must_use]
    pub fn knows_only_others(&self, digest: &Digest) -> bool {
        let some = self
            .runs
            .as_ref()
            .is_some_and(|runs| !runs.body.runs.is_empty());
        some && !self.knows(digest)
    }
}

/// The writes that give a push its run, where they are left to its first claim. Until they are done nothing
/// is written of the push's cases.
pub(crate) type Unwritten = Vec<Write>;

/// The run that a push belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Numbered {
    /// It has this run.
    Run {
        /// The run.
        run: Run,
        /// It was given now: nothing is known of the push yet.
        new: bool,
    },
    /// ECR must be read again, not before this time.
    ReadAgain {
        /// When a read counts.
        not_before: Time,
    },
}

/// Reads what is known of some tags of an image, all at once: their runs, where they are `placed` by
/// them, and where they came from.
pub async fn ahead(
    ledger: &Ledger,
    image: &Image,
    tags: &[Tag],
    placed: bool,
) -> Result<HashMap<Tag, Ahead>, Failure> {
    let of = |tag: &Tag| {
        [
            keys::tag(&image.registry, &image.repository, tag),
            keys::provenance(image, tag),
            keys::head(&image.registry, &image.repository, tag),
        ]
    };
    let wanted = tags.iter().flat_map(|tag| {
        let [runs, provenance, head] = of(tag);
        placed.then_some(runs).into_iter().chain([provenance, head])
    });
    let wanted: Vec<Key> = wanted.collect();
    let mut items = reads::get_all(ledger, &wanted).await?;
    let mut known = HashMap::new();
    for tag in tags {
        let [runs, provenance, head] = of(tag);
        let ahead = Ahead {
            runs: taken(&mut items, &runs)?,
            provenance: taken(&mut items, &provenance)?
                .map(|item: Revised<Provenance>| item.body)
                .unwrap_or_default(),
            head: taken(&mut items, &head)?.map(|item: Revised<Head>| item.body),
        };
        known.insert(tag.clone(), ahead);
    }
    Ok(known)
}

fn taken<T: serde::de::DeserializeOwned>(
    items: &mut HashMap<Key, Item>,
    key: &Key,
) -> Result<Option<T>, Failure> {
    items.remove(key).map(|item| read(key, item)).transpose()
}

/// The run that a push belongs to, made and written where it is new: the tag's item and the push's
/// own in one transaction.
pub async fn number(
    ledger: &Ledger,
    image: &Image,
    tag: &Tag,
    sight: &Unplaced<'_>,
    ahead: Option<Ahead>,
) -> Result<Numbered, Failure> {
    let key = keys::tag(&image.registry, &image.repository, tag);
    let expires = sight.now + RUNS_KEPT;
    let prior = ahead.map_or(Prior::Unread, |ahead| Prior::Read(ahead.runs));
    let mut edit = Edit::begin(ledger, key, prior).await?;
    loop {
        let runs = edit.body().cloned().unwrap_or_default();
        let fallen_off = fallen_off(ledger, image, tag, &runs).await?;
        let step = step(
            image,
            tag,
            place(&runs, sight, fallen_off.as_ref()),
            expires,
        )?;
        let written = edit.write(step, |write, _| write.expiring(expires));
        if let Some(numbered) = written.await? {
            return Ok(numbered);
        }
    }
}

/// The run of a push that is new, and the writes by which it is given, for a transaction that begins with
/// it. `None` where the push has a run, or where what was read `ahead` does not tell.
pub(crate) fn unwritten(
    image: &Image,
    tag: &Tag,
    sight: &Unplaced<'_>,
    ahead: &Ahead,
) -> Result<Option<(Run, Unwritten)>, Failure> {
    let before = ahead.runs.as_ref();
    let runs = before.map(|item| item.body.clone()).unwrap_or_default();
    if may_have_fallen_off(image, &runs) {
        return Ok(None);
    }
    let Placed::New { run, runs } = place(&runs, sight, None) else {
        return Ok(None);
    };
    let revision = before.map(|item| item.revision);
    let key = keys::tag(&image.registry, &image.repository, tag);
    let item = Revised {
        revision: revision.unwrap_or(0) + 1,
        body: runs,
    };
    let expires = sight.now + RUNS_KEPT;
    let tags = Write::put(&key, &item, Some(Condition::unchanged_since(revision)))?;
    let own = own(image, tag, &run, expires)?;
    Ok(Some((run, vec![tags.expiring(expires), own])))
}

/// The write of a push's own item.
fn own(image: &Image, tag: &Tag, run: &Run, expires: Time) -> Result<Write, Failure> {
    let item = PushItem {
        tag: tag.clone(),
        run: run.clone(),
    };
    let key = keys::push(image, tag, run.number);
    let write = Write::put(&key, &item, Some(Condition::Absent))?;
    Ok(write.expiring(expires))
}

/// What is written of a placed push.
fn step(
    image: &Image,
    tag: &Tag,
    placed: Placed,
    expires: Time,
) -> Result<Step<Runs, Numbered>, Failure> {
    let known = |run| Numbered::Run { run, new: false };
    Ok(match placed {
        Placed::Known(run) => Step::Keep(known(run)),
        Placed::ReadAgain { not_before } => Step::Keep(Numbered::ReadAgain { not_before }),
        Placed::Confirmed { run, runs } => Step::alone(runs, known(run)),
        Placed::New { run, runs } => Step::Change {
            body: runs,
            with: vec![own(image, tag, &run, expires)?],
            answer: Numbered::Run { run, new: true },
        },
    })
}

/// The pushes of an image that are known, the newest run of each of its tags.
pub async fn of_image(ledger: &Ledger, image: &Image) -> Result<Vec<(Tag, Run)>, Failure> {
    let key = Key::new(keys::image(image), "PUSH#");
    let items = reads::query::<PushItem>(ledger, &key, Many::Last(PUSHES_MAX)).await?;
    let mut newest: Vec<(Tag, Run)> = Vec::new();
    for (_, PushItem { tag, run }) in items {
        if !newest.iter().any(|(known, _)| *known == tag) {
            newest.push((tag, run));
        }
    }
    Ok(newest)
}

/// A run of this digest that fell off the tag's list is known by its own item still.
async fn fallen_off(
    ledger: &Ledger,
    image: &Image,
    tag: &Tag,
    runs: &Runs,
) -> Result<Option<Run>, Failure> {
    if !may_have_fallen_off(image, runs) {
        return Ok(None);
    }
    let key = Key::new(keys::image(image), keys::pushes_of(tag));
    let found = reads::query::<PushItem>(ledger, &key, Many::Last(1)).await?;
    Ok(found.into_iter().next().map(|(_, item)| item.run))
}

fn may_have_fallen_off(image: &Image, runs: &Runs) -> bool {
    let kept = u64::try_from(runs.runs.len()).unwrap_or(u64::MAX);
    let listed = runs.runs.iter().any(|run| run.digest == image.digest);
    runs.last_number > kept && !listed
}
