use super::*;

#[test]
fn a_negative_operator_needs_a_list_it_can_trust() {
    let banned = criterion("component", "not_one_of", &json!(["log4j-core"]));
    let clean = || sbom(vec![component("zlib", "1.3", &[])]);
    let dirty = || sbom(vec![component("log4j-core", "2.14.1", &[])]);
    let clean_as_far_as_it_goes =
        || partial_sbom(vec![component("zlib", "1.3", &[])], "incomplete");
    for (case, platforms, expected) in [
        ("listed, clean", vec![clean()], Met),
        ("listed, banned", vec![dirty()], Broken),
        ("no SBOM yet", vec![not_yet()], Await),
        ("an SBOM that cannot be read", vec![never()], Unknown),
        ("an empty list does not count", vec![sbom(vec![])], Unknown),
        ("one platform waits", vec![clean(), not_yet()], Await),
        ("one platform is unknown", vec![clean(), never()], Unknown),
        (
            "one platform is empty",
            vec![clean(), sbom(vec![])],
            Unknown,
        ),
        (
            "banned on one, the other waits",
            vec![not_yet(), dirty()],
            Broken,
        ),
        (
            "banned on one, the other unknown",
            vec![never(), dirty()],
            Broken,
        ),
        ("unknown beats waiting", vec![not_yet(), never()], Unknown),
        (
            "clean as far as it goes",
            vec![clean_as_far_as_it_goes()],
            Unknown,
        ),
        (
            "one platform is clean as far as it goes, the other waits",
            vec![not_yet(), clean_as_far_as_it_goes()],
            Unknown,
        ),
        (
            "banned, and there may be more",
            vec![partial_sbom(
                vec![component("log4j-core", "2.14.1", &[])],
                "incomplete",
            )],
            Broken,
        ),
    ] {
        assert_eq!(verdict(&banned, &evidence(&platforms)), expected, "{case}");
    }
}

#[test]
fn a_positive_operator_needs_every_platform_too() {
    let wanted = criterion("component", "one_of", &json!(["openssl"]));
    let with = || sbom(vec![component("openssl", "3", &[])]);
    let without = || sbom(vec![component("zlib", "1.3", &[])]);
    for (case, platforms, expected) in [
        (
            "there, and there may be more",
            vec![partial_sbom(
                vec![component("openssl", "3", &[])],
                "incomplete",
            )],
            Unknown,
        ),
        (
            "on one of two: the union has it",
            vec![without(), with()],
            Met,
        ),
        ("on none", vec![without(), without()], Broken),
        ("there, but the other waits", vec![with(), not_yet()], Await),
        (
            "there, but the other is unknown",
            vec![with(), never()],
            Unknown,
        ),
    ] {
        assert_eq!(verdict(&wanted, &evidence(&platforms)), expected, "{case}");
    }
}

#[test]
fn evidence_that_was_not_asked_for_is_lacking() {
    let (own, push) = (policy(&json!({})), push("dev/website", "1"));
    let counts = criterion("vulnerabilities.all", "=", &json!(0));
    let names = criterion("component", "equals", &json!("x"));
    let one = evidence(&[scanned(vec![])]);
    let mut unasked = evidence(&[scanned(vec![]), scanned(vec![])]);
    let last = unasked.findings.keys().next().cloned().unwrap();
    unasked.findings.remove(&last);
    assert_eq!(
        judge(&counts, &own, &push, &Evidence::none()),
        Err(Lack::Contents)
    );
    assert_eq!(
        judge(&names, &own, &push, &Evidence::none()),
        Err(Lack::Contents)
    );
    assert_eq!(judge(&names, &own, &push, &one), Err(Lack::Components));
    assert_eq!(judge(&counts, &own, &push, &unasked), Err(Lack::Findings));
}
