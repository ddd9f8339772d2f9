//! The components of one platform: the lists of all documents that speak of it.
//!
//! A document that speaks of several platforms, as one attached to an index does, is held once and
//! shared by all of them.

use std::{slice, sync::Arc};

use super::{Component, Never};

/// What the documents about one platform list, and what of them cannot be trusted to be whole.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Components {
    lists: Vec<Arc<Vec<Component>>>,
    gap: Option<Never>,
}

impl Components {
    /// Adds what one document lists.
    pub fn add(&mut self, list: Arc<Vec<Component>>) {
        self.lists.push(list);
    }

    /// Notes why there may be more: a document that says that it is incomplete, or that cannot be
    /// read. What was listed still breaks a criterion, and meets none.
    pub fn lack(&mut self, never: Never) {
        self.gap.get_or_insert(never);
    }

    /// Why there may be more than is listed.
    #[must_use]
    pub fn gap(&self) -> Option<&Never> {
        self.gap.as_ref()
    }

    /// The lists, one for each document. Platforms share them: the same `Arc` is the same list.
    #[must_use]
    pub fn lists(&self) -> &[Arc<Vec<Component>>] {
        &self.lists
    }

    /// All components, in the order of the documents.
    pub fn iter(&self) -> ComponentsIter<'_> {
        fn of(list: &Arc<Vec<Component>>) -> slice::Iter<'_, Component> {
            list.iter()
        }
        self.lists.iter().flat_map(of)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lists.iter().map(|list| list.len()).sum()
    }

    /// Whether none is listed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lists.iter().all(|list| list.is_empty())
    }
}

/// All components of one platform.
pub type ComponentsIter<'a> = std::iter::FlatMap<
    slice::Iter<'a, Arc<Vec<Component>>>,
    slice::Iter<'a, Component>,
    fn(&'a Arc<Vec<Component>>) -> slice::Iter<'a, Component>,
>;

impl From<Vec<Component>> for Components {
    fn from(list: Vec<Component>) -> Self {
        Self {
            lists: vec![Arc::new(list)],
            gap: None,
        }
    }
}

impl<'a> IntoIterator for &'a Components {
    type Item = &'a Component;
    type IntoIter = ComponentsIter<'a>;

    fn into_iter(self) -> ComponentsIter<'a> {
        self.iter()
    }
}
