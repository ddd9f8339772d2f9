//! EventBridge's schedule: a rule that invokes the function once a minute (EventBridge user guide, "Creating a
//! scheduled rule (legacy) in Amazon EventBridge").
//!
//! Follows the clock. Where that was moved by hand over several minutes, the function is invoked once, not once for
//! each of them. A failed invocation is not repeated: the next minute comes anyway.

use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::{Options, clock::Clock, function::Function, ids, wait};

/// The rule's name.
pub const SCHEDULE: &str = "ecr-promoter-schedule";
/// How often the rule fires.
const RATE: TimeDelta = TimeDelta::minutes(1);

/// The rule and its target.
pub(crate) struct Schedule {
    account: String,
    region: String,
    clock: Clock,
    function: Arc<Function>,
    /// When it fires next. Held while it fires, so that it does not fire again for the same minute.
    next: Mutex<DateTime<Utc>>,
}

impl Schedule {
    pub(crate) fn new(options: &Options, function: Arc<Function>) -> Self {
        let clock = options.clock.clone();
        Self {
            account: options.account.clone(),
            region: options.region.clone(),
            next: Mutex::new(after(clock.now())),
            clock,
            function,
        }
    }

    /// Fires once a minute forever.
    pub(crate) async fn run(&self) {
        loop {
            let next = *self.next.lock().await;
            wait::until(&self.clock, next).await;
            self.catch_up().await;
        }
    }

    /// Fires where that is due, and returns when nothing is: what fires already has ended by then.
    pub(crate) async fn catch_up(&self) {
        let mut next = self.next.lock().await;
        let now = self.clock.now();
        if now < *next {
            return;
        }
        *next = after(now);
        if !self.function.is_set() {
            return;
        }
        if let Err(error) = self.fire().await {
            tracing::warn!(%error, "the schedule's invocation failed");
        }
    }

    /// Invokes the function with the rule's event, whatever the time.
    pub(crate) async fn fire(&self) -> Result<Vec<u8>, String> {
        self.function
            .invoke(self.event().to_string().into_bytes())
            .await
            .map_err(|stopped| stopped.message)
    }

    /// The event as a scheduled rule sends it (EventBridge user guide, the same page).
    fn event(&self) -> Value {
        let Self {
            account, region, ..
        } = self;
        let time = self.clock.now().to_rfc3339_opts(SecondsFormat::Secs, true);
        json!({
            "version": "0", "id": ids::uuid(), "detail-type": "Scheduled Event", "source": "aws.events",
            "account": account, "time": time, "region": region,
            "resources": [format!("arn:aws:events:{region}:{account}:rule/{SCHEDULE}")], "detail": {},
        })
    }
}

/// The rule's next moment after `now`.
fn after(now: DateTime<Utc>) -> DateTime<Utc> {
    now.checked_add_signed(RATE)
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}
