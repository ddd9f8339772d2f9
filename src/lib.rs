//! ecr-promoter: promotes container images between Amazon ECR repositories by policy.
//!
//! This crate is the function: a thin async shell around [`ecr_promoter_core`], which judges. One
//! push walks through it from top to bottom:
//!
//! | room | in → out | touches |
//! | --- | --- | --- |
//! | [`handler`] | payload → deliveries → answer | nothing; failures and panics end here |
//! | `flow` | event → outcome | calls all below, and they never call each other |
//! | [`policies`] | repository → policies that may apply | policies table, Query only |
//! | `pushes` | hint → push | reads ECR; gives runs their numbers in the ledger |
//! | `judge` | push, policy → decision | asks `evidence`; promotes nothing |
//! | [`evidence`] | what a decision lacks → what is known | reads ECR |
//! | `promote` | decision → promoted | claim, copy, head, tag |
//! | [`copy`] | image → everything below its root at the target | by digest; no tag |
//! | `finish` | how it ended → record, and what others are told | ledger, [`announce`] |
//! | [`ledger`] | the table of pushes, claims, heads, ways, history | conditional writes only |
//!
//! [`function`] is what they are all methods of; [`images`] and `download` read from ECR for them.
//! [`aws`] is the seam: everything that leaves the process, and the time, goes through it.

pub mod announce;
pub mod aws;
pub mod config;
pub mod copy;
mod download;
pub mod evidence;
pub mod failure;
mod finish;
mod flow;
pub mod function;
pub mod handler;
pub mod images;
mod judge;
pub mod ledger;
mod outcome;
pub mod policies;
mod promote;
mod pushes;
pub mod queue;
mod reading;

pub use aws::{Aws, Seam};
pub use config::Config;
pub use failure::{Failure, Remedy};
pub use function::{Function, Invocation};
