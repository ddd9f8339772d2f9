//! Opens connections: TCP, and TLS by what the system trusts. Keeps none of them.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use aws_smithy_runtime_api::box_error::BoxError;
use http::Uri;
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::{client::legacy::connect::HttpConnector, rt::TokioIo};
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use rustls_native_certs::CertificateResult;
use tokio::{net::TcpStream, time::timeout};
use tower::Service;

/// How long a connection may take to open.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Nothing answered in time.
#[derive(Debug, thiserror::Error)]
#[error("no connection within {} s", CONNECT_TIMEOUT.as_secs())]
pub(super) struct NotInTime;

type Transport = MaybeHttpsStream<TokioIo<TcpStream>>;

/// What opens connections. The time-out is for the name, TCP and TLS together: hyper's own is for TCP alone, and a host
/// that accepts and then says nothing would take the whole of an attempt.
#[derive(Clone)]
pub(super) struct Opening(HttpsConnector<HttpConnector>);

impl Opening {
    pub(super) fn new(tls: Arc<ClientConfig>) -> Self {
        let mut tcp = HttpConnector::new();
        // Else it would refuse `https`, which is opened over it.
        tcp.enforce_http(false);
        // A small request must not wait for the acknowledgement of what was sent before it.
        tcp.set_nodelay(true);
        Self(HttpsConnector::from((tcp, tls)))
    }
}

impl Service<Uri> for Opening {
    type Response = Transport;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Transport, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let opened = timeout(CONNECT_TIMEOUT, self.0.call(to));
        Box::pin(async move { opened.await.unwrap_or_else(|_| Err(NotInTime.into())) })
    }
}

/// TLS by what the system trusts.
pub(super) fn tls() -> Result<ClientConfig, rustls::Error> {
    trusting(rustls_native_certs::load_native_certs())
}

/// TLS by these root certificates. If none can be used, each handshake will fail: the warning says why.
fn trusting(found: CertificateResult) -> Result<ClientConfig, rustls::Error> {
    let mut roots = RootCertStore::empty();
    let (usable, _) = roots.add_parsable_certificates(found.certs);
    if usable == 0 {
        let errors = found.errors;
        tracing::warn!("the system has no root certificate that can be used: {errors:?}");
    }
    // Named, and not the process's default: nothing else in the process may choose another.
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::CertificateDer;

    use super::*;

    #[test]
    fn a_system_without_root_certificates_ended_the_process() {
        for (case, certs) in [
            ("none", vec![]),
            ("not a certificate", vec![CertificateDer::from_slice(b"x")]),
        ] {
            let mut found = CertificateResult::default();
            found.certs = certs;
            assert!(trusting(found).is_ok(), "{case}");
        }
    }

    #[test]
    fn only_http_1_is_offered() {
        assert!(tls().unwrap().alpn_protocols.is_empty());
    }
}
