//! A world for one seed or one row: an embedded AWS, the network before it, and the truth.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::TimeDelta;
use ecr_promoter_local::{Local, Options};
use serde_json::{Value, json};

use crate::{
    answer,
    chaos::Chaos,
    fate::Fate,
    image::{BLOBS, digest},
    network::Network,
    run::{Moment, Run},
    sandbox::Sandbox,
    truth::Truth,
};

pub const ACCOUNT: &str = "123456789012";
pub const REGION: &str = "eu-west-1";
/// What the administrator allows.
pub const PATHS: &str = "dev/* => qa/*, qa/* => qa/*, qa/* => prod/*, prod/* => qa/*";
/// The repositories of every world.
pub const REPOSITORIES: [&str; 4] = ["dev/a", "dev/b", "qa/a", "prod/a"];

/// When every world begins.
pub fn start() -> Moment {
    "2026-03-07T09:05:03Z".parse().unwrap()
}

/// One world. Clones are the same one.
#[derive(Clone)]
pub struct World {
    pub run: Run,
    pub local: Local,
    /// AWS without the network: what people and AWS itself do.
    pub aws: SharedHttpConnector,
    pub network: Network,
    pub truth: Truth,
    pub shape: Arc<Mutex<Shape>>,
    pub idle: Arc<Mutex<Vec<Sandbox>>>,
    pub counts: Arc<Mutex<Counts>>,
    pub bell: Arc<tokio::sync::Notify>,
}

/// What a seed, or a row, may choose.
#[derive(Debug, Clone)]
pub struct Shape {
    pub concurrency: usize,
    pub batch_size: usize,
    /// How long an invocation may take.
    pub timeout: Duration,
    /// How far the sandboxes' clocks are apart, in milliseconds.
    pub clocks_apart: u64,
    /// What goes wrong with events.
    pub chaos: Chaos,
}

#[derive(Default)]
pub struct Counts {
    pub sandboxes: usize,
    pub invocations: u64,
    pub running: usize,
    /// Events of the embedded AWS that went on their way.
    pub events: usize,
    /// Copies of events that are still on their way.
    pub travelling: usize,
    /// When something may have come to the queue.
    pub came: Moment,
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            concurrency: 4,
            batch_size: 1,
            timeout: Duration::from_mins(1),
            clocks_apart: 0,
            chaos: Chaos::default(),
        }
    }
}

impl World {
    pub fn new(seed: u64, shape: Shape) -> Self {
        let run = Run::new(start(), seed);
        let local = Local::open(Options {
            account: ACCOUNT.to_owned(),
            region: REGION.to_owned(),
            blob_mounting: true,
            clock: run.clock(),
            timeout: shape.timeout,
            // Nothing comes to the queue by itself.
            pattern: Some(json!({"source": ["nobody"]})),
            max_receive_count: 20,
            ..Options::default()
        });
        let local = local.unwrap();
        let truth = Truth::new(run.clone());
        let network = Network::new(run.clone(), local.connector(), truth.clone());
        let world = Self {
            aws: local.connector(),
            run,
            local,
            network,
            truth,
            shape: Arc::new(Mutex::new(shape)),
            idle: Arc::default(),
            counts: Arc::default(),
            bell: Arc::default(),
        };
        let it = world.clone();
        world.run.until(async move { it.set_up().await });
        let it = world.clone();
        world.network.on_change(move || {
            it.deliver();
            it.rings();
        });
        world
    }

    /// Tables as the template makes them, repositories, and the blobs of all images at the sources.
    async fn set_up(&self) {
        let tables: Value = serde_json::from_str(include_str!("../template/tables.json")).unwrap();
        for name in ["policies", "promotions"] {
            let mut input = tables[name].clone();
            input["TableName"] = json!(name);
            self.ask("dynamodb:CreateTable", &input).await;
        }
        self.leave_the_walk_to_others().await;
        for repository in REPOSITORIES {
            let input = json!({"repositoryName": repository});
            self.ask("ecr:CreateRepository", &input).await;
        }
        for repository in ["dev/a", "dev/b"] {
            for blob in BLOBS {
                self.upload(repository, blob).await;
            }
        }
    }

    pub async fn ask(&self, name: &str, body: &Value) -> Value {
        answer::call(&self.aws, name, body).await
    }

    pub async fn upload(&self, repository: &str, blob: &str) {
        let started = json!({"repositoryName": repository});
        let started = self.ask("ecr:InitiateLayerUpload", &started).await;
        let id = &started["uploadId"];
        let part = json!({
            "repositoryName": repository, "uploadId": id, "partFirstByte": 0, "partLastByte": blob.len() - 1,
            "layerPartBlob": BASE64_STANDARD.encode(blob),
        });
        self.ask("ecr:UploadLayerPart", &part).await;
        let complete = json!({
            "repositoryName": repository, "uploadId": id, "layerDigests": [digest(blob.as_bytes())],
        });
        self.ask("ecr:CompleteLayerUpload", &complete).await;
    }

    pub async fn wait(&self, seconds: u64) {
        self.run.sleep(Duration::from_secs(seconds)).await;
    }

    pub fn shape(&self) -> Shape {
        self.shape.lock().unwrap().clone()
    }

    /// Drops every task: they hold the world that holds them.
    pub fn end(&self) {
        self.network.on_change(|| {});
        self.network.plan(|_| Fate::passes(Duration::ZERO));
        self.run.end();
    }

    /// How far the clocks of two sandboxes may be apart.
    pub fn apart(&self) -> TimeDelta {
        TimeDelta::milliseconds(i64::try_from(self.shape().clocks_apart).unwrap())
    }

    /// Milliseconds by which a new sandbox's clock is ahead.
    pub fn skew(&self) -> TimeDelta {
        let apart = self.shape().clocks_apart;
        let drawn = i64::try_from(self.run.below(apart + 1)).unwrap();
        TimeDelta::milliseconds(drawn - i64::try_from(apart / 2).unwrap())
    }
}

/// A JSON value as DynamoDB has it.
pub fn marshal(value: &Value) -> Value {
    match value {
        Value::Null => json!({"NULL": true}),
        Value::Bool(it) => json!({"BOOL": it}),
        Value::Number(it) => json!({"N": it.to_string()}),
        Value::String(it) => json!({"S": it}),
        Value::Array(list) => json!({"L": list.iter().map(marshal).collect::<Vec<_>>()}),
        Value::Object(map) => {
            let map = map.iter().map(|(key, it)| (key.clone(), marshal(it)));
            json!({"M": map.collect::<serde_json::Map<_, _>>()})
        }
    }
}
