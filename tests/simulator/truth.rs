//! What really happened, seen from AWS's side: who moved which tag when, what was written, announced, reported by events.
//! The checkers judge by this and by the ledger, never by what the function believes.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard},
};

use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::ConnectorError};
use chrono::TimeDelta;
use serde_json::Value;

use crate::{
    fate::{Fate, Seen},
    image::{Image, digest},
    notes::{HeadWrite, SentAgain, Shown},
    run::{Id, Moment, Run},
};

/// A repository and a tag in it.
pub type Place = (String, String);

/// A tag was put on a digest, or on none.
#[derive(Debug, Clone)]
pub struct Move {
    pub at: Moment,
    pub place: Place,
    pub digest: Option<String>,
    /// The write that did it; a person, or a lifecycle rule, if there is none.
    pub write: Option<u64>,
}

/// One write of a tag by the function.
#[derive(Debug, Clone)]
pub struct Write {
    /// Its request.
    pub number: u64,
    /// The invocation that sent it.
    pub invocation: Option<Id>,
    pub place: Place,
    pub digest: String,
    pub sent: Moment,
    /// When it took effect, if it did.
    pub landed: Option<Moment>,
    /// When its sender learned what became of it, and whether it was done or refused.
    pub answered: Option<(Moment, bool)>,
}

/// What was announced.
#[derive(Debug, Clone)]
pub struct Told {
    pub at: Moment,
    pub kind: String,
    pub detail: Value,
}

/// An event of ECR's, and when it came to the queue.
#[derive(Debug, Clone)]
pub struct Raised {
    pub at: Moment,
    pub event: Value,
    /// Empty: it is lost.
    pub arrives: Vec<Moment>,
}

/// A policy as it stood from then on; absent once it was deleted.
#[derive(Debug, Clone)]
pub struct Edit {
    pub at: Moment,
    pub name: String,
    pub document: Option<Value>,
}

/// All of it.
#[derive(Default)]
pub struct Facts {
    pub moves: Vec<Move>,
    pub writes: Vec<Write>,
    pub heads: Vec<HeadWrite>,
    /// What reads of ECR showed, and when each of them was sent.
    pub shown: Vec<(Moment, Shown)>,
    pub again_sent: Vec<SentAgain>,
    /// Since when nothing goes wrong any more, in a seed in which no more than one request ever did.
    pub quiet: Option<Moment>,
    pub told: Vec<Told>,
    pub events: Vec<Raised>,
    pub edits: Vec<Edit>,
    /// When an image came to a repository, and when it went.
    pub born: BTreeMap<(String, String), Moment>,
    pub gone: BTreeMap<(String, String), Moment>,
    /// Those that went once, and may have come back.
    pub went: BTreeSet<(String, String)>,
    /// When a scan of a digest became known, and whether it is clean.
    pub scans: BTreeMap<String, (Moment, bool)>,
    /// Repositories that were written to, and where from, where a blob was mounted.
    pub written: Vec<(String, Option<String>)>,
    /// Tags that somebody asked for by hand, and those that he asked to have promoted again.
    pub asked: Vec<Place>,
    pub again: Vec<Place>,
    pub images: BTreeMap<String, Image>,
    /// Their digests in the order in which they came.
    pub known: Vec<String>,
    pub history: Vec<(Moment, String)>,
}

/// The facts of one world. Clones are the same.
#[derive(Clone)]
pub struct Truth {
    pub run: Run,
    /// Whether every request becomes a line of the history.
    traces: bool,
    facts: Arc<Mutex<Facts>>,
}

impl Truth {
    pub fn new(run: Run) -> Self {
        Self {
            run,
            traces: std::env::var_os("SIMULATOR_TRACE").is_some(),
            facts: Arc::default(),
        }
    }

    pub fn facts(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap()
    }

    /// A line of the history that a failing seed prints.
    pub fn note(&self, what: impl Into<String>) {
        let now = self.run.now();
        self.facts().history.push((now, what.into()));
    }

    /// A request left a sandbox.
    pub fn sent(&self, seen: &Seen, fate: &Fate) {
        let write = seen.tag_write().map(|(repository, tag, manifest)| Write {
            number: seen.number,
            invocation: seen.invocation,
            place: (repository.to_owned(), tag.to_owned()),
            digest: digest(manifest.as_bytes()),
            sent: seen.at,
            landed: None,
            answered: None,
        });
        if self.traces || fate.strange() || write.is_some() {
            let what = self.facts().words(seen);
            self.note(format!("sandbox {}: {what} {fate}", seen.sandbox));
        }
        self.facts().writes.extend(write);
    }

    /// A request took effect, or was refused by AWS itself.
    pub fn took_effect(
        &self,
        seen: &Seen,
        outcome: Result<HttpResponse, ConnectorError>,
    ) -> Result<HttpResponse, ConnectorError> {
        let done = outcome.as_ref().is_ok_and(|it| it.status().is_success());
        if done {
            let now = self.run.now();
            let mut facts = self.facts();
            facts.wrote(seen);
            match seen.name.as_str() {
                "ecr:PutImage" => facts.put(seen, now),
                "events:PutEvents" => facts.announced(seen, now),
                "sqs:SendMessage" => facts.sent_again(seen, now),
                name if name.starts_with("dynamodb:") => facts.head_written(seen, now),
                _ => {}
            }
        }
        outcome
    }

    /// Its sender learned what became of a request.
    pub fn answered(&self, number: u64, answer: &Result<HttpResponse, ConnectorError>) {
        let now = self.run.now();
        // Only a refusal that AWS itself tells says that nothing was done.
        let known = answer
            .as_ref()
            .is_ok_and(|it| !it.status().is_server_error());
        let done = answer.as_ref().is_ok_and(|it| it.status().is_success());
        let mut facts = self.facts();
        if let Some(write) = facts
            .writes
            .iter_mut()
            .find(|it| it.number == number && known)
        {
            write.answered = Some((now, done));
        }
    }
}

impl Facts {
    /// What a tag stood on at a moment.
    pub fn stood(&self, place: &Place, at: Moment) -> Option<&str> {
        let mut moves = self.moves.iter();
        let last = moves.rfind(|it| it.place == *place && it.at <= at);
        last.and_then(|it| it.digest.as_deref())
    }

    /// A short name for a digest.
    pub fn name(&self, digest: &str) -> String {
        let known = self.known.iter().position(|it| it == digest);
        known.map_or_else(|| digest.to_owned(), |at| format!("D{}", at + 1))
    }

    fn words(&self, seen: &Seen) -> String {
        if let Some((repository, tag, manifest)) = seen.tag_write() {
            let name = self.name(&digest(manifest.as_bytes()));
            return format!("puts {repository}:{tag} on {name}");
        }
        let mut words = seen.name.clone();
        for key in [
            "/repositoryName",
            "/Key/pk/S",
            "/Key/sk/S",
            "/Item/pk/S",
            "/Item/sk/S",
        ] {
            if let Some(text) = seen.body.pointer(key).and_then(Value::as_str) {
                words = format!("{words} {text}");
            }
        }
        for item in seen.body["TransactItems"].as_array().into_iter().flatten() {
            let key = item.pointer("/Put/Item/sk/S").and_then(Value::as_str);
            words = format!("{words} {}", key.unwrap_or("…"));
        }
        words
    }

    /// An image is there from now on.
    pub fn bear(&mut self, repository: &str, digest: &str, now: Moment) {
        let key = (repository.to_owned(), digest.to_owned());
        self.gone.remove(&key);
        self.born.entry(key).or_insert(now);
    }

    fn put(&mut self, seen: &Seen, now: Moment) {
        let repository = seen.body["repositoryName"].as_str().unwrap_or_default();
        let manifest = seen.body["imageManifest"].as_str().unwrap_or_default();
        let digest = digest(manifest.as_bytes());
        self.bear(repository, &digest, now);
        let Some((_, tag, _)) = seen.tag_write() else {
            return;
        };
        self.moves.push(Move {
            at: now,
            place: (repository.to_owned(), tag.to_owned()),
            digest: Some(digest.clone()),
            write: Some(seen.number),
        });
        let late = now - seen.at > TimeDelta::seconds(1);
        if let Some(write) = self.writes.iter_mut().find(|it| it.number == seen.number) {
            write.landed = Some(now);
        }
        if late {
            let what = format!(
                "{repository}:{tag} stands on {} only now",
                self.name(&digest)
            );
            self.history.push((now, what));
        }
    }

    fn announced(&mut self, seen: &Seen, now: Moment) {
        for entry in seen.body["Entries"].as_array().into_iter().flatten() {
            let detail = entry["Detail"].as_str().unwrap_or_default();
            self.told.push(Told {
                at: now,
                kind: entry["DetailType"].as_str().unwrap_or_default().to_owned(),
                detail: serde_json::from_str(detail).unwrap_or_default(),
            });
        }
    }

    /// Which repository a write of the function's goes to.
    fn wrote(&mut self, seen: &Seen) {
        if seen.name == "ecr:PutImage" || seen.name == "ecr:CreateRepository" {
            let repository = seen.body["repositoryName"].as_str().unwrap_or_default();
            self.written.push((repository.to_owned(), None));
        } else if seen.name.starts_with("registry:") && !seen.name.ends_with("GET") {
            let path = seen.uri.split("/v2/").nth(1).unwrap_or_default();
            let repository = path.split("/blobs/").next().unwrap_or_default();
            let from = seen.uri.split("from=").nth(1).map(str::to_owned);
            self.written.push((repository.to_owned(), from));
        }
    }
}
