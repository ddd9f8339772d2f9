//! Labels: every operator, every platform, every way a config may not be known.

use super::*;
use crate::decide::fixtures::On;

fn labelled(value: &str) -> On {
    scanned(vec![]).with_labels(&[("team", value)])
}

/// A config that lacks the label.
fn bare() -> On {
    scanned(vec![]).with_labels(&[("other", "web")])
}

#[test]
fn every_operator_on_a_label() {
    // The label is web-shop.
    for (operator, value, met) in [
        ("equals", json!("web-shop"), true),
        ("equals", json!("Web-shop"), false),
        ("equals", json!(["web", "web-shop"]), true),
        ("not_equals", json!("web"), true),
        ("not_equals", json!("web-shop"), false),
        ("starts_with", json!("web"), true),
        ("starts_with", json!("shop"), false),
        ("ends_with", json!("shop"), true),
        ("ends_with", json!("web"), false),
        ("contains", json!("b-s"), true),
        ("contains", json!("bs"), false),
        ("one_of", json!(["web", "web-shop"]), true),
        ("one_of", json!(["web", "shop"]), false),
        ("not_one_of", json!(["web", "shop"]), true),
        ("not_one_of", json!(["web", "web-shop"]), false),
        ("matches", json!("web-.*"), true),
        ("matches", json!("web"), false),
        ("not_matches", json!("web"), true),
        ("not_matches", json!("web-.*"), false),
    ] {
        let own = criterion("label.team", operator, &value);
        let expected = if met { Met } else { Broken };
        let one = evidence(&[labelled("web-shop")]);
        assert_eq!(verdict(&own, &one), expected, "{operator} {value}");
        let both = evidence(&[labelled("web-shop"), labelled("web-shop")]);
        assert_eq!(verdict(&own, &both), expected, "{operator} {value}");
        let missing = evidence(&[bare()]);
        assert_eq!(verdict(&own, &missing), Broken, "{operator} {value}");
        let half = evidence(&[labelled("web-shop"), bare()]);
        assert_eq!(verdict(&own, &half), Broken, "{operator} {value}");
    }
}

#[test]
fn a_label_holds_on_every_platform_or_not_at_all() {
    let is_web = criterion("label.team", "equals", &json!("web"));
    let is_not_shop = criterion("label.team", "not_equals", &json!("shop"));
    let web = || labelled("web");
    let cases = [
        ("on both", vec![web(), web()], [Met, Met]),
        (
            "another on one",
            vec![web(), labelled("shop")],
            [Broken, Broken],
        ),
        (
            "two that are not shop",
            vec![web(), labelled("api")],
            [Broken, Met],
        ),
        ("missing on one", vec![web(), bare()], [Broken, Broken]),
        ("empty", vec![labelled("")], [Broken, Met]),
        ("one waits", vec![web(), not_yet()], [Await, Await]),
        (
            "one is unreadable",
            vec![web(), never()],
            [Unknown, Unknown],
        ),
        (
            "broken, and the other is unreadable",
            vec![never(), bare()],
            [Broken, Broken],
        ),
        (
            "broken, and the other waits",
            vec![not_yet(), bare()],
            [Broken, Broken],
        ),
    ];
    for (case, platforms, expected) in cases {
        let known = evidence(&platforms);
        let found = [verdict(&is_web, &known), verdict(&is_not_shop, &known)];
        assert_eq!(found, expected, "{case}");
    }
}

#[test]
fn what_is_seen_of_a_label_is_told_with_its_platforms() {
    let is_web = criterion("label.team", "equals", &json!("web"));
    let told: Vec<String> = [
        vec![labelled("web")],
        vec![labelled("web"), labelled("web")],
        vec![labelled("shop")],
        vec![labelled("shop"), labelled("shop")],
        vec![labelled("web"), labelled("shop")],
        vec![labelled("shop"), bare()],
        vec![bare()],
        vec![labelled("a\n\u{1b}[31mb")],
        vec![labelled(&"x".repeat(1000))],
        vec![never()],
        vec![labelled("web"), never()],
    ]
    .iter()
    .map(|platforms| {
        let Judged {
            judgement, reason, ..
        } = judged(&is_web, &evidence(platforms));
        let [seen, culprits] = [judgement.seen, json!(judgement.culprits)];
        let origin = judgement.origin.as_deref().unwrap_or("nowhere");
        format!("{origin}: {seen} {culprits}; {reason}")
    })
    .collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    image config (written by the pusher, unverified): "web" []; 
    image config (written by the pusher, unverified): "web" []; 
    image config (written by the pusher, unverified): "shop" []; label.team equals "web": saw "shop"
    image config (written by the pusher, unverified): "shop" ["linux/amd64","linux/arm64"]; label.team equals "web": saw "shop"
    image config (written by the pusher, unverified): "\"shop\" on linux/arm64" ["linux/arm64"]; label.team equals "web": saw "shop" on linux/arm64
    image config (written by the pusher, unverified): ["\"shop\" on linux/amd64","no such label on linux/arm64"] ["linux/amd64","linux/arm64"]; label.team equals "web": saw "shop" on linux/amd64, no such label on linux/arm64
    image config (written by the pusher, unverified): "no such label" []; label.team equals "web": saw no such label
    image config (written by the pusher, unverified): "a  [31mb" []; label.team equals "web": saw "a\n\u{1b}[31mb"
    image config (written by the pusher, unverified): "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…" []; label.team equals "web": saw "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
    nowhere: null []; label.team equals "web": the image config cannot be read
    nowhere: null []; label.team equals "web": the image config cannot be read (on linux/arm64)
    "#);
}

#[test]
fn labels_are_asked_for_before_scans_and_whatever_the_layers() {
    let (own, push) = (policy(&json!({})), push("dev/website", "1"));
    let is_web = criterion("label.team", "equals", &json!("web"));
    let unasked = evidence(&[scanned(vec![])]);
    assert_eq!(judge(&is_web, &own, &push, &unasked), Err(Lack::Labels));
    let none = Evidence::none();
    assert_eq!(judge(&is_web, &own, &push, &none), Err(Lack::Contents));
    let mut known = evidence(&[labelled("web")]);
    let Known::Seen(contents) = &mut known.contents else {
        panic!("the contents are known");
    };
    if let Contents::Platforms(platforms) = &mut contents.value {
        platforms[0].unknown_layer = Some("application/vnd.erofs.layer.v1".to_owned());
    }
    assert_eq!(verdict(&is_web, &known), Met);
}
