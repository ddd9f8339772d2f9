//! Refusals whose words stop coming: their head arrives, part of their body, and then nothing.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};

use crate::{
    between::Between,
    body,
    image::Image,
    world::{Choices, World, stable_to_qa},
};

/// Refuses the first requests to an address, and stops in the middle of the words.
#[derive(Debug, Clone)]
struct Refusing {
    method: &'static str,
    address: &'static str,
    status: u16,
    words: &'static str,
    left: Arc<AtomicUsize>,
}

#[derive(Debug)]
struct Refused {
    refusing: Refusing,
    inner: SharedHttpConnector,
}

impl HttpConnector for Refused {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Refusing {
            method,
            address,
            status,
            words,
            left,
        } = &self.refusing;
        let meets = request.method() == *method && request.uri().contains(address);
        let fewer = |left: usize| left.checked_sub(1);
        let order = Ordering::Relaxed;
        if !meets || left.fetch_update(order, order, fewer).is_err() {
            return self.inner.call(request);
        }
        let words = stream::iter([Ok(Bytes::from_static(words.as_bytes()))]);
        let body = body::of(words.chain(stream::pending()));
        let answer = HttpResponse::new((*status).try_into().unwrap(), body);
        HttpConnectorFuture::ready(Ok(answer))
    }
}

/// What the first delivery came to within a quarter of an hour, and the seconds that it took.
async fn first_delivery(refusing: Refusing) -> (usize, String, i64) {
    let world = World::with(Choices {
        blob_mounting: false,
        timeout: Duration::from_mins(15),
        between: Some(Between::through(move |inner| {
            let refusing = refusing.clone();
            SharedHttpConnector::new(Refused { refusing, inner })
        })),
        ..Choices::default()
    })
    .await;
    world.policy(stable_to_qa()).await;
    let image = Image::single("a", 1);
    world.push("dev/website", "1-stable", &image).await;
    let began = world.clock.now();
    assert!(world.local.step().await);
    let took = (world.clock.now() - began).num_seconds();
    let tags = world.tags("qa/website").await.len();
    (tags, world.history().await.join("\n"), took)
}

const MOUNT: (&str, &str) = ("POST", "/v2/qa/website/blobs/uploads/");
const UPLOAD: (&str, &str) = ("PUT", "/v2/qa/website/blobs/uploads/");
const STORAGE: (&str, &str) = ("GET", "/_blobs/");

#[tokio::test(start_paused = true)]
async fn a_refusal_whose_words_never_ended_held_the_whole_invocation() {
    for ((method, address), status, times, promoted) in [
        (MOUNT, 500, 1, true),
        (MOUNT, 429, 1, true),
        (UPLOAD, 500, 1, true),
        (UPLOAD, 401, 1, true),
        (STORAGE, 403, 1, true),
        (STORAGE, 503, 1, true),
        (MOUNT, 403, 99, false),
        (UPLOAD, 403, 99, false),
    ] {
        let refusing = Refusing {
            method,
            address,
            status,
            words: "you are not allow",
            left: Arc::new(AtomicUsize::new(times)),
        };
        let (tags, history, took) = first_delivery(refusing).await;
        let case = format!("{method} {address} {status}: {history}");
        assert_eq!(tags, usize::from(promoted), "{case}");
        // What came of the words is told.
        let told = format!("HTTP {status}: you are not allow");
        assert_eq!(history.contains(&told), !promoted, "{case}");
        assert!((20..=50).contains(&took), "{case} {took} s");
    }
}
