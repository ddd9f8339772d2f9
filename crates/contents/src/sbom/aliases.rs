//! Further names by which a criterion may call a component: the package URL's name with its
//! namespace, Maven's `group:name`, and the plain name where a document joins the two.
//!
//! A package URL that is none leaves the name alone. Package URL specification, "Rules for each purl
//! component" (ECMA-427).

use std::borrow::Cow;

/// All further names of a component, each once, none of them the name itself.
pub(super) fn aliases(name: &str, group: Option<&str>, purls: &[String]) -> Vec<String> {
    let mut aliases = Aliases {
        name,
        found: Vec::new(),
    };
    let mut parsed = purls.iter().filter_map(|text| Purl::parse(text));
    let is_maven = parsed.clone().next().is_none() || parsed.any(|purl| purl.is_maven);
    if let Some(group) = group.filter(|group| !group.is_empty()) {
        aliases.add(format!("{group}/{name}"));
        if is_maven {
            aliases.add(format!("{group}:{name}"));
        }
    }
    if let Some((group, name)) = joined(name).filter(|_| is_maven) {
        aliases.add(format!("{group}/{name}"));
        aliases.add(name);
    }
    for purl in purls.iter().filter_map(|text| Purl::parse(text)) {
        match purl.namespace {
            Some(namespace) => {
                aliases.add(format!("{namespace}/{}", purl.name));
                if purl.is_maven {
                    aliases.add(format!("{namespace}:{}", purl.name));
                    aliases.add(purl.name);
                }
            }
            None => aliases.add(purl.name),
        }
    }
    aliases.found
}

struct Aliases<'a> {
    name: &'a str,
    found: Vec<String>,
}

impl Aliases<'_> {
    fn add<'a>(&mut self, alias: impl Into<Cow<'a, str>>) {
        let alias = alias.into();
        if alias != self.name && !self.found.iter().any(|found| *found == alias) {
            self.found.push(alias.into_owned());
        }
    }
}

/// Maven's `group:name`, as some tools write it into the name.
fn joined(name: &str) -> Option<(&str, &str)> {
    let (group, name) = name.split_once(':')?;
    let is_word = |text: &str| {
        !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || matches!(c, ':' | '/'))
    };
    (is_word(group) && is_word(name)).then_some((group, name))
}

/// The parts of a package URL that name the package.
struct Purl<'a> {
    is_maven: bool,
    namespace: Option<Cow<'a, str>>,
    name: Cow<'a, str>,
}

impl<'a> Purl<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let rest = text.strip_prefix("pkg:")?.trim_start_matches('/');
        let rest = rest.split_once('#').map_or(rest, |(rest, _)| rest);
        let rest = rest.split_once('?').map_or(rest, |(rest, _)| rest);
        let (kind, path) = rest.split_once('/')?;
        let last = path.rfind('/').map_or(0, |slash| slash + 1);
        // An "@" before the last "/" is an npm scope's, not a version's.
        let path = match path.rfind('@') {
            Some(at) if at >= last => path.get(..at)?,
            _ => path,
        };
        let path = path.trim_matches('/');
        let (namespace, name) = match path.rsplit_once('/') {
            Some((namespace, name)) => (Some(decoded(namespace)?), name),
            None => (None, path),
        };
        let name = decoded(name)?;
        let is_kind = !kind.is_empty()
            && kind
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'+'));
        (is_kind && !name.is_empty()).then_some(Self {
            is_maven: kind.eq_ignore_ascii_case("maven"),
            namespace,
            name,
        })
    }
}

/// Percent-decoding; `None` where what comes out is no UTF-8 or a `%` stands alone.
fn decoded(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, tail)) = rest.split_first() {
        if *byte == b'%' {
            let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
            let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
            bytes.push(u8::from_str_radix(digits, 16).ok().filter(|_| is_hex)?);
            rest = tail.get(2..)?;
        } else {
            bytes.push(*byte);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_component_is_found_under_every_name_it_goes_by() {
        for (name, group, purl, wanted) in [
            ("zlib", "", "", vec![]),
            (
                "log4j-core",
                "",
                "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1?type=jar",
                vec![
                    "org.apache.logging.log4j/log4j-core",
                    "org.apache.logging.log4j:log4j-core",
                ],
            ),
            (
                "log4j-core",
                "org.apache.logging.log4j",
                "",
                vec![
                    "org.apache.logging.log4j/log4j-core",
                    "org.apache.logging.log4j:log4j-core",
                ],
            ),
            (
                "org.springframework:spring-web",
                "",
                "pkg:maven/org.springframework/spring-web@5.3.22",
                vec!["org.springframework/spring-web", "spring-web"],
            ),
            (
                "org.springframework:spring-web",
                "",
                "",
                vec!["org.springframework/spring-web", "spring-web"],
            ),
            (
                "core",
                "@babel",
                "pkg:npm/%40babel/core@7.0.0",
                vec!["@babel/core"],
            ),
            ("@babel/core", "", "pkg:npm/@babel/core@7.0.0", vec![]),
            ("@babel/core", "", "pkg:npm/%40babel/core", vec![]),
            (
                "musl",
                "",
                "pkg:apk/alpine/musl@1.2.3-r0?distro=3.16.0",
                vec!["alpine/musl"],
            ),
            ("PyYAML", "", "pkg:pypi/pyyaml@6.0", vec!["pyyaml"]),
            ("stdlib", "", "pkg:golang/stdlib@1.22#a/b", vec![]),
            (
                "v2",
                "",
                "pkg:golang/github.com/a/b%2Fv2@1",
                vec!["github.com/a/b/v2"],
            ),
            (
                "Foo::Bar",
                "",
                "pkg:cpan/AUTHOR/Foo-Bar@1",
                vec!["AUTHOR/Foo-Bar"],
            ),
            // No package URLs: the name stays.
            ("good", "", "garbage", vec![]),
            ("good", "", "pkg:", vec![]),
            ("good", "", "pkg:maven", vec![]),
            ("good", "", "pkg:maven/", vec![]),
            ("good", "", "pkg:maven/@1.0", vec![]),
            ("good", "", "pkg:maven/%/x", vec![]),
            ("good", "", "pkg:maven/%ff/x", vec![]),
            ("good", "", "pkg:maven/%+1/x", vec![]),
        ] {
            let purls: Vec<String> = (!purl.is_empty())
                .then(|| purl.to_owned())
                .into_iter()
                .collect();
            assert_eq!(
                aliases(name, Some(group), &purls),
                wanted,
                "{name} {group} {purl}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn any_package_url_is_read_or_passed_over(purl in "(pkg:)?[a-z/%@?#:\\PC]{0,40}") {
            let _ = aliases("name", None, &[purl]);
        }
    }
}
