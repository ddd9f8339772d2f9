//! One request over the seam, and what a refusal of the registry or of its storage says.

use std::{pin::pin, sync::atomic::Ordering, time::Duration};

use aws_smithy_runtime_api::client::{
    http::HttpConnector as _,
    orchestrator::{HttpRequest, HttpResponse},
};
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt as _;

use super::handed::{self, Handed};
use crate::{
    aws::Aws,
    failure::{Code, Failure, MAKE_THE_TARGET, Remedy, chain},
};

/// How long a request without a body waits for the head of its answer, and any refusal for the rest of its words.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);
/// At most so much of an error's body is read, in bytes.
const ERROR_BODY_MAX: usize = 64 * 1024;
/// How the registry's words on a token begin that it does not take: its own, and those on the credentials behind it (as
/// docker prints them, in two spellings).
const TOKEN_REFUSED: [&str; 2] = [
    "your authorization token",
    "the security token included in the request",
];

/// A request to an absolute address.
pub(super) fn request(
    method: &str,
    address: &str,
    body: SdkBody,
    tried: &str,
) -> Result<HttpRequest, Failure> {
    let mut request = HttpRequest::new(body);
    let made = request
        .set_method(method)
        .and_then(|()| request.set_uri(address));
    match made {
        Ok(()) => Ok(request),
        Err(error) => Err(Failure::new(Remedy::Wait, tried, chain(&error))),
    }
}

/// A request without a body: the head of its answer comes soon or not at all, as on a connection
/// that died while the function was frozen.
pub(super) async fn call(
    aws: &Aws,
    request: HttpRequest,
    tried: &str,
) -> Result<HttpResponse, Failure> {
    let answer = Box::pin(send(aws, request, tried));
    let answer = aws.seam.within(ANSWER_TIMEOUT, answer).await;
    answer.unwrap_or_else(|| {
        let said = format!("no answer for {} s", ANSWER_TIMEOUT.as_secs());
        Err(Failure::new(Remedy::Wait, tried, said))
    })
}

/// A request with a long body: it may take its time, as long as its bytes are taken, and the head of its answer comes
/// soon after the last one.
pub(super) async fn send_slowly(
    aws: &Aws,
    request: HttpRequest,
    handed: &Handed,
    tried: &str,
) -> Result<HttpResponse, Failure> {
    let mut answer = pin!(send(aws, request, tried));
    loop {
        if let Some(answer) = aws.seam.within(handed::LOOKS_EVERY, answer.as_mut()).await {
            return answer;
        }
        if let Err(stalled) = handed.look() {
            return Err(Failure::new(Remedy::Wait, tried, stalled.to_string()));
        }
    }
}

/// One request over the seam; a connection that breaks passes.
async fn send(aws: &Aws, request: HttpRequest, tried: &str) -> Result<HttpResponse, Failure> {
    let answer = aws.seam.connector.call(request).await;
    if answer.is_ok() {
        aws.seam.answered.store(true, Ordering::Relaxed);
    }
    answer.map_err(|error| Failure::new(Remedy::Wait, tried, chain(&error)))
}

/// What a refusal of the registry says (OCI distribution specification, "Error codes").
pub(super) async fn refused(
    aws: &Aws,
    tried: impl Into<String>,
    response: HttpResponse,
) -> Failure {
    let status = response.status().as_u16();
    let words = error_body(aws, response.into_body()).await;
    refusal(tried, status, &words)
}

fn refusal(tried: impl Into<String>, status: u16, words: &str) -> Failure {
    let (mut code, message) = error_words(words);
    if status == 429 {
        code = Code::TooManyRequests;
    }
    let advice = match (status, &code) {
        // A token that is not taken passes (401, or a 403 that says so); a 403 may be anything else.
        (403, _) if !is_about_the_token(&message) => (
            Remedy::Mend,
            Some("grant the function's role the push actions on the target, or check its quotas"),
        ),
        (404, Code::RepositoryNotFound) => (code.at_ecr().0, MAKE_THE_TARGET),
        (404, Code::BlobUnknown) | (405, _) => (Remedy::Never, None),
        // Throttling, server errors, an upload that was lost, a body that broke.
        _ => (Remedy::Wait, None),
    };
    let failure = Failure::coded(code, advice, tried, format!("HTTP {status}: {message}"));
    if status < 500 {
        failure.without_effect()
    } else {
        failure
    }
}

/// By how the sentence begins: the names of roles, repositories and tags, which come later in it, may hold any word.
fn is_about_the_token(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    TOKEN_REFUSED.iter().any(|words| message.starts_with(words))
}

/// What a refusal of the storage says: whatever it is, a new URL may fix it.
pub(super) async fn refused_by_storage(
    aws: &Aws,
    tried: impl Into<String>,
    response: HttpResponse,
) -> Failure {
    let status = response.status().as_u16();
    let (code, message) = error_words(&error_body(aws, response.into_body()).await);
    let came_back = format!("HTTP {status}: {message}");
    Failure::coded(code, (Remedy::Wait, None), tried, came_back)
}

/// What came of an error's body, as far as it came in time.
async fn error_body(aws: &Aws, mut body: SdkBody) -> String {
    let mut bytes = Vec::new();
    let read = async {
        while let Some(Ok(frame)) = body.frame().await {
            let data = frame.into_data().unwrap_or_default();
            let room = ERROR_BODY_MAX - bytes.len();
            bytes.extend(data.into_iter().take(room));
            if bytes.len() == ERROR_BODY_MAX {
                break;
            }
        }
    };
    aws.seam.within(ANSWER_TIMEOUT, read).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Code and message of the first error; a body may also be plain text.
fn error_words(text: &str) -> (Code, String) {
    const WORDS_MAX: usize = 500;
    #[derive(serde::Deserialize)]
    struct Errors {
        errors: Vec<One>,
    }
    #[derive(serde::Deserialize)]
    struct One {
        #[serde(default)]
        code: String,
        #[serde(default)]
        message: String,
    }
    let first = serde_json::from_str::<Errors>(text)
        .ok()
        .and_then(|e| e.errors.into_iter().next());
    let (code, message) = match first {
        Some(one) => (Code::parse(&one.code), one.message),
        None => (Code::None, text.trim().to_owned()),
    };
    (code, message.chars().take(WORDS_MAX).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_403_that_named_a_token_service_was_taken_for_an_expired_token() {
        let denied = |who: &str, what: &str| {
            format!(
                "User: arn:aws:sts::123456789012:assumed-role/{who}/f is not authorized to perform: ecr:InitiateLayerUpload on resource: arn:aws:ecr:eu-west-1:123456789012:repository/{what}"
            )
        };
        for (case, message, passes) in [
            (
                "expired",
                "Your authorization token has expired. Reauthenticate and try again.",
                true,
            ),
            (
                "expired, in older words",
                "Your Authorization Token has expired. Please run 'aws ecr get-login' to fetch a new one.",
                true,
            ),
            ("invalid", "Your Authorization Token is invalid.", true),
            (
                "the credentials behind it expired",
                "The security token included in the request is expired",
                true,
            ),
            ("no right", &denied("promoter", "qa/website"), false),
            (
                "no right on a repository",
                &denied("promoter", "qa/token-service"),
                false,
            ),
            (
                "the same, of another name",
                &denied("promoter", "qa/your-authorization-token"),
                false,
            ),
            (
                "no right of a role",
                &denied("token-vending", "qa/website"),
                false,
            ),
            (
                "a tag",
                "The image with imageId {imageTag:'your authorization token has expired'} is denied",
                false,
            ),
            (
                "a quota",
                "The repository with name 'qa/token' has reached its limit of images",
                false,
            ),
            ("no words", "", false),
        ] {
            let body = serde_json::json!({"errors": [{"code": "DENIED", "message": message}]});
            for words in [body.to_string(), message.to_owned()] {
                let failure = refusal("upload", 403, &words);
                let expected = if passes { Remedy::Wait } else { Remedy::Mend };
                assert_eq!(failure.remedy(), expected, "{case}: {failure}");
            }
        }
    }
}
