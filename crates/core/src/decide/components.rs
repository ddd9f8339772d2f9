//! Criteria on components: the union of all platforms. A list that lacks one platform, or that is
//! empty, is no list, least of all for an operator that forbids.

use std::collections::HashMap;

use super::{
    judge::Found,
    platforms::{Gap, Gathered},
    words,
};
use crate::{
    Digest,
    evidence::{Component, Known, Platform},
    policy::TextCondition,
};

pub(super) fn judge(
    text: &TextCondition,
    platforms: &[Platform],
    known: &HashMap<Digest, Known<Vec<Component>>>,
) -> Result<Found, Gap> {
    let gathered = Gathered::of(platforms, known);
    let touched = touched(text, &gathered);
    let is_negative = text.operator().is_negative();
    if is_negative && !touched.is_empty() {
        // Forbidden on one platform is forbidden, whatever the others bring.
        return Ok(found(false, &touched, &gathered));
    }
    let empty = gathered.seen.iter().find(|(_, seen)| seen.value.is_empty());
    if let Some((platform, seen)) = empty {
        return Err(Gap::Never(format!(
            "{} lists no component of {platform}, so its components are unknown",
            seen.origin
        )));
    }
    match gathered.gap() {
        Some(gap) => Err(gap),
        None if gathered.seen.is_empty() => {
            Err(Gap::Never("it has no platform to judge".to_owned()))
        }
        None => Ok(found(
            is_negative || !touched.is_empty(),
            &touched,
            &gathered,
        )),
    }
}

/// A component that the criterion names, with the platforms that hold it.
struct Touched<'a> {
    component: &'a Component,
    platforms: Vec<&'a Platform>,
}

/// Each component that the criterion names, once, in the order in which it is met.
fn touched<'a>(text: &TextCondition, gathered: &Gathered<'a, Vec<Component>>) -> Vec<Touched<'a>> {
    let mut touched: Vec<Touched<'a>> = Vec::new();
    let mut positions = HashMap::new();
    for (platform, seen) in &gathered.seen {
        for component in seen.value.iter().filter(|c| is_named(text, c)) {
            let key = (component.name.as_str(), component.version.as_deref());
            let position = *positions.entry(key).or_insert(touched.len());
            match touched.get_mut(position) {
                Some(known) if known.platforms.last() == Some(platform) => {}
                Some(known) => known.platforms.push(platform),
                None => touched.push(Touched {
                    component,
                    platforms: vec![platform],
                }),
            }
        }
    }
    touched
}

fn is_named(text: &TextCondition, component: &Component) -> bool {
    text.touches(&component.name) || component.aliases.iter().any(|alias| text.touches(alias))
}

fn found(is_met: bool, touched: &[Touched<'_>], gathered: &Gathered<'_, Vec<Component>>) -> Found {
    let names = words::named(touched.iter().map(|touched| name(touched, gathered)));
    let words = if names.is_empty() {
        let count: usize = gathered.seen.iter().map(|(_, seen)| seen.value.len()).sum();
        format!("none of them among {count} components")
    } else {
        match (names.first(), touched.len().saturating_sub(1)) {
            (Some(one), more) if more > 0 => format!("{one} and {more} more"),
            (one, _) => one.cloned().unwrap_or_default(),
        }
    };
    let mut origins: Vec<_> = gathered
        .seen
        .iter()
        .map(|(_, seen)| seen.origin.as_str())
        .collect();
    origins.sort_unstable();
    origins.dedup();
    Found {
        is_met,
        seen: if names.is_empty() {
            serde_json::json!(words)
        } else {
            serde_json::json!(names)
        },
        words,
        culprits: if is_met { Vec::new() } else { names },
        origin: origins.join(", "),
        // The union is as old as its oldest part.
        at: gathered.seen.iter().map(|(_, seen)| seen.at).min(),
    }
}

/// `log4j-core 2.14.1`, with its platforms where it is not on all of them.
fn name(touched: &Touched<'_>, gathered: &Gathered<'_, Vec<Component>>) -> String {
    let mut name = touched.component.name.clone();
    if let Some(version) = &touched.component.version {
        name = format!("{name} {version}");
    }
    if touched.platforms.len() == gathered.count {
        return name;
    }
    let platforms: Vec<_> = touched.platforms.iter().map(ToString::to_string).collect();
    format!("{name} on {}", platforms.join(", "))
}
