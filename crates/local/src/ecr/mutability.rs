//! How mutable a repository's tags are: the four modes and their exclusions.

use serde_json::{Map, Value, json};

use super::error::Refusal;
use super::request::Request;
use super::state::{Change, Repository, RepositoryRecord};
use super::{Ecr, Outcome};

const MODES: [&str; 4] = [
    "MUTABLE",
    "IMMUTABLE",
    "IMMUTABLE_WITH_EXCLUSION",
    "MUTABLE_WITH_EXCLUSION",
];
/// Exclusion filters of one repository (ECR API Reference, `PutImageTagMutability`).
const FILTERS_MAX: usize = 5;
/// Longest filter (ECR API Reference, `ImageTagMutabilityExclusionFilter`).
const FILTER_LENGTH_MAX: usize = 128;
/// Wildcards in one filter (ECR user guide, "Preventing image tags from being overwritten").
const WILDCARDS_MAX: usize = 2;

impl Ecr {
    pub(super) fn put_image_tag_mutability(&self, request: &Request) -> Outcome {
        let place = self.place_of(request)?;
        let mutability = request.required("imageTagMutability")?.to_owned();
        let exclusions = exclusions(request, &mutability)?;
        let mut journal = self.journal();
        let record = RepositoryRecord {
            mutability,
            exclusions,
            ..journal.state.repository(&place)?.record.clone()
        };
        let mut answer = json!({
            "registryId": place.account, "repositoryName": place.repository, "imageTagMutability": record.mutability,
        });
        put_exclusions(&mut answer, &record);
        Self::commit(&mut journal, vec![Change::RepositoryPut { record }])?;
        Ok(answer)
    }
}

impl Repository {
    /// Whether a tag may not be moved: a tag that an exclusion matches has the opposite mutability.
    pub(super) fn is_immutable(&self, tag: &str) -> bool {
        let excluded = || {
            self.record
                .exclusions
                .iter()
                .any(|filter| matches(filter, tag))
        };
        match self.record.mutability.as_str() {
            "IMMUTABLE" => true,
            "IMMUTABLE_WITH_EXCLUSION" => !excluded(),
            "MUTABLE_WITH_EXCLUSION" => excluded(),
            _ => false,
        }
    }
}

pub(super) fn put_exclusions(answer: &mut Value, record: &RepositoryRecord) {
    if let (false, Value::Object(answer)) = (record.exclusions.is_empty(), answer) {
        let filters: Vec<Value> = record
            .exclusions
            .iter()
            .map(|filter| json!({"filterType": "WILDCARD", "filter": filter}))
            .collect();
        answer.insert(
            "imageTagMutabilityExclusionFilters".to_owned(),
            json!(filters),
        );
    }
}

/// Filters are mandatory with the modes that have exclusions and forbidden with the others.
pub(super) fn exclusions(request: &Request, mutability: &str) -> Result<Vec<String>, Refusal> {
    const AT: &str = "imageTagMutabilityExclusionFilters";
    if !MODES.contains(&mutability) {
        return Err(Refusal::parameter(
            "imageTagMutability",
            format!("must be one of {}", MODES.join(", ")),
        ));
    }
    let given = request.list(AT, &(1..=FILTERS_MAX))?;
    match (given, mutability.ends_with("_WITH_EXCLUSION")) {
        (None, false) => Ok(Vec::new()),
        (Some(_), false) => Err(Refusal::parameter(
            AT,
            format!("must not be given with {mutability}"),
        )),
        (None, true) => Err(Refusal::parameter(
            AT,
            format!("must be given with {mutability}"),
        )),
        (Some(filters), true) => filters
            .iter()
            .map(|filter| exclusion(filter).ok_or_else(|| wrong_filter(AT)))
            .collect(),
    }
}

fn wrong_filter(at: &str) -> Refusal {
    Refusal::parameter(
        at,
        "must be of type WILDCARD and satisfy regular expression '^[0-9a-zA-Z._*-]{1,128}$' with at most 2 wildcards",
    )
}

fn exclusion(filter: &Value) -> Option<String> {
    let filter: &Map<String, Value> = filter.as_object()?;
    let text = filter.get("filter")?.as_str()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "._*-".contains(c);
    let valid = filter.get("filterType")?.as_str()? == "WILDCARD"
        && (1..=FILTER_LENGTH_MAX).contains(&text.len())
        && text.chars().all(plain)
        && text.matches('*').count() <= WILDCARDS_MAX;
    valid.then(|| text.to_owned())
}

/// Whether a filter, in which each `*` stands for any characters or none, is the whole tag.
fn matches(filter: &str, tag: &str) -> bool {
    let Some((head, rest)) = filter.split_once('*') else {
        return filter == tag;
    };
    let Some(tag) = tag.strip_prefix(head) else {
        return false;
    };
    // At most two wildcards: the recursion is as deep.
    (0..=tag.len())
        .filter_map(|at| tag.get(at..))
        .any(|tail| matches(rest, tail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_match_whole_tags() {
        for (filter, tag, matched) in [
            ("latest", "latest", true),
            ("latest", "latest2", false),
            ("dev-*", "dev-", true),
            ("dev-*", "dev-1", true),
            ("dev-*", "xdev-1", false),
            ("*-rc*", "1.2-rc3", true),
            ("*-rc*", "1.2", false),
            ("*", "", true),
            ("*b", "abab", true),
            ("**", "x", true),
        ] {
            assert_eq!(matches(filter, tag), matched, "{filter} {tag}");
        }
    }
}
