//! A connector between the function and the embedded AWS: it notes every request, and may answer
//! one in the place of AWS.

use std::{
    fmt,
    sync::{Arc, Mutex},
};

use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
};
use aws_smithy_types::body::SdkBody;
use http::Response;
use serde_json::Value;

use crate::{meter::Meter, trips::Trips};

/// One request, as it left the function.
#[derive(Debug, Clone)]
pub struct Seen {
    pub method: String,
    pub uri: String,
    /// The operation of a JSON API, without its service's version.
    pub operation: String,
    pub authorized: bool,
    /// What a JSON API was asked; null if there is no such body.
    pub body: Value,
}

/// What is answered in the place of AWS, if anything.
type Instead = dyn Fn(&Seen) -> Option<Response<String>> + Send + Sync;

/// A connector around a connector.
type Further = dyn Fn(SharedHttpConnector) -> SharedHttpConnector + Send + Sync;

/// Notes what passes.
#[derive(Clone)]
pub struct Between {
    seen: Arc<Mutex<Vec<Seen>>>,
    instead: Arc<Instead>,
    meter: Option<Meter>,
    trips: Option<Trips>,
    further: Option<Arc<Further>>,
}

impl Between {
    /// Everything passes.
    pub fn listening() -> Self {
        Self::answering(|_| None)
    }

    /// Where `instead` answers, the request never arrives.
    pub fn answering(
        instead: impl Fn(&Seen) -> Option<Response<String>> + Send + Sync + 'static,
    ) -> Self {
        Self {
            seen: Arc::default(),
            instead: Arc::new(instead),
            meter: None,
            trips: None,
            further: None,
        }
    }

    /// Everything passes, and DynamoDB tells what it consumed.
    pub fn metering(meter: &Meter) -> Self {
        Self {
            meter: Some(meter.clone()),
            ..Self::listening()
        }
    }

    /// Everything passes, and each request takes one tick.
    pub fn timing(trips: &Trips) -> Self {
        Self {
            trips: Some(trips.clone()),
            ..Self::listening()
        }
    }

    /// Everything passes a further connector.
    pub fn through(
        further: impl Fn(SharedHttpConnector) -> SharedHttpConnector + Send + Sync + 'static,
    ) -> Self {
        Self {
            further: Some(Arc::new(further)),
            ..Self::listening()
        }
    }

    /// What passed since the last look.
    pub fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut *self.seen.lock().unwrap())
    }

    pub fn around(&self, inner: SharedHttpConnector) -> SharedHttpConnector {
        let between = self.clone();
        let inner = match &self.meter {
            Some(meter) => meter.around(inner),
            None => inner,
        };
        let inner = match &self.trips {
            Some(trips) => trips.around(inner),
            None => inner,
        };
        let inner = match &self.further {
            Some(further) => further(inner),
            None => inner,
        };
        SharedHttpConnector::new(Around { between, inner })
    }
}

/// An answer of a JSON API.
pub fn json_answer(body: &Value) -> Response<String> {
    let answer = Response::builder().header("content-type", "application/x-amz-json-1.1");
    answer.body(body.to_string()).unwrap()
}

struct Around {
    between: Between,
    inner: SharedHttpConnector,
}

impl fmt::Debug for Around {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Around")
    }
}

impl HttpConnector for Around {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let body = request.body().bytes().unwrap_or_default();
        let seen = Seen {
            method: request.method().to_owned(),
            uri: request.uri().to_owned(),
            operation: target.rsplit('.').next().unwrap_or_default().to_owned(),
            authorized: request.headers().get("authorization").is_some(),
            body: serde_json::from_slice(body).unwrap_or_default(),
        };
        let instead = (self.between.instead)(&seen);
        self.between.seen.lock().unwrap().push(seen);
        match instead {
            None => self.inner.call(request),
            Some(answer) => {
                let answer = answer.map(SdkBody::from);
                HttpConnectorFuture::ready(Ok(HttpResponse::try_from(answer).unwrap()))
            }
        }
    }
}
