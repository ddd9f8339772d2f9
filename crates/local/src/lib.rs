//! An embedded AWS for tests and demonstrations.

pub mod clock;
pub mod ecr;
pub mod registry;
