//! The embedded AWS on a socket: HTTP/1.1, and connections that break when a fault says so.

mod rest;

use axum::{body::Body, response::Response};
use http::{Request, header};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use crate::{
    Local,
    router::{self, Reset},
};

/// How many connections are open at once; further ones wait.
const CONNECTIONS_MAX: usize = 1_024;
/// How long to wait after a connection could not be taken, for want of file descriptors mostly.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(50);

impl std::fmt::Display for Reset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a requested fault breaks the connection")
    }
}

impl std::error::Error for Reset {}

/// Serves until it is dropped; its connections end with it.
pub(crate) async fn serve(local: &Local, listener: TcpListener) -> std::io::Result<()> {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if connections.len() < CONNECTIONS_MAX => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(local.clone(), stream));
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot take a connection");
                    tokio::time::sleep(PAUSE).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(local: Local, stream: TcpStream) {
    // Answers are small and wanted at once.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: Request<Incoming>| {
        let local = local.clone();
        async move { answer(&local, request).await }
    });
    let serving = http1::Builder::new()
        .header_read_timeout(None)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = serving.await {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// An error here closes the connection without an answer.
async fn answer(local: &Local, request: Request<Incoming>) -> Result<Response, Reset> {
    // Who asks before sending a body does not send it after a refusal.
    let asks_first = request.headers().contains_key(header::EXPECT);
    let (head, body) = request.into_parts();
    let (body, rest) = rest::lend(body);
    let answer = router::answer(local, Request::from_parts(head, Body::new(body))).await?;
    if !asks_first {
        rest.receive().await;
    }
    Ok(answer)
}
