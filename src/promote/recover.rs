//! A claim that died after its tag: what stands is recorded and told before anything is judged
//! anew, since a policy that changed meanwhile must not make a promotion disappear.

use ecr_promoter_core::{
    Push,
    head::{Head, State},
    promotion::Claim,
};

use crate::{
    copy::Copied,
    failure::Failure,
    function::{Function, Invocation},
    ledger::{heads::HeadItem, judged::Judged, record::End},
    outcome::Ended,
};

impl Function {
    /// Finishes a dead claim whose tag stands; `None` where there is nothing to finish.
    pub(crate) async fn recover(
        &self,
        push: &Push,
        judged: &Judged,
        invocation: &Invocation,
    ) -> Result<Option<Ended>, Failure> {
        let under_way = judged.state.outcome.is_none();
        let Some(claim) = judged.state.claim.as_ref().filter(|_| under_way) else {
            return Ok(None);
        };
        let Some(sequence) = self.stood(push, claim).await? else {
            return Ok(None);
        };
        let mut decision = judged.decision.clone();
        decision.target = Some(claim.target.clone());
        let end = End::promoted(
            claim,
            &Copied::before_a_crash(),
            self.now(),
            sequence,
            false,
        );
        decision.reason.clone_from(&end.reason);
        let standing = Some(judged.clone());
        self.end(push, decision, standing, &end, invocation)
            .await
            .map(Some)
    }

    /// Whether a claim's own tag was written: the sequence of its head, which is settled.
    async fn stood(&self, push: &Push, claim: &Claim) -> Result<Option<u64>, Failure> {
        let item = self.ledger.head(&push.registry, &claim.target).await?;
        let own = |item: &HeadItem| item.head.claim == claim.id && item.head.digest == push.digest;
        let Some(item) = item.filter(own) else {
            return Ok(None);
        };
        let Head {
            state, sequence, ..
        } = item.head;
        let stands = match state {
            // It was seen to stand; where it stands now is a person's matter.
            State::Tagged => true,
            State::Raised | State::InDoubt => {
                self.stands_on(&claim.target).await?.as_ref() == Some(&push.digest)
            }
            State::Reserved | State::Refused => false,
        };
        if stands {
            self.ledger
                .settle(&push.registry, &claim.target, item, State::Tagged)
                .await?;
        }
        Ok(stands.then_some(sequence))
    }
}
