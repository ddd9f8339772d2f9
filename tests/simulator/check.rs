//! The promises, a file each: what each finds broken, in words. They judge by what really happened and by the ledger.

mod answered;
mod bounded;
mod loops;
mod messages;
mod names;
mod newest;
mod once;
mod open;
mod paths;
mod people;
mod promoted;
mod prompt;
mod recorded;
mod tenants;
mod whole;

use chrono::TimeDelta;
use ecr_promoter_local::QueueCounts;

use crate::{ledger::Ledger, run::Moment, truth::Facts};

/// What there is to judge, once all is quiet.
pub struct Scene<'a> {
    pub facts: &'a Facts,
    pub ledger: &'a Ledger,
    pub queue: QueueCounts,
    /// How far the clocks of two sandboxes may be apart.
    pub apart: TimeDelta,
    /// When it is judged.
    pub end: Moment,
}

/// A promise: its name, and what breaks it.
type Promise = (&'static str, fn(&Scene<'_>) -> Vec<String>);

pub const PROMISES: [Promise; 15] = [
    ("whole or nothing", whole::broken),
    ("once", once::broken),
    ("newest wins", newest::broken),
    ("names of a second", names::broken),
    ("people respected", people::broken),
    ("no loops", loops::broken),
    ("every eligible push promoted", promoted::broken),
    ("recorded and announced", recorded::broken),
    ("an answer for everybody", answered::broken),
    ("within four minutes", prompt::broken),
    ("no needless messages", messages::broken),
    ("no other source named", tenants::broken),
    ("no open work", open::broken),
    ("nothing outside the paths", paths::broken),
    ("items bounded", bounded::broken),
];

/// Everything that is broken: the promise's name, and what broke it.
pub fn all(scene: &Scene<'_>) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    for (name, broken) in PROMISES {
        found.extend(broken(scene).into_iter().map(|it| (name, it)));
    }
    found
}
