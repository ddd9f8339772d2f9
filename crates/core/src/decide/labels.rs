//! Criteria on a label of the image: it has to hold on every platform. A label that is missing meets no
//! operator, and breaks with the others.

use serde_json::{Value, json};

use super::{
    judge::Found,
    platforms::{Gap, Gathered},
    words,
};
use crate::{
    decision::CriterionVerdict,
    evidence::{Evidence, Labels, Origin, Platform},
    policy::TextCondition,
};

/// Judges by the configs of the platforms.
pub(super) fn judge(
    key: &str,
    text: &TextCondition,
    platforms: &[Platform],
    evidence: &Evidence,
) -> Result<Found, Gap> {
    let gathered = Gathered::regardless_of_layers(platforms, &evidence.labels);
    let values: Vec<_> = gathered
        .seen
        .iter()
        .map(|(platform, seen)| (*platform, seen.value.get(key)))
        .collect();
    let (met, broken): (Vec<_>, Vec<_>) = values
        .into_iter()
        .partition(|(_, value)| value.is_some_and(|value| text.holds(value)));
    // What does not hold on one platform is broken, whatever the others bring.
    if broken.is_empty()
        && let Some(gap) = gathered.gap()
    {
        return Err(gap);
    }
    let told = if broken.is_empty() {
        met
    } else {
        broken.clone()
    };
    let is_everywhere = told.len() == gathered.count;
    let names = words::named(distinct(&told, is_everywhere, &gathered).into_iter());
    let on = broken.iter().map(|(platform, _)| platform.to_string());
    Ok(Found {
        verdict: CriterionVerdict::of(broken.is_empty()),
        seen: seen(&told, &names, is_everywhere),
        note: None,
        words: names.join(", "),
        culprits: words::named(on.filter(|_| gathered.are_several())),
        origin: Origin::Config.to_string(),
        at: gathered.seen.iter().map(|(_, seen)| seen.at).min(),
    })
}

/// The value alone where it is that of all platforms, else what is told of them.
fn seen(told: &[(&Platform, Option<&str>)], names: &[String], is_everywhere: bool) -> Value {
    match (told, names) {
        ([(_, Some(value)), ..], [_]) if is_everywhere => {
            let value = words::named(std::iter::once((*value).to_owned()));
            json!(value.concat())
        }
        (_, [one]) => json!(one),
        _ => json!(names),
    }
}

/// Each value once, with its platforms where it is not the value of all.
fn distinct(
    values: &[(&Platform, Option<&str>)],
    is_everywhere: bool,
    gathered: &Gathered<'_, Labels>,
) -> Vec<String> {
    let mut by_value: Vec<(Option<&str>, Vec<String>)> = Vec::new();
    for (platform, value) in values {
        let platform = platform.to_string();
        match by_value.iter_mut().find(|(known, _)| known == value) {
            Some((_, platforms)) => platforms.push(platform),
            None => by_value.push((*value, vec![platform])),
        }
    }
    let is_one = is_everywhere && by_value.len() == 1;
    let told = by_value.into_iter().map(|(value, platforms)| {
        let value = value.map_or_else(|| NONE.to_owned(), |value| format!("{value:?}"));
        if is_one || !gathered.are_several() {
            return value;
        }
        format!(
            "{value} on {}",
            words::named(platforms.into_iter()).join(", ")
        )
    });
    told.collect()
}

/// What is seen where an image does not have the label.
const NONE: &str = "no such label";
