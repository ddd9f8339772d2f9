//! `promoter ui` as a process, asked as a browser asks.

use std::process::Stdio;

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    process::Child,
};

use super::deployed::Deployed;

/// A page as it came.
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// The process, and where it serves.
pub(crate) struct Ui {
    _process: Child,
    pub(crate) port: String,
}

impl Ui {
    pub(crate) async fn of(world: &Deployed, more: &[&str]) -> Self {
        let mut command = world.aws.command(&[&["ui"], more].concat());
        let mut process = command
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let ready = lines.next_line().await.unwrap().unwrap();
        let port = ready
            .strip_prefix("ready http://127.0.0.1:")
            .and_then(|rest| rest.strip_suffix("/ui/"));
        let port = port.unwrap_or_else(|| panic!("{ready}")).to_owned();
        Self {
            _process: process,
            port,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Page {
        let host = format!("127.0.0.1:{}", self.port);
        self.ask("GET", path, &host).await
    }

    /// Waits for the first byte of a screen, and no longer.
    pub(crate) async fn first_byte(&self, path: &str) {
        let host = format!("127.0.0.1:{}", self.port);
        let mut stream = self.send("GET", path, &host).await;
        stream.read_u8().await.unwrap();
    }

    pub(crate) async fn ask(&self, method: &str, path: &str, host: &str) -> Page {
        let mut stream = self.send(method, path, host).await;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        Page {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head: head.to_ascii_lowercase(),
            body: body.to_owned(),
        }
    }

    async fn send(&self, method: &str, path: &str, host: &str) -> TcpStream {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port.parse::<u16>().unwrap()))
            .await
            .unwrap();
        let request =
            format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        stream
    }
}
