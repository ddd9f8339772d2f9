//! One test per fact: what ECR refuses, answers and tells, asked in ECR's own protocol. Must not use what is
//! inside the registry.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests stop at once"
)]

mod deleting;
mod documents;
mod events;
mod http_chunks;
mod http_pull;
mod http_push;
mod layers;
mod mounting;
mod mutability;
mod names;
mod persistence;
mod pulling;
mod pushing;
mod referrers;
mod remote;
mod repositories;
mod robustness;
mod scans;
mod storage;
mod types;
mod unsettled;
mod world;
