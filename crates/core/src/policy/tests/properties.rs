use proptest::prelude::*;

use super::*;
use crate::{
    Digest, Repository, Tag,
    template::{Context, RepositoryTemplate},
};

/// Any node at all, with the words of policies more often than chance would have it.
fn any_node() -> impl Strategy<Value = Node> {
    let word = prop_oneof![
        prop::sample::select(vec![
            "tag",
            "component",
            "vulnerabilities.all",
            "equals",
            "matches",
            "<=",
            "dev/*",
            "*",
            "dev/web",
            "qa/{rest}",
            "%n",
            "%Y",
            "7",
            "",
            "hold",
            "license",
            "MIT",
            "MIT OR ISC",
            "GPL",
            "not_one_of",
            "a(b",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,12}",
    ];
    let key = prop_oneof![
        4 => prop::sample::select(KEYS.to_vec()).prop_map(str::to_owned),
        4 => prop::sample::select(criterion::KEYS.to_vec()).prop_map(str::to_owned),
        4 => prop::sample::select(target::KEYS.to_vec()).prop_map(str::to_owned),
        1 => "\\PC{0,5}",
    ];
    let leaf = prop_oneof![
        Just(Node::Null),
        any::<bool>().prop_map(Node::Bool),
        any::<i64>().prop_map(|n| Node::Number(n.to_string())),
        any::<f64>().prop_map(|n| Node::Number(n.to_string())),
        word.prop_map(Node::String),
    ];
    leaf.prop_recursive(4, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Node::List),
            prop::collection::vec((key.clone(), inner), 0..10).prop_map(Node::Map),
        ]
    })
}

proptest! {
    #[test]
    fn any_document_is_a_policy_or_has_mistakes_with_places(node in any_node()) {
        match Policy::parse(&node) {
            Ok(_) => {}
            Err(errors) => {
                prop_assert!(!errors.is_empty());
                for error in errors {
                    prop_assert!(!error.place.is_empty() && !error.message.is_empty());
                    prop_assert!(!error.to_string().contains('\n'), "{}", error);
                }
            }
        }
    }

    #[test]
    fn what_validation_calls_impossible_is_impossible(
        source in prop::sample::select(vec!["dev/web", "web", "dev/*", "a/b/*", "*"]),
        repository in "(qa|[{]rest[}]|[{]name[}]|[{]namespace[}]|[{]repository[}]|/|-|[.]|x){1,5}",
        tag in "([{]rest[}]|[{]name[}]|[{]namespace[}]|[{]repository[}]|%n|-|[.]|x){1,5}",
    ) {
        let document = json!({
            "source": source, "name": "p", "target": {"repository": repository, "tag": tag}
        });
        let Err(errors) = parse(&document) else { return Ok(()) };
        let source = Source::parse(source).unwrap();
        let names = ["dev/web", "web", "dev/a/b", "a/b/c", "a/b/c/d"]
            .map(|name| Repository::parse(name).unwrap());
        for name in names.iter().filter(|name| source.matches(name)) {
            let context = Context {
                repository: name,
                tag: &Tag::parse("1.4").unwrap(),
                digest: &Digest::from_sha256([7; 32]),
                rest: source.rest(name),
                time: crate::Time::default(),
            };
            for error in &errors {
                let renders = match error.place.as_str() {
                    "target.repository" if error.message.starts_with("expected {rest} or {repository}") => false,
                    "target.repository" => RepositoryTemplate::parse(&repository)
                        .is_ok_and(|template| template.render(&context).is_ok()),
                    _ => TagTemplate::parse(&tag)
                        .is_ok_and(|template| template.render(&context).is_ok()),
                };
                prop_assert!(!renders, "{error}");
            }
        }
    }
}
