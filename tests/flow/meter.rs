//! What DynamoDB says that it consumed: the units by which it is paid.
//!
//! A connector that asks for `ReturnConsumedCapacity` with each request and adds up the answers.

use std::{
    fmt,
    sync::{Arc, Mutex},
};

use aws_smithy_runtime_api::{
    client::result::ConnectorError,
    client::{
        http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector},
        orchestrator::{HttpRequest, HttpResponse},
    },
};
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};

/// What was consumed since the last look.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Units {
    /// Of 1 KB each, indexes included.
    pub write: f64,
    /// Of 4 KB each.
    pub read: f64,
}

/// Adds up units.
#[derive(Debug, Clone, Default)]
pub struct Meter(Arc<Mutex<Units>>);

impl Meter {
    /// What was consumed since the last look.
    pub fn take(&self) -> Units {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    pub fn around(&self, inner: SharedHttpConnector) -> SharedHttpConnector {
        let meter = self.clone();
        SharedHttpConnector::new(Metered { meter, inner })
    }

    fn add(&self, operation: &str, answer: &Value) {
        let consumed = match &answer["ConsumedCapacity"] {
            Value::Array(tables) => tables.clone(),
            table => vec![table.clone()],
        };
        let tables = consumed.iter();
        let units: f64 = tables.filter_map(|it| it["CapacityUnits"].as_f64()).sum();
        let mut sum = self.0.lock().unwrap();
        if ["Query", "GetItem", "BatchGetItem"].contains(&operation) {
            sum.read += units;
        } else {
            sum.write += units;
        }
    }
}

struct Metered {
    meter: Meter,
    inner: SharedHttpConnector,
}

impl fmt::Debug for Metered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metered")
    }
}

impl HttpConnector for Metered {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let Some(operation) = target.strip_prefix("DynamoDB_20120810.") else {
            return self.inner.call(request);
        };
        let operation = operation.to_owned();
        let body = request.body().bytes().unwrap_or_default();
        let mut body: Value = serde_json::from_slice(body).unwrap();
        body["ReturnConsumedCapacity"] = json!("TOTAL");
        let body = body.to_string();
        let length = body.len().to_string();
        request.headers_mut().insert("content-length", length);
        *request.body_mut() = SdkBody::from(body);
        let meter = self.meter.clone();
        let answer = self.inner.call(request);
        HttpConnectorFuture::new(async move {
            let mut answer: HttpResponse = answer.await?;
            let body = answer.take_body().collect().await;
            let body = body.map_err(ConnectorError::io)?.to_bytes();
            meter.add(&operation, &serde_json::from_slice(&body).unwrap());
            *answer.body_mut() = SdkBody::from(body);
            Ok(answer)
        })
    }
}
