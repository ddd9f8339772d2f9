//! Exceptions that leave nothing out: valid, and worth a word.

use ecr_promoter_core::{Time, path::Paths};

use super::{files::Documents, validate};
use crate::page::words::printable;

/// A line for each of them in valid documents.
pub(crate) fn exceptions(files: &[Documents], paths: Option<&Paths>, now: Time) -> Vec<String> {
    let mut lines = Vec::new();
    for good in files
        .iter()
        .flat_map(|file| validate::check(file, paths))
        .flatten()
    {
        let numbered = good.policy.exceptions.iter().enumerate();
        for (index, exception) in numbered {
            let place = format!(
                "{}: {}: exceptions[{index}]",
                good.place(),
                good.policy.key()
            );
            let (finding, until) = (printable(&exception.finding), exception.until);
            if exception.is_over(now) {
                lines.push(format!(
                    "{place}.until: {until} is over, so {finding} counts again"
                ));
            }
            if let Some(meant) = exception.meant() {
                let meant = printable(&meant);
                lines.push(format!(
                    "{place}.finding: no scanner writes {finding:?}: did you mean {meant:?}?"
                ));
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::files;

    #[test]
    fn exceptions_that_leave_nothing_out_are_warnings() {
        let document = r#"{"source": "dev/website", "name": "p", "target": {"repository": "qa/website"},
            "exceptions": [
                {"finding": "CVE-1", "until": "2026-03-31", "reason": "r"},
                {"finding": "CVE-2", "until": "2026-03-30", "reason": "r"},
                {"finding": "cve-2021-1", "until": "2026-03-31", "reason": "r"},
                {"finding": "GHSA-JFH8-C2JP-5V3Q", "until": "2026-03-31", "reason": "r"},
                {"finding": "GHSA-jfh8-c2jp-5v3q", "until": "2026-03-31", "reason": "r"},
                {"finding": "ALAS2-2021-1", "until": "2026-03-31", "reason": "r"}]}"#;
        let file = files::documents("a.json".to_owned(), Ok(document.to_owned()), None);
        let now = "2026-03-31T23:59:59Z".parse().unwrap();
        let told = exceptions(&[file], None, now);
        insta::assert_snapshot!(told.join("\n"), @r#"
        a.json: dev/website p: exceptions[1].until: 2026-03-30 is over, so CVE-2 counts again
        a.json: dev/website p: exceptions[2].finding: no scanner writes "cve-2021-1": did you mean "CVE-2021-1"?
        a.json: dev/website p: exceptions[3].finding: no scanner writes "GHSA-JFH8-C2JP-5V3Q": did you mean "GHSA-jfh8-c2jp-5v3q"?
        "#);
    }
}
