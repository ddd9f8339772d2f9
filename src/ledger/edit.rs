//! The one loop of the ledger: read an item, ask a transition, write on the condition that it still is
//! what was read.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    Ledger,
    keys::Key,
    reads,
    write::{self, Condition, Write, Written},
};
use crate::failure::{Failure, Remedy};

/// How many times a write is tried that competes with others.
const ATTEMPTS: u32 = 10;

/// An item that counts its writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revised<T> {
    /// Counts the writes.
    pub revision: u64,
    /// What it holds.
    pub body: T,
}

/// Whether an item was read before its edit begins.
pub(crate) enum Prior<T> {
    /// It was not.
    Unread,
    /// It was; `None` if there is no item.
    Read(Option<Revised<T>>),
}

/// What a transition makes of an item.
pub(crate) enum Step<T, A> {
    /// Nothing has to be written.
    Keep(A),
    /// The item has to be written, together with others.
    Change {
        /// What it becomes.
        body: T,
        /// What is written in the same transaction, or not at all.
        with: Vec<Write>,
        /// The answer once all is written.
        answer: A,
    },
}

impl<T, A> Step<T, A> {
    /// The item must be written, and nothing with it.
    pub(crate) fn alone(body: T, answer: A) -> Self {
        Self::Change {
            body,
            with: Vec::new(),
            answer,
        }
    }
}

/// The one loop of the ledger: an item is read, a transition says what becomes of it, that is written
/// on the condition that the item is still what was read, and where it is not the loop begins again:
///
/// ```text
/// let mut edit = Edit::begin(…).await?;
/// loop {
///     let step = transition(edit.body());
///     if let Some(answer) = edit.write(step, …).await? { return Ok(answer) }
/// }
/// ```
///
/// Where one of the other writes of a step is refused the loop begins again, too: the caller that builds them
/// from what was read elsewhere looks there again, if this is not the [first](Self::is_first) round.
pub(crate) struct Edit<'l, T> {
    ledger: &'l Ledger,
    key: Key,
    standing: Option<Revised<T>>,
    rounds: u32,
}

impl<'l, T: Serialize + DeserializeOwned + PartialEq> Edit<'l, T> {
    /// Reads the item, unless that was done already.
    pub(crate) async fn begin(
        ledger: &'l Ledger,
        key: Key,
        prior: Prior<T>,
    ) -> Result<Self, Failure> {
        let standing = match prior {
            Prior::Read(item) => item,
            Prior::Unread => reads::get(ledger, &key).await?,
        };
        Ok(Self {
            ledger,
            key,
            standing,
            rounds: 0,
        })
    }

    /// What was read; `None` if there is no item.
    pub(crate) fn body(&self) -> Option<&T> {
        self.standing.as_ref().map(|item| &item.body)
    }

    /// The item as it was last read or written.
    pub(crate) fn into_item(self) -> Option<Revised<T>> {
        self.standing
    }

    /// Whether nothing was refused yet.
    pub(crate) fn is_first(&self) -> bool {
        self.rounds == 0
    }

    /// Writes a step; `None` if others changed the item in the meantime. `finished` adds what the write
    /// needs beside the body: its expiry and the keys of its indexes.
    pub(crate) async fn write<A>(
        &mut self,
        step: Step<T, A>,
        finished: impl FnOnce(Write, &T) -> Write + Send,
    ) -> Result<Option<A>, Failure> {
        let (body, with, answer) = match step {
            Step::Keep(answer) => return Ok(Some(answer)),
            Step::Change { body, with, answer } => (body, with, answer),
        };
        let before = self.standing.as_ref().map(|item| item.revision);
        let item = Revised {
            revision: before.unwrap_or(0) + 1,
            body,
        };
        let condition = Condition::unchanged_since(before);
        let own = finished(Write::put(&self.key, &item, Some(condition))?, &item.body);
        let writes = std::iter::once(own).chain(with).collect();
        if let Written::Done = write::all(self.ledger, writes).await? {
            self.standing = Some(item);
            return Ok(Some(answer));
        }
        self.standing = reads::get(self.ledger, &self.key).await?;
        if self.standing.as_ref() == Some(&item) {
            return Ok(Some(answer));
        }
        self.rounds += 1;
        if self.rounds >= ATTEMPTS {
            return Err(contended(&self.key));
        }
        Ok(None)
    }
}

/// Others keep writing the item.
fn contended(key: &Key) -> Failure {
    Failure::new(
        Remedy::Wait,
        format!("write {key}"),
        format!("others changed it {ATTEMPTS} times in the meantime"),
    )
}
