use super::*;

#[test]
fn targets_that_can_never_be_are_told() {
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
    target.repository: must use {rest} or {repository}: the source "dev/*" has many repositories, which would meet in one
    target.repository: must use {rest} or {repository}: the source "*" has many repositories, which would meet in one
    target.repository: must use {rest} or {repository}: the source "dev/*" has many repositories, which would meet in one
    target.repository: {rest} stands for what the "*" of the policy's source covers, and the source has none
    target.tag: {rest} stands for what the "*" of the policy's source covers, and the source has none
    target.tag: can never be rendered for the source "dev/web": as for dev/web, "dev/web-1" is not a tag: expected 1 to 128 of A-Z a-z 0-9 _ . -, not beginning with "." or "-"
    target.tag: can never be rendered for the source "dev/*": as for dev/a, "dev/a-1" is not a tag: expected 1 to 128 of A-Z a-z 0-9 _ . -, not beginning with "." or "-"
    target.tag: can never be rendered for the source "a/b/*": as for a/b/a, "a/b-1" is not a tag: expected 1 to 128 of A-Z a-z 0-9 _ . -, not beginning with "." or "-"
    target.repository: can never be rendered for the source "web": as for web, "/web" is not a repository name: expected 2 to 256 characters, lower-case words joined by ".", "_", "-" or "/"
    target.tag: can never be rendered for the source "web": as for web, ".1" is not a tag: expected 1 to 128 of A-Z a-z 0-9 _ . -, not beginning with "." or "-"
    target.repository: keyword "%Y" in a repository: only placeholders such as {rest} are allowed here, keywords belong into target.tag
    target.repository: "Q", "A" can never stand in a repository name
    target.tag: a percent sign can never stand in a tag or a repository name
    target.tag: unbalanced "{": a placeholder is written as in {name}
    target.tag: is an empty string, a string is wanted
    "#);
    insta::assert_snapshot!(
        mistakes(&with(&json!({
            "target": {"repository": "qa/website", "region": "eu-west-1", "account": "123456789012"}
        }))),
        @r#"
    target.region: not supported yet
    target.account: not supported yet
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
