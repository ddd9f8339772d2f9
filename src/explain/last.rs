//! The last decision of a case that is written down, and when it was.

use ecr_promoter_core::{Time, decision::Decision};

use crate::{
    failure::Failure,
    ledger::{
        Ledger,
        cases::{Open, Standing},
        history,
        record::Record,
    },
};

/// A case's last decision.
#[derive(Debug, Clone)]
pub struct Last {
    /// The decision, with what became of it.
    pub decision: Decision,
    /// When that was recorded; `None` where the record is gone.
    pub at: Option<Time>,
    /// The record's id.
    pub record: Option<String>,
    /// By this the log lines are found.
    pub request_id: Option<String>,
    /// What the case is open for, and when it is looked at next.
    pub open: Option<Open>,
}

/// The last decisions of cases, each in its place.
pub(super) async fn of(
    ledger: &Ledger,
    standing: &[Option<Standing>],
) -> Result<Vec<Option<Last>>, Failure> {
    let recorded = |standing: &Standing| Some(standing.body.recorded.as_ref()?.id.clone());
    let ids = standing.iter().flatten().filter_map(recorded);
    let ids: Vec<String> = ids.collect();
    let records = if ids.is_empty() {
        Vec::new()
    } else {
        history::records(ledger, &ids).await?
    };
    let lasts = standing.iter().map(|standing| {
        let standing = standing.as_ref()?;
        let id = recorded(standing);
        let record = records
            .iter()
            .find(|record| Some(&record.id) == id.as_ref());
        Some(last(standing, id, record))
    });
    Ok(lasts.collect())
}

fn last(standing: &Standing, id: Option<String>, record: Option<&Record>) -> Last {
    let body = &standing.body;
    // The record has more of the same decision; the case may have decided again since.
    let same = record.filter(|record| record.decision.reason == body.decision.reason);
    Last {
        decision: same.map_or_else(|| body.decision.clone(), |record| record.decision.clone()),
        at: record.map(|record| record.at),
        record: id,
        request_id: record.map(|record| record.request_id.clone()),
        open: body.open.clone(),
    }
}
