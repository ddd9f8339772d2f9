//! The function on the embedded AWS: events in, images promoted, records left. Each test owns its
//! world.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    unreachable_pub,
    reason = "tests stop at once where a step that must work does not"
)]

mod age;
mod announce;
mod answers;
mod attach;
mod backlog;
mod bad_input;
mod bad_sboms;
mod between;
mod blobs;
mod body;
mod bootstrap;
mod by_content;
mod components;
mod cost;
mod crash;
mod deadlines;
mod deployed;
mod edited;
mod events;
mod examples;
mod failures;
mod faults;
mod findings;
mod fixes;
mod formats;
mod head;
mod hosts;
mod image;
mod labels;
mod line;
mod load;
mod long;
mod loops;
mod meter;
mod month;
mod moods;
mod once;
mod order;
mod pace;
mod promote;
mod referrers;
mod registry;
mod resume;
mod scans;
mod seen;
mod sightings;
mod silent;
mod targets;
mod tools;
mod trips;
mod trust;
mod visibility;
mod walk;
mod wire;
mod world;
