use super::*;

/// A text, and the registry, repository, tag and presence of a digest that it says.
type Case = (
    String,
    Option<&'static str>,
    &'static str,
    Option<&'static str>,
    bool,
);

fn cases() -> Vec<Case> {
    let digest = Digest::from_sha256([1; 32]);
    let by_digest = format!("dev/website@{digest}");
    let by_both = format!("dev/website:1.4@{digest}");
    let host = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";
    let there = Some("123456789012/eu-central-1");
    vec![
        (
            "dev/website".to_owned(),
            None,
            "dev/website",
            Some("latest"),
            false,
        ),
        (
            "website:1.4".to_owned(),
            None,
            "website",
            Some("1.4"),
            false,
        ),
        (by_digest.clone(), None, "dev/website", None, true),
        (by_both.clone(), None, "dev/website", Some("1.4"), true),
        (
            format!("{host}/dev/website:1"),
            there,
            "dev/website",
            Some("1"),
            false,
        ),
        (
            format!("docker://{host}/{by_both}"),
            there,
            "dev/website",
            Some("1.4"),
            true,
        ),
        (
            format!("https://{host}/dev/website"),
            there,
            "dev/website",
            Some("latest"),
            false,
        ),
        (
            "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/a1:1".to_owned(),
            Some("123456789012/cn-north-1"),
            "a1",
            Some("1"),
            false,
        ),
        (
            "123456789012.dkr.ecr-fips.us-east-1.amazonaws.com/a1:1".to_owned(),
            Some("123456789012/us-east-1"),
            "a1",
            Some("1"),
            false,
        ),
        (
            "123456789012.dkr-ecr.us-west-2.on.aws/a1:1".to_owned(),
            Some("123456789012/us-west-2"),
            "a1",
            Some("1"),
            false,
        ),
        (
            "127.0.0.1:4566/dev/website:1.4".to_owned(),
            None,
            "dev/website",
            Some("1.4"),
            false,
        ),
        (
            "localhost:4566/dev/website".to_owned(),
            None,
            "dev/website",
            Some("latest"),
            false,
        ),
        // Controls: these are names of repositories.
        (
            "docker.io/library/nginx:1".to_owned(),
            None,
            "docker.io/library/nginx",
            Some("1"),
            false,
        ),
        (
            "dev.team/website:1".to_owned(),
            None,
            "dev.team/website",
            Some("1"),
            false,
        ),
    ]
}

#[test]
fn an_image_is_named_as_clients_name_it() {
    for (text, registry, name, tag, named_digest) in cases() {
        let asked = Asked::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(
            asked.registry.map(|r| r.to_string()).as_deref(),
            registry,
            "{text}"
        );
        assert_eq!(asked.repository.as_str(), name, "{text}");
        assert_eq!(asked.tag.as_ref().map(Tag::as_str), tag, "{text}");
        assert_eq!(asked.digest.is_some(), named_digest, "{text}");
    }
}

#[test]
fn what_no_client_writes_is_refused() {
    for wrong in [
        "",
        ":1",
        "dev/website:",
        "dev/website@sha256:1",
        "dev/website:1@",
        "Dev:1",
        "a:b:c",
        "host:port/a1",
    ] {
        assert!(Asked::parse(wrong).is_err(), "{wrong:?}");
    }
}
