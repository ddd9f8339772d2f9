//! The rules of the house that no compiler checks: what each package may use, under which licences, what its sources
//! never hold, and that its documents are true where a program can tell. Asks cargo, offline, about the machine's own
//! platform; builds nothing and never calls AWS.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    unreachable_pub,
    reason = "tests stop at once where a step that must work does not"
)]

mod cargo;
mod documents;
mod imports;
mod licences;
mod rooms;
mod sizes;
mod sources;
mod walls;
mod words;
