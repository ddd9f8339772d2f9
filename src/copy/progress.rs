//! Whether a copy makes progress: what renews the claim under which it runs, and how many bytes it moved.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

/// What moved so far, and whether anything did since the last look. Clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progress(Arc<Made>);

#[derive(Debug, Default)]
struct Made {
    any: AtomicBool,
    bytes: AtomicU64,
}

impl Progress {
    pub(crate) fn made(&self) {
        self.0.any.store(true, Ordering::Relaxed);
    }

    /// Bytes of a blob went from its download to its upload.
    pub(super) fn moved(&self, bytes: u64) {
        self.0.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.made();
    }

    pub(crate) fn was_made(&self) -> bool {
        self.0.any.swap(false, Ordering::Relaxed)
    }

    /// How many bytes moved so far, those included that did not arrive.
    pub(super) fn bytes(&self) -> u64 {
        self.0.bytes.load(Ordering::Relaxed)
    }
}
