//! The runs of each tag: a push's number and its order, given once.

use ecr_promoter_core::{
    Digest, Image, Push, Tag, Time,
    runs::{Placed, Run, Runs, place},
};
use serde::{Deserialize, Serialize};

use super::{
    Condition, Ledger, Write, Written,
    keys::{self, Key},
};
use crate::failure::{Failure, Remedy};

/// How often a tag that others write at the same time is tried.
const ATTEMPTS: u32 = 10;

/// So many pushes of one image are looked at again; ECR itself allows a thousand tags an image.
const PUSHES_MAX: i32 = 1_000;

/// A push's own item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct PushItem {
    tag: Tag,
    run: Run,
}

/// A tag's item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct TagItem {
    /// Counts the writes of this item.
    revision: u64,
    tag: Runs,
}

impl Ledger {
    /// The run that a push belongs to, made and written where it is new: the tag's item and the
    /// push's own in one transaction. `push.order_time` is where it would like to stand.
    pub async fn run(
        &self,
        push: &Push,
        standing: Option<&Digest>,
        now: Time,
    ) -> Result<Run, Failure> {
        let key = keys::tag(&push.registry, &push.repository, &push.tag);
        for _ in 0..ATTEMPTS {
            let item: Option<TagItem> = self.get(&key).await?;
            let revision = item.as_ref().map(|item| item.revision);
            let runs = item.map(|item| item.tag).unwrap_or_default();
            let fallen_off = self.fallen_off(push, &runs).await?;
            let placed = place(
                &runs,
                &push.digest,
                standing,
                push.order_time,
                now,
                fallen_off.as_ref(),
            );
            let (run, tag) = match placed {
                Placed::Known(run) => return Ok(run),
                Placed::New { run, runs } => (run, runs),
            };
            if self.write_run(push, &key, &run, tag, revision).await? {
                return Ok(run);
            }
        }
        Err(Failure::new(
            Remedy::Wait,
            format!("number a push in {key}"),
            "others keep writing it",
        ))
    }

    /// Writes a new run: the tag's item and the push's own, or neither. `false` where another
    /// invocation was quicker, or our own first attempt's answer was lost: what stands there now is
    /// read and says which.
    async fn write_run(
        &self,
        push: &Push,
        key: &Key,
        run: &Run,
        tag: Runs,
        revision: Option<u64>,
    ) -> Result<bool, Failure> {
        let item = TagItem {
            revision: revision.unwrap_or(0) + 1,
            tag,
        };
        let own = PushItem {
            tag: push.tag.clone(),
            run: run.clone(),
        };
        let own_key = keys::push(&push.image(), &push.tag, run.number);
        let writes = vec![
            Write::new(key, &item, Some(Condition::unchanged_since(revision)))?,
            Write::new(&own_key, &own, Some(Condition::Absent))?,
        ];
        Ok(matches!(self.put_all(writes).await?, Written::Done))
    }

    /// The pushes of an image that are known, the newest run of each of its tags.
    pub async fn pushes_of(&self, image: &Image) -> Result<Vec<(Tag, Run)>, Failure> {
        let pk = keys::image(image);
        let items: Vec<PushItem> = self.newest(&pk, "PUSH#", PUSHES_MAX).await?;
        let mut newest: Vec<(Tag, Run)> = Vec::new();
        for PushItem { tag, run } in items {
            if !newest.iter().any(|(known, _)| *known == tag) {
                newest.push((tag, run));
            }
        }
        Ok(newest)
    }

    /// A run of this digest that fell off the tag's list is known by its own item still.
    async fn fallen_off(&self, push: &Push, runs: &Runs) -> Result<Option<Run>, Failure> {
        let kept = u64::try_from(runs.runs.len()).unwrap_or(u64::MAX);
        let listed = runs.runs.iter().any(|run| run.digest == push.digest);
        if runs.last_number <= kept || listed {
            return Ok(None);
        }
        let pk = keys::image(&push.image());
        let found: Vec<PushItem> = self.newest(&pk, &keys::pushes_of(&push.tag), 1).await?;
        Ok(found.into_iter().next().map(|item| item.run))
    }
}
