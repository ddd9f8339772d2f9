//! The end of a policy on a push: its record, and then what others are told of it.

use ecr_promoter_core::{Push, decision::Decision};

use crate::{
    announce,
    failure::Failure,
    function::{Function, Invocation},
    ledger::{judged::Judged, record::End, records::overtaken},
    outcome::Ended,
};

impl Function {
    /// Records how a policy on a push ended, and tells others.
    pub(crate) async fn end(
        &self,
        push: &Push,
        decision: Decision,
        standing: Option<Judged>,
        end: &End,
        invocation: &Invocation,
    ) -> Result<Ended, Failure> {
        let request_id = &invocation.request_id;
        let now = self.now();
        let written = self
            .ledger
            .record(push, &decision, standing, end, request_id, now)
            .await?;
        let judged = written.ok_or_else(|| overtaken(&push.image()))?;
        self.announce(push, judged).await?;
        Ok(Ended::Decided(decision))
    }

    /// Tells others what was not told yet. A refusal leaves the outcome as it is, and the delivery
    /// comes back to tell it.
    pub(crate) async fn announce(&self, push: &Push, judged: Judged) -> Result<(), Failure> {
        let Some(announcement) = judged.untold() else {
            return Ok(());
        };
        let bus = &self.config.event_bus;
        announce::send(&self.aws, bus, push, &judged.decision, announcement).await?;
        self.ledger.told(push, judged).await;
        Ok(())
    }
}
