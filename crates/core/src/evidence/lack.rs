//! The kinds of evidence, in the order of their cost.

/// Evidence that a decision lacks and the shell is asked to fetch; cheapest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lack {
    /// The manifests of an index's children.
    Contents,
    /// The labels in the config of every platform.
    Labels,
    /// The scan's findings of every platform.
    Findings,
    /// Since when the findings of every platform are known, where the scanner does not say.
    Sightings,
    /// The components of every platform.
    Components,
}

impl Lack {
    /// What is read of the registry, the cheapest first.
    pub const OF_REGISTRY: [Self; 4] = [
        Self::Contents,
        Self::Labels,
        Self::Findings,
        Self::Components,
    ];
}
