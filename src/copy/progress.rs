//! Whether a copy makes progress: what renews the claim under which it runs.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Whether anything moved since the last call.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progress(Arc<AtomicBool>);

impl Progress {
    pub(crate) fn made(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(crate) fn was_made(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }
}
