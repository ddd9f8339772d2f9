//! What was asked of the embedded AWS: the name of each request, and how often it came.
//!
//! The names are a contract: faults are aimed with them and tests count them.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use http::Method;

/// How many different names are counted; operations that no service has are made up by callers.
const NAMES_MAX: usize = 1_000;

/// Counts requests by name.
#[derive(Debug, Default)]
pub(crate) struct Journal(Mutex<BTreeMap<String, u64>>);

impl Journal {
    pub(crate) fn count(&self, name: &str) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(name) {
            *count += 1;
        } else if counts.len() < NAMES_MAX {
            counts.insert(name.to_owned(), 1);
        }
    }

    pub(crate) fn counts(&self) -> BTreeMap<String, u64> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn reset(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

/// The name of a registry request, as in the OCI distribution specification's table of endpoints. `path` is what
/// stands before the query.
pub(crate) fn registry_name(method: &Method, path: &str, query: &str) -> String {
    let segments: Vec<&str> = path.split('/').filter(|it| !it.is_empty()).collect();
    let has = |key: &str| query.split('&').any(|it| it.starts_with(key));
    let what = match segments.as_slice() {
        [.., "blobs", "uploads"] if *method == Method::POST && has("mount=") && has("from=") => {
            return "registry:mount".to_owned();
        }
        [.., "blobs", "uploads", _] if *method == Method::PUT => "blob",
        [.., "blobs", "uploads"] | [.., "blobs", "uploads", _] => "upload",
        [.., "blobs", _] => "blob",
        [.., "manifests", _] => "manifest",
        [.., "referrers", _] => "referrers",
        [.., "tags", "list"] => "tags",
        ["v2", "_catalog"] => "catalog",
        ["v2"] => "v2",
        _ => "other",
    };
    format!("registry:{method} {what}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registry_requests_have_their_contracted_names() {
        for (method, path, query, expected) in [
            (Method::GET, "/v2/", "", "registry:GET v2"),
            (
                Method::POST,
                "/v2/dev/web/blobs/uploads/",
                "",
                "registry:POST upload",
            ),
            (
                Method::POST,
                "/v2/qa/web/blobs/uploads/",
                "mount=sha256:a&from=dev/web",
                "registry:mount",
            ),
            (
                Method::POST,
                "/v2/qa/web/blobs/uploads/",
                "mount=sha256:a",
                "registry:POST upload",
            ),
            (
                Method::PATCH,
                "/v2/qa/web/blobs/uploads/1",
                "",
                "registry:PATCH upload",
            ),
            (
                Method::PUT,
                "/v2/qa/web/blobs/uploads/1",
                "digest=sha256%3Aa",
                "registry:PUT blob",
            ),
            (
                Method::GET,
                "/v2/qa/web/blobs/sha256:a",
                "",
                "registry:GET blob",
            ),
            (
                Method::HEAD,
                "/v2/qa/web/blobs/sha256:a",
                "",
                "registry:HEAD blob",
            ),
            (
                Method::PUT,
                "/v2/qa/web/manifests/1",
                "",
                "registry:PUT manifest",
            ),
            (
                Method::GET,
                "/v2/qa/web/manifests/sha256:a",
                "",
                "registry:GET manifest",
            ),
            (
                Method::GET,
                "/v2/qa/web/tags/list",
                "n=1",
                "registry:GET tags",
            ),
            (
                Method::GET,
                "/v2/qa/web/referrers/sha256:a",
                "",
                "registry:GET referrers",
            ),
            (Method::GET, "/v2/what", "", "registry:GET other"),
        ] {
            assert_eq!(registry_name(&method, path, query), expected);
        }
    }

    #[test]
    fn counts_rise_and_are_reset() {
        let journal = Journal::default();
        journal.count("ecr:PutImage");
        journal.count("ecr:PutImage");
        assert_eq!(journal.counts()["ecr:PutImage"], 2);
        journal.reset();
        assert!(journal.counts().is_empty());
    }

    proptest::proptest! {
        #[test]
        fn any_path_has_a_name(path in ".{0,60}", query in ".{0,20}") {
            let name = registry_name(&Method::GET, &path, &query);
            proptest::prop_assert!(name.starts_with("registry:GET "));
        }
    }
}
