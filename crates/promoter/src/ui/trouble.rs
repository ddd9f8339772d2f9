//! Why there is no screen: what is wrong, what to do, and the HTTP status that says the same.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use ecr_promoter::{Failure, failure::Code};
use maud::html;

use super::{frame, parts::text};
use crate::{Failed, refusal::Refusal, signed::missing::Missing};

/// How long a throttled reader waits, in seconds.
const RETRY_AFTER: &str = "5";
/// The codes of credentials that AWS does not take any more.
const EXPIRED: [&str; 5] = [
    "ExpiredTokenException",
    "ExpiredToken",
    "RequestExpired",
    "UnrecognizedClientException",
    "InvalidSignatureException",
];
/// DynamoDB's codes for too many requests, besides throttling.
const THROTTLED: [&str; 2] = [
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
];
/// DynamoDB's code for a table that is not there.
const NO_TABLE: &str = "ResourceNotFoundException";

/// Why there is no screen.
#[derive(Debug)]
pub(super) struct Trouble {
    status: StatusCode,
    title: &'static str,
    said: String,
    todo: &'static str,
}

impl Trouble {
    /// The address asks for what cannot be.
    pub(super) fn asked(said: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            title: "This cannot be looked for",
            said: said.into(),
            todo: "Correct it, and look again.",
        }
    }

    /// What was asked for is not there.
    pub(super) fn missing(said: impl Into<String>) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            title: "Not found",
            said: said.into(),
            todo: "Check the name, or look for it from the overview.",
        }
    }

    /// A request that only a page of somebody else's would make.
    pub(super) fn forbidden(said: impl Into<String>) -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            title: "Not from here",
            said: said.into(),
            todo: "Open the address that promoter printed.",
        }
    }

    /// What AWS refused.
    pub(super) fn of_failure(failure: &Failure) -> Self {
        let (status, title, todo) = kind(failure.code());
        Self {
            status,
            title,
            said: failure.to_string(),
            todo,
        }
    }
}

fn kind(code: &Code) -> (StatusCode, &'static str, &'static str) {
    let word = code.to_string();
    let word = word.as_str();
    match code {
        _ if EXPIRED.contains(&word) => (
            StatusCode::FORBIDDEN,
            "Your credentials are not valid any more",
            "Sign in again, then start promoter ui again.",
        ),
        Code::AccessDenied => (
            StatusCode::FORBIDDEN,
            "Your credentials may not read this",
            "Ask an administrator for the rights that docs/command.md lists.",
        ),
        _ if word == NO_TABLE => (
            StatusCode::NOT_FOUND,
            "There is no such table",
            "Name the tables of your stack by --policies-table and --promotions-table, and check the Region.",
        ),
        Code::RepositoryNotFound | Code::ImageNotFound => (
            StatusCode::NOT_FOUND,
            "Not found",
            "Check the name, or look for it from the overview.",
        ),
        Code::Throttling | Code::TooManyRequests => throttled(),
        _ if THROTTLED.contains(&word) => throttled(),
        Code::None => (
            StatusCode::BAD_GATEWAY,
            "AWS did not answer",
            "Check the network and AWS_ENDPOINT_URL, then load this page again.",
        ),
        _ => (
            StatusCode::BAD_GATEWAY,
            "AWS refused this",
            "What AWS said is above; load this page again once it is mended.",
        ),
    }
}

fn throttled() -> (StatusCode, &'static str, &'static str) {
    (
        StatusCode::SERVICE_UNAVAILABLE,
        "AWS takes no more requests at the moment",
        "Wait a few seconds, then load this page again.",
    )
}

impl From<Failed> for Trouble {
    fn from(failed: Failed) -> Self {
        if let Some(failure) = failed.downcast_ref::<Failure>() {
            return Self::of_failure(failure);
        }
        if failed.downcast_ref::<Missing>().is_some() {
            return Self::missing(failed.to_string());
        }
        let refusal = failed.downcast_ref::<Refusal>();
        let code = refusal
            .and_then(Refusal::code)
            .map_or(Code::None, Code::parse);
        let (status, title, todo) = kind(&code);
        Self {
            status,
            title,
            said: failed.to_string(),
            todo,
        }
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::of_failure(&failure)
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let page = frame::page(
            self.title,
            &html! {
                h1 { (self.title) }
                p.trouble role="alert" { (text(&self.said)) }
                p { (self.todo) }
            },
        );
        let mut response = (self.status, page).into_response();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            let headers = response.headers_mut();
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER));
        }
        response
    }
}
