//! Loops and floods: how often a push may be promoted on.

use crate::{
    Push, Repository,
    policy::Policy,
    provenance::{DEPTH_MAX, WITHIN_MAX},
};

/// Why a promotion more would be a loop, or a flood.
pub(super) fn looped(push: &Push, policy: &Policy, target: &Repository) -> Option<String> {
    let chain = &push.chain;
    if chain.holds(&policy.key()) {
        return Some("loop: this policy already promoted what was pushed".to_owned());
    }
    if chain.depth >= DEPTH_MAX {
        return Some(format!(
            "loop: the push has already been through {DEPTH_MAX} promotions, the most allowed"
        ));
    }
    (*target == push.repository && chain.within >= WITHIN_MAX).then(|| {
        format!(
            "loop: the push has already been through {WITHIN_MAX} promotions within {target}, the most allowed"
        )
    })
}
