//! Sandboxes of the function, as Lambda keeps them: each with its own memory and its own clock, one invocation at a
//! time, gone with an invocation that dies.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering},
};

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_sdk_ecr::config::retry::RetryPartition;
use aws_smithy_async::{rt::sleep::SharedAsyncSleep, time::SharedTimeSource};
use aws_types::{SdkConfig, region::Region};
use chrono::TimeDelta;
use ecr_promoter::{Aws, Config, Function, Seam};
use ecr_promoter_core::Registry;

use crate::{
    run::{Id, Skewed},
    world::{ACCOUNT, PATHS, REGION, World},
};

/// One sandbox.
#[derive(Clone)]
pub struct Sandbox {
    pub function: Function,
    /// The invocation that runs in it.
    pub task: Arc<Mutex<Option<Id>>>,
}

impl Sandbox {
    /// A new one, whose clock is ahead of AWS's by so much.
    pub fn start(world: &World, number: usize, ahead: TimeDelta) -> Self {
        let task = Arc::<Mutex<Option<Id>>>::default();
        let random = AtomicU64::new(0);
        let run = world.run.clone();
        let seam = Seam {
            connector: world.network.way_out(number, task.clone()),
            time: SharedTimeSource::new(Skewed {
                run: run.clone(),
                ahead,
            }),
            sleep: SharedAsyncSleep::new(run),
            // Never twice in a world, and the same for the same seed.
            random: Arc::new(move || {
                number as u64 * 1_000_000 + random.fetch_add(1, Ordering::Relaxed)
            }),
            answered: Arc::default(),
        };
        let queue_url = world.local.queue_url("http://local");
        let config = Config::read(|name| {
            let value = match name {
                "POLICIES_TABLE" => "policies",
                "PROMOTIONS_TABLE" => "promotions",
                "PROMOTION_PATHS" => PATHS,
                "QUEUE_URL" => &queue_url,
                // Pacing is not what is looked for here, and costs virtual time.
                "PUT_IMAGE_RATE" => "1000",
                "MAX_CONCURRENCY" => "1",
                _ => return None,
            };
            Some(value.to_owned())
        });
        let registry = Registry::new(ACCOUNT, REGION).unwrap();
        let function = Function::new(config.unwrap(), clients(seam), registry);
        Self { function, task }
    }
}

/// Clients of the embedded AWS. Their budgets of retries are the sandbox's own: the SDK keeps one for the process,
/// and then a seed would depend on those before it.
fn clients(seam: Seam) -> Aws {
    let credentials = Credentials::from_keys("AKID", "SECRET", None);
    let config = SdkConfig::builder()
        .endpoint_url("http://local")
        .region(Region::from_static(REGION))
        .credentials_provider(SharedCredentialsProvider::new(credentials));
    let sdk = seam.through(config);
    let mut aws = Aws::new(seam, &sdk);
    let own = || RetryPartition::custom("sandbox").build();
    let config = aws.ecr.config().to_builder().retry_partition(own());
    aws.ecr = aws_sdk_ecr::Client::from_conf(config.build());
    let config = aws.dynamodb.config().to_builder().retry_partition(own());
    aws.dynamodb = aws_sdk_dynamodb::Client::from_conf(config.build());
    let config = aws.events.config().to_builder().retry_partition(own());
    aws.events = aws_sdk_eventbridge::Client::from_conf(config.build());
    let config = aws.sqs.config().to_builder().retry_partition(own());
    aws.sqs = aws_sdk_sqs::Client::from_conf(config.build());
    aws
}
