//! Security Token Service: who the caller is. Knows one operation, which clients use to find their account.

use axum::{body::Body, response::Response};
use http::StatusCode;
use percent_encoding::percent_decode_str;

/// The operation that a form body names (`Action=…`), as STS API reference, "Common parameters", has it.
pub(crate) fn action(body: &[u8]) -> Option<String> {
    let body = std::str::from_utf8(body).ok()?;
    let value = body.split('&').find_map(|it| it.strip_prefix("Action="))?;
    Some(percent_decode_str(value).decode_utf8_lossy().into_owned())
}

/// Answers one form request.
pub(crate) fn answer(action: &str, account: &str) -> Response {
    if action != "GetCallerIdentity" {
        let message = "The action is not valid for this web service.";
        return error(StatusCode::BAD_REQUEST, "InvalidAction", message);
    }
    let body = format!(
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
         <Arn>arn:aws:iam::{account}:root</Arn><UserId>{account}</UserId><Account>{account}</Account>\
         </GetCallerIdentityResult><ResponseMetadata><RequestId>00000000-0000-0000-0000-000000000000</RequestId>\
         </ResponseMetadata></GetCallerIdentityResponse>"
    );
    xml(StatusCode::OK, body)
}

/// An error of the query protocol.
pub(crate) fn error(status: StatusCode, code: &str, message: &str) -> Response {
    let (code, message) = (escape(code), escape(message));
    let body = format!(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
         <Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
    );
    xml(status, body)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn xml(status: StatusCode, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let kind = http::HeaderValue::from_static("text/xml");
    response
        .headers_mut()
        .insert(http::header::CONTENT_TYPE, kind);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_action_is_found_wherever_it_stands() {
        for (body, expected) in [
            (
                "Action=GetCallerIdentity&Version=2011-06-15",
                Some("GetCallerIdentity"),
            ),
            (
                "Version=2011-06-15&Action=Get%43allerIdentity",
                Some("GetCallerIdentity"),
            ),
            ("Version=2011-06-15", None),
            ("", None),
        ] {
            assert_eq!(action(body.as_bytes()).as_deref(), expected, "{body}");
        }
        assert_eq!(action(&[0xff, 0xfe]), None);
    }

    #[test]
    fn an_unknown_action_is_refused() {
        assert_eq!(answer("AssumeRole<", "000000000000").status(), 400);
        assert_eq!(answer("GetCallerIdentity", "000000000000").status(), 200);
    }
}
