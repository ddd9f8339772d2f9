//! HTTP/1.1 over connections that are kept for the next request, in the clear or by TLS. Knows nothing of freezes, and
//! reads no proxy from the environment.

use std::{fmt, sync::Arc, time::Duration};

use aws_smithy_runtime_api::client::{
    connection::{CaptureSmithyConnection, ConnectionMetadata},
    http::{HttpConnector, HttpConnectorFuture},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use aws_smithy_types::body::SdkBody;
use hyper_util::{
    client::legacy::{
        Client,
        connect::{CaptureConnection, capture_connection},
    },
    rt::{TokioExecutor, TokioTimer},
};
use rustls::ClientConfig;

use super::{broken, opening, opening::Opening};

/// Connections that were unused for this long are not used again. Lambda freezes the process between
/// invocations, and a connection that died in the meantime shows it only by silence: each dead one costs a whole time-out.
pub(super) const IDLE_MAX: Duration = Duration::from_secs(10);

/// Connections to any number of hosts, and what they trust.
#[derive(Clone)]
pub(super) struct Connections {
    client: Client<Opening, SdkBody>,
    tls: Arc<ClientConfig>,
}

impl Connections {
    /// None yet. Loads the root certificates.
    pub(super) fn new() -> Result<Self, ConnectorError> {
        let tls = opening::tls().map_err(|error| ConnectorError::other(error.into(), None))?;
        Ok(Self::trusting(Arc::new(tls)))
    }

    /// None yet, with the root certificates and the TLS sessions of these.
    pub(super) fn fresh(self) -> Self {
        Self::trusting(self.tls)
    }

    fn trusting(tls: Arc<ClientConfig>) -> Self {
        let client = Client::builder(TokioExecutor::new())
            // Without a timer an idle connection is only noticed when the next one is asked for.
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_MAX)
            .build(Opening::new(tls.clone()));
        Self { client, tls }
    }
}

impl HttpConnector for Connections {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let mut request = match request.try_into_http1x() {
            Ok(request) => request,
            Err(error) => {
                return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into())));
            }
        };
        let asked = request.extensions().get::<CaptureSmithyConnection>();
        if let Some(asked) = asked.cloned() {
            let used = capture_connection(&mut request);
            asked.set_connection_retriever(move || describe(&used));
        }
        let answer = self.client.request(request);
        HttpConnectorFuture::new(async move {
            let answer = answer.await.map_err(broken::classify)?;
            HttpResponse::try_from(answer.map(SdkBody::from_body_1_x))
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connections")
    }
}

/// The connection that a request went over, if it got one: the SDK does not want it again after a time-out or a server's
/// error.
fn describe(used: &CaptureConnection) -> Option<ConnectionMetadata> {
    used.connection_metadata().as_ref()?;
    let used = used.clone();
    let description = ConnectionMetadata::builder()
        .proxied(false)
        .poison_fn(move || {
            if let Some(connection) = used.connection_metadata().as_ref() {
                connection.poison();
            }
        });
    Some(description.build())
}
