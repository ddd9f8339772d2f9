//! Package URLs, as far as they name a package. Package URL specification, "Rules for each purl
//! component" (ECMA-427).

use std::borrow::Cow;

use super::Spelling;

/// The parts of a package URL that name the package, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purl<'a> {
    /// The ecosystem, as in `maven`, in any case.
    pub kind: &'a str,
    /// The group, scope, vendor or path before the name.
    pub namespace: Option<Cow<'a, str>>,
    /// The package's name.
    pub name: Cow<'a, str>,
    /// The version, if it has one.
    pub version: Option<Cow<'a, str>>,
    /// RPM's epoch, which its type keeps in a qualifier.
    pub epoch: Option<&'a str>,
}

impl<'a> Purl<'a> {
    /// Reads a package URL; `None` if it is not one.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        // The scheme is read in any case, and slashes behind it are passed over.
        let (scheme, rest) = text.split_once(':')?;
        let rest = scheme.eq_ignore_ascii_case("pkg").then_some(rest)?;
        let rest = rest.trim_start_matches('/');
        let rest = rest.split_once('#').map_or(rest, |(rest, _)| rest);
        let (rest, qualifiers) = rest.split_once('?').unwrap_or((rest, ""));
        let mut qualifiers = qualifiers.split('&');
        let epoch = qualifiers.find_map(|qualifier| qualifier.strip_prefix("epoch="));
        let (kind, path) = rest.split_once('/')?;
        let last = path.rfind('/').map_or(0, |slash| slash + 1);
        // An "@" before the last "/" is an npm scope's, not a version's.
        let (path, version) = match path.rfind('@') {
            Some(at) if at >= last => (path.get(..at)?, path.get(at + 1..)),
            _ => (path, None),
        };
        let path = path.trim_matches('/');
        let (namespace, name) = match path.rsplit_once('/') {
            Some((namespace, name)) => (Some(decoded(namespace)?), name),
            None => (None, path),
        };
        let (name, version) = (decoded(name)?, version.map(decoded));
        let is_kind = !kind.is_empty()
            && kind
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'+'));
        (is_kind && !name.is_empty()).then_some(Self {
            kind,
            namespace,
            name,
            version: version.flatten().filter(|version| !version.is_empty()),
            epoch: epoch.filter(|epoch| !epoch.is_empty()),
        })
    }

    /// Whether the ecosystem writes `group:name`.
    pub(super) fn is_grouped(&self) -> bool {
        let kinds = ["maven", "gradle", "sbt", "clojars"];
        kinds
            .iter()
            .any(|kind| self.kind.eq_ignore_ascii_case(kind))
    }

    /// How its ecosystem compares names.
    #[must_use]
    pub fn spelling(&self) -> Spelling {
        Spelling::of_type(self.kind)
    }

    /// The package URL without version, qualifiers and subpath, its parts decoded.
    #[must_use]
    pub fn bare(&self) -> String {
        let kind = self.kind.to_ascii_lowercase();
        match &self.namespace {
            Some(namespace) => format!("pkg:{kind}/{namespace}/{}", self.name),
            None => format!("pkg:{kind}/{}", self.name),
        }
    }
}

/// Percent-decoding; `None` if what comes out is not UTF-8 or a `%` stands alone.
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
