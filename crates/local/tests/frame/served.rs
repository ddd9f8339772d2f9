//! An account that is served over a socket while a test runs.

use std::net::SocketAddr;

use ecr_promoter_local::{Local, Options};
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::http::{Answer, exchange};

pub(crate) struct Served {
    pub(crate) local: Local,
    pub(crate) address: SocketAddr,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Served {
    pub(crate) async fn start() -> Self {
        let local = Local::open(Options::default()).unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = local.clone();
        let serving = tokio::spawn(async move { server.serve(listener).await });
        Self {
            local,
            address,
            serving,
        }
    }

    pub(crate) async fn send(&self, line: &str, headers: &str, body: &str) -> Option<Answer> {
        let address = self.address;
        let (line, headers, body) = (line.to_owned(), headers.to_owned(), body.to_owned());
        tokio::task::spawn_blocking(move || exchange(address, &line, &headers, &body))
            .await
            .unwrap()
    }

    pub(crate) async fn ask(&self, line: &str, body: &str) -> (u16, Value) {
        let answer = self.send(line, "", body).await.unwrap();
        (answer.status, serde_json::from_str(&answer.body).unwrap())
    }
}

pub(crate) const SIGNED: &str = "Authorization: AWS4-HMAC-SHA256 Credential=any\r\n";
