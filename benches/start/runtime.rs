//! The least of Lambda's Runtime API, and of DynamoDB a table that is empty: AWS Lambda developer
//! guide, "Using the Lambda runtime API for custom runtimes".

use std::{
    io::{BufRead, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::Instant,
};

/// The API as one process sees it.
pub(crate) struct Runtime {
    pub(crate) address: SocketAddr,
    asked: Receiver<Instant>,
    work: Sender<String>,
}

/// What the connections share.
struct Shared {
    asked: Sender<Instant>,
    work: Mutex<Receiver<String>>,
}

impl Runtime {
    /// Listens on a free port, until the process ends.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let (asked, was_asked) = channel();
        let (work, to_do) = channel();
        let shared = Arc::new(Shared {
            asked,
            work: Mutex::new(to_do),
        });
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = shared.clone();
                thread::spawn(move || serve(&stream, &shared));
            }
        });
        Self {
            address,
            asked: was_asked,
            work,
        }
    }

    /// Waits for a request for work: when it came.
    pub(crate) fn asked(&self) -> Instant {
        self.asked.recv().unwrap()
    }

    /// Answers the request for work that waits.
    pub(crate) fn give(&self, payload: &str) {
        self.work.send(payload.to_owned()).unwrap();
    }
}

/// Serves one connection, until it ends.
fn serve(stream: &TcpStream, shared: &Shared) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut reader = BufReader::new(stream);
    loop {
        let first = request(&mut reader)?;
        let answer = if first.contains("/invocation/next") {
            // No one waits any more once the measuring is over.
            shared.asked.send(Instant::now()).ok()?;
            let payload = shared.work.lock().ok()?.recv().ok()?;
            invocation(&payload)
        } else if first.contains("/runtime/") {
            answer("202 Accepted", "", "{}")
        } else {
            answer("200 OK", "", r#"{"Count":0,"Items":[],"ScannedCount":0}"#)
        };
        let mut stream = stream;
        stream.write_all(answer.as_bytes()).ok()?;
    }
}

/// Reads one request with its body: its first line.
fn request(reader: &mut BufReader<&TcpStream>) -> Option<String> {
    let (mut first, mut length) = (String::new(), 0);
    if reader.read_line(&mut first).ok()? == 0 {
        return None;
    }
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(first)
}

fn invocation(payload: &str) -> String {
    let headers = "lambda-runtime-aws-request-id: 1\r\n\
        lambda-runtime-deadline-ms: 4102444800000\r\n\
        lambda-runtime-invoked-function-arn: arn:aws:lambda:eu-west-1:123456789012:function:ecr-promoter\r\n";
    answer("200 OK", headers, payload)
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\n{headers}content-length: {length}\r\n\r\n{body}"
    )
}
