//! An embedded account that serves at an address, with our tables in it and clients of it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_sdk_ecr::operation::create_repository::CreateRepositoryError;
use aws_smithy_async::time::{SharedTimeSource, TimeSource};
use aws_smithy_runtime_api::client::http::http_client_fn;
use ecr_promoter::{Aws, Config, Function, Seam};
use ecr_promoter_core::{Registry, Repository};
use ecr_promoter_local::{Clock, HOST_IN_PROCESS, Local, OpenWork, Options, StreamMapping};
use tokio::{net::TcpListener, task::JoinHandle};

use super::{function, pattern, tables};
use crate::{Failed, deployment::Deployment, refusal::Refusal, signed::Signed, ui};

/// How many records of the policies' stream come in one batch, and how many times a failed one is tried again, as in
/// `template.yaml`.
const EDITS_AT_ONCE: usize = 10;
/// See [`EDITS_AT_ONCE`].
const RETRIES_MAX: u32 = 20;

/// The embedded AWS with our tables and function. It stops serving when this is dropped.
pub(crate) struct Account {
    /// The AWS.
    pub(crate) local: Local,
    /// Its registry.
    pub(crate) registry: Registry,
    /// Where it answers, `http://127.0.0.1:PORT`.
    pub(crate) url: String,
    /// Clients in this process, which need no socket.
    pub(crate) aws: Aws,
    server: JoinHandle<std::io::Result<()>>,
}

impl Drop for Account {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// The embedded AWS's time, for clients and function.
#[derive(Debug)]
struct Time(Clock);

impl TimeSource for Time {
    fn now(&self) -> std::time::SystemTime {
        self.0.now().into()
    }
}

impl Account {
    /// Opens it and serves on `listener`. There are no tables and there is no function yet.
    pub(crate) fn open(
        options: Options,
        registry: Registry,
        listener: TcpListener,
    ) -> Result<Self, Failed> {
        let url = format!("http://{}", reachable(listener.local_addr()?));
        let clock = options.clock.clone();
        let local = Local::open(options)?;
        let mut seam = Seam::network();
        seam.time = SharedTimeSource::new(Time(clock));
        seam.connector = local.connector();
        let aws = clients(seam, &format!("http://{HOST_IN_PROCESS}"), &registry);
        let account = local.clone();
        let server = tokio::spawn(async move { account.serve(listener).await });
        Ok(Self {
            local,
            registry,
            url,
            aws,
            server,
        })
    }

    /// Clients that come over the network, as anybody's would.
    pub(crate) fn network_clients(&self) -> Aws {
        let mut seam = Seam::network();
        seam.time = self.aws.seam.time.clone();
        clients(seam, &self.url, &self.registry)
    }

    /// The queue's address, as the function gets it.
    pub(crate) fn queue_url(&self) -> String {
        self.local.queue_url(&self.url)
    }

    /// Makes the function's tables, if they are not there yet, and has the policies' stream invoke the function as
    /// the template does.
    pub(crate) async fn make_tables(&self, config: &Config) -> Result<(), Refusal> {
        self.local.set_open_work(OpenWork {
            table: config.promotions_table.clone(),
            index: "due".to_owned(),
            moment: "due_sk".to_owned(),
        });
        tables::make(&self.aws, &config.policies_table, &config.promotions_table).await?;
        let refused = |said: String| Refusal::new("read the stream of the policies", said);
        let filter = pattern::of_stream().map_err(|error| refused(error.to_string()))?;
        let mapped = self.local.set_stream(StreamMapping {
            table: config.policies_table.clone(),
            filter: Some(filter),
            batch_size: EDITS_AT_ONCE,
            retries_max: RETRIES_MAX,
        });
        mapped.map_err(|error| refused(error.to_string()))
    }

    /// Makes a repository, if it is not there yet.
    pub(crate) async fn make_repository(&self, repository: &Repository) -> Result<(), Refusal> {
        let create = self.aws.ecr.create_repository();
        match create.repository_name(repository.as_str()).send().await {
            Err(error)
                if !error
                    .as_service_error()
                    .is_some_and(CreateRepositoryError::is_repository_already_exists_exception) =>
            {
                Err(Refusal::of(
                    format!("create the repository {repository}"),
                    &error,
                ))
            }
            _ => Ok(()),
        }
    }

    /// Shows what the function did and does, below `/ui/`.
    pub(crate) fn set_pages(&self, config: &Config) {
        let signed = Signed {
            aws: self.aws.clone(),
            registry: self.registry.clone(),
            sdk: SdkConfig::builder().build(),
        };
        let function = Function::new(config.clone(), self.aws.clone(), self.registry.clone());
        let site = ui::Site {
            deployment: Deployment { signed, function },
            paths: Some(config.paths.to_string()),
            policies: config.policies_table.clone(),
            dead_letters: Some(self.local.dead_letter_queue_url(&self.url)),
        };
        let port = self
            .url
            .rsplit_once(':')
            .and_then(|(_, port)| port.parse().ok());
        let pages = ui::router(site, port.unwrap_or_default());
        self.local.set_pages("/ui", pages);
    }

    /// Has the function run in this process.
    pub(crate) fn set_function(&self, config: Config) {
        function::set(&self.local, &self.aws, config, &self.registry);
    }
}

/// An address that can be called: a listener on every address is called here.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// Clients of one endpoint. The environment and the profiles of the person who runs this have no say: they
/// are about another AWS.
pub(super) fn clients(seam: Seam, endpoint: &str, registry: &Registry) -> Aws {
    let connector = seam.connector.clone();
    let credentials = Credentials::from_keys("local", "local", None);
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(registry.region().to_owned()))
        .endpoint_url(endpoint)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(http_client_fn(move |_, _| connector.clone()))
        .time_source(seam.time.clone())
        .sleep_impl(seam.sleep.clone())
        .retry_config(RetryConfig::standard())
        .build();
    Aws::new(seam, &config)
}

#[cfg(test)]
pub(crate) mod tests {
    use ecr_promoter_core::Tag;

    use super::*;

    /// A new account without tables, a repository in it, and a tag for it.
    pub(crate) async fn with_repository() -> (Account, Repository, Tag) {
        let registry = Registry::new("000000000000", "us-east-1").unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let account = Account::open(Options::default(), registry, listener).unwrap();
        let repository = Repository::parse("dev/website").unwrap();
        account.make_repository(&repository).await.unwrap();
        (account, repository, Tag::parse("1.4").unwrap())
    }

    #[test]
    fn an_address_can_be_called() {
        for (listening, called) in [
            ("127.0.0.1:4566", "127.0.0.1:4566"),
            ("0.0.0.0:80", "127.0.0.1:80"),
            ("[::]:80", "[::1]:80"),
            ("192.0.2.7:80", "192.0.2.7:80"),
        ] {
            let address = reachable(listening.parse().unwrap());
            assert_eq!(address.to_string(), called);
        }
    }
}
