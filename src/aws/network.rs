//! The network: connections are made at the first request, and again after a freeze.

mod broken;
mod connections;
mod opening;

use std::{
    fmt,
    sync::{Mutex, PoisonError},
    time::SystemTime,
};

use aws_smithy_async::time::SharedTimeSource;
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture},
    orchestrator::HttpRequest,
    result::ConnectorError,
};

use connections::{Connections, IDLE_MAX};

/// Connections over the network. They are made at the first request: loading the root certificates
/// costs milliseconds of each cold start, and an event that leads to nothing may need none.
pub(super) struct Network {
    time: SharedTimeSource,
    used: Mutex<Option<Used>>,
}

/// Connections, and when the last request went over them by the clock on the wall, which a freeze
/// does not stop.
struct Used {
    connections: Connections,
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
    fn connections(&self) -> Result<Connections, ConnectorError> {
        let now = self.time.now();
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back proves nothing.
        let idle = |used: &Used| now.duration_since(used.at).unwrap_or(IDLE_MAX);
        let connections = match used.take() {
            Some(used) if idle(&used) < IDLE_MAX => used.connections,
            Some(used) => used.connections.fresh(),
            None => Connections::new()?,
        };
        *used = Some(Used {
            connections: connections.clone(),
            at: now,
        });
        Ok(connections)
    }
}

impl HttpConnector for Network {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        match self.connections() {
            Ok(connections) => connections.call(request),
            Err(error) => HttpConnectorFuture::ready(Err(error)),
        }
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Network")
    }
}

#[cfg(test)]
mod tests;
