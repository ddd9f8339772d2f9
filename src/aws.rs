//! The seam: everything that leaves the process, and the time, goes through here.
//!
//! One [`SharedHttpConnector`] carries the SDK's calls and the blob transfers alike, so that a test
//! that hands in another one sees every request, and nothing else can open a connection. Only this
//! module makes clients.

mod bounded;
mod environment;
mod network;
mod pace;

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use aws_smithy_async::{
    rt::sleep::{AsyncSleep, SharedAsyncSleep, TokioSleep},
    time::{SharedTimeSource, SystemTimeSource},
};
use aws_smithy_runtime_api::client::{
    behavior_version::BehaviorVersion,
    http::{SharedHttpClient, SharedHttpConnector, http_client_fn},
    interceptors::context::InterceptorContext,
    retries::classifiers::{ClassifyRetry, RetryAction, RetryClassifierPriority},
};
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};
use aws_types::{SdkConfig, origin::Origin, sdk_config, service_config::ServiceConfigKey};
use chrono::SubsecRound as _;
use ecr_promoter_core::Time;
use futures_util::future::{Either, select};

use bounded::Bounded;
use network::Network;
use pace::Pace;

/// How long one attempt of an API call may take.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(20);
/// How many times the SDK tries a call.
const ATTEMPTS: u32 = 4;

/// What a process needs of the world: connections, time, sleep and randomness.
#[derive(Clone)]
pub struct Seam {
    /// Carries every request.
    pub connector: SharedHttpConnector,
    /// What time it is.
    pub time: SharedTimeSource,
    /// Waits.
    pub sleep: SharedAsyncSleep,
    /// Where claims' ids come from; need not be secret, must not repeat.
    pub random: Arc<dyn Fn() -> u64 + Send + Sync>,
    /// Whether any request was answered since that was last asked.
    pub answered: Arc<AtomicBool>,
}

impl Seam {
    /// HTTPS and plain HTTP over the network, the system's clock.
    #[must_use]
    pub fn network() -> Self {
        let time = SharedTimeSource::new(SystemTimeSource::new());
        Self {
            connector: SharedHttpConnector::new(Network::new(time.clone())),
            time,
            sleep: SharedAsyncSleep::new(TokioSleep::new()),
            random: Arc::new(|| fastrand::u64(..)),
            answered: Arc::default(),
        }
    }

    /// The time now, in whole microseconds, as the ledger keeps it.
    #[must_use]
    pub fn now(&self) -> Time {
        Time::from(self.time.now()).trunc_subsecs(6)
    }

    /// Waits.
    pub async fn sleep(&self, duration: Duration) {
        self.sleep.sleep(duration).await;
    }

    /// What `work` comes to within this time; `None` where the time ends first. Work that is only lent goes on afterwards.
    pub(crate) async fn within<T>(
        &self,
        duration: Duration,
        work: impl Future<Output = T>,
    ) -> Option<T> {
        match select(pin!(work), pin!(self.sleep(duration))).await {
            Either::Left((done, _)) => Some(done),
            Either::Right(_) => None,
        }
    }

    /// Whether any request was answered since the last call.
    #[must_use]
    pub fn was_answered(&self) -> bool {
        self.answered.swap(false, Ordering::Relaxed)
    }

    /// The SDK's way through this seam.
    #[must_use]
    pub fn http_client(&self) -> SharedHttpClient {
        let bounded = Bounded::new(self.connector.clone(), self.answered.clone());
        let connector = SharedHttpConnector::new(bounded);
        http_client_fn(move |_, _| connector.clone())
    }

    /// The SDK's configuration, through this seam. `config` says the rest: Region, credentials, endpoint.
    #[must_use]
    pub fn through(&self, mut config: sdk_config::Builder) -> SdkConfig {
        let timeouts = TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT_TIMEOUT);
        config.insert_origin("retry_config", Origin::shared_config());
        config
            .behavior_version(BehaviorVersion::v2026_01_12())
            .http_client(self.http_client())
            .time_source(self.time.clone())
            .sleep_impl(self.sleep.clone())
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
            .timeout_config(timeouts.build())
            .build()
    }
}

/// The clients of one process.
#[derive(Clone)]
pub struct Aws {
    /// The seam that they go through.
    pub seam: Seam,
    /// The endpoint that was configured in place of ECR's own, if any.
    pub endpoint: Option<String>,
    /// Amazon ECR's JSON API.
    pub ecr: aws_sdk_ecr::Client,
    /// The tables.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// The bus.
    pub events: aws_sdk_eventbridge::Client,
    /// The queue.
    pub sqs: aws_sdk_sqs::Client,
    /// The pace of PutImage.
    puts: Pace,
    /// The pace at which uploads are opened.
    uploads: Pace,
}

impl Aws {
    /// Clients from a configuration that [`Seam::through`] or [`Seam::environment`] made.
    #[must_use]
    pub fn new(seam: Seam, config: &SdkConfig) -> Self {
        let ecr = aws_sdk_ecr::config::Builder::from(config)
            .retry_classifier(QuotaIsNoThrottle)
            .build();
        Self {
            seam,
            endpoint: ecr_endpoint(config),
            ecr: aws_sdk_ecr::Client::from_conf(ecr),
            dynamodb: aws_sdk_dynamodb::Client::new(config),
            events: aws_sdk_eventbridge::Client::new(config),
            sqs: aws_sdk_sqs::Client::new(config),
            puts: Pace::default(),
            uploads: Pace::default(),
        }
    }

    /// Paced to an even part of `rate` PutImage a second for each of `invocations` at once.
    #[must_use]
    pub(crate) fn paced(self, rate: u32, invocations: u32) -> Self {
        Self {
            puts: Pace::of_puts(rate, invocations),
            uploads: Pace::of_uploads(rate, invocations),
            ..self
        }
    }

    /// Waits until this process may put another image.
    pub(crate) async fn turn_to_put(&self) {
        self.turn(&self.puts).await;
    }

    /// Waits until this process may open another upload.
    pub(crate) async fn turn_to_upload(&self) {
        self.turn(&self.uploads).await;
    }

    async fn turn(&self, pace: &Pace) {
        let wait = pace.wait(self.seam.now());
        if !wait.is_zero() {
            self.seam.sleep(wait).await;
        }
    }
}

/// Where the ECR client goes: its own endpoint counts before that of all services, as in the client itself.
fn ecr_endpoint(config: &SdkConfig) -> Option<String> {
    let key = ServiceConfigKey::builder()
        .service_id("ECR")
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build();
    let own = config.service_config().zip(key.ok());
    let own = own.and_then(|(service, key)| service.load_config(key));
    own.or_else(|| config.endpoint_url().map(str::to_owned))
}

/// `LimitExceededException` is a hard quota in ECR, of images, of scans a day or of repositories; the SDK's standard
/// classifier takes the code for throttling and would retry it.
#[derive(Debug)]
struct QuotaIsNoThrottle;

impl ClassifyRetry for QuotaIsNoThrottle {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        use aws_sdk_ecr::{
            error::ProvideErrorMetadata as _,
            operation::{
                create_repository::CreateRepositoryError, put_image::PutImageError,
                start_image_scan::StartImageScanError,
            },
        };
        let code = context
            .output_or_error()
            .and_then(Result::err)
            .and_then(|error| error.as_operation_error())
            .and_then(|error| {
                let put = error.downcast_ref().and_then(PutImageError::code);
                let scan = || error.downcast_ref().and_then(StartImageScanError::code);
                let make = || error.downcast_ref().and_then(CreateRepositoryError::code);
                put.or_else(scan).or_else(make)
            });
        if code == Some("LimitExceededException") {
            RetryAction::RetryForbidden
        } else {
            RetryAction::NoActionIndicated
        }
    }

    fn name(&self) -> &'static str {
        "ECR's LimitExceededException is a quota"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}
