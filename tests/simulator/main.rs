//! The promises under everything that can go wrong: the function on the embedded AWS, from one seed, in virtual time.
//! docs/simulator.md says how to run it.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    unreachable_pub,
    reason = "tests stop at once where a step that must work does not"
)]

mod acts;
mod answer;
mod chaos;
mod check;
mod fate;
mod image;
mod lambda;
mod late;
mod ledger;
mod menu;
mod mishap;
mod model;
mod mutations;
mod network;
mod notes;
mod people;
mod rows;
mod rule;
mod rules;
mod run;
mod sandbox;
mod seed;
mod seeds;
mod stale;
mod storm;
mod template;
mod truth;
mod walk;
mod world;
