//! The command as a process, on an embedded AWS that it finds by its environment alone.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at once, in its helpers too"
)]

mod answers;
mod bad_input;
mod evidence;
mod large;
mod newcomer;
mod places;
mod reasons;
mod refused;
mod said;
mod scripted;
mod served;
mod states;
mod stored;
mod ui;
mod world;
