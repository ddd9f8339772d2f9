//! The target of a policy, and what can be said of it before any push: whether its source can fill
//! it at all, and whether two repositories could meet in one.

use chrono::DateTime;

use super::{
    ReferrersTaken, Source,
    document::{self, Fields, Mistakes},
};
use crate::{
    Digest, Repository, Tag, Time,
    template::{Context, Placeholder, RepositoryTemplate, TagTemplate, TemplateError},
};

/// The keys of a target. The last two are known so that they get an answer of their own.
pub(super) const KEYS: [&str; 5] = ["repository", "tag", "referrers", "region", "account"];
const KEYS_NOT_SUPPORTED_YET: [&str; 2] = ["region", "account"];

/// Where a policy sends what it promotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetTemplate {
    /// The target repository.
    pub repository: RepositoryTemplate,
    /// The target tag; without one in the policy, the source's tag is kept.
    pub tag: TagTemplate,
    /// What goes along with the image.
    pub referrers: ReferrersTaken,
}

/// Reads the target. Without a readable source, only what does not depend on it is checked.
pub(super) fn read(
    policy: &Fields<'_>,
    source: Option<&Source>,
    mistakes: &mut Mistakes,
) -> Option<TargetTemplate> {
    let node = policy.required("target", mistakes)?;
    let fields = Fields::open(node, &policy.place("target"), &KEYS, mistakes)?;
    refuse_unsupported(&fields, mistakes);
    let referrers = ReferrersTaken::read(&fields, mistakes);
    let repository = fields
        .required_text("repository", mistakes)
        .and_then(|text| {
            told(
                RepositoryTemplate::parse(text),
                "repository",
                &fields,
                mistakes,
            )
        });
    let tag = match fields.get("tag") {
        None => Some(TagTemplate::keep()),
        Some(node) => document::text(node, &fields.place("tag"), mistakes)
            .and_then(|text| told(TagTemplate::parse(text), "tag", &fields, mistakes)),
    };
    if let Some(source) = source {
        if let Some(repository) = &repository {
            check_repository(repository, source, &fields.place("repository"), mistakes);
        }
        if let Some(tag) = &tag {
            check_tag(tag, source, &fields.place("tag"), mistakes);
        }
    }
    Some(TargetTemplate {
        repository: repository?,
        tag: tag?,
        referrers,
    })
}

fn refuse_unsupported(fields: &Fields<'_>, mistakes: &mut Mistakes) {
    for key in KEYS_NOT_SUPPORTED_YET {
        if fields.get(key).is_some() {
            let message = format!(
                "expected only \"repository\", \"tag\" and \"referrers\", found {key:?}, which is not supported yet"
            );
            mistakes.add(&fields.place(key), message);
        }
    }
}

fn told<T>(
    parsed: Result<T, Vec<TemplateError>>,
    key: &str,
    fields: &Fields<'_>,
    mistakes: &mut Mistakes,
) -> Option<T> {
    for error in parsed.as_ref().err().into_iter().flatten() {
        mistakes.add(&fields.place(key), error.to_string());
    }
    parsed.ok()
}

fn check_repository(
    template: &RepositoryTemplate,
    source: &Source,
    place: &str,
    mistakes: &mut Mistakes,
) {
    let tells_apart = template.uses(Placeholder::Rest) || template.uses(Placeholder::Repository);
    if !matches!(source, Source::Repository(_)) && !tells_apart {
        let message = format!(
            "expected {{rest}} or {{repository}}, found neither: all repositories of \"{source}\" would be promoted to one"
        );
        mistakes.add(place, message);
    }
    if let Some(error) = never(source, |context| template.render(context).map(drop)) {
        mistakes.add(place, error);
    }
}

fn check_tag(template: &TagTemplate, source: &Source, place: &str, mistakes: &mut Mistakes) {
    if let Some(error) = never(source, |context| template.render(context).map(drop)) {
        mistakes.add(place, error);
    }
}

/// Why a template can never render for a source: it does not for any of the shortest and plainest
/// of the source's repositories, with the shortest tag at the shortest time. What is wrong with
/// those is wrong with all, because placeholders begin and end with letters or digits.
fn never(
    source: &Source,
    render: impl Fn(&Context<'_>) -> Result<(), TemplateError>,
) -> Option<String> {
    let examples: Vec<Repository> = match source {
        Source::Repository(repository) => vec![repository.clone()],
        Source::Namespace(namespace) => ["a", "aa", "a/a"]
            .iter()
            .filter_map(|rest| Repository::parse(&format!("{namespace}/{rest}")).ok())
            .collect(),
        Source::All => ["aa", "a/a", "aa/a"]
            .iter()
            .filter_map(|name| Repository::parse(name).ok())
            .collect(),
    };
    let tag = Tag::parse("1").ok()?;
    let digest = Digest::from_sha256([0; 32]);
    let mut first = None;
    for repository in &examples {
        let context = Context {
            repository,
            tag: &tag,
            digest: &digest,
            rest: source.rest(repository),
            time: shortest_time(),
        };
        match render(&context) {
            Ok(()) => return None,
            Err(TemplateError::Rendered(error)) => {
                first.get_or_insert(format!(
                    "for {repository}, as for every repository of \"{source}\": {error}"
                ));
            }
            Err(error) => {
                first.get_or_insert(error.to_string());
            }
        }
    }
    first
}

/// A Friday in May: no weekday and no month has a shorter name.
fn shortest_time() -> Time {
    const FRIDAY_1_MAY_2026: i64 = 1_777_593_600;
    DateTime::from_timestamp(FRIDAY_1_MAY_2026, 0).unwrap_or_default()
}
