use super::*;
use crate::node::Node;

fn repository(text: &str) -> Repository {
    Repository::parse(text).unwrap()
}

fn policy(source: &str, target: &str) -> Policy {
    let document = serde_json::json!({
        "source": source, "name": "p", "target": {"repository": target}
    });
    Policy::parse(&Node::from_json(&document.to_string()).unwrap()).unwrap()
}

#[test]
fn a_path_allows_the_pairs_that_it_says() {
    for (paths, source, target, allowed) in [
        ("dev/* => qa/*", "dev/web", "qa/web", true),
        ("dev/* => qa/*", "dev/a/b", "qa/other", true),
        ("dev/* => qa/*", "dev/web", "prod/web", false),
        ("dev/* => qa/*", "qa/web", "dev/web", false),
        ("dev/* => qa/*", "dev", "qa/web", false),
        ("dev/* => qa/*", "dev/web", "qa", false),
        ("dev/* => qa/*", "devil/web", "qa/web", false),
        ("dev/* => qa/*", "dev/web", "qa2/web", false),
        ("dev/{rest} => qa/{rest}", "dev/a/b", "qa/a/b", true),
        ("dev/{rest} => qa/{rest}", "dev/a/b", "qa/a", false),
        ("dev/{rest} => qa/{rest}", "dev/a", "qa/b", false),
        ("dev/{rest} => qa/{rest}", "other/a", "qa/a", false),
        ("{rest} => mirror/{rest}", "dev/a", "mirror/dev/a", true),
        ("{rest} => mirror/{rest}", "dev/a", "mirror/a", false),
        ("mirror/{rest} => {rest}", "mirror/dev/a", "dev/a", true),
        ("*", "anything", "other/thing", true),
        ("* => *", "anything", "other/thing", true),
        ("* => qa/*", "xy", "qa/x", true),
        ("dev/web => qa/web", "dev/web", "qa/web", true),
        ("dev/web => qa/web", "dev/web2", "qa/web", false),
        ("dev/web => *", "dev/web", "qa/web", true),
        ("a/* => b/*, c/*=>d/*", "c/x", "d/y", true),
        ("a/* => b/*, c/* => d/*", "a/x", "d/y", false),
    ] {
        let parsed = Paths::parse(paths).unwrap();
        let found = parsed.allows(&repository(source), &repository(target));
        assert_eq!(found, allowed, "{paths}: {source} {target}");
        assert_eq!(parsed.to_string(), paths);
    }
}

#[test]
fn every_mistake_in_the_paths_is_reported() {
    let told = |text: &str| {
        let mistakes = Paths::parse(text).unwrap_err();
        let lines: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
        lines.join("\n")
    };
    insta::assert_snapshot!(told(""), @r#"path "": expected a path as in "dev/* => qa/*", found nothing"#);
    insta::assert_snapshot!(
        told("dev/*, dev* => qa/*, => qa/*, dev/{rest} => qa/*, a/{name} => b/*, a/* -> b/*,, aa => bb => cc"),
        @r#"
    path "dev/*": expected "=>" as in "dev/* => qa/*", found none
    path "dev* => qa/*": expected a repository, "dev/*", "dev/{rest}" or "*" on each side, found "dev*"
    path "=> qa/*": expected a repository, "dev/*", "dev/{rest}" or "*" on each side, found ""
    path "dev/{rest} => qa/*": expected {rest} on both sides or on neither, found it on one
    path "a/{name} => b/*": expected a repository, "dev/*", "dev/{rest}" or "*" on each side, found "a/{name}"
    path "a/* -> b/*": expected "=>" as in "dev/* => qa/*", found none
    path "": expected a path as in "dev/* => qa/*", found nothing
    path "aa => bb => cc": expected a repository, "dev/*", "dev/{rest}" or "*" on each side, found "bb => cc"
    "#
    );
    insta::assert_snapshot!(told(&"*,".repeat(200)), @r#"path "*,*,*,*,*,*,*,*,*,*,*,*,*,*,*,*,*,*,*,*,*,*,*,*,*,*,*,*,*,*,*,*,*,*,*,*,*,*,*,*,*,*,*,*,*,*,*,*,*,*,…": expected at most 200 paths, found 201"#);
}

#[test]
fn a_policy_lies_inside_the_paths_wholly_partly_or_never() {
    use Allows::{Always, Never, Partly};
    for (paths, source, target, expected) in [
        ("dev/* => qa/*", "dev/web", "qa/web", Always),
        ("dev/* => qa/*", "dev/web", "prod/web", Never),
        ("dev/* => qa/*", "dev/web", "qa/{name}-{digest}", Always),
        ("dev/* => qa/*", "dev/web", "{name}/{digest}", Never),
        ("dev/* => qa/*", "dev/*", "qa/{rest}", Always),
        ("dev/* => qa/*", "dev/team/*", "qa/{rest}", Always),
        ("dev/team/* => qa/*", "dev/*", "qa/{rest}", Partly),
        ("dev/* => qa/*", "*", "qa/{rest}", Partly),
        ("dev/* => qa/*", "prod/*", "qa/{rest}", Never),
        ("dev/* => qa/*", "dev/*", "{rest}", Partly),
        ("dev/* => qa/*", "dev/*", "{repository}", Never),
        ("dev/* => dev/*", "dev/*", "{repository}", Always),
        ("dev/web => qa/*", "dev/*", "qa/{rest}", Partly),
        ("prod/web => qa/*", "dev/*", "qa/{rest}", Never),
        ("dev/* => qa/web", "dev/*", "qa/{rest}", Partly),
        ("dev/* => qa/web", "dev/*", "qb/{rest}", Never),
        ("*", "*", "x/{repository}", Always),
        ("dev/{rest} => qa/{rest}", "dev/*", "qa/{rest}", Always),
        (
            "dev/{rest} => qa/{rest}",
            "dev/team/*",
            "qa/team/{rest}",
            Always,
        ),
        ("dev/{rest} => qa/{rest}", "dev/team/*", "qa/{rest}", Never),
        ("dev/team/{rest} => qa/{rest}", "dev/*", "qa/{rest}", Never),
        (
            "dev/team/{rest} => qa/team/{rest}",
            "dev/*",
            "qa/{rest}",
            Partly,
        ),
        ("dev/{rest} => qa/{rest}", "dev/*", "qa/x-{rest}", Never),
        (
            "dev/{rest} => qa/{rest}",
            "dev/*",
            "qa/{rest}-{name}",
            Partly,
        ),
        (
            "dev/{rest} => qa/{rest}",
            "dev/*",
            "prod/{rest}-{name}",
            Never,
        ),
        ("dev/{rest} => qa/{rest}", "dev/web", "qa/web", Always),
        ("dev/{rest} => qa/{rest}", "dev/web", "qa/other", Never),
        (
            "{rest} => mirror/{rest}",
            "*",
            "mirror/{repository}",
            Always,
        ),
        (
            "{rest} => mirror/{rest}",
            "dev/*",
            "mirror/{repository}",
            Always,
        ),
        ("{rest} => mirror/{rest}", "dev/*", "mirror/{rest}", Never),
        ("a/* => b/*, dev/* => qa/*", "dev/*", "qa/{rest}", Always),
    ] {
        let parsed = Paths::parse(paths).unwrap();
        let policy = policy(source, target);
        assert_eq!(
            parsed.may_allow(&policy),
            expected,
            "{paths}: {source} {target}"
        );
        assert_eq!(parsed.mistake_of(&policy).is_some(), expected == Never);
    }
}

/// What is known before a push is never contradicted by one.
#[test]
fn may_allow_agrees_with_allows() {
    let names = [
        "dev/web",
        "dev/team/web",
        "dev/team/qa",
        "qa/web",
        "web",
        "mirror/dev/web",
        "prod/a",
    ];
    let targets = [
        "qa/{rest}",
        "qa/team/{rest}",
        "{rest}",
        "{repository}",
        "mirror/{repository}",
        "qa/{name}-{rest}",
        "{namespace}/qa/{rest}",
    ];
    let sides = ["*", "dev/*", "dev/team/*", "qa/*", "qa/web", "mirror/*"];
    let rests = [
        "{rest}",
        "dev/{rest}",
        "dev/team/{rest}",
        "qa/{rest}",
        "mirror/{rest}",
    ];
    let pairs = |sides: &[&str]| -> Vec<String> {
        let right = |left: &str| -> Vec<String> {
            sides
                .iter()
                .map(|right| format!("{left} => {right}"))
                .collect()
        };
        sides.iter().flat_map(|left| right(left)).collect()
    };
    for path in pairs(&sides).into_iter().chain(pairs(&rests)) {
        let paths = Paths::parse(&path).unwrap();
        for (source, target) in ["*", "dev/*", "dev/team/*"]
            .iter()
            .flat_map(|source| targets.iter().map(move |target| (source, target)))
        {
            let policy = policy(source, target);
            for name in names
                .map(repository)
                .iter()
                .filter(|n| policy.source.matches(n))
            {
                let context = crate::template::Context {
                    repository: name,
                    tag: &crate::Tag::parse("1").unwrap(),
                    digest: &crate::Digest::from_sha256([0; 32]),
                    rest: policy.source.rest(name),
                    time: crate::Time::default(),
                };
                let Ok(target) = policy.target.repository.render(&context) else {
                    continue;
                };
                let allowed = paths.allows(name, &target);
                match paths.may_allow(&policy) {
                    Allows::Always => assert!(allowed, "{path}: {} {name} {target}", policy.source),
                    Allows::Never => assert!(!allowed, "{path}: {} {name} {target}", policy.source),
                    Allows::Partly => {}
                }
            }
        }
    }
}
