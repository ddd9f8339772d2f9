//! ecr-promoter: promotes container images between Amazon ECR repositories by policy.
//!
//! This crate is the function: a thin async shell around [`ecr_promoter_core`], which judges. One
//! push walks through it from top to bottom:
//!
//! | room | in → out | touches |
//! | --- | --- | --- |
//! | [`handler`] | payload → deliveries → answer | nothing; failures and panics end here |
//! | [`flow`] | event → outcome | calls all below, and they never call each other |
//! | [`policies`] | repository → policies that may apply | policies table, Query only |
//! | `pushes` | hint → push | reads ECR; gives runs their numbers in the ledger |
//! | `judge` | push, policy → decision | reads ECR; promotes nothing |
//! | `evidence` | what a decision lacks → what is known | reads ECR |
//! | `promote` | decision → promoted | claim, copy, tag, finish |
//! | [`copy`] | image → everything below its root at the target | by digest; no tag |
//! | [`announce`] | outcome → event | the bus |
//! | [`ledger`] | the table of pushes, claims, ways, history | conditional writes only |
//!
//! [`aws`] is the seam: everything that leaves the process, and the time, goes through it.

pub mod announce;
pub mod aws;
pub mod config;
pub mod copy;
mod download;
pub mod evidence;
pub mod failure;
pub mod flow;
pub mod handler;
pub mod images;
mod judge;
pub mod ledger;
pub mod policies;
mod promote;
mod pushes;
pub mod queue;

pub use aws::{Aws, Seam};
pub use config::Config;
pub use failure::{Failure, Remedy};
pub use flow::Function;
pub use handler::Invocation;
