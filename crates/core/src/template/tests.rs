mod refused;

use proptest::prelude::*;

use super::*;

/// Every mistake of a template.
fn all(mistakes: &[TemplateError]) -> String {
    let mistakes: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
    mistakes.join("; ")
}

fn time(text: &str) -> Time {
    text.parse().unwrap()
}

const DIGEST: &str = "sha256:0f3c8e1a55aa77bb99cc00dd11ee22ff0f3c8e1a55aa77bb99cc00dd11ee22ff";

/// Renders for `source:1.4-dev` at a time.
fn tag(template: &str, source: &str, rest: Option<&str>, at: &str) -> Result<String, String> {
    let template = TagTemplate::parse(template).map_err(|mistakes| all(&mistakes))?;
    let context = Context {
        repository: &Repository::parse(source).unwrap(),
        tag: &Tag::parse("1.4-dev").unwrap(),
        digest: &Digest::parse(DIGEST).unwrap(),
        rest,
        time: time(at),
    };
    let tag = template.render(&context).map_err(|error| error.to_string());
    tag.map(|tag| tag.to_string())
}

#[test]
fn every_keyword_means_what_strftime_means() {
    const KEYWORDS: &str = "AawdbBmYyHIpMSfZjW";
    // As C's strftime in the C locale writes them.
    for (at, expected) in [
        (
            "2019-03-07T09:05:03.000042Z",
            "Thursday Thu 4 07 Mar March 03 2019 19 09 09 AM 05 03 000042 UTC 066 09",
        ),
        (
            "2019-01-06T00:00:00Z",
            "Sunday Sun 0 06 Jan January 01 2019 19 00 12 AM 00 00 000000 UTC 006 00",
        ),
        (
            "2019-01-07T12:00:59.999999Z",
            "Monday Mon 1 07 Jan January 01 2019 19 12 12 PM 00 59 999999 UTC 007 01",
        ),
        (
            "2016-12-31T23:59:59.123456Z",
            "Saturday Sat 6 31 Dec December 12 2016 16 23 11 PM 59 59 123456 UTC 366 52",
        ),
        (
            "2018-12-31T13:07:09Z",
            "Monday Mon 1 31 Dec December 12 2018 18 13 01 PM 07 09 000000 UTC 365 53",
        ),
        (
            "2017-01-01T11:59:00Z",
            "Sunday Sun 0 01 Jan January 01 2017 17 11 11 AM 59 00 000000 UTC 001 00",
        ),
    ] {
        assert_eq!(KEYWORDS.len(), expected.split(' ').count());
        for (keyword, word) in KEYWORDS.chars().zip(expected.split(' ')) {
            let template = format!("%{keyword}");
            assert_eq!(
                tag(&template, "dev/web", None, at),
                Ok(word.to_owned()),
                "{template} at {at}"
            );
        }
    }
    assert_eq!(
        KEYWORDS.len() + 1,
        Keyword::ALL.len(),
        "%n is not of the time"
    );
}

#[test]
fn templates_render() {
    let at = "2019-03-07T09:05:03.000042Z";
    for (template, source, rest, expected) in [
        ("%n", "dev/web", None, "1.4-dev"),
        ("%Y%m%d-%H%M%S", "dev/web", None, "20190307-090503"),
        ("v%n-{digest}", "dev/web", None, "v1.4-dev-0f3c8e1a55aa"),
        ("{name}_%n", "dev/team/web", None, "web_1.4-dev"),
        ("{namespace}-%j", "dev/web", None, "dev-066"),
        ("x{namespace}x", "web", None, "xx"),
        ("{rest}.%f", "dev/web", Some("web"), "web.000042"),
        ("{repository}", "web", None, "web"),
        ("stable", "dev/web", None, "stable"),
    ] {
        assert_eq!(
            tag(template, source, rest, at).as_deref(),
            Ok(expected),
            "{template}"
        );
    }
}

#[test]
fn a_leap_second_and_odd_years_do_no_harm() {
    let leap = chrono::NaiveDate::from_ymd_opt(2016, 12, 31)
        .and_then(|day| day.and_hms_micro_opt(23, 59, 59, 1_250_000))
        .unwrap()
        .and_utc();
    assert_eq!(Keyword::Microsecond.render("", leap), "250000");
    assert_eq!(Keyword::Second.render("", leap), "59");
    for time in [Time::MIN_UTC, Time::MAX_UTC] {
        for keyword in Keyword::ALL {
            assert!(!keyword.render("x", time).is_empty(), "{keyword}");
        }
    }
}

#[test]
fn a_repository_renders() {
    for (template, source, expected) in [
        ("qa/website", "dev/web", Some("qa/website")),
        ("qa/{rest}", "dev/a/b", Some("qa/a/b")),
        ("{namespace}/qa/{name}", "dev/a/b", Some("dev/a/qa/b")),
        ("{namespace}/qa", "web", None),
        ("mirror/{repository}", "dev/web", Some("mirror/dev/web")),
        (
            "by-digest/{digest}",
            "dev/web",
            Some("by-digest/0f3c8e1a55aa"),
        ),
    ] {
        let source = Repository::parse(source).unwrap();
        let context = Context {
            repository: &source,
            tag: &Tag::parse("1").unwrap(),
            digest: &Digest::parse(DIGEST).unwrap(),
            rest: source.as_str().strip_prefix("dev/"),
            time: time("2019-03-07T09:05:03Z"),
        };
        let rendered = RepositoryTemplate::parse(template)
            .unwrap()
            .render(&context);
        let rendered = rendered.ok().map(|repository| repository.to_string());
        assert_eq!(rendered.as_deref(), expected, "{template}");
    }
}

#[test]
fn a_template_knows_whether_two_pushes_of_a_second_could_meet() {
    for (template, uses_time, collides) in [
        ("%n", false, false),
        ("stable-{digest}", false, false),
        ("%n%Z", false, false),
        ("%Y%m%d", true, false),
        ("%Y%m%d-%H%M%S", true, true),
        ("%f", true, true),
        ("%n-%S", true, false),
        ("%S-{digest}", true, false),
    ] {
        let template = TagTemplate::parse(template).unwrap();
        assert_eq!(template.uses_time(), uses_time, "{template}");
        assert_eq!(template.collides_within_a_second(), collides, "{template}");
    }
}

proptest! {
    #[test]
    fn no_template_panics_and_what_renders_is_a_name(
        text in "([%{}a-zA-Z0-9/._-]|%[a-zA-Z%]|\\{(rest|name|namespace|repository|digest)\\}|\\PC){0,20}",
        seconds in -60_000_000_000i64..260_000_000_000,
        nanoseconds in 0u32..1_000_000_000,
    ) {
        let context = Context {
            repository: &Repository::parse("dev/web").unwrap(),
            tag: &Tag::parse("1.4").unwrap(),
            digest: &Digest::parse(DIGEST).unwrap(),
            rest: Some("web"),
            time: chrono::DateTime::from_timestamp(seconds, nanoseconds).unwrap(),
        };
        if let Ok(template) = TagTemplate::parse(&text) {
            prop_assert_eq!(template.as_str(), &text);
            if let Ok(tag) = template.render(&context) {
                prop_assert!(Tag::parse(tag.as_str()).is_ok());
            }
        }
        if let Ok(template) = RepositoryTemplate::parse(&text)
            && let Ok(repository) = template.render(&context) {
            prop_assert!(Repository::parse(repository.as_str()).is_ok());
        }
    }
}
