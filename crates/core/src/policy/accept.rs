//! What a policy accepts although nobody can know it. Both switches are closed until the policy's
//! author opens them; what opening means is judged elsewhere.

use super::document::{self, Fields, Mistakes};
use crate::suggest;

/// What a component without a readable license is under a negative operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnknownLicenses {
    /// A reason to hold: nobody knows that it is not the forbidden one.
    #[default]
    Hold,
    /// No reason to hold: the policy's author takes the risk.
    Accept,
}

impl UnknownLicenses {
    /// Both, as they are written.
    pub const ALL: &[(&str, Self)] = &[("hold", Self::Hold), ("accept", Self::Accept)];
}

/// What a platform is, under a criterion on numbers of findings, of which the scanner says that it
/// cannot scan such an image at all: a static binary on `scratch` is so for good. Accepting needs
/// the administrator's word as well (see [`crate::evidence::Evidence::unscannable`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unscannable {
    /// A reason to hold: nobody knows what a scan would find.
    #[default]
    Hold,
    /// A platform without findings: the policy's author takes the risk.
    Accept,
}

impl Unscannable {
    /// Both, as they are written.
    pub const ALL: &[(&str, Self)] = &[("hold", Self::Hold), ("accept", Self::Accept)];
}

/// Reads one of these words; without the key, and beside a mistake, what is closed holds.
pub(super) fn read<T: Copy + Default>(
    fields: &Fields<'_>,
    key: &str,
    words: &[(&str, T)],
    mistakes: &mut Mistakes,
) -> T {
    let place = fields.place(key);
    let Some(word) = fields
        .get(key)
        .and_then(|node| document::text(node, &place, mistakes))
    else {
        return T::default();
    };
    if let Some((_, known)) = words.iter().find(|(name, _)| *name == word) {
        return *known;
    }
    let names: Vec<_> = words.iter().map(|(name, _)| *name).collect();
    mistakes.add(&place, suggest::unknown("word", word, &names));
    T::default()
}
