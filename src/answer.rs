//! What a direct invocation is answered: the decisions, the policies with a mistake, and when it is
//! worth asking again. Never more than Lambda takes: the answer says what it leaves out.

use ecr_promoter_core::{Time, decision::Decision};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{outcome::Outcomes, policies::BadPolicy};

/// The most bytes of JSON that are answered; Lambda takes 6 MB (AWS Lambda developer guide, "Lambda
/// quotas").
const ANSWER_BYTES_MAX: usize = 5 * 1024 * 1024;
/// The most bytes of it for the policies with a mistake.
const INVALID_BYTES_MAX: usize = 1024 * 1024;

/// The answer to what became of an occasion.
pub(crate) fn of(outcomes: &Outcomes) -> Value {
    let mut left_out = LeftOut {
        decisions: outcomes.decisions_left_out,
        ..LeftOut::default()
    };
    let mut room = ANSWER_BYTES_MAX;
    let invalid = within(
        outcomes.invalid.iter().map(invalid),
        &mut INVALID_BYTES_MAX.min(room),
        &mut left_out.invalid,
    );
    room -= invalid.iter().map(length).sum::<usize>().min(room);
    let decisions = decisions(&outcomes.decisions, room, &mut left_out);
    let (next_look_at, waits_for) = outcomes.next_look().unzip();
    json!(Answer {
        decisions,
        invalid,
        waits_for,
        next_look_at,
        left_out: Some(left_out).filter(|left_out| *left_out != LeftOut::default()),
    })
}

#[derive(Serialize)]
struct Answer {
    decisions: Vec<Value>,
    invalid: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waits_for: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_look_at: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<LeftOut>,
}

/// How much of each kind the answer lacks, since it would be larger than Lambda takes: a caller that wants
/// to see it asks for a tag, or reads the records.
#[derive(Default, PartialEq, Eq, Serialize)]
struct LeftOut {
    /// Decisions whose criteria are left out.
    criteria_of: usize,
    decisions: usize,
    invalid: usize,
}

/// Whole decisions as long as all of them fit without their criteria, then those without.
fn decisions(all: &[Decision], room: usize, left_out: &mut LeftOut) -> Vec<Value> {
    let short = |decision: &Decision| {
        let criteria = Vec::new();
        json!(Decision {
            criteria,
            ..decision.clone()
        })
    };
    let shorts: Vec<Value> = all.iter().map(short).collect();
    let mut spare = room.saturating_sub(shorts.iter().map(length).sum());
    let mut chosen = Vec::with_capacity(all.len());
    for (decision, short) in all.iter().zip(shorts) {
        let whole = json!(decision);
        let more = length(&whole).saturating_sub(length(&short));
        if more <= spare {
            spare -= more;
            chosen.push(whole);
        } else {
            left_out.criteria_of += 1;
            chosen.push(short);
        }
    }
    let mut room = room;
    within(chosen.into_iter(), &mut room, &mut left_out.decisions)
}

/// As many as fit.
fn within(
    values: impl Iterator<Item = Value>,
    room: &mut usize,
    left_out: &mut usize,
) -> Vec<Value> {
    let fits = |value: &Value| {
        let fits = length(value) <= *room;
        if fits {
            *room -= length(value);
        } else {
            *left_out += 1;
        }
        fits
    };
    values.filter(fits).collect()
}

fn invalid(bad: &BadPolicy) -> Value {
    let errors = bad.errors.iter();
    let errors = errors.map(|error| json!({"place": error.place, "message": error.message}));
    json!({"policy": bad.policy, "errors": errors.collect::<Vec<_>>()})
}

/// The bytes of a value in the answer, with its comma.
fn length(value: &Value) -> usize {
    value.to_string().len() + 1
}

#[cfg(test)]
mod tests {
    use ecr_promoter_core::{
        decision::{CriterionVerdict, Judgement, Verdict},
        policy::PolicyKey,
    };

    use super::*;

    fn decision(criteria: usize, seen: usize) -> Decision {
        let judgement = Judgement {
            attribute: "component".to_owned(),
            operator: "not_one_of".to_owned(),
            wanted: json!(["log4j-core"]),
            seen: json!("x".repeat(seen)),
            note: None,
            verdict: CriterionVerdict::Broken,
            culprits: Vec::new(),
            origin: None,
            at: None,
        };
        Decision {
            policy: PolicyKey {
                source: "dev/website".to_owned(),
                name: "stable".to_owned(),
            },
            verdict: Verdict::Hold,
            outcome: None,
            error: None,
            reason: "broken".to_owned(),
            dry_run: false,
            target: None,
            criteria: vec![judgement; criteria],
            next_look_at: None,
            nearest_pass: None,
        }
    }

    #[test]
    fn an_answer_over_six_megabytes_was_lost_as_a_whole() {
        for (case, decisions, shortened, cut) in [
            ("small", vec![decision(1, 10); 2], false, false),
            (
                "200 policies of 50 criteria",
                vec![decision(50, 1_000); 200],
                true,
                false,
            ),
            (
                "too many of them",
                vec![decision(0, 0); 100_000],
                false,
                true,
            ),
        ] {
            let count = decisions.len();
            let answer = of(&Outcomes {
                decisions,
                ..Outcomes::default()
            });
            assert!(answer.to_string().len() < 6_000_000, "{case}");
            let told = answer["decisions"].as_array().unwrap().len();
            let left_out = |what: &str| {
                let count = answer["left_out"][what].as_u64().unwrap_or(0);
                usize::try_from(count).unwrap()
            };
            assert_eq!(told + left_out("decisions"), count, "{case}");
            assert_eq!(left_out("decisions") > 0, cut, "{case}");
            assert_eq!(left_out("criteria_of") > 0, shortened, "{case}");
        }
    }
}
