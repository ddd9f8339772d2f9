//! What becomes of one request between a client and AWS, and the words for a request.
//!
//! Says what shall happen; `network` does it.

use std::time::Duration;

use serde_json::Value;

use crate::run::{Id, Moment};

/// One request, as it leaves a client.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Counts the requests of the world.
    pub number: u64,
    /// The sandbox that sends it.
    pub sandbox: usize,
    /// The invocation that runs in it.
    pub invocation: Option<Id>,
    pub at: Moment,
    /// As the embedded AWS names it: `ecr:PutImage`, `registry:mount`.
    pub name: String,
    pub uri: String,
    /// The body of a JSON API; null if there is none.
    pub body: Value,
}

impl Seen {
    /// Whether ECR may raise an event of it.
    pub fn changes_ecr(&self) -> bool {
        self.name == "ecr:PutImage" || self.name == "ecr:StartImageScan"
    }

    /// A write of a tag: repository, tag and manifest.
    pub fn tag_write(&self) -> Option<(&str, &str, &str)> {
        if self.name != "ecr:PutImage" {
            return None;
        }
        Some((
            self.body["repositoryName"].as_str()?,
            self.body["imageTag"].as_str()?,
            self.body["imageManifest"].as_str()?,
        ))
    }
}

/// How a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    Throttled,
    Broken,
    Denied,
    /// ECR may not use the repository's key.
    Kms,
    /// The connection breaks in place of an answer.
    Reset,
}

/// What becomes of who sends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    Lives,
    /// Dies before the request is on its way.
    DiesBefore,
    /// Dies once it had its effect.
    DiesAfter,
    /// Stands still for this long once it is on its way.
    Freezes(Duration),
    /// Stands still for this long before it is on its way, signed already.
    FreezesBefore(Duration),
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy)]
pub struct Fate {
    /// How long it travels.
    pub before: Duration,
    /// In place of its effect.
    pub refused: Option<Refusal>,
    /// How long it stays with AWS before it takes effect, no matter who still waits for it.
    pub landing: Duration,
    /// In place of its answer, though it took effect.
    pub lost: Option<Refusal>,
    /// How long the answer travels.
    pub after: Duration,
    /// A read of ECR shows what stood this long ago.
    pub stale: Duration,
    pub sender: Sender,
}

impl Fate {
    /// It passes, and takes this long each way.
    pub const fn passes(each_way: Duration) -> Self {
        Self {
            before: each_way,
            refused: None,
            landing: Duration::ZERO,
            lost: None,
            after: each_way,
            stale: Duration::ZERO,
            sender: Sender::Lives,
        }
    }

    /// Whether anything is out of the ordinary, for the history.
    pub fn strange(&self) -> bool {
        let slow = Duration::from_secs(1);
        self.refused.is_some()
            || self.lost.is_some()
            || self.sender != Sender::Lives
            || !self.stale.is_zero()
            || self.before + self.landing + self.after >= slow
    }
}

impl std::fmt::Display for Fate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut words = Vec::new();
        let mut told = |what: &str, time: Duration| {
            if time >= Duration::from_millis(500) {
                words.push(format!("{what} {:.1} s", time.as_secs_f64()));
            }
        };
        told("travels", self.before);
        told("lands after", self.landing);
        told("is answered after", self.after);
        told("shows what stood before", self.stale);
        if let Some(refusal) = self.refused {
            words.push(format!("is refused ({refusal:?})"));
        }
        if let Some(refusal) = self.lost {
            words.push(format!("takes effect and is answered {refusal:?}"));
        }
        match self.sender {
            Sender::Lives => {}
            Sender::DiesBefore => words.push("its sender dies before it".to_owned()),
            Sender::DiesAfter => words.push("its sender dies after it".to_owned()),
            Sender::Freezes(time) => words.push(format!("its sender freezes for {time:?}")),
            Sender::FreezesBefore(time) => {
                words.push(format!("its sender freezes for {time:?} with it in hand"));
            }
        }
        f.write_str(&words.join(", "))
    }
}
