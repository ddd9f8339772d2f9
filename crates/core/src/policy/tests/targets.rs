use super::*;

#[test]
fn impossible_targets_are_reported() {
    let told: Vec<String> = [
        ("dev/*", "qa/website", None),
        ("*", "qa/{name}", None),
        ("dev/*", "qa/website", Some("{rest}-%n")),
        ("dev/web", "qa/{rest}", None),
        ("dev/web", "qa/web", Some("{rest}-%n")),
        ("dev/web", "qa/web", Some("{repository}-%n")),
        ("dev/*", "qa/{rest}", Some("{repository}-%n")),
        ("a/b/*", "qa/{rest}", Some("{namespace}-%n")),
        ("web", "{namespace}/web", None),
        ("web", "qa/web", Some("{namespace}.%n")),
        ("dev/web", "qa/%Y", None),
        ("dev/web", "QA/web", None),
        ("dev/web", "qa/web", Some("%n%%")),
        ("dev/web", "qa/web", Some("%n{")),
        ("dev/web", "qa/web", Some("")),
    ]
    .iter()
    .map(|(source, repository, tag)| {
        let mut target = json!({"repository": repository});
        if let Some(tag) = tag {
            target["tag"] = json!(tag);
        }
        mistakes(&with(&json!({"source": source, "target": target})))
    })
    .collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    target.repository: expected {rest} or {repository}, found neither: all repositories of "dev/*" would be promoted to one
    target.repository: expected {rest} or {repository}, found neither: all repositories of "*" would be promoted to one
    target.repository: expected {rest} or {repository}, found neither: all repositories of "dev/*" would be promoted to one
    target.repository: expected a source with "*", which {rest} stands for, found one without
    target.tag: expected a source with "*", which {rest} stands for, found one without
    target.tag: for dev/web, as for every repository of "dev/web": expected a tag (A-Z a-z 0-9 _ . -, not beginning with "." or "-"), found "dev/web-1"
    target.tag: for dev/a, as for every repository of "dev/*": expected a tag (A-Z a-z 0-9 _ . -, not beginning with "." or "-"), found "dev/a-1"
    target.tag: for a/b/a, as for every repository of "a/b/*": expected a tag (A-Z a-z 0-9 _ . -, not beginning with "." or "-"), found "a/b-1"
    target.repository: for web, as for every repository of "web": expected a repository's name (lower-case words joined by ".", "_", "-" or "/"), found "/web"
    target.tag: for web, as for every repository of "web": expected a tag (A-Z a-z 0-9 _ . -, not beginning with "." or "-"), found ".1"
    target.repository: expected only placeholders such as {rest} in a repository's name, found the keyword "%Y", which belongs in target.tag
    target.repository: expected the characters of a repository's name, found "Q", "A"
    target.tag: expected a keyword after "%", found none: a tag or a repository's name cannot contain a percent sign
    target.tag: expected a placeholder as in {name}, found a single "{"
    target.tag: expected a string, found an empty string
    "#);
    insta::assert_snapshot!(
        mistakes(&with(&json!({
            "target": {"repository": "qa/website", "region": "eu-west-1", "account": "123456789012"}
        }))),
        @r#"
    target.region: expected only "repository", "tag" and "referrers", found "region", which is not supported yet
    target.account: expected only "repository", "tag" and "referrers", found "account", which is not supported yet
    "#
    );
}

#[test]
fn targets_that_may_be_are_valid() {
    for (source, repository, tag) in [
        ("dev/*", "qa/{rest}", "%n"),
        ("dev/*", "{rest}", "%n"),
        ("dev/*", "{rest}", "{rest}"),
        ("dev/*", "mirror/{repository}", "{namespace}-{name}-%n"),
        ("*", "mirror/{repository}", "{repository}-%n"),
        ("*", "{namespace}/mirror/{rest}", "{namespace}-%n"),
        ("web", "qa/{repository}", "{repository}-{namespace}%n"),
        ("dev/web", "dev/web", "latest"),
        ("dev/web", "{namespace}/{name}-qa", "{digest}"),
    ] {
        let target = json!({"repository": repository, "tag": tag});
        let document = with(&json!({"source": source, "target": target}));
        assert_eq!(mistakes(&document), "none", "{source} {target}");
    }
}
