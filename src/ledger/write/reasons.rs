//! What the reasons of a cancelled transaction say of its writes.

use aws_sdk_dynamodb::types::CancellationReason;

use crate::ledger::Item;

/// All writes were refused; where one alone was in the way, its place and the item that it may not replace.
pub(super) struct Refused(pub(super) Option<(usize, Item)>);

/// Why a transaction was cancelled: a reason for each write, in their order, "None" where nothing was wrong with it (Amazon
/// DynamoDB API reference, `TransactWriteItems`). `None` where others than conditions and conflicts did it.
pub(super) fn refused(reasons: &[CancellationReason]) -> Option<Refused> {
    let wrong = |(_, reason): &(usize, &CancellationReason)| {
        reason.code().is_some_and(|code| code != "None")
    };
    let wrong: Vec<_> = reasons.iter().enumerate().filter(wrong).collect();
    if let [(place, only)] = wrong.as_slice()
        && let Some(item) = only.item().filter(|item| !item.is_empty())
    {
        return Some(Refused(Some((*place, item.clone()))));
    }
    let is_refusal = |(_, reason): &(usize, &CancellationReason)| {
        let code = reason.code();
        matches!(code, Some("ConditionalCheckFailed" | "TransactionConflict"))
    };
    wrong.iter().any(is_refusal).then_some(Refused(None))
}
