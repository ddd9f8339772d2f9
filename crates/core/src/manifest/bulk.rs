//! How much manifests take: how many there are, and their bytes. Pure arithmetic.

use super::{MANIFESTS_BYTES_MAX, MANIFESTS_MAX};

/// A number of manifests, and the bytes of all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bulk {
    /// How many.
    pub manifests: usize,
    /// Their bytes.
    pub bytes: u64,
}

impl Bulk {
    /// Nothing.
    pub const NONE: Self = Self {
        manifests: 0,
        bytes: 0,
    };
    /// The most of one image.
    pub const OF_AN_IMAGE: Self = Self {
        manifests: MANIFESTS_MAX,
        bytes: MANIFESTS_BYTES_MAX,
    };

    /// The lesser of each.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        Self {
            manifests: self.manifests.min(other.manifests),
            bytes: self.bytes.min(other.bytes),
        }
    }

    /// What is left once `other` is taken; `None` if it does not fit.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        Some(Self {
            manifests: self.manifests.checked_sub(other.manifests)?,
            bytes: self.bytes.checked_sub(other.bytes)?,
        })
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            manifests: self.manifests.saturating_add(other.manifests),
            bytes: self.bytes.saturating_add(other.bytes),
        }
    }
}
