use proptest::prelude::*;

use super::*;

#[test]
fn a_repository_follows_ecrs_pattern() {
    let longest = "a".repeat(256);
    let too_long = "a".repeat(257);
    for (text, good) in [
        ("dev/website", true),
        ("ab", true),
        ("a", false),
        ("", false),
        ("a__b", true),
        ("a___b", false),
        ("a--b", true),
        ("a..b", false),
        ("a.b_c-d/e", true),
        ("a._b", false),
        ("Dev/website", false),
        ("/dev", false),
        ("dev/", false),
        ("dev//web", false),
        ("-dev", false),
        ("dev-", false),
        ("dev#web", false),
        ("dev/../web", false),
        (longest.as_str(), true),
        (too_long.as_str(), false),
    ] {
        assert_eq!(Repository::parse(text).is_ok(), good, "{text}");
    }
}

#[test]
fn a_repository_has_a_name_and_a_namespace() {
    for (text, name, namespace) in [
        ("website", "website", ""),
        ("dev/website", "website", "dev"),
        ("dev/team/website", "website", "dev/team"),
    ] {
        let repository = Repository::parse(text).unwrap();
        assert_eq!(
            (repository.name(), repository.namespace()),
            (name, namespace)
        );
    }
}

#[test]
fn a_tag_follows_ocis_grammar() {
    let longest = "t".repeat(128);
    let too_long = "t".repeat(129);
    for (text, good) in [
        ("1.4-stable", true),
        ("_x", true),
        ("", false),
        (".x", false),
        ("-x", false),
        ("a b", false),
        ("50%", false),
        ("a#b", false),
        (longest.as_str(), true),
        (too_long.as_str(), false),
    ] {
        assert_eq!(Tag::parse(text).is_ok(), good, "{text}");
    }
}

#[test]
fn digests_not_validated_became_paths() {
    let hex = "0123456789abcdef".repeat(4);
    for (case, text, good) in [
        ("sha256", format!("sha256:{hex}"), true),
        ("a path", "sha256:../../x".to_owned(), false),
        (
            "upper case",
            format!("sha256:{}", hex.to_uppercase()),
            false,
        ),
        ("too short", format!("sha256:{}", &hex[..60]), false),
        ("too long", format!("sha256:{hex}0"), false),
        ("no algorithm", hex.clone(), false),
        ("another algorithm", format!("sha512:{hex}{hex}"), false),
    ] {
        assert_eq!(Digest::parse(&text).is_ok(), good, "{case}");
    }
}

#[test]
fn a_tag_of_cosigns_scheme_names_its_subject() {
    let hex = "0123456789abcdef".repeat(4);
    let subject = Digest::parse(&format!("sha256:{hex}")).unwrap();
    for (text, expected) in [
        (format!("sha256-{hex}"), Some(&subject)),
        (format!("sha256-{hex}.sig"), Some(&subject)),
        (format!("sha256-{hex}.att"), Some(&subject)),
        (format!("sha256-{hex}.sbom"), Some(&subject)),
        (format!("sha256-{hex}.other"), None),
        (format!("sha256-{}", &hex[..63]), None),
        ("stable".to_owned(), None),
    ] {
        assert_eq!(
            Tag::parse(&text).unwrap().subject().as_ref(),
            expected,
            "{text}"
        );
    }
}

#[test]
fn a_registry_is_an_account_in_a_region() {
    for (text, good) in [
        ("123456789012/eu-west-1", true),
        ("12345678901/eu-west-1", false),
        ("123456789012", false),
        ("123456789012/EU", false),
        ("123456789012/eu#1", false),
    ] {
        assert_eq!(Registry::parse(text).is_ok(), good, "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_parses_or_is_refused_with_a_bounded_message(text in ".{0,2000}") {
        for error in [
            Repository::parse(&text).err(),
            Tag::parse(&text).err(),
            Digest::parse(&text).err(),
            Registry::parse(&text).err(),
        ].into_iter().flatten() {
            prop_assert!(error.to_string().len() < 8_000);
        }
    }

    #[test]
    fn what_parses_is_written_as_it_was_read(text in "[a-z0-9]{1,9}(/[a-z0-9]{1,9}){0,3}") {
        if let Ok(repository) = Repository::parse(&text) {
            prop_assert_eq!(repository.to_string(), text);
        }
    }
}
