//! Open work as a message names it.

use serde::{Deserialize, Serialize};

use crate::{Digest, Repository, Tag, Time, claim::CaseId, decision::Target, policy::PolicyKey};

/// The key of a message of open work.
pub(super) const WORK: &str = "open_work";
/// The key of a message that goes on with the cases of an edited policy.
pub(super) const POLICY_CASES: &str = "policy_cases";

/// Reads a message of open work.
pub(super) fn read(text: &str) -> Result<Work, serde_json::Error> {
    #[derive(Deserialize)]
    struct Message {
        open_work: Work,
    }
    serde_json::from_str::<Message>(text).map(|message| message.open_work)
}

/// Open work of the ledger, as the schedule sends it to the queue. The item is trusted, not this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Work {
    /// A case that is not finished.
    Case(CaseId),
    /// The head of a target tag, on which a late write may have landed.
    Head(Target),
    /// A tag whose push the ledger does not know.
    Found(Found),
}

impl Work {
    /// The message of it, as it is read again.
    #[must_use]
    pub fn message(&self) -> String {
        serde_json::json!({ WORK: self }).to_string()
    }
}

/// The cases of a policy that was edited, from some place in its history on: so many are made due at once,
/// and this message goes on with the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyCases {
    /// The policy.
    pub policy: PolicyKey,
    /// Where to go on in its history; without it at its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

impl PolicyCases {
    /// The message of it, as it is read again.
    #[must_use]
    pub fn message(&self) -> String {
        serde_json::json!({ POLICY_CASES: self }).to_string()
    }
}

/// Reads a message of a policy's cases.
pub(super) fn read_cases(text: &str) -> Result<PolicyCases, serde_json::Error> {
    #[derive(Deserialize)]
    struct Message {
        policy_cases: PolicyCases,
    }
    serde_json::from_str::<Message>(text).map(|message| message.policy_cases)
}

/// A tag that the walk found to stand where no event told of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The source repository.
    pub repository: Repository,
    /// The tag.
    pub tag: Tag,
    /// What it stood on.
    pub digest: Digest,
    /// When that image was pushed, as ECR says.
    pub pushed_at: Time,
    /// The policies that it is a push for.
    pub policies: Vec<PolicyKey>,
}
