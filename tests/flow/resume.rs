//! Downloads that break off: the rest is asked for, and the hash goes on.

use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector},
    orchestrator::HttpRequest,
};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use futures_util::stream;
use http_body_util::BodyExt as _;

use crate::{
    between::Between,
    body,
    image::{Image, OCI_LAYER, digest},
    world::{Choices, World, stable_to_qa},
};

/// So many bytes come of each download.
const BROKEN_AFTER: usize = 30;

/// The address of a blob, and the range that was asked for.
type Asked = (String, Option<String>);

/// Breaks the first downloads of each blob, and notes what was asked for.
#[derive(Debug, Clone, Default)]
pub struct Breaking {
    times: usize,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Breaking {
    pub fn around(&self, inner: SharedHttpConnector) -> SharedHttpConnector {
        let breaking = self.clone();
        SharedHttpConnector::new(Broken { breaking, inner })
    }

    /// The ranges that were asked for of a blob.
    fn ranges(&self, blob: &str) -> Vec<Option<String>> {
        let asked = self.asked.lock().unwrap();
        let of_blob = asked.iter().filter(|(uri, _)| uri.contains(blob));
        of_blob.map(|(_, range)| range.clone()).collect()
    }
}

#[derive(Debug)]
struct Broken {
    breaking: Breaking,
    inner: SharedHttpConnector,
}

impl HttpConnector for Broken {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let uri = request
            .uri()
            .split('?')
            .next()
            .unwrap_or_default()
            .to_owned();
        if !uri.contains("/_blobs/") {
            return self.inner.call(request);
        }
        let range = request.headers().get("range").map(str::to_owned);
        let mut asked = self.breaking.asked.lock().unwrap();
        let before = asked.iter().filter(|(blob, _)| *blob == uri).count();
        asked.push((uri, range));
        let breaks = before < self.breaking.times;
        let answer = self.inner.call(request);
        HttpConnectorFuture::new(async move {
            let mut response = answer.await?;
            if breaks {
                let inner = std::mem::replace(response.body_mut(), SdkBody::taken());
                *response.body_mut() = cut(inner);
            }
            Ok(response)
        })
    }
}

/// A body that breaks after so many bytes.
fn cut(inner: SdkBody) -> SdkBody {
    let rest = (inner, BROKEN_AFTER);
    body::of(stream::unfold(rest, |(mut inner, left)| async move {
        if left == 0 {
            return Some((Err("the connection was reset".into()), (inner, left)));
        }
        let data = inner.frame().await?.map(|frame| {
            let mut data = frame.into_data().unwrap_or_default();
            data.truncate(left);
            data
        });
        let left = left - data.as_ref().map_or(0, Bytes::len);
        Some((data, (inner, left)))
    }))
}

#[tokio::test(start_paused = true)]
async fn a_download_that_broke_began_again_from_its_first_byte() {
    for (times, ranges) in [
        (0, vec![None]),
        (1, vec![None, Some(30)]),
        (3, vec![None, Some(30), Some(60), Some(90)]),
        // It is resumed four times before the blob begins again.
        (5, vec![None, Some(30), Some(60), Some(90), Some(120), None]),
    ] {
        let breaking = Breaking {
            times,
            ..Breaking::default()
        };
        let world = World::with(Choices {
            blob_mounting: false,
            between: Some(Between::through({
                let breaking = breaking.clone();
                move |inner| breaking.around(inner)
            })),
            ..Choices::default()
        })
        .await;
        world.policy(stable_to_qa()).await;
        let layer: Vec<u8> = (0..200).collect();
        let blob = digest(&layer);
        let image = Image::of("a", OCI_LAYER, vec![layer]);
        let digest = world.push("dev/website", "1-stable", &image).await;
        world.settle().await;
        assert_eq!(
            world.tags("qa/website").await["1-stable"],
            digest,
            "{times}"
        );
        let expected: Vec<Option<String>> = ranges
            .into_iter()
            .map(|first: Option<u32>| first.map(|first| format!("bytes={first}-")))
            .collect();
        assert_eq!(breaking.ranges(&blob), expected, "{times}");
    }
}
