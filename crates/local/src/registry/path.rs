//! Reads the paths of the registry and the values of a query. Names may hold slashes, so a path is read from
//! its end; digests may come percent-encoded (`sha256%3A…`).

/// What a path below `/v2/` names.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Target {
    Root,
    Uploads {
        repository: String,
    },
    Upload {
        repository: String,
        id: String,
    },
    Blob {
        repository: String,
        digest: String,
    },
    Manifest {
        repository: String,
        reference: String,
    },
    Tags {
        repository: String,
    },
    Referrers {
        repository: String,
        digest: String,
    },
}

pub(super) fn target(path: &str) -> Option<Target> {
    let rest = path
        .strip_prefix("/v2")
        .map(|rest| rest.strip_prefix('/').unwrap_or(rest))?;
    if rest.is_empty() {
        return Some(Target::Root);
    }
    if let Some(repository) = rest
        .strip_suffix("/blobs/uploads/")
        .or_else(|| rest.strip_suffix("/blobs/uploads"))
    {
        return Some(Target::Uploads {
            repository: decode(repository)?,
        });
    }
    let (before, last) = rest.rsplit_once('/')?;
    let last = decode(last)?;
    let of = |kind: &str| before.strip_suffix(kind).and_then(decode);
    if let Some(repository) = of("/blobs/uploads") {
        Some(Target::Upload {
            repository,
            id: last,
        })
    } else if let Some(repository) = of("/blobs") {
        Some(Target::Blob {
            repository,
            digest: last,
        })
    } else if let Some(repository) = of("/manifests") {
        Some(Target::Manifest {
            repository,
            reference: last,
        })
    } else if let Some(repository) = of("/referrers") {
        Some(Target::Referrers {
            repository,
            digest: last,
        })
    } else {
        of("/tags")
            .filter(|_| last == "list")
            .map(|repository| Target::Tags { repository })
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
        let blob = |repository: &str| {
            Some(Target::Blob {
                repository: repository.into(),
                digest: "sha256:ab".into(),
            })
        };
        for (path, read) in [
            ("/v2", Some(Target::Root)),
            ("/v2/", Some(Target::Root)),
            ("/v2/dev/website/blobs/sha256%3Aab", blob("dev/website")),
            (
                "/v2/blobs/manifests/blobs/sha256:ab",
                blob("blobs/manifests"),
            ),
            (
                "/v2/a/blobs/uploads/",
                Some(Target::Uploads {
                    repository: "a".into(),
                }),
            ),
            (
                "/v2/a/blobs/uploads/1-2",
                Some(Target::Upload {
                    repository: "a".into(),
                    id: "1-2".into(),
                }),
            ),
            (
                "/v2/a/b/manifests/latest",
                Some(Target::Manifest {
                    repository: "a/b".into(),
                    reference: "latest".into(),
                }),
            ),
            (
                "/v2/a/tags/list",
                Some(Target::Tags {
                    repository: "a".into(),
                }),
            ),
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
