//! What there is to say of a policy that was edited: its mistakes, and what is not a mistake but probably not
//! wanted: a target that is missing, an identical policy beside it, a cycle.

use std::{collections::BTreeSet, sync::Arc};

use ecr_promoter_core::{
    Tag,
    policy::{POLICIES_PER_SOURCE_MAX, Policy, PolicyError, PolicyKey, Source, cycles},
};

use crate::{
    ecr::images,
    failure::Failure,
    function::Function,
    policies::{self, Policies, PolicyItem},
};

/// The longest message of a status, in characters.
const MESSAGE_MAX: usize = 2_000;
/// So many sources are looked up for a cycle.
const SOURCES_MAX: usize = 200;
/// What a mistake in the source means: it is the key under which events ask for policies.
const NEVER_ASKED_FOR: &str = "; no push is ever looked up under this source";
/// A tag that is asked for to learn whether its repository is there.
const ANY_TAG: &str = "latest";

/// What there is to say of a policy.
#[derive(Debug, Clone)]
pub(super) struct Checked {
    /// Its mistakes; if there are any, it promotes nothing.
    pub errors: Vec<PolicyError>,
    /// Its mistakes, or what else there is to say, for its status.
    pub message: String,
    /// Whether it judges pushes.
    pub is_judging: bool,
}

impl Checked {
    /// The word for it in the status.
    pub(super) fn state(&self) -> &'static str {
        if self.errors.is_empty() {
            "valid"
        } else {
            "invalid"
        }
    }

    fn invalid(errors: Vec<PolicyError>) -> Self {
        let words: Vec<String> = errors.iter().map(ToString::to_string).collect();
        let message = words.join("; ");
        Self {
            errors,
            message: message.chars().take(MESSAGE_MAX).collect(),
            is_judging: false,
        }
    }
}

/// Checks a policy's item.
pub(super) async fn check(
    function: &Function,
    key: &PolicyKey,
    item: &PolicyItem,
) -> Result<Checked, Failure> {
    let policy = match policies::read(&function.policies, key, item.clone()) {
        Ok(policy) => policy,
        Err(mut errors) => {
            let of_source = errors.iter_mut().filter(|error| error.place == "source");
            of_source.for_each(|error| error.message.push_str(NEVER_ASKED_FOR));
            return Ok(Checked::invalid(errors));
        }
    };
    if let Some(mistake) = function.config.paths.mistake_of(&policy) {
        return Ok(Checked::invalid(vec![mistake]));
    }
    let beside = policies::at(&function.policies, &policy.source.above(), function.now()).await?;
    if let Some(errors) = not_used(&policy, &beside) {
        return Ok(Checked::invalid(errors));
    }
    let beside: Vec<Arc<Policy>> = beside
        .good
        .into_iter()
        .map(|loaded| loaded.policy)
        .collect();
    let mut notes = Vec::new();
    notes.extend(missing(function, &policy).await);
    notes.extend(shadow(&policy, &beside));
    if policy.enabled {
        notes.extend(cycle(function, &policy).await?);
    }
    Ok(Checked {
        errors: Vec::new(),
        message: notes.join("; ").chars().take(MESSAGE_MAX).collect(),
        is_judging: policy.enabled,
    })
}

/// Why a policy without a mistake of its own is not used: its expressions are too large beside those of the
/// others, or its source has too many policies.
fn not_used(policy: &Policy, beside: &Policies) -> Option<Vec<PolicyError>> {
    let key = policy.key();
    if let Some(bad) = beside.bad.iter().find(|bad| bad.policy == key) {
        return Some(bad.errors.clone());
    }
    let is_read = beside.good.iter().any(|loaded| loaded.policy.key() == key);
    let of_source = |of: &&PolicyKey| of.source == key.source;
    let bad = beside
        .bad
        .iter()
        .map(|bad| &bad.policy)
        .filter(of_source)
        .count();
    let good = beside
        .good
        .iter()
        .filter(|loaded| loaded.policy.source == policy.source)
        .count();
    (!is_read && good + bad >= POLICIES_PER_SOURCE_MAX).then(|| {
        vec![PolicyError {
            place: "source".to_owned(),
            message: format!(
                "expected at most {POLICIES_PER_SOURCE_MAX} policies of one source, found more: this one is not used"
            ),
        }]
    })
}

/// The target repository, if it is always the same one and does not exist.
async fn missing(function: &Function, policy: &Policy) -> Option<String> {
    let target = policy.fixed_target()?;
    let tag = Tag::parse(ANY_TAG).ok()?;
    let tag = std::slice::from_ref(&tag);
    let read = images::read_target(&function.aws, &target, &[], tag).await;
    matches!(read, Ok(None)).then(|| {
        let then = if function.config.create_targets {
            "the first promotion to it creates it"
        } else {
            "promotions to it fail until you create it, or a creation template does"
        };
        format!("the repository {target} does not exist: {then}")
    })
}

/// Another policy that does all that this one does. Of two with the same source, the later name is the one too
/// many.
fn shadow(policy: &Policy, beside: &[Arc<Policy>]) -> Option<String> {
    let key = policy.key();
    let comes_first = |other: &&Arc<Policy>| {
        let other_key = other.key();
        other.source != policy.source || other_key.name < key.name
    };
    let mut others = beside.iter().filter(comes_first);
    let other = others.find(|other| other.enabled && other.does_the_same(policy))?;
    Some(format!(
        "\"{}\" does the same for all of its pushes: one of the two is enough",
        other.key()
    ))
}

/// The policies that could bring a push back to this one.
async fn cycle(function: &Function, policy: &Policy) -> Result<Option<String>, Failure> {
    let mut all = vec![policy.clone()];
    let mut new = vec![policy.clone()];
    let mut looked_up = BTreeSet::new();
    let mut every = None;
    loop {
        let mut next = fed(function, &new, &mut every).await?;
        next.retain(|source| looked_up.insert(source.clone()));
        if next.is_empty() || looked_up.len() > SOURCES_MAX {
            break;
        }
        let found = policies::at(&function.policies, &next, function.now())
            .await?
            .good
            .into_iter();
        new = found
            .map(|loaded| Arc::unwrap_or_clone(loaded.policy))
            .filter(|other| other.enabled)
            .collect();
        let others = new.iter().filter(|other| other.key() != policy.key());
        all.extend(others.cloned());
    }
    let key = policy.key();
    let groups = cycles(&all).unwrap_or_default();
    let own = groups.into_iter().find(|group| group.contains(&key));
    Ok(own.map(|group| in_words(&group)))
}

/// The sources that pushes by these policies may have. Those of a target with placeholders are found among `every` source of the
/// table, which is read once, and only for them.
async fn fed(
    function: &Function,
    policies: &[Policy],
    every: &mut Option<Vec<(String, Source)>>,
) -> Result<Vec<String>, Failure> {
    let mut fed = Vec::new();
    for policy in policies {
        if let Some(target) = policy.fixed_target() {
            fed.extend(Source::levels(&target));
            continue;
        }
        let sources = match every {
            Some(sources) => sources,
            None => every.insert(every_source(function).await?),
        };
        let met = sources.iter().filter(|(_, source)| policy.may_feed(source));
        fed.extend(met.map(|(text, _)| text.clone()));
    }
    Ok(fed)
}

async fn every_source(function: &Function) -> Result<Vec<(String, Source)>, Failure> {
    let texts = policies::sources(&function.policies.table)
        .await?
        .into_iter();
    let parsed = texts.filter_map(|text| Source::parse(&text).ok().map(|source| (text, source)));
    Ok(parsed.collect())
}

fn in_words(group: &[PolicyKey]) -> String {
    let names: Vec<String> = group.iter().map(|key| format!("\"{key}\"")).collect();
    match names.as_slice() {
        [_] => "it could judge what it promoted itself; harmless: no policy promotes a push that came by it"
            .to_owned(),
        _ => format!(
            "{} form a cycle; harmless: no policy promotes a push that came by it",
            names.join(", ")
        ),
    }
}
