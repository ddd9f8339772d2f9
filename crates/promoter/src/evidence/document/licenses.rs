//! The licenses of an image's components, as a policy looks at them: each with those who carry it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ecr_promoter_core::{
    Digest, Time,
    evidence::{Component, Components, Known, Platform},
    license,
};

use super::{LicenseRow, age, name};

/// Each license that is named, last what is not stated.
pub(super) fn of(
    platforms: &[Platform],
    known: &HashMap<Digest, Known<Components>>,
    now: Time,
) -> Vec<LicenseRow> {
    type Carriers = (BTreeSet<String>, BTreeSet<String>, BTreeSet<&'static str>);
    let mut carriers: BTreeMap<(bool, Option<String>), (Carriers, Time)> = BTreeMap::new();
    for platform in platforms {
        let Some(Known::Seen(seen)) = known.get(&platform.digest) else {
            continue;
        };
        for component in &seen.value {
            for license in names(component) {
                let row = carriers.entry((license.is_none(), license));
                let ((components, platforms, origins), at) =
                    row.or_insert_with(|| (Carriers::default(), seen.at));
                components.insert(component.name.clone());
                platforms.insert(name(platform));
                origins.insert(seen.origin.as_str());
                *at = (*at).min(seen.at);
            }
        }
    }
    let rows = carriers.into_iter();
    rows.map(
        |((_, license), ((components, platforms, origins), at))| LicenseRow {
            license,
            components: components.into_iter().collect(),
            platforms: platforms.into_iter().collect(),
            origins: origins.into_iter().collect(),
            at,
            age_seconds: age(at, now),
        },
    )
    .collect()
}

/// The licenses that a component names; `None` for one that ought to state one and does not.
fn names(component: &Component) -> Vec<Option<String>> {
    if !component.license.is_stated() {
        return if component.is_frame {
            Vec::new()
        } else {
            vec![None]
        };
    }
    let mut names = Vec::new();
    license::each_named(&component.license, |named| {
        names.push(Some(named.to_string()));
    });
    names
}
