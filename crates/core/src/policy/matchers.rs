//! The regular expressions that were checked and compiled before, by what is written: a caller that reads
//! policies again and again keeps them, so that none is compiled again for each push.
//!
//! What is held is bounded in bytes; what was not asked for longest goes first. Nothing that a policy
//! means depends on what is held.

use std::collections::HashMap;

use super::{
    Policy, PolicyError, PolicyKey,
    pattern::{Case, Pattern},
};

/// The most bytes of compiled expressions: of all policies of one load, and of all that are kept.
pub const MATCHERS_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Expressions that were checked before.
#[derive(Debug, Default)]
pub struct Matchers {
    known: HashMap<(Case, String), Held>,
    bytes: usize,
    /// Rises with each look-up.
    now: u64,
}

#[derive(Debug)]
struct Held {
    pattern: Pattern,
    asked_for: u64,
}

impl Matchers {
    /// What is held, in bytes, at most [`MATCHERS_BYTES_MAX`].
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The expression, from before where it was checked before.
    pub(super) fn pattern(&mut self, text: &str, case: Case) -> Result<Pattern, String> {
        self.now += 1;
        let key = (case, text.to_owned());
        if let Some(held) = self.known.get_mut(&key) {
            held.asked_for = self.now;
            return Ok(held.pattern.clone());
        }
        let pattern = Pattern::check(text, case)?;
        if pattern.bytes() <= MATCHERS_BYTES_MAX {
            self.hold(key, pattern.clone());
        }
        Ok(pattern)
    }

    fn hold(&mut self, key: (Case, String), pattern: Pattern) {
        self.bytes += pattern.bytes();
        let asked_for = self.now;
        self.known.insert(key, Held { pattern, asked_for });
        while self.bytes > MATCHERS_BYTES_MAX {
            let oldest = self.known.iter().min_by_key(|(_, held)| held.asked_for);
            let Some(oldest) = oldest.map(|(key, _)| key.clone()) else {
                return;
            };
            if let Some(gone) = self.known.remove(&oldest) {
                self.bytes -= gone.pattern.bytes();
            }
        }
    }
}

/// The policies of a load that are left out because their regular expressions, together with those of lighter policies, take
/// more than [`MATCHERS_BYTES_MAX`]: the heaviest go, so that no policy is refused for another's weight while it is lighter
/// itself. An expression that several policies share counts once for each.
pub fn too_heavy<'p>(
    policies: impl IntoIterator<Item = &'p Policy>,
) -> Vec<(PolicyKey, PolicyError)> {
    let weighed = policies
        .into_iter()
        .map(|policy| (policy.patterns_bytes(), policy));
    let mut by_weight: Vec<(usize, &Policy)> = weighed.filter(|(bytes, _)| *bytes > 0).collect();
    by_weight.sort_by_key(|(bytes, _)| *bytes);
    let mut sum = 0_usize;
    let heavy = by_weight.into_iter().filter(|(bytes, _)| {
        sum = sum.saturating_add(*bytes);
        sum > MATCHERS_BYTES_MAX
    });
    heavy
        .map(|(bytes, policy)| (policy.key(), refusal(bytes)))
        .collect()
}

fn refusal(bytes: usize) -> PolicyError {
    PolicyError {
        place: "criteria".to_owned(),
        message: format!(
            "limit: expected at most {MATCHERS_BYTES_MAX} bytes of compiled regular expressions in all policies of a repository, found more; this policy's take {bytes}, and the policies with the largest are skipped: use fewer repetitions"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_bounded_and_the_longest_unused_goes() {
        let mut matchers = Matchers::default();
        let often = r"often\w";
        for number in 0..2_000 {
            matchers.pattern(often, Case::Regarded).unwrap();
            matchers
                .pattern(&format!(r"{number}\w{{3}}"), Case::Regarded)
                .unwrap();
            assert!(matchers.bytes() <= MATCHERS_BYTES_MAX);
        }
        assert!(matchers.bytes() > MATCHERS_BYTES_MAX / 2);
        assert!(
            matchers
                .known
                .contains_key(&(Case::Regarded, often.to_owned()))
        );
        let sum: usize = matchers.known.values().map(|h| h.pattern.bytes()).sum();
        assert_eq!(sum, matchers.bytes());
    }

    #[test]
    fn what_is_written_alike_is_compiled_once() {
        let mut matchers = Matchers::default();
        let mut address = |text: &str, case| {
            let pattern = matchers.pattern(text, case).unwrap();
            std::ptr::from_ref(pattern.as_str())
        };
        let first = address("a+", Case::Regarded);
        assert_eq!(address("a+", Case::Regarded), first);
        assert_ne!(address("a+", Case::Ignored), first);
        assert_ne!(address("b+", Case::Regarded), first);
    }
}
