//! A slow line between the storage and the function: all downloads share its bytes a second, on the virtual clock. It may
//! also be an upload whose server stops taking bytes.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector},
    orchestrator::HttpRequest,
};
use aws_smithy_types::body::SdkBody;
use futures_util::stream;
use http_body_util::BodyExt as _;
use tokio::time::{Instant, sleep_until};

use crate::{between::Between, body, world::World};

/// How often the clock of the world is moved along.
const TICK: Duration = Duration::from_millis(100);

/// The line.
#[derive(Debug, Clone, Default)]
pub struct Line {
    /// Bytes a second of all downloads together; 0 is no limit.
    pub rate: u32,
    /// So many uploads are taken a part of, and then nothing more.
    pub stalls: Arc<AtomicUsize>,
    free: Arc<Mutex<Option<Instant>>>,
}

impl Line {
    pub fn of(rate: u32) -> Self {
        Self {
            rate,
            ..Self::default()
        }
    }

    pub fn between(&self) -> Between {
        let line = self.clone();
        Between::through(move |inner| {
            let line = line.clone();
            SharedHttpConnector::new(Slow { line, inner })
        })
    }

    /// When so many bytes, the next on the line, have arrived.
    fn arrives(&self, bytes: usize) -> Instant {
        let takes = Duration::from_secs(bytes as u64) / self.rate;
        let mut free = self.free.lock().unwrap();
        let at = free.map_or_else(Instant::now, |free| free.max(Instant::now())) + takes;
        *free = Some(at);
        at
    }
}

impl World {
    /// Has the world's clock go with tokio's, as long as the answer is kept.
    pub fn goes(&self) -> tokio::task::JoinHandle<()> {
        let clock = self.clock.clone();
        tokio::spawn(async move {
            let mut seen = clock.now();
            loop {
                tokio::time::sleep(TICK).await;
                // A sleeper may have moved it meanwhile.
                seen += TICK;
                clock.advance((seen - clock.now()).to_std().unwrap_or_default());
                seen = clock.now();
            }
        })
    }
}

#[derive(Debug)]
struct Slow {
    line: Line,
    inner: SharedHttpConnector,
}

impl HttpConnector for Slow {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        let upload = request.method() == "PUT" && request.uri().contains("/blobs/uploads/");
        let left = |stalls: usize| stalls.checked_sub(1);
        let stalls = &self.line.stalls;
        if upload
            && stalls
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, left)
                .is_ok()
        {
            let mut body = std::mem::replace(request.body_mut(), SdkBody::taken());
            return HttpConnectorFuture::new(async move {
                let _ = body.frame().await;
                std::future::pending().await
            });
        }
        let download = request.uri().contains("/_blobs/") && self.line.rate > 0;
        let answer = self.inner.call(request);
        let line = self.line.clone();
        HttpConnectorFuture::new(async move {
            let mut response = answer.await?;
            if download {
                let inner = std::mem::replace(response.body_mut(), SdkBody::taken());
                *response.body_mut() = slowed(line, inner);
            }
            Ok(response)
        })
    }
}

/// A body whose bytes come over the line.
fn slowed(line: Line, inner: SdkBody) -> SdkBody {
    body::of(stream::unfold((line, inner), |(line, mut inner)| async {
        let data = inner.frame().await?;
        let data = data.map(|frame| frame.into_data().unwrap_or_default());
        if let Ok(data) = &data {
            sleep_until(line.arrives(data.len())).await;
        }
        Some((data, (line, inner)))
    }))
}
