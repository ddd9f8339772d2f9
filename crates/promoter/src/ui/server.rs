//! What all answers have in common: where they are asked for, by whom, and what a browser may do with them.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Uri, header},
    middleware::{self, Next},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};

use super::{Site, image, overview, policy, repository, search, trouble::Trouble, url, waiting};

/// The names of this machine that a browser may have called; any other is a page that was led here by its DNS.
const HOSTS: [&str; 3] = ["127.0.0.1", "[::1]", "localhost"];

/// What a browser may do with a page: no script or style but ours, nothing from elsewhere, no frame around it.
const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; \
             base-uri 'none'; frame-ancestors 'none'",
        ),
    ),
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    ),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
];

/// The screens, as they are served on `port` of this machine.
pub(crate) fn router(site: Site, port: u16) -> Router {
    Router::new()
        .route("/", get(async || Redirect::to(url::OVERVIEW)))
        .route("/ui", get(async || Redirect::to(url::OVERVIEW)))
        .route(url::OVERVIEW, get(overview::show))
        .route("/ui/waiting", get(waiting::show))
        .route("/ui/image", get(image::show))
        .route("/ui/repository", get(repository::show))
        .route("/ui/policy", get(policy::show))
        .route("/ui/search", get(search::show))
        .route(
            "/ui/style.css",
            get(async || file("text/css", include_str!("style.css"))),
        )
        .route(
            "/ui/refresh.js",
            get(async || file("text/javascript", include_str!("refresh.js"))),
        )
        .route(
            "/ui/icon.svg",
            get(async || file("image/svg+xml", include_str!("icon.svg"))),
        )
        .fallback(async |uri: Uri| Trouble::missing(format!("there is no page {:?}", uri.path())))
        .with_state(Arc::new(site))
        .layer(middleware::from_fn_with_state(port, guard))
}

fn file(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

/// Answers only requests that name this machine by one of its own names.
async fn guard(State(port): State<u16>, request: Request, next: Next) -> Response {
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let host = host.or_else(|| {
        request
            .uri()
            .authority()
            .map(axum::http::uri::Authority::as_str)
    });
    let mut response = if host.is_some_and(|host| is_ours(host, port)) {
        next.run(request).await
    } else {
        Trouble::forbidden("this page is for a browser on this machine alone").into_response()
    };
    response.headers_mut().extend(HEADERS);
    response
}

fn is_ours(host: &str, port: u16) -> bool {
    host.rsplit_once(':')
        .is_some_and(|(name, at)| HOSTS.contains(&name) && at == port.to_string())
}

#[test]
fn a_page_that_was_led_here_by_its_dns_read_the_registry() {
    for (host, ours) in [
        ("127.0.0.1:8080", true),
        ("[::1]:8080", true),
        ("localhost:8080", true),
        ("localhost:8081", false),
        ("localhost", false),
        ("127.0.0.1", false),
        ("evil.example:8080", false),
        ("127.0.0.1.evil.example:8080", false),
        ("evil.example:127.0.0.1:8080", false),
        ("", false),
    ] {
        assert_eq!(is_ours(host, 8080), ours, "{host}");
    }
}
