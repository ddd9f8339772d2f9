//! The names under which callers reach the embedded AWS.

use http::{HeaderMap, header::HOST, uri::Authority};

use crate::ecr::Base;

/// The host name under which the connector serves everything but blob downloads.
pub const HOST_IN_PROCESS: &str = "local";
/// The host name under which the connector serves blob downloads.
pub const BLOBS_HOST_IN_PROCESS: &str = "blobs.local";

/// The addresses under which the caller of a request reaches us. Blobs are downloaded from another host name, as ECR
/// sends its callers to S3.
pub(crate) fn base(headers: &HeaderMap) -> Base {
    let host = headers.get(HOST).and_then(|it| it.to_str().ok());
    let host = host.and_then(|it| it.parse::<Authority>().ok());
    let (name, port) = match &host {
        Some(host) => (host.host(), host.port_u16()),
        None => ("127.0.0.1", None),
    };
    if port.is_none() && (name == HOST_IN_PROCESS || name == BLOBS_HOST_IN_PROCESS) {
        return Base {
            api: format!("http://{HOST_IN_PROCESS}"),
            blobs: format!("http://{BLOBS_HOST_IN_PROCESS}"),
        };
    }
    let port = port.map(|it| format!(":{it}")).unwrap_or_default();
    let blobs = if name == "localhost" {
        "127.0.0.1"
    } else {
        "localhost"
    };
    Base {
        api: format!("http://{name}{port}"),
        blobs: format!("http://{blobs}{port}"),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn blobs_are_downloaded_from_another_name() {
        for (host, api, blobs) in [
            (
                "127.0.0.1:4566",
                "http://127.0.0.1:4566",
                "http://localhost:4566",
            ),
            ("localhost:1", "http://localhost:1", "http://127.0.0.1:1"),
            ("local", "http://local", "http://blobs.local"),
            ("blobs.local", "http://local", "http://blobs.local"),
            ("", "http://127.0.0.1", "http://localhost"),
            ("a b", "http://127.0.0.1", "http://localhost"),
        ] {
            let headers = HeaderMap::from_iter([(HOST, HeaderValue::from_static(host))]);
            let base = base(&headers);
            assert_eq!(
                (base.api.as_str(), base.blobs.as_str()),
                (api, blobs),
                "{host}"
            );
        }
    }
}
