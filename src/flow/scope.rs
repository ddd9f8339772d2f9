//! What everything below one occasion shares.

use ecr_promoter_core::{Repository, Tag, decide::concerns};

use crate::{
    function::{Errand, Function},
    occasion::Asked,
    policies::Loaded,
};

/// Everything below one occasion: who asks, which policies, in which invocation.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub function: &'a Function,
    pub repository: &'a Repository,
    pub policies: &'a [&'a Loaded],
    pub asked: Asked,
    pub errand: Errand<'a>,
}

impl<'a> Scope<'a> {
    /// The policies that a push of this tag concerns. A person gets an answer about the others, too, and
    /// open work ends with it.
    pub(super) fn policies_meaning(self, tag: &Tag) -> impl Iterator<Item = &'a Loaded> {
        let only_meant = self.asked == Asked::ByEvent;
        let policies = self.policies.iter().copied();
        policies.filter(move |stored| !only_meant || concerns(&stored.policy, tag))
    }
}
