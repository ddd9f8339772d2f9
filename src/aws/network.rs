//! The network's connector: built at the first request, and again after a freeze.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use aws_smithy_async::{rt::sleep::TokioSleep, time::SharedTimeSource};
use aws_smithy_http_client::{
    Connector,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
    orchestrator::HttpRequest,
};

/// How long a connection may take to open.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Connections that were unused for this long are not used again. Lambda freezes the process between
/// invocations, and a connection that died in the meantime shows it only by silence: each dead one costs a whole time-out.
const IDLE_MAX: Duration = Duration::from_secs(10);

/// Connections over the network. They are made at the first request: loading the root certificates
/// costs milliseconds of each cold start, and an event that leads to nothing may need none.
pub(super) struct Network {
    time: SharedTimeSource,
    used: Mutex<Option<Used>>,
}

/// Connections, and when the last request went over them by the clock on the wall, which a freeze
/// does not stop.
struct Used {
    connector: SharedHttpConnector,
    at: SystemTime,
}

impl Network {
    pub(super) fn new(time: SharedTimeSource) -> Self {
        Self {
            time,
            used: Mutex::default(),
        }
    }

    /// The connections that are in use, or fresh ones.
    fn connector(&self) -> SharedHttpConnector {
        let now = self.time.now();
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let in_use = used.take().filter(|used| {
            // A clock that was set back proves nothing.
            let idle = now.duration_since(used.at);
            idle.is_ok_and(|idle| idle < IDLE_MAX)
        });
        let connector = in_use.map_or_else(connect, |used| used.connector);
        *used = Some(Used {
            connector: connector.clone(),
            at: now,
        });
        connector
    }
}

impl HttpConnector for Network {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.connector().call(request)
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Network")
    }
}

fn connect() -> SharedHttpConnector {
    let settings = HttpConnectorSettings::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .build();
    SharedHttpConnector::new(
        Connector::builder()
            .connector_settings(settings)
            .pool_idle_timeout(IDLE_MAX)
            .sleep_impl(TokioSleep::new())
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .build(),
    )
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use aws_smithy_async::time::TimeSource;
    use aws_smithy_types::body::SdkBody;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    use super::*;

    /// A clock that a test moves.
    #[derive(Debug, Clone, Default)]
    struct Moved(Arc<Mutex<Duration>>);

    impl TimeSource for Moved {
        fn now(&self) -> SystemTime {
            SystemTime::UNIX_EPOCH + *self.0.lock().unwrap()
        }
    }

    /// A server whose connections answer this many requests each, and then nothing any more, without
    /// being closed: what a connection that died during a freeze looks like. Counts connections.
    async fn server(answers: usize) -> (String, Arc<AtomicUsize>) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = connections.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(async move {
                    let mut bytes = [0; 4_096];
                    for _ in 0..answers {
                        if stream.read(&mut bytes).await.unwrap_or(0) == 0 {
                            return;
                        }
                        let answer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
                        stream.write_all(answer.as_bytes()).await.unwrap();
                    }
                    std::future::pending::<()>().await;
                });
            }
        });
        (address, connections)
    }

    async fn get(network: &Network, address: &str) -> u16 {
        let mut request = HttpRequest::new(SdkBody::empty());
        request.set_uri(address).unwrap();
        let response = network.call(request).await.unwrap();
        response.status().as_u16()
    }

    #[tokio::test]
    async fn after_a_thaw_each_dead_connection_cost_a_whole_time_out() {
        let clock = Moved::default();
        let network = Network::new(SharedTimeSource::new(clock.clone()));
        let (address, connections) = server(2).await;
        for (after, expected) in [(0, 1), (9, 1), (10, 2), (9, 2), (3_600, 3)] {
            *clock.0.lock().unwrap() += Duration::from_secs(after);
            assert_eq!(get(&network, &address).await, 200, "{after} s");
            assert_eq!(connections.load(Ordering::Relaxed), expected, "{after} s");
        }
    }
}
