//! The rules of the house that no compiler checks: what each package may use, under which licences, and what its
//! sources never hold. Asks cargo, offline, about the machine's own platform; builds nothing and never calls AWS.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    unreachable_pub,
    reason = "tests stop at once where a step that must work does not"
)]

mod cargo;
mod licences;
mod rooms;
mod sources;
