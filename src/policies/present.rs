//! The policies of a repository as the walk keeps them: which are enabled, and which tags they mean.

use std::collections::BTreeMap;

use ecr_promoter_core::{policy::PolicyKey, walk::Present};

use super::{BadPolicy, Loaded, Policies};
use crate::ledger::keys::id_of;

impl Policies {
    /// What the walk keeps of the policies of each source.
    pub(crate) fn present(&self) -> BTreeMap<String, Present> {
        let mut of_sources: BTreeMap<String, Present> = BTreeMap::new();
        for Loaded { policy, .. } in &self.good {
            let PolicyKey { source, name } = policy.key();
            let present = of_sources.entry(source).or_default();
            if policy.enabled {
                present.enabled.insert(name, id_of(&[&policy.means()]));
            }
        }
        for BadPolicy { policy, .. } in &self.bad {
            let present = of_sources.entry(policy.source.clone()).or_default();
            present.unreadable.insert(policy.name.clone());
        }
        of_sources
    }
}
