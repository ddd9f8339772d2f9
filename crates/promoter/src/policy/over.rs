//! What is valid and probably not meant: exceptions that are over, and ids that no scanner writes.

use ecr_promoter_core::{
    Time,
    path::Paths,
    policy::{Attribute, Condition, Criterion, Exception, IdForm},
};

use super::{files::Documents, validate};
use crate::page::words::printable;

/// A line for each of it in valid documents.
pub(crate) fn warnings(files: &[Documents], paths: Option<&Paths>, now: Time) -> Vec<String> {
    let checked = files.iter().flat_map(|file| validate::check(file, paths));
    let mut lines = Vec::new();
    for good in checked.flatten() {
        let policy = format!("{}: {}", good.place(), good.policy.key());
        let of_criteria = good.policy.criteria.iter().enumerate();
        lines.extend(of_criteria.flat_map(|(index, criterion)| {
            in_criterion(&format!("{policy}: criteria[{index}]"), criterion)
        }));
        let of_exceptions = good.policy.exceptions.iter().enumerate();
        lines.extend(of_exceptions.flat_map(|(index, exception)| {
            in_exception(&format!("{policy}: exceptions[{index}]"), exception, now)
        }));
    }
    lines
}

fn in_exception(place: &str, exception: &Exception, now: Time) -> Vec<String> {
    let (finding, until) = (&exception.finding, exception.until);
    let over = exception.is_over(now).then(|| {
        let finding = printable(finding);
        format!("{place}.until: {until} is over, so {finding} counts again")
    });
    over.into_iter()
        .chain(odd(&format!("{place}.finding"), finding))
        .collect()
}

fn in_criterion(place: &str, criterion: &Criterion) -> Vec<String> {
    match (&criterion.attribute, &criterion.condition) {
        (Attribute::Finding, Condition::Text(text)) if text.operator().is_whole() => {
            let ids = text.values().iter().enumerate();
            let lines = ids.filter_map(|(index, id)| {
                let at = if text.is_list() {
                    format!("{place}.value[{index}]")
                } else {
                    format!("{place}.value")
                };
                odd(&at, id)
            });
            lines.collect()
        }
        _ => Vec::new(),
    }
}

/// What is odd about an id.
fn odd(place: &str, id: &str) -> Option<String> {
    let written = printable(id);
    match IdForm::of(id) {
        IdForm::Usual => None,
        IdForm::Meant(meant) => {
            let meant = printable(&meant);
            Some(format!(
                "{place}: no scanner writes {written:?}: did you mean {meant:?}?"
            ))
        }
        IdForm::Odd => Some(format!(
            "{place}: no scanner writes {written:?}: ids are as in CVE-2021-44228 or GHSA-jfh8-c2jp-5v3q"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::files;

    #[test]
    fn what_is_valid_and_hardly_meant_is_told() {
        let document = r#"{"source": "dev/website", "name": "p", "target": {"repository": "qa/website"},
            "criteria": [
                {"attribute": "finding", "operator": "not_one_of", "value": ["CVE-2021-44228", "CVE2021-44228"]},
                {"attribute": "finding", "operator": "not_equals", "value": "log4shell"},
                {"attribute": "finding", "operator": "not_matches", "value": "cve-2021-.*"}],
            "exceptions": [
                {"finding": "CVE-1", "until": "2026-03-31", "reason": "r"},
                {"finding": "CVE-2", "until": "2026-03-30", "reason": "r"},
                {"finding": "cve-2021-1", "until": "2026-03-31", "reason": "r"},
                {"finding": "GHSA-JFH8-C2JP-5V3Q", "until": "2026-03-31", "reason": "r"},
                {"finding": "GHSA-jfh8-c2jp-5v3q", "until": "2026-03-31", "reason": "r"},
                {"finding": "ALAS2-2021-1", "until": "2026-03-31", "reason": "r"}]}"#;
        let file = files::documents("a.json".to_owned(), Ok(document.to_owned()), None);
        let now = "2026-03-31T23:59:59Z".parse().unwrap();
        let told = warnings(&[file], None, now);
        insta::assert_snapshot!(told.join("\n"), @r#"
        a.json: dev/website p: criteria[0].value[1]: no scanner writes "CVE2021-44228": did you mean "CVE-2021-44228"?
        a.json: dev/website p: criteria[1].value: no scanner writes "log4shell": ids are as in CVE-2021-44228 or GHSA-jfh8-c2jp-5v3q
        a.json: dev/website p: exceptions[1].until: 2026-03-30 is over, so CVE-2 counts again
        a.json: dev/website p: exceptions[2].finding: no scanner writes "cve-2021-1": did you mean "CVE-2021-1"?
        a.json: dev/website p: exceptions[3].finding: no scanner writes "GHSA-JFH8-C2JP-5V3Q": did you mean "GHSA-jfh8-c2jp-5v3q"?
        "#);
    }
}
