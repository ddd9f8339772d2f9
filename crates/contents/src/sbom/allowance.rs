//! What may still be read and kept of one image's SBOMs. Bytes are counted as they are allocated.

use std::{collections::HashSet, sync::Arc};

use ecr_promoter_core::evidence::{Component, Explained, License};

use crate::limits::{
    IMAGE_COMPONENTS_MAX, IMAGE_KEPT_BYTES_MAX, IMAGE_SBOM_BYTES_MAX, SBOM_BYTES_MAX,
};

/// What is left.
#[derive(Debug, Clone, Copy)]
pub(super) struct Allowance {
    /// Bytes of SBOMs.
    bytes: u64,
    /// Components.
    pub(super) components: usize,
    /// Bytes of memory.
    pub(super) kept: usize,
}

impl Allowance {
    /// What one image has.
    pub(super) fn of_an_image() -> Self {
        Self {
            bytes: IMAGE_SBOM_BYTES_MAX,
            components: IMAGE_COMPONENTS_MAX,
            kept: IMAGE_KEPT_BYTES_MAX,
        }
    }

    /// How large the next SBOM may be.
    pub(super) fn bytes_max(&self) -> u64 {
        self.bytes.min(SBOM_BYTES_MAX)
    }

    /// Takes off what an SBOM of this many bytes came to.
    pub(super) fn spend(&mut self, bytes: u64, components: &[Component]) {
        self.bytes = self.bytes.saturating_sub(bytes);
        self.components = self.components.saturating_sub(components.len());
        let own: usize = components.iter().map(allocated).sum();
        let mut shared = HashSet::new();
        let licenses = components.iter().map(|component| &component.license);
        let licenses = licenses.filter(|license| shared.insert(Arc::as_ptr(license)));
        let licenses: usize = licenses.map(|license| license_allocated(license)).sum();
        self.kept = self.kept.saturating_sub(own + licenses);
    }
}

/// The memory that a component takes, in bytes, without its license: that is shared.
pub(super) fn allocated(component: &Component) -> usize {
    let optional = |text: &Option<String>| text.as_deref().map_or(0, text_allocated);
    size_of::<Component>()
        + text_allocated(&component.name)
        + optional(&component.group)
        + optional(&component.version)
        + texts_allocated(&component.purls)
}

/// The memory that a license takes.
pub(super) fn license_allocated(license: &License) -> usize {
    let explained = license.explained.iter().map(|explained| {
        size_of::<Explained>()
            + text_allocated(&explained.reference)
            + texts_allocated(&explained.by)
    });
    size_of::<License>() + texts_allocated(&license.stated) + explained.sum::<usize>()
}

/// The memory that a list of texts takes.
pub(super) fn texts_allocated(texts: &[String]) -> usize {
    size_of_val(texts) + texts.iter().map(|text| text_allocated(text)).sum::<usize>()
}

/// The memory that a text takes: an allocator gives 32 bytes at least, and 16 at a time.
pub(super) fn text_allocated(text: &str) -> usize {
    (text.len() + 8).next_multiple_of(16).max(32)
}
