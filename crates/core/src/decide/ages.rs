//! Criteria on times: the age of the push, and that of findings. An image's findings are as old as the
//! oldest on any platform.

use super::{
    counts::{self, Scans},
    judge::Found,
    platforms::Gap,
    words,
};
use crate::{
    Push, Time,
    decision::CriterionVerdict,
    evidence::{Finding, Never, NotYet, Origin, Read},
    policy::{Counted, NumberOperator, Span},
};

/// Judges the time since the push. What is not old enough yet is awaited, with its time.
pub(super) fn of_push(
    operator: NumberOperator,
    span: Span,
    push: &Push,
    now: Time,
) -> Result<Found, Gap> {
    use NumberOperator::{Greater, GreaterOrEqual};
    let age = (now - push.order_time).max(chrono::TimeDelta::zero());
    let seen = spelled(age);
    let words = format!("pushed {seen} ago");
    let holds = match operator {
        Greater => age > span.time(),
        GreaterOrEqual => age >= span.time(),
        NumberOperator::Less => age < span.time(),
        // Validation lets no other operator through.
        _ => age <= span.time(),
    };
    if !holds && matches!(operator, Greater | GreaterOrEqual) {
        let at = push.order_time.checked_add_signed(span.time());
        let strictly = chrono::TimeDelta::seconds(i64::from(operator == Greater));
        return Err(Gap::NotYet(NotYet {
            reason: words,
            look_at: at.and_then(|at| at.checked_add_signed(strictly)),
            read: Read::of(Origin::Registry, push.order_time),
        }));
    }
    Ok(Found {
        verdict: CriterionVerdict::of(holds),
        seen: serde_json::json!(seen),
        note: None,
        words,
        culprits: Vec::new(),
        origin: Origin::Registry.to_string(),
        at: Some(push.order_time),
    })
}

/// `3d 4h`, in whole minutes at least.
fn spelled(age: chrono::TimeDelta) -> String {
    let (days, hours, minutes) = (age.num_days(), age.num_hours() % 24, age.num_minutes() % 60);
    match (days, hours) {
        (0, 0) => format!("{minutes}m"),
        (0, hours) => format!("{hours}h {minutes}m"),
        (days, hours) => format!("{days}d {hours}h"),
    }
}

/// Judges the greatest age of the findings of a severity, in whole days; without one it is 0.
pub(super) fn of_findings(
    counted: Counted,
    (operator, value): (NumberOperator, u64),
    scans: Scans<'_>,
    now: Time,
) -> Result<Found, Gap> {
    let (gathered, taken) = scans.gathered();
    let (counting, left_out) = scans.counting(&gathered);
    let mut oldest: Option<(u64, String)> = None;
    let mut unknown = None;
    for ((platform, seen), findings) in gathered.seen.iter().zip(&counting) {
        let place = gathered.place(platform);
        for finding in findings.iter().filter(|it| counted.counts(it.severity)) {
            match days(finding, now) {
                Some(days) if oldest.as_ref().is_none_or(|(most, _)| days > *most) => {
                    oldest = Some((days, format!("{}{place}", counts::name(finding))));
                }
                Some(_) => {}
                None => {
                    let name = counts::name(finding);
                    let reason =
                        format!("the scanner does not say since when {name}{place} is known");
                    let reason = words::one_line(&reason);
                    unknown.get_or_insert(Never::read(reason, seen.origin, seen.at));
                }
            }
        }
    }
    let (most, name) = oldest.unwrap_or_default();
    let is_exceeded = operator.is_exceeded(most, value);
    if !is_exceeded {
        if let Some(gap) = gathered.gap() {
            return Err(gap);
        }
        if let Some(never) = unknown {
            return Err(Gap::Never(never));
        }
        if gathered.seen.is_empty() && taken.is_empty() {
            return Err(Gap::Never("it has no platform to judge".to_owned().into()));
        }
    }
    let is_met = !is_exceeded && operator.holds(most, value);
    if is_met
        && !operator.wants_few()
        && let Some(doubt) = left_out.doubt()
    {
        return Err(doubt);
    }
    let first = gathered.seen.first();
    let found = Found {
        verdict: CriterionVerdict::of(is_met),
        seen: serde_json::json!(most),
        note: scans.exempt.note(&left_out),
        words: if name.is_empty() {
            "0 days".to_owned()
        } else {
            format!("{most} days: {name}")
        },
        culprits: if is_exceeded {
            words::named(std::iter::once(name))
        } else {
            Vec::new()
        },
        origin: first.map_or_else(
            || "scan: not supported".to_owned(),
            |(_, seen)| seen.origin.to_string(),
        ),
        at: gathered.seen.iter().map(|(_, seen)| seen.at).min(),
    };
    Ok(counts::noted(found, &taken))
}

fn days(finding: &Finding, now: Time) -> Option<u64> {
    let since = finding.first_seen?;
    Some(u64::try_from((now - since).num_days()).unwrap_or(0))
}
