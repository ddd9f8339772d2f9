//! A folder of policy documents that the policies table follows: what stands in the files is what
//! stands in the table, and nothing else that once came from them.
//!
//! A document that is invalid, and a file that cannot be read, is as if it were not there: it is
//! reported, promotes nothing, and hurts no other. A policy outside the paths is stored all the same,
//! as a deployment's table would take it: that it never promotes is the function's to show.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use aws_sdk_dynamodb::types::AttributeValue;
use ecr_promoter::Aws;
use ecr_promoter_core::{node::Node, path::Paths, policy::PolicyKey};

use crate::{
    policy::{
        files, folder,
        validate::{self, Good},
    },
    refusal::Refusal,
};

/// How often the folder is looked at.
pub(crate) const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The file that keeps the names of the policies that came from files.
const MEMORY: &str = "policies-of-files.json";

/// A folder, and what of it is in the table.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    table: String,
    paths: Paths,
    /// When each file was changed, and its size, as they were loaded last.
    seen: Seen,
    /// What was stored; null for what an earlier process stored.
    stored: BTreeMap<PolicyKey, Node>,
    /// Where the keys of what was stored are kept across restarts.
    memory: Option<PathBuf>,
}

type Seen = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

/// The folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the policies in {path:?}: {source}")]
pub(crate) struct FolderError {
    path: PathBuf,
    source: std::io::Error,
}

/// What a look at the folder changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Loaded {
    /// How many policies stand in the table now.
    pub(crate) policies: usize,
    /// How many of them are new, or changed.
    pub(crate) written: usize,
    /// How many are gone.
    pub(crate) deleted: usize,
    /// What is wrong, a line each.
    pub(crate) mistakes: Vec<String>,
    /// What is stored and will never promote, a line each.
    pub(crate) warnings: Vec<String>,
}

impl fmt::Display for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = if self.policies == 1 {
            "policy"
        } else {
            "policies"
        };
        write!(f, "{} {noun} loaded", self.policies)?;
        if self.policies != self.written || self.deleted > 0 {
            write!(f, " ({} written, {} deleted)", self.written, self.deleted)?;
        }
        Ok(())
    }
}

impl Folder {
    /// A folder whose policies go to `table`.
    pub(crate) fn new(path: PathBuf, table: &str, paths: Paths) -> Self {
        Self {
            path,
            table: table.to_owned(),
            paths,
            seen: Seen::new(),
            stored: BTreeMap::new(),
            memory: None,
        }
    }

    /// Makes sure that it is there. With `data`, where everything is kept across restarts, a file
    /// that went while nothing was running takes its policies with it, too.
    pub(crate) fn open(&mut self, data: Option<&Path>) -> Result<(), FolderError> {
        folder::in_folder(&self.path).map_err(|source| FolderError {
            path: self.path.clone(),
            source,
        })?;
        self.memory = data.map(|data| data.join(MEMORY));
        let kept = self
            .memory
            .as_ref()
            .and_then(|path| std::fs::read(path).ok());
        let keys: Vec<PolicyKey> = kept
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        self.stored = keys.into_iter().map(|key| (key, Node::Null)).collect();
        Ok(())
    }

    /// Whether a file came, went or was written since the last [`Self::load`].
    pub(crate) fn has_changed(&self) -> bool {
        self.look() != self.seen
    }

    /// Brings the table to what the files say.
    pub(crate) async fn load(&mut self, aws: &Aws) -> Loaded {
        self.seen = self.look();
        let mut loaded = Loaded::default();
        let wanted = self.wanted(&mut loaded);
        // Before the table is touched: a policy that is written and not remembered could outlive its
        // file.
        self.remember(self.stored.keys().chain(wanted.keys()), &mut loaded);
        let gone: Vec<PolicyKey> = self
            .stored
            .keys()
            .filter(|key| !wanted.contains_key(key))
            .cloned()
            .collect();
        for key in gone {
            match delete(aws, &self.table, &key).await {
                Ok(()) => {
                    self.stored.remove(&key);
                    loaded.deleted += 1;
                }
                Err(refusal) => loaded.mistakes.push(refusal.to_string()),
            }
        }
        for (key, node) in wanted {
            if self.stored.get(&key) == Some(&node) {
                continue;
            }
            match put(aws, &self.table, &key, &node).await {
                Ok(()) => {
                    self.stored.insert(key, node);
                    loaded.written += 1;
                }
                Err(refusal) => loaded.mistakes.push(refusal.to_string()),
            }
        }
        loaded.policies = self.stored.len();
        self.remember(self.stored.keys(), &mut loaded);
        loaded
    }

    /// Keeps the names of policies across a restart.
    fn remember<'k>(&self, keys: impl Iterator<Item = &'k PolicyKey>, loaded: &mut Loaded) {
        let Some(path) = &self.memory else {
            return;
        };
        let keys: BTreeSet<&PolicyKey> = keys.collect();
        if let Err(error) = write_whole(path, &keys) {
            let mistake = format!("cannot save the names of the policies: {error}");
            loaded.mistakes.push(mistake);
        }
    }

    /// What the files say, with everything that is wrong in them.
    fn wanted(&self, loaded: &mut Loaded) -> BTreeMap<PolicyKey, Node> {
        let mut good: Vec<Good> = Vec::new();
        for path in self.seen.keys() {
            for document in validate::check(&files::read(path), None) {
                match document {
                    Ok(document) => good.push(document),
                    Err(mistakes) => loaded
                        .mistakes
                        .extend(mistakes.iter().map(ToString::to_string)),
                }
            }
        }
        let (unique, repeated) = validate::unique(good);
        loaded
            .mistakes
            .extend(repeated.iter().map(ToString::to_string));
        loaded.warnings = folder::left_out(std::slice::from_ref(&self.path));
        let outside = unique.iter().filter_map(|good| {
            let mistake = self.paths.mistake_of(&good.policy)?;
            Some(format!(
                "{}: {}: {mistake}",
                good.place(),
                good.policy.key()
            ))
        });
        loaded.warnings.extend(outside);
        let documents = unique.into_iter();
        documents
            .map(|good| (good.policy.key(), good.node))
            .collect()
    }

    /// The files as they are now. A folder that is gone has none.
    fn look(&self) -> Seen {
        let files = folder::in_folder(&self.path).unwrap_or_default();
        let stamped = files.into_iter().filter_map(|path| {
            let metadata = std::fs::metadata(&path).ok()?;
            Some((path, (metadata.modified().ok(), metadata.len())))
        });
        stamped.collect()
    }
}

async fn put(aws: &Aws, table: &str, key: &PolicyKey, node: &Node) -> Result<(), Refusal> {
    let put = aws.dynamodb.put_item().table_name(table);
    let sent = put.set_item(Some(item(node))).send().await;
    sent.map_err(|error| Refusal::of(format!("store the policy {key}"), &error))?;
    Ok(())
}

async fn delete(aws: &Aws, table: &str, key: &PolicyKey) -> Result<(), Refusal> {
    let delete = aws.dynamodb.delete_item().table_name(table);
    let sent = delete
        .key("source", AttributeValue::S(key.source.clone()))
        .key("name", AttributeValue::S(key.name.clone()))
        .send()
        .await;
    sent.map_err(|error| Refusal::of(format!("delete the policy {key}"), &error))?;
    Ok(())
}

/// A document as an item: the same document, in DynamoDB's types.
pub(crate) fn item(node: &Node) -> HashMap<String, AttributeValue> {
    match node {
        Node::Map(entries) => entries
            .iter()
            .map(|(key, node)| (key.clone(), value(node)))
            .collect(),
        _ => HashMap::new(),
    }
}

fn value(node: &Node) -> AttributeValue {
    match node {
        Node::Null => AttributeValue::Null(true),
        Node::Bool(bool) => AttributeValue::Bool(*bool),
        Node::Number(digits) => AttributeValue::N(digits.clone()),
        Node::String(text) => AttributeValue::S(text.clone()),
        Node::List(list) => AttributeValue::L(list.iter().map(value).collect()),
        Node::Map(_) => AttributeValue::M(item(node)),
    }
}

/// Written whole or not at all.
fn write_whole(path: &Path, keys: &BTreeSet<&PolicyKey>) -> std::io::Result<()> {
    let draft = path.with_extension("new");
    std::fs::write(&draft, serde_json::to_vec(keys)?)?;
    std::fs::rename(draft, path)
}

#[cfg(test)]
mod tests;
