//! Downloads that break off: the rest is asked for, and the hash goes on.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

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

/// What the storage does where the rest of a blob is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    /// It sends the whole, with 200.
    Whole,
    /// It answers 416.
    Beyond,
    /// It sends another part, and says so.
    Elsewhere,
    /// It sends another part, and does not say so.
    Lie,
}

/// Breaks the first downloads of each blob, and notes what was asked for.
#[derive(Debug, Clone, Default)]
struct Breaking {
    times: usize,
    /// They do not break off: they go silent.
    silent: bool,
    /// The first requests for the rest of a blob are answered otherwise.
    wrong: Option<(Rest, usize)>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Breaking {
    fn around(&self, inner: SharedHttpConnector) -> SharedHttpConnector {
        let breaking = self.clone();
        SharedHttpConnector::new(Broken { breaking, inner })
    }

    /// The ranges that were asked for of a blob.
    fn ranges(&self, blob: &str) -> Vec<Option<String>> {
        let asked = self.asked.lock().unwrap();
        let of_blob = asked.iter().filter(|(uri, _)| uri.contains(blob));
        of_blob.map(|(_, range)| range.clone()).collect()
    }

    /// Notes a request; whether its answer breaks, and what it is instead.
    fn note(&self, uri: String, range: Option<String>) -> (bool, Option<Rest>) {
        let mut asked = self.asked.lock().unwrap();
        let before = asked.iter().filter(|(blob, _)| *blob == uri);
        let (all, rests) = (
            before.clone().count(),
            before.filter(|(_, range)| range.is_some()).count(),
        );
        let wrong = self.wrong.filter(|(_, times)| rests < *times);
        let wrong = wrong.filter(|_| range.is_some()).map(|(rest, _)| rest);
        asked.push((uri, range));
        (all < self.times, wrong)
    }
}

#[derive(Debug)]
struct Broken {
    breaking: Breaking,
    inner: SharedHttpConnector,
}

impl HttpConnector for Broken {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        let uri = request.uri().split('?').next().unwrap_or_default();
        if !uri.contains("/_blobs/") {
            return self.inner.call(request);
        }
        let uri = uri.to_owned();
        let range = request.headers().get("range").map(str::to_owned);
        let (breaks, wrong) = self.breaking.note(uri, range);
        let headers = request.headers_mut();
        match wrong {
            Some(Rest::Whole) => drop(headers.remove("range")),
            Some(Rest::Beyond) => drop(headers.insert("range", "bytes=99999-")),
            Some(Rest::Elsewhere | Rest::Lie) => drop(headers.insert("range", "bytes=1-")),
            None => {}
        }
        let answer = self.inner.call(request);
        let silent = self.breaking.silent;
        HttpConnectorFuture::new(async move {
            let mut response = answer.await?;
            if wrong == Some(Rest::Lie) {
                let range = "bytes 30-199/200";
                response.headers_mut().insert("content-range", range);
            }
            if breaks {
                let inner = std::mem::replace(response.body_mut(), SdkBody::taken());
                *response.body_mut() = cut(inner, silent);
            }
            Ok(response)
        })
    }
}

/// A body that breaks, or goes silent, after so many bytes.
fn cut(inner: SdkBody, silent: bool) -> SdkBody {
    let rest = (inner, BROKEN_AFTER);
    body::of(stream::unfold(rest, move |(mut inner, left)| async move {
        if left == 0 && silent {
            std::future::pending::<()>().await;
        }
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

/// Promotes an image with a layer of 200 bytes; the ranges of it that were asked for, and the seconds that it took.
async fn promoted(breaking: Breaking) -> (Vec<Option<String>>, i64) {
    let world = World::with(Choices {
        blob_mounting: false,
        timeout: Duration::from_mins(15),
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
    let began = world.clock.now();
    assert!(world.local.step().await);
    assert_eq!(world.tags("qa/website").await["1-stable"], digest);
    (
        breaking.ranges(&blob),
        (world.clock.now() - began).num_seconds(),
    )
}

/// What is asked for: the whole, or from a byte on.
fn from(ranges: &[Option<u32>]) -> Vec<Option<String>> {
    let ranges = ranges.iter();
    ranges
        .map(|first| first.map(|first| format!("bytes={first}-")))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_download_that_broke_or_went_silent_began_again_from_its_first_byte() {
    for (times, ranges) in [
        (0, vec![None]),
        (1, vec![None, Some(30)]),
        (3, vec![None, Some(30), Some(60), Some(90)]),
        // It is resumed four times before the blob begins again.
        (5, vec![None, Some(30), Some(60), Some(90), Some(120), None]),
    ] {
        for silent in [false, true] {
            let breaking = Breaking {
                times,
                silent,
                ..Breaking::default()
            };
            let (asked, took) = promoted(breaking).await;
            let case = format!("{times} times, silent: {silent}");
            assert_eq!(asked, from(&ranges), "{case}");
            // Each silence is borne for half a minute; the config's downloads are silent at the same time.
            let silences = if silent { times } else { 0 };
            let silences = i64::try_from(silences).unwrap() * 30;
            assert!(
                (silences..=silences + 2).contains(&took),
                "{case}: {took} s"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn another_part_than_the_rest_was_hashed_as_the_rest() {
    use Rest::{Beyond, Elsewhere, Lie, Whole};
    let (right, never) = (1, 9);
    let again = vec![None, Some(30), Some(30)];
    let begins_again = vec![None, Some(30), Some(30), Some(30), Some(30), None];
    for (rest, times, ranges) in [
        (Whole, right, again.clone()),
        (Beyond, right, again.clone()),
        (Elsewhere, right, again),
        (Whole, never, begins_again.clone()),
        (Beyond, never, begins_again.clone()),
        (Elsewhere, never, begins_again),
        // Only the hash tells: the blob begins again, as it may be the storage that is wrong.
        (Lie, never, vec![None, Some(30), None]),
    ] {
        let breaking = Breaking {
            times: 1,
            wrong: Some((rest, times)),
            ..Breaking::default()
        };
        let (asked, _) = promoted(breaking).await;
        assert_eq!(asked, from(&ranges), "{rest:?} {times}");
    }
}
