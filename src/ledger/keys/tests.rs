use super::*;

fn a_case() -> CaseId {
    CaseId {
        repository: Repository::parse("dev/website").unwrap(),
        tag: Tag::parse("1.4-stable").unwrap(),
        digest: Digest::from_sha256([0xab; 32]),
        number: 7,
        policy: PolicyKey {
            source: "dev/*".to_owned(),
            name: "stable".to_owned(),
        },
    }
}

#[test]
fn each_item_has_the_key_that_was_promised() {
    let case = a_case();
    let registry = Registry::parse("123456789012/eu-west-1").unwrap();
    let image = Image {
        registry: registry.clone(),
        repository: case.repository.clone(),
        digest: case.digest.clone(),
    };
    let at: Time = "2026-03-07T09:05:03.000042Z".parse().unwrap();
    let img = format!(
        "123456789012/eu-west-1/dev/website@sha256:{}",
        "ab".repeat(32)
    );
    for (kind, key, pk, sk) in [
        (
            "tag",
            tag(&registry, &case.repository, &case.tag),
            "TAGS#123456789012/eu-west-1/dev/website".to_owned(),
            "1.4-stable",
        ),
        (
            "push",
            push(&image, &case.tag, 7),
            format!("IMAGE#{img}"),
            "PUSH#1.4-stable#00000007",
        ),
        (
            "case",
            super::case(&registry, &case),
            format!("IMAGE#{img}"),
            "CASE#1.4-stable#00000007#dev/*#stable",
        ),
        (
            "provenance",
            provenance(&image, &case.tag),
            format!("IMAGE#{img}"),
            "FROM#1.4-stable",
        ),
        (
            "walk",
            walk(&registry),
            "WALK#123456789012/eu-west-1".to_owned(),
            "STATE",
        ),
        (
            "walked",
            walked(&registry, &case.repository),
            "WALK#123456789012/eu-west-1".to_owned(),
            "DONE#dev/website",
        ),
        (
            "first seen",
            first_seen(&registry, "dev/*"),
            "WALK#123456789012/eu-west-1".to_owned(),
            "SOURCE#dev/*",
        ),
        (
            "name",
            name(&registry, &case.repository, at, &case.tag),
            "NAMES#123456789012/eu-west-1/dev/website#2026-03-07T09:05".to_owned(),
            "NAME#1.4-stable",
        ),
        ("record", record("77"), "RECORD#77".to_owned(), "BODY"),
        (
            "history",
            history(at, "77"),
            "HISTORY#2026-03-07#0".to_owned(),
            "2026-03-07T09:05:03.000042Z#77",
        ),
    ] {
        let shown = match kind {
            // The shard is a hash: only its range is promised.
            "history" => key.pk.rsplit_once('#').map(|(day, _)| format!("{day}#0")),
            _ => Some(key.pk.clone()),
        };
        assert_eq!(shown.as_ref(), Some(&pk), "{kind}");
        assert_eq!(key.sk, sk, "{kind}");
    }
}

#[test]
fn an_id_is_the_same_for_every_repeat_and_another_for_another_push() {
    assert_eq!(id_of(&["a", "b"]), id_of(&["a", "b"]));
    assert_ne!(id_of(&["a", "b"]), id_of(&["a", "c"]));
    assert_eq!(id_of(&["a"]).len(), 32);
}
