//! Exceptions whose last day is over: valid, and worth a word.

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
        for (index, exception) in numbered.filter(|(_, exception)| exception.is_over(now)) {
            let (finding, until) = (printable(&exception.finding), exception.until);
            lines.push(format!(
                "{}: {}: exceptions[{index}].until: {until} is over, so {finding} counts again",
                good.place,
                good.policy.key()
            ));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::files;

    #[test]
    fn an_expired_exception_is_a_warning() {
        let document = r#"{"source": "dev/website", "name": "p", "target": {"repository": "qa/website"},
            "exceptions": [
                {"finding": "CVE-1", "until": "2026-03-31", "reason": "r"},
                {"finding": "CVE-2", "until": "2026-03-30", "reason": "r"}]}"#;
        let file = files::documents("a.json".to_owned(), Ok(document.to_owned()), None);
        let now = "2026-03-31T23:59:59Z".parse().unwrap();
        let told = exceptions(&[file], None, now);
        insta::assert_snapshot!(told.join("\n"), @"a.json: dev/website p: exceptions[1].until: 2026-03-30 is over, so CVE-2 counts again");
    }
}
