//! What everything below one occasion shares.

use ecr_promoter_core::Repository;

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

impl Scope<'_> {
    /// Whether only pushes that a policy asks for are looked at. A person gets an answer about the
    /// others, too, and open work ends with it.
    pub(super) fn only_meant(&self) -> bool {
        self.asked == Asked::ByEvent
    }
}
