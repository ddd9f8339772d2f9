//! Whether the other side takes what is sent to it. The body of a request notes what becomes of it, and its sender looks at
//! the notes from time to time. Knows no bytes and no clock.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering::Relaxed},
    },
    time::Duration,
};

/// How often the sender looks.
pub(super) const LOOKS_EVERY: Duration = Duration::from_secs(10);
/// An upload is abandoned when so many looks found that nothing was taken.
const IDLE_LOOKS: u32 = 3;
/// The same, once all of it was taken: a registry hashes a large layer before it answers. A claim outlasts it.
const ANSWER_LOOKS: u32 = 9;

/// What became of a body. Clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Handed(Arc<Notes>);

#[derive(Debug, Default)]
struct Notes {
    /// Something was taken since the last look.
    taken: AtomicBool,
    /// All of it was taken.
    whole: AtomicBool,
    /// The body waits for its own source: nobody can take anything.
    waits: AtomicBool,
    /// So many looks found nothing.
    quiet: AtomicU32,
}

/// The other side stopped.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Stalled {
    #[error("the registry took nothing for {} s", after(IDLE_LOOKS))]
    Takes,
    #[error(
        "the registry did not answer for {} s after the last byte",
        after(ANSWER_LOOKS)
    )]
    Answers,
}

const fn after(looks: u32) -> u64 {
    LOOKS_EVERY.as_secs() * looks as u64
}

impl Handed {
    /// Something was taken, or the end was told.
    pub(crate) fn took(&self, whole: bool) {
        let Notes { taken, waits, .. } = &*self.0;
        waits.store(false, Relaxed);
        taken.store(true, Relaxed);
        self.0.whole.store(whole, Relaxed);
    }

    /// Something was asked for that is not there yet.
    pub(crate) fn waits(&self) {
        self.0.waits.store(true, Relaxed);
    }

    /// What the sender sees.
    pub(super) fn look(&self) -> Result<(), Stalled> {
        let notes = &*self.0;
        let moves = notes.taken.swap(false, Relaxed) || notes.waits.load(Relaxed);
        let quiet = if moves {
            0
        } else {
            notes.quiet.load(Relaxed) + 1
        };
        notes.quiet.store(quiet, Relaxed);
        let whole = notes.whole.load(Relaxed);
        match (whole, quiet) {
            (false, IDLE_LOOKS..) => Err(Stalled::Takes),
            (true, ANSWER_LOOKS..) => Err(Stalled::Answers),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upload_of_which_nothing_is_taken_stalls_and_one_that_waits_for_its_download_does_not() {
        for (case, act, stalls_at) in [
            (
                "never asked",
                (|_| {}) as fn(&Handed),
                Some((3, Stalled::Takes)),
            ),
            (
                "some was taken",
                |it| it.took(false),
                Some((4, Stalled::Takes)),
            ),
            (
                "all was taken",
                |it| it.took(true),
                Some((10, Stalled::Answers)),
            ),
            ("it waits for its download", Handed::waits, None),
            (
                "it waited, and went on",
                |it| {
                    it.waits();
                    it.took(false);
                },
                Some((4, Stalled::Takes)),
            ),
        ] {
            let handed = Handed::default();
            act(&handed);
            let found = (1..=20).find_map(|look| Some((look, handed.look().err()?)));
            assert_eq!(found, stalls_at, "{case}");
        }
    }
}
