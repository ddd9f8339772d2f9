//! Policies: a document as written becomes a [`Policy`], or every mistake in it with its place.
//!
//! A [`Policy`] is only ever made by [`Policy::parse`], so whatever judges by one judges by a
//! checked one. Nothing here looks at a push.

mod accept;
pub mod attribute;
mod beside;
mod budget;
mod counted;
pub mod criterion;
mod cycle;
mod document;
mod exceptions;
mod ids;
mod keys;
mod label;
mod licenses;
mod lookup;
mod matchers;
mod names;
pub mod operator;
mod pattern;
mod referrers;
mod releases;
mod schema;
pub mod source;
mod span;
mod target;
mod text;
mod values;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use accept::{UnknownLicenses, Unscannable};
pub use attribute::{Attribute, AttributeKind, LABEL};
pub use budget::{PATTERN_BRACKETS_MAX, PATTERNS_BYTES_MAX, PATTERNS_MAX, POLICY_VALUES_MAX};
pub use counted::{Counted, Which};
pub use criterion::{Condition, Criterion};
pub use cycle::{CYCLE_WAYS_MAX, cycles};
pub use document::{MISTAKES_MAX, place_of_key};
pub use exceptions::{EXCEPTIONS_MAX, Exception};
pub use ids::IdForm;
pub use label::LABEL_CHARACTERS_MAX;
pub use licenses::{LicenseCondition, LicenseLookup};
pub use matchers::{MATCHERS_BYTES_MAX, Matchers, too_heavy};
pub use names::{NameLookup, Touch, Touched, bare_name, bounds};
pub use operator::{NumberOperator, StringOperator};
pub use pattern::{PATTERN_CHARACTERS_MAX, Pattern};
pub use referrers::{REFERRER_TYPE_CHARACTERS_MAX, REFERRER_TYPES_MAX, ReferrersTaken};
pub use releases::ReleaseCondition;
pub use schema::schema;
pub use source::{Source, SourceError};
pub use span::{SPAN_DAYS_MAX, Span};
pub use target::TargetTemplate;
pub use text::{TextCondition, VALUE_CHARACTERS_MAX, VALUES_MAX};

use crate::node::Node;
use budget::Budget;
use document::{Fields, Mistakes};

/// The longest name of a policy.
pub const NAME_LENGTH_MAX: usize = 128;
/// The most criteria of a policy.
pub const CRITERIA_MAX: usize = 50;
/// The most policies of one source: what one Query of an event may bring.
pub const POLICIES_PER_SOURCE_MAX: usize = 200;

/// The keys of a policy; `status` is the system's own, and `$schema` is for editors: both are ignored.
pub const KEYS: [&str; 16] = [
    "source",
    "name",
    "description",
    "enabled",
    "criteria",
    "target",
    "dry_run",
    "artifacts",
    "require_current_tag",
    "unknown_licenses",
    "unscannable",
    "evaluate_existing",
    "wait",
    "exceptions",
    "status",
    "$schema",
];

/// What is said of a document whose values name their types.
const DYNAMODB_JSON: &str = "expected plain JSON as in {\"source\": \"dev/website\"}, found DynamoDB JSON as in \
     {\"source\": {\"S\": \"dev/website\"}}: in the DynamoDB console, switch \"View DynamoDB JSON\" off to see plain JSON";

/// How long evidence is awaited if the policy does not say.
pub const WAIT: Span = Span::days(7);

/// A policy's key in the policies table: what names it everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PolicyKey {
    /// The partition key, as in `dev/website`, `dev/*` or `*`.
    pub source: String,
    /// The sort key.
    pub name: String,
}

impl fmt::Display for PolicyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.source, self.name)
    }
}

/// A mistake in a policy's document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{place}: {message}")]
pub struct PolicyError {
    /// Where it is, as in `criteria[1].operator`; `document` for the whole.
    pub place: String,
    /// What is wrong and what would be right, lower case, without a full stop.
    pub message: String,
}

/// A policy, checked.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the document has these switches, each independent of the others"
)]
pub struct Policy {
    /// Which repositories' pushes it judges.
    pub source: Source,
    /// Its name among the policies of its source.
    pub name: String,
    /// What it is for; people's words, never judged.
    pub description: Option<String>,
    /// Whether it judges at all.
    pub enabled: bool,
    /// What must be met, all of it; none means every tagged push of an image.
    pub criteria: Vec<Criterion>,
    /// Where the image goes.
    pub target: TargetTemplate,
    /// It judges and records, and promotes nothing.
    pub dry_run: bool,
    /// It also promotes what is not an image: Helm charts, WASM modules.
    pub artifacts: bool,
    /// A push whose tag has moved on is skipped.
    pub require_current_tag: bool,
    /// What a component whose license is unknown is under a negative operator.
    pub unknown_licenses: UnknownLicenses,
    /// What a platform that the scanner cannot scan is under a criterion on findings.
    pub unscannable: Unscannable,
    /// Images that stood there before the policy did are judged, too.
    pub evaluate_existing: bool,
    /// How long evidence is awaited.
    pub wait: Span,
    /// The findings that are left out until a date.
    pub exceptions: Vec<Exception>,
}

impl Policy {
    /// Reads a document: the policy, or all of its mistakes.
    pub fn parse(document: &Node) -> Result<Self, Vec<PolicyError>> {
        Self::parse_with(document, &mut Matchers::default())
    }

    /// Reads a document as [`Self::parse`] does, with the regular expressions that were checked and
    /// compiled before.
    pub fn parse_with(document: &Node, matchers: &mut Matchers) -> Result<Self, Vec<PolicyError>> {
        if document::is_dynamodb_json(document, &KEYS) {
            return Err(vec![PolicyError {
                place: "document".to_owned(),
                message: DYNAMODB_JSON.to_owned(),
            }]);
        }
        let mut mistakes = Mistakes::default();
        let mut budget = Budget::new(matchers);
        let policy = Fields::open(document, "", &KEYS, &mut mistakes)
            .and_then(|fields| read(&fields, &mut budget, &mut mistakes));
        let errors = mistakes.into_errors();
        match policy {
            Some(policy) if errors.is_empty() => Ok(policy),
            _ => Err(errors),
        }
    }

    /// Its key in the policies table.
    #[must_use]
    pub fn key(&self) -> PolicyKey {
        PolicyKey {
            source: self.source.to_string(),
            name: self.name.clone(),
        }
    }

    /// What its regular expressions take once compiled, in bytes, at most.
    #[must_use]
    pub fn patterns_bytes(&self) -> usize {
        self.criteria.iter().map(Criterion::patterns_bytes).sum()
    }

    /// Which pushes it means, as canonical JSON: its source and its criteria on tags.
    #[must_use]
    pub fn means(&self) -> String {
        let on_tags = self.criteria.iter().filter(|criterion| {
            matches!(criterion.attribute, Attribute::Tag | Attribute::TagSemver)
        });
        let mut criteria: Vec<_> = on_tags
            .map(|criterion| criterion.canonical().to_string())
            .collect();
        criteria.sort();
        serde_json::json!([self.source.to_string(), criteria]).to_string()
    }

    /// Everything that judges or aims, as canonical JSON: two policies with the same fingerprint
    /// decide the same. Description and status are not part of it, nor is the order of criteria.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        serde_json::json!([self.source.to_string(), self.name, self.acts()]).to_string()
    }

    /// What of it judges or aims, whatever its key.
    fn acts(&self) -> serde_json::Value {
        let mut criteria: Vec<_> = self
            .criteria
            .iter()
            .map(|criterion| criterion.canonical().to_string())
            .collect();
        criteria.sort();
        serde_json::json!([
            self.enabled,
            criteria,
            self.target.repository.as_str(),
            self.target.tag.as_str(),
            self.target.referrers.canonical(),
            self.dry_run,
            self.artifacts,
            self.require_current_tag,
            self.unknown_licenses.canonical(),
            self.unscannable == Unscannable::Accept,
            self.wait.hours(),
            self.exceptions
                .iter()
                .map(Exception::canonical)
                .collect::<Vec<_>>(),
        ])
    }
}

fn read(fields: &Fields<'_>, budget: &mut Budget<'_>, mistakes: &mut Mistakes) -> Option<Policy> {
    let source = keys::source(fields, mistakes);
    let name = keys::name(fields, mistakes);
    let description = fields
        .get("description")
        .and_then(|node| keys::description(node, fields, mistakes));
    let enabled = fields.boolean("enabled", true, mistakes);
    let criteria = criterion::all(fields, budget, mistakes);
    let target = target::read(fields, source.as_ref(), mistakes);
    let dry_run = fields.boolean("dry_run", false, mistakes);
    let artifacts = fields.boolean("artifacts", false, mistakes);
    let require_current_tag = fields.boolean("require_current_tag", false, mistakes);
    let unknown_licenses = UnknownLicenses::read(fields, mistakes);
    let unscannable = accept::read(fields, "unscannable", Unscannable::ALL, mistakes);
    let evaluate_existing = fields.boolean("evaluate_existing", false, mistakes);
    let wait = keys::wait(fields, mistakes);
    let exceptions = Exception::all(fields, mistakes);
    Some(Policy {
        source: source?,
        name: name?,
        description,
        enabled,
        criteria,
        target: target?,
        dry_run,
        artifacts,
        require_current_tag,
        unknown_licenses,
        unscannable,
        evaluate_existing,
        wait,
        exceptions,
    })
}

#[cfg(test)]
mod tests;
