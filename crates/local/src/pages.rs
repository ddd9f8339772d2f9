//! Pages of a caller's own at the address of the account. They are no part of AWS.

use axum::{Router, body::Body, response::Response};
use http::Request;
use tower::ServiceExt as _;

/// What answers below a path.
pub(crate) struct Pages {
    path: &'static str,
    router: Router,
}

impl Pages {
    pub(crate) fn new(path: &'static str, router: Router) -> Self {
        Self { path, router }
    }

    /// Whether a path is theirs.
    pub(crate) fn have(&self, path: &str) -> bool {
        let rest = path.strip_prefix(self.path);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    pub(crate) async fn answer(&self, request: Request<Body>) -> Response {
        // A router has no errors of its own.
        let Ok(answer) = self.router.clone().oneshot(request).await;
        answer
    }
}

#[test]
fn a_path_that_begins_alike_is_another_one() {
    let pages = Pages::new("/ui", Router::new());
    for (path, theirs) in [
        ("/ui", true),
        ("/ui/", true),
        ("/ui/image", true),
        ("/uix", false),
        ("/v2/ui", false),
        ("/", false),
    ] {
        assert_eq!(pages.have(path), theirs, "{path}");
    }
}
