//! Against servers on this machine that break off, fall silent, or speak something else.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use aws_smithy_async::time::TimeSource;
use aws_smithy_runtime_api::client::{
    connection::CaptureSmithyConnection, orchestrator::HttpResponse,
};
use aws_smithy_types::{body::SdkBody, retry::ErrorKind};
use bytes::Bytes;
use futures_util::stream;
use http_body::Frame;
use http_body_util::StreamBody;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use super::*;

/// An answer without a body.
const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

/// A clock that a test moves.
#[derive(Debug, Clone, Default)]
struct Moved(Arc<Mutex<Duration>>);

impl TimeSource for Moved {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + *self.0.lock().unwrap()
    }
}

/// How a connection of a server ends.
#[derive(Clone, Copy)]
enum End {
    /// It says nothing any more, and stays open: what a connection that died during a freeze looks like.
    Silent,
    /// It is closed, and the client is told.
    Closed,
    /// It is torn down.
    Reset,
}

/// A server that answers the first requests of each connection with these words, one after the other, reads one more and
/// then ends. Counts connections.
async fn server(answers: &'static [&'static str], end: End) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = connections.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(serve(stream, answers, end));
        }
    });
    (address, connections)
}

async fn serve(mut stream: TcpStream, answers: &[&str], end: End) {
    let mut bytes = [0; 4_096];
    for answer in answers {
        if stream.read(&mut bytes).await.unwrap_or(0) == 0 {
            return;
        }
        stream.write_all(answer.as_bytes()).await.unwrap();
    }
    if answers.is_empty() {
        let _ = stream.read(&mut bytes).await;
    }
    match end {
        End::Silent => std::future::pending().await,
        End::Closed => {}
        End::Reset => stream.set_zero_linger().unwrap(),
    }
}

fn network() -> Network {
    Network::new(SharedTimeSource::new(Moved::default()))
}

async fn put(network: &Network, address: &str) -> Result<HttpResponse, ConnectorError> {
    send(network, address, SdkBody::empty()).await
}

async fn send(
    network: &Network,
    address: &str,
    body: SdkBody,
) -> Result<HttpResponse, ConnectorError> {
    let mut request = HttpRequest::new(body);
    request.set_method("PUT").unwrap();
    request.set_uri(address).unwrap();
    network.call(request).await
}

/// What the SDK goes by.
fn kind(error: &ConnectorError) -> &'static str {
    match error.as_other() {
        Some(ErrorKind::TransientError) => "transient",
        Some(_) => "unexpected",
        None if error.is_timeout() => "time-out",
        None if error.is_io() => "io",
        None if error.is_user() => "user",
        None => "other",
    }
}

#[tokio::test]
async fn after_a_thaw_each_dead_connection_cost_a_whole_time_out() {
    let clock = Moved::default();
    let network = Network::new(SharedTimeSource::new(clock.clone()));
    let (address, connections) = server(&[OK, OK], End::Silent).await;
    let address = format!("http://{address}/");
    for (after, expected) in [(0, 1), (9, 1), (10, 2), (9, 2), (3_600, 3)] {
        *clock.0.lock().unwrap() += Duration::from_secs(after);
        let answer = put(&network, &address).await.unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{after} s");
        assert_eq!(connections.load(Ordering::Relaxed), expected, "{after} s");
    }
}

#[tokio::test]
async fn a_connection_that_the_sdk_poisoned_was_used_again() {
    for (poisoned, expected) in [(false, 1), (true, 2)] {
        let network = network();
        let (address, connections) = server(&[OK, OK], End::Silent).await;
        let address = format!("http://{address}/");
        let used = CaptureSmithyConnection::new();
        let mut request = HttpRequest::new(SdkBody::empty());
        request.set_uri(address.as_str()).unwrap();
        request.add_extension(used.clone());
        network.call(request).await.unwrap();
        let used = used.get().expect("a connection");
        if poisoned {
            used.poison();
        }
        put(&network, &address).await.unwrap();
        let connections = connections.load(Ordering::Relaxed);
        assert_eq!(connections, expected, "poisoned: {poisoned}");
    }
}

// Time is the runtime's, and passes when nothing is left to do.
#[tokio::test(start_paused = true)]
async fn a_host_that_accepted_and_never_greeted_held_a_request_for_a_whole_attempt() {
    let (address, connections) = server(&[], End::Silent).await;
    let began = tokio::time::Instant::now();
    let error = put(&network(), &format!("https://{address}/")).await;
    let error = error.unwrap_err();
    assert_eq!(kind(&error), "time-out", "{error:?}");
    assert_eq!(began.elapsed().as_secs(), 3);
    assert_eq!(connections.load(Ordering::Relaxed), 1);
    let said = crate::failure::chain(&error);
    assert!(said.contains("no connection within 3 s"), "{said}");
}

#[tokio::test]
async fn what_passes_is_told_from_what_does_not() {
    for (case, answers, end, expected) in [
        (
            "closed before the answer",
            &[][..],
            End::Closed,
            "transient",
        ),
        ("reset before the answer", &[], End::Reset, "io"),
        (
            "cut off in the head",
            &["HTTP/1.1 200"],
            End::Closed,
            "transient",
        ),
        (
            "not HTTP",
            &["220 mail.example ESMTP\r\n"],
            End::Silent,
            "other",
        ),
        (
            "HTTP/2 alone",
            &["\0\0\x06\x04\0\0\0\0\0"],
            End::Silent,
            "other",
        ),
    ] {
        let (address, _) = server(answers, end).await;
        let error = put(&network(), &format!("http://{address}/")).await;
        let error = error.expect_err(case);
        assert_eq!(kind(&error), expected, "{case}: {error:?}");
    }
}

#[tokio::test]
async fn what_was_never_sent_is_told_from_what_was() {
    let closed = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let refused = format!("http://{}/", closed.local_addr().unwrap());
    drop(closed);
    let (silent, _) = server(&[], End::Silent).await;
    let silent = format!("http://{silent}/");
    let (plain, _) = server(&[OK], End::Closed).await;
    let plain = format!("https://{plain}/");
    let broken = || {
        let frames = stream::iter([Err::<Frame<Bytes>, _>(std::io::Error::other("broke"))]);
        SdkBody::from_body_1_x(StreamBody::new(frames))
    };
    for (case, address, body, expected) in [
        ("nobody listens", refused.as_str(), SdkBody::empty(), "io"),
        ("no TLS there", &plain, SdkBody::empty(), "io"),
        ("another scheme", "ftp://127.0.0.1/", SdkBody::empty(), "io"),
        ("no host", "/v2/", SdkBody::empty(), "other"),
        ("the body breaks", &silent, broken(), "user"),
    ] {
        let error = send(&network(), address, body).await.expect_err(case);
        assert_eq!(kind(&error), expected, "{case}: {error:?}");
    }
}
