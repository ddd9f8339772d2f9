//! A world for one test: an embedded AWS of its own, the function in the same process, and the
//! means to push images and look at what became of them. Time stands still unless a test moves it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_async::{
    rt::sleep::{AsyncSleep, SharedAsyncSleep, Sleep},
    time::{SharedTimeSource, TimeSource},
};
use aws_types::{SdkConfig, region::Region};
use chrono::{DateTime, Utc};
use ecr_promoter::{Aws, Config, Function, Invocation, Seam};
use ecr_promoter_core::Registry;
use ecr_promoter_local::{Clock, Local, Options};
use serde_json::{Value, json};

use crate::{between::Between, image::Image};

/// The account of every world.
pub const ACCOUNT: &str = "123456789012";
/// The Region of every world.
pub const REGION: &str = "eu-west-1";
/// How far an invocation's deadline is away.
pub const TIMEOUT: Duration = Duration::from_mins(1);

/// The pace has tests of its own; elsewhere it would cost time.
const UNPACED: [(&str, &str); 2] = [("PUT_IMAGE_RATE", "1000"), ("MAX_CONCURRENCY", "1")];

/// When every world begins.
pub fn start() -> DateTime<Utc> {
    "2026-03-07T09:05:03Z".parse().unwrap()
}

/// One test's world.
pub struct World {
    pub local: Local,
    pub clock: Clock,
    pub aws: Aws,
    pub config: Config,
    pub function: Function,
    panics_at: Arc<AtomicU64>,
}

/// What a test may choose.
pub struct Choices {
    pub paths: &'static str,
    pub blob_mounting: bool,
    /// Further variables of the function's environment.
    pub environment: &'static [(&'static str, &'static str)],
    /// When the world begins.
    pub start: DateTime<Utc>,
    /// How far an invocation's deadline is away.
    pub timeout: Duration,
    /// How many messages come in one batch.
    pub batch_size: usize,
    /// How many processes of the real binary there are, and how many batches a poller hands out at once.
    pub processes: usize,
    /// What stands between the clients and the embedded AWS.
    pub between: Option<Between>,
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            paths: "* => *",
            blob_mounting: true,
            environment: &[],
            start: start(),
            timeout: TIMEOUT,
            batch_size: 1,
            processes: 1,
            between: None,
        }
    }
}

#[derive(Debug)]
struct Stopped(Clock);

impl TimeSource for Stopped {
    fn now(&self) -> std::time::SystemTime {
        self.0.now().into()
    }
}

/// A task that has slept to the end finds that time has passed.
impl AsyncSleep for Stopped {
    fn sleep(&self, duration: Duration) -> Sleep {
        let clock = self.0.clone();
        let end = clock.now() + duration;
        Sleep::new(async move {
            tokio::time::sleep(duration).await;
            clock.advance((end - clock.now()).to_std().unwrap_or_default());
        })
    }
}

impl World {
    /// A world with `dev/website` and `qa/website`, blob mounting on, and every path allowed.
    pub async fn new() -> Self {
        Self::with(Choices::default()).await
    }

    pub async fn with(choices: Choices) -> Self {
        let clock = Clock::manual(choices.start);
        let local = Local::open(Options {
            account: ACCOUNT.to_owned(),
            region: REGION.to_owned(),
            blob_mounting: choices.blob_mounting,
            clock: clock.clone(),
            timeout: choices.timeout,
            pattern: Some(pattern()),
            batch_size: choices.batch_size,
            concurrency: choices.processes,
            ..Options::default()
        })
        .unwrap();
        let random = Arc::new(AtomicU64::new(0));
        let panics_at = Arc::new(AtomicU64::new(0));
        let mut seam = Seam::network();
        seam.connector = match &choices.between {
            Some(between) => between.around(local.connector()),
            None => local.connector(),
        };
        seam.time = SharedTimeSource::new(Stopped(clock.clone()));
        seam.sleep = SharedAsyncSleep::new(Stopped(clock.clone()));
        let poisoned = panics_at.clone();
        seam.random = Arc::new(move || {
            let number = random.fetch_add(1, Ordering::Relaxed) + 1;
            assert_ne!(number, poisoned.load(Ordering::Relaxed), "poisoned");
            number
        });
        let aws = clients(seam);
        let queue_url = local.queue_url("http://local");
        let config = Config::read(|name| {
            let value = match name {
                "POLICIES_TABLE" => "policies",
                "PROMOTIONS_TABLE" => "promotions",
                "PROMOTION_PATHS" => choices.paths,
                "QUEUE_URL" => &queue_url,
                _ => {
                    let mut said = choices.environment.iter().chain(&UNPACED);
                    said.find(|(key, _)| *key == name)?.1
                }
            };
            Some(value.to_owned())
        })
        .unwrap();
        let registry = Registry::new(ACCOUNT, REGION).unwrap();
        let function = Function::new(config.clone(), aws.clone(), registry);
        let world = Self {
            local,
            clock,
            aws,
            config,
            function,
            panics_at,
        };
        world.tables().await;
        world.map_stream();
        for repository in ["dev/website", "qa/website"] {
            world.repository(repository).await;
        }
        world.install(&world.function);
        world.local.reset_requests();
        world
    }

    fn install(&self, function: &Function) {
        let function = function.clone();
        self.local.set_function(move |invocation| {
            let function = function.clone();
            Box::pin(async move {
                let of = Invocation {
                    request_id: invocation.request_id,
                    deadline: invocation.deadline,
                };
                match function.handle(&invocation.payload, &of).await {
                    Ok(answer) => Ok(answer.to_string().into_bytes()),
                    Err(failure) => Err(failure.to_string()),
                }
            })
        });
    }

    /// Makes the tables as the template makes them.
    async fn tables(&self) {
        let tables: Value = serde_json::from_str(include_str!("../template/tables.json")).unwrap();
        for name in ["policies", "promotions"] {
            let mut input = tables[name].clone();
            input["TableName"] = json!(name);
            self.api("DynamoDB_20120810.CreateTable", &input).await;
        }
    }

    /// What a scanner found, served from now on and announced by an event.
    pub fn scan(&self, repository: &str, digest: &str, answer: &Value) {
        let ecr = self.local.ecr();
        ecr.set_findings(repository, digest, answer.clone(), true)
            .unwrap();
    }

    /// Faults to come, as the embedded AWS takes them.
    pub fn fault(&self, faults: Value) {
        self.local
            .set_faults(serde_json::from_value(faults).unwrap());
    }

    /// The so-many-th random number that the function takes makes it panic.
    pub fn panic_at_random(&self, number: u64) {
        self.panics_at.store(number, Ordering::Relaxed);
    }

    /// Stores a policy as a person would: an item.
    pub async fn policy(&self, document: Value) {
        let item = serde_dynamo::to_item(document).unwrap();
        self.aws
            .dynamodb
            .put_item()
            .table_name("policies")
            .set_item(Some(item))
            .send()
            .await
            .unwrap();
    }

    /// Pushes an image under a tag; its event is on the queue afterwards.
    pub async fn push(&self, repository: &str, tag: &str, image: &Image) -> String {
        image.push(&self.aws.ecr, repository, Some(tag)).await
    }

    /// Lets the function handle all that is on the queue now, and what comes of that.
    pub async fn settle(&self) {
        const STEPS_MAX: usize = 200;
        for _ in 0..STEPS_MAX {
            if !self.local.step().await {
                return;
            }
        }
        panic!("the queue never empties: a loop");
    }

    /// Moves time, and lets the function handle what is due then, on the queue and in the ledger.
    pub async fn later(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
        self.settle().await;
        // Once for what was due, and once more for what that made due.
        for _ in 0..2 {
            self.local.fire_schedule().await.unwrap();
            self.settle().await;
        }
    }

    /// A direct invocation.
    pub async fn ask(&self, request: &Value) -> Result<Value, String> {
        let answer = self.local.invoke(request.to_string().into_bytes()).await?;
        Ok(serde_json::from_slice(&answer).unwrap())
    }
}

/// The policy of most tests.
pub fn stable_to_qa() -> Value {
    json!({
        "source": "dev/website",
        "name": "stable-to-qa",
        "criteria": [{"attribute": "tag", "operator": "ends_with", "value": "stable"}],
        "target": {"repository": "qa/website"},
    })
}

/// Clients of the embedded AWS through a seam.
fn clients(seam: Seam) -> Aws {
    let credentials = Credentials::from_keys("AKID", "SECRET", None);
    let config = SdkConfig::builder()
        .endpoint_url("http://local")
        .region(Region::from_static(REGION))
        .credentials_provider(SharedCredentialsProvider::new(credentials));
    let sdk = seam.through(config);
    Aws::new(seam, &sdk)
}

/// The pattern of the template's rule: what it does not pass never comes to the function.
pub fn pattern() -> Value {
    let lines = include_str!("../../template.yaml").lines();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut lines = lines.skip_while(|line| line.trim() != "EventPattern:");
    let outer = indent(lines.next().unwrap());
    let block: Vec<&str> = lines
        .take_while(|line| line.trim().is_empty() || indent(line) > outer)
        .collect();
    serde_saphyr::from_str(&block.join("\n")).unwrap()
}
