//! What a socket would enforce is enforced without one.

use http_body_util::{BodyExt, StreamBody};

use super::*;
use crate::{Fault, Options};

fn local() -> Local {
    Local::open(Options::default()).unwrap()
}

fn stream(chunks: &'static [&'static str]) -> SdkBody {
    let chunks = chunks
        .iter()
        .map(|it| Ok::<_, std::io::Error>(http_body::Frame::data(bytes::Bytes::from(*it))));
    let body = StreamBody::new(futures_util::stream::iter(chunks.collect::<Vec<_>>()));
    SdkBody::from_body_1_x(body)
}

fn put(uri: &str, body: SdkBody, length: Option<&str>) -> HttpRequest {
    let mut request = HttpRequest::new(body);
    request.set_method("PUT").unwrap();
    request.set_uri(uri).unwrap();
    if let Some(length) = length {
        request
            .headers_mut()
            .insert("content-length", length.to_owned());
    }
    request
}

async fn call(local: &Local, request: HttpRequest) -> Result<String, ConnectorError> {
    let response = local.connector().call(request).await?;
    let length = response.headers().get("content-length").map(str::to_owned);
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(length, Some(body.len().to_string()));
    Ok(String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn lengths_are_announced_and_kept() {
    // Answers with the list that it was sent.
    const URI: &str = "http://local/_local/faults";
    let local = local();
    for (case, body, length, answered) in [
        ("in memory", SdkBody::from("[ ]"), None, true),
        ("in memory, told", SdkBody::from("[ ]"), Some("3"), true),
        (
            "in memory, told wrongly",
            SdkBody::from("[ ]"),
            Some("4"),
            false,
        ),
        ("stream, told", stream(&["[ ", "]"]), Some("3"), true),
        ("stream, not told", stream(&["[ ", "]"]), None, false),
        ("stream too short", stream(&["[]"]), Some("3"), false),
        ("stream too long", stream(&["[]", "  "]), Some("3"), false),
        ("no number", stream(&[]), Some("x"), false),
    ] {
        let answer = call(&local, put(URI, body, length)).await;
        if answered {
            assert_eq!(answer.unwrap(), "[]", "{case}");
        } else {
            assert!(answer.unwrap_err().is_io(), "{case}");
        }
    }
}

#[tokio::test]
async fn only_names_that_exist_are_answered() {
    let local = local();
    for (uri, answered) in [
        ("http://local/v2/", true),
        ("http://blobs.local/_blobs/x", true),
        (
            "https://000000000000.dkr.ecr.us-east-1.amazonaws.com/v2/",
            true,
        ),
        (
            "https://api.ecr.us-east-1.amazonaws.com.evil.example/",
            false,
        ),
        ("http://localhost:1/", false),
        ("/v2/", false),
    ] {
        let answer = call(&local, put(uri, SdkBody::empty(), None)).await;
        assert_eq!(answer.is_ok(), answered, "{uri}");
    }
}

#[tokio::test]
async fn a_broken_connection_and_a_closed_one_are_io_errors() {
    let local = local();
    local.set_faults(vec![Fault::refuse(
        "registry:PUT blob",
        "ConnectionReset",
        0,
        1,
    )]);
    let request = || {
        put(
            "http://local/v2/a/blobs/uploads/1",
            SdkBody::from("abc"),
            None,
        )
    };
    assert!(call(&local, request()).await.unwrap_err().is_io());
    assert!(call(&local, request()).await.is_ok());
    let connector = local.connector();
    drop(local);
    assert!(connector.call(request()).await.unwrap_err().is_io());
}
