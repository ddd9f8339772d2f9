//! What criteria want that no component of the image is: the SBOM that would list it.

use super::attached;
use crate::{
    component::Purl,
    evidence::{Component, Evidence, Known, License, Platform},
    license::each_named,
    nearest::{Change, Impossible, tag},
    policy::{
        Attribute, Condition, Criterion, LicenseCondition, LicenseLookup, NameLookup,
        TextCondition, Touch, bare_name, bounds,
    },
};

/// What a criterion wants that no component is: the SBOM that would list it.
pub(super) fn wanted(
    criterion: &Criterion,
    platforms: &[Platform],
    evidence: &Evidence,
) -> Result<Option<Change>, Impossible> {
    let all =
        platforms
            .iter()
            .filter_map(|platform| match evidence.components.get(&platform.digest) {
                Some(Known::Seen(seen)) => Some(&seen.value),
                _ => None,
            });
    let mut components = all.flatten();
    match &criterion.condition {
        Condition::Text(text) if criterion.attribute == Attribute::Component => {
            let mut lookup = NameLookup::of([text]);
            let is_met = |component: &Component| lookup.touch(component).of(1) == Touch::Yes;
            if text.operator().is_negative() || components.any(is_met) {
                return Ok(None);
            }
            component(text).map(Some)
        }
        Condition::License(license) if !license.operator().is_negative() => {
            let mut lookup = LicenseLookup::of([license]);
            if components.any(|component| names(&mut lookup, &component.license)) {
                return Ok(None);
            }
            stated(criterion, license).map(Some)
        }
        _ => Ok(None),
    }
}

/// Whether a license names what a condition asks for.
fn names(lookup: &mut LicenseLookup<'_>, license: &License) -> bool {
    let mut touched = 0;
    each_named(license, |named| touched |= lookup.touched(named));
    touched != 0
}

/// A component that a criterion asks for.
fn component(text: &TextCondition) -> Result<Change, Impossible> {
    let listed = text
        .values()
        .iter()
        .map(|value| bare_name(text.operator(), value).to_owned());
    let names = listed.chain(tag::examples(text)).collect::<Vec<_>>();
    let versions = bounds(text)
        .into_iter()
        .map(Some)
        .chain([None])
        .collect::<Vec<_>>();
    let mut lookup = NameLookup::of([text]);
    for name in &names {
        for version in &versions {
            if lookup.touch(&example(name, version.as_deref())).of(1) == Touch::Yes {
                return Ok(Change {
                    package: Some(name.clone()),
                    to: version.clone(),
                    ..attached(None)
                });
            }
        }
    }
    let first = text.values().first().map_or("", String::as_str);
    Err(Impossible(format!(
        "no component was found that is {first:?}"
    )))
}

/// A component of this name, which may be a package URL.
pub(in crate::nearest) fn example(name: &str, version: Option<&str>) -> Component {
    let is_url = Purl::parse(name).is_some();
    Component {
        name: name.to_owned(),
        version: version.map(str::to_owned),
        purls: is_url.then(|| name.to_owned()).into_iter().collect(),
        ..Component::default()
    }
}

/// A license that a criterion asks for.
fn stated(criterion: &Criterion, condition: &LicenseCondition) -> Result<Change, Impossible> {
    let wanted = criterion.wanted(1);
    let first = wanted
        .get(0)
        .unwrap_or(&wanted)
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let known = std::iter::once(first.as_str()).chain(ACCEPTABLE);
    let mut lookup = LicenseLookup::of([condition]);
    let mut fits = known.filter(|words| names(&mut lookup, &License::of(words)));
    match fits.next() {
        Some(words) => Ok(Change {
            to: Some(words.to_owned()),
            ..attached(None)
        }),
        None => Err(Impossible(format!(
            "no license was found that is {first:?}"
        ))),
    }
}

/// Licenses that few policies forbid, tried to see what an acceptable one would lead to.
pub(in crate::nearest) const ACCEPTABLE: [&str; 6] = [
    "MIT",
    "Apache-2.0",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "GPL-3.0-only",
];
