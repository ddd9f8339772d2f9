//! ecr-promoter: promotes container images between Amazon ECR repositories by policy.
//!
//! This crate is the function: a thin async shell around [`ecr_promoter_core`], which judges. One
//! event walks through it from top to bottom, nested by what is shared:
//!
//! | room | in → out | touches |
//! | --- | --- | --- |
//! | `handler` | payload → deliveries → answer | nothing; failures and panics end here |
//! | `occasion` | event → the repository it concerns | nothing; what does not concern us ends here |
//! | `answer` | outcomes → what a direct invocation is answered | nothing; bounded |
//! | `flow` | occasion → outcomes | calls all below, and they never call each other |
//! | `policies` | repository → policies | policies table, Query only |
//! | `pushes` | hint → push | the ledger gives it its number and order |
//! | `reading` | digest → what was read of it | ECR, once for all tags |
//! | `judge` | case → decision | asks `evidence`; promotes nothing |
//! | `evidence` | what a decision lacks → what is known | reads ECR |
//! | `promote` | case → promoted | claim, copy, head, tag |
//! | `copy` | image → everything below its root at the target | by digest; no tag |
//! | `explain` | image → why it was promoted or not, for people | the same rules; writes nothing |
//! | `edited` | a policy that was edited → its status, its cases due | policies table, ledger, EventBridge |
//! | `finish` | how it ended → record and announcement | ledger, EventBridge |
//! | [`ledger`] | the table of runs, cases, heads, provenance, open work, history | conditional writes only |
//!
//! `function` is what they are all handed; `ecr` is ECR's two faces. [`aws`] is the seam: everything
//! that leaves the process, and the time, goes through it.

mod answer;
pub mod aws;
mod case;
mod closing;
pub mod config;
mod copy;
mod ecr;
mod edited;
mod ending;
mod evidence;
pub mod explain;
pub mod failure;
mod finish;
mod flow;
mod function;
mod handler;
mod judge;
pub mod ledger;
pub mod log;
mod look;
mod message;
mod occasion;
mod outcome;
mod policies;
mod promote;
mod pushes;
mod queue;
mod reading;
mod walk;
mod work;

pub use aws::{Aws, Seam};
pub use config::Config;
pub use explain::Explanation;
pub use failure::{Failure, Remedy};
pub use function::{Function, Invocation};
pub use look::Look;

use ecr_promoter_core::{Repository, event::Select};
use futures_util::FutureExt as _;
use serde_json::Value;

impl Function {
    /// Handles one invocation. `Err` is what Lambda is to take for a failed invocation: only a
    /// direct one that may be tried again, or that cannot be understood.
    pub async fn handle(&self, payload: &[u8], invocation: &Invocation) -> Result<Value, Failure> {
        // Boxed: the futures below are deeper than the compiler likes.
        handler::handle(self, payload, invocation).boxed().await
    }

    /// Why an image was promoted or not: decided by the same rules, and nothing written.
    pub async fn explain(
        &self,
        repository: &Repository,
        select: &Select,
    ) -> Result<Explanation, Failure> {
        explain::explain(self, repository, select).boxed().await
    }

    /// The ledger, for those who read it.
    #[must_use]
    pub fn ledger(&self) -> &ledger::Ledger {
        &self.ledger
    }

    /// Looks at an image as a policy would, without a record, and without asking for a scan.
    pub async fn look(&self, repository: &Repository, select: &Select) -> Result<Look, Failure> {
        look::look(self, repository, select).await
    }
}
