//! A decision as people read it, the same in every command.

use std::io;

use anstyle::Style;
use ecr_promoter_core::decision::{CriterionVerdict, Decision, Judgement, Verdict};
use serde_json::Value;

use super::{GREEN, Page, Text, YELLOW};

impl<W: io::Write> Page<W> {
    /// What was decided, and why where it does not promote.
    pub(crate) fn decision(&mut self, decision: &Decision) -> io::Result<()> {
        let style = match decision.verdict {
            Verdict::Promote => GREEN,
            Verdict::Hold | Verdict::Await | Verdict::Skip => YELLOW,
        };
        let word = Text::styled(style.bold(), decision.verdict.as_str());
        self.row("decision", word)?;
        if decision.verdict == Verdict::Promote {
            return Ok(());
        }
        self.row("reason", decision.reason.as_str())
    }

    /// What became of one criterion: what was wanted, and what was seen.
    pub(crate) fn criterion(&mut self, judgement: &Judgement) -> io::Result<()> {
        let style = match judgement.verdict {
            CriterionVerdict::Met => GREEN,
            _ => YELLOW,
        };
        let word = word(judgement.verdict);
        let Judgement {
            attribute,
            operator,
            wanted,
            ..
        } = judgement;
        let text = format!(": {attribute} {operator} {wanted}{}", seen(judgement));
        self.row(
            "criterion",
            Text::styled(style, word).and(Style::new(), text),
        )
    }
}

/// What became of a criterion.
pub(crate) fn word(verdict: CriterionVerdict) -> &'static str {
    match verdict {
        CriterionVerdict::Met => "met",
        CriterionVerdict::Broken => "not met",
        CriterionVerdict::Await => "not known yet",
        CriterionVerdict::Unknown => "cannot be known",
    }
}

/// What was seen, after a comma; nothing where nothing was.
fn seen(judgement: &Judgement) -> String {
    let words = match &judgement.seen {
        Value::Null => return String::new(),
        Value::String(text) if judgement.attribute != "tag" => text.clone(),
        Value::Array(names) => {
            let names = names.iter().map(|name| name.as_str().unwrap_or_default());
            names.collect::<Vec<_>>().join(", ")
        }
        seen => seen.to_string(),
    };
    format!(", saw {words}{}", noted(judgement))
}

/// The note behind what was seen, with what stands between the two.
pub(crate) fn noted(judgement: &Judgement) -> String {
    match &judgement.note {
        // A place goes on in the same breath.
        Some(note) if note.starts_with("on ") => format!(" {note}"),
        Some(note) => format!("; {note}"),
        None => String::new(),
    }
}
