use super::*;

#[test]
fn verdicts_are_told_in_the_words_that_they_are_written_in() {
    for (verdict, word) in [
        (Verdict::Promote, "promote"),
        (Verdict::Hold, "hold"),
        (Verdict::Await, "await"),
        (Verdict::Skip, "skip"),
    ] {
        assert_eq!(verdict.as_str(), word);
        assert_eq!(verdict.to_string(), word);
        assert_eq!(serde_json::json!(verdict), word);
    }
}

#[test]
fn culprits_have_ids() {
    for (attribute, culprits, ids) in [
        (
            "vulnerabilities.critical",
            vec![
                "CVE-2026-0001 CRITICAL openssl 3.0.13 (fixed in 3.0.14) on linux/arm64",
                "CVE-2026-0001 CRITICAL libssl 3.0.13",
            ],
            vec!["CVE-2026-0001"],
        ),
        (
            "component",
            vec!["org.apache.logging.log4j:log4j-core 2.14.1"],
            vec!["org.apache.logging.log4j:log4j-core"],
        ),
        (
            "license",
            vec![
                "AGPL-3.0-only in mongo 1.0",
                "Acme Commercial License in tool 2",
                "left-pad 1.0: license unknown: \"?\"",
            ],
            vec!["AGPL-3.0-only", "Acme Commercial License", "left-pad 1.0"],
        ),
    ] {
        let judgement = Judgement {
            attribute: attribute.to_owned(),
            operator: "=".to_owned(),
            wanted: serde_json::Value::Null,
            seen: serde_json::Value::Null,
            note: None,
            verdict: CriterionVerdict::Broken,
            culprits: culprits.into_iter().map(str::to_owned).collect(),
            origin: None,
            at: None,
        };
        assert_eq!(judgement.culprit_ids(), ids, "{attribute}");
    }
}

#[test]
fn times_have_microseconds_at_most() {
    let time = |text: &str| text.parse::<Time>().unwrap();
    for (given, told, awaited) in [
        (
            "2026-03-07T09:05:03Z",
            "2026-03-07T09:05:03Z",
            "2026-03-07T09:05:03Z",
        ),
        (
            "2026-03-07T09:05:03.000042Z",
            "2026-03-07T09:05:03.000042Z",
            "2026-03-07T09:05:03.000042Z",
        ),
        (
            "2026-03-07T09:05:03.999999999Z",
            "2026-03-07T09:05:03.999999Z",
            "2026-03-07T09:05:04Z",
        ),
        (
            "1969-12-31T23:59:59.000000001Z",
            "1969-12-31T23:59:59Z",
            "1969-12-31T23:59:59.000001Z",
        ),
    ] {
        assert_eq!(microseconds(time(given)), time(told), "{given}");
        assert_eq!(microseconds_from(time(given)), time(awaited), "{given}");
    }
    let last = microseconds(Time::MAX_UTC);
    assert_eq!(microseconds_from(Time::MAX_UTC), last);
}
