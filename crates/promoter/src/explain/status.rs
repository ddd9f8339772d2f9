//! How a case stands, in one word and for a script, and what can be done next.

use std::process::ExitCode;

use ecr_promoter::{
    explain::{Came, CaseState, ExplainedCase, ExplainedPush, TargetNow},
    ledger::cases::Waits,
};
use ecr_promoter_core::{
    Push, Time,
    decision::{CriterionVerdict, Judgement, Outcome, Verdict},
};
use serde::Serialize;

use crate::when::until;

/// The exit status where the image is not promoted.
const NOT_PROMOTED: u8 = 1;
/// The exit status where it may still be.
const WAITING: u8 = 3;

/// How an image, or a case of it, stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// It was promoted.
    Promoted,
    /// The function looks at it again by itself.
    Waiting,
    /// It was not promoted, and nothing looks at it again by itself.
    NotPromoted,
    /// The policy does not mean this tag.
    NoCase,
}

impl Status {
    /// For a script.
    pub(crate) fn exit(self) -> ExitCode {
        match self {
            Self::Promoted => ExitCode::SUCCESS,
            Self::Waiting => WAITING.into(),
            Self::NotPromoted | Self::NoCase => NOT_PROMOTED.into(),
        }
    }

    /// That of a case.
    pub(crate) fn of(case: &ExplainedCase) -> Self {
        let now = &case.now;
        match (now.outcome, now.verdict, case.state) {
            (_, _, CaseState::NoCase) => Self::NoCase,
            (Some(Outcome::Promoted), ..) => Self::Promoted,
            (Some(Outcome::Awaiting), ..) | (_, Verdict::Await, _) | (_, _, CaseState::Open) => {
                Self::Waiting
            }
            (None, Verdict::Promote, CaseState::New) if !now.dry_run => Self::Waiting,
            _ => Self::NotPromoted,
        }
    }

    /// That of all pushes together: what is not promoted counts before what waits.
    pub(crate) fn of_all(pushes: &[ExplainedPush]) -> Self {
        let cases = pushes.iter().flat_map(|push| &push.policies).map(Self::of);
        let cases: Vec<Self> = cases.filter(|status| *status != Self::NoCase).collect();
        for status in [Self::NotPromoted, Self::Waiting, Self::Promoted] {
            if cases.contains(&status) {
                return status;
            }
        }
        // What came by promotion need not go further.
        let came = pushes.iter().any(|push| push.origin.came == Came::Promoted);
        if came { Self::Promoted } else { Self::NoCase }
    }
}

/// The word for how a case stands.
pub(crate) fn word(case: &ExplainedCase) -> &'static str {
    let now = &case.now;
    match Status::of(case) {
        Status::Promoted => "promoted",
        Status::Waiting => "waiting",
        Status::NoCase => "not for this tag",
        Status::NotPromoted => match (now.outcome, now.verdict) {
            (Some(Outcome::Failed), _) => "failed",
            (_, Verdict::Hold) => "held",
            (_, Verdict::Promote) if now.dry_run => "dry run",
            (_, Verdict::Promote) => "not promoted yet",
            _ => "skipped",
        },
    }
}

/// What can be done next, or what happens by itself.
pub(crate) fn next(case: &ExplainedCase, push: &Push, at: Time) -> String {
    let now = &case.now;
    let image = format!("{}:{}", push.repository, push.tag);
    match Status::of(case) {
        Status::Promoted => promoted(case, push),
        Status::Waiting => waiting(case, &image, at),
        Status::NoCase => {
            "push it under a tag that the policy means, if it is to be promoted".to_owned()
        }
        Status::NotPromoted if now.outcome == Some(Outcome::Failed) => {
            format!("mend what failed, then run: promoter retry {image}")
        }
        Status::NotPromoted => match now.verdict {
            Verdict::Hold => held(case),
            Verdict::Promote if now.dry_run => {
                "take \"dry_run\" out of the policy, if it is to promote".to_owned()
            }
            Verdict::Promote => format!("it would be promoted now; run: promoter retry {image}"),
            Verdict::Skip if now.reason.starts_with("respected") => {
                format!("to promote it once more, run: promoter retry {image} --again")
            }
            Verdict::Skip | Verdict::Await => "nothing: the reason stands".to_owned(),
        },
    }
}

fn promoted(case: &ExplainedCase, push: &Push) -> String {
    match &case.target {
        TargetNow::Seen { on: Some(on), .. } if *on == push.digest => {
            "nothing: it is there".to_owned()
        }
        TargetNow::Seen { on, head, .. } => {
            let newer = head.as_ref().and_then(|head| head.stood.as_ref());
            match (newer, on) {
                (Some(stood), Some(on)) if stood.digest == *on => {
                    "nothing: a newer push was promoted there since".to_owned()
                }
                (_, Some(_)) => "somebody moved the tag since; that is respected".to_owned(),
                (_, None) => "somebody deleted the tag since; that is respected".to_owned(),
            }
        }
        TargetNow::NoRepository { .. } => "the target repository is gone".to_owned(),
        TargetNow::None | TargetNow::Unseen(_) => "nothing".to_owned(),
    }
}

fn waiting(case: &ExplainedCase, image: &str, at: Time) -> String {
    let open = case.last.as_ref().and_then(|last| last.open.as_ref());
    match (open, case.state) {
        (Some(open), _) if open.waits == Waits::Mending => format!(
            "mend what failed; it is tried again {}",
            until(open.due, at)
        ),
        (Some(open), _) => format!("wait: it is looked at again {}", until(open.due, at)),
        (None, CaseState::New) => format!(
            "wait a minute for its event; if nothing comes of it, run: promoter retry {image}"
        ),
        (None, _) => match case.now.next_look_at {
            Some(due) => format!(
                "it can be known {}; then run: promoter retry {image}",
                until(due, at)
            ),
            None => format!("run: promoter retry {image}"),
        },
    }
}

fn held(case: &ExplainedCase) -> String {
    let pass = case.now.nearest_pass.as_ref();
    let is_label = |it: &Judgement| {
        it.attribute.starts_with("label.") && it.verdict == CriterionVerdict::Broken
    };
    if case.now.criteria.iter().any(is_label) {
        return "build the image with the labels that the policy asks for".to_owned();
    }
    match pass {
        Some(pass) if pass.possible && !pass.changes.is_empty() => {
            "push an image with the changes named under \"nearest\"".to_owned()
        }
        Some(pass) if pass.possible => "ask for it to be judged again by promoter retry".to_owned(),
        Some(_) => "nothing that a push changes would do; ask the owner of the policy".to_owned(),
        None => "ask the owner of the policy".to_owned(),
    }
}
