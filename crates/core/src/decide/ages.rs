//! Criteria on times: the age of the push, and that of findings. An image's findings are as old as the
//! oldest on any platform.

use std::collections::HashMap;

use super::{
    counts::{self, Scans},
    exempt::Counting,
    judge::Found,
    platforms::{Gap, Gathered},
    words,
};
use crate::{
    Digest, Push, Time,
    decision::CriterionVerdict,
    evidence::{Finding, Known, Never, NotYet, Origin, Read, Sightings},
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
    (counted, operator, value): (Counted, NumberOperator, u64),
    scans: Scans<'_>,
    sightings: &HashMap<Digest, Known<Sightings>>,
    now: Time,
) -> Result<Found, Gap> {
    let (gathered, taken) = scans.gathered();
    let (counting, left_out) = scans.counting(&gathered);
    let Oldest { days, name, gap } = Oldest::of(counted, &gathered, &counting, sightings, now);
    let is_exceeded = operator.is_exceeded(days, value);
    let is_met = !is_exceeded && operator.holds(days, value);
    let doubt = || left_out.doubt().filter(|_| is_met && !operator.wants_few());
    let nothing = || (gathered.seen.is_empty() && taken.is_empty()).then(no_platform);
    let gap = gathered.gap().or(gap).or_else(nothing).or_else(doubt);
    if let Some(gap) = gap.filter(|_| !is_exceeded) {
        return Err(gap);
    }
    let first = gathered.seen.first().map(|(_, seen)| seen.origin);
    let found = Found {
        verdict: CriterionVerdict::of(is_met),
        seen: serde_json::json!(days),
        note: scans.exempt.note(&left_out),
        words: name.as_ref().map_or_else(
            || "0 days".to_owned(),
            |name| format!("{days} days: {name}"),
        ),
        culprits: words::named(name.into_iter().filter(|_| is_exceeded)),
        origin: first
            .map_or("scan: not supported", Origin::as_str)
            .to_owned(),
        at: gathered.seen.iter().map(|(_, seen)| seen.at).min(),
    };
    Ok(counts::noted(found, &taken))
}

fn no_platform() -> Gap {
    Gap::Never("it has no platform to judge".to_owned().into())
}

/// The oldest finding of a severity, of those whose first sighting is known.
#[derive(Default)]
struct Oldest {
    days: u64,
    name: Option<String>,
    /// Why it is not known of another.
    gap: Option<Gap>,
}

impl Oldest {
    fn of(
        counted: Counted,
        gathered: &Gathered<'_, Vec<Finding>>,
        counting: &[Counting<'_>],
        sightings: &HashMap<Digest, Known<Sightings>>,
        now: Time,
    ) -> Self {
        let mut oldest = Self::default();
        for ((platform, seen), findings) in gathered.seen.iter().zip(counting) {
            let place = gathered.place(platform);
            let here = Here::of(sightings.get(&platform.digest));
            for finding in findings.iter().filter(|it| counted.counts(it.severity)) {
                let name = || format!("{}{place}", counts::name(finding));
                match here.since(finding) {
                    Ok(since) => oldest.take(since, name, now),
                    Err(_) if oldest.gap.is_some() => {}
                    Err(Unsaid::NotAsked) => oldest.gap = Some(Gap::Unsighted),
                    Err(Unsaid::Never(why)) => {
                        let name = name();
                        let reason =
                            format!("the scanner does not say since when {name} is known, {why}");
                        let never = Never::read(words::one_line(&reason), seen.origin, seen.at);
                        oldest.gap = Some(Gap::Never(never));
                    }
                }
            }
        }
        oldest
    }

    fn take(&mut self, since: Time, name: impl Fn() -> String, now: Time) {
        let days = u64::try_from((now - since).num_days()).unwrap_or(0);
        if self.name.is_none() || days > self.days {
            self.days = days;
            self.name = Some(name());
        }
    }
}

/// Since when the findings of one platform are known here.
enum Here<'a> {
    NotAsked,
    Never(&'a str),
    Seen(HashMap<&'a str, Time>),
}

/// Why it is not known since when a finding is known.
enum Unsaid<'a> {
    NotAsked,
    Never(&'a str),
}

impl<'a> Here<'a> {
    fn of(known: Option<&'a Known<Sightings>>) -> Self {
        match known {
            None | Some(Known::NotAsked) => Self::NotAsked,
            Some(Known::NotYet(waiting)) => Self::Never(&waiting.reason),
            Some(Known::Never(never)) => Self::Never(&never.reason),
            Some(Known::Seen(seen)) => Self::Seen(seen.value.by_id()),
        }
    }

    /// By the scanner's word, else by the first sight here.
    fn since(&self, finding: &Finding) -> Result<Time, Unsaid<'a>> {
        match (finding.first_seen, self) {
            (Some(since), _) => Ok(since),
            (None, Self::NotAsked) => Err(Unsaid::NotAsked),
            (None, Self::Never(why)) => Err(Unsaid::Never(why)),
            (None, Self::Seen(by_id)) => by_id
                .get(finding.id.as_str())
                .copied()
                .ok_or(Unsaid::Never(NO_ROOM)),
        }
    }
}

/// Why a finding that was seen here has no age.
const NO_ROOM: &str = "and more findings of the image are known than are kept";
