//! Round trips: which requests of an event follow one another, and which are under way together.
//!
//! A connector that answers each request one tick later, by tokio's clock, which stands still while
//! anything can run: requests that do not wait for one another begin in the same tick.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector},
    orchestrator::HttpRequest,
};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{
    attach::{Format, buildkit},
    between::Between,
    image::Image,
    world::{Choices, World, stable_to_qa},
};

/// How long each request takes.
const TICK: Duration = Duration::from_millis(10);
/// The request by which a tag stands.
const TAG: &str = "ecr:PutImage, tagged";

/// Notes when requests begin.
#[derive(Debug, Clone, Default)]
pub struct Trips(Arc<Mutex<Vec<(Instant, String)>>>);

impl Trips {
    pub fn around(&self, inner: SharedHttpConnector) -> SharedHttpConnector {
        let trips = self.clone();
        SharedHttpConnector::new(Timed { trips, inner })
    }

    /// Forgets what passed.
    pub fn clear(&self) {
        self.0.lock().unwrap().clear();
    }

    /// When requests of this name began.
    pub fn instants(&self, name: &str) -> Vec<Instant> {
        let began = self.0.lock().unwrap();
        let named = began.iter().filter(|(_, it)| it == name);
        named.map(|(at, _)| *at).collect()
    }

    /// What passed since the last look, in steps.
    fn take(&self) -> Path {
        let mut steps: BTreeMap<Instant, BTreeMap<String, u64>> = BTreeMap::new();
        for (began, name) in std::mem::take(&mut *self.0.lock().unwrap()) {
            *steps.entry(began).or_default().entry(name).or_default() += 1;
        }
        let instants: Vec<&Instant> = steps.keys().collect();
        for pair in instants.windows(2) {
            assert_eq!(*pair[1] - *pair[0], TICK, "no step waits for anything else");
        }
        Path(steps.into_values().collect())
    }
}

#[derive(Debug)]
struct Timed {
    trips: Trips,
    inner: SharedHttpConnector,
}

impl HttpConnector for Timed {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let noted = (Instant::now(), name(&request));
        self.trips.0.lock().unwrap().push(noted);
        let answer = self.inner.call(request);
        HttpConnectorFuture::new(async move {
            tokio::time::sleep(TICK).await;
            answer.await
        })
    }
}

/// A request's name: its operation, and what it reads or writes.
fn name(request: &HttpRequest) -> String {
    let Some(target) = request.headers().get("x-amz-target") else {
        let path = request.uri().split('?').next().unwrap_or_default();
        let blob = if path.contains("/_blobs/") {
            "storage"
        } else {
            "registry"
        };
        return format!("{blob}:{} blob", request.method());
    };
    let (service, operation) = target.split_once('.').unwrap();
    let body = request.body().bytes().unwrap_or_default();
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let tagged = if body["imageTag"].is_string() {
        ", tagged"
    } else {
        ""
    };
    match service {
        "DynamoDB_20120810" => format!("dynamodb:{operation} {}", items(&body)),
        "AmazonEC2ContainerRegistry_V20150921" => format!("ecr:{operation}{tagged}"),
        "AmazonSQS" => format!("sqs:{operation}"),
        _ => format!("events:{operation}"),
    }
}

/// The kinds of a request's items, as the keys of the ledger begin.
fn items(body: &Value) -> String {
    fn add(value: &Value, kinds: &mut Vec<String>) {
        match value {
            Value::Object(fields) if fields.contains_key("pk") => {
                let begins = |key: &str| {
                    let text = value[key]["S"].as_str().unwrap_or_default();
                    text.split_once('#').map(|(kind, _)| kind.to_lowercase())
                };
                let kind = match begins("pk") {
                    Some(kind) if kind == "image" => begins("sk"),
                    kind => kind,
                };
                let kind = kind.unwrap_or_default();
                if !kinds.contains(&kind) {
                    kinds.push(kind);
                }
            }
            Value::Object(fields) if fields.contains_key("ConditionCheck") => {
                kinds.push("policy".to_owned());
            }
            Value::Object(fields) => fields.values().for_each(|value| add(value, kinds)),
            Value::Array(values) => values.iter().for_each(|value| add(value, kinds)),
            _ => {}
        }
    }
    if body["TableName"] == "policies" {
        return "policies".to_owned();
    }
    let mut kinds = Vec::new();
    add(body, &mut kinds);
    kinds.join("+")
}

/// The steps of an event: requests of one step are under way together, and each step waits for
/// the one before.
#[derive(Debug)]
pub struct Path(Vec<BTreeMap<String, u64>>);

impl Path {
    /// How many steps there are, and how many until the tag stands.
    pub fn lengths(&self) -> (usize, usize) {
        let tags = |step: &BTreeMap<String, u64>| step.contains_key(TAG);
        let stands = self.0.iter().position(tags);
        (self.0.len(), stands.map_or(0, |step| step + 1))
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, step) in self.0.iter().enumerate() {
            let calls = step.iter().map(|(name, count)| match count {
                1 => name.clone(),
                count => format!("{count} {name}"),
            });
            let calls: Vec<String> = calls.collect();
            writeln!(f, "{:>3}  {}", number + 1, calls.join(" | "))?;
        }
        Ok(())
    }
}

/// A world whose requests all take the same time.
pub struct Ticking {
    pub world: World,
    trips: Trips,
}

impl Ticking {
    pub async fn new(policies: &[Value]) -> Self {
        let trips = Trips::default();
        let world = World::with(Choices {
            between: Some(Between::timing(&trips)),
            ..Choices::default()
        })
        .await;
        for policy in policies {
            world.policy(policy.clone()).await;
        }
        Self { world, trips }
    }

    /// A world whose function has promoted before: it holds a token of the registry.
    pub async fn warm(policies: &[Value]) -> Self {
        let ticking = Self::new(policies).await;
        let image = Image::single("warm", 1);
        ticking.push("0-stable", &image).await;
        ticking
    }

    /// The steps of the event of a push, delivered by the queue.
    pub async fn push(&self, tag: &str, image: &Image) -> Path {
        let world = &self.world;
        let digest = world.push("dev/website", tag, image).await;
        world.drop_events_of("sha256:").await;
        world
            .local
            .raise(world.push_event("dev/website", tag, &digest));
        self.trips.clear();
        assert!(world.local.step().await);
        let path = self.trips.take();
        assert_eq!(world.tags("qa/website").await.get(tag), Some(&digest));
        world.settle().await;
        path
    }
}

/// An index of four platforms, each with an SBOM beside it as `BuildKit` attaches it.
pub fn four_platforms() -> Image {
    let children = ["amd64", "arm64", "s390x", "ppc64le"].map(|architecture| {
        let child = Image::single(architecture, 1);
        let about = child.digest();
        (child, architecture, about)
    });
    let sbom = json!({
        "spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "image", "dataLicense": "CC0-1.0",
        "packages": [{"SPDXID": "SPDXRef-1", "name": "zlib", "versionInfo": "1.0", "licenseConcluded": "MIT"}],
    });
    buildkit(children.into(), Format::Spdx, &sbom.to_string())
}

/// A second policy of the same source, which reads SBOMs.
pub fn no_log4j_by_name() -> Value {
    let mut policy = stable_to_qa();
    policy["name"] = json!("by-components");
    policy["criteria"] =
        json!([{"attribute": "component", "operator": "not_one_of", "value": ["log4j-core"]}]);
    policy
}
