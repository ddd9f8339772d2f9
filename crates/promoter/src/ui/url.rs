//! The addresses of the screens. Names are data: they are escaped, whatever is in them.

use ecr_promoter_core::{Repository, policy::PolicyKey};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What may stand in a query as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b':')
    .remove(b'@')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.');

/// The first screen.
pub(super) const OVERVIEW: &str = "/ui/";

/// A screen with a query; what is empty is left out.
pub(super) fn of(screen: &str, query: &[(&str, &str)]) -> String {
    let pairs = query.iter().filter(|(_, value)| !value.is_empty());
    let pairs: Vec<String> = pairs
        .map(|(key, value)| format!("{key}={}", utf8_percent_encode(value, PLAIN)))
        .collect();
    if pairs.is_empty() {
        format!("/ui/{screen}")
    } else {
        format!("/ui/{screen}?{}", pairs.join("&"))
    }
}

/// An image: `repository:tag`, `repository@digest` or both.
pub(super) fn image(name: &str) -> String {
    of("image", &[("name", name)])
}

pub(super) fn repository(name: &Repository) -> String {
    of("repository", &[("name", name.as_str())])
}

pub(super) fn policy(key: &PolicyKey) -> String {
    of("policy", &[("source", &key.source), ("name", &key.name)])
}

#[test]
fn names_do_not_end_a_query() {
    for (name, expected) in [
        ("dev/website:1.2", "/ui/image?name=dev/website:1.2"),
        ("a&b=c#d", "/ui/image?name=a%26b%3Dc%23d"),
        ("\"><script>", "/ui/image?name=%22%3E%3Cscript%3E"),
        ("ü +", "/ui/image?name=%C3%BC%20%2B"),
        ("", "/ui/image"),
    ] {
        assert_eq!(image(name), expected);
    }
}
