//! Reads the paths of the registry and the values of a query. Names may hold slashes, so a path is read from
//! its end; digests may come percent-encoded (`sha256%3A…`).

/// What a path below `/v2/` names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) kind: Kind,
    pub(super) repository: String,
    /// A digest, a reference or an upload's id; empty where the kind has none.
    pub(super) name: String,
}

/// The kinds of paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Root,
    Uploads,
    Upload,
    Blob,
    Manifest,
    Tags,
    Referrers,
}

/// What stands between a repository and a path's last part. The longer comes first.
const KINDS: [(&str, Kind); 5] = [
    ("/blobs/uploads", Kind::Upload),
    ("/blobs", Kind::Blob),
    ("/manifests", Kind::Manifest),
    ("/referrers", Kind::Referrers),
    ("/tags", Kind::Tags),
];

pub(super) fn target(path: &str) -> Option<Target> {
    let of = |kind, repository, name| {
        Some(Target {
            kind,
            repository: decode(repository)?,
            name: decode(name)?,
        })
    };
    let rest = path
        .strip_prefix("/v2")
        .map(|rest| rest.strip_prefix('/').unwrap_or(rest))?;
    if rest.is_empty() {
        return of(Kind::Root, "", "");
    }
    if let Some(repository) = rest
        .strip_suffix('/')
        .unwrap_or(rest)
        .strip_suffix("/blobs/uploads")
    {
        return of(Kind::Uploads, repository, "");
    }
    let (before, name) = rest.rsplit_once('/')?;
    let (repository, kind) = KINDS
        .iter()
        .find_map(|(between, kind)| Some((before.strip_suffix(between)?, *kind)))?;
    if kind == Kind::Tags && name != "list" {
        None
    } else {
        of(kind, repository, name)
    }
}

/// The first value of a query's parameter, decoded.
pub(super) fn query_value(query: &str, name: &str) -> Option<String> {
    let mut pairs = query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs
        .find(|(key, _)| *key == name)
        .and_then(|(_, value)| decode(value))
}

/// Resolves percent-encoding; none where it is broken or what comes out is no UTF-8.
pub(super) fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
            let (high, low) = (digit(rest.next())?, digit(rest.next())?);
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_from_their_end() {
        let of = |kind, repository: &str, name: &str| {
            Some(Target {
                kind,
                repository: repository.into(),
                name: name.into(),
            })
        };
        for (path, read) in [
            ("/v2", of(Kind::Root, "", "")),
            ("/v2/", of(Kind::Root, "", "")),
            (
                "/v2/dev/website/blobs/sha256%3Aab",
                of(Kind::Blob, "dev/website", "sha256:ab"),
            ),
            (
                "/v2/blobs/manifests/blobs/sha256:ab",
                of(Kind::Blob, "blobs/manifests", "sha256:ab"),
            ),
            ("/v2/a/blobs/uploads/", of(Kind::Uploads, "a", "")),
            ("/v2/a/blobs/uploads", of(Kind::Uploads, "a", "")),
            ("/v2/a/blobs/uploads/1-2", of(Kind::Upload, "a", "1-2")),
            (
                "/v2/a/b/manifests/latest",
                of(Kind::Manifest, "a/b", "latest"),
            ),
            ("/v2/a/tags/list", of(Kind::Tags, "a", "list")),
            ("/v2/a/tags/other", None),
            ("/v2/a/blobs/%zz", None),
            ("/v2/latest", None),
        ] {
            assert_eq!(target(path), read, "{path}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_path_makes_it_panic(path in ".*") {
            let _ = (target(&path), target(&format!("/v2/{path}")), query_value(&path, "digest"));
        }
    }
}
