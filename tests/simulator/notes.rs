//! What invocations saw of ECR and wrote down, as far as a checker has to know it: what the function could know.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    fate::Seen,
    run::{Id, Moment},
    truth::{Facts, Place},
};

/// A read of ECR showed this to an invocation.
#[derive(Debug, Clone)]
pub struct Shown {
    pub invocation: Id,
    pub repository: String,
    /// The tags that were asked for, and what each stood on.
    pub tags: BTreeMap<String, Option<String>>,
    /// The digests that were asked for, and whether they were there.
    pub digests: BTreeMap<String, bool>,
}

/// The head of a target tag was written.
#[derive(Debug, Clone)]
pub struct HeadWrite {
    pub at: Moment,
    pub place: Place,
    pub invocation: Id,
}

/// The function sent an event to the queue once more.
#[derive(Debug, Clone)]
pub struct SentAgain {
    pub at: Moment,
    pub invocation: Id,
    pub event: Value,
}

impl Facts {
    /// What a read showed, in the words of ECR.
    pub fn shown(&mut self, seen: &Seen, answer: &Value) {
        let (Some(invocation), Some(repository)) =
            (seen.invocation, seen.body["repositoryName"].as_str())
        else {
            return;
        };
        let ids = |list: &Value| -> Vec<(Option<String>, Option<String>)> {
            let text = |it: &Value| it.as_str().map(str::to_owned);
            let list = list.as_array().into_iter().flatten();
            let pairs = list.map(|it| (text(&it["imageTag"]), text(&it["imageDigest"])));
            pairs.collect()
        };
        let there: Value = answer["images"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|it| it["imageId"].clone())
            .collect();
        let there = ids(&there);
        let mut shown = Shown {
            invocation,
            repository: repository.to_owned(),
            tags: BTreeMap::new(),
            digests: BTreeMap::new(),
        };
        for (tag, digest) in ids(&seen.body["imageIds"]) {
            if let Some(tag) = tag {
                let on = there.iter().find(|(it, _)| it.as_ref() == Some(&tag));
                let on = on.and_then(|(_, digest)| digest.clone());
                shown.tags.insert(tag, on);
            } else if let Some(digest) = digest {
                let is_there = there.iter().any(|(_, it)| it.as_ref() == Some(&digest));
                shown.digests.insert(digest, is_there);
            }
        }
        self.shown.push((seen.at, shown));
    }

    /// A request to the ledger took effect.
    pub fn head_written(&mut self, seen: &Seen, now: Moment) {
        let several = seen.body["TransactItems"].as_array().into_iter().flatten();
        let items = several.map(|it| &it["Put"]["Item"]);
        for item in items.chain([&seen.body["Item"]]) {
            let key = |name: &str| item[name]["S"].as_str().unwrap_or_default();
            let target = key("pk").strip_prefix("TARGET#").unwrap_or_default();
            let repository = target.splitn(3, '/').nth(2);
            if let (Some(repository), Some(invocation)) = (repository, seen.invocation) {
                self.heads.push(HeadWrite {
                    at: now,
                    place: (repository.to_owned(), key("sk").to_owned()),
                    invocation,
                });
            }
        }
    }

    /// A message came to the queue.
    pub fn sent_again(&mut self, seen: &Seen, now: Moment) {
        let event = seen.body["MessageBody"].as_str().unwrap_or_default();
        if let (Some(invocation), Ok(event)) = (seen.invocation, serde_json::from_str(event)) {
            self.again_sent.push(SentAgain {
                at: now,
                invocation,
                event,
            });
        }
    }
}
