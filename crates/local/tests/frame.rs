//! The embedded AWS from outside: through an SDK without a socket, over a socket, and with a function behind its
//! queue.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may stop at once, in its helpers too"
)]

#[path = "frame/http.rs"]
mod http;
#[path = "frame/open_work.rs"]
mod open_work;
#[path = "frame/process.rs"]
mod process;
#[path = "frame/queue.rs"]
mod queue;
#[path = "frame/schedule.rs"]
mod schedule;
#[path = "frame/sdk.rs"]
mod sdk;
#[path = "frame/served.rs"]
mod served;
#[path = "frame/socket.rs"]
mod socket;
#[path = "frame/stream.rs"]
mod stream;
