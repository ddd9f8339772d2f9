//! What goes wrong: which kinds of mishap a seed has, how often, and the fate that they draw for each request.

use std::time::Duration;

use crate::{
    fate::{Fate, Refusal, Seen, Sender},
    run::Run,
};

/// Nothing goes wrong with the requests after so many: a seed is to end soon.
pub const REQUESTS_MAX: u64 = 90;

/// How often each kind of mishap happens, in a thousand requests or events. A seed has a few kinds of them, so that each
/// meets the others in many mixtures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Chaos {
    /// Refused for the rate, or by a defect of AWS's; half of them after their effect.
    pub faults: u64,
    /// Refused for want of a permission.
    pub denied: u64,
    /// Slow, by up to 25 s.
    pub slow: u64,
    /// A write of a tag lands up to a minute after its client gave up.
    pub late: u64,
    /// Writes of tags to a fourth of the images are refused for want of a key, all of them.
    pub keyless: u64,
    /// The invocation dies, before the request or after its effect.
    pub deaths: u64,
    /// The invocation stands still for up to eight minutes.
    pub freezes: u64,
    /// A read of ECR shows what stood up to three seconds ago.
    pub stale: u64,
    /// Events come twice, late, or never.
    pub duplicates: u64,
    pub delays: u64,
    pub losses: u64,
    /// A late event is days late.
    pub days: u64,
    /// How many milliseconds the sandboxes' clocks are apart.
    pub clocks: u64,
    /// How often people do something at targets, at sources, to policies.
    pub people: u64,
    pub rollbacks: u64,
    pub deletions: u64,
    pub edits: u64,
    /// How often within a thousand minutes somebody asks for a tag by hand.
    pub requests: u64,
    /// All pushes come within so many milliseconds, where this is not 0.
    pub burst: u64,
    /// Within how many milliseconds a target repository is made.
    pub repository: u64,
    /// How often within a thousand minutes the items of the ledger become of the next format.
    pub formats: u64,
}

impl Chaos {
    /// A few kinds, drawn from the seed.
    pub fn drawn(run: &Run) -> Self {
        let some = |often: u64| if run.happens(350) { often } else { 0 };
        Self {
            faults: some(30),
            denied: some(15),
            slow: some(25),
            late: some(400),
            keyless: some(1),
            deaths: some(25),
            freezes: some(15),
            stale: some(200),
            duplicates: some(400),
            delays: some(300),
            losses: some(100),
            days: some(300),
            clocks: some(1000),
            people: some(1 + run.below(2)),
            rollbacks: some(1 + run.below(2)),
            deletions: some(1),
            edits: some(1 + run.below(2)),
            requests: some(250),
            burst: some(1 + run.below(2500)),
            formats: some(100),
            repository: some(200_000),
        }
    }

    /// Whether nothing goes wrong.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// The same, where people leave alone what is there.
    pub fn without_people(self) -> Self {
        Self {
            people: 0,
            rollbacks: 0,
            deletions: 0,
            requests: 0,
            ..self
        }
    }

    /// What becomes of a request.
    pub fn fate(&self, run: &Run, seen: &Seen) -> Fate {
        let mut fate = Fate::passes(run.millis(2..25));
        if seen.number > REQUESTS_MAX {
            return fate;
        }
        fate.after = run.millis(2..25);
        if run.happens(self.slow) {
            fate.before = run.millis(1_000..25_000);
        }
        if run.happens(self.slow) {
            fate.after = run.millis(1_000..25_000);
        }
        if run.happens(self.faults) {
            let kinds = [Refusal::Throttled, Refusal::Broken, Refusal::Reset];
            let kind = kinds[usize::try_from(run.below(3)).unwrap()];
            // What is refused for its rate had no effect.
            if run.happens(500) && kind != Refusal::Throttled {
                fate.lost = Some(kind);
            } else {
                fate.refused = Some(kind);
            }
        }
        if run.happens(self.denied) && seen.name.starts_with("ecr:") {
            fate.refused = Some(Refusal::Denied);
        }
        if seen.tag_write().is_some() && run.happens(self.late) {
            fate.landing = run.millis(8_000..70_000);
        }
        if self.keyless > 0 && seen.tag_write().is_some_and(keyless) {
            fate.refused = Some(Refusal::Kms);
        }
        if seen.name == "ecr:BatchGetImage" && run.happens(self.stale) {
            fate.stale = run.millis(200..3_000);
        }
        fate.sender = self.sender(run);
        fate
    }

    fn sender(&self, run: &Run) -> Sender {
        if run.happens(self.deaths) {
            return if run.happens(500) {
                Sender::DiesBefore
            } else {
                Sender::DiesAfter
            };
        }
        if run.happens(self.freezes) {
            let time = run.millis(20_000..480_000);
            return if run.happens(500) {
                Sender::Freezes(time)
            } else {
                Sender::FreezesBefore(time)
            };
        }
        Sender::Lives
    }

    /// After how long the copies of an event arrive.
    pub fn delivery(&self, run: &Run) -> Vec<Duration> {
        if run.happens(self.losses) {
            return Vec::new();
        }
        let copies = if run.happens(self.duplicates) { 2 } else { 1 };
        let mut delays = Vec::new();
        for copy in 0..copies {
            let late = run.happens(self.delays) || copy > 0;
            let delay = match (late, run.happens(self.days)) {
                (false, _) => run.millis(50..900),
                (true, false) => run.millis(500..240_000),
                (true, true) => run.millis(3_600_000..300_000_000),
            };
            delays.push(delay);
        }
        delays
    }
}

/// Whether an image is one of the fourth that a seed may keep from being tagged.
fn keyless((_, _, manifest): (&str, &str, &str)) -> bool {
    manifest.bytes().map(u64::from).sum::<u64>() % 4 == 0
}
